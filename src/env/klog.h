/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's log, in whichever form it comes: records of /dev/kmsg, "[    1.234567] text" of dmesg, lines of journalctl
 * ("Nov 25 10:00:01 host kernel: text", with an ISO date as well), or bare text.
 *
 * Source: Linux Documentation/ABI/testing/dev-kmsg; environment 2. */
#ifndef ENV_KLOG_H
#define ENV_KLOG_H

#include "base/bytes.h"

struct klog_line {
	struct bytes text;
	bool         timed;
	uint64_t     usec;    /* since the kernel started; timed only */
	bool         foreign; /* a journal's line that is not the kernel's */
};

/* The next line that is not blank; lines of a record's properties are passed over. */
bool klog_next(struct bytes in, size_t *at, struct klog_line *out);

/* "software IO TLB: mapped [mem 0x...-0x...] (64MB)": its first byte, and the one behind its last. */
bool klog_swiotlb_mapped(struct bytes text, uint64_t *start, uint64_t *end);

enum swiotlb_full {
	SWIOTLB_NOT_FULL,   /* no such message */
	SWIOTLB_TOO_LARGE,  /* one mapping of more than 256 KiB: no size of the pool helps */
	SWIOTLB_EXHAUSTED,  /* the pool is too small */
	SWIOTLB_FRAGMENTED, /* there was room, in pieces */
};

/* "swiotlb buffer is full (sz: N bytes), total T (slots), used U (slots)" */
struct klog_full {
	uint64_t bytes, total, used;
	bool     counted; /* total and used were said */
};

enum swiotlb_full klog_swiotlb_full(struct bytes text, struct klog_full *out);

#endif
