/* SPDX-License-Identifier: Apache-2.0
 *
 * The way back over what somebody changed since. */
#include "env/world.h"

#include "env/line.h"
#include "test.h"
static const struct {
	const char *path, *line;
	bool left; /* undo leaves the file, for its own word cannot be told from the user's */
} edits[] = {
	{ "boot/loader/entries/6a7e-5.10.134-18.al8.x86_64.conf", "# mine\n", false },
	{ "etc/default/grub", "GRUB_TIMEOUT=7\n", false },
	{ "etc/modprobe.d/nvidia-lkca.conf", "options nvidia NVreg_X=1\n", true },
	{ "etc/modprobe.d/assay-nouveau.conf", "blacklist lbm-nouveau\n", true },
};

static void edited(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     was = { 0 }, out = { 0 };
		struct assay_err                 e = { 0 };

		print_message("%s\n", edits[i].path);
		world_make(&w, &world_trees[0], true);
		world_picture(&w, &was);
		assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REBOOT);
		world_add(&w, edits[i].path, edits[i].line);
		e = (struct assay_err){ 0 };
		assert_int_equal(
			world_undo(&w, &out, &e), edits[i].left ? ASSAY_HOST_EDITED : ASSAY_OK);
		assert_true(world_has(&w, edits[i].path, edits[i].line));
		if (!edits[i].left) {
			assert_false(world_has(&w, edits[i].path, "swiotlb="));
			continue;
		}
		assert_true(bytes_has(buf_bytes(&out), "since then:"));
		assert_true(bytes_has(buf_bytes(&out), "+ "));
		w.setup.options.force = true;
		test_must(world_undo(&w, NULL, &e), &e);
		world_same(&w, &was);
		world_sh("grep -rq '%.12s' %s/var/lib/assay/txn/*/*.edited", edits[i].line,
			w.dir);
	}
}

/* One step that cannot go back is left, and said; the others go. */
static void some_left(void **state)
{
	CLEANUP(world_done) struct world w   = { 0 };
	CLEANUP(buf_done) struct buf     was = { 0 }, out = { 0 };
	struct assay_err                 e = { 0 };

	(void)state;
	world_make(&w, &world_trees[0], true);
	world_picture(&w, &was);
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REBOOT);
	world_sh("cd %s/etc/modprobe.d && mv nvidia-lkca.conf x && mkdir nvidia-lkca.conf",
		w.dir);
	world_sh("cd %s/var/lib/assay/txn/*/ && cp 1.before k && echo more >> 1.before", w.dir);
	e = (struct assay_err){ 0 };
	assert_int_equal(world_undo(&w, &out, &e), ASSAY_HOST_EDITED);
	assert_true(bytes_has(buf_bytes(&out), "left: /etc/modprobe.d/nvidia-lkca.conf: "));
	assert_true(bytes_has(buf_bytes(&out), "what is kept of /boot/loader/entries/"));
	assert_false(world_has(&w, "etc/default/grub", "swiotlb="));
	world_sh("cd %s/etc/modprobe.d && rmdir nvidia-lkca.conf && mv x nvidia-lkca.conf",
		w.dir);
	world_sh("cd %s/var/lib/assay/txn/*/ && mv k 1.before", w.dir);
	e = (struct assay_err){ 0 };
	test_must(world_undo(&w, NULL, &e), &e);
	world_same(&w, &was);
}

/* By force, too, nothing goes back but what was there. */
static void kept_damaged(void **state)
{
	CLEANUP(world_done) struct world w   = { 0 };
	CLEANUP(buf_done) struct buf     out = { 0 };
	struct assay_err                 e   = { 0 };

	(void)state;
	world_make(&w, &world_trees[0], true);
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REBOOT);
	world_sh("sed -i 's/swiotlb=[^ \"]*/swiotlb=1/' %s/etc/default/grub", w.dir);
	world_sh("cd %s/var/lib/assay/txn/*/ && for f in *.before; do echo more >> $f; done",
		w.dir);
	w.setup.options.force = true;
	e                     = (struct assay_err){ 0 };
	assert_int_equal(world_undo(&w, &out, &e), ASSAY_HOST_EDITED);
	assert_true(bytes_has(buf_bytes(&out),
		"left: /etc/default/grub: what is kept of /etc/default/grub is not what it was"));
	assert_true(world_has(&w, "etc/default/grub", "swiotlb=1"));
	assert_false(world_has(&w, "etc/default/grub", "more"));
}

/* Our word with another value is the user's, and stays. */
static void another_value(void **state)
{
	static const struct {
		const char *path, *with;
	} values[] = {
		{ "boot/loader/entries/6a7e-5.10.134-18.al8.x86_64.conf",
			"s/swiotlb=4194304,any/swiotlb=8388608,any/" },
		{ "etc/default/grub", "s/swiotlb=4194304,any/swiotlb=4194304,any,force/" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     out = { 0 };
		struct assay_err                 e   = { 0 };

		world_make(&w, &world_trees[0], true);
		assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REBOOT);
		world_sh("sed -i '%s' %s/%s", values[i].with, w.dir, values[i].path);
		e = (struct assay_err){ 0 };
		assert_int_equal(world_undo(&w, &out, &e), ASSAY_HOST_EDITED);
		assert_true(world_has(&w, values[i].path, "swiotlb="));
		assert_true(bytes_has(buf_bytes(&out), "since then:"));
	}
}

/* With more cards and disks than the default pool carries the argument stays. */
static void guarded(void **state)
{
	const struct tree                t   = { TREE_ALINUX3, 8, 4, TREE_EXTRA_CARD };
	CLEANUP(world_done) struct world w   = { 0 };
	CLEANUP(buf_done) struct buf     was = { 0 };
	struct assay_err                 e   = { 0 };

	(void)state;
	world_make(&w, &t, true);
	world_picture(&w, &was);
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REBOOT);
	assert_int_equal(world_undo(&w, NULL, &e), ASSAY_HOST_REFUSED);
	assert_true(world_has(&w, "etc/default/grub", "swiotlb="));
	w.setup.options.force = true;
	e                     = (struct assay_err){ 0 };
	test_must(world_undo(&w, NULL, &e), &e);
	world_same(&w, &was);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(edited),
		cmocka_unit_test(some_left), cmocka_unit_test(kept_damaged),
		cmocka_unit_test(another_value), cmocka_unit_test(guarded) };

	return cmocka_run_group_tests(tests, known_open, known_close);
}
