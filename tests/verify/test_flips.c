/* SPDX-License-Identifier: Apache-2.0
 *
 * Every single bit of a real report turned over, and every length that it could be cut to: refused, without a crash.
 * The report is parsed and its signature checked as verify() does; for some of the flips all of verify() is run. Every
 * bit where a sanitizer looks on (make asan), else every ninth. The program tests/flips.c does more of it, and to more
 * than reports. */
#include "crypto/sig.h"
#include "verify/court.h"

static const struct {
	const char *name, *signature; /* the check */
	size_t      stride; /* 1: every bit; odd, so that each bit of a byte has its turn */
} reports[] = {
	{ "hopper-580.159.03", "gpu.report.signature", TEST_SANITIZED ? 1 : 9 },
	{ "hopper-535.86.09", "gpu.report.signature", 61 },
	{ "blackwell-575.32", "gpu.report.signature", 61 },
	{ "ls10-96.10.55.00.01", "nvswitch.report.signature", 61 },
};

static void open_report(size_t i)
{
	char report[128], chain[128];

	snprintf(report, sizeof(report), "nvidia/raw/%s.report.hex", reports[i].name);
	snprintf(chain, sizeof(chain), "nvidia/raw/%s.chain.pem", reports[i].name);
	court_empty(&court);
	court_interop(&court, report, chain);
	court_judge(&court);
	assert_true(court_finding(&court, reports[i].signature,
			    reports[i].name[0] == 'l' ? "nvswitch0" : "gpu0")
			    ->outcome == ASSAY_OUTCOME_PASS);
}

/* Does the report hold, by the two steps that stand between its bytes and everything that is read from them? */
static bool holds(EVP_PKEY *key, struct bytes report)
{
	struct spdm_report r;
	struct assay_err   e = { 0 };

	return spdm_parse(report, &r, &e) == ASSAY_OK &&
		sig_p384(&court.crypto, key, r.message, r.signature, ASSAY_REPORT_SIGNATURE,
			&e) == ASSAY_OK;
}

static void bits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(reports); i++) {
		CLEANUP(buf_done) struct buf copy = { 0 };
		EVP_PKEY                    *key;
		size_t                       tried = 0;

		open_report(i);
		buf_put(&copy, court.ev.device[0].report.p, court.ev.device[0].report.n);
		key = X509_get0_pubkey(court.facts.device[0].chain.cert[0]);
		assert_true(holds(key, buf_bytes(&copy)));
		for (size_t bit = 0; bit < 8 * copy.n; bit += reports[i].stride, tried++) {
			copy.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
			if (holds(key, buf_bytes(&copy)))
				fail_msg("bit %zu of %s", bit, reports[i].name);
			copy.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		print_message("%s: %zu bits\n", reports[i].name, tried);
		if (reports[i].stride == 1)
			assert_int_equal(tried, 33040);
	}
}

/* In memory of exactly that size, so that a sanitizer sees a read past it. */
static void truncations(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(reports); i++) {
		struct bytes full;
		EVP_PKEY    *key;

		open_report(i);
		full = court.ev.device[0].report;
		key  = X509_get0_pubkey(court.facts.device[0].chain.cert[0]);
		for (size_t n = 0; n < full.n; n++) {
			uint8_t *cut = test_malloc(n == 0 ? 1 : n);

			memcpy(cut, full.p, n);
			assert_false(holds(key, (struct bytes){ cut, n }));
			test_free(cut);
		}
	}
}

static void judge_changed(size_t i, struct bytes report)
{
	const char           *subject = reports[i].name[0] == 'l' ? "nvswitch0" : "gpu0";
	struct bytes          was     = court.ev.device[0].report;
	const struct finding *f;

	court.ev.device[0].report = report;
	court_judge(&court);
	court.ev.device[0].report = was;
	f                         = court_finding(&court, reports[i].signature, subject);
	assert_int_not_equal(f->outcome, ASSAY_OUTCOME_PASS);
	assert_true(court.verdict == ASSAY_CLASS_REJECTED ||
		court.verdict == ASSAY_CLASS_MALFORMED);
	/* nothing that is not signed is shown as a fact */
	assert_int_equal(court.facts.device[0].vbios[0], 0);
	assert_int_equal(court.facts.device[0].compared, 0);
}

static void whole_verdicts(void **state)
{
	struct assay_err e = { 0 };

	(void)state;
	assert_int_equal(memo_new(&court.memo, &e), ASSAY_OK);
	for (size_t i = 0; i < ARRAY_LEN(reports); i++) {
		CLEANUP(buf_done) struct buf copy = { 0 };

		open_report(i);
		buf_put(&copy, court.ev.device[0].report.p, court.ev.device[0].report.n);
		for (size_t at = i; at < copy.n; at += 23) {
			copy.p[at] ^= (uint8_t)(1u << at % 8);
			judge_changed(i, buf_bytes(&copy));
			copy.p[at] ^= (uint8_t)(1u << at % 8);
			judge_changed(i, (struct bytes){ copy.p, at });
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits),
		cmocka_unit_test(truncations),
		cmocka_unit_test(whole_verdicts),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
