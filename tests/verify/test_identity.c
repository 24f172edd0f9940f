/* SPDX-License-Identifier: Apache-2.0
 *
 * Who a device is, by its certificates and by what its container says: what no fault of the forge's table needs. */
#include "verify/court.h"

static const struct {
	const char     *fault;
	enum assay_code code;
} rows[] = {
	{ "identity-tag", ASSAY_CERT_PROFILE },
	{ "identity-serial", ASSAY_CERT_PROFILE },
	{ "identity-text", ASSAY_CERT_PROFILE },
	{ "leaf-vendor", ASSAY_CERT_PROFILE },
	{ "leaf-text", ASSAY_CERT_PROFILE },
};

static void profiles(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		print_message("%s\n", rows[i].fault);
		court_forge(&court, &(struct forged_ask){ .fault = rows[i].fault });
		court_judge(&court);
		assert_int_equal(court.verdict, ASSAY_CLASS_REJECTED);
		court_holds(&court, "gpu.chain.path", "gpu0");
		court_expect(
			&court, "gpu.chain.profile", "gpu0", ASSAY_OUTCOME_FAIL, rows[i].code);
	}
}

/* Two containers of one device are told by any one of what names it. */
static void twins(void **state)
{
	static const char *const faults[] = { "twin-serial", "twin-key", "twin-identity" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		print_message("%s\n", faults[i]);
		court_forge(&court, &(struct forged_ask){ .gpus = 2, .fault = faults[i] });
		court_judge(&court);
		assert_int_equal(court.verdict, ASSAY_CLASS_REJECTED);
		court_holds(&court, "gpu.chain.path", "gpu1");
		court_expect(&court, "node.devices.distinct", "node", ASSAY_OUTCOME_FAIL,
			ASSAY_DEVICE_TWICE);
	}
}

/* The verdict is good for no longer than the leaf. */
static void leaf_ends(void **state)
{
	int64_t end;

	(void)state;
	court_forge(&court, &(struct forged_ask){ .fault = "leaf-ends" });
	end = court.now + 600;
	court_judge(&court);
	assert_int_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
	assert_int_equal(court.facts.valid_until, end);
	court.now = end + 1;
	court_judge(&court);
	court_expect(&court, "gpu.chain.path", "gpu0", ASSAY_OUTCOME_FAIL, ASSAY_CERT_EXPIRED);
}

/* What a container says beside the report: the same, or nothing. */
static void hints(void **state)
{
	static const struct {
		const char     *driver, *vbios;
		bool            nonce, other;
		enum assay_code code;
	} said[] = {
		{ "580.159.03", "96.00.74.00.20", true, false, ASSAY_OK },
		{ NULL, NULL, false, false, ASSAY_OK },
		{ "580.159", NULL, false, false, ASSAY_REPORT_HINT },
		{ "580.159.030", NULL, false, false, ASSAY_REPORT_HINT },
		{ NULL, "96", false, false, ASSAY_REPORT_HINT },
		{ NULL, NULL, true, true, ASSAY_REPORT_HINT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(said); i++) {
		struct evidence_hints *h;

		court_forge(&court, &(struct forged_ask){ 0 });
		court_judge(&court);
		h                 = &court.ev.device[0].hints;
		h->driver_version = said[i].driver == NULL ? (struct bytes){ 0 }
							   : bytes_text(said[i].driver);
		h->vbios_version  = said[i].vbios == NULL ? (struct bytes){ 0 }
							  : bytes_text(said[i].vbios);
		h->nonce_given    = said[i].nonce;
		memcpy(h->nonce, court.facts.device[0].report.nonce.p, sizeof(h->nonce));
		h->nonce[31] ^= said[i].other ? 1 : 0;
		court_judge(&court);
		print_message("%zu\n", i);
		court_expect(&court, "gpu.evidence.hints", "gpu0",
			said[i].code == ASSAY_OK ? ASSAY_OUTCOME_PASS : ASSAY_OUTCOME_FAIL,
			said[i].code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profiles),
		cmocka_unit_test(twins),
		cmocka_unit_test(leaf_ends),
		cmocka_unit_test(hints),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
