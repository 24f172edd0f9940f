/* SPDX-License-Identifier: Apache-2.0 */
#include "forge/rim_sign.h"

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <openssl/core_names.h>

#include "base/base64.h"
#include "base/xml.h"
#include "forge/ossl.h"

#define DS   RIM_SIGN_DS
#define C14N "http://www.w3.org/2006/12/xml-c14n11"
#define LINE 64

static void put_lines(struct bytes in, struct buf *out)
{
	CLEANUP(buf_done) struct buf text = { 0 };

	base64_encode(in, &text);
	for (size_t at = 0; at < text.n; at += LINE) {
		buf_put(out, text.p + at, text.n - at < LINE ? text.n - at : LINE);
		buf_byte(out, '\n');
	}
	out->failed = out->failed || text.failed;
}

void rim_certificates(const struct rim_plan *r, struct buf *out)
{
	buf_text(out, "<ds:X509Data>");
	for (size_t i = 0; i < ARRAY_LEN(r->cert) && r->cert[i] != NULL; i++) {
		CLEANUP(buf_done) struct buf der = { 0 };
		struct assay_err             e   = { 0 };

		if (pki_der(r->cert[i], &der, &e) != ASSAY_OK)
			out->failed = true;
		buf_text(out, "<ds:X509Certificate>");
		put_lines(buf_bytes(&der), out);
		buf_text(out, "</ds:X509Certificate>");
	}
	buf_text(out, "</ds:X509Data>");
}

/* What is left of the document: all of it, or an element and all below. */
static int is_visible(void *apex, xmlNodePtr node, xmlNodePtr parent)
{
	const xmlNode *at = node->type == XML_NAMESPACE_DECL ? parent : node;

	while (at != NULL && at != apex)
		at = at->parent;
	return apex == NULL || at != NULL;
}

static enum assay_code canonical(
	xmlDoc *doc, xmlNode *apex, struct buf *out, struct assay_err *e)
{
	xmlOutputBuffer *sink = xmlAllocOutputBuffer(NULL);

	if (sink == NULL ||
		xmlC14NExecute(doc, is_visible, apex, XML_C14N_1_1, NULL, 0, sink) < 0) {
		if (sink != NULL)
			xmlOutputBufferClose(sink);
		return err_set(e, ASSAY_INTERNAL, "a RIM: canonical XML");
	}
	buf_put(out, xmlOutputBufferGetContent(sink), xmlOutputBufferGetSize(sink));
	xmlOutputBufferClose(sink);
	return buf_ok(out, e);
}

static enum assay_code parse(const struct buf *text, xmlDoc **out, struct assay_err *e)
{
	*out = xmlReadMemory(
		(const char *)text->p, (int)text->n, "rim.xml", NULL, XML_PARSE_NONET);
	if (*out == NULL)
		return err_set(e, ASSAY_INTERNAL, "a RIM: not well-formed as written");
	return ASSAY_OK;
}

/* The one reference is the document without its Signature, which is what stands around it. */
static enum assay_code digest(const struct seed *s, struct bytes body, struct bytes end,
	uint8_t out[DIGEST], struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 }, bytes = { 0 };
	AUTO(xmlDoc)                *doc = NULL;

	buf_put(&text, body.p, body.n);
	buf_put(&text, end.p, end.n);
	TRY(buf_ok(&text, e));
	TRY(parse(&text, &doc, e));
	TRY(canonical(doc, NULL, &bytes, e));
	return seed_digest(s, "SHA384", buf_bytes(&bytes), out, e);
}

