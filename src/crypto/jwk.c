/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys that tokens are verified with: a PEM file, or a JWK set.
 *
 * Source: RFC 7517, RFC 7518 6.2; nvidia-claims-and-services 6.3. */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/base64.h"
#include "base/show.h"
#include "crypto/cert.h"
#include "crypto/jws.h"

#define COORDINATE 48 /* bytes, on P-384 */

AUTO_PTR(EVP_PKEY, EVP_PKEY_free)
AUTO_PTR(EVP_PKEY_CTX, EVP_PKEY_CTX_free)
AUTO_PTR(BIO, BIO_free)

void jws_keys_done(struct jws_keys *k)
{
	for (size_t i = 0; i < k->n; i++)
		EVP_PKEY_free(k->list[i].key);
	mem_free(k->list);
	*k = (struct jws_keys){ 0 };
}

enum assay_code jws_keys_pem(
	const struct crypto *c, struct bytes pem, struct jws_keys *out, struct assay_err *e)
{
	AUTO(BIO)      *bio = pem.n > JWS_SET_MAX ? NULL : BIO_new_mem_buf(pem.p, (int)pem.n);
	AUTO(EVP_PKEY) *key = bio == NULL
		? NULL
		: PEM_read_bio_PUBKEY_ex(bio, NULL, NULL, NULL, c->lib, NULL);
	struct jws_keys k   = { .n = 1, .any_kid = true };

	ERR_clear_error();
	if (key == NULL)
		return err_set(e, ASSAY_TOKEN_KEY, "no public key in PEM");
	if (!sig_key_is_p384(key))
		return err_set(e, ASSAY_TOKEN_KEY, "the key is not on P-384");
	k.list = mem_new(1, sizeof(*k.list));
	if (k.list == NULL)
		return err_no_memory(e);
	k.list[0].key = TAKE(key);
	*out          = k;
	return ASSAY_OK;
}

static EVP_PKEY *from_point(const struct crypto *c, const uint8_t *point, size_t n)
{
	AUTO(EVP_PKEY_CTX) *ctx     = EVP_PKEY_CTX_new_from_name(c->lib, "EC", NULL);
	EVP_PKEY           *key     = NULL;
	char                group[] = "secp384r1";
	uint8_t             copy[1 + 2 * COORDINATE];
	OSSL_PARAM          params[] = {
			 OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
			 OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy, n),
			 OSSL_PARAM_construct_end(),
	};

	memcpy(copy, point, n);
	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	ERR_clear_error();
	return key;
}

/* x and y; NULL when they are no point of the curve. */
static enum assay_code from_coordinates(
	const struct crypto *c, const json_t *entry, EVP_PKEY **out, struct assay_err *e)
{
	static const char *const     names[] = { "x", "y" };
	CLEANUP(buf_done) struct buf point   = { 0 };
	struct assay_err             why     = { 0 };

	buf_byte(&point, 4); /* not compressed */
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *text = json_string_value(json_object_get(entry, names[i]));

		if (text == NULL ||
			base64url_decode(bytes_text(text), &point, &why) != ASSAY_OK ||
			point.n != 1 + (i + 1) * COORDINATE)
			return err_set(e, ASSAY_TOKEN_KEY, "\"%s\" is no coordinate on P-384",
				names[i]);
	}
	*out = from_point(c, point.p, point.n);
	if (*out == NULL)
		return err_set(e, ASSAY_TOKEN_KEY, "x and y are no point of P-384");
	return ASSAY_OK;
}

/* The key of the first certificate; who issued that is not asked. */
static enum assay_code from_certificate(
	const struct crypto *c, const json_t *x5c, EVP_PKEY **out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf der  = { 0 };
	AUTO(X509)                  *cert = NULL;
	struct assay_err             why  = { 0 };
	const char                  *text = json_string_value(json_array_get(x5c, 0));

	if (text == NULL || strlen(text) > 2 * CERT_MAX ||
		base64_decode(bytes_text(text), false, &der, &why) != ASSAY_OK ||
		cert_parse(c, buf_bytes(&der), &cert, &why) != ASSAY_OK)
		return err_set(e, ASSAY_TOKEN_KEY, "x5c does not begin with a certificate");
	*out = X509_get_pubkey(cert);
	if (!sig_key_is_p384(*out)) {
		EVP_PKEY_free(*out);
		*out = NULL;
		return err_set(e, ASSAY_TOKEN_KEY, "the certificate's key is not on P-384");
	}
	return ASSAY_OK;
}

