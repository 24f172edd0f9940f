/* SPDX-License-Identifier: Apache-2.0
 *
 * Journals that are not as they were written. What a power cut leaves is gone on with; anything else stops all that goes by
 * journals, says what it still tells, and names a way on that can be walked. */
#include "env/world.h"

#include <stdio.h>
#include <unistd.h>

#include "env/line.h"
#include "test.h"

static const struct {
	const char *name, *damage; /* a shell, in the folder of the run */
	bool        first;         /* of the two runs */
	const char *says;          /* NULL: it is no damage */
} damages[] = {
	{ "the last end was not written whole", "truncate -s -5 journal", false, NULL },
	{ "nor was another line", "printf '{\"step\":99,\"it' >> journal", true, NULL },
	{ "room was made for a line, and nothing written", "head -c 4096 /dev/zero >> journal",
		false, NULL },
	{ "a brace", "sed -i '2s/{/[/' journal", true, "line 2: " },
	{ "a digit of a number", "sed -i '4s/\"step\": 2/\"step\": 3/' journal", true,
		"line 4: its sum" },
	{ "a path from the root", "sed -i '2s,\"path\": \",&/,' journal", true,
		"line 2: its sum" },
	{ "a digit of a mode, which nobody else would notice",
		"sed -i '2s/\"mode\": 420/\"mode\": 438/' journal", true, "line 2: its sum" },
	{ "the version of a package", "sed -i 's/openssl3/openssl2/' journal", false,
		": its sum" },
	{ "a page of zeros",
		"dd if=/dev/zero of=journal bs=1 seek=700 count=64 conv=notrunc 2>&1", false,
		"line " },
	{ "its first line", "sed -i 1d journal", true, "line 1: " },
	{ "one line in the middle", "sed -i 4d journal", true, "line 4: the journal's end" },
	{ "two lines for one", "sed -i '3{h;d};4G' journal", false, "the journal's order" },
	{ "another schema", "sed -i '1s,txn/1,txn/2,' journal", false, "line 1: its sum" },
	{ "another run's", "cp $(ls -d ../[0-9]* | tail -n 1)/journal journal", true,
		"of another run" },
	{ "its end, at a line", "head -n 5 journal > j && mv j journal", true,
		"lines at its end are gone" },
	{ "all of it", ": > journal", true, "lines at its end are gone" },
	{ "the file", "rm journal", false, "lines at its end are gone" },
	{ "more than any has", "truncate -s 5M journal", true, "larger than any" },
	{ "others may write to it", "chmod 666 journal", true, "others may write to it" },
	{ "others may exchange it", "chmod 777 .", false, "its folder is of another user, or" },
	{ "what undo may run", "sed -i 's/\"undo\": .\"rpm\"/\"undo\": [\"sh\"/' journal",
		false, ": its sum" },
	{ "a folder in its place", "rm journal && mkdir journal", false, "it cannot be read" },
};

static void digests(const struct world *w, const char *to)
{
	world_sh(
		"cd %s && find var/lib/assay -type f ! -name .lock -exec sha256sum {} + | sort > %s-%s",
		w->dir, w->dir, to);
}

/* Not a byte of the tree, not one of the journals. */
static void untouched(struct world *w, struct buf *was)
{
	world_same(w, was);
	assert_int_equal(w->ran.n, 0);
	digests(w, "now");
	world_sh("cmp %s-was %s-now", w->dir, w->dir);
}

static void stopped(const struct assay_err *e, const char *says)
{
	print_message("  %s\n", assay_err_text(e));
	assert_int_equal(e->code, ASSAY_HOST_JOURNAL);
	assert_int_equal(assay_class_exit(assay_class(e->code)), 6);
	assert_non_null(strstr(assay_err_text(e), says));
	assert_non_null(strstr(assay_err_text(e), "assay setup status"));
}

/* The line that begins so, walked as it stands there. */
static void walk(struct bytes said, const char *with)
{
	struct bytes line;

	for (size_t at = 0; line_next(said, &at, &line);) {
		line = bytes_trim(line);
		if (line.n < strlen(with) || memcmp(line.p, with, strlen(with)) != 0)
			continue;
		world_sh("%.*s", (int)(line.n - 3), (const char *)line.p + 3); /* "2. mv " */
		return;
	}
	fail_msg("no line \"%s\"", with);
}

