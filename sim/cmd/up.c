/* SPDX-License-Identifier: Apache-2.0
 *
 * sim up and sim run: a platform for as long as the user, or one command, wants it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/show.h"
#include "cmd/machine.h"

#define EXIT_NOT_RUN   126 /* as a shell has them */
#define EXIT_NOT_FOUND 127
#define EXIT_SIGNAL    128

static const int signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGCHLD };

static int block_signals(sigset_t *before)
{
	struct sigaction hup;
	sigset_t         set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		sigaddset(&set, signals[i]);
	if (sigaction(SIGHUP, NULL, &hup) == 0 && hup.sa_handler == SIG_IGN)
		sigdelset(&set, SIGHUP); /* nohup: stays ignored */
	sigprocmask(SIG_BLOCK, &set, before);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* Either says its help or what is wrong with the options, or goes on. */
static bool begin(const struct command *c, int argc, char **argv, struct sim_options *o,
	int *first, int *status)
{
	CLEANUP(buf_done) struct buf help = { 0 };
	struct assay_err             e    = { 0 };

	if (options_read(c, argc, argv, o, first, &help, &e) != ASSAY_OK)
		*status = cli_fail(WHO, &e);
	else if (help.n > 0)
		*status = cli_print(WHO, &help, 0);
	else
		return true;
	return false;
}

static enum assay_code open_machine(
	const struct sim_options *o, bool fresh, struct machine **m, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf note = { 0 };

	TRY(machine_open(o, fresh, m, &note, e));
	if (note.n > 0)
		fprintf(stderr, WHO ": %s\n", buf_cstr(&note));
	return ASSAY_OK;
}

int cmd_up(const struct command *c, int argc, char **argv)
{
	CLEANUP(buf_done) struct buf out    = { 0 };
	struct sim_options           o      = { 0 };
	struct assay_err             e      = { 0 };
	struct machine              *m      = NULL;
	int                          status = 0, first = argc, fd, signo;
	bool                         sent = false;

	if (!begin(c, argc, argv, &o, &first, &status))
		return status;
	if (first < argc) {
		err_set(&e, ASSAY_INPUT_OPTION,
			"sim up takes no command; that is assay sim run");
		return cli_fail(WHO, &e);
	}
	fd = block_signals(NULL);
	if (open_machine(&o, false, &m, &e) != ASSAY_OK ||
		machine_tell(m, o.state != NULL, &out, &e) != ASSAY_OK) {
		machine_close(m);
		return cli_fail(WHO, &e);
	}
	status = cli_print(WHO, &out, 0);
	do
		signo = machine_serve(m, fd, &sent);
	while (signo == SIGCHLD);
	machine_close(m);
	close(fd);
	return status;
}

static _Noreturn void become(
	struct machine *m, char **command, const sigset_t *mask, pid_t parent)
{
	struct assay_err e = { 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* without its platform it has nothing to run on */
	if (getppid() != parent)
		_exit(EXIT_NOT_RUN);
	if (machine_setenv(m, &e) != ASSAY_OK)
		_exit(cli_fail(WHO, &e));
	machine_leave(m);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(command[0], command);
	fprintf(stderr, WHO ": %s: %s\n", SHOW(bytes_text(command[0])), strerror(errno));
	_exit(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUN);
}

/* Serve until the command has ended. A terminal's Ctrl-C reaches it without our help; what is sent to us alone, we
 * pass on. */
static int serve_command(struct machine *m, int fd, pid_t child)
{
	int  status = 0;
	bool sent   = false;

	while (waitpid(child, &status, WNOHANG) == 0) {
		int signo = machine_serve(m, fd, &sent);

		if (signo == 0) /* stopped by ctl */
			kill(child, SIGTERM);
		if (signo == SIGTERM || signo == SIGHUP ||
			(sent && (signo == SIGINT || signo == SIGQUIT)))
			kill(child, signo);
		if (signo == 0 && waitpid(child, &status, 0) == child)
			break;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNAL + WTERMSIG(status);
}

int cmd_run(const struct command *c, int argc, char **argv)
{
	struct sim_options o      = { 0 };
	struct assay_err   e      = { 0 };
	struct machine    *m      = NULL;
	const pid_t        self   = getpid();
	int                status = 0, first = argc, fd;
	sigset_t           mask;
	pid_t              child;

	if (!begin(c, argc, argv, &o, &first, &status))
		return status;
	if (first == argc) {
		err_set(&e, ASSAY_INPUT_OPTION, "which command? assay sim run -- COMMAND");
		return cli_fail(WHO, &e);
	}
	fd = block_signals(&mask);
	if (open_machine(&o, true, &m, &e) != ASSAY_OK)
		return cli_fail(WHO, &e);
	child = fork();
	if (child == 0)
		become(m, argv + first, &mask, self);
	if (child > 0) {
		status = serve_command(m, fd, child);
	} else {
		err_set(&e, ASSAY_INTERNAL, "fork: %s", strerror(errno));
		status = cli_fail(WHO, &e);
	}
	machine_close(m);
	close(fd);
	return status;
}
