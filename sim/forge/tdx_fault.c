/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows (spec/tdx.md 2.7, 5, 8.1). Exit statuses are those of a strict policy: UpToDate alone. */
#include "forge/ossl.h"
#include "forge/tdx_inside.h"

#define DAY INT64_C(86400)

/* Places in a quote of version 4 (2.2 to 2.4). */
enum quote_at {
	AT_VERSION    = 0,
	AT_KEY_TYPE   = 2,
	AT_TEE        = 4,
	AT_VENDOR     = 12,
	AT_USER       = 28,
	AT_SVN        = 48,
	AT_TD_ATTR    = 168,
	AT_MRTD       = 184,
	AT_RTMR3      = 520,
	AT_REPORTDATA = 568,
	AT_SIGNATURE  = 636,
	AT_KEY        = 700,
	AT_OUTER_TYPE = 764,
	AT_QE_REPORT  = 770,
	AT_QE_SIG     = 1154,
	AT_AUTH       = 1220,
	AT_INNER_TYPE = 1252,
};

/* Places in a QE report (2.6). */
enum { QE_ATTRIBUTES = 48, QE_SIGNER = 128, QE_PRODUCT = 256, QE_SVN = 258, QE_DATA = 320 };

/* ---- the guest ---- */

static void set_attribute(const struct tdx_fault *f, struct tdx_guest *g)
{
	g->attributes = (g->attributes | (uint64_t)f->arg) & ~(uint64_t)f->value;
}

static void set_xfam(const struct tdx_fault *f, struct tdx_guest *g)
{
	g->xfam = (g->xfam | (uint64_t)f->arg) & ~(uint64_t)f->value;
}

static void seam_signer(const struct tdx_fault *f, struct tdx_guest *g)
{
	(void)f;
	memset(g->signer, 0x5a, sizeof(g->signer));
}

static void seam_attribute(const struct tdx_fault *f, struct tdx_guest *g)
{
	(void)f;
	g->seam_attributes = 1;
}

static void service_td(const struct tdx_fault *f, struct tdx_guest *g)
{
	(void)f;
	memset(g->service, 0x3c, sizeof(g->service));
}

static void version5(const struct tdx_fault *f, struct tdx_spec *s)
{
	(void)f;
	s->quote = 5;
}

/* The module launched under: its SVN arg, its version value; text: and its loader's. */
static void module(const struct tdx_fault *f, struct tdx_guest *g)
{
	g->svn[0] = (uint8_t)f->arg;
	g->svn[1] = (uint8_t)f->value;
}

/* ---- the platform and its certificate ---- */

static void old_platform(const struct tdx_fault *f, struct tdx_platform *p)
{
	static const uint8_t old[]   = { 2, 2, 2, 2, 3, 1, 0, 5 },
			     older[] = { 1, 1, 1, 1, 1, 1, 0, 1 };

	memcpy(p->svn, f->arg == 0 ? old : older, sizeof(old));
	memcpy(p->cpusvn, p->svn, sizeof(p->cpusvn));
}

static void two_components(const struct tdx_fault *f, struct tdx_platform *p)
{
	(void)f;
	p->twice = true;
}

static void other_cpusvn(const struct tdx_fault *f, struct tdx_platform *p)
{
	(void)f;
	p->cpusvn[0]++;
}

static void pck_dates(const struct tdx_fault *f, struct tdx *t, struct cert_plan *c)
{
	c->from = t->pki->at + f->arg * DAY;
	c->to   = t->pki->at + f->value * DAY;
}

static void pck_subject(const struct tdx_fault *f, struct tdx *t, struct cert_plan *c)
{
	(void)t;
	c->subject = f->text;
}

/* ---- the quote ---- */

static void old_reportdata(const struct tdx_fault *f, struct tdx *t, struct buf *q)
{
	(void)f;
	(void)t;
	memset(q->p + AT_REPORTDATA, 0x11, TDX_REPORTDATA);
}

static void other_guest(const struct tdx_fault *f, struct tdx *t, struct buf *q)
{
	(void)f;
	(void)t;
	for (size_t at = AT_MRTD; at < AT_MRTD + TDX_REGISTER; at++)
		q->p[at] ^= 0xa5;
}

static void flip(const struct tdx_fault *f, struct buf *q)
{
	q->p[f->arg] ^= (uint8_t)f->value;
}

static void set_byte(const struct tdx_fault *f, struct buf *q)
{
	q->p[f->arg] = (uint8_t)f->value;
}

static void append(const struct tdx_fault *f, struct buf *q)
{
	buf_byte(q, (uint8_t)f->value);
}

