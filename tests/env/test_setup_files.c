/* SPDX-License-Identifier: Apache-2.0
 *
 * Installers: which are run, and what they wait for. */
#include "env/world.h"

#include <stdio.h>

#include "env/line.h"
#include "test.h"

/* A file that is not the one whose digest is known is not run. */
static void wrong_file(void **state)
{
	CLEANUP(world_done) struct world w     = { 0 };
	CLEANUP(buf_done) struct buf     lines = { 0 };
	struct assay_err                 e     = { 0 };

	(void)state;
	world_make(&w, &world_trees[0], true);
	world_files(&w, &lines);
	world_sh("echo more >> %s-files/NVIDIA-Linux-x86_64-550.144.03.run", w.dir);
	world_halfway(&w);
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_STEP);
	assert_false(bytes_has(buf_bytes(&w.ran), "NVIDIA-Linux"));
	world_files_done(&w);
}

static enum assay_code fetch(
	void *ctx, const char *folder, const struct step *s, struct assay_err *e)
{
	struct world *w = ctx;

	(void)e;
	buf_printf(&w->ran, "fetch %s\n", s->url);
	world_sh("printf %%s %s > %s/%s", s->file, folder, s->file);
	return ASSAY_OK;
}

static void fetched(void **state)
{
	CLEANUP(world_done) struct world w     = { 0 };
	CLEANUP(buf_done) struct buf     lines = { 0 };
	struct assay_err                 e     = { 0 };

	(void)state;
	world_make(&w, &world_trees[3], true);
	world_files(&w, &lines);
	world_sh("rm %s-files/*", w.dir);
	world_halfway(&w);
	assert_int_equal(world_apply(&w, &e), ASSAY_INPUT_FILE);
	assert_false(bytes_has(buf_bytes(&w.ran), "rpm -ivh"));
	w.op.fetch = fetch;
	e          = (struct assay_err){ 0 };
	test_must(world_apply(&w, &e), &e);
	assert_true(bytes_has(buf_bytes(&w.ran),
		"/repos/rhel9/x86_64/nvidia-fabric-manager-570.148.08-1.x86_64.rpm"));
	world_files_done(&w);
}

static void consents(void **state)
{
	CLEANUP(world_done) struct world w     = { 0 };
	CLEANUP(buf_done) struct buf     lines = { 0 }, was = { 0 };
	struct assay_err                 e = { 0 };

	(void)state;
	world_make(&w, &world_trees[0], true);
	world_picture(&w, &was);
	w.setup.measured = false; /* nobody agreed that measurements change */
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_CONSENT);
	world_same(&w, &was);
	w.setup.measured = true;
	e                = (struct assay_err){ 0 };
	world_halfway(&w);
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_CONSENT); /* the licence */
	world_files(&w, &lines);
	w.setup.options.pins = bytes_text(world_pins);
	e                    = (struct assay_err){ 0 };
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_CONSENT); /* no digest */
	w.setup.options.pins = buf_bytes(&lines);
	w.setup.measured     = false; /* the driver makes the initramfs again */
	e                    = (struct assay_err){ 0 };
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_CONSENT);
	assert_false(bytes_has(buf_bytes(&w.ran), "cloudmonitor")); /* not paused for nothing */
	assert_false(bytes_has(buf_bytes(&w.ran), "NVIDIA-Linux"));
	world_files_done(&w);
}

/* What another user may write to could be changed between the look and the run. */
static void open_folder(void **state)
{
	CLEANUP(world_done) struct world w     = { 0 };
	CLEANUP(buf_done) struct buf     lines = { 0 };
	struct assay_err                 e     = { 0 };

	(void)state;
	world_make(&w, &world_trees[0], true);
	world_files(&w, &lines);
	world_sh("chmod 777 %s-files", w.dir);
	world_halfway(&w);
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_STEP);
	assert_non_null(strstr(assay_err_text(&e), "by others than root"));
	assert_false(bytes_has(buf_bytes(&w.ran), "NVIDIA-Linux"));
	/* nor is anything fetched into it */
	world_sh("rm %s-files/*.run", w.dir);
	w.op.fetch = fetch;
	e          = (struct assay_err){ 0 };
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_STEP);
	assert_false(bytes_has(buf_bytes(&w.ran), "fetch "));
	world_sh("chmod 755 %s-files", w.dir);
	e = (struct assay_err){ 0 };
	test_must(world_apply(&w, &e), &e);
	world_files_done(&w);
}

