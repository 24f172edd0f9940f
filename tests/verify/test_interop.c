/* SPDX-License-Identifier: Apache-2.0
 *
 * Real evidence: every row of nvidia-evidence chapter 9 whose file is in $ASSAY_INTEROP. */
#include <openssl/bn.h>
#include <openssl/x509v3.h>

#include "base/hex.h"
#include "base/utc.h"
#include "crypto/chain.h"
#include "format/dice.h"
#include "verify/court.h"

#define RAW      "nvidia/raw/"
#define EVIDENCE "nvidia/evidence/"
#define RIMS     "nvidia/rims/"

#define NONCE_580 "5bb22e377702d4e1e8215a903ba094826b9ac7f731dee1fe8102958bf2840aca"
#define NONCE_535 "27a328247bf7935c993341cf587be6f05986ccce4fe7ba2c54100bd616a58f66"
#define NONCE_931 "931d8dd0add203ac3d8b4fbde75e115278eefcdceac5b87671a748f32364dfcb"
#define NONCE_E97 "e97b23a1718095a0e9e35edca810768c70a6a5a389b705e753b197912bc11576"

/* --- 9.1 and 9.4: the devices --- */

static const struct device_row {
	const char        *name; /* of the files in raw/ */
	const char        *subject, *nonce;
	enum device_family family;
	size_t             pem, der[5];
	const char        *leaf_serial, *ik_serial, *pdi, *fwid, *ueid, *san;
	bool               fwid_there; /* in the report too, and equal */
	const char        *not_before[5];
	const char        *ica_serial, *ca_serial;
	const char        *sha256; /* of the report */
	const char        *rim[2];
} rows[] = {
	{ "hopper-580.159.03", "gpu0", NONCE_580, FAMILY_HOPPER, 4827,
		{ 896, 595, 686, 654, 527 }, "592ca97dbe569cf105a2af7787c854b504ddcfc4",
		"41E23D711E1C4FBFAC", "e23d711e1c4fbfac", "f1ae7d0093a3",
		"509096176156678437554566035365892618958504054724",
		"NVIDIA:GH100:48B02D51C9C1070B", true,
		{ "2020-10-17", "2020-10-17", "2022-03-01", "2022-01-12", "2021-11-05" },
		"6afe7184f92232c8df7b242261776e56", "4c255ede3bd001bf3f4a3b605fca898a",
		"daf8ea2aa9adeb64d3e95fdb1adc1e7d35f27224562fb176cc04895f864b6f8c",
		{ "NV_GPU_DRIVER_GH100_580.159.03", "NV_GPU_VBIOS_1010_0205_862_9600740020" } },
	{ "hopper-535.86.09", "gpu0", NONCE_535, FAMILY_HOPPER, 4826,
		{ 895, 597, 686, 654, 527 }, "455472bb690155accc29161a19c7fe6144a8ed92",
		"416A5FAFCBD9FA5CA3", "6a5fafcbd9fa5ca3", "faa77bfbd8678d4817df3ce9",
		"395803620356496203949105887342232667833655422354", "NVIDIA:GH100:", false,
		{ "2020-10-17", "2020-10-17", "2022-03-01", "2022-01-12", "2021-11-05" },
		"6afe7184f92232c8df7b242261776e56", "4c255ede3bd001bf3f4a3b605fca898a",
		"30cddcd0b0cd5925dbf0166c0af63e3813845a1e32a13da6c515b712e0c94283",
		{ "NV_GPU_DRIVER_GH100_535.86.09", "NV_GPU_VBIOS_1010_0200_882_96005E0001" } },
	{ "blackwell-575.32", "gpu0", NONCE_931, FAMILY_BLACKWELL, 4902,
		{ 888, 660, 690, 654, 527 }, "530d7c3cbc31b7645ccfc78b123963978e709059",
		"41E6DE55C3BDC14277", "e6de55c3bdc14277", "d090cab1b6e6",
		"474146966256510137525212816567191319424869109849",
		"NVIDIA:GB100:48B02DD4C0CB1539", true,
		{ "2023-06-20", "2023-06-20", "2023-06-20", "2023-01-01", "2021-11-05" },
		"5d805fc202cebc27204640fc202f8185", "57b71e0ce556030a36a4e52b4ca95f1e",
		"5fec340fd11c818ef1418c77992878a3e8354c7cf453579705b1ba018a9a6a99",
		{ "NV_GPU_CC_DRIVER_GB100_575.32", "NV_GPU_VBIOS_G525_0220_886_970088000F" } },
	{ "ls10-96.10.55.00.01", "nvswitch0", NONCE_931, FAMILY_LS10, 4825,
		{ 896, 597, 685, 654, 527 }, "79b9ca4c9b3e25c1015f3ddbfa80ace2d70c6eec",
		"50203EB31AD9ED0008", "203eb31ad9ed0008", "2ea9f30a114c20a12b06520f",
		"694931143880983876767046803400974855445978836716",
		"NVIDIA:LS_10:48B02DFE0092CDDB", false,
		{ "2020-10-17", "2020-10-17", "2022-03-01", "2022-01-12", "2021-11-05" },
		"7227485cc838298675cbba28173e6052", "4c255ede3bd001bf3f4a3b605fca898a",
		"352fc991e8d201f452a6fb571b4db2bc26dbd1f5241ac62934e36ee654cf5dc4",
		{ "NV_SWITCH_BIOS_5612_0002_890_9610550001", NULL } },
};

