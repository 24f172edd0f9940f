/* SPDX-License-Identifier: Apache-2.0 */
#include "env/version.h"

#include "base/hex.h"
#include "env/line.h"

static bool pre_release(struct bytes rest)
{
	return rest.n > 0 &&
		(rest.p[0] == '+' || rest.p[0] == '~' || bytes_begin(rest, BYTES("_rc")) ||
			bytes_begin(rest, BYTES("rc")));
}

void version_dotted(struct bytes text, struct version *out, struct bytes *rest)
{
	struct version v  = { 0 };
	size_t         at = 0, end = 0;

	while (at < text.n && byte_digit(text.p[at])) {
		uint64_t n = 0;

		for (; at < text.n && byte_digit(text.p[at]); at++)
			n = n > UINT32_MAX ? n : n * 10 + (uint64_t)(text.p[at] - '0');
		if (v.parts < VERSION_PARTS)
			v.part[v.parts++] = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
		end = at;
		if (at >= text.n || text.p[at] != '.')
			break;
		at++;
	}
	*rest = bytes_behind(text, end);
	v.pre = pre_release(*rest);
	*out  = v;
}

int version_compare(const struct version *a, const struct version *b)
{
	for (size_t i = 0; i < VERSION_PARTS; i++)
		if (a->part[i] != b->part[i])
			return a->part[i] < b->part[i] ? -1 : 1;
	return (int)b->pre - (int)a->pre;
}

int version_order(struct bytes a, struct bytes b)
{
	struct version x, y;
	struct bytes   rest;

	version_dotted(a, &x, &rest);
	version_dotted(b, &y, &rest);
	return version_compare(&x, &y);
}

static uint32_t hex_part(struct bytes *b)
{
	uint32_t v = 0;

	for (; b->n > 0 && b->p[0] != '.'; *b = bytes_behind(*b, 1)) {
		const int d = hex_digit(b->p[0]);

		v = v > UINT32_MAX >> 4 ? v : v << 4 | (d < 0 ? 0 : (uint32_t)d);
	}
	*b = bytes_behind(*b, b->n > 0 ? 1 : 0);
	return v;
}

