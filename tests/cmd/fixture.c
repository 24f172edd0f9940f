/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pem.h"
#include "cmd/run.h"
#include "crypto/pki.h"
#include "test.h"

#define BOMB_HEAD                                             \
	"<?xml version=\"1.0\"?>\n<!DOCTYPE a [\n"            \
	"<!ENTITY a \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\">\n" \
	"<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">\n"    \
	"<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">\n"    \
	"<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">\n"    \
	"<!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\">\n"    \
	"<!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;\">\n"    \
	"<!ENTITY g \"&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;\">]>\n"

static const struct {
	const char  *name;
	struct bytes body;
} files[] = {
	{ "empty", BYTES("") },
	{ "blank", BYTES(" \r\n\t\n") },
	{ "nul", BYTES("\0\0\0\0") },
	{ "words", BYTES("This is no evidence.\n") },
	{ "escapes", BYTES(ESCAPES ESCAPES) },
	{ "escapes.json",
		BYTES("[{\"arch\": \"a\302\233\342\200\256\342\200\254\", \"" ESCAPES
		      "\": 1}]") },
	{ "scalar", BYTES("3") },
	{ "null", BYTES("null") },
	{ "brackets", BYTES("[]") },
	{ "braces", BYTES("{}") },
	{ "open", BYTES("[") },
	{ "tail", BYTES("[] []") },
	{ "twice", BYTES("{\"schema\":\"assay.bundle/1\",\"schema\":\"assay.bundle/1\"}") },
	{ "twice.escape", BYTES("{\"a\\u001b[31m\\u009b\":1,\"a\\u001b[31m\\u009b\":2}") },
	{ "nul.key", BYTES("{\"a\\u0000b\":1}") },
	{ "nul.text", BYTES("[{\"arch\":\"HOPPER\\u0000\"}]") },
	{ "surrogate", BYTES("[{\"arch\":\"\\ud800\"}]") },
	{ "latin1", BYTES("[{\"arch\":\"\351\"}]") },
	{ "overlong", BYTES("[{\"arch\":\"\300\257\"}]") },
	{ "huge.number", BYTES("[99999999999999999999999999999999]") },
	{ "huge.real", BYTES("[1e999999]") },
	{ "schema.unknown", BYTES("{\"schema\":\"assay.bundle/\\u009b\\u202e9\"}") },
	{ "schema.number", BYTES("{\"schema\":1}") },
	{ "nothing.collected",
		BYTES("{\"result_code\":5,\"result_message\":\"\\u001b[2J\\u009b\"}") },
	{ "naked", BYTES("{\"id\":\"TDX\",\"tcbLevels\":[]}") },
	{ "no.devices", BYTES("{\"evidences\":[]}") },
	{ "utf16le", BYTES("\377\376[\0]\0") },
	{ "utf16be", BYTES("\376\377\0[\0]") },
	{ "utf8bom", BYTES("\357\273\277[]") },
	{ "gzip", BYTES("\x1f\x8b\x08\0\0\0\0\0") },
	{ "token", BYTES("eyJhbGciOiJFUzM4NCJ9.e30.AAAA") },
	{ "quote", BYTES("\x04\0\x02\0\x81\0\0\0") },
	{ "bomb.xml", BYTES(BOMB_HEAD "<a>&g;&g;&g;</a>\n") },
	{ "file.xml",
		BYTES("<?xml version=\"1.0\"?>\n<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<a>&x;</a>\n") },
	{ "net.xml", BYTES("<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/a.dtd\"><a/>") },
	{ "parameter.xml",
		BYTES("<!DOCTYPE a [<!ENTITY % x SYSTEM \"file:///etc/passwd\"> %x;]><a/>") },
	{ "include.xml",
		BYTES("<a xmlns:x=\"http://www.w3.org/2001/XInclude\"><x:include href=\"file:///etc/passwd\" parse=\"text\"/></a>") },
	{ "style.xml", BYTES("<?xml-stylesheet href=\"file:///etc/passwd\"?><a/>") },
	{ "utf16.xml", BYTES("\377\376<\0a\0/\0>\0") },
	{ "utf7.xml", BYTES("<?xml version=\"1.0\" encoding=\"UTF-7\"?><a/>") },
	{ "escapes.xml",
		BYTES("<?xml version=\"1.0\" encoding=\"\033[31m\"?><a b=\"&#x9b;&#x202e;\"/>") },
	{ "open.xml", BYTES("<a><b>") },
	{ "poison.cnf",
		BYTES("openssl_conf = x\n[x]\nproviders = p\nalg_section = a\n[p]\nevil = e\n[e]\nmodule = /nonexistent/evil.so\nactivate = 1\n[a]\ndefault_properties = fips=yes\n") },
	{ "ocsp.short", BYTES("\x30\x82\x01") },
	{ "ocsp.error", BYTES("\x30\x03\x0a\x01\x06") },
};

