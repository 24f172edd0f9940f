/* SPDX-License-Identifier: Apache-2.0
 *
 * What is going on, on one line of standard error, for people who wait: on a terminal only, and only when it takes more
 * than a second. */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	bool    wanted, shown;
	int64_t since_ms;
};

/* quiet: not on a terminal either. */
void progress_start(struct progress *p, bool quiet);

/* ctx: a struct progress. */
void progress_say(void *ctx, const char *what);
void progress_count(void *ctx, size_t done, size_t of, const char *what);

/* The line is gone. */
void progress_end(struct progress *p);

#endif
