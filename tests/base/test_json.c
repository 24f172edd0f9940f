/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "test.h"

#define LIMIT 1000

static const struct {
	const char     *name;
	struct bytes    in;
	enum assay_code code;
	const char     *says;
} cases[] = {
	{ "object", BYTES("{}"), ASSAY_OK, "" },
	{ "array", BYTES(" [1, \"x\", null, true, 1.5, {\"a\":[]}]\n"), ASSAY_OK, "" },
	{ "names repeated in two objects", BYTES("[{\"a\":1},{\"a\":1}]"), ASSAY_OK, "" },
	{ "brackets in strings", BYTES("[\"[[[[[[[[[[[[[[[[\\\"{{{{{{{{{\"]"), ASSAY_OK, "" },
	{ "depth 8", BYTES("[[[[[[[[0]]]]]]]]"), ASSAY_OK, "" },
	{ "depth 8 twice", BYTES("[[[[[[[[0]]]]]]],[[[[[[[0]]]]]]]]"), ASSAY_OK, "" },
	{ "surrogates", BYTES("[\"\\ud83d\\ude00\"]"), ASSAY_OK, "" },
	{ "empty", BYTES(""), ASSAY_INPUT_SIZE, "empty" },
	{ "blank", BYTES(" \n"), ASSAY_JSON_PARSE, "not JSON" },
	{ "depth 9", BYTES("[[[[[[[[[0]]]]]]]]]"), ASSAY_JSON_DEPTH,
		"deeper than 8 at byte 8" },
	{ "depth 9 of objects",
		BYTES("{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}"
		      "}}}}}}}}"),
		ASSAY_JSON_DEPTH, "deeper than 8" },
	{ "depth without end", BYTES("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["), ASSAY_JSON_DEPTH,
		"" },
	{ "name twice", BYTES("{\"a\":1,\"a\":1}"), ASSAY_JSON_PARSE, "duplicate" },
	{ "name twice by escape", BYTES("{\"a\":1,\"\\u0061\":1}"), ASSAY_JSON_PARSE,
		"duplicate" },
	{ "name twice, deep", BYTES("[{\"x\":{\"a\":1,\"b\":2,\"a\":1}}]"), ASSAY_JSON_PARSE,
		"duplicate" },
	{ "something behind", BYTES("{} {}"), ASSAY_JSON_PARSE, "end of file" },
	{ "NUL behind", BYTES("{}\0"), ASSAY_JSON_PARSE, "" },
	{ "cut", BYTES("{\"a\":[1,"), ASSAY_JSON_PARSE, "line 1" },
	{ "cut in string", BYTES("{\"a"), ASSAY_JSON_PARSE, "" },
	{ "cut behind backslash", BYTES("[\"\\"), ASSAY_JSON_PARSE, "" },
	{ "string alone", BYTES("\"a\""), ASSAY_JSON_PARSE, "" },
	{ "number alone", BYTES("1"), ASSAY_JSON_PARSE, "" },
	{ "\\u0000", BYTES("[\"\\u0000\"]"), ASSAY_JSON_PARSE, "" },
	{ "\\u0000 in a name", BYTES("{\"a\\u0000\":1}"), ASSAY_JSON_PARSE, "" },
	{ "NUL in string", BYTES("[\"a\0b\"]"), ASSAY_JSON_PARSE, "" },
	{ "control in string", BYTES("[\"a\nb\"]"), ASSAY_JSON_PARSE, "" },
	{ "half a surrogate", BYTES("[\"\\ud83d\"]"), ASSAY_JSON_PARSE, "" },
	{ "bad UTF-8", BYTES("[\"\xff\"]"), ASSAY_JSON_PARSE, "" },
	{ "overlong UTF-8", BYTES("[\"\xc0\xaf\"]"), ASSAY_JSON_PARSE, "" },
	{ "byte order mark", BYTES("\xef\xbb\xbf{}"), ASSAY_JSON_PARSE, "" },
	{ "comment", BYTES("{} // x"), ASSAY_JSON_PARSE, "" },
	{ "comma at the end", BYTES("[1,]"), ASSAY_JSON_PARSE, "" },
	{ "single quotes", BYTES("{'a':1}"), ASSAY_JSON_PARSE, "" },
	{ "NaN", BYTES("[NaN]"), ASSAY_JSON_PARSE, "" },
	{ "huge integer", BYTES("[99999999999999999999]"), ASSAY_JSON_PARSE, "" },
	{ "huge real", BYTES("[1e999]"), ASSAY_JSON_PARSE, "" },
	{ "escape in the message", BYTES("[\033[2J]"), ASSAY_JSON_PARSE, "\\x1b" },
};

