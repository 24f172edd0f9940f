/* SPDX-License-Identifier: Apache-2.0
 *
 * Chains: the real ones to the real roots, and made ones that are wrong in one place each. nvidia-evidence 3.1 to 3.4
 * and 9.7. */
#include "test.h"

#include <stdio.h>

#include <openssl/x509v3.h>

#include "base/hex.h"
#include "base/pem.h"
#include "base/utc.h"
#include "pki.h"

#define NOW INT64_C(1800000000)

/* nvidia-evidence 3.2 */
static const struct {
	const char *name, *der, *spki;
} pinned[] = {
	{ "NVIDIA Device Identity CA",
		"102bf659d5419614c9d8e6aecebc80454eb26b1df6a769ac720b9a690b167b48",
		"a90c4eb5acfd3e3d03a25db6a26b84f720ad0503196c627c21ddd48dd85b06a4" },
	{ "NVIDIA CoRIM signing Root CA",
		"12977b5115acb0381179279fffeb5a8c4d264971ebb32298023a465fa41df5d1",
		"dec1dc316477aa851eebdf51327ae9f864bc8d89254657ed1e7eb9168af1e1a3" },
};

static struct crypto crypto;
static struct anchor device_root, rim_root;

static void pin(size_t i, struct anchor *out)
{
	struct assay_err e = { 0 };

	out->name = pinned[i].name;
	hex_fixed(bytes_text(pinned[i].der), out->der, 32, &e);
	hex_fixed(bytes_text(pinned[i].spki), out->spki, 32, &e);
}

static const char *const real[] = { "hopper-580.159.03", "hopper-535.86.09", "blackwell-575.32",
	"ls10-96.10.55.00.01" };

static void read_real(size_t i, struct buf *pem)
{
	char name[128];

	snprintf(name, sizeof(name), "nvidia/raw/%s.chain.pem", real[i]);
	test_interop(name, pem);
}

static void real_chain(size_t i, struct chain *out)
{
	CLEANUP(buf_done) struct buf pem = { 0 };
	struct assay_err             e   = { 0 };

	read_real(i, &pem);
	assert_int_equal(chain_parse(&crypto, buf_bytes(&pem), 5, out, &e), ASSAY_OK);
}

static const struct {
	const char     *name;
	int64_t         now;
	enum assay_code code;
} times[] = {
	{ "before its time", INT64_C(1600000000), ASSAY_CERT_NOT_YET },
	{ "1970", 0, ASSAY_CERT_NOT_YET },
	{ "a second before 2023-06-20", INT64_C(1687219199), ASSAY_CERT_NOT_YET },
	{ "2024", INT64_C(1704067200), ASSAY_OK },
	{ "2027", NOW, ASSAY_OK },
	{ "2038 and after", INT64_C(2147483648), ASSAY_OK },
	{ "2106 and after", INT64_C(4294967296), ASSAY_OK },
	{ "9998", INT64_C(253350000000), ASSAY_OK },
	{ "the last second", UTC_MAX, ASSAY_OK },
	{ "after the end", UTC_MAX + 1, ASSAY_CERT_EXPIRED },
	{ "far after the end", INT64_MAX, ASSAY_CERT_EXPIRED },
	{ "far before", INT64_MIN, ASSAY_CERT_NOT_YET },
};

static void real_at_times(void **state)
{
	(void)state;
	if (!test_interop_there())
		skip();
	for (size_t i = 0; i < ARRAY_LEN(real); i++) {
		CLEANUP(chain_done) struct chain chain = { 0 };

		print_message("%s\n", real[i]);
		real_chain(i, &chain);
		assert_int_equal(chain.not_after, UTC_MAX);
		for (size_t t = 0; t < ARRAY_LEN(times); t++) {
			enum assay_code  want = times[t].code;
			struct assay_err e    = { 0 };

			/* the other families' certificates are of 2022 and before */
			if (i != 2 && times[t].now == INT64_C(1687219199))
				want = ASSAY_OK;
			if (chain_verify(&crypto, &chain, &device_root, times[t].now, 0, &e) !=
				want)
				fail_msg("%s: %s", times[t].name, assay_err_text(&e));
		}
	}
}

