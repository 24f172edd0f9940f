/* SPDX-License-Identifier: Apache-2.0
 *
 * nvidia-evidence 8.4 as tables: the attributes of the root and its children, and the signature element by element. In
 * the signature what a table does not list is refused. On the root, Entity and Meta, which the signature covers, an
 * attribute that nobody reads is let be: newer RIMs may have more. */
#include "format/rim.h"

#include "base/base64.h"
#include "base/show.h"
#include "base/xml.h"

enum rule { IS, ANY, TEXT, VERSION, TAG_ID };

struct attribute {
	const char *ns, *name;
	enum rule   rule;
	const char *value; /* for IS */
	size_t      view;  /* place in struct rim; 0 (where doc is): not kept */
	bool        may;   /* it may be absent */
};

#define VIEW(member) offsetof(struct rim, member)

/* nvidia-evidence 5.3. A patch, supplement or corpus tag would amend another document. */
static const struct attribute identity[] = {
	{ NULL, "name", TEXT, NULL, VIEW(name) },
	{ NULL, "tagId", TAG_ID, NULL, VIEW(tag_id) },
	{ NULL, "version", ANY, NULL, 0, true },
	{ NULL, "tagVersion", ANY, NULL, 0, true },
	{ NULL, "corpus", IS, "false", 0, true },
	{ NULL, "patch", IS, "false", 0, true },
	{ NULL, "supplemental", IS, "false", 0, true },
};

static const struct attribute entity[] = {
	{ NULL, "name", ANY, NULL, 0, true },
	{ NULL, "role", ANY, NULL, 0, true },
};

static const struct attribute meta[] = {
	{ NULL, "colloquialVersion", VERSION, NULL, VIEW(version) },
	{ NULL, "edition", TEXT, NULL, VIEW(edition) },
	{ NULL, "product", TEXT, NULL, VIEW(product) },
	{ NULL, "revision", ANY, NULL, 0, true }, { NULL, "PayloadType", IS, "direct", 0 },
	{ RIM_NS_TCG, "BindingSpec", IS, "RIMIM", 0, true },
	{ RIM_NS_TCG, "BindingSpecVersion", ANY, NULL, 0, true },
	{ RIM_NS_TCG, "PlatformManufacturerId", ANY, NULL, 0, true },
	{ RIM_NS_TCG, "PlatformManufacturerStr", ANY, NULL, 0, true },
	{ RIM_NS_TCG, "PlatformModel", ANY, NULL, 0, true },
	{ RIM_NS_TCG, "FirmwareManufacturer", ANY, NULL, 0, true },
	{ RIM_NS_TCG, "FirmwareManufacturerId", IS, "5703", 0 }, /* IANA: NVIDIA */
};

static const struct {
	const char             *ns, *name;
	const struct attribute *attributes;
	size_t                  n;
} children[] = {
	{ RIM_NS_SWID, "Entity", entity, ARRAY_LEN(entity) },
	{ RIM_NS_SWID, "Meta", meta, ARRAY_LEN(meta) },
	{ RIM_NS_SWID, "Payload", NULL, 0 },
	{ RIM_NS_DSIG, "Signature", NULL, 0 },
};

#define PAYLOAD   2
#define SIGNATURE 3

#define C14N11       "http://www.w3.org/2006/12/xml-c14n11"
#define ENVELOPED    "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
#define ECDSA_SHA384 "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"
#define SHA384       "http://www.w3.org/2001/04/xmldsig-more#sha384"

/* The signature in document order, nvidia-evidence 5.4: nothing else, in no other order. The last row may repeat: how long
 * a chain is, is for the check of the chain. */
static const struct {
	unsigned    depth;
	const char *name, *attribute, *value; /* the only attribute, or NULL */
	size_t      min, max;                 /* bytes of base64 content; 0: no text */
	bool        certificate;
} shape[] = {
	{ 0, "Signature" },
	{ 1, "SignedInfo" },
	{ 2, "CanonicalizationMethod", "Algorithm", C14N11 },
	{ 2, "SignatureMethod", "Algorithm", ECDSA_SHA384 },
	{ 2, "Reference", "URI", "" },
	{ 3, "Transforms" },
	{ 4, "Transform", "Algorithm", ENVELOPED },
	{ 4, "Transform", "Algorithm", C14N11 },
	{ 3, "DigestMethod", "Algorithm", SHA384 },
	{ 3, "DigestValue", .min = 48, .max = 48 },
	{ 1, "SignatureValue", .min = 96, .max = 96 },
	{ 1, "KeyInfo" },
	{ 2, "X509Data" },
	{ 3, "X509Certificate", .min = 1, .max = RIM_CERTIFICATE_MAX, .certificate = true },
};

