/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cert.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/der.h"
#include "base/utc.h"

AUTO_PTR(ASN1_OBJECT, ASN1_OBJECT_free)

/* OpenSSL reads BER as well, and would let one certificate have many encodings. */
static bool is_der(const X509 *cert, struct bytes der)
{
	unsigned char *again = NULL;
	int            n     = i2d_X509(cert, &again);
	bool           same  = n > 0 && bytes_equal(der, (struct bytes){ again, (size_t)n });

	OPENSSL_free(again);
	return same;
}

enum assay_code cert_parse(
	const struct crypto *c, struct bytes der, X509 **out, struct assay_err *e)
{
	const unsigned char *p    = der.p;
	AUTO(X509)          *cert = NULL;

	if (der.n == 0 || der.n > CERT_MAX)
		return err_set(e, ASSAY_CERT_PARSE, "a certificate of %zu bytes", der.n);
	cert = X509_new_ex(c->lib, NULL);
	if (cert == NULL)
		return err_no_memory(e);
	/* On failure d2i_X509 frees what it was given, and forgets it. */
	if (d2i_X509(&cert, &p, (long)der.n) == NULL || p != der.p + der.n ||
		!is_der(cert, der)) {
		ERR_clear_error();
		return err_set(e, ASSAY_CERT_PARSE, "not one DER certificate");
	}
	*out = TAKE(cert);
	return ASSAY_OK;
}

/* RFC 5280 4.1.2.5: YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ; OpenSSL's decoder takes more. */
static bool seconds(const ASN1_TIME *t, int64_t *out)
{
	const unsigned char *p = ASN1_STRING_get0_data(t);
	int                  n = ASN1_STRING_type(t) == V_ASN1_UTCTIME ? 13 : 15;
	struct tm            tm;

	return ASN1_STRING_length(t) == n && p[n - 1] == 'Z' && ASN1_TIME_to_tm(t, &tm) == 1 &&
		utc_from_date(&(struct utc_date){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
				      tm.tm_hour, tm.tm_min, tm.tm_sec },
			out);
}

enum assay_code cert_validity(
	const X509 *cert, int64_t *not_before, int64_t *not_after, struct assay_err *e)
{
	if (!seconds(X509_get0_notBefore(cert), not_before) ||
		!seconds(X509_get0_notAfter(cert), not_after))
		return err_set(e, ASSAY_CERT_PARSE, "a certificate's validity is no date");
	return ASSAY_OK;
}

static struct bytes string_bytes(const ASN1_STRING *s)
{
	return (struct bytes){ ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s) };
}

struct bytes cert_subject(const X509 *cert, int nid)
{
	const X509_NAME *name = X509_get_subject_name(cert);
	int              at   = X509_NAME_get_index_by_NID(name, nid, -1);

	if (at < 0 || X509_NAME_get_index_by_NID(name, nid, at) >= 0)
		return (struct bytes){ 0 };
	return string_bytes(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
}

struct bytes cert_extension(const X509 *cert, const char *oid, size_t *times)
{
	AUTO(ASN1_OBJECT) *want  = OBJ_txt2obj(oid, 1);
	struct bytes       value = { 0 };

	*times = 0;
	for (int i = 0; want != NULL && i < X509_get_ext_count(cert); i++) {
		X509_EXTENSION *ext = X509_get_ext(cert, i);

		if (OBJ_cmp(X509_EXTENSION_get_object(ext), want) != 0)
			continue;
		value = string_bytes(X509_EXTENSION_get_data(ext));
		++*times;
	}
	return value;
}

struct bytes cert_serial(const X509 *cert)
{
	return string_bytes(X509_get0_serialNumber(cert));
}

bool cert_signs_data(X509 *cert)
{
	uint32_t usage = X509_get_key_usage(cert);

	return (usage & KU_DIGITAL_SIGNATURE) != 0 &&
		(usage & (KU_KEY_CERT_SIGN | KU_CRL_SIGN)) == 0 &&
		(X509_get_extension_flags(cert) & EXFLAG_CA) == 0;
}

bool cert_issued_by_name(const X509 *cert, const X509 *issuer)
{
	const unsigned char *a, *b;
	size_t               x, y;

	return X509_NAME_get0_der(X509_get_issuer_name(cert), &a, &x) == 1 &&
		X509_NAME_get0_der(X509_get_subject_name(issuer), &b, &y) == 1 &&
		bytes_equal((struct bytes){ a, x }, (struct bytes){ b, y });
}

enum assay_code cert_der(X509 *cert, struct buf *out, struct assay_err *e)
{
	int            n  = i2d_X509(cert, NULL);
	unsigned char *at = n <= 0 ? NULL : buf_room(out, (size_t)n);

	if (at == NULL || i2d_X509(cert, &at) != n)
		return err_no_memory(e);
	return ASSAY_OK;
}

enum assay_code cert_spki(const X509 *cert, struct buf *out, struct assay_err *e)
{
	const X509_PUBKEY *key = X509_get_X509_PUBKEY(cert);
	int                n   = i2d_X509_PUBKEY(key, NULL);
	unsigned char     *at  = n <= 0 ? NULL : buf_room(out, (size_t)n);

	if (at == NULL || i2d_X509_PUBKEY(key, &at) != n)
		return err_no_memory(e);
	return ASSAY_OK;
}

struct bytes cert_key_bits(const X509 *cert)
{
	return string_bytes(X509_get0_pubkey_bitstr(cert));
}

/* RFC 5280 4.2.1.6: SEQUENCE { [0] { type OID, [0] { UTF8String } } } */
static enum assay_code other_name(
	struct bytes san, struct bytes oid, struct bytes *out, struct assay_err *e)
{
	static const char what[] = "subject alternative name";
	struct bytes      names, name, type, wrap, text;
	struct rd         r = { .in = san };

	TRY(der_expect(&r, DER_SEQUENCE, what, &names, e));
	TRY(der_end(&r, what, e));
	r = (struct rd){ .in = names };
	TRY(der_expect(&r, DER_CONTEXT(0) | 0x20, what, &name, e));
	TRY(der_end(&r, what, e));
	r = (struct rd){ .in = name };
	TRY(der_expect(&r, DER_OID, what, &type, e));
	TRY(der_expect(&r, DER_CONTEXT(0) | 0x20, what, &wrap, e));
	TRY(der_end(&r, what, e));
	r = (struct rd){ .in = wrap };
	TRY(der_expect(&r, DER_UTF8_STRING, what, &text, e));
	TRY(der_end(&r, what, e));
	if (!bytes_equal(type, oid))
		return err_set(e, ASSAY_INPUT_DER, "%s of another type", what);
	*out = text;
	return ASSAY_OK;
}

struct bytes cert_other_name(const X509 *cert, const char *oid)
{
	AUTO(ASN1_OBJECT) *type = OBJ_txt2obj(oid, 1);
	struct bytes       san, out = { 0 };
	struct assay_err   why = { 0 };
	size_t             times;

	san = cert_extension(cert, "2.5.29.17", &times);
	if (type == NULL || times != 1)
		return (struct bytes){ 0 };
	if (other_name(san, (struct bytes){ OBJ_get0_data(type), OBJ_length(type) }, &out,
		    &why) != ASSAY_OK)
		return (struct bytes){ 0 };
	return out;
}
