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

static struct ends_program program(unsigned *said)
{
	return (struct ends_program){
		.from = -1, .limit_s = 600, .grace_s = 30, .say = say, .ctx = said
	};
}

/* What a program is given: nothing of ours. */
static void like_new(void **state)
{
	unsigned            said = 0;
	struct ends_program p    = program(&said);

	(void)state;
	ends_hold();
	umask(077);
	assert_true(fcntl(open("/dev/null", O_RDONLY), F_DUPFD, 17) >= 17);
	p.pid = fork();
	if (p.pid == 0) {
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
	assert_int_equal(ends_wait(&p), 0);
	assert_true(WIFEXITED(p.how));
	assert_int_equal(WEXITSTATUS(p.how), 0);
	assert_int_equal(said, 0);
	umask(022);
}

/* The first signal waits for the program, the second one ends it. */
static void twice(void **state)
{
	unsigned            said = 0;
	struct ends_program p    = program(&said);
	pid_t               other, self = getpid();

	(void)state;
	ends_hold();
	assert_false(ends_asked());
	p.pid = fork();
	if (p.pid == 0) {
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
	assert_int_equal(ends_wait(&p), 0);
	kill(other, SIGKILL);
	assert_int_equal(waitpid(other, NULL, 0), other);
	assert_true(WIFSIGNALED(p.how));
	assert_int_equal(WTERMSIG(p.how), SIGTERM);
	assert_false(p.late);
	assert_int_equal(said, 1);
	assert_true(ends_asked());
}

/* One whose time is over, and its group with it, however they take it; a daemon with a group of its own goes on. */
static void late(void **state)
{
	static const struct {
		const char *name, *line;
		int         signal;
	} cases[] = {
		{ "it ends when it is told to", "exec sleep 600", SIGTERM },
		{ "it does not", "trap '' TERM; sleep 600 & while :; do sleep 600; done",
			SIGKILL },
		{ "it does, and leaves another behind",
			"(trap '' TERM; sleep 600) & exec sleep 600", SIGTERM },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned            said = 0;
		struct ends_program p    = program(&said);

		print_message("%s\n", cases[i].name);
		p.limit_s = 1;
		p.grace_s = 1;
		p.pid     = fork();
		if (p.pid == 0) {
			ends_child();
			execl("/bin/sh", "sh", "-c", cases[i].line, (char *)NULL);
			_exit(127);
		}
		assert_int_equal(ends_wait(&p), 0);
		assert_true(p.late);
		assert_true(WIFSIGNALED(p.how));
		assert_int_equal(WTERMSIG(p.how), cases[i].signal);
		for (unsigned k = 0; k < 100 && kill(-p.pid, 0) == 0; k++)
			usleep(20000); /* whoever inherited them looks after them */
		assert_int_equal(kill(-p.pid, 0), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(like_new), cmocka_unit_test(late),
		cmocka_unit_test(twice) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