static void reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(json_t)    *value = NULL;
		struct assay_err e     = { 0 };

		print_message("%s\n", cases[i].name);
		assert_int_equal(json_read(cases[i].in, LIMIT, &value, &e), cases[i].code);
		assert_non_null(strstr(assay_err_text(&e), cases[i].says));
		assert_true((value != NULL) == (cases[i].code == ASSAY_OK));
	}
}

static void sizes(void **state)
{
	CLEANUP(buf_done) struct buf b = { 0 };

	(void)state;
	buf_text(&b, "[]");
	while (b.n < LIMIT + 1)
		buf_byte(&b, ' ');
	for (size_t n = LIMIT; n <= LIMIT + 1; n++) {
		AUTO(json_t)    *value = NULL;
		struct assay_err e     = { 0 };

		assert_int_equal(json_read((struct bytes){ b.p, n }, LIMIT, &value, &e),
			n == LIMIT ? ASSAY_OK : ASSAY_INPUT_SIZE);
	}
}

/* Each value costs many times its text in memory, so that the size alone is no bound. */
static void counts(void **state)
{
	static const struct {
		const char *value;
		size_t      most; /* of them in one array */
	} rows[] = {
		{ "0", JSON_VALUES },
		{ "\"[,{\"", JSON_VALUES },
		{ "[]", JSON_VALUES / 2 },
		{ "{}", JSON_VALUES / 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t more = 0; more <= 1; more++) {
			CLEANUP(buf_done) struct buf b     = { 0 };
			AUTO(json_t)                *value = NULL;
			struct assay_err             e     = { 0 };

			buf_text(&b, "[");
			for (size_t n = 1; n < rows[i].most + more; n++)
				buf_printf(&b, "%s,", rows[i].value);
			buf_printf(&b, "%s]", rows[i].value);
			assert_int_equal(json_read(buf_bytes(&b), b.n, &value, &e),
				more == 0 ? ASSAY_OK : ASSAY_INPUT_SIZE);
		}
}

static void members(void **state)
{
	AUTO(json_t)    *o = NULL;
	json_t          *out;
	struct bytes     text;
	struct assay_err e = { 0 };

	(void)state;
	assert_int_equal(
		json_read(BYTES("{\"s\":\"x\",\"e\":\"\",\"a\":[],\"o\":{},\"n\":null}"), LIMIT,
			&o, &e),
		ASSAY_OK);
	assert_int_equal(json_get_text(o, "s", JSON_MUST, &text, &e), ASSAY_OK);
	assert_true(bytes_equal(text, BYTES("x")));
	assert_int_equal(json_get_text(o, "e", JSON_MUST, &text, &e), ASSAY_OK);
	assert_non_null(text.p); /* there, and empty */
	assert_int_equal(json_get_text(o, "no", JSON_MAY, &text, &e), ASSAY_OK);
	assert_null(text.p);
	assert_int_equal(json_get_text(o, "no", JSON_MUST, &text, &e), ASSAY_JSON_FIELD);
	assert_string_equal(assay_err_text(&e), "no member \"no\"");
	assert_int_equal(json_get_text(o, "n", JSON_MAY, &text, &e), ASSAY_JSON_FIELD);
	assert_int_equal(json_get_text(o, "a", JSON_MAY, &text, &e), ASSAY_JSON_FIELD);
	assert_string_equal(assay_err_text(&e), "\"a\" is not a string");
	assert_int_equal(json_get_array(o, "a", JSON_MUST, &out, &e), ASSAY_OK);
	assert_int_equal(json_get_array(o, "o", JSON_MUST, &out, &e), ASSAY_JSON_FIELD);
	assert_int_equal(json_get_object(o, "o", JSON_MUST, &out, &e), ASSAY_OK);
	assert_int_equal(json_get_object(o, "s", JSON_MUST, &out, &e), ASSAY_JSON_FIELD);
	assert_int_equal(json_get_object(o, "no", JSON_MAY, &out, &e), ASSAY_OK);
	assert_null(out);
}

static void base64_limit(void **state)
{
	static const struct {
		const char     *text;
		enum assay_code code;
	} rows[] = {
		{ "{\"b\":\"Zm9v\"}", ASSAY_OK },             /* 3 */
		{ "{\"b\":\"Zm9vYg==\"}", ASSAY_OK },         /* 4 */
		{ "{\"b\":\"Zm9vYmE=\"}", ASSAY_INPUT_SIZE }, /* 5, the same length as text */
		{ "{\"b\":\"Zm9vYmFy\"}", ASSAY_INPUT_SIZE }, /* 6 */
		{ "{\"b\":\"Zm9vYmFyYg==\"}", ASSAY_INPUT_SIZE },
		{ "{\"b\":\"Zm9\"}", ASSAY_INPUT_BASE64 },
		{ "{\"b\":7}", ASSAY_JSON_FIELD },
		{ "{}", ASSAY_JSON_FIELD },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf b = { 0 };
		AUTO(json_t)                *o = NULL;
		struct assay_err             e = { 0 };

		print_message("%s\n", rows[i].text);
		assert_int_equal(json_read(bytes_text(rows[i].text), LIMIT, &o, &e), ASSAY_OK);
		assert_int_equal(json_get_base64(o, "b", JSON_MUST, 4, &b, &e), rows[i].code);
		assert_true(rows[i].code == ASSAY_OK || b.n == 0);
	}
}

static void only(void **state)
{
	static const char *const names[] = { "a", "b" };
	AUTO(json_t)            *o = NULL, *x = NULL;
	struct assay_err         e = { 0 };

	(void)state;
	assert_int_equal(json_read(BYTES("{\"b\":1}"), LIMIT, &o, &e), ASSAY_OK);
	assert_int_equal(json_only(o, names, 2, &e), ASSAY_OK);
	assert_int_equal(json_only(o, names, 1, &e), ASSAY_JSON_FIELD);
	assert_int_equal(json_read(BYTES("{\"b\":1,\"\\u001b\":2}"), LIMIT, &x, &e), ASSAY_OK);
	assert_int_equal(json_only(x, names, 2, &e), ASSAY_JSON_FIELD);
	assert_string_equal(assay_err_text(&e), "unknown member \"\\x1b\"");
}

static void writes(void **state)
{
	CLEANUP(buf_done) struct buf b = { 0 };
	AUTO(json_t)                *o = json_object();
	struct assay_err             e = { 0 };

	(void)state;
	json_object_set_new(o, "z", json_text(BYTES("a\0\xff\\\n")));
	json_object_set_new(o, "y", json_base64(BYTES("foo")));
	json_object_set_new(o, "x", json_hex(BYTES("\xab")));
	json_object_set_new(o, "w", json_utc(0));
	json_object_set_new(o, "v", json_hex(BYTES("")));
	assert_int_equal(json_write(o, &b, &e), ASSAY_OK);
	assert_string_equal(buf_cstr(&b),
		"{\n  \"z\": \"a\\\\x00\\\\xff\\\\x5c\\\\x0a\",\n  \"y\": \"Zm9v\",\n  \"x\": \"ab\",\n"
		"  \"w\": \"1970-01-01T00:00:00Z\",\n  \"v\": \"\"\n}\n");
	assert_int_equal(json_write(NULL, &b, &e), ASSAY_NO_MEMORY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(sizes),
		cmocka_unit_test(counts),
		cmocka_unit_test(members),
		cmocka_unit_test(base64_limit),
		cmocka_unit_test(only),
		cmocka_unit_test(writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
