/* SPDX-License-Identifier: Apache-2.0
 *
 * What programs see that setup runs: little, and the caller's language. */
#include "env/operate.h"

#include <stdlib.h>

#include "test.h"

#define LONG_NAME "a.name.that.is.longer.than.any.language.has.a.name.and.so.is.not.one.at.all"

static const struct {
	const char *name, *lang, *says; /* a shell's test */
	int         status;
} cases[] = {
	{ "a language", "de_DE.UTF-8", "test \"$LANG\" = de_DE.UTF-8", 0 },
	{ "a modifier", "sr_RS@latin", "test \"$LANG\" = sr_RS@latin", 0 },
	{ "none", NULL, "test \"$LANG\" = C", 0 },
	{ "no name", "$(id)", "test \"$LANG\" = C", 0 },
	{ "a path", "../../tmp/x", "test \"$LANG\" = C", 0 },
	{ "too long", LONG_NAME, "test \"$LANG\" = C", 0 },
	{ "messages are English all the same", "de_DE.UTF-8", "test \"$LC_ALL\" = C", 0 },
	{ "nothing else of the caller's", "C", "test -z \"$CALLERS_OWN\"", 0 },
	{ "its status", "C", "exit 7", 7 },
	{ "its signal", "C", "kill -9 $$", 137 },
};

static void environment(void **state)
{
	struct operate o           = { .quiet = true };
	const struct   operator op = operate_machine(&o);

	(void)state;
	assert_int_equal(setenv("CALLERS_OWN", "x", 1), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *const argv[] = { "sh", "-c", cases[i].says, NULL };
		struct assay_err  e      = { 0 };
		int               status = -1;

		print_message("%s\n", cases[i].name);
		assert_int_equal(cases[i].lang == NULL ? unsetenv("LANG")
						       : setenv("LANG", cases[i].lang, 1),
			0);
		assert_int_equal(op.run(op.ctx, argv, &status, &e), ASSAY_OK);
		assert_int_equal(status, cases[i].status);
	}
}

static void absent(void **state)
{
	struct operate    o           = { .quiet = true };
	const struct      operator op = operate_machine(&o);
	const char *const argv[]      = { "no-such-program-anywhere", NULL };
	struct assay_err  e           = { 0 };
	int               status      = 0;

	(void)state;
	assert_int_equal(op.run(op.ctx, argv, &status, &e), ASSAY_OK);
	assert_int_equal(status, 127);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(environment),
		cmocka_unit_test(absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
