/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rd.h"

#include <stdio.h>

#include "test.h"

static void numbers(void **state)
{
	struct rd r = { .in = BYTES("\x01\x02\x03\x04\x05\x06\xff\xff\xff\xff") };

	(void)state;
	assert_int_equal(rd_u8(&r), 1);
	assert_int_equal(rd_u16le(&r), 0x0302);
	assert_int_equal(rd_u24le(&r), 0x060504);
	assert_true(rd_u32le(&r) == UINT32_MAX);
	assert_int_equal(rd_left(&r), 0);
	assert_int_equal(r.lack, 0);
}

/* A read that does not fit takes nothing, and all later ones give zero and empty. */
static void sticks(void **state)
{
	static const struct {
		const char *name;
		size_t      have, want;
	} rows[] = {
		{ "one of two", 1, 2 },
		{ "none of one", 0, 1 },
		{ "huge", 4, SIZE_MAX },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rd        r = { .in = { (const uint8_t *)"abcd", rows[i].have } };
		struct assay_err e = { 0 };
		char             says[64];

		print_message("%s\n", rows[i].name);
		assert_int_equal(rd_ok(&r, "x", &e), ASSAY_OK);
		assert_null(rd_take(&r, rows[i].want).p);
		assert_int_equal(r.at, 0);
		assert_int_equal(rd_left(&r), 0);
		assert_int_equal(rd_take(&r, 0).n, 0);
		assert_null(rd_take(&r, 0).p);
		assert_int_equal(rd_u8(&r), 0);
		assert_int_equal(rd_u16le(&r), 0);
		assert_int_equal(rd_u24le(&r), 0);
		assert_int_equal(rd_u32le(&r), 0);
		assert_true(r.lack == rows[i].want); /* the first, not the last */
		assert_int_equal(rd_ok(&r, "thing", &e), ASSAY_TRUNCATED);
		snprintf(says, sizeof(says), "thing: %zu bytes wanted at 0", rows[i].want);
		assert_string_equal(assay_err_text(&e), says);
	}
}

static void short_numbers(void **state)
{
	(void)state;
	for (size_t n = 0; n < 4; n++) {
		struct rd r = { .in = { (const uint8_t *)"\xff\xff\xff", n } };

		rd_u32le(&r);
		assert_true(r.lack != 0);
	}
	for (size_t n = 0; n < 3; n++) {
		struct rd r = { .in = { (const uint8_t *)"\xff\xff\xff", n } };

		assert_int_equal(rd_u24le(&r), 0);
		assert_true(r.lack == 3);
	}
}

static void exact_and_empty(void **state)
{
	struct rd    r = { .in = BYTES("abc") }, none = { 0 };
	struct bytes b = rd_take(&r, 3);

	(void)state;
	assert_true(bytes_equal(b, BYTES("abc")));
	assert_int_equal(rd_take(&r, 0).n, 0);
	assert_int_equal(r.lack, 0);
	assert_int_equal(rd_left(&none), 0);
	assert_int_equal(rd_take(&none, 0).n, 0);
	assert_int_equal(none.lack, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(sticks),
		cmocka_unit_test(short_numbers),
		cmocka_unit_test(exact_and_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
