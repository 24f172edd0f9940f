/* SPDX-License-Identifier: Apache-2.0 */
#include "format/evidence.h"

#include "base/base64.h"
#include "base/hex.h"
#include "test.h"

#define NONCE "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OTHER "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define MADE  "\"made\":\"2026-11-23T07:15:00Z\","
#define R     "\"evidence\":\"EeAB\","   /* 11 e0 01 */
#define C     "\"certificate\":\"Zm9v\"" /* foo */
#define ARCH  "\"arch\":\"HOPPER\","
#define EV    "\"schema\":\"assay.evidence/1\","
#define BU    "\"schema\":\"assay.bundle/1\","
#define GPU   "\"kind\":\"gpu\",\"report\":\"EeAB\",\"chain\":\"foo\""
#define WANT  "wanted: evidence JSON, an assay bundle, a TDX quote, or a report"

static const struct {
	const char     *name;
	struct bytes    in, chain;
	enum assay_code code;
	const char     *says; /* part of the message, or of the first device's fault */
	size_t          devices;
	enum assay_code fault; /* of the first device */
} cases[] = {
	/* what NVIDIA's tools write */
	{ "nvattest", BYTES("[{" ARCH "\"nonce\":\"" NONCE "\"," R C "}]"), { 0 }, ASSAY_OK, "",
		1, ASSAY_OK },
	{ "nvtrust",
		BYTES("[{" ARCH
		      "\"version\":\"1.0\",\"driver_version\":\"590.12\",\"vbios_version\":\"96\","
		      "\"uuid\":\"GPU-1\",\"nonce\":\"" NONCE "\"," R C "}]"),
		{ 0 }, ASSAY_OK, "", 1, ASSAY_OK },
	{ "nvtrust remote switch", BYTES("[{" R C "}]"), { 0 }, ASSAY_OK, "", 1, ASSAY_OK },
	{ "enclosing object",
		BYTES("{\"evidences\":[{" ARCH R C
		      "}],\"result_code\":0,\"result_message\":\"Ok\"}"),
		{ 0 }, ASSAY_OK, "", 1, ASSAY_OK },
	{ "no device", BYTES("[]"), { 0 }, ASSAY_OK, "", 0, ASSAY_OK },
	{ "no device in an object", BYTES("{\"evidences\":[]}"), { 0 }, ASSAY_OK, "", 0,
		ASSAY_OK },
	{ "unknown names", BYTES("[{\"x\":{\"y\":[1]}," ARCH R C ",\"new\":null}]"), { 0 },
		ASSAY_OK, "", 1, ASSAY_OK },
	{ "blanks around", BYTES(" \r\n[{" ARCH R C "}] \n"), { 0 }, ASSAY_OK, "", 1,
		ASSAY_OK },
	{ "arch in other case", BYTES("[{\"arch\":\"Blackwell\"," R C "}]"), { 0 }, ASSAY_OK,
		"", 1, ASSAY_OK },
	{ "UTF-8 in a hint", BYTES("[{" ARCH "\"uuid\":\"\xc3\xa4\\u001b\\\\\"," R C "}]"),
		{ 0 }, ASSAY_OK, "", 1, ASSAY_OK },
	{ "chain with NUL behind", BYTES("[{" ARCH R "\"certificate\":\"Zm9vAAAA\"}]"), { 0 },
		ASSAY_OK, "", 1, ASSAY_OK },
	{ "hint null", BYTES("[{\"uuid\":null,\"nonce\":null," ARCH R C "}]"), { 0 }, ASSAY_OK,
		"", 1, ASSAY_OK },
	{ "a device without its array", BYTES("{" ARCH R C "}"), { 0 }, ASSAY_OK, "", 1,
		ASSAY_OK },
	{ "CoCo",
		BYTES("{\"device_evidence_list\":[{\"arch\":\"Hopper\",\"uuid\":null," R C
		      "},{\"arch\":\"LS10\"," R C "}]}"),
		{ 0 }, ASSAY_OK, "", 2, ASSAY_OK },
	{ "CoCo of old, in digits",
		BYTES("{\"device_evidence_list\":[{\"arch\":\"HOPPER\",\"evidence\":\"11E001\"," C
		      "}]}"),
		{ 0 }, ASSAY_OK, "", 1, ASSAY_OK },
	{ "a request to NVIDIA's service",
		BYTES("{" ARCH "\"nonce\":\"" NONCE
		      "\",\"claims_version\":\"3.0\",\"evidence_list\":[{" R C "},{" R C "}]}"),
		{ 0 }, ASSAY_OK, "", 2, ASSAY_OK },
	/* one device's entry is wrong; the other is there */
	{ "not an object", BYTES("[5,{" ARCH R C "}]"), { 0 }, ASSAY_OK, "not an object", 2,
		ASSAY_JSON_FIELD },
	{ "no report", BYTES("[{" ARCH C "},{" ARCH R C "}]"), { 0 }, ASSAY_OK,
		"no member \"evidence\"", 2, ASSAY_JSON_FIELD },
	{ "no chain", BYTES("[{\"evidence\":\"EeAB\"},{" R C "}]"), { 0 }, ASSAY_OK,
		"no member \"certificate\"", 2, ASSAY_JSON_FIELD },
	{ "empty report", BYTES("[{\"evidence\":\"\"," C "},{" R C "}]"), { 0 }, ASSAY_OK,
		"report is empty", 2, ASSAY_INPUT_SIZE },
	{ "report not base64", BYTES("[{\"evidence\":\"EeA!\"," C "},{" R C "}]"), { 0 },
		ASSAY_OK, "\"evidence\": byte 0x21 at 3", 2, ASSAY_INPUT_BASE64 },
	{ "report with line break", BYTES("[{\"evidence\":\"EeAB\\n\"," C "},{" R C "}]"),
		{ 0 }, ASSAY_OK, "0x0a at 4", 2, ASSAY_INPUT_BASE64 },
	{ "report not padded", BYTES("[{\"evidence\":\"EeA\"," C "},{" R C "}]"), { 0 },
		ASSAY_OK, "after 3 of 4", 2, ASSAY_INPUT_BASE64 },
	{ "chain not base64", BYTES("[{" R "\"certificate\":\"-----BEGIN\"},{" R C "}]"), { 0 },
		ASSAY_OK, "\"certificate\": byte 0x2d", 2, ASSAY_INPUT_BASE64 },
	{ "chain of bytes", BYTES("[{" R "\"certificate\":\"MIIB\"},{" R C "}]"), { 0 },
		ASSAY_OK, "byte 0x82 at 1 of the chain", 2, ASSAY_INPUT_PEM },
	{ "NUL inside the chain", BYTES("[{" R "\"certificate\":\"AGZv\"},{" R C "}]"), { 0 },
		ASSAY_OK, "byte 0x00 at 0 of the chain", 2, ASSAY_INPUT_PEM },
	{ "report a number", BYTES("[{\"evidence\":7," C "},{" R C "}]"), { 0 }, ASSAY_OK,
		"\"evidence\" is not a string", 2, ASSAY_JSON_FIELD },
	{ "unknown arch", BYTES("[{\"arch\":\"\\u001bX\"," R C "},{" R C "}]"), { 0 }, ASSAY_OK,
		"\"\\x1bX\" is unknown", 2, ASSAY_INPUT_ARCH },
	{ "old arch", BYTES("[{\"arch\":\"AMPERE\"," R C "},{" R C "}]"), { 0 }, ASSAY_OK,
		"AMPERE is recognised but not supported", 2, ASSAY_INPUT_ARCH },
	{ "new arch", BYTES("[{\"arch\":\"RUBIN\"," R C "},{" R C "}]"), { 0 }, ASSAY_OK,
		"RUBIN is recognised but not supported", 2, ASSAY_INPUT_ARCH },
	{ "old switch", BYTES("[{\"arch\":\"LR10\"," R C "},{" R C "}]"), { 0 }, ASSAY_OK,
		"LR10 is recognised but not supported", 2, ASSAY_INPUT_ARCH },
	{ "arch empty", BYTES("[{\"arch\":\"\"," R C "},{" R C "}]"), { 0 }, ASSAY_OK,
		"\"\" is unknown", 2, ASSAY_INPUT_ARCH },
	{ "arch a number", BYTES("[{\"arch\":10," R C "},{" R C "}]"), { 0 }, ASSAY_OK,
		"\"arch\" is not a string", 2, ASSAY_JSON_FIELD },
	{ "report null", BYTES("[{\"evidence\":null," C "},{" R C "}]"), { 0 }, ASSAY_OK,
		"no member \"evidence\"", 2, ASSAY_JSON_FIELD },
	{ "digits of a report, odd", BYTES("[{\"evidence\":\"11e00\"," C "},{" R C "}]"), { 0 },
		ASSAY_OK, "\"evidence\": base64 ends", 2, ASSAY_INPUT_BASE64 },
	{ "short nonce", BYTES("[{\"nonce\":\"0011\"," R C "},{" R C "}]"), { 0 }, ASSAY_OK,
		"\"nonce\": 4 hexadecimal digits where 64", 2, ASSAY_INPUT_HEX },
	{ "nonce with blanks",
		BYTES("[{\"nonce\":\" 0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"," R
				C "},{" R C "}]"),
		{ 0 }, ASSAY_OK, "0x20 at 0", 2, ASSAY_INPUT_HEX },
	/* the container as a whole */
	{ "empty", BYTES(""), { 0 }, ASSAY_INPUT_SIZE, "x: empty", 0, ASSAY_OK },
	{ "blank", BYTES(" \n"), { 0 }, ASSAY_INPUT_SIZE, "nothing but white space", 0,
		ASSAY_OK },
	{ "cut JSON", BYTES("[{" ARCH R), { 0 }, ASSAY_JSON_PARSE, "x: not JSON, line 1", 0,
		ASSAY_OK },
	{ "name twice", BYTES("[{" ARCH ARCH R C "}]"), { 0 }, ASSAY_JSON_PARSE, "duplicate", 0,
		ASSAY_OK },
	{ "two values", BYTES("[] []"), { 0 }, ASSAY_JSON_PARSE, "", 0, ASSAY_OK },
	{ "deep", BYTES("[[[[[[[[[]]]]]]]]]"), { 0 }, ASSAY_JSON_DEPTH, "", 0, ASSAY_OK },
	{ "object of nothing", BYTES("{}"), { 0 }, ASSAY_INPUT_KIND, WANT, 0, ASSAY_OK },
	{ "half a device without its array", BYTES("{" ARCH C "}"), { 0 }, ASSAY_INPUT_KIND,
		WANT, 0, ASSAY_OK },
	{ "neither array nor device", BYTES("7"), { 0 }, ASSAY_INPUT_KIND, WANT, 0, ASSAY_OK },
	{ "nvattest failed, with null",
		BYTES("{\"evidences\":null,\"result_code\":504,\"result_message\":\"GPU Evidence\"}"),
		{ 0 }, ASSAY_JSON_FIELD, "nvattest collected no evidence: \"GPU Evidence\"", 0,
		ASSAY_OK },
	{ "collateral", BYTES("{\"tcbInfo\":{},\"signature\":\"\"}"), { 0 }, ASSAY_INPUT_KIND,
		"Intel's TCB info (--collateral FILE)", 0, ASSAY_OK },
	{ "RIM service", BYTES("{\"id\":\"x\",\"rim\":\"\"}"), { 0 }, ASSAY_INPUT_KIND,
		"a reply of the RIM service", 0, ASSAY_OK },
	{ "list not an array", BYTES("{\"device_evidence_list\":{}}"), { 0 }, ASSAY_JSON_FIELD,
		"\"device_evidence_list\" is not an array", 0, ASSAY_OK },
	{ "evidences not an array", BYTES("{\"evidences\":{}}"), { 0 }, ASSAY_JSON_FIELD,
		"\"evidences\" is not an array", 0, ASSAY_OK },
	{ "nvattest failed", BYTES("{\"result_code\":5,\"result_message\":\"no GPU\\u001b\"}"),
		{ 0 }, ASSAY_JSON_FIELD, "nvattest collected no evidence: \"no GPU\\x1b\"", 0,
		ASSAY_OK },
	{ "unknown schema", BYTES("{\"schema\":\"assay.bundle/2\",\"evidences\":[]}"), { 0 },
		ASSAY_JSON_SCHEMA, "\"assay.bundle/2\"", 0, ASSAY_OK },
	{ "schema of another file", BYTES("{\"schema\":\"assay.report/1\"}"), { 0 },
		ASSAY_JSON_SCHEMA, "assay.report/1", 0, ASSAY_OK },
	{ "schema not a string", BYTES("{\"schema\":1}"), { 0 }, ASSAY_JSON_SCHEMA, "", 0,
		ASSAY_OK },
	/* noise */
	{ "text", BYTES("hello, world, this is text"), { 0 }, ASSAY_INPUT_KIND,
		"begins with \"hello, world, th\"; " WANT, 0, ASSAY_OK },
	{ "terminal escape", BYTES("\033[2J\033[H"), { 0 }, ASSAY_INPUT_KIND, "\\x1b[2J", 0,
		ASSAY_OK },
	{ "binary", BYTES("\x00\x01\x02"), { 0 }, ASSAY_INPUT_KIND, "\\x00\\x01\\x02", 0,
		ASSAY_OK },
	{ "program", BYTES("\177ELF\2\1\1"), { 0 }, ASSAY_INPUT_KIND, "this is a program", 0,
		ASSAY_OK },
	{ "XML", BYTES("\n<?xml version='1.0'?><a/>"), { 0 }, ASSAY_INPUT_KIND, "this is XML",
		0, ASSAY_OK },
	{ "PEM alone", BYTES("-----BEGIN CERTIFICATE-----\n"), { 0 }, ASSAY_INPUT_KIND,
		"PEM without a report", 0, ASSAY_OK },
	{ "token", BYTES("eyJhbGciOiJFUzM4NCJ9.e30.x"), { 0 }, ASSAY_INPUT_KIND, "a token", 0,
		ASSAY_OK },
	{ "UTF-16", BYTES("\xff\xfe[\0]\0"), { 0 }, ASSAY_INPUT_KIND, "UTF-16", 0, ASSAY_OK },
	{ "byte order mark", BYTES("\xef\xbb\xbf[]"), { 0 }, ASSAY_INPUT_KIND,
		"byte order mark", 0, ASSAY_OK },
	{ "bare quote", BYTES("\x04\x00\x02\x00\x81\x00\x00\x00\x00"), { 0 }, ASSAY_OK, "", 1,
		ASSAY_OK },
	{ "bare quote, in base64", BYTES("BAACAIEA\nAAAA\n"), { 0 }, ASSAY_OK, "", 1,
		ASSAY_OK },
	{ "bare quote, in wrong base64", BYTES("BAACAIEA_AAA"), { 0 }, ASSAY_INPUT_BASE64,
		"0x5f at 8", 0, ASSAY_OK },
	{ "bare report, in base64", BYTES("EeAB/w=="), BYTES("foo"), ASSAY_OK, "", 1,
		ASSAY_OK },
	{ "bare quote of an enclave",
		BYTES("\3\0\2\0\0\0\0\0\0\0\0\0\x93\x9a\x72\x33\xf7\x9c\x4c\xa9\x94\x0a\x0d\xb3\x95\x7f\x06\x07"),
		{ 0 }, ASSAY_OK, "", 1, ASSAY_OK },
	{ "bare quote, in digits", BYTES("0x05000200 81000000 00\n"), { 0 }, ASSAY_OK, "", 1,
		ASSAY_OK },
	{ "bare quote of SGX", BYTES("\x03\x00\x02\x00\x00\x00\x00\x00\x00"), { 0 },
		ASSAY_INPUT_KIND, WANT, 0, ASSAY_OK },
	{ "number", BYTES("1234"), { 0 }, ASSAY_INPUT_KIND, WANT, 0, ASSAY_OK },
	{ "string", BYTES("\"[]\""), { 0 }, ASSAY_INPUT_KIND, WANT, 0, ASSAY_OK },
	/* raw reports */
	{ "raw", BYTES("\x11\xe0\x01"), BYTES("foo"), ASSAY_OK, "", 1, ASSAY_OK },
	{ "raw without chain", BYTES("\x11\xe0\x01"), { 0 }, ASSAY_INPUT_KIND,
		"needs its certificate chain", 0, ASSAY_OK },
	{ "raw, one byte", BYTES("\x11"), BYTES("foo"), ASSAY_INPUT_KIND, WANT, 0, ASSAY_OK },
	{ "raw, chain of bytes", BYTES("\x11\xe0\x01"), BYTES("\x30\x82"), ASSAY_OK,
		"of the chain", 1, ASSAY_INPUT_PEM },
	{ "hex", BYTES("11e001"), BYTES("foo"), ASSAY_OK, "", 1, ASSAY_OK },
	{ "hex, upper case and newline", BYTES("11E0Fa\n"), BYTES("foo"), ASSAY_OK, "", 1,
		ASSAY_OK },
	{ "hex, blanks", BYTES("\r\n 1 1e0\t0\n1"), BYTES("foo"), ASSAY_OK, "", 1, ASSAY_OK },
	{ "hex, one prefix", BYTES("0x11e001"), BYTES("foo"), ASSAY_OK, "", 1, ASSAY_OK },
	{ "hex, prefixes", BYTES("0x11 0xe0 0x01"), BYTES("foo"), ASSAY_OK, "", 1, ASSAY_OK },
	{ "hex, prefixes of C", BYTES("\\x11\\xe0\\x01"), BYTES("foo"), ASSAY_OK, "", 1,
		ASSAY_OK },
	{ "hex, prefix in a byte", BYTES("11e00x1"), BYTES("foo"), ASSAY_INPUT_HEX, "odd", 0,
		ASSAY_OK },
	{ "hex, odd", BYTES("11e00"), BYTES("foo"), ASSAY_INPUT_HEX, "odd", 0, ASSAY_OK },
	{ "hex, no digit", BYTES("11e00g"), BYTES("foo"), ASSAY_INPUT_HEX, "0x67", 0,
		ASSAY_OK },
	{ "hex, NUL", BYTES("11e001\0"), BYTES("foo"), ASSAY_INPUT_HEX, "0x00", 0, ASSAY_OK },
	{ "hex without chain", BYTES("11e001"), { 0 }, ASSAY_INPUT_KIND, "chain", 0, ASSAY_OK },
	{ "hex of something else", BYTES("12e001"), BYTES("foo"), ASSAY_INPUT_KIND, WANT, 0,
		ASSAY_OK },
	/* assay's own */
	{ "evidence", BYTES("{" EV MADE "\"nonce\":\"" NONCE "\",\"evidence\":[{" GPU "}]}"),
		{ 0 }, ASSAY_OK, "", 1, ASSAY_OK },
	{ "least evidence", BYTES("{" EV "\"evidence\":[]}"), { 0 }, ASSAY_OK, "", 0,
		ASSAY_OK },
	{ "all members",
		BYTES("{" BU MADE "\"nonce\":\"" NONCE "\",\"evidence\":[{" GPU
		      ",\"hints\":{\"arch\":\"HOPPER\","
		      "\"driver_version\":\"1\",\"vbios_version\":\"2\",\"uuid\":\"\",\"version\":\"1.0\",\"nonce\":\"" NONCE
		      "\"}},{\"kind\":\"nvswitch\",\"report\":\"EeAB\",\"chain\":\"foo\"},{\"kind\":\"tdx\",\"report\":\"EeAB\"}],"
		      "\"events\":\"Zm9v\",\"collateral\":[{\"want\":\"rim:X\",\"request\":\"Zm9v\",\"body\":\"Zm9v\",\"from\":"
		      "\"https://x\",\"fetched\":\"2026-11-23T07:15:00Z\"},{\"name\":\"x.xml\",\"body\":\"Zm9v\"}]}"),
		{ 0 }, ASSAY_OK, "", 3, ASSAY_OK },
	{ "collateral empty", BYTES("{" BU "\"evidence\":[],\"collateral\":[]}"), { 0 },
		ASSAY_OK, "", 0, ASSAY_OK },
	{ "fault noted",
		BYTES("{" EV
		      "\"evidence\":[{\"kind\":\"gpu\",\"report\":\"\",\"chain\":\"\",\"fault\":"
		      "{\"code\":\"INPUT_HEX\",\"message\":\"odd \\\\x1b\"}}]}"),
		{ 0 }, ASSAY_OK, "odd \\x1b", 1, ASSAY_INPUT_HEX },
	{ "fault noted of a good device",
		BYTES("{" EV "\"evidence\":[{" GPU
		      ",\"fault\":{\"code\":\"INPUT_HEX\",\"message\":\"\"}}]}"),
		{ 0 }, ASSAY_OK, "", 1, ASSAY_INPUT_HEX },
	{ "own: not an object", BYTES("{" EV "\"evidence\":[[],{" GPU "}]}"), { 0 }, ASSAY_OK,
		"not an object", 2, ASSAY_JSON_FIELD },
	{ "own: unknown kind",
		BYTES("{" EV
		      "\"evidence\":[{\"kind\":\"GPU\",\"report\":\"EeAB\",\"chain\":\"foo\"}]}"),
		{ 0 }, ASSAY_OK, "\"kind\" is \"GPU\"", 1, ASSAY_JSON_FIELD },
	{ "own: no kind",
		BYTES("{" EV "\"evidence\":[{\"report\":\"EeAB\",\"chain\":\"foo\"}]}"), { 0 },
		ASSAY_OK, "no member \"kind\"", 1, ASSAY_JSON_FIELD },
	{ "own: no chain",
		BYTES("{" EV "\"evidence\":[{\"kind\":\"gpu\",\"report\":\"EeAB\"}]}"), { 0 },
		ASSAY_OK, "no member \"chain\"", 1, ASSAY_JSON_FIELD },
	{ "own: kind and arch differ",
		BYTES("{" EV "\"evidence\":[{" GPU ",\"hints\":{\"arch\":\"LS10\"}}]}"), { 0 },
		ASSAY_OK, "LS10 is no kind of gpu", 1, ASSAY_INPUT_ARCH },
	{ "own: bad base64",
		BYTES("{" EV
		      "\"evidence\":[{\"kind\":\"gpu\",\"report\":\"E\",\"chain\":\"foo\"}]}"),
		{ 0 }, ASSAY_OK, "\"report\"", 1, ASSAY_INPUT_BASE64 },
	{ "own: hints not an object", BYTES("{" EV "\"evidence\":[{" GPU ",\"hints\":[]}]}"),
		{ 0 }, ASSAY_OK, "\"hints\" is not an object", 1, ASSAY_JSON_FIELD },
	{ "own: chain not ASCII",
		BYTES("{" EV
		      "\"evidence\":[{\"kind\":\"gpu\",\"report\":\"EeAB\",\"chain\":\"\xc3\xa4\"}]}"),
		{ 0 }, ASSAY_OK, "of the chain", 1, ASSAY_INPUT_PEM },
	{ "own: unknown name", BYTES("{" EV "\"evidence\":[],\"x\":1}"), { 0 },
		ASSAY_JSON_FIELD, "unknown member \"x\"", 0, ASSAY_OK },
	{ "own: unknown name of a device", BYTES("{" EV "\"evidence\":[{" GPU ",\"x\":1}]}"),
		{ 0 }, ASSAY_JSON_FIELD, "\"evidence\"[0]: unknown member \"x\"", 0, ASSAY_OK },
	{ "own: unknown hint", BYTES("{" EV "\"evidence\":[{" GPU ",\"hints\":{\"x\":1}}]}"),
		{ 0 }, ASSAY_JSON_FIELD, "unknown member \"x\"", 0, ASSAY_OK },
	{ "own: unknown name of collateral",
		BYTES("{" BU "\"evidence\":[],\"collateral\":[{\"body\":\"Zm9v\",\"x\":1}]}"),
		{ 0 }, ASSAY_JSON_FIELD, "\"collateral\"[0]: unknown member \"x\"", 0,
		ASSAY_OK },
	{ "own: name twice", BYTES("{" EV "\"evidence\":[],\"evidence\":[]}"), { 0 },
		ASSAY_JSON_PARSE, "duplicate", 0, ASSAY_OK },
	{ "own: no evidence", BYTES("{" EV "\"made\":\"2026-11-23T07:15:00Z\"}"), { 0 },
		ASSAY_JSON_FIELD, "no member \"evidence\"", 0, ASSAY_OK },
	{ "own: evidence with collateral", BYTES("{" EV "\"evidence\":[],\"collateral\":[]}"),
		{ 0 }, ASSAY_JSON_FIELD, "unknown member \"collateral\"", 0, ASSAY_OK },
	{ "own: bundle without collateral", BYTES("{" BU "\"evidence\":[]}"), { 0 },
		ASSAY_JSON_FIELD, "no member \"collateral\"", 0, ASSAY_OK },
	{ "own: nonce without time", BYTES("{" EV "\"nonce\":\"" NONCE "\",\"evidence\":[]}"),
		{ 0 }, ASSAY_JSON_FIELD, "\"nonce\" without \"made\"", 0, ASSAY_OK },
	{ "own: bad nonce", BYTES("{" EV MADE "\"nonce\":\"00\",\"evidence\":[]}"), { 0 },
		ASSAY_INPUT_HEX, "\"nonce\"", 0, ASSAY_OK },
	{ "own: time without hour", BYTES("{" EV "\"made\":\"2026-11-23\",\"evidence\":[]}"),
		{ 0 }, ASSAY_JSON_FIELD, "\"made\" is \"2026-11-23\"", 0, ASSAY_OK },
	{ "own: no such day",
		BYTES("{" EV "\"made\":\"2026-02-29T00:00:00Z\",\"evidence\":[]}"), { 0 },
		ASSAY_JSON_FIELD, "\"made\"", 0, ASSAY_OK },
	{ "own: events not base64", BYTES("{" EV "\"events\":\"!\",\"evidence\":[]}"), { 0 },
		ASSAY_INPUT_BASE64, "\"events\"", 0, ASSAY_OK },
	{ "own: collateral without body",
		BYTES("{" BU "\"evidence\":[],\"collateral\":[{\"want\":\"rim:X\"}]}"), { 0 },
		ASSAY_JSON_FIELD, "no member \"body\"", 0, ASSAY_OK },
	{ "own: collateral with empty body",
		BYTES("{" BU "\"evidence\":[],\"collateral\":[{\"body\":\"\"}]}"), { 0 },
		ASSAY_INPUT_SIZE, "\"body\" is empty", 0, ASSAY_OK },
	{ "own: collateral not an object", BYTES("{" BU "\"evidence\":[],\"collateral\":[1]}"),
		{ 0 }, ASSAY_JSON_FIELD, "is not an object", 0, ASSAY_OK },
	{ "own: fault that accepts",
		BYTES("{" EV "\"evidence\":[{" GPU
		      ",\"fault\":{\"code\":\"OK\",\"message\":\"\"}}]}"),
		{ 0 }, ASSAY_JSON_FIELD, "\"OK\" is no code", 0, ASSAY_OK },
	{ "own: fault of ours",
		BYTES("{" EV "\"evidence\":[{" GPU
		      ",\"fault\":{\"code\":\"INTERNAL\",\"message\":\"\"}}]}"),
		{ 0 }, ASSAY_JSON_FIELD, "is no code", 0, ASSAY_OK },
	{ "own: fault with an escape",
		BYTES("{" EV "\"evidence\":[{" GPU
		      ",\"fault\":{\"code\":\"INPUT_HEX\",\"message\":\"\\u001b\"}}]}"),
		{ 0 }, ASSAY_JSON_FIELD, "printable", 0, ASSAY_OK },
	{ "own: fault not an object", BYTES("{" EV "\"evidence\":[{" GPU ",\"fault\":\"x\"}]}"),
		{ 0 }, ASSAY_JSON_FIELD, "\"fault\" is not an object", 0, ASSAY_OK },
};

