/* SPDX-License-Identifier: Apache-2.0
 *
 * CRLs: made with OpenSSL from rows, also those that no authority would make. */
#include "crypto/crl.h"

#include <openssl/ec.h>
#include <openssl/x509v3.h>

#include "crypto/sig.h"
#include "pki.h"
#include "test.h"

static struct {
	struct crypto c;
	struct pki    ca, other, p384;
	X509         *issuer, *stranger, *wide; /* as src/crypto reads them */
} world;

#define FROM INT64_C(1780272000) /* 2026-06-01 */
#define TO   (FROM + 30 * INT64_C(86400))

struct list {
	const char       *name;
	const struct pki *signer; /* NULL: the CA */
	const char       *md;     /* NULL: SHA256 */
	long              version;
	bool              no_next, late; /* late: dates behind 2050 */
	int               nid;           /* of an extension of the list */
	int               reason; /* of its one entry; -1: no entry, 0: without a reason */
	bool              critical_entry;
	bool              general, twice; /* GeneralizedTime before 2050; an extension again */
	enum assay_code   code, verdict;
};

static void add_entry(X509_CRL *crl, const struct list *row)
{
	X509_REVOKED    *entry  = X509_REVOKED_new();
	ASN1_INTEGER    *serial = ASN1_INTEGER_new();
	ASN1_TIME       *at     = ASN1_TIME_set(NULL, (time_t)FROM);
	ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();

	ASN1_INTEGER_set(serial, 0x8001);
	X509_REVOKED_set_serialNumber(entry, serial);
	X509_REVOKED_set_revocationDate(entry, at);
	if (row->reason > 0) {
		ASN1_ENUMERATED_set(reason, row->reason);
		X509_REVOKED_add1_ext_i2d(
			entry, NID_crl_reason, reason, row->critical_entry, 0);
	}
	X509_CRL_add0_revoked(crl, entry);
	ASN1_INTEGER_free(serial);
	ASN1_TIME_free(at);
	ASN1_ENUMERATED_free(reason);
}

static void make(const struct list *row, struct buf *out)
{
	const struct pki *signer = row->signer == NULL ? &world.ca : row->signer;
	X509_CRL         *crl    = X509_CRL_new();
	int64_t           shift  = row->late ? 30 * INT64_C(31557600) : 0;
	ASN1_TIME        *from   = ASN1_TIME_set(NULL, (time_t)(FROM + shift));
	ASN1_TIME        *to     = ASN1_TIME_set(NULL, (time_t)(TO + shift));
	unsigned char    *der    = NULL;
	int               n;

	X509_CRL_set_version(crl, row->version);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(signer->cert));
	if (row->general)
		ASN1_GENERALIZEDTIME_set(from, (time_t)FROM);
	X509_CRL_set1_lastUpdate(crl, from);
	if (!row->no_next)
		X509_CRL_set1_nextUpdate(crl, to);
	if (row->nid == NID_issuing_distribution_point) {
		X509V3_CTX      ctx;
		X509_EXTENSION *ext;

		X509V3_set_ctx(&ctx, signer->cert, NULL, NULL, crl, 0);
		ext = X509V3_EXT_conf_nid(NULL, &ctx, row->nid, "critical,onlyuser:TRUE");
		assert_non_null(ext);
		X509_CRL_add_ext(crl, ext, -1);
		X509_EXTENSION_free(ext);
	} else if (row->nid != 0) {
		ASN1_INTEGER *one = ASN1_INTEGER_new();

		ASN1_INTEGER_set(one, 1);
		for (int i = 0; i < (row->twice ? 2 : 1); i++)
			X509_CRL_add1_ext_i2d(crl, row->nid, one, row->nid == NID_delta_crl,
				X509V3_ADD_APPEND);
		ASN1_INTEGER_free(one);
	}
	if (row->reason >= 0)
		add_entry(crl, row);
	assert_true(X509_CRL_sign(crl, signer->key,
			    EVP_get_digestbyname(row->md == NULL ? "SHA256" : row->md)) > 0);
	n = i2d_X509_CRL(crl, &der);
	buf_put(out, der, (size_t)n);
	OPENSSL_free(der);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	X509_CRL_free(crl);
}

