/* SPDX-License-Identifier: Apache-2.0
 *
 * Two texts as lines that went and lines that came, with the number of lines that stayed between. Bytes that cannot be printed
 * are shown as such. */
#ifndef ENV_DIFF_H
#define ENV_DIFF_H

#include "base/buf.h"

#define DIFF_LINES \
	1024 /* of what is between the common beginning and end; beyond, all of it went and came */

/* Nothing for equal texts. */
enum assay_code diff_text(struct bytes a, struct bytes b, struct buf *out, struct assay_err *e);

#endif
