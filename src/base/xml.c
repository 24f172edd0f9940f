/* SPDX-License-Identifier: Apache-2.0
 *
 * nvidia-evidence 8.1 and 8.4: libxml2 with everything that reaches outside the document left off. */
#include "base/xml.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>

#include "base/rd.h"
#include "base/show.h"

AUTO_PTR(xmlParserCtxt, xmlFreeParserCtxt)

static const char *text_of(const xmlChar *s)
{
	return (const char *)s;
}

/* External entities are refused for this parser alone; a process-wide loader would change the host program. */
static xmlParserInputPtr no_entity(
	void *ctx, const xmlChar *public_id, const xmlChar *system_id)
{
	(void)ctx;
	(void)public_id;
	(void)system_id;
	return NULL;
}

/* What ended the parser. */
struct stop {
	bool dtd, deep;
};

/* A DTD ends the parser before it reads one declaration: nothing is expanded, defaulted or fetched. */
static void dtd_seen(
	void *ctx, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
	xmlParserCtxt *ctxt = ctx;

	(void)name;
	(void)public_id;
	(void)system_id;
	((struct stop *)ctxt->_private)->dtd = true;
	xmlStopParser(ctxt);
}

/* Each name is looked for among all the namespaces in scope: they are those of few elements. */
static void element_seen(void *ctx, const xmlChar *name, const xmlChar *prefix,
	const xmlChar *uri, int namespaces_n, const xmlChar **namespaces, int attributes_n,
	int defaulted_n, const xmlChar **attributes)
{
	xmlParserCtxt *ctxt = ctx;

	if (ctxt->nameNr >= XML_LEVEL) {
		((struct stop *)ctxt->_private)->deep = true;
		xmlStopParser(ctxt);
		return;
	}
	xmlSAX2StartElementNs(ctx, name, prefix, uri, namespaces_n, namespaces, attributes_n,
		defaulted_n, attributes);
}

static void no_message(void *ctx, xmlErrorPtr error)
{
	(void)ctx;
	(void)error;
}

static uint8_t past_blanks(struct rd *r)
{
	uint8_t c;

	do
		c = rd_u8(r);
	while (byte_blank(c));
	return c;
}

/* at: behind the word "encoding". */
static enum assay_code check_encoding(
	const uint8_t *at, const uint8_t *end, struct assay_err *e)
{
	struct rd      r     = { .in = { at, (size_t)(end - at) } };
	uint8_t        equal = past_blanks(&r), quote = past_blanks(&r);
	const uint8_t *close = memchr(r.in.p + r.at, quote, rd_left(&r));
	struct bytes   name;

	if (equal != '=' || (quote != '"' && quote != '\'') || close == NULL)
		return err_set(e, ASSAY_XML_PARSE, "not well-formed XML, line 1");
	name = rd_take(&r, (size_t)(close - (r.in.p + r.at)));
	if (name.n != 5 || strncasecmp((const char *)name.p, "UTF-8", 5) != 0)
		return err_set(e, ASSAY_XML_PARSE, "the encoding is %s, not UTF-8", SHOW(name));
	return ASSAY_OK;
}

/* A byte order mark or another encoding would let one reader see another document than the next. Asked before libxml2
 * reads it: for most encodings libc opens files and loads code of the system. Wherever the word stands in the
 * declaration, since libxml2 reads on behind what is wrong there. */
static enum assay_code check_declaration(struct bytes text, struct assay_err *e)
{
	const uint8_t *at = text.p, *end;

	if (bytes_begin(text, BYTES("\xef\xbb\xbf")))
		return err_set(e, ASSAY_XML_PARSE,
			"the document begins with a byte order mark; save it without");
	if (text.p[0] != '<')
		return err_set(e, ASSAY_XML_PARSE, "the document does not begin with <");
	if (!bytes_begin(text, BYTES("<?xml")))
		return ASSAY_OK;
	end = memmem(text.p, text.n, "?>", 2);
	if (end == NULL)
		return err_set(e, ASSAY_XML_PARSE, "the XML declaration does not end");
	while ((at = memmem(at, (size_t)(end - at), "encoding", 8)) != NULL) {
		at += 8;
		TRY(check_encoding(at, end, e));
	}
	return ASSAY_OK;
}

/* libxml2 compares each attribute and namespace of an element with all others, so that their number is bounded before
 * it parses, in each element and in all. Nodes have at most two "<", attributes one "="; no "<" stands inside a tag. */
static enum assay_code check_marks(struct bytes text, struct assay_err *e)
{
	size_t open = 0, equal = 0, inside = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '<') {
			open++;
			inside = 0;
		} else if (text.p[i] == '=') {
			equal++;
			inside++;
		}
		if (inside > XML_ATTRIBUTES)
			return err_set(
				e, ASSAY_XML_LIMIT, "more than %d attributes", XML_ATTRIBUTES);
	}
	if (open > 2 * XML_NODES + 2 || equal > 2 * XML_NODES)
		return err_set(e, ASSAY_XML_LIMIT, "more than %d nodes", XML_NODES);
	return ASSAY_OK;
}