/* Each certificate above may be known already. */
static void real_known(void **state)
{
	(void)state;
	if (!test_interop_there())
		skip();
	for (size_t i = 0; i < ARRAY_LEN(real); i++) {
		CLEANUP(chain_done) struct chain chain = { 0 };
		struct assay_err                 e     = { 0 };

		real_chain(i, &chain);
		for (size_t known = 1; known < 5; known++) {
			assert_int_equal(
				chain_verify(&crypto, &chain, &device_root, NOW, known, &e),
				ASSAY_OK);
			assert_int_equal(chain_verify(&crypto, &chain, &device_root,
						 INT64_C(1600000000), known, &e),
				ASSAY_CERT_NOT_YET);
		}
		for (size_t k = 0; k < 4; k++)
			assert_int_equal(chain_issued(&crypto, chain.cert[k], chain.cert[k + 1],
						 NOW, NULL, &e),
				ASSAY_OK);
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(chain_issued(&crypto, chain.cert[k], chain.cert[k + 2],
						 NOW, NULL, &e),
				ASSAY_CHAIN_PATH);
	}
}

static void real_other_root(void **state)
{
	(void)state;
	if (!test_interop_there())
		skip();
	for (size_t i = 0; i < ARRAY_LEN(real); i++) {
		CLEANUP(chain_done) struct chain chain = { 0 };
		struct assay_err                 e     = { 0 };
		struct anchor                    half  = device_root;

		real_chain(i, &chain);
		assert_int_equal(
			chain_verify(&crypto, &chain, &rim_root, NOW, 0, &e), ASSAY_CHAIN_ROOT);
		half.spki[0] ^= 1;
		assert_int_equal(
			chain_verify(&crypto, &chain, &half, NOW, 0, &e), ASSAY_CHAIN_ROOT);
	}
}

/* Order and number of the certificates that are sent: a digit is one of the real chain, "r" the root of another name,
 * "f" a forged root of the same name. */
static const struct {
	const char     *name, *order;
	enum assay_code code;
} orders[] = {
	{ "good", "01234", ASSAY_OK },
	{ "nothing", "", ASSAY_CERT_COUNT },
	{ "root dropped", "0123", ASSAY_CERT_COUNT },
	{ "leaf dropped", "1234", ASSAY_CERT_COUNT },
	{ "ICA dropped", "0134", ASSAY_CERT_COUNT },
	{ "a sixth, the root", "012344", ASSAY_CERT_COUNT },
	{ "a dozen", "012344444444", ASSAY_CERT_COUNT },
	{ "a sixth, in front", "001234", ASSAY_CERT_COUNT },
	{ "root twice, no ICA", "01344", ASSAY_CHAIN_PATH },
	{ "ICA twice", "01224", ASSAY_CHAIN_PATH },
	{ "root dropped, leaf twice", "00123", ASSAY_CHAIN_ROOT },
	{ "swapped below", "02134", ASSAY_CHAIN_PATH },
	{ "swapped above", "01324", ASSAY_CHAIN_PATH },
	{ "leaf and device", "10234", ASSAY_CHAIN_PATH },
	{ "upside down", "43210", ASSAY_CHAIN_ROOT },
	{ "forged root", "0123f", ASSAY_CHAIN_ROOT },
};

