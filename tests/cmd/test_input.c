/* SPDX-License-Identifier: Apache-2.0
 *
 * The programs on files that are not what they should be, by accident or by an attacker. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/fixture.h"
#include "cmd/row.h"

#define ROW(...)    "printf '%s' '" __VA_ARGS__ "' >p.json; " ONE "--policy p.json one/bundle.json"
#define WAIVER(...) ROW("{\"schema\":\"assay.policy/1\",\"waivers\":[{" __VA_ARGS__ "}]}")

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
	{ "a program", ONE "/bin/true", 6, "this is a program", NULL, 0 },
	{ "escapes", ONE "escapes", 6, "\\x1b[31mb\\xc2\\x9b", NULL, 0 },
	{ "gzip", ONE "gzip", 6, "gzip", NULL, 0 },
	{ "a token", ONE "token", 6, "a token", NULL, 0 },
	{ "the head of a quote", LOOSE "quote", 6, NULL, "tdx.quote.parse", 0 },
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
	{ "REPORTDATA of 127 digits", "$A verify --reportdata 00 one/bundle.json", 2,
		"128 hexadecimal digits", NULL, 0 },
	{ "no event log", "$A verify --eventlog absent one/tdx/quote.bin", 2, "--eventlog",
		NULL, 0 },
	{ "an empty event log", "$A verify --eventlog /dev/null one/tdx/quote.bin", 2, "", NULL,
		0 },
	{ "no channel key", "$A verify --channel-key absent one/tdx/quote.bin", 2,
		"--channel-key", NULL, 0 },
	{ "a channel key that is none", "$A verify --channel-key words one/tdx/quote.bin", 6,
		"--channel-key", NULL, 0 },
	{ "collateral that is none", "$A verify --collateral words one/tdx/quote.bin", 6,
		"collateral of Intel's", NULL, 0 },
	{ "tdx without a word", "$A tdx", 2, "learn", NULL, 0 },
	{ "tdx learn without a file", "$A tdx learn", 2, "which file", NULL, 0 },
	{ "tdx learn of no quote", "$A tdx learn one/bundle.json", 6, "no quote", NULL, 0 },
	{ "tdx learn, absent", "$A tdx learn absent", 2, "No such file", NULL, 0 },
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
	{ "escapes, inspected", "$A inspect escapes.xml", 6, "encoding", NULL, 0 },
	{ "a short answer", LOOSE "--ocsp ocsp.short one/evidence.json", 3, NULL,
		"OCSP_MISSING", 0 },
	{ "a short answer, inspected", "$A inspect ocsp.short", 6, "ocsp.short", NULL, 0 },
};

#define SILENT \
	"--anchors one/anchors --at 2026-06-01 --no-cache --timeout 1 --rim-url https://127.0.0.1:9/ "

/* A file that an option names: the line has both names, whatever is wrong with it. */
static const struct row named[] = {
	{ "a policy, attest", "$A attest --policy braces", 6, "--policy: braces: ", NULL, 0 },
	{ "a policy, verify", ONE "--policy braces one/bundle.json", 6,
		"--policy: braces: ", NULL, 0 },
	{ "a policy, a token", "$A token verify --policy braces words", 6,
		"--policy: braces: no policy of nvtrust", NULL, 0 },
	{ "a key", ONE "--token x --token-key braces one/bundle.json", 6,
		"--token-key: braces: no private key", NULL, 0 },
	{ "an issuer's key", "$A token verify --key braces words", 6, "--key: braces: ", NULL,
		0 },
	{ "an issuer's keys", "$A token verify --jwks braces words", 6,
		"--jwks: braces: ", NULL, 0 },
	{ "a token", "$A token show braces", 6, "braces: no detached EAT", NULL, 0 },
	{ "an event log of nothing", LOOSE "one/tdx/quote.bin --eventlog empty", 6,
		"--eventlog: empty: empty", NULL, 0 },
	{ "to learn from", "$A tdx learn one/tdx/quote.bin --eventlog empty", 6,
		"--eventlog: empty: empty", NULL, 0 },
	{ "digests", "$A setup --root . plan --pins braces", 6, "--pins: braces: no line", NULL,
		0 },
	{ "no digests", "$A setup --root . plan --pins absent", 2, "--pins: absent: ", NULL,
		0 },
	{ "installers", "$A setup --root . plan --files braces", 2,
		"--files: braces: no such folder", NULL, 0 },
	{ "a CA that is none", "$A gather " SILENT "--ca braces one/evidence.json", 6,
		"--ca: braces: no certificate", NULL, 0 },
	{ "of nothing", "$A gather " SILENT "--ca empty one/evidence.json", 6,
		"--ca: empty: no certificate", NULL, 0 },
	{ "that never ends", "$A gather " SILENT "--ca /dev/zero one/evidence.json", 2,
		"--ca: /dev/zero: is not a file", NULL, 0 },
	{ "a folder", "$A gather " SILENT "--ca . one/evidence.json", 2, "--ca: .: is a folder",
		NULL, 0 },
	{ "a service key of two lines",
		"printf 'a\r\nX-B: c\n' >two.lines; $A gather " SILENT
		"--service-key-file two.lines one/evidence.json",
		2, "--service-key-file: a service key is one word", NULL, 0 },
	{ "of two words, in a variable",
		"NV_ATTESTATION_SERVICE_KEY='a b' $A gather " SILENT "one/evidence.json", 2,
		"NV_ATTESTATION_SERVICE_KEY: a service key is one word", NULL, 0 },
	{ "a result into a loop of links",
		"ln -s loop loop; " ONE "-o loop one/bundle.json; s=$?; readlink loop; exit $s",
		2, "loop: Too many levels", "loop", 0 },
	{ "and into no name", ONE "-o '' one/bundle.json", 2, "\"\": No such file", NULL, 0 },
	{ "no cache", "$A cache list --cache braces", 4, "prune --all --cache FILE", NULL, 0 },
};

ROWS_TEST(files)
ROWS_TEST(named)
ROWS_TEST(json)
ROWS_TEST(policies)
ROWS_TEST(names)
ROWS_TEST(xml)

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
	rows_try(rows, ARRAY_LEN(rows));
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
			why = ran_wrong(&r, 0);
			if (why == NULL && (r.status != 6 || r.err.n == 0 || r.out.n != 0))
				why = "not refused with one line";
			if (why != NULL) {
				ran_tell(from[k], why, &r);
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
	why = ran_wrong(&r, 0);
	if (why == NULL && r.status != 1 && r.status != 3 && r.status != 5 && r.status != 6 &&
		!(r.status == 0 && (p->may_hold || value == NULL)))
		why = "another exit status";
	if (why == NULL && (r.err.n == 0) == (r.out.n == 0))
		why = "neither a line nor a report, or both";
	if (why != NULL) {
		print_message(
			"%s: %s.%s = %s\n", p->file, p->at, name, value == NULL ? "" : value);
		ran_tell("changed", why, &r);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_named),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_xml),
	};

	return cmocka_run_group_tests_name("input", tests, fixture_open, fixture_close);
}
