/* SPDX-License-Identifier: Apache-2.0
 *
 * The programs beside this one: in build/, and in libexec/assay once installed. Never by PATH. */
#include "cmd/sibling.h"

#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/core.h"
#include "cmd/node.h"

static bool sibling_path(const char *name, char out[PATH_MAX])
{
	static const char *const folders[] = { "", "../libexec/assay/" };
	char                     self[PATH_MAX];
	ssize_t                  n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char                    *slash;

	if (n <= 0)
		return false;
	self[n] = 0;
	slash   = strrchr(self, '/');
	if (slash == NULL)
		return false;
	slash[1] = 0;
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		if (snprintf(out, PATH_MAX, "%s%sassay-%s", self, folders[i], name) <
				PATH_MAX &&
			access(out, X_OK) == 0)
			return true;
	return false;
}

static bool plain(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz-");

	return n > 0 && n < 32 && name[n] == 0 && name[0] != '-';
}

struct row {
	const char *program, *name, *help;
};
static const struct row rows[] = {
#define X(name, args, help) { "core", #name, help },
	CORE_COMMANDS(X)
#undef X
#define X(name, args, help) { "node", #name, help },
		NODE_COMMANDS(X)
#undef X
			{ "serve", "serve", "The verifier as a service." },
	{ "sim", "sim", "An emulated platform." },
	{ "forge", "forge", "Make test evidence under test anchors." },
};

void sibling_run(const char *name, char **argv, struct assay_err *e)
{
	const struct row *row = NULL;
	char              path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			row = &rows[i];
	if (row == NULL && !plain(name))
		return;
	if (sibling_path(row != NULL ? row->program : name, path) ||
		(row == NULL && sibling_path("node", path)))
		execv(path, argv); /* argv[0] is the command's name */
	if (row != NULL)
		err_set(e, ASSAY_INPUT_OPTION,
			"%s needs the program assay-%s, which is not installed beside assay",
			name, row->program);
}

void sibling_program(const char *program, char **argv)
{
	char path[PATH_MAX];

	if (sibling_path(program, path))
		execv(path, argv);
}

void sibling_list(struct buf *out)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (sibling_path(rows[i].program, path))
			buf_printf(out, "  %-10s %s\n", rows[i].name, rows[i].help);
}

enum assay_code sibling_tables(struct assay_err *e)
{
	char  path[PATH_MAX], ask[] = CLI_TABLE;
	char *argv[] = { path, ask, NULL };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		pid_t child;
		int   status = 0;

		if (i > 0 && strcmp(rows[i].program, rows[i - 1].program) == 0)
			continue; /* it has told of all its commands */
		if (!sibling_path(rows[i].program, path))
			continue;
		if (posix_spawn(&child, path, NULL, NULL, argv, environ) != 0 ||
			waitpid(child, &status, 0) != child || status != 0)
			return err_set(e, ASSAY_INTERNAL, "%s did not tell its options", path);
	}
	return ASSAY_OK;
}
