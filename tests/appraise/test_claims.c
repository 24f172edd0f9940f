/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims: the names that each version has, all of them and no others; and what they come to on good and bad nodes, forged
 * ones and real ones. */
#include "appraise/mint.h"

#include <stdlib.h>

/* clang-format off */
#define BOTH_GPU \
	"eat_nonce ueid hwmodel oemid measres x-nvidia-attestation-warning x-assay-anchors " \
	"x-nvidia-gpu-driver-version x-nvidia-gpu-vbios-version x-nvidia-gpu-arch-check x-nvidia-gpu-attestation-report-parsed " \
	"x-nvidia-gpu-attestation-report-nonce-match x-nvidia-gpu-attestation-report-signature-verified " \
	"x-nvidia-gpu-driver-rim-fetched x-nvidia-gpu-driver-rim-schema-validated x-nvidia-gpu-driver-rim-signature-verified " \
	"x-nvidia-gpu-driver-rim-measurements-available x-nvidia-gpu-vbios-rim-fetched x-nvidia-gpu-vbios-rim-schema-validated " \
	"x-nvidia-gpu-vbios-rim-signature-verified x-nvidia-gpu-vbios-rim-measurements-available x-nvidia-gpu-vbios-index-no-conflict "
#define BOTH_SWITCH \
	"eat_nonce ueid hwmodel oemid measres x-nvidia-attestation-warning x-assay-anchors " \
	"x-nvidia-switch-bios-version x-nvidia-switch-arch-check x-nvidia-switch-attestation-report-parsed " \
	"x-nvidia-switch-attestation-report-nonce-match x-nvidia-switch-attestation-report-signature-verified " \
	"x-nvidia-switch-bios-rim-fetched x-nvidia-switch-bios-rim-schema-validated x-nvidia-switch-bios-rim-signature-verified " \
	"x-nvidia-switch-bios-rim-measurements-available "
#define ADDED "secboot dbgstat x-nvidia-device-type x-nvidia-gpu-claims-version x-nvidia-version x-nvidia-mismatch-measurement-records "

static const struct {
	const char *name;
	bool        nvswitch;
	unsigned    version;
	bool        bad;
	const char *names;
} sets[] = {
	{ "GPU 3.0", false, 3, false, BOTH_GPU ADDED "x-nvidia-gpu-switch-pdis x-nvidia-gpu-attestation-report-cert-chain "
		"x-nvidia-gpu-attestation-report-cert-chain-fwid-match x-nvidia-gpu-driver-rim-cert-chain x-nvidia-gpu-driver-rim-version-match "
		"x-nvidia-gpu-vbios-rim-cert-chain x-nvidia-gpu-vbios-rim-version-match " },
	{ "GPU 2.0", false, 2, false, BOTH_GPU "secboot dbgstat x-nvidia-gpu-attestation-report-cert-chain-validated "
		"x-nvidia-gpu-driver-rim-cert-validated x-nvidia-gpu-vbios-rim-cert-validated " },
	{ "GPU 2.0, bad", false, 2, true, BOTH_GPU "x-nvidia-gpu-attestation-report-cert-chain-validated "
		"x-nvidia-gpu-driver-rim-cert-validated x-nvidia-gpu-vbios-rim-cert-validated " },
	{ "switch 3.0", true, 3, false, BOTH_SWITCH ADDED "x-nvidia-switch-pdi x-nvidia-switch-gpu-pdis x-nvidia-switch-attestation-report-cert-chain "
		"x-nvidia-switch-attestation-report-cert-chain-fwid-match x-nvidia-switch-bios-rim-cert-chain x-nvidia-switch-bios-rim-version-match " },
	{ "switch 2.0", true, 2, false, BOTH_SWITCH "secboot dbgstat x-nvidia-switch-attestation-report-cert-chain-validated "
		"x-nvidia-switch-bios-rim-cert-validated " },
};

#define G "x-nvidia-gpu-"
#define CHAIN(status, ocsp, rest) "{\"x-nvidia-cert-status\":\"" status "\",\"x-nvidia-cert-ocsp-status\":\"" ocsp "\"," rest "}"