static void same_bytes(struct bytes a, struct bytes b)
{
	assert_true((a.p == NULL) == (b.p == NULL) || a.n + b.n == 0);
	assert_true(bytes_equal(a, b));
}

static void same_device(const struct evidence_device *a, const struct evidence_device *b)
{
	assert_int_equal(a->kind, b->kind);
	same_bytes(a->report, b->report);
	same_bytes(a->chain, b->chain);
	same_bytes(a->hints.arch, b->hints.arch);
	same_bytes(a->hints.driver_version, b->hints.driver_version);
	same_bytes(a->hints.vbios_version, b->hints.vbios_version);
	same_bytes(a->hints.uuid, b->hints.uuid);
	same_bytes(a->hints.version, b->hints.version);
	assert_int_equal(a->hints.nonce_given, b->hints.nonce_given);
	assert_memory_equal(a->hints.nonce, b->hints.nonce, NONCE_SIZE);
	assert_int_equal(a->fault.code, b->fault.code);
	assert_string_equal(assay_err_text(&a->fault), assay_err_text(&b->fault));
}

static void same_evidence(const struct evidence *a, const struct evidence *b)
{
	assert_int_equal(a->devices, b->devices);
	for (size_t i = 0; i < a->devices; i++)
		same_device(&a->device[i], &b->device[i]);
	assert_int_equal(a->collaterals, b->collaterals);
	for (size_t i = 0; i < a->collaterals; i++) {
		same_bytes(a->collateral[i].want, b->collateral[i].want);
		same_bytes(a->collateral[i].name, b->collateral[i].name);
		same_bytes(a->collateral[i].request, b->collateral[i].request);
		same_bytes(a->collateral[i].body, b->collateral[i].body);
		same_bytes(a->collateral[i].from, b->collateral[i].from);
		assert_true(a->collateral[i].fetched == b->collateral[i].fetched);
	}
	assert_int_equal(a->recorded, b->recorded);
	assert_true(a->made == b->made);
	assert_int_equal(a->nonce_given, b->nonce_given);
	assert_memory_equal(a->nonce, b->nonce, NONCE_SIZE);
	same_bytes(a->events, b->events);
}

