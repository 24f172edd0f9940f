/* SPDX-License-Identifier: Apache-2.0
 *
 * What every program here shares: options from a table, one way to print a result, one way to fail. Not of the pure
 * core: it writes to the standard streams. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/buf.h"

struct command {
	const char *name, *args, *help;
	int (*run)(const struct command *c, int argc, char **argv); /* the exit status */
};

/* One option of a command. take is given its value (NULL when it has none). */
struct option_row {
	char        letter;              /* 0: long form only */
	const char *name, *value, *help; /* help NULL: accepted, and not told */
	/* value is what stands for it in the help: a word in capitals (FILE, DIR, N), or words in full, "text|json", and
	 * then it must be one of these; "gpu|tdx,..." is a list of such words, which take looks at. */
	enum assay_code (*take)(void *ctx, const char *value, struct assay_err *e);
	bool once; /* twice is a mistake: which of the two was meant matters for the verdict */
	bool optional; /* its value may be left out: --name or --name=VALUE */
	/* Where it means something: beside one of these words ("export", the first argument) or options ("--check"),
	 * separated by blanks; NULL: everywhere. And beside which of these it means nothing. There it is refused. */
	const char *with, *without;
};

/* The function of an option that only sets something: o is the context, value the text. */
#define CLI_TAKE(type, name, expression)                                                      \
	static enum assay_code take_##name(void *ctx, const char *value, struct assay_err *e) \
	{                                                                                     \
		type *o = ctx;                                                                \
		(void)value;                                                                  \
		(void)e;                                                                      \
		(expression);                                                                 \
		return ASSAY_OK;                                                              \
	}

#define OPTIONS_MAX 48 /* rows of one command, all groups together */

/* Options that several commands share are a group of their own, with a context of their own. */
struct option_group {
	const struct option_row *rows;
	size_t                   n;
	void                    *ctx;
};

/* Options by getopt_long; *first is the first argument behind them. ASSAY_INPUT_OPTION, with a line about
 * that option, also of one that would mean nothing beside the others. --help is handled: its text is in help, and nothing else is to be done than to print it. */
enum assay_code cli_groups(const struct command *c, const struct option_group *groups, size_t n,
	int argc, char **argv, int *first, struct buf *help, struct assay_err *e);

/* The same for one group. */
enum assay_code cli_options(const struct command *c, const struct option_row *rows, size_t n,
	int argc, char **argv, void *ctx, int *first, struct buf *help, struct assay_err *e);

/* In the place of --help: the tables themselves, for completion. A line a row, tabs between fields, in this order:
 *
 *	command NAME ARGS HELP               and what follows belongs to it
 *	option LETTER NAME VALUE HELP FLAGS  LETTER, NAME or VALUE may be empty; =: its value may be left out, 1: once
 *	word NAME HELP                       what an argument may be
 *
 * A command that has commands of its own prints theirs, too. */
#define CLI_TABLE "--help=table"

/* Is that what arg asks? */
bool cli_table_asked(const char *arg);

/* The lines of a command that reads its options otherwise, and of its option --help. */
void cli_table_command(const char *name, const char *args, const char *help, struct buf *out);
void cli_table_option(char letter, const char *name, const char *value, const char *help,
	const char *flags, struct buf *out);

/* Call first: a standard stream that is closed stays unusable, so that no file which is opened takes its place; a file that
 * grows over a limit is an error. */
void cli_start(void);

/* One line on standard error, who: why; returns the exit status of e's class. */
int cli_fail(const char *who, const struct assay_err *e);

/* All of text to standard output; returns status, or that of a failure to write, told on standard error. */
int cli_print(const char *who, const struct buf *text, int status);

#endif
