/* SPDX-License-Identifier: Apache-2.0
 *
 * From facts to a verdict: requirements and waivers on forged nodes, and what nobody's findings can lead to. */
#include "verify/court.h"

#include "base/utc.h"

#define S      "\"schema\":\"assay.policy/1\""
#define REQ(m) "{" S ",\"require\":{" m "}}"
#define WAIVE(m) \
	"{" S ",\"waivers\":[{" m ",\"reason\":\"agreed\",\"expires\":\"2026-06-01\"}]}"
#define OLD(m)     "{" S ",\"waivers\":[{" m ",\"reason\":\"agreed\",\"expires\":\"2026-05-31\"}]}"
#define PIN        "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\""
#define REVOCATION "gpu.chain.revocation"

/* A forged Hopper has driver 580.159.03, VBIOS 96.00.74.00.20, protected PCIe off. */
/* clang-format off */
static const struct {
	const char        *name, *fault, *policy;
	const char        *id; /* a finding of gpu0, or of the node */
	enum assay_outcome outcome;
	enum assay_code    code;
	enum assay_class   verdict;
} cases[] = {
	{ "no policy", NULL, NULL, REVOCATION, ASSAY_OUTCOME_PASS, ASSAY_OK, ASSAY_CLASS_ACCEPTED },
	/* requirements */
	{ "the driver itself", NULL, REQ("\"gpu.driver.minimum\":\"580.159.03\""), "gpu.report.versions", ASSAY_OUTCOME_PASS, ASSAY_OK, ASSAY_CLASS_ACCEPTED },
	{ "a newer driver", NULL, REQ("\"gpu.driver.minimum\":\"580.159.04\""), "gpu.report.versions", ASSAY_OUTCOME_FAIL, ASSAY_POLICY_REQUIREMENT, ASSAY_CLASS_REJECTED },
	{ "compared as numbers", NULL, REQ("\"gpu.driver.minimum\":\"580.95\""), "gpu.report.versions", ASSAY_OUTCOME_PASS, ASSAY_OK, ASSAY_CLASS_ACCEPTED },
	{ "more groups", NULL, REQ("\"gpu.driver.minimum\":\"580.159.03.0\""), "gpu.report.versions", ASSAY_OUTCOME_PASS, ASSAY_OK, ASSAY_CLASS_ACCEPTED },
	{ "one more group", NULL, REQ("\"gpu.driver.minimum\":\"580.159.03.1\""), "gpu.report.versions", ASSAY_OUTCOME_FAIL, ASSAY_POLICY_REQUIREMENT, ASSAY_CLASS_REJECTED },
	{ "less groups", NULL, REQ("\"gpu.driver.minimum\":\"580.159\""), "gpu.report.versions", ASSAY_OUTCOME_PASS, ASSAY_OK, ASSAY_CLASS_ACCEPTED },
	{ "the VBIOS itself", NULL, REQ("\"gpu.vbios.minimum\":\"96.00.74.00.20\""), "gpu.report.versions", ASSAY_OUTCOME_PASS, ASSAY_OK, ASSAY_CLASS_ACCEPTED },
	{ "an older VBIOS", NULL, REQ("\"gpu.vbios.minimum\":\"96.00.74.00.1F\""), "gpu.report.versions", ASSAY_OUTCOME_PASS, ASSAY_OK, ASSAY_CLASS_ACCEPTED },
	{ "a newer VBIOS", NULL, REQ("\"gpu.vbios.minimum\":\"96.00.A5.00.01\""), "gpu.report.versions", ASSAY_OUTCOME_FAIL, ASSAY_POLICY_REQUIREMENT, ASSAY_CLASS_REJECTED },
	{ "protected PCIe", NULL, REQ("\"gpu.protected-pcie\":true"), "gpu.report.opaque", ASSAY_OUTCOME_FAIL, ASSAY_POLICY_REQUIREMENT, ASSAY_CLASS_REJECTED },
	{ "protected PCIe or not", NULL, REQ("\"gpu.protected-pcie\":false"), "gpu.report.opaque", ASSAY_OUTCOME_PASS, ASSAY_OK, ASSAY_CLASS_ACCEPTED },
	{ "a firmware id", NULL, REQ("\"report.fwid\":true"), "gpu.report.fwid", ASSAY_OUTCOME_PASS, ASSAY_OK, ASSAY_CLASS_ACCEPTED },
	{ "a firmware id that is not there", "fwid-absent", REQ("\"report.fwid\":true"), "gpu.report.fwid", ASSAY_OUTCOME_FAIL, ASSAY_POLICY_REQUIREMENT, ASSAY_CLASS_REJECTED },
	{ "known fields", "opaque-unknown", REQ("\"report.known-fields\":true"), "gpu.report.opaque", ASSAY_OUTCOME_FAIL, ASSAY_POLICY_REQUIREMENT, ASSAY_CLASS_REJECTED },
	{ "known fields, and no other", NULL, REQ("\"report.known-fields\":true"), "gpu.report.opaque", ASSAY_OUTCOME_PASS, ASSAY_OK, ASSAY_CLASS_ACCEPTED },
	{ "an unknown field is a warning", "opaque-unknown", NULL, "gpu.report.opaque", ASSAY_OUTCOME_WARN, ASSAY_OPAQUE_UNKNOWN, ASSAY_CLASS_ACCEPTED },
	{ "another family's signer is a warning", "rim-signer-family", NULL, "gpu.rim.driver.chain", ASSAY_OUTCOME_WARN, ASSAY_RIM_FAMILY, ASSAY_CLASS_ACCEPTED },
	{ "the same, refused", "rim-signer-family", REQ("\"rim.family\":true"), "gpu.rim.driver.chain", ASSAY_OUTCOME_FAIL, ASSAY_RIM_FAMILY, ASSAY_CLASS_REJECTED },
	{ "other pins", NULL, REQ("\"rim.sha256\":[" PIN "]"), "gpu.rim.vbios.identity", ASSAY_OUTCOME_FAIL, ASSAY_POLICY_REQUIREMENT, ASSAY_CLASS_REJECTED },
	{ "the number", NULL, REQ("\"devices\":\"1+0\""), "node.devices.count", ASSAY_OUTCOME_PASS, ASSAY_OK, ASSAY_CLASS_ACCEPTED },
	{ "another number", NULL, REQ("\"devices\":\"8+4\""), "node.devices.count", ASSAY_OUTCOME_FAIL, ASSAY_DEVICE_COUNT, ASSAY_CLASS_REJECTED },
	{ "an answer of ten minutes is old enough", NULL, REQ("\"ocsp.max-age\":600"), REVOCATION, ASSAY_OUTCOME_PASS, ASSAY_OK, ASSAY_CLASS_ACCEPTED },
	{ "and too old here", NULL, REQ("\"ocsp.max-age\":599"), REVOCATION, ASSAY_OUTCOME_UNKNOWN, ASSAY_OCSP_STALE, ASSAY_CLASS_UNDECIDED },
	{ "two days are no limit", "ocsp-old", REQ("\"ocsp.max-age\":604800"), REVOCATION, ASSAY_OUTCOME_PASS, ASSAY_OK, ASSAY_CLASS_ACCEPTED },
	/* waivers; they end with the day that the node is made for */
	{ "missing, waived", "ocsp-absent", WAIVE("\"check\":\"" REVOCATION "\""), REVOCATION, ASSAY_OUTCOME_WAIVED, ASSAY_OCSP_MISSING, ASSAY_CLASS_ACCEPTED },
	{ "the waiver has expired", "ocsp-absent", OLD("\"check\":\"" REVOCATION "\""), REVOCATION, ASSAY_OUTCOME_UNKNOWN, ASSAY_OCSP_MISSING, ASSAY_CLASS_UNDECIDED },
	{ "waived for this device", "ocsp-absent", WAIVE("\"check\":\"" REVOCATION "\",\"subject\":\"gpu0\""), REVOCATION, ASSAY_OUTCOME_WAIVED, ASSAY_OCSP_MISSING, ASSAY_CLASS_ACCEPTED },
	{ "waived for another", "ocsp-absent", WAIVE("\"check\":\"" REVOCATION "\",\"subject\":\"gpu1\""), REVOCATION, ASSAY_OUTCOME_UNKNOWN, ASSAY_OCSP_MISSING, ASSAY_CLASS_UNDECIDED },
	{ "waived for another kind", "ocsp-absent", WAIVE("\"check\":\"nvswitch.chain.revocation\""), REVOCATION, ASSAY_OUTCOME_UNKNOWN, ASSAY_OCSP_MISSING, ASSAY_CLASS_UNDECIDED },
	{ "waived for another code", "ocsp-absent", WAIVE("\"check\":\"" REVOCATION "\",\"code\":\"OCSP_STALE\""), REVOCATION, ASSAY_OUTCOME_UNKNOWN, ASSAY_OCSP_MISSING, ASSAY_CLASS_UNDECIDED },
	{ "waived for this certificate", "ocsp-absent", WAIVE("\"check\":\"" REVOCATION "\",\"detail\":{\"certificate\":1}"), REVOCATION, ASSAY_OUTCOME_WAIVED, ASSAY_OCSP_MISSING, ASSAY_CLASS_ACCEPTED },
	{ "waived for another certificate", "ocsp-absent", WAIVE("\"check\":\"" REVOCATION "\",\"detail\":{\"certificate\":2}"), REVOCATION, ASSAY_OUTCOME_UNKNOWN, ASSAY_OCSP_MISSING, ASSAY_CLASS_UNDECIDED },
	{ "on hold is not missing", "ocsp-rim-hold", WAIVE("\"check\":\"gpu.rim.driver.revocation\",\"detail\":{\"certificate\":0}"), "gpu.rim.driver.revocation", ASSAY_OUTCOME_FAIL, ASSAY_OCSP_HOLD, ASSAY_CLASS_REJECTED },
	{ "on hold, waived of one RIM", "ocsp-rim-hold", WAIVE("\"check\":\"gpu.rim.driver.revocation\",\"code\":\"OCSP_HOLD\",\"detail\":{\"certificate\":0}"), "gpu.rim.driver.revocation", ASSAY_OUTCOME_WAIVED, ASSAY_OCSP_HOLD, ASSAY_CLASS_REJECTED },
	{ "revoked is not missing", "ocsp-revoked", WAIVE("\"check\":\"" REVOCATION "\""), REVOCATION, ASSAY_OUTCOME_FAIL, ASSAY_OCSP_REVOKED, ASSAY_CLASS_REJECTED },
	{ "nor is a forged answer", "ocsp-signature", WAIVE("\"check\":\"" REVOCATION "\""), REVOCATION, ASSAY_OUTCOME_FAIL, ASSAY_OCSP_SIGNATURE, ASSAY_CLASS_REJECTED },
	{ "another check", "ocsp-absent", WAIVE("\"check\":\"gpu.rim.driver.revocation\""), REVOCATION, ASSAY_OUTCOME_UNKNOWN, ASSAY_OCSP_MISSING, ASSAY_CLASS_UNDECIDED },
	{ "a mismatch, waived", "measurement-vbios", WAIVE("\"check\":\"gpu.measurements\",\"code\":\"MEASUREMENT_MISMATCH\",\"detail\":{\"measurement\":200}"), "gpu.measurements", ASSAY_OUTCOME_FAIL, ASSAY_MEASUREMENT_MISMATCH, ASSAY_CLASS_REJECTED },
};
/* clang-format on */