static enum assay_code check_attributes(const xmlNode *node, size_t *nodes, struct assay_err *e)
{
	for (const xmlNs *ns = node->nsDef; ns != NULL; ns = ns->next) {
		++*nodes;
		if (xmlStrlen(ns->href) > XML_ATTRIBUTE)
			return err_set(e, ASSAY_XML_LIMIT,
				"a namespace of more than %d characters", XML_ATTRIBUTE);
	}
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		++*nodes;
		if (a->children == NULL)
			continue; /* an empty value */
		if (a->children->next != NULL || a->children->type != XML_TEXT_NODE)
			return err_set(
				e, ASSAY_XML_DTD, "an attribute with an entity reference");
		if (xmlStrlen(a->children->content) > XML_ATTRIBUTE)
			return err_set(e, ASSAY_XML_LIMIT,
				"an attribute of more than %d characters", XML_ATTRIBUTE);
	}
	return ASSAY_OK;
}

static enum assay_code check_node(const xmlNode *node, size_t *nodes, struct assay_err *e)
{
	++*nodes;
	switch (node->type) {
	case XML_ELEMENT_NODE:
		TRY(check_attributes(node, nodes, e));
		break;
	case XML_TEXT_NODE:
	case XML_COMMENT_NODE:
		break;
	case XML_CDATA_SECTION_NODE:
		return err_set(e, ASSAY_XML_PARSE, "a CDATA section");
	default:
		return err_set(
			e, ASSAY_XML_DTD, "an entity reference or a processing instruction");
	}
	if (*nodes > XML_NODES)
		return err_set(e, ASSAY_XML_LIMIT, "more than %d nodes", XML_NODES);
	return ASSAY_OK;
}

/* Walk the tree without recursion. */
static enum assay_code check_tree(const xmlDoc *doc, struct assay_err *e)
{
	const xmlNode *node  = doc->children;
	size_t         nodes = 0;

	while (node != NULL) {
		TRY(check_node(node, &nodes, e));
		if (node->type == XML_ELEMENT_NODE && node->children != NULL) {
			node = node->children;
			continue;
		}
		while (node != NULL && node->next == NULL)
			node = node->parent == (const xmlNode *)doc ? NULL : node->parent;
		node = node == NULL ? NULL : node->next;
	}
	return ASSAY_OK;
}

enum assay_code xml_read(struct bytes text, xmlDoc **out, struct assay_err *e)
{
	AUTO(xmlParserCtxt) *ctxt = NULL;
	AUTO(xmlDoc)        *doc  = NULL;
	struct stop          stop = { 0 };

	if (text.n == 0)
		return err_set(e, ASSAY_INPUT_SIZE, "empty");
	if (text.n > XML_SIZE)
		return err_set(e, ASSAY_INPUT_SIZE, "%zu bytes, over the limit of %d", text.n,
			XML_SIZE);
	if (memchr(text.p, 0, text.n) != NULL)
		return err_set(e, ASSAY_XML_PARSE, "a NUL byte");
	TRY(check_declaration(text, e));
	TRY(check_marks(text, e));
	ctxt = xmlNewParserCtxt();
	if (ctxt == NULL)
		return err_no_memory(e);
	ctxt->sax->resolveEntity  = no_entity;
	ctxt->sax->internalSubset = dtd_seen;
	ctxt->sax->startElementNs = element_seen;
	ctxt->sax->serror         = no_message;
	ctxt->_private            = &stop;
	doc = xmlCtxtReadMemory(ctxt, (const char *)text.p, (int)text.n, NULL, NULL,
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (doc == NULL && ctxt->errNo == XML_ERR_NO_MEMORY)
		return err_no_memory(e);
	if (stop.deep)
		return err_set(e, ASSAY_XML_LIMIT, "nested deeper than %d", XML_LEVEL);
	if (stop.dtd || (doc != NULL && (doc->intSubset != NULL || doc->extSubset != NULL)))
		return err_set(e, ASSAY_XML_DTD, "the document has a DTD");
	if (doc == NULL || !ctxt->wellFormed || !ctxt->nsWellFormed)
		return err_set(e, ASSAY_XML_PARSE, "not well-formed XML, line %d",
			ctxt->lastError.line);
	TRY(check_tree(doc, e));
	*out = TAKE(doc);
	return ASSAY_OK;
}

bool xml_is(const xmlNode *node, const char *ns, const char *name)
{
	if (node == NULL || node->type != XML_ELEMENT_NODE ||
		strcmp(text_of(node->name), name) != 0)
		return false;
	if (node->ns == NULL || node->ns->href == NULL)
		return ns == NULL;
	return ns != NULL && strcmp(text_of(node->ns->href), ns) == 0;
}

static xmlNode *element(xmlNode *node)
{
	while (node != NULL && node->type != XML_ELEMENT_NODE)
		node = node->next;
	return node;
}

xmlNode *xml_child(const xmlNode *node)
{
	return node == NULL ? NULL : element(node->children);
}

xmlNode *xml_next(const xmlNode *node)
{
	return node == NULL ? NULL : element(node->next);
}

struct bytes xml_attribute(const xmlNode *node, const char *ns, const char *name)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		bool same = a->ns == NULL ? ns == NULL
					  : ns != NULL && strcmp(text_of(a->ns->href), ns) == 0;

		if (same && strcmp(text_of(a->name), name) == 0)
			return a->children == NULL ? BYTES("")
						   : bytes_text(text_of(a->children->content));
	}
	return (struct bytes){ 0 };
}

struct bytes xml_content(const xmlNode *node)
{
	const xmlNode *text = node->children;

	if (text == NULL || text->next != NULL || text->type != XML_TEXT_NODE)
		return (struct bytes){ 0 };
	return bytes_text(text_of(text->content));
}
