/* SPDX-License-Identifier: Apache-2.0
 *
 * What the commands of assay and assay-node share. */
#ifndef CMD_APP_H
#define CMD_APP_H

#include <stdio.h>

#include "attest/session.h"
#include "cli/cli.h"

enum format { FORMAT_TEXT, FORMAT_JSON };

struct program {
	const struct command *commands;
	size_t                n;
	void (*list)(struct buf *out); /* commands of others, for --help; or NULL */
	void (*other)(const char *name,
		char            **argv); /* runs them; returns when there is none; or NULL */
	enum assay_code (*tables)(struct assay_err *e); /* their CLI_TABLE; or NULL */
};

/* Run the command that argv[0] names; cli_start() first. Returns the exit status. */
int app_main(const struct program *p, int argc, char **argv);

/* "text" or "json". */
enum assay_code app_format(const char *value, enum format *out, struct assay_err *e);

/* cli_fail() and cli_print() of this program. */
int app_fail(const struct assay_err *e);
int app_print(const struct buf *text, int status);

/* Is standard output a terminal that wants colour? NO_COLOR says no. */
bool app_colour(void);

/* The pinned anchors replaced by those of a folder: dir, or ASSAY_ANCHORS when dir is NULL. */
enum assay_code app_anchors(struct assay *a, const char *dir, struct assay_err *e);

int cmd_verify(const struct command *c, int argc, char **argv);
int cmd_inspect(const struct command *c, int argc, char **argv);
int cmd_token(const struct command *c, int argc, char **argv);
int cmd_tdx(const struct command *c, int argc, char **argv);
int cmd_explain(const struct command *c, int argc, char **argv);
int cmd_completion(const struct command *c, int argc, char **argv);

#endif
