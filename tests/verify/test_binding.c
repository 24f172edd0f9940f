/* SPDX-License-Identifier: Apache-2.0
 *
 * The construction of tdx 10.4, against values that another program has computed from its text, and against a manifest
 * put together here by hand. */
#include "verify/binding.h"

#include "base/hex.h"
#include "base/pem.h"
#include "crypto/chain.h"
#include "crypto/digest.h"
#include "verify/court.h"

static void same(const char *what, struct bytes got, const char *hex)
{
	CLEANUP(buf_done) struct buf want = { 0 };
	struct assay_err             e    = { 0 };

	print_message("%s\n", what);
	test_must(hex_decode(bytes_text(hex), false, &want, &e), &e);
	assert_int_equal(got.n, want.n);
	assert_memory_equal(got.p, want.p, got.n);
}

/* Nonce 00 01 .. 1f, a key of four bytes, no device, a log of three. */
static void vectors(void **state)
{
	struct assay_err e = { 0 };
	uint8_t nonce[NONCE_SIZE], key[BINDING_KEY], gpu[NONCE_SIZE], mh[BINDING_MANIFEST];
	uint8_t data[REPORTDATA_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(nonce); i++)
		nonce[i] = (uint8_t)i;
	test_must(binding_key(&court.crypto, BYTES("spki"), key, &e), &e);
	same("KH", BYTES_OF(key),
		"6feecc8c16c5551d9feb3eb5f77e2da773bf68bd9ef9c52927ceb2c86e56892b");
	test_must(binding_gpu_nonce(&court.crypto, nonce, key, gpu, &e), &e);
	same("GN", BYTES_OF(gpu),
		"367e00bc89f2e652ac5ecc255e2ae670f690314bddf964a46ccd02c23e515fe6");
	test_must(binding_manifest(&court.crypto, &court.ev, mh, &e), &e);
	same("MH of none", BYTES_OF(mh),
		"c3a94efa02f207667be02d89481a76df9dc8595aebfbae266505b005d00f9fad05a3b5571842fce3ad7dddc89538b8a5");
	test_must(
		binding_reportdata(&court.crypto, nonce, key, mh, BYTES("log"), data, &e), &e);
	same("RD", BYTES_OF(data),
		"3d764c3fbea2d50d05bd42a09b411c4732eeeeb36bd868e7bcf8096731312baf73f3e2b2c165b134057327750cbbe4dde50df267bfada6027721467ea2d02112");
	test_must(binding_key(&court.crypto, (struct bytes){ 0 }, key, &e), &e);
	assert_true(bytes_zero(BYTES_OF(key)));
	test_must(binding_gpu_nonce(&court.crypto, nonce, key, gpu, &e), &e);
	same("GN without a key", BYTES_OF(gpu),
		"a3f919f43e11a3431e7cf3e9a4252fe73a3363d0825c436c595036c578f85199");
	test_must(binding_reportdata(
			  &court.crypto, nonce, key, mh, (struct bytes){ 0 }, data, &e),
		&e);
	same("RD without key and log", BYTES_OF(data),
		"be718faff239c17455bc1530cb7729f52fa817e0b2f8ed21d286a0e3fc5bfec176fa2ca718bf5aa4332098d4a1b2d1ef566293b23e3961cb99b55447f4d6d7d9");
}

static void put_len32(struct buf *out, struct bytes in)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_byte(out, (uint8_t)(in.n >> shift));
	buf_put(out, in.p, in.n);
}

/* A node of two GPUs and a switch, the other way round: sorted by kind and id whatever their order. */
static void manifest(void **state)
{
	CLEANUP(buf_done) struct buf all = { 0 };
	struct assay_err             e   = { 0 };
	uint8_t                      id[3][BINDING_ID], mh[BINDING_MANIFEST], want[48];
	struct evidence              turned;
	struct evidence_device       list[3];
	size_t                       n = 0;

	(void)state;
	court_forge(&court, &(struct forged_ask){ .ppcie = true, .gpus = 2, .switches = 1 });
	assert_int_equal(court.ev.devices, 3);
	buf_put(&all, "tdx-gpu/v1/manifest\0\0\0\0\3", 24);
	for (size_t i = 0; i < 3; i++)
		test_must(binding_device_id(&court.crypto, court.ev.device[i].chain, id[i], &e),
			&e);
	for (uint8_t kind = 1; kind <= 2; kind++)
		for (uint8_t first = 0; first < 2; first++)
			for (size_t i = 0; i < 3; i++) {
				bool gpu   = court.ev.device[i].kind == DEVICE_GPU;
				bool lower = kind == 2 ||
					memcmp(id[i], id[i == 0 ? 1 : 0], BINDING_ID) < 0;

				if ((kind == 1) != gpu || (kind == 2 && first == 1) ||
					lower == (first == 1))
					continue;
				buf_byte(&all, kind);
				put_len32(&all, BYTES_OF(id[i]));
				put_len32(&all, court.ev.device[i].report);
				put_len32(&all, court.ev.device[i].chain);
				n++;
			}
	assert_int_equal(n, 3);
	test_must(digest(court.crypto.sha384, buf_bytes(&all), want, &e), &e);
	test_must(binding_manifest(&court.crypto, &court.ev, mh, &e), &e);
	assert_memory_equal(mh, want, sizeof(mh));

	turned        = court.ev;
	turned.device = list;
	for (size_t i = 0; i < 3; i++)
		list[i] = court.ev.device[2 - i];
	test_must(binding_manifest(&court.crypto, &turned, mh, &e), &e);
	assert_memory_equal(mh, want, sizeof(mh));

	list[0].kind = DEVICE_TDX; /* the guest itself is not of the manifest */
	test_must(binding_manifest(&court.crypto, &turned, mh, &e), &e);
	assert_memory_not_equal(mh, want, sizeof(mh));

	list[0] = list[1];
	assert_int_equal(binding_manifest(&court.crypto, &turned, mh, &e), ASSAY_DEVICE_TWICE);
	list[0]            = court.ev.device[0];
	list[0].fault.code = ASSAY_INPUT_BASE64;
	assert_int_equal(binding_manifest(&court.crypto, &turned, mh, &e), ASSAY_INPUT_BASE64);
	list[0].fault.code = ASSAY_OK;
	list[0].chain.n -= 100;
	assert_int_equal(binding_manifest(&court.crypto, &turned, mh, &e), ASSAY_INPUT_PEM);
}

