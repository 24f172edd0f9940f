/* SPDX-License-Identifier: Apache-2.0
 *
 * Signatures of real RIMs and their chains; documents that an attacker signed in every way that xmlsec knows; and every
 * so many bytes of a real RIM flipped. What the structure refuses is asked of the signature check alone, too. */
#include "crypto/xmldsig.h"

#include <stdlib.h>

#include "base/base64.h"
#include "base/utc.h"
#include "base/xml.h"
#include "crypto/digest.h"
#include "format/rim.h"
#include "rim_sign.h"
#include "rim_text.h"

static struct crypto     crypto;
static struct rim_signer signer;

/* nvidia-evidence 3.2 */
static const struct anchor rim_root = { "the NVIDIA RIM root",
	{ 0x12, 0x97, 0x7b, 0x51, 0x15, 0xac, 0xb0, 0x38, 0x11, 0x79, 0x27, 0x9f, 0xff, 0xeb,
		0x5a, 0x8c, 0x4d, 0x26, 0x49, 0x71, 0xeb, 0xb3, 0x22, 0x98, 0x02, 0x3a, 0x46,
		0x5f, 0xa4, 0x1d, 0xf5, 0xd1 },
	{ 0xde, 0xc1, 0xdc, 0x31, 0x64, 0x77, 0xaa, 0x85, 0x1e, 0xeb, 0xdf, 0x51, 0x32, 0x7a,
		0xe9, 0xf8, 0x64, 0xbc, 0x8d, 0x89, 0x25, 0x46, 0x57, 0xed, 0x1e, 0x7e, 0xb9,
		0x16, 0x8a, 0xf1, 0xe1, 0xa3 } };

static void chain_of(const struct rim *rim, struct chain *out)
{
	struct assay_err e = { 0 };

	for (size_t i = 0; i < RIM_CERTIFICATES; i++)
		assert_int_equal(
			chain_append(&crypto, buf_bytes(&rim->certificate[i]), out, &e),
			ASSAY_OK);
	assert_int_equal(chain_window(out, &e), ASSAY_OK);
}

static int64_t seconds(const char *text)
{
	int64_t          t;
	struct assay_err e = { 0 };

	assert_int_equal(utc_parse(bytes_text(text), &t, &e), ASSAY_OK);
	return t;
}

static xmlNode *find_signature(xmlNode *node)
{
	xmlNode *found = NULL;

	if (xml_is(node, RIM_NS_DSIG, "Signature"))
		return node;
	for (xmlNode *child = xml_child(node); child != NULL && found == NULL;
		child       = xml_next(child))
                found = find_signature(child);
	return found;
}

/* The signature of a document, wherever it stands, structure or not. */
static enum assay_code signature_alone(struct bytes text, EVP_PKEY *key, struct assay_err *e)
{
	AUTO(xmlDoc) *doc = NULL;
	xmlNode      *node;

	TRY(xml_read(text, &doc, e));
	node = find_signature(xmlDocGetRootElement(doc));
	assert_non_null(node);
	return xmldsig_verify(&crypto, doc, node, key, e);
}

