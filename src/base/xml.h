/* SPDX-License-Identifier: Apache-2.0
 *
 * Strict XML over libxml2: one document, UTF-8, no DTD, no entity reference, no processing instruction, bounded in
 * size, depth, nodes and attribute length, no network, no file. The tree stays libxml2's; whitespace is kept as it
 * came, since signatures are checked over the same tree. */
#ifndef BASE_XML_H
#define BASE_XML_H

#include <libxml/tree.h>

#include "base/buf.h"

#define XML_SIZE       (1024 * 1024) /* nvidia-evidence 8.1; real RIMs have 20-26 KB */
#define XML_LEVEL      16
#define XML_NODES      4096
#define XML_ATTRIBUTE  1024
#define XML_ATTRIBUTES 64 /* of one element, namespaces too; a RIM's Resource may have 22 */

AUTO_PTR(xmlDoc, xmlFreeDoc)

/* ASSAY_INPUT_SIZE, ASSAY_XML_PARSE, ASSAY_XML_DTD, ASSAY_XML_LIMIT. *out is the caller's, for xmlFreeDoc(). */
enum assay_code xml_read(struct bytes text, xmlDoc **out, struct assay_err *e);

/* Is this an element of that name and namespace URI (NULL: none)? Prefixes do not matter. */
bool xml_is(const xmlNode *node, const char *ns, const char *name);

/* The first child element, or the next sibling element; NULL at the end. */
xmlNode *xml_child(const xmlNode *node);
xmlNode *xml_next(const xmlNode *node);

/* An attribute's value, borrowed from the tree (p == NULL: absent). Values are single text nodes here. */
struct bytes xml_attribute(const xmlNode *node, const char *ns, const char *name);

/* The text of an element that has nothing but text; p == NULL otherwise. */
struct bytes xml_content(const xmlNode *node);

#endif
