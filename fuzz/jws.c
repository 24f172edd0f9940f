/* SPDX-License-Identifier: Apache-2.0
 *
 * A token that parses has three parts that are its text, an algorithm of the list with a signature of its size, and claims
 * that written and read again are the same; and it is verified by no key that it brings along. The first byte says
 * whether the rest is a token or a key set. */
#include "fuzz.h"

#include "crypto/jws.h"

static struct crypto *crypto(void)
{
	static struct crypto c;
	struct assay_err     e = { 0 };

	if (c.lib == NULL)
		HOLDS(crypto_open(&c, &e) == ASSAY_OK);
	return &c;
}

static void check_token(const struct jws *j, struct bytes text)
{
	static const size_t sizes[] = { [JWS_NONE] = 0, [JWS_HS256] = 32, [JWS_ES384] = 96 };
	CLEANUP(buf_done) struct buf again = { 0 };
	CLEANUP(jws_done) struct jws k     = { 0 };
	struct jws_keys              none  = { 0 };
	struct assay_err             e     = { 0 };

	HOLDS(inside(j->input, text) && j->text.p == text.p && j->text.n == text.n);
	HOLDS(j->alg < JWS_ALGS && j->signature.n == sizes[j->alg]);
	HOLDS(json_is_object(j->claims));
	HOLDS(jws_verify(crypto(), j, &none, &e) == ASSAY_TOKEN_UNAUTHENTICATED);
	if (jws_write(j->claims, NULL, &again, &e) != ASSAY_OK)
		return; /* longer than any, once it is escaped */
	HOLDS(jws_parse(buf_bytes(&again), &k, &e) == ASSAY_OK);
	HOLDS(k.alg == JWS_NONE && json_equal(j->claims, k.claims));
}

static void check_set(struct bytes text)
{
	CLEANUP(jws_keys_done) struct jws_keys k = { 0 };
	struct assay_err                       e = { 0 };

	if (jws_keys_set(crypto(), text, &k, &e) != ASSAY_OK) {
		HOLDS(k.n == 0 && assay_err_text(&e)[0] != 0);
		return;
	}
	HOLDS(k.n > 0 && k.n <= JWS_KEYS && !k.any_kid);
	for (size_t i = 0; i < k.n; i++)
		HOLDS(k.list[i].kid[0] != 0 && sig_key_is_p384(k.list[i].key));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(jws_done) struct jws j = { 0 };
	struct assay_err             e = { 0 };
	struct bytes                 text;

	if (size == 0)
		return 0;
	text = (struct bytes){ data + 1, size - 1 };
	if (data[0] == 'k') {
		check_set(text);
	} else if (jws_parse(text, &j, &e) == ASSAY_OK) {
		check_token(&j, text);
	} else {
		HOLDS(e.code == ASSAY_TOKEN_PARSE && assay_err_text(&e)[0] != 0);
		HOLDS(j.claims == NULL && j.payload.p == NULL);
	}
	return 0;
}
