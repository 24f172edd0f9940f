/* SPDX-License-Identifier: Apache-2.0
 *
 * assay: the door to all commands. It links the C library alone, so that going through it costs next to nothing: what a
 * command needs is loaded once, by the sibling program that has it. */
#include "cmd/completion.h"
#include "cmd/program.h"
#include "cmd/sibling.h"

static const struct command commands[] = {
	{ "completion", "[OPTION]... bash|zsh|fish",
		"Print what lets a shell complete these commands.", cmd_completion },
};

int main(int argc, char **argv)
{
	static const struct program assay = { .commands = commands,
		.n                                      = ARRAY_LEN(commands),
		.list                                   = sibling_list,
		.other                                  = sibling_run,
		.tables                                 = sibling_tables };

	return program_main(&assay, argc, argv);
}
