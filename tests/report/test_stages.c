/* SPDX-License-Identifier: Apache-2.0
 *
 * Stages: what findings make of them, and the table that is printed. */
#include "report/stages.h"

#include <stdio.h>

#include "report/steps.h"
#include "verify/court.h"

static const struct {
	enum check        check;
	enum subject_kind subject;
	enum stage        stage;
} places[] = {
	{ CHECK_GPU_CHAIN_PATH, SUBJECT_GPU, STAGE_GPU },
	{ CHECK_GPU_RIM_VBIOS_PRESENT, SUBJECT_GPU, STAGE_GPU },
	{ CHECK_NVSWITCH_REPORT_LOCK, SUBJECT_NVSWITCH, STAGE_SWITCH },
	{ CHECK_NVSWITCH_RIM_BIOS_CHAIN, SUBJECT_NVSWITCH, STAGE_SWITCH },
	{ CHECK_TDX_QUOTE_PARSE, SUBJECT_TDX, STAGE_TD },
	{ CHECK_GPU_CHAIN_PATH, SUBJECT_NODE, STAGE_GPU_CHECKS },
	{ CHECK_NVSWITCH_CHAIN_PATH, SUBJECT_NODE, STAGE_SWITCH_CHECKS },
	{ CHECK_NODE_DEVICES_COUNT, SUBJECT_NODE, STAGE_GPU_CHECKS },
	{ CHECK_NODE_MODE, SUBJECT_NODE, STAGE_TOPOLOGY },
	{ CHECK_NODE_TOPOLOGY_COMPLETE, SUBJECT_NODE, STAGE_TOPOLOGY },
};

static void where(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		assert_int_equal(stage_of(places[i].check, places[i].subject), places[i].stage);
	for (size_t i = CHECK_NONE + 1; i < CHECK_COUNT; i++)
		assert_true(stage_of((enum check)i, SUBJECT_GPU) < STAGES);
}

/* Outcomes of one stage, and its status. */
static const struct {
	enum assay_outcome outcome[3];
	size_t             n;
	enum stage_status  status;
} sums[] = {
	{ { 0 }, 0, STAGE_SKIPPED },
	{ { ASSAY_OUTCOME_PASS }, 1, STAGE_SUCCESS },
	{ { ASSAY_OUTCOME_WAIVED }, 1, STAGE_SUCCESS },
	{ { ASSAY_OUTCOME_PASS, ASSAY_OUTCOME_WARN, ASSAY_OUTCOME_NOT_APPLICABLE }, 3,
		STAGE_SUCCESS },
	{ { ASSAY_OUTCOME_WARN }, 1, STAGE_SKIPPED },
	{ { ASSAY_OUTCOME_NOT_APPLICABLE }, 1, STAGE_SKIPPED },
	{ { ASSAY_OUTCOME_PASS, ASSAY_OUTCOME_SKIPPED }, 2, STAGE_SKIPPED },
	{ { ASSAY_OUTCOME_PASS, ASSAY_OUTCOME_FAIL }, 2, STAGE_FAILED },
	{ { ASSAY_OUTCOME_SKIPPED, ASSAY_OUTCOME_UNKNOWN, ASSAY_OUTCOME_PASS }, 3,
		STAGE_FAILED },
	{ { ASSAY_OUTCOME_IN_PROGRESS }, 1, STAGE_FAILED },
	{ { ASSAY_OUTCOME_PENDING_REBOOT }, 1, STAGE_FAILED },
};

static void status(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sums); i++) {
		CLEANUP(findings_done) struct findings f = { 0 };
		struct stages                          s = { 0 };
		struct assay_err                       e = { 0 };

		for (size_t k = 0; k < sums[i].n; k++)
			test_must(findings_add(&f,
					  &(struct finding){ .check = CHECK_NODE_MODE,
						  .outcome          = sums[i].outcome[k] },
					  NULL, NULL, NULL, &e),
				&e);
		stages_judge(&f, &s);
		for (enum stage k = 0; k < STAGES; k++)
			assert_int_equal(s.status[k],
				k == STAGE_TOPOLOGY ? sums[i].status : STAGE_SKIPPED);
	}
}