/* One claim of gpu0, or of all ("overall"), or of nvswitch0, as JSON. Objects are a part of the whole. */
static const struct {
	const char *name, *fault;
	bool        ppcie, no_nonce, asked; /* asked: the OCSP answers were, just now */
	const char *policy;
	unsigned    version;
	const char *of, *claim, *value;
} golden[] = {
	{ "good", NULL, .of = "overall", .claim = "x-nvidia-overall-att-result", .value = "true" },
	{ "good", NULL, .of = "overall", .claim = "sub", .value = "\"NVIDIA-PLATFORM-ATTESTATION\"" },
	{ "good", NULL, .of = "overall", .claim = "x-nvidia-ver", .value = "\"3.0\"" },
	{ "good", NULL, .of = "overall", .claim = "x-assay-anchors", .value = "\"TEST ANCHORS\"" },
	{ "good", NULL, .of = "overall", .claim = "x-assay-verdict", .value = "\"accepted\"" },
	{ "2.0", NULL, .version = 2, .of = "overall", .claim = "x-nvidia-ver", .value = "\"2.0\"" },
	{ "good", NULL, .of = "gpu0", .claim = "measres", .value = "\"success\"" },
	{ "good", NULL, .of = "gpu0", .claim = "secboot", .value = "true" },
	{ "good", NULL, .of = "gpu0", .claim = "dbgstat", .value = "\"disabled\"" },
	{ "good", NULL, .of = "gpu0", .claim = "oemid", .value = "\"5703\"" },
	{ "good", NULL, .of = "gpu0", .claim = "hwmodel", .value = "\"GH100 A01 GSP BROM\"" },
	{ "good", NULL, .of = "gpu0", .claim = G "driver-version", .value = "\"580.159.03\"" },
	{ "good", NULL, .of = "gpu0", .claim = G "vbios-version", .value = "\"96.00.74.00.20\"" },
	{ "good", NULL, .of = "gpu0", .claim = "x-nvidia-attestation-warning", .value = "\"TEST ANCHORS\"" },
	{ "good", NULL, .of = "gpu0", .claim = "x-nvidia-mismatch-measurement-records", .value = "null" },
	{ "good", NULL, .of = "gpu0", .claim = "x-nvidia-device-type", .value = "\"gpu\"" },
	{ "good", NULL, .of = "gpu0", .claim = G "attestation-report-cert-chain",
		.value = CHAIN("valid", "good", "\"x-nvidia-cert-expiration-date\":\"9999-12-31T23:59:59Z\",\"x-nvidia-cert-revocation-reason\":null,"
			"\"x-nvidia-cert-ocsp-nonce-matches\":false,\"x-nvidia-cert-ocsp-response-valid\":true") },
	{ "asked now", NULL, .asked = true, .of = "gpu0", .claim = G "attestation-report-cert-chain",
		.value = CHAIN("valid", "good", "\"x-nvidia-cert-ocsp-nonce-matches\":true,\"x-nvidia-cert-ocsp-response-valid\":true") },
	{ "asked now", NULL, .asked = true, .of = "gpu0", .claim = G "vbios-rim-cert-chain", .value = CHAIN("valid", "good", "\"x-nvidia-cert-ocsp-nonce-matches\":true") },
	{ "stored", NULL, .of = "gpu0", .claim = G "vbios-rim-cert-chain", .value = CHAIN("valid", "good", "\"x-nvidia-cert-ocsp-nonce-matches\":false") },
	{ "asked now, and without a nonce", "ocsp-nonce-none", .asked = true, .of = "gpu0", .claim = G "attestation-report-cert-chain",
		.value = CHAIN("valid", "good", "\"x-nvidia-cert-ocsp-nonce-matches\":false") },
	{ "good", NULL, .of = "gpu0", .claim = G "driver-rim-cert-chain", .value = CHAIN("valid", "good", "\"x-nvidia-cert-revocation-reason\":null") },
	{ "2.0", NULL, .version = 2, .of = "gpu0", .claim = G "attestation-report-cert-chain-validated", .value = "true" },
	{ "no firmware id", "fwid-absent", .of = "gpu0", .claim = G "attestation-report-cert-chain-fwid-match", .value = "null" },
	{ "no nonce", NULL, .no_nonce = true, .of = "overall", .claim = "x-nvidia-overall-att-result", .value = "false" },
	{ "no nonce", NULL, .no_nonce = true, .of = "overall", .claim = "eat_nonce", .value = "null" },
	{ "no nonce", NULL, .no_nonce = true, .of = "gpu0", .claim = G "attestation-report-nonce-match", .value = "null" },
	{ "no nonce", NULL, .no_nonce = true, .of = "gpu0", .claim = "secboot", .value = "null" },
	{ "no nonce, 2.0", NULL, .no_nonce = true, .version = 2, .of = "gpu0", .claim = G "attestation-report-nonce-match", .value = "false" },
	{ "mismatch", "measurement-driver", .of = "overall", .claim = "x-nvidia-overall-att-result", .value = "false" },
	{ "mismatch", "measurement-driver", .of = "gpu0", .claim = "measres", .value = "\"fail\"" },
	{ "mismatch", "measurement-driver", .of = "gpu0", .claim = "secboot", .value = "null" },
	{ "mismatch", "measurement-driver", .of = "gpu0", .claim = G "driver-rim-signature-verified", .value = "true" },
	{ "revoked", "ocsp-revoked", .of = "overall", .claim = "x-nvidia-overall-att-result", .value = "false" },
	{ "revoked", "ocsp-revoked", .of = "gpu0", .claim = G "attestation-report-cert-chain",
		.value = CHAIN("revoked", "revoked", "\"x-nvidia-cert-revocation-reason\":\"keyCompromise\",\"x-nvidia-cert-ocsp-response-valid\":true") },
	{ "revoked", "ocsp-revoked", .of = "gpu0", .claim = "measres", .value = "\"success\"" },
	{ "revoked", "ocsp-revoked", .of = "gpu0", .claim = "secboot", .value = "null" },
	{ "revoked, 2.0", "ocsp-revoked", .version = 2, .of = "gpu0", .claim = G "attestation-report-cert-chain-validated", .value = "false" },
	{ "on hold", "ocsp-rim-hold", .of = "overall", .claim = "x-nvidia-overall-att-result", .value = "false" },
	{ "no OCSP answer", "ocsp-absent", .of = "gpu0", .claim = G "attestation-report-cert-chain",
		.value = CHAIN("valid", "undefined", "\"x-nvidia-cert-ocsp-response-valid\":false") },
	{ "a forged OCSP answer", "ocsp-signature", .of = "gpu0", .claim = G "attestation-report-cert-chain",
		.value = CHAIN("valid", "unknown", "\"x-nvidia-cert-ocsp-response-valid\":false") },
	{ "own root", "chain-own-root", .of = "gpu0", .claim = G "attestation-report-cert-chain", .value = CHAIN("invalid", "undefined", "\"x-nvidia-cert-ocsp-response-valid\":false") },
	{ "own root", "chain-own-root", .of = "gpu0", .claim = G "attestation-report-signature-verified", .value = "null" },
	{ "own root", "chain-own-root", .of = "gpu0", .claim = G "driver-version", .value = "null" },
	{ "own root", "chain-own-root", .of = "gpu0", .claim = "ueid", .value = "null" },
	{ "own root, 2.0", "chain-own-root", .version = 2, .of = "gpu0", .claim = "ueid", .value = "\"\"" },
	{ "own root", "chain-own-root", .of = "gpu0", .claim = "measres", .value = "\"not-run\"" },
	{ "own root, 2.0", "chain-own-root", .version = 2, .of = "gpu0", .claim = "measres", .value = "\"fail\"" },
	{ "an expired signer", "rim-signer-expired", .of = "gpu0", .claim = G "driver-rim-cert-chain", .value = CHAIN("expired", "good", "\"x-nvidia-cert-revocation-reason\":null") },
	{ "no RIM", "rim-absent", .of = "overall", .claim = "x-nvidia-overall-att-result", .value = "false" },
	{ "flipped", "flip-nonce", .of = "gpu0", .claim = G "attestation-report-signature-verified", .value = "false" },
	{ "flipped", "flip-nonce", .of = "gpu0", .claim = G "attestation-report-parsed", .value = "true" },
	{ "another driver in the file", "hint-driver", .of = "gpu0", .claim = G "arch-check", .value = "false" },
	{ "a switch", NULL, .ppcie = true, .of = "nvswitch0", .claim = "oemid", .value = "null" },
	{ "a switch", NULL, .ppcie = true, .of = "nvswitch0", .claim = "x-nvidia-device-type", .value = "\"nvswitch\"" },
	{ "a switch", NULL, .ppcie = true, .of = "nvswitch0", .claim = "hwmodel", .value = "\"LS_10 A01 FSP BROM\"" },
	{ "a switch", NULL, .ppcie = true, .of = "nvswitch0", .claim = "x-nvidia-switch-bios-rim-cert-chain", .value = CHAIN("valid", "good", "\"x-nvidia-cert-revocation-reason\":null") },
	{ "a switch", NULL, .ppcie = true, .of = "nvswitch0", .claim = "measres", .value = "\"success\"" },
};
/* clang-format on */

