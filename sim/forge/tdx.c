/* SPDX-License-Identifier: Apache-2.0
 *
 * The TD itself: its registers, and the TDREPORT of them (tdx.md 1.6, 2.1). */
#include "forge/tdx_inside.h"

#include "base/hex.h"
#include "base/pem.h"
#include "base/utc.h"
#include "forge/ossl.h"

#define SEPT_VE_DISABLE (UINT64_C(1) << 28)
#define XFAM            UINT64_C(0x602e7) /* as all VMs of that shape have it (tdx.md 9.2) */
#define MAC_AT          224
#define MAC_SIZE        32
#define TCB_INFO_AT     256
#define TCB_INFO_SIZE   239
#define TD_INFO_AT      512

/* Offsets in the TDREPORT. */
enum {
	AT_CPUSVN       = 16,
	AT_TCB_HASH     = 32,
	AT_TD_HASH      = 80,
	AT_REPORTDATA   = 128,
	AT_VALID        = 256,
	AT_SVN          = 264,
	AT_MRSEAM       = 280,
	AT_MRSIGNERSEAM = 328,
	AT_SEAM_ATTR    = 376,
	AT_SVN2         = 384,
	AT_ATTRIBUTES   = 512,
	AT_XFAM         = 520,
	AT_MRTD         = 528,
	AT_RTMR         = 720,
	AT_SERVTD       = 912,
};

void tdx_put(struct buf *out, uint64_t value, size_t n)
{
	for (; n > 0; n--, value >>= 8)
		buf_byte(out, (uint8_t)value);
}

enum assay_code tdx_pem(X509 *const *cert, size_t n, struct buf *pem, struct assay_err *e)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_done) struct buf der = { 0 };

		TRY(pki_der(cert[i], &der, e));
		pem_write(buf_bytes(&der), pem);
	}
	return buf_ok(pem, e);
}

enum assay_code tdx_sign(struct tdx *x, EVP_PKEY *key, const char *what, struct bytes message,
	uint8_t raw[TDX_RAW], struct assay_err *e)
{
	uint8_t digest[32], wide[SEED_RAW];

	TRY(seed_digest(&x->f->seed, "SHA256", message, digest, e));
	TRY(seed_sign_raw(&x->f->seed, key, NAME("tdx/%s/%s", what, HEX(BYTES_OF(digest))),
		message, wide, e));
	memcpy(raw, wide, TDX_RAW);
	return ASSAY_OK;
}

enum assay_code tdx_replace(
	struct buf *text, const char *find, const char *put, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf old = *text;
	const uint8_t               *at  = memmem(old.p, old.n, find, strlen(find));

	*text = (struct buf){ 0 };
	if (at == NULL)
		return err_set(e, ASSAY_INPUT_OPTION, "a fault finds no %s", find);
	buf_put(text, old.p, (size_t)(at - old.p));
	buf_text(text, put);
	at += strlen(find);
	buf_put(text, at, (size_t)(old.p + old.n - at));
	return buf_ok(text, e);
}

enum assay_code tdx_register(const struct seed *s, uint8_t reg[TDX_REGISTER],
	const uint8_t digest[TDX_REGISTER], struct assay_err *e)
{
	uint8_t both[2 * TDX_REGISTER];

	memcpy(both, reg, TDX_REGISTER);
	memcpy(both + TDX_REGISTER, digest, TDX_REGISTER);
	return seed_digest(s, "SHA384", BYTES_OF(both), reg, e);
}

/* tdx.md 9.2, quote_v5_sample: a module of version 1, updated under the TD. */
static enum assay_code start(struct tdx *x, struct assay_err *e)
{
	const struct seed *s = &x->f->seed;

	x->td = (struct tdx_td){
		.attributes = SEPT_VE_DISABLE,
		.xfam       = XFAM,
		.svn        = { 11, 1, 4 },
		.svn2       = { 13, 1, 4 },
	};
	TRY(seed_bytes(s, "tdx/mrseam", x->td.mrseam, TDX_REGISTER, e));
	TRY(seed_bytes(s, "tdx/mrtd", x->td.mrtd, TDX_REGISTER, e));
	TRY(seed_bytes(s, "tdx/mac", x->mac, sizeof(x->mac), e));
	TRY(tdx_log_make(x, NULL, x->td.rtmr, e));
	TDX_TRY_STRIKE(x, td, x, TDX_FAULT(x), &x->td, e);
	TRY(seed_key256(s, "tdx/attestation", &x->ak, e));
	return tdx_pck_make(x, e);
}

static enum assay_code check_spec(const struct tdx_spec *s, struct assay_err *e)
{
	int64_t end = 0;

	if (s->quote != 4 && s->quote != 5)
		return err_set(e, ASSAY_INPUT_OPTION, "a quote is of version 4 or 5");
	TRY(utc_parse(BYTES("2033-05-21"), &end, e));
	if (s->at >= end)
		return err_set(e, ASSAY_INPUT_OPTION, "Intel's authorities end in May 2033");
	return ASSAY_OK;
}

