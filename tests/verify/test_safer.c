/* SPDX-License-Identifier: Apache-2.0
 *
 * "How to be safer than the references": a row for each item of nvidia-evidence 8.3, and every fault that the forge can
 * make, refused by the finding and with the exit status that its row names. */
#include "base/hex.h"
#include "base/utc.h"
#include "verify/codes.h"
#include "verify/court.h"

/* What nothing in the core does, so that nothing of it can be wrong: the weakness is in code of another floor. */
#define ELSEWHERE NULL

static const struct {
	unsigned           item;
	const char        *weakness; /* of the references */
	const char        *fault;
	bool               blackwell;
	const char        *id;
	enum assay_outcome outcome;
	enum assay_code    code;
	int                exit;
} items[] = {
	{ 1, "RIM key from KeyInfo: an attacker's KeyValue beside genuine certificates",
		"rim-key-value", false, "gpu.rim.driver.structure", ASSAY_OUTCOME_FAIL,
		ASSAY_RIM_STRUCTURE, 6 },
	{ 1, "re-signed under another algorithm", "rim-rsa", false, "gpu.rim.driver.structure",
		ASSAY_OUTCOME_FAIL, ASSAY_RIM_STRUCTURE, 6 },
	{ 1, "signed by a key that the chain does not certify", "rim-other-key", false,
		"gpu.rim.driver.signature", ASSAY_OUTCOME_FAIL, ASSAY_RIM_SIGNATURE, 1 },
	{ 2, "certificates gathered from anywhere", "rim-certs-outside", false,
		"gpu.rim.driver.structure", ASSAY_OUTCOME_FAIL, ASSAY_RIM_STRUCTURE, 6 },
	{ 3, "wrapped in another document", "rim-wrapped", false, "gpu.rim.driver.structure",
		ASSAY_OUTCOME_FAIL, ASSAY_RIM_STRUCTURE, 6 },
	{ 3, "two signatures", "rim-signature-twice", false, "gpu.rim.driver.structure",
		ASSAY_OUTCOME_FAIL, ASSAY_RIM_STRUCTURE, 6 },
	{ 3, "a second Meta", "rim-meta-twice", false, "gpu.rim.driver.structure",
		ASSAY_OUTCOME_FAIL, ASSAY_RIM_STRUCTURE, 6 },
	{ 4, "a Reference that is not the document", "rim-reference", false,
		"gpu.rim.driver.structure", ASSAY_OUTCOME_FAIL, ASSAY_RIM_STRUCTURE, 6 },
	{ 4, "another transform", "rim-transform", false, "gpu.rim.driver.structure",
		ASSAY_OUTCOME_FAIL, ASSAY_RIM_STRUCTURE, 6 },
	{ 5, "an OCSP status used although its signature fails", "ocsp-signature", false,
		"gpu.chain.revocation", ASSAY_OUTCOME_FAIL, ASSAY_OCSP_SIGNATURE, 1 },
	{ 5, "an answer not matched to its request", "ocsp-other-serial", false,
		"gpu.chain.revocation", ASSAY_OUTCOME_FAIL, ASSAY_OCSP_MATCH, 1 },
	{ 5, "an answer to another nonce", "ocsp-nonce", false, "gpu.chain.revocation",
		ASSAY_OUTCOME_FAIL, ASSAY_OCSP_NONCE, 1 },
	{ 5, "a signer without the usage", "ocsp-signer-no-eku", false, "gpu.chain.revocation",
		ASSAY_OUTCOME_FAIL, ASSAY_OCSP_SIGNER, 1 },
	{ 5, "the subject vouches for itself", "ocsp-signer-subject", false,
		"gpu.chain.revocation", ASSAY_OUTCOME_FAIL, ASSAY_OCSP_SIGNER, 1 },
	{ 5, "an answer out of date", "ocsp-stale", false, "gpu.chain.revocation",
		ASSAY_OUTCOME_UNKNOWN, ASSAY_OCSP_STALE, 3 },
	{ 6, "success although revoked", "ocsp-revoked", false, "gpu.chain.revocation",
		ASSAY_OUTCOME_FAIL, ASSAY_OCSP_REVOKED, 1 },
	{ 6, "success although expired", "chain-expired", false, "gpu.chain.path",
		ASSAY_OUTCOME_FAIL, ASSAY_CERT_EXPIRED, 1 },
	{ 6, "success although another firmware runs", "measurement-driver", false,
		"gpu.measurements", ASSAY_OUTCOME_FAIL, ASSAY_MEASUREMENT_MISMATCH, 1 },
	{ 7, "success with nothing compared", "rim-no-values", false,
		"gpu.rim.driver.structure", ASSAY_OUTCOME_FAIL, ASSAY_RIM_EMPTY, 1 },
	{ 8, "a chain without its root", "chain-no-root", false, "gpu.chain.path",
		ASSAY_OUTCOME_FAIL, ASSAY_CERT_COUNT, 6 },
	{ 8, "a root accepted by its position and name", "chain-root-replaced", false,
		"gpu.chain.path", ASSAY_OUTCOME_FAIL, ASSAY_CHAIN_ROOT, 1 },
	{ 9, "a document with a DTD", "rim-dtd", false, "gpu.rim.driver.structure",
		ASSAY_OUTCOME_FAIL, ASSAY_XML_DTD, 6 },
	{ 10, "the arch of the container believed", "hint-arch", false, "gpu.evidence.hints",
		ASSAY_OUTCOME_FAIL, ASSAY_REPORT_HINT, 1 },
	{ 11, "a match of firmware ids where the report has none", "fwid-absent", false,
		"gpu.report.fwid", ASSAY_OUTCOME_NOT_APPLICABLE, ASSAY_OK, 0 },
	{ 11, "the same on Blackwell", "fwid-absent-blackwell", true, "gpu.report.fwid",
		ASSAY_OUTCOME_FAIL, ASSAY_REPORT_FWID, 1 },
	{ 12, "a firmware id flag that is always true", "fwid-report", false, "gpu.report.fwid",
		ASSAY_OUTCOME_FAIL, ASSAY_REPORT_FWID, 1 },
	{ 13, "a device authority on hold let pass", "ocsp-hold", false, "gpu.chain.revocation",
		ASSAY_OUTCOME_FAIL, ASSAY_OCSP_HOLD, 1 },
	{ 14, "integers with signs", "rim-index-sign", false, "gpu.rim.driver.structure",
		ASSAY_OUTCOME_FAIL, ASSAY_RIM_STRUCTURE, 6 },
	{ 14, "an item of 65535 bytes", "opaque-size-ffff", false, "gpu.report.opaque",
		ASSAY_OUTCOME_FAIL, ASSAY_TRUNCATED, 6 },
	{ 15, "opaque types twice", "opaque-twice", false, "gpu.report.opaque",
		ASSAY_OUTCOME_FAIL, ASSAY_OPAQUE_TWICE, 6 },
	{ 15, "blocks twice", "block-twice", false, "gpu.report.parse", ASSAY_OUTCOME_FAIL,
		ASSAY_MEASUREMENT_BLOCK, 6 },
	{ 16, "a feature flag of 9 bytes shifted out of range", "feature-flag-9", false,
		"gpu.report.opaque", ASSAY_OUTCOME_FAIL, ASSAY_OPAQUE_SIZE, 6 },
	{ 16, "an empty NVDEC0 status read", "nvdec-empty", false, "gpu.report.opaque",
		ASSAY_OUTCOME_FAIL, ASSAY_OPAQUE_SIZE, 6 },
	{ 17, "a digest of another hash taken", "fwid-cert-hash", false, "gpu.report.fwid",
		ASSAY_OUTCOME_FAIL, ASSAY_CERT_PROFILE, 1 },
	{ 17, "bytes behind the extension", "fwid-cert-trailing", false, "gpu.report.fwid",
		ASSAY_OUTCOME_FAIL, ASSAY_INPUT_DER, 6 },
	{ 17, "lengths in long form", "fwid-cert-long-form", false, "gpu.report.fwid",
		ASSAY_OUTCOME_FAIL, ASSAY_INPUT_DER, 6 },
	{ 18, "the service key sent to whatever URL", ELSEWHERE },
	{ 19, "what is no XML taken for a RIM", "rim-garbage", false,
		"gpu.rim.driver.structure", ASSAY_OUTCOME_FAIL, ASSAY_XML_PARSE, 6 },
	/* 20: test_memo.c shows that what is remembered is never an answer to another request */
	{ 20, "a nonce matched in an earlier run", "ocsp-nonce-none", false,
		"gpu.chain.revocation", ASSAY_OUTCOME_PASS, ASSAY_OK, 0 },
	/* 21: assert() guards no input; a release build runs these same rows with NDEBUG */
	{ 21, "checks that vanish in a release", "cut-by-one", false, "gpu.report.parse",
		ASSAY_OUTCOME_FAIL, ASSAY_TRUNCATED, 6 },
	{ 22, "results signed by nobody", ELSEWHERE }, /* no token is made yet */
	{ 23, "nonces compared", "nonce-wrong", false, "gpu.report.nonce", ASSAY_OUTCOME_FAIL,
		ASSAY_REPORT_NONCE, 1 },
	/* beyond the list: names of chips count from opaque data version 1 on (2.5) */
	{ 0, "a chip's name where it has no meaning", "chip-info-0", true,
		"gpu.rim.driver.present", ASSAY_OUTCOME_PASS, ASSAY_OK, 0 },
	{ 0, "a chip's name where it has", "chip-info-1", true, "gpu.rim.driver.present",
		ASSAY_OUTCOME_UNKNOWN, ASSAY_RIM_MISSING, 3 },
	{ 0, "a chip without a name, where that names a RIM", "chip-info-empty", true,
		"gpu.report.versions", ASSAY_OUTCOME_FAIL, ASSAY_OPAQUE_TEXT, 6 },
	/* nor may more be asked of fields than 8.2 item 7 does */
	{ 0, "a chip without a name, where that names none", "chip-info-empty", false,
		"gpu.report.versions", ASSAY_OUTCOME_PASS, ASSAY_OK, 0 },
	{ 0, "no extend counts in the field for them", "counts-empty", false,
		"gpu.measurements.counts", ASSAY_OUTCOME_NOT_APPLICABLE, ASSAY_OK, 0 },
	{ 0, "nothing in a field that nobody reads", "info-empty", false, "gpu.report.opaque",
		ASSAY_OUTCOME_PASS, ASSAY_OK, 0 },
};

