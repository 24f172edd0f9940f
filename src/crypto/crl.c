/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crl.h"

#include "base/utc.h"
#include "crypto/sig.h"

#define DER_ENUMERATED       0x0a
#define DER_UTC_TIME         0x17
#define DER_GENERALIZED_TIME 0x18
#define DER_WRAP(n)          (DER_CONTEXT(n) | 0x20) /* [n] EXPLICIT */
#define REMOVE_FROM_CRL      8
#define EXTENSIONS           16 /* of one list or entry; two are usual */

/* AlgorithmIdentifier of ecdsa-with-SHA256, without parameters (RFC 5758 3.2). */
#define ECDSA_SHA256 BYTES("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02")
#define OID_REASON   BYTES("\x55\x1d\x15")

static const char what[] = "CRL";

static bool two(const uint8_t *p, int *out)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return false;
	*out = 10 * (p[0] - '0') + (p[1] - '0');
	return true;
}

/* RFC 5280 5.1.2.4: YYMMDDHHMMSSZ through 2049, YYYYMMDDHHMMSSZ from 2050. */
static enum assay_code read_time(struct rd *r, int64_t *out, struct assay_err *e)
{
	struct der      d    = { 0 };
	struct utc_date date = { 0 };
	int             high = 0;
	const uint8_t  *p;
	bool            utc;

	TRY(der_next(r, what, &d, e));
	utc = d.tag == DER_UTC_TIME;
	if ((!utc && d.tag != DER_GENERALIZED_TIME) || d.value.n != (utc ? 13u : 15u))
		return err_set(e, ASSAY_INPUT_DER, "%s: no time", what);
	p = d.value.p;
	if (!utc && !two(p, &high))
		return err_set(e, ASSAY_INPUT_DER, "%s: no date", what);
	p += utc ? 0 : 2;
	if (!two(p, &date.year) || !two(p + 2, &date.month) || !two(p + 4, &date.day) ||
		!two(p + 6, &date.hour) || !two(p + 8, &date.minute) ||
		!two(p + 10, &date.second) || p[12] != 'Z')
		return err_set(e, ASSAY_INPUT_DER, "%s: no date", what);
	date.year += utc ? (date.year < 50 ? 2000 : 1900) : 100 * high;
	if ((!utc && date.year < 2050) || !utc_from_date(&date, out))
		return err_set(e, ASSAY_INPUT_DER, "%s: no date", what);
	return ASSAY_OK;
}

static bool time_ahead(const struct rd *r)
{
	return der_ahead(r, DER_UTC_TIME) || der_ahead(r, DER_GENERALIZED_TIME);
}

/* What critical extensions mean is not known here, so that none may be there: not the delta indicator, not the issuing
 * distribution point, which would make it the list of some certificates only. */
static enum assay_code read_extension(struct rd *r, struct bytes *oid, struct assay_err *e)
{
	struct bytes flag, value, reason;
	struct rd    in;

	TRY(der_enter(r, DER_SEQUENCE, what, &in, e));
	TRY(der_expect(&in, DER_OID, what, oid, e));
	if (der_ahead(&in, DER_BOOLEAN)) { /* DER leaves false out */
		TRY(der_expect(&in, DER_BOOLEAN, what, &flag, e));
		return err_set(e, ASSAY_INPUT_DER, "%s: a critical extension", what);
	}
	TRY(der_expect(&in, DER_OCTET_STRING, what, &value, e));
	TRY(der_end(&in, what, e));
	if (!bytes_equal(*oid, OID_REASON))
		return ASSAY_OK;
	in = (struct rd){ .in = value };
	TRY(der_expect(&in, DER_ENUMERATED, what, &reason, e));
	TRY(der_end(&in, what, e));
	if (reason.n != 1 || reason.p[0] > 10 || reason.p[0] == 7 ||
		reason.p[0] == REMOVE_FROM_CRL)
		return err_set(e, ASSAY_INPUT_DER,
			"%s: a reason that a base list does not have", what);
	return ASSAY_OK;
}

static enum assay_code read_extensions(struct rd *list, struct assay_err *e)
{
	struct bytes seen[EXTENSIONS];
	size_t       n = 0;

	while (rd_left(list) > 0) {
		if (n == EXTENSIONS)
			return err_set(e, ASSAY_INPUT_DER, "%s: too many extensions", what);
		TRY(read_extension(list, &seen[n], e));
		for (size_t i = 0; i < n; i++)
			if (bytes_equal(seen[i], seen[n]))
				return err_set(e, ASSAY_INPUT_DER,
					"%s: an extension is there twice", what);
		n++;
	}
	return der_end(list, what, e);
}

static enum assay_code read_entry(
	struct rd *r, struct bytes *serial, int64_t *since, struct assay_err *e)
{
	struct rd in, list;

	TRY(der_enter(r, DER_SEQUENCE, what, &in, e));
	TRY(der_unsigned(&in, what, serial, e));
	TRY(read_time(&in, since, e));
	if (rd_left(&in) > 0) {
		TRY(der_enter(&in, DER_SEQUENCE, what, &list, e));
		TRY(read_extensions(&list, e));
	}
	return der_end(&in, what, e);
}

static enum assay_code read_entries(struct crl *c, struct assay_err *e)
{
	struct rd    r = { .in = c->revoked };
	struct bytes serial;
	int64_t      since;

