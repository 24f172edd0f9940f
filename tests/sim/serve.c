/* SPDX-License-Identifier: Apache-2.0 */
#include "serve.h"

#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "door/qgs.h"
#include "tsm/tsm.h"

#define AT       INT64_C(1780272000) /* 2026-06-01T00:00:00Z */
#define TOO_LONG 200                 /* seconds from opening to closing: somebody hangs */
#define PATHS    8

struct doors {
	struct platform *platform;
	struct tsm      *tsm;
	struct qgs      *qgs;
};

static enum assay_code open_doors(const struct serve *s, const struct serve_spec *spec,
	struct doors *d, struct assay_err *e)
{
	struct platform_spec p;

	platform_spec_default(PLATFORM_SINGLE, &p);
	p.at    = AT;
	p.quote = spec->quote == 0 ? 4 : spec->quote;
	if (spec->fault != NULL) {
		p.fault[p.faults++] = sim_fault_named(spec->fault);
		if (p.fault[0] == NULL)
			return err_set(e, ASSAY_INTERNAL, "no fault %s", spec->fault);
	}
	TRY(platform_new(&p, &d->platform, e));
	if (spec->tsm)
		TRY(tsm_open(d->platform, s->dir, &d->tsm, e));
	if (spec->qgs)
		TRY(qgs_open(d->platform, serve_path(s, SERVE_SOCKET), &d->qgs, e));
	return ASSAY_OK;
}

static void loop(const struct doors *d, int stop)
{
	for (;;) {
		struct pollfd w[1 + TSM_FDS + QGS_FDS];
		int           fd[TSM_FDS + QGS_FDS];
		size_t        tsm = d->tsm == NULL ? 0 : tsm_fds(d->tsm, fd);
		size_t        n   = tsm;

		n += d->qgs == NULL ? 0 : qgs_fds(d->qgs, fd + n);
		w[0] = (struct pollfd){ .fd = stop, .events = POLLIN };
		for (size_t i = 0; i < n; i++)
			w[1 + i] = (struct pollfd){ .fd = fd[i], .events = POLLIN };
		if (poll(w, (nfds_t)n + 1, -1) < 0 && errno != EINTR)
			return;
		for (size_t i = 0; i < n; i++)
			if (w[1 + i].revents != 0 && i < tsm)
				tsm_run(d->tsm, fd[i]);
			else if (w[1 + i].revents != 0)
				qgs_run(d->qgs, fd[i]);
		if (w[0].revents != 0)
			return;
	}
}

/* The child: says "" or why not, with a NUL, then serves until its parent lets go of the pipe. */
__attribute__((noreturn)) static void serve(
	const struct serve *s, const struct serve_spec *spec, int say, int stop)
{
	struct doors     d    = { 0 };
	struct assay_err e    = { 0 };
	const char      *text = "";

	alarm(TOO_LONG + 20); /* after the test, which takes the pipe with it */
	if (open_doors(s, spec, &d, &e) != ASSAY_OK)
		text = assay_err_text(&e);
	if (write(say, text, strlen(text) + 1) < 0)
		_exit(1);
	close(say);
	loop(&d, stop);
	tsm_close(d.tsm);
	qgs_close(d.qgs);
	platform_free(d.platform);
	exit(0); /* so that a leak is found */
}

void serve_open(struct serve *s, const struct serve_spec *spec)
{
	int    say[2], stop[2];
	size_t got = 0;

	alarm(TOO_LONG);
	signal(SIGPIPE, SIG_IGN);
	*s = (struct serve){ .dir = "/tmp/assay-doors-XXXXXX" };
	assert_non_null(mkdtemp(s->dir));
	assert_int_equal(pipe(say), 0);
	assert_int_equal(pipe(stop), 0);
	fflush(NULL);
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (s->pid == 0) {
		close(say[0]);
		close(stop[1]);
		serve(s, spec, say[1], stop[0]);
	}
	close(say[1]);
	close(stop[0]);
	s->stop = stop[1];
	while (got < sizeof(s->why) - 1) {
		ssize_t n = read(say[0], s->why + got, sizeof(s->why) - 1 - got);

		if (n <= 0)
			break;
		got += (size_t)n;
	}
	close(say[0]);
	assert_true(got > 0); /* else it died */
}

void serve_tsm(struct serve *s, const char *fault, unsigned quote)
{
	serve_open(s, &(struct serve_spec){ .tsm = true, .quote = quote, .fault = fault });
	if (s->why[0] == '\0')
		return;
	print_message("skipped: %s\n", s->why);
	serve_close(s);
	skip();
}

void serve_kill(struct serve *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	s->pid = 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

void serve_close(struct serve *s)
{
	int      status = 0;
	unsigned left;

	close(s->stop);
	if (s->pid > 0)
		assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
	left = serve_mounts(s);
	if (left > 0)
		tsm_sweep(s->dir); /* the machine is not the test's to litter */
	nftw(s->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	assert_int_equal(left, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	alarm(0);
}

unsigned serve_mounts(const struct serve *s)
{
	FILE    *f = fopen("/proc/self/mountinfo", "re");
	char     line[8192];
	unsigned n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		n += strstr(line, s->dir) != NULL;
	fclose(f);
	return n;
}

const char *serve_path(const struct serve *s, const char *name)
{
	static char   path[PATHS][256];
	static size_t at;
	char         *out = path[at++ % PATHS];

	snprintf(out, sizeof(path[0]), "%s/%s", s->dir, name);
	return out;
}
