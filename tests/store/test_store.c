/* SPDX-License-Identifier: Apache-2.0
 *
 * The store: its verbs, its bounds, its ends; many processes at once; processes that are killed; files that are none. */
#include "store/store.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define FILE_NAME "deep/er/store.db"
#define SPACE     "collateral"
#define NEVER     INT64_MAX

static struct store    *s;
static struct assay_err e;

static struct store *open_store(void)
{
	struct store *out = NULL;

	test_must(store_open(FILE_NAME, &out, &e), &e);
	return out;
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(store_remove(FILE_NAME, &e), ASSAY_OK);
	s = open_store();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_close(s);
	return 0;
}

/* "" when it is not there. */
static const char *value_of(const char *key, int64_t now)
{
	static struct buf value;
	bool              found = false;

	value.n = 0;
	test_must(store_get(s, SPACE, key, now, &value, &found, &e), &e);
	assert_true(found || value.n == 0);
	return buf_cstr(&value);
}

static void put(const char *key, const char *value, int64_t ends, int64_t now)
{
	test_must(store_put(s, SPACE, key, bytes_text(value), ends, now, &e), &e);
}

static void verbs(void **state)
{
	CLEANUP(buf_done) struct buf value = { 0 };
	bool                         fresh, found;

	(void)state;
	assert_string_equal(value_of("a", 0), "");
	put("a", "one", 10, 0);
	put("a", "two", 20, 0);
	put("b", "", NEVER, 0);
	assert_string_equal(value_of("a", 19), "two");
	assert_string_equal(value_of("a", 20), "");
	test_must(store_get(s, SPACE, "b", INT64_MAX - 1, &value, &found, &e), &e);
	assert_true(found && value.n == 0);
	test_must(store_get(s, "other", "a", 0, &value, &found, &e), &e);
	assert_false(found);

	test_must(store_put_new(s, SPACE, "a", BYTES("three"), 30, 19, &fresh, &e), &e);
	assert_false(fresh);
	assert_string_equal(value_of("a", 19), "two");
	test_must(store_put_new(s, SPACE, "a", BYTES("three"), 30, 20, &fresh, &e), &e);
	assert_true(fresh); /* the old one had ended */
	assert_string_equal(value_of("a", 20), "three");

	test_must(store_take(s, SPACE, "a", 30, &value, &found, &e), &e);
	assert_false(found); /* ended */
	test_must(store_take(s, SPACE, "a", 29, &value, &found, &e), &e);
	assert_true(found);
	assert_string_equal(buf_cstr(&value), "three");
	test_must(store_take(s, SPACE, "a", 29, &value, &found, &e), &e);
	assert_false(found);

	put("c", "x", 5, 5); /* over before it began: what was there goes, too */
	assert_string_equal(value_of("c", 0), "");
	test_must(store_append(s, "audit", BYTES("line"), 1, &e), &e);
	test_must(store_append(s, "audit", BYTES("line"), 1, &e), &e);
}

struct seen {
	char text[256];
};

static enum assay_code see(void *ctx, const struct store_entry *entry, struct assay_err *why)
{
	struct seen *x = ctx;
	size_t       n = strlen(x->text);

	(void)why;
	snprintf(x->text + n, sizeof(x->text) - n, "%s=%.*s@%lld ", entry->key,
		(int)entry->value.n, (const char *)entry->value.p, (long long)entry->ends);
	return ASSAY_OK;
}

static void list_and_prune(void **state)
{
	struct seen x    = { "" };
	size_t      gone = 0;

	(void)state;
	put("b", "2", 20, 0);
	put("a", "1", 10, 0);
	put("c", "3", 30, 0);
	test_must(store_each(s, SPACE, see, &x, &e), &e);
	assert_string_equal(x.text, "a=1@10 b=2@20 c=3@30 ");
	test_must(store_prune(s, SPACE, 20, &gone, &e), &e);
	assert_int_equal(gone, 2);
	test_must(store_drop(s, SPACE, "c", &e), &e);
	test_must(store_drop(s, SPACE, "none", &e), &e);
	x.text[0] = 0;
	test_must(store_each(s, SPACE, see, &x, &e), &e);
	assert_string_equal(x.text, "");
	put("d", "4", NEVER - 1, 0);
	test_must(store_prune(s, SPACE, INT64_MAX, &gone, &e), &e);
	assert_int_equal(gone, 1);
}

