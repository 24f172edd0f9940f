/* SPDX-License-Identifier: Apache-2.0
 *
 * Plans: as they are printed, as apply then does them, and what none of them ever has. */
#include "env/world.h"

#include <stdio.h>
#include <stdlib.h>

#include "env/bls.h"
#include "env/line.h"
#include "test.h"
static const struct {
	const char     *name;
	struct tree     tree;
	enum ready_mode ready;
	bool            toolkit;
} plans[] = {
	{ "plan-alinux3-single", { TREE_ALINUX3, 1, 0, TREE_ORDER }, READY_ATTEST, true },
	{ "plan-alinux3-ppcie", { TREE_ALINUX3, 8, 4, 0 }, READY_ATTEST, false },
	{ "plan-alinux3-unconditional", { TREE_ALINUX3, 8, 4, TREE_ORDER }, READY_UNCONDITIONAL,
		true },
	{ "plan-alinux3-set-up", { TREE_ALINUX3, 8, 4, TREE_SET_UP }, READY_UNCONDITIONAL,
		false },
	{ "plan-alinux3-not-booted", { TREE_ALINUX3, 1, 0, TREE_SET_UP | TREE_NOT_BOOTED },
		READY_UNCONDITIONAL, false },
	{ "plan-alinux3-7-gpus", { TREE_ALINUX3, 7, 0, 0 }, READY_ATTEST, false },
	{ "plan-alinux3-uki", { TREE_ALINUX3, 1, 0, TREE_UKI }, READY_ATTEST, false },
	{ "plan-alinux3-8-and-3", { TREE_ALINUX3, 8, 3, 0 }, READY_ATTEST, false },
	{ "plan-alinux3-none", { TREE_ALINUX3, 0, 0, 0 }, READY_ATTEST, false },
	{ "plan-alinux3-nouveau", { TREE_ALINUX3, 1, 0, TREE_NOUVEAU }, READY_ATTEST, false },
	{ "plan-alinux3-starting", { TREE_ALINUX3, 8, 4, TREE_SET_UP | TREE_STARTING },
		READY_UNCONDITIONAL, false },
	{ "plan-alinux3-any-ignored", { TREE_ALINUX3, 8, 4, TREE_SET_UP | TREE_ANY_IGNORED },
		READY_UNCONDITIONAL, false },
	{ "plan-alinux3-crash-waits", { TREE_ALINUX3, 1, 0, TREE_CRASH | TREE_WAITS },
		READY_ATTEST, false },
	{ "plan-debian12-crash", { TREE_DEBIAN12, 1, 0, TREE_CRASH }, READY_ATTEST, false },
	{ "plan-alinux3-modprobe", { TREE_ALINUX3, 8, 4, TREE_MODPROBE }, READY_ATTEST, false },
	{ "plan-rocky8-efi", { TREE_ROCKY8, 1, 0, TREE_EFI }, READY_ATTEST, false },
	{ "plan-rocky8-efi-no-bls", { TREE_ROCKY8, 8, 4, TREE_EFI | TREE_NO_BLS }, READY_ATTEST,
		false },
	{ "plan-rocky9-systemd-boot", { TREE_ROCKY9, 8, 4, TREE_SYSTEMD_BOOT }, READY_ATTEST,
		false },
	{ "plan-debian12-systemd-boot", { TREE_DEBIAN12, 1, 0, TREE_SYSTEMD_BOOT },
		READY_ATTEST, false },
	{ "plan-rocky8-single", { TREE_ROCKY8, 1, 0, 0 }, READY_ATTEST, false },
	{ "plan-rocky8-ppcie", { TREE_ROCKY8, 8, 4, 0 }, READY_ATTEST, false },
	{ "plan-rocky9-single", { TREE_ROCKY9, 1, 0, 0 }, READY_ATTEST, false },
	{ "plan-rocky9-ppcie", { TREE_ROCKY9, 8, 4, 0 }, READY_ATTEST, false },
	{ "plan-ubuntu2204-single", { TREE_UBUNTU2204, 1, 0, 0 }, READY_ATTEST, false },
	{ "plan-ubuntu2204-ppcie", { TREE_UBUNTU2204, 8, 4, 0 }, READY_ATTEST, false },
	{ "plan-ubuntu2404-single", { TREE_UBUNTU2404, 1, 0, 0 }, READY_ATTEST, false },
	{ "plan-ubuntu2404-ppcie", { TREE_UBUNTU2404, 8, 4, 0 }, READY_ATTEST, false },
	{ "plan-ubuntu2404-no-lists", { TREE_UBUNTU2404, 1, 0, TREE_NO_LISTS }, READY_ATTEST,
		false },
	{ "plan-debian12-single", { TREE_DEBIAN12, 1, 0, 0 }, READY_ATTEST, false },
	{ "plan-debian12-ppcie", { TREE_DEBIAN12, 8, 4, 0 }, READY_ATTEST, false },
};