static const char *path_of(char out[128], const char *name, const char *end)
{
	snprintf(out, 128, RAW "%s.%s", name, end);
	return out;
}

static void put_raw(const char *name)
{
	char report[128], chain[128];

	court_empty(&court);
	court_interop(
		&court, path_of(report, name, "report.hex"), path_of(chain, name, "chain.pem"));
}

static void begins(struct bytes got, const char *hex)
{
	assert_memory_equal(HEX(got), hex, strlen(hex));
}

/* The firmware id in the leaf, read as the family has it. */
static void check_leaf_fwid(const struct device_row *row, const X509 *leaf)
{
	bool             tcb = row->family == FAMILY_BLACKWELL;
	size_t           times;
	struct bytes     value;
	struct dice      dice;
	struct assay_err e = { 0 };

	value = cert_extension(leaf, tcb ? DICE_OID_TCB_INFO : DICE_OID_COMPOSITE, &times);
	assert_int_equal(times, 1);
	assert_int_equal(value.n, tcb ? 180 : 189);
	assert_int_equal(
		dice_fwid(value, tcb ? DICE_TCB_INFO : DICE_COMPOSITE, &dice, &e), ASSAY_OK);
	begins(dice.digest, row->fwid);
}

static void check_certificates(const struct device_row *row, const struct device *d)
{
	struct bytes san = cert_other_name(d->chain.cert[0], "1.3.6.1.4.1.412.274.1");

	assert_int_equal(d->chain.n, 5);
	assert_memory_equal(san.p, row->san, strlen(row->san));
	begins(cert_serial(d->chain.cert[0]), row->leaf_serial);
	assert_true(bytes_equal(
		cert_subject(d->chain.cert[1], NID_serialNumber), bytes_text(row->ik_serial)));
	begins(cert_serial(d->chain.cert[2]), row->ica_serial);
	begins(cert_serial(d->chain.cert[3]), row->ca_serial);
	begins(cert_serial(d->chain.cert[4]), "2d3670b1ca100411c1fec0e82a065b54");
	for (size_t i = 0; i < 5; i++) {
		int64_t          from, to;
		struct assay_err e = { 0 };

		assert_int_equal(i2d_X509(d->chain.cert[i], NULL), row->der[i]);
		assert_int_equal(cert_validity(d->chain.cert[i], &from, &to, &e), ASSAY_OK);
		assert_memory_equal(UTC(from), row->not_before[i], 10);
		assert_int_equal(to, UTC_MAX);
	}
	check_leaf_fwid(row, d->chain.cert[0]);
}

static void check_sha256(struct bytes in, const char *want)
{
	uint8_t sum[32];

	assert_int_equal(EVP_Digest(in.p, in.n, sum, NULL, court.crypto.sha256, NULL), 1);
	assert_string_equal(HEX(BYTES_OF(sum)), want);
}

