/* SPDX-License-Identifier: Apache-2.0 */
#include "rim_sign.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <xmlsec/xmlsec.h>

#include <xmlsec/keys.h>
#include <xmlsec/openssl/app.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmltree.h>

#include "base/base64.h"
#include "base/xml.h"
#include "crypto/digest.h"

#define FROM 1735689600 /* 2025-01-01 */
#define TO   2051222400 /* 2035-01-01 */

static void add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX      ctx;
	X509_EXTENSION *ext;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(ext);
	assert_int_equal(X509_add_ext(cert, ext, -1), 1);
	X509_EXTENSION_free(ext);
}

static X509 *make_certificate(const struct crypto *c, EVP_PKEY *key, const char *name,
	X509 *issuer, EVP_PKEY *issuer_key)
{
	X509 *cert = X509_new_ex(c->lib, NULL);
	bool  ca   = strstr(name, "L4") == NULL;

	assert_int_equal(X509_set_version(cert, X509_VERSION_3), 1);
	assert_int_equal(ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert),
				 (uint64_t)(unsigned char)name[strlen(name) - 1]),
		1);
	assert_non_null(ASN1_TIME_set(X509_getm_notBefore(cert), FROM));
	assert_non_null(ASN1_TIME_set(X509_getm_notAfter(cert), TO));
	assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN",
				 MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0),
		1);
	assert_int_equal(X509_set_issuer_name(
				 cert, X509_get_subject_name(issuer == NULL ? cert : issuer)),
		1);
	assert_int_equal(X509_set_pubkey(cert, key), 1);
	if (issuer == NULL)
		issuer = cert;
	add_extension(cert, issuer, NID_subject_key_identifier, "hash");
	add_extension(cert, issuer, NID_authority_key_identifier, "keyid:always");
	add_extension(cert, issuer, NID_basic_constraints,
		ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	add_extension(cert, issuer, NID_key_usage,
		ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
	assert_true(X509_sign(cert, issuer_key, c->sha384) > 0);
	return cert;
}

static void der_of(X509 *cert, struct buf *out)
{
	int            n  = i2d_X509(cert, NULL);
	unsigned char *at = buf_room(out, (size_t)n);

	assert_int_equal(i2d_X509(cert, &at), n);
}

static void make_chain(const struct crypto *c, struct rim_signer *s)
{
	static const char *const names[] = { "Test L4", "Test L3", "Test L2", "Test L1" };
	EVP_PKEY                *key[4]  = { 0 };
	X509                    *cert[4] = { 0 };
	struct assay_err         e       = { 0 };

	key[0] = s->key[RIM_KEY_SIGNER];
	for (size_t i = 4; i-- > 0;) {
		CLEANUP(buf_done) struct buf der = { 0 };

		if (i > 0)
			key[i] = EVP_PKEY_Q_keygen(c->lib, NULL, "EC", "P-384");
		cert[i] = make_certificate(c, key[i], names[i], i < 3 ? cert[i + 1] : NULL,
			key[i < 3 ? i + 1 : 3]);
		der_of(cert[i], &der);
		base64_encode(buf_bytes(&der), &s->base64[i]);
		buf_cstr(&s->base64[i]);
		if (i == 3) {
			CLEANUP(buf_done) struct buf spki = { 0 };

			s->anchor.name = "the test's root";
			assert_int_equal(digest(c->sha256, buf_bytes(&der), s->anchor.der, &e),
				ASSAY_OK);
			assert_int_equal(cert_spki(cert[i], &spki, &e), ASSAY_OK);
			assert_int_equal(
				digest(c->sha256, buf_bytes(&spki), s->anchor.spki, &e),
				ASSAY_OK);
		}
	}
	for (size_t i = 0; i < 4; i++) {
		CLEANUP(buf_done) struct buf der = { 0 };

		der_of(cert[i], &der);
		assert_int_equal(chain_append(c, buf_bytes(&der), &s->chain, &e), ASSAY_OK);
		X509_free(cert[i]);
		if (i > 0)
			EVP_PKEY_free(key[i]);
	}
	assert_int_equal(chain_window(&s->chain, &e), ASSAY_OK);
}

void rim_signer_open(const struct crypto *c, struct rim_signer *out)
{
	*out                     = (struct rim_signer){ 0 };
	out->key[RIM_KEY_SIGNER] = EVP_PKEY_Q_keygen(c->lib, NULL, "EC", "P-384");
	out->key[RIM_KEY_OTHER]  = EVP_PKEY_Q_keygen(c->lib, NULL, "EC", "P-384");
	out->key[RIM_KEY_P256]   = EVP_PKEY_Q_keygen(c->lib, NULL, "EC", "P-256");
	out->key[RIM_KEY_RSA]    = EVP_PKEY_Q_keygen(c->lib, NULL, "RSA", (size_t)2048);
	make_chain(c, out);
}

void rim_signer_done(struct rim_signer *s)
{
	for (size_t i = 0; i < RIM_KEYS; i++)
		EVP_PKEY_free(s->key[i]);
	chain_done(&s->chain);
	for (size_t i = 0; i < ARRAY_LEN(s->base64); i++)
		buf_done(&s->base64[i]);
}

static xmlSecKey *make_key(const struct rim_signer *s, enum rim_key which)
{
	xmlSecKey     *key = xmlSecKeyCreate();
	xmlSecKeyData *data;

	if (which == RIM_KEY_HMAC) {
		data = xmlSecKeyDataCreate(xmlSecOpenSSLKeyDataHmacId);
		assert_int_equal(xmlSecOpenSSLKeyDataHmacSet(
					 data, s->base64[0].p, (xmlSecSize)s->base64[0].n),
			0);
	} else {
		EVP_PKEY_up_ref(s->key[which]);
		data = xmlSecOpenSSLEvpKeyAdopt(s->key[which]);
	}
	assert_non_null(data);
	assert_int_equal(xmlSecKeySetValue(key, data), 0);
	return key;
}

void rim_sign(const struct rim_signer *s, enum rim_key key, struct buf *text)
{
	AUTO(xmlDoc)    *doc = NULL;
	struct assay_err e   = { 0 };
	xmlNode         *signature;
	xmlSecDSigCtx   *ctx = xmlSecDSigCtxCreate(NULL);
	xmlChar         *out = NULL;
	int              n   = 0;

	assert_int_equal(xml_read(buf_bytes(text), &doc, &e), ASSAY_OK);
	signature = xmlSecFindNode(
		xmlDocGetRootElement(doc), xmlSecNodeSignature, xmlSecDSigNs);
	assert_non_null(signature);
	ctx->signKey = make_key(s, key);
	assert_int_equal(xmlSecDSigCtxSign(ctx, signature), 0);
	xmlSecDSigCtxDestroy(ctx);
	xmlDocDumpMemory(doc, &out, &n);
	buf_done(text);
	buf_put(text, out, (size_t)n);
	xmlFree(out);
}

bool rim_sign_lax(
	const struct rim_signer *s, enum rim_key key, bool key_info, struct bytes text)
{
	AUTO(xmlDoc)    *doc     = NULL;
	struct assay_err e       = { 0 };
	xmlSecKeysMngr  *manager = xmlSecKeysMngrCreate();
	xmlSecDSigCtx   *ctx;
	bool             holds;

	assert_int_equal(xmlSecOpenSSLAppDefaultKeysMngrInit(manager), 0);
	assert_int_equal(xml_read(text, &doc, &e), ASSAY_OK);
	ctx = xmlSecDSigCtxCreate(key_info ? manager : NULL);
	ctx->keyInfoReadCtx.flags |= XMLSEC_KEYINFO_FLAGS_X509DATA_DONT_VERIFY_CERTS;
	if (!key_info)
		ctx->signKey = make_key(s, key);
	holds = xmlSecDSigCtxVerify(ctx,
			xmlSecFindNode(xmlDocGetRootElement(doc), xmlSecNodeSignature,
				xmlSecDSigNs)) == 0 &&
		ctx->status == xmlSecDSigStatusSucceeded;
	xmlSecDSigCtxDestroy(ctx);
	xmlSecKeysMngrDestroy(manager);
	return holds;
}
