/* SPDX-License-Identifier: Apache-2.0
 *
 * Daemons of the GPUs: started once, stopped only when nobody minds. */
#include "env/world.h"

#include "env/line.h"
#include "test.h"
static const struct {
	const char *name;
	bool        used, starting, was_on,
		stuck; /* when undo comes; before setup; it does not stop */
	const char *says;
} rests[] = {
	{ "nobody uses the GPUs", false, false, false, false, "stopped: nvidia-persistenced" },
	{ "somebody does", true, false, false, false, "next boot: python3 (77)" },
	{ "it is starting", false, true, false, false, "next boot: it is just starting" },
	{ "it ran before", false, false, true, false, NULL },
	{ "it does not stop", false, false, false, true,
		"next boot: nvidia-persistenced.service did not" },
};

static void daemons(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rests); i++) {
		CLEANUP(world_done) struct world w     = { 0 };
		CLEANUP(buf_done) struct buf     lines = { 0 }, said = { 0 };
		struct assay_err                 e = { 0 };

		print_message("%s\n", rests[i].name);
		world_make(&w, &world_trees[1], true);
		world_files(&w, &lines);
		world_halfway(&w);
		if (rests[i].was_on)
			world_record(&w, "nvidia-persistenced.service", true);
		e = (struct assay_err){ 0 };
		test_must(world_apply(&w, &e), &e);
		assert_int_equal(bytes_has(buf_bytes(&w.ran), "start nvidia-persistenced"),
			!rests[i].was_on);
		world_sh(
			"mkdir -p %s/proc/77/fd %s/proc/78/fd && echo python3 > %s/proc/77/comm && "
			"echo nvidia-persistenced | cut -c1-15 > %s/proc/78/comm",
			w.dir, w.dir, w.dir, w.dir);
		world_sh("ln -s /dev/nvidia0 %s/proc/78/fd/3 && ln -s %s %s/proc/77/fd/4",
			w.dir, rests[i].used ? "/dev/nvidia-uvm" : "/dev/null", w.dir);
		if (rests[i].starting)
			world_sh(
				"sed -i '/nvidia-persistenced/,/^$/s/=active/=activating/' %s/run/assay/systemd",
				w.dir);
		w.fails = rests[i].stuck ? "nvidia-persistenced.service" : NULL;
		w.ran.n = 0;
		assert_int_equal(world_undo(&w, &said, &e),
			rests[i].used ? ASSAY_HOST_EDITED : ASSAY_OK);
		/* the driver is not taken from under its user; it goes when that has ended */
		assert_int_equal(bytes_has(buf_bytes(&w.ran), "rpm -e"), !rests[i].used);
		assert_int_equal(
			bytes_has(buf_bytes(&said), "left: run rpm -e"), rests[i].used);
		if (rests[i].used) {
			world_sh("rm -r %s/proc/77", w.dir);
			test_must(world_undo(&w, NULL, &e), &e);
			assert_true(bytes_has(buf_bytes(&w.ran), "rpm -e"));
		}
		assert_int_equal(bytes_has(buf_bytes(&w.ran), "stop nvidia-persistenced"),
			i == 0 || rests[i].stuck);
		assert_true(
			rests[i].says == NULL || bytes_has(buf_bytes(&said), rests[i].says));
		/* what it is started by at boot is as before, whatever runs now */
		assert_false(world_there(&w,
			"etc/systemd/system/multi-user.target.wants/nvidia-persistenced.service"));
		world_files_done(&w);
	}
}

/* NEVER-17: a start that failed is not tried again by the same run. NEVER-15: it says where it stands, and what is next. */
static void never_again(void **state)
{
	CLEANUP(world_done) struct world w     = { 0 };
	CLEANUP(buf_done) struct buf     lines = { 0 }, out = { 0 };
	struct assay_err                 e = { 0 };
	const uint8_t                   *first;

	(void)state;
	world_make(&w, &world_trees[0], true);
	world_files(&w, &lines);
	world_halfway(&w);
	w.fails = "nvidia-persistenced.service";
	e       = (struct assay_err){ 0 };
	assert_int_equal(setup_apply(&w.setup, &out, &e), ASSAY_HOST_STEP);
	first = bytes_find(buf_bytes(&w.ran), BYTES("start nvidia-persistenced"));
	assert_non_null(first);
	assert_false(
		bytes_has((struct bytes){ first + 1, (size_t)(w.ran.p + w.ran.n - first) - 1 },
			"start nvidia-persistenced"));
	assert_true(bytes_has(buf_bytes(&out), "failed: start nvidia-persistenced.service"));
	assert_true(bytes_has(
		buf_bytes(&out), "Go on: assay setup apply. Go back: assay setup undo."));
	world_files_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(daemons),
		cmocka_unit_test(never_again) };

	return cmocka_run_group_tests(tests, known_open, known_close);
}
