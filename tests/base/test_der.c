/* SPDX-License-Identifier: Apache-2.0 */
#include "base/der.h"

#include "test.h"

static uint8_t wide[0x10000 + 5]; /* zeroes behind a header */

static const struct {
	const char     *name;
	struct bytes    in;
	enum assay_code code;
	size_t          value; /* bytes of content */
	const char     *says;
} cases[] = {
	{ "null", BYTES("\x05\x00"), ASSAY_OK, 0, "" },
	{ "octets",
		BYTES("\x04\x02"
		      "ab"),
		ASSAY_OK, 2, "" },
	{ "something behind it",
		BYTES("\x04\x01"
		      "abc"),
		ASSAY_OK, 1, "" },
	{ "class bits", BYTES("\xa3\x01x"), ASSAY_OK, 1, "" },
	{ "nothing", BYTES(""), ASSAY_TRUNCATED, 0, "1 bytes wanted at 0" },
	{ "tag alone", BYTES("\x04"), ASSAY_TRUNCATED, 0, "1 bytes wanted at 1" },
	{ "cut in value",
		BYTES("\x04\x03"
		      "ab"),
		ASSAY_TRUNCATED, 0, "3 bytes wanted at 2" },
	{ "cut in length", BYTES("\x04\x82\x01"), ASSAY_TRUNCATED, 0, "wanted at 3" },
	{ "huge length", BYTES("\x04\x83\xff\xff\xff"), ASSAY_TRUNCATED, 0, "16777215 bytes" },
	{ "length of four bytes", BYTES("\x04\x84\x01\x00\x00\x00"), ASSAY_INPUT_DER, 0,
		"DER does not have" },
	{ "length of eight bytes", BYTES("\x04\x88\xff\xff\xff\xff\xff\xff\xff\xff"),
		ASSAY_INPUT_DER, 0, "DER does not have" },
	{ "reserved length", BYTES("\x04\xff"), ASSAY_INPUT_DER, 0, "DER does not have" },
	{ "indefinite length", BYTES("\x30\x80\x00\x00"), ASSAY_INPUT_DER, 0,
		"DER does not have" },
	{ "long form of 1", BYTES("\x04\x81\x01x"), ASSAY_INPUT_DER, 0, "longer than" },
	{ "long form of 127", BYTES("\x04\x81\x7fx"), ASSAY_INPUT_DER, 0, "longer than" },
	{ "leading zero", BYTES("\x04\x82\x00\x80x"), ASSAY_INPUT_DER, 0, "longer than" },
	{ "leading zero of three", BYTES("\x04\x83\x00\xff\xffx"), ASSAY_INPUT_DER, 0,
		"longer than" },
	{ "tag of two bytes", BYTES("\x1f\x01\x00"), ASSAY_INPUT_DER, 0, "more than one byte" },
	{ "private tag of two bytes", BYTES("\xff\x81\x01\x00"), ASSAY_INPUT_DER, 0,
		"more than one byte" },
};

static void next(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct rd        r = { .in = cases[i].in };
		struct der       d = { .tag = 0x77 };
		struct assay_err e = { 0 };

		print_message("%s\n", cases[i].name);
		assert_int_equal(der_next(&r, "x", &d, &e), cases[i].code);
		assert_non_null(strstr(assay_err_text(&e), cases[i].says));
		if (cases[i].code != ASSAY_OK) {
			assert_int_equal(d.tag, 0x77); /* written on success only */
			continue;
		}
		assert_int_equal(d.tag, cases[i].in.p[0]);
		assert_int_equal(d.value.n, cases[i].value);
		assert_int_equal(d.whole.n, 2 + cases[i].value);
		assert_ptr_equal(d.whole.p, cases[i].in.p);
	}
}

/* Around every limit of a form of length. */
static void lengths(void **state)
{
	static const struct {
		size_t       n;
		struct bytes header;
	} rows[] = {
		{ 0x7f, BYTES("\x04\x7f") },
		{ 0x80, BYTES("\x04\x81\x80") },
		{ 0xff, BYTES("\x04\x81\xff") },
		{ 0x100, BYTES("\x04\x82\x01\x00") },
		{ 0xffff, BYTES("\x04\x82\xff\xff") },
		{ 0x10000, BYTES("\x04\x83\x01\x00\x00") },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rd        r = { .in = { wide, rows[i].header.n + rows[i].n } };
		struct assay_err e = { 0 };
		struct bytes     value;

		memcpy(wide, rows[i].header.p, rows[i].header.n);
		assert_int_equal(der_expect(&r, DER_OCTET_STRING, "x", &value, &e), ASSAY_OK);
		assert_int_equal(value.n, rows[i].n);
		assert_int_equal(der_end(&r, "x", &e), ASSAY_OK);
		r = (struct rd){ .in = { wide, rows[i].header.n + rows[i].n - 1 } };
		assert_int_equal(
			der_expect(&r, DER_OCTET_STRING, "x", &value, &e), ASSAY_TRUNCATED);
	}
}

static void expect_and_end(void **state)
{
	struct rd        r     = { .in = BYTES("\x30\x00\x05\x00") };
	struct assay_err e     = { 0 };
	struct bytes     value = BYTES("untouched");

	(void)state;
	assert_int_equal(der_expect(&r, DER_OID, "oid", &value, &e), ASSAY_INPUT_DER);
	assert_string_equal(assay_err_text(&e), "oid: tag 0x30 where 0x06 belongs");
	assert_int_equal(value.n, 9);
	r.at = 0;
	assert_int_equal(der_expect(&r, DER_SEQUENCE, "x", &value, &e), ASSAY_OK);
	assert_int_equal(der_end(&r, "x", &e), ASSAY_INPUT_DER);
	assert_string_equal(assay_err_text(&e), "x: 2 bytes too many");
	assert_int_equal(der_expect(&r, 0x05, "x", &value, &e), ASSAY_OK);
	assert_int_equal(der_end(&r, "x", &e), ASSAY_OK);
	assert_int_equal(der_expect(&r, 0x05, "x", &value, &e), ASSAY_TRUNCATED);
	/* a cursor that ran out has not come to its end */
	assert_int_equal(der_end(&r, "x", &e), ASSAY_TRUNCATED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next),
		cmocka_unit_test(lengths),
		cmocka_unit_test(expect_and_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
