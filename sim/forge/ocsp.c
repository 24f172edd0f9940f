/* SPDX-License-Identifier: Apache-2.0 */
#include "forge/ocsp.h"

#include <stdint.h>

#include "base/hex.h"
#include "forge/asn.h"
#include "forge/ossl.h"

#define HOUR INT64_C(3600)

enum assay_code ocsp_want(const struct seed *s, const X509 *cert, const X509 *issuer,
	struct buf *out, struct assay_err *e)
{
	AUTO(BIGNUM) *serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
	uint8_t       sum[32], number[32];

	if (serial == NULL || BN_num_bytes(serial) > (int)sizeof(number))
		return seed_fail(e, "a serial number");
	TRY(seed_digest(s, "SHA256", pki_point(issuer), sum, e));
	buf_text(out, "ocsp:");
	hex_encode(BYTES_OF(sum), out);
	buf_text(out, ":");
	hex_encode((struct bytes){ number, (size_t)BN_bn2bin(serial, number) }, out);
	return buf_ok(out, e);
}

enum assay_code ocsp_ask(const struct seed *s, const X509 *cert, const X509 *issuer, bool sha1,
	struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf want    = { 0 };
	AUTO(OCSP_REQUEST)          *request = OCSP_REQUEST_new();
	OCSP_CERTID   *id  = OCSP_cert_to_id(sha1 ? EVP_sha1() : EVP_sha384(), cert, issuer);
	unsigned char *der = NULL;
	uint8_t        nonce[32];
	int            n = 0;

	TRY(ocsp_want(s, cert, issuer, &want, e));
	TRY(seed_bytes(s, NAME("nonce/%s", buf_cstr(&want)), nonce, sizeof(nonce), e));
	if (request == NULL || id == NULL || OCSP_request_add0_id(request, id) == NULL) {
		OCSP_CERTID_free(id);
		return seed_fail(e, "an OCSP request");
	}
	if (OCSP_request_add1_nonce(request, nonce, sizeof(nonce)) == 1)
		n = i2d_OCSP_REQUEST(request, &der);
	if (n <= 0)
		return seed_fail(e, "an OCSP request");
	buf_put(out, der, (size_t)n);
	OPENSSL_free(der);
	return buf_ok(out, e);
}

/* The content of the nonce extension, which is an OCTET STRING around the nonce. */
static struct bytes find_nonce(OCSP_REQUEST *request)
{
	int             at  = OCSP_REQUEST_get_ext_by_NID(request, NID_id_pkix_OCSP_Nonce, -1);
	X509_EXTENSION *ext = at < 0 ? NULL : OCSP_REQUEST_get_ext(request, at);
	const ASN1_OCTET_STRING *s   = ext == NULL ? NULL : X509_EXTENSION_get_data(ext);
	struct bytes             out = { 0 };
	struct assay_err         e   = { 0 };

	if (s != NULL) {
		struct rd r = { .in = { ASN1_STRING_get0_data(s),
					(size_t)ASN1_STRING_length(s) } };

		if (der_expect(&r, DER_OCTET_STRING, "nonce", &out, &e) != ASSAY_OK)
			out = (struct bytes){ 0 };
	}
	return out;
}

/* The authority whose name and key a CertID has hashed. All are made on the way, signers too, so that it is known whose
 * serial numbers they have. */
static enum assay_code find_issuer(
	struct pki *p, OCSP_CERTID *id, bool *found, enum ca *out, struct assay_err *e)
{
	ASN1_OBJECT  *algorithm = NULL;
	const EVP_MD *md        = NULL;

	*found = false;
	if (OCSP_id_get0_info(NULL, &algorithm, NULL, NULL, id) == 1)
		md = EVP_get_digestbyobj(algorithm);
	if (md == NULL)
		return ASSAY_OK;
	for (enum ca i = 0; i < CA_COUNT; i++) {
		AUTO(OCSP_CERTID) *mine = NULL;
		X509              *cert = NULL;
		EVP_PKEY          *key  = NULL;

		TRY(pki_ca(p, i, &cert, &key, e));
		mine = OCSP_cert_to_id(md, NULL, cert);
		if (mine == NULL)
			return seed_fail(e, "an OCSP id");
		if (OCSP_id_issuer_cmp(id, mine) == 0) {
			*found = true;
			*out   = i;
		}
	}
	return ASSAY_OK;
}

/* 4.5: a device authority says "good" to serial numbers that it never gave, a RIM authority "unknown". */
static int status_of(const struct pki *p, enum ca issuer, OCSP_CERTID *id)
{
	ASN1_INTEGER *serial = NULL;

	if (issuer < CA_RIM_ROOT)
		return V_OCSP_CERTSTATUS_GOOD;
	OCSP_id_get0_info(NULL, NULL, NULL, &serial, id);
	if (pki_knows(p, issuer, serial))
		return V_OCSP_CERTSTATUS_GOOD;
	return V_OCSP_CERTSTATUS_UNKNOWN;
}

enum assay_code ocsp_plan(struct pki *p, OCSP_REQUEST *request, int64_t now,
	struct ocsp_plan *out, struct assay_err *e)
{
	OCSP_ONEREQ     *one   = NULL;
	bool             found = false;
	struct ocsp_plan o     = {
		    .response = OCSP_RESPONSE_STATUS_UNAUTHORIZED,
		    .made     = now - HOUR / 6,
		    .from     = now - HOUR / 6,
		    .to       = now + 23 * HOUR,
	};