static void cut(const struct tdx_fault *f, struct buf *q)
{
	q->n = f->arg < 0 ? q->n - (size_t)-f->arg : (size_t)f->arg;
}

static void qe_byte(const struct tdx_fault *f, uint8_t *qe)
{
	qe[f->arg] ^= (uint8_t)f->value;
}

/* ---- collateral ---- */

static void level_status(const struct tdx_fault *f, struct tdx_json *j)
{
	j->status[f->arg] = f->text;
}

static void module_status(const struct tdx_fault *f, struct tdx_json *j)
{
	j->module_status = f->text;
}

static void module_missing(const struct tdx_fault *f, struct tdx_json *j)
{
	(void)f;
	j->module_id = "TDX_02";
}

static void qe_newer(const struct tdx_fault *f, struct tdx_json *j)
{
	j->qe_svn = (unsigned)f->arg;
}

static void json_dates(const struct tdx_fault *f, struct tdx_json *j)
{
	j->issued += f->arg * DAY;
	j->next = j->issued + f->value * DAY;
}

static void json_id(const struct tdx_fault *f, struct tdx_json *j)
{
	j->id = f->text;
}

static void json_edit(const struct tdx_fault *f, struct tdx_json *j)
{
	(void)f;
	j->edit = "\"isvsvn\":6";
	j->into = "\"isvsvn\":1";
}

static void json_twice(const struct tdx_fault *f, struct tdx_json *j)
{
	(void)f;
	j->twice = true;
}

static void json_pck(const struct tdx_fault *f, struct tdx_json *j)
{
	(void)f;
	j->signer = SIGNER_PCK;
}

static void json_fmspc(const struct tdx_fault *f, struct tdx_json *j)
{
	(void)f;
	j->fmspc[5] ^= 1;
}

static void json_evaluation(const struct tdx_fault *f, struct tdx_json *j)
{
	j->evaluation = (unsigned)((int)j->evaluation + (int)f->arg);
}

static enum assay_code crl_dates(
	const struct tdx_fault *f, struct tdx *t, struct tdx_crl *c, struct assay_err *e)
{
	(void)t;
	(void)e;
	c->from += f->arg * DAY;
	c->to = c->from + f->value * DAY;
	return ASSAY_OK;
}

static enum assay_code crl_issuer(
	const struct tdx_fault *f, struct tdx *t, struct tdx_crl *c, struct assay_err *e)
{
	(void)t;
	(void)e;
	c->issuer = (enum ca)f->arg;
	return ASSAY_OK;
}

static enum assay_code crl_spoil(
	const struct tdx_fault *f, struct tdx *t, struct tdx_crl *c, struct assay_err *e)
{
	(void)f;
	(void)t;
	(void)e;
	c->spoil = true;
	return ASSAY_OK;
}

static enum assay_code crl_revoke_pck(
	const struct tdx_fault *f, struct tdx *t, struct tdx_crl *c, struct assay_err *e)
{
	(void)f;
	(void)e;
	c->revoked = t->pck;
	return ASSAY_OK;
}

static enum assay_code crl_revoke_ca(
	const struct tdx_fault *f, struct tdx *t, struct tdx_crl *c, struct assay_err *e)
{
	X509     *cert = NULL;
	EVP_PKEY *key  = NULL;

	TRY(pki_ca(t->pki, (enum ca)f->arg, &cert, &key, e));
	c->revoked = cert;
	return ASSAY_OK;
}

/* ---- the event log; its registers are measured ---- */

#define FIRST_EVENT 65 /* behind the Spec ID record */
#define DIGEST_AT   14 /* in a record */

static void log_digest(const struct tdx_fault *f, struct buf *log)
{
	(void)f;
	log->p[FIRST_EVENT + DIGEST_AT] ^= 1;
}

static size_t record_size(const struct buf *log, size_t at)
{
	const uint8_t *n = log->p + at + DIGEST_AT + TDX_REGISTER;

	return DIGEST_AT + TDX_REGISTER + 4 +
		(size_t)(n[0] | n[1] << 8 | n[2] << 16 | (unsigned)n[3] << 24);
}

static void log_remove(const struct tdx_fault *f, struct buf *log)
{
	size_t n = record_size(log, FIRST_EVENT);

	(void)f;
	memmove(log->p + FIRST_EVENT, log->p + FIRST_EVENT + n, log->n - FIRST_EVENT - n);
	log->n -= n;
}

