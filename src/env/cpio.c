/* SPDX-License-Identifier: Apache-2.0 */
#include "env/cpio.h"

#include "base/hex.h"
#include "base/rd.h"
#include "env/line.h"

#define HEADER 110 /* bytes: the magic and 13 fields of 8 digits */
#define FIELDS 13

enum field {
	FIELD_MODE = 1,
	FIELD_SIZE = 6,
	FIELD_NAME = 11,
};

static const struct {
	const char  *name;
	struct bytes magic;
} packings[] = {
	{ "gzip", { (const uint8_t *)"\x1f\x8b", 2 } },
	{ "xz",
		{ (const uint8_t *)"\xfd"
				   "7zXZ\0",
			6 } },
	{ "zstd", { (const uint8_t *)"\x28\xb5\x2f\xfd", 4 } },
	{ "lz4", { (const uint8_t *)"\x02\x21\x4c\x18", 4 } },
	{ "lz4", { (const uint8_t *)"\x04\x22\x4d\x18", 4 } },
	{ "bzip2", { (const uint8_t *)"BZh", 3 } },
	{ "lzop", { (const uint8_t *)"\x89LZO", 4 } },
	{ "lzma", { (const uint8_t *)"\x5d\0\0", 3 } },
};

static const char *packing(struct bytes b)
{
	for (size_t i = 0; i < ARRAY_LEN(packings); i++)
		if (bytes_begin(b, packings[i].magic))
			return packings[i].name;
	return NULL;
}

static bool hex8(const uint8_t digits[8], uint32_t *out)
{
	uint32_t v = 0;

	for (size_t i = 0; i < 8; i++) {
		const int d = hex_digit(digits[i]);

		if (d < 0)
			return false;
		v = v << 4 | (uint32_t)d;
	}
	*out = v;
	return true;
}

/* Names and contents begin at multiples of four of the image. */
static void pad(struct rd *r)
{
	if (rd_left(r) > 0 && r->at % 4 != 0)
		rd_take(r, 4 - r->at % 4 < rd_left(r) ? 4 - r->at % 4 : rd_left(r));
}

static struct bytes plain_name(struct bytes name)
{
	while (bytes_begin(name, BYTES("./")) || bytes_begin(name, BYTES("/")))
		name = bytes_behind(name, name.p[0] == '/' ? 1 : 2);
	return name;
}

static enum assay_code member(struct cpio *c, struct cpio_member *out, struct assay_err *e)
{
	struct rd    r = { .in = c->in, .at = c->at };
	struct bytes h = rd_take(&r, HEADER), name;
	uint32_t     field[FIELDS];

	TRY(rd_ok(&r, "a cpio header", e));
	for (size_t i = 0; i < FIELDS; i++)
		if (!hex8(h.p + 6 + 8 * i, &field[i]))
			return err_set(e, ASSAY_INPUT_KIND,
				"a cpio header at %zu has a field "
				"that is no number",
				c->at);
	if (field[FIELD_NAME] == 0 || field[FIELD_NAME] > CPIO_NAME)
		return err_set(e, ASSAY_INPUT_KIND,
			"a cpio header at %zu has a name of %u bytes", c->at,
			(unsigned)field[FIELD_NAME]);
	name = rd_take(&r, field[FIELD_NAME]);
	pad(&r);
	*out = (struct cpio_member){ .mode = field[FIELD_MODE],
		.content                   = rd_take(&r, field[FIELD_SIZE]) };
	TRY(rd_ok(&r, "a cpio member", e));
	pad(&r);
	if (name.p[name.n - 1] != 0)
		return err_set(e, ASSAY_INPUT_KIND, "a name in a cpio archive has no end");
	name.n--;
	out->name = plain_name(name);
	c->at     = r.at;
	return ASSAY_OK;
}

enum assay_code cpio_next(
	struct cpio *c, struct cpio_member *out, bool *more, struct assay_err *e)
{
	struct cpio_member m;

	for (;;) {
		struct bytes rest;

		while (c->at < c->in.n && c->in.p[c->at] == 0)
			c->at++; /* archives are padded, to 512 or more */
		rest  = bytes_behind(c->in, c->at);
		*more = false;
		if (rest.n == 0)
			return ASSAY_OK;
		c->packed = packing(rest);
		if (c->packed != NULL)
			return ASSAY_OK;
		if (!bytes_begin(rest, BYTES("070701")) && !bytes_begin(rest, BYTES("070702")))
			return err_set(e, ASSAY_INPUT_KIND,
				"at %zu is neither cpio nor a packing that is known", c->at);
		TRY(member(c, &m, e));
		if (!bytes_equal(m.name, BYTES("TRAILER!!!")))
			break;
		c->archives++;
	}
	*out  = m;
	*more = true;
	return ASSAY_OK;
}
