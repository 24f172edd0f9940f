/* SPDX-License-Identifier: Apache-2.0
 *
 * Golden values of a RIM whose signature holds: the Resource children of its payload, and nothing found by search
 * (nvidia-evidence 6.1, 6.4, and 8.3 items 3, 7 and 14). */
#include "base/hex.h"
#include "base/show.h"
#include "base/xml.h"
#include "format/rim.h"

#define FIXED 6 /* type, index, active, alternatives, name, size: the rest are hashes */

static const char *const hashes[RIM_ALTERNATIVES] = { "Hash0", "Hash1", "Hash2", "Hash3",
	"Hash4", "Hash5", "Hash6", "Hash7", "Hash8", "Hash9", "Hash10", "Hash11", "Hash12",
	"Hash13", "Hash14", "Hash15" };

/* What is read and not yet given away: offsets, because the pool moves while it grows. */
struct reading {
	struct golden golden;
	struct buf    pool;
	size_t        offset[RIM_INDICES];
	bool          seen[RIM_INDICES];
	bool          newer;
};

static void reading_done(struct reading *r)
{
	buf_done(&r->pool);
}

/* Decimal digits without sign, blank or leading zero, at most four (nvidia-evidence 8.4). */
static bool number(struct bytes text, unsigned min, unsigned max, unsigned *out)
{
	uint64_t n;

	if (text.n > 4 || (text.n > 1 && text.p[0] == '0') || !bytes_number(text, &n))
		return false;
	*out = (unsigned)n;
	return n >= min && n <= max;
}

static enum assay_code read_number(const xmlNode *node, const char *name, unsigned min,
	unsigned max, unsigned *out, struct assay_err *e)
{
	struct bytes v = xml_attribute(node, NULL, name);

	if (!number(v, min, max, out))
		return err_set(e, ASSAY_RIM_STRUCTURE, "%s is \"%s\"", name, SHOW(v));
	return ASSAY_OK;
}

static enum assay_code read_active(const xmlNode *node, bool *out, struct assay_err *e)
{
	struct bytes v = xml_attribute(node, NULL, "active");

	*out = bytes_equal(v, BYTES("True"));
	if (!*out && !bytes_equal(v, BYTES("False")))
		return err_set(e, ASSAY_RIM_STRUCTURE, "active is \"%s\"", SHOW(v));
	return ASSAY_OK;
}

static bool is_opaque(const xmlNs *ns)
{
	return ns != NULL && strcmp((const char *)ns->href, RIM_NS_OPAQUE) == 0;
}

static bool has_opaque(const xmlNode *node)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
		if (is_opaque(a->ns))
			return true;
	return false;
}

static bool is_measurement(const xmlNode *node)
{
	return bytes_equal(xml_attribute(node, NULL, "type"), BYTES("Measurement"));
}

static enum assay_code read_name(const xmlNode *node, char out[64], struct assay_err *e)
{
	struct bytes v = xml_attribute(node, NULL, "name");

	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] < ' ' || v.p[i] > '~')
			v.n = 0;
	if (v.n == 0 || v.n > 63)
		return err_set(
			e, ASSAY_RIM_STRUCTURE, "name is not 1 to 63 printable characters");
	memcpy(out, v.p, v.n);
	return ASSAY_OK;
}

/* As many attributes as there may be, each of them there (the others were asked for by name): so none is unknown. */
static enum assay_code read_hashes(
	const xmlNode *node, unsigned alternatives, uint8_t *out, struct assay_err *e)
{
	size_t there = 0;

	for (unsigned k = 0; k < alternatives; k++) {
		struct bytes v = xml_attribute(node, RIM_NS_SHA384, hashes[k]);

		if (v.p == NULL)
			return err_set(e, ASSAY_RIM_STRUCTURE,
				"no %s, with alternatives=\"%u\"", hashes[k], alternatives);
		if (hex_fixed(v, out + (size_t)k * RIM_DIGEST, RIM_DIGEST, e) != ASSAY_OK)
			return err_set(
				e, ASSAY_RIM_STRUCTURE, "%s is no SHA-384 digest", hashes[k]);
	}
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
		there++;
	if (there != FIXED + alternatives)
		return err_set(e, ASSAY_RIM_STRUCTURE, "%zu attributes where %u belong", there,
			FIXED + alternatives);
	return ASSAY_OK;
}

static enum assay_code read_measurement(
	const xmlNode *node, bool active, struct reading *r, struct assay_err *e)
{
	uint8_t             digest[RIM_ALTERNATIVES * RIM_DIGEST];
	struct golden_entry got = { 0 };
	unsigned            index, alternatives, size;

	TRY(read_number(node, "index", 0, RIM_INDICES - 1, &index, e));
	TRY(read_number(node, "alternatives", 1, RIM_ALTERNATIVES, &alternatives, e));
	TRY(read_number(node, "size", RIM_DIGEST, RIM_DIGEST, &size, e));
	TRY(read_name(node, got.name, e));
	TRY(read_hashes(node, alternatives, digest, e));
	if (r->seen[index])
		return err_set(e, ASSAY_RIM_STRUCTURE, "index %u is there twice", index);
	r->seen[index] = true;
	if (!active)
		return ASSAY_OK;
	got.alternatives       = (uint8_t)alternatives;
	r->offset[index]       = r->pool.n;
	r->golden.entry[index] = got;
	r->golden.active++;
	buf_put(&r->pool, digest, (size_t)alternatives * RIM_DIGEST);
	return ASSAY_OK;
}

static enum assay_code read_resource(
	const xmlNode *node, struct reading *r, struct assay_err *e)
{
	bool             active;
	struct assay_err none = { 0 };

	if (!xml_is(node, RIM_NS_SWID, "Resource")) {
		/* what it asks for, and whether it is active, its own namespace says */
		r->newer = true;
		return ASSAY_OK;
	}
	if (has_opaque(node)) { /* so that attributes may be absent, too */
		r->newer |= read_active(node, &active, &none) != ASSAY_OK || active;
		return ASSAY_OK;
	}
	if (xml_attribute(node, NULL, "type").p == NULL)
		return err_set(e, ASSAY_RIM_STRUCTURE, "no type");
	TRY(read_active(node, &active, e));
	if (is_measurement(node))
		return read_measurement(node, active, r, e);
	r->newer |= active;
	return ASSAY_OK;
}

enum assay_code rim_values(const struct rim *rim, struct golden *out, struct assay_err *e)
{
	CLEANUP(reading_done) struct reading r = { 0 };
	const xmlNode                       *node;
	size_t                               n = 0;

	for (node = xml_child(rim->payload); node != NULL; node = xml_next(node), n++)
		if (read_resource(node, &r, e) != ASSAY_OK)
			return err_wrap(e, "Resource %zu", n);
	TRY(buf_ok(&r.pool, e));
	if (r.newer)
		return err_set(e, ASSAY_RIM_NEWER,
			"the RIM has active entries that are no measurement");
	if (r.golden.active == 0)
		return err_set(
			e, ASSAY_RIM_EMPTY, "no active measurement among %zu entries", n);
	for (size_t i = 0; i < RIM_INDICES; i++)
		if (r.golden.entry[i].alternatives != 0)
			r.golden.entry[i].digest = r.pool.p + r.offset[i];
	r.golden.pool = TAKE(r.pool.p);
	*out          = r.golden;
	return ASSAY_OK;
}

void golden_done(struct golden *g)
{
	mem_free(g->pool);
	*g = (struct golden){ 0 };
}
