/* SPDX-License-Identifier: Apache-2.0
 *
 * Compact JSON Web Signatures, as attestation tokens use them: ES384 alone is a signature here. "none", and HS256, whose
 * keys are public constants in the tools that write it, are read and never verified: such a token is a container.
 *
 * The algorithm that may verify is fixed: a token's header chooses nothing. Keys in a header (jwk, jku, x5c) are not
 * looked at.
 *
 * Source: RFC 7515, RFC 7518 3.4; nvidia-claims-and-services 1, 2 and 6.3. */
#ifndef CRYPTO_JWS_H
#define CRYPTO_JWS_H

#include "base/json.h"
#include "crypto/sig.h"

#define JWS_MAX     (128 * 1024) /* characters; 64 mismatch records make 30,000 */
#define JWS_KID     256          /* characters; NVIDIA's have 72 */
#define JWS_KEYS    128          /* of one set; NVIDIA's has 32 */
#define JWS_SET_MAX (512 * 1024) /* bytes; NVIDIA's has 81 KB */

enum jws_alg { JWS_NONE, JWS_HS256, JWS_ES384, JWS_ALGS };

struct jws {
	struct bytes text;  /* the whole; lent */
	struct bytes input; /* what is signed: header, dot, payload; lent */
	enum jws_alg alg;
	char         kid[JWS_KID + 1]; /* "": none; as it came, not printable */
	json_t      *claims;           /* an object; owned */
	struct buf   payload, signature;
};

/* Exactly three parts, base64url without padding, header and payload one JSON object each with every name once, an
 * algorithm of the list, no "crit", a signature of the algorithm's size. ASSAY_TOKEN_PARSE. */
enum assay_code jws_parse(struct bytes text, struct jws *out, struct assay_err *e);
void            jws_done(struct jws *j);

const char *jws_alg_name(enum jws_alg alg); /* "ES384" */

/* The public constant that this HS256 token is made with, "secret" or "notasecret"; NULL when with neither. */
const char *jws_constant(const struct crypto *c, const struct jws *j);

/* Who may sign. One key of a PEM file signs whatever kid a token names; of a set, the key with that very kid. */
struct jws_key {
	char      kid[JWS_KID + 1];
	EVP_PKEY *key;
};

struct jws_keys { /* { 0 } is empty */
	struct jws_key *list;
	size_t          n;
	bool            any_kid;
};

/* A public key on P-384, PEM ("BEGIN PUBLIC KEY"). ASSAY_TOKEN_KEY. */
enum assay_code jws_keys_pem(
	const struct crypto *c, struct bytes pem, struct jws_keys *out, struct assay_err *e);

/* A JWK set (RFC 7517): entries of other types, curves, uses and algorithms are passed over; one on P-384 has a kid, and x and y or x5c;
 * where both are there they are one key. ASSAY_TOKEN_KEY. */
enum assay_code jws_keys_set(
	const struct crypto *c, struct bytes json, struct jws_keys *out, struct assay_err *e);
void jws_keys_done(struct jws_keys *k);

/* ASSAY_TOKEN_UNAUTHENTICATED for what is not ES384, whatever the keys are; ASSAY_TOKEN_SIGNATURE. */
enum assay_code jws_verify(const struct crypto *c, const struct jws *j,
	const struct jws_keys *keys, struct assay_err *e);

/* A signature needs chance, and a private key: both stay at the edge. */
struct jws_signer {
	void       *ctx;
	const char *kid; /* NULL: none */
	/* ECDSA P-384 with SHA-384, raw r and s */
	enum assay_code (*sign)(
		void *ctx, struct bytes message, uint8_t rs[SIG_P384], struct assay_err *e);
};

/* Claims to a compact JWS, appended; signer NULL: algorithm "none". The payload is compact ASCII without '>', '?' and
 * '~', so that its text has neither '-' nor '_': there is a reader that takes the standard alphabet. */
enum assay_code jws_write(const json_t *claims, const struct jws_signer *signer,
	struct buf *out, struct assay_err *e);

#endif
