/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jws.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include "base/base64.h"
#include "base/show.h"

AUTO_PTR(EVP_MAC, EVP_MAC_free)
AUTO_PTR(EVP_MAC_CTX, EVP_MAC_CTX_free)

#define HS256_SIZE 32

static const struct {
	const char *name;
	size_t      size; /* of the signature */
} algs[JWS_ALGS] = {
	[JWS_NONE]  = { "none", 0 },
	[JWS_HS256] = { "HS256", HS256_SIZE },
	[JWS_ES384] = { "ES384", SIG_P384 },
};

const char *jws_alg_name(enum jws_alg alg)
{
	return algs[alg].name;
}

void jws_done(struct jws *j)
{
	json_decref(j->claims);
	buf_done(&j->payload);
	buf_done(&j->signature);
	*j = (struct jws){ 0 };
}

/* What base/ found, as a fault of the token. */
static enum assay_code as_token(
	const char *what, const struct assay_err *why, struct assay_err *e)
{
	if (assay_class(why->code) == ASSAY_CLASS_INTERNAL) {
		*e = *why;
		return e->code;
	}
	return err_set(e, ASSAY_TOKEN_PARSE, "%s: %s", what, assay_err_text(why));
}

static enum assay_code decode(
	const char *what, struct bytes text, struct buf *out, struct assay_err *e)
{
	struct assay_err why = { 0 };

	return base64url_decode(text, out, &why) == ASSAY_OK ? ASSAY_OK
							     : as_token(what, &why, e);
}

static enum assay_code object(
	const char *what, struct bytes text, json_t **out, struct assay_err *e)
{
	struct assay_err why = { 0 };
	AUTO(json_t)    *o   = NULL;

	if (json_read(text, JWS_MAX, &o, &why) != ASSAY_OK)
		return as_token(what, &why, e);
	if (!json_is_object(o))
		return err_set(e, ASSAY_TOKEN_PARSE, "%s is no object", what);
	*out = TAKE(o);
	return ASSAY_OK;
}

static enum assay_code read_alg(const json_t *header, enum jws_alg *out, struct assay_err *e)
{
	const char *alg = json_string_value(json_object_get(header, "alg"));

	if (alg == NULL)
		return err_set(e, ASSAY_TOKEN_PARSE, "the header names no algorithm");
	for (size_t i = 0; i < JWS_ALGS; i++)
		if (strcmp(alg, algs[i].name) == 0) {
			*out = (enum jws_alg)i;
			return ASSAY_OK;
		}
	return err_set(e, ASSAY_TOKEN_PARSE, "algorithm \"%s\" is none of tokens",
		SHOW(bytes_text(alg)));
}

static enum assay_code read_header(struct bytes text, struct jws *j, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf plain  = { 0 };
	AUTO(json_t)                *header = NULL;
	const json_t                *kid;

	TRY(decode("header", text, &plain, e));
	TRY(object("header", buf_bytes(&plain), &header, e));
	if (json_object_get(header, "crit") != NULL || json_object_get(header, "b64") != NULL)
		return err_set(e, ASSAY_TOKEN_PARSE,
			"the header asks for something that assay does not know");
	kid = json_object_get(header, "kid");
	if (kid != NULL &&
		(!json_is_string(kid) || json_string_length(kid) == 0 ||
			json_string_length(kid) > JWS_KID))
		return err_set(e, ASSAY_TOKEN_PARSE, "the header's kid is no name");
	if (kid != NULL)
		memcpy(j->kid, json_string_value(kid), json_string_length(kid));
	return read_alg(header, &j->alg, e);
}

/* The two dots; false when there are not exactly two. */
static bool dots(struct bytes text, size_t at[2])
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '.' && n++ < 2)
			at[n - 1] = i;
	return n == 2;
}

enum assay_code jws_parse(struct bytes text, struct jws *out, struct assay_err *e)
{
	CLEANUP(jws_done) struct jws j = { .text = text };
	size_t                       at[2];