/* parse(write(x)) is x, and writing that gives the same bytes. */
static void round_trip(const struct evidence *ev)
{
	CLEANUP(buf_done) struct buf           one = { 0 }, two = { 0 };
	CLEANUP(evidence_done) struct evidence back = { 0 };
	struct assay_err                       e    = { 0 };

	assert_int_equal(evidence_write(ev, &one, &e), ASSAY_OK);
	assert_int_equal(evidence_add(&back, "back", buf_bytes(&one), (struct bytes){ 0 }, &e),
		ASSAY_OK);
	same_evidence(ev, &back);
	assert_int_equal(evidence_write(&back, &two, &e), ASSAY_OK);
	assert_true(bytes_equal(buf_bytes(&one), buf_bytes(&two)));
}

static void containers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(evidence_done) struct evidence ev = { 0 };
		struct assay_err                       e  = { 0 };

		print_message("%s\n", cases[i].name);
		assert_int_equal(
			evidence_add(&ev, "x", cases[i].in, cases[i].chain, &e), cases[i].code);
		assert_int_equal(ev.devices, cases[i].devices);
		if (cases[i].code != ASSAY_OK) { /* nothing was added */
			assert_non_null(strstr(assay_err_text(&e), cases[i].says));
			assert_int_equal(strncmp(assay_err_text(&e), "x: ", 3), 0);
			assert_int_equal(ev.owneds + ev.sources + ev.collaterals, 0);
			continue;
		}
		assert_int_equal(ev.sources, 1);
		assert_string_equal(ev.source[0], "x");
		if (ev.devices > 0) {
			assert_int_equal(ev.device[0].fault.code, cases[i].fault);
			assert_non_null(
				strstr(assay_err_text(&ev.device[0].fault), cases[i].says));
		}
		for (size_t d = 1; d < ev.devices; d++)
			assert_int_equal(ev.device[d].fault.code, ASSAY_OK);
		round_trip(&ev);
	}
}

