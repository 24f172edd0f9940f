/* SPDX-License-Identifier: Apache-2.0 */
#include "forge/pki.h"

#include <stdio.h>

#include "base/utc.h"
#include "forge/asn.h"
#include "forge/ossl.h"

#define DAY     INT64_C(86400)
#define NVIDIA  "O=NVIDIA Corporation"
#define FOREVER "9999-12-31T23:59:59Z"
#define CRL     "http://crl.ndis.nvidia.com/"
#define INTEL   "|O=Intel Corporation|L=Santa Clara|ST=CA|C=US"
#define SGX_CRL "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"

/* nvidia-evidence 3.1 and 5.5, with dates of 9.4. What has an end there lies around the forge's time here: begin and
 * end are a date, or days before and after. */
static const struct {
	const char *subject;
	const char *extensions;
	const char *crl;
	const char *from, *to;
	int         days_from, days_to;
	enum ca     issuer;
	uint8_t serial_n, serial_top; /* the first byte: above 0x7f DER puts a zero in front.
	                                 Size 0: the identifier of its key, as Intel has it */
	bool    generalized;
} rows[CA_COUNT] = {
	[CA_DEVICE_ROOT] = { "CN=NVIDIA Device Identity CA|O=NVIDIA", "BKSI", NULL,
		"2021-11-05T00:00:00Z", FOREVER, 0, 0, CA_DEVICE_ROOT, 16, 0x2d, false },
	[CA_GH100]     = { "CN=NVIDIA GH100 Identity|" NVIDIA, "BKCOSI", CRL "crl/l1-root.crl",
		    "2022-01-12T00:00:00Z", FOREVER, 0, 0, CA_DEVICE_ROOT, 16, 0x4c, false },
	[CA_GB100]     = { "CN=NVIDIA GB100 Identity|" NVIDIA, "BKCOSI", CRL "crl/l1-root.crl",
		    "2023-01-01T00:00:00Z", FOREVER, 0, 0, CA_DEVICE_ROOT, 16, 0x57, false },
	[CA_GH100_ICA] = { "CN=NVIDIA GH100 Provisioner ICA 1|" NVIDIA "|C=US", "BKCOSI",
		CRL "crl/l2-gh100.crl", "2022-03-01T00:00:00Z", FOREVER, 0, 0, CA_GH100, 16,
		0x6a, false },
	[CA_LS10_ICA]  = { "CN=NVIDIA LS_10 Provisioner ICA 1|" NVIDIA "|C=US", "BKCOSI",
		 CRL "crl/l2-gh100.crl", "2022-03-01T00:00:00Z", FOREVER, 0, 0, CA_GH100, 16,
		 0x72, false },
	[CA_GB100_ICA] = { "CN=NVIDIA GB100 Provisioner ICA 00000|" NVIDIA "|C=US", "BKCOSI",
		CRL "crl/l2-gb100.crl", "2023-06-20T00:00:00Z", FOREVER, 0, 0, CA_GB100, 16,
		0x5d, false },
	[CA_RIM_ROOT]  = { "C=US|O=NVIDIA|CN=NVIDIA CoRIM signing Root CA", "SIBK", NULL,
		 "2023-03-16T15:37:34Z", "2053-03-08T15:37:34Z", 0, 0, CA_RIM_ROOT, 16, 0x45,
		 false },
	[CA_RIM_GH100] = { "CN=NVIDIA Reference Value GH100 CA|" NVIDIA "|C=US", "BKCOSI",
		CRL "crl-corim/l1-corim", NULL, NULL, -1100, 2550, CA_RIM_ROOT, 16, 0xc6,
		true },
	[CA_RIM_GB100] = { "CN=NVIDIA Reference Value GB100 CA|" NVIDIA "|C=US", "BKCOSI",
		CRL "crl-corim/l1-corim", NULL, NULL, -1000, 2650, CA_RIM_ROOT, 16, 0xa9,
		true },
	[CA_RIM_LS10]  = { "CN=NVIDIA Reference Value LS10 CA|" NVIDIA "|C=US", "BKCOSI",
		 CRL "crl-corim/l1-corim", NULL, NULL, -900, 2750, CA_RIM_ROOT, 16, 0xb6, true },
	[CA_RIM_GH100_L3] = { "CN=NVIDIA Reference Value L3 GH100 002|" NVIDIA "|C=US", "QKOSI",
		NULL, NULL, NULL, -900, 378, CA_RIM_GH100, 16, 0xb4, true },
	[CA_RIM_GB100_L3] = { "CN=NVIDIA Reference Value L3 GB100-CC 001|" NVIDIA "|C=US",
		"QKOSI", NULL, NULL, NULL, -800, 478, CA_RIM_GB100, 16, 0x91, true },
	[CA_RIM_LS10_L3]  = { "CN=NVIDIA Reference Value L3 LS10 001|" NVIDIA "|C=US", "QKOSI",
		 NULL, NULL, NULL, -760, 518, CA_RIM_LS10, 16, 0xb6, true },
	[CA_SIGNER_GH100] = { "C=US|ST=CA|L=Santa Clara|" NVIDIA "|CN=HCC RIM L4 Signer",
		"SINDO", NULL, NULL, NULL, -365, 365, CA_RIM_GH100_L3, 20, 0x5e, false },
	[CA_SIGNER_GB100] = { "C=US|ST=CA|L=Santa Clara|" NVIDIA "|CN=RIM L4 Signer", "SINDO",
		NULL, NULL, NULL, -365, 365, CA_RIM_GB100_L3, 20, 0x3a, false },
	[CA_SIGNER_LS10]  = { "C=US|ST=CA|L=Santa Clara|" NVIDIA
			      "|CN=NVIDIA Reference Value L4 LS10",
		 "SINDO", NULL, NULL, NULL, -365, 365, CA_RIM_LS10_L3, 20, 0x4b, false },
	[CA_SGX_ROOT]     = { "CN=Intel SGX Root CA" INTEL, "ICSKP", SGX_CRL,
		    "2018-05-21T10:45:10Z", "2049-12-31T23:59:59Z", 0, 0, CA_SGX_ROOT, 0, 0,
		    false },
	[CA_SGX_PLATFORM] = { "CN=Intel SGX PCK Platform CA" INTEL, "ICSKQ", SGX_CRL,
		"2018-05-21T10:50:10Z", "2033-05-21T10:50:10Z", 0, 0, CA_SGX_ROOT, 0, 0,
		false },
	[CA_SGX_PROCESSOR] = { "CN=Intel SGX PCK Processor CA" INTEL, "ICSKQ", SGX_CRL,
		"2018-05-21T10:50:10Z", "2033-05-21T10:50:10Z", 0, 0, CA_SGX_ROOT, 0, 0,
		false },
	[CA_SGX_TCB]   = { "CN=Intel SGX TCB Signing" INTEL, "ICSGN", SGX_CRL, NULL, NULL, -391,
		  2165, CA_SGX_ROOT, 0, 0, false },
	[CA_SGX_OTHER] = { "CN=Intel SGX PCK Platform CA 2" INTEL, "ICSKQ", SGX_CRL,
		"2018-05-21T10:50:10Z", "2033-05-21T10:50:10Z", 0, 0, CA_SGX_ROOT, 0, 0,
		false },
	[CA_SGX_WIDE]  = { "CN=Intel SGX PCK Platform CA" INTEL, "ICSKP", SGX_CRL,
		 "2018-05-21T10:50:10Z", "2033-05-21T10:50:10Z", 0, 0, CA_SGX_ROOT, 0, 0,
		 false },
	[CA_SGX_LISTS] = { "CN=Intel SGX TCB Signing" INTEL, "ICSKQ", SGX_CRL, NULL, NULL, -391,
		2165, CA_SGX_ROOT, 0, 0, false },
	[CA_SGX_QUIET] = { "CN=Intel SGX Attestation Report Signing" INTEL, "ICSGN", SGX_CRL,
		NULL, NULL, -391, 2165, CA_SGX_ROOT, 0, 0, false },
};

