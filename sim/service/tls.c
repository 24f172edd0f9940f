/* SPDX-License-Identifier: Apache-2.0
 *
 * A test CA and a server's certificate for the loopback, from the seed. P-256, as web servers have it. */
#include <openssl/pem.h>

#include "base/pem.h"
#include "forge/node.h"
#include "forge/ossl.h"
#include "service/service.h"

AUTO_PTR(BIO, BIO_free_all)

/* 2020 to 2049, wherever the platform's time stands: who connects has the clock of the real machine. */
#define FROM INT64_C(1577836800)
#define TO   INT64_C(2524607999)

/* 127.0.0.1, ::1 and localhost as GeneralNames. */
static const struct bytes names = BYTES("\x30\x23\x82\x09localhost\x87\x04\x7f\0\0\1"
					"\x87\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1");

static enum assay_code put_pem(X509 *cert, struct buf *pem, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf der = { 0 };

	TRY(pki_der(cert, &der, e));
	pem_write(buf_bytes(&der), pem);
	return buf_ok(pem, e);
}

static enum assay_code put_key(EVP_PKEY *key, struct buf *pem, struct assay_err *e)
{
	AUTO(BIO) *bio  = BIO_new(BIO_s_mem());
	char      *text = NULL;
	long       n;

	if (bio == NULL || PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
		return seed_fail(e, "a server's key");
	n = BIO_get_mem_data(bio, &text);
	buf_put(pem, text, (size_t)n);
	return buf_ok(pem, e);
}

static enum assay_code sign(
	struct forge *f, struct cert_plan *c, X509 **out, struct assay_err *e)
{
	c->from     = FROM;
	c->to       = TO;
	c->serial_n = 16;
	TRY(seed_bytes(&f->seed, NAME("serial/%s", c->name), c->serial, c->serial_n, e));
	c->serial[0] = 0x21;
	return pki_sign(&f->seed, c, out, e);
}

enum assay_code service_tls(
	struct forge *f, struct buf *ca, struct buf *cert, struct buf *key, struct assay_err *e)
{
	AUTO(EVP_PKEY)  *ca_key = NULL, *own_key = NULL;
	AUTO(X509)      *root = NULL, *own = NULL;
	struct cert_plan c = { .name = "tls/ca",
		.subject             = "CN=assay sim test CA|O=assay tests",
		.extensions          = "BKSI" };

	TRY(seed_key256(&f->seed, c.name, &ca_key, e));
	c.key = ca_key;
	TRY(sign(f, &c, &root, e));
	TRY(seed_key256(&f->seed, "tls/server", &own_key, e));
	c = (struct cert_plan){ .name = "tls/server",
		.subject              = "CN=localhost|O=assay tests",
		.key                  = own_key,
		.issuer               = root,
		.issuer_key           = ca_key,
		.extensions           = "NDSI",
		.more                 = { { .oid = "2.5.29.17" } },
		.more_n               = 1 };
	buf_put(&c.more[0].der, names.p, names.n);
	if (sign(f, &c, &own, e) == ASSAY_OK && put_pem(root, ca, e) == ASSAY_OK &&
		put_pem(own, cert, e) == ASSAY_OK && put_key(own_key, key, e) == ASSAY_OK) {
		cert_plan_done(&c);
		return ASSAY_OK;
	}
	cert_plan_done(&c);
	return e->code;
}