/* What is said once and belongs to many is longer, decoded, than its text. */
static void handed_down(void **state)
{
	CLEANUP(buf_done) struct buf           text = { 0 };
	CLEANUP(evidence_done) struct evidence ev   = { 0 };
	struct assay_err                       e    = { 0 };

	(void)state;
	buf_text(&text, "{\"arch\":\"HOPPER");
	for (size_t i = 6; i < EVIDENCE_HINT; i++)
		buf_byte(&text, 'x');
	buf_text(&text, "\",\"nonce\":\"" NONCE "\",\"evidence_list\":[");
	for (size_t i = 0; i < EVIDENCE_DEVICES; i++)
		buf_printf(&text, "%s{}", i == 0 ? "" : ",");
	buf_text(&text, "]}");
	test_must(evidence_add(&ev, "x", buf_bytes(&text), (struct bytes){ 0 }, &e), &e);
	assert_int_equal(ev.devices, EVIDENCE_DEVICES);
	for (size_t i = 0; i < ev.devices; i++) {
		assert_int_equal(ev.device[i].fault.code, ASSAY_JSON_FIELD);
		assert_int_equal(ev.device[i].hints.arch.n, EVIDENCE_HINT);
		assert_true(ev.device[i].hints.nonce_given);
	}
}

static void values(void **state)
{
	CLEANUP(evidence_done) struct evidence ev = { 0 };
	struct assay_err                       e  = { 0 };
	const struct evidence_device          *d;
	const struct collateral               *c;

	(void)state;
	assert_int_equal(
		evidence_add(&ev, "a\nb", cases[1].in, (struct bytes){ 0 }, &e), ASSAY_OK);
	assert_string_equal(ev.source[0], "a\\x0ab");
	d = &ev.device[0];
	same_bytes(d->report, BYTES("\x11\xe0\x01"));
	same_bytes(d->chain, BYTES("foo"));
	same_bytes(d->hints.arch, BYTES("HOPPER"));
	same_bytes(d->hints.driver_version, BYTES("590.12"));
	same_bytes(d->hints.vbios_version, BYTES("96"));
	same_bytes(d->hints.uuid, BYTES("GPU-1"));
	same_bytes(d->hints.version, BYTES("1.0"));
	assert_true(d->hints.nonce_given);
	assert_string_equal(HEX(BYTES_OF(d->hints.nonce)), NONCE);
	assert_false(ev.recorded);
	assert_false(ev.nonce_given); /* a hint is no record */

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (strcmp(cases[i].name, "all members") == 0)
			assert_int_equal(
				evidence_add(&ev, "b", cases[i].in, (struct bytes){ 0 }, &e),
				ASSAY_OK);
	assert_int_equal(ev.devices, 4);
	assert_int_equal(ev.device[0].source, 0);
	assert_int_equal(ev.device[1].source, 1);
	assert_int_equal(ev.device[1].kind, DEVICE_GPU);
	assert_int_equal(ev.device[2].kind, DEVICE_NVSWITCH);
	assert_int_equal(ev.device[3].kind, DEVICE_TDX);
	assert_true(ev.recorded);
	assert_true(ev.made == 1795418100);
	assert_string_equal(HEX(BYTES_OF(ev.nonce)), NONCE);
	same_bytes(ev.events, BYTES("foo"));
	c = &ev.collateral[0];
	same_bytes(c->want, BYTES("rim:X"));
	same_bytes(c->request, BYTES("foo"));
	same_bytes(c->from, BYTES("https://x"));
	assert_true(c->fetched == 1795418100);
	same_bytes(ev.collateral[1].name, BYTES("x.xml"));
	same_bytes(ev.collateral[1].body, BYTES("foo"));
	round_trip(&ev);
}

