/* SPDX-License-Identifier: Apache-2.0
 *
 * What is accepted has no DTD, no entity, no instruction and no CDATA; depth, nodes and values are within bounds; names
 * and values that are lent end inside their strings. */
#include "fuzz.h"

#include "base/xml.h"

static size_t count_values(xmlNode *node)
{
	size_t n = 0;

	for (xmlNs *ns = node->nsDef; ns != NULL; ns = ns->next, n++)
		HOLDS(xmlStrlen(ns->href) <= XML_ATTRIBUTE);
	for (xmlAttr *a = node->properties; a != NULL; a = a->next, n++) {
		const char  *ns = a->ns == NULL ? NULL : (const char *)a->ns->href;
		struct bytes v  = xml_attribute(node, ns, (const char *)a->name);

		HOLDS(v.p != NULL && v.n <= XML_ATTRIBUTE);
	}
	return n;
}

/* The bound of depth is what ends the recursion. */
static size_t count(xmlNode *first, size_t level)
{
	size_t n = 0;

	for (xmlNode *node = first; node != NULL; node = node->next, n++) {
		HOLDS(node->type == XML_ELEMENT_NODE || node->type == XML_TEXT_NODE ||
			node->type == XML_COMMENT_NODE);
		if (node->type != XML_ELEMENT_NODE)
			continue;
		HOLDS(level <= XML_LEVEL);
		xml_content(node);
		n += count_values(node) + count(node->children, level + 1);
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(xmlDoc)    *doc = NULL;
	struct assay_err e   = { 0 };

	if (xml_read((struct bytes){ data, size }, &doc, &e) != ASSAY_OK) {
		HOLDS(doc == NULL && e.code != ASSAY_OK && assay_err_text(&e)[0] != 0);
		return 0;
	}
	HOLDS(doc->intSubset == NULL && doc->extSubset == NULL);
	HOLDS(count(doc->children, 1) <= XML_NODES);
	HOLDS(xmlDocGetRootElement(doc) != NULL);
	return 0;
}