/* An event of register 3 that nobody measured. */
static void log_add(const struct tdx_fault *f, struct buf *log)
{
	static const uint8_t digest[TDX_REGISTER] = { 0x99 };

	(void)f;
	tdx_put_u32(log, 4);
	tdx_put_u32(log, 0x0d);
	tdx_put_u32(log, 1);
	tdx_put_u16(log, 0x0c);
	buf_put(log, digest, sizeof(digest));
	tdx_put_u32(log, 0);
}

/* An algorithm that the head does not name. */
static void log_algorithm(const struct tdx_fault *f, struct buf *log)
{
	(void)f;
	log->p[FIRST_EVENT + 12] = 0x0b;
}

#define QUOTE(check)  .exit = 1, .finding = "tdx." check
#define PARSE         .exit = 6, .finding = "tdx.quote.parse"
#define ATTRIBUTES    QUOTE("td.attributes"), .guest = set_attribute
#define TCB           QUOTE("tcb")
#define TCB_STATUS(s) TCB, .json = level_status, .text = (s)
#define TCB_INFO      .finding = "tdx.collateral.tcbinfo", .document = TDX_TCB_INFO
#define IDENTITY      .finding = "tdx.collateral.identity", .document = TDX_QE_IDENTITY
#define CRL           .finding = "tdx.collateral.crl"
#define SIGNED        QUOTE("quote.signature"), .sealed = flip, .value = 1

