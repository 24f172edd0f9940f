/* SPDX-License-Identifier: Apache-2.0
 *
 * The programs as a hostile or clumsy user would run them. Each row is a command line; what holds for all of them is
 * asked of all: it ends soon, in bounded memory, by no signal, says at most one line on standard error, and writes
 * nothing but printable ASCII. Where a row names no output there must be none. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "cmd/fixture.h"
#include "cmd/run.h"
#include "test.h"

#define ONE         "$A verify --anchors one/anchors --as-recorded "
#define NODE        "$A verify --anchors pp/anchors --as-recorded "
#define LOOSE       "$A verify --anchors one/anchors --at 2026-06-01 --nonce $(cat nonce) "
#define ROW(...)    "printf '%s' '" __VA_ARGS__ "' >p.json; " ONE "--policy p.json one/bundle.json"
#define WAIVER(...) ROW("{\"schema\":\"assay.policy/1\",\"waivers\":[{" __VA_ARGS__ "}]}")
#define NO_CODE     "70" /* never: a defect of ours, or out of memory */

#define RSS_KIB (112 * 1024) /* for the largest input */
#define RSS_ONE (14 * 1024)  /* for one device without RIMs */

enum flags {
	JSON     = 1, /* standard output is one report, which tells the exit status */
	TWO      = 2, /* lines on standard error */
	TERMINAL = 4, /* output of a terminal: colours and carriage returns */
	BROKEN   = 8, /* the report has one finding: a container that cannot be parsed */
};

struct row {
	const char *name, *line;
	int         status;
	const char *err; /* part of the one line on standard error; NULL: there is none */
	const char *out; /* part of standard output; NULL: nothing there; "": anything */
	unsigned    flags;
};

static size_t lines(const struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += b->p[i] == '\n';
	return n;
}

static bool clean(const struct buf *b, unsigned flags)
{
	for (size_t i = 0; i < b->n; i++) {
		uint8_t c = b->p[i];

		if (c == '\n' || (c >= ' ' && c <= '~'))
			continue;
		if ((flags & TERMINAL) != 0 && (c == '\r' || c == '\033'))
			continue;
		return false;
	}
	return true;
}

static const char *json_wrong(struct ran *r, unsigned flags)
{
	AUTO(json_t)    *root = NULL;
	struct assay_err e    = { 0 };
	const char      *schema;

	if (json_read(buf_bytes(&r->out), r->out.n, &root, &e) != ASSAY_OK)
		return "no JSON";
	schema = json_string_value(json_object_get(root, "schema"));
	if (schema == NULL || strcmp(schema, "assay.report/1") != 0)
		return "no report";
	if (json_integer_value(json_object_get(root, "exit")) != r->status)
		return "another exit status in the report";
	if ((flags & BROKEN) != 0 && json_array_size(json_object_get(root, "findings")) != 1)
		return "not one finding";
	return NULL;
}

/* What holds for everything; NULL, or what is wrong. */
static const char *general(struct ran *r, unsigned flags)
{
	size_t said = lines(&r->err), may = (flags & TWO) != 0 ? 2 : 1;

	if (r->status == RUN_TIMEOUT)
		return "took too long, or wrote too much";
	if (r->status > 128)
		return "ended by a signal";
	if (said > may || (r->err.n > 0 && r->err.p[r->err.n - 1] != '\n'))
		return "not one line on standard error";
	if (!clean(&r->err, 0) || !clean(&r->out, flags))
		return "control bytes, or bytes outside ASCII";
	if (!RUN_SANITIZED && r->rss_kib > RSS_KIB)
		return "too much memory";
	return (flags & (JSON | BROKEN)) != 0 ? json_wrong(r, flags) : NULL;
}

static const char *wrong(const struct row *row, struct ran *r)
{
	const char *why = general(r, row->flags);

	if (why != NULL)
		return why;
	if (r->status != row->status)
		return "another exit status";
	if (row->err == NULL ? r->err.n != 0 : strstr(ran_text(&r->err), row->err) == NULL)
		return "another message";
	if (row->out == NULL ? r->out.n != 0 : strstr(ran_text(&r->out), row->out) == NULL)
		return "another output";
	return NULL;
}

static void tell(const char *name, const char *why, struct ran *r)
{
	print_message("%s: %s\n  status %d, %ld KiB\n  err: %.400s\n  out: %.1200s\n", name,
		why, r->status, r->rss_kib, ran_text(&r->err), ran_text(&r->out));
}

static void try_all(const struct row *rows, size_t n)
{
	size_t bad = 0;

	for (size_t i = 0; i < n; i++) {
		struct ran  r;
		const char *why;

		run(&r, "%s", rows[i].line);
		why = wrong(&rows[i], &r);
		if (why != NULL) {
			tell(rows[i].name, why, &r);
			bad++;
		}
		ran_done(&r);
	}
	assert_int_equal(bad, 0);
}

#define TEST(table)                               \
	static void test_##table(void **state)    \
	{                                         \
		(void)state;                      \
		try_all(table, ARRAY_LEN(table)); \
	}

static const struct row good[] = {
	{ "a bundle", ONE "one/bundle.json", 0, NULL, "accepted (exit 0)", 0 },
	{ "a node", NODE "pp/bundle.json", 0, NULL, "nvswitch3", 0 },
	{ "as JSON", ONE "-f json one/bundle.json", 0, NULL, "\"TEST ANCHORS\"", JSON },
	{ "from standard input", ONE "- <one/bundle.json", 0, NULL, "accepted", 0 },
	{ "from a pipe", "cat one/bundle.json | " ONE "-", 0, NULL, "accepted", 0 },
	{ "from a named pipe", "cat one/bundle.json >fifo & " ONE "fifo", 0, NULL, "accepted",
		0 },
	{ "from /dev/stdin", ONE "/dev/stdin <one/bundle.json", 0, NULL, "accepted", 0 },
	{ "several files are one node",
		"$A verify --anchors pp/anchors --at 2026-06-01 --expect 8+4 pp/gpu_evidence.json pp/switch_evidence.json",
		3, NULL, "nvswitch3", 0 },
	{ "half of a node",
		"$A verify --anchors pp/anchors --at 2026-06-01 pp/gpu_evidence.json", 3, NULL,
		"DEVICE_MISSING", 0 },
	{ "one file twice", ONE "one/bundle.json one/bundle.json", 1, NULL, "DEVICE_TWICE", 0 },
	{ "two bundles", ONE "one/bundle.json two/bundle.json", 6, "another nonce", NULL, 0 },
	{ "no anchors", "$A verify --as-recorded one/bundle.json", 1, NULL, "CHAIN_ROOT", 0 },
	{ "quiet", ONE "-q one/bundle.json", 0, NULL, NULL, 0 },
	{ "verbose", ONE "-v one/bundle.json", 0, NULL, "gpu.report.signature", 0 },
	{ "behind --", ONE "-- one/bundle.json", 0, NULL, "accepted", 0 },
	{ "options behind files", ONE "one/bundle.json --expect 1 -v", 0, NULL, "accepted", 0 },
	{ "JSON with carriage returns",
		"$A verify --anchors one/anchors --at 2026-06-01 crlf.json", 3, NULL,
		"OCSP_MISSING", 0 },
	{ "a binary report", LOOSE "--chain one/gpu0.chain.pem one/gpu0.report.bin", 3, NULL,
		"HOPPER", 0 },
	{ "hexadecimal", LOOSE "--chain one/gpu0.chain.pem plain.hex", 3, NULL, "HOPPER", 0 },
	{ "in capitals", LOOSE "--chain one/gpu0.chain.pem upper.hex", 3, NULL, "HOPPER", 0 },
	{ "with spaces", LOOSE "--chain one/gpu0.chain.pem spaces.hex", 3, NULL, "HOPPER", 0 },
	{ "with a prefix", LOOSE "--chain one/gpu0.chain.pem prefix.hex", 3, NULL, "HOPPER",
		0 },
	{ "a chain with carriage returns", LOOSE "--chain crlf.pem one/gpu0.report.bin", 3,
		NULL, "HOPPER", 0 },
	{ "a chain from a pipe",
		"cat one/gpu0.chain.pem | " LOOSE "--chain - one/gpu0.report.bin", 3, NULL,
		"HOPPER", 0 },
	{ "collateral from folders", LOOSE "--rim one/rims --ocsp one/ocsp one/evidence.json",
		0, NULL, "33 of 33", 0 },
	{ "from one folder of everything", LOOSE "--rim mixed --ocsp mixed one/evidence.json",
		0, NULL, "33 of 33", 0 },
	{ "from files",
		LOOSE "--rim one/rims/*VBIOS* --rim one/rims/*DRIVER* one/evidence.json", 3,
		NULL, "33 of 33", 0 },
	{ "a RIM from standard input",
		LOOSE "--rim - one/evidence.json <one/rims/NV_GPU_DRIVER_GH100_580.159.03.xml",
		3, NULL, "NV_GPU_VBIOS", 0 },
	{ "a RIM from a named pipe",
		"cat one/rims/*VBIOS* >fifo & " LOOSE
		"--rim fifo --rim one/rims/*DRIVER* one/evidence.json",
		3, NULL, "33 of 33", 0 },
	{ "an empty folder", LOOSE "--rim empty.dir one/evidence.json", 3, NULL, "RIM_MISSING",
		0 },
};

