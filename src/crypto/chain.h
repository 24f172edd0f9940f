/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificate chains, leaf first, root last, exactly as long as their profile says, to one pinned root.
 *
 * Source: nvidia-evidence 3.1 to 3.3 and 5.5; RFC 5280 by X509_verify_cert in strict mode. */
#ifndef CRYPTO_CHAIN_H
#define CRYPTO_CHAIN_H

#include "crypto/cert.h"

#define CHAIN_MAX 5

/* A pinned root: the SHA-256 of its DER, and of its SubjectPublicKeyInfo beside it. A root with that digest is the
 * pinned one, whoever sent it. */
struct anchor {
	const char *name;
	uint8_t     der[32];
	uint8_t     spki[32];
};

struct chain {
	X509   *cert[CHAIN_MAX];
	uint8_t sum[CHAIN_MAX][32]; /* SHA-256 of its DER */
	size_t  n;
	int64_t not_before; /* the latest of all */
	int64_t not_after;  /* the earliest of all */
};

/* Exactly want certificates of PEM text, as DER. ASSAY_INPUT_PEM, ASSAY_INPUT_BASE64, ASSAY_CERT_COUNT. The caller
 * releases them, also after a failure: CLEANUP(chain_ders_done) struct buf der[CHAIN_MAX] = { 0 }; */
enum assay_code chain_split(
	struct bytes pem, size_t want, struct buf der[CHAIN_MAX], struct assay_err *e);
void chain_ders_done(struct buf (*der)[CHAIN_MAX]);

/* The same, parsed; ASSAY_CERT_PARSE. */
enum assay_code chain_parse(const struct crypto *c, struct bytes pem, size_t want,
	struct chain *out, struct assay_err *e);

/* One more certificate from DER behind those that are there; then chain_window(). */
enum assay_code chain_append(
	const struct crypto *c, struct bytes der, struct chain *chain, struct assay_err *e);
enum assay_code chain_window(struct chain *chain, struct assay_err *e);

/* Path validation at now: the last certificate is the pinned root, every signature holds, validity at both ends,
 * basicConstraints and keyUsage as RFC 5280 wants them, all keys P-384, all signatures ecdsa-with-SHA384, and the path
 * is the certificates in the order sent. known: the upper certificates from index known on were validated before (see
 * verify/memo.h): the path ends at cert[known], whose window the caller has checked; 0: nothing is known.
 * ASSAY_CHAIN_ROOT, ASSAY_CERT_EXPIRED, ASSAY_CERT_NOT_YET, ASSAY_CERT_PROFILE, ASSAY_CHAIN_PATH. */
enum assay_code chain_verify(const struct crypto *c, const struct chain *chain,
	const struct anchor *anchor, int64_t now, size_t known, struct assay_err *e);

/* The same for chains of P-256 keys and ecdsa-with-SHA256. */
enum assay_code chain_verify_p256(const struct crypto *c, const struct chain *chain,
	const struct anchor *anchor, int64_t now, size_t known, struct assay_err *e);

/* Who remembers that a pair's signature held; the certificates are compared byte by byte. known gives the certificate of
 * these bytes, the caller's, where it was parsed for a pair that held: parsing costs a fifth of a verification. */
struct chain_memo {
	bool (*held)(void *ctx, X509 *cert, X509 *issuer);
	void (*hold)(void *ctx, X509 *cert, X509 *issuer);
	X509 *(*known)(void *ctx, struct bytes der); /* NULL: it is not */
	void *ctx;
};

/* Is cert issued by issuer itself, with both valid at now? RFC 5280 in strict mode; the issuer is taken as it is. Whose
 * algorithms and purposes the certificate has is the caller's to check. memo: NULL, or who knows all but the dates.
 * ASSAY_CERT_EXPIRED, ASSAY_CERT_NOT_YET, ASSAY_CHAIN_PATH. */
enum assay_code chain_issued(const struct crypto *c, X509 *cert, X509 *issuer, int64_t now,
	const struct chain_memo *memo, struct assay_err *e);

/* The window of validity alone, for a chain validated before. ASSAY_CERT_EXPIRED, ASSAY_CERT_NOT_YET. */
enum assay_code chain_valid_at(const struct chain *chain, int64_t now, struct assay_err *e);

void chain_done(struct chain *chain);

#endif
