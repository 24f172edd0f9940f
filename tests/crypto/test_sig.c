/* SPDX-License-Identifier: Apache-2.0
 *
 * ECDSA signatures, raw and DER: those that hold, and each way in which one does not. */
#include "test.h"

#include <openssl/ec.h>

#include "base/hex.h"
#include "crypto/sig.h"
#include "pki.h"

#define HALF (SIG_P384 / 2)

/* SEC 2, 2.5.1: the order of P-384 */
#define ORDER                                              \
	"ffffffffffffffffffffffffffffffffffffffffffffffff" \
	"c7634d81f4372ddf581a0db248b0a77aecec196accc52973"
#define BEFORE_ORDER                                       \
	"ffffffffffffffffffffffffffffffffffffffffffffffff" \
	"c7634d81f4372ddf581a0db248b0a77aecec196accc52972"

static struct world {
	struct crypto c;
	struct pki    p384, other, p256, p521, rsa;
	struct buf    der384, der256, der521, der_rsa; /* over message, with the curve's hash */
	struct buf    der_384_256;                     /* P-384 with SHA-256 */
	uint8_t       raw[SIG_P384];                   /* der384 */
} world;

static const struct bytes message = BYTES("what was signed");

static void sign(const struct pki *who, const EVP_MD *md, struct buf *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t      n   = 1024;
	uint8_t     sig[1024];

	assert_int_equal(EVP_DigestSignInit(ctx, NULL, md, NULL, who->key), 1);
	assert_int_equal(EVP_DigestSign(ctx, sig, &n, message.p, message.n), 1);
	EVP_MD_CTX_free(ctx);
	buf_put(out, sig, n);
}

/* Certificates made by the tests' OpenSSL, their keys as src/crypto reads them. */
static EVP_PKEY *key_of(struct pki *p)
{
	X509 *cert = pki_load(&world.c, p->cert);

	X509_free(p->cert);
	p->cert = cert;
	return X509_get0_pubkey(cert);
}

static int set_up(void **state)
{
	struct assay_err     e = { 0 };
	const unsigned char *p;
	ECDSA_SIG           *sig;

	(void)state;
	if (crypto_open(&world.c, &e) != ASSAY_OK)
		return -1;
	pki_make(&(struct pki_row){ "P-384" }, NULL, NULL, &world.p384);
	pki_make(&(struct pki_row){ "other" }, NULL, NULL, &world.other);
	pki_make(&(struct pki_row){ "P-256", .curve = "P-256" }, NULL, NULL, &world.p256);
	pki_make(&(struct pki_row){ "P-521", .curve = "P-521" }, NULL, NULL, &world.p521);
	pki_make(&(struct pki_row){ "RSA", .curve = "RSA" }, NULL, NULL, &world.rsa);
	sign(&world.p384, EVP_sha384(), &world.der384);
	sign(&world.p256, EVP_sha256(), &world.der256);
	sign(&world.p521, EVP_sha512(), &world.der521);
	sign(&world.rsa, EVP_sha384(), &world.der_rsa);
	sign(&world.p384, EVP_sha256(), &world.der_384_256);
	p   = world.der384.p;
	sig = d2i_ECDSA_SIG(NULL, &p, (long)world.der384.n);
	BN_bn2binpad(ECDSA_SIG_get0_r(sig), world.raw, HALF);
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), world.raw + HALF, HALF);
	ECDSA_SIG_free(sig);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	pki_done(&world.p384);
	pki_done(&world.other);
	pki_done(&world.p256);
	pki_done(&world.p521);
	pki_done(&world.rsa);
	buf_done(&world.der384);
	buf_done(&world.der256);
	buf_done(&world.der521);
	buf_done(&world.der_rsa);
	buf_done(&world.der_384_256);
	crypto_done(&world.c);
	return 0;
}

