/* SPDX-License-Identifier: Apache-2.0
 *
 * Digests: the examples of FIPS 180. */
#include "test.h"

#include "base/hex.h"
#include "crypto/digest.h"

static const struct {
	size_t      md, size;
	const char *in, *sum;
} cases[] = {
	{ offsetof(struct crypto, sha1), SHA1_SIZE, "abc",
		"a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ offsetof(struct crypto, sha1), SHA1_SIZE, "",
		"da39a3ee5e6b4b0d3255bfef95601890afd80709" },
	{ offsetof(struct crypto, sha256), SHA256_SIZE, "abc",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ offsetof(struct crypto, sha256), SHA256_SIZE, "",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ offsetof(struct crypto, sha384), SHA384_SIZE, "abc",
		"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
		"8086072ba1e7cc2358baeca134c825a7" },
	{ offsetof(struct crypto, sha384), SHA384_SIZE, "",
		"38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da"
		"274edebfe76f65fbd51ad2f14898b95b" },
};

static void known_answers(void **state)
{
	CLEANUP(crypto_done) struct crypto c = { 0 };
	struct assay_err                   e = { 0 };

	(void)state;
	assert_int_equal(crypto_open(&c, &e), ASSAY_OK);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf want = { 0 };
		uint8_t                      sum[64];
		const EVP_MD                *md;

		memcpy(&md, (const uint8_t *)&c + cases[i].md, sizeof(md));
		memset(sum, 0xee, sizeof(sum));
		assert_int_equal(
			hex_decode(bytes_text(cases[i].sum), false, &want, &e), ASSAY_OK);
		assert_int_equal(want.n, cases[i].size);
		assert_int_equal(digest(md, bytes_text(cases[i].in), sum, &e), ASSAY_OK);
		assert_memory_equal(sum, want.p, want.n);
		assert_int_equal(sum[want.n], 0xee);
	}
}

/* The empty input need not have an address. */
static void nothing(void **state)
{
	CLEANUP(crypto_done) struct crypto c = { 0 };
	struct assay_err                   e = { 0 };
	uint8_t                            a[SHA384_SIZE], b[SHA384_SIZE];

	(void)state;
	assert_int_equal(crypto_open(&c, &e), ASSAY_OK);
	assert_int_equal(digest(c.sha384, (struct bytes){ 0 }, a, &e), ASSAY_OK);
	assert_int_equal(digest(c.sha384, BYTES(""), b, &e), ASSAY_OK);
	assert_memory_equal(a, b, sizeof(a));
}

/* crypto_done() accepts what was never filled, and the context can be had again. */
static void open_and_done(void **state)
{
	struct crypto    c = { 0 };
	struct assay_err e = { 0 };

	(void)state;
	crypto_done(&c);
	assert_int_equal(crypto_open(&c, &e), ASSAY_OK);
	crypto_done(&c);
	assert_null(c.lib);
	crypto_done(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(nothing),
		cmocka_unit_test(open_and_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