static void device_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct device_row *row = &rows[i];
		const struct device     *d;
		bool                     gpu = row->family != FAMILY_LS10;
		const char *fwid             = gpu ? "gpu.report.fwid" : "nvswitch.report.fwid";

		print_message("%s\n", row->name);
		put_raw(row->name);
		court_nonce(&court, row->nonce);
		court_at(&court, "2026-06-01");
		court_judge(&court);
		assert_int_equal(court.verdict, ASSAY_CLASS_UNDECIDED);
		d = &court.facts.device[0];
		assert_int_equal(d->family, row->family);
		assert_int_equal(d->evidence->chain.n, row->pem);
		check_sha256(d->evidence->report, row->sha256);
		check_certificates(row, d);
		assert_string_equal(d->ueid, row->ueid);
		begins(BYTES_OF(d->pdi), row->pdi);
		for (size_t k = 0; k < 2 && row->rim[k] != NULL; k++) {
			assert_true(k < d->rims);
			assert_string_equal(d->rim[k].id, row->rim[k]);
		}
		if (row->fwid_there)
			court_holds(&court, fwid, row->subject);
		else
			court_expect(&court, fwid, row->subject, ASSAY_OUTCOME_NOT_APPLICABLE,
				ASSAY_OK);
		for (size_t k = 0; k < 5; k++) {
			static const char *const parts[] = { "chain.path", "chain.profile",
				"report.signature", "report.nonce", "report.opaque" };
			char                     id[64];

			snprintf(id, sizeof(id), "%s.%s", gpu ? "gpu" : "nvswitch", parts[k]);
			court_holds(&court, id, row->subject);
		}
		if (!gpu) {
			court_holds(&court, "nvswitch.report.pdi", "nvswitch0");
			court_holds(&court, "nvswitch.report.lock", "nvswitch0");
		}
	}
}

static void nonces(void **state)
{
	(void)state;
	put_raw("hopper-580.159.03");
	court_nonce(&court, NULL);
	court_judge(&court);
	court_expect(&court, "gpu.report.nonce", "gpu0", ASSAY_OUTCOME_UNKNOWN,
		ASSAY_REPORT_FRESHNESS);
	assert_int_equal(court.verdict, ASSAY_CLASS_UNDECIDED);
	court_nonce(&court, NONCE_535);
	court_judge(&court);
	court_expect(
		&court, "gpu.report.nonce", "gpu0", ASSAY_OUTCOME_FAIL, ASSAY_REPORT_NONCE);
	assert_int_equal(court.verdict, ASSAY_CLASS_REJECTED);
	court_nonce(&court, NONCE_580);
	court_judge(&court);
	court_holds(&court, "gpu.report.nonce", "gpu0");
	assert_int_equal(court.verdict, ASSAY_CLASS_UNDECIDED);
}

/* A report under the chain of another device, and one that was altered. */
static void wrong_pairs(void **state)
{
	static const struct {
		const char     *report, *chain, *id, *subject;
		enum assay_code code;
	} pairs[] = {
		{ "hopper-580.159.03", "hopper-535.86.09", "gpu.report.signature", "gpu0",
			ASSAY_REPORT_SIGNATURE },
		{ "hopper-560.00-bad-signature", "hopper-535.86.09", "gpu.report.signature",
			"gpu0", ASSAY_REPORT_SIGNATURE },
		{ "blackwell-575.32", "hopper-580.159.03", "gpu.report.signature", "gpu0",
			ASSAY_REPORT_SIGNATURE },
		{ "hopper-580.159.03", "ls10-96.10.55.00.01", "gpu.chain.profile", "gpu0",
			ASSAY_CHAIN_FAMILY },
		{ "ls10-96.10.55.00.01", "hopper-580.159.03", "nvswitch.chain.profile",
			"nvswitch0", ASSAY_CHAIN_FAMILY },
	};

	(void)state;
	court_nonce(&court, NULL);
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		char report[128], chain[128];

		print_message("%s under %s\n", pairs[i].report, pairs[i].chain);
		court_empty(&court);
		court_interop(&court, path_of(report, pairs[i].report, "report.hex"),
			path_of(chain, pairs[i].chain, "chain.pem"));
		court_judge(&court);
		court_expect(&court, pairs[i].id, pairs[i].subject, ASSAY_OUTCOME_FAIL,
			pairs[i].code);
		assert_int_equal(court.verdict, ASSAY_CLASS_REJECTED);
		assert_true(court.facts.device[0].report_parsed);
	}
}

/* --- 9.5: RIMs --- */

#define AS_DRIVER "NV_GPU_DRIVER_GH100_535.86.09.xml"
#define AS_VBIOS  "NV_GPU_VBIOS_1010_0200_882_96005E0001.xml"
#define AS_BIOS   "NV_SWITCH_BIOS_5612_0002_890_9610550001.xml"

