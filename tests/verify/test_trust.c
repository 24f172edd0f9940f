/* SPDX-License-Identifier: Apache-2.0
 *
 * Anchors of a test: one certificate each, and no store takes another one's. */
#include "verify/trust.h"

#include "forged.h"
#include "test.h"

static struct crypto crypto;

static void replaced(void **state)
{
	CLEANUP(forged_done) struct forged f;
	CLEANUP(buf_done) struct buf       two = { 0 }, text = { 0 };
	struct bytes                       good[FORGED_ANCHORS];
	struct trust                       t = { 0 };
	struct assay_err                   e = { 0 };

	(void)state;
	forged_make(&(struct forged_ask){ 0 }, &f);
	for (size_t i = 0; i < FORGED_ANCHORS; i++)
		good[i] = buf_bytes(&f.anchor[i]);
	buf_put(&two, good[0].p, good[0].n);
	buf_put(&two, good[1].p, good[1].n);
	buf_put(&text, good[0].p, good[0].n);
	buf_text(&text, "more\n");
	test_must(trust_replace(&crypto, good[0], good[1], good[2], &t, &e), &e);
	assert_true(t.test);
	assert_memory_not_equal(t.device.der, t.rim.der, sizeof(t.rim.der));
	assert_memory_not_equal(t.device.spki, t.rim.spki, sizeof(t.rim.spki));
	assert_memory_not_equal(t.device.der, t.device.spki, sizeof(t.rim.spki));
	for (size_t i = 0; i < FORGED_ANCHORS; i++) {
		const struct {
			struct bytes    in;
			enum assay_code code;
		} rows[] = {
			{ buf_bytes(&two), ASSAY_INPUT_PEM },
			{ buf_bytes(&text), ASSAY_INPUT_PEM },
			{ { 0 }, ASSAY_INPUT_PEM },
			{ BYTES("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"),
				ASSAY_CERT_PARSE },
		};

		for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
			struct bytes in[FORGED_ANCHORS] = { good[0], good[1], good[2] };
			struct trust none               = { 0 };

			in[i] = rows[k].in;
			print_message("%zu %zu\n", i, k);
			assert_int_equal(trust_replace(&crypto, in[0], in[1], in[2], &none, &e),
				rows[k].code);
			assert_false(none.test); /* written on success only */
		}
	}
}

/* What is pinned is said once more: as nvidia-evidence 3.3 and tdx 3 have it, beginnings and ends. */
static void pinned(void **state)
{
	static const struct {
		uint8_t der[2], spki[2]; /* first and last */
	} ends[] = {
		{ { 0x10, 0x48 }, { 0xa9, 0xa4 } },
		{ { 0x12, 0xd1 }, { 0xde, 0xa3 } },
		{ { 0x44, 0xd3 }, { 0xa0, 0x9e } },
	};
	const struct trust         t   = trust_pinned();
	const struct anchor *const a[] = { &t.device, &t.rim, &t.sgx };

	(void)state;
	assert_false(t.test);
	for (size_t i = 0; i < ARRAY_LEN(a); i++) {
		assert_int_equal(a[i]->der[0], ends[i].der[0]);
		assert_int_equal(a[i]->der[31], ends[i].der[1]);
		assert_int_equal(a[i]->spki[0], ends[i].spki[0]);
		assert_int_equal(a[i]->spki[31], ends[i].spki[1]);
	}
}

static int set_up(void **state)
{
	struct assay_err e = { 0 };

	(void)state;
	test_must(crypto_open(&crypto, &e), &e);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	crypto_done(&crypto);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replaced),
		cmocka_unit_test(pinned),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