static void written(void **state)
{
	CLEANUP(evidence_done) struct evidence ev  = { 0 };
	CLEANUP(buf_done) struct buf           out = { 0 };
	struct assay_err                       e   = { 0 };

	(void)state;
	assert_int_equal(
		evidence_add(&ev, "x", cases[0].in, (struct bytes){ 0 }, &e), ASSAY_OK);
	assert_int_equal(evidence_add_collateral(
				 &ev, "rim:X", NULL, (struct bytes){ 0 }, BYTES("foo"), &e),
		ASSAY_OK);
	assert_int_equal(evidence_write(&ev, &out, &e), ASSAY_OK);
	assert_string_equal(buf_cstr(&out),
		"{\n  \"schema\": \"assay.bundle/1\",\n  \"evidence\": [\n    {\n      \"kind\": \"gpu\",\n"
		"      \"report\": \"EeAB\",\n      \"chain\": \"foo\",\n      \"hints\": {\n"
		"        \"arch\": \"HOPPER\",\n        \"nonce\": \"" NONCE
		"\"\n      }\n    }\n  ],\n"
		"  \"collateral\": [\n    {\n      \"want\": \"rim:X\",\n      \"body\": \"Zm9v\"\n    }\n  ]\n}\n");
}

/* --- sizes: before, then n times each, then after --- */