enum assay_code tdx_new(
	struct forge *f, const struct tdx_spec *spec, struct tdx **out, struct assay_err *e)
{
	struct tdx     *x = mem_new(1, sizeof(*x));
	enum assay_code code;

	if (x == NULL)
		return err_no_memory(e);
	x->f    = f;
	x->spec = *spec;
	TDX_STRIKE(x, spec, TDX_FAULT(x), &x->spec);
	code = check_spec(&x->spec, e);
	if (code == ASSAY_OK)
		code = start(x, e);
	if (code != ASSAY_OK) {
		tdx_free(x);
		return code;
	}
	*out = x;
	return ASSAY_OK;
}

void tdx_free(struct tdx *t)
{
	if (t == NULL)
		return;
	X509_free(t->pck);
	EVP_PKEY_free(t->pck_key);
	EVP_PKEY_free(t->ak);
	OPENSSL_cleanse(t->mac, sizeof(t->mac));
	mem_free(t);
}

enum assay_code tdx_extend(
	struct tdx *t, unsigned rtmr, const uint8_t digest[TDX_REGISTER], struct assay_err *e)
{
	if (rtmr >= TDX_RTMRS)
		return err_set(e, ASSAY_INPUT_OPTION, "no RTMR %u", rtmr);
	return tdx_register(&t->f->seed, t->td.rtmr[rtmr], digest, e);
}

const uint8_t *tdx_rtmr(const struct tdx *t, unsigned rtmr)
{
	return rtmr < TDX_RTMRS ? t->td.rtmr[rtmr] : NULL;
}

const uint8_t *tdx_mrtd(const struct tdx *t)
{
	return t->td.mrtd;
}

static void put_le(uint8_t *p, uint64_t value)
{
	for (size_t i = 0; i < 8; i++, value >>= 8)
		p[i] = (uint8_t)value;
}

/* The processor's own hashes and its MAC over the first 224 bytes. */
static enum assay_code seal(
	const struct tdx *t, uint8_t r[TDX_REPORT], uint8_t mac[MAC_SIZE], struct assay_err *e)
{
	const struct seed *s = &t->f->seed;
	size_t             n = 0;

	TRY(seed_digest(s, "SHA384", (struct bytes){ r + TCB_INFO_AT, TCB_INFO_SIZE },
		r + AT_TCB_HASH, e));
	TRY(seed_digest(s, "SHA384", (struct bytes){ r + TD_INFO_AT, TDX_REPORT - TD_INFO_AT },
		r + AT_TD_HASH, e));
	if (EVP_Q_mac(s->lib, "HMAC", NULL, "SHA256", NULL, t->mac, sizeof(t->mac), r, MAC_AT,
		    mac, MAC_SIZE, &n) == NULL)
		return seed_fail(e, "the MAC of a TDREPORT");
	return ASSAY_OK;
}

enum assay_code tdx_report(struct tdx *t, const uint8_t reportdata[TDX_REPORTDATA],
	uint8_t out[TDX_REPORT], struct assay_err *e)
{
	const struct tdx_td *d             = &t->td;
	uint8_t              r[TDX_REPORT] = { 0 };

	r[0] = 0x81;
	r[2] = !bytes_zero(BYTES_OF(d->mrservicetd));
	memcpy(r + AT_CPUSVN, t->platform.component, sizeof(t->platform.component));
	memcpy(r + AT_REPORTDATA, reportdata, TDX_REPORTDATA);
	put_le(r + AT_VALID, 0x301ff); /* as TDX 1.5 says (tdx.md 9.6) */
	memcpy(r + AT_SVN, d->svn, sizeof(d->svn));
	memcpy(r + AT_MRSEAM, d->mrseam, TDX_REGISTER);
	memcpy(r + AT_MRSIGNERSEAM, d->mrsignerseam, TDX_REGISTER);
	memcpy(r + AT_SEAM_ATTR, d->seam_attributes, sizeof(d->seam_attributes));
	memcpy(r + AT_SVN2, d->svn2, sizeof(d->svn2));
	put_le(r + AT_ATTRIBUTES, d->attributes);
	put_le(r + AT_XFAM, d->xfam);
	memcpy(r + AT_MRTD, d->mrtd, TDX_REGISTER);
	memcpy(r + AT_RTMR, d->rtmr, sizeof(d->rtmr));
	memcpy(r + AT_SERVTD, d->mrservicetd, TDX_REGISTER);
	TRY(seal(t, r, r + MAC_AT, e));
	memcpy(out, r, TDX_REPORT);
	return ASSAY_OK;
}

enum assay_code tdx_report_check(
	const struct tdx *t, const uint8_t report[TDX_REPORT], struct assay_err *e)
{
	uint8_t r[TDX_REPORT], mac[MAC_SIZE];

	memcpy(r, report, TDX_REPORT);
	TRY(seal(t, r, mac, e));
	if (memcmp(r, report, MAC_AT) != 0 ||
		CRYPTO_memcmp(mac, report + MAC_AT, MAC_SIZE) != 0)
		return err_set(e, ASSAY_REPORT_SIGNATURE,
			"TDREPORT: its MAC does not hold on this machine");
	return ASSAY_OK;
}
