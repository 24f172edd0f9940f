/* SPDX-License-Identifier: Apache-2.0
 *
 * Marks in a store: raised by what held and never lowered, also by many processes at once and by ones that are killed. */
#include "attest/marks.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attest/cache.h"
#include "attest/gather.h"
#include "verify/court.h"

#define FILE_NAME "marks.db"
#define FMSPC     "pcs:tcbinfo:90c06f000000"
#define DAY       INT64_C(86400)

static struct store    *s;
static struct pcs_marks marks;
static struct assay_err e;

static int set_up(void **state)
{
	(void)state;
	test_must(store_remove(FILE_NAME, &e), &e);
	test_must(store_open(FILE_NAME, &s, &e), &e);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_close(s);
	s = NULL;
	return 0;
}

static void load(void)
{
	test_must(marks_load(s, &court.crypto, &court.trust, &marks, &e), &e);
}

static const struct pcs_mark *mark(const char *want)
{
	for (size_t i = 0; i < marks.n; i++)
		if (strcmp(marks.mark[i].want, want) == 0)
			return &marks.mark[i];
	return NULL;
}

static void judge(const char *fault, int64_t at)
{
	struct pcs_mark m;

	court_forge(&court,
		&(struct forged_ask){
			.tdx = true, .alone = true, .tdx_fault = fault, .at = at });
	court_judge(&court);
	for (size_t i = 0; i < PCS_ITEMS; i++)
		if (tdx_mark(court.facts.guest, (enum pcs_item)i, &m))
			test_must(
				marks_raise(s, &court.crypto, &court.trust, &m, court.now, &e),
				&e);
	load();
}

static size_t entries;

static enum assay_code count(void *ctx, const struct store_entry *entry, struct assay_err *why)
{
	(void)ctx;
	(void)entry;
	(void)why;
	entries++;
	return ASSAY_OK;
}

static void raised(void **state)
{
	static const char *const wants[] = { FMSPC, "pcs:qeidentity", "pcs:pckcrl:platform",
		"pcs:rootcrl" };
	int64_t                  now, first[ARRAY_LEN(wants)];

	(void)state;
	judge(NULL, 0);
	now = court.now;
	assert_int_equal(marks.n, ARRAY_LEN(wants));
	for (size_t i = 0; i < ARRAY_LEN(wants); i++) {
		assert_non_null(mark(wants[i]));
		first[i] = mark(wants[i])->issued;
		assert_true(first[i] <= now && first[i] > now - 366 * DAY);
		assert_int_equal(mark(wants[i])->evaluation, i < 2 ? 18 : 0);
	}

	print_message("older ones lower nothing\n");
	judge(NULL, now - 10 * DAY);
	for (size_t i = 0; i < ARRAY_LEN(wants); i++)
		assert_int_equal(mark(wants[i])->issued, first[i]);

	print_message("newer ones raise, and leave no more behind\n");
	for (int k = 1; k <= 20; k++)
		judge(NULL, now + k * DAY);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(mark(wants[i])->issued, first[i] + 20 * DAY);
	entries = 0;
	test_must(store_each(s, MARKS_SPACE, count, NULL, &e), &e);
	assert_int_equal(entries, 6); /* four dates, two numbers */
}

/* What did not hold raises nothing. */
static void not_held(void **state)
{
	static const struct {
		const char *fault, *want;
	} rows[] = {
		{ "tcbinfo-edited", FMSPC },
		{ "tcbinfo-future", FMSPC },
		{ "tcbinfo-signer-own", FMSPC },
		{ "tcb-signer-revoked", FMSPC },
		{ "identity-edited", "pcs:qeidentity" },
		{ "identity-stale", "pcs:qeidentity" },
		{ "crl-pck-signature", "pcs:pckcrl:platform" },
		{ "crl-pck-future", "pcs:pckcrl:platform" },
		{ "crl-root-signature", "pcs:rootcrl" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		print_message("%s\n", rows[i].fault);
		judge(rows[i].fault, 0);
		assert_null(mark(rows[i].want));
		assert_true(marks.n > 0);
		tear_down(state);
		set_up(state);
	}
	judge("pck-own-authorities", 0);
	assert_int_equal(marks.n, 0);
}

static void other_anchors(void **state)
{
	(void)state;
	judge(NULL, 0);
	assert_int_equal(marks.n, 4);
	court.trust = trust_pinned();
	load();
	assert_int_equal(marks.n, 0);
}

static void forgotten(void **state)
{
	size_t gone = 0;

	(void)state;
	judge(NULL, 0);
	test_must(marks_forget(s, "pcs:tcbinfo:000000000000", &gone, &e), &e);
	assert_int_equal(gone, 0);
	test_must(marks_forget(s, FMSPC, &gone, &e), &e);
	assert_int_equal(gone, 2);
	load();
	assert_null(mark(FMSPC));
	assert_int_equal(marks.n, 3);
	test_must(marks_forget(s, NULL, &gone, &e), &e);
	assert_int_equal(gone, 4);
	load();
	assert_int_equal(marks.n, 0);
}

/* Entries that are none, and more documents than there may be. */
static void bounded(void **state)
{
	static const char *const odd[] = { "", "x", "@", "x@y", "x@y issued", "x@y issued 1",
		"x@y issued 00000000000x", "x@y issued 0000000000001",
		"x@y revoked 000000000001", "x@y  issued 000000000001" };
	struct mark_key          k;
	char                     anchors[CACHE_KEY], key[CACHE_KEY + 64];
	bool                     fresh;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		assert_false(marks_read(odd[i], &k));
		test_must(store_put_new(
				  s, MARKS_SPACE, odd[i], BYTES(""), INT64_MAX, 0, &fresh, &e),
			&e);
	}
	judge(NULL, 0);
	assert_int_equal(marks.n, 4);
	test_must(cache_key(&court.crypto, &court.trust, "", anchors, &e), &e);
	for (int i = 0; i < PCS_MARKS; i++) {
		snprintf(key, sizeof(key), "pcs:tcbinfo:%012x%s issued 000000000001",
			(unsigned)i, anchors);
		test_must(
			store_put_new(s, MARKS_SPACE, key, BYTES(""), INT64_MAX, 0, &fresh, &e),
			&e);
	}
	assert_int_equal(
		marks_load(s, &court.crypto, &court.trust, &marks, &e), ASSAY_HOST_STORE);
}

