/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/user.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define LIMIT_MS (4 * TEST_PATIENCE_MS)
#define OUTPUT   (16 << 20) /* bytes of either */

/* In a child: the platform's variables as assay sim env prints them, a cache of the platform's own. */
static void become(const struct live *l, const char *line)
{
	CLEANUP(buf_done) struct buf all = { 0 };
	char                         path[512];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(path, sizeof(path), "%s/assay", getenv("ASSAY_BUILD"));
	setenv("A", path, 1);
	snprintf(path, sizeof(path), "%s.cache", l->state);
	setenv("XDG_CACHE_HOME", path, 1);
	buf_printf(&all, "eval \"$($A sim env --state %s)\"; %s", l->state, line);
	execl("/bin/sh", "sh", "-c", buf_cstr(&all), (char *)NULL);
	_exit(127);
}

void user_runs(struct live *l, struct said *s, const char *fmt, ...)
{
	const int64_t began = test_now_ms();
	int           out[2], err[2], status = 0;
	va_list       ap;
	char         *line;
	pid_t         pid;

	va_start(ap, fmt);
	assert_true(vasprintf(&line, fmt, ap) >= 0);
	va_end(ap);
	*s = (struct said){ .status = 124 };
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		setpgid(0, 0);
		dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		dup2(err[1], STDERR_FILENO);
		become(l, line);
	}
	close(out[1]);
	close(err[1]);
	if (test_drain(out[0], err[0], &s->out, &s->err, OUTPUT, LIMIT_MS))
		s->status = 0;
	if (s->status == 124)
		kill(-pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(out[0]);
	close(err[0]);
	free(line);
	if (s->status != 124)
		s->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	s->ms = test_now_ms() - began;
}

pid_t user_starts(struct live *l, const char *fmt, ...)
{
	va_list ap;
	char   *line, path[128];
	pid_t   pid;

	va_start(ap, fmt);
	assert_true(vasprintf(&line, fmt, ap) >= 0);
	va_end(ap);
	snprintf(path, sizeof(path), "%s.log", l->state);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(open("/dev/null", O_RDWR), STDIN_FILENO);
		dup2(open("/dev/null", O_RDWR), STDOUT_FILENO);
		dup2(open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600),
			STDERR_FILENO);
		become(l, line);
	}
	free(line);
	return pid;
}

void said_done(struct said *s)
{
	buf_done(&s->out);
	buf_done(&s->err);
}

int user_ready(struct live *l)
{
	CLEANUP(said_done) struct said s;

	user_runs(l, &s, "$A sim ctl status");
	if (s.status != 0)
		fail_msg("sim ctl status: exit %d: %s", s.status, buf_cstr(&s.err));
	if (strstr(buf_cstr(&s.out), "\nready    no\n") != NULL)
		return 0;
	assert_non_null(strstr(buf_cstr(&s.out), "\nready    yes\n"));
	return 1;
}

json_t *user_report(const struct said *s)
{
	json_error_t why;
	json_t      *root = json_loadb(
		     (const char *)s->out.p, s->out.n, JSON_REJECT_DUPLICATES, &why);

	if (root == NULL)
		fail_msg("no report (exit %d): %s\n%.*s", s->status, why.text, (int)s->err.n,
			(const char *)s->err.p);
	return root;
}

const char *user_outcome(json_t *report, const char *id, const char **code)
{
	static const char *const worst[] = { "fail", "unknown", "in-progress", "skipped",
		"warn", "waived", "not-applicable", "pass" };
	size_t                   i;
	json_t                  *f;

	for (size_t k = 0; k < ARRAY_LEN(worst); k++)
		json_array_foreach(json_object_get(report, "findings"), i, f)
		{
			const char *at = json_string_value(json_object_get(f, "outcome"));

			if (strcmp(json_string_value(json_object_get(f, "id")), id) != 0 ||
				strcmp(at, worst[k]) != 0)
				continue;
			if (code != NULL)
				*code = json_string_value(json_object_get(f, "code"));
			return at;
		}
	return NULL;
}