static const struct {
	const char     *name;
	enum assay_code signature;
	const char *
		at; /* a time when all certificates were valid; NULL: never under the RIM root */
	const char   *from, *to; /* that is so between */
	const char   *first;     /* to expire */
	enum rim_kind kind;
	size_t        active;
	const char   *version, *product;
} real[] = {
	{ "NV_GPU_DRIVER_GH100_550.144.03", ASSAY_OK, "2025-06-01T00:00:00Z",
		"2024-12-30T16:56:50Z", "2026-12-30T16:56:50Z", "certificate 0", RIM_DRIVER, 21,
		"550.144.03", "GH100" },
	{ "NV_GPU_VBIOS_1010_0200_882_96005E0001", ASSAY_OK, "2024-06-01T00:00:00Z",
		"2023-06-23T09:30:33Z", "2025-06-22T09:30:33Z", "certificate 0", RIM_VBIOS, 12,
		"96.00.5E.00.01", "GH100" },
	{ "NV_GPU_VBIOS_1010_0205_862_9600740020", ASSAY_OK, "2024-06-01T00:00:00Z",
		"2023-09-06T08:46:45Z", "2025-09-05T08:46:45Z", "certificate 0", RIM_VBIOS, 12,
		"96.00.74.00.20", "GH100" },
	{ "NV_GPU_VBIOS_1010_0215_866_9600740010", ASSAY_OK, "2024-06-01T00:00:00Z",
		"2023-09-06T08:49:24Z", "2025-09-05T08:49:24Z", "certificate 0", RIM_VBIOS, 12,
		"96.00.74.00.10", "GH100" },
	{ "NV_GPU_VBIOS_G520_0202_885_96006D0008", ASSAY_OK, "2024-06-01T00:00:00Z",
		"2023-08-25T09:56:56Z", "2025-08-24T09:56:56Z", "certificate 0", RIM_VBIOS, 12,
		"96.00.6D.00.08", "GH100" },
	{ "NV_SWITCH_BIOS_5612_0002_890_9610550001", ASSAY_OK, "2026-06-01T00:00:00Z",
		"2026-05-20T22:02:51Z", "2027-11-02T23:59:59Z", "certificate 1", RIM_BIOS, 31,
		"96.10.55.00.01", "LS10" },
	/* their signature does not hold; their chains are genuine, but for one */
	{ "incorrect_signature_driver_rim", ASSAY_RIM_SIGNATURE, "2025-06-01T00:00:00Z",
		"2024-12-30T16:56:50Z", "2026-12-30T16:56:50Z", "certificate 0", RIM_DRIVER, 21,
		"550.144.03", "GH100" },
	{ "NV_GPU_DRIVER_GH100_535.86.09_measurement_mismatch", ASSAY_RIM_SIGNATURE,
		"2025-06-01T00:00:00Z", "2025-05-24T06:41:05Z", "2027-04-30T23:59:59Z",
		"certificate 1", RIM_DRIVER, 22, "535.86.09", "GH100" },
	{ "NV_GPU_DRIVER_GH100_570.124.03_expired", ASSAY_RIM_SIGNATURE, "2025-01-01T12:00:00Z",
		"2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z", "certificate 0", RIM_DRIVER, 21,
		"570.124.03", "GH100" },
	{ "NV_SWITCH_BIOS_5612_0002_890_9610550001_invalid_signature", ASSAY_RIM_SIGNATURE,
		"2025-06-01T00:00:00Z", "2024-05-20T17:59:06Z", "2026-05-20T17:59:06Z",
		"certificate 0", RIM_BIOS, 31, "96.10.55.00.01", "LS10" },
};

static void read_real(const char *name, struct buf *out)
{
	char path[160];

	snprintf(path, sizeof(path), "nvidia/rims/%s.xml", name);
	test_interop(path, out);
}

static void real_chain(const struct chain *chain, size_t i)
{
	struct assay_err e = { 0 };
	enum assay_code  code;

	code = chain_verify(&crypto, chain, &rim_root, seconds(real[i].at), 0, &e);
	if (code != ASSAY_OK)
		fail_msg("%s", assay_err_text(&e));
	assert_int_equal(chain->not_before, seconds(real[i].from));
	assert_int_equal(chain->not_after, seconds(real[i].to));
	code = chain_verify(&crypto, chain, &rim_root, chain->not_after + 1, 0, &e);
	assert_int_equal(code, ASSAY_CERT_EXPIRED);
	assert_non_null(strstr(assay_err_text(&e), real[i].first));
	code = chain_verify(&crypto, chain, &rim_root, chain->not_before - 1, 0, &e);
	assert_int_equal(code, ASSAY_CERT_NOT_YET);
	code = chain_verify(&crypto, chain, &signer.anchor, seconds(real[i].at), 0, &e);
	assert_int_equal(code, ASSAY_CHAIN_ROOT);
}