static void real_orders(void **state)
{
	CLEANUP(chain_done) struct chain chain  = { 0 };
	CLEANUP(pki_done) struct pki     forged = { 0 };

	(void)state;
	if (!test_interop_there())
		skip();
	real_chain(0, &chain);
	pki_make(&(struct pki_row){ "NVIDIA Device Identity CA", .ext = PKI_CA }, NULL, NULL,
		&forged);
	X509_set_subject_name(forged.cert, X509_get_subject_name(chain.cert[4]));
	X509_set_issuer_name(forged.cert, X509_get_subject_name(chain.cert[4]));
	assert_true(X509_sign(forged.cert, forged.key, EVP_sha384()) > 0);
	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		CLEANUP(chain_done) struct chain other = { 0 };
		CLEANUP(buf_done) struct buf     pem   = { 0 };
		struct assay_err                 e     = { 0 };
		enum assay_code                  code;

		print_message("%s\n", orders[i].name);
		for (const char *o = orders[i].order; *o != 0; o++) {
			CLEANUP(buf_done) struct buf der = { 0 };

			pki_der(*o == 'f' ? forged.cert : chain.cert[*o - '0'], &der);
			pem_write(buf_bytes(&der), &pem);
		}
		code = chain_parse(&crypto, buf_bytes(&pem), 5, &other, &e);
		if (code == ASSAY_OK)
			code = chain_verify(&crypto, &other, &device_root, NOW, 0, &e);
		if (code != orders[i].code)
			fail_msg("%s: %s", assay_code_name(code), assay_err_text(&e));
		assert_true((strstr(assay_err_text(&e), "leaf first") != NULL) ==
			(strcmp(orders[i].name, "upside down") == 0));
	}
}

/* A made chain of three: leaf, CA, root; one row is put in a certificate's place. */
#define LEAF_USAGE                                         \
	{                                                  \
		NID_key_usage, "critical,digitalSignature" \
	}
#define CA_BASIC                                          \
	{                                                 \
		NID_basic_constraints, "critical,CA:TRUE" \
	}
#define CA_USAGE                                              \
	{                                                     \
		NID_key_usage, "critical,keyCertSign,cRLSign" \
	}

static const struct pki_row usual[3] = {
	{ "leaf", .ext = { LEAF_USAGE } },
	{ "CA", .ext = PKI_CA },
	{ "root", .ext = PKI_CA },
};

enum { NOBODY = 3 };

