/* SPDX-License-Identifier: Apache-2.0
 *
 * What is said before anything is done, by trees and by doors that this test plays: a row a case, and whether the plan is
 * refused. */
#include "env/preflight.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "env/line.h"
#include "env/world.h"
#include "test.h"

#define MIB (1ULL << 20)
#define GIB (1ULL << 30)

/* What the doors answer. */
struct doors {
	uint64_t       one;            /* bytes of one disk for all; 0: as below */
	uint64_t       usr, boot, tmp; /* each a disk of its own; var has room */
	int            no;             /* errno of all */
	int            clock, status;  /* of adjtimex(); clock -1: it fails */
	enum rim_there rim;
};

static int disk(void *ctx, const struct root *r, const char *path, struct disk *out)
{
	const struct doors *d = ctx;

	(void)r;
	if (d->no != 0)
		return d->no;
	if (d->one != 0)
		*out = (struct disk){ 1, d->one };
	else if (strcmp(path, "usr") == 0)
		*out = (struct disk){ 2, d->usr };
	else if (strcmp(path, "boot") == 0)
		*out = (struct disk){ 3, d->boot };
	else if (strcmp(path, "tmp") == 0)
		*out = (struct disk){ 4, d->tmp };
	else
		*out = (struct disk){ 5, 100 * MIB };
	return 0;
}

static int played_clock(void *ctx, struct timex *t)
{
	const struct doors *d = ctx;

	t->status = d->status;
	errno     = EPERM;
	return d->clock;
}

static enum rim_there played_rim(void *ctx, const char *id, char why[PLAN_TEXT])
{
	const struct doors *d = ctx;

	assert_true(strcmp(id, "NV_GPU_DRIVER_GH100_550.144.03") == 0 ||
		strcmp(id, "NV_GPU_DRIVER_GH100_570.148.08") == 0);
	snprintf(why, PLAN_TEXT, "said so");
	return d->rim;
}

#define PASS    ASSAY_OUTCOME_PASS
#define WARN    ASSAY_OUTCOME_WARN
#define FAIL    ASSAY_OUTCOME_FAIL
#define KNOWN   ASSAY_OUTCOME_UNKNOWN
#define NOWHERE ASSAY_OUTCOME_SKIPPED /* there is no such row */

#define ONE                           \
	{                             \
		TREE_ALINUX3, 1, 0, 0 \
	}
#define EIGHT                        \
	{                            \
		TREE_ROCKY9, 8, 4, 0 \
	}
#define UBUNTU                           \
	{                                \
		TREE_UBUNTU2404, 1, 0, 0 \
	}
#define DONE                                    \
	{                                       \
		TREE_ALINUX3, 8, 4, TREE_SET_UP \
	}
#define ROOMY .one = 20 * GIB

enum {
	FORCE    = 1,
	TOOLKIT  = 2,
	BARE     = 4,
	FILES    = 8,
	PINS     = 16,
	FETCH    = 32,
	IMAGE    = 64,
	UPGRADES = 128,
	HELD     = 256
};

