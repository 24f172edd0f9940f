/* SPDX-License-Identifier: Apache-2.0
 *
 * A systemd unit as files say it: the unit's own file, then its drop-ins in the order of their names. Lists add up until an
 * empty assignment; of other settings the last one counts.
 *
 * Source: systemd.syntax(7), systemd.unit(5), systemd.service(5), systemd.time(7). */
#ifndef ENV_UNIT_H
#define ENV_UNIT_H

#include "base/buf.h"

#define UNIT_FILE  262144 /* bytes of one file */
#define UNIT_LINE  8192   /* characters of a setting, continued lines together */
#define UNIT_FILES 64     /* a unit and its drop-ins */
#define UNIT_WORDS 64     /* of a command line */

struct unit_files { /* in their order; lent */
	struct bytes file[UNIT_FILES];
	size_t       n;
};

struct unit_reader { /* { .in = file } */
	struct bytes in;
	size_t       at;
	struct bytes section;
	char         text[UNIT_LINE]; /* the setting, joined */
};

struct unit_setting { /* lives until the next one */
	struct bytes section, name, value;
};

/* The next setting; lines that are too long are passed over. */
bool unit_next(struct unit_reader *r, struct unit_setting *out);

/* The values of a list, one a line, appended; resets done. */
enum assay_code unit_list(const struct unit_files *u, const char *section, const char *name,
	struct buf *out, struct assay_err *e);

/* The last value; false: not set, or set to nothing. */
bool unit_last(const struct unit_files *u, const char *section, const char *name,
	struct buf *out, struct assay_err *e);

/* The last value of either of two names, of which the later one counts. */
bool unit_last_of(const struct unit_files *u, const char *section, const char *a, const char *b,
	struct buf *out, struct assay_err *e);

/* Is name a word of a list such as After=? */
bool unit_lists(
	const struct unit_files *u, const char *section, const char *name, const char *word);

/* A command line of ExecStart= to words: quotes and escapes of white space removed, "-", "@", "+", "!" and ":" in front of
 * the program, too. Words are cut out of text, which is overwritten. false: too many, or a quote without its end. */
bool unit_words(char *text, char *words[UNIT_WORDS], size_t *n);

#define UNIT_FOREVER UINT64_MAX

/* "900", "15min", "1h 30s", "infinity": microseconds. */
bool unit_time(struct bytes text, uint64_t *usec);

#endif