static const struct {
	const char        *name, *device, *rim, *as, *at;
	const char        *id, *subject; /* the finding */
	enum assay_outcome outcome;
	enum assay_code    code;
	enum assay_class   verdict;
	size_t             matched, compared;
} judged[] = {
	{ "535, VBIOS, when its signer was valid", "hopper-535.86.09", AS_VBIOS, AS_VBIOS,
		"2024-06-01", "gpu.measurements", "gpu0", ASSAY_OUTCOME_UNKNOWN,
		ASSAY_RIM_MISSING, ASSAY_CLASS_UNDECIDED, 12, 12 },
	{ "the chain then", "hopper-535.86.09", AS_VBIOS, AS_VBIOS, "2024-06-01",
		"gpu.rim.vbios.chain", "gpu0", ASSAY_OUTCOME_PASS, ASSAY_OK,
		ASSAY_CLASS_UNDECIDED, 12, 12 },
	{ "the signature then", "hopper-535.86.09", AS_VBIOS, AS_VBIOS, "2024-06-01",
		"gpu.rim.vbios.signature", "gpu0", ASSAY_OUTCOME_PASS, ASSAY_OK,
		ASSAY_CLASS_UNDECIDED, 12, 12 },
	{ "the driver RIM is missing", "hopper-535.86.09", AS_VBIOS, AS_VBIOS, "2024-06-01",
		"gpu.rim.driver.present", "gpu0", ASSAY_OUTCOME_UNKNOWN, ASSAY_RIM_MISSING,
		ASSAY_CLASS_UNDECIDED, 12, 12 },
	{ "found by its content", "hopper-535.86.09", AS_VBIOS, "some.xml", "2024-06-01",
		"gpu.rim.vbios.identity", "gpu0", ASSAY_OUTCOME_PASS, ASSAY_OK,
		ASSAY_CLASS_UNDECIDED, 12, 12 },
	{ "the last second of its signer", "hopper-535.86.09", AS_VBIOS, AS_VBIOS,
		"2025-06-22T09:30:33Z", "gpu.rim.vbios.chain", "gpu0", ASSAY_OUTCOME_PASS,
		ASSAY_OK, ASSAY_CLASS_UNDECIDED, 12, 12 },
	{ "the second behind it", "hopper-535.86.09", AS_VBIOS, AS_VBIOS,
		"2025-06-22T09:30:34Z", "gpu.rim.vbios.chain", "gpu0", ASSAY_OUTCOME_FAIL,
		ASSAY_CERT_EXPIRED, ASSAY_CLASS_REJECTED, 12, 12 },
	{ "its signer, now", "hopper-535.86.09", AS_VBIOS, AS_VBIOS, "2026-06-01",
		"gpu.rim.vbios.chain", "gpu0", ASSAY_OUTCOME_FAIL, ASSAY_CERT_EXPIRED,
		ASSAY_CLASS_REJECTED, 12, 12 },
	{ "its signer, before", "hopper-535.86.09", AS_VBIOS, AS_VBIOS, "2023-06-01",
		"gpu.rim.vbios.chain", "gpu0", ASSAY_OUTCOME_FAIL, ASSAY_CERT_NOT_YET,
		ASSAY_CLASS_REJECTED, 12, 12 },
	{ "LS10", "ls10-96.10.55.00.01", AS_BIOS, AS_BIOS, "2026-06-01",
		"nvswitch.measurements", "nvswitch0", ASSAY_OUTCOME_PASS, ASSAY_OK,
		ASSAY_CLASS_UNDECIDED, 31, 31 },
	{ "LS10, before its RIM was signed", "ls10-96.10.55.00.01", AS_BIOS, AS_BIOS,
		"2026-05-01", "nvswitch.rim.bios.chain", "nvswitch0", ASSAY_OUTCOME_FAIL,
		ASSAY_CERT_NOT_YET, ASSAY_CLASS_REJECTED, 31, 31 },
	/* the broken ones */
	{ "driver RIM with other values", "hopper-535.86.09",
		"NV_GPU_DRIVER_GH100_535.86.09_measurement_mismatch.xml", AS_DRIVER,
		"2026-06-01", "gpu.rim.driver.signature", "gpu0", ASSAY_OUTCOME_FAIL,
		ASSAY_RIM_SIGNATURE, ASSAY_CLASS_REJECTED, 0, 0 },
	{ "its values count for nothing", "hopper-535.86.09",
		"NV_GPU_DRIVER_GH100_535.86.09_measurement_mismatch.xml", AS_DRIVER,
		"2026-06-01", "gpu.measurements", "gpu0", ASSAY_OUTCOME_UNKNOWN,
		ASSAY_RIM_MISSING, ASSAY_CLASS_REJECTED, 0, 0 },
	{ "driver RIM, expired", "hopper-535.86.09",
		"NV_GPU_DRIVER_GH100_570.124.03_expired.xml", AS_DRIVER, "2026-06-01",
		"gpu.rim.driver.chain", "gpu0", ASSAY_OUTCOME_FAIL, ASSAY_CERT_EXPIRED,
		ASSAY_CLASS_REJECTED, 0, 0 },
	{ "driver RIM, expired, on its one day", "hopper-535.86.09",
		"NV_GPU_DRIVER_GH100_570.124.03_expired.xml", AS_DRIVER, "2025-01-01T12:00:00Z",
		"gpu.rim.driver.signature", "gpu0", ASSAY_OUTCOME_FAIL, ASSAY_RIM_SIGNATURE,
		ASSAY_CLASS_REJECTED, 0, 0 },
	{ "signed under another family's CA: a warning", "hopper-535.86.09",
		"NV_GPU_DRIVER_GH100_570.124.03_expired.xml", AS_DRIVER, "2025-01-01T12:00:00Z",
		"gpu.rim.driver.chain", "gpu0", ASSAY_OUTCOME_WARN, ASSAY_RIM_FAMILY,
		ASSAY_CLASS_REJECTED, 0, 0 },
	{ "driver RIM of another version", "hopper-535.86.09",
		"NV_GPU_DRIVER_GH100_550.144.03.xml", AS_DRIVER, "2026-06-01",
		"gpu.rim.driver.identity", "gpu0", ASSAY_OUTCOME_FAIL, ASSAY_RIM_IDENTITY,
		ASSAY_CLASS_REJECTED, 0, 0 },
	/* two certificates are no chain (5.5) */
	{ "driver RIM with a wrong chain", "hopper-535.86.09",
		"incorrect_cert_chain_driver_rim.xml", AS_DRIVER, "2026-06-01",
		"gpu.rim.driver.chain", "gpu0", ASSAY_OUTCOME_FAIL, ASSAY_CERT_COUNT,
		ASSAY_CLASS_MALFORMED, 0, 0 },
	{ "driver RIM with a wrong signature", "hopper-535.86.09",
		"incorrect_signature_driver_rim.xml", AS_DRIVER, "2026-06-01",
		"gpu.rim.driver.signature", "gpu0", ASSAY_OUTCOME_FAIL, ASSAY_RIM_SIGNATURE,
		ASSAY_CLASS_REJECTED, 0, 0 },
	{ "BIOS RIM with a wrong signature", "ls10-96.10.55.00.01",
		"NV_SWITCH_BIOS_5612_0002_890_9610550001_invalid_signature.xml", AS_BIOS,
		"2026-05-01", "nvswitch.rim.bios.signature", "nvswitch0", ASSAY_OUTCOME_FAIL,
		ASSAY_RIM_SIGNATURE, ASSAY_CLASS_REJECTED, 0, 0 },
	{ "a GPU's VBIOS RIM for a switch", "ls10-96.10.55.00.01",
		"NV_GPU_VBIOS_1010_0200_882_96005E0001.xml", AS_BIOS, "2024-06-01",
		"nvswitch.rim.bios.identity", "nvswitch0", ASSAY_OUTCOME_FAIL,
		ASSAY_RIM_IDENTITY, ASSAY_CLASS_REJECTED, 0, 0 },
	{ "a switch's RIM for a GPU's driver", "hopper-535.86.09", AS_BIOS, AS_DRIVER,
		"2026-06-01", "gpu.rim.driver.identity", "gpu0", ASSAY_OUTCOME_FAIL,
		ASSAY_RIM_IDENTITY, ASSAY_CLASS_REJECTED, 0, 0 },
	{ "a VBIOS RIM for a driver", "hopper-535.86.09", AS_VBIOS, AS_DRIVER, "2024-06-01",
		"gpu.rim.driver.identity", "gpu0", ASSAY_OUTCOME_FAIL, ASSAY_RIM_IDENTITY,
		ASSAY_CLASS_REJECTED, 0, 0 }, /* and not for the VBIOS: its name says another */
	{ "a VBIOS RIM of another version", "hopper-535.86.09",
		"NV_GPU_VBIOS_1010_0215_866_9600740010.xml", AS_VBIOS, "2024-06-01",
		"gpu.rim.vbios.identity", "gpu0", ASSAY_OUTCOME_FAIL, ASSAY_RIM_IDENTITY,
		ASSAY_CLASS_REJECTED, 0, 0 },
};

