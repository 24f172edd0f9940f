/* SPDX-License-Identifier: Apache-2.0
 *
 * Revocation lists of Intel's shape (tdx.md 4.6, RFC 5280 5): version 2, number 1, keyed by their issuer. */
#include "forge/tdx_inside.h"

#include <openssl/x509v3.h>

#include "forge/ossl.h"

AUTO_PTR(X509_CRL, X509_CRL_free)
AUTO_PTR(X509_REVOKED, X509_REVOKED_free)
AUTO_PTR(AUTHORITY_KEYID, AUTHORITY_KEYID_free)
AUTO_PTR(ASN1_ENUMERATED, ASN1_ENUMERATED_free)

#define KEY_COMPROMISE 1

static enum assay_code add_entry(
	X509_CRL *crl, const ASN1_INTEGER *serial, int64_t at, struct assay_err *e)
{
	AUTO(X509_REVOKED)    *entry  = X509_REVOKED_new();
	AUTO(ASN1_TIME)       *time   = ASN1_TIME_set(NULL, (time_t)at);
	AUTO(ASN1_INTEGER)    *number = ASN1_INTEGER_dup(serial);
	AUTO(ASN1_ENUMERATED) *reason = ASN1_ENUMERATED_new();

	if (entry == NULL || time == NULL || number == NULL || reason == NULL ||
		ASN1_ENUMERATED_set(reason, KEY_COMPROMISE) != 1 ||
		X509_REVOKED_set_serialNumber(entry, number) != 1 ||
		X509_REVOKED_set_revocationDate(entry, time) != 1 ||
		X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason, 0, 0) != 1 ||
		X509_CRL_add0_revoked(crl, entry) != 1)
		return seed_fail(e, "an entry of a CRL");
	entry = NULL; /* the list's now */
	return ASSAY_OK;
}

/* As a real list has them: machines of others. */
static enum assay_code add_strangers(
	const struct seed *s, const struct tdx_crl *c, X509_CRL *crl, struct assay_err *e)
{
	for (size_t i = 0; i < c->strangers; i++) {
		AUTO(BIGNUM)       *number = NULL;
		AUTO(ASN1_INTEGER) *serial = NULL;
		uint8_t             raw[20];

		TRY(seed_bytes(s, NAME("tdx/stranger/%zu", i), raw, sizeof(raw), e));
		number = BN_bin2bn(raw, sizeof(raw), NULL);
		serial = number == NULL ? NULL : BN_to_ASN1_INTEGER(number, NULL);
		if (serial == NULL)
			return err_no_memory(e);
		TRY(add_entry(crl, serial, c->from, e));
	}
	return ASSAY_OK;
}

static enum assay_code fill(const struct seed *s, const struct tdx_crl *c, const X509 *issuer,
	EVP_PKEY *key, X509_CRL *crl, struct assay_err *e)
{
	AUTO(ASN1_TIME)       *from   = ASN1_TIME_set(NULL, (time_t)c->from);
	AUTO(ASN1_TIME)       *to     = ASN1_TIME_set(NULL, (time_t)c->to);
	AUTO(ASN1_INTEGER)    *number = ASN1_INTEGER_new();
	AUTO(AUTHORITY_KEYID) *by     = AUTHORITY_KEYID_new();
	uint8_t                id[20];

	TRY(pki_key_id(s, key, id, e));
	if (from == NULL || to == NULL || number == NULL || by == NULL ||
		ASN1_INTEGER_set(number, 1) != 1)
		return err_no_memory(e);
	by->keyid = ASN1_OCTET_STRING_new();
	if (by->keyid == NULL || ASN1_OCTET_STRING_set(by->keyid, id, sizeof(id)) != 1 ||
		X509_CRL_set_version(crl, X509_CRL_VERSION_2) != 1 ||
		X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) != 1 ||
		X509_CRL_set1_lastUpdate(crl, from) != 1 ||
		X509_CRL_set1_nextUpdate(crl, to) != 1 ||
		X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) != 1 ||
		X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, by, 0, 0) != 1)
		return seed_fail(e, "a CRL");
	TRY(add_strangers(s, c, crl, e));
	for (size_t i = 0; i < c->revoked_n; i++)
		TRY(add_entry(crl, X509_get0_serialNumber(c->revoked[i]), c->from, e));
	return ASSAY_OK;
}

