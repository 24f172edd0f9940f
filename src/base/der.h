/* SPDX-License-Identifier: Apache-2.0
 *
 * DER, only as much as extensions and raw slices need: one element at a time over the byte cursor. Definite lengths in
 * their shortest form, tags below 31; everything else is refused. Certificates as a whole are OpenSSL's business. */
#ifndef BASE_DER_H
#define BASE_DER_H

#include "base/rd.h"

#define DER_BOOLEAN      0x01
#define DER_INTEGER      0x02
#define DER_BIT_STRING   0x03
#define DER_OCTET_STRING 0x04
#define DER_OID          0x06
#define DER_UTF8_STRING  0x0c
#define DER_SEQUENCE     0x30
#define DER_CONTEXT(n)   (0x80 | (n)) /* primitive; | 0x20 when constructed */

struct der {
	uint8_t      tag;
	struct bytes value;
	struct bytes whole; /* tag and length included */
};

/* The next element, whatever it is. ASSAY_TRUNCATED or ASSAY_INPUT_DER. */
enum assay_code der_next(struct rd *r, const char *what, struct der *out, struct assay_err *e);

/* The next element, which must have this tag; its content to *value. */
enum assay_code der_expect(
	struct rd *r, uint8_t tag, const char *what, struct bytes *value, struct assay_err *e);

/* The same, with a cursor over the content: into a SEQUENCE, a SET or a constructed [n]. */
enum assay_code der_enter(
	struct rd *r, uint8_t tag, const char *what, struct rd *inside, struct assay_err *e);

/* The next element, an INTEGER that is not negative, in its shortest form; its magnitude without sign byte, one zero
 * byte for 0. ASSAY_TRUNCATED or ASSAY_INPUT_DER. */
enum assay_code der_unsigned(
	struct rd *r, const char *what, struct bytes *magnitude, struct assay_err *e);

/* Is there a next element, and has it this tag? For optional ones. */
static inline bool der_ahead(const struct rd *r, uint8_t tag)
{
	return rd_left(r) > 0 && r->in.p[r->at] == tag;
}

/* Nothing may be left. */
enum assay_code der_end(const struct rd *r, const char *what, struct assay_err *e);

#endif
