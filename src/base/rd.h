/* SPDX-License-Identifier: Apache-2.0
 *
 * The byte cursor. It cannot leave its input, and failure sticks: reads after a short one give zero and empty. So a
 * parser reads like the table in its specification and asks rd_ok() once per stage whether all of it was there. Ask it
 * before a loop or an allocation depends on a count. */
#ifndef BASE_RD_H
#define BASE_RD_H

#include "base/bytes.h"
#include "base/err.h"

struct rd {
	struct bytes in;
	size_t       at;   /* next byte, never past in.n */
	size_t       lack; /* size of the first read that did not fit, else 0 */
};

static inline size_t rd_left(const struct rd *r)
{
	return r->lack != 0 ? 0 : r->in.n - r->at;
}

static inline struct bytes rd_take(struct rd *r, size_t n)
{
	struct bytes out = { 0 };

	if (r->lack == 0 && n <= r->in.n - r->at) {
		out = (struct bytes){ r->in.p + r->at, n };
		r->at += n;
	} else if (r->lack == 0) {
		r->lack = n;
	}
	return out;
}

static inline uint8_t rd_u8(struct rd *r)
{
	struct bytes b = rd_take(r, 1);

	return b.n == 1 ? b.p[0] : 0;
}

static inline uint16_t rd_u16le(struct rd *r)
{
	struct bytes b = rd_take(r, 2);

	return b.n == 2 ? (uint16_t)((unsigned)b.p[0] | (unsigned)b.p[1] << 8) : 0;
}

static inline uint32_t rd_u24le(struct rd *r)
{
	struct bytes b = rd_take(r, 3);

	return b.n == 3 ? (uint32_t)b.p[0] | (uint32_t)b.p[1] << 8 | (uint32_t)b.p[2] << 16 : 0;
}

static inline uint32_t rd_u32le(struct rd *r)
{
	uint32_t low = rd_u16le(r);

	return low | (uint32_t)rd_u16le(r) << 16;
}

/* ASSAY_TRUNCATED when a read did not fit, and which. */
static inline enum assay_code rd_ok(const struct rd *r, const char *what, struct assay_err *e)
{
	if (r->lack != 0)
		return err_set(e, ASSAY_TRUNCATED, "%s: %zu bytes wanted at %zu", what, r->lack,
			r->at);
	return ASSAY_OK;
}

#endif