static const struct {
	const char        *name;
	struct tree        tree;
	unsigned           how;
	struct doors       doors;
	const char        *item;
	enum assay_outcome outcome;
	const char        *says;
	const char        *refused; /* NULL: it is not */
} cases[] = {
	{ "room for all", ONE, 0, { ROOMY }, "PLAT-04", PASS, "are wanted", NULL },
	{ "/usr is full", ONE, 0, { .usr = 2 * GIB - 1, .boot = GIB, .tmp = 9 * GIB },
		"PLAT-04", FAIL, "/usr has 2047 MiB free, and 2048 MiB are needed",
		"/usr has 2047 MiB" },
	{ "/usr is just enough", ONE, 0, { .usr = 2 * GIB, .boot = GIB, .tmp = 9 * GIB },
		"PLAT-04", PASS, "/usr has 2048 MiB free, 2048 are wanted", NULL },
	{ "the toolkit wants more", ONE, TOOLKIT,
		{ .usr = 8 * GIB - 1, .boot = GIB, .tmp = 9 * GIB }, "PLAT-04", FAIL,
		"8192 MiB are needed", "--force does it all the same" },
	{ "and all the same", ONE, TOOLKIT | FORCE, { .usr = 1, .boot = GIB, .tmp = 9 * GIB },
		"PLAT-04", WARN, "/usr has 0 MiB free", NULL },
	{ "settings alone want none of it", ONE, BARE, { .usr = 1, .boot = GIB, .tmp = 1 },
		"PLAT-04", PASS, "/boot", NULL },
	{ "/boot is full", ONE, BARE | IMAGE, { .usr = GIB, .boot = 79 * MIB, .tmp = 1 },
		"PLAT-04", FAIL, "/boot has 79 MiB free, and 80 MiB are needed", "/boot" },
	{ "/boot for one kernel", ONE, BARE | IMAGE, { .usr = GIB, .boot = 81 * MIB, .tmp = 1 },
		"PLAT-04", WARN,
		"/boot has 81 MiB free, and 160 MiB are better: remove kernels", NULL },
	{ "/boot for two", ONE, BARE | IMAGE, { .usr = GIB, .boot = 161 * MIB, .tmp = 1 },
		"PLAT-04", PASS, "/boot", NULL },
	{ "one disk for all", ONE, IMAGE, { .one = 2 * GIB + 95 * MIB }, "PLAT-04", FAIL,
		"/usr has 2143 MiB free, and 2144 MiB are needed", "/usr" },
	{ "one disk, enough", ONE, IMAGE, { .one = 2 * GIB + 96 * MIB }, "PLAT-04", PASS,
		"/usr has 2144 MiB", NULL },
	{ "little to unpack in", ONE, 0, { .usr = 9 * GIB, .boot = GIB, .tmp = GIB }, "PLAT-04",
		WARN, "TMPDIR names another folder", NULL },
	{ "no disk can be asked", ONE, 0, { .no = EACCES }, "PLAT-04", KNOWN, "how much room",
		NULL },

	{ "a clock that is kept", ONE, 0, { ROOMY }, "PLAT-05", PASS, "synchronised", NULL },
	{ "a clock that nobody keeps", ONE, 0, { ROOMY, .clock = TIME_ERROR }, "PLAT-05", WARN,
		"chronyd", NULL },
	{ "or says so otherwise", ONE, 0, { ROOMY, .status = STA_UNSYNC }, "PLAT-05", WARN,
		"chronyd", NULL },
	{ "a clock that cannot be asked", ONE, 0, { ROOMY, .clock = -1 }, "PLAT-05", KNOWN,
		"adjtimex", NULL },

	{ "no installers", ONE, 0, { ROOMY }, "NET-01", WARN,
		"NVIDIA-Linux-x86_64-550.144.03.run", NULL },
	{ "installers", ONE, FILES, { ROOMY }, "NET-01", PASS, "the installers are in", NULL },
	{ "one is missing", EIGHT, FILES, { ROOMY }, "NET-01", WARN,
		"not here, and their steps wait", NULL },
	{ "to be fetched", EIGHT, FILES | FETCH, { ROOMY }, "NET-01", KNOWN, "to be fetched",
		NULL },
	{ "packages", UBUNTU, 0, { ROOMY }, "NET-01", KNOWN, "nobody asked", NULL },
	{ "no digests", ONE, 0, { ROOMY }, "DRV-07", WARN, "no SHA-256 is known", NULL },
	{ "digests", ONE, PINS, { ROOMY }, "DRV-07", PASS, "run only with it", NULL },
	{ "packages have their own", UBUNTU, 0, { ROOMY }, "DRV-07", NOWHERE, "", NULL },
	{ "settings alone, no files", ONE, BARE, { ROOMY }, "NET-01", NOWHERE, "", NULL },

	{ "to be installed for building", ONE, 0, { ROOMY }, "DRV-05", PASS,
		"a step installs them", NULL },
	{ "packages are built", UBUNTU, 0, { ROOMY }, "DRV-05", NOWHERE, "", NULL },

	{ "nobody was asked", ONE, 0, { ROOMY }, "ATT-05", KNOWN, "--online asks", NULL },
	{ "reference values", ONE, 0, { ROOMY, .rim = RIM_THERE }, "ATT-05", PASS, "said so",
		NULL },
	{ "eight have others", EIGHT, 0, { ROOMY, .rim = RIM_THERE }, "ATT-05", PASS,
		"570.148.08", NULL },
	{ "no reference values", ONE, 0, { ROOMY, .rim = RIM_ABSENT }, "ATT-05", FAIL,
		"no GPU with driver 550.144.03", "choose a driver that has one" },
	{ "no flag goes on there", ONE, FORCE, { ROOMY, .rim = RIM_ABSENT }, "ATT-05", FAIL,
		"no GPU", "choose a driver" },
	{ "but settings do", ONE, BARE, { ROOMY, .rim = RIM_ABSENT }, "ATT-05", NOWHERE, "",
		NULL },
	{ "the service is down", ONE, 0, { ROOMY, .rim = RIM_NOT_KNOWN }, "ATT-05", KNOWN,
		"is not known: said so", NULL },
	{ "a package of some version", UBUNTU, 0, { ROOMY, .rim = RIM_THERE }, "ATT-05", KNOWN,
		"not known before", NULL },

	{ "no updates by themselves", UBUNTU, 0, { ROOMY }, "DRV-11", PASS, "do not run",
		NULL },
	{ "unattended upgrades", UBUNTU, UPGRADES, { ROOMY }, "DRV-11", WARN,
		"no package is held: --hold holds", NULL },
	{ "but held", UBUNTU, UPGRADES | HELD, { ROOMY }, "DRV-11", PASS, "held", NULL },

	{ "nothing to do, nothing to look at", DONE, BARE, { .no = EACCES }, "PLAT-04", NOWHERE,
		"", NULL },
};