static const struct {
	const char     *name;
	size_t          at; /* whose row is replaced; NOBODY: none */
	struct pki_row  row;
	enum assay_code code;
	const char     *says;
	enum assay_code known; /* with the CA and above known */
} made[] = {
	{ "good", NOBODY, { 0 }, ASSAY_OK, "", ASSAY_OK },
	{ "leaf expired", 0, { "leaf", .to = NOW - 1, .ext = { LEAF_USAGE } },
		ASSAY_CERT_EXPIRED, "\"leaf\", expired at 2027-01-15T07:59:59Z",
		ASSAY_CERT_EXPIRED },
	{ "leaf in its last second", 0, { "leaf", .to = NOW, .ext = { LEAF_USAGE } }, ASSAY_OK,
		"", ASSAY_OK },
	{ "CA expired", 1, { "CA", .to = NOW - 1, .ext = PKI_CA }, ASSAY_CERT_EXPIRED, "\"CA\"",
		ASSAY_CERT_EXPIRED },
	{ "root expired", 2, { "root", .to = NOW - 1, .ext = PKI_CA }, ASSAY_CERT_EXPIRED,
		"\"root\"", ASSAY_CERT_EXPIRED },
	{ "leaf not yet", 0, { "leaf", .from = NOW + 1, .ext = { LEAF_USAGE } },
		ASSAY_CERT_NOT_YET, "\"leaf\", is valid from 2027-01-15T08:00:01Z",
		ASSAY_CERT_NOT_YET },
	{ "leaf in its first second", 0, { "leaf", .from = NOW, .ext = { LEAF_USAGE } },
		ASSAY_OK, "", ASSAY_OK },
	{ "root not yet", 2, { "root", .from = NOW + 1, .ext = PKI_CA }, ASSAY_CERT_NOT_YET,
		"\"root\"", ASSAY_CERT_NOT_YET },
	{ "leaf on P-256", 0, { "leaf", .curve = "P-256", .ext = { LEAF_USAGE } },
		ASSAY_CERT_PROFILE, "0 has no P-384 key", ASSAY_CERT_PROFILE },
	{ "CA on P-256", 1, { "CA", .curve = "P-256", .ext = PKI_CA }, ASSAY_CERT_PROFILE,
		"1 has no P-384 key", ASSAY_OK },
	{ "root on P-521", 2, { "root", .curve = "P-521", .ext = PKI_CA }, ASSAY_CERT_PROFILE,
		"2 has no P-384 key", ASSAY_OK },
	{ "leaf with RSA", 0, { "leaf", .curve = "RSA", .ext = { LEAF_USAGE } },
		ASSAY_CERT_PROFILE, "0 has no P-384 key", ASSAY_CERT_PROFILE },
	{ "leaf by parameters", 0, { "leaf", .curve = "explicit", .ext = { LEAF_USAGE } },
		ASSAY_CHAIN_PATH, "explicit ECC parameters", ASSAY_CHAIN_PATH },
	{ "CA by parameters", 1, { "CA", .curve = "explicit", .ext = PKI_CA }, ASSAY_CHAIN_PATH,
		"explicit ECC parameters", ASSAY_CHAIN_PATH },
	{ "leaf signed with SHA-256", 0, { "leaf", .md = "SHA256", .ext = { LEAF_USAGE } },
		ASSAY_CERT_PROFILE, "0 is not signed with ecdsa-with-SHA384",
		ASSAY_CERT_PROFILE },
	{ "CA signed with SHA-1", 1, { "CA", .md = "SHA1", .ext = PKI_CA }, ASSAY_CERT_PROFILE,
		"1 is not signed with", ASSAY_OK },
	{ "root signed with SHA-512", 2, { "root", .md = "SHA512", .ext = PKI_CA },
		ASSAY_CERT_PROFILE, "2 is not signed with", ASSAY_OK },
	{ "CA:FALSE", 1,
		{ "CA", .ext = { { NID_basic_constraints, "critical,CA:FALSE" }, CA_USAGE } },
		ASSAY_CHAIN_PATH, "", ASSAY_CHAIN_PATH },
	{ "no basicConstraints", 1, { "CA", .ext = { CA_USAGE } }, ASSAY_CHAIN_PATH, "",
		ASSAY_CHAIN_PATH },
	{ "basicConstraints not critical", 1,
		{ "CA", .ext = { { NID_basic_constraints, "CA:TRUE" }, CA_USAGE } },
		ASSAY_CHAIN_PATH, "", ASSAY_CHAIN_PATH },
	{ "no keyCertSign", 1,
		{ "CA",
			.ext = { CA_BASIC,
				{ NID_key_usage, "critical,digitalSignature,cRLSign" } } },
		ASSAY_CHAIN_PATH, "", ASSAY_CHAIN_PATH },
	{ "no keyUsage", 1, { "CA", .ext = { CA_BASIC } }, ASSAY_CHAIN_PATH, "",
		ASSAY_CHAIN_PATH },
	{ "pathLen 0 at the root", 2,
		{ "root",
			.ext = { { NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
				CA_USAGE } },
		ASSAY_CHAIN_PATH, "certificate 2: path length", ASSAY_CHAIN_PATH },
	{ "pathLen 0 at the CA", 1,
		{ "CA",
			.ext = { { NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
				CA_USAGE } },
		ASSAY_OK, "", ASSAY_OK },
	{ "names limited at the root", 2,
		{ "root",
			.ext = { CA_BASIC, CA_USAGE,
				{ NID_name_constraints, "critical,excluded;DNS:x" } } },
		ASSAY_CERT_PROFILE, "certificate 2 limits names", ASSAY_CERT_PROFILE },
	{ "names limited at the CA", 1,
		{ "CA",
			.ext = { CA_BASIC, CA_USAGE,
				{ NID_name_constraints, "critical,excluded;DNS:x" } } },
		ASSAY_CERT_PROFILE, "certificate 1 limits names", ASSAY_CERT_PROFILE },
	{ "unknown critical in the leaf", 0,
		{ "leaf",
			.ext = { LEAF_USAGE,
				{ NID_netscape_comment, "critical,what is this" } } },
		ASSAY_CHAIN_PATH, "critical", ASSAY_CHAIN_PATH },
	{ "unknown critical in the CA", 1,
		{ "CA",
			.ext = { CA_BASIC, CA_USAGE,
				{ NID_netscape_comment, "critical,what is this" } } },
		ASSAY_CHAIN_PATH, "critical", ASSAY_CHAIN_PATH },
};

static void make_chain(size_t at, const struct pki_row *row, struct pki p[3])
{
	for (size_t k = 3; k-- > 0;)
		pki_make(k == at ? row : &usual[k], k == 2 ? NULL : &p[k + 1], NULL, &p[k]);
}

static void free_chain(struct pki p[3])
{
	for (size_t k = 0; k < 3; k++)
		pki_done(&p[k]);
}

static void made_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(made); i++) {
		CLEANUP(chain_done) struct chain chain = { 0 };
		struct pki                       p[3]  = { 0 };
		struct anchor                    anchor;
		struct assay_err                 e = { 0 };

		make_chain(made[i].at, &made[i].row, p);
		pki_chain(&crypto, &chain,
			(const X509 *const[]){ p[0].cert, p[1].cert, p[2].cert }, 3);
		pki_anchor(&crypto, p[2].cert, &anchor);
		free_chain(p);
		print_message("%s\n", made[i].name);
		if (chain_verify(&crypto, &chain, &anchor, NOW, 0, &e) != made[i].code)
			fail_msg("%s: %s", assay_code_name(e.code), assay_err_text(&e));
		if (strstr(assay_err_text(&e), made[i].says) == NULL)
			fail_msg("says %s", assay_err_text(&e));
		e = (struct assay_err){ 0 };
		if (chain_verify(&crypto, &chain, &anchor, NOW, 1, &e) != made[i].known)
			fail_msg("known: %s: %s", assay_code_name(e.code), assay_err_text(&e));
	}
}

