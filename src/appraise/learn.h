/* SPDX-License-Identifier: Apache-2.0
 *
 * Evidence of a guest that one trusts to a policy that names what runs in it. */
#ifndef APPRAISE_LEARN_H
#define APPRAISE_LEARN_H

#include "crypto/context.h"
#include "format/evidence.h"

/* assay.policy/1 with MRTD, RTMR0 to RTMR2, and what else is not zero; RTMR3 only where the event log does not account for it.
 * Appended to out. The evidence must hold one quote, and its event log, when there is one, must lead to it: the codes of
 * tdx_quote_parse(), ccel_parse() and replay(), ASSAY_EVENTLOG_MISMATCH, ASSAY_INPUT_KIND, ASSAY_QUOTE_TWICE.
 *
 * Does not judge the quote: whether it is genuine is for the caller to know. */
enum assay_code learn(const struct crypto *c, const struct evidence *ev,
	const char *description, struct buf *out, struct assay_err *e);

#endif
