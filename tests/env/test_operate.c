/* SPDX-License-Identifier: Apache-2.0
 *
 * What programs see that setup runs: little, and the caller's language. */
#include "env/ours.h"
#include "env/program.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
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
		const char *const            argv[] = { "sh", "-c", cases[i].says, NULL };
		CLEANUP(ran_done) struct ran ran    = { .status = -1 };
		struct assay_err             e      = { 0 };

		print_message("%s\n", cases[i].name);
		assert_int_equal(cases[i].lang == NULL ? unsetenv("LANG")
						       : setenv("LANG", cases[i].lang, 1),
			0);
		assert_int_equal(op.run(op.ctx, argv, &ran, &e), ASSAY_OK);
		assert_int_equal(ran.status, cases[i].status);
		assert_false(ran.late);
	}
}

/* Installers unpack where nobody else can exchange what they then run. */
static void unpack_folder(void **state)
{
	static const struct {
		const char *name, *make; /* a shell; %s: a folder of ours */
		bool        taken;
	} rows[] = {
		{ "ours alone", "chmod 700 $d", true },
		{ "ours, and read by all", "chmod 755 $d", true },
		{ "like /tmp", "chmod 1777 $d", true },
		{ "written by all", "chmod 777 $d", false },
		{ "written by a group", "chmod 775 $d && { chgrp 12345 $d || chmod 777 $d; }",
			false },
		{ "by a link to one", "rmdir $d && mkdir -m 777 $d.x && ln -s $d.x $d", false },
		{ "not there", "rmdir $d", false },
		{ "a file", "rmdir $d && touch $d", false },
	};
	struct operate o           = { .quiet = true };
	const struct   operator op = operate_machine(&o);
	char           real[PATH_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(ran_done) struct ran ran   = { 0 };
		char                         dir[] = "/tmp/assay-operate-XXXXXX", line[512];
		const char *const argv[] = { "sh", "-c", "echo \"${TMPDIR:-none}\"", NULL };
		struct assay_err  e      = { 0 };

		print_message("%s\n", rows[i].name);
		assert_non_null(mkdtemp(dir));
		snprintf(line, sizeof(line), "d=%s; %s", dir, rows[i].make);
		assert_int_equal(system(line), 0);
		assert_int_equal(setenv("TMPDIR", dir, 1), 0);
		test_must(op.run(op.ctx, argv, &ran, &e), &e);
		snprintf(line, sizeof(line), "%s\n", rows[i].taken ? dir : "none");
		assert_string_equal(buf_cstr(&ran.last), line);
		snprintf(line, sizeof(line), "rm -rf %s %s.x", dir, dir);
		assert_int_equal(system(line), 0);
	}
	assert_int_equal(setenv("TMPDIR", "relative", 1), 0);
	assert_null(ours_tmp(real));
	assert_int_equal(unsetenv("TMPDIR"), 0);
	assert_null(ours_tmp(real));
}

static void heard(void *ctx, const char *text)
{
	buf_printf(ctx, "%s\n", text);
}

/* What programs print: nothing of it is obeyed by a terminal, and it comes as lines. */
static void prints(void **state)
{
	static const struct {
		const char *name, *line, *shown;
		int         status;
	} rows[] = {
		{ "lines, of both kinds", "echo one; echo two >&2; echo three; exit 3",
			"one\ntwo\nthree\n", 3 },
		{ "no newline at the end", "printf 'a\nb'", "a\nb\n", 0 },
		{ "nothing", ":", "", 0 },
		{ "an empty line", "echo; echo x", "\nx\n", 0 },
		{ "colours, a title, a bell", "printf '\033[31mred\033]0;title\007\n'",
			"\\x1b[31mred\\x1b]0;title\\x07\n", 0 },
		{ "C1, and other bytes", "printf '\\2333m \\303\\244 \\\\ \\000x\\n'",
			"\\x9b3m \\xc3\\xa4 \\x5c \\x00x\n", 0 },
		{ "a tab", "printf 'a\tb\n'", "a b\n", 0 },
		{ "a bar", "printf '10%%\r50%%\r100%%\nx\n'", "100%\nx\n", 0 },
		{ "DOS", "printf 'a\r\nb\r\n'", "a\nb\n", 0 },
		{ "more than is kept", "seq 1 30; exit 1",
			"1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n20\n21\n22\n"
			"23\n24\n25\n26\n27\n28\n29\n30\n",
			1 },
	};

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf said = { 0 };
		CLEANUP(ran_done) struct ran ran  = { 0 };
		struct operate    o = { .line = heard, .ctx = &said, .quiet = i % 2 == 1 };
		const struct      operator op = operate_machine(&o);
		const char *const argv[]      = { "sh", "-c", rows[i / 2].line, NULL };
		const char       *shown       = rows[i / 2].shown;
		struct assay_err  e           = { 0 };

		print_message("%s\n", rows[i / 2].name);
		test_must(op.run(op.ctx, argv, &ran, &e), &e);
		assert_int_equal(ran.status, rows[i / 2].status);
		assert_string_equal(said.n == 0 ? "" : buf_cstr(&said), o.quiet ? "" : shown);
		if (strlen(shown) > 50) /* the last ten */
			shown = strstr(shown, "21\n");
		while (*shown == '\n')
			shown++; /* empty ones are not kept */
		assert_string_equal(ran.last.n == 0 ? "" : buf_cstr(&ran.last), shown);
	}
}