static const struct row files[] = {
	{ "absent", ONE "absent", 2, "absent: No such file", NULL, 0 },
	{ "no name", ONE "''", 2, "\"\": No such file", NULL, 0 },
	{ "a folder", ONE ".", 2, "is a folder", NULL, 0 },
	{ "a folder of one", ONE "one/", 2, "is a folder", NULL, 0 },
	{ "below a file", ONE "empty/x", 2, "Not a directory", NULL, 0 },
	{ "a link to nothing", ONE "dangling", 2, "No such file", NULL, 0 },
	{ "/dev/zero", ONE "/dev/zero", 2, "is not a file", NULL, 0 },
	{ "/dev/null", ONE "/dev/null", 2, "is not a file", NULL, 0 },
	{ "/dev/full", ONE "/dev/full", 2, "is not a file", NULL, 0 },
	{ "/dev/tty", ONE "/dev/tty", 2, "assay: /dev/tty: ", NULL, 0 },
	{ "zeros", ONE "- </dev/zero", 6, "over the limit", NULL, 0 },
	{ "nothing", ONE "- </dev/null", 6, "standard input: empty", NULL, 0 },
	{ "no standard input", ONE "- <&-", 2, "Bad file descriptor", NULL, 0 },
	{ "standard input twice", ONE "- - <one/bundle.json", 6, "standard input: empty", NULL,
		0 },
	{ "a pipe without writer", ONE "fifo", 6, "fifo: empty", NULL, 0 },
	{ "1 GiB", ONE "giant", 6, "1073741824 bytes, over the limit", NULL, 0 },
	{ "1 GiB by standard input", ONE "- <giant", 6, "over the limit", NULL, 0 },
	{ "1 GiB of policy", ONE "--policy giant one/bundle.json", 6, "over the limit", NULL,
		0 },
	{ "1 GiB of RIM", ONE "--rim giant one/bundle.json", 6, "over the limit", NULL, 0 },
	{ "1 GiB of chain", ONE "--chain giant one/gpu0.report.bin", 6, "over the limit", NULL,
		0 },
	{ "17 MiB", ONE "17mib.json", 6, "over the limit", NULL, 0 },
	{ "nearly 16 MiB", ONE "16mib.json", 6, "over the limit", NULL, 0 },
	{ "16 MiB of hexadecimal", LOOSE "--chain one/gpu0.chain.pem 16mib.hex", 6, NULL,
		"over the limit of 8192", 0 },
	{ "empty", ONE "empty", 6, "empty: empty", NULL, 0 },
	{ "blank", ONE "blank", 6, "white space", NULL, 0 },
	{ "NUL", ONE "nul", 6, "\\x00\\x00\\x00\\x00", NULL, 0 },
	{ "words", ONE "words", 6, "wanted: evidence JSON", NULL, 0 },
	{ "noise", ONE "noise", 6, "begins with", NULL, 0 },
	{ "a program", ONE "$A", 6, "this is a program", NULL, 0 },
	{ "escapes", ONE "escapes", 6, "\\x1b[31mb\\xc2\\x9b", NULL, 0 },
	{ "gzip", ONE "gzip", 6, "gzip", NULL, 0 },
	{ "a token", ONE "token", 6, "a token", NULL, 0 },
	{ "a TDX quote", ONE "quote", 6, "TDX quote", NULL, 0 },
	{ "UTF-16", ONE "utf16le", 6, "UTF-16", NULL, 0 },
	{ "UTF-16, the other way", ONE "utf16be", 6, "UTF-16", NULL, 0 },
	{ "a byte order mark", ONE "utf8bom", 6, "byte order mark", NULL, 0 },
	{ "a report without its chain", ONE "one/gpu0.report.bin", 6,
		"needs its certificate chain", NULL, 0 },
	{ "a chain without a report", ONE "one/gpu0.chain.pem", 6, "PEM without a report", NULL,
		0 },
	{ "a RIM", ONE "one/rims/*DRIVER*", 6, "this is XML", NULL, 0 },
	{ "an answer", ONE "one/ocsp/0.der", 6, "this is DER", NULL, 0 },
	{ "an answer for a RIM", ONE "--rim one/ocsp/0.der one/bundle.json", 6,
		"--rim: one/ocsp/0.der is no RIM", NULL, 0 },
	{ "a RIM for an answer", ONE "--ocsp one/rims/*DRIVER* one/bundle.json", 6,
		"is no OCSP response", NULL, 0 },
	{ "no RIM", ONE "--rim absent one/bundle.json", 2, "--rim: absent: No such file", NULL,
		0 },
	{ "an empty RIM", ONE "--rim empty one/bundle.json", 6, "empty is no RIM", NULL, 0 },
	{ "a RIM in a pipe without writer", ONE "--rim fifo one/bundle.json", 6,
		"fifo is no RIM", NULL, 0 },
	{ "a RIM from /dev/zero", ONE "--rim /dev/zero one/bundle.json", 2, "is not a file",
		NULL, 0 },
	{ "a crowd", ONE "--rim crowd one/bundle.json", 6, "more than 1024 files", NULL, 0 },
	{ "no chain", ONE "--chain absent one/gpu0.report.bin", 2, "--chain: absent", NULL, 0 },
	{ "an empty chain", ONE "--chain empty one/gpu0.report.bin", 6,
		"needs its certificate chain", NULL, 0 },
	{ "hexadecimal with more in it", ONE "--chain one/gpu0.chain.pem bad.hex", 6, "hex",
		NULL, 0 },
	{ "an odd digit", ONE "--chain one/gpu0.chain.pem odd.hex", 6, "odd number", NULL, 0 },
	{ "two chains in one", LOOSE "--chain double.pem one/gpu0.report.bin", 6, NULL,
		"INPUT_SIZE", 0 },
	{ "half a chain", LOOSE "--chain cut.pem one/gpu0.report.bin", 6, NULL, "INPUT_PEM",
		0 },
	{ "a thousand certificates", LOOSE "--chain many.pem one/gpu0.report.bin", 6, NULL,
		"gpu.evidence.parse", 0 },
	{ "base64 noise", LOOSE "--chain junk.pem one/gpu0.report.bin", 6, NULL, "INPUT_BASE64",
		0 },
	{ "another device's chain", LOOSE "--chain two/gpu0.chain.pem one/gpu0.report.bin", 1,
		NULL, "CHAIN_ROOT", 0 },
	{ "a report for a chain", LOOSE "--chain one/gpu0.report.bin one/gpu0.report.bin", 6,
		NULL, "INPUT_PEM", 0 },
	{ "a report as its chain's text", LOOSE "--chain words one/gpu0.report.bin", 6, NULL,
		"INPUT_PEM", 0 },
	{ "no anchors", "$A verify --anchors absent one/bundle.json", 2,
		"--anchors: absent/nvidia-device.pem: No such", NULL, 0 },
	{ "an anchor instead of a folder",
		"$A verify --anchors one/anchors/nvidia-rim.pem one/bundle.json", 2,
		"Not a directory", NULL, 0 },
	{ "anchors that are none",
		"mkdir -p bad; cp words bad/nvidia-device.pem; cp words bad/nvidia-rim.pem; cp words bad/intel-sgx.pem; $A verify --anchors bad one/bundle.json",
		6, "--anchors: nvidia-device.pem", NULL, 0 },
	{ "the same as JSON", "$A verify --anchors bad -f json one/bundle.json", 6, NULL,
		"TEST ANCHORS", BROKEN },
	{ "inspect absent", "$A inspect absent", 2, "No such file", NULL, 0 },
	{ "inspect a folder", "$A inspect .", 2, "is a folder", NULL, 0 },
	{ "inspect 1 GiB", "$A inspect giant", 6, "over the limit", NULL, 0 },
	{ "inspect noise", "$A inspect noise", 6, "nothing that assay can decode", NULL, 0 },
	{ "inspect nothing", "$A inspect - </dev/null", 6, "standard input: empty", NULL, 0 },
	{ "inspect a pipe without writer", "$A inspect fifo", 6, "fifo: empty", NULL, 0 },
	{ "inspect good, then bad", "$A inspect one/bundle.json absent", 2, "absent", NULL, 0 },
};

