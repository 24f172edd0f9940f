/* SPDX-License-Identifier: Apache-2.0
 *
 * Base64 of RFC 4648 section 4: the standard alphabet, a length that is a multiple of four, correct padding, unused
 * bits zero. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"

/* Appends to out. With blanks, ASCII white space anywhere is dropped (PEM, XML); without, it is refused.
 * ASSAY_INPUT_BASE64. */
enum assay_code base64_decode(
	struct bytes text, bool blanks, struct buf *out, struct assay_err *e);

void base64_encode(struct bytes in, struct buf *out);

/* RFC 4648 section 5 without padding, as JOSE (RFC 7515) has it: '-' and '_' for '+' and '/', nothing at the end, unused
 * bits zero. Appends to out. ASSAY_INPUT_BASE64. */
enum assay_code base64url_decode(struct bytes text, struct buf *out, struct assay_err *e);
void            base64url_encode(struct bytes in, struct buf *out);

#endif