static void repeat(
	const char *name, const char *head, const char *unit, size_t times, const char *tail)
{
	FILE *f = fopen(name, "wb");

	assert_non_null(f);
	fputs(head, f);
	for (size_t i = 0; i < times; i++)
		fputs(unit, f);
	fputs(tail, f);
	assert_int_equal(fclose(f), 0);
}

/* Bytes that look random and are the same each time. */
static void noise(const char *name, size_t n)
{
	CLEANUP(buf_done) struct buf b = { 0 };
	uint64_t                     x = 88172645463325252U;

	for (size_t i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		buf_byte(&b, (uint8_t)(x >> 24));
	}
	run_write(name, buf_bytes(&b));
	b.n = 0;
}

static void forged(const char *options)
{
	struct ran r;

	run(&r, "$F %s", options);
	if (r.status != 0)
		fail_msg("assay-forge %s: %s", options, ran_text(&r.err));
	ran_done(&r);
}

static void large(void)
{
	FILE *f = fopen("giant", "wb");

	assert_non_null(f);
	assert_int_equal(ftruncate(fileno(f), (off_t)1 << 30), 0);
	fclose(f);
	repeat("17mib.json", "[\"", "0123456789abcdef", 17 << 16, "\"]");
	repeat("16mib.json", "[\"", "0123456789abcdef", (16 << 16) - 1, "\"]");
	repeat("16mib.hex", "11e0", "00000000", (4 << 17) - 1, "");
	repeat("commas.json", "[0", ",0", 2 << 20, "]");
	repeat("deep.json", "", "[", 1 << 20, "");
	repeat("deep.object.json", "", "{\"a\":", 1 << 20, "");
	repeat("eight.json", "", "[", 9, "]]]]]]]]]");
	repeat("devices.json", "[0", ",0", 64, "]");
	repeat("deep.xml", "", "<a>", 100000, "");
	repeat("wide.xml", "<a", " b=\"1\"", 100000, "/>");
	repeat("spaces.json", "", " ", 3 << 20, "[]");
	repeat("many.pem", "", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
		1000, "");
	noise("noise", 65536);
}

static void encodings(void)
{
	struct ran r;

	/* what editors and other systems make of good files */
	run(&r,
		"sed 's/$/\\r/' one/evidence.json >crlf.json; sed 's/$/\\r/' one/gpu0.chain.pem >crlf.pem;"
		"od -An -v -tx1 one/gpu0.report.bin >spaces.hex; tr -d ' \\n' <spaces.hex >plain.hex;"
		"tr a-f A-F <plain.hex >upper.hex; sed 's/^/0x/' plain.hex >prefix.hex;"
		"sed 's/....$/zz/' plain.hex >bad.hex; sed 's/.$//' plain.hex >odd.hex;"
		"cat one/gpu0.chain.pem one/gpu0.chain.pem >double.pem; head -c 700 one/gpu0.chain.pem >cut.pem;"
		"sed 's/^M/!/' one/gpu0.chain.pem >junk.pem; (echo hello; cat one/gpu0.chain.pem) >prose.pem;"
		"mkdir rims mixed empty.dir; cp one/rims/* rims; cp one/rims/* one/ocsp/* mixed;"
		"cp 17mib.json mixed/large; mkfifo mixed/fifo fifo; mkdir mixed/sub; ln -s absent mixed/.hidden;"
		"ln -s absent dangling; touch unreadable; chmod 0 unreadable; mkdir crowd;"
		"(cd crowd; seq 1100 | xargs touch);"
		"mkdir bin path; cp \"$A\" bin/assay;"
		"printf '#!/bin/sh\\necho \"$0 says $*\"\\n' >bin/assay-hello; cp bin/assay-hello path/assay-evil;"
		"cp bin/assay-hello assay-here; chmod +x bin/* path/* assay-here; touch bin/assay-limp;"
		"mkdir bin/assay-dir node; cp bin/assay node; cp bin/assay-hello node/assay-node; chmod +x node/*");
	if (r.status != 0)
		fail_msg("%s", ran_text(&r.err));
	ran_done(&r);
}

static void make_files(void)
{
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		run_write(files[i].name, files[i].body);
	large();
	forged("--tdx -o one");
	forged("--profile ppcie -o pp");
	forged("--seed two -o two");
	encodings();
	run_write(ESCAPES "\n\r.json", BYTES("[]"));
	assert_int_equal(mkdir("folder" ESCAPES, 0700), 0);
}

json_t *fixture_json(const char *name)
{
	CLEANUP(buf_done) struct buf text  = { 0 };
	struct assay_err             e     = { 0 };
	json_t                      *value = NULL;

	test_read(name, &text);
	test_must(json_read(buf_bytes(&text), text.n, &value, &e), &e);
	return value;
}