static void items_of_8_3(void **state)
{
	unsigned seen = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(items); i++) {
		const struct forged_ask ask = {
			.fault     = items[i].fault,
			.blackwell = items[i].blackwell,
		};

		print_message("%u: %s\n", items[i].item, items[i].weakness);
		assert_true(items[i].item == 0 || items[i].item - seen <= 1);
		seen = items[i].item == 0 ? seen : items[i].item;
		if (items[i].fault == ELSEWHERE)
			continue;
		court_forge(&court, &ask);
		court_judge(&court);
		court_expect(&court, items[i].id, "gpu0", items[i].outcome, items[i].code);
		assert_int_equal(assay_class_exit(court.verdict), items[i].exit);
	}
	assert_int_equal(seen, 23);
}

/* 3.5: two extensions contradict each other, whether or not the report has a firmware id to compare. */
static void extensions_without_field(void **state)
{
	static const char *const more[] = { "fwid-cert-both", "fwid-cert-twice" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(more); i++) {
		print_message("%s\n", more[i]);
		court_forge(&court,
			&(struct forged_ask){ .fault = "fwid-absent", .also = more[i] });
		court_judge(&court);
		court_expect(&court, "gpu.report.fwid", "gpu0", ASSAY_OUTCOME_FAIL,
			ASSAY_REPORT_FWID);
		assert_int_equal(court.verdict, ASSAY_CLASS_REJECTED);
	}
	court_forge(&court,
		&(struct forged_ask){ .fault = "fwid-absent", .also = "fwid-cert-none" });
	court_judge(&court);
	court_expect(&court, "gpu.report.fwid", "gpu0", ASSAY_OUTCOME_NOT_APPLICABLE, ASSAY_OK);
}

