/* SPDX-License-Identifier: Apache-2.0
 *
 * Walks the gallery: each fault is given to a running platform, evidence is collected through the vendors' libraries,
 * collateral through the services, and the check that the row names must notice, with the exit status it names. A row
 * whose check nothing implements yet is counted apart, and must at least be there to see. */
#include "sim/attempt.h"
#include "verify/court.h"

/* ---- the judgement ---- */

static void judge(const struct attempt *a)
{
	CLEANUP(forged_done) struct forged f;

	attempt_bundle(a, &f);
	court_forged(&court, &f);
	court_judge(&court);
}

/* Evidence, then collateral until nothing more is to be had: first for devices, then for their RIMs. */
static void attest(struct live *l, struct live_said *said)
{
	struct attempt *a   = attempt_new(l, said);
	size_t          had = 1;

	judge(a);
	for (int round = 0; round < 4 && had > 0; round++) {
		const size_t before = attempt_has(a);

		for (size_t i = 0; i < court.facts.wants; i++)
			attempt_fetch(a, court.facts.want[i]);
		had = attempt_has(a) - before;
		if (had > 0)
			judge(a);
	}
	attempt_free(a);
}

static bool emits(const char *id)
{
	for (size_t i = 0; i < court.facts.findings.n; i++)
		if (strcmp(check_row(court.facts.findings.list[i].check)->id, id) == 0)
			return true;
	return false;
}

static bool noticed(const char *id)
{
	for (size_t i = 0; i < court.facts.findings.n; i++) {
		const struct finding *f = &court.facts.findings.list[i];

		if (strcmp(check_row(f->check)->id, id) == 0 &&
			(f->outcome == ASSAY_OUTCOME_FAIL ||
				f->outcome == ASSAY_OUTCOME_UNKNOWN))
			return true;
	}
	return false;
}

/* ---- the walk ---- */

struct walk {
	struct live      l;
	const char      *profile;
	struct live_said healthy;
	unsigned         caught, passed, await, wrong;
};

static struct walk walk;

#define IDS 128

/* Checks that something implements: those of a healthy platform's report. */
static const char *known[IDS];
static size_t      known_n;

static void learn(void)
{
	known_n = 0;
	for (size_t i = 0; i < court.facts.findings.n && known_n < IDS; i++)
		known[known_n++] = check_row(court.facts.findings.list[i].check)->id;
}

static bool implemented(const char *id)
{
	for (size_t i = 0; i < known_n; i++)
		if (strcmp(known[i], id) == 0)
			return true;
	return false;
}

static void complain(const struct gallery_row *f, const struct live_said *said, const char *why)
{
	print_message("%s (%s): %s; wanted %s, exit %d\n", f->name, f->attack, why, f->finding,
		f->exit);
	print_message("  libraries: %s%s%s\n", said->hung ? "hung " : "",
		said->crashed ? "crashed " : "", said->text);
	court_print(&court);
	walk.wrong++;
}

/* A row that nothing judges yet: of what the collector sees, it must change something; the TD's are tested elsewhere. */
static bool shows(const struct gallery_row *f, const struct live_said *said)
{
	return f->elsewhere || said->hung || said->crashed ||
		strcmp(said->text, walk.healthy.text) != 0;
}

static void try_row(const struct gallery_row *f)
{
	CLEANUP(buf_done) struct buf words = { 0 };
	struct live_said             said;

	buf_printf(&words, "fault %s", f->name);
	live_say(&walk.l, buf_cstr(&words));
	walk.l.mute = live_mute(f->name);
	attest(&walk.l, &said);
	if (f->exit == 0) {
		if (court.verdict == ASSAY_CLASS_ACCEPTED)
			walk.passed++;
		else
			complain(f, &said, "refused, although nothing is wrong");
	} else if (!implemented(f->finding) && !emits(f->finding)) {
		if (shows(f, &said))
			walk.await++;
		else
			complain(f, &said, "awaits its check, and changes nothing");
	} else if (!noticed(f->finding)) {
		complain(f, &said, "not noticed");
	} else if (assay_class_exit(court.verdict) != f->exit) {
		complain(f, &said, "another exit status");
	} else {
		walk.caught++;
	}
}

