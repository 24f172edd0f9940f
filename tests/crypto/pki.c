/* SPDX-License-Identifier: Apache-2.0 */
#include "pki.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/utc.h"
#include "crypto/digest.h"

#define FROM INT64_C(1577836800) /* 2020-01-01 */

AUTO_PTR(X509_EXTENSION, X509_EXTENSION_free)
AUTO_PTR(ASN1_OBJECT, ASN1_OBJECT_free)
AUTO_PTR(ASN1_OCTET_STRING, ASN1_OCTET_STRING_free)
AUTO_PTR(ASN1_GENERALIZEDTIME, ASN1_GENERALIZEDTIME_free)
AUTO_PTR(ASN1_TIME, ASN1_TIME_free)
AUTO_PTR(X509_NAME, X509_NAME_free)
AUTO_PTR(OCSP_BASICRESP, OCSP_BASICRESP_free)
AUTO_PTR(OCSP_RESPONSE, OCSP_RESPONSE_free)
AUTO_PTR(OCSP_REQUEST, OCSP_REQUEST_free)
AUTO_PTR(OCSP_CERTID, OCSP_CERTID_free)

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "pki: %s\n", what);
	ERR_print_errors_fp(stderr);
	abort();
}

#define MUST(call) must((call), #call)

static const EVP_MD *md_of(const char *name, const char *otherwise)
{
	const EVP_MD *md = EVP_get_digestbyname(name != NULL ? name : otherwise);

	MUST(md != NULL);
	return md;
}

static void set_time(ASN1_TIME *t, int64_t at)
{
	MUST(ASN1_TIME_set(t, (time_t)at) != NULL);
}

static void set_serial(X509 *cert, const struct pki_row *row)
{
	BIGNUM  *n = NULL;
	uint8_t  sum[EVP_MAX_MD_SIZE];
	unsigned size;

	if (row->serial != NULL) {
		MUST(BN_hex2bn(&n, row->serial) > 0);
	} else {
		MUST(EVP_Digest(row->name, strlen(row->name), sum, &size, EVP_sha256(), NULL) ==
			1);
		sum[0] = 0x42;
		n      = BN_bin2bn(sum, 16, NULL);
	}
	MUST(BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert)) != NULL);
	BN_free(n);
}

static void add_ext(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX            ctx;
	AUTO(X509_EXTENSION) *ext = NULL;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_nconf_nid(NULL, &ctx, nid, value);
	must(ext != NULL, value);
	MUST(X509_add_ext(cert, ext, -1) == 1);
}

static EVP_PKEY *new_key(const char *curve)
{
	bool explicit = curve != NULL && strcmp(curve, "explicit") == 0;
	EVP_PKEY *key = curve != NULL && strcmp(curve, "RSA") == 0
		? EVP_RSA_gen(2048)
		: EVP_EC_gen(curve == NULL || explicit ? "P-384" : curve);

	MUST(key != NULL);
	if (explicit)
		MUST(EVP_PKEY_set_utf8_string_param(
			     key, OSSL_PKEY_PARAM_EC_ENCODING, "explicit") == 1);
	return key;
}

void pki_make(
	const struct pki_row *row, const struct pki *issuer, EVP_PKEY *key, struct pki *out)
{
	X509            *cert = X509_new();
	AUTO(X509_NAME) *name = X509_NAME_new();
	X509            *above;

	if (key != NULL)
		MUST(EVP_PKEY_up_ref(key) == 1);
	else
		key = new_key(row->curve);
	above = issuer != NULL ? issuer->cert : cert;
	MUST(cert != NULL && name != NULL);
	MUST(X509_set_version(cert, X509_VERSION_3) == 1);
	MUST(X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC,
		     (const unsigned char *)"assay tests", -1, -1, 0) == 1);
	MUST(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
		     (const unsigned char *)row->name, -1, -1, 0) == 1);
	MUST(X509_set_subject_name(cert, name) == 1);
	MUST(X509_set_issuer_name(cert, X509_get_subject_name(above)) == 1);
	set_serial(cert, row);
	set_time(X509_getm_notBefore(cert), row->from != 0 ? row->from : FROM);
	set_time(X509_getm_notAfter(cert), row->to != 0 ? row->to : UTC_MAX);
	MUST(X509_set_pubkey(cert, key) == 1);
	if (!row->bare) {
		add_ext(cert, above, NID_subject_key_identifier, "hash");
		add_ext(cert, above, NID_authority_key_identifier, "keyid");
	}
	for (size_t i = 0; i < ARRAY_LEN(row->ext) && row->ext[i].value != NULL; i++)
		add_ext(cert, above, row->ext[i].nid, row->ext[i].value);
	MUST(X509_sign(cert, issuer != NULL ? issuer->key : key, md_of(row->md, "SHA384")) > 0);
	*out = (struct pki){ cert, key };
}

