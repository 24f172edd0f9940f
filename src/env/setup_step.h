/* SPDX-License-Identifier: Apache-2.0
 *
 * One step of a plan: recorded, done, looked at, and its end recorded. */
#ifndef ENV_SETUP_STEP_H
#define ENV_SETUP_STEP_H

#include "env/setup.h"

struct run { /* of setup apply */
	const struct setup *s;
	struct buf         *out;
	struct txn_writer   w; /* fd -1: nothing was done yet */
	size_t              done;
	bool                agreed;          /* measurements may change; asked once */
	struct buf          lines;           /* what is left for the machine itself */
	char                last[ROOT_PATH]; /* the step before, as a line */
	struct ran          ran;             /* the program that a step ran */
};

/* HOST_STEP: it was done, and is not so; r->ran has the program that it ran. */
enum assay_code setup_step(
	struct run *r, const struct machine *m, const struct step *s, struct assay_err *e);

#endif
