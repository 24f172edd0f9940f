/* SPDX-License-Identifier: Apache-2.0 */
#include "base/xml.h"

#include <time.h>

#include "test.h"

static const struct {
	const char     *name;
	struct bytes    in;
	enum assay_code code;
	const char     *says;
} cases[] = {
	{ "one element", BYTES("<a/>"), ASSAY_OK, "" },
	{ "declaration", BYTES("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<a>x</a>\n"),
		ASSAY_OK, "" },
	{ "comments", BYTES("<!-- x --><a><!-- y --></a><!-- z -->"), ASSAY_OK, "" },
	{ "predefined entities", BYTES("<a b=\"1&amp;2&#x33;\">&lt;&#65;</a>"), ASSAY_OK, "" },
	{ "namespaces", BYTES("<x:a xmlns:x=\"urn:x\" xmlns=\"urn:d\"><b/></x:a>"), ASSAY_OK,
		"" },
	{ "UTF-8", BYTES("<a>\xc3\xa4</a>"), ASSAY_OK, "" },
	{ "empty", BYTES(""), ASSAY_INPUT_SIZE, "empty" },
	{ "text", BYTES("hello"), ASSAY_XML_PARSE, "begin with <" },
	{ "cut", BYTES("<a>\n<b>"), ASSAY_XML_PARSE, "line 2" },
	{ "two roots", BYTES("<a/><b/>"), ASSAY_XML_PARSE, "" },
	{ "text behind", BYTES("<a/>x"), ASSAY_XML_PARSE, "" },
	{ "crossed tags", BYTES("<a><b></a></b>"), ASSAY_XML_PARSE, "" },
	{ "attribute twice", BYTES("<a b='1' b='2'/>"), ASSAY_XML_PARSE, "" },
	{ "attribute twice by prefix", BYTES("<a xmlns:x='u' xmlns:y='u' x:b='1' y:b='2'/>"),
		ASSAY_XML_PARSE, "" },
	{ "unknown prefix", BYTES("<x:a/>"), ASSAY_XML_PARSE, "" },
	{ "unknown entity", BYTES("<a>&x;</a>"), ASSAY_XML_PARSE, "" },
	{ "unknown entity in attribute", BYTES("<a b='&x;'/>"), ASSAY_XML_PARSE, "" },
	{ "DTD", BYTES("<!DOCTYPE a><a/>"), ASSAY_XML_DTD, "DTD" },
	{ "DTD behind a comment", BYTES("<!-- x --><!DOCTYPE a []><a/>"), ASSAY_XML_DTD,
		"DTD" },
	{ "internal entity", BYTES("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>"), ASSAY_XML_DTD,
		"DTD" },
	{ "external entity",
		BYTES("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>"),
		ASSAY_XML_DTD, "DTD" },
	{ "external DTD", BYTES("<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/x.dtd\"><a/>"),
		ASSAY_XML_DTD, "DTD" },
	{ "parameter entity",
		BYTES("<!DOCTYPE a [<!ENTITY % x SYSTEM \"file:///etc/passwd\"> %x;]><a/>"),
		ASSAY_XML_DTD, "DTD" },
	{ "default attribute", BYTES("<!DOCTYPE a [<!ATTLIST a b CDATA \"1\">]><a/>"),
		ASSAY_XML_DTD, "DTD" },
	{ "DTD, and then not well-formed", BYTES("<!DOCTYPE a [<!ENTITY x \"y\">]><a>"),
		ASSAY_XML_DTD, "DTD" },
	{ "bomb",
		BYTES("<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbbbbbbbbbbbb\">"
		      "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">"
		      "<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">"
		      "<!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\">"
		      "<!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;\">"
		      "<!ENTITY g \"&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;\">"
		      "<!ENTITY h \"&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;\">"
		      "<!ENTITY i \"&h;&h;&h;&h;&h;&h;&h;&h;&h;&h;\">]><a x='&i;'>&i;</a>"),
		ASSAY_XML_DTD, "DTD" },
	{ "entity that is itself", BYTES("<!DOCTYPE a [<!ENTITY x \"&x;\">]><a>&x;</a>"),
		ASSAY_XML_DTD, "DTD" },
	{ "instruction in front", BYTES("<?php x?><a/>"), ASSAY_XML_DTD, "instruction" },
	{ "instruction inside", BYTES("<a><b/><?x y?></a>"), ASSAY_XML_DTD, "instruction" },
	{ "instruction behind", BYTES("<a/><?xml-stylesheet href='x'?>"), ASSAY_XML_DTD,
		"instruction" },
	{ "CDATA", BYTES("<a><![CDATA[x]]></a>"), ASSAY_XML_PARSE, "CDATA" },
	{ "Latin 1", BYTES("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xe4</a>"),
		ASSAY_XML_PARSE, "ISO-8859-1, not UTF-8" },
	{ "ASCII", BYTES("<?xml version=\"1.0\" encoding=\"US-ASCII\"?><a/>"), ASSAY_XML_PARSE,
		"not UTF-8" },
	{ "unknown encoding", BYTES("<?xml version=\"1.0\" encoding=\"x\"?><a/>"),
		ASSAY_XML_PARSE, "" },
	{ "EUC-JP", BYTES("<?xml version=\"1.0\" encoding=\"EUC-JP\"?><a/>"), ASSAY_XML_PARSE,
		"EUC-JP, not UTF-8" },
	{ "quotes and blanks", BYTES("<?xml version='1.0' encoding = 'UTF-8' ?><a/>"), ASSAY_OK,
		"" },
	{ "second encoding",
		BYTES("<?xml version='1.0' encoding='UTF-8' encoding='EUC-KR'?><a/>"),
		ASSAY_XML_PARSE, "EUC-KR" },
	{ "encoding in the version",
		BYTES("<?xml version=\"encoding='UTF-8'\" encoding='EUC-KR'?><a/>"),
		ASSAY_XML_PARSE, "EUC-KR" },
	{ "encoding without value", BYTES("<?xml version='1.0' encoding?><a/>"),
		ASSAY_XML_PARSE, "" },
	{ "encoding cut", BYTES("<?xml version='1.0' encoding='UTF-8?><a/>"), ASSAY_XML_PARSE,
		"" },
	{ "declaration without end", BYTES("<?xml version='1.0' encoding='EUC-KR'><a/>"),
		ASSAY_XML_PARSE, "does not end" },
	{ "EBCDIC", BYTES("\x4c\x6f\xa7\x94\x93"), ASSAY_XML_PARSE, "begin with <" },
	{ "UTF-16 declared", BYTES("<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>"),
		ASSAY_XML_PARSE, "" },
	{ "UTF-16", BYTES("\xff\xfe<\0a\0/\0>\0"), ASSAY_XML_PARSE, "NUL" },
	{ "UTF-16 without mark", BYTES("<\0a\0/\0>\0"), ASSAY_XML_PARSE, "NUL" },
	{ "UTF-16, no NUL", BYTES("\xfe\xff\x61\x61"), ASSAY_XML_PARSE, "" },
	{ "byte order mark", BYTES("\xef\xbb\xbf<a/>"), ASSAY_XML_PARSE, "byte order mark" },
	{ "blank in front", BYTES("\n<a/>"), ASSAY_XML_PARSE, "begin with <" },
	{ "bad UTF-8", BYTES("<a>\xff</a>"), ASSAY_XML_PARSE, "" },
	{ "bad UTF-8 declared", BYTES("<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>\xe4</a>"),
		ASSAY_XML_PARSE, "" },
	{ "NUL inside", BYTES("<a>\0</a>"), ASSAY_XML_PARSE, "NUL" },
	{ "NUL behind", BYTES("<a/>\0"), ASSAY_XML_PARSE, "NUL" },
	{ "control by reference", BYTES("<a>&#0;</a>"), ASSAY_XML_PARSE, "" },
	{ "inclusion stays text",
		BYTES("<a xmlns:x='http://www.w3.org/2001/XInclude'><x:include href='/etc/passwd' "
		      "parse='text'/></a>"),
		ASSAY_OK, "" },
};

