/* SPDX-License-Identifier: Apache-2.0
 *
 * Intel's certificates for one platform and their revocation lists (spec/tdx.md 3, 4.6). */
#include "base/pem.h"
#include "forge/asn.h"
#include "forge/ossl.h"
#include "forge/tdx_inside.h"

AUTO_PTR(X509_CRL, X509_CRL_free)
AUTO_PTR(X509_REVOKED, X509_REVOKED_free)
AUTO_PTR(ASN1_ENUMERATED, ASN1_ENUMERATED_free)
AUTO_PTR(AUTHORITY_KEYID, AUTHORITY_KEYID_free)

#define DAY INT64_C(86400)
#define SGX "1.2.840.113741.1.13.1"
#define PCK_CRL \
	"https://api.trustedservices.intel.com/sgx/certification/v4/pckcrl?ca=platform&encoding=der"
#define INTEL  "O=Intel Corporation|L=Santa Clara|ST=CA|C=US"
#define BYGONE 3 /* other platforms on the PCK CRL */

/* SEQUENCE { OID SGX.suffix, value } */
static void put_pair(struct buf *out, const char *suffix, uint8_t tag, struct bytes value)
{
	CLEANUP(buf_done) struct buf pair = { 0 };
	char                         oid[64];

	snprintf(oid, sizeof(oid), SGX "%s", suffix);
	asn_oid(&pair, oid);
	asn_put(&pair, tag, value);
	asn_put(out, DER_SEQUENCE, buf_bytes(&pair));
}

/* Not negative: a zero in front of a high first bit. */
static void put_integer(struct buf *out, const char *suffix, unsigned v)
{
	const uint8_t b[] = { 0, (uint8_t)(v >> 8), (uint8_t)v };
	size_t        at  = v > 0x7fff ? 0 : v > 0x7f ? 1 : 2;

	put_pair(out, suffix, DER_INTEGER, (struct bytes){ b + at, sizeof(b) - at });
}

static void put_tcb(const struct tdx_platform *p, struct buf *out)
{
	CLEANUP(buf_done) struct buf rows = { 0 };

	for (unsigned i = 0; i < TDX_COMPONENTS; i++) {
		char suffix[8];

		snprintf(suffix, sizeof(suffix), ".2.%u", i + 1);
		put_integer(&rows, suffix, p->svn[i]);
		if (i == 0 && p->twice)
			put_integer(&rows, suffix, p->svn[i] + 1U);
	}
	put_integer(&rows, ".2.17", p->pcesvn);
	put_pair(&rows, ".2.18", DER_OCTET_STRING, BYTES_OF(p->cpusvn));
	put_pair(out, ".2", DER_SEQUENCE, buf_bytes(&rows));
}

static enum assay_code put_extension(
	const struct tdx_platform *p, struct buf *out, struct assay_err *e)
{
	static const uint8_t         yes[] = { 0xff };
	CLEANUP(buf_done) struct buf rows = { 0 }, flags = { 0 };

	put_pair(&rows, ".1", DER_OCTET_STRING, BYTES_OF(p->ppid));
	put_tcb(p, &rows);
	put_pair(&rows, ".3", DER_OCTET_STRING, BYTES("\0\0"));
	put_pair(&rows, ".4", DER_OCTET_STRING, BYTES_OF(p->fmspc));
	put_pair(&rows, ".5", 0x0a, BYTES("\1")); /* ENUMERATED: scalable */
	put_pair(&rows, ".6", DER_OCTET_STRING, BYTES_OF(p->instance));
	put_pair(&flags, ".7.1", 0x01, BYTES_OF(yes));
	put_pair(&flags, ".7.2", 0x01, BYTES_OF(yes));
	put_pair(&flags, ".7.3", 0x01, BYTES_OF(yes));
	put_pair(&rows, ".7", DER_SEQUENCE, buf_bytes(&flags));
	asn_put(out, DER_SEQUENCE, buf_bytes(&rows));
	TRY(buf_ok(&rows, e));
	return buf_ok(out, e);
}

static enum assay_code sign_pck(struct tdx *t, struct cert_plan *c, struct assay_err *e)
{
	TRY(seed_bytes(&t->forge->seed, "serial/tdx/pck", c->serial, c->serial_n, e));
	c->serial[0] = (uint8_t)(c->serial[0] & 0x7f) | 0x40;
	TRY(pki_ca(t->pki, CA_SGX_PLATFORM, &c->issuer, &c->issuer_key, e));
	TRY(put_extension(&t->platform, &c->more[0].der, e));
	for (size_t i = 0; i < t->spec.faults; i++)
		if (t->spec.fault[i]->pck != NULL)
			t->spec.fault[i]->pck(t->spec.fault[i], t, c);
	return pki_sign(&t->forge->seed, c, &t->pck, e);
}