/* The same as JSON, and the journals of there and back, for the schemas: into the folder ASSAY_PLANS. */
static void written(struct world *w, const char *name, const struct plan *p)
{
	const char                  *dir  = getenv("ASSAY_PLANS");
	AUTO(json_t)                *json = NULL;
	CLEANUP(buf_done) struct buf text = { 0 }, path = { 0 };
	struct assay_err             e = { 0 };
	FILE                        *f;

	if (dir == NULL)
		return;
	test_must(plan_json(p, &json, &e), &e);
	test_must(json_write(json, &text, &e), &e);
	buf_printf(&path, "%s/%s.json", dir, name);
	f = fopen(buf_cstr(&path), "w");
	assert_non_null(f);
	fwrite(text.p, 1, text.n, f);
	fclose(f);
	world_apply(w, &e);
	world_reboot(w);
	world_apply(w, &e);
	world_undo(w, NULL, &e);
	world_sh("cat %s/var/lib/assay/txn/*/journal > %s/%s.journal 2>/dev/null || true",
		w->dir, dir, name);
}

/* And a plan writes nothing. */
static void golden(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(plans); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     out = { 0 }, was = { 0 };
		struct machine                  *m = NULL;
		struct plan                     *p = NULL;
		struct assay_err                 e = { 0 };

		print_message("%s\n", plans[i].name);
		world_make(&w, &plans[i].tree, true);
		world_picture(&w, &was);
		w.setup.options.ready   = plans[i].ready;
		w.setup.options.toolkit = plans[i].toolkit;
		test_must(setup_plan(&w.setup, &m, &p, &e), &e);
		test_must(plan_show(p, m, &out, &e), &e);
		world_same(&w, &was);
		assert_false(world_there(&w, "var/lib/assay"));
		written(&w, plans[i].name, p);
		setup_plan_free(m, p);
		test_golden("env", plans[i].name, &out);
	}
}

/* Each line that was shown was done; what was done besides is what new packages made possible, and CloudMonitor's return. */
static void both_ways(struct bytes plan, struct bytes said)
{
	struct bytes line;

	for (size_t at = 0; line_next(plan, &at, &line);)
		assert_non_null(bytes_find(said, line));
	for (size_t at = 0; line_next(said, &at, &line);)
		assert_true(bytes_find(plan, line) != NULL ||
			bytes_has(line, "fabricmanager") || bytes_has(line, "cloudmonitor") ||
			bytes_has(line, "steps done"));
}

