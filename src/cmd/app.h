/* SPDX-License-Identifier: Apache-2.0
 *
 * What the commands of the program share: options from a table, one way to print a result, one way to fail. */
#ifndef CMD_APP_H
#define CMD_APP_H

#include <stdio.h>

#include "attest/session.h"

enum format { FORMAT_TEXT, FORMAT_JSON };

struct command {
	const char *name, *args, *help;
	int (*run)(const struct command *c, int argc, char **argv); /* the exit status */
};

extern const struct command commands[];
extern const size_t         commands_n;

/* One option of a command. take is given its value (NULL when it has none). */
struct option_row {
	char        letter; /* 0: long form only */
	const char *name, *value, *help;
	enum assay_code (*take)(void *ctx, const char *value, struct assay_err *e);
	bool once; /* twice is a mistake: which of the two was meant matters for the verdict */
};

#define OPTIONS_MAX 32 /* rows of one command */

/* Options into ctx, by getopt_long; *first is the first argument behind them. ASSAY_INPUT_OPTION, with a line about
 * that option. --help is handled: its text is in help, and nothing else is to be done than to print it. */
enum assay_code app_options(const struct command *c, const struct option_row *rows, size_t n,
	int argc, char **argv, void *ctx, int *first, struct buf *help, struct assay_err *e);

/* Call first: a standard stream that is closed stays unusable, so that no file which is opened takes its place. */
void app_start(void);

/* "text" or "json". */
enum assay_code app_format(const char *value, enum format *out, struct assay_err *e);

/* One line on standard error; returns the exit status of e's class. */
int app_fail(const struct assay_err *e);

/* All of text to standard output; returns status, or that of a failure to write. */
int app_print(const struct buf *text, int status);

/* Is standard output a terminal that wants colour? NO_COLOR says no. */
bool   app_colour(void);
size_t app_width(void);

/* The pinned anchors replaced by those of a folder: dir, or ASSAY_ANCHORS when dir is NULL. */
enum assay_code app_anchors(struct assay *a, const char *dir, struct assay_err *e);

/* Run the sibling program that has this command, from assay's own folder. Returns only when there is none. */
void app_sibling(const char *name, char **argv);

/* The siblings that are installed, for --help. */
void app_siblings(struct buf *out);

int cmd_verify(const struct command *c, int argc, char **argv);
int cmd_inspect(const struct command *c, int argc, char **argv);
int cmd_explain(const struct command *c, int argc, char **argv);

#endif
