/* SPDX-License-Identifier: Apache-2.0
 *
 * The requirements of assay.policy/1 that are about the TDX guest. */
#ifndef APPRAISE_POLICY_TDX_H
#define APPRAISE_POLICY_TDX_H

#include "base/json.h"
#include "verify/guest.h"

/* One requirement by its name to the rules; *known tells whether it is one of these. ASSAY_POLICY_FIELD. */
enum assay_code policy_tdx(const char *name, const json_t *v, struct tdx_rules *rules,
	bool *known, struct assay_err *e);

/* What needs another requirement beside it, once all are read: ASSAY_POLICY_FIELD. */
enum assay_code policy_tdx_whole(const struct tdx_rules *rules, struct assay_err *e);

#endif
