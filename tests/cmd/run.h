/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a command line as a user would, by the shell, within limits of time and memory, and keeps what it wrote. */
#ifndef TESTS_CMD_RUN_H
#define TESTS_CMD_RUN_H

#include "base/buf.h"

#define RUN_TIMEOUT \
	124 /* the status of what did not end in time; a shell gives 128 + signal for what crashed */

struct ran {
	int        status;
	struct buf out, err;
	long       rss_kib; /* of the largest process */
};

/* A new folder, the current one from then on, in which $A is build/assay, $F build/assay-forge, $T this program.
 * run_close() removes it. */
void run_open(void);
void run_close(void);

/* By /bin/sh, with the environment of a cron job and an empty standard input. */
__attribute__((format(printf, 2, 3))) void run(struct ran *out, const char *line, ...);

void ran_done(struct ran *r);

/* The text of an output, NUL behind it. */
const char *ran_text(struct buf *b);

/* A file in the folder. */
void run_write(const char *name, struct bytes body);

/* This program as a helper: "argv0 NAME PROGRAM ARGUMENT..." runs PROGRAM under another name, "argv0" alone with no
 * argument at all. Does not return when it was called so. */
void run_helper(int argc, char **argv);

#endif
