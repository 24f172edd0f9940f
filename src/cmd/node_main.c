/* SPDX-License-Identifier: Apache-2.0
 *
 * assay-node: the commands that need devices, network or the machine. assay runs it with the command's name for its own;
 * by hand the name is the first argument. */
#include "cmd/node.h"
#include "cmd/program.h"

static const struct command commands[] = {
#define X(name, args, help) { #name, args, help, cmd_##name },
	NODE_COMMANDS(X)
#undef X
};

int main(int argc, char **argv)
{
	static const struct program node = {
		.file = "assay-node", .commands = commands, .n = ARRAY_LEN(commands)
	};

	return program_main(&node, argc, argv);
}
