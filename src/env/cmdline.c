/* SPDX-License-Identifier: Apache-2.0 */
#include "env/cmdline.h"

#include "base/hex.h"
#include "env/line.h"

/* Up to the blank outside of quotes. */
static size_t word_end(struct bytes in, size_t at)
{
	for (bool quoted = false; at < in.n; at++) {
		if (in.p[at] == '"')
			quoted = !quoted;
		else if (byte_blank(in.p[at]) && !quoted)
			break;
	}
	return at;
}

static struct bytes unquote(struct bytes b)
{
	if (b.n > 0 && b.p[0] == '"') {
		b = (struct bytes){ b.p + 1, b.n - 1 };
		if (b.n > 0 && b.p[b.n - 1] == '"')
			b.n--;
	}
	return b;
}

bool cmdline_next(struct bytes in, size_t *at, struct cmdline_arg *out)
{
	struct cmdline_arg a = { 0 };
	struct bytes       b;
	size_t             end;

	while (*at < in.n && byte_blank(in.p[*at]))
		(*at)++;
	if (*at >= in.n)
		return false;
	end     = word_end(in, *at);
	a.whole = (struct bytes){ in.p + *at, end - *at };
	if (bytes_equal(a.whole, BYTES("--")))
		return false;
	b        = unquote(a.whole);
	a.valued = line_cut(b, '=', &a.name, &a.value);
	a.value  = unquote(a.value);
	*at      = end;
	*out     = a;
	return true;
}

static bool same_name(struct bytes a, struct bytes b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (a.p[i] != b.p[i] &&
			!((a.p[i] == '-' || a.p[i] == '_') && (b.p[i] == '-' || b.p[i] == '_')))
			return false;
	return true;
}

size_t cmdline_find(struct bytes in, const char *name, struct cmdline_arg *last)
{
	struct cmdline_arg a;
	size_t             n = 0;

	for (size_t at = 0; cmdline_next(in, &at, &a);)
		if (same_name(a.name, bytes_text(name))) {
			*last = a;
			n++;
		}
	return n;
}

static void put_arg(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%s%s%s", name, value[0] == 0 ? "" : "=", value);
}

/* The blank in front of what is taken out goes with it; of the first word, the one behind. */
static void put_without(struct bytes in, const char *name, const char *value, struct buf *out)
{
	struct cmdline_arg a;
	size_t             from = 0, at = 0;
	bool               placed = value == NULL;

	while (cmdline_next(in, &at, &a)) {
		size_t begin = (size_t)(a.whole.p - in.p), end = at;

		if (!same_name(a.name, bytes_text(name)))
			continue;
		if (!placed) {
			buf_put(out, in.p + from, begin - from);
			put_arg(out, name, value);
			placed = true;
			from   = end;
			continue;
		}
		if (begin > from && byte_blank(in.p[begin - 1]))
			begin--;
		else if (end < in.n && byte_blank(in.p[end]))
			end++;
		buf_put(out, in.p + from, begin - from);
		from = end;
	}
	buf_put(out, in.p + from, in.n - from);
}

enum assay_code cmdline_set(struct bytes in, const char *name, const char *value,
	struct buf *out, struct assay_err *e)
{
	struct cmdline_arg a    = { 0 };
	const size_t       from = out->n;
	size_t             at = 0, end = 0, n;

	if (in.n > CMDLINE_MAX)
		return err_set(e, ASSAY_INPUT_SIZE, "a command line of more than %d bytes",
			CMDLINE_MAX);
	n = cmdline_find(in, name, &a);
	if (n == 0 && value != NULL) {
		while (cmdline_next(in, &at, &a))
			end = at;
		buf_put(out, in.p, end);
		if (end > 0)
			buf_byte(out, ' ');
		put_arg(out, name, value);
		if (end == 0 && in.n > 0 && !byte_blank(in.p[0]))
			buf_byte(out, ' '); /* "--" comes first */
		buf_put(out, in.p + end, in.n - end);
	} else if (n == 1 && value != NULL && bytes_equal(a.value, bytes_text(value))) {
		buf_put(out, in.p, in.n);
	} else {
		put_without(in, name, value, out);
	}
	if (out->n - from > CMDLINE_MAX)
		return err_set(e, ASSAY_INPUT_SIZE,
			"a command line that would have more than %d bytes", CMDLINE_MAX);
	return buf_ok(out, e);
}

/* simple_strtoul() with base 0: decimal, 0x, 0. */
static bool take_number(struct bytes *b, uint64_t *out)
{
	unsigned base = 10;
	uint64_t v    = 0;
	size_t   at   = 0;

	if (b->n == 0 || !byte_digit(b->p[0]))
		return false;
	if (b->n > 2 && b->p[0] == '0' && (b->p[1] | 0x20) == 'x') {
		base = 16;
		at   = 2;
	} else if (b->p[0] == '0') {
		base = 8;
	}
	for (; at < b->n; at++) {
		const int d = hex_digit(b->p[at]);

		if (d < 0 || (unsigned)d >= base)
			break;
		if (v > (UINT64_MAX >> 8)) /* absurd already; keep it so */
			continue;
		v = v * base + (unsigned)d;
	}
	*b   = bytes_behind(*b, at);
	*out = v;
	return true;
}

static void swiotlb_one(struct bytes v, struct swiotlb *s)
{
	uint64_t n;

	if (take_number(&v, &n)) {
		s->number = true;
		s->slabs  = n > UINT64_MAX - SWIOTLB_GRANULE
			 ? n
			 : (n + SWIOTLB_GRANULE - 1) / SWIOTLB_GRANULE * SWIOTLB_GRANULE;
		if (v.n > 0 && v.p[0] == ',')
			v = bytes_behind(v, 1);
		if (take_number(&v, &s->areas) && v.n > 0 && v.p[0] == ',')
			v = bytes_behind(v, 1);
	}
	while (v.n > 0) {
		struct bytes word, rest;

		line_cut(v, ',', &word, &rest);
		if (bytes_equal(word, BYTES("any")))
			s->any = true;
		else if (bytes_equal(word, BYTES("force")))
			s->force = true;
		else if (bytes_equal(word, BYTES("noforce")))
			s->noforce = true;
		else
			s->unknown = true;
		v = rest;
	}
}

void cmdline_swiotlb(struct bytes in, struct swiotlb *out)
{
	struct swiotlb     s = { 0 };
	struct cmdline_arg a;

	for (size_t at = 0; cmdline_next(in, &at, &a);)
		if (bytes_equal(a.name, BYTES("swiotlb"))) {
			s.count++;
			swiotlb_one(a.value, &s);
		}
	*out = s;
}
