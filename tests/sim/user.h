/* SPDX-License-Identifier: Apache-2.0
 *
 * What a user does on a running platform: command lines in its environment, with a limit of time. */
#ifndef TESTS_USER_H
#define TESTS_USER_H

#include "sim/live.h"

#include "base/json.h"

struct said { /* what a command line wrote, and its exit status; 128 + signal, 124 when it took too long */
	int        status;
	int64_t    ms;
	struct buf out, err;
};

/* By /bin/sh, in which $A is build/assay, with the platform's variables. */
__attribute__((format(printf, 3, 4))) void user_runs(
	struct live *l, struct said *out, const char *line, ...);
void said_done(struct said *s);

/* The same in the background, killed with this process; kill and wait for it. Its standard error goes to a file below the
 * platform's folder's name with ".log" behind it. */
__attribute__((format(printf, 2, 3))) pid_t user_starts(struct live *l, const char *line, ...);

/* Do the GPUs accept work, by the platform's own word? It knows also when a driver does not tell. */
int user_ready(struct live *l);

/* assay.report/1 out of what was written; the test fails when there is none. */
json_t *user_report(const struct said *s);

/* The outcome of the worst finding with this id; NULL when there is none. code: its code, or NULL when nobody asks. */
const char *user_outcome(json_t *report, const char *id, const char **code);

#endif