/* The steps up to the reboot that a plan shows are those that apply then does, in their order. */
static void as_shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * WORLD_TREES; i++) {
		CLEANUP(world_done) struct world w    = { 0 };
		CLEANUP(buf_done) struct buf     plan = { 0 }, said = { 0 }, lines = { 0 };
		struct machine                  *m   = NULL;
		struct plan                     *p   = NULL;
		struct assay_err                 e   = { 0 };
		bool                             all = false;

		world_show(&world_trees[i / 2]);
		world_make(&w, &world_trees[i / 2], true);
		world_files(&w, &lines);
		w.setup.options.ready = i % 2 == 0 ? READY_ATTEST : READY_UNCONDITIONAL;
		world_sh("for d in %s/lib/modules/*; do mkdir -p $d/build; done", w.dir);
		for (unsigned half = 0; half < 2; half++) {
			plan.n = said.n = 0;
			test_must(setup_plan(&w.setup, &m, &p, &e), &e);
			for (size_t k = 0; k < p->aheads; k++)
				if (p->ahead[k].outcome != ASSAY_OUTCOME_PASS)
					buf_printf(&plan, "%s: %s (%s)\n",
						assay_outcome_name(p->ahead[k].outcome),
						p->ahead[k].text, p->ahead[k].item);
			for (size_t k = 0; k < p->steps; k++)
				if (!p->reboot || p->step[k].phase == PHASE_BOOT) {
					step_line(&p->step[k], &plan);
					buf_printf(&plan, " (%s)\n", p->step[k].item);
				}
			setup_plan_free(m, p);
			all = setup_apply(&w.setup, &said, &e) == ASSAY_OK;
			if (half == 0)
				world_reboot(&w);
			e = (struct assay_err){ 0 };
			if (half == 0)
				assert_string_equal(buf_cstr(&said), buf_cstr(&plan));
			else
				both_ways(buf_bytes(&plan), buf_bytes(&said));
		}
		assert_true(all);
		world_files_done(&w);
	}
}

static bool among(const char *text, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(text, *list) == 0)
			return true;
	return false;
}

/* NEVER-02, 10, 13: below /usr/lib nothing is written, modes do not change, and of what boots only the one argument does. */
static void never_file(const struct step *s)
{
	CLEANUP(buf_done) struct buf was = { 0 }, is = { 0 };
	struct assay_err             e = { 0 };

	assert_true(strncmp(s->path, "etc/", 4) == 0 || strncmp(s->path, "boot/", 5) == 0);
	assert_null(strstr(s->path, "selinux"));
	if (s->want.kind == PLACE_FILE && s->before.kind == PLACE_FILE) {
		assert_int_equal(s->want.mode, s->before.mode);
		assert_int_equal(s->want.uid, s->before.uid);
	} else if (s->want.kind == PLACE_FILE) {
		assert_int_equal(s->want.mode, 0644);
	}
	if (strstr(s->path, "loader/entries") != NULL) {
		test_must(bls_set(buf_bytes(&s->before.body), "swiotlb", NULL, &was, &e), &e);
		test_must(bls_set(buf_bytes(&s->want.body), "swiotlb", NULL, &is, &e), &e);
		assert_string_equal(buf_cstr(&was), buf_cstr(&is));
	}
	/* NEVER-12: what starts at boot by setup is the daemons, the gate, and CloudMonitor as before */
	if (s->want.kind == PLACE_LINK)
		assert_true(strstr(s->path, "/nvidia-") != NULL ||
			strstr(s->path, "/assay-attest.service") != NULL ||
			strstr(s->path, "/cloudmonitor.service") != NULL);
	/* NEVER-09 */
	if (strncmp(s->path, "boot/", 5) == 0 || strncmp(s->path, "etc/default/grub", 16) == 0)
		assert_true(s->measured);
}

