/* SPDX-License-Identifier: Apache-2.0
 *
 * assay.policy/1 as a table: nothing in it is ignored, and nothing may be waived that is not listed. */
#include "appraise/policy.h"

#include "test.h"

#define S        "\"schema\":\"assay.policy/1\""
#define REQ(m)   "{" S ",\"require\":{" m "}}"
#define WAIVE(m) "{" S ",\"waivers\":[{" m "}]}"
#define WHY      ",\"reason\":\"x\",\"expires\":\"2027-01-01\""
#define PIN      "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\""

/* clang-format off */
static const struct {
	const char     *name, *text;
	enum assay_code code;
	const char     *says;
} cases[] = {
	{ "empty policy", "{" S "}", ASSAY_OK, "" },
	{ "described", "{" S ",\"description\":\"mine\",\"require\":{},\"waivers\":[]}", ASSAY_OK, "" },
	{ "no JSON", "{", ASSAY_JSON_PARSE, "" },
	{ "nothing", "", ASSAY_INPUT_SIZE, "" },
	{ "an array", "[]", ASSAY_JSON_FIELD, "" },
	{ "no schema", "{}", ASSAY_JSON_FIELD, "schema" },
	{ "another schema", "{\"schema\":\"assay.policy/2\"}", ASSAY_JSON_SCHEMA, "assay.policy/2" },
	{ "member twice", "{" S "," S "}", ASSAY_JSON_PARSE, "duplicate" },
	{ "unknown member", "{" S ",\"waive\":[]}", ASSAY_JSON_FIELD, "waive" },
	{ "require a list", "{" S ",\"require\":[]}", ASSAY_JSON_FIELD, "require" },
	{ "waivers an object", "{" S ",\"waivers\":{}}", ASSAY_JSON_FIELD, "waivers" },
	/* requirements */
	{ "all of them", REQ("\"gpu.driver.minimum\":\"550.90.07\",\"gpu.vbios.minimum\":\"96.00.5E.00.01\",\"gpu.protected-pcie\":true,"
		"\"report.fwid\":true,\"report.known-fields\":true,\"rim.family\":false,\"rim.sha256\":[" PIN "],\"ocsp.max-age\":3600,\"devices\":\"8+4\""), ASSAY_OK, "" },
	{ "unknown requirement", REQ("\"gpu.driver.maximum\":\"1\""), ASSAY_POLICY_FIELD, "gpu.driver.maximum" },
	{ "escape in its name", REQ("\"\\u001b[m\":1"), ASSAY_POLICY_FIELD, "\\x1b[m" },
	{ "version a number", REQ("\"gpu.driver.minimum\":550"), ASSAY_POLICY_FIELD, "is not a version" },
	{ "version empty", REQ("\"gpu.driver.minimum\":\"\""), ASSAY_POLICY_FIELD, "version" },
	{ "version of words", REQ("\"gpu.driver.minimum\":\"newest\""), ASSAY_POLICY_FIELD, "version" },
	{ "version too long", REQ("\"gpu.vbios.minimum\":\"111111111111111111111111111111111\""), ASSAY_POLICY_FIELD, "version" },
	{ "true a word", REQ("\"gpu.protected-pcie\":\"true\""), ASSAY_POLICY_FIELD, "true or false" },
	{ "fwid null", REQ("\"report.fwid\":null"), ASSAY_POLICY_FIELD, "true or false" },
	{ "no pins", REQ("\"rim.sha256\":[]"), ASSAY_POLICY_FIELD, "1 to 256" },
	{ "pin cut", REQ("\"rim.sha256\":[\"0011\"]"), ASSAY_POLICY_FIELD, "SHA-256" },
	{ "pin a number", REQ("\"rim.sha256\":[" PIN ",1]"), ASSAY_POLICY_FIELD, "SHA-256" },
	{ "pins a text", REQ("\"rim.sha256\":" PIN), ASSAY_POLICY_FIELD, "list" },
	{ "age zero", REQ("\"ocsp.max-age\":0"), ASSAY_POLICY_FIELD, "seconds" },
	{ "age negative", REQ("\"ocsp.max-age\":-1"), ASSAY_POLICY_FIELD, "seconds" },
	{ "age of two years", REQ("\"ocsp.max-age\":63072000"), ASSAY_POLICY_FIELD, "seconds" },
	{ "age a real", REQ("\"ocsp.max-age\":3600.0"), ASSAY_POLICY_FIELD, "seconds" },
	{ "devices a number", REQ("\"devices\":8"), ASSAY_POLICY_FIELD, "number of devices" },
	{ "devices without a number", REQ("\"devices\":\"8+\""), ASSAY_POLICY_FIELD, "number of devices" },
	/* the guest */
	{ "all of the guest's", REQ("\"tdx.debug\":false,\"tdx.identity\":true,\"tdx.eventlog\":true,\"tdx.evaluation.unequal\":true,\"tdx.evaluation.minimum\":17,"
		"\"tdx.qe.minimum\":4,\"tdx.pce.minimum\":11,\"tdx.tcb.minimum-date\":\"2024-03-13\",\"tdx.attributes.must\":\"0000000010000000\","
		"\"tdx.attributes.may\":\"0000000058000000\",\"tdx.xfam.may\":\"000000000006DBE7\",\"tdx.svn.minimum\":\"00000000000000000000000000000000\","
		"\"tdx.svn2.minimum\":\"00000000000000000000000000000000\",\"node.binding.event\":true,\"tdx.tcb.accept\":[\"OutOfDate\",\"SWHardeningNeeded\"],"
		"\"tdx.tcb.advisories\":[\"INTEL-SA-00615\"],\"tdx.fmspc\":[\"90c06f000000\"]"), ASSAY_OK, "" },
	{ "debug a number", REQ("\"tdx.debug\":1"), ASSAY_POLICY_FIELD, "true or false" },
	{ "evaluation a text", REQ("\"tdx.evaluation.minimum\":\"17\""), ASSAY_POLICY_FIELD, "number" },
	{ "evaluation below zero", REQ("\"tdx.evaluation.minimum\":-1"), ASSAY_POLICY_FIELD, "number" },
	{ "QE of 65536", REQ("\"tdx.qe.minimum\":65536"), ASSAY_POLICY_FIELD, "number" },
	{ "the least and the most", REQ("\"tdx.evaluation.minimum\":0,\"tdx.qe.minimum\":65535,\"tdx.tcb.minimum-date\":\"2015-01-01\""), ASSAY_OK, "" },
	{ "no date", REQ("\"tdx.tcb.minimum-date\":\"soon\""), ASSAY_POLICY_FIELD, "time" },
	{ "a mask of 15 digits", REQ("\"tdx.xfam.may\":\"00000000006DBE7\""), ASSAY_POLICY_FIELD, "16 hexadecimal" },
	{ "reserved attributes", REQ("\"tdx.attributes.must\":\"0000000010000000\",\"tdx.attributes.may\":\"0000010058000000\""), ASSAY_POLICY_FIELD, "reserved" },
	{ "all attributes", REQ("\"tdx.attributes.must\":\"0000000000000000\",\"tdx.attributes.may\":\"ffffffffffffffff\""), ASSAY_POLICY_FIELD, "reserved" },
	{ "profiling", REQ("\"tdx.attributes.must\":\"0000000010000000\",\"tdx.attributes.may\":\"0000000010000020\""), ASSAY_POLICY_FIELD, "profiling" },
	{ "migration by anybody", REQ("\"tdx.attributes.must\":\"0000000010000000\",\"tdx.attributes.may\":\"0000000030000000\""), ASSAY_POLICY_FIELD, "tdx.mrservicetd" },
	{ "features that may not be", REQ("\"tdx.xfam.must\":\"0000000000000004\",\"tdx.xfam.may\":\"0000000000000003\""), ASSAY_POLICY_FIELD, "tdx.xfam.must" },
	{ "a date that asks for nothing", REQ("\"tdx.tcb.accept\":[\"OutOfDate\"],\"tdx.tcb.minimum-date\":\"1900-01-01\""), ASSAY_POLICY_FIELD, "2015" },
	{ "must that may not", REQ("\"tdx.attributes.must\":\"0000000010000000\",\"tdx.attributes.may\":\"0000000000000000\""), ASSAY_POLICY_FIELD, "tdx.attributes.must" },
	{ "SVN of 2 digits", REQ("\"tdx.svn.minimum\":\"05\""), ASSAY_POLICY_FIELD, "32 hexadecimal" },
	{ "no MRTD at all", REQ("\"tdx.mrtd\":[]"), ASSAY_POLICY_FIELD, "1 to 256" },
	{ "MRTD a text", REQ("\"tdx.mrtd\":\"00\""), ASSAY_POLICY_FIELD, "list" },
	{ "MRTD cut", REQ("\"tdx.mrtd\":[\"00\"]"), ASSAY_POLICY_FIELD, "96 hexadecimal" },
	{ "PPID a number", REQ("\"tdx.ppid\":[7]"), ASSAY_POLICY_FIELD, "32 hexadecimal" },
	{ "unknown status", REQ("\"tdx.tcb.accept\":[\"Fine\"]"), ASSAY_POLICY_FIELD, "statuses" },
	{ "status a text", REQ("\"tdx.tcb.accept\":\"OutOfDate\""), ASSAY_POLICY_FIELD, "statuses" },
	{ "Revoked", REQ("\"tdx.tcb.accept\":[\"Revoked\"]"), ASSAY_POLICY_FIELD, "never accepted" },
	{ "OutOfDate for ever", REQ("\"tdx.tcb.accept\":[\"OutOfDate\"]"), ASSAY_POLICY_FIELD, "minimum-date" },
	{ "OutOfDate and a configuration for ever", REQ("\"tdx.tcb.accept\":[\"OutOfDateConfigurationNeeded\"]"), ASSAY_POLICY_FIELD, "minimum-date" },
	{ "an advisory too long", REQ("\"tdx.tcb.advisories\":[\"INTEL-SA-0061500000000000000000000000000000000000000000000000000000\"]"), ASSAY_POLICY_FIELD, "advisory" },
	{ "advisories an object", REQ("\"tdx.tcb.advisories\":{\"INTEL-SA-00615\":1}"), ASSAY_POLICY_FIELD, "advisories" },
	{ "no advisories", REQ("\"tdx.tcb.advisories\":[]"), ASSAY_POLICY_FIELD, "advisories" },
	{ "an advisory a number", REQ("\"tdx.tcb.advisories\":[615]"), ASSAY_POLICY_FIELD, "advisory" },
	{ "unknown of the guest", REQ("\"tdx.mrtds\":[]"), ASSAY_POLICY_FIELD, "tdx.mrtds" },
	/* waivers */
	{ "missing OCSP", WAIVE("\"check\":\"gpu.chain.revocation\"" WHY), ASSAY_OK, "" },
	{ "by its code", WAIVE("\"check\":\"gpu.chain.revocation\",\"code\":\"OCSP_STALE\"" WHY), ASSAY_OK, "" },
	{ "of one device", WAIVE("\"check\":\"nvswitch.chain.revocation\",\"subject\":\"nvswitch3\"" WHY), ASSAY_OK, "" },
	{ "one measurement", WAIVE("\"check\":\"gpu.measurements\",\"code\":\"MEASUREMENT_MISMATCH\",\"detail\":{\"measurement\":9}" WHY), ASSAY_OK, "" },
	{ "a RIM's expired signer", WAIVE("\"check\":\"gpu.rim.vbios.chain\",\"code\":\"CERT_EXPIRED\"" WHY), ASSAY_OK, "" },
	{ "a RIM's signer on hold", WAIVE("\"check\":\"gpu.rim.vbios.revocation\",\"code\":\"OCSP_HOLD\",\"detail\":{\"certificate\":1}" WHY), ASSAY_OK, "" },
	{ "hold of no certificate", WAIVE("\"check\":\"gpu.rim.vbios.revocation\",\"code\":\"OCSP_HOLD\"" WHY), ASSAY_POLICY_FIELD, "cannot be waived" },
	{ "hold of an authority", WAIVE("\"check\":\"gpu.rim.vbios.revocation\",\"code\":\"OCSP_HOLD\",\"detail\":{\"certificate\":2}" WHY), ASSAY_POLICY_FIELD, "cannot be waived" },
	{ "hold of a device", WAIVE("\"check\":\"gpu.chain.revocation\",\"code\":\"OCSP_HOLD\",\"detail\":{\"certificate\":1}" WHY), ASSAY_POLICY_FIELD, "cannot be waived" },
	{ "all measurements", WAIVE("\"check\":\"gpu.measurements\",\"code\":\"MEASUREMENT_MISMATCH\"" WHY), ASSAY_POLICY_FIELD, "cannot be waived" },
	{ "a mismatch without its code", WAIVE("\"check\":\"gpu.measurements\",\"detail\":{\"measurement\":9}" WHY), ASSAY_POLICY_FIELD, "cannot be waived" },
	{ "a device's expired chain", WAIVE("\"check\":\"gpu.chain.path\",\"code\":\"CERT_EXPIRED\"" WHY), ASSAY_POLICY_FIELD, "cannot be waived" },
	{ "a signature", WAIVE("\"check\":\"gpu.report.signature\",\"code\":\"REPORT_SIGNATURE\"" WHY), ASSAY_POLICY_FIELD, "cannot be waived" },
	{ "a RIM's signature", WAIVE("\"check\":\"gpu.rim.driver.signature\"" WHY), ASSAY_POLICY_FIELD, "cannot be waived" },
	{ "freshness", WAIVE("\"check\":\"gpu.report.nonce\"" WHY), ASSAY_POLICY_FIELD, "cannot be waived" },
	{ "revoked", WAIVE("\"check\":\"gpu.chain.revocation\",\"code\":\"OCSP_REVOKED\"" WHY), ASSAY_POLICY_FIELD, "cannot be waived" },
	{ "no values", WAIVE("\"check\":\"gpu.rim.driver.present\"" WHY), ASSAY_POLICY_FIELD, "cannot be waived" },
	{ "our own defect", WAIVE("\"check\":\"gpu.chain.revocation\",\"code\":\"INTERNAL\"" WHY), ASSAY_POLICY_FIELD, "cannot be waived" },
	{ "no check", WAIVE("\"reason\":\"x\",\"expires\":\"2027-01-01\""), ASSAY_JSON_FIELD, "check" },
	{ "unknown check", WAIVE("\"check\":\"gpu.chain\"" WHY), ASSAY_POLICY_FIELD, "id of a check" },
	{ "unknown code", WAIVE("\"check\":\"gpu.chain.revocation\",\"code\":\"OK\"" WHY), ASSAY_POLICY_FIELD, "a code" },
	{ "unknown subject", WAIVE("\"check\":\"gpu.chain.revocation\",\"subject\":\"gpu64\"" WHY), ASSAY_POLICY_FIELD, "a subject" },
	{ "subject with a zero", WAIVE("\"check\":\"gpu.chain.revocation\",\"subject\":\"gpu00\"" WHY), ASSAY_POLICY_FIELD, "a subject" },
	{ "no reason", WAIVE("\"check\":\"gpu.chain.revocation\",\"expires\":\"2027-01-01\""), ASSAY_JSON_FIELD, "reason" },
	{ "empty reason", WAIVE("\"check\":\"gpu.chain.revocation\",\"reason\":\"\",\"expires\":\"2027-01-01\""), ASSAY_POLICY_FIELD, "reason" },
	{ "no end", WAIVE("\"check\":\"gpu.chain.revocation\",\"reason\":\"x\""), ASSAY_JSON_FIELD, "expires" },
	{ "no date", WAIVE("\"check\":\"gpu.chain.revocation\",\"reason\":\"x\",\"expires\":\"never\""), ASSAY_POLICY_FIELD, "expires" },
	{ "30 February", WAIVE("\"check\":\"gpu.chain.revocation\",\"reason\":\"x\",\"expires\":\"2027-02-30\""), ASSAY_POLICY_FIELD, "expires" },
	{ "unknown member of a waiver", WAIVE("\"check\":\"gpu.chain.revocation\",\"until\":1" WHY), ASSAY_JSON_FIELD, "until" },
	{ "two details", WAIVE("\"check\":\"gpu.measurements\",\"code\":\"MEASUREMENT_MISMATCH\",\"detail\":{\"measurement\":9,\"certificate\":1}" WHY), ASSAY_POLICY_FIELD, "detail" },
	{ "empty detail", WAIVE("\"check\":\"gpu.chain.revocation\",\"detail\":{}" WHY), ASSAY_POLICY_FIELD, "detail" },
	{ "detail below zero", WAIVE("\"check\":\"gpu.measurements\",\"code\":\"MEASUREMENT_MISMATCH\",\"detail\":{\"measurement\":-1}" WHY), ASSAY_POLICY_FIELD, "detail" },
	{ "detail of 256", WAIVE("\"check\":\"gpu.measurements\",\"code\":\"MEASUREMENT_MISMATCH\",\"detail\":{\"measurement\":256}" WHY), ASSAY_POLICY_FIELD, "detail" },
	{ "detail a text", WAIVE("\"check\":\"gpu.measurements\",\"code\":\"MEASUREMENT_MISMATCH\",\"detail\":{\"measurement\":\"9\"}" WHY), ASSAY_POLICY_FIELD, "detail" },
	{ "a waiver that is a word", "{" S ",\"waivers\":[\"all\"]}", ASSAY_POLICY_FIELD, "waiver 0" },
};