/* All four stop, and say so; then the way that status names is walked, and all four go on. */
static void one(struct world *w, const char *says)
{
	CLEANUP(buf_done) struct buf was = { 0 }, told = { 0 }, said = { 0 }, after = { 0 };
	struct machine              *m = NULL;
	struct plan                 *p = NULL;
	struct assay_err             e = { 0 };

	w->ran.n = 0;
	world_picture(w, &was);
	digests(w, "was");
	setup_plan(&w->setup, &m, &p, &e);
	stopped(&e, says);
	e = (struct assay_err){ 0 };
	world_apply(w, &e);
	stopped(&e, says);
	e                      = (struct assay_err){ 0 };
	w->setup.options.force = true; /* nor by force */
	world_undo(w, &told, &e);
	stopped(&e, says);
	w->setup.options.force = false;
	assert_true(bytes_has(buf_bytes(&told), "2. mv "));
	e = (struct assay_err){ 0 };
	assert_int_equal(setup_status(&w->setup, &said, &e), ASSAY_HOST_JOURNAL);
	print_message("%s\n", buf_cstr(&said));
	untouched(w, &was);
	assert_true(bytes_has(buf_bytes(&said), says));
	assert_true(bytes_has(buf_bytes(&said), "damaged, see below\n"));
	assert_true(bytes_has(buf_bytes(&said), " steps, done\n")); /* the other run */
	assert_true(bytes_has(buf_bytes(&said),
			    ".before") || /* or of a run whose files were all new */
		bytes_has(buf_bytes(&said), "it was not there before"));
	walk(buf_bytes(&said), "2. mv ");
	e = (struct assay_err){ 0 };
	test_must(setup_plan(&w->setup, &m, &p, &e), &e);
	setup_plan_free(m, p);
	world_same(w, &was);
	test_must(setup_status(&w->setup, &after, &e), &e);
	assert_true(bytes_has(buf_bytes(&after), "put aside     /var/lib/assay/txn/aside-2"));
	world_sh("ls %s/var/lib/assay/txn/aside-*/*.before > /dev/null", w->dir);
}

static void damaged(void **state)
{
	CLEANUP(world_done) struct world w     = { 0 };
	CLEANUP(buf_done) struct buf     lines = { 0 };
	struct assay_err                 e     = { 0 };

	(void)state;
	world_make(&w, &world_trees[1], true);
	world_files(&w, &lines);
	world_halfway(&w);
	test_must(world_apply(&w, &e), &e);
	world_sh("cp -a %s %s-whole", w.dir, w.dir);
	for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
		print_message("%s\n", damages[i].name);
		world_sh(
			"rm -rf %s && cp -a %s-whole %s && cd %s/var/lib/assay/txn && cd $(ls -d [0-9]* | %s -n 1) && { %s; }",
			w.dir, w.dir, w.dir, w.dir, damages[i].first ? "head" : "tail",
			damages[i].damage);
		if (damages[i].says != NULL)
			one(&w, damages[i].says);
		/* and back, as far as is known */
		e = (struct assay_err){ 0 };
		test_must(world_undo(&w, NULL, &e), &e);
		/* of a run that was put aside nothing is undone: boot settings of the first, the gate of the second */
		assert_int_equal(world_has(&w, "etc/default/grub", "swiotlb="),
			damages[i].says != NULL && damages[i].first);
		assert_int_equal(
			world_there(&w,
				"etc/systemd/system/multi-user.target.wants/assay-attest.service"),
			damages[i].says != NULL && !damages[i].first);
	}
	world_sh("rm -rf %s-whole %s-was %s-now", w.dir, w.dir, w.dir);
	world_files_done(&w);
}

/* Where others may lay journals, none is believed. */
static void of_others(void **state)
{
	static const char *const ways[] = { "chmod g+w", "chmod o+w", "chown 12345" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     was = { 0 };
		struct machine                  *m   = NULL;
		struct plan                     *p   = NULL;
		struct assay_err                 e   = { 0 };

		if (i == 2 && geteuid() != 0)
			continue; /* only root gives files away */
		world_make(&w, &world_trees[0], true);
		assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REBOOT);
		world_picture(&w, &was);
		world_sh("%s %s/var/lib/assay/txn", ways[i], w.dir);
		for (unsigned k = 0; k < 4; k++) {
			CLEANUP(buf_done) struct buf said = { 0 };

			e = (struct assay_err){ 0 };
			k == 0           ? setup_plan(&w.setup, &m, &p, &e)
				: k == 1 ? world_apply(&w, &e)
				: k == 2 ? world_undo(&w, NULL, &e)
					 : setup_status(&w.setup, &said, &e);
			assert_int_equal(e.code, ASSAY_HOST_JOURNAL);
			assert_non_null(strstr(assay_err_text(&e),
				"/var/lib/assay/txn is of another user, or others may write to it"));
		}
		world_same(&w, &was);
	}
}

/* The way is named as it is to be typed, whatever the root is called. */
static void another_root(void **state)
{
	CLEANUP(world_done) struct world w    = { 0 };
	CLEANUP(buf_done) struct buf     said = { 0 };
	struct assay_err                 e    = { 0 };
	char                             dir[128];

	(void)state;
	world_make(&w, &world_trees[0], true);
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REBOOT);
	world_sh("sed -i 2d %s/var/lib/assay/txn/*/journal && mv %s '%s of; mine'", w.dir,
		w.dir, w.dir);
	snprintf(dir, sizeof(dir), "%s of; mine/", w.dir);
	w.setup.how.root = dir;
	e                = (struct assay_err){ 0 };
	assert_int_equal(setup_status(&w.setup, &said, &e), ASSAY_HOST_JOURNAL);
	walk(buf_bytes(&said), "2. mv ");
	said.n = 0;
	e      = (struct assay_err){ 0 };
	test_must(setup_status(&w.setup, &said, &e), &e);
	world_sh("rm -rf '%s'", dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(damaged),
		cmocka_unit_test(of_others), cmocka_unit_test(another_root) };

	return cmocka_run_group_tests(tests, known_open, known_close);
}
