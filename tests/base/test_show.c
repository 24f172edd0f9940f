/* SPDX-License-Identifier: Apache-2.0 */
#include "base/show.h"

#include "test.h"

static const struct {
	const char  *name;
	struct bytes in;
	const char  *out;
} cases[] = {
	{ "empty", BYTES(""), "" },
	{ "plain", BYTES("driver 590.12 ~"), "driver 590.12 ~" },
	{ "terminal escape", BYTES("\033[2Jx"), "\\x1b[2Jx" },
	{ "line breaks", BYTES("a\nb\r\tc"), "a\\x0ab\\x0d\\x09c" },
	{ "NUL", BYTES("a\0b"), "a\\x00b" },
	{ "backslash", BYTES("\\x1b"), "\\x5cx1b" },
	{ "UTF-8", BYTES("\xc3\xa4"), "\\xc3\\xa4" },
	{ "DEL and C1", BYTES("\x7f\x9b"), "\\x7f\\x9b" },
	{ "ends of the plain range", BYTES(" ~\x1f"), " ~\\x1f" },
};

static void escapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		print_message("%s\n", cases[i].name);
		assert_string_equal(SHOW(cases[i].in), cases[i].out);
	}
	assert_string_equal(SHOW(((struct bytes){ 0 })), "");
}

/* Cut text ends in "..." and never in half an escape. */
static void cut(void **state)
{
	char text[2 * SHOW_MAX];

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		const size_t whole = SHOW_MAX - 4;
		const char  *shown;

		memset(text, 'x', sizeof(text));
		shown = SHOW(((struct bytes){ (const uint8_t *)text, n }));
		assert_int_equal(strlen(shown), n <= whole ? n : whole + 3);
		assert_true(n <= whole || strcmp(shown + whole, "...") == 0);

		memset(text, 1, sizeof(text));
		shown = SHOW(((struct bytes){ (const uint8_t *)text, n }));
		assert_int_equal(strlen(shown), 4 * n <= whole ? 4 * n : whole / 4 * 4 + 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes),
		cmocka_unit_test(cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
