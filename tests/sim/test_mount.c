/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of the mounts: when their server is killed, when somebody else takes one away, when the tree has links in
 * it, and when there is no FUSE. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "serve.h"
#include "tsm/tsm.h"

#define NOBODY 65534

/* 0 or errno. */
static int open_guest(const struct serve *s)
{
	int fd = open(serve_path(s, SERVE_GUEST), O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static void killed(void **state)
{
	struct serve s;

	(void)state;
	serve_tsm(&s, NULL, 4);
	assert_int_equal(serve_mounts(&s), TSM_FDS);
	serve_kill(&s);
	assert_int_equal(serve_mounts(&s), TSM_FDS);
	assert_int_equal(open_guest(&s), ENOTCONN);
	tsm_sweep("/nowhere");
	tsm_sweep(serve_path(&s, "sys/class"));
	assert_int_equal(serve_mounts(&s), TSM_FDS - 1); /* what lies below, and nothing else */
	tsm_sweep(s.dir);
	assert_int_equal(serve_mounts(&s), 0);
	serve_close(&s);
}

/* Hundredths of a second since its start. */
static unsigned cpu_of(pid_t pid)
{
	char     stat[64], text[1024] = { 0 };
	unsigned user, system;
	FILE    *f;

	snprintf(stat, sizeof(stat), "/proc/%d/stat", (int)pid);
	f = fopen(stat, "re");
	assert_non_null(f);
	assert_true(fread(text, 1, sizeof(text) - 1, f) > 0);
	fclose(f);
	assert_int_equal(
		sscanf(strrchr(text, ')') + 2,
			"%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %u %u", &user, &system),
		2);
	return user + system;
}

/* A mount that somebody else takes away does not end the server, nor keep it busy. */
static void taken_away(void **state)
{
	struct serve s;
	unsigned     before;

	(void)state;
	serve_tsm(&s, NULL, 4);
	tsm_sweep(serve_path(&s, "sys/class"));
	before = cpu_of(s.pid);
	sleep(1);
	assert_true(cpu_of(s.pid) - before < 60);
	assert_int_equal(open_guest(&s), 0);
	serve_close(&s);
}

/* Links in the tree lead nowhere: not one file is made outside. */
static void links(void **state)
{
	static const char *const names[] = { "dev", "sys", SERVE_GUEST };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct serve     s;
		struct tsm      *t = NULL;
		struct assay_err e = { 0 };
		enum assay_code  code;
		char             outside[] = "/tmp/assay-outside-XXXXXX";

		print_message("%s\n", names[i]);
		assert_non_null(mkdtemp(outside));
		serve_open(&s, &(struct serve_spec){ 0 });
		if (strchr(names[i], '/') != NULL)
			assert_int_equal(mkdir(serve_path(&s, "dev"), 0755), 0);
		assert_int_equal(symlink(outside, serve_path(&s, names[i])), 0);
		code = tsm_open(NULL, s.dir, &t, &e);
		tsm_close(t);
		assert_int_not_equal(code, ASSAY_OK);
		print_message("  %s\n", assay_err_text(&e));
		assert_int_equal(rmdir(outside), 0); /* empty, so nothing was made */
		serve_close(&s);
	}
}

/* A user who may not open /dev/fuse: one line, and nothing is mounted. */
static void without_fuse(void **state)
{
	struct serve s;
	pid_t        child;
	int          status;

	(void)state;
	serve_open(&s, &(struct serve_spec){ 0 });
	child = fork();
	if (child == 0) {
		struct tsm      *t = NULL;
		struct assay_err e = { 0 };

		if ((geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) != 0) ||
			access("/dev/fuse", R_OK | W_OK) == 0)
			_exit(77);
		_exit(tsm_open(NULL, s.dir, &t, &e) != ASSAY_OK && t == NULL &&
					strstr(assay_err_text(&e), "/dev/fuse") != NULL
				? 0
				: 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		print_message("skipped: everybody may open /dev/fuse here\n");
	else
		assert_int_equal(WEXITSTATUS(status), 0);
	serve_close(&s);
	if (WEXITSTATUS(status) == 77)
		skip();
}

/* For good: also for what is run, fusermount3. */
static bool give_up_mounting(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct   caps[2];

	if (prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN) != 0 || syscall(SYS_capget, &head, caps) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(caps); i++) {
		const uint32_t keep = i == 0 ? ~(UINT32_C(1) << CAP_SYS_ADMIN) : UINT32_MAX;

		caps[i].effective &= keep;
		caps[i].permitted &= keep;
		caps[i].inheritable = 0;
	}
	return syscall(SYS_capset, &head, caps) == 0;
}

/* A container that has /dev/fuse and may not mount: libfuse and its helper say so on standard error. What they say is
 * part of the message, and nothing else is heard of them. */
static void may_not_mount(void **state)
{
	struct serve s;
	char         heard[512] = { 0 };
	int          end[2], status;
	pid_t        child;

	(void)state;
	serve_open(&s, &(struct serve_spec){ 0 });
	assert_int_equal(pipe2(end, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		struct tsm      *t = NULL;
		struct assay_err e = { 0 };

		if (access("/dev/fuse", R_OK | W_OK) != 0 || !give_up_mounting())
			_exit(77);
		dup2(end[1], STDERR_FILENO);
		_exit(tsm_open(NULL, s.dir, &t, &e) != ASSAY_OK && t == NULL &&
					strstr(assay_err_text(&e), "ermitted") != NULL &&
					strchr(assay_err_text(&e), '\n') == NULL
				? 0
				: 1);
	}
	close(end[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(read(end[0], heard, sizeof(heard) - 1), 0);
	close(end[0]);
	assert_true(WIFEXITED(status));
	assert_int_equal(serve_mounts(&s), 0);
	serve_close(&s);
	if (WEXITSTATUS(status) == 77) {
		print_message("skipped: this user may not open /dev/fuse\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed),
		cmocka_unit_test(taken_away),
		cmocka_unit_test(links),
		cmocka_unit_test(without_fuse),
		cmocka_unit_test(may_not_mount),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
