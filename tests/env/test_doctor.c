/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole machines as trees, and what is said of each: the text reports are in tests/data/env, and ASSAY_GOLDEN=1 writes them. */
#include "env/tree.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "env/items.h"
#include "env/known.h"
#include "report/report.h"
#include "test.h"

#define NOW 1764093700

static const struct {
	const char *name;
	struct tree tree;
	int         status;
} fixtures[] = {
	{ "alinux3-single", { TREE_ALINUX3, 1, 0, TREE_SET_UP }, 0 },
	{ "alinux3-ppcie", { TREE_ALINUX3, 8, 4, TREE_SET_UP }, 0 },
	{ "alinux3-bare", { TREE_ALINUX3, 1, 0, TREE_BARE }, 5 },
	{ "alinux3-ppcie-bare", { TREE_ALINUX3, 8, 4, TREE_BARE }, 5 },
	{ "alinux3-7-gpus", { TREE_ALINUX3, 7, 4, TREE_SET_UP }, 5 },
	{ "alinux3-8-and-3", { TREE_ALINUX3, 8, 3, TREE_SET_UP }, 5 },
	{ "alinux3-1-and-4", { TREE_ALINUX3, 1, 4, TREE_SET_UP }, 5 },
	{ "alinux3-none", { TREE_ALINUX3, 0, 0, TREE_SET_UP }, 5 },
	{ "alinux3-nouveau", { TREE_ALINUX3, 1, 0, TREE_SET_UP | TREE_NOUVEAU }, 5 },
	{ "alinux3-starting", { TREE_ALINUX3, 8, 4, TREE_SET_UP | TREE_STARTING }, 5 },
	{ "alinux3-any-ignored",
		{ TREE_ALINUX3, 8, 4, TREE_SET_UP | TREE_ANY_IGNORED | TREE_EXTRA_CARD }, 5 },
	{ "alinux3-uki", { TREE_ALINUX3, 1, 0, TREE_SET_UP | TREE_UKI }, 3 },
	{ "alinux3-cc-off", { TREE_ALINUX3, 1, 0, TREE_SET_UP | TREE_CC_OFF }, 5 },
	{ "alinux3-not-booted", { TREE_ALINUX3, 8, 4, TREE_SET_UP | TREE_NOT_BOOTED }, 5 },
	{ "alinux3-old-image", { TREE_ALINUX3, 8, 4, TREE_SET_UP | TREE_OLD_IMAGE }, 5 },
	{ "alinux3-faults", { TREE_ALINUX3, 1, 0, TREE_SET_UP | TREE_FAULTS }, 5 },
	{ "alinux3-order", { TREE_ALINUX3, 1, 0, TREE_SET_UP | TREE_ORDER }, 5 },
	{ "rocky8-bare", { TREE_ROCKY8, 1, 0, TREE_BARE }, 5 },
	{ "rocky8-single", { TREE_ROCKY8, 1, 0, TREE_SET_UP }, 0 },
	{ "rocky9-ppcie", { TREE_ROCKY9, 8, 4, TREE_SET_UP }, 0 },
	{ "rocky9-bare", { TREE_ROCKY9, 1, 0, TREE_BARE }, 5 },
	{ "ubuntu2204-bare", { TREE_UBUNTU2204, 1, 0, TREE_BARE }, 5 },
	{ "ubuntu2404-ppcie", { TREE_UBUNTU2404, 8, 4, TREE_SET_UP }, 0 },
	{ "debian12-bare", { TREE_DEBIAN12, 1, 0, TREE_BARE }, 5 },
	{ "alinux3-stopped", { TREE_ALINUX3, 1, 0, TREE_SET_UP | TREE_STOPPED }, 5 },
	{ "ubuntu2404-fabric", { TREE_UBUNTU2404, 8, 4, TREE_SET_UP | TREE_OLD_FABRIC }, 5 },
	{ "alinux3-gate", { TREE_ALINUX3, 1, 0, TREE_SET_UP | TREE_GATE }, 0 },
	{ "alinux3-hostile", { TREE_ALINUX3, 1, 0, TREE_SET_UP | TREE_HOSTILE }, 5 },
	{ "alinux3-modprobe", { TREE_ALINUX3, 1, 0, TREE_SET_UP | TREE_MODPROBE }, 5 },
	{ "alinux3-ppcie-modprobe", { TREE_ALINUX3, 8, 4, TREE_SET_UP | TREE_MODPROBE }, 0 },
	{ "alinux3-foreign-library", { TREE_ALINUX3, 1, 0, TREE_SET_UP | TREE_FOREIGN_LIB },
		3 },
	{ "ubuntu2404-ordinary",
		{ TREE_UBUNTU2404, 1, 0, TREE_SET_UP | TREE_ORDINARY | TREE_CC_OFF }, 5 },
	{ "alinux3-crash", { TREE_ALINUX3, 1, 0, TREE_SET_UP | TREE_CRASH }, 0 },
	{ "debian12-crash", { TREE_DEBIAN12, 1, 0, TREE_SET_UP | TREE_CRASH }, 5 },
	{ "alinux3-waits", { TREE_ALINUX3, 1, 0, TREE_SET_UP | TREE_WAITS }, 0 },
	{ "alinux3-waits-off",
		{ TREE_ALINUX3, 1, 0, TREE_SET_UP | TREE_WAITS | TREE_NVLINK_OFF }, 5 },
	{ "alinux3-ppcie-nvlink-off", { TREE_ALINUX3, 8, 4, TREE_SET_UP | TREE_NVLINK_OFF },
		5 },
	{ "rocky8-ppcie", { TREE_ROCKY8, 8, 4, TREE_SET_UP }, 0 },
	{ "rocky8-efi", { TREE_ROCKY8, 1, 0, TREE_SET_UP | TREE_EFI }, 0 },
	{ "rocky8-efi-bare", { TREE_ROCKY8, 1, 0, TREE_EFI }, 5 },
	{ "rocky8-efi-no-bls", { TREE_ROCKY8, 8, 4, TREE_SET_UP | TREE_EFI | TREE_NO_BLS }, 0 },
	{ "rocky8-efi-no-bls-bare", { TREE_ROCKY8, 8, 4, TREE_EFI | TREE_NO_BLS }, 5 },
	{ "rocky9-single", { TREE_ROCKY9, 1, 0, TREE_SET_UP }, 0 },
	{ "rocky9-systemd-boot", { TREE_ROCKY9, 8, 4, TREE_SET_UP | TREE_SYSTEMD_BOOT }, 0 },
	{ "ubuntu2204-single", { TREE_UBUNTU2204, 1, 0, TREE_SET_UP }, 0 },
	{ "ubuntu2204-ppcie", { TREE_UBUNTU2204, 8, 4, TREE_SET_UP }, 0 },
	{ "ubuntu2404-bare", { TREE_UBUNTU2404, 1, 0, TREE_BARE }, 5 },
	{ "ubuntu2404-single", { TREE_UBUNTU2404, 1, 0, TREE_SET_UP }, 0 },
	{ "debian12-single", { TREE_DEBIAN12, 1, 0, TREE_SET_UP }, 5 },
	{ "debian12-ppcie", { TREE_DEBIAN12, 8, 4, TREE_SET_UP }, 5 },
	{ "debian12-systemd-boot", { TREE_DEBIAN12, 1, 0, TREE_SET_UP | TREE_SYSTEMD_BOOT },
		5 },
	{ "debian12-systemd-boot-bare", { TREE_DEBIAN12, 1, 0, TREE_SYSTEMD_BOOT }, 5 },
};