static void make(const char *dir, const struct tree *t, unsigned how)
{
	tree_make(dir, t);
	world_sh("mkdir -p %s/var/lib/dpkg %s/etc/apt/apt.conf.d %s-files", dir, dir, dir);
	if (how & IMAGE) /* and a second kernel */
		world_sh(
			"rm -f %s/boot/init*; mkdir %s/lib/modules/5.9-old; truncate -s 40M %s/boot/initramfs-1.img; truncate -s 9M %s/boot/initramfs-2.img",
			dir, dir, dir, dir);
	if (how & FILES)
		world_sh("touch %s-files/%s", dir,
			sources_find(&sources, "single", "driver")->name);
	if (how & UPGRADES)
		world_sh(
			"echo 'APT::Periodic::Unattended-Upgrade \"1\";' > %s/etc/apt/apt.conf.d/20auto-upgrades",
			dir);
	if (how & HELD)
		world_sh(
			"printf 'Package: nvidia-driver-550-server-open\\nStatus: hold ok installed\\n\\n' >> %s/var/lib/dpkg/status",
			dir);
}

static const struct ahead *find(
	const struct plan *p, const char *item, enum assay_outcome outcome, const char *says)
{
	const struct ahead *of = NULL;

	for (size_t i = 0; i < p->aheads; i++) {
		print_message("  %s %s %s\n", p->ahead[i].item,
			assay_outcome_name(p->ahead[i].outcome), p->ahead[i].text);
		if (strcmp(p->ahead[i].item, item) != 0)
			continue;
		if (outcome == NOWHERE ||
			(p->ahead[i].outcome == outcome &&
				strstr(p->ahead[i].text, says) != NULL))
			of = &p->ahead[i];
	}
	return of;
}