/* 8.3 item 10: what a container says beside the report never stands in for what is signed. */
static void container_nonce(void **state)
{
	CLEANUP(forged_done) struct forged f;
	uint8_t                            other[NONCE_SIZE] = { 7 };
	char                               old[128], new[128];

	(void)state;
	forged_make(&(struct forged_ask){ 0 }, &f);
	court_forged(&court, &f);
	court_judge(&court);
	assert_int_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
	/* the bundle says another nonce than the report, and the caller believes it */
	snprintf(old, sizeof(old), "\"nonce\": \"%s\"", HEX(BYTES_OF(court.nonce)));
	snprintf(new, sizeof(new), "\"nonce\": \"%s\"", HEX(BYTES_OF(other)));
	test_edit(&f.bundle, old, new);
	court_forged(&court, &f);
	court_judge(&court);
	court_expect(
		&court, "gpu.report.nonce", "gpu0", ASSAY_OUTCOME_FAIL, ASSAY_REPORT_NONCE);
	/* nobody gave one: what the bundle says does not count */
	court_nonce(&court, NULL);
	court_judge(&court);
	court_expect(&court, "gpu.report.nonce", "gpu0", ASSAY_OUTCOME_UNKNOWN,
		ASSAY_REPORT_FRESHNESS);
	assert_int_equal(court.verdict, ASSAY_CLASS_UNDECIDED);
}

