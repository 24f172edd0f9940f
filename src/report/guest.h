/* SPDX-License-Identifier: Apache-2.0
 *
 * What a report says of the TDX guest beside its findings. */
#ifndef REPORT_GUEST_H
#define REPORT_GUEST_H

#include "base/json.h"
#include "verify/facts.h"

/* Its entry among the devices; only what a signature holds for. NULL when there is no memory. */
json_t *guest_json(const struct guest *g);

/* The same in a line: "tdx  TD 1.5, FMSPC 90c06f000000, UpToDate of 2024-11-13, MRTD 4a1b...". */
void guest_text(const struct guest *g, struct buf *out);

/* What the binding of guest and devices does not prove (tdx 10.4); n strings. */
extern const char *const guest_residual[3];

/* Are there devices beside a guest, so that this is worth a word? */
bool guest_bound(const struct facts *f);

#endif
