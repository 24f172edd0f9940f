/* SPDX-License-Identifier: Apache-2.0
 *
 * The result that a token states, of a device and of all. Whether it is to be believed is for token_verify(). */
#ifndef APPRAISE_TOKEN_RESULT_H
#define APPRAISE_TOKEN_RESULT_H

#include "base/json.h"

/* overall: the claims of the overall token, for their version; 3.0 unless they say 2.0. ASSAY_TOKEN_RESULT; or
 * ASSAY_TOKEN_WAIVED, where it is the waivers of whoever made it that stand in the way. */
enum assay_code token_result_device(
	const json_t *claims, bool gpu, const json_t *overall, struct assay_err *e);

enum assay_code token_result_overall(const json_t *claims, struct assay_err *e);

#endif