static const struct row json[] = {
	{ "one bracket", ONE "open", 6, "not JSON", NULL, 0 },
	{ "more behind it", ONE "tail", 6, "not JSON", NULL, 0 },
	{ "a number", ONE "scalar", 6, "wanted", NULL, 0 },
	{ "null", ONE "null", 6, "wanted", NULL, 0 },
	{ "no device", ONE "brackets", 2, "--as-recorded", NULL, 0 },
	{ "no device, judged", "$A verify brackets", 5, NULL, "DEVICE_NONE", 0 },
	{ "nothing collected", "$A verify no.devices", 5, NULL, "DEVICE_NONE", 0 },
	{ "no member", ONE "braces", 6, "neither \"schema\" nor \"evidences\"", NULL, 0 },
	{ "a name twice", ONE "twice", 6, "duplicate", NULL, 0 },
	{ "a hostile name twice", ONE "twice.escape", 6, "duplicate", NULL, 0 },
	{ "NUL in a name", ONE "nul.key", 6, "not JSON", NULL, 0 },
	{ "NUL in a text", ONE "nul.text", 6, "not JSON", NULL, 0 },
	{ "half a surrogate pair", ONE "surrogate", 6, "not JSON", NULL, 0 },
	{ "Latin-1", ONE "latin1", 6, "not JSON", NULL, 0 },
	{ "overlong UTF-8", ONE "overlong", 6, "not JSON", NULL, 0 },
	{ "a huge number", ONE "huge.number", 6, "not JSON", NULL, 0 },
	{ "a huge exponent", ONE "huge.real", 6, "not JSON", NULL, 0 },
	{ "a million brackets", ONE "deep.json", 6, "nested deeper than 8", NULL, 0 },
	{ "a million objects", ONE "deep.object.json", 6, "nested deeper than 8", NULL, 0 },
	{ "nine brackets", ONE "eight.json", 6, "nested deeper than 8", NULL, 0 },
	{ "two million values", ONE "commas.json", 6, "values", NULL, 0 },
	{ "65 devices", ONE "devices.json", 6, "65 devices", NULL, 0 },
	{ "spaces", ONE "spaces.json", 2, "--as-recorded", NULL, 0 },
	{ "an unknown schema", ONE "schema.unknown", 6, "assay.bundle/\\xc2\\x9b", NULL, 0 },
	{ "a schema that is a number", ONE "schema.number", 6, "schema", NULL, 0 },
	{ "a message with escapes", ONE "nothing.collected", 6, "\\x1b[2J", NULL, 0 },
	{ "escapes where none may be", ONE "escapes.json", 6, "not JSON", NULL, 0 },
	{ "cannot be parsed, as JSON", ONE "-f json open", 6, NULL, "JSON_PARSE", BROKEN },
	{ "no container, as JSON", ONE "-f json noise", 6, NULL, "INPUT_KIND", BROKEN },
	{ "empty, as JSON", ONE "-f json empty", 6, NULL, "INPUT_SIZE", BROKEN },
	{ "deep, as JSON", ONE "-f json deep.json", 6, NULL, "JSON_DEPTH", BROKEN },
	{ "1 GiB, as JSON", ONE "-f json giant", 6, NULL, "INPUT_SIZE", BROKEN },
	{ "one of two, as JSON", ONE "-f json one/bundle.json open", 6, NULL, "JSON_PARSE",
		BROKEN },
	{ "no RIM, as JSON", ONE "-f json --rim words one/bundle.json", 6, NULL, "INPUT_KIND",
		BROKEN },
	{ "the option behind it", ONE "--rim words one/bundle.json -f json", 6, NULL,
		"INPUT_KIND", BROKEN },
	{ "no policy, as JSON", ONE "-f json --policy braces one/bundle.json", 6, NULL,
		"JSON_FIELD", BROKEN },
	{ "absent, as JSON", ONE "-f json absent", 2, "No such file", NULL, 0 },
	{ "a folder, as JSON", ONE "-f json .", 2, "is a folder", NULL, 0 },
	{ "time is kept", "$A verify --at 2026-06-01 -f json open", 6, NULL,
		"\"historic\": true", BROKEN },
	{ "inspect a broken one", "$A inspect -f json open", 6, "not JSON", NULL, 0 },
};