#define SPKI "\x30\x0a\x30\x03\x06\x01\x2a\x03\x03\0\1\2"

static const struct {
	const char     *name;
	struct bytes    in;
	enum assay_code code;
} keys[] = {
	{ "DER", BYTES(SPKI), ASSAY_OK },
	{ "PEM",
		BYTES("-----BEGIN PUBLIC KEY-----\nMAowAwYBKgMDAAEC\n-----END PUBLIC KEY-----\n"),
		ASSAY_OK },
	{ "DER and more", BYTES(SPKI "\0"), ASSAY_INPUT_DER },
	{ "DER, cut", BYTES("\x30\x0a\x30\x03"), ASSAY_TRUNCATED },
	{ "no SEQUENCE", BYTES("\x31\x0a\x30\x03\x06\x01\x2a\x03\x03\0\1\2"), ASSAY_INPUT_DER },
	{ "nothing", BYTES(""), ASSAY_TRUNCATED },
	{ "PEM of something else",
		BYTES("-----BEGIN CERTIFICATE-----\nMAowAwYBKgMDAAEC\n-----END CERTIFICATE-----\n"),
		ASSAY_INPUT_PEM },
	{ "PEM, no end", BYTES("-----BEGIN PUBLIC KEY-----\nMAowAwYBKgMDAAEC\n"),
		ASSAY_INPUT_PEM },
	{ "PEM, bad base64",
		BYTES("-----BEGIN PUBLIC KEY-----\nMA*wAwYBKgMDAAEC\n-----END PUBLIC KEY-----\n"),
		ASSAY_INPUT_BASE64 },
	{ "PEM, no key",
		BYTES("-----BEGIN PUBLIC KEY-----\nAAECAwQF\n-----END PUBLIC KEY-----\n"),
		ASSAY_INPUT_DER },
};

static void key_files(void **state)
{
	CLEANUP(buf_done) struct buf large = { 0 }, none = { 0 };
	struct assay_err             e = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		CLEANUP(buf_done) struct buf out = { 0 };

		print_message("%s\n", keys[i].name);
		assert_int_equal(binding_key_read(keys[i].in, &out, &e), keys[i].code);
		if (keys[i].code == ASSAY_OK)
			assert_true(bytes_equal(buf_bytes(&out), BYTES(SPKI)));
		else
			assert_int_equal(out.n, 0);
	}
	memset(buf_room(&large, BINDING_KEY_FILE + 1), 0x30, BINDING_KEY_FILE + 1);
	assert_int_equal(binding_key_read(buf_bytes(&large), &none, &e), ASSAY_INPUT_PEM);
}

static void boot_events(void **state)
{
	CLEANUP(buf_done) struct buf content = { 0 }, empty = { 0 };
	struct assay_err             e = { 0 };
	uint8_t id[2][BINDING_ID] = { { 0x50, 1 }, { 0x41, 2 } }, policy[48] = { 7 };
	uint8_t got[EVIDENCE_DEVICES][BINDING_ID], digest_of[48], said[48];
	bool    accepted;
	size_t  n;

	(void)state;
	test_must(
		binding_boot_event(&court.crypto, id, 2, true, policy, &content, digest_of, &e),
		&e);
	same("boot event", BYTES_OF(digest_of),
		"f3c711d902fd157ed3328035bdd3077caec18a8dcb71307386c0cfd3653cf1968da15b9b6f1b1b4250a69c9ad6c71afd");
	assert_true(binding_boot_read(buf_bytes(&content), got, &n, &accepted, said));
	assert_int_equal(n, 2);
	assert_true(accepted);
	assert_memory_equal(got[0], id[1], BINDING_ID); /* sorted */
	assert_memory_equal(got[1], id[0], BINDING_ID);
	assert_memory_equal(said, policy, sizeof(said));
	for (size_t cut = 0; cut < content.n; cut++)
		assert_false(binding_boot_read(
			(struct bytes){ content.p, cut }, got, &n, &accepted, said));
	buf_byte(&content, 0);
	assert_false(binding_boot_read(buf_bytes(&content), got, &n, &accepted, said));
	content.p[16 + 4] = 0x60; /* no longer in order */
	content.n--;
	assert_false(binding_boot_read(buf_bytes(&content), got, &n, &accepted, said));

	test_must(binding_boot_event(
			  &court.crypto, NULL, 0, false, policy, &empty, digest_of, &e),
		&e);
	assert_true(binding_boot_read(buf_bytes(&empty), got, &n, &accepted, said));
	assert_int_equal(n, 0);
	assert_false(accepted);
	memcpy(id[0], id[1], BINDING_ID);
	assert_int_equal(
		binding_boot_event(&court.crypto, id, 2, true, policy, &empty, digest_of, &e),
		ASSAY_DEVICE_TWICE);
	assert_int_equal(binding_boot_event(&court.crypto, id, EVIDENCE_DEVICES + 1, true,
				 policy, &empty, digest_of, &e),
		ASSAY_INPUT_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(manifest),
		cmocka_unit_test(key_files),
		cmocka_unit_test(boot_events),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
