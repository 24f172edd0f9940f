/* SPDX-License-Identifier: Apache-2.0
 *
 * What NVIDIA's RIM service answers, and people save: JSON with the document in base64.
 *
 * Source: nvidia-evidence 5.2. */
#ifndef FORMAT_RIM_REPLY_H
#define FORMAT_RIM_REPLY_H

#include "base/json.h"

#define RIM_REPLY_DOCUMENT (1024 * 1024)     /* nvidia-evidence 5.2 */
#define RIM_REPLY_FILE     (2 * 1024 * 1024) /* that in base64, and its frame */

struct rim_reply {
	struct bytes id,
		sum; /* sum: as it is written, p == NULL when it is absent; both lent by the JSON */
};

/* Has it the members that make it one? For telling files apart. */
bool rim_reply_like(struct bytes in);

/* The document appended to xml, and what is said of it. ASSAY_JSON_FIELD, ASSAY_INPUT_BASE64, ASSAY_INPUT_SIZE. */
enum assay_code rim_reply_read(
	const json_t *root, struct rim_reply *out, struct buf *xml, struct assay_err *e);

#endif