static void verdicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		print_message("%s\n", cases[i].name);
		court_forge(&court, &(struct forged_ask){ .fault = cases[i].fault });
		court.policy = cases[i].policy;
		court_judge(&court);
		court.policy = NULL;
		court_expect(&court, cases[i].id,
			strncmp(cases[i].id, "node", 4) == 0 ? "node" : "gpu0",
			cases[i].outcome, cases[i].code);
		assert_int_equal(court.verdict, cases[i].verdict);
		if (cases[i].outcome == ASSAY_OUTCOME_WAIVED)
			assert_string_equal(
				court_finding(&court, cases[i].id, "gpu0")->waiver, "agreed");
	}
}

/* What a policy asks of devices is asked in vain where there are none; and --expect does not overrule it. */
static void asked_of_nobody(void **state)
{
	static const struct {
		const char      *policy, *expect;
		bool             guest; /* a TDX guest alone */
		enum assay_code  code;
		enum assay_class verdict;
	} rows[] = {
		{ NULL, NULL, true, ASSAY_OK, ASSAY_CLASS_ACCEPTED },
		{ REQ("\"report.known-fields\":true"), NULL, true, ASSAY_OK,
			ASSAY_CLASS_ACCEPTED },
		{ REQ("\"gpu.driver.minimum\":\"1\""), NULL, true, ASSAY_POLICY_REQUIREMENT,
			ASSAY_CLASS_REJECTED },
		{ REQ("\"gpu.vbios.minimum\":\"1\""), NULL, true, ASSAY_POLICY_REQUIREMENT,
			ASSAY_CLASS_REJECTED },
		{ REQ("\"gpu.protected-pcie\":true"), NULL, true, ASSAY_POLICY_REQUIREMENT,
			ASSAY_CLASS_REJECTED },
		{ REQ("\"report.fwid\":true"), NULL, true, ASSAY_POLICY_REQUIREMENT,
			ASSAY_CLASS_REJECTED },
		{ REQ("\"rim.sha256\":[" PIN "]"), NULL, true, ASSAY_POLICY_REQUIREMENT,
			ASSAY_CLASS_REJECTED },
		{ REQ("\"devices\":\"1\""), "1+0", false, ASSAY_OK, ASSAY_CLASS_ACCEPTED },
		{ REQ("\"devices\":\"8+4\""), "1+0", false, ASSAY_DEVICE_COUNT,
			ASSAY_CLASS_REJECTED },
		{ REQ("\"devices\":\"1\""), "8+4", false, ASSAY_DEVICE_COUNT,
			ASSAY_CLASS_REJECTED },
		{ REQ("\"devices\":\"2\""), "1+0", false, ASSAY_DEVICE_COUNT,
			ASSAY_CLASS_REJECTED },
		{ REQ("\"devices\":\"1+4\""), "1+0", false, ASSAY_DEVICE_COUNT,
			ASSAY_CLASS_REJECTED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		print_message("%zu\n", i);
		court_forge(&court,
			&(struct forged_ask){ .tdx = rows[i].guest, .alone = rows[i].guest });
		court.policy = rows[i].policy;
		court.expect = rows[i].expect;
		court_judge(&court);
		court.policy = court.expect = NULL;
		court_expect(&court, "node.devices.count", "node",
			rows[i].code == ASSAY_OK ? ASSAY_OUTCOME_PASS : ASSAY_OUTCOME_FAIL,
			rows[i].code);
		assert_int_equal(court.verdict, rows[i].verdict);
	}
}

/* The measurement that differs, waived by its number: and no other. */
static void one_measurement(void **state)
{
	unsigned number;

	(void)state;
	court_forge(&court, &(struct forged_ask){ .fault = "measurement-vbios" });
	court_judge(&court);
	number = court_finding(&court, "gpu.measurements", "gpu0")->number;
	for (unsigned i = 0; i < 64; i++) {
		char text[512];

		snprintf(text, sizeof(text),
			WAIVE("\"check\":\"gpu.measurements\",\"code\":\"MEASUREMENT_MISMATCH\","
			      "\"detail\":{\"measurement\":%u}"),
			i);
		court.policy = text;
		court_judge(&court);
		court.policy = NULL;
		assert_int_equal(court.verdict,
			i == number ? ASSAY_CLASS_ACCEPTED : ASSAY_CLASS_REJECTED);
	}
}

/* Findings made by hand: the worst class, and nothing accepted that was not asked. */
static const struct {
	const char        *name;
	enum assay_outcome outcome;
	enum assay_code    code;
	enum assay_class   verdict;
} worsts[] = {
	{ "nothing asked", ASSAY_OUTCOME_PASS, ASSAY_OK, ASSAY_CLASS_INTERNAL },
	{ "skipped alone", ASSAY_OUTCOME_SKIPPED, ASSAY_OK, ASSAY_CLASS_INTERNAL },
	{ "a warning", ASSAY_OUTCOME_WARN, ASSAY_RIM_FAMILY, ASSAY_CLASS_INTERNAL },
	{ "unknown", ASSAY_OUTCOME_UNKNOWN, ASSAY_OCSP_MISSING, ASSAY_CLASS_UNDECIDED },
	{ "not ready", ASSAY_OUTCOME_UNKNOWN, ASSAY_DEVICE_NONE, ASSAY_CLASS_NOT_READY },
	{ "waits for a boot", ASSAY_OUTCOME_PENDING_REBOOT, ASSAY_OK, ASSAY_CLASS_NOT_READY },
	{ "in progress", ASSAY_OUTCOME_IN_PROGRESS, ASSAY_OK, ASSAY_CLASS_NOT_READY },
	{ "malformed", ASSAY_OUTCOME_FAIL, ASSAY_TRUNCATED, ASSAY_CLASS_MALFORMED },
	{ "rejected", ASSAY_OUTCOME_FAIL, ASSAY_REPORT_NONCE, ASSAY_CLASS_REJECTED },
	{ "our fault", ASSAY_OUTCOME_FAIL, ASSAY_INTERNAL, ASSAY_CLASS_INTERNAL },
};

static void worst_of(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(worsts); i++)
		for (size_t k = 0; k < ARRAY_LEN(worsts); k++) {
			CLEANUP(facts_done) struct facts f = { .valid_until = UTC_MAX };
			struct policy                    p = { 0 };
			struct assay_err                 e = { 0 };
			enum assay_class a = worsts[i].verdict, b = worsts[k].verdict, got;
			/* what nothing says is our fault only when nothing else is wrong */
			bool quiet_a = worsts[i].outcome < ASSAY_OUTCOME_FAIL ||
				worsts[i].outcome == ASSAY_OUTCOME_WARN;
			bool quiet_b = worsts[k].outcome < ASSAY_OUTCOME_FAIL ||
				worsts[k].outcome == ASSAY_OUTCOME_WARN;
			enum assay_class want   = quiet_a ? b : quiet_b ? a : a < b ? a : b;
			const size_t     both[] = { i, k };

			for (size_t n = 0; n < 2; n++) {
				struct finding row = { .check = CHECK_NODE_MODE,
					.outcome              = worsts[both[n]].outcome,
					.code                 = worsts[both[n]].code };

				assert_int_equal(
					findings_add(&f.findings, &row, NULL, NULL, NULL, &e),
					ASSAY_OK);
			}
			assert_int_equal(appraise(&p, &f, 0, &got, &e), ASSAY_OK);
			if (got != want)
				fail_msg("%s and %s", worsts[i].name, worsts[k].name);
		}
}