static const struct {
	const char *name;
	const char *r, *s; /* hexadecimal; NULL: of the good one */
	size_t      n;
	bool        good;
} raws[] = {
	{ "good", NULL, NULL, SIG_P384, true },
	{ "nothing", NULL, NULL, 0, false },
	{ "short by one", NULL, NULL, SIG_P384 - 1, false },
	{ "long by one", NULL, NULL, SIG_P384 + 1, false },
	{ "half", NULL, NULL, HALF, false },
	{ "r is 0", "00", NULL, SIG_P384, false },
	{ "s is 0", NULL, "00", SIG_P384, false },
	{ "both are 0", "00", "00", SIG_P384, false },
	{ "both are 1", "01", "01", SIG_P384, false },
	{ "r is the order", ORDER, NULL, SIG_P384, false },
	{ "s is the order", NULL, ORDER, SIG_P384, false },
	{ "r is before the order", BEFORE_ORDER, NULL, SIG_P384, false },
	{ "s is before the order", NULL, BEFORE_ORDER, SIG_P384, false },
	{ "all ones", "ff", "ff", SIG_P384, false },
};

/* One byte is repeated only when it is ff; else zeros stand in front. */
static void put_half(const char *hex, uint8_t *out)
{
	struct assay_err e = { 0 };
	size_t           n;

	if (hex == NULL)
		return;
	n = strlen(hex) / 2;
	memset(out, strcmp(hex, "ff") == 0 ? 0xff : 0, HALF);
	assert_int_equal(hex_fixed(bytes_text(hex), out + HALF - n, n, &e), ASSAY_OK);
}

static void raw_table(void **state)
{
	EVP_PKEY *key = key_of(&world.p384);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(raws); i++) {
		uint8_t          rs[SIG_P384 + 1] = { 0 };
		struct assay_err e                = { 0 };

		print_message("%s\n", raws[i].name);
		memcpy(rs, world.raw, SIG_P384);
		put_half(raws[i].r, rs);
		put_half(raws[i].s, rs + HALF);
		assert_int_equal(
			sig_p384(&world.c, key, message, (struct bytes){ rs, raws[i].n },
				ASSAY_REPORT_SIGNATURE, &e),
			raws[i].good ? ASSAY_OK : ASSAY_REPORT_SIGNATURE);
	}
}

static void raw_flips(void **state)
{
	EVP_PKEY        *key = key_of(&world.p384);
	struct assay_err e   = { 0 };

	(void)state;
	for (size_t i = 0; i < SIG_P384; i++) {
		world.raw[i] ^= 0x10;
		assert_int_equal(sig_p384(&world.c, key, message, BYTES_OF(world.raw),
					 ASSAY_RIM_SIGNATURE, &e),
			ASSAY_RIM_SIGNATURE);
		world.raw[i] ^= 0x10;
	}
}

static void raw_others(void **state)
{
	struct bytes     rs = BYTES_OF(world.raw);
	struct assay_err e  = { 0 };

	(void)state;
	assert_int_equal(sig_p384(&world.c, key_of(&world.p384), BYTES("what was signeD"), rs,
				 ASSAY_REPORT_SIGNATURE, &e),
		ASSAY_REPORT_SIGNATURE);
	assert_int_equal(sig_p384(&world.c, key_of(&world.p384), (struct bytes){ 0 }, rs,
				 ASSAY_REPORT_SIGNATURE, &e),
		ASSAY_REPORT_SIGNATURE);
	assert_int_equal(sig_p384(&world.c, key_of(&world.other), message, rs,
				 ASSAY_REPORT_SIGNATURE, &e),
		ASSAY_REPORT_SIGNATURE);
	assert_int_equal(sig_p384(&world.c, key_of(&world.p256), message, rs,
				 ASSAY_REPORT_SIGNATURE, &e),
		ASSAY_CERT_PROFILE);
	assert_int_equal(sig_p384(&world.c, key_of(&world.p521), message, rs,
				 ASSAY_REPORT_SIGNATURE, &e),
		ASSAY_CERT_PROFILE);
	assert_int_equal(
		sig_p384(&world.c, key_of(&world.rsa), message, rs, ASSAY_REPORT_SIGNATURE, &e),
		ASSAY_CERT_PROFILE);
	assert_int_equal(sig_p384(&world.c, NULL, message, rs, ASSAY_REPORT_SIGNATURE, &e),
		ASSAY_CERT_PROFILE);
}

