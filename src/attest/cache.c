/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/cache.h"

#include <stdio.h>

#include "base/hex.h"
#include "base/show.h"
#include "crypto/digest.h"
#include "crypto/ocsp.h"
#include "crypto/ocsp_answer.h"
#include "format/rim.h"
#include "verify/pcs.h"

#define WEEK         604800
#define SIGNER_CHAIN 2 /* of Intel's JSON: signer and root */

enum assay_code cache_key(const struct crypto *c, const struct trust *t, const char *want,
	char out[CACHE_KEY], struct assay_err *e)
{
	CLEANUP(buf_done) struct buf all = { 0 };
	uint8_t                      sum[SHA256_SIZE];

	buf_put(&all, t->device.der, sizeof(t->device.der));
	buf_put(&all, t->rim.der, sizeof(t->rim.der));
	buf_put(&all, t->sgx.der, sizeof(t->sgx.der));
	TRY(buf_ok(&all, e));
	TRY(digest(c->sha256, buf_bytes(&all), sum, e));
	snprintf(out, CACHE_KEY, "%.280s@%s", want, HEX(((struct bytes){ sum, 8 })));
	return ASSAY_OK;
}

enum assay_code cache_read(struct bytes value, struct evidence *out, struct assay_err *e)
{
	CLEANUP(evidence_done) struct evidence ev = { 0 };

	TRY(evidence_add(&ev, "the cache's entry", value, (struct bytes){ 0 }, e));
	if (ev.devices != 0 || ev.collaterals != 1 || ev.collateral[0].want.n == 0 ||
		ev.collateral[0].name.n != 0)
		return err_set(e, ASSAY_JSON_FIELD, "the cache's entry is not one piece");
	*out = ev;
	ev   = (struct evidence){ 0 };
	return ASSAY_OK;
}

enum assay_code cache_get(struct store *s, const struct crypto *c, const struct trust *t,
	const char *want, int64_t now, struct evidence *ev, bool *found, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf           value = { 0 };
	CLEANUP(evidence_done) struct evidence one   = { 0 };
	struct assay_err                       odd   = { 0 };
	char                                   key[CACHE_KEY];

	TRY(cache_key(c, t, want, key, e));
	TRY(store_get(s, CACHE_SPACE, key, now, &value, found, e));
	if (!*found)
		return ASSAY_OK;
	if (cache_read(buf_bytes(&value), &one, &odd) != ASSAY_OK ||
		!bytes_equal(one.collateral[0].want, bytes_text(want))) {
		*found = false;
		return ASSAY_OK;
	}
	return evidence_add_piece(ev, &one.collateral[0], e);
}

enum assay_code cache_put(struct store *s, const struct crypto *c, const struct trust *t,
	const struct collateral *piece, int64_t ends, int64_t now, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf value = { 0 };
	CLEANUP(mem_done) char      *want  = mem_text(piece->want);
	struct collateral            one   = *piece;
	const struct evidence        ev    = { .collateral = &one, .collaterals = 1 };
	char                         key[CACHE_KEY];

	if (want == NULL)
		return err_no_memory(e);
	TRY(cache_key(c, t, want, key, e));
	TRY(evidence_write(&ev, &value, e));
	return store_put(s, CACHE_SPACE, key, buf_bytes(&value), ends, now, e);
}

enum assay_code cache_drop(struct store *s, const struct crypto *c, const struct trust *t,
	const char *want, struct assay_err *e)
{
	char key[CACHE_KEY];

	TRY(cache_key(c, t, want, key, e));
	return store_drop(s, CACHE_SPACE, key, e);
}

/* ---- pieces that nobody has verified ---- */

static enum assay_code rim_ends(const struct crypto *c, const struct collateral *piece,
	int64_t now, int64_t *ends, struct assay_err *e)
{
	CLEANUP(rim_done) struct rim rim = { 0 };

	TRY(rim_parse(piece->body, &rim, e));
	*ends = now + WEEK;
	for (size_t i = 0; i < rim.certificates; i++) {
		AUTO(X509) *cert = NULL;
		int64_t     from, until;

		TRY(cert_parse(c, buf_bytes(&rim.certificate[i]), &cert, e));
		TRY(cert_validity(cert, &from, &until, e));
		if (until < *ends)
			*ends = until;
	}
	return ASSAY_OK;
}

/* The want ends in the serial number; its hash of a key is not to be had from an answer. */
static bool names(const struct collateral *piece, const struct ocsp_single *s)
{
	const char *serial = s->id.serial.n <= HEX_MAX ? HEX(s->id.serial) : "";
	size_t      n      = strlen(serial);

	return n > 0 && piece->want.n > n + 1 && piece->want.p[piece->want.n - n - 1] == ':' &&
		memcmp(piece->want.p + piece->want.n - n, serial, n) == 0;
}