/* A leaf that another CA of the same name signed, and one whose signature is spoiled. */
static void made_signatures(void **state)
{
	struct pki       a[3] = { 0 }, b[3] = { 0 };
	struct anchor    anchor;
	struct assay_err e = { 0 };

	(void)state;
	make_chain(NOBODY, NULL, a);
	make_chain(NOBODY, NULL, b);
	pki_anchor(&crypto, a[2].cert, &anchor);
	for (size_t known = 0; known < 2; known++) {
		CLEANUP(chain_done) struct chain mixed = { 0 }, spoilt = { 0 };
		CLEANUP(buf_done) struct buf     der = { 0 };

		pki_chain(&crypto, &mixed,
			(const X509 *const[]){ b[0].cert, a[1].cert, a[2].cert }, 3);
		assert_int_equal(chain_verify(&crypto, &mixed, &anchor, NOW, known, &e),
			ASSAY_CHAIN_PATH);
		pki_der(a[0].cert, &der);
		der.p[der.n - 1] ^= 1;
		assert_int_equal(chain_append(&crypto, buf_bytes(&der), &spoilt, &e), ASSAY_OK);
		pki_chain(&crypto, &spoilt, (const X509 *const[]){ a[1].cert, a[2].cert }, 2);
		assert_int_equal(chain_verify(&crypto, &spoilt, &anchor, NOW, known, &e),
			ASSAY_CHAIN_PATH);
	}
	assert_int_equal(chain_issued(&crypto, a[0].cert, a[1].cert, NOW, NULL, &e), ASSAY_OK);
	assert_int_equal(
		chain_issued(&crypto, b[0].cert, a[1].cert, NOW, NULL, &e), ASSAY_CHAIN_PATH);
	free_chain(a);
	free_chain(b);
}

/* The root's own key in another certificate of the same name: it is the certificate that is pinned, not the key alone. */
static void made_root_again(void **state)
{
	CLEANUP(chain_done) struct chain chain = { 0 };
	struct pki                       p[3] = { 0 }, again = { 0 };
	struct anchor                    anchor;
	struct assay_err                 e = { 0 };

	(void)state;
	make_chain(NOBODY, NULL, p);
	pki_make(&(struct pki_row){ "root", .from = NOW - 86400, .ext = PKI_CA }, NULL,
		p[2].key, &again);
	pki_anchor(&crypto, p[2].cert, &anchor);
	pki_chain(
		&crypto, &chain, (const X509 *const[]){ p[0].cert, p[1].cert, again.cert }, 3);
	assert_int_equal(chain_verify(&crypto, &chain, &anchor, NOW, 0, &e), ASSAY_CHAIN_ROOT);
	pki_anchor(&crypto, again.cert, &anchor);
	assert_int_equal(chain_verify(&crypto, &chain, &anchor, NOW, 0, &e), ASSAY_OK);
	free_chain(p);
	pki_done(&again);
}