/* Through a context of the forge's own library, so that the nonce is of the seed. */
static enum assay_code sign(const struct seed *s, const struct tdx_crl *c, EVP_PKEY *key,
	X509_CRL *crl, struct assay_err *e)
{
	AUTO(EVP_MD_CTX) *ctx = EVP_MD_CTX_new();

	TRY(seed_arm(s,
		NAME("sign/crl/%d/%lld/%zu", (int)c->issuer, (long long)c->from, c->revoked_n),
		e));
	if (ctx == NULL ||
		EVP_DigestSignInit_ex(ctx, NULL, "SHA256", s->lib, NULL, key, NULL) != 1 ||
		X509_CRL_sign_ctx(crl, ctx) <= 0)
		return seed_fail(e, "signing a CRL");
	return ASSAY_OK;
}

static enum assay_code write_crl(
	struct tdx *t, const struct tdx_crl *c, struct buf *der, struct assay_err *e)
{
	AUTO(X509_CRL) *crl    = X509_CRL_new();
	X509           *issuer = NULL;
	EVP_PKEY       *key    = NULL;
	unsigned char  *raw    = NULL;
	int             n      = 0;

	if (crl == NULL)
		return err_no_memory(e);
	TRY(pki_ca(&t->f->pki, c->issuer, &issuer, &key, e));
	TRY(fill(&t->f->seed, c, issuer, key, crl, e));
	TRY(sign(&t->f->seed, c, key, crl, e));
	n = i2d_X509_CRL(crl, &raw);
	if (n <= 0)
		return seed_fail(e, "encoding a CRL");
	if (c->spoil)
		raw[n - 1] ^= 1;
	buf_put(der, raw, (size_t)n);
	OPENSSL_free(raw);
	return buf_ok(der, e);
}

static enum assay_code make(struct tdx *t, enum tdx_list which, struct tdx_crl *c,
	struct buf *der, struct assay_err *e)
{
	for (size_t i = 0; i < t->spec.faults; i++)
		if (t->spec.fault[i]->crl == (unsigned)which && t->spec.fault[i]->list != NULL)
			TRY(t->spec.fault[i]->list(t, t->spec.fault[i], c, e));
	return write_crl(t, c, der, e);
}

enum assay_code tdx_pck_crl(struct tdx *t, enum tdx_ca ca, int64_t now, struct buf *der,
	struct buf *chain, struct assay_err *e)
{
	bool           platform = ca == TDX_CA_PLATFORM;
	X509          *cert[2]  = { 0 };
	EVP_PKEY      *key      = NULL;
	struct tdx_crl c        = {
		       .issuer    = platform ? CA_SGX_PLATFORM : CA_SGX_PROCESSOR,
		       .from      = now / TDX_DAY * TDX_DAY,
		       .to        = (now / TDX_DAY + 30) * TDX_DAY,
		       .strangers = platform ? 5 : 0,
	};

	if (platform && t->pck_revoked)
		c.revoked[c.revoked_n++] = t->pck;
	TRY(make(t, platform ? TDX_LIST_PLATFORM : TDX_LIST_PROCESSOR, &c, der, e));
	TRY(pki_ca(
		&t->f->pki, platform ? CA_SGX_PLATFORM : CA_SGX_PROCESSOR, &cert[0], &key, e));
	TRY(pki_ca(&t->f->pki, CA_SGX_ROOT, &cert[1], &key, e));
	return tdx_pem(cert, ARRAY_LEN(cert), chain, e);
}

enum assay_code tdx_root_crl(struct tdx *t, int64_t now, struct buf *der, struct assay_err *e)
{
	struct tdx_crl c = {
		.issuer = CA_SGX_ROOT,
		.from   = (now / TDX_DAY - 60) * TDX_DAY,
		.to     = (now / TDX_DAY + 305) * TDX_DAY,
	};

	return make(t, TDX_LIST_ROOT, &c, der, e);
}
