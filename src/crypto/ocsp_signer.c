/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ocsp_signer.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/show.h"
#include "crypto/digest.h"
#include "crypto/sig.h"

AUTO_PTR(X509_NAME, X509_NAME_free)

/* AlgorithmIdentifier without parameters: ecdsa-with-SHA384 and ecdsa-with-SHA256, RFC 5758 3.2 */
#define ECDSA_SHA384 BYTES("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03")
#define ECDSA_SHA256 BYTES("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02")

static enum assay_code name_parse(struct bytes der, X509_NAME **out, struct assay_err *e)
{
	const unsigned char *p    = der.p;
	AUTO(X509_NAME)     *name = NULL;

	if (der.p == NULL)
		return ASSAY_OK;
	name = d2i_X509_NAME(NULL, &p, (long)der.n);
	if (name == NULL || p != der.p + der.n) {
		ERR_clear_error();
		return err_set(e, ASSAY_OCSP_PARSE, "the answer's responder is no name");
	}
	*out = TAKE(name);
	return ASSAY_OK;
}

/* Does the responderID name that certificate? */
static enum assay_code is_named(const struct crypto *c, const struct ocsp_answer *a,
	const X509_NAME *name, const X509 *cert, bool *out, struct assay_err *e)
{
	uint8_t sum[SHA1_SIZE];

	if (name != NULL) {
		*out = X509_NAME_cmp(name, X509_get_subject_name(cert)) == 0;
		return ASSAY_OK;
	}
	TRY(digest(c->sha1, cert_key_bits(cert), sum, e));
	*out = bytes_equal(a->responder_key, BYTES_OF(sum));
	return ASSAY_OK;
}

static bool same_key(const X509 *a, const X509 *b)
{
	return bytes_equal(cert_key_bits(a), cert_key_bits(b));
}

/* RFC 6960 4.2.2.2, second and third way: certified for this, by this issuer, and by nobody else. */
static enum assay_code check_delegate(const struct crypto *c, X509 *cert, const X509 *subject,
	X509 *issuer, int64_t now, const struct chain_memo *memo, struct assay_err *e)
{
	const EVP_PKEY *key = X509_get0_pubkey(cert);

	if (same_key(cert, subject))
		return err_set(e, ASSAY_OCSP_SIGNER, "the certificate in question is its own");
	if (!sig_key_is_p384(key) && !sig_key_is_p256(key))
		return err_set(
			e, ASSAY_OCSP_SIGNER, "its key is neither on P-384 nor on P-256");
	if (X509_get_signature_nid(cert) != NID_ecdsa_with_SHA384)
		return err_set(e, ASSAY_OCSP_SIGNER, "it is not signed with ecdsa-with-SHA384");
	if (chain_issued(c, cert, issuer, now, memo, e) != ASSAY_OK) {
		if (assay_class(e->code) != ASSAY_CLASS_INTERNAL)
			e->code = ASSAY_OCSP_SIGNER;
		return e->code;
	}
	/* without the extension X509_get_extended_key_usage() says "all" */
	if ((X509_get_extension_flags(cert) & EXFLAG_XKUSAGE) == 0 ||
		(X509_get_extended_key_usage(cert) & XKU_OCSP_SIGN) == 0)
		return err_set(e, ASSAY_OCSP_SIGNER, "it is not certified for OCSP signing");
	if ((X509_get_key_usage(cert) & KU_DIGITAL_SIGNATURE) == 0)
		return err_set(e, ASSAY_OCSP_SIGNER, "its key is not for signatures");
	return ASSAY_OK;
}

/* The first certificate in the answer that is named; *out stays NULL when none is. */
static enum assay_code find_embedded(const struct crypto *c, const struct ocsp_answer *a,
	const X509_NAME *name, const struct chain_memo *memo, X509 **out, struct assay_err *e)
{
	for (size_t i = 0; i < a->certs; i++) {
		AUTO(X509) *cert = memo == NULL ? NULL : memo->known(memo->ctx, a->cert[i]);
		bool        named;

		if (cert == NULL && cert_parse(c, a->cert[i], &cert, e) != ASSAY_OK) {
			if (e->code == ASSAY_CERT_PARSE)
				e->code = ASSAY_OCSP_PARSE;
			return err_wrap(e, "certificate %zu in the OCSP answer", i);
		}
		TRY(is_named(c, a, name, cert, &named, e));
		if (named) {
			*out = TAKE(cert);
			break;
		}
	}
	return ASSAY_OK;
}

enum assay_code ocsp_signer_find(const struct crypto *c, const struct ocsp_answer *a,
	const X509 *subject, X509 *issuer, int64_t now, const struct chain_memo *memo,
	X509 **out, struct assay_err *e)
{
	AUTO(X509_NAME) *name = NULL;
	AUTO(X509)      *cert = NULL;
	bool             named;

	TRY(name_parse(a->responder_name, &name, e));
	TRY(find_embedded(c, a, name, memo, &cert, e));
	if (cert != NULL && !same_key(cert, issuer)) {
		if (check_delegate(c, cert, subject, issuer, now, memo, e) != ASSAY_OK)
			return err_wrap(e, "OCSP responder \"%s\"",
				SHOW(cert_subject(cert, NID_commonName)));
		*out = TAKE(cert);
		return ASSAY_OK;
	}
	TRY(is_named(c, a, name, issuer, &named, e));
	if (!named)
		return err_set(e, ASSAY_OCSP_SIGNER,
			"the OCSP answer's signer is neither in it nor the issuer");
	if (X509_up_ref(issuer) != 1)
		return err_no_memory(e);
	*out = issuer;
	return ASSAY_OK;
}

enum assay_code ocsp_signer_verify(const struct crypto *c, const struct ocsp_answer *a,
	const X509 *signer, struct assay_err *e)
{
	EVP_PKEY    *key  = X509_get0_pubkey(signer);
	struct bytes want = sig_key_is_p384(key) ? ECDSA_SHA384 : ECDSA_SHA256;

	if (!bytes_equal(a->algorithm, want))
		return err_set(e, ASSAY_OCSP_SIGNATURE,
			"the OCSP answer's signature algorithm is not that of its signer's key");
	if (sig_der(c, key, a->tbs, a->signature, ASSAY_OCSP_SIGNATURE, e) != ASSAY_OK)
		return err_wrap(e, "OCSP answer");
	return ASSAY_OK;
}