#define DRIVER "gpu.rim.driver.revocation"
#define VBIOS  "gpu.rim.vbios.revocation"
#define WAIVER                                                                      \
	"{\"check\":\"%s\",\"code\":\"OCSP_HOLD\",\"detail\":{\"certificate\":%s}," \
	"\"reason\":\"x\",\"expires\":\"2027-01-01\"}"

/* 8.3 item 13: hold can be waived for a RIM's signer, for certificates 0 and 1, by name; for a device never. Both RIMs
 * have one signer here. */
static void holds(void **state)
{
	static const struct {
		const char     *check, *other, *certificate, *fault;
		enum assay_code code; /* of the policy */
		int             exit;
	} waivers[] = {
		{ DRIVER, VBIOS, "0", "ocsp-rim-hold", ASSAY_OK, 0 },
		{ DRIVER, DRIVER, "0", "ocsp-rim-hold", ASSAY_OK, 1 },
		{ DRIVER, VBIOS, "1", "ocsp-rim-hold", ASSAY_OK, 1 },
		{ DRIVER, VBIOS, "2", "ocsp-rim-hold", ASSAY_POLICY_FIELD, 0 },
		{ DRIVER, "gpu.chain.revocation", "1", "ocsp-hold", ASSAY_POLICY_FIELD, 0 },
		{ DRIVER, "nvswitch.chain.revocation", "1", "ocsp-hold", ASSAY_POLICY_FIELD,
			0 },
		{ DRIVER, VBIOS, "1", "ocsp-hold", ASSAY_OK, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(waivers); i++) {
		char             text[1024];
		struct assay_err e = { 0 };
		enum assay_code  code;

		print_message("%s, certificate %s\n", waivers[i].other, waivers[i].certificate);
		snprintf(text, sizeof(text),
			"{\"schema\":\"assay.policy/1\",\"waivers\":[" WAIVER "," WAIVER "]}",
			waivers[i].check, waivers[i].certificate, waivers[i].other,
			waivers[i].certificate);
		court_forge(&court, &(struct forged_ask){ .fault = waivers[i].fault });
		court.policy = text;
		code         = court_try(&court, &e);
		court.policy = NULL;
		assert_int_equal(code, waivers[i].code);
		if (code == ASSAY_OK)
			assert_int_equal(assay_class_exit(court.verdict), waivers[i].exit);
	}
}

/* Age is waived, and nothing else with it: what was on hold or unknown when it was last heard of is so still. */
static void old_answers(void **state)
{
	static const struct {
		const char     *fault;
		enum assay_code code;
		int             exit;
	} rows[] = {
		{ NULL, ASSAY_OCSP_STALE, 0 },
		{ "ocsp-hold", ASSAY_OCSP_HOLD, 1 },
		{ "ocsp-unknown", ASSAY_OCSP_UNKNOWN, 1 },
		{ "ocsp-revoked", ASSAY_OCSP_REVOKED, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		court_forge(&court,
			&(struct forged_ask){ .fault = "ocsp-stale", .also = rows[i].fault });
		court.policy =
			"{\"schema\":\"assay.policy/1\",\"waivers\":[{\"check\":"
			"\"gpu.chain.revocation\",\"code\":\"OCSP_STALE\",\"reason\":\"x\","
			"\"expires\":\"2027-01-01\"}]}";
		court_judge(&court);
		court.policy = NULL;
		court_expect(&court, "gpu.chain.revocation", "gpu0",
			rows[i].exit == 0 ? ASSAY_OUTCOME_WAIVED : ASSAY_OUTCOME_FAIL,
			rows[i].code);
		assert_int_equal(assay_class_exit(court.verdict), rows[i].exit);
		assert_int_equal(court.facts.wants, rows[i].code != ASSAY_OCSP_REVOKED);
	}
}

#define EXPIRED                                                          \
	"{\"check\":\"gpu.rim.driver.chain\",\"code\":\"CERT_EXPIRED\"," \
	"\"reason\":\"x\",\"expires\":\"2027-01-01\"}"
#define MISSING                                                                   \
	"{\"check\":\"" DRIVER "\",\"reason\":\"x\",\"expires\":\"2027-01-01\"}," \
	"{\"check\":\"" VBIOS "\",\"reason\":\"x\",\"expires\":\"2027-01-01\"}"

/* An expired signer may be waived where its responder still answers well, and not together with the answer. */
static void expired_signers(void **state)
{
	size_t without = 0;

	(void)state;
	court_forge(&court, &(struct forged_ask){ .fault = "rim-signer-expired" });
	court.policy = "{\"schema\":\"assay.policy/1\",\"waivers\":[" EXPIRED "," MISSING "]}";
	court_judge(&court);
	court_expect(&court, "gpu.rim.driver.chain", "gpu0", ASSAY_OUTCOME_WAIVED,
		ASSAY_CERT_EXPIRED);
	assert_int_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
	for (size_t i = 0; i < court.ev.collaterals; i++) {
		const struct collateral piece = court.ev.collateral[i];

		court.ev.collateral[i].want = BYTES("ocsp:another");
		court_judge(&court);
		if (court_finding(&court, DRIVER, "gpu0")->code == ASSAY_OCSP_MISSING) {
			without++;
			court_expect(&court, DRIVER, "gpu0", ASSAY_OUTCOME_WAIVED,
				ASSAY_OCSP_MISSING);
			court_expect(&court, "gpu.rim.driver.chain", "gpu0", ASSAY_OUTCOME_FAIL,
				ASSAY_CERT_EXPIRED);
			assert_int_equal(court.verdict, ASSAY_CLASS_REJECTED);
		}
		court.ev.collateral[i] = piece;
	}
	assert_int_equal(without, 3); /* signer and two authorities */
	court.policy = NULL;
}

/* A year later the authority above the signer has expired, too: that is not what is waived. */
static void expired_authority(void **state)
{
	(void)state;
	court_forge(&court, &(struct forged_ask){ .fault = "rim-signer-expired" });
	court_at(&court, "2060-01-01");
	court.policy = "{\"schema\":\"assay.policy/1\",\"waivers\":[{\"check\":"
		       "\"gpu.rim.driver.chain\",\"code\":\"CERT_EXPIRED\",\"reason\":\"x\","
		       "\"expires\":\"2061-01-01\"}]}";
	court_judge(&court);
	court.policy = NULL;
	court_expect(
		&court, "gpu.rim.driver.chain", "gpu0", ASSAY_OUTCOME_FAIL, ASSAY_CERT_EXPIRED);
	assert_false(court.facts.device[0].rim[0].expired_signer);
}

/* An expired signer that was none is none all the same: or a waiver for expired ones would let it in. */
static void expired_strangers(void **state)
{
	static const char *const times[] = { "2060-01-01T00:00:00Z", "2024-06-01T00:00:00Z" };

	(void)state;
	court_forge(&court, &(struct forged_ask){ .fault = "rim-signer-responder" });
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		court_at(&court, times[i]);
		court_judge(&court);
		court_expect(&court, "gpu.rim.driver.chain", "gpu0", ASSAY_OUTCOME_FAIL,
			ASSAY_CERT_PROFILE);
	}
}

/* A verdict that rests on a waiver is good for no longer than the waiver. */
static void waiver_ends(void **state)
{
	static const struct {
		const char *expires, *until;
	} rows[] = {
		{ "2027-01-01T00:00:00Z", "2026-06-01T23:00:00Z" }, /* the answers' end */
		{ "2026-06-01T12:00:00Z", "2026-06-01T12:00:00Z" },
		{ "2026-06-01T00:00:00Z", "2026-06-01T00:00:00Z" },
	};

	(void)state;
	court_forge(&court, &(struct forged_ask){ .fault = "ocsp-absent" });
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[512];

		snprintf(text, sizeof(text),
			"{\"schema\":\"assay.policy/1\",\"waivers\":[{\"check\":"
			"\"gpu.chain.revocation\",\"reason\":\"x\",\"expires\":\"%s\"}]}",
			rows[i].expires);
		court.policy = text;
		court_judge(&court);
		court.policy = NULL;
		assert_int_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
		assert_string_equal(UTC(court.facts.valid_until), rows[i].until);
	}
}