static const struct row policies[] = {
	{ "good", ROW("{\"schema\":\"assay.policy/1\"}"), 0, NULL, "accepted", 0 },
	{ "absent", ONE "--policy absent one/bundle.json", 2, "--policy: absent: No such file",
		NULL, 0 },
	{ "a folder", ONE "--policy . one/bundle.json", 2, "is a folder", NULL, 0 },
	{ "empty", ONE "--policy empty one/bundle.json", 6, "--policy: empty: empty", NULL, 0 },
	{ "evidence", ONE "--policy one/evidence.json one/bundle.json", 6, "--policy", NULL,
		0 },
	{ "a list", ROW("[]"), 6, "schema", NULL, 0 },
	{ "no JSON", ROW("{"), 6, "--policy: p.json: not JSON", NULL, 0 },
	{ "no schema", ROW("{}"), 6, "no member \"schema\"", NULL, 0 },
	{ "another schema", ROW("{\"schema\":\"\\u001b\\u009b\"}"), 6, "\\x1b\\xc2\\x9b", NULL,
		0 },
	{ "an unknown member", ROW("{\"schema\":\"assay.policy/1\",\"\\u009b\":1}"), 6,
		"unknown member \"\\xc2\\x9b\"", NULL, 0 },
	{ "an unknown requirement",
		ROW("{\"schema\":\"assay.policy/1\",\"require\":{\"\\u202e\":1}}"), 6,
		"unknown requirement", NULL, 0 },
	{ "requirements in a list", ROW("{\"schema\":\"assay.policy/1\",\"require\":[]}"), 6,
		"require", NULL, 0 },
	{ "a version that is none",
		ROW("{\"schema\":\"assay.policy/1\",\"require\":{\"gpu.driver.minimum\":\"new\"}}"),
		6, "not a version", NULL, 0 },
	{ "a version that would compare as none",
		ROW("{\"schema\":\"assay.policy/1\",\"require\":{\"gpu.driver.minimum\":\"ABC\"}}"),
		6, "not a version", NULL, 0 },
	{ "a version of dots",
		ROW("{\"schema\":\"assay.policy/1\",\"require\":{\"gpu.vbios.minimum\":\".\"}}"),
		6, "not a version", NULL, 0 },
	{ "a version with an empty group",
		ROW("{\"schema\":\"assay.policy/1\",\"require\":{\"gpu.driver.minimum\":\"580..1\"}}"),
		6, "not a version", NULL, 0 },
	{ "a version that ends in a dot",
		ROW("{\"schema\":\"assay.policy/1\",\"require\":{\"gpu.driver.minimum\":\"580.\"}}"),
		6, "not a version", NULL, 0 },
	{ "a version that is a number",
		ROW("{\"schema\":\"assay.policy/1\",\"require\":{\"gpu.vbios.minimum\":96}}"),
		6, "not a version", NULL, 0 },
	{ "a flag that is a text",
		ROW("{\"schema\":\"assay.policy/1\",\"require\":{\"report.fwid\":\"yes\"}}"), 6,
		"not true or false", NULL, 0 },
	{ "a negative age",
		ROW("{\"schema\":\"assay.policy/1\",\"require\":{\"ocsp.max-age\":-1}}"), 6,
		"seconds", NULL, 0 },
	{ "an age of text",
		ROW("{\"schema\":\"assay.policy/1\",\"require\":{\"ocsp.max-age\":\"1\"}}"), 6,
		"seconds", NULL, 0 },
	{ "an endless age",
		ROW("{\"schema\":\"assay.policy/1\",\"require\":{\"ocsp.max-age\":9223372036854775807}}"),
		6, "seconds", NULL, 0 },
	{ "no pins", ROW("{\"schema\":\"assay.policy/1\",\"require\":{\"rim.sha256\":[]}}"), 6,
		"digests", NULL, 0 },
	{ "a pin that is none",
		ROW("{\"schema\":\"assay.policy/1\",\"require\":{\"rim.sha256\":[1]}}"), 6,
		"digests", NULL, 0 },
	{ "devices", ROW("{\"schema\":\"assay.policy/1\",\"require\":{\"devices\":\"8-4\"}}"),
		6, "8+4", NULL, 0 },
	{ "waivers that are none", ROW("{\"schema\":\"assay.policy/1\",\"waivers\":{}}"), 6,
		"waivers", NULL, 0 },
	{ "a waiver that is none", ROW("{\"schema\":\"assay.policy/1\",\"waivers\":[1]}"), 6,
		"waiver 0", NULL, 0 },
	{ "an empty waiver", WAIVER(""), 6, "waiver 0: no member \"check\"", NULL, 0 },
	{ "no reason", WAIVER("\"check\":\"gpu.chain.revocation\""), 6, "reason", NULL, 0 },
	{ "an empty reason",
		WAIVER("\"check\":\"gpu.chain.revocation\",\"reason\":\"\",\"expires\":\"2030-01-01\""),
		6, "reason", NULL, 0 },
	{ "no end", WAIVER("\"check\":\"gpu.chain.revocation\",\"reason\":\"r\""), 6, "expires",
		NULL, 0 },
	{ "an end that is none",
		WAIVER("\"check\":\"gpu.chain.revocation\",\"reason\":\"r\",\"expires\":\"never\""),
		6, "a time such as", NULL, 0 },
	{ "an unknown check",
		WAIVER("\"check\":\"gpu.\\u009b\",\"reason\":\"r\",\"expires\":\"2030-01-01\""),
		6, "id of a check", NULL, 0 },
	{ "an unknown code",
		WAIVER("\"check\":\"gpu.chain.revocation\",\"code\":\"X\",\"reason\":\"r\",\"expires\":\"2030-01-01\""),
		6, "a code", NULL, 0 },
	{ "an unknown subject",
		WAIVER("\"check\":\"gpu.chain.revocation\",\"subject\":\"gpu64\",\"reason\":\"r\",\"expires\":\"2030-01-01\""),
		6, "a subject", NULL, 0 },
	{ "a detail that is none",
		WAIVER("\"check\":\"gpu.measurements\",\"detail\":{\"measurement\":-1},\"reason\":\"r\",\"expires\":\"2030-01-01\""),
		6, "detail", NULL, 0 },
	{ "the signature",
		WAIVER("\"check\":\"gpu.report.signature\",\"code\":\"REPORT_SIGNATURE\",\"reason\":\"r\",\"expires\":\"2030-01-01\""),
		6, "cannot be waived", NULL, 0 },
	{ "an unknown member of a waiver",
		WAIVER("\"check\":\"gpu.chain.revocation\",\"until\":1"), 6,
		"unknown member \"until\"", NULL, 0 },
	{ "a reason with escapes",
		"printf '%s' '{\"schema\":\"assay.policy/1\",\"waivers\":[{\"check\":\"gpu.chain.revocation\",\"reason\":\"a\\u009b\\u202e\\u001b[2J\\nb\",\"expires\":\"2030-01-01\"}]}' >p.json; " LOOSE
		"--policy p.json one/evidence.json",
		3, NULL, "a\\xc2\\x9b\\xe2\\x80\\xae\\x1b[2J\\x0ab", 0 },
	{ "a hundred thousand waivers",
		"(printf '{\"schema\":\"assay.policy/1\",\"waivers\":[1'; yes ,1 | head -n 60000 | tr -d '\\n'; printf ']}') >p.json; " ONE
		"--policy p.json one/bundle.json",
		6, "waivers", NULL, 0 },
};