static enum assay_code read_key(
	const struct crypto *c, const json_t *entry, EVP_PKEY **out, struct assay_err *e)
{
	AUTO(EVP_PKEY) *point = NULL, *certified = NULL;
	const json_t   *x5c    = json_object_get(entry, "x5c");
	bool            has_xy = json_object_get(entry, "x") != NULL ||
		json_object_get(entry, "y") != NULL;

	if (!has_xy && x5c == NULL)
		return err_set(e, ASSAY_TOKEN_KEY, "neither x and y nor x5c");
	if (has_xy)
		TRY(from_coordinates(c, entry, &point, e));
	if (x5c != NULL)
		TRY(from_certificate(c, x5c, &certified, e));
	if (point != NULL && certified != NULL && EVP_PKEY_eq(point, certified) != 1)
		return err_set(e, ASSAY_TOKEN_KEY, "x and y are not the certificate's key");
	*out = point != NULL ? TAKE(point) : TAKE(certified);
	return ASSAY_OK;
}

static bool is(const json_t *entry, const char *name, const char *value)
{
	const char *text = json_string_value(json_object_get(entry, name));

	return text != NULL && strcmp(text, value) == 0;
}

static bool absent_or(const json_t *entry, const char *name, const char *value)
{
	return json_object_get(entry, name) == NULL || is(entry, name, value);
}

static enum assay_code add(
	const struct crypto *c, const json_t *entry, struct jws_keys *k, struct assay_err *e)
{
	struct jws_key *to  = &k->list[k->n];
	const json_t   *kid = json_object_get(entry, "kid");

	if (!is(entry, "kty", "EC") || !is(entry, "crv", "P-384") ||
		!absent_or(entry, "use", "sig") || !absent_or(entry, "alg", "ES384"))
		return ASSAY_OK;
	if (!json_is_string(kid) || json_string_length(kid) == 0 ||
		json_string_length(kid) > JWS_KID)
		return err_set(e, ASSAY_TOKEN_KEY, "a key without a kid");
	memcpy(to->kid, json_string_value(kid), json_string_length(kid));
	for (size_t i = 0; i < k->n; i++)
		if (strcmp(k->list[i].kid, to->kid) == 0)
			return err_set(e, ASSAY_TOKEN_KEY, "two keys \"%s\"",
				SHOW(bytes_text(to->kid)));
	if (read_key(c, entry, &to->key, e) != ASSAY_OK)
		return err_wrap(e, "key \"%s\"", SHOW(bytes_text(to->kid)));
	k->n++;
	return ASSAY_OK;
}

enum assay_code jws_keys_set(
	const struct crypto *c, struct bytes json, struct jws_keys *out, struct assay_err *e)
{
	CLEANUP(jws_keys_done) struct jws_keys k    = { 0 };
	AUTO(json_t)                          *root = NULL;
	const json_t                          *list;
	struct assay_err                       why = { 0 };

	if (json_read(json, JWS_SET_MAX, &root, &why) != ASSAY_OK)
		return err_set(e,
			assay_class(why.code) == ASSAY_CLASS_INTERNAL ? why.code
								      : ASSAY_TOKEN_KEY,
			"JWK set: %s", assay_err_text(&why));
	list = json_object_get(root, "keys");
	if (!json_is_array(list) || json_array_size(list) > JWS_KEYS)
		return err_set(
			e, ASSAY_TOKEN_KEY, "JWK set: no list of at most %d keys", JWS_KEYS);
	k.list = mem_new(json_array_size(list) + 1, sizeof(*k.list));
	if (k.list == NULL)
		return err_no_memory(e);
	for (size_t i = 0; i < json_array_size(list); i++)
		if (add(c, json_array_get(list, i), &k, e) != ASSAY_OK)
			return err_wrap(e, "JWK set");
	if (k.n == 0)
		return err_set(e, ASSAY_TOKEN_KEY, "JWK set: no key on P-384");
	*out = k;
	k    = (struct jws_keys){ 0 };
	return ASSAY_OK;
}

static EVP_PKEY *find(const struct jws_keys *keys, const struct jws *j)
{
	for (size_t i = 0; i < keys->n; i++)
		if (keys->any_kid || (j->kid[0] != 0 && strcmp(keys->list[i].kid, j->kid) == 0))
			return keys->list[i].key;
	return NULL;
}

enum assay_code jws_verify(const struct crypto *c, const struct jws *j,
	const struct jws_keys *keys, struct assay_err *e)
{
	EVP_PKEY *key;

	if (j->alg == JWS_HS256)
		return err_set(e, ASSAY_TOKEN_UNAUTHENTICATED, "HS256 under %s",
			jws_constant(c, j) != NULL ? "a constant that everybody knows"
						   : "a secret of somebody's");
	if (j->alg != JWS_ES384)
		return err_set(e, ASSAY_TOKEN_UNAUTHENTICATED, "not signed");
	if (keys->n == 0)
		return err_set(e, ASSAY_TOKEN_UNAUTHENTICATED, "signed, but no key was given");
	key = find(keys, j);
	if (key == NULL)
		return err_set(e, ASSAY_TOKEN_SIGNATURE, "no key \"%s\" in the set",
			SHOW(bytes_text(j->kid)));
	return sig_p384(c, key, j->input, buf_bytes(&j->signature), ASSAY_TOKEN_SIGNATURE, e);
}