static const struct device *device_of(const char *name)
{
	for (size_t i = 0; i < court.facts.devices; i++) {
		char text[SUBJECT_TEXT];

		if (strcmp(subject_text(court.facts.device[i].subject, text), name) == 0)
			return &court.facts.device[i];
	}
	fail_msg("no %s", name);
	return NULL;
}

static json_t *claims_of(const char *of, unsigned version)
{
	struct claims_ask ask = mint_claims(&court, version);
	struct assay_err  e   = { 0 };
	json_t           *out = NULL;

	if (strcmp(of, "overall") == 0)
		test_must(claims_overall(&ask, &out, &e), &e);
	else
		test_must(claims_device(&ask, device_of(of), &out, &e), &e);
	return out;
}

static void names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		struct forged_ask ask    = { .ppcie = true };
		AUTO(json_t)     *claims = NULL;
		char             *list, *at, *word;
		size_t            n = 0;

		print_message("%s\n", sets[i].name);
		if (sets[i].bad)
			ask = (struct forged_ask){ .fault = "measurement-driver" };
		court_forge(&court, &ask);
		court_judge(&court);
		claims = claims_of(sets[i].nvswitch ? "nvswitch0" : "gpu0", sets[i].version);
		list   = strdup(sets[i].names);
		for (word    = strtok_r(list, " ", &at); word != NULL;
			word = strtok_r(NULL, " ", &at), n++)
			if (json_object_get(claims, word) == NULL)
				fail_msg("no %s", word);
		assert_int_equal(json_object_size(claims), n);
		free(list);
	}
}