static enum assay_class again(const struct policy *p)
{
	struct assay_err e = { 0 };

	test_must(appraise(p, &court.facts, court.now, &court.verdict, &e), &e);
	return court.verdict;
}

/* The pin of a RIM that is there, with another one; and protected PCIe that no report speaks of. */
static void pinned(void **state)
{
	struct policy p          = { .pins = 2 };
	uint8_t       pin[2][32] = { 0 };

	(void)state;
	court_forge(&court, &(struct forged_ask){ 0 });
	court_judge(&court);
	assert_int_equal(court.facts.device[0].rims, 2);
	for (size_t i = 0; i < 2; i++)
		memcpy(pin[i], court.facts.device[0].rim[i].sha256, 32);
	p.pin = pin;
	assert_int_equal(again(&p), ASSAY_CLASS_ACCEPTED);
	pin[1][31] ^= 1;
	assert_int_equal(again(&p), ASSAY_CLASS_REJECTED);

	p = (struct policy){ .protected_pcie = true };
	for (size_t i = 0; i < 2; i++) {
		court_forge(&court,
			&(struct forged_ask){
				.ppcie = true, .fault = i == 0 ? NULL : "mode-unsaid" });
		court_judge(&court);
		again(&p);
		if (i == 0)
			court_holds(&court, "gpu.report.opaque", "gpu0");
		else
			court_expect(&court, "gpu.report.opaque", "gpu0", ASSAY_OUTCOME_FAIL,
				ASSAY_POLICY_REQUIREMENT);
	}
}

