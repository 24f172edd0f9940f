/* SPDX-License-Identifier: Apache-2.0 */
#include "appraise/mint.h"

#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include "base/base64.h"
#include "base/hex.h"
#include "crypto/digest.h"

struct mint mint;

void mint_pem(EVP_PKEY *key, struct buf *out)
{
	BIO  *bio = BIO_new(BIO_s_mem());
	char *p;
	long  n;

	assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
	n = BIO_get_mem_data(bio, &p);
	buf_put(out, p, (size_t)n);
	BIO_free(bio);
}

void mint_coordinate(EVP_PKEY *key, bool x, struct buf *out)
{
	BIGNUM *v = NULL;
	uint8_t bytes[48];

	assert_int_equal(EVP_PKEY_get_bn_param(key,
				 x ? OSSL_PKEY_PARAM_EC_PUB_X : OSSL_PKEY_PARAM_EC_PUB_Y, &v),
		1);
	assert_int_equal(BN_bn2binpad(v, bytes, sizeof(bytes)), sizeof(bytes));
	BN_free(v);
	base64url_encode(BYTES_OF(bytes), out);
}

void mint_open(const struct crypto *c)
{
	static const char *const kids[] = { "one", "two" };
	struct assay_err         e      = { 0 };

	mint = (struct mint){ 0 };
	buf_text(&mint.set, "{\"keys\":[");
	for (size_t i = 0; i < 2; i++) {
		mint.key[i] = EVP_EC_gen("P-384");
		assert_non_null(mint.key[i]);
		buf_printf(&mint.set, "%s{\"kty\":\"EC\",\"crv\":\"P-384\",\"kid\":\"%s\"",
			i == 0 ? "" : ",", kids[i]);
		buf_text(&mint.set, ",\"x\":\"");
		mint_coordinate(mint.key[i], true, &mint.set);
		buf_text(&mint.set, "\",\"y\":\"");
		mint_coordinate(mint.key[i], false, &mint.set);
		buf_text(&mint.set, "\"}");
	}
	buf_text(&mint.set, "]}");
	mint_pem(mint.key[0], &mint.pem);
	test_must(jws_keys_pem(c, buf_bytes(&mint.pem), &mint.keys, &e), &e);
}

void mint_done(void)
{
	EVP_PKEY_free(mint.key[0]);
	EVP_PKEY_free(mint.key[1]);
	buf_done(&mint.pem);
	buf_done(&mint.set);
	jws_keys_done(&mint.keys);
}

enum assay_code mint_sign(
	void *ctx, struct bytes message, uint8_t rs[SIG_P384], struct assay_err *e)
{
	EVP_MD_CTX          *md = EVP_MD_CTX_new();
	uint8_t              der[128];
	const unsigned char *at = der;
	size_t               n  = sizeof(der);
	ECDSA_SIG           *sig;

	(void)ctx;
	(void)e;
	assert_int_equal(
		EVP_DigestSignInit(md, NULL, EVP_sha384(), NULL, mint.key[mint.who]), 1);
	assert_int_equal(EVP_DigestSign(md, der, &n, message.p, message.n), 1);
	sig = d2i_ECDSA_SIG(NULL, &at, (long)n);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(sig), rs, 48), 48);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(sig), rs + 48, 48), 48);
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(md);
	return ASSAY_OK;
}

struct claims_ask mint_claims(const struct court *t, unsigned version)
{
	return (struct claims_ask){
		.facts        = &t->facts,
		.verdict      = t->verdict,
		.at           = t->now,
		.test_anchors = t->trust.test,
		.nonce        = t->nonce_given ? t->nonce : NULL,
		.version      = version,
	};
}

json_t *mint_token(const struct court *t, unsigned version, bool unsigned_)
{
	struct claims_ask ask    = mint_claims(t, version);
	struct jws_signer signer = { .kid = mint.kid, .sign = mint_sign };
	struct token_spec spec   = {
		  .claims = &ask,
		  .iss    = TOKEN_ISS,
		  .seed   = { 1, 2, 3 },
		  .signer = unsigned_ ? NULL : &signer,
	};
	struct assay_err e   = { 0 };
	json_t          *out = NULL;

	test_must(token_make(&t->crypto, &spec, &out, &e), &e);
	return out;
}

json_t *mint_jws(const json_t *claims, enum jws_alg alg, const char *secret)
{
	CLEANUP(buf_done) struct buf text = { 0 }, input = { 0 };
	struct jws_signer            signer = { .kid = mint.kid, .sign = mint_sign };
	struct assay_err             e      = { 0 };
	const char                  *payload, *dot;
	uint8_t                      mac[32];
	unsigned                     n = 0;

	test_must(jws_write(claims, alg == JWS_ES384 ? &signer : NULL, &text, &e), &e);
	if (alg != JWS_HS256)
		return json_stringn((const char *)text.p, text.n);
	payload = strchr(buf_cstr(&text), '.');
	dot     = strchr(payload + 1, '.');
	base64url_encode(BYTES("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"), &input);
	buf_put(&input, payload, (size_t)(dot - payload));
	assert_non_null(
		HMAC(EVP_sha256(), secret, (int)strlen(secret), input.p, input.n, mac, &n));
	buf_text(&input, ".");
	base64url_encode(BYTES_OF(mac), &input);
	return json_stringn((const char *)input.p, input.n);
}

static json_t *where(const json_t *array, const char *label)
{
	return label == NULL ? json_array_get(json_array_get(array, 0), 1)
			     : json_object_get(json_array_get(array, 1), label);
}

json_t *mint_take(const json_t *array, const char *label)
{
	CLEANUP(jws_done) struct jws j = { 0 };
	struct assay_err             e = { 0 };
	const char                  *s = json_string_value(where(array, label));

	test_must(jws_parse(bytes_text(s), &j, &e), &e);
	return json_deep_copy(j.claims);
}

static void set(json_t *array, const char *label, json_t *jws)
{
	if (label == NULL)
		json_array_set_new(json_array_get(array, 0), 1, jws);
	else
		json_object_set_new(json_array_get(array, 1), label, jws);
}

void mint_put(json_t *array, const char *label, const json_t *claims)
{
	set(array, label, mint_jws(claims, JWS_ES384, NULL));
}

void mint_bind(json_t *array, const char *label)
{
	json_t          *all = mint_take(array, NULL);
	uint8_t          sum[SHA256_SIZE];
	struct assay_err e = { 0 };

	test_must(digest(EVP_sha256(), bytes_text(json_string_value(where(array, label))), sum,
			  &e),
		&e);
	json_object_set_new(json_object_get(all, "submods"), label,
		json_pack("[s, [s, o]]", "DIGEST", "SHA-256", json_hex(BYTES_OF(sum))));
	mint_put(array, NULL, all);
	json_decref(all);
}

void mint_text(const json_t *token, struct buf *out)
{
	char *text = json_dumps(token, JSON_COMPACT);

	assert_non_null(text);
	buf_text(out, text);
	free(text);
}