static void rims_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(judged); i++) {
		char path[128];

		print_message("%s\n", judged[i].name);
		put_raw(judged[i].device);
		snprintf(path, sizeof(path), RIMS "%s", judged[i].rim);
		court_collateral(&court, path, judged[i].as);
		court_nonce(&court, judged[i].device[0] == 'l' ? NONCE_931 : NONCE_535);
		court_at(&court, judged[i].at);
		court_judge(&court);
		court_expect(&court, judged[i].id, judged[i].subject, judged[i].outcome,
			judged[i].code);
		assert_int_equal(court.verdict, judged[i].verdict);
		assert_int_equal(court.facts.device[0].matched, judged[i].matched);
		assert_int_equal(court.facts.device[0].compared, judged[i].compared);
	}
}

/* Which alternative matched where. */
static void alternatives(void **state)
{
	(void)state;
	put_raw("ls10-96.10.55.00.01");
	court_collateral(&court, RIMS AS_BIOS, NULL);
	court_at(&court, "2026-06-01");
	court_judge(&court);
	for (int i = 0; i < RIM_INDICES; i++) {
		int want = i > 30                                    ? -1
			: i == 9                                     ? 1
			: i == 10 || i == 14 || (i >= 18 && i <= 25) ? 2
								     : 0;

		assert_int_equal(court.facts.device[0].chosen[i], want);
	}
	put_raw("hopper-535.86.09");
	court_collateral(&court, RIMS AS_VBIOS, NULL);
	court_at(&court, "2024-06-01");
	court_judge(&court);
	for (int i = 0; i < RIM_INDICES; i++)
		assert_int_equal(
			court.facts.device[0].chosen[i] >= 0, i <= 6 || (i >= 8 && i <= 12));
	assert_int_equal(court.facts.device[0].chosen[12], 0);
}