/* A signer that has expired is excused by the RIM of its own device and kind alone; and what is no more than a warning stays
 * one. */
static void excused(void **state)
{
	static const struct {
		unsigned device;
		bool other_kind; /* the other RIM's signer has expired, this one's authority */
	} rows[]               = { { 0, false }, { 1, false }, { 1, true } };
	struct waiver waiver[] = {
		{ .check         = CHECK_GPU_RIM_DRIVER_CHAIN,
			.code    = ASSAY_CERT_EXPIRED,
			.expires = UTC_MAX,
			.reason  = "agreed" },
		{ .check = CHECK_NODE_BINDING_EVENT, .expires = UTC_MAX, .reason = "agreed" },
	};
	const struct policy p = { .waiver = waiver, .waivers = ARRAY_LEN(waiver) };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		court_forge(&court,
			&(struct forged_ask){ .gpus = 2, .fault = "rim-signer-expired" });
		court_judge(&court);
		assert_int_equal(court.facts.devices, 2);
		if (i > 0)
			for (size_t k = 0; k < 2; k++) {
				struct rim_fact *r = &court.facts.device[rows[i].device].rim[k];

				r->expired_signer = rows[i].other_kind && r->kind != RIM_DRIVER;
			}
		again(&p);
		court_expect(&court, "gpu.rim.driver.chain", "gpu0", ASSAY_OUTCOME_WAIVED,
			ASSAY_CERT_EXPIRED);
		court_expect(&court, "gpu.rim.driver.chain", "gpu1",
			i == 0 ? ASSAY_OUTCOME_WAIVED : ASSAY_OUTCOME_FAIL, ASSAY_CERT_EXPIRED);
	}
	court.here = true;
	court_forge(&court, &(struct forged_ask){ .tdx = true });
	court_judge(&court);
	court.here = false;
	again(&p);
	court_expect(
		&court, "node.binding.event", "node", ASSAY_OUTCOME_WARN, ASSAY_BINDING_UNSEEN);
}