static const struct list lists[] = {
	{ "empty", .version = 1, .reason = -1 },
	{ "one entry", .version = 1, .reason = 1 },
	{ "without a reason", .version = 1, .reason = 0 },
	{ "with a number", .version = 1, .reason = 1, .nid = NID_crl_number },
	{ "of another issuer", .version = 1, .reason = -1, .signer = &world.other,
		.verdict = ASSAY_CRL_ISSUER },
	{ "behind 2050", .version = 1, .reason = -1, .late = true },
	{ "version 1", .version = 0, .reason = -1, .code = ASSAY_CRL_PARSE },
	{ "no nextUpdate", .version = 1, .reason = -1, .no_next = true,
		.code = ASSAY_CRL_PARSE },
	{ "SHA-384", .version = 1, .reason = -1, .md = "SHA384", .code = ASSAY_CRL_PARSE },
	{ "for some certificates only", .version = 1, .reason = -1,
		.nid = NID_issuing_distribution_point, .code = ASSAY_CRL_PARSE },
	{ "a change to another list", .version = 1, .reason = -1, .nid = NID_delta_crl,
		.code = ASSAY_CRL_PARSE },
	{ "removed from the list", .version = 1, .reason = 8, .code = ASSAY_CRL_PARSE },
	{ "reason 7", .version = 1, .reason = 7, .code = ASSAY_CRL_PARSE },
	{ "reason 11", .version = 1, .reason = 11, .code = ASSAY_CRL_PARSE },
	{ "a number twice", .version = 1, .reason = -1, .nid = NID_crl_number, .twice = true,
		.code = ASSAY_CRL_PARSE },
	{ "a long year before 2050", .version = 1, .reason = -1, .general = true,
		.code = ASSAY_CRL_PARSE },
	{ "a critical reason", .version = 1, .reason = 1, .critical_entry = true,
		.code = ASSAY_CRL_PARSE },
};

static void made(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		CLEANUP(buf_done) struct buf der = { 0 };
		struct crl                   crl;
		struct assay_err             e = { 0 };
		int64_t                      since;

		make(&lists[i], &der);
		print_message("%s\n", lists[i].name);
		assert_int_equal(crl_parse(buf_bytes(&der), &crl, &e), lists[i].code);
		if (lists[i].code != ASSAY_OK)
			continue;
		assert_int_equal(
			crl_verify(&world.c, &crl, world.issuer, &e), lists[i].verdict);
		assert_int_equal(crl.entries, lists[i].reason >= 0 ? 1 : 0);
		assert_int_equal(
			crl_lists(&crl, BYTES("\x80\x01"), &since), lists[i].reason >= 0);
		assert_false(crl_lists(&crl, BYTES("\x01"), &since));
		assert_false(crl_lists(&crl, BYTES("\x80\x01\x00"), &since));
		for (size_t n = 0; n < der.n; n++)
			assert_int_equal(crl_parse((struct bytes){ der.p, n }, &crl, &e),
				ASSAY_CRL_PARSE);
		buf_byte(&der, 0);
		assert_int_equal(crl_parse(buf_bytes(&der), &crl, &e), ASSAY_CRL_PARSE);
	}
}