static void rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char             dir[64] = "/tmp/assay-preflight-XXXXXX", folder[80];
		struct doors     doors   = cases[i].doors;
		const unsigned   how     = cases[i].how;
		struct machine  *m       = NULL;
		struct plan     *p       = NULL;
		struct assay_err e       = { 0 };
		char             pins[512];
		struct setup     s = world_setup(dir);

		s.options = (struct plan_options){ .ready = READY_UNCONDITIONAL,
			.software                         = !(how & BARE),
			.toolkit                          = (how & TOOLKIT) != 0,
			.force                            = (how & FORCE) != 0,
			.download                         = (how & FETCH) != 0,
			.sources                          = &sources };
		s.doors   = (struct preflight_doors){ disk, played_clock, played_rim, &doors };
		print_message("%s\n", cases[i].name);
		assert_non_null(mkdtemp(dir));
		make(dir, &cases[i].tree, how);
		snprintf(folder, sizeof(folder), "%s-files", dir);
		snprintf(pins, sizeof(pins),
			"%064d  NVIDIA-Linux-x86_64-550.144.03.run\n%064d  cuda_12.4.1_550.54.15_linux.run\n",
			0, 1);
		if (how & FILES)
			s.options.files = folder;
		if (how & PINS)
			s.options.pins = bytes_text(pins);
		test_must(setup_plan(&s, &m, &p, &e), &e);
		print_message("  %zu steps; %s\n", p->steps, assay_err_text(&p->refused));
		if (cases[i].outcome == NOWHERE)
			assert_null(find(p, cases[i].item, NOWHERE, ""));
		else
			assert_non_null(
				find(p, cases[i].item, cases[i].outcome, cases[i].says));
		if (cases[i].refused == NULL) {
			assert_int_equal(p->refused.code, ASSAY_OK);
		} else {
			assert_int_equal(p->refused.code, ASSAY_HOST_REFUSED);
			assert_non_null(strstr(assay_err_text(&p->refused), cases[i].refused));
		}
		setup_plan_free(m, p);
		world_sh("rm -rf %s %s", dir, folder);
	}
}

/* A plan that is refused is not applied: no byte, no folder for journals. */
static void nothing_done(void **state)
{
	char                         dir[64] = "/tmp/assay-preflight-XXXXXX", path[128];
	struct doors                 doors   = { .one = MIB };
	CLEANUP(buf_done) struct buf said    = { 0 };
	struct assay_err             e       = { 0 };
	struct stat                  st;
	struct setup                 s = world_setup(dir);

	(void)state;
	s.options.ready    = READY_UNCONDITIONAL;
	s.options.software = false;
	s.doors            = (struct preflight_doors){ disk, played_clock, played_rim, &doors };
	assert_non_null(mkdtemp(dir));
	make(dir, &(const struct tree)ONE, 0);
	setup_apply(&s, &said, &e);
	print_message("%s\n", assay_err_text(&e));
	assert_int_equal(e.code, ASSAY_HOST_REFUSED);
	assert_int_equal(assay_class_exit(assay_class(e.code)), 5);
	assert_non_null(
		strstr(assay_err_text(&e), "/var/lib has 1 MiB free, and 16 MiB are needed"));
	snprintf(path, sizeof(path), "%s/var/lib/assay", dir);
	assert_int_equal(stat(path, &st), -1);
	/* and what is not known is said before the first step */
	doors.one       = 20 * GIB;
	doors.clock     = TIME_ERROR;
	s.options.force = true;
	said.n          = 0;
	setup_apply(&s, &said, &(struct assay_err){ 0 });
	assert_true(bytes_has(buf_bytes(&said), "warn: nobody keeps the clock right"));
	assert_int_equal(stat(path, &st), 0);
	world_sh("rm -rf %s %s-files", dir, dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(rows),
		cmocka_unit_test(nothing_done) };

	return cmocka_run_group_tests(tests, known_open, known_close);
}