static struct bytes name_of(const xmlChar *name)
{
	return bytes_text((const char *)name);
}

static bool in_set(struct bytes v, const char *set)
{
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] == 0 || strchr(set, v.p[i]) == NULL)
			return false;
	return true;
}

static bool printable(struct bytes v)
{
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] < ' ' || v.p[i] > '~')
			return false;
	return true;
}

static bool holds(const struct attribute *row, struct bytes v)
{
	static const char hex[] = "0123456789abcdefABCDEF";
	static const char version[] =
		".0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	switch (row->rule) {
	case IS:
		return bytes_equal(v, bytes_text(row->value));
	case ANY: /* nobody reads it; xml_read() bounds it */
		return true;
	case TEXT:
		return v.n >= 1 && v.n <= RIM_TEXT && printable(v);
	case VERSION:
		return v.n >= 1 && v.n <= RIM_TEXT && in_set(v, version);
	case TAG_ID:
		return v.n == 2 * RIM_DIGEST && in_set(v, hex);
	}
	return false;
}

static bool same_name(const xmlAttr *a, const struct attribute *row)
{
	return bytes_equal(name_of(a->name), bytes_text(row->name));
}

static bool listed(const xmlAttr *a, const struct attribute *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool same = a->ns == NULL ? rows[i].ns == NULL
					  : rows[i].ns != NULL &&
				bytes_equal(name_of(a->ns->href), bytes_text(rows[i].ns));

		if (same && same_name(a, &rows[i]))
			return true;
	}
	return false;
}

/* An attribute that is not in the table, where others may stand: not one of XML's own but for the language, which tags
 * of the SWID schema may name (xml:base changes what references mean), nor a known name in another namespace, which another reader could take for the real one. */
static bool harmless(const xmlAttr *a, const struct attribute *rows, size_t n)
{
	if (a->ns != NULL && bytes_equal(name_of(a->ns->href), BYTES(RIM_NS_XML)))
		return bytes_equal(name_of(a->name), BYTES("lang"));
	for (size_t i = 0; i < n; i++)
		if (same_name(a, &rows[i]))
			return false;
	return true;
}

/* The attributes of a table. closed: and no others. None is there twice under two prefixes: xml_read() has seen to it. */
static enum assay_code read_attributes(const xmlNode *node, const struct attribute *rows,
	size_t n, bool closed, struct rim *out, struct assay_err *e)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
		if (!listed(a, rows, n) && (closed || !harmless(a, rows, n)))
			return err_set(e, ASSAY_RIM_STRUCTURE, "%s has an attribute %s",
				SHOW(name_of(node->name)), SHOW(name_of(a->name)));
	for (size_t i = 0; i < n; i++) {
		struct bytes v = xml_attribute(node, rows[i].ns, rows[i].name);

		if (v.p == NULL && rows[i].may)
			continue;
		if (v.p == NULL)
			return err_set(e, ASSAY_RIM_STRUCTURE, "%s without %s",
				SHOW(name_of(node->name)), rows[i].name);
		if (!holds(&rows[i], v))
			return err_set(e, ASSAY_RIM_STRUCTURE, "%s with %s=\"%s\"",
				SHOW(name_of(node->name)), rows[i].name, SHOW(v));
		if (rows[i].view != 0)
			memcpy((char *)out + rows[i].view, &v, sizeof(v));
	}
	return ASSAY_OK;
}

/* The next node after this one and all that is in it, below top, in document order. */
static xmlNode *after(xmlNode *node, const xmlNode *top)
{
	while (node != top && node->next == NULL)
		node = node->parent;
	return node == top ? NULL : node->next;
}

static xmlNode *following(xmlNode *node, const xmlNode *top)
{
	if (node->type == XML_ELEMENT_NODE && node->children != NULL)
		return node->children;
	return after(node, top);
}

static enum assay_code check_blank(const xmlNode *node, struct assay_err *e)
{
	if (node->type != XML_TEXT_NODE)
		return err_set(e, ASSAY_RIM_STRUCTURE,
			"a comment, which the signature does not cover and no RIM of NVIDIA's has: fetch it as it is published");
	if (!in_set(name_of(node->content), " \t\r\n"))
		return err_set(e, ASSAY_RIM_STRUCTURE, "text in %s: \"%s\"",
			SHOW(name_of(node->parent->name)), SHOW(name_of(node->content)));
	return ASSAY_OK;
}