/* Values of RIMs whose signature does not hold are read here by hand, which verify() never does. */
static void compared_by_hand(void **state)
{
	static const struct {
		const char *rim, *device;
		size_t      active;
		const char *mismatch; /* indices */
	} by_hand[] = {
		{ "NV_GPU_DRIVER_GH100_535.86.09_measurement_mismatch.xml", "hopper-535.86.09",
			0, " 7 21 22 25 26 27 29 30 31 32 34 37 39 40 41" },
		{ AS_VBIOS, "hopper-535.86.09", 12, "" },
		{ AS_BIOS, "ls10-96.10.55.00.01", 31, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(by_hand); i++) {
		CLEANUP(buf_done) struct buf       xml = { 0 }, list = { 0 };
		CLEANUP(rim_done) struct rim       rim    = { 0 };
		CLEANUP(golden_done) struct golden golden = { 0 };
		struct assay_err                   e      = { 0 };
		char                               path[128];

		put_raw(by_hand[i].device);
		court_judge(&court);
		snprintf(path, sizeof(path), RIMS "%s", by_hand[i].rim);
		test_interop(path, &xml);
		print_message("%s\n", path);
		assert_int_equal(rim_parse(buf_bytes(&xml), &rim, &e), ASSAY_OK);
		assert_int_equal(rim_values(&rim, &golden, &e), ASSAY_OK);
		if (by_hand[i].active != 0)
			assert_int_equal(golden.active, by_hand[i].active);
		for (size_t k = 0; k < RIM_INDICES; k++) {
			const struct golden_entry *g     = &golden.entry[k];
			bool                       equal = g->alternatives == 0;

			for (size_t a = 0; a < g->alternatives; a++)
				equal |= bytes_equal((struct bytes){ g->digest + a * RIM_DIGEST,
							     RIM_DIGEST },
					court.facts.device[0].report.block[k]);
			if (!equal)
				buf_printf(&list, " %zu", k);
		}
		assert_string_equal(buf_cstr(&list), by_hand[i].mismatch);
	}
}

/* "Driver RIM 550.144.03": its active indices, their alternatives, its signer. */
static void driver_rim(void **state)
{
	CLEANUP(buf_done) struct buf       xml    = { 0 };
	CLEANUP(rim_done) struct rim       rim    = { 0 };
	CLEANUP(golden_done) struct golden golden = { 0 };
	CLEANUP(chain_done) struct chain   chain  = { 0 };
	struct assay_err                   e      = { 0 };
	int64_t                            from, to;

	(void)state;
	test_interop(RIMS "NV_GPU_DRIVER_GH100_550.144.03.xml", &xml);
	assert_int_equal(rim_parse(buf_bytes(&xml), &rim, &e), ASSAY_OK);
	assert_int_equal(rim_values(&rim, &golden, &e), ASSAY_OK);
	assert_int_equal(golden.active, 21);
	for (unsigned i = 0; i < RIM_INDICES; i++) {
		unsigned want = i == 23 || i == 24 || (i >= 32 && i <= 34) ? 2
			: i == 35                                          ? 4
			: i == 36                                          ? 3
			: i == 7 || (i >= 21 && i <= 40)                   ? 1
									   : 0;

		assert_int_equal(golden.entry[i].alternatives, want);
	}
	for (size_t i = 0; i < RIM_CERTIFICATES; i++)
		assert_int_equal(
			chain_append(&court.crypto, buf_bytes(&rim.certificate[i]), &chain, &e),
			ASSAY_OK);
	begins(cert_serial(chain.cert[0]), "5e9e59c857378c98e1b4f5baed9ba3a7bdfb5dff");
	assert_true(bytes_equal(
		cert_subject(chain.cert[0], NID_commonName), BYTES("HCC RIM L4 Signer")));
	assert_int_equal(cert_validity(chain.cert[0], &from, &to, &e), ASSAY_OK);
	assert_memory_equal(UTC(from), "2024-12-30", 10);
	assert_memory_equal(UTC(to), "2026-12-30", 10);
	assert_int_equal(cert_validity(chain.cert[1], &from, &to, &e), ASSAY_OK);
	assert_memory_equal(UTC(from), "2023-10-31", 10);
	assert_memory_equal(UTC(to), "2027-04-30", 10);
	assert_int_equal(cert_validity(chain.cert[2], &from, &to, &e), ASSAY_OK);
	assert_memory_equal(UTC(from), "2023-05-11", 10);
	assert_memory_equal(UTC(to), "2033-05-11", 10);
}

/* --- 9.6: JSON samples --- */

static const struct {
	const char        *file;
	const char        *nonce;
	size_t             gpus, switches, bytes;
	const char        *driver, *vbios, *rim; /* of the first device */
	const char        *id;                   /* a finding of the node */
	enum assay_outcome outcome;
	enum assay_code    code;
	enum assay_class   verdict;
} samples[] = {
	{ "hopper_evidence.json", NONCE_E97, 1, 0, 4274, "590.12", "96.00.A5.00.01",
		"NV_GPU_VBIOS_G520_0200_885_9600A50001", "node.topology.complete",
		ASSAY_OUTCOME_UNKNOWN, ASSAY_DEVICE_MISSING, ASSAY_CLASS_UNDECIDED },
	{ "hopper_evidence_cert_hold.json", NONCE_931, 1, 0, 4117, "570.86.10",
		"96.00.AF.00.01", "NV_GPU_VBIOS_1010_0200_882_9600AF0001",
		"node.topology.complete", ASSAY_OUTCOME_NOT_APPLICABLE, ASSAY_OK,
		ASSAY_CLASS_UNDECIDED },
	{ "multi_gpu_hopper.json", NONCE_E97, 4, 0, 4274, "590.12", "96.00.A5.00.01",
		"NV_GPU_VBIOS_G520_0200_885_9600A50001", "node.devices.distinct",
		ASSAY_OUTCOME_PASS, ASSAY_OK, ASSAY_CLASS_UNDECIDED },
	{ "switch_evidence_ls10.json", NONCE_931, 0, 1, 2168, "", "96.10.55.00.01",
		"NV_SWITCH_BIOS_5612_0002_890_9610550001", "node.topology.complete",
		ASSAY_OUTCOME_UNKNOWN, ASSAY_DEVICE_MISSING, ASSAY_CLASS_UNDECIDED },
	{ "multi_switch_ls10.json", NONCE_931, 0, 4, 2168, "", "96.10.55.00.01",
		"NV_SWITCH_BIOS_5612_0002_890_9610550001", "node.devices.distinct",
		ASSAY_OUTCOME_FAIL, ASSAY_DEVICE_TWICE, ASSAY_CLASS_REJECTED },
};

static void json_samples(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		const struct device *d;
		char                 path[128];

		snprintf(path, sizeof(path), EVIDENCE "%s", samples[i].file);
		court_empty(&court);
		court_interop(&court, path, NULL);
		print_message("%s\n", samples[i].file);
		court_nonce(&court, samples[i].nonce);
		court_at(&court, "2026-06-01");
		court_judge(&court);
		assert_int_equal(court.facts.gpus, samples[i].gpus);
		assert_int_equal(court.facts.switches, samples[i].switches);
		d = &court.facts.device[0];
		assert_int_equal(d->evidence->report.n, samples[i].bytes);
		assert_string_equal(d->driver, samples[i].driver);
		assert_string_equal(d->vbios, samples[i].vbios);
		assert_string_equal(d->rim[d->rims - 1].id, samples[i].rim);
		court_expect(
			&court, samples[i].id, "node", samples[i].outcome, samples[i].code);
		court_holds(&court, "node.nonce.same", "node");
		assert_int_equal(court.verdict, samples[i].verdict);
	}
}

