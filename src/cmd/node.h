/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands of assay-node: what needs devices, network or the machine. assay lists them as its own, when the program
 * is there. A row needs cmd_NAME() in a file of its own. */
#ifndef CMD_NODE_H
#define CMD_NODE_H

#include "cli/cli.h"

/* name, arguments, help */
#define NODE_COMMANDS(X)                                                                         \
	X(attest, "[OPTION]...",                                                                 \
		"Examine this machine's devices, and let the GPUs work when they are accepted.") \
	X(collect, "[OPTION]...", "Ask the devices for evidence.")                               \
	X(gather, "[OPTION]... EVIDENCE...",                                                     \
		"Fetch the collateral that evidence wants, and write a bundle.")                 \
	X(doctor, "[OPTION]...", "Is this machine set up, and if not, what is to be done?")      \
	X(setup, "[OPTION]... plan|apply|undo|status",                                           \
		"Bring the machine to what confidential GPUs need, and back.")                   \
	X(instance, "[OPTION]... plan",                                                          \
		"Judge an instance before it is rented, and print how to create it.")            \
	X(ready, "[OPTION]... get|set|clear", "The GPUs' ready state, by hand.")                 \
	X(cache, "list|prune|export|import|marks|forget [OPTION]... [FILE]...",                  \
		"Look into the cache of collateral, empty it, carry it elsewhere.")

#define X(name, args, help) int cmd_##name(const struct command *c, int argc, char **argv);
NODE_COMMANDS(X)
#undef X

#endif
