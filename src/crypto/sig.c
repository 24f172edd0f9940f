/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sig.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>

AUTO_PTR(EVP_MD_CTX, EVP_MD_CTX_free)
AUTO_PTR(ECDSA_SIG, ECDSA_SIG_free)
AUTO_PTR(EVP_PKEY, EVP_PKEY_free)
AUTO_PTR(EVP_PKEY_CTX, EVP_PKEY_CTX_free)

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

static enum assay_code verify_raw(const struct crypto *c, EVP_PKEY *key, const char *md,
	struct bytes message, struct bytes rs, enum assay_code code, struct assay_err *e)
{
	AUTO(ECDSA_SIG) *sig = ECDSA_SIG_new();
	BIGNUM          *r   = BN_bin2bn(rs.p, (int)(rs.n / 2), NULL);
	BIGNUM          *s   = BN_bin2bn(rs.p + rs.n / 2, (int)(rs.n / 2), NULL);
	uint8_t          der[128], *at = der;
	int              n;

	if (sig == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(sig, r, s) != 1) {
		BN_free(r);
		BN_free(s);
		return err_no_memory(e);
	}
	n = i2d_ECDSA_SIG(sig, &at); /* at most 104 bytes */
	if (n <= 0)
		return err_no_memory(e);
	return verify(c, key, md, message, (struct bytes){ der, (size_t)n }, code, e);
}

enum assay_code sig_p384(const struct crypto *c, EVP_PKEY *key, struct bytes message,
	struct bytes rs, enum assay_code code, struct assay_err *e)
{
	if (!sig_key_is_p384(key))
		return err_set(e, ASSAY_CERT_PROFILE, "the key is not on P-384");
	if (rs.n != SIG_P384)
		return err_set(e, code, "a signature of %zu bytes", rs.n);
	return verify_raw(c, key, "SHA2-384", message, rs, code, e);
}

enum assay_code sig_p256(const struct crypto *c, EVP_PKEY *key, struct bytes message,
	struct bytes rs, enum assay_code code, struct assay_err *e)
{
	if (!sig_key_is_p256(key))
		return err_set(e, ASSAY_CERT_PROFILE, "the key is not on P-256");
	if (rs.n != SIG_P256)
		return err_set(e, code, "a signature of %zu bytes", rs.n);
	return verify_raw(c, key, "SHA2-256", message, rs, code, e);
}

/* By its parts: decoding a SubjectPublicKeyInfo costs two verifications. */
enum assay_code sig_p256_key(const struct crypto *c, struct bytes point, EVP_PKEY **out,
	enum assay_code code, struct assay_err *e)
{
	AUTO(EVP_PKEY_CTX) *make               = EVP_PKEY_CTX_new_from_name(c->lib, "EC", NULL);
	AUTO(EVP_PKEY)     *key                = NULL;
	AUTO(EVP_PKEY_CTX) *ask                = NULL;
	char                curve[]            = "prime256v1";
	uint8_t             raw[1 + SIG_POINT] = { 4 };
	OSSL_PARAM          params[]           = {
				   OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
				   OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, raw, sizeof(raw)),
				   OSSL_PARAM_construct_end(),
	};

	if (point.n != SIG_POINT)
		return err_set(e, code, "a key of %zu bytes", point.n);
	memcpy(raw + 1, point.p, SIG_POINT);
	if (make == NULL || EVP_PKEY_fromdata_init(make) != 1)
		return err_set(e, ASSAY_INTERNAL, "a key cannot be made");
	if (EVP_PKEY_fromdata(make, &key, EVP_PKEY_PUBLIC_KEY, params) == 1)
		ask = EVP_PKEY_CTX_new_from_pkey(c->lib, key, NULL);
	if (ask == NULL || EVP_PKEY_public_check_quick(ask) != 1) {
		ERR_clear_error();
		return err_set(e, code, "the key is no point of P-256");
	}
	*out = TAKE(key);
	return ASSAY_OK;
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
