/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ocsp_answer.h"

#include "base/utc.h"

#define DER_ENUMERATED       0x0a
#define DER_GENERALIZED_TIME 0x18
#define DER_WRAP(n)          (DER_CONTEXT(n) | 0x20) /* [n] EXPLICIT */
#define SHA1_SIZE            20

/* 1.3.6.1.5.5.7.48.1.1 and .2 */
#define BASIC_OID BYTES("\x2b\x06\x01\x05\x05\x07\x30\x01\x01")
#define NONCE_OID BYTES("\x2b\x06\x01\x05\x05\x07\x30\x01\x02")

static enum assay_code unparsable(const char *what, struct assay_err *e)
{
	e->code = ASSAY_OCSP_PARSE;
	return err_wrap(e, "%s", what);
}

static bool digits(const uint8_t *p, int n, int *out)
{
	*out = 0;
	for (int i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		*out = *out * 10 + (p[i] - '0');
	}
	return true;
}

/* RFC 5280 4.1.2.5.2: YYYYMMDDHHMMSSZ, nothing else. least: the first moment that makes sense. */
static enum assay_code read_time(
	struct rd *r, const char *what, int64_t least, int64_t *out, struct assay_err *e)
{
	struct bytes    v;
	struct utc_date d;

	TRY(der_expect(r, DER_GENERALIZED_TIME, what, &v, e));
	if (v.n != 15 || v.p[14] != 'Z' || !digits(v.p, 4, &d.year) ||
		!digits(v.p + 4, 2, &d.month) || !digits(v.p + 6, 2, &d.day) ||
		!digits(v.p + 8, 2, &d.hour) || !digits(v.p + 10, 2, &d.minute) ||
		!digits(v.p + 12, 2, &d.second) || !utc_from_date(&d, out) || *out < least)
		return err_set(e, ASSAY_INPUT_DER, "%s is no date", what);
	return ASSAY_OK;
}

/* A time inside [n]. */
static enum assay_code wrapped_time(
	struct rd *r, uint8_t tag, const char *what, int64_t *out, struct assay_err *e)
{
	struct rd in;

	TRY(der_enter(r, tag, what, &in, e));
	TRY(read_time(&in, what, 1, out, e));
	return der_end(&in, what, e);
}

/* One Extension. Those that are not critical and not the nonce say nothing that is used here. */
static enum assay_code read_extension(struct rd *r, struct bytes *nonce, struct assay_err *e)
{
	static const char what[]   = "extension";
	bool              critical = false;
	struct bytes      oid, flag, value;
	struct rd         in;

	TRY(der_enter(r, DER_SEQUENCE, what, &in, e));
	TRY(der_expect(&in, DER_OID, what, &oid, e));
	if (der_ahead(&in, DER_BOOLEAN)) {
		TRY(der_expect(&in, DER_BOOLEAN, what, &flag, e));
		if (flag.n != 1 || (flag.p[0] != 0 && flag.p[0] != 0xff))
			return err_set(e, ASSAY_INPUT_DER, "%s: not a boolean", what);
		critical = flag.p[0] != 0;
	}
	TRY(der_expect(&in, DER_OCTET_STRING, what, &value, e));
	TRY(der_end(&in, what, e));
	if (nonce != NULL && bytes_equal(oid, NONCE_OID)) {
		if (nonce->p != NULL || value.n == 0)
			return err_set(e, ASSAY_INPUT_DER, "two nonces, or an empty one");
		*nonce = value;
	} else if (critical) {
		return err_set(e, ASSAY_INPUT_DER, "a critical extension that is not known");
	}
	return ASSAY_OK;
}

/* [n] EXPLICIT Extensions OPTIONAL. nonce: NULL where none belongs. */
static enum assay_code read_extensions(
	struct rd *r, uint8_t tag, struct bytes *nonce, struct assay_err *e)
{
	struct rd wrap, list;

