/* SPDX-License-Identifier: Apache-2.0
 *
 * Apply, step by step: there, nothing more to do, and back to the byte; and what ends it on the way. */
#include "env/world.h"

#include <unistd.h>

#include "env/line.h"
#include "test.h"
/* The whole way, then nothing is left to do, then all of it back: to the byte. */
static void there_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < WORLD_TREES; i++) {
		CLEANUP(world_done) struct world w = { 0 };
		CLEANUP(buf_done)
		struct buf was = { 0 }, half = { 0 }, set = { 0 }, lines = { 0 }, said = { 0 };
		struct assay_err e = { 0 };

		world_show(&world_trees[i]);
		world_make(&w, &world_trees[i], true);
		world_files(&w, &lines);
		w.fails = NULL;
		world_picture(&w, &was);
		assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REBOOT);
		world_picture(&w, &half);
		assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REBOOT);
		world_same(&w, &half);
		assert_false(bytes_has(buf_bytes(&w.ran), "NVIDIA-Linux"));
		/* back from there, and forth again */
		test_must(world_undo(&w, NULL, &e), &e);
		world_same(&w, &was);
		assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REBOOT);
		world_same(&w, &half);
		/* what the reboot itself changes is no part of what is compared */
		buf_done(&was);
		test_must(world_undo(&w, NULL, &e), &e);
		world_halfway(&w);
		test_must(world_apply(&w, &e), &e);
		world_picture(&w, &set);
		w.ran.n = 0;
		test_must(world_apply(&w, &e), &e);
		world_same(&w, &set);
		assert_int_equal(w.ran.n, 0);
		test_must(setup_status(&w.setup, &said, &e), &e);
		assert_true(bytes_has(buf_bytes(&said), "start         as it must be"));
		assert_true(world_there(
			&w, "etc/systemd/system/multi-user.target.wants/assay-attest.service"));
		assert_true(world_there(
			&w, "etc/systemd/system/multi-user.target.wants/cloudmonitor.service"));
		test_must(world_undo(&w, NULL, &e), &e);
		assert_false(world_there(&w, "etc/modprobe.d/nvidia-lkca.conf"));
		assert_false(world_there(
			&w, "etc/systemd/system/multi-user.target.wants/assay-attest.service"));
		assert_true(world_there(
			&w, "etc/systemd/system/multi-user.target.wants/cloudmonitor.service"));
		assert_true(world_has(&w, "run/assay/systemd",
			"Id=cloudmonitor.service\nLoadState=loaded\nActiveState=active"));
		/* daemons that did not run before rest again */
		assert_true(world_has(&w, "run/assay/systemd",
			"Id=nvidia-persistenced.service\nLoadState=loaded\nActiveState=inactive"));
		assert_false(world_has(&w, "run/assay/systemd",
			"Id=nvidia-fabricmanager.service\nLoadState=loaded\nActiveState=active"));
		/* a second time nothing is undone */
		w.ran.n = 0;
		test_must(world_undo(&w, NULL, &e), &e);
		assert_int_equal(w.ran.n, 0);
		world_files_done(&w);
	}
}

/* The tree after the reboot, set up and back, without the reboot's own changes in between. */
static void byte_identical(void **state)
{
	(void)state;
	for (size_t i = 0; i < WORLD_TREES; i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     was = { 0 }, lines = { 0 };
		struct assay_err                 e = { 0 };

		world_show(&world_trees[i]);
		world_make(&w, &world_trees[i], true);
		world_files(&w, &lines);
		world_reboot(&w); /* the pool is there already, by another hand */
		world_sh("for d in %s/lib/modules/*; do mkdir -p $d/build; done", w.dir);
		world_sh("chmod 0600 %s/etc/modprobe.d/usual.conf", w.dir);
		world_images(&w, "made-here"); /* behind a good boot undo makes them again */
		world_picture(&w, &was);
		world_apply(&w, &e);
		world_put(&w, "proc/sys/kernel/random/boot_id",
			"33333333-0000-0000-0000-000000000000\n");
		e = (struct assay_err){ 0 };
		test_must(world_apply(&w, &e), &e);
		test_must(world_undo(&w, NULL, &e), &e);
		world_put(&w, "proc/sys/kernel/random/boot_id",
			"22222222-0000-0000-0000-000000000000\n");
		world_same(&w, &was);
		world_files_done(&w);
	}
}