/* RFC 5280 4.2.1, RFC 6960 4.2.2.2. Fixed content stands here; S, I and C depend on keys and rows. */
static const struct {
	char         letter;
	const char  *oid;
	bool         critical;
	struct bytes der;
} kinds[] = {
	{ 'B', "2.5.29.19", true, BYTES("\x30\x03\x01\x01\xff") },             /* CA */
	{ 'Q', "2.5.29.19", true, BYTES("\x30\x06\x01\x01\xff\x02\x01\x00") }, /* pathlen 0 */
	{ 'P', "2.5.29.19", true, BYTES("\x30\x06\x01\x01\xff\x02\x01\x01") }, /* pathlen 1 */
	{ 'N', "2.5.29.19", true, BYTES("\x30\x00") },                         /* no CA */
	{ 'K', "2.5.29.15", true, BYTES("\x03\x02\x01\x06") }, /* keyCertSign, cRLSign */
	{ 'k', "2.5.29.15", true, BYTES("\x03\x02\x02\x04") }, /* keyCertSign */
	{ 'D', "2.5.29.15", true, BYTES("\x03\x02\x07\x80") }, /* digitalSignature */
	{ 'G', "2.5.29.15", true, BYTES("\x03\x02\x06\xc0") }, /* and nonRepudiation */
	{ 'W', "2.5.29.15", true, BYTES("\x03\x02\x02\x84") }, /* both: a fault's */
	{ 'E', "2.5.29.37", false,
		BYTES("\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x09") }, /* OCSPSigning */
	{ 'X', "1.3.6.1.5.5.7.48.1.5", false, BYTES("\x05\x00") },           /* OCSP nocheck */
	{ 'O', "1.3.6.1.5.5.7.1.1", false,
		BYTES("\x30\x29\x30\x27\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01\x86\x1b"
		      "http://ocsp.ndis.nvidia.com") },
	{ 'S', "2.5.29.14", false, { 0 } },
	{ 'I', "2.5.29.35", false, { 0 } },
	{ 'C', "2.5.29.31", false, { 0 } },
};

