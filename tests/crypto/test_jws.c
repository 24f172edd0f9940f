/* SPDX-License-Identifier: Apache-2.0
 *
 * Compact signatures and the keys for them: each way in which one is none. */
#include "crypto/jws.h"

#include "appraise/mint.h"
#include "base/base64.h"
#include "crypto/pki.h"

static struct crypto crypto;

#define ES384 "{\"alg\":\"ES384\"}"

/* clang-format off */
static const struct {
	const char  *name, *header, *payload;
	size_t       signature; /* bytes */
	enum jws_alg alg;
	const char  *says; /* NULL: good */
} parts[] = {
	{ "ES384", ES384, "{}", 96, JWS_ES384, NULL },
	{ "with type and kid", "{\"typ\":\"JWT\",\"alg\":\"ES384\",\"kid\":\"x\"}", "{\"a\":[1]}", 96, JWS_ES384, NULL },
	{ "none", "{\"alg\":\"none\"}", "{}", 0, JWS_NONE, NULL },
	{ "HS256", "{\"alg\":\"HS256\"}", "{}", 32, JWS_HS256, NULL },
	{ "its own key is not looked at", "{\"alg\":\"ES384\",\"jwk\":{\"kty\":\"EC\"}}", "{}", 96, JWS_ES384, NULL },
	{ "no algorithm", "{}", "{}", 96, 0, "names no algorithm" },
	{ "algorithm a number", "{\"alg\":384}", "{}", 96, 0, "names no algorithm" },
	{ "None", "{\"alg\":\"None\"}", "{}", 0, 0, "none of tokens" },
	{ "NONE", "{\"alg\":\"NONE\"}", "{}", 0, 0, "none of tokens" },
	{ "ES256", "{\"alg\":\"ES256\"}", "{}", 64, 0, "none of tokens" },
	{ "RS256", "{\"alg\":\"RS256\"}", "{}", 256, 0, "none of tokens" },
	{ "an escape in it", "{\"alg\":\"\\u001b[m\"}", "{}", 96, 0, "\\x1b[m" },
	{ "algorithm twice", "{\"alg\":\"ES384\",\"alg\":\"none\"}", "{}", 96, 0, "duplicate" },
	{ "crit", "{\"alg\":\"ES384\",\"crit\":[\"exp\"]}", "{}", 96, 0, "does not know" },
	{ "crit null", "{\"alg\":\"ES384\",\"crit\":null}", "{}", 96, 0, "does not know" },
	{ "b64", "{\"alg\":\"ES384\",\"b64\":false}", "{}", 96, 0, "does not know" },
	{ "kid a number", "{\"alg\":\"ES384\",\"kid\":1}", "{}", 96, 0, "kid" },
	{ "kid empty", "{\"alg\":\"ES384\",\"kid\":\"\"}", "{}", 96, 0, "kid" },
	{ "header a list", "[\"ES384\"]", "{}", 96, 0, "header is no object" },
	{ "header no JSON", "alg", "{}", 96, 0, "not JSON" },
	{ "header empty", "", "{}", 96, 0, "header: empty" },
	{ "payload a list", ES384, "[]", 96, 0, "payload is no object" },
	{ "payload twice", ES384, "{} {}", 96, 0, "payload" },
	{ "a name twice", ES384, "{\"exp\":1,\"exp\":2}", 96, 0, "duplicate" },
	{ "a name twice inside", ES384, "{\"a\":{\"b\":1,\"b\":1}}", 96, 0, "duplicate" },
	{ "NUL in a text", ES384, "{\"a\":\"\\u0000\"}", 96, 0, "payload" },
	{ "deep", ES384, "{\"a\":[[[[[[[[[]]]]]]]]]}", 96, 0, "deeper" },
	{ "payload empty", ES384, "", 96, 0, "payload: empty" },
	{ "no signature", ES384, "{}", 0, 0, "0 bytes under ES384" },
	{ "half a signature", ES384, "{}", 48, 0, "48 bytes under ES384" },
	{ "a byte more", ES384, "{}", 97, 0, "97 bytes" },
	{ "a signature under none", "{\"alg\":\"none\"}", "{}", 96, 0, "96 bytes under none" },
	{ "a short HS256", "{\"alg\":\"HS256\"}", "{}", 16, 0, "16 bytes under HS256" },
};