static const struct {
	const char *text;
	bool        good;
	size_t      gpus, switches;
} expects[] = {
	{ "8+4", true, 8, 4 }, { "1", true, 1, 0 }, { "0+4", true, 0, 4 }, { "999+999", true, 999, 999 },
	{ "", false, 0, 0 }, { "+4", false, 0, 0 }, { "8+", false, 0, 0 }, { "8+4+1", false, 0, 0 },
	{ "-1", false, 0, 0 }, { "8 + 4", false, 0, 0 }, { "1000", false, 0, 0 }, { "8x4", false, 0, 0 },
	{ "0x8", false, 0, 0 },
};
/* clang-format on */

static void policy_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct policy    p = { 0 };
		struct assay_err e = { 0 };
		enum assay_code  code;

		print_message("%s\n", cases[i].name);
		code = policy_parse(bytes_text(cases[i].text), &p, &e);
		if (code != cases[i].code)
			print_message("%s: %s\n", assay_code_name(code), assay_err_text(&e));
		assert_int_equal(code, cases[i].code);
		assert_non_null(strstr(assay_err_text(&e), cases[i].says));
		if (code != ASSAY_OK)
			assert_int_equal(p.waivers + p.pins, 0); /* written on success only */
		policy_done(&p);
	}
}

static void values(void **state)
{
	struct policy    p = { 0 };
	struct assay_err e = { 0 };

	(void)state;
	assert_int_equal(policy_parse(bytes_text(cases[11].text), &p, &e), ASSAY_OK);
	assert_string_equal(p.driver_minimum, "550.90.07");
	assert_string_equal(p.vbios_minimum, "96.00.5E.00.01");
	assert_true(p.protected_pcie && p.fwid && p.no_unknown_fields && !p.rim_family);
	assert_int_equal(p.pins, 1);
	assert_int_equal(p.pin[0][1], 0x11);
	assert_int_equal(p.ocsp_max_age, 3600);
	assert_true(p.expected);
	assert_int_equal(p.gpus, 8);
	assert_int_equal(p.switches, 4);
	policy_done(&p);
	assert_int_equal(
		policy_parse(
			bytes_text(WAIVE(
				"\"check\":\"gpu.chain.revocation\",\"subject\":\"gpu7\","
				"\"reason\":\"a\\u001bb\",\"expires\":\"2027-01-01T00:00:01Z\"")),
			&p, &e),
		ASSAY_OK);
	assert_int_equal(p.waivers, 1);
	assert_int_equal(p.waiver[0].check, CHECK_GPU_CHAIN_REVOCATION);
	assert_int_equal(p.waiver[0].code, ASSAY_OK);
	assert_true(p.waiver[0].of_subject && p.waiver[0].subject.index == 7);
	assert_int_equal(p.waiver[0].expires, INT64_C(1798761601));
	assert_string_equal(p.waiver[0].reason, "a\\x1bb");
	policy_done(&p);
}

