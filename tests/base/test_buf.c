/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "test.h"

static void writes(void **state)
{
	CLEANUP(buf_done) struct buf b = { 0 };
	struct assay_err             e = { 0 };

	(void)state;
	assert_string_equal(buf_cstr(&b), "");
	buf_put(&b, "abc", 3);
	buf_put(&b, NULL, 0);
	buf_byte(&b, 'd');
	buf_text(&b, "ef");
	buf_printf(&b, "%d-%s", 42, "x");
	assert_string_equal(buf_cstr(&b), "abcdef42-x");
	assert_int_equal(b.n, 10); /* the NUL does not count */
	buf_text(&b, "!");
	assert_string_equal(buf_cstr(&b), "abcdef42-x!");
	assert_int_equal(buf_ok(&b, &e), ASSAY_OK);
}

static void grows(void **state)
{
	CLEANUP(buf_done) struct buf b = { 0 };

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_byte(&b, (uint8_t)i);
	assert_int_equal(b.n, 100000);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(b.p[i], (uint8_t)i);
	b.n = 0;
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%04d", i); /* at every distance from the end */
	assert_int_equal(b.n, 4000);
	assert_memory_equal(b.p + 3996, "0999", 4);
}

static void room(void **state)
{
	CLEANUP(buf_done) struct buf b = { 0 };
	uint8_t                     *at;

	(void)state;
	buf_byte(&b, 1);
	at = buf_room(&b, 1000);
	assert_non_null(at);
	assert_ptr_equal(at, b.p + 1);
	assert_int_equal(b.n, 1001);
}

/* After a failure nothing is written any more, and what was there can still be released. */
static void failure_sticks(void **state)
{
	static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2 + 1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		CLEANUP(buf_done) struct buf b = { 0 };
		struct assay_err             e = { 0 };

		buf_text(&b, "abc");
		assert_null(buf_room(&b, sizes[i]));
		buf_text(&b, "def");
		buf_byte(&b, 1);
		buf_printf(&b, "%d", 1);
		assert_int_equal(b.n, 3);
		assert_string_equal(buf_cstr(&b), "");
		assert_int_equal(buf_ok(&b, &e), ASSAY_NO_MEMORY);
	}
}

static void done(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_done(&b); /* never filled */
	buf_text(&b, "abc");
	buf_done(&b);
	assert_null(b.p);
	assert_int_equal(b.n + b.cap, 0);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes),
		cmocka_unit_test(grows),
		cmocka_unit_test(room),
		cmocka_unit_test(failure_sticks),
		cmocka_unit_test(done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