	if (!der_ahead(r, tag))
		return ASSAY_OK;
	TRY(der_enter(r, tag, "extensions", &wrap, e));
	TRY(der_enter(&wrap, DER_SEQUENCE, "extensions", &list, e));
	TRY(der_end(&wrap, "extensions", e));
	while (rd_left(&list) > 0)
		TRY(read_extension(&list, nonce, e));
	return ASSAY_OK;
}

/* [0] EXPLICIT Version DEFAULT v1, and v1 is all there is. */
static enum assay_code read_version(struct rd *r, struct assay_err *e)
{
	struct bytes version;
	struct rd    wrap;

	if (!der_ahead(r, DER_WRAP(0)))
		return ASSAY_OK;
	TRY(der_enter(r, DER_WRAP(0), "version", &wrap, e));
	TRY(der_unsigned(&wrap, "version", &version, e));
	TRY(der_end(&wrap, "version", e));
	if (!bytes_equal(version, BYTES("\0")))
		return err_set(e, ASSAY_INPUT_DER, "another version than 1");
	return ASSAY_OK;
}

static enum assay_code read_id(struct rd *r, struct ocsp_id *out, struct assay_err *e)
{
	static const char what[] = "certificate id";
	struct rd         in, hash;
	struct bytes      nothing;

	TRY(der_enter(r, DER_SEQUENCE, what, &in, e));
	TRY(der_enter(&in, DER_SEQUENCE, what, &hash, e));
	TRY(der_expect(&hash, DER_OID, what, &out->hash, e));
	if (rd_left(&hash) > 0) { /* parameters are NULL or not there */
		TRY(der_expect(&hash, 0x05, what, &nothing, e));
		if (nothing.n != 0)
			return err_set(e, ASSAY_INPUT_DER, "%s: no NULL", what);
	}
	TRY(der_end(&hash, what, e));
	TRY(der_expect(&in, DER_OCTET_STRING, what, &out->name, e));
	TRY(der_expect(&in, DER_OCTET_STRING, what, &out->key, e));
	TRY(der_unsigned(&in, what, &out->serial, e));
	return der_end(&in, what, e);
}

/* RevokedInfo ::= SEQUENCE { revocationTime, [0] EXPLICIT CRLReason OPTIONAL } */
static enum assay_code read_revoked(
	struct bytes info, struct ocsp_single *out, struct assay_err *e)
{
	static const char what[] = "revocation";
	struct rd         r      = { .in = info }, in;
	struct bytes      reason;

	/* 1970-01-01T00:00:00Z has a meaning here: RFC 6960 2.2 */
	TRY(read_time(&r, what, 0, &out->revoked_at, e));
	if (rd_left(&r) > 0) {
		TRY(der_enter(&r, DER_WRAP(0), what, &in, e));
		TRY(der_expect(&in, DER_ENUMERATED, what, &reason, e));
		TRY(der_end(&in, what, e));
		if (reason.n != 1)
			return err_set(e, ASSAY_INPUT_DER, "%s: a reason of %zu bytes", what,
				reason.n);
		out->reason = reason.p[0];
	}
	return der_end(&r, what, e);
}

static enum assay_code read_status(struct rd *r, struct ocsp_single *out, struct assay_err *e)
{
	struct der d;

	TRY(der_next(r, "status", &d, e));
	if (d.tag == DER_WRAP(1)) {
		out->status = OCSP_IS_REVOKED;
		return read_revoked(d.value, out, e);
	}
	if ((d.tag != DER_CONTEXT(0) && d.tag != DER_CONTEXT(2)) || d.value.n != 0)
		return err_set(e, ASSAY_INPUT_DER, "no status: tag 0x%02x", d.tag);
	out->status = d.tag == DER_CONTEXT(0) ? OCSP_IS_GOOD : OCSP_IS_UNKNOWN;
	return ASSAY_OK;
}

static enum assay_code read_single(struct rd *r, struct ocsp_single *out, struct assay_err *e)
{
	static const char what[] = "single response";
	struct rd         in;