static void reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(xmlDoc)    *doc = NULL;
		struct assay_err e   = { 0 };

		print_message("%s\n", cases[i].name);
		assert_int_equal(xml_read(cases[i].in, &doc, &e), cases[i].code);
		assert_non_null(strstr(assay_err_text(&e), cases[i].says));
		assert_true((doc != NULL) == (cases[i].code == ASSAY_OK));
	}
}

/* libc converts most encodings by code that it loads then; "EUC-JP" and "EBCDIC" above are such. */
static void loads_nothing(void **state)
{
	char  line[4096];
	FILE *maps = fopen("/proc/self/maps", "r");

	(void)state;
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL)
		assert_null(strstr(line, "gconv"));
	fclose(maps);
}

/* before, then n times each, then n times back, then after */
static const struct {
	const char     *name;
	const char     *before, *each, *back, *after;
	size_t          n;
	enum assay_code code;
} sized[] = {
	{ "depth 16", "", "<a>", "</a>", "", XML_LEVEL, ASSAY_OK },
	{ "depth 16 with text", "", "<a>x", "</a>", "", XML_LEVEL, ASSAY_OK },
	{ "depth 17", "", "<a>", "</a>", "", XML_LEVEL + 1, ASSAY_XML_LIMIT },
	{ "depth 17, wide before", "<b><c/><d>x</d>", "<a>", "</a>", "</b>", XML_LEVEL,
		ASSAY_XML_LIMIT },
	{ "depth 200", "", "<a>", "</a>", "", 200, ASSAY_XML_LIMIT },
	{ "depth without end", "", "<a>", "", "", 100000, ASSAY_XML_LIMIT },
	{ "4096 nodes", "<a>", "<b/>", "", "</a>", XML_NODES - 1, ASSAY_OK },
	{ "4097 nodes", "<a>", "<b/>", "", "</a>", XML_NODES, ASSAY_XML_LIMIT },
	{ "4097 nodes by attributes", "<a>", "<b c='1'/>", "", "</a>", XML_NODES / 2,
		ASSAY_XML_LIMIT },
	{ "4097 nodes by namespaces", "<a>", "<b xmlns='u'/>", "", "</a>", XML_NODES / 2,
		ASSAY_XML_LIMIT },
	{ "4097 comments", "<a/>", "<!---->", "", "", XML_NODES, ASSAY_XML_LIMIT },
	{ "4097 texts", "<a>", "x<b/>", "", "</a>", XML_NODES / 2, ASSAY_XML_LIMIT },
	{ "many nodes", "<a>", "<b/>", "", "</a>", 250000, ASSAY_XML_LIMIT },
	{ "attribute of 1024", "<a b='", "x", "", "'/>", XML_ATTRIBUTE, ASSAY_OK },
	{ "attribute of 1025", "<a b='", "x", "", "'/>", XML_ATTRIBUTE + 1, ASSAY_XML_LIMIT },
	{ "namespace of 1024", "<a xmlns='", "x", "", "'/>", XML_ATTRIBUTE, ASSAY_OK },
	{ "namespace of 1025", "<a xmlns='", "x", "", "'/>", XML_ATTRIBUTE + 1,
		ASSAY_XML_LIMIT },
	{ "long text", "<a>", "x", "", "</a>", XML_SIZE - 7, ASSAY_OK },
	{ "over the size", "<a>", "x", "", "</a>", XML_SIZE - 6, ASSAY_INPUT_SIZE },
};