/* NEVER-01, 03, 04, 05, 06, 10, 11, 14: programs that may be run, and words that they may never get. */
static void never_command(const struct step *s, bool licence)
{
	static const char *const programs[] = { "dracut", "update-initramfs", "update-grub",
		"grub2-mkconfig", "yum", "apt-get", "apt-mark", "rpm", "bash", NULL };
	static const char *const words[] = { "reboot", "poweroff", "halt", "kexec", "shutdown",
		"systemctl", "nvidia-smi", "rmmod", "modprobe", "kill", "setenforce", "mokutil",
		"chmod", "curl", "wget", "pip", "python", "--nogpgcheck",
		"--allow-unauthenticated", "--no-gpg-checks", "remove", "-c", NULL };

	assert_true(among(s->argv[0], programs));
	for (size_t i = 0; s->argv[i] != NULL; i++) {
		assert_false(among(s->argv[i], words));
		assert_null(strstr(s->argv[i], "python"));
		assert_null(strstr(s->argv[i], "gpu-reset"));
	}
	if (strcmp(s->argv[0], "bash") == 0) { /* a file, and its digest */
		assert_true(s->file[0] != 0 && (s->pin[0] != 0 || s->blocked[0] != 0));
		assert_int_equal(strstr(s->argv[1], s->file) != NULL, 1);
	}
	if (s->file[0] != 0 && !licence)
		assert_true(s->blocked[0] != 0);
	if (strcmp(s->item, "INIT-01") == 0 || strcmp(s->item, "BOOT-02") == 0)
		assert_true(s->measured);
}

static void never(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4 * WORLD_TREES; i++) {
		CLEANUP(world_done) struct world w     = { 0 };
		CLEANUP(buf_done) struct buf     lines = { 0 };
		struct machine                  *m     = NULL;
		struct plan                     *p     = NULL;
		struct assay_err                 e     = { 0 };

		world_make(&w, &world_trees[i / 4], true);
		world_files(&w, &lines);
		w.setup.options.toolkit = true;
		w.setup.options.hold    = true;
		w.setup.options.licence = i % 2 == 0;
		w.setup.options.ready   = i % 4 < 2 ? READY_ATTEST : READY_UNCONDITIONAL;
		test_must(setup_plan(&w.setup, &m, &p, &e), &e);
		assert_true(p->steps > 8);
		for (size_t k = 0; k < p->steps; k++) {
			const struct step *s = &p->step[k];

			if (s->what == TXN_DO_FILE)
				never_file(s);
			else if (s->what == TXN_DO_COMMAND)
				never_command(s, w.setup.options.licence);
			else if (s->what == TXN_DO_UNIT) /* NEVER-05: of the GPUs' none stops */
				assert_true(s->verb == VERB_START || s->verb == VERB_RELOAD ||
					strcmp(s->unit, "cloudmonitor.service") == 0);
		}
		setup_plan_free(m, p);
		world_files_done(&w);
	}
}

/* A unit after which the daemon itself starts is not ordered after the daemon. */
static void circles(void **state)
{
	CLEANUP(world_done) struct world w = { 0 };
	struct machine                  *m = NULL;
	struct plan                     *p = NULL;
	struct assay_err                 e = { 0 };

	(void)state;
	world_make(&w, &world_trees[0], true);
	world_put(&w, "usr/lib/systemd/system/nvidia-persistenced.service",
		"[Unit]\nAfter=a.service\n[Service]\nExecStart=/usr/bin/nvidia-persistenced\n");
	world_put(&w, "usr/lib/systemd/system/a.service", "[Unit]\nAfter=docker.service\n");
	test_must(setup_plan(&w.setup, &m, &p, &e), &e);
	assert_true(
		bytes_has(buf_bytes(&p->notes),
			"docker.service is left unordered, it would close a circle: "
			"nvidia-persistenced.service after a.service after docker.service") ||
		bytes_has(buf_bytes(&p->notes), "docker.service is left unordered"));
	for (size_t i = 0; i < p->steps; i++)
		assert_null(strstr(p->step[i].path, "docker.service.d"));
	setup_plan_free(m, p);
}

/* With an argument: the tests of that name alone. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(golden),
		cmocka_unit_test(as_shown), cmocka_unit_test(never),
		cmocka_unit_test(circles) };

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, known_open, known_close);
}
