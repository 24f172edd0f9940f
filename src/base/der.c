/* SPDX-License-Identifier: Apache-2.0
 *
 * ITU-T X.690, chapters 8.1 and 10.1. */
#include "base/der.h"

#define LENGTH_BYTES 3 /* nothing here is near 16 MiB */

enum assay_code der_next(struct rd *r, const char *what, struct der *out, struct assay_err *e)
{
	size_t     start = r->at;
	struct der d     = { .tag = rd_u8(r) };
	size_t     len   = rd_u8(r);

	TRY(rd_ok(r, what, e));
	if ((d.tag & 0x1f) == 0x1f)
		return err_set(e, ASSAY_INPUT_DER, "%s: a tag of more than one byte", what);
	if (len >= 0x80) {
		size_t n = len & 0x7f;

		if (n == 0 || n > LENGTH_BYTES)
			return err_set(e, ASSAY_INPUT_DER,
				"%s: a length that DER does not have", what);
		len = 0;
		for (size_t i = 0; i < n; i++)
			len = len << 8 | rd_u8(r);
		TRY(rd_ok(r, what, e));
		if (len < 0x80 || len >> 8 * (n - 1) == 0)
			return err_set(e, ASSAY_INPUT_DER,
				"%s: a length longer than it need be", what);
	}
	d.value = rd_take(r, len);
	TRY(rd_ok(r, what, e));
	d.whole = (struct bytes){ r->in.p + start, r->at - start };
	*out    = d;
	return ASSAY_OK;
}

enum assay_code der_expect(
	struct rd *r, uint8_t tag, const char *what, struct bytes *value, struct assay_err *e)
{
	struct der d = { 0 };

	TRY(der_next(r, what, &d, e));
	if (d.tag != tag)
		return err_set(e, ASSAY_INPUT_DER, "%s: tag 0x%02x where 0x%02x belongs", what,
			d.tag, tag);
	*value = d.value;
	return ASSAY_OK;
}

enum assay_code der_enter(
	struct rd *r, uint8_t tag, const char *what, struct rd *inside, struct assay_err *e)
{
	struct bytes content;

	TRY(der_expect(r, tag, what, &content, e));
	*inside = (struct rd){ .in = content };
	return ASSAY_OK;
}

enum assay_code der_unsigned(
	struct rd *r, const char *what, struct bytes *magnitude, struct assay_err *e)
{
	struct bytes v;

	TRY(der_expect(r, DER_INTEGER, what, &v, e));
	if (v.n == 0 || v.p[0] >= 0x80)
		return err_set(e, ASSAY_INPUT_DER, "%s: an integer below zero, or none", what);
	if (v.n > 1 && v.p[0] == 0) {
		if (v.p[1] < 0x80)
			return err_set(e, ASSAY_INPUT_DER,
				"%s: an integer longer than it need be", what);
		v = (struct bytes){ v.p + 1, v.n - 1 };
	}
	*magnitude = v;
	return ASSAY_OK;
}

enum assay_code der_end(const struct rd *r, const char *what, struct assay_err *e)
{
	TRY(rd_ok(r, what, e));
	if (rd_left(r) != 0)
		return err_set(e, ASSAY_INPUT_DER, "%s: %zu bytes too many", what, rd_left(r));
	return ASSAY_OK;
}