/* A tree that is not the running machine: files alone, what else there is to do is told. */
static void tree_alone(void **state)
{
	CLEANUP(world_done) struct world w   = { 0 };
	CLEANUP(buf_done) struct buf     was = { 0 }, out = { 0 };
	struct assay_err                 e = { 0 };

	(void)state;
	world_make(&w, &world_trees[1], false);
	world_picture(&w, &was);
	assert_int_equal(setup_apply(&w.setup, &out, &e), ASSAY_HOST_REBOOT);
	assert_true(bytes_has(buf_bytes(&out), "run dracut --regenerate-all -f"));
	assert_true(
		world_has(&w, "etc/modprobe.d/nvidia-lkca.conf", "RmEnableProtectedPcie=0x1"));
	assert_int_equal(w.ran.n, 0);
	test_must(world_undo(&w, NULL, &e), &e);
	world_same(&w, &was);
}

/* Other keys of the driver, in a file of the user's and in one of a package's, stay. */
static void merged(void **state)
{
	static const char *const places[] = { "etc/modprobe.d/mine.conf",
		"usr/lib/modprobe.d/vendor.conf" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     was = { 0 };
		struct assay_err                 e   = { 0 };

		world_make(&w, &world_trees[1], true);
		world_sh("mkdir -p %s/usr/lib/modprobe.d", w.dir);
		world_put(
			&w, places[i], "options nvidia NVreg_RegistryDwords=\"RMA=1;RMB=2\"\n");
		world_picture(&w, &was);
		assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REBOOT);
		assert_true(world_has(&w,
			i == 0 ? "etc/modprobe.d/mine.conf" : "etc/modprobe.d/vendor.conf",
			"\"RMA=1;RMB=2;RmEnableProtectedPcie=0x1\""));
		assert_false(world_has(&w, "etc/modprobe.d/nvidia-lkca.conf", "Registry"));
		if (i == 1)
			assert_false(world_has(&w, places[i], "ProtectedPcie"));
		e = (struct assay_err){ 0 };
		test_must(world_undo(&w, NULL, &e), &e);
		world_same(&w, &was);
	}
}

/* The system's own wish for a reboot comes before software. */
static void reboot_due(void **state)
{
	CLEANUP(world_done) struct world w     = { 0 };
	CLEANUP(buf_done) struct buf     lines = { 0 };
	struct assay_err                 e     = { 0 };

	(void)state;
	world_make(&w, &world_trees[5], true);
	world_files(&w, &lines);
	world_halfway(&w);
	world_put(&w, "run/reboot-required", "*** System restart required ***\n");
	w.ran.n = 0;
	e       = (struct assay_err){ 0 };
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REBOOT);
	assert_int_equal(w.ran.n, 0);
	world_sh("rm %s/run/reboot-required", w.dir);
	e = (struct assay_err){ 0 };
	test_must(world_apply(&w, &e), &e);
	world_files_done(&w);
}

/* After the reboot the pool is measured, not believed. */
static void no_effect(void **state)
{
	CLEANUP(world_done) struct world w = { 0 };
	struct assay_err                 e = { 0 };

	(void)state;
	world_make(&w, &world_trees[3], true);
	world_halfway(&w);
	world_put(&w, "dev/kmsg",
		"6,2,210000,-;software IO TLB: mapped [mem "
		"0x000000003b800000-0x000000007b800000] (1024MB)\n");
	e = (struct assay_err){ 0 };
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_STEP);
	assert_non_null(strstr(assay_err_text(&e), "1024 MiB"));
}