void pki_done(struct pki *p)
{
	X509_free(p->cert);
	EVP_PKEY_free(p->key);
	*p = (struct pki){ 0 };
}

void pki_der(const X509 *cert, struct buf *out)
{
	int            n  = i2d_X509(cert, NULL);
	unsigned char *at = n <= 0 ? NULL : buf_room(out, (size_t)n);

	MUST(at != NULL && i2d_X509(cert, &at) == n);
}

X509 *pki_load(const struct crypto *c, const X509 *cert)
{
	CLEANUP(buf_done) struct buf der = { 0 };
	struct assay_err             e   = { 0 };
	X509                        *out = NULL;

	pki_der(cert, &der);
	must(cert_parse(c, buf_bytes(&der), &out, &e) == ASSAY_OK, assay_err_text(&e));
	return out;
}

void pki_anchor(const struct crypto *c, const X509 *root, struct anchor *out)
{
	CLEANUP(buf_done) struct buf der = { 0 }, spki = { 0 };
	struct assay_err             e = { 0 };

	out->name = "the test root";
	pki_der(root, &der);
	MUST(cert_spki(root, &spki, &e) == ASSAY_OK);
	MUST(digest(c->sha256, buf_bytes(&der), out->der, &e) == ASSAY_OK);
	MUST(digest(c->sha256, buf_bytes(&spki), out->spki, &e) == ASSAY_OK);
}

void pki_chain(const struct crypto *c, struct chain *out, const X509 *const certs[], size_t n)
{
	struct assay_err e = { 0 };

	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_done) struct buf der = { 0 };

		pki_der(certs[i], &der);
		must(chain_append(c, buf_bytes(&der), out, &e) == ASSAY_OK, assay_err_text(&e));
	}
	MUST(chain_window(out, &e) == ASSAY_OK);
}

/* OpenSSL's getters for a CertID's parts are not const, so a part can be spoiled in place. */
static OCSP_CERTID *new_id(const struct pki_id *id)
{
	OCSP_CERTID       *out = OCSP_cert_to_id(md_of(id->md, "SHA1"), id->cert, id->issuer);
	ASN1_OCTET_STRING *name, *key;

	MUST(out != NULL && OCSP_id_get0_info(&name, NULL, &key, NULL, out) == 1);
	if (id->bad_name)
		name->data[0] ^= 1;
	if (id->bad_key)
		key->data[0] ^= 1;
	return out;
}

static X509_EXTENSION *critical_ext(const char *oid)
{
	AUTO(ASN1_OBJECT)       *type  = OBJ_txt2obj(oid, 1);
	AUTO(ASN1_OCTET_STRING) *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION          *ext;

	MUST(type != NULL && value != NULL &&
		ASN1_OCTET_STRING_set(value, (const unsigned char *)"\x05\x00", 2) == 1);
	ext = X509_EXTENSION_create_by_OBJ(NULL, type, 1, value);
	MUST(ext != NULL);
	return ext;
}

static void add_single(OCSP_BASICRESP *basic, const struct pki_single *s)
{
	AUTO(OCSP_CERTID) *id            = new_id(&s->id);
	AUTO(ASN1_TIME)   *revoked       = ASN1_TIME_set(NULL, (time_t)s->revoked);
	AUTO(ASN1_GENERALIZEDTIME) *this = ASN1_GENERALIZEDTIME_set(
		NULL, (time_t)s->this_update);
	AUTO(ASN1_GENERALIZEDTIME) *next = s->next_update == 0
		? NULL
		: ASN1_GENERALIZEDTIME_set(NULL, (time_t)s->next_update);
	OCSP_SINGLERESP *single = OCSP_basic_add1_status(basic, id, s->status, s->reason,
		s->status == V_OCSP_CERTSTATUS_REVOKED ? revoked : NULL, this, next);

	MUST(single != NULL);
	if (s->critical != NULL) {
		AUTO(X509_EXTENSION) *ext = critical_ext(s->critical);

		MUST(OCSP_SINGLERESP_add_ext(single, ext, -1) == 1);
	}
}

