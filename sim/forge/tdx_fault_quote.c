/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults of the TD, of the quoting enclave's report and of the quote (tdx.md 2, 5.1, 5.5, 5.10, 8.2). */
#include "forge/tdx_inside.h"

#define INNER_TYPE (584 + 32) /* behind 32 bytes of QE auth data */

static void version_5(const struct tdx_fault *t, struct tdx_spec *s)
{
	(void)t;
	s->quote = 5;
}

static enum assay_code attribute(
	struct tdx *x, const struct tdx_fault *t, struct tdx_td *d, struct assay_err *e)
{
	(void)x;
	(void)e;
	d->attributes ^= UINT64_C(1) << t->at;
	return ASSAY_OK;
}

static enum assay_code feature(
	struct tdx *x, const struct tdx_fault *t, struct tdx_td *d, struct assay_err *e)
{
	(void)x;
	(void)e;
	d->xfam ^= UINT64_C(1) << t->at;
	return ASSAY_OK;
}

/* The same machine, another guest: other firmware and another boot. */
static enum assay_code other_guest(
	struct tdx *x, const struct tdx_fault *t, struct tdx_td *d, struct assay_err *e)
{
	(void)t;
	TRY(seed_bytes(&x->f->seed, "tdx/other/mrtd", d->mrtd, TDX_REGISTER, e));
	for (unsigned i = 0; i < TDX_RTMRS - 1; i++)
		TRY(seed_bytes(
			&x->f->seed, NAME("tdx/other/rtmr%u", i), d->rtmr[i], TDX_REGISTER, e));
	return ASSAY_OK;
}

static enum assay_code bind_service(
	struct tdx *x, const struct tdx_fault *t, struct tdx_td *d, struct assay_err *e)
{
	(void)t;
	return seed_bytes(&x->f->seed, "tdx/service", d->mrservicetd, TDX_REGISTER, e);
}

static enum assay_code other_signer(
	struct tdx *x, const struct tdx_fault *t, struct tdx_td *d, struct assay_err *e)
{
	(void)t;
	return seed_bytes(&x->f->seed, "tdx/seam-signer", d->mrsignerseam, TDX_REGISTER, e);
}

static enum assay_code seam_debug(
	struct tdx *x, const struct tdx_fault *t, struct tdx_td *d, struct assay_err *e)
{
	(void)x;
	(void)t;
	(void)e;
	d->seam_attributes[0] = 1;
	return ASSAY_OK;
}

/* Started under that module; value: what is loaded now. */
static enum assay_code module(
	struct tdx *x, const struct tdx_fault *t, struct tdx_td *d, struct assay_err *e)
{
	(void)x;
	(void)e;
	d->svn[0]  = (uint8_t)t->at;
	d->svn2[0] = (uint8_t)t->value;
	return ASSAY_OK;
}

static enum assay_code flip_reportdata(
	struct tdx *x, const struct tdx_fault *t, struct tdx_text *q, struct assay_err *e)
{
	(void)x;
	(void)t;
	(void)e;
	q->quote->p[q->body + 520] ^= 1;
	return ASSAY_OK;
}

static enum assay_code earlier_reportdata(
	struct tdx *x, const struct tdx_fault *t, struct tdx_text *q, struct assay_err *e)
{
	(void)t;
	return seed_bytes(
		&x->f->seed, "tdx/earlier", q->quote->p + q->body + 520, TDX_REPORTDATA, e);
}

static void qe_version(const struct tdx_fault *t, struct tdx_qe *q)
{
	q->svn = (uint16_t)t->value;
}

static void qe_debug(const struct tdx_fault *t, struct tdx_qe *q)
{
	(void)t;
	q->attributes |= 2;
}

static void qe_signer(const struct tdx_fault *t, struct tdx_qe *q)
{
	(void)t;
	q->mrsigner[0] ^= 1;
}

static void qe_unbound(const struct tdx_fault *t, struct tdx_qe *q)
{
	(void)t;
	q->unbound = true;
}

static void qe_byte(const struct tdx_fault *t, struct tdx_qe *q)
{
	q->at   = t->at;
	q->flip = (uint8_t)t->value;
}

static void qe_own_sign(const struct tdx_fault *t, struct tdx_qe *q)
{
	(void)t;
	q->own_sign = true;
}

static void set_header(const struct tdx_fault *t, struct tdx_text *q)
{
	q->quote->p[t->at] = (uint8_t)t->value;
}

static void flip_header(const struct tdx_fault *t, struct tdx_text *q)
{
	q->quote->p[t->at] ^= 1;
}

static void flip_body(const struct tdx_fault *t, struct tdx_text *q)
{
	q->quote->p[q->body + t->at] ^= 1;
}

static void set_section(const struct tdx_fault *t, struct tdx_text *q)
{
	q->quote->p[q->section + 4 + t->at] = (uint8_t)t->value;
}

static void flip_section(const struct tdx_fault *t, struct tdx_text *q)
{
	q->quote->p[q->section + 4 + t->at] ^= 1;
}

static void append(const struct tdx_fault *t, struct tdx_text *q)
{
	buf_byte(q->quote, (uint8_t)t->value);
}

static void cut(const struct tdx_fault *t, struct tdx_text *q)
{
	q->quote->n -= t->at;
}

#define ATTRIBUTES .finding = "tdx.td.attributes", .exit = 1
#define MODULE     .finding = "tdx.tcb.module", .exit = 1
#define REPORTDATA .finding = "tdx.reportdata", .exit = 1
#define PARSE      .finding = "tdx.quote.parse", .exit = 6
#define SIGNATURE  .finding = "tdx.quote.signature", .exit = 1
#define QE_REPORT  .finding = "tdx.qe.report", .exit = 1
#define IDENTITY   .finding = "tdx.qe.identity", .exit = 1

