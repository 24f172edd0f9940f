/* SPDX-License-Identifier: Apache-2.0
 *
 * Single certificates: one DER value of some size, and what is read from it. */
#include "test.h"

#include <stdio.h>

#include <openssl/x509v3.h>

#include "base/der.h"
#include "base/hex.h"
#include "base/utc.h"
#include "crypto/digest.h"
#include "pki.h"

static struct crypto crypto;

static int set_up(void **state)
{
	struct assay_err e = { 0 };

	(void)state;
	return crypto_open(&crypto, &e) == ASSAY_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	crypto_done(&crypto);
	return 0;
}

static void parse_fails(const char *name, struct bytes der)
{
	struct assay_err e    = { 0 };
	X509            *cert = NULL;

	print_message("%s\n", name);
	assert_int_equal(cert_parse(&crypto, der, &cert, &e), ASSAY_CERT_PARSE);
	assert_null(cert);
}

static void parsing(void **state)
{
	CLEANUP(pki_done) struct pki p   = { 0 };
	CLEANUP(buf_done) struct buf der = { 0 };
	struct assay_err             e   = { 0 };
	X509                        *cert;

	(void)state;
	pki_make(&(struct pki_row){ "one" }, NULL, NULL, &p);
	pki_der(p.cert, &der);
	assert_int_equal(cert_parse(&crypto, buf_bytes(&der), &cert, &e), ASSAY_OK);
	assert_int_equal(X509_cmp(cert, p.cert), 0);
	X509_free(cert);
	for (size_t n = 0; n < der.n; n++) {
		assert_int_equal(cert_parse(&crypto, (struct bytes){ der.p, n }, &cert, &e),
			ASSAY_CERT_PARSE);
	}
	parse_fails("nothing", (struct bytes){ 0 });
	parse_fails("text", BYTES("-----BEGIN CERTIFICATE-----"));
	buf_byte(&der, 0);
	parse_fails("trailing byte", buf_bytes(&der));
	der.n--;
	pki_der(p.cert, &der);
	parse_fails("two", buf_bytes(&der));
	memset(buf_room(&der, CERT_MAX), 0, CERT_MAX);
	parse_fails("over the limit", buf_bytes(&der));
}

/* Outside of what is signed OpenSSL takes any BER; one certificate would have many encodings. */
static void parsing_ber(void **state)
{
	CLEANUP(pki_done) struct pki p   = { 0 };
	CLEANUP(buf_done) struct buf der = { 0 }, ber = { 0 };
	struct bytes                 whole, tbs, rest;
	struct rd                    r;
	struct assay_err             e = { 0 };
	struct der                   d;

	(void)state;
	pki_make(&(struct pki_row){ "one" }, NULL, NULL, &p);
	pki_der(p.cert, &der);
	r = (struct rd){ .in = buf_bytes(&der) };
	assert_int_equal(der_expect(&r, DER_SEQUENCE, "certificate", &whole, &e), ASSAY_OK);
	r = (struct rd){ .in = whole };
	assert_int_equal(der_next(&r, "tbs", &d, &e), ASSAY_OK);
	tbs  = d.whole;
	rest = (struct bytes){ tbs.p + tbs.n, whole.n - tbs.n };

	buf_put(&ber, (uint8_t[]){ 0x30, 0x80 }, 2); /* indefinite */
	buf_put(&ber, whole.p, whole.n);
	buf_put(&ber, (uint8_t[]){ 0, 0 }, 2);
	parse_fails("indefinite length", buf_bytes(&ber));

	ber.n = 0; /* the algorithm's length in two bytes */
	buf_put(&ber,
		(uint8_t[]){
			0x30, 0x82, (uint8_t)((whole.n + 1) >> 8), (uint8_t)(whole.n + 1) },
		4);
	buf_put(&ber, tbs.p, tbs.n);
	buf_put(&ber, (uint8_t[]){ 0x30, 0x81 }, 2);
	buf_put(&ber, rest.p + 1, rest.n - 1);
	parse_fails("long form", buf_bytes(&ber));
}