static const struct {
	const char *name, *text, *says;
} texts[] = {
	{ "nothing", "", "three parts" },
	{ "one part", "e30", "three parts" },
	{ "two parts", "eyJhbGciOiJub25lIn0.e30", "three parts" },
	{ "three, and none", "eyJhbGciOiJub25lIn0.e30.", NULL },
	{ "four parts", "eyJhbGciOiJub25lIn0.e30..", "three parts" },
	{ "five parts", "a.b.c.d.e", "three parts" },
	{ "padded", "eyJhbGciOiJub25lIn0=.e30.", "header: byte 0x3d" },
	{ "standard alphabet", "eyJhbGciOiJub25lIn0.e30+.", "payload: byte 0x2b" },
	{ "a line end", "eyJhbGciOiJub25lIn0.e30.\n", "signature: byte 0x0a" },
	{ "unused bits", "eyJhbGciOiJub25lIn1.e30.", "header: base64 is padded wrongly" },
	{ "a lone character", "eyJhbGciOiJub25lIn0.e30eX.", "payload: base64 ends" },
};
/* clang-format on */

static void parse_parts(void **state)
{
	static const uint8_t zeros[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		CLEANUP(buf_done) struct buf text = { 0 };
		CLEANUP(jws_done) struct jws j    = { 0 };
		struct assay_err             e    = { 0 };
		enum assay_code              code;

		print_message("%s\n", parts[i].name);
		base64url_encode(bytes_text(parts[i].header), &text);
		buf_text(&text, ".");
		base64url_encode(bytes_text(parts[i].payload), &text);
		buf_text(&text, ".");
		base64url_encode((struct bytes){ zeros, parts[i].signature }, &text);
		code = jws_parse(buf_bytes(&text), &j, &e);
		assert_int_equal(code, parts[i].says == NULL ? ASSAY_OK : ASSAY_TOKEN_PARSE);
		if (parts[i].says == NULL)
			assert_int_equal(j.alg, parts[i].alg);
		else
			assert_non_null(strstr(assay_err_text(&e), parts[i].says));
	}
}

static void parse_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(jws_done) struct jws j = { 0 };
		struct assay_err             e = { 0 };

		print_message("%s\n", texts[i].name);
		assert_int_equal(jws_parse(bytes_text(texts[i].text), &j, &e),
			texts[i].says == NULL ? ASSAY_OK : ASSAY_TOKEN_PARSE);
		if (texts[i].says != NULL)
			assert_non_null(strstr(assay_err_text(&e), texts[i].says));
	}
}

static void too_long(void **state)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	CLEANUP(jws_done) struct jws j    = { 0 };
	struct assay_err             e    = { 0 };

	(void)state;
	buf_text(&text, "eyJhbGciOiJub25lIn0.");
	while (text.n < JWS_MAX)
		buf_text(&text, "e30A");
	buf_text(&text, ".");
	assert_int_equal(jws_parse(buf_bytes(&text), &j, &e), ASSAY_TOKEN_PARSE);
	assert_non_null(strstr(assay_err_text(&e), "characters"));
}

