/* SPDX-License-Identifier: Apache-2.0
 *
 * No path and no link leads out of the tree, by openat2() and by hand alike. */
#include "env/root.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "test.h"

static char folder[] = "/tmp/root-XXXXXX";

static void file(const char *name, const char *text)
{
	char  path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void a_link(const char *name, const char *to)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(symlink(to, path), 0);
}

static int set_up(void **state)
{
	char path[256];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/in", folder);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/in/etc", folder);
	assert_int_equal(mkdir(path, 0755), 0);
	file("secret", "secret\n");
	file("in/etc/plain", "plain\n");
	file("in/etc/long", "0123456789012345678901234567890123456789\n");
	a_link("in/same", "etc/plain");
	a_link("in/absolute", "/etc/plain");
	a_link("in/up", "../secret");
	a_link("in/far", "../../../../../../../../etc/hostname");
	a_link("in/etc/back", "../etc/plain");
	a_link("in/folder", "/etc");
	a_link("in/loop", "loop");
	a_link("in/nowhere", "/not/there");
	snprintf(path, sizeof(path), "%s/in/pipe", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	return 0;
}

static int gone(const char *path, const struct stat *s, int type, struct FTW *f)
{
	(void)s;
	(void)type;
	(void)f;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	return nftw(folder, gone, 8, FTW_DEPTH | FTW_PHYS);
}

static const struct {
	const char *path;
	int         no;
	const char *text;
} reads[] = {
	{ "etc/plain", 0, "plain\n" },
	{ "same", 0, "plain\n" },
	{ "absolute", 0, "plain\n" },
	{ "folder/plain", 0, "plain\n" },
	{ "etc/back", 0, "plain\n" },
	{ "etc/../etc/./plain", 0, "plain\n" },
	{ "../secret", ENOENT, "" },
	{ "../../../../../../etc/hostname", ENOENT, "" },
	{ "up", ENOENT, "" },
	{ "far", ENOENT, "" },
	{ "loop", ELOOP, "" },
	{ "nowhere", ENOENT, "" },
	{ "etc", EISDIR, "" },
	{ "etc/plain/x", ENOTDIR, "" },
	{ "etc/long", EFBIG, "" },
	{ "pipe", EINVAL, "" },
	{ "not", ENOENT, "" },
};

static void inside(void **state)
{
	char             in[256];
	struct assay_err e = { 0 };
	struct root      r;

	(void)state;
	snprintf(in, sizeof(in), "%s/in", folder);
	test_must(root_open(in, &r, &e), &e);
	assert_false(r.live);
	for (int by_hand = 0; by_hand < 2; by_hand++) {
		r.walk = by_hand != 0 || r.walk;
		for (size_t i = 0; i < ARRAY_LEN(reads); i++) {
			CLEANUP(buf_done) struct buf got = { 0 };
			char                         line[32];

			print_message("%s%s\n", reads[i].path, r.walk ? ", by hand" : "");
			assert_int_equal(root_read(&r, reads[i].path, 32, &got), reads[i].no);
			if (reads[i].no != 0)
				continue;
			assert_string_equal(buf_cstr(&got), reads[i].text);
			assert_int_equal(root_line(&r, reads[i].path, line, sizeof(line)), 0);
			assert_string_equal(line, "plain");
		}
	}
	root_done(&r);
}

static void listed(void **state)
{
	CLEANUP(names_done) struct names n = { 0 };
	char                             in[256], link[64];
	struct assay_err                 e = { 0 };
	struct root                      r;

	(void)state;
	snprintf(in, sizeof(in), "%s/in", folder);
	test_must(root_open(in, &r, &e), &e);
	assert_int_equal(root_list(&r, "folder", &n), 0);
	assert_int_equal(n.n, 3);
	assert_string_equal(n.name[0], "back");
	assert_string_equal(n.name[2], "plain");
	assert_int_equal(root_link(&r, "absolute", link, sizeof(link)), 0);
	assert_string_equal(link, "/etc/plain");
	assert_int_not_equal(root_link(&r, "etc/plain", link, sizeof(link)), 0);
	assert_true(root_there(&r, "etc"));
	assert_false(root_there(&r, "nowhere"));
	root_done(&r);
	assert_int_equal(root_open("/not/there", &r, &e), ASSAY_INPUT_FILE);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(inside),
		cmocka_unit_test(listed) };

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