	for (; rd_left(&r) > 0; c->entries++) {
		if (c->entries == CRL_ENTRIES)
			return err_set(e, ASSAY_INPUT_DER, "%s: more than %d entries", what,
				CRL_ENTRIES);
		TRY(read_entry(&r, &serial, &since, e));
	}
	return der_end(&r, what, e);
}

static enum assay_code read_tbs(struct rd *r, struct crl *c, struct assay_err *e)
{
	struct bytes version;
	struct der   d = { 0 };
	struct rd    wrap, list;

	TRY(der_unsigned(r, what, &version, e));
	if (!bytes_equal(version, BYTES("\1"))) /* v2 */
		return err_set(e, ASSAY_INPUT_DER, "%s: another version than 2", what);
	TRY(der_next(r, what, &d, e));
	if (!bytes_equal(d.whole, ECDSA_SHA256))
		return err_set(e, ASSAY_INPUT_DER, "%s: not ecdsa-with-SHA256", what);
	TRY(der_next(r, what, &d, e));
	if (d.tag != DER_SEQUENCE)
		return err_set(e, ASSAY_INPUT_DER, "%s: no issuer", what);
	c->issuer = d.whole;
	TRY(read_time(r, &c->this_update, e));
	if (!time_ahead(r))
		return err_set(e, ASSAY_INPUT_DER, "%s: no nextUpdate", what);
	TRY(read_time(r, &c->next_update, e));
	if (der_ahead(r, DER_SEQUENCE)) {
		TRY(der_expect(r, DER_SEQUENCE, what, &c->revoked, e));
		TRY(read_entries(c, e));
	}
	if (der_ahead(r, DER_WRAP(0))) {
		TRY(der_enter(r, DER_WRAP(0), what, &wrap, e));
		TRY(der_enter(&wrap, DER_SEQUENCE, what, &list, e));
		TRY(der_end(&wrap, what, e));
		TRY(read_extensions(&list, e));
	}
	return der_end(r, what, e);
}

static enum assay_code read_list(struct bytes der, struct crl *c, struct assay_err *e)
{
	struct rd    r = { .in = der }, whole, tbs;
	struct der   d = { 0 };
	struct bytes bits;

	TRY(der_enter(&r, DER_SEQUENCE, what, &whole, e));
	TRY(der_end(&r, what, e));
	TRY(der_next(&whole, what, &d, e));
	if (d.tag != DER_SEQUENCE)
		return err_set(e, ASSAY_INPUT_DER, "%s: no list", what);
	c->tbs = d.whole;
	tbs    = (struct rd){ .in = d.value };
	TRY(read_tbs(&tbs, c, e));
	TRY(der_next(&whole, what, &d, e));
	if (!bytes_equal(d.whole, ECDSA_SHA256))
		return err_set(e, ASSAY_INPUT_DER, "%s: not ecdsa-with-SHA256", what);
	TRY(der_expect(&whole, DER_BIT_STRING, what, &bits, e));
	TRY(der_end(&whole, what, e));
	if (bits.n < 2 || bits.p[0] != 0)
		return err_set(e, ASSAY_INPUT_DER, "%s: no signature", what);
	c->signature = (struct bytes){ bits.p + 1, bits.n - 1 };
	return ASSAY_OK;
}

enum assay_code crl_parse(struct bytes der, struct crl *out, struct assay_err *e)
{
	struct crl c = { 0 };

	if (der.n > CRL_MAX)
		return err_set(e, ASSAY_CRL_PARSE, "a CRL of %zu bytes", der.n);
	if (read_list(der, &c, e) != ASSAY_OK) {
		e->code = ASSAY_CRL_PARSE;
		return e->code;
	}
	*out = c;
	return ASSAY_OK;
}

bool crl_names(const struct crl *crl, const X509 *issuer)
{
	const unsigned char *der;
	size_t               n;

	return X509_NAME_get0_der(X509_get_subject_name(issuer), &der, &n) == 1 &&
		bytes_equal(crl->issuer, (struct bytes){ der, n });
}

enum assay_code crl_verify(
	const struct crypto *c, const struct crl *crl, const X509 *issuer, struct assay_err *e)
{
	EVP_PKEY *key = X509_get0_pubkey(issuer);

	if (!crl_names(crl, issuer))
		return err_set(e, ASSAY_CRL_ISSUER, "the CRL is of another issuer");
	if (!sig_key_is_p256(key))
		return err_set(e, ASSAY_CRL_SIGNATURE, "its issuer has no P-256 key");
	return sig_der(c, key, crl->tbs, crl->signature, ASSAY_CRL_SIGNATURE, e);
}

enum assay_code crl_current(const struct crl *crl, int64_t now, struct assay_err *e)
{
	if (now < crl->this_update)
		return err_set(e, ASSAY_CRL_FUTURE, "the CRL is of %s", UTC(crl->this_update));
	if (now >= crl->next_update)
		return err_set(
			e, ASSAY_CRL_STALE, "the CRL was good until %s", UTC(crl->next_update));
	return ASSAY_OK;
}

bool crl_lists(const struct crl *crl, struct bytes serial, int64_t *since)
{
	struct rd        r = { .in = crl->revoked };
	struct bytes     one;
	struct assay_err why = { 0 };

	while (rd_left(&r) > 0) {
		if (read_entry(&r, &one, since, &why) != ASSAY_OK)
			return true; /* crl_parse() has seen to it that this cannot be */
		if (bytes_equal(one, serial))
			return true;
	}
	return false;
}