/* "PPCIE on (21 = AA, 36 = 2), 22 with 18 PDIs of 4 switches". */
static void ppcie(void **state)
{
	const struct device *d;
	uint8_t              pdi[OPAQUE_LINKS][8];
	uint64_t             flag;

	(void)state;
	court_empty(&court);
	court_interop(&court, EVIDENCE "hopper_evidence.json", NULL);
	court_judge(&court);
	d = &court.facts.device[0];
	assert_int_equal(d->opaque.field[OPAQUE_PROTECTED_PCIE_STATUS].p[0], OPAQUE_ON);
	assert_true(opaque_number(&d->opaque, OPAQUE_FEATURE_FLAG, &flag));
	assert_int_equal(flag, 2);
	assert_int_equal(d->opaque.field[OPAQUE_PDI].n, 18 * 8);
	assert_int_equal(opaque_switches(&d->opaque, pdi), 4);
	court_holds(&court, "node.topology.switches", "node");
	court_expect(&court, "node.topology.gpus", "node", ASSAY_OUTCOME_UNKNOWN,
		ASSAY_DEVICE_MISSING);

	/* the switch of another machine beside it */
	court_interop(&court, EVIDENCE "switch_evidence_ls10.json", NULL);
	court_judge(&court);
	court_expect(&court, "node.topology.switches", "node", ASSAY_OUTCOME_FAIL,
		ASSAY_DEVICE_TOPOLOGY);
	court_expect(&court, "node.nonce.same", "node", ASSAY_OUTCOME_FAIL, ASSAY_DEVICE_NONCE);
	assert_int_equal(court.verdict, ASSAY_CLASS_REJECTED);

	court_empty(&court);
	court_interop(&court, EVIDENCE "hopper_evidence_cert_hold.json", NULL);
	court_judge(&court);
	d = &court.facts.device[0];
	assert_null(d->opaque.field[OPAQUE_DATA_VERSION].p);
	assert_null(d->opaque.field[OPAQUE_FEATURE_FLAG].p);
}