static enum assay_code count(void *ctx, const struct store_entry *entry, struct assay_err *why)
{
	(void)entry;
	(void)why;
	++*(size_t *)ctx;
	return ASSAY_OK;
}

static size_t entries(const char *space)
{
	size_t n = 0;

	test_must(store_each(s, space, count, &n, &e), &e);
	return n;
}

/* By bytes: what ends first goes. By entries, for what must not be forgotten: nothing goes that has not ended. */
static void bounded(void **state)
{
	static uint8_t     large[STORE_VALUE + 1];
	const struct bytes value = { large, STORE_VALUE };
	char               key[16];

	(void)state;
	assert_int_equal(
		store_put(s, SPACE, "x", (struct bytes){ large, sizeof(large) }, NEVER, 0, &e),
		ASSAY_HOST_STORE);
	for (int64_t i = 0; i < STORE_BYTES / STORE_VALUE + 8; i++) {
		snprintf(key, sizeof(key), "k%lld", (long long)i);
		test_must(store_put(s, SPACE, key, value, 1000 - i, 0, &e), &e);
	}
	assert_in_range(entries(SPACE), 1, STORE_BYTES / STORE_VALUE);
	assert_string_not_equal(value_of("k0", 0), "1"); /* it ends last, and is there */
	test_must(store_prune(s, SPACE, INT64_MAX, &(size_t){ 0 }, &e), &e);
}

static void marks(void **state)
{
	bool fresh;
	char key[16];

	(void)state;
	for (int i = 0; i < STORE_ENTRIES; i++) {
		snprintf(key, sizeof(key), "n%d", i);
		test_must(store_put_new(
				  s, "nonce", key, BYTES("1"), i < 2 ? 10 : 20, 0, &fresh, &e),
			&e);
		assert_true(fresh);
	}
	assert_int_equal(store_put_new(s, "nonce", "more", BYTES("1"), 20, 0, &fresh, &e),
		ASSAY_HOST_STORE);
	assert_non_null(strstr(assay_err_text(&e), "full"));
	test_must(store_put_new(s, "nonce", "n0", BYTES("1"), 20, 0, &fresh, &e), &e);
	assert_false(fresh); /* what was used still is */
	test_must(store_put_new(s, "nonce", "more", BYTES("1"), 20, 10, &fresh, &e), &e);
	assert_true(fresh); /* two have ended */
	put("a", "another namespace has room", NEVER, 0);
}

static void names(void **state)
{
	char key[STORE_KEY + 2], space[STORE_NAME + 2];

	(void)state;
	memset(key, 'k', sizeof(key));
	memset(space, 's', sizeof(space));
	key[STORE_KEY + 1] = space[STORE_NAME + 1] = 0;
	assert_int_equal(store_put(s, SPACE, key, BYTES("x"), 1, 0, &e), ASSAY_HOST_STORE);
	assert_int_equal(store_put(s, space, "k", BYTES("x"), 1, 0, &e), ASSAY_HOST_STORE);
	put("'; DROP TABLE item; --", "kept", 1, 0);
	assert_string_equal(value_of("'; DROP TABLE item; --", 0), "kept");
}

/* ---- several processes ---- */

/* A value tells by itself whether it is whole. */
static void value_make(unsigned n, struct buf *out)
{
	out->n = 0;
	for (unsigned i = 0; i < 2000; i++)
		buf_printf(out, "%u,", n);
}

static bool value_whole(struct bytes v)
{
	CLEANUP(buf_done) struct buf want = { 0 };

	value_make((unsigned)strtoul((const char *)v.p, NULL, 10), &want);
	return bytes_equal(v, buf_bytes(&want));
}

