/* SPDX-License-Identifier: Apache-2.0
 *
 * What a shell is told of commands and options, from the tables that cli/cli.h describes (CLI_TABLE). */
#ifndef CMD_SHELLS_H
#define CMD_SHELLS_H

#include "base/buf.h"

/* What may stand for a value or an argument. */
enum kind {
	KIND_NONE, /* free text: nothing is offered */
	KIND_WORDS,
	KIND_LIST, /* words with commas between them */
	KIND_FILE,
	KIND_FOLDER,
	KIND_FAULT,   /* what assay sim faults names */
	KIND_EXPLAIN, /* what assay explain lists */
	KIND_COMMAND, /* another program, behind -- */
};

struct told_option {
	const char *letter, *name, *value, *help;
	bool        optional, once;
};

struct told_word {
	const char *name, *help;
};

#define TOLD_COMMANDS 64
#define TOLD_OPTIONS  64
#define TOLD_WORDS    32

struct told {
	const char *name, *args,
		*help; /* name "" is assay itself, "sim up" a command of sim's */
	struct told_option option[TOLD_OPTIONS];
	struct told_word   word[TOLD_WORDS]; /* what its first argument may be */
	size_t             options, words;
	enum kind          kind; /* of the arguments behind it */
};

struct shells {
	struct told command[TOLD_COMMANDS];
	size_t      n;
};

/* Lines of CLI_TABLE, which this cuts up and out points into. */
enum assay_code shells_read(char *text, struct shells *out, struct assay_err *e);

/* What stands for a value in the help: "FILE", "text|json", "gpu|tdx,...". words: its words with blanks between. */
enum kind shells_kind(const char *value, struct buf *words);

/* The commands of a command, assay's own for "": the i-th from 0, its last word in *word; NULL behind the last. */
const struct told *shells_under(
	const struct shells *s, const char *name, size_t i, const char **word);

void shells_bash(const struct shells *s, struct buf *out);
void shells_zsh(const struct shells *s, struct buf *out);
void shells_fish(const struct shells *s, struct buf *out);

#endif
