/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens for tests: keys of its own, tokens of the court's last judgement, and a tool to take them apart and put them
 * together again, signed or not, as an attacker would. */
#ifndef TESTS_MINT_H
#define TESTS_MINT_H

#include "appraise/token.h"
#include "verify/court.h"

struct mint {
	EVP_PKEY       *key[2]; /* the issuer's, and somebody else's */
	struct buf      pem;    /* of the issuer's public key */
	struct buf      set;    /* JWK set with both: kid "one" and "two" */
	struct jws_keys keys;   /* of pem */
	unsigned        who;    /* whose key signs */
	const char     *kid;
};

extern struct mint mint;

void mint_open(const struct crypto *c);
void mint_done(void);

/* A public key as PEM; one of its coordinates as a JWK has it. Appended. */
void mint_pem(EVP_PKEY *key, struct buf *out);
void mint_coordinate(EVP_PKEY *key, bool x, struct buf *out);

/* Signs with key mint.who. */
enum assay_code mint_sign(
	void *ctx, struct bytes message, uint8_t rs[SIG_P384], struct assay_err *e);

/* The claims of the court's last judgement. */
struct claims_ask mint_claims(const struct court *t, unsigned version);

/* The token of it; not signed at all when unsigned_. */
json_t *mint_token(const struct court *t, unsigned version, bool unsigned_);

/* One compact JWS by any algorithm; secret: of HS256. */
json_t *mint_jws(const json_t *claims, enum jws_alg alg, const char *secret);

/* Of an array: the claims of a device, or of all when label is NULL, the caller's. And back, and the overall token's
 * digest made to fit. */
json_t *mint_take(const json_t *array, const char *label);
void    mint_put(json_t *array, const char *label, const json_t *claims);
void    mint_bind(json_t *array, const char *label);

void mint_text(const json_t *token, struct buf *out);

#endif