enum ca pki_issuer(enum ca which)
{
	return rows[which].issuer;
}

enum assay_code pki_der(const X509 *cert, struct buf *out, struct assay_err *e)
{
	unsigned char *der = NULL;
	int            n   = i2d_X509(cert, &der);

	if (n <= 0)
		return seed_fail(e, "encoding a certificate");
	buf_put(out, der, (size_t)n);
	OPENSSL_free(der);
	return buf_ok(out, e);
}

struct bytes pki_point(const X509 *cert)
{
	const ASN1_BIT_STRING *bits = X509_get0_pubkey_bitstr(cert);

	return (struct bytes){ ASN1_STRING_get0_data(bits), (size_t)ASN1_STRING_length(bits) };
}

enum assay_code pki_spki(EVP_PKEY *key, struct buf *out, struct assay_err *e)
{
	unsigned char *der = NULL;
	int            n   = i2d_PUBKEY(key, &der);

	if (n <= 0)
		return seed_fail(e, "encoding a public key");
	buf_put(out, der, (size_t)n);
	OPENSSL_free(der);
	return buf_ok(out, e);
}

enum assay_code pki_key_id(
	const struct seed *s, EVP_PKEY *key, uint8_t id[20], struct assay_err *e)
{
	unsigned char  *point = NULL;
	size_t          n     = EVP_PKEY_get1_encoded_public_key(key, &point);
	enum assay_code code;

	if (n == 0)
		return seed_fail(e, "a key's point");
	code = seed_digest(s, "SHA1", (struct bytes){ point, n }, id, e);
	OPENSSL_free(point);
	return code;
}

static void write_crl(struct buf *out, const char *url)
{
	CLEANUP(buf_done) struct buf a = { 0 }, b = { 0 };

	asn_put(&a, 0x86, bytes_text(url)); /* uniformResourceIdentifier */
	asn_put(&b, 0xa0, buf_bytes(&a));   /* fullName */
	buf_done(&a);
	asn_put(&a, 0xa0, buf_bytes(&b)); /* distributionPoint */
	buf_done(&b);
	asn_put(&b, DER_SEQUENCE, buf_bytes(&a));
	asn_put(out, DER_SEQUENCE, buf_bytes(&b));
}

static enum assay_code write_computed(const struct seed *s, const struct cert_plan *c,
	char letter, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf inner = { 0 };
	uint8_t                      id[20];

	if (letter == 'C') {
		write_crl(out, c->crl);
		return buf_ok(out, e);
	}
	TRY(pki_key_id(s, letter == 'S' ? c->key : c->issuer_key, id, e));
	asn_put(&inner, letter == 'S' ? DER_OCTET_STRING : DER_CONTEXT(0), BYTES_OF(id));
	if (letter == 'S')
		buf_put(out, inner.p, inner.n);
	else
		asn_put(out, DER_SEQUENCE, buf_bytes(&inner));
	return buf_ok(out, e);
}

static enum assay_code add_extension(
	X509 *cert, const char *oid, bool critical, struct bytes der, struct assay_err *e)
{
	AUTO(ASN1_OBJECT)       *object = OBJ_txt2obj(oid, 1);
	AUTO(ASN1_OCTET_STRING) *value  = ASN1_OCTET_STRING_new();
	AUTO(X509_EXTENSION)    *ext    = NULL;

	if (object == NULL || value == NULL ||
		ASN1_OCTET_STRING_set(value, der.p, (int)der.n) != 1)
		return seed_fail(e, oid);
	ext = X509_EXTENSION_create_by_OBJ(NULL, object, critical, value);
	if (ext == NULL || X509_add_ext(cert, ext, -1) != 1)
		return seed_fail(e, oid);
	return ASSAY_OK;
}