/* The whole of another PKI, root included, is the forger's first try. */
static void made_other_root(void **state)
{
	CLEANUP(chain_done) struct chain chain = { 0 };
	struct pki                       a[3] = { 0 }, b[3] = { 0 };
	struct anchor                    anchor;
	struct assay_err                 e = { 0 };

	(void)state;
	make_chain(NOBODY, NULL, a);
	make_chain(NOBODY, NULL, b);
	pki_anchor(&crypto, a[2].cert, &anchor);
	pki_chain(&crypto, &chain, (const X509 *const[]){ b[0].cert, b[1].cert, b[2].cert }, 3);
	assert_int_equal(chain_verify(&crypto, &chain, &anchor, NOW, 0, &e), ASSAY_CHAIN_ROOT);
	free_chain(a);
	free_chain(b);
}

static void window(void **state)
{
	CLEANUP(chain_done) struct chain chain = { 0 };
	struct pki                       p[3]  = { 0 };
	struct assay_err                 e     = { 0 };
	CLEANUP(buf_done) struct buf     der   = { 0 };

	(void)state;
	make_chain(
		1, &(struct pki_row){ "CA", .from = NOW - 5, .to = NOW + 5, .ext = PKI_CA }, p);
	pki_chain(&crypto, &chain, (const X509 *const[]){ p[0].cert, p[1].cert, p[2].cert }, 3);
	assert_int_equal(chain.not_before, NOW - 5);
	assert_int_equal(chain.not_after, NOW + 5);
	assert_int_equal(chain_valid_at(&chain, NOW - 5, &e), ASSAY_OK);
	assert_int_equal(chain_valid_at(&chain, NOW + 5, &e), ASSAY_OK);
	assert_int_equal(chain_valid_at(&chain, NOW - 6, &e), ASSAY_CERT_NOT_YET);
	assert_int_equal(chain_valid_at(&chain, NOW + 6, &e), ASSAY_CERT_EXPIRED);

	/* no more than there is room for */
	pki_der(p[0].cert, &der);
	free_chain(p);
	assert_int_equal(chain_append(&crypto, buf_bytes(&der), &chain, &e), ASSAY_OK);
	assert_int_equal(chain_append(&crypto, buf_bytes(&der), &chain, &e), ASSAY_OK);
	assert_int_equal(chain_append(&crypto, buf_bytes(&der), &chain, &e), ASSAY_CERT_COUNT);
	assert_int_equal(chain.n, CHAIN_MAX);
}

static void text(void **state)
{
	CLEANUP(chain_done) struct chain chain = { 0 };
	struct assay_err                 e     = { 0 };

	(void)state;
	assert_int_equal(chain_parse(&crypto, BYTES("junk"), 5, &chain, &e), ASSAY_INPUT_PEM);
	assert_int_equal(chain_parse(&crypto,
				 BYTES("-----BEGIN CERTIFICATE-----\nMAA=\n"
				       "-----END CERTIFICATE-----\n"),
				 1, &chain, &e),
		ASSAY_CERT_PARSE);
	assert_int_equal(chain.n, 0);
}

static int set_up(void **state)
{
	struct assay_err e = { 0 };

	(void)state;
	pin(0, &device_root);
	pin(1, &rim_root);
	return crypto_open(&crypto, &e) == ASSAY_OK ? 0 : -1;
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
		cmocka_unit_test(real_at_times),
		cmocka_unit_test(real_known),
		cmocka_unit_test(real_other_root),
		cmocka_unit_test(real_orders),
		cmocka_unit_test(made_table),
		cmocka_unit_test(made_signatures),
		cmocka_unit_test(made_root_again),
		cmocka_unit_test(made_other_root),
		cmocka_unit_test(window),
		cmocka_unit_test(text),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