int version_order_hex(struct bytes a, struct bytes b)
{
	while (a.n > 0 || b.n > 0) {
		uint32_t x = hex_part(&a), y = hex_part(&b);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

/* What the first word of a vendor's tag begins with. */
static enum kernel_vendor vendor_of(struct bytes rest)
{
	static const struct {
		const char        *tag;
		enum kernel_vendor vendor;
	} tags[] = {
		{ "al8", KERNEL_ALINUX },
		{ "an8", KERNEL_ALINUX },
		{ "el", KERNEL_EL },
		{ "generic", KERNEL_UBUNTU },
		{ "aws", KERNEL_UBUNTU },
		{ "azure", KERNEL_UBUNTU },
		{ "gcp", KERNEL_UBUNTU },
		{ "kvm", KERNEL_UBUNTU },
		{ "lowlatency", KERNEL_UBUNTU },
		{ "nvidia", KERNEL_UBUNTU },
		{ "intel", KERNEL_UBUNTU },
		{ "amd64", KERNEL_DEBIAN },
		{ "cloud-amd64", KERNEL_DEBIAN },
		{ "rt-amd64", KERNEL_DEBIAN },
	};

	for (size_t i = 0; i < ARRAY_LEN(tags); i++)
		if (bytes_begin(rest, bytes_text(tags[i].tag)))
			return tags[i].vendor;
	return KERNEL_OTHER;
}

/* "-rc1", "_rc1", "~rc", "+" and the like between numbers and tag. */
static struct bytes skip_marks(struct bytes b)
{
	if (pre_release(b))
		while (b.n > 0 && b.p[0] != '.')
			b = bytes_behind(b, 1);
	while (b.n > 0 && (b.p[0] == '.' || b.p[0] == '-' || b.p[0] == '+' || b.p[0] == '~'))
		b = bytes_behind(b, 1);
	return b;
}

void kernel_parse(struct bytes osrelease, struct kernel *out)
{
	struct kernel k = { 0 };
	struct bytes  rest, tag;
	size_t        dot = 0;

	version_dotted(osrelease, &k.base, &rest);
	if (rest.n > 0 && rest.p[0] == '-') {
		version_dotted(bytes_behind(rest, 1), &k.release, &tag);
		if (k.release.parts > 0)
			rest = tag;
		else if (pre_release(bytes_behind(rest, 1)))
			k.base.pre = true;
	}
	rest     = skip_marks(rest);
	k.vendor = vendor_of(rest);
	/* the architecture is the last part behind a dot, and part of the flavour where Debian names it */
	for (size_t i = 0; i < rest.n; i++)
		if (rest.p[i] == '.')
			dot = i;
	if (dot > 0) {
		k.arch = bytes_behind(rest, dot + 1);
		rest.n = dot;
	} else if (bytes_begin(rest, BYTES("x86_64")) || bytes_begin(rest, BYTES("aarch64"))) {
		k.arch = rest;
		rest.n = 0;
	}
	k.tag = rest;
	*out  = k;
}

enum kernel_verdict kernel_judge(const struct kernel *k, struct bytes floor)
{
	struct kernel least;
	int           base;

	if (k->vendor != KERNEL_ALINUX)
		return KERNEL_NO_RULE;
	kernel_parse(floor, &least);
	base = version_compare(&k->base, &least.base);
	if (base != 0)
		return base < 0 ? KERNEL_OLD : KERNEL_UNTESTED;
	if (version_compare(&k->release, &least.release) < 0)
		return KERNEL_OLD;
	return k->base.pre || k->release.pre ? KERNEL_UNTESTED : KERNEL_GOOD;
}

/* ---- compilers ---- */

bool version_gcc_name(struct bytes name, unsigned *major)
{
	struct bytes digits = { 0 };
	uint64_t     n;

	for (size_t i = name.n; i > 0 && digits.p == NULL; i--)
		if (name.p[i - 1] == '-')
			digits = bytes_behind(name, i);
	if (!bytes_number(digits, &n) || n == 0 || n > UINT32_MAX ||
		!bytes_end((struct bytes){ name.p, name.n - digits.n }, BYTES("gcc-")))
		return false;
	*major = (unsigned)n;
	return true;
}

/* " (GCC) 10.2.1", " version 8.5.0" behind a name without a number. */
static bool gcc_behind(struct bytes rest, unsigned *major)
{
	struct version v;
	struct bytes   in;

	rest = bytes_trim(rest);
	if (bytes_begin(rest, BYTES("version ")))
		rest = bytes_trim(bytes_behind(rest, 8));
	else if (rest.n > 0 && rest.p[0] == '(' && line_cut(rest, ')', &in, &rest))
		rest = bytes_trim(rest);
	version_dotted(rest, &v, &in);
	if (v.parts == 0 || v.part[0] == 0)
		return false;
	*major = v.part[0];
	return true;
}

bool version_gcc(struct bytes text, unsigned *major)
{
	struct bytes before, word;

	/* each word that a bracket opens: builder, compiler */
	while (line_cut(text, '(', &before, &text)) {
		size_t at = 0;

		if (!word_next(text, &at, &word))
			return false;
		if (version_gcc_name(word, major))
			return true;
		if (bytes_end(word, BYTES("gcc")) && gcc_behind(bytes_behind(text, at), major))
			return true;
	}
	return false;
}

/* ---- packages ---- */

static bool letter(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26;
}

/* A run of digits as a number of any length: no zeros in front, the longer one is higher. */
static int order_digits(struct bytes a, struct bytes b)
{
	int c;

	while (a.n > 0 && a.p[0] == '0')
		a = bytes_behind(a, 1);
	while (b.n > 0 && b.p[0] == '0')
		b = bytes_behind(b, 1);
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	c = a.n == 0 ? 0 : memcmp(a.p, b.p, a.n);
	return c < 0 ? -1 : c > 0;
}

static struct bytes run(struct bytes *b, bool digits)
{
	struct bytes out = { b->p, 0 };

	while (out.n < b->n && (digits ? byte_digit(b->p[out.n]) : letter(b->p[out.n])))
		out.n++;
	*b = bytes_behind(*b, out.n);
	return out;
}

static struct bytes skip_separators(struct bytes b)
{
	while (b.n > 0 && !byte_digit(b.p[0]) && !letter(b.p[0]) && b.p[0] != '~' &&
		b.p[0] != '^')
		b = bytes_behind(b, 1);
	return b;
}

/* ~ is lower than the end, ^ higher than the end and lower than anything else; 2: neither decides. */
static int order_marks(struct bytes *a, struct bytes *b)
{
	const bool at = a->n > 0 && a->p[0] == '~', bt = b->n > 0 && b->p[0] == '~';
	const bool ac = a->n > 0 && a->p[0] == '^', bc = b->n > 0 && b->p[0] == '^';

	if (at != bt)
		return at ? -1 : 1;
	if (!at && ac != bc) {
		if (ac)
			return b->n == 0 ? 1 : -1;
		return a->n == 0 ? -1 : 1;
	}
	if (at || ac) {
		*a = bytes_behind(*a, 1);
		*b = bytes_behind(*b, 1);
	}
	return 2;
}

int version_rpm(struct bytes a, struct bytes b)
{
	for (;;) {
		struct bytes x, y;
		bool         digits;
		int          c;

		a = skip_separators(a);
		b = skip_separators(b);
		if (a.n > 0 && b.n > 0 && a.p[0] == b.p[0] &&
			(a.p[0] == '~' || a.p[0] == '^')) {
			order_marks(&a, &b);
			continue;
		}
		c = order_marks(&a, &b);
		if (c != 2)
			return c;
		if (a.n == 0 || b.n == 0)
			return (a.n > 0) - (b.n > 0);
		digits = byte_digit(a.p[0]);
		x      = run(&a, digits);
		y      = run(&b, digits);
		if (y.n == 0) /* numbers are newer than letters */
			return digits ? 1 : -1;
		if (digits) {
			c = order_digits(x, y);
		} else {
			size_t n = x.n < y.n ? x.n : y.n;

			c = memcmp(x.p, y.p, n);
			c = c != 0 ? (c < 0 ? -1 : 1) : (x.n > y.n) - (x.n < y.n);
		}
		if (c != 0)
			return c;
	}
}

/* deb-version(7): ~ before the end, the end before letters, letters before the rest. */
static int deb_rank(struct bytes b)
{
	if (b.n == 0 || byte_digit(b.p[0]))
		return 0;
	return b.p[0] == '~' ? -1 : letter(b.p[0]) ? b.p[0] : b.p[0] + 256;
}

static int deb_part(struct bytes a, struct bytes b)
{
	while (a.n > 0 || b.n > 0) {
		struct bytes x, y;
		int          c;

		while ((a.n > 0 && !byte_digit(a.p[0])) || (b.n > 0 && !byte_digit(b.p[0]))) {
			c = deb_rank(a) - deb_rank(b);
			if (c != 0)
				return c < 0 ? -1 : 1;
			a = bytes_behind(a, 1);
			b = bytes_behind(b, 1);
		}
		x = run(&a, true);
		y = run(&b, true);
		c = order_digits(x, y);
		if (c != 0)
			return c;
	}
	return 0;
}

static void deb_split(
	struct bytes v, struct bytes *epoch, struct bytes *upstream, struct bytes *revision)
{
	struct bytes left, right;
	size_t       dash = SIZE_MAX;

	*epoch = (struct bytes){ 0 };
	if (line_cut(v, ':', &left, &right)) {
		*epoch = left;
		v      = right;
	}
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] == '-')
			dash = i;
	*upstream = dash == SIZE_MAX ? v : (struct bytes){ v.p, dash };
	*revision = dash == SIZE_MAX ? (struct bytes){ 0 } : bytes_behind(v, dash + 1);
}

int version_deb(struct bytes a, struct bytes b)
{
	struct bytes ae, au, ar, be, bu, br;
	int          c;

	deb_split(a, &ae, &au, &ar);
	deb_split(b, &be, &bu, &br);
	c = order_digits(ae, be);
	if (c == 0)
		c = deb_part(au, bu);
	return c != 0 ? c : deb_part(ar, br);
}