static int gone(const char *path, const struct stat *s, int type, struct FTW *f)
{
	(void)s;
	(void)type;
	(void)f;
	return remove(path);
}

/* The tree, looked at. */
static struct machine *look(const struct tree *t, const char *folder, struct inspection *how)
{
	struct machine  *m = NULL;
	struct assay_err e = { 0 };
	struct tree     *of_ask;

	*how = (struct inspection){ .root = folder, .ask = tree_ask, .now = NOW };
	memcpy(&of_ask, &t, sizeof(of_ask)); /* not changed by tree_ask() */
	how->ctx = of_ask;
	test_must(inspect(how, &data, &m, &e), &e);
	return m;
}

static void report_of(const struct machine *m, struct facts *f, struct buf *out, int *status)
{
	struct assay_err          e     = { 0 };
	const struct report_style style = { 0 };
	struct report_view view = { .facts = f, .at = NOW, .setup = profile_name(m->profile) };

	test_must(items_judge(m, &f->findings, &e), &e);
	view.verdict = items_verdict(&f->findings);
	*status      = assay_class_exit(view.verdict);
	test_must(report_text(&view, &style, out, &e), &e);
}

static void printable(const char *text)
{
	for (; text != NULL && *text != 0; text++)
		assert_true(*text >= ' ' && *text <= '~');
}

/* What waits for a check that passed was never judged, and nobody would notice. */
static void waits_for_no_pass(const struct findings *f, const struct finding *x)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->list[i].check == x->because && f->list[i].outcome == ASSAY_OUTCOME_PASS)
			fail_msg("%s waits for %s", check_row(x->check)->id,
				check_row(x->because)->id);
}

