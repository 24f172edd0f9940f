/* SPDX-License-Identifier: Apache-2.0
 *
 * A quote of this guest, by the first way that is there: configfs-tsm, the quoting service with a TDREPORT of the driver, the
 * driver's GET_QUOTE. Another way is tried only where there is no such interface; what is there and fails is not gone
 * around, since its answer is the host's.
 *
 * Source: tdx 1.2 to 1.5. */
#ifndef COLLECT_TDX_H
#define COLLECT_TDX_H

#include "collect/tdx_guest.h"
#include "collect/tsm.h"

#define TDX_QGS_MS 10000

struct tdx_ask { /* lent */
	const struct guest_calls *calls;
	const char
		*qgs; /* address of the quoting service; NULL: as /etc/tdx-attest.conf has it */
	int      qgs_ms; /* 0: TDX_QGS_MS */
	uint8_t  data[TSM_DATA];
	int64_t  until; /* of calls->now() */
};

/* Is there an interface of a TDX guest at all? Asks for no quote. */
bool tdx_there(const struct guest_calls *calls);

/* entry: an entry of configfs-tsm; NULL when there is none, and then absent says why. The quote is appended; that it is one,
 * and of these 64 bytes, is checked. TD_ABSENT: there is no interface of a TDX guest. INPUT_OPTION for an address that is
 * none, QUOTE_*, DEVICE_PERMISSION, DEVICE_ERROR. The message names every way that was tried. */
enum assay_code tdx_ask(const struct tdx_ask *ask, const struct tsm_entry *entry,
	const struct assay_err *absent, struct buf *out, struct assay_err *e);

#endif