/* xmlsec looks attributes up by their local name alone, and Id makes a node a target of references. */
static enum assay_code check_ids(const xmlNode *node, struct assay_err *e)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
		if (xmlStrcasecmp(a->name, (const xmlChar *)"id") == 0)
			return err_set(e, ASSAY_RIM_STRUCTURE, "%s with an attribute %s",
				SHOW(name_of(node->name)), SHOW(name_of(a->name)));
	return ASSAY_OK;
}

static bool is_dsig(const xmlNode *node)
{
	return node->ns != NULL && bytes_equal(name_of(node->ns->href), BYTES(RIM_NS_DSIG));
}

/* Everything that is not in the signature. */
static enum assay_code check_outside(xmlDoc *doc, xmlNode *signature, struct assay_err *e)
{
	const xmlNode *top  = (const xmlNode *)doc;
	xmlNode       *node = doc->children;

	while (node != NULL) {
		if (node == signature) {
			node = after(node, top);
			continue;
		}
		if (node->type != XML_ELEMENT_NODE) {
			TRY(check_blank(node, e));
		} else {
			if (is_dsig(node))
				return err_set(e, ASSAY_RIM_STRUCTURE,
					"ds:%s outside of the signature",
					SHOW(name_of(node->name)));
			TRY(check_ids(node, e));
		}
		node = following(node, top);
	}
	return ASSAY_OK;
}

static unsigned depth_of(const xmlNode *node, const xmlNode *top)
{
	unsigned depth = 0;

	for (; node != top; node = node->parent)
		depth++;
	return depth;
}

/* The base64 content of one element, into out. */
static enum assay_code read_content(
	const xmlNode *node, size_t row, struct buf *out, struct assay_err *e)
{
	struct bytes text = xml_content(node);

	if (text.p == NULL)
		return err_set(e, ASSAY_RIM_STRUCTURE, "ds:%s is not text", shape[row].name);
	if (base64_decode(text, true, out, e) == ASSAY_INPUT_BASE64)
		return err_set(e, ASSAY_RIM_STRUCTURE, "ds:%s is not base64", shape[row].name);
	TRY(buf_ok(out, e));
	if (out->n < shape[row].min || out->n > shape[row].max)
		return err_set(
			e, ASSAY_RIM_STRUCTURE, "ds:%s of %zu bytes", shape[row].name, out->n);
	return ASSAY_OK;
}

static enum assay_code check_element(
	const xmlNode *node, const xmlNode *top, size_t row, struct assay_err *e)
{
	struct attribute only = { NULL, shape[row].attribute, IS, shape[row].value, 0, false };

	if (!xml_is(node, RIM_NS_DSIG, shape[row].name) ||
		depth_of(node, top) != shape[row].depth)
		return err_set(e, ASSAY_RIM_STRUCTURE, "%s in the place of ds:%s",
			SHOW(name_of(node->name)), shape[row].name);
	return read_attributes(
		node, &only, shape[row].attribute != NULL ? 1 : 0, true, NULL, e);
}

static enum assay_code read_certificate(
	const xmlNode *node, size_t row, struct rim *rim, struct assay_err *e)
{
	if (rim->certificates == RIM_CERTIFICATES_MAX)
		return err_set(e, ASSAY_RIM_STRUCTURE, "more than %d certificates",
			RIM_CERTIFICATES_MAX);
	return read_content(node, row, &rim->certificate[rim->certificates++], e);
}

/* One element of the signature; *row is the next that may come. */
static enum assay_code read_element(
	const xmlNode *node, struct rim *rim, size_t *row, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf value = { 0 };
	size_t                       last  = ARRAY_LEN(shape) - 1;

	if (*row > last && !xml_is(node, RIM_NS_DSIG, shape[last].name))
		return err_set(e, ASSAY_RIM_STRUCTURE, "%s at the signature's end",
			SHOW(name_of(node->name)));
	if (*row > last)
		*row = last; /* once more */
	TRY(check_element(node, rim->signature, *row, e));
	if (shape[*row].certificate)
		TRY(read_certificate(node, *row, rim, e));
	else if (shape[*row].max != 0)
		TRY(read_content(node, *row, &value, e));
	++*row;
	return ASSAY_OK;
}

static enum assay_code read_signature(struct rim *rim, struct assay_err *e)
{
	xmlNode *top = rim->signature;
	size_t   row = 0;

