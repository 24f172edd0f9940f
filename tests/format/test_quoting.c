/* SPDX-License-Identifier: Apache-2.0 */
#include "format/quoting.h"

#include "test.h"

/* Version, type, size, error, size of the id, size of the quote. */
#define HEAD(type, size, error, id, n) \
	"\1\0\1\0" type "\0\0\0" size "\0\0\0" error "\0" id "\0\0\0" n "\0\0\0"
#define OK3 "\0\0\0"

static const struct {
	const char     *name;
	struct bytes    in;
	enum assay_code code;
	const char     *quote, *says;
} cases[] = {
	{ "quote", BYTES(HEAD("\1", "\33", OK3, "\0", "\3") "abc"), ASSAY_OK, "abc", "" },
	{ "id in front", BYTES(HEAD("\1", "\35", OK3, "\2", "\3") "idabc"), ASSAY_OK, "abc",
		"" },
	{ "empty", BYTES(""), ASSAY_QUOTE_REPLY, "", "0 bytes" },
	{ "head alone", BYTES("\1\0\1\0\1\0\0\0\20\0\0\0\0\0\0\0"), ASSAY_QUOTE_REPLY, "",
		"16 bytes" },
	{ "no quote", BYTES(HEAD("\1", "\30", OK3, "\0", "\0")), ASSAY_QUOTE_REPLY, "",
		"a quote of 0" },
	{ "cut", BYTES(HEAD("\1", "\33", OK3, "\0", "\3") "ab"), ASSAY_QUOTE_REPLY, "",
		"26 bytes says that it has 27" },
	{ "padded", BYTES(HEAD("\1", "\33", OK3, "\0", "\3") "abcd"), ASSAY_QUOTE_REPLY, "",
		"says that it has 27" },
	{ "sizes too small", BYTES(HEAD("\1", "\33", OK3, "\0", "\2") "abc"), ASSAY_QUOTE_REPLY,
		"", "a quote of 2" },
	{ "sizes too large", BYTES(HEAD("\1", "\33", OK3, "\1", "\3") "abc"), ASSAY_QUOTE_REPLY,
		"", "an id of 1" },
	{ "sizes that add up past 32 bits",
		BYTES("\1\0\0\0\1\0\0\0\33\0\0\0\0\0\0\0\4\0\0\0\377\377\377\377abc"),
		ASSAY_QUOTE_REPLY, "", "a quote of 4294967295" },
	{ "another type", BYTES(HEAD("\3", "\33", OK3, "\0", "\3") "abc"), ASSAY_QUOTE_REPLY,
		"", "type 3" },
	{ "a request", BYTES(HEAD("\0", "\33", OK3, "\0", "\3") "abc"), ASSAY_QUOTE_REPLY, "",
		"type 0" },
	{ "another version", BYTES("\2\0\0\0\1\0\0\0\30\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
		ASSAY_QUOTE_REPLY, "", "version 2" },
	{ "refused", BYTES(HEAD("\1", "\30", "\1\40\1", "\0", "\0")), ASSAY_QUOTE_SERVICE, "",
		"0x12001: an unexpected error" },
	{ "refused by the enclave", BYTES(HEAD("\1", "\30", "\31\340\0", "\0", "\0")),
		ASSAY_QUOTE_SERVICE, "", "0xe019: the quoting enclave" },
	{ "refused without a name", BYTES(HEAD("\1", "\30", "\0\0\7", "\0", "\0")),
		ASSAY_QUOTE_SERVICE, "", "error 0x70000" },
};

static void reply(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bytes     got = { 0 };
		struct assay_err e   = { 0 };

		print_message("%s\n", cases[i].name);
		assert_int_equal(quoting_reply(cases[i].in, &got, &e), cases[i].code);
		assert_true(bytes_equal(got, bytes_text(cases[i].quote)));
		assert_non_null(strstr(assay_err_text(&e), cases[i].says));
	}
}

static void length(void **state)
{
	static const struct {
		struct bytes    in;
		enum assay_code code;
		size_t          n;
	} rows[] = {
		{ BYTES("\0\0\0\30"), ASSAY_OK, 24 },
		{ BYTES("\0\0\0\27"), ASSAY_QUOTE_REPLY, 0 },
		{ BYTES("\0\0\0\0"), ASSAY_QUOTE_REPLY, 0 },
		{ BYTES("\0\1\0\0"), ASSAY_OK, 65536 },
		{ BYTES("\0\1\0\1"), ASSAY_QUOTE_REPLY, 0 },
		{ BYTES("\377\377\377\377"), ASSAY_QUOTE_REPLY, 0 },
		{ BYTES("\30\0\0\0"), ASSAY_QUOTE_REPLY, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct assay_err e = { 0 };
		size_t           n = 0;

		assert_int_equal(quoting_length(rows[i].in.p, &n, &e), rows[i].code);
		assert_int_equal(n, rows[i].n);
	}
}

/* tdx 1.4: 00 00 04 18, then 1048 bytes. */
static void request(void **state)
{
	static const uint8_t head[] = { 0, 0, 4, 0x18, 1, 0, 0, 0, 0, 0, 0, 0, 0x18, 4, 0, 0, 0,
		0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0 };
	uint8_t              report[QUOTING_REPORT];
	CLEANUP(buf_done) struct buf out = { 0 };

	(void)state;
	memset(report, 0x5a, sizeof(report));
	quoting_request(report, &out);
	assert_int_equal(out.n, 1052);
	assert_memory_equal(out.p, head, sizeof(head));
	assert_memory_equal(out.p + sizeof(head), report, sizeof(report));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reply),
		cmocka_unit_test(length),
		cmocka_unit_test(request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
