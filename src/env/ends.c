/* SPDX-License-Identifier: Apache-2.0
 *
 * They are blocked, and looked for between steps: so no call that a step makes is ever interrupted. */
#include "env/ends.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

static unsigned came; /* so far; signals belong to the process, and so does this */
static bool     held;

static void set_of(sigset_t *s)
{
	sigemptyset(s);
	sigaddset(s, SIGINT);
	sigaddset(s, SIGTERM);
	sigaddset(s, SIGHUP);
}

void ends_hold(void)
{
	sigset_t s;

	set_of(&s);
	sigaddset(&s, SIGCHLD); /* only to be woken by */
	sigprocmask(SIG_BLOCK, &s, NULL);
	signal(SIGPIPE, SIG_IGN);
	held = true;
}

void ends_release(void)
{
	sigset_t s;

	set_of(&s);
	sigprocmask(SIG_UNBLOCK, &s, NULL);
	held = false;
}

bool ends_asked(void)
{
	const struct timespec now = { 0 };
	sigset_t              s;

	set_of(&s);
	while (held && sigtimedwait(&s, NULL, &now) > 0)
		came++;
	return came > 0;
}

/* ---- a program ---- */

#define NAP_LEAST_MS 2
#define NAP_MOST_MS  200
#define DRAIN_MOST \
	1048576 /* bytes that are still read when it has ended: a daemon of its own may print for ever */

/* What is there to be read. false: nothing, now or ever. */
static bool take(struct ends_program *p)
{
	uint8_t piece[4096];
	ssize_t n = p->from < 0 ? -1 : read(p->from, piece, sizeof(piece));

	if (n == 0)
		p->from = -1; /* nobody writes there any more */
	if (n > 0 && p->took != NULL)
		p->took(p->ctx, (struct bytes){ piece, (size_t)n });
	return n > 0;
}

static void tell(const struct ends_program *p, int signal)
{
	if (kill(-p->pid, signal) != 0)
		kill(p->pid, signal); /* it has no group of its own yet */
}

/* Its group, when it has ended itself and was told to: what is left there has the same time. */
static void end_group(const struct ends_program *p, int64_t due_us)
{
	while (kill(-p->pid, 0) == 0 && clock_us() < due_us)
		poll(NULL, 0, NAP_MOST_MS / 4);
	kill(-p->pid, SIGKILL);
}

/* A signal of ours that came meanwhile; the second one is for the program. */
static bool twice(const struct ends_program *p)
{
	const struct timespec now = { 0 };
	sigset_t              s;

	set_of(&s);
	if (!held || sigtimedwait(&s, NULL, &now) <= 0)
		return false;
	if (came++ > 0)
		return true;
	p->say(p->ctx);
	return false;
}

int ends_wait(struct ends_program *p)
{
	int64_t due_us = clock_us() + (int64_t)p->limit_s * 1000000;
	bool    told   = false;
	int     nap_ms = NAP_LEAST_MS;
	pid_t   got;

	while ((got = waitpid(p->pid, &p->how, WNOHANG)) != p->pid) {
		struct pollfd f = { p->from, POLLIN, 0 };

		if (got < 0 && errno != EINTR)
			return errno;
		if (poll(&f, 1, nap_ms) > 0 && take(p))
			nap_ms = NAP_LEAST_MS;
		else if (nap_ms < NAP_MOST_MS)
			nap_ms *= 2;
		if (!told && (twice(p) || (p->late = clock_us() >= due_us))) {
			tell(p, SIGTERM);
			told   = true;
			due_us = clock_us() + (int64_t)p->grace_s * 1000000;
		} else if (told && clock_us() >= due_us) {
			tell(p, SIGKILL);
		}
	}
	if (told)
		end_group(p, due_us);
	for (size_t n = 0; n < DRAIN_MOST && take(p); n += 4096)
		;
	return 0;
}

void ends_child(void)
{
	sigset_t none;

	sigemptyset(&none);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(022);
	setsid(); /* no terminal to ask at, and no signal from its keys */
	closefrom(3);
}
