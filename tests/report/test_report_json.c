/* SPDX-License-Identifier: Apache-2.0
 *
 * assay.report/1: its members, in their order; what is said of a device only when it is signed; same facts, same bytes. */
#include "verify/court.h"

static json_t *report_of(const struct forged_ask *ask, const char *policy, bool nonce)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	json_t                      *value;
	struct assay_err             e = { 0 };

	court_forge(&court, ask);
	court.policy = policy;
	if (!nonce)
		court_nonce(&court, NULL);
	court_judge(&court);
	court.policy = NULL;
	court_json(&court, &text);
	assert_int_equal(text.p[text.n - 1], '\n');
	assert_int_equal(json_read(buf_bytes(&text), 1 << 20, &value, &e), ASSAY_OK);
	return value;
}

static void names_are(const json_t *object, const char *want)
{
	CLEANUP(buf_done) struct buf list = { 0 };
	const char                  *name;
	json_t                      *v;

	json_object_foreach((json_t *)(uintptr_t)object, name, v)
	{
		buf_printf(&list, "%s ", name);
	}
	assert_string_equal(buf_cstr(&list), want);
}

static json_t *find(const json_t *report, const char *id)
{
	const json_t *list = json_object_get(report, "findings");
	json_t       *f;
	size_t        i;

	json_array_foreach(list, i, f)
	{
		if (strcmp(json_string_value(json_object_get(f, "id")), id) == 0)
			return f;
	}
	fail_msg("no %s", id);
	return NULL;
}

static void text_is(const json_t *object, const char *name, const char *want)
{
	const char *got = json_string_value(json_object_get(object, name));

	if (want == NULL)
		assert_null(json_object_get(object, name));
	else
		assert_string_equal(got, want);
}

static void accepted(void **state)
{
	AUTO(json_t) *r = report_of(&(struct forged_ask){ 0 }, NULL, true);
	json_t       *d = json_array_get(json_object_get(r, "devices"), 0), *m, *rim;

	(void)state;
	names_are(r,
		"schema assay at historic anchors nonce_given valid_until verdict exit devices findings wants ");
	text_is(r, "schema", "assay.report/1");
	text_is(r, "at", "2026-06-01T00:00:00Z");
	text_is(r, "anchors", "TEST ANCHORS");
	text_is(r, "verdict", "accepted");
	text_is(r, "valid_until", "2026-06-01T23:00:00Z");
	assert_true(json_is_true(json_object_get(r, "nonce_given")));
	assert_int_equal(json_integer_value(json_object_get(r, "exit")), 0);
	assert_int_equal(json_array_size(json_object_get(r, "wants")), 0);
	names_are(d,
		"subject arch hwmodel ueid pdi project project_sku chip_sku nonce fwid board_id driver_version "
		"vbios_version protected_pcie feature_flag rims measurements ");
	text_is(d, "vbios_version", "96.00.74.00.20");
	text_is(d, "protected_pcie", "off");
	m = json_object_get(d, "measurements");
	names_are(m, "equal compared alternative ");
	assert_int_equal(json_integer_value(json_object_get(m, "equal")), 33);
	assert_int_equal(json_array_size(json_object_get(m, "alternative")), 64);
	rim = json_array_get(json_object_get(d, "rims"), 1);
	names_are(rim, "id sha256 tag_id version ");
	text_is(rim, "id", "NV_GPU_VBIOS_1010_0205_862_9600740020");
	names_are(find(r, "gpu.chain.path"), "id subject outcome message source ");
	text_is(find(r, "node.topology.gpus"), "outcome", "not-applicable");
}

static const struct {
	const char       *name;
	struct forged_ask ask;
	const char       *policy;
	bool              no_nonce;
	const char       *verdict;
	const char       *id, *outcome, *code, *class, *names; /* of the finding */
	bool              decoded; /* fields of the report are shown */
} cases[] = {
	{ "no nonce", { 0 }, NULL, true, "undecided", "gpu.report.nonce", "unknown",
		"REPORT_FRESHNESS", "undecided",
		"id subject outcome code class message remedy source ", true },
	{ "another nonce", { .fault = "nonce-wrong" }, NULL, false, "rejected",
		"gpu.report.nonce", "fail", "REPORT_NONCE", "rejected",
		"id subject outcome code class message expected observed remedy source ",
		true },
	{ "another firmware", { .fault = "measurement-driver" }, NULL, false, "rejected",
		"gpu.measurements", "fail", "MEASUREMENT_MISMATCH", "rejected",
		"id subject outcome code class message expected observed detail remedy source ",
		true },
	{ "not its signature", { .fault = "flip-opaque" }, NULL, false, "rejected",
		"gpu.report.signature", "fail", "REPORT_SIGNATURE", "rejected",
		"id subject outcome code class message remedy source ", false },
	{ "and so not asked", { .fault = "flip-opaque" }, NULL, false, "rejected",
		"gpu.report.nonce", "skipped", NULL, NULL, "id subject outcome because source ",
		false },
	{ "cut", { .fault = "cut-by-one" }, NULL, false, "malformed", "gpu.report.parse",
		"fail", "TRUNCATED", "malformed",
		"id subject outcome code class message remedy source ", false },
	{ "waived", { .fault = "ocsp-absent" },
		"{\"schema\":\"assay.policy/1\",\"waivers\":[{\"check\":\"gpu.chain.revocation\","
		"\"reason\":\"agreed\",\"expires\":\"2027-01-01\"}]}",
		false, "accepted", "gpu.chain.revocation", "waived", "OCSP_MISSING",
		"undecided",
		"id subject outcome code class message detail waiver remedy source ", true },
};

static void findings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(json_t) *r = report_of(&cases[i].ask, cases[i].policy, !cases[i].no_nonce);
		json_t       *f = find(r, cases[i].id);
		json_t       *d = json_array_get(json_object_get(r, "devices"), 0);

		print_message("%s\n", cases[i].name);
		text_is(r, "verdict", cases[i].verdict);
		text_is(f, "outcome", cases[i].outcome);
		text_is(f, "code", cases[i].code);
		text_is(f, "class", cases[i].class);
		names_are(f, cases[i].names);
		assert_int_equal(
			json_object_get(d, "driver_version") != NULL, cases[i].decoded);
		assert_int_equal(json_object_get(d, "nonce") != NULL, cases[i].decoded);
	}
}

static void wants(void **state)
{
	AUTO(json_t) *r = report_of(
		&(struct forged_ask){ .no_collateral = true, .ppcie = true }, NULL, true);
	json_t *list = json_object_get(r, "wants");
	size_t  rims = 0;

	(void)state;
	/* 12 identities, two provisioners, one family; each once however many devices want it */
	assert_int_equal(json_array_size(list), 18);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *want = json_string_value(json_array_get(list, i));

		rims += strncmp(want, "rim:", 4) == 0;
		assert_true(strncmp(want, "rim:", 4) == 0 || strncmp(want, "ocsp:", 5) == 0);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(
				want, json_string_value(json_array_get(list, k)));
	}
	assert_int_equal(rims, 3);
	text_is(r, "verdict", "undecided");
}

static void same_bytes(void **state)
{
	CLEANUP(buf_done) struct buf one = { 0 }, two = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		court_forge(&court, &(struct forged_ask){ .ppcie = true });
		court_judge(&court);
		court_json(&court, i == 0 ? &one : &two);
	}
	assert_true(bytes_equal(buf_bytes(&one), buf_bytes(&two)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted),
		cmocka_unit_test(findings),
		cmocka_unit_test(wants),
		cmocka_unit_test(same_bytes),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