/* Equal; of objects, a part. */
static bool fits(const json_t *want, const json_t *got)
{
	const char *name;
	json_t     *v;

	if (!json_is_object(want))
		return json_equal(want, got) == 1;
	json_object_foreach((json_t *)(uintptr_t)want, name, v)
	{
		if (!fits(v, json_object_get(got, name)))
			return false;
	}
	return json_is_object(got);
}

static void goldens(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(golden); i++) {
		AUTO(json_t) *claims = NULL, *want = NULL;
		const json_t *got;
		char         *text;

		print_message("%s: %s\n", golden[i].name, golden[i].claim);
		court_forge(&court,
			&(struct forged_ask){
				.fault = golden[i].fault, .ppcie = golden[i].ppcie });
		court.nonce_given = !golden[i].no_nonce;
		court.policy      = golden[i].policy;
		for (size_t k = 0; k < court.ev.collaterals; k++)
			court.ev.collateral[k].asked = golden[i].asked;
		court_judge(&court);
		court.policy = NULL;
		claims       = claims_of(
			      golden[i].of, golden[i].version == 0 ? 3 : golden[i].version);
		got = json_object_get(claims, golden[i].claim);
		if (golden[i].value == NULL) {
			assert_null(got);
			continue;
		}
		want = json_loads(golden[i].value, JSON_DECODE_ANY, NULL);
		assert_non_null(want);
		text = json_dumps(got, JSON_ENCODE_ANY);
		if (!fits(want, got))
			fail_msg("%s", text == NULL ? "absent" : text);
		free(text);
	}
}

