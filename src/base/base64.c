/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#define BLANK 64
#define PAD   65
#define NONE  66

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Value of each byte; 64 and above is no value. */
static void values(uint8_t of[256])
{
	memset(of, NONE, 256);
	for (unsigned i = 0; i < 64; i++)
		of[(uint8_t)alphabet[i]] = (uint8_t)i;
	of['='] = PAD;
	for (unsigned c = '\t'; c <= '\r'; c++)
		of[c] = BLANK;
	of[' '] = BLANK;
}

/* Whole groups of the alphabet alone, as nearly all are: four characters to three bytes. How many characters were taken. */
static size_t plain_groups(const uint8_t of[256], struct bytes text, uint8_t *out)
{
	size_t i = 0;

	for (; text.n - i >= 4; i += 4, out += 3) {
		const uint8_t a = of[text.p[i]], b = of[text.p[i + 1]];
		const uint8_t c = of[text.p[i + 2]], d = of[text.p[i + 3]];

		if ((a | b | c | d) >= BLANK)
			break;
		out[0] = (uint8_t)(a << 2 | b >> 4);
		out[1] = (uint8_t)(b << 4 | c >> 2);
		out[2] = (uint8_t)(c << 6 | d);
	}
	return i;
}

/* Four values to three bytes, fewer with padding; false when the padding or the unused bits are wrong. */
static bool quad(const uint8_t v[4], uint8_t out[3], size_t *n)
{
	uint32_t word;

	if (v[0] >= 64 || v[1] >= 64 || (v[2] == PAD && v[3] != PAD))
		return false;
	*n = v[2] == PAD ? 1 : v[3] == PAD ? 2 : 3;
	if ((*n == 1 && (v[1] & 15) != 0) || (*n == 2 && (v[2] & 3) != 0))
		return false;
	word = (uint32_t)v[0] << 18 | (uint32_t)v[1] << 12 | (uint32_t)(v[2] & 63) << 6 |
		(v[3] & 63);
	out[0] = (uint8_t)(word >> 16);
	out[1] = (uint8_t)(word >> 8);
	out[2] = (uint8_t)word;
	return true;
}

enum assay_code base64_decode(
	struct bytes text, bool blanks, struct buf *out, struct assay_err *e)
{
	size_t   have = 0, n = 3;
	uint8_t  of[256], v[4], three[3];
	uint8_t *at;
	size_t   start = out->n, used = 0;

	values(of);
	at = buf_room(out, text.n / 4 * 3 + 3);
	if (at == NULL)
		return buf_ok(out, e);
	out->n = start; /* counted below, once it is known */
	for (size_t i = 0; i < text.n; i++) {
		uint8_t x;

		if (have == 0 && n == 3) {
			size_t plain = plain_groups(
				of, (struct bytes){ text.p + i, text.n - i }, at + used);

			used += plain / 4 * 3;
			i += plain;
			if (i == text.n)
				break;
		}
		x = of[text.p[i]];
		if (x == BLANK && blanks)
			continue;
		if (x >= BLANK && x != PAD)
			return err_set(e, ASSAY_INPUT_BASE64,
				"byte 0x%02x at %zu is not base64", text.p[i], i);
		if (n < 3)
			return err_set(
				e, ASSAY_INPUT_BASE64, "base64 goes on after its padding");
		v[have++] = x;
		if (have < 4)
			continue;
		have = 0;
		if (!quad(v, three, &n))
			return err_set(
				e, ASSAY_INPUT_BASE64, "base64 is padded wrongly at %zu", i);
		memcpy(at + used, three, n);
		used += n;
	}
	if (have != 0)
		return err_set(
			e, ASSAY_INPUT_BASE64, "base64 ends after %zu of 4 characters", have);
	out->n = start + used;
	return ASSAY_OK;
}

void base64_encode(struct bytes in, struct buf *out)
{
	for (size_t i = 0; i < in.n; i += 3) {
		size_t   n    = in.n - i < 3 ? in.n - i : 3;
		uint32_t word = (uint32_t)in.p[i] << 16;
		uint8_t  text[4];

		if (n > 1)
			word |= (uint32_t)in.p[i + 1] << 8;
		if (n > 2)
			word |= in.p[i + 2];
		for (size_t k = 0; k < 4; k++)
			text[k] = (uint8_t)(k > n ? '=' : alphabet[word >> (18 - 6 * k) & 63]);
		buf_put(out, text, 4);
	}
}

enum assay_code base64url_decode(struct bytes text, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf plain = { 0 };

	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		if (c == '+' || c == '/' || c == '=')
			return err_set(e, ASSAY_INPUT_BASE64,
				"byte 0x%02x at %zu is not base64url", c, i);
		buf_byte(&plain, (uint8_t)(c == '-' ? '+' : c == '_' ? '/' : c));
	}
	for (size_t i = text.n; i % 4 == 2 || i % 4 == 3; i++)
		buf_byte(&plain, '=');
	TRY(buf_ok(&plain, e));
	return base64_decode(buf_bytes(&plain), false, out, e);
}

void base64url_encode(struct bytes in, struct buf *out)
{
	size_t start = out->n;

	base64_encode(in, out);
	if (out->failed)
		return;
	while (out->n > start && out->p[out->n - 1] == '=')
		out->n--;
	for (size_t i = start; i < out->n; i++)
		out->p[i] = (uint8_t)(out->p[i] == '+' ? '-'
				: out->p[i] == '/'     ? '_'
						       : out->p[i]);
}