void fixture_write_json(const char *name, const json_t *value)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	struct assay_err             e    = { 0 };

	assert_int_equal(json_write(value, &text, &e), ASSAY_OK);
	run_write(name, buf_bytes(&text));
}

static void replace_all(const char *from, const char *to, struct bytes old, struct bytes new)
{
	CLEANUP(buf_done) struct buf in = { 0 }, out = { 0 };
	size_t                       times = 0;

	test_read(from, &in);
	for (size_t i = 0; i < in.n; i++) {
		if (in.n - i >= old.n && memcmp(in.p + i, old.p, old.n) == 0) {
			buf_put(&out, new.p, new.n);
			i += old.n - 1;
			times++;
		} else {
			buf_byte(&out, in.p[i]);
		}
	}
	if (times == 0)
		fail_msg("%s has no %.*s", from, (int)old.n, (const char *)old.p);
	run_write(to, buf_bytes(&out));
}

static void put_pem(const X509 *cert, struct buf *out)
{
	CLEANUP(buf_done) struct buf der = { 0 };

	pki_der(cert, &der);
	pem_write(buf_bytes(&der), out);
}

static void make_chain(void)
{
	static const struct pki_row  ca        = { .name = ESCAPES, .ext = PKI_CA };
	static const struct pki_row  leaf      = { .name = ESCAPES,
		      .ext = { { NID_key_usage, "critical,digitalSignature" } } };
	static const char *const     anchors[] = { "hostile/anchors/nvidia-device.pem",
		    "hostile/anchors/nvidia-rim.pem", "hostile/anchors/intel-sgx.pem" };
	CLEANUP(buf_done) struct buf pem = { 0 }, root = { 0 };
	AUTO(json_t)                *evidence = fixture_json("one/evidence.json");
	struct pki                   made[5]  = { 0 };

	pki_make(&ca, NULL, NULL, &made[4]);
	for (size_t i = 3; i > 0; i--)
		pki_make(&ca, &made[i + 1], NULL, &made[i]);
	pki_make(&leaf, &made[1], NULL, &made[0]);
	for (size_t i = 0; i < ARRAY_LEN(made); i++)
		put_pem(made[i].cert, &pem);
	put_pem(made[4].cert, &root);
	assert_int_equal(mkdir("hostile", 0700), 0);
	assert_int_equal(mkdir("hostile/anchors", 0700), 0);
	for (size_t i = 0; i < ARRAY_LEN(anchors); i++)
		run_write(anchors[i], buf_bytes(&root));
	run_write("hostile/chain.pem", buf_bytes(&pem));
	json_object_set_new(
		json_array_get(evidence, 0), "certificate", json_base64(buf_bytes(&pem)));
	fixture_write_json("hostile/evidence.json", evidence);
	for (size_t i = 0; i < ARRAY_LEN(made); i++)
		pki_done(&made[i]);
}

/* Names with escapes at every place that is shown. */
static void make_names(void)
{
	AUTO(json_t) *evidence = fixture_json("one/evidence.json"),
		     *bundle   = fixture_json("one/bundle.json");
	json_t    *device      = json_array_get(evidence, 0), *piece;
	size_t     i;
	struct ran r;

	run_write("nonce", bytes_text(json_string_value(json_object_get(bundle, "nonce"))));
	json_object_set_new(device, "driver_version", json_string(ESCAPES));
	json_object_set_new(device, "vbios_version", json_string(ESCAPES));
	json_object_set_new(device, "uuid", json_string(ESCAPES));
	fixture_write_json("versions.json", evidence);
	json_object_set_new(device, "arch", json_string(ESCAPES));
	fixture_write_json("names.json", evidence);
	json_array_foreach(json_object_get(bundle, "collateral"), i, piece)
	{
		json_object_set_new(piece, "want", json_string("ocsp:" ESCAPES));
		json_object_set_new(piece, "name", json_string(ESCAPES));
		json_object_set_new(piece, "from", json_string(ESCAPES));
	}
	fixture_write_json("wants.json", bundle);
	run(&r,
		"for x in bomb file net parameter include style deep wide; do mkdir $x;"
		"cp $x.xml $x/NV_GPU_DRIVER_GH100_580.159.03.xml; done; mkdir open.d attributes;"
		"cp open.xml open.d/NV_GPU_DRIVER_GH100_580.159.03.xml");
	assert_int_equal(r.status, 0);
	ran_done(&r);
	replace_all("one/rims/NV_GPU_DRIVER_GH100_580.159.03.xml",
		"attributes/NV_GPU_DRIVER_GH100_580.159.03.xml", BYTES("\"GH100\""),
		BYTES("\"a&#x9b;31m\342\200\256\342\200\254&#127;&#10;\""));
}

int fixture_open(void **state)
{
	(void)state;
	run_open();
	make_files();
	make_chain();
	make_names();
	return 0;
}

int fixture_close(void **state)
{
	(void)state;
	run_close();
	return 0;
}