/* Of whole nodes: what the table and the steps say. */
static const struct {
	const char       *name;
	struct forged_ask ask;
	const char       *has[12];
	const char       *has_not[3];
} cases[] = {
	{ "one GPU", { 0 },
		.has     = { "STAGE               STATUS      TIME\n",
			    "GPU pre-checks      SUCCESS        -\n",
			    "Switch pre-checks   SKIPPED        -\n",
			    "GPU attestation     SUCCESS  1.500 s\n", "Switch attestation  SKIPPED",
			    "Topology checks     SUCCESS", "Ready state         SKIPPED",
			    "\n2.250 s in all\n", "Verifying GPU 0",
			    "ok      nonce is the one that was sent", " verified successfully.\n",
			    "GPU is in the expected state" },
		.has_not = { "TD attestation", "Binding", "Switch 0" } },
	{ "eight and four", { .ppcie = true },
		.has     = { "Switch attestation  SUCCESS", "Verifying Switch 3",
			    "ok      switch is locked", "BIOS RIM NV_SWITCH_BIOS_", "    GPU 7 ",
			    "    Switch 3 " },
		.has_not = { "FAILED", "was not verified" } },
	{ "one GPU is not what it should be", { .ppcie = true, .fault = "measurement-driver" },
		.has = { "GPU attestation     FAILED", "Switch attestation  SUCCESS",
			"FAIL    GPU is in the expected state: measurement 7",
			"was not verified: 1 objection, the first MEASUREMENT_MISMATCH of gpu.measurements.\n" } },
	{ "no collateral", { .no_collateral = true },
		.has     = { "GPU attestation     FAILED", "unknown no certificate is revoked",
			    "unknown is at hand: no driver RIM",
			    "skipped schema: waits for gpu.rim.driver.present" },
		.has_not = { "verified successfully" } },
	{ "a switch that is not locked", { .ppcie = true, .fault = "switch-unlocked" },
		.has = { "Switch attestation  FAILED", "GPU attestation     SUCCESS",
			"FAIL    switch is locked" } },
};

static void node_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf out = { 0 };
		struct stages    s = { .us = { [STAGE_GPU] = 1500000 }, .total_us = 2250000 };
		struct assay_err e = { 0 };

		print_message("%s\n", cases[i].name);
		court_forge(&court, &cases[i].ask);
		court_judge(&court);
		stages_judge(&court.facts.findings, &s);
		test_must(steps_text(&court.facts, &out, &e), &e);
		test_must(stages_text(&s, false, &out, &e), &e);
		for (size_t k = 0; k < ARRAY_LEN(cases[i].has) && cases[i].has[k] != NULL; k++)
			if (strstr(buf_cstr(&out), cases[i].has[k]) == NULL) {
				fputs(buf_cstr(&out), stderr); /* longer than cmocka prints */
				fail_msg("no \"%s\"", cases[i].has[k]);
			}
		for (size_t k = 0;
			k < ARRAY_LEN(cases[i].has_not) && cases[i].has_not[k] != NULL; k++)
			if (strstr(buf_cstr(&out), cases[i].has_not[k]) != NULL)
				fail_msg("\"%s\" in\n%s", cases[i].has_not[k], buf_cstr(&out));
	}
}

/* In a report they come last, in both forms; without them nothing is said of stages. */
static void in_a_report(void **state)
{
	struct stages      s = { .us = { [STAGE_GPU] = 1500000 }, .total_us = 2250000 };
	struct report_view v = { .facts = &court.facts };
	CLEANUP(buf_done) struct buf json = { 0 }, text = { 0 }, bare = { 0 };
	struct assay_err             e = { 0 };

	(void)state;
	court_forge(&court, &(struct forged_ask){ .ppcie = true });
	court_judge(&court);
	v.verdict = court.verdict;
	v.at      = court.now;
	stages_judge(&court.facts.findings, &s);
	test_must(report_json(&v, &bare, &e), &e);
	assert_null(strstr(buf_cstr(&bare), "\"stages\""));
	v.stages = &s;
	test_must(report_json(&v, &json, &e), &e);
	assert_non_null(strstr(buf_cstr(&json), "\"stage\": \"GPU attestation\",\n"));
	assert_non_null(strstr(buf_cstr(&json), "\"microseconds\": 1500000"));
	test_must(report_text(&v, &(struct report_style){ 0 }, &text, &e), &e);
	assert_non_null(strstr(buf_cstr(&text), "accepted (exit 0)"));
	assert_true(strstr(buf_cstr(&text), "STAGE ") > strstr(buf_cstr(&text), "accepted"));
}

/* The vendors' libraries give UUIDs and versions: what they put there moves no terminal. */
static void foreign_text(void **state)
{
	static const char            evil[] = "\033]0;owned\007\r\n";
	CLEANUP(buf_done) struct buf out    = { 0 };
	struct assay_err             e      = { 0 };
	struct evidence_hints       *h;

	(void)state;
	court_forge(&court, &(struct forged_ask){ 0 });
	h       = &court.ev.device[0].hints;
	h->uuid = h->driver_version = h->vbios_version = bytes_text(evil);
	court_judge(&court);
	test_must(steps_text(&court.facts, &out, &e), &e);
	for (size_t i = 0; i < out.n; i++)
		assert_true(out.p[i] == '\n' || (out.p[i] >= ' ' && out.p[i] <= '~'));
	assert_non_null(strstr(buf_cstr(&out), "GPU 0 with UUID \\x1b]0;owned\\x07"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where),
		cmocka_unit_test(status),
		cmocka_unit_test(node_cases),
		cmocka_unit_test(in_a_report),
		cmocka_unit_test(foreign_text),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