/* Neither device nor guest is nothing to accept, whatever findings say. */
static void nobody_there(void **state)
{
	const struct policy p = { 0 };
	struct guest       *g;

	(void)state;
	court_forge(&court, &(struct forged_ask){ .tdx = true, .alone = true });
	court_judge(&court);
	assert_int_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
	g                 = court.facts.guest;
	court.facts.guest = NULL;
	assert_int_equal(again(&p), ASSAY_CLASS_INTERNAL);
	court.facts.guest = g;
	assert_int_equal(again(&p), ASSAY_CLASS_ACCEPTED);
}

/* Take what is found of any one check away from an accepted node, or make it skipped: it is not accepted any more. */
static void without_one(const struct forged_ask *ask)
{
	CLEANUP(mem_done) struct finding *was = NULL;
	const struct policy               p   = { 0 };
	struct findings                  *f   = &court.facts.findings;
	size_t                            n;

	court_forge(&court, ask);
	court_judge(&court);
	assert_int_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
	n   = f->n;
	was = mem_new(n, sizeof(*was));
	assert_non_null(was);
	memcpy(was, f->list, n * sizeof(*was));
	for (size_t i = 0; i < n; i++)
		for (int skipped = 0; skipped < 2; skipped++) {
			if (!check_row(was[i].check)->required)
				continue;
			for (size_t k = 0; k < n; k++)
				if (was[k].check != was[i].check ||
					memcmp(&was[k].subject, &was[i].subject,
						sizeof(was[k].subject)) != 0)
					continue;
				else if (skipped == 0)
					f->list[k].check = CHECK_NONE;
				else
					f->list[k].outcome = ASSAY_OUTCOME_SKIPPED;
			if (again(&p) == ASSAY_CLASS_ACCEPTED)
				fail_msg("accepted without %s", check_row(was[i].check)->id);
			memcpy(f->list, was, n * sizeof(*was));
		}
	assert_int_equal(again(&p), ASSAY_CLASS_ACCEPTED);
}

static void nothing_by_default(void **state)
{
	(void)state;
	without_one(&(struct forged_ask){ 0 });
	without_one(&(struct forged_ask){ .ppcie = true });
	without_one(&(struct forged_ask){ .tdx = true, .alone = true });
	without_one(&(struct forged_ask){ .tdx = true, .event = FORGED_EVENT_YES });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts),
		cmocka_unit_test(one_measurement),
		cmocka_unit_test(asked_of_nobody),
		cmocka_unit_test(worst_of),
		cmocka_unit_test(pinned),
		cmocka_unit_test(excused),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(nothing_by_default),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
