/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

#include "test.h"

static const struct {
	const char     *name;
	struct bytes    in;
	bool            blanks;
	enum assay_code code;
	struct bytes    out;
	const char     *says; /* part of the message */
} cases[] = {
	{ "empty", BYTES(""), false, ASSAY_OK, BYTES(""), "" },
	{ "both cases",
		BYTES("00fFAa9"
		      "0"),
		false, ASSAY_OK, BYTES("\x00\xff\xaa\x90"), "" },
	{ "blanks dropped", BYTES(" 0 1\r\n\t02\n"), true, ASSAY_OK, BYTES("\x01\x02"), "" },
	{ "blanks refused", BYTES("01 02"), false, ASSAY_INPUT_HEX, BYTES(""), "0x20 at 2" },
	{ "odd", BYTES("010"), false, ASSAY_INPUT_HEX, BYTES(""), "odd" },
	{ "odd among blanks", BYTES("0 1 0"), true, ASSAY_INPUT_HEX, BYTES(""), "odd" },
	{ "no digit", BYTES("010g"), false, ASSAY_INPUT_HEX, BYTES(""), "0x67 at 3" },
	{ "NUL", BYTES("01\0"), true, ASSAY_INPUT_HEX, BYTES(""), "0x00 at 2" },
	{ "high byte", BYTES("\xb1\xb2"), true, ASSAY_INPUT_HEX, BYTES(""), "0xb1 at 0" },
	{ "next to the digits", BYTES("/:@G`g"), true, ASSAY_INPUT_HEX, BYTES(""), "0x2f" },
};

static void decode(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf out = { 0 };
		struct assay_err             e   = { 0 };

		print_message("%s\n", cases[i].name);
		buf_text(&out, "x"); /* it appends */
		assert_int_equal(
			hex_decode(cases[i].in, cases[i].blanks, &out, &e), cases[i].code);
		if (!cases[i].blanks)
			assert_int_equal(hex_like(cases[i].in), cases[i].code == ASSAY_OK);
		assert_non_null(strstr(assay_err_text(&e), cases[i].says));
		assert_int_equal(out.n, 1 + cases[i].out.n); /* nothing on failure */
		assert_memory_equal(out.p + 1, cases[i].out.p, cases[i].out.n);
	}
}

static void fixed(void **state)
{
	static const struct {
		struct bytes    in;
		enum assay_code code;
		const char     *says;
	} rows[] = {
		{ BYTES("01fF"), ASSAY_OK, "" },
		{ BYTES("01f"), ASSAY_INPUT_HEX, "3 hexadecimal digits where 4 belong" },
		{ BYTES("01ff0"), ASSAY_INPUT_HEX, "5 hexadecimal digits" },
		{ BYTES(""), ASSAY_INPUT_HEX, "0 hexadecimal digits" },
		{ BYTES("01 f"), ASSAY_INPUT_HEX, "0x20 at 2" },
		{ BYTES("0x01"), ASSAY_INPUT_HEX, "0x78 at 1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t          out[2] = { 7, 7 };
		struct assay_err e      = { 0 };

		assert_int_equal(hex_fixed(rows[i].in, out, 2, &e), rows[i].code);
		assert_non_null(strstr(assay_err_text(&e), rows[i].says));
		assert_int_equal(out[0], rows[i].code == ASSAY_OK ? 1 : 7);
		assert_int_equal(out[1], rows[i].code == ASSAY_OK ? 0xff : 7);
	}
}

static void encode(void **state)
{
	CLEANUP(buf_done) struct buf out       = { 0 };
	uint8_t                      long_[65] = { 0xab };

	(void)state;
	hex_encode(BYTES("\x00\xff\xa5"), &out);
	assert_string_equal(buf_cstr(&out), "00ffa5");
	assert_string_equal(HEX(BYTES("\x01\xfe")), "01fe");
	assert_string_equal(HEX(BYTES("")), "");
	assert_int_equal(strlen(HEX(((struct bytes){ long_, 64 }))), 128);
	assert_int_equal(strlen(HEX(BYTES_OF(long_))), 131);
	assert_string_equal(HEX(BYTES_OF(long_)) + 126, "00...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decode),
		cmocka_unit_test(fixed),
		cmocka_unit_test(encode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