/* ---- gather ---- */

/* Offline, so that all there is comes from the cache. */
static void gather_one(struct assay *a, struct assay_evidence *ev)
{
	const struct gather_request r = { .store = s, .now = court.now, .marks = true };

	evidence_done(&ev->ev);
	test_must(evidence_add_device(&ev->ev, "tdx", &court.ev.device[0], &e), &e);
	test_must(gather(a, ev, &r, &e), &e);
	load();
}

/* What the cache has and is rolled back is not used, and does not stay there; what came from the cache raises nothing. */
static void gathered(void **state)
{
	static const char     crl[] = "pcs:pckcrl:platform";
	struct assay          a;
	struct assay_evidence ev    = { .users = 1 };
	struct pcs_mark       m     = { .want = "pcs:pckcrl:platform" };
	struct buf            value = { 0 };
	char                  key[CACHE_KEY];
	bool                  found = true;

	(void)state;
	court_forge(&court, &(struct forged_ask){ .tdx = true, .alone = true });
	a = (struct assay){ .crypto = court.crypto, .trust = court.trust };
	test_must(memo_new(&a.memo, &e), &e);
	for (size_t i = 0; i < court.ev.collaterals; i++)
		test_must(cache_put(s, &a.crypto, &a.trust, &court.ev.collateral[i],
				  court.now + DAY, court.now, &e),
			&e);
	gather_one(&a, &ev);
	assert_int_equal(ev.ev.collaterals, 6);
	assert_null(evidence_missing(&ev.ev, crl));
	assert_int_equal(marks.n, 0);

	m.issued = court.now + 4 * DAY;
	test_must(marks_raise(s, &a.crypto, &a.trust, &m, court.now, &e), &e);
	gather_one(&a, &ev);
	assert_int_equal(ev.ev.collaterals, 5);
	assert_non_null(evidence_missing(&ev.ev, crl));
	test_must(cache_key(&a.crypto, &a.trust, crl, key, &e), &e);
	test_must(store_get(s, CACHE_SPACE, key, court.now, &value, &found, &e), &e);
	assert_false(found);
	evidence_done(&ev.ev);
	memo_free(a.memo);
	mem_free(a.marks);
}

/* ---- several processes ---- */

/* Raises the marks to dates in some order of its own, and tells the highest that it is done with. */
static _Noreturn void work(unsigned seed, unsigned rounds, int tell)
{
	struct assay_err why  = { 0 };
	struct store    *own  = NULL;
	struct pcs_mark  m    = { .want = "pcs:pckcrl:platform" };
	int64_t          most = 0;

	if (store_open(FILE_NAME, &own, &why) != ASSAY_OK)
		_exit(2);
	for (unsigned i = 0; i < rounds; i++) {
		seed     = seed * 1103515245u + 12345u;
		m.issued = 1000000 + (seed >> 16) % 5000;
		if (marks_raise(own, &court.crypto, &court.trust, &m, 0, &why) != ASSAY_OK)
			_exit(3);
		if (m.issued > most) {
			most = m.issued;
			if (write(tell, &most, sizeof(most)) != sizeof(most))
				_exit(4);
		}
	}
	store_close(own);
	_exit(0);
}

/* The highest that any of them was done with must be there, whenever it is looked. */
static void processes(bool kill_them, unsigned rounds)
{
	enum { N = 4 };
	pid_t   pid[N];
	int     fds[2];
	int64_t one, most = 0;

	assert_int_equal(pipe(fds), 0);
	for (unsigned i = 0; i < N; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			work(i + 1, rounds, fds[1]);
	}
	close(fds[1]);
	if (kill_them) {
		usleep(60000);
		for (unsigned i = 0; i < N; i++)
			kill(pid[i], SIGKILL);
	}
	while (read(fds[0], &one, sizeof(one)) == sizeof(one))
		most = one > most ? one : most;
	close(fds[0]);
	for (unsigned i = 0; i < N; i++) {
		int status = 0;

		waitpid(pid[i], &status, 0);
		assert_true(kill_them || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
	}
	load();
	assert_true(most == 0 || mark("pcs:pckcrl:platform") != NULL);
	if (most > 0)
		assert_true(mark("pcs:pckcrl:platform")->issued >= most);
	assert_true(kill_them || mark("pcs:pckcrl:platform")->issued == most);
}

static void together(void **state)
{
	(void)state;
	processes(false, 40);
}

static void killed(void **state)
{
	(void)state;
	for (int i = 0; i < (TEST_SANITIZED ? 3 : 12); i++)
		processes(true, 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(raised, set_up, tear_down),
		cmocka_unit_test_setup_teardown(not_held, set_up, tear_down),
		cmocka_unit_test_setup_teardown(other_anchors, set_up, tear_down),
		cmocka_unit_test_setup_teardown(forgotten, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(gathered, set_up, tear_down),
		cmocka_unit_test_setup_teardown(together, set_up, tear_down),
		cmocka_unit_test_setup_teardown(killed, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
