/* SPDX-License-Identifier: Apache-2.0
 *
 * They are blocked, and looked for between steps: so no call that a step makes is ever interrupted. */
#include "env/ends.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

int ends_wait(pid_t child, int *how, void (*say)(void *ctx), void *ctx)
{
	const struct timespec second = { .tv_sec = 1 };
	sigset_t              s;
	pid_t                 got;

	set_of(&s);
	sigaddset(&s, SIGCHLD);
	while ((got = waitpid(child, how, held ? WNOHANG : 0)) != child) {
		int signal;

		if (got < 0 && errno != EINTR)
			return errno;
		signal = held ? sigtimedwait(&s, NULL, &second) : 0;
		if (signal <= 0 || signal == SIGCHLD)
			continue;
		if (came++ > 0)
			kill(-child, SIGTERM);
		else
			say(ctx);
	}
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
