/* SPDX-License-Identifier: Apache-2.0
 *
 * assay's own event log: what the guest's software extended an RTMR with after boot, one JSON object a line. The firmware's
 * log (CCEL) cannot be written to, so this one is kept beside it, and is sent and replayed behind it.
 *
 * What a line says of its content is a claim: whether the digest is that of the content, and whether the digests replay
 * to the quote's registers, is for the verifier.
 *
 * Source: docs/events.md; tdx 1.6, 10.4. */
#ifndef FORMAT_BOOT_LOG_H
#define FORMAT_BOOT_LOG_H

#include "base/buf.h"

#define BOOT_LOG_DIGEST  48
#define BOOT_LOG_CONTENT 1024         /* a boot event of 64 devices has less */
#define BOOT_LOG_EVENTS  64           /* one a boot is usual */
#define BOOT_LOG_SIZE    (160 * 1024) /* that many lines of the longest */
#define BOOT_LOG_FIRST   2 /* RTMR0 and RTMR1 are the firmware's and the boot loader's */
#define BOOT_LOG_LAST    3

struct boot_event {
	unsigned     rtmr;
	uint8_t      digest[BOOT_LOG_DIGEST];
	struct bytes content; /* points into boot_log.contents */
};

struct boot_log {
	struct boot_event event[BOOT_LOG_EVENTS]; /* in the order in which they were extended */
	size_t            events;
	struct buf        contents;
};

/* Append one line. ASSAY_INPUT_SIZE for more content, ASSAY_INTERNAL for another register, than there may be. */
enum assay_code boot_log_write(
	const struct boot_event *event, struct buf *out, struct assay_err *e);

/* A whole log: lines, each with its newline; none is an empty log. ASSAY_EVENTLOG_LINE says which line is wrong, and
 * how. */
enum assay_code boot_log_parse(struct bytes text, struct boot_log *out, struct assay_err *e);
void            boot_log_done(struct boot_log *log);

#endif
