/* SPDX-License-Identifier: Apache-2.0
 *
 * The quote, from the platform's certificate to its own signature: who speaks.
 *
 * Source: tdx 5.1, 5.2, 5.5, and the order of 5.11. */
#include "verify/tdx.h"

#include <openssl/x509v3.h>

#include <openssl/crypto.h>

#include "base/hex.h"
#include "base/show.h"
#include "base/utc.h"
#include "crypto/digest.h"
#include "crypto/sig.h"
#include "verify/links.h"

#define PCK_CERTIFICATES 3

const struct tdx_list_row tdx_list_rows[TDX_LIST_COUNT] = {
#define X(name, text, size, code) [TDX_##name] = { text, size, ASSAY_##code },
	TDX_LISTS(X)
#undef X
};

void tdx_rules_done(struct tdx_rules *r)
{
	tcb_advisories_done(&r->advisories);
	for (size_t i = 0; i < TDX_LIST_COUNT; i++)
		mem_free(r->list[i].value);
	*r = (struct tdx_rules){ 0 };
}

void guest_free(struct guest *g)
{
	if (g == NULL)
		return;
	chain_done(&g->chain);
	EVP_PKEY_free(g->key);
	for (size_t i = 0; i < PCS_ITEMS; i++)
		pcs_known_drop(g->item[i]);
	tcb_advisories_done(&g->advisories);
	mem_free(g);
}

/* The certificates are split here, so that a quote without its root is no quote (P7); what they are worth is the next
 * check's. */
static enum assay_code ask_quote(struct inquiry *q, struct assay_err *e)
{
	CLEANUP(chain_ders_done) struct buf der[CHAIN_MAX] = { 0 };
	struct guest                       *g              = q->facts->guest;

	if (g->evidence->fault.code != ASSAY_OK) {
		*e = g->evidence->fault;
		return e->code;
	}
	TRY(tdx_quote_parse(g->evidence->report, &g->quote, e));
	TRY(sig_p256_key(q->c->crypto, g->quote.key, &g->key, ASSAY_QUOTE_POINT, e));
	if (chain_split(g->quote.pem, PCK_CERTIFICATES, der, e) != ASSAY_OK)
		return err_wrap(e, "the quote's certificates");
	TRY(links_read(q->c, &q->c->trust->sgx, LINKS_PCK, der, &g->chain, &g->known, e));
	inquiry_say(q, "version %u, TD 1.%c, %zu bytes", g->quote.version,
		g->quote.body == TDX_TD15 ? '5' : '0', g->quote.whole.n);
	return ASSAY_OK;
}

static bool is_called(const X509 *cert, const char *name)
{
	return bytes_equal(cert_subject(cert, NID_commonName), bytes_text(name));
}

/* C2: one of the two authorities that may certify platforms, and nothing below it but leaves. */
static enum assay_code check_authority(struct guest *g, struct assay_err *e)
{
	X509 *ca = g->chain.cert[1];

	g->platform_ca = is_called(ca, "Intel SGX PCK Platform CA");
	if (!g->platform_ca && !is_called(ca, "Intel SGX PCK Processor CA"))
		return err_set(e, ASSAY_CERT_PROFILE, "certificate 1 is of \"%s\"",
			SHOW(cert_subject(ca, NID_commonName)));
	if ((X509_get_extension_flags(ca) & EXFLAG_CA) == 0 || X509_get_pathlen(ca) != 0 ||
		(X509_get_key_usage(ca) & (KU_KEY_CERT_SIGN | KU_CRL_SIGN)) !=
			(KU_KEY_CERT_SIGN | KU_CRL_SIGN))
		return err_set(e, ASSAY_CERT_PROFILE,
			"certificate 1 is no authority for leaves and CRLs alone");
	return ASSAY_OK;
}

static enum assay_code check_leaf(struct guest *g, struct assay_err *e)
{
	X509        *leaf = g->chain.cert[0];
	struct bytes value;
	size_t       times;

	if (!is_called(leaf, "Intel SGX PCK Certificate"))
		return err_set(e, ASSAY_CERT_PROFILE, "certificate 0 is of \"%s\"",
			SHOW(cert_subject(leaf, NID_commonName)));
	if (!cert_signs_data(leaf))
		return err_set(e, ASSAY_CERT_PROFILE,
			"certificate 0 may sign certificates, or not data");
	if (!cert_issued_by_name(leaf, g->chain.cert[1]))
		return err_set(
			e, ASSAY_CERT_PROFILE, "certificate 0 names its issuer in other bytes");
	value = cert_extension(leaf, PCK_OID, &times);
	if (times != 1)
		return err_set(e, ASSAY_CERT_SGX, "%zu SGX extensions", times);
	TRY(pck_parse(value, g->platform_ca, &g->pck, e));
	if (memcmp(g->pck.component, g->pck.cpusvn, PCK_COMPONENTS) != 0)
		return err_set(e, ASSAY_CERT_CPUSVN, "components %s, CPUSVN %s",
			HEX(BYTES_OF(g->pck.component)), HEX(BYTES_OF(g->pck.cpusvn)));
	return ASSAY_OK;
}

static enum assay_code ask_pck_chain(struct inquiry *q, struct assay_err *e)
{
	const struct anchor *anchor = &q->c->trust->sgx;
	struct guest        *g      = q->facts->guest;

