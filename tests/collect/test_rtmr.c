/* SPDX-License-Identifier: Apache-2.0
 *
 * Which way extends a register, and that log and register always speak of the same events. */
#include "collect/rtmr.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "format/boot_log.h"
#include "kernel.h"

#define LOG "run/assay/events.jsonl"

struct place {
	char dir[32];
	int  root;
};

static void place_open(struct place *p)
{
	*p = (struct place){ .dir = "/tmp/assay-rtmr-XXXXXX" };
	assert_non_null(mkdtemp(p->dir));
	p->root = open(p->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(p->root >= 0);
}

static void place_close(struct place *p)
{
	unlinkat(p->root, LOG, 0);
	unlinkat(p->root, "run/assay", AT_REMOVEDIR);
	unlinkat(p->root, "run", AT_REMOVEDIR);
	close(p->root);
	assert_int_equal(rmdir(p->dir), 0);
}

static void put_log(const struct place *p, const char *text)
{
	int fd;

	mkdirat(p->root, "run", 0755);
	mkdirat(p->root, "run/assay", 0700);
	fd = openat(p->root, LOG, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static struct rtmr_event event_of(const char *content)
{
	struct rtmr_event ev = { .rtmr = 3, .content = bytes_text(content) };

	memset(ev.digest, content[0], sizeof(ev.digest));
	return ev;
}

static const struct {
	const char     *name;
	struct kernel   k;
	enum assay_code code;
	const char     *says, *by;
} ways[] = {
	{ "sysfs", { .sysfs = true }, ASSAY_OK, "", "sysfs" },
	{ "sysfs before all others", { .sysfs = true, .rtmrs = true, .known = KERNEL_EXTEND_R },
		ASSAY_OK, "", "sysfs" },
	{ "configfs", { .rtmrs = true, .open = ENOENT, .old_open = ENOENT }, ASSAY_OK, "",
		"configfs" },
	{ "configfs, whose folder is there", { .rtmrs = true, .rtmrs_there = true }, ASSAY_OK,
		"", "configfs" },
	{ "ioctl", { .known = KERNEL_EXTEND_R }, ASSAY_OK, "", "ioctl" },
	{ "the newer ioctl", { .known = KERNEL_EXTEND_W }, ASSAY_OK, "", "ioctl" },
	{ "none", { .open = ENOENT, .old_open = ENOENT }, ASSAY_TD_ABSENT, "/dev/tdx_guest",
		"" },
	{ "a device that cannot", { .known = KERNEL_REPORT }, ASSAY_TD_ABSENT,
		"has no EXTEND_RTMR", "" },
	{ "sysfs refuses", { .sysfs = true, .extend_no = EIO }, ASSAY_TD_EXTEND,
		"measurements: RTMR3: Input/output error", "" },
	{ "sysfs closed to us", { .sysfs = true, .extend_no = EACCES }, ASSAY_TD_EXTEND,
		"Permission denied", "" },
	{ "configfs refuses", { .rtmrs = true, .extend_no = EBUSY }, ASSAY_TD_EXTEND,
		"rtmrs: RTMR3: Device or resource busy", "" },
	{ "ioctl refuses", { .known = KERNEL_EXTEND_R, .extend_no = EPERM }, ASSAY_TD_EXTEND,
		"EXTEND_RTMR of RTMR3: Operation not permitted", "" },
};

static void kernels(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct kernel                k     = ways[i].k;
		const struct guest_calls     calls = kernel_calls(&k);
		const struct rtmr_event      ev    = event_of("x");
		CLEANUP(buf_done) struct buf log   = { 0 };
		struct assay_err             e     = { 0 };
		struct place                 p;

		print_message("%s\n", ways[i].name);
		place_open(&p);
		assert_int_equal(rtmr_extend(&calls, p.root, &ev, &e), ways[i].code);
		if (strstr(assay_err_text(&e), ways[i].says) == NULL)
			fail_msg("%s", assay_err_text(&e));
		test_must(rtmr_log(p.root, &log, &e), &e);
		assert_string_equal(k.extended_by == NULL ? "" : k.extended_by, ways[i].by);
		assert_int_equal(log.n > 0, ways[i].code == ASSAY_OK);
		if (ways[i].code == ASSAY_OK)
			assert_memory_equal(k.rtmr[3], ev.digest, sizeof(ev.digest));
		assert_int_equal(k.opened, 0);
		place_close(&p);
	}
}

static void parse(const struct place *p, struct boot_log *out)
{
	CLEANUP(buf_done) struct buf log = { 0 };
	struct assay_err             e   = { 0 };

	test_must(rtmr_log(p->root, &log, &e), &e);
	test_must(boot_log_parse(buf_bytes(&log), out, &e), &e);
}

/* Two events, then one that fails: the log has the two, in order. */
static void several(void **state)
{
	struct kernel                          k      = { .sysfs = true };
	const struct guest_calls               calls  = kernel_calls(&k);
	CLEANUP(boot_log_done) struct boot_log log    = { 0 };
	const char *const                      text[] = { "first", "second", "third" };
	struct assay_err                       e      = { 0 };
	struct stat                            st;
	struct place                           p;

	(void)state;
	place_open(&p);
	for (size_t i = 0; i < ARRAY_LEN(text); i++) {
		struct rtmr_event ev = event_of(text[i]);

		k.extend_no = i == 2 ? EIO : 0;
		assert_int_equal(rtmr_extend(&calls, p.root, &ev, &e),
			i == 2 ? ASSAY_TD_EXTEND : ASSAY_OK);
	}
	parse(&p, &log);
	assert_int_equal(log.events, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_true(bytes_equal(log.event[i].content, bytes_text(text[i])));
		assert_int_equal(log.event[i].digest[0], text[i][0]);
		assert_int_equal(log.event[i].rtmr, 3);
	}
	assert_int_equal(fstatat(p.root, LOG, &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	place_close(&p);
}

static void once(void **state)
{
	struct kernel                k     = { .sysfs = true };
	const struct guest_calls     calls = kernel_calls(&k);
	struct rtmr_event            ev    = event_of("label/one");
	CLEANUP(buf_done) struct buf log = { 0 }, again = { 0 };
	struct assay_err             e = { 0 };
	struct place                 p;

	(void)state;
	place_open(&p);
	ev.once = BYTES("label");
	test_must(rtmr_extend(&calls, p.root, &ev, &e), &e);
	test_must(rtmr_log(p.root, &log, &e), &e);
	ev           = event_of("label/two");
	ev.once      = BYTES("label");
	k.rtmr[3][0] = 0;
	assert_int_equal(rtmr_extend(&calls, p.root, &ev, &e), ASSAY_TD_EXTEND);
	assert_non_null(strstr(assay_err_text(&e), "already"));
	assert_int_equal(k.rtmr[3][0], 0);
	test_must(rtmr_log(p.root, &again, &e), &e);
	assert_true(bytes_equal(buf_bytes(&log), buf_bytes(&again)));
	ev      = event_of("other");
	ev.once = BYTES("other");
	test_must(rtmr_extend(&calls, p.root, &ev, &e), &e);
	place_close(&p);
}

/* What is no log, or cannot be one: nothing is extended. */
static void broken(void **state)
{
	static const struct {
		const char     *name, *text;
		enum assay_code code;
	} rows[] = {
		{ "garbage", "hello\n", ASSAY_EVENTLOG_LINE },
		{ "cut", "{\"register\":3", ASSAY_EVENTLOG_LINE },
		{ "a folder", NULL, ASSAY_HOST_LOG },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct kernel            k     = { .sysfs = true };
		const struct guest_calls calls = kernel_calls(&k);
		struct rtmr_event        ev    = event_of("x");
		struct assay_err         e     = { 0 };
		struct place             p;

		print_message("%s\n", rows[i].name);
		place_open(&p);
		if (rows[i].text != NULL)
			put_log(&p, rows[i].text);
		else {
			mkdirat(p.root, "run", 0755);
			mkdirat(p.root, "run/assay", 0700);
			mkdirat(p.root, LOG, 0700);
		}
		assert_int_equal(rtmr_extend(&calls, p.root, &ev, &e), rows[i].code);
		assert_null(k.extended_by);
		unlinkat(p.root, LOG, AT_REMOVEDIR);
		place_close(&p);
	}
}

/* A link somebody put there is not followed. */
static void no_link(void **state)
{
	struct kernel                k     = { .sysfs = true };
	const struct guest_calls     calls = kernel_calls(&k);
	struct rtmr_event            ev    = event_of("x");
	CLEANUP(buf_done) struct buf log   = { 0 };
	struct assay_err             e     = { 0 };
	struct place                 p;

	(void)state;
	place_open(&p);
	mkdirat(p.root, "run", 0755);
	mkdirat(p.root, "run/assay", 0700);
	assert_int_equal(symlinkat("/tmp/assay-rtmr-elsewhere", p.root, LOG), 0);
	assert_int_equal(rtmr_extend(&calls, p.root, &ev, &e), ASSAY_HOST_LOG);
	assert_int_equal(rtmr_log(p.root, &log, &e), ASSAY_HOST_LOG);
	assert_null(k.extended_by);
	place_close(&p);
}

#define WRITERS 6

/* Processes at the same time: each has its line, whole. */
static void together(void **state)
{
	CLEANUP(boot_log_done) struct boot_log log = { 0 };
	struct assay_err                       e   = { 0 };
	struct place                           p;

	(void)state;
	place_open(&p);
	for (int i = 0; i < WRITERS; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			struct kernel            k     = { .sysfs = true };
			const struct guest_calls calls = kernel_calls(&k);
			struct rtmr_event        ev    = event_of("event");

			_exit(rtmr_extend(&calls, p.root, &ev, &e) == ASSAY_OK ? 0 : 1);
		}
	}
	for (int i = 0; i < WRITERS; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	parse(&p, &log);
	assert_int_equal(log.events, WRITERS);
	place_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels),
		cmocka_unit_test(several),
		cmocka_unit_test(once),
		cmocka_unit_test(broken),
		cmocka_unit_test(no_link),
		cmocka_unit_test(together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
