/* SPDX-License-Identifier: Apache-2.0
 *
 * Decode anything that assay knows, without judging it: reports, chains, RIMs, OCSP answers, evidence and bundles. What
 * comes out is what the bytes say, true or not. */
#ifndef REPORT_INSPECT_H
#define REPORT_INSPECT_H

#include "base/json.h"
#include "crypto/context.h"

/* Recognised by content; name is for messages. The value says so: {"file","kind","verified":false, ...}. The codes of the
 * parser that fits; ASSAY_INPUT_KIND when none does. *out is the caller's. */
enum assay_code inspect(const struct crypto *c, const char *name, struct bytes in, json_t **out,
	struct assay_err *e);

/* Such a value as indented lines, "name  value". */
enum assay_code inspect_text(const json_t *value, struct buf *out, struct assay_err *e);

#endif
