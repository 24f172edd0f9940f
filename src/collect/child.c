/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SPEAK    3    /* the descriptor */
#define WAIT_MS  1000 /* for a process to end that was killed */
#define STEP_MS  2
#define GRACE_MS 100 /* for one that has said its last; it need not linger */
#define LEFT_MAX 64
#define HELD_MAX 16384 /* bytes; a device's evidence is less */

/* Processes that would not go. They are asked for again before the next one starts. */
static pid_t  left[LEFT_MAX];
static size_t left_n;

static void send_held(struct teller *t)
{
	size_t at = 0;

	while (at < t->held.n) {
		ssize_t n = write(t->fd, t->held.p + at, t->held.n - at);

		if (n > 0)
			at += (size_t)n;
		else if (errno != EINTR)
			_exit(EXIT_FAILURE);
	}
	t->held.n = 0;
}

/* What the listener acts upon at once. */
static bool is_pressing(enum record_key key)
{
	return key == RECORD_CALL || key == RECORD_COUNT || key == RECORD_FAULT ||
		key == RECORD_DONE;
}

void tell(struct teller *t, enum record_key key, uint32_t device, struct bytes value)
{
	record_put(&t->held, key, device, value);
	if (t->held.failed)
		_exit(EXIT_FAILURE);
	if (is_pressing(key) || t->held.n > HELD_MAX)
		send_held(t);
}

void tell_text(struct teller *t, enum record_key key, uint32_t device, const char *text)
{
	tell(t, key, device, bytes_text(text));
}

void tell_int(struct teller *t, enum record_key key, uint32_t device, int value)
{
	const uint32_t v     = (uint32_t)value;
	const uint8_t  le[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16),
		 (uint8_t)(v >> 24) };

	tell(t, key, device, BYTES_OF(le));
}

void tell_fault(struct teller *t, uint32_t device, const struct assay_err *why)
{
	CLEANUP(buf_done) struct buf out = { 0 };
	const uint32_t               v   = (uint32_t)why->code;
	const uint8_t le[4]              = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16),
			     (uint8_t)(v >> 24) };

	buf_put(&out, le, sizeof(le));
	buf_text(&out, assay_err_text(why));
	if (out.failed)
		_exit(EXIT_FAILURE);
	tell(t, RECORD_FAULT, device, buf_bytes(&out));
}

/* Handlers and masks of the caller are none of this process's. Ctrl-C and a service manager mean the caller, though all
 * processes get it: it says whether this one goes on, and takes it along when it ends. */
static void reset_signals(void)
{
	static const int callers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	sigset_t         none;

	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	for (size_t i = 0; i < ARRAY_LEN(callers); i++)
		signal(callers[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* One line and /dev/null is all it has. What the library prints goes nowhere. */
static void shut_in(int speak, pid_t parent)
{
	const struct rlimit no_core = { 0, 0 };
	int                 null    = open("/dev/null", O_RDWR | O_CLOEXEC);

	reset_signals();
	setrlimit(RLIMIT_CORE, &no_core);
	if (null < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(EXIT_FAILURE);
	if (speak < SPEAK || null < SPEAK) { /* out of the way of what is put there now */
		speak = fcntl(speak, F_DUPFD_CLOEXEC, SPEAK + 1);
		null  = fcntl(null, F_DUPFD_CLOEXEC, SPEAK + 1);
	}
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(null, fd) < 0)
			_exit(EXIT_FAILURE);
	if ((speak != SPEAK && dup3(speak, SPEAK, O_CLOEXEC) < 0) ||
		close_range(SPEAK + 1, ~0U, 0) != 0)
		_exit(EXIT_FAILURE);
}

static void forget_left(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < left_n; i++)
		if (waitpid(left[i], NULL, WNOHANG) == 0)
			left[kept++] = left[i];
	left_n = kept;
}

enum assay_code child_start(void (*run)(void *ctx, struct teller *t), void *ctx,
	struct child *out, struct assay_err *e)
{
	const pid_t   parent = getpid();
	struct teller t      = { .fd = SPEAK };
	int           fds[2];
	pid_t         pid;

	forget_left();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return err_set(e, ASSAY_INTERNAL, "no pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return err_set(e, ASSAY_INTERNAL, "no process: %s", strerror(errno));
	}
	if (pid == 0) {
		shut_in(fds[1], parent);
		run(ctx, &t);
		send_held(&t);
		_exit(EXIT_SUCCESS);
	}
	close(fds[1]);
	*out = (struct child){ pid, fds[0] };
	return ASSAY_OK;
}

bool child_hear(const struct teller *t, void *word, size_t n)
{
	uint8_t *p = word;

	while (n > 0) {
		ssize_t got = read(t->fd, p, n);

		if (got == 0 || (got < 0 && errno != EINTR))
			return false;
		if (got > 0) {
			p += got;
			n -= (size_t)got;
		}
	}
	return true;
}

bool child_say(const struct child *c, const void *word, size_t n)
{
	return send(c->fd, word, n, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)n;
}

bool child_is_quiet(const struct child *c)
{
	struct pollfd p = { c->fd, POLLIN, 0 };

	return poll(&p, 1, 0) == 0;
}

void child_dismiss(const struct child *c)
{
	shutdown(c->fd, SHUT_WR);
}

void child_end(struct child *c, bool force, int *status)
{
	const struct timespec step = { 0, STEP_MS * 1000000L };
	pid_t                 got  = 0;

	close(c->fd);
	*status = -1;
	for (int ms = 0; got == 0 && ms < WAIT_MS; ms += STEP_MS) {
		if (force || ms >= GRACE_MS)
			kill(c->pid, SIGKILL);
		got = waitpid(c->pid, status, WNOHANG);
		if (got == 0)
			nanosleep(&step, NULL);
	}
	if (got != c->pid)
		*status = -1;
	if (got == 0 && left_n < LEFT_MAX)
		left[left_n++] = c->pid;
	*c = (struct child){ 0, -1 };
}
