/* SPDX-License-Identifier: Apache-2.0
 *
 * Is any certificate of a chain revoked? One OCSP answer a certificate, from the top down, so that each answer is
 * judged under issuers that were.
 *
 * Source: nvidia-evidence chapter 4. */
#include "base/show.h"
#include "base/utc.h"
#include "crypto/digest.h"
#include "verify/checks.h"
#include "verify/collateral.h"

/* A good answer is remembered under every byte that made it good: what is long by its digest, of body, certificate and
 * issuer. */
static enum assay_code memo_key(const struct verify_case *c, const struct chain *chain,
	size_t i, struct bytes request, const uint8_t body[SHA256_SIZE], uint8_t key[MEMO_KEY],
	struct assay_err *e)
{
	CLEANUP(buf_done) struct buf all = { 0 };
	int64_t                      age = c->ocsp_max_age;

	buf_put(&all, &age, sizeof(age));
	buf_put(&all, body, SHA256_SIZE);
	buf_put(&all, chain->sum[i], SHA256_SIZE);
	buf_put(&all, chain->sum[i + 1], SHA256_SIZE);
	buf_put(&all, request.p, request.n); /* last: all else has one size */
	TRY(buf_ok(&all, e));
	return digest(c->crypto->sha256, buf_bytes(&all), key, e);
}

bool revocation_known(const struct verify_case *c, const struct chain *chain, size_t i,
	const struct collateral *col, struct ocsp_fact *out)
{
	struct assay_err none = { 0 };
	uint8_t          body[SHA256_SIZE], key[MEMO_KEY];

	return digest(c->crypto->sha256, col->body, body, &none) == ASSAY_OK &&
		memo_key(c, chain, i, col->request, body, key, &none) == ASSAY_OK &&
		memo_ocsp_get(c->memo, key, c->now, out);
}

/* Answers about many devices have few signers. */
static bool pair_key(
	const struct verify_case *c, X509 *cert, X509 *issuer, uint8_t key[MEMO_KEY])
{
	CLEANUP(buf_done) struct buf all  = { 0 };
	struct assay_err             none = { 0 };
	size_t                       at;

	buf_text(&all, "issued:");
	at = all.n;
	if (cert_der(cert, &all, &none) != ASSAY_OK)
		return false;
	at = all.n - at;
	buf_put(&all, &at, sizeof(at)); /* where the first ends */
	return cert_der(issuer, &all, &none) == ASSAY_OK && buf_ok(&all, &none) == ASSAY_OK &&
		digest(c->crypto->sha256, buf_bytes(&all), key, &none) == ASSAY_OK;
}

static bool pair_held(void *ctx, X509 *cert, X509 *issuer)
{
	const struct verify_case *c = ctx;
	uint8_t                   key[MEMO_KEY];

	return pair_key(c, cert, issuer, key) && memo_held(c->memo, key, c->now);
}

static bool signer_key(const struct verify_case *c, struct bytes der, uint8_t key[MEMO_KEY])
{
	struct assay_err none = { 0 };

	return digest(c->crypto->sha256, der, key, &none) == ASSAY_OK;
}

/* The same bytes are the same certificate, whoever asks. */
static void keep_signer(const struct verify_case *c, X509 *cert)
{
	CLEANUP(buf_done) struct buf der   = { 0 };
	const struct chain           alone = { .cert = { cert }, .n = 1 }; /* lent */
	struct assay_err             none  = { 0 };
	struct chain                 known = { 0 };
	uint8_t                      key[MEMO_KEY];

	if (cert_der(cert, &der, &none) != ASSAY_OK || !signer_key(c, buf_bytes(&der), key))
		return;
	if (!memo_chain_get(c->memo, MEMO_SIGNER, key, c->now, &known))
		memo_chain_put(c->memo, MEMO_SIGNER, key, &alone, 0, &none);
	chain_done(&known);
}

static X509 *signer_known(void *ctx, struct bytes der)
{
	const struct verify_case *c     = ctx;
	struct chain              known = { 0 };
	uint8_t                   key[MEMO_KEY];

	return signer_key(c, der, key) &&
			memo_chain_get(c->memo, MEMO_SIGNER, key, c->now, &known)
		? known.cert[0]
		: NULL;
}

/* The dates are asked each time. */
static void pair_hold(void *ctx, X509 *cert, X509 *issuer)
{
	const struct verify_case *c = ctx;
	uint8_t                   key[MEMO_KEY];

	if (!pair_key(c, cert, issuer, key))
		return;
	memo_hold(c->memo, key, INT64_MIN, INT64_MAX);
	keep_signer(c, cert);
}