/* What must hold of any report: a row for each of the table's, in its order, printable, with a next step where it is due. */
static void well_formed(const struct findings *f)
{
	assert_int_equal(f->n, items_n);
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *x = &f->list[i];

		assert_int_equal(x->check, items[i].check);
		assert_true(check_item(x->check)[0] != 0);
		if (x->outcome == ASSAY_OUTCOME_SKIPPED) {
			assert_int_not_equal(x->because, CHECK_NONE);
			waits_for_no_pass(f, x);
			continue;
		}
		assert_non_null(x->message);
		printable(x->message);
		printable(x->expected);
		printable(x->observed);
		printable(x->path);
		printable(x->remedy);
		if (x->code != ASSAY_OK)
			assert_true(report_remedy(x)[0] != 0);
	}
}

static void golden(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fixtures); i++) {
		char                         folder[] = "/tmp/doctor-XXXXXX";
		CLEANUP(buf_done) struct buf out      = { 0 };
		struct facts                 f        = { 0 };
		struct inspection            how;
		struct machine              *m;
		int                          status = -1;

		print_message("%s\n", fixtures[i].name);
		assert_non_null(mkdtemp(folder));
		tree_make(folder, &fixtures[i].tree);
		m = look(&fixtures[i].tree, folder, &how);
		report_of(m, &f, &out, &status);
		well_formed(&f.findings);
		test_golden("env", fixtures[i].name, &out);
		assert_int_equal(status, fixtures[i].status);
		findings_done(&f.findings);
		machine_free(m);
		assert_int_equal(nftw(folder, gone, 16, FTW_DEPTH | FTW_PHYS), 0);
	}
}

/* Every item of the specification's chapter 5 has a row, and every row of the catalogue is judged once. */
static void all_items(void **state)
{
	static const struct {
		const char *prefix;
		unsigned    last;
	} chapters[] = { { "PLAT", 6 }, { "KERN", 4 }, { "BOOT", 4 }, { "MEM", 3 }, { "IO", 1 },
		{ "TDX", 5 }, { "PCI", 4 }, { "DRV", 11 }, { "LKCA", 3 }, { "PPCIE", 2 },
		{ "INIT", 1 }, { "SVC", 11 }, { "CC", 8 }, { "CUDA", 4 }, { "CONT", 1 },
		{ "ATT", 6 }, { "NET", 1 } };
	size_t of_env = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chapters); i++)
		for (unsigned n = 1; n <= chapters[i].last; n++) {
			char item[16];

			snprintf(item, sizeof(item), "%s-%02u", chapters[i].prefix, n);
			print_message("%s\n", item);
			assert_int_not_equal(
				check_item_next(bytes_text(item), CHECK_NONE), CHECK_NONE);
		}
	for (size_t c = CHECK_NONE + 1; c < CHECK_COUNT; c++) {
		size_t rows = 0;

		if (check_item((enum check)c)[0] == 0)
			continue;
		of_env++;
		for (size_t i = 0; i < items_n; i++)
			rows += items[i].check == c;
		assert_int_equal(rows, 1);
	}
	assert_int_equal(of_env, items_n);
}

/* Symptoms name items that exist. */
static void symptoms(void **state)
{
	(void)state;
	assert_true(data.symptoms > 20);
	for (size_t i = 0; i < data.symptoms; i++)
		for (size_t k = 0; k < data.symptom[i].items; k++)
			assert_int_not_equal(
				check_item_next(data.symptom[i].item[k], CHECK_NONE),
				CHECK_NONE);
}

/* Who may not read says so, and passes nothing by it. */
static void unprivileged(void **state)
{
	static const struct tree     t        = { TREE_ALINUX3, 1, 0, TREE_SET_UP };
	static const char *const     closed[] = { "dev/kmsg", "boot/loader/entries",
		    "etc/modprobe.d/nvidia-lkca.conf" };
	char                         folder[] = "/tmp/doctor-XXXXXX", path[256];
	CLEANUP(buf_done) struct buf out      = { 0 };
	struct facts                 f        = { 0 };
	struct inspection            how;
	struct machine              *m;
	int                          status = -1;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_non_null(mkdtemp(folder));
	tree_make(folder, &t);
	chmod(folder, 0755);
	for (size_t i = 0; i < ARRAY_LEN(closed); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, closed[i]);
		assert_int_equal(chmod(path, 0), 0);
	}
	assert_int_equal(seteuid(65534), 0);
	m = look(&t, folder, &how);
	report_of(m, &f, &out, &status);
	assert_int_equal(seteuid(0), 0);
	well_formed(&f.findings);
	test_golden("env", "alinux3-unprivileged", &out);
	assert_int_equal(status, 3);
	findings_done(&f.findings);
	machine_free(m);
	assert_int_equal(nftw(folder, gone, 16, FTW_DEPTH | FTW_PHYS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(golden),
		cmocka_unit_test(all_items), cmocka_unit_test(symptoms),
		cmocka_unit_test(unprivileged) };

	return cmocka_run_group_tests(tests, known_open, known_close);
}