static void fails(void **state)
{
	CLEANUP(world_done) struct world w     = { 0 };
	CLEANUP(buf_done) struct buf     lines = { 0 }, out = { 0 };
	struct assay_err                 e = { 0 };

	(void)state;
	world_make(&w, &world_trees[1], true);
	world_files(&w, &lines);
	world_halfway(&w);
	w.fails = "NVIDIA-Linux";
	e       = (struct assay_err){ 0 };
	assert_int_equal(setup_apply(&w.setup, &out, &e), ASSAY_HOST_STEP);
	assert_true(bytes_has(buf_bytes(&out), "Go back: assay setup undo"));
	assert_false(bytes_has(buf_bytes(&w.ran), "start nvidia-persistenced"));
	/* CloudMonitor is as it was, though the installation failed */
	assert_true(world_there(
		&w, "etc/systemd/system/multi-user.target.wants/cloudmonitor.service"));
	assert_true(bytes_has(buf_bytes(&w.ran), "start cloudmonitor.service"));
	/* and though the GPUs' daemon does not start */
	w.fails = "nvidia-persistenced.service";
	w.ran.n = out.n = 0;
	e               = (struct assay_err){ 0 };
	assert_int_equal(setup_apply(&w.setup, &out, &e), ASSAY_HOST_STEP);
	assert_true(bytes_has(buf_bytes(&w.ran), "stop cloudmonitor.service"));
	assert_true(bytes_has(buf_bytes(&w.ran), "start cloudmonitor.service"));
	assert_true(world_there(
		&w, "etc/systemd/system/multi-user.target.wants/cloudmonitor.service"));
	world_record(&w, "nvidia-persistenced.service", false);
	w.fails = NULL;
	e       = (struct assay_err){ 0 };
	test_must(world_apply(&w, &e), &e);
	world_files_done(&w);
}

/* A program that does not end is ended: the step failed, one line says so with what it printed last, and both ways go on. */
static void late(void **state)
{
	static const struct {
		const char *name, *late, *back; /* what undo runs for it */
		bool        half;
	} cases[] = {
		{ "a package manager", "yum install -y openssl3", "rpm -q openssl3", false },
		{ "that had done it", "yum install -y openssl3", "rpm -e openssl3", true },
		{ "packages from files", "rpm -ivh", "rpm -q nvidia-fabric-manager", false },
		{ "the driver's installer", "NVIDIA-Linux", "nvidia-uninstall", true },
		{ "what makes images", "dracut", "dracut", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(world_done) struct world w     = { 0 };
		CLEANUP(buf_done) struct buf     lines = { 0 }, out = { 0 }, was = { 0 };
		struct assay_err                 e = { 0 };

		print_message("%s\n", cases[i].name);
		world_make(&w, &world_trees[1], true);
		world_files(&w, &lines);
		world_sh("for d in %s/lib/modules/*; do mkdir -p $d/build; done", w.dir);
		if (i < 4) {
			world_halfway(&w);
			world_sh("rm -rf %s/var/lib/assay", w.dir); /* of another hand */
			world_picture(&w, &was);
		} else {
			world_picture(&w, &was);
		}
		w.late = cases[i].late;
		w.half = cases[i].half;
		e      = (struct assay_err){ 0 };
		assert_int_equal(setup_apply(&w.setup, &out, &e), ASSAY_HOST_STEP);
		assert_non_null(strstr(assay_err_text(&e),
			"had not ended after 60 minutes, and was ended with all that it ran"));
		assert_true(bytes_has(buf_bytes(&out), "failed: run "));
		assert_true(bytes_has(buf_bytes(&out), "  | it goes on\n  | and on\n"));
		world_sh(
			"cat %s/var/lib/assay/txn/*/journal | grep -q '\"status\": 143, \"why\"'",
			w.dir);
		world_sh("cp -a %s %s-half", w.dir, w.dir);
		w.late  = NULL;
		w.ran.n = 0;
		e       = (struct assay_err){ 0 };
		test_must(world_undo(&w, NULL, &e), &e);
		assert_int_equal(bytes_has(buf_bytes(&w.ran), cases[i].back), i < 4);
		world_same(&w, &was);
		world_sh("rm -rf %s && mv %s-half %s", w.dir, w.dir, w.dir);
		e = (struct assay_err){ 0 };
		assert_int_equal(world_apply(&w, &e), i < 4 ? ASSAY_OK : ASSAY_HOST_REBOOT);
		world_files_done(&w);
	}
}

/* Kernel and driver held, each system in its way; and released again, what was held before staying so. */
static void held(void **state)
{
	static const struct {
		struct tree tree;
		const char *path, *text, *done, *ran, *back;
	} ways[] = {
		{ { TREE_UBUNTU2404, 1, 0, 0 }, "var/lib/dpkg/status",
			"Package: linux-image-6.8.0-64-generic\nStatus: install ok installed\n\n"
			"Package: nvidia-old\nStatus: hold ok installed\n\n"
			"Package: bash\nStatus: install ok installed\n\n",
			"Package: linux-image-6.8.0-64-generic\nStatus: hold ok installed\n",
			"apt-mark hold linux-image-6.8.0-64-generic\n",
			"apt-mark unhold linux-image-6.8.0-64-generic\n" },
		{ { TREE_ROCKY9, 1, 0, 0 }, "etc/dnf/dnf.conf", "[main]\ngpgcheck=1\n",
			"exclude=kernel* nvidia-* libnvidia-*\n", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     was = { 0 }, lines = { 0 }, set = { 0 };
		struct assay_err                 e = { 0 };

		world_make(&w, &ways[i].tree, true);
		world_files(&w, &lines);
		world_sh("mkdir -p %s/var/lib/dpkg %s/etc/dnf", w.dir, w.dir);
		world_put(&w, ways[i].path, ways[i].text);
		world_picture(&w, &was);
		w.setup.options.hold = true;
		assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REBOOT);
		assert_false(world_has(&w, ways[i].path, ways[i].done)); /* it is the last */
		world_reboot(&w);
		assert_int_equal(world_apply(&w, &e), ASSAY_OK);
		assert_true(world_has(&w, ways[i].path, ways[i].done));
		assert_true(ways[i].ran == NULL || bytes_has(buf_bytes(&w.ran), ways[i].ran));
		world_picture(&w, &set);
		assert_int_equal(world_apply(&w, &e), ASSAY_OK);
		world_same(&w, &set);
		assert_int_equal(world_undo(&w, NULL, &e), ASSAY_OK);
		assert_true(ways[i].back == NULL || bytes_has(buf_bytes(&w.ran), ways[i].back));
		assert_false(world_has(&w, ways[i].path, ways[i].done));
		assert_true(world_has(&w, ways[i].path, ways[i].text));
		world_files_done(&w);
	}
}

/* One run at a time. */
static void locked(void **state)
{
	CLEANUP(world_done) struct world w    = { 0 };
	CLEANUP(root_done) struct root   root = { 0 };
	struct assay_err                 e    = { 0 };
	int                              lock = -1;

	(void)state;
	world_make(&w, &world_trees[0], true);
	test_must(root_open(w.dir, &root, &e), &e);
	test_must(txn_lock(&root, &lock, &e), &e);
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_BUSY);
	close(lock);
}

