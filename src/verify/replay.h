/* SPDX-License-Identifier: Apache-2.0
 *
 * An event log to the registers that it leads to: R = SHA-384(R digest), from zero, the firmware's records first and
 * assay's own lines behind them.
 *
 * Source: tdx 6.3. */
#ifndef VERIFY_REPLAY_H
#define VERIFY_REPLAY_H

#include "crypto/context.h"
#include "format/boot_log.h"
#include "format/ccel.h"

struct replay {
	uint8_t rtmr[CCEL_REGISTERS][CCEL_DIGEST];
	size_t  events[CCEL_REGISTERS]; /* that each was extended with */
	size_t  own;                    /* of them assay's lines */
};

/* Each event whose digest can be computed from its data must have that digest: ASSAY_EVENTLOG_MISMATCH else. ASSAY_EVENTLOG_LINE. Class
 * INTERNAL. log was parsed by ccel_parse(). */
enum assay_code replay(const struct crypto *c, const struct ccel *log, struct replay *out,
	struct assay_err *e);

#endif