static const struct row options[] = {
	{ "nothing", "$A", 2, "which command?", NULL, 0 },
	{ "no file", "$A verify", 2, "which file?", NULL, 0 },
	{ "no file but options", ONE "-v", 2, "which file?", NULL, 0 },
	{ "no file to inspect", "$A inspect", 2, "which file?", NULL, 0 },
	{ "unknown", ONE "--bogus one/bundle.json", 2, "unknown option --bogus", NULL, 0 },
	{ "unknown with a value", ONE "--bogus=3 one/bundle.json", 2, "unknown option --bogus",
		NULL, 0 },
	{ "unknown behind a file", ONE "one/bundle.json --bogus", 2, "unknown option --bogus",
		NULL, 0 },
	{ "an unknown letter", ONE "-x one/bundle.json", 2, "unknown option -x", NULL, 0 },
	{ "the second of two letters", ONE "--verbose -vx one/bundle.json", 2,
		"unknown option -x", NULL, 0 },
	{ "a letter behind an empty word", ONE "'' -xv", 2, "unknown option -x", NULL, 0 },
	{ "a letter that is no ASCII", ONE "\"$(printf -- '-\\303\\251')\" one/bundle.json", 2,
		"unknown option -\\xc3", NULL, 0 },
	{ "a letter that is a control", ONE "\"$(printf -- '-\\033')\" one/bundle.json", 2,
		"unknown option -\\x1b", NULL, 0 },
	{ "escapes in its name", ONE "\"$(printf -- '--\\033[31m\\302\\233')\"", 2,
		"unknown option --\\x1b[31m\\xc2\\x9b", NULL, 0 },
	{ "a long name", ONE "--$(head -c 100000 </dev/zero | tr '\\0' a)", 2,
		"unknown option --aaaa", NULL, 0 },
	{ "an abbreviation of several", ONE "--a x one/bundle.json", 2,
		"option --a could be one of several", NULL, 0 },
	{ "three dashes", ONE "---nonce", 2, "unknown option ---nonce", NULL, 0 },
	{ "no value", ONE "one/bundle.json --nonce", 2, "option --nonce wants a value", NULL,
		0 },
	{ "no value behind a letter", ONE "one/bundle.json -n", 2, "option -n wants a value",
		NULL, 0 },
	{ "no value behind letters", ONE "one/bundle.json -vn", 2, "option -n wants a value",
		NULL, 0 },
	{ "a value too many", ONE "--verbose=yes one/bundle.json", 2,
		"option --verbose takes no value", NULL, 0 },
	{ "a value for --help", "$A verify --help=all", 2, "option --help takes no value", NULL,
		0 },
	{ "a nonce too short", ONE "--nonce 00 one/bundle.json", 2, "--nonce: a nonce is 64",
		NULL, 0 },
	{ "too long", ONE "--nonce 00$(cat nonce) one/bundle.json", 2, "--nonce: a nonce is 64",
		NULL, 0 },
	{ "no hexadecimal", ONE "--nonce $(head -c 64 </dev/zero | tr '\\0' g) one/bundle.json",
		2, "--nonce: a nonce is 64", NULL, 0 },
	{ "an empty one", ONE "--nonce '' one/bundle.json", 2, "--nonce: a nonce is 64", NULL,
		0 },
	{ "another nonce",
		"$A verify --anchors one/anchors --at 2026-06-01 --nonce $(head -c 64 </dev/zero | tr '\\0' 0) one/bundle.json",
		1, NULL, "REPORT_NONCE", 0 },
	{ "the nonce twice", LOOSE "--nonce $(cat nonce) one/bundle.json", 2,
		"option --nonce twice", NULL, 0 },
	{ "the time twice", "$A verify --at 2026-06-01 --at 2026-06-02 one/bundle.json", 2,
		"option --at twice", NULL, 0 },
	{ "the anchors twice", ONE "--anchors one/anchors one/bundle.json", 2,
		"option --anchors twice", NULL, 0 },
	{ "the policy twice", ONE "--policy a -p b one/bundle.json", 2, "option --policy twice",
		NULL, 0 },
	{ "the format twice", ONE "-f json -f text one/bundle.json", 0, NULL,
		"accepted (exit 0)", 0 },
	{ "a time that is none", "$A verify --at yesterday one/bundle.json", 2,
		"--at: a time is written", NULL, 0 },
	{ "the 30th of February", "$A verify --at 2026-02-30 one/bundle.json", 2,
		"--at: a time is written", NULL, 0 },
	{ "seconds since 1970", "$A verify --at 1780272000 one/bundle.json", 2,
		"--at: a time is written", NULL, 0 },
	{ "another zone", "$A verify --at 2026-06-01T00:00:00+01:00 one/bundle.json", 2,
		"--at: a time is written", NULL, 0 },
	{ "an empty time", "$A verify --at '' one/bundle.json", 2, "--at: a time is written",
		NULL, 0 },
	{ "the year 1", "$A verify --anchors one/anchors --at 0001-01-01 one/bundle.json", 1,
		NULL, "CERT_NOT_YET", 0 },
	{ "the year 9999",
		"$A verify --anchors one/anchors --at 9999-12-31T23:59:59Z one/bundle.json", 1,
		NULL, "as of 9999-12-31", 0 },
	{ "nothing recorded", "$A verify --as-recorded one/evidence.json", 2, "--as-recorded",
		NULL, 0 },
	{ "expect words", ONE "--expect all one/bundle.json", 2,
		"--expect: a number of devices", NULL, 0 },
	{ "expect less than none", ONE "--expect -1 one/bundle.json", 2,
		"--expect: a number of devices", NULL, 0 },
	{ "expect no switch", ONE "--expect 8+ one/bundle.json", 2,
		"--expect: a number of devices", NULL, 0 },
	{ "expect three kinds", ONE "--expect 8+4+2 one/bundle.json", 2,
		"--expect: a number of devices", NULL, 0 },
	{ "expect a great many", ONE "--expect 99999999999999999999 one/bundle.json", 2,
		"--expect: a number of devices", NULL, 0 },
	{ "expect nothing", ONE "--expect '' one/bundle.json", 2,
		"--expect: a number of devices", NULL, 0 },
	{ "expect more than there are", ONE "--expect 8+4 one/bundle.json", 1, NULL,
		"DEVICE_COUNT", 0 },
	{ "a format that is none", ONE "--format xml one/bundle.json", 2,
		"--format: text or json, not \"xml\"", NULL, 0 },
	{ "no format", ONE "--format '' one/bundle.json", 2, "--format: text or json", NULL,
		0 },
	{ "a format with escapes", "$A inspect -f \"$(printf '\\033[2J')\" words", 2,
		"not \"\\x1b[2J\"", NULL, 0 },
	{ "an option for a file", ONE "-- -v", 2, "-v: No such file", NULL, 0 },
	{ "-- at the end", ONE "one/bundle.json --", 0, NULL, "accepted", 0 },
	{ "a wrong option before a wrong file", "$A verify absent --bogus", 2,
		"unknown option --bogus", NULL, 0 },
	{ "help", "$A --help", 0, NULL, "verify", 0 },
	{ "-h", "$A -h", 0, NULL, "verify", 0 },
	{ "the word help", "$A help", 0, NULL, "verify", 0 },
	{ "help for a command", "$A verify --help", 0, NULL, "--as-recorded", 0 },
	{ "help among others", "$A verify -v -h absent", 0, NULL, "--as-recorded", 0 },
	{ "help for inspect", "$A inspect -h", 0, NULL, "--format", 0 },
	{ "help for explain", "$A explain --help", 0, NULL, "--format", 0 },
	{ "version", "$A --version", 0, NULL, "assay 0", 0 },
	{ "-V", "$A -V", 0, NULL, "assay 0", 0 },
	{ "everything explained", "$A explain", 0, NULL, "gpu.report.nonce", 0 },
	{ "as JSON", "$A explain -f json", 0, NULL, "\"gpu.report.nonce\"", 0 },
	{ "an id", "$A explain gpu.report.nonce", 0, NULL, "waivers", 0 },
	{ "a code", "$A explain REPORT_NONCE", 0, NULL, "exit 1", 0 },
	{ "a code as C spells it", "$A explain ASSAY_REPORT_NONCE", 0, NULL, "exit 1", 0 },
	{ "an unknown id", "$A explain gpu.", 2, "\"gpu.\"", NULL, 0 },
	{ "an empty id", "$A explain ''", 2, "\"\"", NULL, 0 },
	{ "an id with escapes", "$A explain \"$(printf '\\033]0;x\\007')\"", 2,
		"\\x1b]0;x\\x07", NULL, 0 },
	{ "one known, one not", "$A explain gpu.report.nonce bogus", 2, "bogus", NULL, 0 },
};

static const struct row commands[] = {
	{ "unknown", "$A frobnicate", 2, "no command \"frobnicate\"", NULL, 0 },
	{ "empty", "$A ''", 2, "no command \"\"", NULL, 0 },
	{ "an option for a command", "$A --frobnicate", 2, "no command \"--frobnicate\"", NULL,
		0 },
	{ "with escapes", "$A \"$(printf 'a\\033[31m\\302\\233')\"", 2, "a\\x1b[31m\\xc2\\x9b",
		NULL, 0 },
	{ "a path", "$A ../assay", 2, "no command", NULL, 0 },
	{ "a path to a sibling", "bin/assay ./hello", 2, "no command", NULL, 0 },
	{ "a path from the root", "$A /bin/ls", 2, "no command", NULL, 0 },
	{ "in capitals", "bin/assay HELLO", 2, "no command", NULL, 0 },
	{ "a long name", "$A $(head -c 100000 </dev/zero | tr '\\0' a)", 2, "no command \"aaaa",
		NULL, 0 },
	{ "a sibling", "bin/assay hello a -b", 0, NULL, "says a -b", 0 },
	{ "in assay's folder, not in this one", "PATH=$PWD/bin:$PATH; cd path; assay hello", 0,
		NULL, "bin/assay-hello says", 0 },
	{ "by a link", "ln -sf bin/assay link; ./link hello", 0, NULL, "bin/assay-hello says",
		0 },
	{ "in PATH only", "PATH=$PWD/path:$PATH bin/assay evil", 2, "no command \"evil\"", NULL,
		0 },
	{ "in this folder only", "bin/assay here", 2, "no command \"here\"", NULL, 0 },
	{ "PATH that is the folder", "cd path; PATH=. ../bin/assay evil", 2,
		"no command \"evil\"", NULL, 0 },
	{ "no program", "bin/assay limp", 2, "no command \"limp\"", NULL, 0 },
	{ "a folder", "bin/assay dir", 2, "no command \"dir\"", NULL, 0 },
	{ "what assay-node knows", "node/assay whatever x", 0, NULL, "assay-node says x", 0 },
	{ "the forge", "$A forge --faults", 0, NULL, "exit", 0 },
	{ "no argument at all", "$T argv0", 2, "which command?", NULL, 0 },
	{ "no name of its own", "$T argv0 '' $A --version", 0, NULL, "assay 0", 0 },
	{ "escapes for a name", "$T argv0 \"$(printf '\\033[31m')\" $A verify", 2,
		"assay: verify", NULL, 0 },
	{ "another's name", "$T argv0 /bin/sh bin/assay hello", 0, NULL, "bin/assay-hello says",
		0 },
};