static void validity(void **state)
{
	static const struct {
		int64_t from, to;
	} cases[] = {
		{ 1, 2 },
		{ INT64_C(2524607999), INT64_C(2524608000) }, /* UTCTime, GeneralizedTime */
		{ INT64_C(253370764800), UTC_MAX },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(pki_done) struct pki p = { 0 };
		AUTO(X509)                  *cert;
		struct assay_err             e = { 0 };
		int64_t                      from, to;

		pki_make(&(struct pki_row){ "when", .from = cases[i].from, .to = cases[i].to },
			NULL, NULL, &p);
		cert = pki_load(&crypto, p.cert);
		assert_int_equal(cert_validity(cert, &from, &to, &e), ASSAY_OK);
		assert_int_equal(from, cases[i].from);
		assert_int_equal(to, cases[i].to);
	}
}

/* RFC 5280 4.1.2.5: seconds, Z, no fractions. OpenSSL's decoder takes more. */
static const struct {
	int         type;
	const char *text;
	bool        good;
} forms[] = {
	{ V_ASN1_UTCTIME, "270115080000Z", true },
	{ V_ASN1_UTCTIME, "2701150800Z", false },
	{ V_ASN1_UTCTIME, "270115080000+0100", false },
	{ V_ASN1_UTCTIME, "2701150800+0100", false },
	{ V_ASN1_UTCTIME, "270115250000Z", false },
	{ V_ASN1_GENERALIZEDTIME, "20270115080000Z", true },
	{ V_ASN1_GENERALIZEDTIME, "202701150800Z", false },
	{ V_ASN1_GENERALIZEDTIME, "20270115080000.5Z", false },
	{ V_ASN1_GENERALIZEDTIME, "20270115080000+0100", false },
	{ V_ASN1_GENERALIZEDTIME, "2027011508+0100", false },
	{ V_ASN1_GENERALIZEDTIME, "20270229080000Z", false },
	{ V_ASN1_GENERALIZEDTIME, "", false },
};

static void validity_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		CLEANUP(pki_done) struct pki p = { 0 };
		AUTO(X509)                  *cert;
		struct assay_err             e = { 0 };
		ASN1_TIME                   *t;
		int64_t                      from, to;

		print_message("%s\n", forms[i].text);
		pki_make(&(struct pki_row){ "when" }, NULL, NULL, &p);
		t       = X509_getm_notAfter(p.cert);
		t->type = forms[i].type;
		ASN1_STRING_set(t, forms[i].text, -1);
		assert_true(X509_sign(p.cert, p.key, EVP_sha384()) > 0);
		cert = pki_load(&crypto, p.cert);
		assert_int_equal(cert_validity(cert, &from, &to, &e),
			forms[i].good ? ASSAY_OK : ASSAY_CERT_PARSE);
		if (forms[i].good)
			assert_int_equal(to, 1800000000);
	}
}

static const struct {
	const char *name, *serial, *want;
} serials[] = {
	{ "small", "01", "01" },
	{ "zero", "00", "00" },
	{ "high bit", "FF00", "ff00" }, /* with a sign byte on the wire */
	{ "device", "592CA97DBE569CF105A2AF7787C854B504DDCFC4",
		"592ca97dbe569cf105a2af7787c854b504ddcfc4" },
};

static void serial_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(serials); i++) {
		CLEANUP(pki_done) struct pki p = { 0 };
		AUTO(X509)                  *cert;

		print_message("%s\n", serials[i].name);
		pki_make(&(struct pki_row){ "serial", .serial = serials[i].serial }, NULL, NULL,
			&p);
		cert = pki_load(&crypto, p.cert);
		assert_string_equal(HEX(cert_serial(cert)), serials[i].want);
	}
}

static void subjects(void **state)
{
	CLEANUP(pki_done) struct pki p = { 0 };
	AUTO(X509)                  *cert;
	X509_NAME                   *name;

	(void)state;
	pki_make(&(struct pki_row){ "who" }, NULL, NULL, &p);
	cert = pki_load(&crypto, p.cert);
	assert_true(bytes_equal(cert_subject(cert, NID_commonName), BYTES("who")));
	assert_null(cert_subject(cert, NID_serialNumber).p);
	name = X509_get_subject_name(cert);
	X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC,
		(const unsigned char *)"somebody else", -1, -1, 0);
	assert_null(cert_subject(cert, NID_commonName).p);
}

