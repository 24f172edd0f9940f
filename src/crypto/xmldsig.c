/* SPDX-License-Identifier: Apache-2.0
 *
 * nvidia-evidence 5.4. xmlsec is told everything that it may use; what is not listed here it refuses. */
#include "crypto/xmldsig.h"

#include <openssl/err.h>
#include <xmlsec/xmlsec.h>

#include <xmlsec/keys.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/transforms.h>
#include <xmlsec/xmldsig.h>

#include "crypto/sig.h"

AUTO_PTR(xmlSecDSigCtx, xmlSecDSigCtxDestroy)

/* The key in xmlsec's clothes; NULL when there is no memory. */
static xmlSecKey *wrap(EVP_PKEY *key)
{
	xmlSecKey     *out = xmlSecKeyCreate();
	xmlSecKeyData *data;

	if (out == NULL || EVP_PKEY_up_ref(key) != 1) {
		xmlSecKeyDestroy(out);
		return NULL;
	}
	data = xmlSecOpenSSLEvpKeyAdopt(key);
	if (data == NULL)
		EVP_PKEY_free(key);
	if (data == NULL || xmlSecKeySetValue(out, data) < 0) {
		if (data != NULL)
			xmlSecKeyDataDestroy(data);
		xmlSecKeyDestroy(out);
		return NULL;
	}
	return out;
}

/* With a key preset KeyInfo is not read. Should another release of xmlsec read it: it may name a key only by name, and
 * there is no manager of keys to ask. */
static bool close_key_info(xmlSecKeyInfoCtx *ctx)
{
	ctx->maxRetrievalMethodLevel        = 0;
	ctx->retrievalMethodCtx.enabledUris = xmlSecTransformUriTypeNone;
	/* The list holds plain pointers; the class behind this one stays const. */
	return xmlSecPtrListAdd(&ctx->enabledKeyData, (void *)(uintptr_t)xmlSecKeyDataNameId) ==
		0;
}

static bool prepare(xmlSecDSigCtx *ctx, EVP_PKEY *key)
{
	ctx->signKey              = wrap(key);
	ctx->enabledReferenceUris = xmlSecTransformUriTypeEmpty;
	return ctx->signKey != NULL && close_key_info(&ctx->keyInfoReadCtx) &&
		xmlSecDSigCtxEnableSignatureTransform(ctx, xmlSecTransformInclC14N11Id) == 0 &&
		xmlSecDSigCtxEnableSignatureTransform(
			ctx, xmlSecOpenSSLTransformEcdsaSha384Id) == 0 &&
		xmlSecDSigCtxEnableReferenceTransform(ctx, xmlSecTransformEnvelopedId) == 0 &&
		xmlSecDSigCtxEnableReferenceTransform(ctx, xmlSecTransformInclC14N11Id) == 0 &&
		xmlSecDSigCtxEnableReferenceTransform(ctx, xmlSecOpenSSLTransformSha384Id) == 0;
}

static void no_message(void *ctx, xmlErrorPtr error)
{
	(void)ctx;
	(void)error;
}

/* libxml2's canonicalisation has no context of its own for its messages, only the thread's; what was there comes back. */
static int verify_silently(xmlSecDSigCtx *ctx, xmlNode *signature)
{
	xmlStructuredErrorFunc was     = xmlStructuredError;
	void                  *was_ctx = xmlStructuredErrorContext;
	int                    done;

	xmlSetStructuredErrorFunc(NULL, no_message);
	done = xmlSecDSigCtxVerify(ctx, signature);
	xmlSetStructuredErrorFunc(was_ctx, was);
	return done;
}

enum assay_code xmldsig_verify(const struct crypto *c, xmlDoc *doc, xmlNode *signature,
	EVP_PKEY *key, struct assay_err *e)
{
	AUTO(xmlSecDSigCtx) *ctx = NULL;
	int                  done;

	(void)c; /* shows that xmlsec was started */
	if (!sig_key_is_p384(key))
		return err_set(e, ASSAY_CERT_PROFILE, "the key is not on P-384");
	if (signature->doc != doc || signature->parent != xmlDocGetRootElement(doc))
		return err_set(e, ASSAY_RIM_SIGNATURE,
			"the signature is not a child of the document's root");
	ctx = xmlSecDSigCtxCreate(NULL);
	if (ctx == NULL || !prepare(ctx, key))
		return err_no_memory(e);
	done = verify_silently(ctx, signature);
	ERR_clear_error();
	if (done < 0)
		return err_set(e, ASSAY_RIM_SIGNATURE,
			"the signature is not of the form that RIMs have");
	if (ctx->status != xmlSecDSigStatusSucceeded)
		return err_set(e, ASSAY_RIM_SIGNATURE, "the signature does not hold");
	if (xmlSecPtrListGetSize(&ctx->signedInfoReferences) != 1 ||
		xmlSecPtrListGetSize(&ctx->manifestReferences) != 0)
		return err_set(
			e, ASSAY_RIM_SIGNATURE, "the signature has more than one reference");
	return ASSAY_OK;
}