static enum assay_code add_extensions(
	const struct seed *s, const struct cert_plan *c, X509 *cert, struct assay_err *e)
{
	for (const char *l = c->extensions; *l != '\0'; l++) {
		CLEANUP(buf_done) struct buf made = { 0 };
		size_t                       i    = 0;

		while (kinds[i].letter != *l)
			i++;
		if (kinds[i].der.p == NULL)
			TRY(write_computed(s, c, *l, &made, e));
		TRY(add_extension(cert, kinds[i].oid, kinds[i].critical,
			made.p != NULL ? buf_bytes(&made) : kinds[i].der, e));
	}
	for (size_t i = 0; i < c->more_n; i++)
		TRY(add_extension(cert, c->more[i].oid, false, buf_bytes(&c->more[i].der), e));
	return ASSAY_OK;
}

/* "CN=x|O=y": country and serial number are PrintableString, the rest UTF8String. */
static enum assay_code set_subject(X509 *cert, const char *subject, struct assay_err *e)
{
	X509_NAME  *name = X509_get_subject_name(cert);
	const char *at   = subject;

	while (*at != '\0') {
		size_t      n     = strcspn(at, "|");
		size_t      key_n = strcspn(at, "=");
		char        key[16];
		const char *value = at + key_n + 1;

		snprintf(key, sizeof(key), "%.*s", (int)key_n, at);
		if (X509_NAME_add_entry_by_txt(name, key,
			    strcmp(key, "C") == 0 || strcmp(key, "serialNumber") == 0
				    ? V_ASN1_PRINTABLESTRING
				    : V_ASN1_UTF8STRING,
			    (const unsigned char *)value, (int)(n - key_n - 1), -1, 0) != 1)
			return seed_fail(e, subject);
		at += n + (at[n] == '|');
	}
	return ASSAY_OK;
}

static ASN1_TIME *make_time(int64_t at, bool generalized)
{
	char iso[UTC_TEXT], text[16];

	utc_format(at, iso); /* "2026-11-23T07:15:00Z" */
	snprintf(text, sizeof(text), "%.4s%.2s%.2s%.2s%.2s%.2sZ", iso, iso + 5, iso + 8,
		iso + 11, iso + 14, iso + 17);
	if (generalized || strcmp(text, "2050") >= 0) {
		ASN1_TIME *t = ASN1_GENERALIZEDTIME_new();

		if (t != NULL && ASN1_GENERALIZEDTIME_set_string(t, text) != 1) {
			ASN1_TIME_free(t);
			t = NULL;
		}
		return t;
	}
	return ASN1_UTCTIME_set(NULL, (time_t)at);
}

static enum assay_code set_fields(const struct cert_plan *c, X509 *cert, struct assay_err *e)
{
	AUTO(ASN1_TIME)    *from   = make_time(c->from, c->generalized);
	AUTO(ASN1_TIME)    *to     = make_time(c->to, c->generalized);
	AUTO(BIGNUM)       *number = BN_bin2bn(c->serial, (int)c->serial_n, NULL);
	AUTO(ASN1_INTEGER) *serial = number == NULL ? NULL : BN_to_ASN1_INTEGER(number, NULL);

	if (from == NULL || to == NULL || serial == NULL ||
		X509_set_version(cert, X509_VERSION_3) != 1 ||
		X509_set_serialNumber(cert, serial) != 1 ||
		X509_set1_notBefore(cert, from) != 1 || X509_set1_notAfter(cert, to) != 1 ||
		X509_set_pubkey(cert, c->key) != 1)
		return seed_fail(e, c->name);
	return ASSAY_OK;
}

enum assay_code pki_sign(
	const struct seed *s, const struct cert_plan *plan, X509 **out, struct assay_err *e)
{
	AUTO(X509)      *cert = X509_new_ex(s->lib, NULL);
	struct cert_plan c    = *plan;

	if (cert == NULL)
		return err_no_memory(e);
	if (c.issuer_key == NULL)
		c.issuer_key = c.key;
	TRY(set_fields(&c, cert, e));
	TRY(set_subject(cert, c.subject, e));
	if (X509_set_issuer_name(
		    cert, X509_get_subject_name(c.issuer == NULL ? cert : c.issuer)) != 1)
		return seed_fail(e, c.name);
	TRY(add_extensions(s, &c, cert, e));
	TRY(seed_arm(s, NAME("sign/cert/%s", c.name), e));
	if (X509_sign(cert, c.issuer_key, seed_md(c.issuer_key)) <= 0)
		return seed_fail(e, c.name);
	*out = TAKE(cert);
	return ASSAY_OK;
}