static void keys(void **state)
{
	CLEANUP(pki_done) struct pki p    = { 0 };
	CLEANUP(buf_done) struct buf spki = { 0 };
	AUTO(X509)                  *cert;
	struct assay_err             e = { 0 };
	struct bytes                 bits;

	(void)state;
	pki_make(&(struct pki_row){ "key" }, NULL, NULL, &p);
	cert = pki_load(&crypto, p.cert);
	assert_int_equal(cert_spki(cert, &spki, &e), ASSAY_OK);
	bits = cert_key_bits(cert);
	assert_int_equal(spki.n, 120);
	assert_int_equal(bits.n, 97);
	assert_int_equal(bits.p[0], 4);
	assert_memory_equal(spki.p + 23, bits.p, 97);
}

static void extensions(void **state)
{
	CLEANUP(pki_done) struct pki p = { 0 };
	AUTO(X509)                  *cert;
	X509_EXTENSION              *again;
	size_t                       times;
	struct bytes                 value;

	(void)state;
	pki_make(&(struct pki_row){ "ext",
			 .ext = { { NID_key_usage, "critical,digitalSignature" } } },
		NULL, NULL, &p);
	cert  = pki_load(&crypto, p.cert);
	value = cert_extension(cert, "2.5.29.15", &times);
	assert_int_equal(times, 1);
	assert_true(bytes_equal(value, BYTES("\x03\x02\x07\x80")));
	value = cert_extension(cert, "2.5.29.37", &times);
	assert_int_equal(times, 0);
	assert_null(value.p);
	value = cert_extension(cert, "not an OID", &times);
	assert_int_equal(times, 0);
	again = X509_EXTENSION_dup(
		X509_get_ext(cert, X509_get_ext_by_NID(cert, NID_key_usage, -1)));
	assert_int_equal(X509_add_ext(cert, again, -1), 1);
	X509_EXTENSION_free(again);
	cert_extension(cert, "2.5.29.15", &times);
	assert_int_equal(times, 2);
}

#define DMTF "1.3.6.1.4.1.412.274.1"

static const struct {
	const char *name, *san, *want; /* want NULL: none */
} names[] = {
	{ "device", "otherName:" DMTF ";UTF8:NVIDIA:GH100:48B02D51C9C1070B",
		"NVIDIA:GH100:48B02D51C9C1070B" },
	{ "empty", "otherName:" DMTF ";UTF8:", "" },
	{ "another type", "otherName:1.3.6.1.4.1.412.274.2;UTF8:NVIDIA", NULL },
	{ "another string", "otherName:" DMTF ";PRINTABLESTRING:NVIDIA", NULL },
	{ "DNS", "DNS:example.org", NULL },
	{ "two", "otherName:" DMTF ";UTF8:A,otherName:" DMTF ";UTF8:B", NULL },
	{ "beside DNS", "otherName:" DMTF ";UTF8:A,DNS:example.org", NULL },
	{ "behind DNS", "DNS:example.org,otherName:" DMTF ";UTF8:A", NULL },
};

static void other_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(pki_done) struct pki p = { 0 };
		AUTO(X509)                  *cert;
		struct bytes                 got;

		print_message("%s\n", names[i].name);
		pki_make(&(struct pki_row){ "san",
				 .ext = { { NID_subject_alt_name, names[i].san } } },
			NULL, NULL, &p);
		cert = pki_load(&crypto, p.cert);
		got  = cert_other_name(cert, DMTF);
		assert_int_equal(got.p != NULL, names[i].want != NULL);
		assert_true(bytes_equal(got, bytes_text(names[i].want)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parsing),
		cmocka_unit_test(parsing_ber),
		cmocka_unit_test(validity),
		cmocka_unit_test(validity_forms),
		cmocka_unit_test(serial_numbers),
		cmocka_unit_test(subjects),
		cmocka_unit_test(keys),
		cmocka_unit_test(extensions),
		cmocka_unit_test(other_names),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
