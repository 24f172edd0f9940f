/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ocsp.h"

#include <assert.h>
#include <stdio.h>

#include "base/der.h"
#include "base/hex.h"
#include "base/utc.h"
#include "crypto/digest.h"
#include "crypto/ocsp_signer.h"

#define WANT_SERIAL 64 /* bytes; RFC 5280 4.1.2.2 allows 20 */
#define REASON_HOLD 6

enum assay_code ocsp_want(const struct crypto *c, const X509 *cert, const X509 *issuer,
	char out[OCSP_WANT], struct assay_err *e)
{
	struct bytes serial = cert_serial(cert);
	uint8_t      sum[SHA256_SIZE];

	if (serial.n > WANT_SERIAL)
		return err_set(e, ASSAY_CERT_PROFILE, "a serial number of %zu bytes", serial.n);
	TRY(digest(c->sha256, cert_key_bits(issuer), sum, e));
	snprintf(out, OCSP_WANT, "ocsp:%s:%s", HEX(BYTES_OF(sum)), HEX(serial));
	return ASSAY_OK;
}

/* The hashes that a CertID may use, nvidia-evidence 4.2; NULL for any other. */
static const EVP_MD *hash_of(const struct crypto *c, struct bytes oid)
{
	const struct {
		struct bytes  oid;
		const EVP_MD *md;
	} hashes[] = {
		{ BYTES("\x2b\x0e\x03\x02\x1a"), c->sha1 },
		{ BYTES("\x60\x86\x48\x01\x65\x03\x04\x02\x01"), c->sha256 },
		{ BYTES("\x60\x86\x48\x01\x65\x03\x04\x02\x02"), c->sha384 },
	};

	for (size_t i = 0; i < ARRAY_LEN(hashes); i++)
		if (bytes_equal(oid, hashes[i].oid))
			return hashes[i].md;
	return NULL;
}

static enum assay_code hash_is(
	const EVP_MD *md, struct bytes in, struct bytes want, bool *out, struct assay_err *e)
{
	uint8_t sum[EVP_MAX_MD_SIZE];

	TRY(digest(md, in, sum, e));
	*out = bytes_equal(want, (struct bytes){ sum, (size_t)EVP_MD_get_size(md) });
	return ASSAY_OK;
}

/* Does id name that certificate? Every part of it is computed here, from the certificate and its issuer. */
static enum assay_code id_is(const struct crypto *c, const struct ocsp_id *id, const X509 *cert,
	const X509 *issuer, bool *out, struct assay_err *e)
{
	const EVP_MD        *md = hash_of(c, id->hash);
	const unsigned char *p;
	struct bytes         name = { 0 };

	*out = false;
	if (md == NULL || !bytes_equal(id->serial, cert_serial(cert)) ||
		ASN1_STRING_type(X509_get0_serialNumber(cert)) != V_ASN1_INTEGER)
		return ASSAY_OK;
	if (X509_NAME_get0_der(X509_get_issuer_name(cert), &p, &name.n) != 1)
		return err_no_memory(e);
	name.p = p;
	TRY(hash_is(md, name, id->name, out, e));
	if (*out)
		TRY(hash_is(md, cert_key_bits(issuer), id->key, out, e));
	return ASSAY_OK;
}

/* How many statuses for that certificate does the answer hold? The last to *out. */
static enum assay_code count_matches(const struct crypto *c, const struct ocsp_answer *a,
	const X509 *cert, const X509 *issuer, size_t *count, struct ocsp_single *out,
	struct assay_err *e)
{
	struct rd r = { .in = a->singles };

	*count = 0;
	while (rd_left(&r) > 0) {
		struct ocsp_single s;
		bool               is;

		TRY(ocsp_single_next(&r, &s, e));
		TRY(id_is(c, &s.id, cert, issuer, &is, e));
		if (is) {
			++*count;
			*out = s;
		}
	}
	return ASSAY_OK;
}

int64_t ocsp_weight(
	const struct crypto *c, const X509 *cert, const X509 *issuer, struct bytes answer)
{
	struct assay_err   why = { 0 };
	struct ocsp_answer a;
	struct ocsp_single s;
	size_t             count;

	if (answer.n > OCSP_BODY || ocsp_answer_parse(answer, &a, &why) != ASSAY_OK ||
		count_matches(c, &a, cert, issuer, &count, &s, &why) != ASSAY_OK || count == 0)
		return 0;
	return s.status == OCSP_IS_REVOKED && s.reason != REASON_HOLD ? INT64_MAX
								      : s.this_update;
}