/* Do all answers of this chain carry the nonce of their request, and was it drawn for this verdict? Of what a bundle or a cache
 * brings the request is a file's word, and its nonce shows no freshness (nvidia-evidence 4.6). A claim, not a check. */
static bool *nonces(struct inquiry *q, const struct chain *chain)
{
	return chain == &q->d->chain ? &q->d->ocsp_nonce : &q->rim->ocsp_nonce;
}

static enum assay_code judge(struct inquiry *q, const struct chain *chain, size_t i,
	const struct collateral *col, bool *late, struct assay_err *e)
{
	struct verify_case      of_case = *q->c; /* which is const; a hook's ctx is not */
	const struct chain_memo memo    = { pair_held, pair_hold, signer_known, &of_case };
	struct ocsp_question    ask     = {
		       .chain   = chain,
		       .index   = i,
		       .request = col->request,
		       .now     = q->c->now,
		       .max_age = q->c->ocsp_max_age,
		       .memo    = &memo,
	};
	struct ocsp_fact fact = { 0 };
	uint8_t          body[SHA256_SIZE], key[MEMO_KEY];

	TRY(collateral_sum(&q->facts->shelf, q->c->crypto, q->c->evidence, col, body, e));
	TRY(memo_key(q->c, chain, i, col->request, body, key, e));
	if (!memo_ocsp_get(q->c->memo, key, q->c->now, &fact)) {
		if (ocsp_judge(q->c->crypto, &ask, col->body, &fact, e) != ASSAY_OK) {
			if (fact.reason != NULL)
				buf_text(&q->observed, fact.reason);
			/* what is revoked is so for good */
			*late = e->code == ASSAY_OCSP_STALE ||
				(e->code != ASSAY_OCSP_REVOKED && fact.this_update != 0 &&
					fact.valid_until < q->c->now);
			return e->code;
		}
		memo_ocsp_put(q->c->memo, key, &fact);
	}
	*nonces(q, chain) = *nonces(q, chain) && fact.nonce && col->asked;
	inquiry_until(q, fact.valid_until);
	return ASSAY_OK;
}

static enum assay_code certificate(
	struct inquiry *q, const struct chain *chain, size_t i, struct assay_err *e)
{
	const struct collateral *col;
	char                     want[OCSP_WANT];
	struct assay_err         full = { 0 };
	enum assay_code          code;
	bool                     late = false;

	TRY(ocsp_want(q->c->crypto, chain->cert[i], chain->cert[i + 1], want, e));
	TRY(collateral_ocsp(&q->facts->shelf, q->c->crypto, q->c->evidence, want,
		chain->cert[i], chain->cert[i + 1], &col, e));
	if (col == NULL) {
		TRY(inquiry_want(q, want, e));
		return inquiry_missing(q, want, ASSAY_OCSP_MISSING, "no OCSP answer", e);
	}
	code = judge(q, chain, i, col, &late, e);
	if (late && inquiry_want(q, want, &full) != ASSAY_OK) {
		*e = full;
		return full.code;
	}
	return code; /* where it is out of date a newer one is wanted */
}

/* Certificates from..to, downward; one finding for each that is not good. */
static enum assay_code revocation(struct inquiry *q, const struct chain *chain, size_t from,
	size_t to, struct assay_err *e)
{
	*nonces(q, chain) = true;
	for (size_t i = to + 1; i-- > from;) {
		struct assay_err why = { 0 };

		if (certificate(q, chain, i, &why) == ASSAY_OK)
			continue;
		err_wrap(&why, "certificate %zu, \"%s\"", i,
			SHOW(cert_subject(chain->cert[i], NID_commonName)));
		q->detail = DETAIL_CERTIFICATE;
		q->number = (unsigned)i;
		TRY(inquiry_note(q, CHECK_NONE, &why, false, e));
	}
	inquiry_say(q, "%zu of %zu certificates good", to - from + 1, to - from + 1);
	return ASSAY_OK;
}

/* The leaf is minted in the device, and the root is pinned: 1, 2 and 3 are asked for. */
enum assay_code ask_chain_revocation(struct inquiry *q, struct assay_err *e)
{
	return revocation(q, &q->d->chain, 1, DEVICE_CHAIN - 2, e);
}

enum assay_code ask_rim_revocation(struct inquiry *q, struct assay_err *e)
{
	return revocation(q, &q->rim->known->chain, 0, RIM_CERTIFICATES - 2, e);
}