static const struct tdx_fault rows[] = {
	{ "td-debug", "the host can look into the guest", ATTRIBUTES, .arg = 1 },
	{ "td-profiled", "the host can watch the guest's performance", ATTRIBUTES,
		.arg = 1 << 5 },
	{ "td-no-sept-ve", "the host can inject page faults", ATTRIBUTES, .value = 1 << 28 },
	{ "td-migratable", "the guest can be moved elsewhere", ATTRIBUTES, .arg = 1 << 29 },
	{ "td-attribute-unknown", "an attribute that nobody knows", ATTRIBUTES,
		.arg = 1LL << 40 },
	{ "td-xfam", "a processor feature that is not allowed", QUOTE("td.attributes"),
		.guest = set_xfam, .arg = 1LL << 62 },
	{ "td-xfam-fpu", "without what every processor has", QUOTE("td.attributes"),
		.guest = set_xfam, .value = 2 },
	{ "td-service", "another guest may serve, and see, this one", QUOTE("td.attributes"),
		.spec = version5, .guest = service_td },

	{ "reportdata-wrong", "the quote answers an earlier request", QUOTE("reportdata"),
		.body = old_reportdata },
	{ "td-other", "the quote of another guest of this platform", QUOTE("td.measurements"),
		.body = other_guest },

	{ "tcb-old", "firmware and microcode two years old", TCB, .platform = old_platform },
	{ "tcb-unmatched", "firmware older than anything listed", TCB, .platform = old_platform,
		.arg = 1 },
	{ "tcb-hardening", "software must be hardened first", TCB_STATUS("SWHardeningNeeded") },
	{ "tcb-configuration", "the BIOS is not set as it should be",
		TCB_STATUS("ConfigurationNeeded") },
	{ "tcb-both", "both of them", TCB_STATUS("ConfigurationAndSWHardeningNeeded") },
	{ "tcb-revoked", "the platform's keys are known to be out", TCB_STATUS("Revoked") },
	{ "tcb-unknown-status", "a status that nobody knows", TCB_STATUS("Excellent") },
	{ "tcb-module-old", "launched under an old TDX module", TCB, .guest = module, .arg = 4,
		.value = 1 },
	{ "tcb-relaunch", "launched under an old TDX module that is updated since", TCB,
		.spec = version5, .guest = module, .arg = 4, .value = 1 },
	{ "tcb-module-revoked", "the TDX module is known to be broken", TCB,
		.json = module_status, .text = "Revoked" },
	{ "tcb-module-missing", "a TDX module that Intel does not list", QUOTE("tcb.module"),
		.json = module_missing },
	{ "tcb-module-unknown", "a TDX module of a version to come", QUOTE("tcb.module"),
		.guest = module, .arg = 1, .value = 9 },
	{ "seam-signer", "a TDX module that Intel did not sign", QUOTE("tcb.module"),
		.guest = seam_signer },
	{ "seam-attributes", "a TDX module in debug mode", QUOTE("tcb.module"),
		.guest = seam_attribute },
	{ "qe-old", "an old quoting enclave", TCB, .document = TDX_QE_IDENTITY,
		.json = qe_newer, .arg = 7 },

	{ "qe-debug", "the quoting enclave can be looked into", QUOTE("qe.identity"),
		.qe = qe_byte, .arg = QE_ATTRIBUTES, .value = 2 },
	{ "qe-signer", "a quoting enclave of somebody else", QUOTE("qe.identity"),
		.qe = qe_byte, .arg = QE_SIGNER, .value = 1 },
	{ "qe-product", "another enclave of Intel's", QUOTE("qe.identity"), .qe = qe_byte,
		.arg = QE_PRODUCT, .value = 3 },
	{ "qe-key", "a quoting enclave that vouches for another key", QUOTE("qe.report"),
		.qe = qe_byte, .arg = QE_DATA, .value = 1 },
	{ "qe-key-tail", "more in the enclave's report than it should say", QUOTE("qe.report"),
		.qe = qe_byte, .arg = QE_DATA + 40, .value = 1 },
	{ "qe-signature", "the enclave's report is signed by nobody", QUOTE("qe.report"),
		.sealed = flip, .arg = AT_QE_SIG + 40, .value = 1 },
	{ "qe-edited", "the enclave's report edited", QUOTE("qe.report"), .sealed = flip,
		.arg = AT_QE_REPORT + 200, .value = 1 },
	{ "qe-auth", "the enclave's data edited", QUOTE("qe.report"), .sealed = flip,
		.arg = AT_AUTH, .value = 1 },

	{ "quote-edited-svn", "the TDX module's version edited", SIGNED, .arg = AT_SVN },
	{ "quote-edited-attributes", "the debug bit edited away", SIGNED, .arg = AT_TD_ATTR },
	{ "quote-edited-mrtd", "the guest's measurement edited", SIGNED, .arg = AT_MRTD },
	{ "quote-edited-rtmr", "a register edited", SIGNED, .arg = AT_RTMR3 },
	{ "quote-edited-reportdata", "the answer edited to fit the request", SIGNED,
		.arg = AT_REPORTDATA },
	{ "quote-edited-user", "the enclave's number edited", SIGNED, .arg = AT_USER },
	{ "quote-signature", "the quote's signature edited", SIGNED, .arg = AT_SIGNATURE + 5 },
	{ "quote-key", "another attestation key put in", QUOTE("qe.report"), .sealed = flip,
		.arg = AT_KEY + 63, .value = 1 },
	{ "quote-version", "a version that there is not", PARSE, .sealed = set_byte,
		.arg = AT_VERSION, .value = 3 },
	{ "quote-key-type", "a kind of key that is not used", PARSE, .sealed = set_byte,
		.arg = AT_KEY_TYPE, .value = 3 },
	{ "quote-sgx", "a quote of an SGX enclave", PARSE, .sealed = set_byte, .arg = AT_TEE,
		.value = 0 },
	{ "quote-vendor", "a quoting enclave of another vendor", PARSE, .sealed = flip,
		.arg = AT_VENDOR, .value = 1 },
	{ "quote-outer-type", "certification data that is no QE report", PARSE,
		.sealed = set_byte, .arg = AT_OUTER_TYPE, .value = 7 },
	{ "quote-inner-type", "certification data without a chain", PARSE, .sealed = set_byte,
		.arg = AT_INNER_TYPE, .value = 4 },
	{ "quote-trailing", "bytes that nobody signed behind the quote", PARSE,
		.sealed = append, .value = 1 },
	{ "quote-cut", "the quote ends early", PARSE, .sealed = cut, .arg = -200 },
	{ "quote-cut-header", "not much more than a header", PARSE, .sealed = cut, .arg = 60 },

	{ "pck-expired", "the platform's certificate has ended", QUOTE("pck.chain"),
		.pck = pck_dates, .arg = -900, .value = -1 },
	{ "pck-not-yet", "the platform's certificate has not begun", QUOTE("pck.chain"),
		.pck = pck_dates, .arg = 2, .value = 900 },
	{ "pck-own-root", "a whole PKI of the right names under a root of one's own",
		QUOTE("pck.chain"), .impostor = true },
	{ "pck-name", "a certificate of Intel's for another purpose", QUOTE("pck.chain"),
		.pck = pck_subject,
		.text = "CN=Intel SGX TCB Signing|O=Intel Corporation|L=Santa Clara|ST=CA|C=US" },
	{ "pck-twice", "a platform with two versions of one component", .exit = 6,
		.finding = "tdx.pck.chain", .platform = two_components },
	{ "pck-cpusvn", "a platform whose version contradicts itself", QUOTE("pck.chain"),
		.platform = other_cpusvn },
	{ "pck-revoked", "the platform's certificate is revoked", QUOTE("pck.revocation"),
		.list = TDX_PCK_CRL, .crl = crl_revoke_pck },
	{ "pck-ca-revoked", "the platform authority is revoked", QUOTE("pck.revocation"),
		.list = TDX_ROOT_CRL, .crl = crl_revoke_ca, .arg = CA_SGX_PLATFORM },

	{ "crl-pck-stale", "an old list of revoked platforms", CRL, .exit = 3,
		.list = TDX_PCK_CRL, .crl = crl_dates, .arg = -40, .value = 30 },
	{ "crl-root-stale", "an old list of revoked authorities", CRL, .exit = 3,
		.list = TDX_ROOT_CRL, .crl = crl_dates, .arg = -400, .value = 365 },
	{ "crl-future", "a list from the future", CRL, .exit = 3, .list = TDX_PCK_CRL,
		.crl = crl_dates, .arg = 2, .value = 30 },
	{ "crl-other-ca", "the list of the other authority", CRL, .exit = 1,
		.list = TDX_PCK_CRL, .crl = crl_issuer, .arg = CA_SGX_PROCESSOR },
	{ "crl-signature", "a list signed by nobody", CRL, .exit = 1, .list = TDX_PCK_CRL,
		.crl = crl_spoil },
	{ "crl-root-signature", "the root's list signed by nobody", CRL, .exit = 1,
		.list = TDX_ROOT_CRL, .crl = crl_spoil },

	{ "tcbinfo-edited", "TCB info edited so that older modules are good", TCB_INFO,
		.exit = 1, .json = json_edit },
	{ "tcbinfo-signer", "TCB info signed by a platform", TCB_INFO, .exit = 1,
		.json = json_pck },
	{ "tcbinfo-signer-revoked", "TCB info by a signer that is revoked", TCB_INFO, .exit = 1,
		.list = TDX_ROOT_CRL, .crl = crl_revoke_ca, .arg = CA_SGX_TCB },
	{ "tcbinfo-twice", "TCB info with a member twice", TCB_INFO, .exit = 6,
		.json = json_twice },
	{ "tcbinfo-stale", "old TCB info", TCB_INFO, .exit = 3, .json = json_dates, .arg = -40,
		.value = 30 },
	{ "tcbinfo-future", "TCB info from the future", TCB_INFO, .exit = 3, .json = json_dates,
		.arg = 2, .value = 30 },
	{ "tcbinfo-fmspc", "TCB info of another kind of platform", TCB_INFO, .exit = 1,
		.json = json_fmspc },
	{ "tcbinfo-sgx", "TCB info for SGX", TCB_INFO, .exit = 1, .json = json_id,
		.text = "SGX" },
	{ "identity-sgx", "the identity of the SGX quoting enclave", IDENTITY, .exit = 1,
		.json = json_id, .text = "QE" },
	{ "identity-stale", "an old identity of the quoting enclave", IDENTITY, .exit = 3,
		.json = json_dates, .arg = -40, .value = 30 },
	{ "identity-edited", "the identity edited so that older enclaves are good", IDENTITY,
		.exit = 1, .json = json_edit },
	{ "identity-twice", "an identity with a member twice", IDENTITY, .exit = 6,
		.json = json_twice },
	{ "evaluation-unequal", "TCB info and identity of different editions", IDENTITY,
		.exit = 1, .json = json_evaluation, .arg = -1 },

	{ "log-edited", "an event's digest edited", QUOTE("eventlog.replay"),
		.log = log_digest },
	{ "log-removed", "an event taken out", QUOTE("eventlog.replay"), .log = log_remove },
	{ "log-added", "an event put in", QUOTE("eventlog.replay"), .log = log_add },
	{ "log-algorithm", "an event by a hash that the log does not name", .exit = 6,
		.finding = "tdx.eventlog.replay", .log = log_algorithm },
};

const struct tdx_fault *tdx_fault_at(size_t i)
{
	return i < ARRAY_LEN(rows) ? &rows[i] : NULL;
}

const struct tdx_fault *tdx_fault_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

const char *tdx_fault_stage(const struct tdx_fault *t)
{
	const struct {
		bool        here;
		const char *stage;
	} stages[] = {
		{ t->sealed != NULL, "quote, after signing" },
		{ t->body != NULL, "quote, before signing" },
		{ t->qe != NULL, "QE report, before signing" },
		{ t->log != NULL, "event log" },
		{ t->crl != NULL, "CRL" },
		{ t->json != NULL, t->document == TDX_TCB_INFO ? "TCB info" : "QE identity" },
		{ t->pck != NULL || t->platform != NULL || t->impostor, "PCK certificate" },
	};

	for (size_t i = 0; i < ARRAY_LEN(stages); i++)
		if (stages[i].here)
			return stages[i].stage;
	return "TD, before measuring";
}
