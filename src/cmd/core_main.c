/* SPDX-License-Identifier: Apache-2.0
 *
 * assay-core: the commands that need neither network nor devices. assay runs it, as assay-node. */
#include "cmd/core.h"
#include "cmd/program.h"

static const struct command commands[] = {
#define X(name, args, help) { #name, args, help, cmd_##name },
	CORE_COMMANDS(X)
#undef X
};

int main(int argc, char **argv)
{
	static const struct program core = {
		.file = "assay-core", .commands = commands, .n = ARRAY_LEN(commands)
	};

	return program_main(&core, argc, argv);
}
