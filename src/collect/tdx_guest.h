/* SPDX-License-Identifier: Apache-2.0
 *
 * The guest driver's device by its ioctls: TDREPORT, and on kernels of the Anolis line (Alibaba Cloud Linux 3, 5.10) quotes
 * and the extension of RTMRs. Which numbers a kernel has is found out by asking: what it does not know it answers with
 * ENOTTY.
 *
 * Source: tdx 1.2. */
#ifndef COLLECT_TDX_GUEST_H
#define COLLECT_TDX_GUEST_H

#include "collect/guest.h"

#define TDX_GUEST_DATA   64
#define TDX_GUEST_REPORT 1024
#define TDX_GUEST_DIGEST 48

struct tdx_guest {
	const struct guest_calls *calls;
	const char               *name; /* "/dev/tdx_guest"; NULL: not open */
	int                       fd;
};

/* TD_ABSENT: no such device. DEVICE_PERMISSION, DEVICE_ERROR. */
enum assay_code tdx_guest_open(
	const struct guest_calls *calls, struct tdx_guest *out, struct assay_err *e);
void tdx_guest_done(struct tdx_guest *g);

/* The TDREPORT over 64 bytes; that it is one, and of these bytes, is checked. QUOTE_REPLY when it is not; QUOTE_SERVICE and
 * the like. */
enum assay_code tdx_guest_report(const struct tdx_guest *g, const uint8_t data[TDX_GUEST_DATA],
	uint8_t out[TDX_GUEST_REPORT], struct assay_err *e);

/* The quote of a TDREPORT, appended. TD_ABSENT: the kernel has no such command. */
enum assay_code tdx_guest_quote(const struct tdx_guest *g,
	const uint8_t report[TDX_GUEST_REPORT], int64_t until, struct buf *out,
	struct assay_err *e);

/* TD_ABSENT likewise; TD_EXTEND when the kernel refuses. */
enum assay_code tdx_guest_extend(const struct tdx_guest *g, unsigned rtmr,
	const uint8_t digest[TDX_GUEST_DIGEST], struct assay_err *e);

#endif
