/* SPDX-License-Identifier: Apache-2.0
 *
 * Hexadecimal text. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include "base/buf.h"

/* The value of one digit, of either case; -1 when it is none. */
int hex_digit(uint8_t c);

/* Digits of either case and nothing else, an even number of them? */
bool hex_like(struct bytes text);

/* Digits of either case, an even number of them; with blanks, ASCII white space anywhere is dropped. Appends to out;
 * ASSAY_INPUT_HEX. */
enum assay_code hex_decode(
	struct bytes text, bool blanks, struct buf *out, struct assay_err *e);

/* Exactly 2 * n digits, no blanks. */
enum assay_code hex_fixed(struct bytes text, uint8_t *out, size_t n, struct assay_err *e);

/* Lower-case digits of in, appended to out. */
void hex_encode(struct bytes in, struct buf *out);

/* At most 64 bytes as text, for messages: HEX(b) lives as long as the block it stands in. */
#define HEX_MAX 64
const char *hex_text(struct bytes in, char text[2 * HEX_MAX + 4]);
#define HEX(b) hex_text((b), (char[2 * HEX_MAX + 4]){ 0 })

#endif
