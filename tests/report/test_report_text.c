/* SPDX-License-Identifier: Apache-2.0
 *
 * The report for people: what it must show, and that nothing of what came from outside moves the terminal. */
#include "base/utc.h"
#include "verify/court.h"

static void text_of(const struct report_style *style, bool historic, struct buf *out)
{
	struct report_view v = { .facts = &court.facts,
		.verdict                = court.verdict,
		.at                     = court.now,
		.historic               = historic,
		.test_anchors           = court.trust.test };
	struct assay_err   e = { 0 };

	assert_int_equal(report_text(&v, style, out, &e), ASSAY_OK);
}

static const struct {
	const char       *name;
	struct forged_ask ask;
	bool              all, colour, historic;
	const char       *has[5];
	const char       *has_not[3];
} cases[] = {
	{ "accepted", { 0 },
		.has     = { "gpu0    HOPPER  580.159.03  96.00.74.00.20", "33 of 33",
			    "TEST ANCHORS",
			    "accepted (exit 0), valid until 2026-06-01T23:00:00Z\n" },
		.has_not = { "gpu.chain.path", "says nothing about now", "\033" } },
	{ "of the past", { 0 }, .historic = true,
		.has = { "as of 2026-06-01T00:00:00Z; says nothing about now\n" } },
	{ "every finding", { 0 }, .all = true,
		.has = { "gpu.chain.path  gpu0", "node.topology.gpus  node",
			"gpu.rim.vbios.signature" } },
	{ "colour", { 0 }, .colour = true, .has = { "\033[32maccepted\033[0m" } },
	{ "rejected", { .fault = "measurement-driver" },
		.has     = { "FAIL, 32 of 33", "MEASUREMENT_MISMATCH", "expected ", "observed ",
			    "rejected (exit 1)" },
		.has_not = { "valid until" } },
	{ "one for all eight", { .ppcie = true, .no_collateral = true },
		.has     = { "gpu0-7", "nvswitch0-3", "undecided (exit 3)", "gpu7 " },
		.has_not = { "gpu0 gpu1" } },
	{ "malformed", { .fault = "cut-by-one" },
		.has = { "FAIL     gpu.report.parse  gpu0  TRUNCATED", "malformed (exit 6)" } },
	{ "a hint with escapes is shown as text", { .fault = "hint-driver" },
		.has = { "REPORT_HINT", "gpu.evidence.hints" }, .has_not = { "\033" } },
};

static void text_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf out = { 0 };
		struct report_style style = { .all = cases[i].all, .colour = cases[i].colour };

		print_message("%s\n", cases[i].name);
		court_forge(&court, &cases[i].ask);
		court_judge(&court);
		text_of(&style, cases[i].historic, &out);
		for (size_t k = 0; k < ARRAY_LEN(cases[i].has) && cases[i].has[k] != NULL; k++)
			if (strstr(buf_cstr(&out), cases[i].has[k]) == NULL)
				fail_msg("no \"%s\" in\n%s", cases[i].has[k], buf_cstr(&out));
		for (size_t k = 0;
			k < ARRAY_LEN(cases[i].has_not) && cases[i].has_not[k] != NULL; k++)
			if (strstr(buf_cstr(&out), cases[i].has_not[k]) != NULL)
				fail_msg("\"%s\" in\n%s", cases[i].has_not[k], buf_cstr(&out));
	}
}

/* Names of files, hints and certificates that would move the cursor. */
static void foreign_text(void **state)
{
	static const char            evil[] = "\033]0;owned\007\r\n\xc2\x9b"
					      "2J";
	CLEANUP(buf_done) struct buf out    = { 0 };
	struct report_style          style  = { .all = true };
	struct evidence_hints       *h;

	(void)state;
	court_forge(&court, &(struct forged_ask){ 0 });
	h       = &court.ev.device[0].hints;
	h->arch = h->driver_version = h->vbios_version = bytes_text(evil);
	court_judge(&court);
	court_expect(
		&court, "gpu.evidence.hints", "gpu0", ASSAY_OUTCOME_FAIL, ASSAY_REPORT_HINT);
	text_of(&style, false, &out);
	for (size_t i = 0; i < out.n; i++)
		assert_true(out.p[i] == '\n' || (out.p[i] >= ' ' && out.p[i] <= '~'));
	assert_non_null(strstr(buf_cstr(&out), "\\x1b]0;owned\\x07"));
}

/* No device, and no finding but one. */
static void nothing(void **state)
{
	CLEANUP(buf_done) struct buf out = { 0 };

	(void)state;
	court_empty(&court);
	court_judge(&court);
	assert_int_equal(court.verdict, ASSAY_CLASS_NOT_READY);
	text_of(&(struct report_style){ 0 }, false, &out);
	assert_non_null(strstr(buf_cstr(&out), "DEVICE_NONE"));
	assert_non_null(strstr(buf_cstr(&out), "not-ready (exit 5)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_cases),
		cmocka_unit_test(foreign_text),
		cmocka_unit_test(nothing),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