static void set_produced(OCSP_BASICRESP *basic, int64_t at)
{
	/* there is no setter */
	uintptr_t where = (uintptr_t)OCSP_resp_get0_produced_at(basic);

	MUST(ASN1_GENERALIZEDTIME_set((ASN1_GENERALIZEDTIME *)where, (time_t)at) != NULL);
}

void pki_answer(const struct pki_answer *a, struct buf *out)
{
	AUTO(OCSP_BASICRESP) *basic    = OCSP_BASICRESP_new();
	AUTO(OCSP_RESPONSE)  *response = NULL;
	unsigned long         flags    = OCSP_NOTIME;
	unsigned char        *at;
	int                   n;

	for (size_t i = 0; i < a->singles; i++)
		add_single(basic, &a->single[i]);
	if (a->nonce.n != 0) { /* the function takes a pointer that it does not write to */
		uint8_t copy[64];

		memcpy(copy, a->nonce.p, a->nonce.n);
		MUST(OCSP_basic_add1_nonce(basic, copy, (int)a->nonce.n) == 1);
		if (a->bare_nonce)
			MUST(ASN1_OCTET_STRING_set(
				     X509_EXTENSION_get_data(OCSP_BASICRESP_get_ext(basic, 0)),
				     copy, (int)a->nonce.n) == 1);
		if (a->critical_nonce)
			MUST(X509_EXTENSION_set_critical(OCSP_BASICRESP_get_ext(basic, 0), 1) ==
				1);
	}
	if (a->critical != NULL) {
		AUTO(X509_EXTENSION) *ext = critical_ext(a->critical);

		MUST(OCSP_BASICRESP_add_ext(basic, ext, -1) == 1);
	}
	for (size_t i = 0; i < ARRAY_LEN(a->extra) && a->extra[i] != NULL; i++) {
		X509 *copy = X509_dup(a->extra[i]);

		MUST(copy != NULL && OCSP_basic_add1_cert(basic, copy) == 1);
		X509_free(copy);
	}
	if (a->by_key)
		flags |= OCSP_RESPID_KEY;
	if (a->no_cert)
		flags |= OCSP_NOCERTS;
	set_produced(basic, a->produced);
	MUST(OCSP_basic_sign(basic, a->signer->cert, a->signer->key, md_of(a->md, "SHA384"),
		     NULL, flags) == 1);
	response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	n        = i2d_OCSP_RESPONSE(response, NULL);
	at       = n <= 0 ? NULL : buf_room(out, (size_t)n);
	MUST(at != NULL && i2d_OCSP_RESPONSE(response, &at) == n);
}

void pki_refusal(int status, struct buf *out)
{
	AUTO(OCSP_RESPONSE) *response = OCSP_response_create(status, NULL);
	int                  n        = i2d_OCSP_RESPONSE(response, NULL);
	unsigned char       *at       = n <= 0 ? NULL : buf_room(out, (size_t)n);

	MUST(at != NULL && i2d_OCSP_RESPONSE(response, &at) == n);
}

void pki_request(const struct pki_request *r, struct buf *out)
{
	AUTO(OCSP_REQUEST) *request = OCSP_REQUEST_new();
	unsigned char      *at;
	int                 n;

	for (size_t i = 0; i < r->ids; i++)
		MUST(OCSP_request_add0_id(request, new_id(&r->id[i])) != NULL);
	if (r->nonce.n != 0) {
		uint8_t copy[64];

		memcpy(copy, r->nonce.p, r->nonce.n);
		MUST(OCSP_request_add1_nonce(request, copy, (int)r->nonce.n) == 1);
	}
	n  = i2d_OCSP_REQUEST(request, NULL);
	at = n <= 0 ? NULL : buf_room(out, (size_t)n);
	MUST(at != NULL && i2d_OCSP_REQUEST(request, &at) == n);
}