static const struct row streams[] = {
	{ "no standard output", ONE "one/bundle.json >&-", 70,
		"standard output: Bad file descriptor", NULL, 0 },
	{ "for help", "$A --help >&-", 70, "standard output", NULL, 0 },
	{ "for a command's help", "$A verify --help >&-", 70, "standard output", NULL, 0 },
	{ "for the version", "$A --version >&-", 70, "standard output", NULL, 0 },
	{ "for explain", "$A explain >&-", 70, "standard output", NULL, 0 },
	{ "for inspect", "$A inspect one/bundle.json >&-", 70, "standard output", NULL, 0 },
	{ "when none is needed", ONE "-q one/bundle.json >&-", 0, NULL, NULL, 0 },
	{ "no standard error", "$A verify absent 2>&-", 2, NULL, NULL, 0 },
	{ "no stream at all", "$A verify absent <&- >&- 2>&-", 2, NULL, NULL, 0 },
	{ "no stream, good", ONE "-q one/bundle.json <&- >&- 2>&-", 0, NULL, NULL, 0 },
	{ "a full disk", ONE "one/bundle.json >/dev/full", 70, "standard output: No space left",
		NULL, 0 },
	{ "as JSON", ONE "-f json one/bundle.json >/dev/full", 70, "No space left", NULL, 0 },
	{ "for help", "$A --help >/dev/full", 70, "No space left", NULL, 0 },
	{ "for a command's help", "$A inspect -h >/dev/full", 70, "No space left", NULL, 0 },
	{ "for the version", "$A --version >/dev/full", 70, "No space left", NULL, 0 },
	{ "for explain", "$A explain >/dev/full", 70, "No space left", NULL, 0 },
	{ "for inspect", "$A inspect pp/bundle.json >/dev/full", 70, "No space left", NULL, 0 },
	{ "a reader that leaves", "$A inspect pp/bundle.json | head -c 1 >x; wc -c <x", 0, NULL,
		"1", 0 },
	{ "and its signal ignored",
		"trap '' PIPE; { $A inspect pp/bundle.json; echo $? >x; } | true; cat x", 0,
		"Broken pipe", "70", 0 },
	{ "a reader of JSON that leaves", ONE "-f json one/bundle.json | head -c 1", 0, NULL,
		"{", 0 },
	{ "standard output to the input",
		"cp one/bundle.json b; " ONE "b 1<>b; cmp b one/bundle.json >x || echo differs",
		0, NULL, "differs", 0 },
};

static const struct row names[] = {
	{ "of a file", ONE "\"$(printf 'no\\033[31m\\302\\233\\342\\200\\256')\"", 2,
		"no\\x1b[31m\\xc2\\x9b\\xe2\\x80\\xae: No such", NULL, 0 },
	{ "of a file with lines", ONE "\"$(printf 'a\\nb\\rc')\"", 2, "a\\x0ab\\x0dc: No such",
		NULL, 0 },
	{ "of a file that is there", "$A verify a*.json", 5, NULL, "DEVICE_NONE", 0 },
	{ "of a broken file", "cp open \"$(printf 'k\\033[2J')\"; $A verify k*", 6,
		"k\\x1b[2J: not JSON", NULL, 0 },
	{ "as JSON", "$A verify -f json k*", 6, NULL, "k\\\\x1b[2J: not JSON", BROKEN },
	{ "of a folder", "$A verify folder*", 2, "is a folder", NULL, 0 },
	{ "too long", ONE "$(head -c 5000 </dev/zero | tr '\\0' a)", 2, "File name too long",
		NULL, 0 },
	{ "inspected", "$A inspect a*.json", 0, NULL, "a\\x1b[31m", 0 },
	{ "of a RIM", ONE "--rim \"$(printf 'no\\033[31m')\" one/bundle.json", 2,
		"--rim: no\\x1b[31m", NULL, 0 },
	{ "in a folder of RIMs",
		"mkdir -p odd; cp one/rims/*DRIVER* \"odd/$(printf 'x\\033[31m\\n.xml')\"; " LOOSE
		"--rim odd one/evidence.json",
		3, NULL, "NV_GPU_VBIOS", 0 },
	{ "of anchors", "$A verify --anchors \"$(printf '\\033[31m')\" one/bundle.json", 2,
		"\\x1b[31m/nvidia-device.pem", NULL, 0 },
	{ "of a policy", ONE "--policy \"$(printf '\\033[31m')\" one/bundle.json", 2,
		"--policy: \\x1b[31m: No such", NULL, 0 },
	{ "of devices", "$A verify --anchors one/anchors --at 2026-06-01 names.json", 6, NULL,
		"INPUT_ARCH", 0 },
	{ "of devices, as JSON",
		"$A verify --anchors one/anchors --at 2026-06-01 -f json names.json", 6, NULL,
		"INPUT_ARCH", JSON },
	{ "of devices, inspected", "$A inspect names.json", 0, NULL, "\\x1b[31mb\\xc2\\x9b",
		0 },
	{ "of devices, as JSON, inspected", "$A inspect -f json names.json", 0, NULL,
		"\\\\x1b[31mb\\\\xc2", 0 },
	{ "of versions", "$A verify --anchors one/anchors --at 2026-06-01 versions.json", 1,
		NULL, "\\x1b[31m", 0 },
	{ "of wants", ONE "-v wants.json", 3, NULL, "OCSP_MISSING", 0 },
	{ "of wants, as JSON", ONE "-f json wants.json", 3, NULL, "OCSP_MISSING", JSON },
	{ "of wants, inspected", "$A inspect wants.json", 0, NULL, "\\x1b[31m", 0 },
	{ "of certificates",
		"$A verify --anchors hostile/anchors --at 2026-06-01 hostile/evidence.json", 1,
		NULL, "\\x1b[31mb\\xc3\\x82", 0 },
	{ "of certificates, all",
		"$A verify -v --anchors hostile/anchors --at 2026-06-01 hostile/evidence.json",
		1, NULL, "\\x1b[31mb\\xc3\\x82", 0 },
	{ "of certificates, as JSON",
		"$A verify -f json --anchors hostile/anchors --at 2026-06-01 hostile/evidence.json",
		1, NULL, "\\\\x1b[31mb\\\\xc3", JSON },
	{ "of certificates, inspected", "$A inspect hostile/evidence.json", 0, NULL,
		"\\x1b[31mb\\xc3\\x82", 0 },
	{ "of a chain, inspected", "$A inspect hostile/chain.pem", 0, NULL,
		"\\x1b[31mb\\xc3\\x82", 0 },
	{ "of certificates, expired",
		"$A verify --anchors hostile/anchors --at 2000-01-01 hostile/evidence.json", 1,
		NULL, "\\x1b[31mb\\xc3\\x82", 0 },
	{ "of certificates, other root", "$A verify hostile/evidence.json", 1, NULL,
		"CHAIN_ROOT", 0 },
};