/* The answer about certificate 1 of the device, as a node with that fault has it. */
static void take_answer(const char *fault, struct buf *out)
{
	const struct collateral *col;

	court_forge(&court, &(struct forged_ask){ .fault = fault });
	col = &court.ev.collateral[0]; /* the forge begins with it */
	assert_memory_equal(col->want.p, "ocsp:", 5);
	buf_put(out, col->body.p, col->body.n);
}

/* Several answers for one certificate: whoever made the bundle does not choose. */
static void several_answers(void **state)
{
	static const struct {
		const char     *bundle, *file;
		enum assay_code code;
	} rows[] = {
		{ NULL, "ocsp-revoked", ASSAY_OCSP_REVOKED },
		{ "ocsp-revoked", NULL, ASSAY_OCSP_REVOKED },
		{ "ocsp-revoked", "ocsp-no-end", ASSAY_OCSP_REVOKED },
		{ "ocsp-stale", NULL, ASSAY_OK },
		{ NULL, "ocsp-stale", ASSAY_OK },
		{ "ocsp-unauthorized", NULL, ASSAY_OK },
		{ "ocsp-garbage", NULL, ASSAY_OK },
		{ "ocsp-absent", NULL, ASSAY_OK },
		{ "ocsp-absent", "ocsp-stale", ASSAY_OCSP_STALE },
		{ "ocsp-unauthorized", "ocsp-unauthorized", ASSAY_OCSP_ERROR },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf file = { 0 };
		struct assay_err             e    = { 0 };

		print_message("%zu\n", i);
		take_answer(rows[i].file, &file);
		court_forge(&court, &(struct forged_ask){ .fault = rows[i].bundle });
		assert_int_equal(evidence_add_collateral(&court.ev, NULL, "file",
					 (struct bytes){ 0 }, buf_bytes(&file), &e),
			ASSAY_OK);
		court_judge(&court);
		court_expect(&court, "gpu.chain.revocation", "gpu0",
			rows[i].code == ASSAY_OK ? ASSAY_OUTCOME_PASS
				: assay_class(rows[i].code) == ASSAY_CLASS_REJECTED
				? ASSAY_OUTCOME_FAIL
				: ASSAY_OUTCOME_UNKNOWN,
			rows[i].code);
	}
}