/* A line without an end, and one of bytes that all become four: bounded, whole, in pieces. */
static void long_lines(void **state)
{
	CLEANUP(buf_done) struct buf said        = { 0 };
	CLEANUP(ran_done) struct ran ran         = { 0 };
	struct operate               o           = { .line = heard, .ctx = &said };
	const struct                 operator op = operate_machine(&o);
	const char *const            argv[]      = { "sh", "-c",
				"head -c 3000 /dev/zero; head -c 100000 /dev/zero | tr '\\0' x", NULL };
	struct assay_err             e           = { 0 };
	size_t                       n           = 0;

	(void)state;
	test_must(op.run(op.ctx, argv, &ran, &e), &e);
	for (size_t i = 0; i < said.n; i++)
		n += said.p[i] == '\n';
	assert_int_equal(n, (103000 + 1023) / 1024);
	assert_int_equal(said.n, 4 * 3000 + 100000 + n);
}

/* A daemon that it leaves behind keeps the pipe open, and nobody waiting. */
static void leaves_behind(void **state)
{
	CLEANUP(ran_done) struct ran ran         = { 0 };
	struct operate               o           = { .quiet = true };
	const struct                 operator op = operate_machine(&o);
	const char *const argv[] = { "sh", "-c", "setsid sleep 600 & echo $!", NULL };
	struct assay_err  e      = { 0 };
	const int64_t     since  = clock_us();
	long              daemon;

	(void)state;
	test_must(op.run(op.ctx, argv, &ran, &e), &e);
	assert_int_equal(ran.status, 0);
	daemon = strtol(buf_cstr(&ran.last), NULL, 10);
	assert_true(daemon > 1);
	assert_int_equal(kill((pid_t)daemon, SIGKILL), 0);
	assert_true(clock_us() - since < 5 * TEST_PATIENCE_MS * INT64_C(1000));
}

/* Every program has its time; what it printed until then is told. */
static void too_long(void **state)
{
	static const struct {
		const char *argv[4];
		unsigned    limit_s;
	} limits[] = {
		{ { "apt-get", "update" }, 1800 },
		{ { "apt-get", "install", "-y" }, 7200 },
		{ { "apt-mark", "hold" }, 600 },
		{ { "update-grub" }, 1800 },
		{ { "dracut", "-f" }, 7200 },
		{ { "bash", "/root/x.run" }, 7200 },
		{ { "rpm", "-q", "x" }, 600 },
		{ { "rpm", "-e", "x" }, 7200 },
		{ { "no-such-program" }, 7200 },
	};
	CLEANUP(ran_done) struct ran ran = { 0 };
	struct operate               o   = { .quiet = true, .limit_s = 5, .grace_s = 1 };
	const struct                 operator op = operate_machine(&o);
	const char *const            argv[]      = { "sh", "-c",
				"trap 'exit 0' TERM; echo so far; sleep 600 & wait", NULL };
	struct assay_err             e           = { 0 };
	char                         words[PLAN_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		assert_int_equal(program_limit(limits[i].argv), limits[i].limit_s);
	test_must(op.run(op.ctx, argv, &ran, &e), &e);
	assert_true(ran.late);
	assert_int_equal(ran.status, 143); /* whatever it said itself */
	assert_string_equal(buf_cstr(&ran.last), "so far\n");
	ran_words(&ran, "sh", words);
	assert_string_equal(
		words, "sh had not ended after 1 minutes, and was ended with all that it ran");
}

static void absent(void **state)
{
	struct operate    o           = { .quiet = true };
	const struct      operator op = operate_machine(&o);
	const char *const argv[]      = { "no-such-program-anywhere", NULL };
	struct assay_err  e           = { 0 };
	struct ran        ran         = { 0 };

	(void)state;
	assert_int_equal(op.run(op.ctx, argv, &ran, &e), ASSAY_OK);
	assert_int_equal(ran.status, 127);
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
		cmocka_unit_test(unpack_folder),
		cmocka_unit_test(prints),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(leaves_behind),
		cmocka_unit_test(too_long),
		cmocka_unit_test(absent),
		cmocka_unit_test(unpacked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
