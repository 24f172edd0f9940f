/* SPDX-License-Identifier: Apache-2.0
 *
 * assay completion: the tables of all programs that are here, as a shell reads them. */
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/show.h"
#include "cmd/completion.h"
#include "cmd/shells.h"

#define WHO        "assay"
#define TABLES_MAX (256 * 1024) /* our own programs': a tenth of it */

static const struct {
	const char *name;
	void (*put)(const struct shells *s, struct buf *out);
} shells[] = {
	{ "bash", shells_bash },
	{ "zsh", shells_zsh },
	{ "fish", shells_fish },
};

static enum assay_code take_all(int fd, struct buf *out, struct assay_err *e)
{
	char    part[4096];
	ssize_t n;

	while ((n = read(fd, part, sizeof(part))) > 0 && out->n < TABLES_MAX)
		buf_put(out, part, (size_t)n);
	return n != 0 ? err_set(e, ASSAY_INTERNAL, "the tables of options do not end")
		      : buf_ok(out, e);
}

/* This program tells of its commands and of its siblings'. */
static enum assay_code ask(struct buf *out, struct assay_err *e)
{
	char                       self[] = "/proc/self/exe", what[] = CLI_TABLE;
	char                      *argv[] = { self, what, NULL };
	int                        ends[2], status = 0;
	CLEANUP(fd_drop) int       from = -1;
	posix_spawn_file_actions_t wiring;
	pid_t                      child = -1;
	int                        failed;
	enum assay_code            code;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_set(e, ASSAY_INTERNAL, "no pipe");
	from = ends[0];
	posix_spawn_file_actions_init(&wiring);
	posix_spawn_file_actions_adddup2(&wiring, ends[1], STDOUT_FILENO);
	failed = posix_spawn(&child, self, &wiring, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&wiring);
	close(ends[1]);
	if (failed != 0)
		return err_set(e, ASSAY_INTERNAL, "no process to ask for the options");
	code = take_all(from, out, e);
	close(from);
	from = -1; /* before the wait: a child that still writes ends */
	if (waitpid(child, &status, 0) != child || status != 0)
		return err_set(e, ASSAY_INTERNAL, "the tables of options are not to be had");
	return code;
}

static enum assay_code print(const char *shell, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text  = { 0 };
	struct shells               *known = NULL;
	size_t                       i     = 0;
	enum assay_code              code;

	while (i < ARRAY_LEN(shells) && strcmp(shells[i].name, shell) != 0)
		i++;
	if (i == ARRAY_LEN(shells))
		return err_set(e, ASSAY_INPUT_OPTION,
			"completion: bash, zsh or fish, not \"%s\"", SHOW(bytes_text(shell)));
	TRY(ask(&text, e));
	buf_put(&text, "", 1);
	TRY(buf_ok(&text, e));
	known = calloc(1, sizeof(*known));
	if (known == NULL)
		return err_no_memory(e);
	code = shells_read((char *)text.p, known, e);
	if (code == ASSAY_OK)
		shells[i].put(known, out);
	free(known);
	return code == ASSAY_OK ? buf_ok(out, e) : code;
}

int cmd_completion(const struct command *c, int argc, char **argv)
{
	CLEANUP(buf_done) struct buf out = { 0 }, help = { 0 };
	struct assay_err             e     = { 0 };
	int                          first = 0;

	if (cli_options(c, NULL, 0, argc, argv, NULL, &first, &help, &e) != ASSAY_OK)
		return cli_fail(WHO, &e);
	if (help.n > 0)
		return cli_print(WHO, &help, 0);
	if (argc - first != 1)
		err_set(&e, ASSAY_INPUT_OPTION, "completion: for bash, zsh or fish?");
	else if (print(argv[first], &out, &e) == ASSAY_OK)
		return cli_print(WHO, &out, 0);
	return cli_fail(WHO, &e);
}