/* Each bit: refused, or the signature does not hold. */
static void bits(void **state)
{
	CLEANUP(buf_done) struct buf der = { 0 };
	struct crl                   crl;
	struct assay_err             e = { 0 };

	(void)state;
	make(&(struct list){ .version = 1, .reason = 1 }, &der);
	for (size_t bit = 0; bit < 8 * der.n; bit++) {
		der.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (crl_parse(buf_bytes(&der), &crl, &e) == ASSAY_OK)
			assert_int_not_equal(
				crl_verify(&world.c, &crl, world.issuer, &e), ASSAY_OK);
		der.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

/* What is refused before anybody asks for the signature: dates that are none, and an algorithm that is named in one place and
 * not in the other. */
static void edited(void **state)
{
	static const struct bytes date   = BYTES("260601000000Z"),
				  oid    = BYTES("\xce\x3d\x04\x03\x02");
	CLEANUP(buf_done) struct buf der = { 0 };
	struct crl                   crl;
	struct assay_err             e = { 0 };
	uint8_t                     *at;

	(void)state;
	make(&(struct list){ .version = 1, .reason = 1 }, &der);
	at = memmem(der.p, der.n, date.p, date.n);
	assert_non_null(at);
	for (size_t i = 0; i < date.n; i++)
		for (size_t k = 0; k < 2; k++) {
			at[i] = k == 0 ? '/' : ':';
			assert_int_equal(crl_parse(buf_bytes(&der), &crl, &e), ASSAY_CRL_PARSE);
			at[i] = date.p[i];
		}
	at[2] = '1';
	at[3] = '3'; /* a 13th month */
	assert_int_equal(crl_parse(buf_bytes(&der), &crl, &e), ASSAY_CRL_PARSE);
	at[2] = '0';
	at[3] = '6';
	test_must(crl_parse(buf_bytes(&der), &crl, &e), &e);
	at = der.p;
	for (size_t i = 0; i < 2; i++) {
		at = memmem(at, (size_t)(der.p + der.n - at), oid.p, oid.n);
		assert_non_null(at);
		at += oid.n;
		at[-1] = 3;
		assert_int_equal(crl_parse(buf_bytes(&der), &crl, &e), ASSAY_CRL_PARSE);
		at[-1] = 2;
	}
}

static void times(void **state)
{
	CLEANUP(buf_done) struct buf der = { 0 };
	struct crl                   crl;
	struct assay_err             e = { 0 };

	(void)state;
	make(&(struct list){ .version = 1, .reason = -1 }, &der);
	test_must(crl_parse(buf_bytes(&der), &crl, &e), &e);
	assert_int_equal(crl.this_update, FROM);
	assert_int_equal(crl.next_update, TO);
	assert_int_equal(crl_current(&crl, FROM - 1, &e), ASSAY_CRL_FUTURE);
	assert_int_equal(crl_current(&crl, FROM, &e), ASSAY_OK);
	assert_int_equal(crl_current(&crl, TO - 1, &e), ASSAY_OK);
	assert_int_equal(crl_current(&crl, TO, &e), ASSAY_CRL_STALE);
	assert_int_equal(crl_verify(&world.c, &crl, world.stranger, &e), ASSAY_CRL_ISSUER);
	assert_int_equal(
		crl_parse((struct bytes){ der.p, CRL_MAX + 1 }, &crl, &e), ASSAY_CRL_PARSE);

	/* a P-384 key of the same name */
	test_must(crl_parse(buf_bytes(&der), &crl, &e), &e);
	assert_int_equal(crl_verify(&world.c, &crl, world.wide, &e), ASSAY_CRL_SIGNATURE);
}

/* Raw P-256 signatures and keys by their point. */
static void raw_keys(void **state)
{
	static const struct bytes message = BYTES("what is signed");
	EVP_MD_CTX               *ctx     = EVP_MD_CTX_new();
	unsigned char            *point   = NULL, der[80];
	const unsigned char      *at      = der;
	size_t                    n       = sizeof(der);
	uint8_t                   rs[SIG_P256];
	EVP_PKEY                 *key = NULL;
	ECDSA_SIG                *sig;
	struct assay_err          e = { 0 };

	(void)state;
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, world.ca.key), 1);
	assert_int_equal(EVP_DigestSign(ctx, der, &n, message.p, message.n), 1);
	sig = d2i_ECDSA_SIG(NULL, &at, (long)n);
	BN_bn2binpad(ECDSA_SIG_get0_r(sig), rs, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), rs + 32, 32);
	assert_int_equal(EVP_PKEY_get1_encoded_public_key(world.ca.key, &point), 65);
	test_must(sig_p256_key(&world.c, (struct bytes){ point + 1, 64 }, &key,
			  ASSAY_QUOTE_POINT, &e),
		&e);
	test_must(sig_p256(&world.c, key, message, BYTES_OF(rs), ASSAY_QE_SIGNATURE, &e), &e);
	for (size_t bit = 0; bit < 8 * sizeof(rs); bit++) {
		rs[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(
			sig_p256(&world.c, key, message, BYTES_OF(rs), ASSAY_QE_SIGNATURE, &e),
			ASSAY_QE_SIGNATURE);
		rs[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(sig_p256(&world.c, key, BYTES("what is signeD"), BYTES_OF(rs),
				 ASSAY_QE_SIGNATURE, &e),
		ASSAY_QE_SIGNATURE);
	assert_int_equal(sig_p256(&world.c, key, message, (struct bytes){ rs, 63 },
				 ASSAY_QE_SIGNATURE, &e),
		ASSAY_QE_SIGNATURE);
	assert_int_equal(sig_p256(&world.c, X509_get0_pubkey(world.wide), message, BYTES_OF(rs),
				 ASSAY_QE_SIGNATURE, &e),
		ASSAY_CERT_PROFILE);
	EVP_PKEY_free(key);
	key = NULL;
	assert_int_equal(sig_p256_key(&world.c, (struct bytes){ point + 1, 63 }, &key,
				 ASSAY_QUOTE_POINT, &e),
		ASSAY_QUOTE_POINT);
	point[64] ^= 1;
	assert_int_equal(sig_p256_key(&world.c, (struct bytes){ point + 1, 64 }, &key,
				 ASSAY_QUOTE_POINT, &e),
		ASSAY_QUOTE_POINT);
	memset(point + 1, 0, 64);
	assert_int_equal(sig_p256_key(&world.c, (struct bytes){ point + 1, 64 }, &key,
				 ASSAY_QUOTE_POINT, &e),
		ASSAY_QUOTE_POINT);
	assert_null(key);
	OPENSSL_free(point);
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
}

static int set_up(void **state)
{
	struct assay_err e = { 0 };

	(void)state;
	test_must(crypto_open(&world.c, &e), &e);
	pki_make(&(struct pki_row){ "CA", .curve = "P-256", .md = "SHA256", .ext = PKI_CA },
		NULL, NULL, &world.ca);
	pki_make(&(struct pki_row){ "other", .curve = "P-256", .md = "SHA256", .ext = PKI_CA },
		NULL, NULL, &world.other);
	pki_make(&(struct pki_row){ "CA", .ext = PKI_CA }, NULL, NULL, &world.p384);
	world.issuer   = pki_load(&world.c, world.ca.cert);
	world.stranger = pki_load(&world.c, world.other.cert);
	world.wide     = pki_load(&world.c, world.p384.cert);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	X509_free(world.issuer);
	X509_free(world.stranger);
	X509_free(world.wide);
	pki_done(&world.ca);
	pki_done(&world.other);
	pki_done(&world.p384);
	crypto_done(&world.c);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made),
		cmocka_unit_test(bits),
		cmocka_unit_test(edited),
		cmocka_unit_test(times),
		cmocka_unit_test(raw_keys),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