static const struct {
	const char     *name;
	const char     *before, *each, *after;
	size_t          n;
	enum assay_code code, fault;
	size_t          devices;
} sized[] = {
	{ "64 devices", "[{" R C "}", ",{" R C "}", "]", 63, ASSAY_OK, ASSAY_OK, 64 },
	{ "65 devices", "[{" R C "}", ",{" R C "}", "]", 64, ASSAY_INPUT_SIZE, ASSAY_OK, 0 },
	{ "64 devices of ours", "{" EV "\"evidence\":[{" GPU "}", ",{" GPU "}", "]}", 63,
		ASSAY_OK, ASSAY_OK, 64 },
	{ "65 devices of ours", "{" EV "\"evidence\":[{" GPU "}", ",{" GPU "}", "]}", 64,
		ASSAY_INPUT_SIZE, ASSAY_OK, 0 },
	{ "values without end", "[0", ",0", "]", 1000000, ASSAY_INPUT_SIZE, ASSAY_OK, 0 },
	{ "report of 8190", "[{\"evidence\":\"", "EeAB", "\"," C "}]", 2730, ASSAY_OK, ASSAY_OK,
		1 },
	{ "report of 8192", "[{\"evidence\":\"", "EeAB", "EeA=\"," C "}]", 2730, ASSAY_OK,
		ASSAY_OK, 1 },
	{ "report of 8193", "[{\"evidence\":\"", "EeAB", "\"," C "}]", 2731, ASSAY_OK,
		ASSAY_INPUT_SIZE, 1 },
	{ "report of a megabyte", "[{\"evidence\":\"", "EeAB", "\"," C "}]", 349526, ASSAY_OK,
		ASSAY_INPUT_SIZE, 1 },
	{ "chain of 5118", "[{" R "\"certificate\":\"", "Zm9v", "\"}]", 1706, ASSAY_OK,
		ASSAY_OK, 1 },
	{ "chain of 5121", "[{" R "\"certificate\":\"", "Zm9v", "\"}]", 1707, ASSAY_OK,
		ASSAY_INPUT_SIZE, 1 },
	{ "chain of 5120 of ours",
		"{" EV "\"evidence\":[{\"kind\":\"gpu\",\"report\":\"EeAB\",\"chain\":\"", "x",
		"\"}]}", 5120, ASSAY_OK, ASSAY_OK, 1 },
	{ "chain of 5121 of ours",
		"{" EV "\"evidence\":[{\"kind\":\"gpu\",\"report\":\"EeAB\",\"chain\":\"", "x",
		"\"}]}", 5121, ASSAY_OK, ASSAY_INPUT_SIZE, 1 },
	{ "report of 8193 of ours",
		"{" EV "\"evidence\":[{\"kind\":\"gpu\",\"chain\":\"\",\"report\":\"", "EeAB",
		"\"}]}", 2731, ASSAY_OK, ASSAY_INPUT_SIZE, 1 },
	{ "quote of 65535", "{" EV "\"evidence\":[{\"kind\":\"tdx\",\"report\":\"", "EeAB",
		"\"}]}", 21845, ASSAY_OK, ASSAY_OK, 1 },
	{ "quote of 65538", "{" EV "\"evidence\":[{\"kind\":\"tdx\",\"report\":\"", "EeAB",
		"\"}]}", 21846, ASSAY_OK, ASSAY_INPUT_SIZE, 1 },
	{ "hint of 128", "[{" R C ",\"uuid\":\"", "x", "\"}]", 128, ASSAY_OK, ASSAY_OK, 1 },
	{ "hint of 129", "[{" R C ",\"uuid\":\"", "x", "\"}]", 129, ASSAY_OK, ASSAY_INPUT_SIZE,
		1 },
	{ "many unknown names", "[{" R C ",\"x\":[0", ",0", "]}]", 60000, ASSAY_OK, ASSAY_OK,
		1 },
	{ "file of 4 MiB", "[", " ", "]", EVIDENCE_FILE_MAX - 2, ASSAY_OK, ASSAY_OK, 0 },
	{ "file of 4 MiB and 1", "[", " ", "]", EVIDENCE_FILE_MAX - 1, ASSAY_INPUT_SIZE,
		ASSAY_OK, 0 },
	{ "evidence of assay's over 4 MiB", "{" EV "\"evidence\":[", " ", "]}",
		EVIDENCE_FILE_MAX, ASSAY_OK, ASSAY_OK, 0 },
	{ "evidence of assay's over 16 MiB", "{" EV "\"evidence\":[", " ", "]}",
		BUNDLE_FILE_MAX, ASSAY_INPUT_SIZE, ASSAY_OK, 0 },
	{ "bundle over 4 MiB", "{" BU "\"evidence\":[],\"collateral\":[", " ", "]}",
		EVIDENCE_FILE_MAX, ASSAY_OK, ASSAY_OK, 0 },
	{ "bundle over 16 MiB", "{" BU "\"evidence\":[],\"collateral\":[", " ", "]}",
		BUNDLE_FILE_MAX, ASSAY_INPUT_SIZE, ASSAY_OK, 0 },
	{ "noise over 4 MiB", "x", "x", "x", EVIDENCE_FILE_MAX, ASSAY_INPUT_SIZE, ASSAY_OK, 0 },
	{ "blanks of 4 MiB", " ", " ", " ", EVIDENCE_FILE_MAX - 2, ASSAY_INPUT_SIZE, ASSAY_OK,
		0 },
	{ "hex of 8192", "11e0", "00", "", 8190, ASSAY_OK, ASSAY_OK, 1 },
	{ "hex of 8193", "11e0", "00", "", 8191, ASSAY_OK, ASSAY_INPUT_SIZE, 1 },
	{ "hex of a megabyte", "11e0", "00", "", 1024 * 1024, ASSAY_OK, ASSAY_INPUT_SIZE, 1 },
	{ "1024 of collateral", "{" BU "\"evidence\":[],\"collateral\":[{\"body\":\"Zm9v\"}",
		",{\"body\":\"Zm9v\"}", "]}", 1023, ASSAY_OK, ASSAY_OK, 0 },
	{ "1025 of collateral", "{" BU "\"evidence\":[],\"collateral\":[{\"body\":\"Zm9v\"}",
		",{\"body\":\"Zm9v\"}", "]}", 1024, ASSAY_INPUT_SIZE, ASSAY_OK, 0 },
	{ "body of 1 MiB", "{" BU "\"evidence\":[],\"collateral\":[{\"body\":\"", "Zm9v",
		"Zg==\"}]}", 349525, ASSAY_OK, ASSAY_OK, 0 },
	{ "body over 1 MiB", "{" BU "\"evidence\":[],\"collateral\":[{\"body\":\"", "Zm9v",
		"Zm8=\"}]}", 349525, ASSAY_INPUT_SIZE, ASSAY_OK, 0 },
	{ "want of 1025",
		"{" BU "\"evidence\":[],\"collateral\":[{\"body\":\"Zm9v\",\"want\":\"", "x",
		"\"}]}", 1025, ASSAY_INPUT_SIZE, ASSAY_OK, 0 },
	{ "events of 4 MiB", "{" EV "\"evidence\":[],\"events\":\"", "Zm9v", "\"}", 1398101,
		ASSAY_OK, ASSAY_OK, 0 },
	{ "events over 4 MiB", "{" EV "\"evidence\":[],\"events\":\"", "Zm9v", "\"}", 1398102,
		ASSAY_INPUT_SIZE, ASSAY_OK, 0 },
	{ "fault of 399",
		"{" EV "\"evidence\":[{" GPU
		",\"fault\":{\"code\":\"TRUNCATED\",\"message\":\"",
		"x", "\"}}]}", 399, ASSAY_OK, ASSAY_TRUNCATED, 1 },
	{ "fault of 400",
		"{" EV "\"evidence\":[{" GPU
		",\"fault\":{\"code\":\"TRUNCATED\",\"message\":\"",
		"x", "\"}}]}", 400, ASSAY_JSON_FIELD, ASSAY_OK, 0 },
};

