/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sig.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>

AUTO_PTR(EVP_MD_CTX, EVP_MD_CTX_free)
AUTO_PTR(ECDSA_SIG, ECDSA_SIG_free)

static bool on_curve(const EVP_PKEY *key, const char *curve)
{
	char   name[32];
	size_t n;

	return key != NULL && EVP_PKEY_is_a(key, "EC") &&
		EVP_PKEY_get_group_name(key, name, sizeof(name), &n) == 1 &&
		strcmp(name, curve) == 0;
}

bool sig_key_is_p384(const EVP_PKEY *key)
{
	return on_curve(key, "secp384r1");
}

bool sig_key_is_p256(const EVP_PKEY *key)
{
	return on_curve(key, "prime256v1");
}

static enum assay_code verify(const struct crypto *c, EVP_PKEY *key, const char *md,
	struct bytes message, struct bytes der, enum assay_code code, struct assay_err *e)
{
	AUTO(EVP_MD_CTX) *ctx = EVP_MD_CTX_new();

	if (ctx == NULL)
		return err_no_memory(e);
	if (EVP_DigestVerifyInit_ex(ctx, NULL, md, c->lib, NULL, key, NULL) != 1) {
		ERR_clear_error();
		return err_set(e, ASSAY_INTERNAL, "a signature check does not start");
	}
	if (EVP_DigestVerify(ctx, der.p, der.n, message.p, message.n) != 1) {
		ERR_clear_error();
		return err_set(e, code, "the signature does not hold");
	}
	return ASSAY_OK;
}

enum assay_code sig_p384(const struct crypto *c, EVP_PKEY *key, struct bytes message,
	struct bytes rs, enum assay_code code, struct assay_err *e)
{
	AUTO(ECDSA_SIG) *sig = ECDSA_SIG_new();
	BIGNUM          *r, *s;
	uint8_t          der[128], *at = der;
	int              n;

	if (!sig_key_is_p384(key))
		return err_set(e, ASSAY_CERT_PROFILE, "the key is not on P-384");
	if (rs.n != SIG_P384)
		return err_set(e, code, "a signature of %zu bytes", rs.n);
	r = BN_bin2bn(rs.p, SIG_P384 / 2, NULL);
	s = BN_bin2bn(rs.p + SIG_P384 / 2, SIG_P384 / 2, NULL);
	if (sig == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(sig, r, s) != 1) {
		BN_free(r);
		BN_free(s);
		return err_no_memory(e);
	}
	n = i2d_ECDSA_SIG(sig, &at); /* at most 104 bytes */
	if (n <= 0)
		return err_no_memory(e);
	return verify(c, key, "SHA2-384", message, (struct bytes){ der, (size_t)n }, code, e);
}

enum assay_code sig_der(const struct crypto *c, EVP_PKEY *key, struct bytes message,
	struct bytes der, enum assay_code code, struct assay_err *e)
{
	if (sig_key_is_p384(key))
		return verify(c, key, "SHA2-384", message, der, code, e);
	if (sig_key_is_p256(key))
		return verify(c, key, "SHA2-256", message, der, code, e);
	return err_set(e, code, "the key is neither on P-384 nor on P-256");
}