	TRY(der_enter(r, DER_SEQUENCE, what, &in, e));
	TRY(read_id(&in, &out->id, e));
	TRY(read_status(&in, out, e));
	TRY(read_time(&in, "thisUpdate", 1, &out->this_update, e));
	if (der_ahead(&in, DER_WRAP(0)))
		TRY(wrapped_time(&in, DER_WRAP(0), "nextUpdate", &out->next_update, e));
	TRY(read_extensions(&in, DER_WRAP(1), NULL, e));
	return der_end(&in, what, e);
}

enum assay_code ocsp_single_next(struct rd *r, struct ocsp_single *out, struct assay_err *e)
{
	struct ocsp_single s = { 0 };

	if (read_single(r, &s, e) != ASSAY_OK)
		return unparsable("OCSP answer", e);
	*out = s;
	return ASSAY_OK;
}

static enum assay_code read_responder(
	struct rd *r, struct ocsp_answer *out, struct assay_err *e)
{
	static const char what[] = "responder";
	struct der        d, name;
	struct rd         in;

	TRY(der_next(r, what, &d, e));
	in = (struct rd){ .in = d.value };
	if (d.tag == DER_WRAP(1)) {
		TRY(der_next(&in, what, &name, e));
		out->responder_name = name.whole;
	} else if (d.tag == DER_WRAP(2)) {
		TRY(der_expect(&in, DER_OCTET_STRING, what, &out->responder_key, e));
		if (out->responder_key.n != SHA1_SIZE)
			return err_set(e, ASSAY_INPUT_DER, "%s: a key hash of %zu bytes", what,
				out->responder_key.n);
	} else {
		return err_set(e, ASSAY_INPUT_DER, "%s: tag 0x%02x", what, d.tag);
	}
	return der_end(&in, what, e);
}

/* ResponseData */
static enum assay_code read_data(
	struct bytes data, struct ocsp_answer *out, struct assay_err *e)
{
	struct rd r = { .in = data }, singles;

	TRY(read_version(&r, e));
	TRY(read_responder(&r, out, e));
	TRY(read_time(&r, "producedAt", 1, &out->produced_at, e));
	TRY(der_enter(&r, DER_SEQUENCE, "responses", &singles, e));
	TRY(read_extensions(&r, DER_WRAP(1), &out->nonce, e));
	TRY(der_end(&r, "response data", e));
	out->singles = singles.in;
	while (rd_left(&singles) > 0) {
		struct ocsp_single s = { 0 };

		TRY(read_single(&singles, &s, e));
	}
	return ASSAY_OK;
}

static enum assay_code read_certs(struct rd *r, struct ocsp_answer *out, struct assay_err *e)
{
	static const char what[] = "certificates";
	struct rd         wrap, list;

	TRY(der_enter(r, DER_WRAP(0), what, &wrap, e));
	TRY(der_enter(&wrap, DER_SEQUENCE, what, &list, e));
	TRY(der_end(&wrap, what, e));
	while (rd_left(&list) > 0) {
		struct der d;

		TRY(der_next(&list, what, &d, e));
		if (out->certs == OCSP_CERTS)
			return err_set(e, ASSAY_INPUT_DER, "more than %d %s", OCSP_CERTS, what);
		out->cert[out->certs++] = d.whole;
	}
	return ASSAY_OK;
}

/* BasicOCSPResponse */
static enum assay_code read_basic(
	struct bytes basic, struct ocsp_answer *out, struct assay_err *e)
{
	static const char what[] = "basic response";
	struct rd         r      = { .in = basic }, in;
	struct der        data, algorithm;
	struct bytes      bits;

