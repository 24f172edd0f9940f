/* SPDX-License-Identifier: Apache-2.0
 *
 * Ended at every point: undo restores, and apply completes. */
#include "env/world.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
static const struct {
	struct tree tree;
	bool        booted;
} short_trees[] = {
	{ { TREE_ALINUX3, 8, 4, 0 }, false },
	{ { TREE_ALINUX3, 8, 4, 0 }, true },
	{ { TREE_UBUNTU2404, 1, 0, TREE_CRASH | TREE_WAITS }, false },
	{ { TREE_ROCKY8, 1, 0, TREE_EFI | TREE_CRASH | TREE_WAITS }, false },
};

/* One run in a process of its own that ends at that point. true: it came to its own end before. */
static bool run_to(struct world *w, size_t at,
	enum assay_code (*act)(const struct setup *, struct buf *, struct assay_err *))
{
	int   how = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		CLEANUP(buf_done) struct buf out = { 0 };
		struct assay_err             e   = { 0 };
		enum assay_code              code;

		w->setup.tap = world_tap;
		w->lines     = 0;
		w->kill_at   = at;
		code         = act(&w->setup, &out, &e);
		_exit(code == ASSAY_OK || code == ASSAY_HOST_REBOOT ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &how, 0), pid);
	if (WIFEXITED(how))
		assert_int_equal(WEXITSTATUS(how), 0);
	else
		assert_int_equal(WTERMSIG(how), SIGKILL);
	return WIFEXITED(how);
}

static void reset(struct world *w, const char *from)
{
	world_sh("rm -rf %s && cp -a %s %s", w->dir, from, w->dir);
}

/* At every point where a line of the journal or a file is about to be written, or was: undo restores, and apply completes. */
static void walk(struct world *w, struct buf *was, struct buf *full, const char *keep)
{
	for (size_t at = 1;; at++) {
		struct assay_err e = { 0 };

		reset(w, keep);
		if (run_to(w, at, setup_apply)) {
			assert_true(at > 15);
			print_message("%zu points\n", at - 1);
			break;
		}
		world_sh("cp -a %s %s-half", w->dir, w->dir);
		test_must(world_undo(w, NULL, &e), &e);
		world_same(w, was);
		world_sh("rm -rf %s && mv %s-half %s", w->dir, w->dir, w->dir);
		world_apply(w, &e);
		assert_true(e.code == ASSAY_OK || e.code == ASSAY_HOST_REBOOT);
		world_same(w, full);
	}
}

/* And undo itself, ended at every point, is gone on with. */
static void walk_back(struct world *w, struct buf *was, const char *full)
{
	for (size_t at = 1;; at++) {
		struct assay_err e = { 0 };

		reset(w, full);
		if (run_to(w, at, setup_undo))
			break;
		test_must(world_undo(w, NULL, &e), &e);
		world_same(w, was);
	}
}

static void ended(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(short_trees); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     was = { 0 }, full = { 0 }, lines = { 0 };
		char                             keep[80], all[80];
		struct assay_err                 e = { 0 };

		world_show(&short_trees[i].tree);
		world_make(&w, &short_trees[i].tree, true);
		world_files(&w, &lines);
		world_sh("for d in %s/lib/modules/*; do mkdir -p $d/build; done", w.dir);
		if (short_trees[i]
				.booted) { /* boot settings of another hand: the rest is walked */
			world_apply(&w, &e);
			world_reboot(&w);
			world_sh("rm -rf %s/var/lib/assay", w.dir);
		}
		snprintf(keep, sizeof(keep), "%s-keep", w.dir);
		snprintf(all, sizeof(all), "%s-all", w.dir);
		world_sh("cp -a %s %s", w.dir, keep);
		world_picture(&w, &was);
		world_apply(&w, &e);
		world_picture(&w, &full);
		world_sh("cp -a %s %s", w.dir, all);
		walk(&w, &was, &full, keep);
		walk_back(&w, &was, all);
		world_sh("rm -rf %s %s", keep, all);
		world_files_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(ended) };

	return cmocka_run_group_tests(tests, known_open, known_close);
}