static void real_rims(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(real); i++) {
		CLEANUP(buf_done) struct buf       text   = { 0 };
		CLEANUP(rim_done) struct rim       rim    = { 0 };
		CLEANUP(chain_done) struct chain   chain  = { 0 };
		CLEANUP(golden_done) struct golden golden = { 0 };
		struct assay_err                   e      = { 0 };
		EVP_PKEY                          *key;

		print_message("%s\n", real[i].name);
		read_real(real[i].name, &text);
		if (rim_parse(buf_bytes(&text), &rim, &e) != ASSAY_OK)
			fail_msg("%s", assay_err_text(&e));
		chain_of(&rim, &chain);
		key = X509_get0_pubkey(chain.cert[0]);
		assert_int_equal(xmldsig_verify(&crypto, rim.doc, rim.signature, key, &e),
			real[i].signature);
		/* and again: the tree is as it was */
		assert_int_equal(xmldsig_verify(&crypto, rim.doc, rim.signature, key, &e),
			real[i].signature);
		key = signer.key[RIM_KEY_SIGNER];
		assert_int_equal(xmldsig_verify(&crypto, rim.doc, rim.signature, key, &e),
			ASSAY_RIM_SIGNATURE);
		real_chain(&chain, i);
		assert_int_equal(rim_kind(&rim), real[i].kind);
		assert_true(bytes_equal(rim.version, bytes_text(real[i].version)));
		assert_true(bytes_equal(rim.product, bytes_text(real[i].product)));
		assert_int_equal(rim_values(&rim, &golden, &e), ASSAY_OK);
		assert_int_equal(golden.active, real[i].active);
	}
}

/* Its signature holds under its first certificate, but it brings two certificates: no chain to any root. */
static void real_short_chain(void **state)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	CLEANUP(rim_done) struct rim rim  = { 0 };
	AUTO(X509)                  *cert = NULL;
	struct assay_err             e    = { 0 };

	(void)state;
	read_real("incorrect_cert_chain_driver_rim", &text);
	assert_int_equal(rim_parse(buf_bytes(&text), &rim, &e), ASSAY_OK);
	assert_int_equal(rim.certificates, 2);
	assert_int_equal(
		cert_parse(&crypto, buf_bytes(&rim.certificate[0]), &cert, &e), ASSAY_OK);
	assert_int_equal(
		signature_alone(buf_bytes(&text), X509_get0_pubkey(cert), &e), ASSAY_OK);
}

#define C14N11     "http://www.w3.org/2006/12/xml-c14n11"
#define C14N10     "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define EXCLUSIVE  "http://www.w3.org/2001/10/xml-exc-c14n#"
#define DSIG       "http://www.w3.org/2000/09/xmldsig#"
#define MORE       "http://www.w3.org/2001/04/xmldsig-more#"
#define SHA256     "http://www.w3.org/2001/04/xmlenc#sha256"
#define XPATH      "http://www.w3.org/TR/1999/REC-xpath-19991116"
#define FILTER     "http://www.w3.org/2002/06/xmldsig-filter2"
#define XSLT       "http://www.w3.org/TR/1999/REC-xslt-19991116"
#define METHOD(a)  "<ds:CanonicalizationMethod Algorithm=\"" a "\"/>"
#define LAST(a)    "<ds:Transform Algorithm=\"" a "\"/></ds:Transforms>"
#define BEFORE(a)  "<ds:Transform Algorithm=\"" a "</ds:Transform>" LAST(C14N11)
#define OPEN       "  <ns0:Payload"
#define ENTRY      "    <ns0:Resource"
#define ENTITY     "tagCreator\""
#define OBJECT(in) "<ds:Object>" in "</ds:Object></ds:Signature>"
#define REFERENCE                                                                   \
	"<ds:Reference URI=\"\"><ds:Transforms><ds:Transform Algorithm=\"" DSIG     \
	"enveloped-signature\"/>" LAST(C14N11) "<ds:DigestMethod Algorithm=\"" MORE \
					       "sha384\"/>"                         \
					       "<ds:DigestValue/></ds:Reference>"

