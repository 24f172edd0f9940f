/* SPDX-License-Identifier: Apache-2.0 */
#include "env/unit.h"

#include "env/line.h"

static bool comment(struct bytes line)
{
	line = bytes_trim(line);
	return line.n > 0 && (line.p[0] == '#' || line.p[0] == ';');
}

/* A setting with the lines that continue it: a backslash at the end of a line stands for a blank, and comments between are
 * passed over. */
static bool join(struct unit_reader *r, struct bytes first, struct bytes *out)
{
	size_t       n    = 0;
	bool         fits = true, more;
	struct bytes line = first;

	do {
		more = line.n > 0 && line.p[line.n - 1] == '\\';
		if (more)
			line.n--;
		if (line.n + 1 > sizeof(r->text) - n) {
			fits = false;
		} else {
			memcpy(r->text + n, line.p, line.n);
			n += line.n;
			if (more)
				r->text[n++] = ' ';
		}
		more = more && line_next(r->in, &r->at, &line);
		while (more && comment(line))
			more = line_next(r->in, &r->at, &line);
	} while (more);
	*out = (struct bytes){ (const uint8_t *)r->text, n };
	return fits;
}

bool unit_next(struct unit_reader *r, struct unit_setting *out)
{
	struct bytes line, t, whole;

	while (line_next(r->in, &r->at, &line)) {
		t = bytes_trim(line);
		if (t.n == 0 || comment(t))
			continue;
		if (t.p[0] == '[' && t.p[t.n - 1] == ']') {
			r->section = (struct bytes){ t.p + 1, t.n - 2 };
			continue;
		}
		if (!join(r, t, &whole))
			continue;
		out->section = r->section;
		if (!line_cut(whole, '=', &out->name, &out->value))
			continue;
		out->name  = bytes_trim(out->name);
		out->value = bytes_trim(out->value);
		return true;
	}
	return false;
}

typedef void taker(void *ctx, struct bytes value);

static void each(const struct unit_files *u, const char *section, const char *name, taker *take,
	void *ctx)
{
	for (size_t i = 0; i < u->n; i++) {
		struct unit_reader  r = { .in = u->file[i] };
		struct unit_setting s;

		while (unit_next(&r, &s))
			if (bytes_equal(s.section, bytes_text(section)) &&
				bytes_equal(s.name, bytes_text(name)))
				take(ctx, s.value);
	}
}

struct listed {
	struct buf *out;
	size_t      from;
};

static void take_list(void *ctx, struct bytes value)
{
	struct listed *l = ctx;

	if (value.n == 0) {
		l->out->n = l->from;
		return;
	}
	buf_put(l->out, value.p, value.n);
	buf_byte(l->out, '\n');
}

enum assay_code unit_list(const struct unit_files *u, const char *section, const char *name,
	struct buf *out, struct assay_err *e)
{
	struct listed l = { out, out->n };

	each(u, section, name, take_list, &l);
	return buf_ok(out, e);
}

static void take_last(void *ctx, struct bytes value)
{
	struct listed *l = ctx;

	l->out->n = l->from;
	buf_put(l->out, value.p, value.n);
}

bool unit_last(const struct unit_files *u, const char *section, const char *name,
	struct buf *out, struct assay_err *e)
{
	struct listed l = { out, out->n };

	each(u, section, name, take_last, &l);
	return buf_ok(out, e) == ASSAY_OK && out->n > l.from;
}

bool unit_last_of(const struct unit_files *u, const char *section, const char *a, const char *b,
	struct buf *out, struct assay_err *e)
{
	struct listed l = { out, out->n };

	for (size_t i = 0; i < u->n; i++) {
		struct unit_reader  r = { .in = u->file[i] };
		struct unit_setting s;

		while (unit_next(&r, &s))
			if (bytes_equal(s.section, bytes_text(section)) &&
				(bytes_equal(s.name, bytes_text(a)) ||
					bytes_equal(s.name, bytes_text(b))))
				take_last(&l, s.value);
	}
	return buf_ok(out, e) == ASSAY_OK && out->n > l.from;
}