	TRY(der_enter(&r, DER_SEQUENCE, what, &in, e));
	TRY(der_end(&r, what, e));
	TRY(der_next(&in, what, &data, e));
	TRY(der_next(&in, what, &algorithm, e));
	TRY(der_expect(&in, DER_BIT_STRING, what, &bits, e));
	if (data.tag != DER_SEQUENCE || algorithm.tag != DER_SEQUENCE)
		return err_set(e, ASSAY_INPUT_DER, "%s: no sequence", what);
	if (bits.n < 2 || bits.p[0] != 0)
		return err_set(e, ASSAY_INPUT_DER, "%s: a signature of odd bits", what);
	if (rd_left(&in) > 0)
		TRY(read_certs(&in, out, e));
	TRY(der_end(&in, what, e));
	out->tbs       = data.whole;
	out->algorithm = algorithm.whole;
	out->signature = (struct bytes){ bits.p + 1, bits.n - 1 };
	return read_data(data.value, out, e);
}

/* OCSPResponse ::= SEQUENCE { responseStatus, [0] EXPLICIT SEQUENCE { type, OCTET STRING } OPTIONAL } */
static enum assay_code read_response(
	struct bytes der, struct ocsp_answer *out, struct assay_err *e)
{
	static const char what[] = "response";
	struct rd         r      = { .in = der }, in, wrap, body;
	struct bytes      status, type, basic;

	TRY(der_enter(&r, DER_SEQUENCE, what, &in, e));
	TRY(der_end(&r, what, e));
	TRY(der_expect(&in, DER_ENUMERATED, what, &status, e));
	if (status.n != 1)
		return err_set(e, ASSAY_INPUT_DER, "%s: no status", what);
	out->status = status.p[0];
	if (out->status != 0)
		return der_end(&in, what, e);
	TRY(der_enter(&in, DER_WRAP(0), what, &wrap, e));
	TRY(der_end(&in, what, e));
	TRY(der_enter(&wrap, DER_SEQUENCE, what, &body, e));
	TRY(der_end(&wrap, what, e));
	TRY(der_expect(&body, DER_OID, what, &type, e));
	TRY(der_expect(&body, DER_OCTET_STRING, what, &basic, e));
	TRY(der_end(&body, what, e));
	if (!bytes_equal(type, BASIC_OID))
		return err_set(e, ASSAY_INPUT_DER, "%s of another type than basic", what);
	return read_basic(basic, out, e);
}

enum assay_code ocsp_answer_parse(
	struct bytes der, struct ocsp_answer *out, struct assay_err *e)
{
	struct ocsp_answer a = { 0 };

	if (read_response(der, &a, e) != ASSAY_OK)
		return unparsable("OCSP answer", e);
	*out = a;
	return ASSAY_OK;
}

/* OCSPRequest ::= SEQUENCE { SEQUENCE { version, requestorName, SEQUENCE OF Request, [2] Extensions }, signature } */
static enum assay_code read_request(
	struct bytes der, struct ocsp_asked *out, struct assay_err *e)
{
	static const char what[] = "request";
	struct rd         r      = { .in = der }, in, tbs, list, one;

	TRY(der_enter(&r, DER_SEQUENCE, what, &in, e));
	TRY(der_end(&r, what, e));
	TRY(der_enter(&in, DER_SEQUENCE, what, &tbs, e));
	TRY(der_end(&in, what, e));
	TRY(read_version(&tbs, e));
	TRY(der_enter(&tbs, DER_SEQUENCE, what, &list, e));
	TRY(read_extensions(&tbs, DER_WRAP(2), &out->nonce, e));
	TRY(der_end(&tbs, what, e));
	TRY(der_enter(&list, DER_SEQUENCE, what, &one, e));
	TRY(der_end(&list, what, e));
	TRY(read_id(&one, &out->id, e));
	TRY(read_extensions(&one, DER_WRAP(0), NULL, e));
	return der_end(&one, what, e);
}

enum assay_code ocsp_request_parse(
	struct bytes der, struct ocsp_asked *out, struct assay_err *e)
{
	struct ocsp_asked a = { 0 };

	if (read_request(der, &a, e) != ASSAY_OK)
		return unparsable("OCSP request", e);
	*out = a;
	return ASSAY_OK;
}