	TRY(chain_verify_p256(q->c->crypto, &g->chain, anchor, q->c->now, g->known, e));
	TRY(check_authority(g, e));
	TRY(check_leaf(g, e));
	TRY(links_keep(q->c, anchor, LINKS_PCK, &g->chain, g->known, e));
	inquiry_until(q, g->chain.not_after);
	TRY(tdx_wants(q, e));
	inquiry_say(q, "FMSPC %s under the %s CA", HEX(BYTES_OF(g->pck.fmspc)),
		g->platform_ca ? "Platform" : "Processor");
	return ASSAY_OK;
}

/* Q1 and Q2: the enclave's report by the platform's key, and the attestation key by the enclave's report. */
static enum assay_code ask_qe_report(struct inquiry *q, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf bound = { 0 };
	const struct tdx_quote      *t     = &q->facts->guest->quote;
	struct bytes                 said  = t->qe.reportdata;
	uint8_t                      sum[SHA256_SIZE];

	TRY(sig_p256(q->c->crypto, X509_get0_pubkey(q->facts->guest->chain.cert[0]),
		t->qe_report, t->qe_signature, ASSAY_QE_SIGNATURE, e));
	buf_put(&bound, t->key.p, t->key.n);
	buf_put(&bound, t->qe_auth.p, t->qe_auth.n);
	TRY(buf_ok(&bound, e));
	TRY(digest(q->c->crypto->sha256, buf_bytes(&bound), sum, e));
	if (CRYPTO_memcmp(said.p, sum, sizeof(sum)) != 0 ||
		!bytes_zero((struct bytes){ said.p + sizeof(sum), said.n - sizeof(sum) }))
		return err_set(
			e, ASSAY_QE_DATA, "the enclave's report names another attestation key");
	return ASSAY_OK;
}

static enum assay_code ask_quote_signature(struct inquiry *q, struct assay_err *e)
{
	const struct guest *g = q->facts->guest;

	return sig_p256(q->c->crypto, g->key, g->quote.message, g->quote.signature,
		ASSAY_QUOTE_SIGNATURE, e);
}

/* clang-format off */
static const struct step steps[] = {
	{ CHECK_TDX_QUOTE_PARSE,         { CHECK_TDX_COLLECT }, 0, ask_quote },
	{ CHECK_TDX_PCK_CHAIN,           { CHECK_TDX_QUOTE_PARSE }, 0, ask_pck_chain },
	{ CHECK_TDX_COLLATERAL_CRL,      { CHECK_TDX_PCK_CHAIN }, 0, ask_tdx_crls },
	{ CHECK_TDX_PCK_REVOCATION,      { CHECK_TDX_COLLATERAL_CRL }, 0, ask_pck_revocation },
	{ CHECK_TDX_COLLATERAL_TCBINFO,  { CHECK_TDX_PCK_CHAIN }, 0, ask_tcb_info },
	{ CHECK_TDX_COLLATERAL_IDENTITY, { CHECK_TDX_PCK_CHAIN }, 0, ask_identity },
	{ CHECK_TDX_QE_REPORT,           { CHECK_TDX_PCK_CHAIN }, 0, ask_qe_report },
	{ CHECK_TDX_QUOTE_SIGNATURE,     { CHECK_TDX_QE_REPORT }, 0, ask_quote_signature },
	{ CHECK_TDX_QE_IDENTITY,         { CHECK_TDX_QE_REPORT, CHECK_TDX_COLLATERAL_IDENTITY }, 0, ask_qe_identity },
	{ CHECK_TDX_TCB_MODULE,          { CHECK_TDX_QUOTE_SIGNATURE, CHECK_TDX_COLLATERAL_TCBINFO }, 0, ask_tcb_module },
	{ CHECK_TDX_TCB,                 { CHECK_TDX_QUOTE_SIGNATURE, CHECK_TDX_COLLATERAL_TCBINFO }, 0, ask_tcb },
	{ CHECK_TDX_TD_ATTRIBUTES,       { CHECK_TDX_QUOTE_SIGNATURE }, 0, ask_td_attributes },
	{ CHECK_TDX_TD_MEASUREMENTS,     { CHECK_TDX_QUOTE_SIGNATURE }, 0, ask_td_measurements },
	{ CHECK_TDX_REPORTDATA,          { CHECK_TDX_QUOTE_SIGNATURE }, 0, ask_reportdata },
	{ CHECK_TDX_EVENTLOG_REPLAY,     { CHECK_TDX_QUOTE_SIGNATURE }, 0, ask_replay },
};
/* clang-format on */

/* Why it gave no quote, when that was noted as it was collected. What could not be decoded is the next check's. */
static enum assay_code ask_collect(struct facts *f, struct subject s, struct assay_err *e)
{
	struct guest           *g   = f->guest;
	const struct assay_err *why = &g->evidence->fault;
	const enum assay_class  cls = assay_class(why->code);
	const struct finding    row = { .check = CHECK_TDX_COLLECT,
		   .subject                    = s,
		   .outcome                    = ASSAY_OUTCOME_UNKNOWN,
		   .code                       = why->code };

	g->held[CHECK_TDX_COLLECT] = cls != ASSAY_CLASS_UNAVAILABLE &&
		cls != ASSAY_CLASS_NOT_READY;
	if (g->held[CHECK_TDX_COLLECT])
		return ASSAY_OK;
	return findings_add(&f->findings, &row, assay_err_text(why), NULL, NULL, e);
}

enum assay_code guest_verify(
	const struct verify_case *c, struct facts *facts, struct assay_err *e)
{
	static const struct subject subject = { SUBJECT_TDX, 0 };
	struct guest               *g       = facts->guest;

	g->events = c->evidence->events;
	g->here   = c->here;
	TRY(ask_collect(facts, subject, e));
	return inquire(c, facts, subject, NULL, g->held, steps, ARRAY_LEN(steps), e);
}
