/* SPDX-License-Identifier: Apache-2.0
 *
 * Do the RIMs of a driver and a VBIOS exist? To be known before a machine is rented or updated. */
#ifndef CMD_RIMS_H
#define CMD_RIMS_H

#include "cmd/app.h"
#include "cmd/online.h"
#include "env/preflight.h"

struct rims_wish { /* of options; NULL: not said */
	const char *driver, *vbios, *project, *sku, *chip_sku, *arch, *chip;
};

extern const struct option_row rims_rows[];
extern const size_t            rims_rows_n;

/* Prints for each id whether it is there, with the nearest ones when not. The exit status: 0, 3 when one is not there,
 * else that of what went wrong. */
int rims_check(const struct rims_wish *w, struct online *o, const struct gather_request *r,
	enum format format);

/* Of one id, as env/preflight.h asks. why: the nearest ids that are there, or what went wrong. */
enum rim_there rims_one(
	const char *id, struct online *o, const struct gather_request *r, char why[PLAN_TEXT]);

#endif