/* A mismatch is told as NVIDIA's library tells it. */
static void records(void **state)
{
	AUTO(json_t) *claims = NULL;
	const json_t *list, *one;

	(void)state;
	court_forge(&court, &(struct forged_ask){ .fault = "measurement-driver" });
	court_judge(&court);
	claims = claims_of("gpu0", 3);
	list   = json_object_get(claims, "x-nvidia-mismatch-measurement-records");
	assert_int_equal(json_array_size(list), 1);
	one = json_array_get(list, 0);
	assert_int_equal(json_object_size(one), 6);
	assert_int_equal(json_integer_value(json_object_get(one, "index")),
		court_finding(&court, "gpu.measurements", "gpu0")->number);
	assert_int_equal(json_integer_value(json_object_get(one, "goldenSize")), 48);
	assert_int_equal(json_integer_value(json_object_get(one, "runtimeSize")), 48);
	assert_int_equal(json_string_length(json_object_get(one, "goldenValue")), 96);
	assert_int_equal(json_string_length(json_object_get(one, "runtimeValue")), 96);
	assert_string_equal(
		json_string_value(json_object_get(one, "measurementSource")), "Driver");
}

/* A GPU that the driver says can be looked into is not called closed, though its measurements are good. */
static void looked_into(void **state)
{
	static const struct {
		enum check         check;
		enum assay_outcome outcome;
		enum assay_code    code;
		bool               closed;
	} rows[] = {
		{ CHECK_GPU_DEVTOOLS, ASSAY_OUTCOME_PASS, ASSAY_OK, true },
		{ CHECK_GPU_DEVTOOLS, ASSAY_OUTCOME_FAIL, ASSAY_DEVICE_DEVTOOLS, false },
		{ CHECK_GPU_DEVTOOLS, ASSAY_OUTCOME_UNKNOWN, ASSAY_DEVICE_ERROR, false },
		{ CHECK_GPU_MODE, ASSAY_OUTCOME_FAIL, ASSAY_DEVICE_SIMULATED, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(findings_done) struct findings f   = { 0 };
		AUTO(json_t)                          *gpu = NULL;
		struct assay_err                       e   = { 0 };

		court_forge(&court, &(struct forged_ask){ 0 });
		test_must(findings_add(&f,
				  &(struct finding){ .check = rows[i].check,
					  .outcome          = rows[i].outcome,
					  .code             = rows[i].code },
				  "said", NULL, NULL, &e),
			&e);
		court.observed = &f;
		court_judge(&court);
		court.observed = NULL;
		gpu            = claims_of("gpu0", 3);
		assert_string_equal(
			json_string_value(json_object_get(gpu, "measres")), "success");
		assert_int_equal(json_is_true(json_object_get(gpu, "secboot")), rows[i].closed);
		assert_int_equal(
			json_is_null(json_object_get(gpu, "dbgstat")), !rows[i].closed);
	}
}

/* The names by which GPUs and switches know each other: each GPU's, turned around, are the switches' own. */
static void wiring(void **state)
{
	AUTO(json_t) *gpu = NULL;
	const json_t *named;
	size_t        found = 0;

	(void)state;
	court_forge(&court, &(struct forged_ask){ .ppcie = true });
	court_judge(&court);
	gpu   = claims_of("gpu0", 3);
	named = json_object_get(gpu, "x-nvidia-gpu-switch-pdis");
	assert_true(json_array_size(named) >= 4);
	for (unsigned i = 0; i < 4; i++) {
		char          subject[SUBJECT_TEXT];
		AUTO(json_t) *one = claims_of(
			subject_text((struct subject){ SUBJECT_NVSWITCH, i }, subject), 3);
		const char *own = json_string_value(
			json_object_get(one, "x-nvidia-switch-pdi"));

		assert_non_null(own);
		for (size_t k = 0; k < json_array_size(named); k++)
			found += strcmp(json_string_value(json_array_get(named, k)), own) == 0;
		assert_int_equal(
			json_array_size(json_object_get(one, "x-nvidia-switch-gpu-pdis")), 8);
	}
	assert_int_equal(found, 4);
}

/* No node of the gallery but a plainly accepted one is a good result in any version, and then no device claims a false. */
static void gallery(void **state)
{
	struct forged_fault fault;
	size_t              good = 0, bad = 0;

	(void)state;
	for (size_t i = 0; forged_fault(i, &fault); i++) {
		AUTO(json_t)    *claims = NULL;
		struct assay_err e      = { 0 };
		bool             result;

		CLEANUP(forged_done) struct forged f;

		if (fault.ppcie || i % 3 != 0)
			continue;
		forged_make(&(struct forged_ask){ .fault = fault.name }, &f);
		if (court_take(&court, &f, &e) != ASSAY_OK)
			continue;
		court_judge(&court);
		claims = claims_of("overall", 3);
		result = json_is_true(json_object_get(claims, "x-nvidia-overall-att-result"));
		if (result != (court.verdict == ASSAY_CLASS_ACCEPTED))
			fail_msg("%s", fault.name);
		good += result;
		bad += !result;
		for (size_t k = 0; k < court.facts.devices; k++) {
			char          subject[SUBJECT_TEXT];
			AUTO(json_t) *one = claims_of(
				subject_text(court.facts.device[k].subject, subject), 3);
			const char *name;
			json_t     *v;

			if (result != json_is_true(json_object_get(one, "secboot")) &&
				court.facts.devices == 1 && result)
				fail_msg("%s: secboot", fault.name);
			json_object_foreach(one, name, v)
			{
				if (result && json_is_false(v))
					fail_msg("%s: %s is false", fault.name, name);
			}
		}
	}
	assert_true(bad > 20);
	print_message("%zu good, %zu bad\n", good, bad);
}

/* Real devices, without collateral: what is signed is claimed, what was not asked is not. */
static void real(void **state)
{
	static const struct {
		const char *report, *chain, *nonce, *of;
		const char *claim, *value;
	} rows[] = {
#define HOPPER                                                                               \
	"nvidia/raw/hopper-580.159.03.report.hex", "nvidia/raw/hopper-580.159.03.chain.pem", \
		"5bb22e377702d4e1e8215a903ba094826b9ac7f731dee1fe8102958bf2840aca", "gpu0"
#define LS10                                                                        \
	"nvidia/raw/ls10-96.10.55.00.01.report.hex",                                \
		"nvidia/raw/ls10-96.10.55.00.01.chain.pem",                         \
		"931d8dd0add203ac3d8b4fbde75e115278eefcdceac5b87671a748f32364dfcb", \
		"nvswitch0"
		{ HOPPER, "ueid", "\"509096176156678437554566035365892618958504054724\"" },
		{ HOPPER, "hwmodel", "\"GH100 A01 GSP BROM\"" },
		{ HOPPER, G "driver-version", "\"580.159.03\"" },
		{ HOPPER, G "vbios-version", "\"96.00.74.00.20\"" },
		{ HOPPER, G "attestation-report-nonce-match", "true" },
		{ HOPPER, G "attestation-report-signature-verified", "true" },
		{ HOPPER, G "attestation-report-cert-chain-fwid-match", "true" },
		{ HOPPER, G "driver-rim-fetched", "false" },
		{ HOPPER, G "driver-rim-signature-verified", "null" },
		{ HOPPER, G "driver-rim-cert-chain", "null" },
		{ HOPPER, "measres", "\"absent\"" },
		{ HOPPER, "secboot", "null" },
		{ HOPPER, "x-assay-anchors", "\"pinned\"" },
		{ HOPPER, "x-nvidia-attestation-warning", "null" },
		{ LS10, "ueid", "\"694931143880983876767046803400974855445978836716\"" },
		{ LS10, "hwmodel", "\"LS_10 A01 FSP BROM\"" },
		{ LS10, "x-nvidia-switch-bios-version", "\"96.10.55.00.01\"" },
		{ LS10, "x-nvidia-switch-pdi", "\"203EB31AD9ED0008\"" },
		{ LS10, "x-nvidia-switch-attestation-report-cert-chain-fwid-match", "null" },
		{ LS10, "oemid", "null" },
	};

	(void)state;
	court_close(&court);
	court_open(&court);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(json_t) *claims = NULL, *want = NULL;
		char         *text;

		print_message("%s: %s\n", rows[i].of, rows[i].claim);
		court_empty(&court);
		court_interop(&court, rows[i].report, rows[i].chain);
		court_nonce(&court, rows[i].nonce);
		court_judge(&court);
		claims = claims_of(rows[i].of, 3);
		want   = json_loads(rows[i].value, JSON_DECODE_ANY, NULL);
		text   = json_dumps(json_object_get(claims, rows[i].claim), JSON_ENCODE_ANY);
		if (!fits(want, json_object_get(claims, rows[i].claim)))
			fail_msg("%s", text == NULL ? "absent" : text);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(goldens),
		cmocka_unit_test(records),
		cmocka_unit_test(wiring),
		cmocka_unit_test(looked_into),
		cmocka_unit_test(gallery),
		cmocka_unit_test(real),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
