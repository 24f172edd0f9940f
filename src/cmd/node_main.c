/* SPDX-License-Identifier: Apache-2.0
 *
 * assay-node: the commands that need devices, network or the machine. assay runs it with the command's name for its own;
 * by hand the name is the first argument. */
#include "cmd/app.h"
#include "cmd/node.h"

static const struct command commands[] = {
#define X(name, args, help) { #name, args, help, cmd_##name },
	NODE_COMMANDS(X)
#undef X
};

static const struct program node = { commands, ARRAY_LEN(commands), NULL, NULL, NULL };

int main(int argc, char **argv)
{
	static const char self[] = "assay-node";
	const char       *slash  = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const char       *name   = slash != NULL ? slash + 1 : argc > 0 ? argv[0] : self;

	cli_start();
	return strcmp(name, self) == 0 ? app_main(&node, argc - 1, argv + 1)
				       : app_main(&node, argc, argv);
}