static const struct tdx_fault rows[] = {
	{ "td-debug", "a debug TD, which the host can read", ATTRIBUTES, .td = attribute,
		.at = 0 },
	{ "td-profiled", "a TD whose performance the host can profile", ATTRIBUTES,
		.td = attribute, .at = 5 },
	{ "td-no-sept-ve", "a TD without SEPT_VE_DISABLE: the host may take pages away",
		ATTRIBUTES, .td = attribute, .at = 28 },
	{ "td-migratable", "a TD that can be moved to another machine", ATTRIBUTES,
		.td = attribute, .at = 29 },
	{ "td-attribute-unknown", "an attribute that nobody knows", ATTRIBUTES, .td = attribute,
		.at = 40 },
	{ "td-xfam", "a processor feature that no TD may have", ATTRIBUTES, .td = feature,
		.at = 16 },
	{ "td-service", "a service TD is bound, which may migrate it",
		.finding = "tdx.td.measurements", .exit = 1, .spec = version_5,
		.td = bind_service },
	{ "td-other-guest", "another guest of the machine answers in this one's place",
		.finding = "tdx.eventlog.replay", .exit = 1, .td = other_guest },
	{ "module-signer", "a TDX module that Intel did not sign", MODULE, .td = other_signer },
	{ "module-attributes", "a TDX module with attributes of its own", MODULE,
		.td = seam_debug },
	{ "module-out-of-date", "a TDX module with known holes", MODULE, .td = module, .at = 4,
		.value = 4 },
	{ "module-too-old", "a TDX module older than any that Intel lists", MODULE,
		.td = module, .at = 1, .value = 1 },
	{ "module-relaunch", "started under an old TDX module that was replaced since", MODULE,
		.spec = version_5, .td = module, .at = 4, .value = 13 },

	{ "quote-reportdata", "another REPORTDATA, signed", REPORTDATA,
		.body = flip_reportdata },
	{ "quote-replayed", "a quote that answers an earlier request", REPORTDATA,
		.body = earlier_reportdata },
	{ "qe-unsupported", "a quoting enclave older than any that Intel lists", IDENTITY,
		.qe = qe_version, .value = 3 },
	{ "qe-debug", "a quoting enclave in debug mode, whose key can be read", IDENTITY,
		.qe = qe_debug },
	{ "qe-signer", "an enclave of somebody else's in the place of Intel's", IDENTITY,
		.qe = qe_signer },
	{ "qe-unbound", "an attestation key that the quoting enclave does not vouch for",
		QE_REPORT, .qe = qe_unbound },
	{ "qe-data-tail", "more in the enclave's REPORTDATA than the attestation key's digest",
		QE_REPORT, .qe = qe_byte, .at = 320 + 32, .value = 1 },
	{ "qe-misc", "an enclave with another MISCSELECT", IDENTITY, .qe = qe_byte, .at = 16,
		.value = 1 },
	{ "qe-attributes", "an enclave with attributes of its own", IDENTITY, .qe = qe_byte,
		.at = 48, .value = 0x20 },
	{ "qe-product", "another enclave of Intel's", IDENTITY, .qe = qe_byte, .at = 256,
		.value = 1 },
	{ "qe-own-signature", "the enclave's report signed by the attestation key itself",
		QE_REPORT, .qe = qe_own_sign },
	{ "qe-edited", "the enclave's report edited: its ISVSVN", QE_REPORT,
		.sealed = flip_section, .at = 134 + 258 },
	{ "qe-signature", "the signature of the enclave's report edited", QE_REPORT,
		.sealed = flip_section, .at = 518 + 63 },
	{ "qe-auth-data", "the enclave's authentication data edited", QE_REPORT,
		.sealed = flip_section, .at = 584 },

	{ "quote-version", "a version that is neither 4 nor 5", PARSE, .sealed = set_header,
		.at = 0, .value = 3 },
	{ "quote-key-type", "the attestation key said to be of P-384", PARSE,
		.sealed = set_header, .at = 2, .value = 3 },
	{ "quote-tee-type", "said to be of an SGX enclave", PARSE, .sealed = set_header,
		.at = 4, .value = 0 },
	{ "quote-vendor", "a quoting enclave of another vendor", PARSE, .sealed = flip_header,
		.at = 12 },
	{ "quote-outer-type", "outer certification data of type 7", PARSE,
		.sealed = set_section, .at = 128, .value = 7 },
	{ "quote-inner-type", "inner certification data of type 4", PARSE,
		.sealed = set_section, .at = INNER_TYPE, .value = 4 },
	{ "quote-trailing", "a byte behind the signature section", PARSE, .sealed = append,
		.value = 1 },
	{ "quote-cut", "the end of the certificates cut off", PARSE, .sealed = cut, .at = 100 },
	{ "quote-qe-id", "the QE id edited", SIGNATURE, .sealed = flip_header, .at = 28 },
	{ "quote-svn", "TEE_TCB_SVN edited", SIGNATURE, .sealed = flip_body, .at = 2 },
	{ "quote-mrtd", "MRTD edited", SIGNATURE, .sealed = flip_body, .at = 136 },
	{ "quote-attributes", "TD attributes edited", SIGNATURE, .sealed = flip_body,
		.at = 120 },
	{ "quote-rtmr3", "RTMR3 edited", SIGNATURE, .sealed = flip_body, .at = 328 + 3 * 48 },
	{ "quote-signature", "the quote's signature edited", SIGNATURE, .sealed = flip_section,
		.at = 63 },
};

const struct tdx_fault_table tdx_fault_quote = { rows, ARRAY_LEN(rows) };
