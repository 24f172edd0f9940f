/* SPDX-License-Identifier: Apache-2.0
 *
 * The quoting enclave: a TDREPORT to a quote of version 4 or 5 (tdx.md 2.2 to 2.6). */
#include "forge/tdx_inside.h"

#include "forge/ossl.h"

#define AUTH_DATA 32
#define QE_REPORT 384
#define POINT     64 /* X and Y */

/* TDREPORT to TD body: what is copied, in the order of the body (2.1, 2.3). */
static const struct {
	uint16_t from, size;
	bool     v5; /* of the TD 1.5 body only */
} fields[] = {
	{ 264, 16, false }, /* TEE_TCB_SVN */
	{ 280, 48, false }, /* MRSEAM */
	{ 328, 48, false }, /* MRSIGNERSEAM */
	{ 376, 8, false },  /* SEAM attributes */
	{ 512, 400,
		false }, /* attributes, XFAM, MRTD, MRCONFIGID, MROWNER, MROWNERCONFIG, RTMRs */
	{ 128, 64, false }, /* REPORTDATA */
	{ 384, 16, true },  /* TEE_TCB_SVN2 */
	{ 912, 48, true },  /* SERVTD_HASH */
};

static enum assay_code write_signed(
	struct tdx *x, const uint8_t *report, struct tdx_text *q, struct assay_err *e)
{
	static const uint8_t vendor[16] = { 0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
		0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07 };
	uint8_t              qe_id[16];
	bool                 v5 = x->spec.quote == 5;

	TRY(seed_bytes(&x->f->seed, "tdx/qe-id", qe_id, sizeof(qe_id), e));
	tdx_put(q->quote, x->spec.quote, 2);
	tdx_put(q->quote, 2, 2);    /* ECDSA with P-256 */
	tdx_put(q->quote, 0x81, 4); /* TDX */
	tdx_put(q->quote, 0, 4);
	buf_put(q->quote, vendor, sizeof(vendor));
	buf_put(q->quote, qe_id, sizeof(qe_id));
	tdx_put(q->quote, 0, 4);
	if (v5) {
		tdx_put(q->quote, 3, 2); /* TD 1.5 */
		tdx_put(q->quote, 648, 4);
	}
	q->body = q->quote->n;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (v5 || !fields[i].v5)
			buf_put(q->quote, report + fields[i].from, fields[i].size);
	TRY(buf_ok(q->quote, e));
	TDX_TRY_STRIKE(x, body, x, TDX_FAULT(x), q, e);
	return ASSAY_OK;
}

static enum assay_code read_point(EVP_PKEY *key, uint8_t out[POINT], struct assay_err *e)
{
	unsigned char *point = NULL;
	size_t         n     = EVP_PKEY_get1_encoded_public_key(key, &point);
	bool           whole = n == 1 + POINT;

	if (whole)
		memcpy(out, point + 1, POINT);
	OPENSSL_free(point);
	return whole ? ASSAY_OK : seed_fail(e, "the attestation key's point");
}

/* The QE's own CPUSVN is raw, as hardware has it; only the certificate's counts. */
static enum assay_code write_qe(struct tdx *x, const struct tdx_qe *q, struct bytes bound,
	uint8_t r[QE_REPORT], struct assay_err *e)
{
	static const uint8_t cpusvn[] = { 3, 3, 0x19, 0x1b, 4, 0xff, 0, 6 };
	const struct seed   *s        = &x->f->seed;

	memset(r, 0, QE_REPORT);
	memcpy(r, cpusvn, sizeof(cpusvn));
	r[48] = q->attributes;
	r[56] = 0xe7; /* XFRM */
	TRY(seed_bytes(s, "tdx/qe-mrenclave", r + 64, 32, e));
	memcpy(r + 128, q->mrsigner, sizeof(q->mrsigner));
	r[256] = 2; /* ISVPRODID */
	r[258] = (uint8_t)q->svn;
	r[259] = (uint8_t)(q->svn >> 8);
	TRY(seed_digest(s, "SHA256", bound, r + 320, e));
	if (q->unbound)
		r[320] ^= 1;
	r[q->at] ^= q->flip;
	return ASSAY_OK;
}

/* Signature data from the outer certification type on (2.4). */
static enum assay_code write_certification(
	struct tdx *x, const uint8_t *point, struct buf *out, struct assay_err *e)
{
	struct tdx_qe q = {
		.attributes = 0x15,
		.mrsigner = { 0xdc, 0x9e, 0x2a, 0x7c, 0x6f, 0x94, 0x8f, 0x17, 0x47, 0x4e, 0x34,
			0xa7, 0xfc, 0x43, 0xed, 0x03, 0x0f, 0x7c, 0x15, 0x63, 0xf1, 0xba, 0xbd,
			0xdf, 0x63, 0x40, 0xc8, 0x2e, 0x0e, 0x54, 0xa8, 0xc5 },
		.svn      = 7,
	};
	CLEANUP(buf_done) struct buf pem                      = { 0 };
	uint8_t                      bound[POINT + AUTH_DATA] = { 0 };
	uint8_t                      report[QE_REPORT], raw[TDX_RAW];

	TDX_STRIKE(x, qe, TDX_FAULT(x), &q);
	memcpy(bound, point, POINT);
	for (size_t i = 0; i < AUTH_DATA; i++)
		bound[POINT + i] = (uint8_t)i;
	TRY(write_qe(x, &q, BYTES_OF(bound), report, e));
	TRY(tdx_sign(x, q.own_sign ? x->ak : x->pck_key, "qe", BYTES_OF(report), raw, e));
	TRY(tdx_pck_certificate(x, &pem, &pem, e));
	buf_byte(&pem, 0); /* behind the last line's end, as Intel's have it */
	buf_put(out, report, sizeof(report));
	buf_put(out, raw, sizeof(raw));
	tdx_put(out, AUTH_DATA, 2);
	buf_put(out, bound + POINT, AUTH_DATA);
	tdx_put(out, 5, 2); /* PEM */
	tdx_put(out, pem.n, 4);
	buf_put(out, pem.p, pem.n);
	return buf_ok(out, e);
}

static enum assay_code write_section(struct tdx *x, struct tdx_text *q, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf certification = { 0 };
	uint8_t                      point[POINT], raw[TDX_RAW];

	TRY(read_point(x->ak, point, e));
	TRY(write_certification(x, point, &certification, e));
	TRY(tdx_sign(x, x->ak, "quote", buf_bytes(q->quote), raw, e));
	q->section = q->quote->n;
	tdx_put(q->quote, TDX_RAW + POINT + 6 + certification.n, 4);
	buf_put(q->quote, raw, sizeof(raw));
	buf_put(q->quote, point, sizeof(point));
	tdx_put(q->quote, 6, 2); /* QE report certification data */
	tdx_put(q->quote, certification.n, 4);
	buf_put(q->quote, certification.p, certification.n);
	return buf_ok(q->quote, e);
}

enum assay_code tdx_quote(
	struct tdx *t, const uint8_t report[TDX_REPORT], struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf quote = { 0 };
	struct tdx_text              q     = { .quote = &quote };

	TRY(tdx_report_check(t, report, e));
	TRY(write_signed(t, report, &q, e));
	TRY(write_section(t, &q, e));
	TDX_STRIKE(t, sealed, TDX_FAULT(t), &q);
	TRY(buf_ok(&quote, e));
	buf_put(out, quote.p, quote.n);
	return buf_ok(out, e);
}