static void limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sized); i++) {
		CLEANUP(buf_done) struct buf b   = { 0 };
		AUTO(xmlDoc)                *doc = NULL;
		struct assay_err             e   = { 0 };

		print_message("%s\n", sized[i].name);
		buf_text(&b, sized[i].before);
		for (size_t n = 0; n < sized[i].n; n++)
			buf_text(&b, sized[i].each);
		for (size_t n = 0; n < sized[i].n; n++)
			buf_text(&b, sized[i].back);
		buf_text(&b, sized[i].after);
		assert_int_equal(xml_read(buf_bytes(&b), &doc, &e), sized[i].code);
	}
}

/* libxml2 compares each attribute, and each namespace, of an element with all others. */
static void quadratic(void **state)
{
	static const char *const names[] = { " a", " xmlns:a" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(buf_done) struct buf b     = { 0 };
		AUTO(xmlDoc)                *doc   = NULL;
		struct assay_err             e     = { 0 };
		clock_t                      start = clock();

		buf_text(&b, "<a");
		for (int n = 0; b.n < XML_SIZE - 100; n++)
			buf_printf(&b, "%s%d='u'", names[i], n);
		buf_text(&b, "/>");
		assert_int_equal(xml_read(buf_bytes(&b), &doc, &e), ASSAY_XML_LIMIT);
		assert_true(clock() - start < CLOCKS_PER_SEC);
	}
}