enum assay_code tdx_make_pck(struct tdx *t, struct assay_err *e)
{
	CLEANUP(cert_plan_done)
	struct cert_plan c = {
		.name       = "tdx/pck",
		.subject    = "CN=Intel SGX PCK Certificate|" INTEL,
		.key        = t->pck_key,
		.serial_n   = 20,
		.extensions = "ICSRN",
		.crl        = PCK_CRL,
		.from       = t->pki->at - 200 * DAY,
		.to         = t->pki->at + 2357 * DAY,
		.more       = { { .oid = SGX } },
		.more_n     = 1,
	};

	return sign_pck(t, &c, e);
}

static enum assay_code put_pem(const X509 *cert, struct buf *pem, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf der = { 0 };

	TRY(pki_der(cert, &der, e));
	pem_write(buf_bytes(&der), pem);
	return buf_ok(pem, e);
}

enum assay_code tdx_issuers(
	struct tdx *t, enum ca signer, struct buf *chain, struct assay_err *e)
{
	const enum ca which[] = { signer, CA_SGX_ROOT };

	for (size_t i = 0; i < ARRAY_LEN(which); i++) {
		X509     *cert = NULL;
		EVP_PKEY *key  = NULL;

		TRY(pki_ca(t->pki, which[i], &cert, &key, e));
		TRY(put_pem(cert, chain, e));
	}
	return ASSAY_OK;
}

enum assay_code tdx_pck_certificate(
	struct tdx *t, struct buf *pem, struct buf *chain, struct assay_err *e)
{
	TRY(put_pem(t->pck, pem, e));
	return tdx_issuers(t, CA_SGX_PLATFORM, chain, e);
}

/* One row: number, date, keyCompromise. */
static enum assay_code revoke(
	X509_CRL *crl, const ASN1_INTEGER *serial, int64_t when, struct assay_err *e)
{
	AUTO(X509_REVOKED)    *row    = X509_REVOKED_new();
	AUTO(ASN1_TIME)       *at     = ASN1_UTCTIME_set(NULL, (time_t)when);
	AUTO(ASN1_ENUMERATED) *reason = ASN1_ENUMERATED_new();
	AUTO(ASN1_INTEGER)    *number = ASN1_INTEGER_dup(serial);

	if (row == NULL || at == NULL || reason == NULL || number == NULL ||
		ASN1_ENUMERATED_set(reason, CRL_REASON_KEY_COMPROMISE) != 1 ||
		X509_REVOKED_set_serialNumber(row, number) != 1 ||
		X509_REVOKED_set_revocationDate(row, at) != 1 ||
		X509_REVOKED_add1_ext_i2d(row, NID_crl_reason, reason, 0, 0) != 1 ||
		X509_CRL_add0_revoked(crl, row) != 1)
		return seed_fail(e, "a CRL's row");
	TAKE(row);
	return ASSAY_OK;
}

/* Platforms of others, so that the list is not empty. */
static enum assay_code revoke_others(
	struct tdx *t, X509_CRL *crl, int64_t when, struct assay_err *e)
{
	for (unsigned i = 0; i < BYGONE; i++) {
		uint8_t             b[20];
		AUTO(BIGNUM)       *number = NULL;
		AUTO(ASN1_INTEGER) *serial = NULL;

		TRY(seed_bytes(
			&t->forge->seed, NAME("serial/tdx/bygone/%u", i), b, sizeof(b), e));
		number = BN_bin2bn(b, sizeof(b), NULL);
		serial = number == NULL ? NULL : BN_to_ASN1_INTEGER(number, NULL);
		if (serial == NULL)
			return err_no_memory(e);
		TRY(revoke(crl, serial, when, e));
	}
	return ASSAY_OK;
}

static enum assay_code add_extensions(
	struct tdx *t, X509_CRL *crl, EVP_PKEY *key, struct assay_err *e)
{
	AUTO(ASN1_INTEGER)    *number = ASN1_INTEGER_new();
	AUTO(AUTHORITY_KEYID) *aki    = AUTHORITY_KEYID_new();
	uint8_t                id[20];