static const struct row xml[] = {
	{ "a bomb", LOOSE "--rim bomb one/evidence.json", 6, NULL, "XML_DTD", 0 },
	{ "a file", LOOSE "--rim file one/evidence.json", 6, NULL, "XML_DTD", 0 },
	{ "a network", LOOSE "--rim net one/evidence.json", 6, NULL, "XML_DTD", 0 },
	{ "a parameter", LOOSE "--rim parameter one/evidence.json", 6, NULL, "XML_DTD", 0 },
	{ "an inclusion", LOOSE "--rim include one/evidence.json", 6, NULL, "RIM_STRUCTURE",
		0 },
	{ "a stylesheet", LOOSE "--rim style one/evidence.json", 6, NULL, "XML_DTD", 0 },
	{ "depth", LOOSE "--rim deep one/evidence.json", 6, NULL, "gpu.rim.driver.structure",
		0 },
	{ "width", LOOSE "--rim wide one/evidence.json", 6, NULL, "gpu.rim.driver.structure",
		0 },
	{ "no end", LOOSE "--rim open.d one/evidence.json", 6, NULL, "XML_PARSE", 0 },
	{ "hostile attributes", LOOSE "--rim attributes one/evidence.json", 6, NULL,
		"gpu.rim.driver", 0 },
	{ "hostile attributes, all", LOOSE "-v --rim attributes one/evidence.json", 6, NULL,
		"gpu.rim.driver", 0 },
	{ "hostile attributes, as JSON", LOOSE "-f json --rim attributes one/evidence.json", 6,
		NULL, "gpu.rim.driver", JSON },
	{ "hostile attributes, inspected", "$A inspect attributes/*", 6, "\\xc2\\x9b", NULL,
		0 },
	{ "hostile attributes, inspected, as JSON", "$A inspect -f json attributes/*", 6,
		"\\xc2\\x9b", NULL, 0 },
	{ "a bomb, inspected", "$A inspect bomb.xml", 6, "DTD", NULL, 0 },
	{ "a file, inspected", "$A inspect file.xml", 6, "DTD", NULL, 0 },
	{ "a network, inspected", "$A inspect net.xml", 6, "DTD", NULL, 0 },
	{ "depth, inspected", "$A inspect deep.xml", 6, "deep.xml: ", NULL, 0 },
	{ "width, inspected", "$A inspect wide.xml", 6, "wide.xml: ", NULL, 0 },
	{ "UTF-16, inspected", "$A inspect utf16.xml", 6, "utf16.xml", NULL, 0 },
	{ "UTF-16 for a RIM", LOOSE "--rim utf16.xml one/evidence.json", 6, "is no RIM", NULL,
		0 },
	{ "UTF-7, inspected", "$A inspect utf7.xml", 6, "utf7.xml", NULL, 0 },
	{ "escapes, inspected", "$A inspect escapes.xml", 6, "not well-formed", NULL, 0 },
	{ "a short answer", LOOSE "--ocsp ocsp.short one/evidence.json", 3, NULL,
		"OCSP_MISSING", 0 },
	{ "a short answer, inspected", "$A inspect ocsp.short", 6, "ocsp.short", NULL, 0 },
};

static const struct row environment[] = {
	{ "another tool's root",
		"NV_DEVICE_ROOT_CERT=one/anchors/nvidia-device.pem $A verify --at 2026-06-01 one/bundle.json",
		1, "NV_DEVICE_ROOT_CERT is ignored; use --anchors DIR", "CHAIN_ROOT", 0 },
	{ "another tool's holds", "NV_ALLOW_HOLD_CERT=true " ONE "one/bundle.json", 0,
		"NV_ALLOW_HOLD_CERT is ignored; use a waiver", "accepted", 0 },
	{ "both", "NV_ALLOW_HOLD_CERT= NV_DEVICE_ROOT_CERT= " ONE "one/bundle.json", 0,
		"NV_DEVICE_ROOT_CERT is ignored", "accepted", TWO },
	{ "test anchors", "ASSAY_ANCHORS=one/anchors $A verify --as-recorded one/bundle.json",
		0, NULL, "TEST ANCHORS", 0 },
	{ "test anchors, all",
		"ASSAY_ANCHORS=one/anchors $A verify -v --as-recorded one/bundle.json", 0, NULL,
		"TEST ANCHORS", 0 },
	{ "test anchors, as JSON",
		"ASSAY_ANCHORS=one/anchors $A verify -f json --as-recorded one/bundle.json", 0,
		NULL, "\"anchors\": \"TEST ANCHORS\"", JSON },
	{ "test anchors, a broken file", "ASSAY_ANCHORS=one/anchors $A verify -f json open", 6,
		NULL, "\"anchors\": \"TEST ANCHORS\"", BROKEN },
	{ "test anchors, rejected",
		"ASSAY_ANCHORS=two/anchors $A verify --as-recorded one/bundle.json", 1, NULL,
		"TEST ANCHORS", 0 },
	{ "test anchors that are absent",
		"ASSAY_ANCHORS=absent $A verify --as-recorded one/bundle.json", 2,
		"ASSAY_ANCHORS: absent/nvidia-device.pem", NULL, 0 },
	{ "the option before it", "ASSAY_ANCHORS=two/anchors " ONE "one/bundle.json", 0, NULL,
		"TEST ANCHORS", 0 },
	{ "none", "ASSAY_ANCHORS= $A verify --as-recorded one/bundle.json", 1, NULL,
		"CHAIN_ROOT", 0 },
	{ "colour on a terminal", "TERM=xterm script -qec \"" ONE "one/bundle.json\" /dev/null",
		0, NULL, "\033[32maccepted", TERMINAL },
	{ "NO_COLOR", "NO_COLOR=1 TERM=xterm script -qec \"" ONE "one/bundle.json\" /dev/null",
		0, NULL, "\r\naccepted", TERMINAL },
	{ "an empty NO_COLOR",
		"NO_COLOR= TERM=xterm script -qec \"" ONE "one/bundle.json\" /dev/null", 0,
		NULL, "\033[32maccepted", TERMINAL },
	{ "a dumb terminal", "TERM=dumb script -qec \"" ONE "one/bundle.json\" /dev/null", 0,
		NULL, "\r\naccepted", TERMINAL },
	{ "no TERM", "script -qec \"unset TERM; " ONE "one/bundle.json\" /dev/null", 0, NULL,
		"\r\naccepted", TERMINAL },
	{ "JSON on a terminal",
		"TERM=xterm script -qec \"" ONE "-f json one/bundle.json\" /dev/null", 0, NULL,
		"\"verdict\": \"accepted\"", TERMINAL },
	{ "a narrow terminal",
		"TERM=xterm script -qec \"stty cols 1; " ONE "one/bundle.json\" /dev/null", 0,
		NULL, "33 of 33", TERMINAL },
	{ "a node on a narrow terminal",
		"NO_COLOR=1 TERM=xterm script -qec \"stty cols 60; " NODE
		"pp/bundle.json\" /dev/null",
		0, NULL, "ok    33 of 33", TERMINAL },
	{ "a long line in a pipe",
		"$A verify --anchors pp/anchors --at 2030-01-01 --rim pp/rims pp/evidence.json",
		1, NULL, "31 of 31\n", 0 },
};

static const struct row forge[] = {
	{ "help", "$F --help", 0, NULL, "--profile", 0 },
	{ "faults", "$F --faults", 0, NULL, "exit", 0 },
	{ "nothing", "$F", 2, "where to?", NULL, 0 },
	{ "an unknown option", "$F --bogus", 2, "unknown option", NULL, 0 },
	{ "no value", "$F -o", 2, "value", NULL, 0 },
	{ "an argument", "$F -o x y", 2, "one argument too many", NULL, 0 },
	{ "too many GPUs", "$F --gpus 999 -o x", 2, "not a number", NULL, 0 },
	{ "words for GPUs", "$F --gpus all -o x", 2, "not a number", NULL, 0 },
	{ "an unknown fault", "$F --fault \"$(printf '\\033')\" -o x", 2, "\\x1b", NULL, 0 },
	{ "an unknown profile", "$F --profile huge -o x", 2, "single or ppcie", NULL, 0 },
	{ "a nonce", "$F --nonce 00 -o x", 2, "64 hex digits", NULL, 0 },
	{ "a time", "$F --at now -o x", 2, "--at", NULL, 0 },
	{ "a file for a folder", "$F -o empty", 2, "empty", NULL, 0 },
	{ "no folder above", "$F -o absent/x", 2, "absent", NULL, 0 },
	{ "an empty name", "$F -o ''", 2, "assay-forge: ", NULL, 0 },
	{ "a full disk", "$F --faults >/dev/full", 70, "standard output", NULL, 0 },
	{ "a full disk for help", "$F --help >/dev/full", 70, "standard output", NULL, 0 },
	{ "no standard output", "$F --help >&-", 70, "standard output", NULL, 0 },
};

TEST(good)
TEST(files)
TEST(json)
TEST(policies)
TEST(options)
TEST(commands)
TEST(streams)
TEST(names)
TEST(xml)
TEST(environment)
TEST(forge)