static _Noreturn void work(unsigned who, unsigned rounds)
{
	CLEANUP(buf_done) struct buf value = { 0 };
	struct assay_err             why   = { 0 };
	struct store                *own   = NULL;
	bool                         fresh;
	char                         key[32];

	if (store_open(FILE_NAME, &own, &why) != ASSAY_OK)
		_exit(2);
	for (unsigned i = 0; i < rounds; i++) {
		snprintf(key, sizeof(key), "k%u", i % 7);
		value_make(who * 1000 + i, &value);
		if (store_put(own, SPACE, key, buf_bytes(&value), NEVER, 0, &why) != ASSAY_OK)
			_exit(3);
		snprintf(key, sizeof(key), "once%u", i);
		if (store_put_new(own, "once", key, BYTES("x"), NEVER, 0, &fresh, &why) !=
			ASSAY_OK)
			_exit(4);
		if (fresh && store_append(own, "won", BYTES("x"), 0, &why) != ASSAY_OK)
			_exit(5);
		if (fresh &&
			store_put(own, "mine", key, BYTES("x"), NEVER, 0, &why) != ASSAY_OK)
			_exit(6);
	}
	store_close(own);
	_exit(0);
}

static void all_whole(void)
{
	for (unsigned i = 0; i < 7; i++) {
		CLEANUP(buf_done) struct buf value = { 0 };
		bool                         found = false;
		char                         key[32];

		snprintf(key, sizeof(key), "k%u", i);
		test_must(store_get(s, SPACE, key, 0, &value, &found, &e), &e);
		assert_true(!found || value_whole(buf_bytes(&value)));
	}
}

/* Processes that begin where no file is: they make it together. */
static void many(unsigned n, unsigned rounds)
{
	pid_t pid[16];

	assert_true(n <= ARRAY_LEN(pid));
	store_close(s);
	s = NULL;
	assert_int_equal(store_remove(FILE_NAME, &e), ASSAY_OK);
	for (unsigned i = 0; i < n; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			work(i, rounds);
	}
	for (unsigned i = 0; i < n; i++) {
		int status = 0;

		waitpid(pid[i], &status, 0);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	s = open_store();
}

/* None takes the file that another is making for a stranger's. */
static void opened(void **state)
{
	const int times = TEST_SANITIZED ? 10 : 60;

	(void)state;
	for (int i = 0; i < times; i++)
		many(16, 0);
}

static void together(void **state)
{
	enum { N = 6, ROUNDS = 60 };

	(void)state;
	many(N, ROUNDS);
	all_whole();
	assert_int_equal(entries("once"), ROUNDS); /* each was put by one alone */
	assert_int_equal(entries("mine"), ROUNDS);
}

/* Killed wherever it is; then the next must find a store that is whole, and can write. */
static void killed(void **state)
{
	const int times = TEST_SANITIZED ? 10 : 60;

	(void)state;
	srand(7);
	for (int i = 0; i < times; i++) {
		pid_t pid;

		store_close(s);
		s = NULL;
		if (i % 4 == 0) /* also while it makes the file */
			assert_int_equal(store_remove(FILE_NAME, &e), ASSAY_OK);
		pid = fork();
		if (pid == 0)
			work((unsigned)i, 1000000);
		usleep((useconds_t)(rand() % 25000));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		s = open_store();
		all_whole();
		put("after", "written", NEVER, 0);
		assert_string_equal(value_of("after", 0), "written");
	}
}

/* ---- files that are none ---- */

static void write_file(const char *name, struct bytes body, off_t at, int flags)
{
	int fd = open(name, O_WRONLY | flags, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, body.p, body.n, at), body.n);
	close(fd);
}

