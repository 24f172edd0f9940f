/* SPDX-License-Identifier: Apache-2.0
 *
 * The guest: what it is, its registers, its TDREPORT (spec/tdx.md 1.6, 2.1). */
#include <openssl/hmac.h>
#include <stdio.h>

#include "forge/tdx_inside.h"

#define VALID       0x301ff /* TEE_TCB_INFO of TDX 1.5 */
#define REPORT_TYPE 0x81
#define SEPT_VE     (UINT64_C(1) << 28)
#define XFAM        UINT64_C(0x602e7) /* as Linux guests on servers have it */

enum assay_code tdx_digest(struct tdx *t, const char *algorithm, struct bytes in, uint8_t *out,
	struct assay_err *e)
{
	return seed_digest(&t->forge->seed, algorithm, in, out, e);
}

enum assay_code tdx_sign(struct tdx *t, EVP_PKEY *key, const char *name, struct bytes message,
	uint8_t raw[SEED_RAW_P256], struct assay_err *e)
{
	uint8_t digest[32];
	char    hex[17];

	/* Another message, another nonce. */
	TRY(tdx_digest(t, "SHA256", message, digest, e));
	for (size_t i = 0; i < 8; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return seed_sign_raw(
		&t->forge->seed, key, NAME("tdx/%s/%s", name, hex), message, raw, e);
}

static enum assay_code describe(struct tdx *t, struct assay_err *e)
{
	const struct seed *s = &t->forge->seed;

	t->platform = (struct tdx_platform){
		.svn    = { 3, 3, 2, 2, 4, 1, 0, 5 },
		.pcesvn = 13,
		.fmspc  = { 0x70, 0xc0, 0x6f },
	};
	memcpy(t->platform.cpusvn, t->platform.svn, sizeof(t->platform.svn));
	t->guest = (struct tdx_guest){
		.svn        = { 7, 1, 3 },
		.svn2       = { 13, 1, 3 },
		.attributes = SEPT_VE,
		.xfam       = XFAM,
	};
	TRY(seed_bytes(s, "tdx/ppid", t->platform.ppid, sizeof(t->platform.ppid), e));
	TRY(seed_bytes(
		s, "tdx/instance", t->platform.instance, sizeof(t->platform.instance), e));
	TRY(seed_bytes(s, "tdx/mrseam", t->guest.mrseam, TDX_REGISTER, e));
	TRY(seed_bytes(s, "tdx/mrtd", t->guest.mrtd, TDX_REGISTER, e));
	TRY(seed_bytes(s, "tdx/mac", t->mac_key, sizeof(t->mac_key), e));
	TRY(seed_key_p256(s, "tdx/pck", &t->pck_key, e));
	return seed_key_p256(s, "tdx/attestation", &t->attestation_key, e);
}

static void strike(struct tdx *t)
{
	for (size_t i = 0; i < t->spec.faults; i++) {
		const struct tdx_fault *f = t->spec.fault[i];

		if (f->spec != NULL)
			f->spec(f, &t->spec);
		if (f->impostor)
			t->pki = &t->forge->evil;
		if (f->platform != NULL)
			f->platform(f, &t->platform);
		if (f->guest != NULL)
			f->guest(f, &t->guest);
	}
}

enum assay_code tdx_new(
	struct forge *f, const struct tdx_spec *spec, struct tdx **out, struct assay_err *e)
{
	struct tdx     *t = mem_new(1, sizeof(*t));
	enum assay_code code;

	if (t == NULL)
		return err_no_memory(e);
	t->forge = f;
	t->pki   = &f->pki;
	t->spec  = *spec;
	code     = describe(t, e);
	strike(t);
	if (code == ASSAY_OK)
		code = tdx_make_pck(t, e);
	if (code == ASSAY_OK)
		code = tdx_make_log(t, e);
	for (size_t i = 0; i < t->spec.faults && code == ASSAY_OK; i++)
		if (t->spec.fault[i]->log != NULL)
			t->spec.fault[i]->log(t->spec.fault[i], &t->log);
	if (code != ASSAY_OK) {
		tdx_free(t);
		return code;
	}
	*out = t;
	return ASSAY_OK;
}

void tdx_free(struct tdx *t)
{
	if (t == NULL)
		return;
	X509_free(t->pck);
	EVP_PKEY_free(t->pck_key);
	EVP_PKEY_free(t->attestation_key);
	buf_done(&t->log);
	mem_free(t);
}

enum assay_code tdx_extend(
	struct tdx *t, unsigned rtmr, const uint8_t digest[TDX_REGISTER], struct assay_err *e)
{
	uint8_t both[2 * TDX_REGISTER];

	if (rtmr >= TDX_RTMRS)
		return err_set(e, ASSAY_INTERNAL, "no RTMR%u", rtmr);
	memcpy(both, t->rtmr[rtmr], TDX_REGISTER);
	memcpy(both + TDX_REGISTER, digest, TDX_REGISTER);
	return tdx_digest(t, "SHA384", BYTES_OF(both), t->rtmr[rtmr], e);
}

const uint8_t *tdx_rtmr(const struct tdx *t, unsigned rtmr)
{
	return t->rtmr[rtmr];
}

const uint8_t *tdx_mrtd(const struct tdx *t)
{
	return t->guest.mrtd;
}

const uint8_t *tdx_fmspc(const struct tdx *t)
{
	return t->platform.fmspc;
}

void tdx_tcbm(const struct tdx *t, struct buf *out)
{
	for (size_t i = 0; i < TDX_COMPONENTS; i++)
		buf_printf(out, "%02X", t->platform.cpusvn[i]);
	buf_printf(out, "%02X%02X", t->platform.pcesvn & 0xff, t->platform.pcesvn >> 8);
}

void tdx_revoke_pck(struct tdx *t, bool revoked)
{
	t->pck_revoked = revoked;
}

static void put_u64(uint8_t *to, uint64_t v)
{
	for (size_t i = 0; i < 8; i++, v >>= 8)
		to[i] = (uint8_t)v;
}

/* The MAC covers the first structure; the hashes in it, the others. */
static enum assay_code mac_of(
	struct tdx *t, const uint8_t report[TDX_REPORT], uint8_t out[32], struct assay_err *e)
{
	unsigned n = 32;

	if (HMAC(EVP_sha256(), t->mac_key, sizeof(t->mac_key), report, REPORT_MAC, out, &n) ==
		NULL)
		return seed_fail(e, "the TDREPORT's MAC");
	return ASSAY_OK;
}

enum assay_code tdx_report(struct tdx *t, const uint8_t reportdata[TDX_REPORTDATA],
	uint8_t out[TDX_REPORT], struct assay_err *e)
{
	const struct tdx_guest *g             = &t->guest;
	uint8_t                 r[TDX_REPORT] = { REPORT_TYPE };

	memcpy(r + REPORT_CPUSVN, t->platform.cpusvn, TDX_COMPONENTS);
	memcpy(r + REPORT_DATA, reportdata, TDX_REPORTDATA);
	put_u64(r + REPORT_TCB, VALID);
	memcpy(r + REPORT_SVN, g->svn, sizeof(g->svn));
	memcpy(r + REPORT_MRSEAM, g->mrseam, TDX_REGISTER);
	memcpy(r + REPORT_SIGNER, g->signer, TDX_REGISTER);
	put_u64(r + REPORT_SEAM_ATTR, g->seam_attributes);
	memcpy(r + REPORT_SVN2, g->svn2, sizeof(g->svn2));
	put_u64(r + REPORT_ATTR, g->attributes);
	put_u64(r + REPORT_XFAM, g->xfam);
	memcpy(r + REPORT_MRTD, g->mrtd, TDX_REGISTER);
	memcpy(r + REPORT_RTMR, t->rtmr, sizeof(t->rtmr));
	memcpy(r + REPORT_SERVTD, g->service, TDX_REGISTER);
	TRY(tdx_digest(t, "SHA384",
		(struct bytes){ r + REPORT_TCB, REPORT_TCB_END - REPORT_TCB },
		r + REPORT_TCB_HASH, e));
	TRY(tdx_digest(t, "SHA384", (struct bytes){ r + REPORT_INFO, TDX_REPORT - REPORT_INFO },
		r + REPORT_INFO_HASH, e));
	TRY(mac_of(t, r, r + REPORT_MAC, e));
	memcpy(out, r, TDX_REPORT);
	return ASSAY_OK;
}

/* What SEAMOPS[SEAMVERIFYREPORT] does before the quoting enclave signs. */
enum assay_code tdx_own_report(
	struct tdx *t, const uint8_t report[TDX_REPORT], bool *own, struct assay_err *e)
{
	uint8_t mac[32], tcb[TDX_REGISTER], info[TDX_REGISTER];

	TRY(mac_of(t, report, mac, e));
	TRY(tdx_digest(t, "SHA384",
		(struct bytes){ report + REPORT_TCB, REPORT_TCB_END - REPORT_TCB }, tcb, e));
	TRY(tdx_digest(t, "SHA384",
		(struct bytes){ report + REPORT_INFO, TDX_REPORT - REPORT_INFO }, info, e));
	*own = memcmp(mac, report + REPORT_MAC, sizeof(mac)) == 0 &&
		memcmp(tcb, report + REPORT_TCB_HASH, sizeof(tcb)) == 0 &&
		memcmp(info, report + REPORT_INFO_HASH, sizeof(info)) == 0;
	return ASSAY_OK;
}