static void sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sized); i++) {
		CLEANUP(evidence_done) struct evidence ev = { 0 };
		CLEANUP(buf_done) struct buf           in = { 0 };
		struct assay_err                       e  = { 0 };

		print_message("%s\n", sized[i].name);
		buf_text(&in, sized[i].before);
		for (size_t n = 0; n < sized[i].n; n++)
			buf_text(&in, sized[i].each);
		buf_text(&in, sized[i].after);
		assert_int_equal(evidence_add(&ev, "x", buf_bytes(&in), BYTES("foo"), &e),
			sized[i].code);
		assert_int_equal(ev.devices, sized[i].devices);
		if (ev.devices > 0)
			assert_int_equal(ev.device[0].fault.code, sized[i].fault);
		if (sized[i].code == ASSAY_OK)
			round_trip(&ev);
	}
}

/* --- several containers are one node --- */

static const struct {
	const char     *name;
	struct bytes    first, second;
	enum assay_code code;
	const char     *says;
} pairs[] = {
	{ "GPUs and switches", BYTES("[{" R C "}]"), BYTES("[{\"arch\":\"LS10\"," R C "}]"),
		ASSAY_OK, "" },
	{ "a record and NVIDIA's file", BYTES("{" EV MADE "\"evidence\":[]}"),
		BYTES("[{" R C "}]"), ASSAY_OK, "" },
	{ "one record", BYTES("{" EV MADE "\"nonce\":\"" NONCE "\",\"evidence\":[{" GPU "}]}"),
		BYTES("{" EV MADE "\"nonce\":\"" NONCE "\",\"evidence\":[{" GPU "}]}"),
		ASSAY_OK, "" },
	{ "another nonce",
		BYTES("{" EV MADE "\"nonce\":\"" NONCE "\",\"evidence\":[{" GPU "}]}"),
		BYTES("{" EV MADE "\"nonce\":\"" OTHER "\",\"evidence\":[{" GPU "}]}"),
		ASSAY_JSON_FIELD, "y: it was recorded for another nonce" },
	{ "a nonce and none",
		BYTES("{" EV MADE "\"nonce\":\"" NONCE "\",\"evidence\":[{" GPU "}]}"),
		BYTES("{" EV MADE "\"evidence\":[{" GPU "}]}"), ASSAY_OK, "" },
	{ "another time", BYTES("{" EV MADE "\"evidence\":[{" GPU "}]}"),
		BYTES("{" EV "\"made\":\"2026-11-23T07:15:01Z\",\"evidence\":[{" GPU "}]}"),
		ASSAY_OK, "" },
	{ "another event log", BYTES("{" EV "\"events\":\"Zm9v\",\"evidence\":[{" GPU "}]}"),
		BYTES("{" EV "\"events\":\"Zm8=\",\"evidence\":[{" GPU "}]}"), ASSAY_JSON_FIELD,
		"another event log" },
	{ "one event log", BYTES("{" EV "\"events\":\"Zm9v\",\"evidence\":[]}"),
		BYTES("{" EV "\"events\":\"Zm9v\",\"evidence\":[]}"), ASSAY_OK, "" },
	{ "noise", BYTES("[{" R C "}]"), BYTES("noise"), ASSAY_INPUT_KIND, "y: " },
};

static void several(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		CLEANUP(evidence_done) struct evidence ev = { 0 }, one = { 0 };
		struct assay_err                       e    = { 0 };
		const struct bytes                     none = { 0 };

		print_message("%s\n", pairs[i].name);
		assert_int_equal(evidence_add(&one, "x", pairs[i].first, none, &e), ASSAY_OK);
		assert_int_equal(evidence_add(&ev, "x", pairs[i].first, none, &e), ASSAY_OK);
		assert_int_equal(
			evidence_add(&ev, "y", pairs[i].second, none, &e), pairs[i].code);
		assert_non_null(strstr(assay_err_text(&e), pairs[i].says));
		if (pairs[i].code != ASSAY_OK) {
			same_evidence(&ev, &one);
			assert_int_equal(ev.sources, 1);
		} else {
			assert_int_equal(ev.sources, 2);
			round_trip(&ev);
		}
	}
}

static void together(void **state)
{
	CLEANUP(evidence_done) struct evidence ev   = { 0 };
	CLEANUP(buf_done) struct buf           in   = { 0 };
	const struct bytes                     none = { 0 };
	struct assay_err                       e    = { 0 };

	(void)state;
	buf_text(&in, "[{" R C "}");
	for (int i = 1; i < 40; i++)
		buf_text(&in, ",{" R C "}");
	buf_text(&in, "]");
	assert_int_equal(evidence_add(&ev, "x", buf_bytes(&in), none, &e), ASSAY_OK);
	assert_int_equal(evidence_add(&ev, "y", buf_bytes(&in), none, &e), ASSAY_INPUT_SIZE);
	assert_string_equal(
		assay_err_text(&e), "y: with it there are 80 devices, over the limit of 64");
	assert_int_equal(ev.devices, 40);
	for (int i = 0; i < COLLATERAL_MAX; i++)
		assert_int_equal(
			evidence_add_collateral(&ev, NULL, "x", none, BYTES("foo"), &e),
			ASSAY_OK);
	assert_int_equal(evidence_add_collateral(&ev, NULL, "x", none, BYTES("foo"), &e),
		ASSAY_INPUT_SIZE);
	assert_int_equal(ev.collaterals, COLLATERAL_MAX);
	round_trip(&ev);
}

static void pieces(void **state)
{
	static uint8_t                         big[COLLATERAL_BODY + 1];
	CLEANUP(evidence_done) struct evidence ev   = { 0 };
	CLEANUP(buf_done) struct buf           out  = { 0 };
	const struct bytes                     none = { 0 };
	struct assay_err                       e    = { 0 };

	(void)state;
	assert_int_equal(
		evidence_add_collateral(&ev, "rim:X", NULL, none, none, &e), ASSAY_INPUT_SIZE);
	assert_string_equal(assay_err_text(&e), "rim:X: it is empty");
	assert_int_equal(evidence_add_collateral(&ev, NULL, "x\033", none, BYTES_OF(big), &e),
		ASSAY_INPUT_SIZE);
	assert_int_equal(ev.collaterals, 0);
	/* a file's name may be any bytes */
	assert_int_equal(evidence_add_collateral(&ev, NULL, "\xff\x01", none, BYTES("foo"), &e),
		ASSAY_OK);
	assert_int_equal(evidence_write(&ev, &out, &e), ASSAY_OK);
	assert_non_null(strstr(buf_cstr(&out), "\"name\": \"\\\\xff\\\\x01\""));
	/* more than one file can hold is said, not cut */
	out.n = 0;
	for (int i = 0; i < 16; i++)
		assert_int_equal(evidence_add_collateral(&ev, "rim:X", NULL, none,
					 (struct bytes){ big, COLLATERAL_BODY }, &e),
			ASSAY_OK);
	assert_int_equal(evidence_write(&ev, &out, &e), ASSAY_INPUT_SIZE);
	assert_int_equal(out.n, 0);
}

static void devices(void **state)
{
	CLEANUP(evidence_done) struct evidence ev = { 0 };
	struct assay_err                       e  = { 0 };
	struct evidence_device                 d  = { .kind = DEVICE_NVSWITCH,
				 .report                    = BYTES("\x11\xe0\x01"),
				 .chain                     = BYTES("foo\0\0"),
				 .hints = { .arch = BYTES("LS10"), .uuid = BYTES("") } };

	(void)state;
	assert_int_equal(evidence_add_device(&ev, "nscq", &d, &e), ASSAY_OK);
	assert_string_equal(ev.source[ev.device[0].source], "nscq");
	assert_int_equal(ev.device[0].kind, DEVICE_NVSWITCH);
	same_bytes(ev.device[0].chain, BYTES("foo"));
	assert_ptr_not_equal(ev.device[0].report.p, d.report.p);
	assert_int_equal(ev.device[0].fault.code, ASSAY_OK);
	d.report.n = 0;
	assert_int_equal(evidence_add_device(&ev, NULL, &d, &e), ASSAY_OK);
	assert_int_equal(ev.device[1].fault.code, ASSAY_INPUT_SIZE);
	d.fault = (struct assay_err){ 0 };
	err_set(&d.fault, ASSAY_TRUNCATED, "the driver said %d", 7);
	assert_int_equal(evidence_add_device(&ev, NULL, &d, &e), ASSAY_OK);
	assert_string_equal(assay_err_text(&ev.device[2].fault), "the driver said 7");
	round_trip(&ev);
}

