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
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REBOOT);
	world_reboot(&w);
	e = (struct assay_err){ 0 };
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
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REBOOT);
	world_reboot(&w);
	e = (struct assay_err){ 0 };
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
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REBOOT);
	world_reboot(&w);
	e = (struct assay_err){ 0 };
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
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REBOOT);
	world_reboot(&w);
	e = (struct assay_err){ 0 };
	assert_int_equal(world_apply(&w, &e), ASSAY_HOST_STEP);
	assert_non_null(strstr(assay_err_text(&e), "by others than root"));
	assert_false(bytes_has(buf_bytes(&w.ran), "NVIDIA-Linux"));
	world_sh("chmod 755 %s-files", w.dir);
	e = (struct assay_err){ 0 };
	test_must(world_apply(&w, &e), &e);
	world_files_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(wrong_file),
		cmocka_unit_test(fetched), cmocka_unit_test(consents),
		cmocka_unit_test(open_folder) };

	return cmocka_run_group_tests(tests, known_open, known_close);
}