/* A VBIOS RIM does not say which board it is for: a file that is named for another one is not taken, whatever it holds. */
static void other_board(void **state)
{
	static const struct {
		const char *name;
		bool        taken;
	} rows[] = {
		{ "some.xml", true },
		{ "NV_GPU_VBIOS_1010_0205_862_9600740020.xml", true },
		{ "nv_gpu_vbios_1010_0205_862_9600740020_copy.xml", true },
		{ "NV_GPU_VBIOS_1010_0200_862_9600740020.xml", false },
		{ "NV_GPU_VBIOS_1010_0205_862.xml", false },
		{ "1010_0205_862_9600740020_PROD.swidtag", true },
		{ "1010_0200_862_9600740020_PROD.swidtag", false },
		{ "_PROD.swidtag", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct collateral *col;

		print_message("%s\n", rows[i].name);
		court_forge(&court, &(struct forged_ask){ 0 });
		for (col = court.ev.collateral;
			!bytes_begin(col->want, BYTES("rim:NV_GPU_VBIOS_")); col++)
			assert_true(col < court.ev.collateral + court.ev.collaterals);
		col->want = (struct bytes){ 0 };
		col->name = bytes_text(rows[i].name);
		court_judge(&court);
		assert_int_equal(court.verdict,
			rows[i].taken ? ASSAY_CLASS_ACCEPTED : ASSAY_CLASS_UNDECIDED);
		court_expect(&court, "gpu.rim.vbios.present", "gpu0",
			rows[i].taken ? ASSAY_OUTCOME_PASS : ASSAY_OUTCOME_UNKNOWN,
			rows[i].taken ? ASSAY_OK : ASSAY_RIM_MISSING);
	}
}

/* A RIM that the reader brings under its name is judged, not the one that was bundled. */
static void own_rim(void **state)
{
	static const struct {
		const char        *name;
		enum assay_outcome outcome;
		enum assay_code    code;
	} rows[] = {
		{ "NV_GPU_DRIVER_GH100_580.159.03.xml", ASSAY_OUTCOME_FAIL,
			ASSAY_RIM_STRUCTURE },
		{ "NV_GPU_DRIVER_GH100_580.159.04.xml", ASSAY_OUTCOME_PASS, ASSAY_OK },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct assay_err e = { 0 };

		court_forge(&court, &(struct forged_ask){ 0 });
		assert_int_equal(evidence_add_collateral(&court.ev, NULL, rows[i].name,
					 (struct bytes){ 0 }, BYTES("<a/>"), &e),
			ASSAY_OK);
		court_judge(&court);
		court_expect(&court, "gpu.rim.driver.structure", "gpu0", rows[i].outcome,
			rows[i].code);
	}
}

/* Is there a finding of that id, of any subject, that a reader would take for what is wrong, for the reason that is due? */
static bool noticed(const struct forged_fault *row)
{
	const enum assay_code due    = codes_due(row->name);
	bool                  warned = false;

	for (size_t i = 0; i < court.facts.findings.n; i++) {
		const struct finding *f = &court.facts.findings.list[i];

		if (strcmp(check_row(f->check)->id, row->finding) != 0)
			continue;
		if (f->outcome == ASSAY_OUTCOME_FAIL || f->outcome == ASSAY_OUTCOME_UNKNOWN)
			return row->exit != 0 && f->code == due;
		warned = warned || f->code == due;
	}
	return row->exit == 0 && warned;
}

static bool refused_as_it_should(const struct forged_fault *row, const struct forged *f)
{
	struct assay_err e = { 0 };

	if (court_take(&court, f, &e) != ASSAY_OK)
		return strcmp(row->finding, "node.evidence.parse") == 0 &&
			e.code == codes_due(row->name);
	return court_same_alone(&court) && assay_class_exit(court.verdict) == row->exit &&
		(row->finding[0] == 0 || noticed(row));
}

/* What good nodes under the same anchors leave behind. */
static void remember(bool ppcie)
{
	court_forge(&court, &(struct forged_ask){ .ppcie = ppcie });
	court_judge(&court);
	assert_int_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
}

/* In one row, beside good nodes, with a memo that sees them all. */
static void every_fault(void **state)
{
	struct forged_fault row;
	size_t              wrong = 0, i;
	struct assay_err    e     = { 0 };

	(void)state;
	assert_int_equal(memo_new(&court.memo, &e), ASSAY_OK);
	remember(false);
	remember(true);
	for (i = 0; forged_fault(i, &row); i++) {
		CLEANUP(forged_done) struct forged f;

		forged_make(&(struct forged_ask){ .fault = row.name, .ppcie = row.ppcie }, &f);
		if (refused_as_it_should(&row, &f))
			continue;
		wrong++;
		print_message("%s (%s): wanted %s, exit %d\n", row.name, row.attack,
			row.finding, row.exit);
		court_print(&court);
	}
	print_message("%zu faults\n", i);
	assert_true(i > 150);
	assert_int_equal(wrong, 0);
	remember(false);
	remember(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_of_8_3),
		cmocka_unit_test(extensions_without_field),
		cmocka_unit_test(container_nonce),
		cmocka_unit_test(holds),
		cmocka_unit_test(waiver_ends),
		cmocka_unit_test(several_answers),
		cmocka_unit_test(own_rim),
		cmocka_unit_test(other_board),
		cmocka_unit_test(old_answers),
		cmocka_unit_test(expired_signers),
		cmocka_unit_test(expired_authority),
		cmocka_unit_test(expired_strangers),
		cmocka_unit_test(every_fault),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