static void walk_profile(const char *profile)
{
	const char *const  options[] = { "--profile", profile, NULL };
	struct gallery_row f;

	walk.profile = profile;
	live_open(&walk.l, options);
	attest(&walk.l, &walk.healthy);
	if (court.verdict != ASSAY_CLASS_ACCEPTED) {
		print_message("%s\n", walk.healthy.text);
		court_print(&court);
		fail_msg("a healthy platform is not accepted");
	}
	learn();
	for (size_t i = 0; gallery_row(i, &f); i++)
		if (strcmp(f.profile, profile) == 0)
			try_row(&f);
	live_say(&walk.l, "fault none");
	walk.l.mute = LIVE_NOBODY;
	attest(&walk.l, &walk.healthy);
	assert_int_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
	live_close(&walk.l);
	print_message("%s: %u caught, %u await their check, %u harmless and accepted\n",
		profile, walk.caught, walk.await, walk.passed);
	assert_int_equal(walk.wrong, 0);
	assert_true(walk.caught > 20);
	walk = (struct walk){ 0 };
}

static void single(void **state)
{
	(void)state;
	walk_profile("single");
}

static void ppcie(void **state)
{
	(void)state;
	walk_profile("ppcie");
}

/* Revoked by hand, unplugged, plugged in again: the verdict follows. */
static void control(void **state)
{
	static const struct {
		const char *words, *finding;
		int         exit;
	} rows[] = {
		{ "status", NULL, 0 },
		{ "revoke gpu3", "gpu.chain.revocation", 1 },
		{ "reset", NULL, 0 },
		{ "revoke driver-rim", "gpu.rim.driver.revocation", 1 },
		{ "reset", NULL, 0 },
		{ "unplug nvswitch2", "node.topology.complete", 3 },
		{ "plug nvswitch2", NULL, 0 },
		{ "unplug gpu0", "node.topology.complete", 3 },
		{ "reset", NULL, 0 },
		{ "fault gpu-twice switch-unlocked", "node.devices.distinct", 1 },
		{ "fault gpu-twice switch-unlocked", "nvswitch.report.lock", 1 },
		{ "fault none", NULL, 0 },
		{ "time 2026-09-01T00:00:00Z", "gpu.chain.revocation",
			3 }, /* answers of the future */
		{ "time 2026-06-01T00:00:00Z", NULL, 0 },
	};
	const char *const options[] = { "--profile", "ppcie", "--no-tdx", NULL };
	struct live       l;

	(void)state;
	live_open(&l, options);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct live_said said;

		print_message("%s\n", rows[i].words);
		live_say(&l, rows[i].words);
		attest(&l, &said);
		if (rows[i].finding != NULL && !noticed(rows[i].finding))
			court_print(&court);
		assert_true(rows[i].finding == NULL || noticed(rows[i].finding));
		assert_int_equal(assay_class_exit(court.verdict), rows[i].exit);
	}
	live_close(&l);
}

/* Names are unique, and a script can use them. */
static void names(void **state)
{
	struct gallery_row f, g;

	(void)state;
	for (size_t i = 0; gallery_row(i, &f); i++) {
		assert_int_equal(strspn(f.name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
			strlen(f.name));
		assert_true(
			strcmp(f.profile, "single") == 0 || strcmp(f.profile, "ppcie") == 0);
		assert_true(f.exit == 0 || f.finding[0] != '\0');
		for (size_t k = 0; k < i && gallery_row(k, &g); k++)
			if (strcmp(f.name, g.name) == 0)
				fail_msg("%s is there twice", f.name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(single),
		cmocka_unit_test(ppcie),
		cmocka_unit_test(control),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
