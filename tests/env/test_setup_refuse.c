/* SPDX-License-Identifier: Apache-2.0
 *
 * Machines that setup leaves as they are. */
#include "env/world.h"

#include <stdio.h>

#include "test.h"
static const struct {
	const char  *name;
	struct tree  tree;
	enum profile profile;
	const char  *file, *text; /* written first */
} refusals[] = {
	{ "seven GPUs", { TREE_ALINUX3, 7, 0, 0 }, PROFILE_AUTO, NULL, NULL },
	{ "seven GPUs, told otherwise", { TREE_ALINUX3, 7, 0, 0 }, PROFILE_PPCIE, NULL, NULL },
	{ "three switches", { TREE_ALINUX3, 8, 3, 0 }, PROFILE_AUTO, NULL, NULL },
	{ "no GPU", { TREE_ALINUX3, 0, 0, 0 }, PROFILE_AUTO, NULL, NULL },
	{ "one GPU, told eight", { TREE_ALINUX3, 1, 0, 0 }, PROFILE_PPCIE, NULL, NULL },
	{ "a UKI", { TREE_ALINUX3, 1, 0, TREE_UKI }, PROFILE_AUTO, NULL, NULL },
	{ "another install line", { TREE_ALINUX3, 1, 0, 0 }, PROFILE_AUTO,
		"etc/modprobe.d/a.conf", "install nvidia /bin/true\n" },
	{ "too little memory", { TREE_ALINUX3, 1, 0, 0 }, PROFILE_AUTO, "proc/meminfo",
		"MemTotal: 16000000 kB\n" },
	{ "another value where it is not changed", { TREE_UBUNTU2204, 1, 0, 0 }, PROFILE_AUTO,
		"etc/default/grub.d/70-x.cfg", "GRUB_CMDLINE_LINUX_DEFAULT=\"swiotlb=1\"\n" },
	{ "NVLink off, and eight GPUs", { TREE_ALINUX3, 8, 4, TREE_NVLINK_OFF }, PROFILE_AUTO,
		NULL, NULL },
	{ "NVLink to be off, and eight GPUs", { TREE_ALINUX3, 8, 4, TREE_WAITS }, PROFILE_AUTO,
		NULL, NULL },
	{ "another system", { TREE_ALINUX3, 1, 0, 0 }, PROFILE_AUTO, "etc/os-release",
		"ID=gentoo\n" },
	{ "/boot is not mounted", { TREE_ALINUX3, 1, 0, 0 }, PROFILE_AUTO, "etc/fstab",
		"/dev/vda3 / ext4 defaults 0 0\n/dev/vda2 /boot ext4 defaults 0 0\n" },
};

static void refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     was = { 0 };
		struct assay_err                 e   = { 0 };

		print_message("%s\n", refusals[i].name);
		world_make(&w, &refusals[i].tree, true);
		w.setup.how.profile = refusals[i].profile;
		if (refusals[i].file != NULL)
			world_put(&w, refusals[i].file, refusals[i].text);
		world_picture(&w, &was);
		assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REFUSED);
		world_same(&w, &was);
		assert_false(world_there(&w, "var/lib/assay"));
		assert_int_equal(w.ran.n, 0);
	}
}

/* A file with another name is not parted from it. */
static void two_names(void **state)
{
	CLEANUP(world_done) struct world w   = { 0 };
	CLEANUP(buf_done) struct buf     was = { 0 };
	struct assay_err                 e   = { 0 };

	(void)state;
	world_make(&w, &world_trees[0], true);
	world_sh("ln %s/etc/default/grub %s/etc/grub.mine", w.dir, w.dir);
	world_picture(&w, &was);
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REFUSED);
	assert_non_null(strstr(assay_err_text(&e), "/etc/default/grub has 2 names"));
	world_same(&w, &was);
}

/* A name that a journal does not take: nothing is changed that undo could not find again. */
static void odd_names(void **state)
{
	static const char *const names[] = { "kernel-\303\251.conf", "a\033[31m.conf" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     was = { 0 };
		struct assay_err                 e   = { 0 };
		char                             path[128];

		world_make(&w, &world_trees[0], true);
		snprintf(path, sizeof(path), "boot/loader/entries/%s", names[i]);
		world_put(&w, path, "title x\nversion 1\nlinux /boot/vmlinuz-1\noptions ro\n");
		world_picture(&w, &was);
		assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REFUSED);
		assert_non_null(strstr(assay_err_text(&e), "no plain one"));
		world_same(&w, &was);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(refused),
		cmocka_unit_test(two_names), cmocka_unit_test(odd_names) };

	return cmocka_run_group_tests(tests, known_open, known_close);
}
