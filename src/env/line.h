/* SPDX-License-Identifier: Apache-2.0
 *
 * Text files as views: lines, words, edges. Nothing is copied. */
#ifndef ENV_LINE_H
#define ENV_LINE_H

#include "base/bytes.h"

/* The next line from *at, without its newline; false at the end. */
static inline bool line_next(struct bytes in, size_t *at, struct bytes *out)
{
	const uint8_t *end;

	if (*at >= in.n)
		return false;
	end  = memchr(in.p + *at, '\n', in.n - *at);
	*out = (struct bytes){ in.p + *at,
		end == NULL ? in.n - *at : (size_t)(end - in.p) - *at };
	*at += out->n + (end != NULL);
	return true;
}

/* Cut at the first byte of that value; false, and all of it in *left, when there is none. */
static inline bool line_cut(
	struct bytes in, uint8_t byte, struct bytes *left, struct bytes *right)
{
	const uint8_t *p = in.n == 0 ? NULL : memchr(in.p, byte, in.n);
	const size_t   n = p == NULL ? in.n : (size_t)(p - in.p);

	*left  = (struct bytes){ in.p, n };
	*right = p == NULL ? (struct bytes){ 0 } : (struct bytes){ p + 1, in.n - n - 1 };
	return p != NULL;
}

/* The next word from *at, separated by white space; false at the end. */
static inline bool word_next(struct bytes in, size_t *at, struct bytes *out)
{
	size_t from;

	while (*at < in.n && byte_blank(in.p[*at]))
		(*at)++;
	for (from = *at; *at < in.n && !byte_blank(in.p[*at]);)
		(*at)++;
	*out = (struct bytes){ in.p == NULL ? NULL : in.p + from, *at - from };
	return out->n > 0;
}

/* Is text a whole word of in? */
static inline bool word_in(struct bytes in, struct bytes text)
{
	struct bytes w;

	for (size_t at = 0; word_next(in, &at, &w);)
		if (bytes_equal(w, text))
			return true;
	return false;
}

/* Where what begins in in; NULL: nowhere. */
static inline const uint8_t *bytes_find(struct bytes in, struct bytes what)
{
	return in.n == 0 || what.n == 0 || what.n > in.n ? NULL
							 : memmem(in.p, in.n, what.p, what.n);
}

static inline bool bytes_has(struct bytes in, const char *what)
{
	return bytes_find(in, bytes_text(what)) != NULL;
}

/* Does b end so? */
static inline bool bytes_end(struct bytes b, struct bytes with)
{
	return b.n >= with.n &&
		(with.n == 0 || memcmp(b.p + b.n - with.n, with.p, with.n) == 0);
}

/* What stands behind a beginning. */
static inline struct bytes bytes_behind(struct bytes b, size_t n)
{
	return b.p == NULL || n > b.n ? (struct bytes){ 0 }
				      : (struct bytes){ b.p + n, b.n - n };
}

#endif
