/* SPDX-License-Identifier: Apache-2.0
 *
 * Borrowed bytes: someone else owns the memory. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
	const uint8_t *p;
	size_t         n;
};

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The bytes of a string literal, without its NUL. */
#define BYTES(literal) ((struct bytes){ (const uint8_t *)("" literal), sizeof(literal) - 1 })

/* The bytes of an array. */
#define BYTES_OF(array) ((struct bytes){ (const uint8_t *)(array), sizeof(array) })

static inline struct bytes bytes_text(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, s == NULL ? 0 : strlen(s) };
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool bytes_begin(struct bytes b, struct bytes with)
{
	return b.n >= with.n && (with.n == 0 || memcmp(b.p, with.p, with.n) == 0);
}

/* White space of ASCII. */
static inline bool byte_blank(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Without the blanks at either end. */
static inline struct bytes bytes_trim(struct bytes b)
{
	while (b.n > 0 && byte_blank(b.p[0]))
		b = (struct bytes){ b.p + 1, b.n - 1 };
	while (b.n > 0 && byte_blank(b.p[b.n - 1]))
		b.n--;
	return b;
}

static inline bool byte_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* A number in decimal: digits alone, 1 to 20 of them, no larger than its type. */
static inline bool bytes_number(struct bytes b, uint64_t *out)
{
	uint64_t v = 0;

	if (b.n == 0 || b.n > 20)
		return false;
	for (size_t i = 0; i < b.n; i++)
		if (!byte_digit(b.p[i]) || __builtin_mul_overflow(v, 10, &v) ||
			__builtin_add_overflow(v, (uint64_t)(b.p[i] - '0'), &v))
			return false;
	*out = v;
	return true;
}

static inline bool bytes_zero(struct bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] != 0)
			return false;
	return true;
}

#endif
