/* SPDX-License-Identifier: Apache-2.0
 *
 * Owned bytes that grow at their end. { 0 } is empty. A failed allocation sticks: later writes do nothing, and
 * buf_ok() says so once, so that writers read like what they write. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/mem.h"

struct buf {
	uint8_t *p;
	size_t   n;
	size_t   cap;
	bool     failed;
};

void                                       buf_put(struct buf *b, const void *p, size_t n);
void                                       buf_byte(struct buf *b, uint8_t byte);
void                                       buf_text(struct buf *b, const char *text);
__attribute__((format(printf, 2, 3))) void buf_printf(struct buf *b, const char *fmt, ...);

/* Room for n more bytes, counted as written; NULL when there is none. */
uint8_t *buf_room(struct buf *b, size_t n);

/* The text written so far, with a NUL behind it that does not count; "" after a failure. */
const char *buf_cstr(struct buf *b);

enum assay_code buf_ok(const struct buf *b, struct assay_err *e);

void buf_done(struct buf *b);

static inline struct bytes buf_bytes(const struct buf *b)
{
	return (struct bytes){ b->p, b->n };
}

#endif