/* The bound for one element, and that it begins anew with the next. */
static void attributes(void **state)
{
	static const struct {
		int             a, b;
		enum assay_code code;
	} elements[] = {
		{ XML_ATTRIBUTES, XML_ATTRIBUTES, ASSAY_OK },
		{ XML_ATTRIBUTES + 1, 1, ASSAY_XML_LIMIT },
		{ 1, XML_ATTRIBUTES + 1, ASSAY_XML_LIMIT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(elements); i++) {
		CLEANUP(buf_done) struct buf b   = { 0 };
		AUTO(xmlDoc)                *doc = NULL;
		struct assay_err             e   = { 0 };

		buf_text(&b, "<a");
		for (int n = 0; n < elements[i].a; n++)
			buf_printf(&b, " a%d='>'", n);
		buf_text(&b, "><b");
		for (int n = 0; n < elements[i].b; n++)
			buf_printf(&b, " xmlns:b%d='u'", n);
		buf_text(&b, "/></a>");
		assert_int_equal(xml_read(buf_bytes(&b), &doc, &e), elements[i].code);
	}
}

static void access_tree(void **state)
{
	static const char text[] =
		"<s:a xmlns:s='urn:s' p='1' s:p='2' q=''>\n <!-- c --><s:b>x&amp;y</s:b>"
		" <b/><c>x<d/></c></s:a>";
	AUTO(xmlDoc)    *doc = NULL;
	struct assay_err e   = { 0 };
	xmlNode         *a, *b;

	(void)state;
	assert_int_equal(xml_read(bytes_text(text), &doc, &e), ASSAY_OK);
	a = xmlDocGetRootElement(doc);
	assert_true(xml_is(a, "urn:s", "a"));
	assert_false(xml_is(a, NULL, "a"));
	assert_false(xml_is(a, "urn:t", "a"));
	assert_false(xml_is(a, "urn:s", "b"));
	assert_false(xml_is(NULL, NULL, "b"));
	assert_true(bytes_equal(xml_attribute(a, NULL, "p"), BYTES("1")));
	assert_true(bytes_equal(xml_attribute(a, "urn:s", "p"), BYTES("2")));
	assert_non_null(xml_attribute(a, NULL, "q").p);
	assert_int_equal(xml_attribute(a, NULL, "q").n, 0);
	assert_null(xml_attribute(a, NULL, "r").p);
	assert_null(xml_content(a).p);
	b = xml_child(a);
	assert_true(xml_is(b, "urn:s", "b"));
	assert_true(bytes_equal(xml_content(b), BYTES("x&y")));
	b = xml_next(b);
	assert_true(xml_is(b, NULL, "b"));
	assert_null(xml_content(b).p);
	b = xml_next(b);
	assert_null(xml_content(b).p); /* not only text */
	assert_true(xml_is(xml_child(b), NULL, "d"));
	assert_null(xml_next(b));
	assert_null(xml_child(NULL));
}

static void attribute_values(void **state)
{
	AUTO(xmlDoc)    *doc = NULL;
	struct assay_err e   = { 0 };

	(void)state;
	assert_int_equal(xml_read(BYTES("<a b='1&amp;2&lt;&#x33;\n4'/>"), &doc, &e), ASSAY_OK);
	assert_true(bytes_equal(
		xml_attribute(xmlDocGetRootElement(doc), NULL, "b"), BYTES("1&2<3 4")));
}

static void real_rims(void **state)
{
	static const char *const rims[] = {
		"nvidia/rims/NV_GPU_DRIVER_GH100_550.144.03.xml",
		"nvidia/rims/NV_GPU_VBIOS_1010_0200_882_96005E0001.xml",
		"nvidia/rims/NV_SWITCH_BIOS_5612_0002_890_9610550001.xml",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rims); i++) {
		CLEANUP(buf_done) struct buf text = { 0 };
		AUTO(xmlDoc)                *doc  = NULL;
		struct assay_err             e    = { 0 };

		test_interop(rims[i], &text);
		assert_int_equal(xml_read(buf_bytes(&text), &doc, &e), ASSAY_OK);
		assert_string_equal(xmlDocGetRootElement(doc)->name, "SoftwareIdentity");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(loads_nothing),
		cmocka_unit_test(limits),
		cmocka_unit_test(quadratic),
		cmocka_unit_test(attributes),
		cmocka_unit_test(access_tree),
		cmocka_unit_test(attribute_values),
		cmocka_unit_test(real_rims),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
