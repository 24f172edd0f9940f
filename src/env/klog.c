/* SPDX-License-Identifier: Apache-2.0 */
#include "env/klog.h"

#include "env/cmdline.h"
#include "env/line.h"

/* A decimal or, behind 0x, a hexadecimal number at the beginning of b, which goes on behind it. */
static bool take_number(struct bytes *b, uint64_t *out)
{
	uint64_t v    = 0;
	size_t   at   = 0, from;
	unsigned base = 10;

	if (b->n > 2 && b->p[0] == '0' && b->p[1] == 'x') {
		base = 16;
		at   = 2;
	}
	for (from = at; at < b->n; at++) {
		uint8_t  c = b->p[at];
		unsigned d = byte_digit(c)     ? (unsigned)(c - '0')
			: c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
					       : 16;

		if (d >= base)
			break;
		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, d, &v))
			return false;
	}
	*b   = bytes_behind(*b, at);
	*out = v;
	return at > from;
}

/* Seconds and a fraction of six digits at most. */
static bool take_seconds(struct bytes *b, uint64_t *usec)
{
	uint64_t s, f = 0, scale = 1000000;

	if (!take_number(b, &s) || b->n == 0 || b->p[0] != '.' ||
		__builtin_mul_overflow(s, 1000000, &s))
		return false;
	for (*b    = bytes_behind(*b, 1); b->n > 0 && byte_digit(b->p[0]);
		*b = bytes_behind(*b, 1)) {
		if (scale == 1)
			return false;
		scale /= 10;
		f += (uint64_t)(b->p[0] - '0') * scale;
	}
	return !__builtin_add_overflow(s, f, usec);
}

/* "<6>[    1.234567] [   T1] text" */
static bool dmesg_form(struct bytes line, struct klog_line *out)
{
	struct bytes level, b = line;

	if (b.n > 2 && b.p[0] == '<' && byte_digit(b.p[1]))
		line_cut(b, '>', &level, &b);
	b = bytes_trim(b);
	if (b.n == 0 || b.p[0] != '[')
		return false;
	b = bytes_behind(b, 1);
	while (b.n > 0 && b.p[0] == ' ')
		b = bytes_behind(b, 1);
	if (!take_seconds(&b, &out->usec) || b.n == 0 || b.p[0] != ']')
		return false;
	out->timed = true;
	out->text  = bytes_trim(bytes_behind(b, 1));
	return true;
}

/* "6,1234,5678901,-;text" */
static bool kmsg_form(struct bytes line, struct klog_line *out)
{
	struct bytes head, text, b;
	uint64_t     level, sequence, usec;

	if (!line_cut(line, ';', &head, &text))
		return false;
	b = head;
	if (!take_number(&b, &level) || b.n == 0 || b.p[0] != ',')
		return false;
	b = bytes_behind(b, 1);
	if (!take_number(&b, &sequence) || b.n == 0 || b.p[0] != ',')
		return false;
	b = bytes_behind(b, 1);
	if (!take_number(&b, &usec) || b.n == 0 || b.p[0] != ',')
		return false;
	out->timed = true;
	out->usec  = usec;
	out->text  = text;
	return true;
}

/* "Nov 25 10:00:01 host tag: text" and "2026-11-25T10:00:01+0000 host tag: text": the words up to the tag. */
static bool journal_form(struct bytes line, struct klog_line *out)
{
	struct bytes word = { 0 }, tag;
	size_t       at   = 0, skip;

	if (line.n < 16)
		return false;
	if (byte_digit(line.p[0]) && line.p[4] == '-' && line.p[7] == '-')
		skip = 2;
	else if (line.p[3] == ' ' && line.p[6] == ' ' && line.p[9] == ':')
		skip = 4;
	else
		return false;
	for (size_t i = 0; i < skip; i++)
		if (!word_next(line, &at, &word))
			return false;
	if (!word_next(line, &at, &tag) || tag.n < 2 || tag.p[tag.n - 1] != ':')
		return false;
	out->foreign = !bytes_equal(tag, BYTES("kernel:"));
	out->text    = bytes_trim(bytes_behind(line, at));
	return true;
}

bool klog_next(struct bytes in, size_t *at, struct klog_line *out)
{
	struct bytes line;

	while (line_next(in, at, &line)) {
		struct klog_line l        = { 0 };
		const bool       property = line.n > 0 && line.p[0] == ' ';
		struct bytes     inner, name, value;

		line = bytes_trim(line);
		if (line.n == 0)
			continue;
		if (dmesg_form(line, &l) || kmsg_form(line, &l)) {
			/* as it should be */
		} else if (property && line_cut(line, '=', &name, &value) &&
			(bytes_equal(name, BYTES("SUBSYSTEM")) ||
				bytes_equal(name, BYTES("DEVICE")))) {
			continue;
		} else if (!journal_form(line, &l)) {
			l = (struct klog_line){ .text = line };
		}
		inner = l.text; /* a journal may hold what dmesg printed */
		if (!l.timed)
			dmesg_form(inner, &l);
		*out = l;
		return true;
	}
	return false;
}

static bool behind(struct bytes *b, const char *what)
{
	const uint8_t *p = bytes_find(*b, bytes_text(what));

	if (p == NULL)
		return false;
	*b = bytes_behind(*b, (size_t)(p - b->p) + strlen(what));
	return true;
}

bool klog_swiotlb_mapped(struct bytes text, uint64_t *start, uint64_t *end)
{
	struct bytes b = text;
	uint64_t     from, to;

	if (!behind(&b, "software IO TLB: mapped [mem ") || !take_number(&b, &from) ||
		b.n == 0 || b.p[0] != '-')
		return false;
	b = bytes_behind(b, 1);
	if (!take_number(&b, &to) || b.n == 0 || b.p[0] != ']' || to <= from)
		return false;
	/* kernels print the last byte, or the one behind it */
	*start = from;
	*end   = to + (to % SWIOTLB_SLAB == SWIOTLB_SLAB - 1);
	return true;
}

enum swiotlb_full klog_swiotlb_full(struct bytes text, struct klog_full *out)
{
	struct klog_full f = { 0 };
	struct bytes     b = text;

	if (!behind(&b, "swiotlb buffer is full (sz: ") || !take_number(&b, &f.bytes))
		return SWIOTLB_NOT_FULL;
	f.counted = behind(&b, "total ") && take_number(&b, &f.total) && behind(&b, "used ") &&
		take_number(&b, &f.used);
	*out = f;
	if (f.bytes > (uint64_t)SWIOTLB_SLAB * SWIOTLB_GRANULE)
		return SWIOTLB_TOO_LARGE;
	return !f.counted || f.used >= f.total - f.total / 10 ? SWIOTLB_EXHAUSTED
							      : SWIOTLB_FRAGMENTED;
}