void cert_plan_done(struct cert_plan *c)
{
	for (size_t i = 0; i < CERT_MORE; i++)
		buf_done(&c->more[i].der);
}

/* Midnight, that many days from the forge's time. */
static int64_t day(const struct pki *p, int days)
{
	return (p->at / DAY + days) * DAY;
}

static enum assay_code plan_ca(
	struct pki *p, enum ca which, struct cert_plan *c, struct assay_err *e)
{
	c->subject     = rows[which].subject;
	c->serial_n    = rows[which].serial_n;
	c->extensions  = rows[which].extensions;
	c->crl         = rows[which].crl;
	c->generalized = rows[which].generalized;
	c->from        = day(p, rows[which].days_from);
	c->to          = day(p, rows[which].days_to) + DAY - 1;
	if (rows[which].from != NULL)
		TRY(utc_parse(bytes_text(rows[which].from), &c->from, e));
	if (rows[which].to != NULL)
		TRY(utc_parse(bytes_text(rows[which].to), &c->to, e));
	if (c->serial_n == 0) {
		c->serial_n = sizeof(c->serial);
		return pki_key_id(p->seed, p->ca[which].key, c->serial, e);
	}
	TRY(seed_bytes(p->seed, NAME("serial/%s", c->name), c->serial, c->serial_n, e));
	c->serial[0] = rows[which].serial_top;
	return ASSAY_OK;
}

enum assay_code pki_ca(
	struct pki *p, enum ca which, X509 **cert, EVP_PKEY **key, struct assay_err *e)
{
	const char      *name = NAME("%sca/%s", p->label, rows[which].subject);
	struct cert_plan c    = { .name = name };

	if (p->ca[which].cert == NULL) {
		if (p->ca[which].key == NULL)
			TRY((which < CA_SGX_ROOT ? seed_key : seed_key256)(
				p->seed, name, &p->ca[which].key, e));
		TRY(plan_ca(p, which, &c, e));
		c.key = p->ca[which].key;
		if (rows[which].issuer != which)
			TRY(pki_ca(p, rows[which].issuer, &c.issuer, &c.issuer_key, e));
		TRY(pki_sign(p->seed, &c, &p->ca[which].cert, e));
	}
	*cert = p->ca[which].cert;
	*key  = p->ca[which].key;
	return ASSAY_OK;
}

enum assay_code pki_responder(
	struct pki *p, enum ca which, X509 **cert, EVP_PKEY **key, struct assay_err *e)
{
	const char      *name = NAME("%socsp/%s", p->label, rows[which].subject);
	struct cert_plan c    = {
		   .name       = name,
		   .subject    = "CN=NVIDIA OCSP Responder|" NVIDIA "|C=US",
		   .serial_n   = 16,
		   .from       = day(p, -20),
		   .to         = day(p, 70),
		   .extensions = "NDEXSI",
	};

	if (p->ca[which].responder == NULL) {
		TRY(pki_ca(p, which, &c.issuer, &c.issuer_key, e));
		if (p->ca[which].responder_key == NULL)
			TRY(seed_key(p->seed, name, &p->ca[which].responder_key, e));
		c.key = p->ca[which].responder_key;
		TRY(seed_bytes(p->seed, NAME("serial/%s", name), c.serial, c.serial_n, e));
		c.serial[0] &= 0x7f;
		TRY(pki_sign(p->seed, &c, &p->ca[which].responder, e));
	}
	*cert = p->ca[which].responder;
	*key  = p->ca[which].responder_key;
	return ASSAY_OK;
}

static bool has_serial(const X509 *cert, const ASN1_INTEGER *serial)
{
	return cert != NULL && ASN1_INTEGER_cmp(X509_get0_serialNumber(cert), serial) == 0;
}

bool pki_knows(const struct pki *p, enum ca issuer, const ASN1_INTEGER *serial)
{
	for (enum ca i = 0; i < CA_COUNT; i++)
		if (rows[i].issuer == issuer && has_serial(p->ca[i].cert, serial))
			return true;
	return has_serial(p->issued, serial);
}

void pki_issued(struct pki *p, X509 *cert)
{
	if (cert != NULL)
		X509_up_ref(cert);
	X509_free(p->issued);
	p->issued = cert;
}

void pki_done(struct pki *p)
{
	for (size_t i = 0; i < CA_COUNT; i++) {
		X509_free(p->ca[i].cert);
		EVP_PKEY_free(p->ca[i].key);
		X509_free(p->ca[i].responder);
		EVP_PKEY_free(p->ca[i].responder_key);
	}
	X509_free(p->issued);
	*p = (struct pki){ 0 };
}
