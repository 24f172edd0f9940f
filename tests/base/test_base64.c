/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include "test.h"

static const struct {
	const char     *name;
	struct bytes    in;
	bool            blanks;
	enum assay_code code;
	struct bytes    out;
	const char     *says;
} cases[] = {
	{ "empty", BYTES(""), false, ASSAY_OK, BYTES(""), "" },
	{ "one", BYTES("Zg=="), false, ASSAY_OK, BYTES("f"), "" }, /* RFC 4648, chapter 10 */
	{ "two", BYTES("Zm8="), false, ASSAY_OK, BYTES("fo"), "" },
	{ "three", BYTES("Zm9v"), false, ASSAY_OK, BYTES("foo"), "" },
	{ "six", BYTES("Zm9vYmFy"), false, ASSAY_OK, BYTES("foobar"), "" },
	{ "all ones", BYTES("////"), false, ASSAY_OK, BYTES("\xff\xff\xff"), "" },
	{ "plus", BYTES("++++"), false, ASSAY_OK, BYTES("\xfb\xef\xbe"), "" },
	{ "blanks dropped", BYTES(" Z\tg\r\n=\n="), true, ASSAY_OK, BYTES("f"), "" },
	{ "only blanks", BYTES(" \n"), true, ASSAY_OK, BYTES(""), "" },
	{ "blanks refused", BYTES("Zm9v\n"), false, ASSAY_INPUT_BASE64, BYTES(""),
		"0x0a at 4" },
	{ "URL alphabet", BYTES("__--"), false, ASSAY_INPUT_BASE64, BYTES(""), "0x5f at 0" },
	{ "cut by one", BYTES("Zm9"), false, ASSAY_INPUT_BASE64, BYTES(""), "after 3 of 4" },
	{ "cut by two", BYTES("Zm9vYm"), false, ASSAY_INPUT_BASE64, BYTES(""), "after 2 of 4" },
	{ "one character", BYTES("Z"), false, ASSAY_INPUT_BASE64, BYTES(""), "after 1 of 4" },
	{ "unused bits of one", BYTES("Zh=="), false, ASSAY_INPUT_BASE64, BYTES(""), "padded" },
	{ "unused bits of two", BYTES("Zm9="), false, ASSAY_INPUT_BASE64, BYTES(""), "padded" },
	{ "data after padding", BYTES("Zg==Zg=="), false, ASSAY_INPUT_BASE64, BYTES(""),
		"after its padding" },
	{ "padding twice", BYTES("Zm8=="), false, ASSAY_INPUT_BASE64, BYTES(""),
		"after its padding" },
	{ "padding inside", BYTES("Zg=v"), false, ASSAY_INPUT_BASE64, BYTES(""), "padded" },
	{ "padding first", BYTES("===="), false, ASSAY_INPUT_BASE64, BYTES(""), "padded" },
	{ "three of padding", BYTES("Z==="), false, ASSAY_INPUT_BASE64, BYTES(""), "padded" },
	{ "NUL", BYTES("Zm9\0"), true, ASSAY_INPUT_BASE64, BYTES(""), "0x00 at 3" },
	{ "high byte", BYTES("Zm9\xff"), true, ASSAY_INPUT_BASE64, BYTES(""), "0xff at 3" },
};

static void decode(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf out = { 0 };
		struct assay_err             e   = { 0 };

		print_message("%s\n", cases[i].name);
		buf_text(&out, "x");
		assert_int_equal(
			base64_decode(cases[i].in, cases[i].blanks, &out, &e), cases[i].code);
		assert_non_null(strstr(assay_err_text(&e), cases[i].says));
		assert_int_equal(out.n, 1 + cases[i].out.n);
		assert_memory_equal(out.p + 1, cases[i].out.p, cases[i].out.n);
	}
}

static void both_ways(void **state)
{
	uint8_t in[64];

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 37 + 11);
	for (size_t n = 0; n <= sizeof(in); n++) {
		CLEANUP(buf_done) struct buf text = { 0 }, out = { 0 };
		struct assay_err             e = { 0 };

		base64_encode((struct bytes){ in, n }, &text);
		assert_int_equal(text.n, (n + 2) / 3 * 4);
		assert_int_equal(base64_decode(buf_bytes(&text), false, &out, &e), ASSAY_OK);
		assert_true(bytes_equal(buf_bytes(&out), (struct bytes){ in, n }));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decode),
		cmocka_unit_test(both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
