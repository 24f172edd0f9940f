/* SPDX-License-Identifier: Apache-2.0 */
#include "rim_sign.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <xmlsec/xmlsec.h>

#include <xmlsec/keys.h>
#include <xmlsec/openssl/app.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmltree.h>

#include "base/base64.h"
#include "base/xml.h"
#include "crypto/pki.h"

#define FROM INT64_C(1735689600) /* 2025-01-01 */
#define TO   INT64_C(2051222400) /* 2035-01-01 */

static const struct pki_row rows[] = {
	/* root first */
	{ "Test root", .ext = PKI_CA, .from = FROM, .to = TO },
	{ "Test L2", .ext = PKI_CA, .from = FROM, .to = TO },
	{ "Test L3", .ext = PKI_CA, .from = FROM, .to = TO },
	{ "Test L4 signer",
		.ext  = { { NID_basic_constraints, "critical,CA:FALSE" },
			 { NID_key_usage, "critical,digitalSignature" } },
		.from = FROM, .to = TO },
};

static void make_chain(const struct crypto *c, struct rim_signer *s)
{
	struct pki  made[ARRAY_LEN(rows)] = { 0 };
	const X509 *order[ARRAY_LEN(rows)];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf der  = { 0 };
		size_t                       from = ARRAY_LEN(rows) - 1 - i; /* leaf first */

		pki_make(&rows[i], i == 0 ? NULL : &made[i - 1],
			from == 0 ? s->key[RIM_KEY_SIGNER] : NULL, &made[i]);
		order[from] = made[i].cert;
		pki_der(made[i].cert, &der);
		base64_encode(buf_bytes(&der), &s->base64[from]);
		buf_cstr(&s->base64[from]);
	}
	pki_chain(c, &s->chain, order, ARRAY_LEN(rows));
	pki_anchor(c, made[0].cert, &s->anchor);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		pki_done(&made[i]);
}

void rim_signer_open(const struct crypto *c, struct rim_signer *out)
{
	*out                     = (struct rim_signer){ 0 };
	out->key[RIM_KEY_SIGNER] = EVP_EC_gen("P-384");
	out->key[RIM_KEY_OTHER]  = EVP_EC_gen("P-384");
	out->key[RIM_KEY_P256]   = EVP_EC_gen("P-256");
	out->key[RIM_KEY_RSA]    = EVP_RSA_gen(2048);
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