static enum assay_code answer_ends(
	const struct collateral *piece, int64_t *ends, struct assay_err *e)
{
	struct ocsp_answer a;
	struct ocsp_single s = { 0 };
	struct rd          r;

	if (piece->body.n > OCSP_BODY)
		return err_set(
			e, ASSAY_OCSP_PARSE, "an OCSP answer of %zu bytes", piece->body.n);
	TRY(ocsp_answer_parse(piece->body, &a, e));
	if (a.status != 0)
		return err_set(e, ASSAY_OCSP_ERROR, "an OCSP answer without a status");
	r = (struct rd){ .in = a.singles };
	TRY(ocsp_single_next(&r, &s, e));
	if (rd_left(&r) > 0 || !names(piece, &s))
		return err_set(e, ASSAY_OCSP_MATCH,
			"the OCSP answer is not about the certificate that its want names");
	if (s.status != OCSP_IS_GOOD)
		return err_set(e, ASSAY_OCSP_ERROR, "an OCSP answer that is not good");
	*ends = s.this_update + (s.next_update != 0 ? OCSP_MAX_AGE : OCSP_BLIND_AGE);
	if (s.next_update != 0 && s.next_update < *ends)
		*ends = s.next_update;
	return ASSAY_OK;
}

static enum assay_code tcb_info_ends(
	struct bytes body, struct bytes fmspc, int64_t *ends, struct assay_err *e)
{
	CLEANUP(tcb_info_done) struct tcb_info t = { 0 };
	struct tcb_envelope                    v;

	TRY(tcb_envelope(body, TCB_INFO_NAME, &v, e));
	TRY(tcb_info_parse(v.signed_text, &t, e));
	if (!bytes_equal(fmspc, bytes_text(HEX(BYTES_OF(t.fmspc)))))
		return err_set(e, ASSAY_JSON_FMSPC,
			"TCB info of %s, not of the FMSPC that its want names",
			HEX(BYTES_OF(t.fmspc)));
	*ends = t.next;
	return ASSAY_OK;
}

static enum assay_code identity_ends(struct bytes body, int64_t *ends, struct assay_err *e)
{
	CLEANUP(qe_identity_done) struct qe_identity q = { 0 };
	struct tcb_envelope                          v;

	TRY(tcb_envelope(body, QE_IDENTITY_NAME, &v, e));
	TRY(qe_identity_parse(v.signed_text, &q, e));
	*ends = q.next;
	return ASSAY_OK;
}

static enum assay_code crl_ends(struct bytes body, int64_t *ends, struct assay_err *e)
{
	struct crl crl;

	TRY(crl_parse(body, &crl, e));
	*ends = crl.next_update;
	return ASSAY_OK;
}

/* Of a signer's chain: the first that ends. */
static enum assay_code signer_ends(
	const struct crypto *c, struct bytes pem, int64_t *ends, struct assay_err *e)
{
	CLEANUP(chain_ders_done) struct buf der[CHAIN_MAX] = { 0 };

	TRY(chain_split(pem, SIGNER_CHAIN, der, e));
	*ends = INT64_MAX;
	for (size_t i = 0; i < SIGNER_CHAIN; i++) {
		AUTO(X509) *cert = NULL;
		int64_t     from, until;

		TRY(cert_parse(c, buf_bytes(&der[i]), &cert, e));
		TRY(cert_validity(cert, &from, &until, e));
		if (until < *ends)
			*ends = until;
	}
	return ASSAY_OK;
}

/* Intel's: a month, and a year for the root's list. */
static enum assay_code pcs_ends(const struct crypto *c, const struct collateral *piece,
	int64_t *ends, struct assay_err *e)
{
	const struct bytes want = piece->want, tcb = BYTES(PCS_WANT_TCB_INFO);

	if (bytes_begin(want, tcb))
		return tcb_info_ends(
			piece->body, (struct bytes){ want.p + tcb.n, want.n - tcb.n }, ends, e);
	if (bytes_equal(want, BYTES(PCS_WANT_IDENTITY)))
		return identity_ends(piece->body, ends, e);
	if (bytes_begin(want, BYTES(PCS_TCB_CHAIN)) ||
		bytes_equal(want, BYTES(PCS_IDENTITY_CHAIN)))
		return signer_ends(c, piece->body, ends, e);
	if (bytes_begin(want, BYTES(PCS_WANT_PCK_CRL)) ||
		bytes_equal(want, BYTES(PCS_WANT_ROOT_CRL)))
		return crl_ends(piece->body, ends, e);
	return err_set(
		e, ASSAY_INPUT_KIND, "\"%s\" is nothing that PCS has", SHOW(piece->want));
}

enum assay_code cache_ends(const struct crypto *c, const struct collateral *piece, int64_t now,
	int64_t *ends, struct assay_err *e)
{
	if (bytes_begin(piece->want, BYTES("rim:")))
		return rim_ends(c, piece, now, ends, e);
	if (bytes_begin(piece->want, BYTES("ocsp:"))) {
		TRY(answer_ends(piece, ends, e));
		*ends = *ends < now + OCSP_MAX_AGE ? *ends : now + OCSP_MAX_AGE;
		return ASSAY_OK;
	}
	if (bytes_begin(piece->want, BYTES("pcs:")))
		return pcs_ends(c, piece, ends, e);
	return err_set(e, ASSAY_INPUT_KIND, "\"%s\" is nothing that the cache keeps",
		SHOW(piece->want));
}