static void events(void **state)
{
	static uint8_t                         much[EVIDENCE_EVENTS + 1];
	CLEANUP(evidence_done) struct evidence ev    = { 0 };
	struct assay_err                       e     = { 0 };
	uint8_t                                log[] = "log";

	(void)state;
	test_must(evidence_add_events(&ev, (struct bytes){ 0 }, &e), &e);
	assert_int_equal(ev.events.n, 0);
	test_must(evidence_add_events(&ev, (struct bytes){ log, 3 }, &e), &e);
	assert_ptr_not_equal(ev.events.p, log);
	test_must(evidence_add_events(&ev, (struct bytes){ log, 3 }, &e), &e);
	log[0] = 'd';
	same_bytes(ev.events, BYTES("log"));
	assert_int_equal(
		evidence_add_events(&ev, (struct bytes){ log, 3 }, &e), ASSAY_JSON_FIELD);
	assert_int_equal(evidence_add_events(&ev, BYTES_OF(much), &e), ASSAY_INPUT_SIZE);
	same_bytes(ev.events, BYTES("log"));
	round_trip(&ev);
}

/* Every byte of a bundle lost or changed: no crash, and what still parses still round-trips. */
static void broken(void **state)
{
	struct bytes whole = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (strcmp(cases[i].name, "all members") == 0)
			whole = cases[i].in;
	for (size_t at = 0; at < whole.n; at++) {
		CLEANUP(evidence_done) struct evidence cut = { 0 }, flip = { 0 };
		CLEANUP(buf_done) struct buf           copy = { 0 };
		struct assay_err                       e    = { 0 };
		const struct bytes                     none = { 0 };

		assert_int_not_equal(
			evidence_add(&cut, "x", (struct bytes){ whole.p, at }, none, &e),
			ASSAY_OK);
		buf_put(&copy, whole.p, whole.n);
		copy.p[at] ^= 1;
		if (evidence_add(&flip, "x", buf_bytes(&copy), none, &e) == ASSAY_OK)
			round_trip(&flip);
	}
}

/* --- real files --- */

static const struct {
	const char      *path, *chain;
	size_t           devices, report;
	enum device_kind kind;
	const char      *arch;
	const char      *nonce; /* how it begins */
} real[] = {
	{ "nvidia/evidence/hopper_evidence.json", NULL, 1, 4274, DEVICE_GPU, "HOPPER", "" },
	{ "nvidia/evidence/hopper_evidence_cert_hold.json", NULL, 1, 4117, DEVICE_GPU, "HOPPER",
		"" },
	{ "nvidia/evidence/multi_gpu_hopper.json", NULL, 4, 4274, DEVICE_GPU, "HOPPER", "" },
	{ "nvidia/evidence/switch_evidence_ls10.json", NULL, 1, 2168, DEVICE_NVSWITCH, "LS10",
		"" },
	{ "nvidia/evidence/multi_switch_ls10.json", NULL, 4, 2168, DEVICE_NVSWITCH, "LS10",
		"" },
	{ "nvidia/raw/hopper-535.86.09.report.hex", "nvidia/raw/hopper-535.86.09.chain.pem", 1,
		4052, DEVICE_GPU, NULL, NULL },
	{ "nvidia/raw/hopper-560.00-bad-signature.report.hex",
		"nvidia/raw/hopper-535.86.09.chain.pem", 1, 4262, DEVICE_GPU, NULL, NULL },
	{ "nvidia/raw/hopper-580.159.03.report.hex", "nvidia/raw/hopper-580.159.03.chain.pem",
		1, 4130, DEVICE_GPU, NULL, NULL },
	{ "nvidia/raw/blackwell-575.32.report.hex", "nvidia/raw/blackwell-575.32.chain.pem", 1,
		4121, DEVICE_GPU, NULL, NULL },
	{ "nvidia/raw/ls10-96.10.55.00.01.report.hex",
		"nvidia/raw/ls10-96.10.55.00.01.chain.pem", 1, 2168, DEVICE_NVSWITCH, NULL,
		NULL },
};

static void real_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(real); i++) {
		CLEANUP(evidence_done) struct evidence ev = { 0 }, raw = { 0 };
		CLEANUP(buf_done) struct buf           text = { 0 }, chain = { 0 };
		struct assay_err                       e = { 0 };

		test_interop(real[i].path, &text);
		if (real[i].chain != NULL)
			test_interop(real[i].chain, &chain);
		print_message("%s\n", real[i].path);
		assert_int_equal(evidence_add(&ev, real[i].path, buf_bytes(&text),
					 buf_bytes(&chain), &e),
			ASSAY_OK);
		assert_int_equal(ev.devices, real[i].devices);
		for (size_t d = 0; d < ev.devices; d++) {
			const struct evidence_device *got = &ev.device[d];

			assert_int_equal(got->fault.code, ASSAY_OK);
			assert_int_equal(got->kind, real[i].kind);
			assert_int_equal(got->report.n, real[i].report);
			assert_memory_equal(got->report.p, "\x11\xe0", 2);
			assert_memory_equal(got->chain.p, "-----BEGIN", 10);
			assert_int_equal(got->hints.nonce_given, real[i].nonce != NULL);
			if (got->hints.nonce_given) /* bytes 4 to 35 of the report */
				assert_memory_equal(
					got->hints.nonce, got->report.p + 4, NONCE_SIZE);
			same_bytes(got->hints.arch, bytes_text(real[i].arch));
		}
		round_trip(&ev);
		if (real[i].chain == NULL)
			continue;
		assert_int_equal(evidence_add(&raw, real[i].path, ev.device[0].report,
					 buf_bytes(&chain), &e),
			ASSAY_OK); /* the same as binary */
		same_evidence(&raw, &ev);
	}
}

static void real_others(void **state)
{
	static const char *const others[] = {
		"nvidia/rims/NV_GPU_DRIVER_GH100_550.144.03.xml",
		"nvidia/raw/hopper-535.86.09.chain.pem",
		"tdx/tdx_quote_collateral.json",
		"tdx/ccel/ccel_data.dat",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		CLEANUP(evidence_done) struct evidence ev   = { 0 };
		CLEANUP(buf_done) struct buf           text = { 0 };
		struct assay_err                       e    = { 0 };

		test_interop(others[i], &text);
		assert_int_equal(evidence_add(&ev, others[i], buf_bytes(&text), BYTES("x"), &e),
			ASSAY_INPUT_KIND);
		assert_non_null(strstr(assay_err_text(&e), WANT));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(containers),
		cmocka_unit_test(handed_down),
		cmocka_unit_test(values),
		cmocka_unit_test(written),
		cmocka_unit_test(sizes),
		cmocka_unit_test(several),
		cmocka_unit_test(together),
		cmocka_unit_test(pieces),
		cmocka_unit_test(devices),
		cmocka_unit_test(events),
		cmocka_unit_test(broken),
		cmocka_unit_test(real_files),
		cmocka_unit_test(real_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