#define BOTH .structure = ASSAY_RIM_STRUCTURE, .alone = ASSAY_RIM_SIGNATURE
#define FORM .structure = ASSAY_RIM_STRUCTURE
#define SIGN .alone = ASSAY_RIM_SIGNATURE
#define LAX  .lax = true

/* before: edits of the template, which key then signs. move: the signed Signature goes in front of this. after: edits
 * then. lax: it holds for a verifier that takes what xmlsec offers; key_info: even with the key that it brings along.
 * What the structure lets pass the signature refuses, and the other way round. */
static const struct {
	const char *name;
	struct {
		const char *find, *replace;
	} before[2], after[2];
	const char     *move;
	enum rim_key    key;
	bool            lax, key_info;
	enum assay_code structure, alone;
} forged[] = {
	{ "as it should be", LAX },
	{ "another key", .key = RIM_KEY_OTHER, LAX, SIGN },
	{ "KeyValue beside the certificates",
		{ { MORE "ecdsa-sha384", MORE "rsa-sha384" },
			{ "<ds:KeyInfo>", "<ds:KeyInfo><ds:KeyValue/>" } },
		.key = RIM_KEY_RSA, .key_info = true, LAX, BOTH },
	{ "RSA", { { MORE "ecdsa-sha384", MORE "rsa-sha384" } }, .key = RIM_KEY_RSA, LAX,
		BOTH },
	{ "HMAC", { { MORE "ecdsa-sha384", MORE "hmac-sha384" } }, .key = RIM_KEY_HMAC, LAX,
		BOTH },
	{ "ECDSA, SHA-256", { { MORE "ecdsa-sha384", MORE "ecdsa-sha256" } }, LAX, BOTH },
	{ "P-256", .key = RIM_KEY_P256, LAX, BOTH },
	{ "digest by SHA-256", { { MORE "sha384", SHA256 } }, LAX, BOTH },
	{ "by id", { { OPEN, OPEN " xml:id=\"x\"" }, { "URI=\"\"", "URI=\"#x\"" } }, LAX,
		BOTH },
	{ "by pointer", { { "URI=\"\"", "URI=\"#xpointer(/)\"" } }, LAX, BOTH },
	{ "XPath",
		{ { LAST(C14N11),
			BEFORE(XPATH
				"\"><ds:XPath>"
				"not(ancestor-or-self::*[local-name()='Payload'])</ds:XPath>") } },
		LAX, BOTH },
	{ "XPath filter",
		{ { LAST(C14N11),
			BEFORE(FILTER "\"><XPath xmlns=\"" FILTER "\" Filter=\"subtract\">"
				      "//*[local-name()='Payload']</XPath>") } },
		LAX, BOTH },
	{ "XSLT",
		{ { LAST(C14N11),
			BEFORE(XSLT
				"\"><x:stylesheet version=\"1.0\""
				" xmlns:x=\"http://www.w3.org/1999/XSL/Transform\">"
				"<x:template match=\"/\"><same/></x:template></x:stylesheet>") } },
		LAX, BOTH },
	{ "base64", { { LAST(C14N11), LAST(DSIG "base64") } }, LAX, BOTH },
	{ "exclusive transform", { { LAST(C14N11), LAST(EXCLUSIVE) } }, LAX, BOTH },
	{ "transform with comments", { { LAST(C14N11), LAST(C14N11 "#WithComments") } }, LAX,
		BOTH },
	{ "exclusive", { { METHOD(C14N11), METHOD(EXCLUSIVE) } }, LAX, BOTH },
	{ "canonical XML 1.0", { { METHOD(C14N11), METHOD(C14N10) } }, LAX, BOTH },
	{ "two references", { { "</ds:SignedInfo>", REFERENCE "</ds:SignedInfo>" } }, LAX,
		BOTH },
	{ "Manifest",
		{ { "</ds:Signature>", OBJECT("<ds:Manifest>" REFERENCE "</ds:Manifest>") } },
		LAX, BOTH },

	/* Signed by the right key, and refused by the structure alone: xmlsec canonicalises by itself, with 1.0; an
	 * Object stands in the signature, which is not signed. */
	{ "one transform", { { LAST(C14N11), "</ds:Transforms>" } }, LAX, FORM },
	{ "Object", { { "</ds:Signature>", OBJECT("<ns0:Payload/>") } }, LAX, FORM },

	/* Signed as it should be, then changed. Canonicalisation drops comments: why they are refused. A signature that
	 * moves keeps its digest, and keeps its own form where no other prefix is in scope. */
	{ "signature in front", .move = "<ns0:Entity", LAX, FORM },
	{ "signature in an element", { { ENTITY "/>", ENTITY "> </ns0:Entity>" } },
		.move = "</ns0:Entity>", LAX, BOTH },
	{ "signature in the payload", .move = "</ns0:Payload>", BOTH },
	{ "in another root",
		.after = { { "<SoftwareIdentity",
				   "<x:SoftwareIdentity xmlns:x=\"" RIM_NS_SWID
				   "\"><SoftwareIdentity" },
			{ "</SoftwareIdentity>", "</SoftwareIdentity></x:SoftwareIdentity>" } },
		BOTH },
	{ "comment", .after = { { ENTRY, "    <!-- x --><ns0:Resource" } }, LAX, FORM },
	{ "URI of an id", .after = { { "URI=\"\"", "URI=\"#x\"" } }, BOTH },
	{ "URI of a file", .after = { { "URI=\"\"", "URI=\"file:///nowhere\"" } }, BOTH },
	{ "relative namespace", .after = { { " tagId=", " xmlns:r=\"r\" tagId=" } }, SIGN },
	{ "value", .after = { { RIM_HASH_B, RIM_HASH_A } }, SIGN },
	{ "active", .after = { { "\"False\"", "\"True\"" } }, SIGN },
	{ "one blank", .after = { { "\n  <ns0:Entity", "\n <ns0:Entity" } }, SIGN },
	{ "product", .after = { { "product=\"GH100\"", "product=\"GB100\"" } }, SIGN },
	{ "one entry more",
		.after = { { ENTRY,
			"    <ns0:Resource type=\"Measurement\" index=\"1\" active=\"False\""
			" alternatives=\"1\" ns2:Hash0=\"" RIM_HASH_0
			"\" name=\"x\" size=\"48\"/>" ENTRY } },
		SIGN },
};

