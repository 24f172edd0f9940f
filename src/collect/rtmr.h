/* SPDX-License-Identifier: Apache-2.0
 *
 * Extending an RTMR, and the log without which nobody could tell later what with. A line is written before the register is
 * extended and taken back when that fails, under a lock: log and register always speak of the same events.
 *
 * Source: tdx 1.6; docs/events.md. */
#ifndef COLLECT_RTMR_H
#define COLLECT_RTMR_H

#include "collect/guest.h"

#define RTMR_DIGEST 48
#define RTMR_LOG    "run/assay/events.jsonl" /* below the root */

struct rtmr_event {
	unsigned     rtmr; /* 2 or 3 */
	uint8_t      digest[RTMR_DIGEST];
	struct bytes content;
	struct bytes
		once; /* no event whose content begins so may be in the log yet; may be empty */
};

/* root: descriptor of the root folder, where the log is. TD_ABSENT: no kernel interface for it. TD_EXTEND: the kernel
 * refuses, or there is such an event already. HOST_LOG: the log cannot be kept; then nothing is extended. EVENTLOG_* when
 * what is there is no log. */
enum assay_code rtmr_extend(const struct guest_calls *calls, int root,
	const struct rtmr_event *event, struct assay_err *e);

/* The log as it is, appended; nothing when there is none. HOST_LOG. */
enum assay_code rtmr_log(int root, struct buf *out, struct assay_err *e);

#endif
