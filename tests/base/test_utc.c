/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utc.h"

#include "test.h"

static const struct {
	const char *text;
	int64_t     at;
} good[] = {
	{ "1970-01-01T00:00:00Z", 0 },
	{ "1969-12-31T23:59:59Z", -1 },
	{ "2000-02-29T12:34:56Z", 951827696 }, /* divisible by 400 */
	{ "2024-02-29T00:00:00Z", 1709164800 },
	{ "2026-11-23T07:15:00Z", 1795418100 },
	{ "2038-01-19T03:14:08Z", INT64_C(2147483648) },
	{ "2100-03-01T00:00:00Z", INT64_C(4107542400) },
	{ "9999-12-31T23:59:59Z", UTC_MAX },
	{ "0001-01-01T00:00:00Z", INT64_C(-62135596800) },
	{ "0004-02-29T00:00:00Z", INT64_C(-62035891200) },
};

static const char *const bad[] = {
	"",
	"2026",
	"2026-11-23T07:15:00",
	"2026-11-23T07:15:00z",
	"2026-11-23 07:15:00Z",
	"2026-11-23T07:15:00+0",
	"2026-11-23T07:15:00Z ",
	"2026-11-23T7:15:000Z",
	"2026-1-123T07:15:00Z",
	"0000-01-01T00:00:00Z",
	"2026-00-01T00:00:00Z",
	"2026-13-01T00:00:00Z",
	"2026-01-00T00:00:00Z",
	"2026-01-32T00:00:00Z",
	"2026-04-31T00:00:00Z",
	"2023-02-29T00:00:00Z",
	"2100-02-29T00:00:00Z", /* divisible by 100 */
	"1900-02-29T00:00:00Z",
	"2024-02-30T00:00:00Z",
	"2026-11-23T24:00:00Z",
	"2026-11-23T07:60:00Z",
	"2016-12-31T23:59:60Z", /* a leap second; there are none here */
	"+026-11-23T07:15:00Z",
	"2026/11/23",
	"2026-11-2x",
};

static void parse_and_format(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct assay_err e  = { 0 };
		int64_t          at = 42;

		print_message("%s\n", good[i].text);
		assert_int_equal(utc_parse(bytes_text(good[i].text), &at, &e), ASSAY_OK);
		assert_true(at == good[i].at);
		assert_string_equal(UTC(at), good[i].text);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct assay_err e  = { 0 };
		int64_t          at = 42;

		print_message("%s\n", bad[i]);
		assert_int_equal(utc_parse(bytes_text(bad[i]), &at, &e), ASSAY_INPUT_OPTION);
		assert_true(at == 42);
	}
}

static void date_alone(void **state)
{
	struct assay_err e  = { 0 };
	int64_t          at = 0;

	(void)state;
	assert_int_equal(utc_parse(BYTES("2024-02-29"), &at, &e), ASSAY_OK);
	assert_true(at == 1709164800);
}

static void out_of_range(void **state)
{
	(void)state;
	assert_string_equal(UTC(UTC_MAX + 1), "9999-12-31T23:59:59Z");
	assert_string_equal(UTC(INT64_MAX), "9999-12-31T23:59:59Z");
	assert_string_equal(UTC(INT64_MIN), "0001-01-01T00:00:00Z");
}

/* Days from all years, both ways; 11 is prime to the 146097 days of a cycle. */
static void many_days(void **state)
{
	(void)state;
	for (int64_t at = INT64_C(-62135596800); at <= UTC_MAX; at += 11 * 86400) {
		struct assay_err e    = { 0 };
		int64_t          back = 0;

		assert_int_equal(utc_parse(bytes_text(UTC(at)), &back, &e), ASSAY_OK);
		assert_true(back == at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_and_format),
		cmocka_unit_test(date_alone),
		cmocka_unit_test(out_of_range),
		cmocka_unit_test(many_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
