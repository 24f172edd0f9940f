/* SPDX-License-Identifier: Apache-2.0
 *
 * What programs see that setup runs: little, and the caller's language. */
#include "env/operate.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

/* What stands behind the first bytes of a file, unpacked; where a tool is not installed the row is passed over. */
static void unpacked(void **state)
{
	static const struct {
		const char *packing, *tool, *pack;
	} rows[] = {
		{ "gzip", "gzip", "gzip -c" },
		{ "xz", "xz", "xz -c" },
		{ "zstd", "zstd", "zstd -cq" },
		{ "lz4", "lz4", "lz4 -lc" },
		{ "lzma", "xz", "xz --format=lzma -c" },
	};
	struct operate   o           = { .quiet = true };
	const struct     operator op = operate_machine(&o);
	struct assay_err e           = { 0 };
	char             file[]      = "/tmp/operate-XXXXXX";
	int              from        = mkstemp(file), to;

	(void)state;
	assert_true(from >= 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char line[256], got[16] = "";

		snprintf(line, sizeof(line),
			"command -v %s >/dev/null || exit 77; { printf 12345; printf 070701x | %s; head -c 512 /dev/zero; } > %s",
			rows[i].tool, rows[i].pack, file);
		if (system(line) != 0)
			continue;
		print_message("%s\n", rows[i].packing);
		test_must(op.unpack(op.ctx, rows[i].packing, from, 5, &to, &e), &e);
		assert_true(to >= 0);
		assert_int_equal(pread(to, got, sizeof(got), 0), 7);
		assert_string_equal(got, "070701x");
		close(to);
	}
	test_must(op.unpack(op.ctx, "no packing", from, 0, &to, &e), &e);
	assert_int_equal(to, -1);
	close(from);
	unlink(file);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(environment),
		cmocka_unit_test(absent),
		cmocka_unit_test(unpacked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