/* Cuts the Signature out and puts it in front of the first `before`. */
static void move_signature(struct buf *text, const char *before)
{
	CLEANUP(buf_done) struct buf with = { 0 };
	char                        *from, *to;

	buf_cstr(text);
	from = strstr((char *)text->p, "<ds:Signature ");
	to   = strstr(from, "</ds:Signature>") + strlen("</ds:Signature>");
	buf_put(&with, from, (size_t)(to - from));
	buf_text(&with, before);
	memmove(from, to, strlen(to) + 1);
	text->n -= (size_t)(to - from);
	test_edit(text, before, buf_cstr(&with));
}

static void make_forged(size_t i, struct buf *text)
{
	struct rim_text t = { .digest = "", .value = "" };

	for (size_t k = 0; k < RIM_CERTIFICATES; k++)
		t.certificate[k] = buf_cstr(&signer.base64[k]);
	rim_text(&t, text);
	for (size_t k = 0; k < 2; k++)
		if (forged[i].before[k].find != NULL)
			test_edit(text, forged[i].before[k].find, forged[i].before[k].replace);
	rim_sign(&signer, forged[i].key, text);
	if (forged[i].move != NULL)
		move_signature(text, forged[i].move);
	for (size_t k = 0; k < 2; k++)
		if (forged[i].after[k].find != NULL)
			test_edit(text, forged[i].after[k].find, forged[i].after[k].replace);
}

static void count_message(void *ctx, xmlErrorPtr error)
{
	(void)error;
	++*(unsigned *)ctx;
}