static void put_signed_info(
	const struct rim_plan *r, const uint8_t sum[DIGEST], struct buf *out)
{
	buf_printf(out,
		"<ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"" C14N
		"\"/><ds:SignatureMethod Algorithm=\"%s\"/><ds:Reference URI=\"%s\">"
		"<ds:Transforms><ds:Transform Algorithm=\"" DS "enveloped-signature\"/>"
		"<ds:Transform Algorithm=\"" C14N "\"/>",
		r->signature_method == NULL ? SIGNATURE_ECDSA : r->signature_method,
		r->uri == NULL ? "" : r->uri);
	if (r->transform != NULL)
		buf_printf(out, "<ds:Transform Algorithm=\"%s\"/>", r->transform);
	buf_text(out,
		"</ds:Transforms><ds:DigestMethod Algorithm=\""
		"http://www.w3.org/2001/04/xmldsig-more#sha384\"/><ds:DigestValue>");
	base64_encode((struct bytes){ sum, DIGEST }, out);
	buf_text(out, "</ds:DigestValue></ds:Reference></ds:SignedInfo>");
}

/* SignedInfo is canonicalised where it will stand, with the namespaces that are in scope there. */
static enum assay_code canonical_info(struct bytes body, struct bytes end,
	const struct buf *info, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	AUTO(xmlDoc)                *doc  = NULL;
	xmlNode                     *at   = NULL;

	buf_put(&text, body.p, body.n);
	buf_text(&text, "<ds:Signature xmlns:ds=\"" DS "\">");
	buf_put(&text, info->p, info->n);
	buf_text(&text, "</ds:Signature>");
	buf_put(&text, end.p, end.n);
	TRY(buf_ok(&text, e));
	TRY(parse(&text, &doc, e));
	at = xmlLastElementChild(xmlDocGetRootElement(doc));
	return canonical(doc, xmlFirstElementChild(at), out, e);
}

static enum assay_code put_value(const struct seed *s, const struct rim_plan *r,
	struct bytes message, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf sig  = { 0 };
	const char                  *name = NAME("rim/%s", r->id->text);
	uint8_t                      raw[SEED_RAW];

	if (EVP_PKEY_is_a(r->key, "RSA")) {
		TRY(seed_sign(s, r->key, name, message, &sig, e));
		base64_encode(buf_bytes(&sig), out);
	} else {
		TRY(seed_sign_raw(s, r->key, name, message, raw, e));
		base64_encode(BYTES_OF(raw), out);
	}
	return buf_ok(out, e);
}

static void put_number(EVP_PKEY *key, const char *param, const char *element, struct buf *out)
{
	BIGNUM *n       = NULL;
	uint8_t v[1024] = { 0 };

	if (EVP_PKEY_get_bn_param(key, param, &n) != 1 || BN_num_bytes(n) > (int)sizeof(v)) {
		out->failed = true;
	} else {
		buf_printf(out, "<ds:%s>", element);
		base64_encode((struct bytes){ v, (size_t)BN_bn2bin(n, v) }, out);
		buf_printf(out, "</ds:%s>", element);
	}
	BN_free(n);
}

/* A bare key for which nothing speaks: the attacker's (8.3, item 1). */
static void put_key_value(EVP_PKEY *key, struct buf *out)
{
	buf_text(out, "<ds:KeyValue><ds:RSAKeyValue>");
	put_number(key, OSSL_PKEY_PARAM_RSA_N, "Modulus", out);
	put_number(key, OSSL_PKEY_PARAM_RSA_E, "Exponent", out);
	buf_text(out, "</ds:RSAKeyValue></ds:KeyValue>");
}

enum assay_code rim_signature(const struct seed *s, const struct rim_plan *r, struct bytes body,
	struct bytes end, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf info = { 0 }, message = { 0 };
	uint8_t                      sum[DIGEST];

	TRY(digest(s, body, end, sum, e));
	put_signed_info(r, sum, &info);
	TRY(canonical_info(body, end, &info, &message, e));
	buf_text(out, "<ds:Signature xmlns:ds=\"" DS "\">");
	buf_put(out, info.p, info.n);
	buf_text(out, "<ds:SignatureValue>");
	TRY(put_value(s, r, buf_bytes(&message), out, e));
	buf_text(out, "</ds:SignatureValue><ds:KeyInfo>");
	if (r->key_value != NULL)
		put_key_value(r->key_value, out);
	if (!r->certs_in_meta)
		rim_certificates(r, out);
	buf_text(out, "</ds:KeyInfo></ds:Signature>");
	return buf_ok(out, e);
}
