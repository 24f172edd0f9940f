/* SPDX-License-Identifier: Apache-2.0
 *
 * The quoting enclave: from a TDREPORT to a quote of version 4 or 5 (spec/tdx.md 2.2 to 2.6). */
#include "base/hex.h"
#include "base/pem.h"
#include "forge/ossl.h"
#include "forge/tdx_inside.h"

#define KEY_ECDSA_P256 2
#define TEE_TDX        0x81
#define BODY_TD15      3
#define BODY_TD15_SIZE 648
#define CERT_CHAIN     5
#define CERT_QE        6
#define QE_ISVSVN      6
#define QE_PRODID      2

#define VENDOR "939a7233f79c4ca9940a0db3957f0607"
#define SIGNER "dc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5"

static enum assay_code put_hex(struct buf *out, const char *hex, struct assay_err *e)
{
	uint8_t b[48];
	size_t  n = strlen(hex) / 2;

	TRY(hex_fixed(bytes_text(hex), b, n, e));
	buf_put(out, b, n);
	return ASSAY_OK;
}

static enum assay_code put_header(struct tdx *t, struct buf *out, struct assay_err *e)
{
	uint8_t user[20] = { 0 };

	TRY(seed_bytes(&t->forge->seed, "tdx/qe-id", user, 16, e));
	tdx_put_u16(out, t->spec.quote);
	tdx_put_u16(out, KEY_ECDSA_P256);
	tdx_put_u32(out, TEE_TDX);
	tdx_put_u32(out, 0);
	TRY(put_hex(out, VENDOR, e));
	buf_put(out, user, sizeof(user));
	return ASSAY_OK;
}

/* The TD's body is cut from the report. */
static void put_body(const struct tdx *t, const uint8_t *report, struct buf *out)
{
	const bool td15 = t->spec.quote == 5;

	if (td15) {
		tdx_put_u16(out, BODY_TD15);
		tdx_put_u32(out, BODY_TD15_SIZE);
	}
	buf_put(out, report + REPORT_SVN, REPORT_SVN2 - REPORT_SVN);
	buf_put(out, report + REPORT_INFO, REPORT_SERVTD - REPORT_INFO);
	buf_put(out, report + REPORT_DATA, TDX_REPORTDATA);
	if (td15) {
		buf_put(out, report + REPORT_SVN2, TDX_COMPONENTS);
		buf_put(out, report + REPORT_SERVTD, TDX_REGISTER);
	}
}

static enum assay_code point_of(EVP_PKEY *key, uint8_t out[64], struct assay_err *e)
{
	unsigned char *point = NULL;
	size_t         n     = EVP_PKEY_get1_encoded_public_key(key, &point);

	if (n != 65) {
		OPENSSL_free(point);
		return seed_fail(e, "the attestation key's point");
	}
	memcpy(out, point + 1, 64);
	OPENSSL_free(point);
	return ASSAY_OK;
}

/* An SGX REPORT body that binds the attestation key. */
static enum assay_code make_qe_report(struct tdx *t, const uint8_t key[64],
	const uint8_t auth[TDX_QE_AUTH], uint8_t out[TDX_QE_REPORT], struct assay_err *e)
{
	uint8_t bound[64 + TDX_QE_AUTH];

	memset(out, 0, TDX_QE_REPORT);
	memcpy(out, t->platform.cpusvn, TDX_COMPONENTS); /* raw in a real one: never compared */
	out[48] = 0x11; /* INIT, PROVISION_KEY... of ATTRIBUTES */
	out[56] = 0xe7; /* XFRM */
	TRY(seed_bytes(&t->forge->seed, "tdx/qe", out + 64, 32, e));
	TRY(hex_fixed(bytes_text(SIGNER), out + 128, 32, e));
	out[256] = QE_PRODID;
	out[258] = QE_ISVSVN;
	memcpy(bound, key, 64);
	memcpy(bound + 64, auth, TDX_QE_AUTH);
	return tdx_digest(t, "SHA256", BYTES_OF(bound), out + 320, e);
}

static enum assay_code put_certificates(struct tdx *t, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf pem = { 0 }, rest = { 0 };

	TRY(tdx_pck_certificate(t, &pem, &rest, e));
	buf_put(&pem, rest.p, rest.n);
	buf_byte(&pem, '\0'); /* as the real ones end */
	TRY(buf_ok(&pem, e));
	tdx_put_u16(out, CERT_CHAIN);
	tdx_put_u32(out, (uint32_t)pem.n);
	buf_put(out, pem.p, pem.n);
	return ASSAY_OK;
}

/* Outer certification data: QE report, its signature, auth data, certificates. */
static enum assay_code put_qe(
	struct tdx *t, const uint8_t key[64], struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf inner = { 0 };
	uint8_t auth[TDX_QE_AUTH], report[TDX_QE_REPORT], raw[SEED_RAW_P256];

	for (size_t i = 0; i < TDX_QE_AUTH; i++)
		auth[i] = (uint8_t)i;
	TRY(make_qe_report(t, key, auth, report, e));
	for (size_t i = 0; i < t->spec.faults; i++)
		if (t->spec.fault[i]->qe != NULL)
			t->spec.fault[i]->qe(t->spec.fault[i], report);
	TRY(tdx_sign(t, t->pck_key, "qe", BYTES_OF(report), raw, e));
	buf_put(&inner, report, sizeof(report));
	buf_put(&inner, raw, sizeof(raw));
	tdx_put_u16(&inner, TDX_QE_AUTH);
	buf_put(&inner, auth, sizeof(auth));
	TRY(put_certificates(t, &inner, e));
	TRY(buf_ok(&inner, e));
	tdx_put_u16(out, CERT_QE);
	tdx_put_u32(out, (uint32_t)inner.n);
	buf_put(out, inner.p, inner.n);
	return ASSAY_OK;
}

static enum assay_code write_quote(
	struct tdx *t, const uint8_t *report, struct buf *q, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf tail = { 0 };
	uint8_t                      key[64], raw[SEED_RAW_P256];

	TRY(put_header(t, q, e));
	put_body(t, report, q);
	for (size_t i = 0; i < t->spec.faults; i++)
		if (t->spec.fault[i]->body != NULL)
			t->spec.fault[i]->body(t->spec.fault[i], t, q);
	TRY(buf_ok(q, e));
	TRY(point_of(t->attestation_key, key, e));
	TRY(tdx_sign(t, t->attestation_key, "quote", buf_bytes(q), raw, e));
	buf_put(&tail, raw, sizeof(raw));
	buf_put(&tail, key, sizeof(key));
	TRY(put_qe(t, key, &tail, e));
	TRY(buf_ok(&tail, e));
	tdx_put_u32(q, (uint32_t)tail.n);
	buf_put(q, tail.p, tail.n);
	return buf_ok(q, e);
}

enum assay_code tdx_quote(
	struct tdx *t, const uint8_t report[TDX_REPORT], struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf q   = { 0 };
	bool                         own = false;

	TRY(tdx_own_report(t, report, &own, e));
	if (!own)
		return ASSAY_OK;
	TRY(write_quote(t, report, &q, e));
	for (size_t i = 0; i < t->spec.faults; i++)
		if (t->spec.fault[i]->sealed != NULL)
			t->spec.fault[i]->sealed(t->spec.fault[i], &q);
	buf_put(out, q.p, q.n);
	return buf_ok(out, e);
}
