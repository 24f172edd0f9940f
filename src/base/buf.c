/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

static bool grow(struct buf *b, size_t n)
{
	size_t want, cap = b->cap < 64 ? 64 : b->cap;
	void  *p;

	if (b->failed || __builtin_add_overflow(b->n, n, &want) || want > SIZE_MAX / 2) {
		b->failed = true;
		return false;
	}
	if (want <= b->cap)
		return true;
	while (cap < want)
		cap *= 2;
	p = mem_resize(b->p, cap, 1);
	if (p == NULL) {
		b->failed = true;
		return false;
	}
	b->p   = p;
	b->cap = cap;
	return true;
}

uint8_t *buf_room(struct buf *b, size_t n)
{
	uint8_t *at;

	if (!grow(b, n))
		return NULL;
	at = b->p + b->n;
	b->n += n;
	return at;
}

void buf_put(struct buf *b, const void *p, size_t n)
{
	uint8_t *at = n == 0 ? NULL : buf_room(b, n);

	if (at != NULL)
		memcpy(at, p, n);
}

void buf_byte(struct buf *b, uint8_t byte)
{
	buf_put(b, &byte, 1);
}

void buf_text(struct buf *b, const char *text)
{
	buf_put(b, text, strlen(text));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int     n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !grow(b, (size_t)n + 1)) {
		b->failed = true;
		return;
	}
	va_start(ap, fmt);
	vsnprintf((char *)b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

const char *buf_cstr(struct buf *b)
{
	if (!grow(b, 1))
		return "";
	b->p[b->n] = 0;
	return (const char *)b->p;
}

enum assay_code buf_ok(const struct buf *b, struct assay_err *e)
{
	return b->failed ? err_no_memory(e) : ASSAY_OK;
}

void buf_done(struct buf *b)
{
	mem_free(b->p);
	*b = (struct buf){ 0 };
}
