/* SPDX-License-Identifier: Apache-2.0
 *
 * tdx 4.1 and 4.2: the spellings of CRLs and chains, and what C programs leave behind text. */
#include "format/pcs_text.h"

#include "test.h"

#define PEM "-----BEGIN X509 CRL-----\nMAEA\n-----END X509 CRL-----"

static const struct {
	const char     *name;
	struct bytes    in;
	enum assay_code code;
	struct bytes    out;
	const char     *says;
} cases[] = {
	{ "DER", BYTES("\x30\x01\x00"), ASSAY_OK, BYTES("\x30\x01\x00"), "" },
	{ "DER that ends in a blank", BYTES("\x30\x01\x20"), ASSAY_OK, BYTES("\x30\x01\x20"),
		"" },
	{ "digits", BYTES("30010a"), ASSAY_OK, BYTES("\x30\x01\x0a"), "" },
	{ "digits of upper case, blanks and NUL around", BYTES(" 30010A\r\n\0"), ASSAY_OK,
		BYTES("\x30\x01\x0a"), "" },
	{ "digits of something else", BYTES("310100"), ASSAY_OK, BYTES("310100"), "" },
	{ "half a digit", BYTES("30010"), ASSAY_OK, BYTES("30010"), "" },
	{ "PEM", BYTES(PEM), ASSAY_OK, BYTES("\x30\x01\x00"), "" },
	{ "PEM with what C leaves behind it", BYTES(PEM "\n\0"), ASSAY_OK,
		BYTES("\x30\x01\x00"), "" },
	{ "PEM that is cut", BYTES("-----BEGIN X509 CRL-----\nMAEA\n"), ASSAY_INPUT_PEM,
		BYTES(""), "without its end" },
	{ "PEM that is none", BYTES("-----BEGIN X509 CRL-----\n!\n-----END X509 CRL-----\n"),
		ASSAY_INPUT_PEM, BYTES(""), "no base64" },
	{ "PEM of something else",
		BYTES("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"),
		ASSAY_INPUT_KIND, BYTES(""), "neither DER" },
	{ "a chain", BYTES("-----BEGIN CERTIFICATE-----\n+"), ASSAY_OK,
		BYTES("-----BEGIN CERTIFICATE-----\n+"), "" },
	{ "a header's chain", BYTES("-----BEGIN%20CERTIFICATE-----%0A+%2b%2F\n"), ASSAY_OK,
		BYTES("-----BEGIN CERTIFICATE-----\n++/"), "" },
	{ "an escape that is cut", BYTES("-----BEGIN%20CERTIFICATE-----%0"), ASSAY_INPUT_PEM,
		BYTES(""), "percent" },
	{ "JSON with what C leaves behind it", BYTES("\n{}\n\0\0"), ASSAY_OK, BYTES("{}"), "" },
	{ "XML", BYTES("<a/>\n"), ASSAY_OK, BYTES("<a/>\n"), "" },
	{ "nothing", BYTES(""), ASSAY_OK, BYTES(""), "" },
	{ "NUL", BYTES("\0\0"), ASSAY_OK, BYTES("\0\0"), "" },
};

static void files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf out = { 0 };
		struct assay_err             e   = { 0 };

		print_message("%s\n", cases[i].name);
		assert_int_equal(pcs_text_file(cases[i].in, &out, &e), cases[i].code);
		assert_non_null(strstr(assay_err_text(&e), cases[i].says));
		if (cases[i].code == ASSAY_OK)
			assert_true(bytes_equal(buf_bytes(&out), cases[i].out));
	}
}

static void limit(void **state)
{
	CLEANUP(buf_done) struct buf in = { 0 }, out = { 0 };
	struct assay_err             e = { 0 };

	(void)state;
	buf_text(&in, "-----BEGIN%20");
	while (in.n <= PCS_TEXT_CHAIN)
		buf_byte(&in, 'x');
	assert_int_equal(pcs_text_file(buf_bytes(&in), &out, &e), ASSAY_INPUT_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files),
		cmocka_unit_test(limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
