/* SPDX-License-Identifier: Apache-2.0
 *
 * The platform's PCK certificate with its SGX extension (tdx.md 3), from its components and numbers. */
#include "forge/tdx_inside.h"

#include "forge/asn.h"
#include "forge/ossl.h"

#define SGX         "1.2.840.113741.1.13.1"
#define DER_ENUM    0x0a
#define PCK_SUBJECT "CN=Intel SGX PCK Certificate|O=Intel Corporation|L=Santa Clara|ST=CA|C=US"
#define PLATFORM_CRL \
	"https://api.trustedservices.intel.com/sgx/certification/v4/pckcrl?ca=platform&encoding=der"

/* SEQUENCE { OID, value } below the extension's OID. */
static void put_pair(struct buf *out, const char *below, uint8_t tag, struct bytes value)
{
	CLEANUP(buf_done) struct buf pair = { 0 };

	if (!asn_oid(&pair, NAME(SGX "%s", below)))
		pair.failed = true;
	asn_put(&pair, tag, value);
	if (pair.failed)
		out->failed = true;
	asn_put(out, DER_SEQUENCE, buf_bytes(&pair));
}

/* One byte, as INTEGER with its sign. */
static void put_number(struct buf *out, const char *below, uint8_t value)
{
	uint8_t der[2] = { 0, value };

	put_pair(out, below, DER_INTEGER,
		(struct bytes){ der + (value < 0x80), 1U + (value >= 0x80) });
}

static void put_tcb(struct buf *out, const struct tdx_pck *p)
{
	CLEANUP(buf_done) struct buf tcb = { 0 };

	for (unsigned i = 0; i < 16; i++)
		put_number(&tcb, NAME(".2.%u", i + 1), p->component[i]);
	put_number(&tcb, ".2.17", p->pcesvn);
	put_pair(&tcb, ".2.18", DER_OCTET_STRING, BYTES_OF(p->cpusvn));
	put_pair(out, ".2", DER_SEQUENCE, buf_bytes(&tcb));
}

static void put_extension(struct buf *out, const struct tdx_pck *p)
{
	CLEANUP(buf_done) struct buf all = { 0 }, flags = { 0 };

	put_pair(&all, ".1", DER_OCTET_STRING, BYTES_OF(p->ppid));
	put_tcb(&all, p);
	put_pair(&all, ".3", DER_OCTET_STRING, BYTES("\0\0")); /* PCEID */
	put_pair(&all, ".4", DER_OCTET_STRING, BYTES_OF(p->fmspc));
	if (p->twice)
		put_pair(&all, ".4", DER_OCTET_STRING, BYTES("\0\0\0\0\0\1"));
	put_pair(&all, ".5", DER_ENUM, BYTES("\1")); /* scalable */
	put_pair(&all, ".6", DER_OCTET_STRING, BYTES_OF(p->instance));
	for (unsigned i = 1; i <= 3; i++)
		put_pair(&flags, NAME(".7.%u", i), DER_BOOLEAN, BYTES("\xff"));
	put_pair(&all, ".7", DER_SEQUENCE, buf_bytes(&flags));
	asn_put(out, DER_SEQUENCE, buf_bytes(&all));
	out->failed = out->failed || all.failed || flags.failed;
}

/* tdx.md 9.3, quote_v5_sample. */
static enum assay_code describe(struct tdx *x, struct tdx_pck *p, struct assay_err *e)
{
	static const struct tdx_pck base = {
		.component  = { 4, 4, 2, 2, 4, 1, 0, 5 },
		.cpusvn     = { 4, 4, 2, 2, 4, 1, 0, 5 },
		.fmspc      = { 0x90, 0xc0, 0x6f },
		.pcesvn     = 13,
		.ca         = CA_SGX_PLATFORM,
		.subject    = PCK_SUBJECT,
		.extensions = "ICSGN",
	};
	int64_t day = x->spec.at / TDX_DAY * TDX_DAY;

	*p = base;
	TRY(seed_bytes(&x->f->seed, "tdx/ppid", p->ppid, sizeof(p->ppid), e));
	TRY(seed_bytes(&x->f->seed, "tdx/instance", p->instance, sizeof(p->instance), e));
	p->from = day - 125 * TDX_DAY; /* for seven years */
	p->to   = p->from + 2556 * TDX_DAY;
	TDX_STRIKE(x, pck, TDX_FAULT(x), p);
	return ASSAY_OK;
}

static enum assay_code sign_pck(struct tdx *x, struct cert_plan *c, struct assay_err *e)
{
	struct pki *p = x->platform.evil ? &x->f->evil : &x->f->pki;

	c->key        = x->pck_key;
	c->from       = x->platform.from;
	c->to         = x->platform.to;
	c->subject    = x->platform.subject;
	c->extensions = x->platform.extensions;
	TRY(pki_ca(p, x->platform.ca, &c->issuer, &c->issuer_key, e));
	TRY(pki_key_id(&x->f->seed, c->key, c->serial, e));
	c->more[0].oid = SGX;
	c->more_n      = 1;
	put_extension(&c->more[0].der, &x->platform);
	TRY(buf_ok(&c->more[0].der, e));
	if (x->platform.again) {
		c->more[1].oid = SGX;
		c->more_n      = 2;
		buf_put(&c->more[1].der, c->more[0].der.p, c->more[0].der.n);
	}
	return pki_sign(&x->f->seed, c, &x->pck, e);
}

enum assay_code tdx_pck_make(struct tdx *x, struct assay_err *e)
{
	struct cert_plan c = {
		.name     = "tdx/pck",
		.serial_n = 20,
		.crl      = PLATFORM_CRL,
	};
	enum assay_code code;

	TRY(describe(x, &x->platform, e));
	TRY(seed_key256(&x->f->seed, "tdx/pck", &x->pck_key, e));
	code = sign_pck(x, &c, e);
	cert_plan_done(&c);
	return code;
}

enum assay_code tdx_pck_certificate(
	struct tdx *t, struct buf *pem, struct buf *chain, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf above   = { 0 };
	struct pki                  *p       = t->platform.evil ? &t->f->evil : &t->f->pki;
	X509                        *cert[2] = { 0 };
	EVP_PKEY                    *key     = NULL;

	TRY(pki_ca(p, t->platform.ca, &cert[0], &key, e));
	TRY(pki_ca(p, CA_SGX_ROOT, &cert[1], &key, e));
	TRY(tdx_pem(cert, ARRAY_LEN(cert), &above, e));
	TDX_TRY_STRIKE(t, chain, t, TDX_FAULT(t), &above, e);
	TRY(tdx_pem(&t->pck, 1, pem, e));
	buf_put(chain, above.p, above.n);
	return buf_ok(chain, e);
}

const uint8_t *tdx_fmspc(const struct tdx *t)
{
	return t->platform.fmspc;
}

void tdx_revoke_pck(struct tdx *t, bool revoked)
{
	t->pck_revoked = revoked;
}

void tdx_tcbm(const struct tdx *t, struct buf *out)
{
	for (size_t i = 0; i < sizeof(t->platform.cpusvn); i++)
		buf_printf(out, "%02X", t->platform.cpusvn[i]);
	buf_printf(out, "%02X00", t->platform.pcesvn); /* little-endian */
}

bool tdx_pck_revoked(const struct tdx *t)
{
	return t->pck_revoked;
}