	if (text.n > JWS_MAX)
		return err_set(e, ASSAY_TOKEN_PARSE, "a token of %zu characters", text.n);
	if (!dots(text, at))
		return err_set(
			e, ASSAY_TOKEN_PARSE, "a token has three parts with dots between them");
	j.input = (struct bytes){ text.p, at[1] };
	TRY(read_header((struct bytes){ text.p, at[0] }, &j, e));
	TRY(decode("payload", (struct bytes){ text.p + at[0] + 1, at[1] - at[0] - 1 },
		&j.payload, e));
	TRY(decode("signature", (struct bytes){ text.p + at[1] + 1, text.n - at[1] - 1 },
		&j.signature, e));
	if (j.signature.n != algs[j.alg].size)
		return err_set(e, ASSAY_TOKEN_PARSE, "a signature of %zu bytes under %s",
			j.signature.n, algs[j.alg].name);
	TRY(object("payload", buf_bytes(&j.payload), &j.claims, e));
	*out = j;
	j    = (struct jws){ 0 };
	return ASSAY_OK;
}

/* Constants that everybody knows ---------------------------------------------------------------------------- */

static bool hs256(const struct crypto *c, const char *key, struct bytes in, uint8_t *out)
{
	AUTO(EVP_MAC)     *mac      = EVP_MAC_fetch(c->lib, "HMAC", NULL);
	AUTO(EVP_MAC_CTX) *ctx      = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);
	char               name[]   = "SHA2-256";
	OSSL_PARAM         params[] = {
			OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
			OSSL_PARAM_construct_end(),
	};
	size_t n = 0;

	return ctx != NULL &&
		EVP_MAC_init(ctx, (const uint8_t *)key, strlen(key), params) == 1 &&
		EVP_MAC_update(ctx, in.p, in.n) == 1 &&
		EVP_MAC_final(ctx, out, &n, HS256_SIZE) == 1 && n == HS256_SIZE;
}

const char *jws_constant(const struct crypto *c, const struct jws *j)
{
	static const char *const constants[] = { "secret", "notasecret" };
	uint8_t                  sum[HS256_SIZE];

	for (size_t i = 0; j->alg == JWS_HS256 && i < ARRAY_LEN(constants); i++)
		if (hs256(c, constants[i], j->input, sum) &&
			CRYPTO_memcmp(sum, j->signature.p, HS256_SIZE) == 0)
			return constants[i];
	ERR_clear_error();
	return NULL;
}

/* Writing --------------------------------------------------------------------------------------------------- */

static int dump(const char *text, size_t n, void *out)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] == '>' || text[i] == '?' || text[i] == '~' || text[i] == 0x7f)
			buf_printf(
				out, "\\u%04x", (unsigned)text[i]); /* all stand in strings */
		else
			buf_byte(out, (uint8_t)text[i]);
	return 0;
}

static enum assay_code put_part(const json_t *value, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };

	if (value == NULL ||
		json_dump_callback(value, dump, &text, JSON_COMPACT | JSON_ENSURE_ASCII) != 0)
		return err_no_memory(e);
	TRY(buf_ok(&text, e));
	base64url_encode(buf_bytes(&text), out);
	return ASSAY_OK;
}

enum assay_code jws_write(const json_t *claims, const struct jws_signer *signer,
	struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text   = { 0 };
	AUTO(json_t)                *header = json_object();
	uint8_t                      rs[SIG_P384];

	if (json_object_set_new(header, "alg",
		    json_string(algs[signer == NULL ? JWS_NONE : JWS_ES384].name)) != 0)
		return err_no_memory(e);
	if (signer != NULL && signer->kid != NULL &&
		json_object_set_new(header, "kid", json_string(signer->kid)) != 0)
		return err_no_memory(e);
	TRY(put_part(header, &text, e));
	buf_byte(&text, '.');
	TRY(put_part(claims, &text, e));
	TRY(buf_ok(&text, e));
	if (signer != NULL)
		TRY(signer->sign(signer->ctx, buf_bytes(&text), rs, e));
	buf_byte(&text, '.');
	if (signer != NULL)
		base64url_encode(BYTES_OF(rs), &text);
	TRY(buf_ok(&text, e));
	if (text.n > JWS_MAX)
		return err_set(e, ASSAY_INTERNAL, "a token of %zu characters", text.n);
	buf_put(out, text.p, text.n);
	return buf_ok(out, e);
}