static void forged_rims(void **state)
{
	unsigned messages = 0, before;

	(void)state;
	xmlSetStructuredErrorFunc(&messages, count_message);
	for (size_t i = 0; i < ARRAY_LEN(forged); i++) {
		CLEANUP(buf_done) struct buf text = { 0 };
		CLEANUP(rim_done) struct rim rim  = { 0 };
		struct assay_err             e    = { 0 };
		EVP_PKEY                    *key  = X509_get0_pubkey(signer.chain.cert[0]);
		enum assay_code              code;

		print_message("%s\n", forged[i].name);
		make_forged(i, &text);
		assert_int_equal(rim_sign_lax(&signer, forged[i].key, forged[i].key_info,
					 buf_bytes(&text)),
			forged[i].lax);
		code = rim_parse(buf_bytes(&text), &rim, &e);
		if (code != forged[i].structure)
			fail_msg("structure: %s %s", assay_code_name(code), assay_err_text(&e));
		before =
			messages; /* a refusal says nothing behind our back, and leaves the handler */
		code = signature_alone(buf_bytes(&text), key, &e);
		assert_int_equal(messages, before);
		assert_ptr_equal(xmlStructuredErrorContext, &messages);
		if (code != forged[i].alone)
			fail_msg("signature: %s %s", assay_code_name(code), assay_err_text(&e));
		assert_true(i == 0 || forged[i].structure != ASSAY_OK ||
			forged[i].alone != ASSAY_OK);
	}
	assert_true(messages > 0); /* of the lax verifier */
	xmlSetStructuredErrorFunc(NULL, NULL);
}

/* The first row, all the way: what the others differ from. */
static void forged_baseline(void **state)
{
	CLEANUP(buf_done) struct buf       text   = { 0 };
	CLEANUP(rim_done) struct rim       rim    = { 0 };
	CLEANUP(chain_done) struct chain   chain  = { 0 };
	CLEANUP(golden_done) struct golden golden = { 0 };
	struct assay_err                   e      = { 0 };
	int64_t                            now    = seconds("2026-01-01T00:00:00Z");
	EVP_PKEY                          *key;

	(void)state;
	make_forged(0, &text);
	assert_int_equal(rim_parse(buf_bytes(&text), &rim, &e), ASSAY_OK);
	chain_of(&rim, &chain);
	assert_int_equal(chain_verify(&crypto, &chain, &signer.anchor, now, 0, &e), ASSAY_OK);
	assert_int_equal(
		chain_verify(&crypto, &chain, &rim_root, now, 0, &e), ASSAY_CHAIN_ROOT);
	key = X509_get0_pubkey(chain.cert[0]);
	assert_int_equal(xmldsig_verify(&crypto, rim.doc, rim.signature, key, &e), ASSAY_OK);
	assert_int_equal(rim_values(&rim, &golden, &e), ASSAY_OK);

	for (enum rim_key k = RIM_KEY_P256; k <= RIM_KEY_RSA; k++)
		assert_int_equal(
			xmldsig_verify(&crypto, rim.doc, rim.signature, signer.key[k], &e),
			ASSAY_CERT_PROFILE);
}

static size_t said;

__attribute__((format(printf, 2, 3))) static void count(void *ctx, const char *fmt, ...)
{
	(void)ctx;
	(void)fmt;
	said++;
}

/* A namespace that canonicalisation refuses: libxml2 would say so on standard error, and what the program that uses us
 * has installed for such messages is none of our business either. */
static void silent(void **state)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	struct assay_err             e    = { 0 };
	EVP_PKEY                    *key  = X509_get0_pubkey(signer.chain.cert[0]);

	(void)state;
	make_forged(0, &text);
	test_edit(&text, "xmlns:SHA384=\"http://www.w3.org/2001/04/xmlenc#sha384\"",
		"xmlns:SHA384=\"x\"");
	xmlSetGenericErrorFunc(NULL, count);
	assert_int_equal(signature_alone(buf_bytes(&text), key, &e), ASSAY_RIM_SIGNATURE);
	assert_int_equal(said, 0);
	assert_ptr_equal(xmlGenericError, count);
	assert_null(xmlStructuredError);
	xmlSetGenericErrorFunc(NULL, NULL);
}

struct whole {
	struct rim    rim;
	struct golden golden;
};

