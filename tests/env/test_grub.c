/* SPDX-License-Identifier: Apache-2.0 */
#include "env/grub.h"

#include "test.h"

#define L "GRUB_CMDLINE_LINUX="

static const struct {
	const char *name, *first, *second, *is; /* both lists; NULL: no second file */
	size_t      opaque;
} files[] = {
	{ "none", "", NULL, "", 0 },
	{ "both lists", L "\"a b\"\nGRUB_CMDLINE_LINUX_DEFAULT='quiet'\n", NULL, "a b quiet",
		0 },
	{ "bare", L "a # b\n", NULL, "a", 0 },
	{ "appended to", L "\"a\"\n", L "\"$GRUB_CMDLINE_LINUX b\"\n", "a b", 0 },
	{ "appended to, in braces", L "\"a\"\n", L "\"${GRUB_CMDLINE_LINUX} b\"\n", "a b", 0 },
	{ "single quotes take it as it is", L "'$GRUB_CMDLINE_LINUX'\n", NULL,
		"$GRUB_CMDLINE_LINUX", 0 },
	{ "the last counts", L "a\n" L "b\n", NULL, "b", 0 },
	{ "an unknown variable is nothing", L "\"a $X b\"\n", NULL, "a  b", 0 },
	{ "a command", L "\"$(cat x)\"\n", NULL, "", 1 },
	{ "a condition", "if [ x ]; then\n" L "a\nfi\n", NULL, "a", 2 },
	{ "escapes", L "\"a=\\\"b c\\\"\"\n", NULL, "a=\"b c\"", 0 },
	{ "two lines", L "\"a \\\nb\"\n", NULL, "a b", 0 },
	{ "a quote without end", L "\"a\n", NULL, "", 1 },
	{ "exported", "export " L "a\n", NULL, "a", 0 },
	{ "a comment", "#" L "a\n", NULL, "", 0 },
};

static void settings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		CLEANUP(buf_done) struct buf   got = { 0 };
		CLEANUP(grub_done) struct grub g   = { 0 };
		struct assay_err               e   = { 0 };

		print_message("%s\n", files[i].name);
		test_must(grub_read(bytes_text(files[i].first), &g, &e), &e);
		if (files[i].second != NULL)
			test_must(grub_read(bytes_text(files[i].second), &g, &e), &e);
		test_must(grub_cmdline(&g, &got, &e), &e);
		assert_string_equal(buf_cstr(&got), files[i].is);
		assert_int_equal(g.opaque, files[i].opaque);
	}
}

static const struct {
	const char *name, *in, *value, *out; /* out NULL: refused */
} edits[] = {
	{ "to nothing", "A=1", "4", "A=1\n" L "\"x=4\"\n" },
	{ "add", "A=1\n" L "\"ro\" # c\nB=2\n", "4", "A=1\n" L "\"ro x=4\" # c\nB=2\n" },
	{ "into empty quotes", L "\"\"\n", "4", L "\"x=4\"\n" },
	{ "into nothing at all", L "\n", "4", L "\"x=4\"\n" },
	{ "single quotes", L "'ro x=1'\n", "4", L "'ro x=4'\n" },
	{ "a bare word", L "ro\n", "4", L "\"ro x=4\"\n" },
	{ "the last of two", L "\"a\"\n" L "\"b\"\n", "4", L "\"a\"\n" L "\"b x=4\"\n" },
	{ "remove", L "\"ro x=1\"\n", NULL, L "\"ro\"\n" },
	{ "remove what is not there", L "ro\n", NULL, L "ro\n" },
	{ "is so", L "\"ro x=4\"\n", "4", L "\"ro x=4\"\n" },
	{ "pieces", L "\"a\"'b'\n", "4", NULL },
	{ "quotes inside", L "\"a=\\\"b\\\"\"\n", "4", NULL },
};

static void edit(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		CLEANUP(buf_done) struct buf got = { 0 };
		struct assay_err             e   = { 0 };
		enum assay_code              code;

		print_message("%s\n", edits[i].name);
		code = grub_set(bytes_text(edits[i].in), "x", edits[i].value, &got, &e);
		assert_int_equal(code, edits[i].out == NULL ? ASSAY_INPUT_KIND : ASSAY_OK);
		if (edits[i].out != NULL)
			assert_string_equal(buf_cstr(&got), edits[i].out);
	}
}

static const char menu[] =
	"set default=0\nmenuentry 'Debian GNU/Linux' --class debian $menuentry_id_option 'gnulinux-1' {\n\tinsmod ext2\n"
	"\tlinux\t/boot/vmlinuz-6.1.0-30-amd64 root=UUID=1 ro quiet\n\tinitrd /boot/initrd\n}\n"
	"submenu 'Advanced options' {\n\tmenuentry \"Debian, recovery\" {\n"
	"\t\tlinux /boot/vmlinuz-6.1.0-29-amd64 single\n\t}\n}\nmenuentry 'other' --id=no --id two {\n\tlinuxefi /k a\n}\n";

static void entries(void **state)
{
	static const struct {
		const char *title, *id, *path, *options;
		unsigned    depth;
	} want[] = {
		{ "Debian GNU/Linux", "gnulinux-1", "/boot/vmlinuz-6.1.0-30-amd64",
			"root=UUID=1 ro quiet", 0 },
		{ "Debian, recovery", "", "/boot/vmlinuz-6.1.0-29-amd64", "single", 1 },
		{ "other", "two", "/k", "a", 0 },
	};
	struct grub_menu  m = { .in = BYTES_OF(menu) };
	struct grub_entry got;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		assert_true(grub_next(&m, &got));
		assert_true(bytes_equal(got.title, bytes_text(want[i].title)));
		assert_true(bytes_equal(got.id, bytes_text(want[i].id)));
		assert_true(bytes_equal(got.path, bytes_text(want[i].path)));
		assert_true(bytes_equal(got.options, bytes_text(want[i].options)));
		assert_int_equal(got.depth, want[i].depth);
	}
	assert_false(grub_next(&m, &got));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(settings), cmocka_unit_test(edit),
		cmocka_unit_test(entries) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
