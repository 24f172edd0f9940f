/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/context.h"

#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <xmlsec/xmlsec.h>

#include <xmlsec/errors.h>
#include <xmlsec/openssl/crypto.h>

/* xmlsec prints its errors unless somebody else takes them. What failed is told by the caller, in its own words. */
static void no_message(const char *file, int line, const char *func, const char *object,
	const char *subject, int reason, const char *msg)
{
	(void)file;
	(void)line;
	(void)func;
	(void)object;
	(void)subject;
	(void)reason;
	(void)msg;
}

enum assay_code crypto_open(struct crypto *out, struct assay_err *e)
{
	CLEANUP(crypto_done) struct crypto c = { 0 };

	/* Neither openssl.cnf nor OPENSSL_CONF may change what is verified, here or in the default context. */
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL) !=
		1)
		return err_set(e, ASSAY_INTERNAL, "OpenSSL does not start");
	c.lib = OSSL_LIB_CTX_new();
	if (c.lib != NULL)
		c.provider = OSSL_PROVIDER_load(c.lib, "default");
	if (c.provider == NULL)
		return err_set(e, ASSAY_INTERNAL, "OpenSSL's default provider does not load");
	c.sha1   = EVP_MD_fetch(c.lib, "SHA1", NULL);
	c.sha256 = EVP_MD_fetch(c.lib, "SHA2-256", NULL);
	c.sha384 = EVP_MD_fetch(c.lib, "SHA2-384", NULL);
	c.sha512 = EVP_MD_fetch(c.lib, "SHA2-512", NULL);
	if (c.sha1 == NULL || c.sha256 == NULL || c.sha384 == NULL || c.sha512 == NULL)
		return err_set(e, ASSAY_INTERNAL, "OpenSSL lacks a digest");
	if (xmlSecInit() < 0 || xmlSecOpenSSLSetLibCtx(c.lib) < 0 || xmlSecOpenSSLInit() < 0)
		return err_set(e, ASSAY_INTERNAL, "xmlsec does not start");
	xmlSecErrorsSetCallback(no_message); /* last: both inits install their own */
	*out = c;
	c    = (struct crypto){ 0 };
	return ASSAY_OK;
}

void crypto_done(struct crypto *c)
{
	if (c->lib == NULL)
		return;
	xmlSecOpenSSLShutdown();
	xmlSecShutdown();
	EVP_MD_free(c->sha1);
	EVP_MD_free(c->sha256);
	EVP_MD_free(c->sha384);
	EVP_MD_free(c->sha512);
	if (c->provider != NULL)
		OSSL_PROVIDER_unload(c->provider);
	OSSL_LIB_CTX_free(c->lib);
	*c = (struct crypto){ 0 };
}