static const struct {
	const char *name;
	struct pki *who;
	struct buf *der;
	bool        good;
} ders[] = {
	{ "P-384", &world.p384, &world.der384, true },
	{ "P-256", &world.p256, &world.der256, true },
	{ "another key", &world.other, &world.der384, false },
	{ "P-384 with SHA-256", &world.p384, &world.der_384_256, false },
	{ "P-256 for P-384", &world.p384, &world.der256, false },
	{ "P-384 for P-256", &world.p256, &world.der384, false },
	{ "P-521", &world.p521, &world.der521, false },
	{ "RSA", &world.rsa, &world.der_rsa, false },
};

static void der_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ders); i++) {
		struct assay_err e = { 0 };

		print_message("%s\n", ders[i].name);
		assert_int_equal(sig_der(&world.c, key_of(ders[i].who), message,
					 buf_bytes(ders[i].der), ASSAY_OCSP_SIGNATURE, &e),
			ders[i].good ? ASSAY_OK : ASSAY_OCSP_SIGNATURE);
	}
}

/* The encoding is DER and all of it: no byte behind, no padding, no beginning of one. */
static void der_forms(void **state)
{
	EVP_PKEY                    *key  = key_of(&world.p384);
	CLEANUP(buf_done) struct buf form = { 0 };
	struct assay_err             e    = { 0 };
	struct bytes                 der  = buf_bytes(&world.der384);

	(void)state;
	for (size_t n = 0; n < der.n; n++)
		assert_int_equal(sig_der(&world.c, key, message, (struct bytes){ der.p, n },
					 ASSAY_OCSP_SIGNATURE, &e),
			ASSAY_OCSP_SIGNATURE);
	buf_put(&form, der.p, der.n);
	buf_byte(&form, 0);
	assert_int_equal(
		sig_der(&world.c, key, message, buf_bytes(&form), ASSAY_OCSP_SIGNATURE, &e),
		ASSAY_OCSP_SIGNATURE);
	form.n = 0; /* 30 len -> 30 81 len */
	buf_put(&form, (uint8_t[]){ 0x30, 0x81 }, 2);
	buf_put(&form, der.p + 1, der.n - 1);
	assert_int_equal(
		sig_der(&world.c, key, message, buf_bytes(&form), ASSAY_OCSP_SIGNATURE, &e),
		ASSAY_OCSP_SIGNATURE);
	assert_int_equal(
		sig_der(&world.c, key, message, (struct bytes){ 0 }, ASSAY_OCSP_SIGNATURE, &e),
		ASSAY_OCSP_SIGNATURE);
	assert_int_equal(sig_der(&world.c, NULL, message, der, ASSAY_OCSP_SIGNATURE, &e),
		ASSAY_OCSP_SIGNATURE);
}

static void curves(void **state)
{
	(void)state;
	assert_true(sig_key_is_p384(key_of(&world.p384)));
	assert_false(sig_key_is_p256(key_of(&world.p384)));
	assert_true(sig_key_is_p256(key_of(&world.p256)));
	assert_false(sig_key_is_p384(key_of(&world.p256)));
	assert_false(sig_key_is_p384(key_of(&world.p521)));
	assert_false(sig_key_is_p256(key_of(&world.p521)));
	assert_false(sig_key_is_p384(key_of(&world.rsa)));
	assert_false(sig_key_is_p256(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raw_table),
		cmocka_unit_test(raw_flips),
		cmocka_unit_test(raw_others),
		cmocka_unit_test(der_table),
		cmocka_unit_test(der_forms),
		cmocka_unit_test(curves),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
