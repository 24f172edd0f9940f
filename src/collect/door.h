/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking through doors, whoever stands behind them: a process a door, side by side, each watched. Tests put their own
 * behind a door. */
#ifndef COLLECT_DOOR_H
#define COLLECT_DOOR_H

#include "collect/child.h"
#include "collect/collect.h"

struct door_way {
	/* Runs in a child: ask each device but those to be passed over, and tell. NULL: this door is not knocked at. */
	void (*ask)(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t);
	const void *ctx;
};

/* collect() through these doors. Also without evidence: of a device nothing else is then expected. */
enum assay_code door_collect(const struct collect_request *r,
	const struct door_way way[DEVICE_KINDS], struct collected *out, struct assay_err *e);

#endif
