/* SPDX-License-Identifier: Apache-2.0
 *
 * What rim_parse() gives is whole and comes out the same twice; what rim_values() gives lies in its pool and is never
 * empty. */
#include "format/rim.h"
#include "fuzz.h"

/* Attribute values are of the tree: their bytes and their end are an attribute's. */
static void check_view(const struct rim *rim, struct bytes view)
{
	const xmlNode *root = xmlDocGetRootElement(rim->doc);

	HOLDS(view.n >= 1 && view.n <= 2 * RIM_DIGEST && view.p[view.n] == 0);
	for (const xmlNode *node = root; node != NULL;
		node             = node == root ? root->children : node->next)
                for (const xmlAttr *a = node->type == XML_ELEMENT_NODE ? node->properties
										   : NULL;
                        a != NULL; a  = a->next)
                        if (a->children != NULL && a->children->content == view.p)
                                return;
	HOLDS(false);
}

static void check_rim(const struct rim *rim)
{
	const struct bytes views[] = { rim->name, rim->tag_id, rim->version, rim->edition,
		rim->product };

	for (size_t i = 0; i < ARRAY_LEN(views); i++)
		check_view(rim, views[i]);
	for (size_t i = 0; i < rim->certificates; i++)
		HOLDS(rim->certificate[i].n >= 1 &&
			rim->certificate[i].n <= RIM_CERTIFICATE_MAX);
	HOLDS(rim->signature->doc == rim->doc && rim->payload->doc == rim->doc);
	HOLDS(rim->signature->parent == xmlDocGetRootElement(rim->doc));
	HOLDS(rim->payload->parent == xmlDocGetRootElement(rim->doc));
	HOLDS(rim_kind(rim) < RIM_KINDS);
}

static void check_golden(const struct golden *g)
{
	size_t active = 0, values = 0;

	for (size_t i = 0; i < RIM_INDICES; i++) {
		const struct golden_entry *entry = &g->entry[i];

		HOLDS((entry->digest != NULL) == (entry->alternatives != 0));
		HOLDS(entry->alternatives <= RIM_ALTERNATIVES);
		HOLDS(memchr(entry->name, 0, sizeof(entry->name)) != NULL);
		active += entry->alternatives != 0;
		values += entry->alternatives;
	}
	HOLDS(active >= 1 && active == g->active);
	for (size_t i = 0; i < RIM_INDICES; i++)
		if (g->entry[i].alternatives != 0)
			HOLDS(g->entry[i].digest >= g->pool &&
				g->entry[i].digest +
						(size_t)g->entry[i].alternatives * RIM_DIGEST <=
					g->pool + values * RIM_DIGEST);
}

static bool same_values(const struct golden *a, const struct golden *b)
{
	for (size_t i = 0; i < RIM_INDICES; i++) {
		const struct golden_entry *x = &a->entry[i], *y = &b->entry[i];

		if (x->alternatives != y->alternatives || strcmp(x->name, y->name) != 0 ||
			(x->alternatives != 0 &&
				memcmp(x->digest, y->digest,
					(size_t)x->alternatives * RIM_DIGEST) != 0))
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(rim_done) struct rim       first = { 0 }, again = { 0 };
	CLEANUP(golden_done) struct golden one = { 0 }, other = { 0 };
	struct assay_err                   e = { 0 }, f = { 0 };
	struct bytes                       in   = { data, size };
	enum assay_code                    code = rim_parse(in, &first, &e);

	HOLDS(code == rim_parse(in, &again, &f));
	HOLDS(strcmp(assay_err_text(&e), assay_err_text(&f)) == 0);
	if (code != ASSAY_OK)
		return 0;
	check_rim(&first);
	for (size_t i = 0; i < first.certificates; i++)
		HOLDS(bytes_equal(
			buf_bytes(&first.certificate[i]), buf_bytes(&again.certificate[i])));
	code = rim_values(&first, &one, &e);
	HOLDS(code == rim_values(&again, &other, &f));
	if (code != ASSAY_OK)
		return 0;
	check_golden(&one);
	HOLDS(same_values(&one, &other));
	return 0;
}