/* Nothing of the environment changes what is said. */
static const char *const worlds[] = {
	"LC_ALL=tr_TR.UTF-8",
	"LC_ALL=de_DE.UTF-8 LC_NUMERIC=de_DE.UTF-8",
	"LC_ALL=C.UTF-8",
	"LANG=\"$(printf '\\033[31m')\"",
	"LANGUAGE=de LANG=ja_JP.SJIS",
	"TZ=Pacific/Kiritimati",
	"TZ=:/etc/passwd",
	"HOME=/nonexistent",
	"env -u HOME",
	"env -i",
	"TERM=xterm COLUMNS=10 LINES=1",
	"OPENSSL_CONF=poison.cnf",
	"OPENSSL_CONF=/dev/zero OPENSSL_MODULES=/nonexistent OPENSSL_ENGINES=/nonexistent",
	"SSL_CERT_FILE=/nonexistent SSL_CERT_DIR=/nonexistent",
	"XML_CATALOG_FILES=file:///dev/zero SGML_CATALOG_FILES=/dev/zero XML_DEBUG_CATALOG=1",
	"LIBSMARTCOLS_DEBUG=all LIBSMARTCOLS_DEBUG_PADDING=on",
	"TERMINAL_COLORS_DEBUG=all",
	"POSIXLY_CORRECT=1",
	"MALLOC_PERTURB_=165",
	"FAKETIME=-10y",
};

static void test_worlds(void **state)
{
	struct ran plain, r;
	size_t     bad = 0;

	(void)state;
	run(&plain, "env " ONE "-f json one/bundle.json; " ONE "-v one/bundle.json");
	assert_int_equal(plain.status, 0);
	for (size_t i = 0; i < ARRAY_LEN(worlds); i++) {
		const char *as = strncmp(worlds[i], "env", 3) == 0 ? "" : "env ";

		run(&r, "%s%s " ONE "-f json one/bundle.json; %s%s " ONE "-v one/bundle.json",
			as, worlds[i], as, worlds[i]);
		if (r.status != 0 || r.err.n != 0 ||
			!bytes_equal(buf_bytes(&r.out), buf_bytes(&plain.out))) {
			tell(worlds[i], "not what is said elsewhere", &r);
			bad++;
		}
		ran_done(&r);
	}
	ran_done(&plain);
	assert_int_equal(bad, 0);
}

/* Evidence and bundle, cut at many places: never accepted, always one line or a report. */
static void test_cut(void **state)
{
	static const char *const from[] = { "one/evidence.json", "one/bundle.json" };
	size_t                   bad    = 0;

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(from); k++) {
		CLEANUP(buf_done) struct buf text = { 0 };

		test_read(from[k], &text);
		/* what is left without the closing bracket and line */
		for (size_t n = 1; n < text.n - 1; n += n < 64 ? 7 : text.n / 32) {
			struct ran  r;
			const char *why;

			run_write("cut", (struct bytes){ text.p, n });
			run(&r, "$A verify --anchors one/anchors cut");
			why = general(&r, 0);
			if (why == NULL && (r.status != 6 || r.err.n == 0 || r.out.n != 0))
				why = "not refused with one line";
			if (why != NULL) {
				tell(from[k], why, &r);
				bad++;
			}
			ran_done(&r);
		}
	}
	assert_int_equal(bad, 0);
}

/* Each member of evidence and bundle in turn is replaced by a value of each wrong kind, and left out. */
static const char *const values[] = { "null", "true", "-1", "1e300", "\"\"",
	"\"x\\u001b[2J\\u009b\"", "[]", "{}", "[[[]]]", "{\"a\":{\"b\":[]}}", NULL };

struct places {
	const char *file;
	bool        may_hold; /* a member that no verdict depends on: accepted is fine */
	const char *at;       /* names and indices to the object, blanks between */
	const char *names;    /* members */
};

static const struct places places[] = {
	{ "one/evidence.json", false, "0",
		"arch nonce driver_version vbios_version evidence certificate" },
	{ "one/evidence.json", true, "0", "version uuid other" },
	{ "one/bundle.json", false, "", "schema made nonce evidence collateral other" },
	{ "one/bundle.json", true, "", "events" },
	{ "one/bundle.json", false, "evidence 0", "kind report chain other fault" },
	{ "one/bundle.json", true, "evidence 0", "hints" },
	{ "one/bundle.json", true, "evidence 0 hints",
		"arch driver_version vbios_version uuid version nonce" },
	{ "one/bundle.json", false, "collateral 0", "body" },
	{ "one/bundle.json", true, "collateral 0", "want name request from fetched" },
};

static json_t *descend(json_t *value, const char *at)
{
	char  path[64], *save = NULL;
	char *step;

	snprintf(path, sizeof(path), "%s", at);
	for (step = strtok_r(path, " ", &save); step != NULL; step = strtok_r(NULL, " ", &save))
		value = json_is_array(value) ? json_array_get(value, strtoul(step, NULL, 10))
					     : json_object_get(value, step);
	assert_non_null(value);
	return value;
}

static bool replaced(const struct places *p, const char *name, const char *value)
{
	AUTO(json_t) *root   = fixture_json(p->file);
	json_t       *object = descend(root, p->at);
	const char   *why;
	struct ran    r;

	if (value == NULL)
		json_object_del(object, name);
	else
		json_object_set_new(object, name, json_loads(value, JSON_DECODE_ANY, NULL));
	fixture_write_json("changed", root);
	run(&r, "$A verify -v --anchors one/anchors --at 2026-06-01 --nonce $(cat nonce) changed");
	why = general(&r, 0);
	if (why == NULL && r.status != 1 && r.status != 3 && r.status != 5 && r.status != 6 &&
		!(r.status == 0 && (p->may_hold || value == NULL)))
		why = "another exit status";
	if (why == NULL && (r.err.n == 0) == (r.out.n == 0))
		why = "neither a line nor a report, or both";
	if (why != NULL) {
		print_message(
			"%s: %s.%s = %s\n", p->file, p->at, name, value == NULL ? "" : value);
		tell("changed", why, &r);
	}
	ran_done(&r);
	return why == NULL;
}

static void test_types(void **state)
{
	size_t bad = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		char  names_of[128], *save = NULL;
		char *name;

		snprintf(names_of, sizeof(names_of), "%s", places[i].names);
		for (name    = strtok_r(names_of, " ", &save); name != NULL;
			name = strtok_r(NULL, " ", &save))
			for (size_t k = 0; k < ARRAY_LEN(values); k++)
				bad += !replaced(&places[i], name, values[k]);
	}
	assert_int_equal(bad, 0);
}

static void test_memory(void **state)
{
	struct ran r;

	(void)state;
	if (RUN_SANITIZED)
		skip();
	run(&r, "$A verify --anchors one/anchors one/evidence.json");
	print_message("%ld KiB\n", r.rss_kib);
	assert_int_equal(r.status, 3);
	assert_true(r.rss_kib < RSS_ONE);
	ran_done(&r);
}

static void test_unreadable(void **state)
{
	static const struct row rows[] = {
		{ "evidence", ONE "unreadable", 2, "Permission denied", NULL, 0 },
		{ "inspected", "$A inspect unreadable", 2, "Permission denied", NULL, 0 },
		{ "a RIM", ONE "--rim unreadable one/bundle.json", 2, "Permission denied", NULL,
			0 },
		{ "a policy", ONE "--policy unreadable one/bundle.json", 2, "Permission denied",
			NULL, 0 },
	};

	(void)state;
	if (geteuid() == 0) {
		print_message("skipped: root reads every file\n");
		skip();
	}
	try_all(rows, ARRAY_LEN(rows));
}

/* Names with escapes at every place that is shown. */
static void hostile(void)
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
	fixture_replace("one/rims/NV_GPU_DRIVER_GH100_580.159.03.xml",
		"attributes/NV_GPU_DRIVER_GH100_580.159.03.xml", BYTES("\"GH100\""),
		BYTES("\"a&#x9b;31m\342\200\256\342\200\254&#127;&#10;\""));
}

static int set_up(void **state)
{
	(void)state;
	run_open();
	fixture_files();
	fixture_chain();
	hostile();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	run_close();
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_xml),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_worlds),
		cmocka_unit_test(test_forge),
	};

	run_helper(argc, argv);
	return cmocka_run_group_tests_name("cmd", tests, set_up, tear_down);
}
