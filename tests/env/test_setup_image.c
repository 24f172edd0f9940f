/* SPDX-License-Identifier: Apache-2.0
 *
 * Images, by what is in them. */
#include "env/world.h"

#include "env/line.h"
#include "test.h"
#define IMAGE "boot/initramfs-5.10.134-18.al8.x86_64.img"

static const struct {
	const char     *name, *carries, *forgets;
	bool            packed, no_tool;
	enum assay_code code;
	const char     *says;
} made[] = {
	{ "as wished", "lib/modules/nvidia.ko", NULL, false, false, ASSAY_HOST_REBOOT, NULL },
	{ "as wished, compressed", "lib/modules/nvidia.ko", NULL, true, false,
		ASSAY_HOST_REBOOT, NULL },
	{ "compressed, and nothing unpacks it", "lib/modules/nvidia.ko", "nvidia-lkca", true,
		true, ASSAY_HOST_REBOOT, "not examined: /" IMAGE },
	{ "the driver without its options", "lib/modules/nvidia.ko", "nvidia-lkca", false,
		false, ASSAY_HOST_STEP,
		"has the driver, and not /etc/modprobe.d/nvidia-lkca.conf" },
	{ "the same, compressed", "lib/modules/nvidia.ko.zst", "nvidia-lkca", true, false,
		ASSAY_HOST_STEP, "has the driver, and not /etc/modprobe.d/nvidia-lkca.conf" },
	{ "neither driver nor options", NULL, "nvidia-lkca", true, false, ASSAY_HOST_REBOOT,
		"they count from the disk" },
	{ "nouveau, and what keeps it away is not there", "lib/modules/nouveau.ko.xz",
		"assay-nouveau", true, false, ASSAY_HOST_REBOOT,
		"rd.driver.blacklist=nouveau" },
};

/* An image is believed for what is in it. Before the next boot undo puts the old one back, which no tool would make again. */
static void images(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(made); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     was = { 0 }, said = { 0 };
		struct assay_err                 e = { 0 };

		print_message("%s\n", made[i].name);
		world_make(&w, &world_trees[1], true);
		world_picture(&w, &was);
		w.carries = made[i].carries;
		w.forgets = made[i].forgets;
		w.packed  = made[i].packed;
		w.no_tool = made[i].no_tool;
		assert_int_equal(setup_apply(&w.setup, &said, &e), made[i].code);
		buf_text(&said, assay_err_text(&e));
		assert_true(made[i].says == NULL || bytes_has(buf_bytes(&said), made[i].says));
		assert_int_equal(bytes_has(buf_bytes(&said), "not examined"), made[i].no_tool);
		assert_true(world_has(&w, IMAGE, "made-here"));
		assert_true(world_has(&w, IMAGE ".bak", "original"));
		e = (struct assay_err){ 0 };
		if (made[i].code ==
			ASSAY_HOST_STEP) /* it is made again, and not believed again */
			assert_int_equal(world_apply(&w, &e), ASSAY_HOST_STEP);
		e       = (struct assay_err){ 0 };
		w.ran.n = 0;
		test_must(world_undo(&w, NULL, &e), &e);
		world_same(&w, &was);
		assert_false(bytes_has(buf_bytes(&w.ran), "dracut"));
	}
}

/* After a good boot the copy goes; then, or when somebody made the image anew, undo makes it again. */
static void images_later(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		CLEANUP(world_done) struct world w     = { 0 };
		CLEANUP(buf_done) struct buf     lines = { 0 };
		struct assay_err                 e     = { 0 };

		world_make(&w, &world_trees[1], true);
		world_files(&w, &lines);
		if (i == 2) /* a copy of the user's is not written over */
			world_put(&w, IMAGE ".bak", "mine");
		assert_int_equal(world_apply(&w, &e), ASSAY_HOST_REBOOT);
		if (i == 0) {
			world_reboot(&w);
			e = (struct assay_err){ 0 };
			test_must(world_apply(&w, &e), &e);
			assert_false(world_there(&w, IMAGE ".bak"));
		} else if (i == 1) {
			world_images(&w, "a-package-did");
		} else {
			assert_true(world_has(&w, IMAGE ".assay-bak", "original"));
		}
		w.ran.n = 0;
		e       = (struct assay_err){ 0 };
		test_must(world_undo(&w, NULL, &e), &e);
		assert_int_equal(bytes_has(buf_bytes(&w.ran), "dracut"), i != 2);
		assert_true(world_has(&w, IMAGE, i == 2 ? "original" : "made-here"));
		assert_int_equal(world_there(&w, IMAGE ".bak"), i == 2);
		assert_false(world_there(&w, IMAGE ".assay-bak"));
		world_files_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(images),
		cmocka_unit_test(images_later) };

	return cmocka_run_group_tests(tests, known_open, known_close);
}