	TRY(pki_key_id(&t->forge->seed, key, id, e));
	if (number == NULL || aki == NULL)
		return err_no_memory(e);
	aki->keyid = ASN1_OCTET_STRING_new();
	if (aki->keyid == NULL || ASN1_OCTET_STRING_set(aki->keyid, id, sizeof(id)) != 1 ||
		ASN1_INTEGER_set(number, 1) != 1 || /* the real ones never count (5.9) */
		X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) != 1 ||
		X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, aki, 0, 0) != 1)
		return seed_fail(e, "a CRL's extensions");
	return ASSAY_OK;
}

static enum assay_code put_der(
	const struct tdx_crl *c, X509_CRL *crl, struct buf *out, struct assay_err *e)
{
	unsigned char *der = NULL;
	int            n   = i2d_X509_CRL(crl, &der);

	if (n <= 0)
		return seed_fail(e, "a CRL");
	if (c->spoil)
		der[n - 1] ^= 1;
	buf_put(out, der, (size_t)n);
	OPENSSL_free(der);
	return buf_ok(out, e);
}

static enum assay_code write_crl(
	struct tdx *t, const struct tdx_crl *c, struct buf *out, struct assay_err *e)
{
	AUTO(X509_CRL)  *crl    = X509_CRL_new_ex(t->forge->seed.lib, NULL);
	AUTO(ASN1_TIME) *from   = ASN1_UTCTIME_set(NULL, (time_t)c->from);
	AUTO(ASN1_TIME) *to     = ASN1_UTCTIME_set(NULL, (time_t)c->to);
	X509            *issuer = NULL;
	EVP_PKEY        *key    = NULL;

	TRY(pki_ca(t->pki, c->issuer, &issuer, &key, e));
	if (crl == NULL || from == NULL || to == NULL || X509_CRL_set_version(crl, 1) != 1 ||
		X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) != 1 ||
		X509_CRL_set1_lastUpdate(crl, from) != 1 ||
		X509_CRL_set1_nextUpdate(crl, to) != 1)
		return seed_fail(e, "a CRL");
	if (c->issuer == CA_SGX_PLATFORM)
		TRY(revoke_others(t, crl, c->from, e));
	if (c->revoked != NULL)
		TRY(revoke(crl, X509_get0_serialNumber(c->revoked), c->from, e));
	TRY(add_extensions(t, crl, key, e));
	X509_CRL_sort(crl);
	TRY(seed_arm(&t->forge->seed,
		NAME("sign/crl/%d/%lld/%d", (int)c->issuer, (long long)c->from,
			c->revoked != NULL),
		e));
	if (X509_CRL_sign(crl, key, EVP_sha256()) <= 0)
		return seed_fail(e, "a CRL's signature");
	return put_der(c, crl, out, e);
}

static enum assay_code strike(
	struct tdx *t, enum tdx_list list, struct tdx_crl *c, struct assay_err *e)
{
	for (size_t i = 0; i < t->spec.faults; i++) {
		const struct tdx_fault *f = t->spec.fault[i];

		if (f->crl != NULL && f->list == list)
			TRY(f->crl(f, t, c, e));
	}
	return ASSAY_OK;
}

enum assay_code tdx_pck_crl(struct tdx *t, enum tdx_ca ca, int64_t now, struct buf *der,
	struct buf *chain, struct assay_err *e)
{
	struct tdx_crl c = {
		.issuer = ca == TDX_CA_PLATFORM ? CA_SGX_PLATFORM : CA_SGX_PROCESSOR,
		.from   = now / DAY * DAY,
		.to     = (now / DAY + 30) * DAY,
	};

	if (ca == TDX_CA_PLATFORM) {
		c.revoked = t->pck_revoked ? t->pck : NULL;
		TRY(strike(t, TDX_PCK_CRL, &c, e));
	}
	TRY(write_crl(t, &c, der, e));
	return tdx_issuers(t, c.issuer, chain, e);
}

enum assay_code tdx_root_crl(struct tdx *t, int64_t now, struct buf *der, struct assay_err *e)
{
	struct tdx_crl c = {
		.issuer = CA_SGX_ROOT,
		.from   = (now / DAY - 60) * DAY,
		.to     = (now / DAY + 300) * DAY,
	};

	TRY(strike(t, TDX_ROOT_CRL, &c, e));
	return write_crl(t, &c, der, e);
}