static void whole_done(struct whole *w)
{
	rim_done(&w->rim);
	golden_done(&w->golden);
}

/* Everything that is asked of a RIM. */
static bool accept(struct bytes text, int64_t now, struct whole *out)
{
	CLEANUP(chain_done) struct chain chain = { 0 };
	struct assay_err                 e     = { 0 };
	EVP_PKEY                        *key;

	if (rim_parse(text, &out->rim, &e) != ASSAY_OK)
		return false;
	for (size_t i = 0; i < RIM_CERTIFICATES; i++)
		if (chain_append(&crypto, buf_bytes(&out->rim.certificate[i]), &chain, &e) !=
			ASSAY_OK)
			return false;
	key = X509_get0_pubkey(chain.cert[0]);
	return key != NULL &&
		xmldsig_verify(&crypto, out->rim.doc, out->rim.signature, key, &e) ==
		ASSAY_OK &&
		chain_verify(&crypto, &chain, &rim_root, now, 0, &e) == ASSAY_OK &&
		rim_values(&out->rim, &out->golden, &e) == ASSAY_OK;
}

static bool same(const struct whole *a, const struct whole *b)
{
	const struct bytes *x = &a->rim.name, *y = &b->rim.name;

	for (size_t i = 0; i < 5; i++) /* name to product */
		if (!bytes_equal(x[i], y[i]))
			return false;
	for (size_t i = 0; i < RIM_CERTIFICATES; i++)
		if (!bytes_equal(buf_bytes(&a->rim.certificate[i]),
			    buf_bytes(&b->rim.certificate[i])))
			return false;
	for (size_t i = 0; i < RIM_INDICES; i++) {
		const struct golden_entry *p = &a->golden.entry[i], *q = &b->golden.entry[i];
		size_t                     n = (size_t)p->alternatives * RIM_DIGEST;

		if (p->alternatives != q->alternatives || strcmp(p->name, q->name) != 0 ||
			(n != 0 && memcmp(p->digest, q->digest, n) != 0))
			return false;
	}
	return true;
}

/* In front of KeyInfo every byte is signed, or part of the signature. Behind, only blanks may differ. */
static void flips(void **state)
{
	CLEANUP(buf_done) struct buf     text    = { 0 };
	CLEANUP(whole_done) struct whole good    = { 0 };
	static const uint8_t             masks[] = { 0x01, 0x20, 0x80 };
	int64_t                          now     = seconds(real[0].at);
	size_t                           key_info, tried = 0, accepted = 0;
	const char                      *stride = getenv("ASSAY_FLIP_STRIDE");
	size_t                           step = stride == NULL ? 97 : strtoul(stride, NULL, 10);

	(void)state;
	read_real(real[0].name, &text);
	key_info = (size_t)(strstr(buf_cstr(&text), "<ds:KeyInfo>") - (char *)text.p);
	assert_true(accept(buf_bytes(&text), now, &good));
	for (size_t at = 0; at < text.n; at += step == 0 ? 1 : step) {
		for (size_t m = 0; m < ARRAY_LEN(masks); m++, tried++) {
			CLEANUP(whole_done) struct whole bad = { 0 };

			text.p[at] ^= masks[m];
			if (accept(buf_bytes(&text), now, &bad)) {
				if (at < key_info || !same(&good, &bad))
					fail_msg("byte %zu ^ 0x%02x is accepted", at, masks[m]);
				accepted++;
			}
			text.p[at] ^= masks[m];
		}
	}
	print_message("%zu flips, %zu without effect\n", tried, accepted);
}

static int start(void **state)
{
	struct assay_err e = { 0 };

	(void)state;
	if (crypto_open(&crypto, &e) != ASSAY_OK)
		return -1;
	rim_signer_open(&crypto, &signer);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rim_signer_done(&signer);
	crypto_done(&crypto);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_rims),
		cmocka_unit_test(real_short_chain),
		cmocka_unit_test(forged_rims),
		cmocka_unit_test(forged_baseline),
		cmocka_unit_test(silent),
		cmocka_unit_test(flips),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
