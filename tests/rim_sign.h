/* SPDX-License-Identifier: Apache-2.0
 *
 * What an attacker has: keys, certificates of the right names and forms, and a tool that signs whatever it is given. */
#ifndef TESTS_RIM_SIGN_H
#define TESTS_RIM_SIGN_H

#include "crypto/chain.h"
#include "test.h"

enum rim_key {
	RIM_KEY_SIGNER, /* P-384, certified */
	RIM_KEY_OTHER,  /* P-384, certified by nobody */
	RIM_KEY_P256,
	RIM_KEY_RSA,
	RIM_KEY_HMAC, /* the signer's certificate as the secret, which everybody knows */
	RIM_KEYS
};

struct rim_signer {
	EVP_PKEY     *key[RIM_KEYS]; /* none for HMAC */
	struct chain  chain;         /* the signer's, to a root of its own */
	struct buf    base64[4];
	struct anchor anchor;
};

void rim_signer_open(const struct crypto *c, struct rim_signer *out);
void rim_signer_done(struct rim_signer *s);

/* Fills digests and values of every Signature in text, with whatever algorithms and references it names. The test fails
 * when that cannot be done. */
void rim_sign(const struct rim_signer *s, enum rim_key key, struct buf *text);

/* Does the signature hold for a verifier that takes all that xmlsec offers: with that key, or, with key_info, with the
 * key that KeyInfo carries? */
bool rim_sign_lax(
	const struct rim_signer *s, enum rim_key key, bool key_info, struct bytes text);

#endif
