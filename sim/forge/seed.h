/* SPDX-License-Identifier: Apache-2.0
 *
 * All chance in the forge: bytes, keys and signatures from a seed and the name of what they are for.
 *
 * Same seed, same bytes, whatever was made before: each name has its own stream, SHAKE256(seed, name). A key is a
 * scalar cut from its stream. A signature is OpenSSL's own ECDSA; its nonce comes from the private DRBG of a library
 * context of our own, which is TEST-RAND, loaded before each signature with the stream of that signature. No DRBG
 * proper stands in between, so nothing is mixed in from clock, process id or reseed counters. */
#ifndef FORGE_SEED_H
#define FORGE_SEED_H

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/types.h>

#include "base/buf.h"

#define SEED_NAME 192 /* bytes of a name, with its NUL */
#define SEED_RAW  96  /* an ECDSA P-384 signature, r then s; one of P-256 takes the first 64 */

struct seed {
	OSSL_LIB_CTX *lib;
	EVP_MD       *shake;
	EC_GROUP     *p384, *p256;
	EVP_RAND_CTX *rand; /* lib's private one, borrowed */
	struct buf    text;
};

enum assay_code seed_open(struct bytes text, struct seed *s, struct assay_err *e);
void            seed_done(struct seed *s);

/* n bytes of the stream of that name. */
enum assay_code seed_bytes(
	const struct seed *s, const char *name, uint8_t *out, size_t n, struct assay_err *e);

/* Load the randomness of what OpenSSL does next. */
enum assay_code seed_arm(const struct seed *s, const char *name, struct assay_err *e);

/* The P-384 key of that name, and the P-256 one, as Intel's are; the RSA key is for re-signed documents only. *out is
 * the caller's. */
enum assay_code seed_key(
	const struct seed *s, const char *name, EVP_PKEY **out, struct assay_err *e);
enum assay_code seed_key256(
	const struct seed *s, const char *name, EVP_PKEY **out, struct assay_err *e);
enum assay_code seed_rsa(
	const struct seed *s, const char *name, EVP_PKEY **out, struct assay_err *e);

/* The digest that goes with a key: SHA-256 with P-256, else SHA-384. */
const EVP_MD *seed_md(const EVP_PKEY *key);

/* A signature of message as DER; seed_sign_raw() as r and s, each of the size of the key's curve. */
enum assay_code seed_sign(const struct seed *s, EVP_PKEY *key, const char *name,
	struct bytes message, struct buf *der, struct assay_err *e);
enum assay_code seed_sign_raw(const struct seed *s, EVP_PKEY *key, const char *name,
	struct bytes message, uint8_t raw[SEED_RAW], struct assay_err *e);

/* SHA-1, SHA-256 or SHA-384 of in; out has room for it. */
enum assay_code seed_digest(const struct seed *s, const char *algorithm, struct bytes in,
	uint8_t *out, struct assay_err *e);

/* ASSAY_INTERNAL with what failed and OpenSSL's last word on it. */
enum assay_code seed_fail(struct assay_err *e, const char *what);

/* A name in an expression; lives as long as the block it stands in. */
__attribute__((format(printf, 2, 3))) const char *seed_name(
	char out[SEED_NAME], const char *fmt, ...);
#define NAME(...) seed_name((char[SEED_NAME]){ 0 }, __VA_ARGS__)

#endif
