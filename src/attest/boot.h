/* SPDX-License-Identifier: Apache-2.0
 *
 * The boot-time event: measured software has verified all devices before any workload could run, and says so where no later
 * program can take it back.
 *
 * Source: tdx 10.4 (part D); docs/events.md. */
#ifndef ATTEST_BOOT_H
#define ATTEST_BOOT_H

#include "attest/session.h"
#include "collect/guest.h"

#define BOOT_RTMR 3

/* Extends RTMR3 with the devices of the evidence that was judged, the verdict, and the policy's text (empty: none), once a
 * boot. A device whose identity cannot be read cannot be named: then the event says "not accepted", whatever accepted is.
 * TD_ABSENT, TD_EXTEND, HOST_LOG, DEVICE_TWICE. */
enum assay_code boot_extend(const struct crypto *c, const struct guest_calls *calls, int root,
	const struct evidence *ev, bool accepted, struct bytes policy, struct assay_err *e);

/* The same by the kernel that is here, below that root folder (NULL: "/"). INPUT_FILE when there is none. */
enum assay_code boot_extend_here(const struct crypto *c, const char *root,
	const struct evidence *ev, bool accepted, struct bytes policy, struct assay_err *e);

#endif