/* A file given twice, and one that says other than its report. */
static void other_files(void **state)
{
	(void)state;
	court_empty(&court);
	court_interop(&court, EVIDENCE "hopper_evidence.json", NULL);
	court_interop(&court, EVIDENCE "hopper_evidence.json", NULL);
	court_judge(&court);
	court_expect(&court, "node.devices.distinct", "node", ASSAY_OUTCOME_FAIL,
		ASSAY_DEVICE_TWICE);
	court_empty(&court);
	put_raw("hopper-580.159.03");
	court_interop(
		&court, RAW "hopper-535.86.09.report.hex", RAW "hopper-535.86.09.chain.pem");
	court_judge(&court);
	court_expect(
		&court, "node.versions", "node", ASSAY_OUTCOME_FAIL, ASSAY_DEVICE_VERSIONS);
	court_expect(&court, "node.nonce.same", "node", ASSAY_OUTCOME_FAIL, ASSAY_DEVICE_NONCE);
	court_holds(&court, "node.devices.distinct", "node");
	court.expect = "2+0";
	court_judge(&court);
	court_holds(&court, "node.devices.count", "node");
	court.expect = "8+4";
	court_judge(&court);
	court_expect(
		&court, "node.devices.count", "node", ASSAY_OUTCOME_FAIL, ASSAY_DEVICE_COUNT);
	court.expect = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(device_rows),
		cmocka_unit_test(nonces),
		cmocka_unit_test(wrong_pairs),
		cmocka_unit_test(rims_judged),
		cmocka_unit_test(alternatives),
		cmocka_unit_test(compared_by_hand),
		cmocka_unit_test(driver_rim),
		cmocka_unit_test(json_samples),
		cmocka_unit_test(ppcie),
		cmocka_unit_test(other_files),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
