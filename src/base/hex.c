/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

static const char digits[] = "0123456789abcdef";

int hex_digit(uint8_t c)
{
	if (byte_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool hex_like(struct bytes text)
{
	for (size_t i = 0; i < text.n; i++)
		if (hex_digit(text.p[i]) < 0)
			return false;
	return text.n % 2 == 0;
}

enum assay_code hex_decode(struct bytes text, bool blanks, struct buf *out, struct assay_err *e)
{
	int    high  = -1;
	size_t start = out->n;

	for (size_t i = 0; i < text.n; i++) {
		int v = hex_digit(text.p[i]);

		if (v < 0 && blanks && byte_blank(text.p[i]))
			continue;
		if (v < 0) {
			out->n = start;
			return err_set(e, ASSAY_INPUT_HEX,
				"byte 0x%02x at %zu is no hexadecimal digit", text.p[i], i);
		}
		if (high < 0) {
			high = v;
		} else {
			buf_byte(out, (uint8_t)(high << 4 | v));
			high = -1;
		}
	}
	if (high >= 0) {
		out->n = start;
		return err_set(e, ASSAY_INPUT_HEX, "an odd number of hexadecimal digits");
	}
	return buf_ok(out, e);
}

enum assay_code hex_fixed(struct bytes text, uint8_t *out, size_t n, struct assay_err *e)
{
	if (text.n % 2 != 0 || text.n / 2 != n)
		return err_set(e, ASSAY_INPUT_HEX, "%zu hexadecimal digits where %zu belong",
			text.n, 2 * n);
	for (size_t i = 0; i < text.n; i++)
		if (hex_digit(text.p[i]) < 0)
			return err_set(e, ASSAY_INPUT_HEX,
				"byte 0x%02x at %zu is no hexadecimal digit", text.p[i], i);
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)((unsigned)hex_digit(text.p[2 * i]) << 4 |
			(unsigned)hex_digit(text.p[2 * i + 1]));
	return ASSAY_OK;
}

void hex_encode(struct bytes in, struct buf *out)
{
	for (size_t i = 0; i < in.n; i++) {
		buf_byte(out, (uint8_t)digits[in.p[i] >> 4]);
		buf_byte(out, (uint8_t)digits[in.p[i] & 15]);
	}
}

const char *hex_text(struct bytes in, char text[2 * HEX_MAX + 4])
{
	size_t n = in.n < HEX_MAX ? in.n : HEX_MAX;

	for (size_t i = 0; i < n; i++) {
		text[2 * i]     = digits[in.p[i] >> 4];
		text[2 * i + 1] = digits[in.p[i] & 15];
	}
	memcpy(text + 2 * n, in.n > n ? "..." : "", in.n > n ? 4 : 1);
	return text;
}