	for (xmlNode *node = top; node != NULL; node = following(node, top)) {
		if (node->type == XML_ELEMENT_NODE) {
			TRY(read_element(node, rim, &row, e));
			continue;
		}
		if (shape[row - 1].max == 0 || node->type != XML_TEXT_NODE ||
			!xml_is(node->parent, RIM_NS_DSIG, shape[row - 1].name))
			TRY(check_blank(node, e));
	}
	if (row != ARRAY_LEN(shape))
		return err_set(
			e, ASSAY_RIM_STRUCTURE, "the signature has no ds:%s", shape[row].name);
	return ASSAY_OK;
}

static enum assay_code read_children(xmlNode *root, struct rim *rim, struct assay_err *e)
{
	xmlNode *node = xml_child(root);

	for (size_t i = 0; i < ARRAY_LEN(children); i++, node = xml_next(node)) {
		if (!xml_is(node, children[i].ns, children[i].name))
			return err_set(e, ASSAY_RIM_STRUCTURE, "%s in the place of %s",
				node == NULL ? "nothing" : SHOW(name_of(node->name)),
				children[i].name);
		TRY(read_attributes(
			node, children[i].attributes, children[i].n, i == PAYLOAD, rim, e));
		if (i < PAYLOAD && xml_child(node) != NULL)
			return err_set(
				e, ASSAY_RIM_STRUCTURE, "%s is not empty", children[i].name);
		if (i == PAYLOAD)
			rim->payload = node;
		if (i == SIGNATURE)
			rim->signature = node;
	}
	if (node != NULL)
		return err_set(e, ASSAY_RIM_STRUCTURE, "%s behind the signature",
			SHOW(name_of(node->name)));
	return ASSAY_OK;
}

/* Elements of the opaque-data namespace may stand here for rim_values() to refuse in its own words. */
static enum assay_code check_payload(const xmlNode *payload, struct assay_err *e)
{
	for (const xmlNode *node = xml_child(payload); node != NULL; node = xml_next(node)) {
		bool newer = node->ns != NULL &&
			bytes_equal(name_of(node->ns->href), BYTES(RIM_NS_OPAQUE));

		if (!newer && !xml_is(node, RIM_NS_SWID, "Resource"))
			return err_set(e, ASSAY_RIM_STRUCTURE, "%s in the payload",
				SHOW(name_of(node->name)));
		if (!newer && xml_child(node) != NULL)
			return err_set(e, ASSAY_RIM_STRUCTURE, "Resource is not empty");
	}
	return ASSAY_OK;
}

enum assay_code rim_parse(struct bytes xml, struct rim *out, struct assay_err *e)
{
	CLEANUP(rim_done) struct rim rim = { 0 };
	xmlNode                     *root;

	TRY(xml_read(xml, &rim.doc, e));
	root = xmlDocGetRootElement(rim.doc);
	if (!xml_is(root, RIM_NS_SWID, "SoftwareIdentity"))
		return err_set(e, ASSAY_RIM_STRUCTURE, "the root is %s, not SoftwareIdentity",
			SHOW(name_of(root->name)));
	TRY(read_attributes(root, identity, ARRAY_LEN(identity), false, &rim, e));
	TRY(read_children(root, &rim, e));
	TRY(check_payload(rim.payload, e));
	TRY(check_outside(rim.doc, rim.signature, e));
	TRY(read_signature(&rim, e));
	*out = rim;
	rim  = (struct rim){ 0 };
	return ASSAY_OK;
}

void rim_done(struct rim *rim)
{
	xmlFreeDoc(rim->doc);
	for (size_t i = 0; i < RIM_CERTIFICATES_MAX; i++)
		buf_done(&rim->certificate[i]);
	*rim = (struct rim){ 0 };
}

enum rim_kind rim_kind(const struct rim *rim)
{
	static const char vbios[] = "hh.hh.hh.hh.hh";

	if (bytes_equal(rim->edition, BYTES("SWITCH")))
		return RIM_BIOS;
	if (rim->version.n != sizeof(vbios) - 1)
		return RIM_DRIVER;
	for (size_t i = 0; i < rim->version.n; i++) {
		bool dot = rim->version.p[i] == '.';
		bool hex = in_set(
			(struct bytes){ rim->version.p + i, 1 }, "0123456789abcdefABCDEF");

		if (vbios[i] == '.' ? !dot : !hex)
			return RIM_DRIVER;
	}
	return RIM_VBIOS;
}

const char *rim_kind_name(enum rim_kind kind)
{
	static const char *const names[RIM_KINDS] = {
		[RIM_DRIVER] = "driver",
		[RIM_VBIOS]  = "VBIOS",
		[RIM_BIOS]   = "BIOS",
	};

	return names[kind];
}
