/* SPDX-License-Identifier: Apache-2.0
 *
 * Ctrl-C while a machine is changed. */
#include "env/ends.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

static void say(void *ctx)
{
	++*(unsigned *)ctx;
}

/* What a program is given: nothing of ours. */
static void like_new(void **state)
{
	int      how  = -1;
	unsigned said = 0;
	pid_t    pid;

	(void)state;
	ends_hold();
	umask(077);
	assert_true(fcntl(open("/dev/null", O_RDONLY), F_DUPFD, 17) >= 17);
	pid = fork();
	if (pid == 0) {
		sigset_t         is;
		struct sigaction pipe;

		ends_child();
		sigprocmask(SIG_BLOCK, NULL, &is);
		sigaction(SIGPIPE, NULL, &pipe);
		_exit(sigismember(&is, SIGINT) || sigismember(&is, SIGCHLD) ? 1
				: pipe.sa_handler != SIG_DFL                ? 2
				: umask(0) != 022                           ? 3
				: getsid(0) != getpid()                     ? 4
				: fcntl(17, F_GETFD) >= 0                   ? 5
									    : 0);
	}
	assert_int_equal(ends_wait(pid, &how, say, &said), 0);
	assert_true(WIFEXITED(how));
	assert_int_equal(WEXITSTATUS(how), 0);
	assert_int_equal(said, 0);
	umask(022);
}

/* The first signal waits for the program, the second one ends it. */
static void twice(void **state)
{
	int      how  = -1;
	unsigned said = 0;
	pid_t    pid, other, self = getpid();

	(void)state;
	ends_hold();
	assert_false(ends_asked());
	pid = fork();
	if (pid == 0) {
		ends_child();
		for (;;)
			pause();
	}
	other = fork();
	if (other == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) { /* until it has its session */
			kill(self, SIGINT);
			usleep(50000);
		}
	}
	assert_int_equal(ends_wait(pid, &how, say, &said), 0);
	kill(other, SIGKILL);
	assert_int_equal(waitpid(other, NULL, 0), other);
	assert_true(WIFSIGNALED(how));
	assert_int_equal(WTERMSIG(how), SIGTERM);
	assert_int_equal(said, 1);
	assert_true(ends_asked());
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(like_new),
		cmocka_unit_test(twice) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
