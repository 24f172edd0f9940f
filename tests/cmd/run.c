/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/run.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define CPU_S    (TEST_SANITIZED ? 60 : 20) /* of one process: nothing is tried without end */
#define LIMIT_MS (2 * TEST_PATIENCE_MS)
#define ADDRESS  (TEST_SANITIZED ? RLIM_INFINITY : (rlim_t)256 << 20) /* 45 MiB are libraries */
#define OUTPUT   (4 << 20)

static char folder[] = "/tmp/assay-cmd-XXXXXX";

static const char *given(const char *name)
{
	const char *value = getenv(name);

	if (value == NULL)
		fail_msg("%s is not set; run this by meson test", name);
	return value == NULL ? "" : value;
}

void run_open(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/assay", given("ASSAY_BUILD"));
	assert_int_equal(setenv("A", path, 1), 0);
	snprintf(path, sizeof(path), "%s/assay-forge", given("ASSAY_BUILD"));
	assert_int_equal(setenv("F", path, 1), 0);
	memset(path, 0, sizeof(path));
	assert_true(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	assert_int_equal(setenv("T", path, 1), 0);
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

void run_close(void)
{
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void run_write(const char *name, struct bytes body)
{
	FILE *f = fopen(name, "wb");

	if (f == NULL)
		fail_msg("cannot write %s", name);
	assert_int_equal(fwrite(body.p, 1, body.n, f), body.n);
	assert_int_equal(fclose(f), 0);
}

static void limit(__rlimit_resource_t which, rlim_t value)
{
	setrlimit(which, &(struct rlimit){ value, value });
}

/* What the tests of this machine's user have set is kept out; what steers a sanitizer is not. */
static void child(const char *line, int out, int err)
{
	static const char *const kept[] = { "A", "F", "S", "T", "TMPDIR", "ASAN_OPTIONS",
		"UBSAN_OPTIONS", "LSAN_OPTIONS", "ASSAY_INTEROP" };
	static char env[ARRAY_LEN(kept) + 1][PATH_MAX + 32] = { "PATH=/usr/bin:/bin" };
	char       *list[ARRAY_LEN(kept) + 2]               = { env[0] };
	size_t      n                                       = 1;

	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		const char *value = getenv(kept[i]);

		if (value == NULL)
			continue;
		snprintf(env[n], sizeof(env[n]), "%s=%s", kept[i], value);
		list[n] = env[n];
		n++;
	}
	setpgid(0, 0);
	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close_range(3, ~0U, 0);
	signal(SIGPIPE, SIG_DFL);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_CPU, CPU_S);
	limit(RLIMIT_AS, ADDRESS);
	execle("/bin/sh", "sh", "-c", line, (char *)NULL, list);
	_exit(127);
}

void run(struct ran *r, const char *fmt, ...)
{
	int           out[2], err[2], status = 0;
	struct rusage usage;
	va_list       ap;
	char         *text;
	bool          ended;
	pid_t         pid;

	va_start(ap, fmt);
	assert_true(vasprintf(&text, fmt, ap) >= 0);
	va_end(ap);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	*r  = (struct ran){ 0 };
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child(text, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	ended = test_drain(out[0], err[0], &r->out, &r->err, OUTPUT, LIMIT_MS);
	if (!ended) {
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
	}
	assert_int_equal(wait4(pid, &status, 0, &usage), pid);
	close(out[0]);
	close(err[0]);
	free(text);
	r->rss_kib = usage.ru_maxrss;
	r->status  = !ended          ? RUN_TIMEOUT
		 : WIFEXITED(status) ? WEXITSTATUS(status)
				     : 128 + WTERMSIG(status);
}

void ran_done(struct ran *r)
{
	buf_done(&r->out);
	buf_done(&r->err);
}

const char *ran_text(struct buf *b)
{
	return buf_cstr(b);
}

void run_helper(int argc, char **argv)
{
	char *none[] = { NULL };

	if (argc < 2 || strcmp(argv[1], "argv0") != 0)
		return;
	if (argc >= 4) {
		char *program = argv[3];

		argv[3] = argv[2];
		execv(program, argv + 3);
	} else {
		execv(getenv("A"), none);
	}
	_exit(127);
}
