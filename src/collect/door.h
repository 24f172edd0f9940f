/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking through doors, whoever stands behind them: a process a door, side by side, each watched. Tests put their own
 * behind a door. */
#ifndef COLLECT_DOOR_H
#define COLLECT_DOOR_H

#include "collect/child.h"
#include "collect/collect.h"

/* What a process that stayed is told to do next. It does nothing of it by itself. */
struct errand {
	bool survey; /* tell who is there; else the ready state */
	int  ready;  /* to be set before it is told; -1: nothing is set */
};

struct door_way {
	/* Runs in a child: ask each device but those to be passed over, and tell. NULL: this door is not knocked at. */
	void (*ask)(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t);
	const void *ctx;
	/* Likewise, in a process that has asked before. NULL: none stays. */
	void (*again)(const struct errand *x, struct teller *t);
	const struct errand *
		errand; /* the same as ask, for one that has stayed; NULL: it takes a new one */
};

/* collect() through these doors. Also without evidence: of a device nothing else is then expected. */
enum assay_code door_collect(const struct collect_request *r,
	const struct door_way way[DEVICE_KINDS], struct collected *out, struct assay_err *e);

#endif