static void limits(void **state)
{
	(void)state;
	for (size_t n = POLICY_PINS; n <= POLICY_PINS + 1; n++) {
		CLEANUP(buf_done) struct buf pins = { 0 }, waivers = { 0 };
		struct policy                p = { 0 };
		struct assay_err             e = { 0 };

		buf_text(&pins, "{" S ",\"require\":{\"rim.sha256\":[");
		buf_text(&waivers, "{" S ",\"waivers\":[");
		for (size_t i = 0; i < n; i++) {
			buf_printf(&pins, "%s" PIN, i == 0 ? "" : ",");
			buf_printf(&waivers, "%s{\"check\":\"gpu.chain.revocation\"" WHY "}",
				i == 0 ? "" : ",");
		}
		buf_text(&pins, "]}}");
		buf_text(&waivers, "]}");
		assert_int_equal(
			policy_parse(buf_bytes(&pins), &p, &e) == ASSAY_OK, n == POLICY_PINS);
		policy_done(&p);
		assert_int_equal(policy_parse(buf_bytes(&waivers), &p, &e) == ASSAY_OK,
			n == POLICY_WAIVERS);
		policy_done(&p);
	}
}

/* Of the guest's lists there are 256 values at most. */
static void guest_limits(void **state)
{
	static const struct {
		const char *name, *value;
	} lists[] = {
		{ "tdx.fmspc", "90c06f000000" },
		{ "tdx.tcb.advisories", "INTEL-SA-00615" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (size_t n = 256; n <= 257; n++) {
			CLEANUP(buf_done) struct buf text = { 0 };
			struct policy                p    = { 0 };
			struct assay_err             e    = { 0 };

			buf_printf(&text, "{" S ",\"require\":{\"%s\":[", lists[i].name);
			for (size_t k = 0; k < n; k++)
				buf_printf(
					&text, "%s\"%s\"", k == 0 ? "" : ",", lists[i].value);
			buf_text(&text, "]}}");
			assert_int_equal(policy_parse(buf_bytes(&text), &p, &e),
				n == 256 ? ASSAY_OK : ASSAY_POLICY_FIELD);
			policy_done(&p);
		}
}

static void expect_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(expects); i++) {
		size_t           gpus = 77, switches = 77;
		struct assay_err e = { 0 };
		enum assay_code  code;

		print_message("\"%s\"\n", expects[i].text);
		code = policy_expect(bytes_text(expects[i].text), &gpus, &switches, &e);
		assert_int_equal(code, expects[i].good ? ASSAY_OK : ASSAY_INPUT_OPTION);
		assert_int_equal(gpus, expects[i].good ? expects[i].gpus : 77);
		assert_int_equal(switches, expects[i].good ? expects[i].switches : 77);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policy_cases),
		cmocka_unit_test(values),
		cmocka_unit_test(limits),
		cmocka_unit_test(guest_limits),
		cmocka_unit_test(expect_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