/* Written, read and verified; and by no other key, message or half. */
static void round_trip(void **state)
{
	AUTO(json_t) *claims = json_loads(
		"{\"a\":\"x>y?z~\\u00e9\",\"n\":[1,true,null]}", 0, NULL);
	AUTO(json_t)                *text = NULL;
	CLEANUP(jws_done) struct jws j    = { 0 };
	struct assay_err             e    = { 0 };

	(void)state;
	text = mint_jws(claims, JWS_ES384, NULL);
	test_must(jws_parse(bytes_text(json_string_value(text)), &j, &e), &e);
	assert_true(json_equal(claims, j.claims));
	for (size_t i = 0; i < j.payload.n; i++)
		assert_true(j.payload.p[i] >= 0x20 && j.payload.p[i] < 0x7f &&
			strchr(">?~", j.payload.p[i]) == NULL);
	test_must(jws_verify(&crypto, &j, &mint.keys, &e), &e);
	j.signature.p[0] ^= 1;
	assert_int_equal(jws_verify(&crypto, &j, &mint.keys, &e), ASSAY_TOKEN_SIGNATURE);
	j.signature.p[0] ^= 1;
	j.signature.p[95] ^= 1;
	assert_int_equal(jws_verify(&crypto, &j, &mint.keys, &e), ASSAY_TOKEN_SIGNATURE);
	j.signature.p[95] ^= 1;
	j.input.n--;
	assert_int_equal(jws_verify(&crypto, &j, &mint.keys, &e), ASSAY_TOKEN_SIGNATURE);
	j.input.n++;
	memset(j.signature.p, 0, 96); /* r and s of zero */
	assert_int_equal(jws_verify(&crypto, &j, &mint.keys, &e), ASSAY_TOKEN_SIGNATURE);
}

/* HS256 is recognised, and verifies nothing. */
static void constants(void **state)
{
	static const struct {
		const char *secret, *known;
	} cases[] = {
		{ "secret", "secret" },
		{ "notasecret", "notasecret" },
		{ "Secret", NULL },
		{ "a long one that nobody knows", NULL },
	};
	AUTO(json_t) *claims = json_object();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(json_t) *text             = mint_jws(claims, JWS_HS256, cases[i].secret);
		CLEANUP(jws_done) struct jws j = { 0 };
		struct assay_err             e = { 0 };
		const char                  *known;

		test_must(jws_parse(bytes_text(json_string_value(text)), &j, &e), &e);
		known = jws_constant(&crypto, &j);
		assert_int_equal(known == NULL, cases[i].known == NULL);
		if (known != NULL)
			assert_string_equal(known, cases[i].known);
		assert_int_equal(
			jws_verify(&crypto, &j, &mint.keys, &e), ASSAY_TOKEN_UNAUTHENTICATED);
	}
}

static void pems(void **state)
{
	static const struct {
		const char *curve;
		bool        good;
	} curves[] = { { "P-384", true }, { "P-256", false }, { "P-521", false } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(curves); i++) {
		CLEANUP(jws_keys_done) struct jws_keys k   = { 0 };
		struct assay_err                       e   = { 0 };
		EVP_PKEY                              *key = EVP_EC_gen(curves[i].curve);
		CLEANUP(buf_done) struct buf           pem = { 0 };

		mint_pem(key, &pem);
		assert_int_equal(jws_keys_pem(&crypto, buf_bytes(&pem), &k, &e),
			curves[i].good ? ASSAY_OK : ASSAY_TOKEN_KEY);
		EVP_PKEY_free(key);
	}
	for (size_t i = 0; i < 3; i++) {
		static const char *const               none[] = { "", "words",
				      "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n" };
		CLEANUP(jws_keys_done) struct jws_keys k      = { 0 };
		struct assay_err                       e      = { 0 };

		assert_int_equal(
			jws_keys_pem(&crypto, bytes_text(none[i]), &k, &e), ASSAY_TOKEN_KEY);
	}
}

