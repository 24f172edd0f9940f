/* SPDX-License-Identifier: Apache-2.0
 *
 * A quote by configfs-tsm: an entry of our own, so that nobody else's request is in the way; the generation is compared all
 * the same. Reading may take as long as the host likes: a child with a deadline does it, and the entry is its parent's,
 * who removes it whatever came of the child.
 *
 * Source: tdx 1.3; Linux Documentation/ABI/testing/configfs-tsm-report. */
#ifndef COLLECT_TSM_H
#define COLLECT_TSM_H

#include "collect/guest.h"

#define TSM_DATA 64
#define TSM_PATH 96

struct tsm_entry {
	const struct guest_calls *calls;
	char                      path[TSM_PATH]; /* "": none */
};

/* TD_ABSENT: no configfs-tsm, or another technology's. DEVICE_PERMISSION, DEVICE_ERROR. */
enum assay_code tsm_enter(
	const struct guest_calls *calls, struct tsm_entry *out, struct assay_err *e);
void tsm_leave(struct tsm_entry *t);

/* The quote over 64 bytes, appended. until: of calls->now(). What the kernel says of the request is waited out as long as
 * there is time. QUOTE_BUSY, QUOTE_TIMEOUT, QUOTE_SERVICE, QUOTE_REPLY, DEVICE_PERMISSION, DEVICE_ERROR. */
enum assay_code tsm_quote(const struct tsm_entry *t, const uint8_t data[TSM_DATA],
	int64_t until, struct buf *out, struct assay_err *e);

#endif
