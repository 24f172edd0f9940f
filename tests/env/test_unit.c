/* SPDX-License-Identifier: Apache-2.0 */
#include "env/unit.h"

#include <stdio.h>

#include "test.h"

static const struct {
	const char *name, *in, *settings;
} files[] = {
	{ "none", "", "" },
	{ "two sections", "[Unit]\nA=1\n[Service]\nB = 2 3 \n", "Unit.A=1|Service.B=2 3|" },
	{ "comments", "[Unit]\n# A=1\n;B=2\n", "" },
	{ "continued", "[Service]\nExecStart=/bin/a \\\n  b\nC=1\n",
		"Service.ExecStart=/bin/a    b|Service.C=1|" },
	{ "continued past a comment", "[S]\nA=1 \\\n# no\n 2\n", "S.A=1   2|" },
	{ "continued at the end", "[S]\nA=1\\", "S.A=1|" },
	{ "no value", "[S]\nA=\n", "S.A=|" },
	{ "no setting", "[S]\nhello\n", "" },
};

static void settings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		CLEANUP(buf_done) struct buf got = { 0 };
		struct unit_reader           r   = { .in = bytes_text(files[i].in) };
		struct unit_setting          s;

		print_message("%s\n", files[i].name);
		while (unit_next(&r, &s)) {
			buf_put(&got, s.section.p, s.section.n);
			buf_byte(&got, '.');
			buf_put(&got, s.name.p, s.name.n);
			buf_byte(&got, '=');
			buf_put(&got, s.value.p, s.value.n);
			buf_byte(&got, '|');
		}
		assert_string_equal(buf_cstr(&got), files[i].settings);
	}
}

static void merged(void **state)
{
	CLEANUP(buf_done) struct buf list = { 0 }, last = { 0 }, none = { 0 };
	struct assay_err             e = { 0 };
	const struct unit_files      u = {
		     .file = { BYTES("[Service]\nExecStart=/a\nType=simple\n[Unit]\nAfter=x.service y.service\n"),
			     BYTES("[Service]\nExecStart=\nExecStart=/b\nType=forking\n[Unit]\nAfter=z.service\n") },
		     .n = 2,
	};

	(void)state;
	test_must(unit_list(&u, "Service", "ExecStart", &list, &e), &e);
	assert_string_equal(buf_cstr(&list), "/b\n");
	assert_true(unit_last(&u, "Service", "Type", &last, &e));
	assert_string_equal(buf_cstr(&last), "forking");
	assert_false(unit_last(&u, "Service", "User", &none, &e));
	assert_true(unit_lists(&u, "Unit", "After", "y.service"));
	assert_true(unit_lists(&u, "Unit", "After", "z.service"));
	assert_false(unit_lists(&u, "Unit", "After", "y"));
	assert_false(unit_lists(&u, "Service", "After", "y.service"));
}

static const struct {
	const char *in, *words; /* NULL: refused */
} lines[] = {
	{ "/usr/bin/nvidia-persistenced --user root",
		"/usr/bin/nvidia-persistenced|--user|root|" },
	{ "-/bin/a \"b c\" d'e f'", "/bin/a|b c|de f|" },
	{ "/bin/a b\\ c", "/bin/a|b c|" },
	{ "", "" },
	{ "/bin/a \"b", NULL },
	{ "+!/bin/a \"\"", "/bin/a||" },
};

static void words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		CLEANUP(buf_done) struct buf got = { 0 };
		char                         text[256];
		char                        *w[UNIT_WORDS];
		size_t                       n = 0;

		print_message("%s\n", lines[i].in);
		snprintf(text, sizeof(text), "%s", lines[i].in);
		assert_int_equal(unit_words(text, w, &n), lines[i].words != NULL);
		for (size_t k = 0; lines[i].words != NULL && k < n; k++)
			buf_printf(&got, "%s|", w[k]);
		if (lines[i].words != NULL)
			assert_string_equal(buf_cstr(&got), lines[i].words);
	}
}

static const struct {
	const char *in;
	uint64_t    usec; /* 0: refused */
} times[] = {
	{ "900", 900000000 },
	{ "15min", 900000000 },
	{ "1h 30s", 3630000000 },
	{ "5 s", 5000000 },
	{ "90s500ms", 90500000 },
	{ "infinity", UNIT_FOREVER },
	{ "", 0 },
	{ "s", 0 },
	{ "5 parsecs", 0 },
	{ "99999999999999999999", 0 },
	{ "-1", 0 },
};

static void time_spans(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		uint64_t usec = 0;

		print_message("%s\n", times[i].in);
		assert_int_equal(unit_time(bytes_text(times[i].in), &usec), times[i].usec != 0);
		assert_true(usec == times[i].usec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(settings),
		cmocka_unit_test(merged), cmocka_unit_test(words),
		cmocka_unit_test(time_spans) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
