/* SPDX-License-Identifier: Apache-2.0
 *
 * Doors of the platform that are spoken to over its socket (platform/wire.h): each is one function from a request to a
 * reply. Nothing is kept between requests but what the platform itself knows. */
#ifndef DOOR_DOOR_H
#define DOOR_DOOR_H

#include "platform/platform.h"
#include "platform/wire.h"

struct door_ask {
	const char  *name; /* ends in NUL, printable */
	uint32_t     object;
	struct bytes payload;
	bool         stranger; /* neither root nor who runs the platform */
};

/* { 0 } is success with no bytes. */
struct door_reply {
	int32_t       rc;
	enum wire_act act;
	bool          hang; /* say nothing, now or later */
	struct buf    payload;
};

/* What the driver answers to libnvidia-ml and to libnvidia-nscq. Faults of these doors strike here. An error is one of
 * the emulator itself; whatever a caller may ask wrongly is a reply. */
enum assay_code door_nvml(struct platform *p, const struct door_ask *a, struct door_reply *r,
	struct assay_err *e);
enum assay_code door_nscq(struct platform *p, const struct door_ask *a, struct door_reply *r,
	struct assay_err *e);

#endif
