/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands of assay-core: what needs neither network nor devices. A row needs cmd_NAME() in a file of its own. */
#ifndef CMD_CORE_H
#define CMD_CORE_H

#include "cli/cli.h"

/* name, arguments, help */
#define CORE_COMMANDS(X)                                                        \
	X(verify, "[OPTION]... FILE...", "Check evidence and print a verdict.") \
	X(inspect, "[OPTION]... FILE...",                                       \
		"Decode anything that assay knows, without judging it.")        \
	X(token, "show|verify [OPTION]... FILE",                                \
		"Show a token, or check who made it and what it says.")         \
	X(tdx, "learn [OPTION]... FILE...",                                     \
		"Write the policy that a TDX guest one trusts would pass.")     \
	X(explain, "[OPTION]... [ID|CODE]...",                                  \
		"Say what a check or a code means, and what to do.")

#define X(name, args, help) int cmd_##name(const struct command *c, int argc, char **argv);
CORE_COMMANDS(X)
#undef X

#endif