static enum assay_code parse(struct bytes answer, struct ocsp_answer *out, struct assay_err *e)
{
	static const char *const names[] = { "", "malformedRequest", "internalError",
		"tryLater", NULL, "sigRequired", "unauthorized" };

	if (answer.n == 0 || answer.n > OCSP_BODY)
		return err_set(e, ASSAY_OCSP_PARSE, "an OCSP answer of %zu bytes", answer.n);
	TRY(ocsp_answer_parse(answer, out, e));
	if (out->status >= ARRAY_LEN(names) || names[out->status] == NULL)
		return err_set(e, ASSAY_OCSP_PARSE, "OCSP answer: status %u", out->status);
	if (out->status != 0)
		return err_set(e, ASSAY_OCSP_ERROR, "the OCSP responder answered %s",
			names[out->status]);
	return ASSAY_OK;
}

/* RFC 8954 2.1: a nonce is an OCTET STRING inside the extension's; of old some wrote it bare, and some wrap what came bare. */
static struct bytes unwrap(struct bytes nonce)
{
	struct rd        r     = { .in = nonce };
	struct bytes     value = { 0 };
	struct assay_err none  = { 0 };

	return der_expect(&r, DER_OCTET_STRING, "nonce", &value, &none) == ASSAY_OK &&
			rd_left(&r) == 0 && value.n > 0
		? value
		: nonce;
}

/* The request asked about this certificate, and this is the answer to it. */
static enum assay_code match_request(const struct crypto *c, const struct ocsp_question *q,
	const struct ocsp_answer *a, const struct ocsp_id *id, bool *nonce, struct assay_err *e)
{
	struct ocsp_asked asked;
	bool              is;

	if (q->request.n > OCSP_BODY)
		return err_set(
			e, ASSAY_OCSP_PARSE, "an OCSP request of %zu bytes", q->request.n);
	TRY(ocsp_request_parse(q->request, &asked, e));
	TRY(id_is(
		c, &asked.id, q->chain->cert[q->index], q->chain->cert[q->index + 1], &is, e));
	if (!is)
		return err_set(e, ASSAY_OCSP_MATCH,
			"the OCSP request asked about another certificate");
	/* both name the certificate; with one hash they are the same bytes */
	if (!bytes_equal(asked.id.hash, id->hash))
		return err_set(e, ASSAY_OCSP_MATCH,
			"the OCSP answer names the certificate otherwise than its request");
	if (asked.nonce.p == NULL || a->nonce.p == NULL)
		return ASSAY_OK; /* the window alone decides: nvidia-evidence 4.3 item 8 */
	if (!bytes_equal(unwrap(asked.nonce), unwrap(a->nonce)))
		return err_set(e, ASSAY_OCSP_NONCE,
			"the OCSP answer carries another nonce than its request");
	*nonce = true;
	return ASSAY_OK;
}

static enum assay_code match(const struct crypto *c, const struct ocsp_question *q,
	const struct ocsp_answer *a, struct ocsp_single *out, bool *nonce, struct assay_err *e)
{
	const X509 *cert = q->chain->cert[q->index];
	size_t      count;

	TRY(count_matches(c, a, cert, q->chain->cert[q->index + 1], &count, out, e));
	if (count != 1)
		return err_set(e, ASSAY_OCSP_MATCH,
			"the OCSP answer has %zu statuses for serial number %s, not 1", count,
			HEX(cert_serial(cert)));
	if (q->request.n != 0)
		TRY(match_request(c, q, a, &out->id, nonce, e));
	return ASSAY_OK;
}

