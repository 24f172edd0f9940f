/* SPDX-License-Identifier: Apache-2.0
 *
 * What is looked at once there is a plan, and before anything of it is done: room for what is written, the clock, installers and
 * their digests, what building wants, reference values of the driver to come, and whether updates could move it. A row each goes
 * into the plan; too little room and a driver without reference values refuse it.
 *
 * Source: environment 6, phase 2; PLAT-04, PLAT-05, NET-01, DRV-05, DRV-07, DRV-11, ATT-05. */
#ifndef ENV_PREFLIGHT_H
#define ENV_PREFLIGHT_H

#include <sys/timex.h>

#include "env/plan.h"

struct disk {
	uint64_t id,
		free; /* bytes for a user who is not root: what is kept for root is no room */
};

enum rim_there { RIM_NOT_ASKED, RIM_THERE, RIM_ABSENT, RIM_NOT_KNOWN };

struct preflight_doors { /* NULL: the machine's own; for rim: nobody is asked */
	/* The disk that a path below the root is on; an errno. */
	int (*disk)(void *ctx, const struct root *r, const char *path, struct disk *out);
	/* As adjtimex(). */
	int (*clock)(void *ctx, struct timex *t);
	/* Is there a RIM of that id? why: who said so, or why nobody could; "" at the beginning. */
	enum rim_there (*rim)(void *ctx, const char *id, char why[PLAN_TEXT]);
	void *ctx;
};

/* Adds rows to a plan that has steps; may refuse it. */
void preflight(const struct machine *m, const struct plan_options *o,
	const struct preflight_doors *d, int64_t now, struct plan *p);

#endif