/* apt's lists are brought when, and only when, what is to be installed is in none; once; and no undo takes them away. */
static void apt_lists(void **state)
{
	static const struct {
		const char *name, *damage; /* a shell, in var/lib/apt/lists */
		const char *why;           /* NULL: they are not brought */
		const char *unread;        /* NULL: all that counts was read */
	} cases[] = {
		{ "all are there", ":", NULL },
		{ "none is", "rm -r *", "apt has no list" },
		{ "half of one is", "mv *_Packages partial/", "apt has no list" },
		{ "one lacks a package", "sed -i 's/: build-essential$/&-x/' *_Packages",
			"no list of apt's has build-essential" },
		{ "another one has it",
			"sed -i 's/: build-essential$/&-x/' *_Packages; printf 'Package: build-essential' > o_Packages",
			NULL },
		{ "the lists are compressed", "rm *_Packages; touch x_Packages.lz4", NULL,
			"were not read: whether they have linux-headers-" },
		{ "one of them is, and what is wanted is in the others", "touch x_Packages.lz4",
			NULL },
		{ "one of them is, and may have the rest",
			"sed -i 's/: build-essential$/&-x/' *_Packages; touch x_Packages.xz",
			NULL, "were not read: whether they have build-essential" },
		{ "a folder of that name", "rm *_Packages; mkdir x_Packages",
			"apt has no list" },
		{ "its name, in another field",
			"sed -i 's/: build-essential$/: x\\nProvides: build-essential/' *_Packages",
			"no list of apt's has build-essential" },
	};
	const struct tree t = { TREE_DEBIAN12, 1, 0, 0 };

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(cases); i++) {
		CLEANUP(world_done) struct world w     = { 0 };
		CLEANUP(buf_done) struct buf     lines = { 0 }, plan = { 0 }, said = { 0 };
		struct machine                  *m   = NULL;
		struct plan                     *p   = NULL;
		struct assay_err                 e   = { 0 };
		const char                      *why = cases[i / 2].why;
		const uint8_t                   *first;

		print_message("%s\n", cases[i / 2].name);
		world_make(&w, &t, true);
		world_files(&w, &lines);
		world_reboot(&w); /* boot settings of another hand */
		world_apply(&w, &e);
		world_undo(&w, NULL, &e);
		world_lists(&w);
		world_sh(
			"cd %s/var/lib/apt/lists && { %s; } && rm -rf %s/var/lib/assay %s/lib/modules/*/build",
			w.dir, cases[i / 2].damage, w.dir, w.dir);
		w.bare  = i % 2 == 1; /* or the mirror has no such package either */
		w.ran.n = 0;
		e       = (struct assay_err){ 0 };
		test_must(setup_plan(&w.setup, &m, &p, &e), &e);
		test_must(plan_show(p, m, &plan, &e), &e);
		setup_plan_free(m, p);
		assert_int_equal(
			bytes_has(buf_bytes(&plan), "run apt-get update"), why != NULL);
		assert_true(why == NULL || bytes_has(buf_bytes(&plan), why));
		assert_int_equal(bytes_has(buf_bytes(&plan), "were not read"),
			cases[i / 2].unread != NULL);
		assert_true(cases[i / 2].unread == NULL ||
			bytes_has(buf_bytes(&plan), cases[i / 2].unread));
		world_apply(&w, &e);
		w.setup.now += 86400;
		world_put(&w, "proc/sys/kernel/random/boot_id", "3333\n");
		e = (struct assay_err){ 0 };
		test_must(world_apply(&w, &e), &e);
		first = bytes_find(buf_bytes(&w.ran), BYTES("apt-get update\n"));
		assert_int_equal(first != NULL, why != NULL);
		assert_non_null(bytes_find(
			buf_bytes(&w.ran), BYTES("apt-get install -y linux-headers-")));
		if (first != NULL) {
			assert_true(first <
				bytes_find(buf_bytes(&w.ran), BYTES("apt-get install")));
			assert_null(bytes_find(
				bytes_behind(buf_bytes(&w.ran), (size_t)(first - w.ran.p) + 1),
				BYTES("apt-get update\n")));
		}
		test_must(world_undo(&w, &said, &e), &e);
		assert_int_equal(
			bytes_has(buf_bytes(&said),
				"stays: what this brought, others may use: run apt-get update"),
			why != NULL);
		world_files_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(apt_lists),
		cmocka_unit_test(wrong_file), cmocka_unit_test(fetched),
		cmocka_unit_test(consents), cmocka_unit_test(open_folder) };

	return cmocka_run_group_tests(tests, known_open, known_close);
}
