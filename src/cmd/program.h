/* SPDX-License-Identifier: Apache-2.0
 *
 * A program of several commands. */
#ifndef CMD_PROGRAM_H
#define CMD_PROGRAM_H

#include "cli/cli.h"

struct program {
	const char           *file; /* its name, where assay is what runs it; or NULL */
	const struct command *commands;
	size_t                n;
	void (*list)(struct buf *out); /* commands of others, for --help; or NULL */
	/* Runs them; or NULL. Returns when there is none of that name, or with the reason why it cannot run. */
	void (*other)(const char *name, char **argv, struct assay_err *e);
	enum assay_code (*tables)(struct assay_err *e); /* their CLI_TABLE; or NULL */
};

/* Run the command that the first argument names; where assay ran the program, argv[0] is that already. The exit status. */
int program_main(const struct program *p, int argc, char **argv);

#endif
