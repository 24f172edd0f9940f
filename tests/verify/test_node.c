/* SPDX-License-Identifier: Apache-2.0
 *
 * The node as a whole, where one field alone says what it is. */
#include "verify/court.h"

static void judge(const struct forged_ask *ask)
{
	court_forge(&court, ask);
	court_judge(&court);
}

/* What tells the mode of GPUs, taken away or turned one by one. */
static const struct {
	struct forged_ask  ask;
	const char        *finding;
	enum assay_outcome outcome;
	enum assay_code    code;
} modes[] = {
	{ { .ppcie = true, .fault = "mode-by-flag" }, "node.topology.complete",
		ASSAY_OUTCOME_UNKNOWN, ASSAY_DEVICE_MISSING },
	{ { .ppcie = true, .fault = "mode-by-names" }, "node.topology.complete",
		ASSAY_OUTCOME_UNKNOWN, ASSAY_DEVICE_MISSING },
	{ { .ppcie = true, .gpus = 1, .fault = "mode-off-both" }, "node.mode",
		ASSAY_OUTCOME_FAIL, ASSAY_DEVICE_MODE },
	{ { .fault = "mode-odd" }, "node.mode", ASSAY_OUTCOME_FAIL, ASSAY_DEVICE_MODE },
	{ { .gpus = 2, .fault = "flag-left-out" }, "node.mode", ASSAY_OUTCOME_FAIL,
		ASSAY_DEVICE_MODE },
	{ { .gpus = 2, .fault = "flag-other" }, "node.mode", ASSAY_OUTCOME_FAIL,
		ASSAY_DEVICE_MODE },
};

static void mode(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		print_message("%s\n", modes[i].ask.fault);
		judge(&modes[i].ask);
		assert_int_not_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
		court_expect(&court, modes[i].finding, "node", modes[i].outcome, modes[i].code);
	}
}

/* Nothing is said of fields that nobody has vouched for. */
static void waiting(void **state)
{
	static const struct {
		struct forged_ask ask;
		enum check        because;
	} rows[] = {
		{ { .fault = "opaque-twice" }, CHECK_GPU_REPORT_OPAQUE },
		{ { .fault = "chain-leaf-chip" }, CHECK_GPU_CHAIN_PROFILE },
		{ { .ppcie = true, .fault = "switch-pdi" }, CHECK_NVSWITCH_REPORT_PDI },
		{ { .ppcie = true, .fault = "switch-opaque-twice" },
			CHECK_NVSWITCH_REPORT_OPAQUE },
	};
	static const char *const ids[] = { "node.mode", "node.versions",
		"node.topology.switches", "node.topology.gpus", "node.topology.complete" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		judge(&rows[i].ask);
		for (size_t k = 0; k < ARRAY_LEN(ids); k++) {
			print_message("%s, %s\n", rows[i].ask.fault, ids[k]);
			court_expect(&court, ids[k], "node", ASSAY_OUTCOME_SKIPPED, ASSAY_OK);
			assert_int_equal(court_finding(&court, ids[k], "node")->because,
				rows[i].because);
		}
	}
}

/* How many there are: of each kind, and any at all. */
static void counted(void **state)
{
	static const struct {
		const char     *expect;
		enum assay_code code;
	} rows[] = {
		{ "1+0", ASSAY_OK },
		{ "2+0", ASSAY_DEVICE_COUNT },
		{ "0+0", ASSAY_DEVICE_COUNT },
		{ "1+1", ASSAY_DEVICE_COUNT },
	};

	(void)state;
	court_forge(&court, &(struct forged_ask){ 0 });
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		court.expect = rows[i].expect;
		court_judge(&court);
		court.expect = NULL;
		court_expect(&court, "node.devices.count", "node",
			rows[i].code == ASSAY_OK ? ASSAY_OUTCOME_PASS : ASSAY_OUTCOME_FAIL,
			rows[i].code);
		assert_int_equal(court.verdict,
			rows[i].code == ASSAY_OK ? ASSAY_CLASS_ACCEPTED : ASSAY_CLASS_REJECTED);
	}
	court_empty(&court);
	court_judge(&court);
	assert_int_equal(court.verdict, ASSAY_CLASS_NOT_READY);
	assert_int_equal(
		court_finding(&court, "node.devices.count", "node")->code, ASSAY_DEVICE_NONE);
}

/* A device without a chain beside one with it. */
static void unchained(void **state)
{
	(void)state;
	judge(&(struct forged_ask){ .gpus = 2, .fault = "chain-no-root" });
	assert_int_equal(court.verdict, ASSAY_CLASS_MALFORMED);
	court_holds(&court, "node.devices.distinct", "node");
	court_holds(&court, "node.nonce.same", "node");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mode),
		cmocka_unit_test(waiting),
		cmocka_unit_test(counted),
		cmocka_unit_test(unchained),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