	if (OCSP_request_onereq_count(request) != 1)
		o.response = OCSP_RESPONSE_STATUS_MALFORMEDREQUEST;
	else
		one = OCSP_request_onereq_get0(request, 0);
	if (one != NULL)
		TRY(find_issuer(p, OCSP_onereq_get0_id(one), &found, &o.issuer, e));
	if (found) {
		TRY(pki_responder(p, o.issuer, &o.signer, &o.key, e));
		o.id = OCSP_CERTID_dup(OCSP_onereq_get0_id(one));
		if (o.id == NULL)
			return err_no_memory(e);
		o.response = OCSP_RESPONSE_STATUS_SUCCESSFUL;
		o.status   = status_of(p, o.issuer, o.id);
		o.nonce    = find_nonce(request);
	}
	*out = o;
	return ASSAY_OK;
}

void ocsp_plan_done(struct ocsp_plan *o)
{
	OCSP_CERTID_free(o->id);
	*o = (struct ocsp_plan){ 0 };
}

static ASN1_GENERALIZEDTIME *make_time(int64_t at)
{
	return at == 0 ? NULL : ASN1_GENERALIZEDTIME_set(NULL, (time_t)at);
}

static enum assay_code set_status(
	const struct ocsp_plan *o, OCSP_BASICRESP *basic, struct assay_err *e)
{
	AUTO(ASN1_GENERALIZEDTIME) *from    = make_time(o->from);
	AUTO(ASN1_GENERALIZEDTIME) *to      = make_time(o->to);
	AUTO(ASN1_GENERALIZEDTIME) *revoked = make_time(o->from - 24 * HOUR);
	unsigned char               nonce[sizeof(o->own_nonce)];

	if (from == NULL || revoked == NULL ||
		OCSP_basic_add1_status(basic, o->id, o->status, o->reason, revoked, from, to) ==
			NULL)
		return seed_fail(e, "an OCSP status");
	if (o->nonce.p == NULL)
		return ASSAY_OK;
	if (o->nonce.n > sizeof(nonce))
		return err_set(e, ASSAY_INPUT_SIZE, "OCSP: nonce of %zu bytes", o->nonce.n);
	memcpy(nonce, o->nonce.p, o->nonce.n);
	if (OCSP_basic_add1_nonce(basic, nonce, (int)o->nonce.n) != 1)
		return seed_fail(e, "an OCSP nonce");
	return ASSAY_OK;
}

/* producedAt has no setter, and the one of OCSP_basic_sign() is the clock: written in place, through an integer since
 * the getter lends it const. */
static bool set_made(OCSP_BASICRESP *basic, int64_t at)
{
	uintptr_t field = (uintptr_t)OCSP_resp_get0_produced_at(basic);

	return ASN1_GENERALIZEDTIME_set((ASN1_GENERALIZEDTIME *)field, (time_t)at) != NULL;
}

/* Another s: the signature stays well-formed and no longer holds. */
static void spoil(const ASN1_STRING *signature)
{
	uint8_t *p = (uint8_t *)(uintptr_t)ASN1_STRING_get0_data(signature);

	p[ASN1_STRING_length(signature) - 1] ^= 1;
}

static enum assay_code sign(const struct seed *s, const struct ocsp_plan *o,
	OCSP_BASICRESP *basic, struct assay_err *e)
{
	AUTO(EVP_MD_CTX)            *ctx    = EVP_MD_CTX_new();
	CLEANUP(buf_done) struct buf name   = { 0 };
	ASN1_INTEGER                *serial = NULL;

	OCSP_id_get0_info(NULL, NULL, NULL, &serial, o->id);
	buf_printf(&name, "ocsp/%d/", (int)o->issuer);
	hex_encode((struct bytes){ ASN1_STRING_get0_data(serial),
			   (size_t)ASN1_STRING_length(serial) },
		&name);
	TRY(seed_arm(s, buf_cstr(&name), e));
	if (ctx == NULL || !set_made(basic, o->made) ||
		EVP_DigestSignInit_ex(ctx, NULL, "SHA384", s->lib, NULL, o->key, NULL) != 1 ||
		OCSP_basic_sign_ctx(basic, o->signer, ctx, NULL, OCSP_NOTIME) != 1)
		return seed_fail(e, "signing an OCSP answer");
	if (o->spoil)
		spoil(OCSP_resp_get0_signature(basic));
	return ASSAY_OK;
}

enum assay_code ocsp_write(
	const struct seed *s, const struct ocsp_plan *o, struct buf *out, struct assay_err *e)
{
	AUTO(OCSP_BASICRESP) *basic    = NULL;
	AUTO(OCSP_RESPONSE)  *response = NULL;
	unsigned char        *der      = NULL;
	int                   n        = 0;

	if (o->garbage) {
		buf_text(out, "<html><title>502 Bad Gateway</title></html>\n");
		return buf_ok(out, e);
	}
	if (o->response == OCSP_RESPONSE_STATUS_SUCCESSFUL) {
		basic = OCSP_BASICRESP_new();
		if (basic == NULL)
			return err_no_memory(e);
		TRY(set_status(o, basic, e));
		TRY(sign(s, o, basic, e));
	}
	response = OCSP_response_create(o->response, basic);
	if (response != NULL)
		n = i2d_OCSP_RESPONSE(response, &der);
	if (n <= 0)
		return seed_fail(e, "an OCSP answer");
	buf_put(out, der, (size_t)n);
	OPENSSL_free(der);
	return buf_ok(out, e);
}