/* A set of one good entry, edited. %X, %Y, %C: coordinates and the certificate of one key; %O: of another. */
static const struct {
	const char *name, *find, *replace;
	const char *says; /* NULL: good */
} sets[] = {
	{ "as it is", "", "", NULL },
	{ "without x5c", ",\"x5c\":[\"%C\"]", "", NULL },
	{ "without x and y", "\"x\":\"%X\",\"y\":\"%Y\",", "", NULL },
	{ "neither", ",\"x\":\"%X\",\"y\":\"%Y\",\"x5c\":[\"%C\"]", "", "neither" },
	{ "another certificate", "%C", "%O", "not the certificate's key" },
	{ "no kid", "\"kid\":\"k\",", "", "without a kid" },
	{ "kid a number", "\"kid\":\"k\"", "\"kid\":1", "without a kid" },
	{ "another curve", "P-384", "P-256", "no key on P-384" },
	{ "for signatures", "\"kid\"", "\"use\":\"sig\",\"alg\":\"ES384\",\"kid\"", NULL },
	{ "for something else", "\"kid\"", "\"use\":\"enc\",\"kid\"", "no key on P-384" },
	{ "for another algorithm", "\"kid\"", "\"alg\":\"ECDH-ES\",\"kid\"",
		"no key on P-384" },
	{ "another type", "\"EC\"", "\"RSA\"", "no key on P-384" },
	{ "x cut", "\"x\":\"%X\"", "\"x\":\"AAAA\"", "\"x\" is no coordinate" },
	{ "x padded", "\"x\":\"%X\"", "\"x\":\"%X==\"", "\"x\" is no coordinate" },
	{ "no y", ",\"y\":\"%Y\"", "", "\"y\" is no coordinate" },
	{ "no point", "\"y\":\"%Y\"", "\"y\":\"%X\"", "no point" },
	{ "x5c empty", "[\"%C\"]", "[]", "x5c" },
	{ "x5c no certificate", "%C", "AAAA", "x5c" },
	{ "no keys", "\"keys\"", "\"key\"", "no list" },
	{ "kid twice", "]}]}", "]},{\"kty\":\"EC\",\"crv\":\"P-384\",\"kid\":\"k\"}]}",
		"two keys" },
	{ "another kind beside", "]}]}", "]},{\"kty\":\"oct\",\"k\":\"AA\"}]}", NULL },
	{ "a member twice", "\"kid\":\"k\"", "\"kid\":\"k\",\"kid\":\"k\"", "duplicate" },
};

static void expand(const char *fmt, struct pki *const keys[2], struct buf *out)
{
	for (; *fmt != 0; fmt++) {
		CLEANUP(buf_done) struct buf der = { 0 };

		if (*fmt != '%') {
			buf_byte(out, (uint8_t)*fmt);
			continue;
		}
		fmt++;
		if (*fmt == 'X' || *fmt == 'Y') {
			mint_coordinate(keys[0]->key, *fmt == 'X', out);
			continue;
		}
		pki_der(keys[*fmt == 'O']->cert, &der);
		base64_encode(buf_bytes(&der), out);
	}
}

static void key_sets(void **state)
{
	struct pki        one, two;
	struct pki *const both[] = { &one, &two };

	(void)state;
	pki_make(&(struct pki_row){ .name = "one" }, NULL, NULL, &one);
	pki_make(&(struct pki_row){ .name = "two" }, NULL, NULL, &two);
	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		CLEANUP(buf_done) struct buf set = { 0 }, find = { 0 }, replace = { 0 };
		CLEANUP(jws_keys_done) struct jws_keys k = { 0 };
		struct assay_err                       e = { 0 };
		enum assay_code                        code;

		print_message("%s\n", sets[i].name);
		expand("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-384\",\"kid\":\"k\",\"x\":\"%X\","
		       "\"y\":\"%Y\",\"x5c\":[\"%C\"]}]}",
			both, &set);
		expand(sets[i].find, both, &find);
		expand(sets[i].replace, both, &replace);
		if (find.n > 0)
			test_edit(&set, buf_cstr(&find), buf_cstr(&replace));
		code = jws_keys_set(&crypto, buf_bytes(&set), &k, &e);
		if (code != ASSAY_OK)
			print_message("  %s\n", assay_err_text(&e));
		assert_int_equal(code, sets[i].says == NULL ? ASSAY_OK : ASSAY_TOKEN_KEY);
		if (sets[i].says != NULL)
			assert_non_null(strstr(assay_err_text(&e), sets[i].says));
		else
			assert_int_equal(EVP_PKEY_eq(k.list[0].key, one.key), 1);
	}
	pki_done(&one);
	pki_done(&two);
}

static int set_up(void **state)
{
	struct assay_err e = { 0 };

	(void)state;
	json_object_seed(1);
	test_must(crypto_open(&crypto, &e), &e);
	mint_open(&crypto);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	mint_done();
	crypto_done(&crypto);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_parts),
		cmocka_unit_test(parse_texts),
		cmocka_unit_test(too_long),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(constants),
		cmocka_unit_test(pems),
		cmocka_unit_test(key_sets),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
