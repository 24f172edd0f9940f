/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include "test.h"

#define ROOM (sizeof(((struct assay_err *)0)->text) - 1)

static void cause_and_wrap(void **state)
{
	struct assay_err e = { 0 };

	(void)state;
	assert_string_equal(assay_err_text(&e), "");
	assert_int_equal(err_set(&e, ASSAY_OPAQUE_SIZE, "firmware id of %d bytes", 47),
		ASSAY_OPAQUE_SIZE);
	assert_string_equal(assay_err_text(&e), "firmware id of 47 bytes");
	assert_int_equal(err_wrap(&e, "GPU %d", 3), ASSAY_OPAQUE_SIZE);
	assert_string_equal(assay_err_text(&e), "GPU 3: firmware id of 47 bytes");
	assert_int_equal(err_set(&e, ASSAY_INPUT_HEX, "again"), ASSAY_INPUT_HEX);
	assert_string_equal(assay_err_text(&e), "again"); /* set forgets what was there */
	assert_int_equal(err_wrap(&e, "%s", ""), ASSAY_INPUT_HEX);
	assert_string_equal(assay_err_text(&e), ": again");
}

/* However much is put in front, the cause stays and the text stays inside. */
static void cut_at_the_front(void **state)
{
	struct assay_err e = { 0 };

	(void)state;
	err_set(&e, ASSAY_INPUT_HEX, "cause");
	for (int i = 0; i < 300; i++) {
		const char *text;

		err_wrap(&e, "level %d", i);
		text = assay_err_text(&e);
		assert_true(e.len <= ROOM);
		assert_int_equal(strlen(text), e.len);
		assert_string_equal(text + e.len - 5, "cause");
	}
	assert_int_equal(e.len, ROOM);
}

static void wide(void **state)
{
	struct assay_err e = { 0 };

	(void)state;
	err_set(&e, ASSAY_INPUT_HEX, "%0500d", 7); /* a cause too long ends early */
	assert_int_equal(e.len, ROOM);
	err_set(&e, ASSAY_INPUT_HEX, "cause");
	err_wrap(&e, "%0500d", 7);
	assert_int_equal(e.len, ROOM);
	assert_string_equal(assay_err_text(&e) + ROOM - 7, ": cause");
}

static enum assay_code try_it(enum assay_code code, bool *reached)
{
	TRY(code);
	*reached = true;
	return ASSAY_OK;
}

static void hidden_return(void **state)
{
	bool reached = false;

	(void)state;
	assert_int_equal(try_it(ASSAY_INPUT_DER, &reached), ASSAY_INPUT_DER);
	assert_false(reached);
	assert_int_equal(try_it(ASSAY_OK, &reached), ASSAY_OK);
	assert_true(reached);
}

static void codes(void **state)
{
	(void)state;
	for (int i = 0; i < ASSAY_CODE_COUNT; i++) {
		enum assay_code code = (enum assay_code)i;

		print_message("%s\n", assay_code_name(code));
		assert_true(strlen(assay_code_name(code)) > 1);
		assert_true(strlen(assay_code_meaning(code)) > 0);
		assert_true((assay_class(code) == ASSAY_CLASS_ACCEPTED) == (code == ASSAY_OK));
		assert_true((strlen(assay_code_remedy(code)) == 0) == (code == ASSAY_OK));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(
				assay_code_name((enum assay_code)k), assay_code_name(code));
	}
}

/* What is no code or class reads as our defect, never as accepted. */
static void no_code(void **state)
{
	(void)state;
	assert_string_equal(assay_code_name(ASSAY_CODE_COUNT), "INTERNAL");
	assert_int_equal(assay_class((enum assay_code)100000), ASSAY_CLASS_INTERNAL);
	assert_int_equal(assay_class((enum assay_code) - 1), ASSAY_CLASS_INTERNAL);
	assert_int_equal(assay_class_exit((enum assay_class)99), 70);
	assert_string_equal(assay_class_verdict((enum assay_class)99), "internal");
}

static void exits(void **state)
{
	static const struct {
		enum assay_class cls;
		const char      *verdict;
		int              exit;
	} rows[] = {
		/* DESIGN, chapter 1 */
		{ ASSAY_CLASS_ACCEPTED, "accepted", 0 },
		{ ASSAY_CLASS_REJECTED, "rejected", 1 },
		{ ASSAY_CLASS_USAGE, "usage", 2 },
		{ ASSAY_CLASS_UNDECIDED, "undecided", 3 },
		{ ASSAY_CLASS_UNAVAILABLE, "unavailable", 4 },
		{ ASSAY_CLASS_NOT_READY, "not-ready", 5 },
		{ ASSAY_CLASS_MALFORMED, "malformed", 6 },
		{ ASSAY_CLASS_INTERNAL, "internal", 70 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_string_equal(assay_class_verdict(rows[i].cls), rows[i].verdict);
		assert_int_equal(assay_class_exit(rows[i].cls), rows[i].exit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cause_and_wrap),
		cmocka_unit_test(cut_at_the_front),
		cmocka_unit_test(wide),
		cmocka_unit_test(hidden_return),
		cmocka_unit_test(codes),
		cmocka_unit_test(no_code),
		cmocka_unit_test(exits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
