/* SPDX-License-Identifier: Apache-2.0
 *
 * assay-node: the commands that need devices, network or the machine. assay runs it with the command's name for its own;
 * by hand the name is the first argument. */
#include <stdlib.h>

#include "cmd/core.h"
#include "cmd/node.h"
#include "cmd/program.h"

static const struct command commands[] = {
#define X(name, args, help) { #name, args, help, cmd_##name },
	NODE_COMMANDS(X)
#undef X
};

/* What verify needs a store for: assay-core has none, and runs this program in its place. */
static void hidden(const char *name, char **argv, struct assay_err *e)
{
	static const struct command verify = { "verify", "[OPTION]... FILE...", "",
		cmd_verify };
	int                         argc   = 0;

	(void)e;
	while (argv[argc] != NULL)
		argc++;
	if (strcmp(name, verify.name) == 0)
		exit(cmd_verify(&verify, argc, argv));
}

int main(int argc, char **argv)
{
	static const struct program node = { .file = "assay-node",
		.commands                          = commands,
		.n                                 = ARRAY_LEN(commands),
		.other                             = hidden };

	return program_main(&node, argc, argv);
}
