/* SPDX-License-Identifier: Apache-2.0
 *
 * What inspect() says of a guest's evidence and of Intel's documents, and the policy that is learnt from it. */
#include "appraise/learn.h"
#include "base/hex.h"
#include "report/inspect.h"
#include "verify/court.h"

static struct forged forged;

static int set_up(void **state)
{
	court_set_up(state);
	forged_make(&(struct forged_ask){ .tdx = true, .quote = 5, .event = FORGED_EVENT_YES },
		&forged);
	court_forged(&court, &forged);
	return 0;
}

static int tear_down(void **state)
{
	forged_done(&forged);
	return court_tear_down(state);
}

static struct bytes quote(void)
{
	for (size_t i = 0; i < court.ev.devices; i++)
		if (court.ev.device[i].kind == DEVICE_TDX)
			return court.ev.device[i].report;
	return (struct bytes){ 0 };
}

static struct bytes piece(const char *want)
{
	for (size_t i = 0; i < court.ev.collaterals; i++)
		if (bytes_begin(court.ev.collateral[i].want, bytes_text(want)))
			return court.ev.collateral[i].body;
	fail_msg("no %s", want);
	return (struct bytes){ 0 };
}

/* The text of an input; each of these stands in it. */
static void says(struct bytes in, const char *const *words, size_t n)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	AUTO(json_t)                *tree = NULL;
	struct assay_err             e    = { 0 };

	test_must(inspect(&court.crypto, "file", in, &tree, &e), &e);
	test_must(inspect_text(tree, &text, &e), &e);
	for (size_t i = 0; i < n; i++)
		if (strstr(buf_cstr(&text), words[i]) == NULL)
			fail_msg("no \"%s\" in\n%s", words[i], buf_cstr(&text));
}
#define SAYS(in, ...)                                  \
	says(in, (const char *const[]){ __VA_ARGS__ }, \
		sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void quotes(void **state)
{
	CLEANUP(buf_done) struct buf m    = { 0 };
	AUTO(json_t)                *tree = NULL;
	struct assay_err             e    = { 0 };

	(void)state;
	SAYS(quote(), "\nquote\n", "td_1.5", "version                5", "mrservicetd",
		"fmspc                  90c06f000000", "isvsvn                 7",
		"Intel SGX PCK Platform CA", "verified               no");
	SAYS(buf_bytes(&forged.bundle), "kind                   tdx", "event_log",
		"RTMR3  assay", "tdx-gpu/v1/boot");
	buf_put(&m, quote().p, quote().n);
	m.p[m.n / 2 + 200] ^= 0x80; /* in the certificates */
	SAYS(buf_bytes(&m), "certificates_error");
	assert_int_equal(inspect(&court.crypto, "x",
				 (struct bytes){ quote().p, quote().n - 200 }, &tree, &e),
		ASSAY_QUOTE_SIGLEN);
}

static void documents(void **state)
{
	(void)state;
	SAYS(piece("pcs:tcbinfo:"), "tcb_info", "TDX_03", "OutOfDate", "INTEL-SA-01036",
		"evaluation             18", "fmspc                  90c06f000000");
	SAYS(piece("pcs:qeidentity"), "qe_identity", "isvprodid              2", "UpToDate");
	SAYS(piece("pcs:pckcrl:platform"), "\ncrl\n", "revoked                5");
	SAYS(piece("pcs:rootcrl"), "revoked                0");
}

static void event_logs(void **state)
{
	CLEANUP(buf_done) struct buf m = { 0 };

	(void)state;
	SAYS(court.ev.events, "SecureBoot = 00", "= ", "EFI_VARIABLE_DRIVER_CONFIG",
		"EV_SEPARATOR", "grub_cmd: linux", "RTMR2  EV_IPL", "BOOTX64.EFI",
		"Linux initrd", "rtmr");
	buf_put(&m, court.ev.events.p, court.ev.events.n);
	m.p[65 + 14] ^= 1; /* the first digest: it says nothing of the data */
	SAYS(buf_bytes(&m), "rtmr");
	test_edit(&m, "Exit Boot Services Invocation", "Exit Boot Services Invocatiox");
	SAYS(buf_bytes(&m), "! Exit Boot Services Invocatiox", "replay_error");
}

/* Evidence that is learnt from is accepted by what was learnt, and another boot is not. */
static void learning(void **state)
{
	CLEANUP(buf_done) struct buf policy = { 0 }, none = { 0 };
	struct assay_err             e = { 0 };

	(void)state;
	test_must(learn(&court.crypto, &court.ev, "mine", &policy, &e), &e);
	assert_non_null(strstr(buf_cstr(&policy), "tdx.rtmr2"));
	assert_null(strstr(buf_cstr(&policy), "tdx.rtmr3")); /* the log accounts for it */
	court.policy = buf_cstr(&policy);
	court_judge(&court);
	assert_int_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
	assert_false(court.facts.guest->unconstrained);
	court_forge(&court,
		&(struct forged_ask){
			.tdx = true, .alone = true, .tdx_fault = "td-other-guest" });
	court_judge(&court);
	court_expect(&court, "tdx.td.measurements", "tdx", ASSAY_OUTCOME_FAIL, ASSAY_TD_MRTD);
	assert_int_equal(
		learn(&court.crypto, &court.ev, "", &none, &e), ASSAY_EVENTLOG_MISMATCH);
	court.policy = NULL;

	/* without a log RTMR3 is named */
	court_forged(&court, &forged);
	court.ev.events = (struct bytes){ 0 };
	test_must(learn(&court.crypto, &court.ev, "", &none, &e), &e);
	assert_non_null(strstr(buf_cstr(&none), "tdx.rtmr3"));
	court.ev.devices--; /* the quote is the last */
	assert_int_equal(learn(&court.crypto, &court.ev, "", &none, &e), ASSAY_INPUT_KIND);
	court.ev.device[0] = court.ev.device[1];
	court.ev.devices++;
	assert_int_equal(learn(&court.crypto, &court.ev, "", &none, &e), ASSAY_QUOTE_TWICE);
	court.ev.devices--;
	court.ev.device[0].fault.code = ASSAY_INPUT_BASE64;
	assert_int_equal(learn(&court.crypto, &court.ev, "", &none, &e), ASSAY_INPUT_BASE64);
}

/* A composite that is accepted says what it does not show; the guest stands among the devices. */
static void reports(void **state)
{
	CLEANUP(buf_done) struct buf json = { 0 }, text = { 0 };
	struct report_view           view  = { .facts = &court.facts };
	struct report_style          style = { 0 };
	struct assay_err             e     = { 0 };

	(void)state;
	court_forged(&court, &forged);
	court_judge(&court);
	assert_int_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
	view.verdict = court.verdict;
	test_must(report_json(&view, &json, &e), &e);
	test_must(report_text(&view, &style, &text, &e), &e);
	assert_non_null(strstr(buf_cstr(&json), "\"residual\""));
	assert_non_null(strstr(buf_cstr(&json), "\"earliest_expiration\""));
	assert_non_null(strstr(buf_cstr(&json), "\"status\": \"UpToDate\""));
	assert_non_null(strstr(buf_cstr(&text), "tdx  TD 1.5, FMSPC 90c06f000000, UpToDate"));
	assert_non_null(strstr(buf_cstr(&text), "It does not show"));
	text.n = 0;
	court_forge(&court,
		&(struct forged_ask){ .tdx = true, .alone = true, .tdx_fault = "quote-mrtd" });
	court_judge(&court);
	test_must(report_text(&view, &style, &text, &e), &e);
	assert_non_null(strstr(buf_cstr(&text), "tdx  no quote that holds"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes),
		cmocka_unit_test(documents),
		cmocka_unit_test(event_logs),
		cmocka_unit_test(learning),
		cmocka_unit_test(reports),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