static void damaged(void **state)
{
	CLEANUP(buf_done) struct buf before = { 0 }, after = { 0 };
	struct store                *other = NULL;
	uint8_t                      noise[4096];
	enum assay_code              code;
	size_t                       bad = 0;

	(void)state;
	memset(noise, 0xa5, sizeof(noise));
	store_close(s);
	s = NULL;
	write_file(FILE_NAME,
		BYTES("this is no database, and was never meant to be one; nor is "
		      "it short enough to be taken for an empty one ............"),
		0, O_TRUNC);
	test_read(FILE_NAME, &before);
	assert_int_equal(store_open(FILE_NAME, &other, &e), ASSAY_HOST_STORE);
	assert_non_null(strstr(assay_err_text(&e), "damaged"));
	assert_non_null(strstr(assay_err_text(&e), "cache prune --all"));
	test_read(FILE_NAME, &after);
	assert_true(bytes_equal(buf_bytes(&before), buf_bytes(&after))); /* left as it is */
	test_must(store_remove(FILE_NAME, &e), &e);

	/* pages overwritten: said, at the latest when they are read; never a value that was not put */
	for (off_t page = 1; page < 12; page++) {
		CLEANUP(buf_done) struct buf value = { 0 }, got = { 0 };
		bool                         found = false;

		store_remove(FILE_NAME, &e);
		s = open_store();
		value_make(7, &value);
		for (unsigned i = 0; i < 7; i++) {
			char key[8];

			snprintf(key, sizeof(key), "k%u", i);
			test_must(
				store_put(s, SPACE, key, buf_bytes(&value), NEVER, 0, &e), &e);
		}
		store_close(s); /* the log goes into the file */
		s = NULL;
		write_file(FILE_NAME, BYTES_OF(noise), page * 4096, 0);
		code = store_open(FILE_NAME, &s, &e);
		for (unsigned i = 0; code == ASSAY_OK && i < 7; i++) {
			char key[8];

			got.n = 0;
			snprintf(key, sizeof(key), "k%u", i);
			code = store_get(s, SPACE, key, 0, &got, &found, &e);
		}
		bad += code == ASSAY_HOST_STORE;
		assert_true(code == ASSAY_OK || code == ASSAY_HOST_STORE);
		store_close(s);
		s = NULL;
	}
	assert_in_range(bad, 3, 11);
	store_remove(FILE_NAME, &e);
	s = open_store();
}

static void of_others(void **state)
{
	struct store *other = NULL;
	struct stat   st;

	(void)state;
	assert_int_equal(stat(FILE_NAME, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat("deep", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(store_open("deep", &other, &e), ASSAY_HOST_STORE);
	assert_int_equal(store_open("/dev/null", &other, &e), ASSAY_HOST_STORE);
	assert_int_equal(store_open("/proc/none/store.db", &other, &e), ASSAY_HOST_STORE);
	/* the number in the header, by hand: offset 60, user version; 68, application id */
	put("a", "1", NEVER, 0);
	store_close(s);
	s = NULL;
	write_file(FILE_NAME, BYTES("\0\0\0\x09"), 60, 0);
	assert_int_equal(store_open(FILE_NAME, &other, &e), ASSAY_HOST_STORE);
	assert_non_null(strstr(assay_err_text(&e), "another version"));
	write_file(FILE_NAME, BYTES("ABCD"), 68, 0);
	assert_int_equal(store_open(FILE_NAME, &other, &e), ASSAY_HOST_STORE);
	assert_non_null(strstr(assay_err_text(&e), "another program"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(verbs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(list_and_prune, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(marks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(opened, set_up, tear_down),
		cmocka_unit_test_setup_teardown(together, set_up, tear_down),
		cmocka_unit_test_setup_teardown(killed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(damaged, set_up, tear_down),
		cmocka_unit_test_setup_teardown(of_others, set_up, tear_down),
	};
	char folder[] = "/tmp/assay-store-XXXXXX";
	int  failed;

	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	store_remove(FILE_NAME, &e);
	rmdir("deep/er");
	rmdir("deep");
	return chdir("/") != 0 || rmdir(folder) != 0 ? 1 : failed;
}
