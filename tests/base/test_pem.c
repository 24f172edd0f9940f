/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pem.h"

#include "test.h"

#define B "-----BEGIN CERTIFICATE-----\n"
#define E "-----END CERTIFICATE-----\n"

static const struct {
	const char     *name;
	struct bytes    in;
	enum assay_code code;
	const char     *ders; /* the certificates, joined by commas */
	const char     *says;
} cases[] = {
	{ "none", BYTES(""), ASSAY_OK, "", "" },
	{ "white space", BYTES(" \r\n\t"), ASSAY_OK, "", "" },
	{ "one", BYTES(B "Zm9v\n" E), ASSAY_OK, "foo,", "" },
	{ "two", BYTES(B "Zm9v\n" E B "YmFy\n" E), ASSAY_OK, "foo,bar,", "" },
	{ "blank lines and CR", BYTES("\r\n" B "Zm\r\n9v\r\n" E "\n\n" B "Zg==\n" E), ASSAY_OK,
		"foo,f,", "" },
	{ "NUL behind the last", BYTES(B "Zm9v\n" E "\0\0 \0"), ASSAY_OK, "foo,", "" },
	{ "no newline at the end", BYTES(B "Zm9v\n-----END CERTIFICATE-----"), ASSAY_OK, "foo,",
		"" },
	{ "NUL in front", BYTES("\0" B "Zm9v\n" E), ASSAY_INPUT_PEM, "", "0x00 where" },
	{ "NUL between", BYTES(B "Zm9v\n" E "\0\n" B "YmFy\n" E "\0"), ASSAY_OK, "foo,bar,",
		"" },
	{ "NUL alone", BYTES("\0"), ASSAY_INPUT_PEM, "", "0x00 where" },
	{ "text in front", BYTES("subject=x\n" B "Zm9v\n" E), ASSAY_INPUT_PEM, "",
		"0x73 where" },
	{ "text behind", BYTES(B "Zm9v\n" E "x"), ASSAY_INPUT_PEM, "foo,", "0x78 where" },
	{ "no end", BYTES(B "Zm9v\n"), ASSAY_INPUT_PEM, "", "without its end" },
	{ "begin alone", BYTES("-----BEGIN CERTIFICATE-----"), ASSAY_INPUT_PEM, "",
		"without its end" },
	{ "cut begin", BYTES("-----BEGIN CERTIFICATE"), ASSAY_INPUT_PEM, "", "0x2d where" },
	{ "empty", BYTES(B E), ASSAY_INPUT_PEM, "", "empty" },
	{ "another label", BYTES("-----BEGIN X509 CRL-----\nZm9v\n-----END X509 CRL-----\n"),
		ASSAY_INPUT_PEM, "", "0x2d where" },
	{ "trusted label", BYTES("-----BEGIN TRUSTED CERTIFICATE-----\nZm9v\n" E),
		ASSAY_INPUT_PEM, "", "0x2d where" },
	{ "headers", BYTES(B "X: y\n\nZm9v\n" E), ASSAY_INPUT_BASE64, "", "0x3a" },
	{ "begin twice", BYTES(B B "Zm9v\n" E), ASSAY_INPUT_BASE64, "", "0x2d" },
	{ "bad base64", BYTES(B "Zm9\n" E), ASSAY_INPUT_BASE64, "", "after 3 of 4" },
};

static void next(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf der = { 0 }, got = { 0 };
		struct bytes                 text = cases[i].in;
		struct assay_err             e    = { 0 };
		enum assay_code              code;

		print_message("%s\n", cases[i].name);
		while ((code = pem_next(&text, &der, &e)) == ASSAY_OK && der.n > 0) {
			buf_put(&got, der.p, der.n);
			buf_byte(&got, ',');
		}
		assert_int_equal(code, cases[i].code);
		assert_int_equal(der.n, 0);
		assert_non_null(strstr(assay_err_text(&e), cases[i].says));
		assert_string_equal(buf_cstr(&got), cases[i].ders);
	}
}

static void both_ways(void **state)
{
	uint8_t in[200] = { 0x30 };

	(void)state;
	for (size_t n = 1; n <= sizeof(in); n++) {
		CLEANUP(buf_done) struct buf text = { 0 }, der = { 0 };
		struct assay_err             e = { 0 };
		struct bytes                 left;

		pem_write((struct bytes){ in, n }, &text);
		left = buf_bytes(&text);
		assert_int_equal(pem_next(&left, &der, &e), ASSAY_OK);
		assert_true(bytes_equal(buf_bytes(&der), (struct bytes){ in, n }));
		assert_int_equal(pem_next(&left, &der, &e), ASSAY_OK);
		assert_int_equal(der.n, 0);
	}
}

static void lines(void **state)
{
	CLEANUP(buf_done) struct buf text   = { 0 };
	const uint8_t                in[49] = { 0 };

	(void)state;
	pem_write(BYTES_OF(in), &text); /* 68 characters: 64 and 4 */
	assert_int_equal(text.n, strlen(B) + 65 + 5 + strlen(E));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next),
		cmocka_unit_test(both_ways),
		cmocka_unit_test(lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