bool unit_lists(
	const struct unit_files *u, const char *section, const char *name, const char *word)
{
	CLEANUP(buf_done) struct buf list = { 0 };
	struct assay_err             e    = { 0 };

	return unit_list(u, section, name, &list, &e) == ASSAY_OK &&
		word_in(buf_bytes(&list), bytes_text(word));
}

bool unit_words(char *text, char *words[UNIT_WORDS], size_t *n)
{
	char  *to    = text;
	size_t count = 0;

	for (const char *at = text; *at != 0;) {
		char quote = 0;

		if (byte_blank((uint8_t)*at)) {
			at++;
			continue;
		}
		if (count == UNIT_WORDS)
			return false;
		words[count++] = to;
		for (; *at != 0 && (quote != 0 || !byte_blank((uint8_t)*at)); at++) {
			if (quote == 0 && (*at == '"' || *at == '\''))
				quote = *at;
			else if (quote != 0 && *at == quote)
				quote = 0;
			else if (*at == '\\' && at[1] != 0)
				*to++ = *++at;
			else
				*to++ = *at;
		}
		if (quote != 0)
			return false;
		if (*at != 0)
			at++; /* to is not past it */
		*to++ = 0;
	}
	while (count > 0 && words[0][0] != 0 && strchr("-@+!:|", words[0][0]) != NULL)
		words[0]++;
	*n = count;
	return true;
}

static const struct {
	const char *name;
	uint64_t    usec;
} spans[] = {
	{ "us", 1 },
	{ "usec", 1 },
	{ "ms", 1000 },
	{ "msec", 1000 },
	{ "", 1000000 },
	{ "s", 1000000 },
	{ "sec", 1000000 },
	{ "second", 1000000 },
	{ "seconds", 1000000 },
	{ "m", 60000000 },
	{ "min", 60000000 },
	{ "minute", 60000000 },
	{ "minutes", 60000000 },
	{ "h", 3600000000 },
	{ "hr", 3600000000 },
	{ "hour", 3600000000 },
	{ "hours", 3600000000 },
	{ "d", 86400000000 },
	{ "day", 86400000000 },
	{ "days", 86400000000 },
};

static bool span_usec(struct bytes name, uint64_t *out)
{
	for (size_t i = 0; i < ARRAY_LEN(spans); i++)
		if (bytes_equal(name, bytes_text(spans[i].name))) {
			*out = spans[i].usec;
			return true;
		}
	return false;
}

static struct bytes take_while(struct bytes *b, bool digits)
{
	size_t n = 0;

	while (n < b->n && byte_digit(b->p[n]) == digits && !byte_blank(b->p[n]))
		n++;
	*b = bytes_behind(*b, n);
	return (struct bytes){ b->p - n, n };
}

bool unit_time(struct bytes text, uint64_t *usec)
{
	struct bytes b   = bytes_trim(text);
	uint64_t     sum = 0;

	if (bytes_equal(b, BYTES("infinity"))) {
		*usec = UNIT_FOREVER;
		return true;
	}
	if (b.n == 0)
		return false;
	while (b.n > 0) {
		struct bytes digits = take_while(&b, true);
		struct bytes name;
		uint64_t     v = 0, unit = 0;

		while (b.n > 0 && byte_blank(b.p[0]))
			b = bytes_behind(b, 1);
		name = b.n > 0 && !byte_digit(b.p[0]) ? take_while(&b, false)
						      : (struct bytes){ 0 };
		while (b.n > 0 && byte_blank(b.p[0]))
			b = bytes_behind(b, 1);
		if (!bytes_number(digits, &v) || !span_usec(name, &unit) ||
			__builtin_mul_overflow(v, unit, &v) ||
			__builtin_add_overflow(sum, v, &sum))
			return false;
	}
	*usec = sum;
	return true;
}