static bool after_three(void *ctx)
{
	struct world *w = ctx;

	return ++w->asked > 3;
}

/* A signal between steps: what is whole stays, and both ways go on from there. */
static void interrupted(void **state)
{
	CLEANUP(world_done) struct world w   = { 0 };
	CLEANUP(buf_done) struct buf     was = { 0 }, out = { 0 };
	struct assay_err                 e = { 0 };

	(void)state;
	world_make(&w, &world_trees[0], true);
	world_picture(&w, &was);
	w.setup.stop = after_three;
	assert_int_equal(setup_apply(&w.setup, &out, &e), ASSAY_HOST_STEP);
	assert_true(bytes_has(buf_bytes(&out), "3 steps were done, and no other was begun"));
	assert_non_null(strstr(assay_err_text(&e), "by a signal"));
	w.setup.stop = NULL;
	e            = (struct assay_err){ 0 };
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REBOOT);
	w.setup.stop = after_three;
	w.asked      = 0;
	e            = (struct assay_err){ 0 };
	assert_int_equal(world_undo(&w, NULL, &e), ASSAY_HOST_STEP);
	w.setup.stop = NULL;
	e            = (struct assay_err){ 0 };
	test_must(world_undo(&w, NULL, &e), &e);
	world_same(&w, &was);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(there_and_back),
		cmocka_unit_test(byte_identical), cmocka_unit_test(tree_alone),
		cmocka_unit_test(merged), cmocka_unit_test(reboot_due),
		cmocka_unit_test(no_effect), cmocka_unit_test(fails), cmocka_unit_test(late),
		cmocka_unit_test(held), cmocka_unit_test(locked),
		cmocka_unit_test(interrupted) };

	return cmocka_run_group_tests(tests, known_open, known_close);
}
