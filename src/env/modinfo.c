/* SPDX-License-Identifier: Apache-2.0 */
#include "env/modinfo.h"

#include "base/rd.h"
#include "env/line.h"

#define SECTION 64 /* bytes of a section header */

static uint64_t u64le(struct bytes b, size_t at)
{
	uint64_t v = 0;

	for (size_t i = 8; i > 0; i--)
		v = v << 8 | b.p[at + i - 1];
	return v;
}

static bool part(struct bytes file, uint64_t at, uint64_t n, struct bytes *out)
{
	if (at > file.n || n > file.n - at)
		return false;
	*out = (struct bytes){ file.p + at, (size_t)n };
	return true;
}

/* Header i of the table: its name's offset, and what it covers. */
static bool section(
	struct bytes file, struct bytes table, size_t i, uint32_t *name, struct bytes *content)
{
	struct rd r = { .in = { table.p + i * SECTION, SECTION } };

	*name = rd_u32le(&r);
	return part(file, u64le(r.in, 24), u64le(r.in, 32), content);
}

static bool modinfo_section(struct bytes file, struct bytes *out)
{
	static const char want[] = ".modinfo";
	struct bytes      table, names, content;
	uint32_t          name;
	struct rd         r = { .in = file };
	uint16_t          count, index;

	if (file.n < 64 ||
		!bytes_begin(file,
			BYTES("\x7f"
			      "ELF\x02\x01")))
		return false;
	r.at = 58;
	if (rd_u16le(&r) != SECTION)
		return false;
	count = rd_u16le(&r);
	index = rd_u16le(&r);
	if (index >= count || !part(file, u64le(file, 40), (uint64_t)count * SECTION, &table) ||
		!section(file, table, index, &name, &names))
		return false;
	for (size_t i = 0; i < count; i++)
		if (section(file, table, i, &name, &content) && name < names.n &&
			names.n - name >= sizeof(want) &&
			memcmp(names.p + name, want, sizeof(want)) == 0) {
			*out = content;
			return true;
		}
	return false;
}

bool modinfo_find(struct bytes file, const char *name, struct bytes *value)
{
	struct bytes rest, one, left, right;

	if (!modinfo_section(file, &rest))
		return false;
	while (rest.n > 0) {
		line_cut(rest, 0, &one, &rest);
		if (line_cut(one, '=', &left, &right) && bytes_equal(left, bytes_text(name))) {
			*value = right;
			return true;
		}
	}
	return false;
}