static enum assay_code check_future(
	const char *what, int64_t at, int64_t now, struct assay_err *e)
{
	if (at - OCSP_SKEW > now)
		return err_set(
			e, ASSAY_OCSP_FUTURE, "the OCSP answer's %s is %s", what, UTC(at));
	return ASSAY_OK;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* nvidia-evidence 4.3 item 8, by our own arithmetic: OpenSSL's would ask the clock. */
static enum assay_code check_window(
	const struct ocsp_question *q, struct ocsp_fact *f, struct assay_err *e)
{
	int64_t limit = q->max_age != 0 ? q->max_age : OCSP_MAX_AGE, end;

	if (f->next_update == 0 && limit > OCSP_BLIND_AGE)
		limit = OCSP_BLIND_AGE;
	if (__builtin_add_overflow(f->this_update, limit, &end))
		end = UTC_MAX;
	f->valid_until = f->next_update != 0 && f->next_update < end ? f->next_update : end;
	TRY(check_future("producedAt", f->produced_at, q->now, e));
	TRY(check_future("thisUpdate", f->this_update, q->now, e));
	f->valid_from = later(f->produced_at, f->this_update) - OCSP_SKEW;
	if (f->next_update != 0 && f->next_update < f->this_update)
		return err_set(e, ASSAY_OCSP_STALE,
			"the OCSP answer's nextUpdate, %s, comes before its thisUpdate",
			UTC(f->next_update));
	if (f->next_update != 0 && f->next_update + OCSP_SKEW < q->now)
		return err_set(e, ASSAY_OCSP_STALE, "the OCSP answer was good until %s",
			UTC(f->next_update));
	if (q->now - f->this_update > limit)
		return err_set(e, ASSAY_OCSP_STALE,
			"the OCSP answer is of %s, more than %lld seconds ago",
			UTC(f->this_update), (long long)limit);
	return ASSAY_OK;
}

static const char *reason_name(uint8_t reason)
{
	/* RFC 5280 5.3.1; 7 is not used */
	static const char *const names[] = { "unspecified", "keyCompromise", "cACompromise",
		"affiliationChanged", "superseded", "cessationOfOperation", "certificateHold",
		"reserved", "removeFromCRL", "privilegeWithdrawn", "aACompromise" };

	return reason < ARRAY_LEN(names) ? names[reason] : "reserved";
}

static enum assay_code check_status(
	const struct ocsp_single *s, struct ocsp_fact *f, struct assay_err *e)
{
	if (s->status == OCSP_IS_GOOD)
		return ASSAY_OK;
	if (s->status == OCSP_IS_UNKNOWN)
		return err_set(e, ASSAY_OCSP_UNKNOWN,
			"the OCSP responder does not know the certificate");
	/* RFC 6960 2.2: so are certificates answered that were never issued. No hold that a policy may waive. */
	if (s->reason == REASON_HOLD && s->revoked_at == 0)
		return err_set(e, ASSAY_OCSP_UNKNOWN,
			"the OCSP responder says that the certificate was never issued");
	f->reason = reason_name(s->reason);
	return err_set(e, s->reason == REASON_HOLD ? ASSAY_OCSP_HOLD : ASSAY_OCSP_REVOKED,
		"revoked at %s, reason %s", UTC(s->revoked_at), f->reason);
}

/* Whose answer it is, as of a moment, and that it is unaltered; *from and *until are the signer's own validity. */
static enum assay_code check_signer(const struct crypto *c, const struct ocsp_question *q,
	const struct ocsp_answer *a, int64_t at, int64_t *from, int64_t *until,
	struct assay_err *e)
{
	AUTO(X509) *signer = NULL;

	TRY(ocsp_signer_find(c, a, q->chain->cert[q->index], q->chain->cert[q->index + 1], at,
		q->memo, &signer, e));
	TRY(ocsp_signer_verify(c, a, signer, e));
	return cert_validity(signer, from, until, e);
}

enum assay_code ocsp_judge(const struct crypto *c, const struct ocsp_question *q,
	struct bytes answer, struct ocsp_fact *out, struct assay_err *e)
{
	struct ocsp_answer a;
	struct ocsp_single s;
	struct ocsp_fact   f    = { 0 };
	struct assay_err   late = { 0 };
	enum assay_code    window, code;
	int64_t            from, until;

	assert(q->chain->n >= 2 && q->index < q->chain->n - 1);
	TRY(parse(answer, &a, e));
	TRY(match(c, q, &a, &s, &f.nonce, e));
	f.this_update = s.this_update;
	f.next_update = s.next_update;
	f.produced_at = a.produced_at;
	window        = check_window(q, &f, &late);
	/* Of an old answer the signer may have expired since. It was good when it signed, or this is no answer at all. */
	TRY(check_signer(c, q, &a, window == ASSAY_OCSP_STALE ? f.this_update : q->now, &from,
		&until, e));
	f.valid_from = later(f.valid_from, from);
	if (until < f.valid_until)
		f.valid_until = until;
	code = check_status(&s, &f, e);
	/* What was not good when last heard of does not become better by being old: a policy may waive age, and nothing
	 * else with it. What was revoked stays so at any time; all else needs its window. */
	if (window == ASSAY_OCSP_FUTURE ? code != ASSAY_OCSP_REVOKED
					: window != ASSAY_OK && code == ASSAY_OK) {
		*e = late;
		return window;
	}
	*out = f;
	return code;
}
