/* SPDX-License-Identifier: Apache-2.0 */
#include "forge/seed.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <stdarg.h>
#include <stdio.h>

#include "forge/ossl.h"

#define CURVE_BYTES 48 /* of the larger curve */
#define POINT_BYTES (1 + 2 * CURVE_BYTES)

/* A signature draws some hundred bytes (nonce, blinding, retries); 8 KiB never run out. An RSA key of 2048 bits draws
 * a candidate and its witnesses many times over. */
#define RAND_SIGNATURE 8192
#define RAND_RSA       (8 * 1024 * 1024)

enum assay_code seed_fail(struct assay_err *e, const char *what)
{
	char text[200] = "no reason given";

	if (ERR_peek_last_error() != 0)
		ERR_error_string_n(ERR_peek_last_error(), text, sizeof(text));
	ERR_clear_error();
	return err_set(e, ASSAY_INTERNAL, "%s: %s", what, text);
}

const char *seed_name(char out[SEED_NAME], const char *fmt, ...)
{
	va_list list;

	va_start(list, fmt);
	vsnprintf(out, SEED_NAME, fmt, list);
	va_end(list);
	return out;
}

enum assay_code seed_open(struct bytes text, struct seed *s, struct assay_err *e)
{
	struct seed n = { 0 };

	buf_put(&n.text, text.p, text.n);
	n.lib = OSSL_LIB_CTX_new();
	/* Before anything asks that context for randomness: what is asked first is what it keeps. */
	if (n.lib != NULL && RAND_set_DRBG_type(n.lib, "TEST-RAND", NULL, NULL, NULL) == 1)
		n.rand = RAND_get0_private(n.lib);
	if (n.rand != NULL) {
		n.shake = EVP_MD_fetch(n.lib, "SHAKE256", NULL);
		n.p384  = EC_GROUP_new_by_curve_name_ex(n.lib, NULL, NID_secp384r1);
		n.p256  = EC_GROUP_new_by_curve_name_ex(n.lib, NULL, NID_X9_62_prime256v1);
	}
	if (n.shake == NULL || n.p384 == NULL || n.p256 == NULL || n.text.failed) {
		seed_done(&n);
		return seed_fail(e, "the forge's library context");
	}
	*s = n;
	return ASSAY_OK;
}

void seed_done(struct seed *s)
{
	EC_GROUP_free(s->p384);
	EC_GROUP_free(s->p256);
	EVP_MD_free(s->shake);
	OSSL_LIB_CTX_free(s->lib);
	buf_done(&s->text);
	*s = (struct seed){ 0 };
}

enum assay_code seed_bytes(
	const struct seed *s, const char *name, uint8_t *out, size_t n, struct assay_err *e)
{
	AUTO(EVP_MD_CTX) *ctx     = EVP_MD_CTX_new();
	size_t            len     = s->text.n;
	uint8_t           head[8] = { 0 };

	/* The length in front keeps "ab" + "c" and "a" + "bc" apart. */
	for (size_t i = 0; i < sizeof(head); i++, len >>= 8)
		head[i] = (uint8_t)len;
	if (ctx == NULL || EVP_DigestInit_ex2(ctx, s->shake, NULL) != 1 ||
		EVP_DigestUpdate(ctx, head, sizeof(head)) != 1 ||
		EVP_DigestUpdate(ctx, s->text.p, s->text.n) != 1 ||
		EVP_DigestUpdate(ctx, name, strlen(name)) != 1 ||
		EVP_DigestFinalXOF(ctx, out, n) != 1)
		return seed_fail(e, name);
	return ASSAY_OK;
}

static enum assay_code arm(
	const struct seed *s, const char *name, size_t n, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf entropy = { 0 };

	unsigned   strength = 256;
	OSSL_PARAM params[3];

	if (buf_room(&entropy, n) == NULL)
		return err_no_memory(e);
	TRY(seed_bytes(s, NAME("random/%s", name), entropy.p, n, e));
	params[0] = OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, &strength);
	params[1] = OSSL_PARAM_construct_octet_string(
		OSSL_RAND_PARAM_TEST_ENTROPY, entropy.p, entropy.n);
	params[2] = OSSL_PARAM_construct_end();
	if (EVP_RAND_CTX_set_params(s->rand, params) != 1)
		return seed_fail(e, name);
	return ASSAY_OK;
}

enum assay_code seed_arm(const struct seed *s, const char *name, struct assay_err *e)
{
	return arm(s, name, RAND_SIGNATURE, e);
}

/* 1 .. n-1: 16 bytes more than the order has, so that the remainder shows no bias. */
static enum assay_code make_scalar(const struct seed *s, const EC_GROUP *curve,
	const char *name, BIGNUM **out, struct assay_err *e)
{
	uint8_t       wide[CURVE_BYTES + 16];
	size_t        n   = ((size_t)EC_GROUP_order_bits(curve) + 7) / 8 + 16;
	AUTO(BN_CTX) *ctx = BN_CTX_new_ex(s->lib);
	AUTO(BIGNUM) *d   = NULL;
	AUTO(BIGNUM) *top = BN_dup(EC_GROUP_get0_order(curve));

	TRY(seed_bytes(s, NAME("key/%s", name), wide, n, e));
	d = BN_bin2bn(wide, (int)n, NULL);
	if (ctx == NULL || d == NULL || top == NULL || BN_sub_word(top, 1) != 1 ||
		BN_nnmod(d, d, top, ctx) != 1 || BN_add_word(d, 1) != 1)
		return seed_fail(e, name);
	*out = TAKE(d);
	return ASSAY_OK;
}

static enum assay_code make_key(const struct seed *s, const EC_GROUP *curve, const char *name,
	EVP_PKEY **out, struct assay_err *e)
{
	uint8_t               pub[POINT_BYTES];
	size_t                pub_n  = 0;
	AUTO(BN_CTX)         *bn     = BN_CTX_new_ex(s->lib);
	AUTO(BIGNUM)         *d      = NULL;
	AUTO(EC_POINT)       *point  = EC_POINT_new(curve);
	AUTO(OSSL_PARAM_BLD) *bld    = OSSL_PARAM_BLD_new();
	AUTO(OSSL_PARAM)     *params = NULL;
	AUTO(EVP_PKEY_CTX)   *ctx    = EVP_PKEY_CTX_new_from_name(s->lib, "EC", NULL);
	EVP_PKEY             *key    = NULL;

	TRY(make_scalar(s, curve, name, &d, e));
	TRY(seed_arm(s, NAME("point/%s", name), e)); /* blinding, no part of the result */
	if (bn == NULL || point == NULL || bld == NULL || ctx == NULL ||
		EC_POINT_mul(curve, point, d, NULL, NULL, bn) != 1)
		return seed_fail(e, name);
	pub_n = EC_POINT_point2oct(
		curve, point, POINT_CONVERSION_UNCOMPRESSED, pub, sizeof(pub), bn);
	if (pub_n == 0 ||
		OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME,
			OBJ_nid2sn(EC_GROUP_get_curve_name(curve)), 0) != 1 ||
		OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, pub, pub_n) !=
			1 ||
		OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_PRIV_KEY, d) != 1)
		return seed_fail(e, name);
	params = OSSL_PARAM_BLD_to_param(bld);
	if (params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		return seed_fail(e, name);
	*out = key;
	return ASSAY_OK;
}

enum assay_code seed_key(
	const struct seed *s, const char *name, EVP_PKEY **out, struct assay_err *e)
{
	return make_key(s, s->p384, name, out, e);
}

enum assay_code seed_key256(
	const struct seed *s, const char *name, EVP_PKEY **out, struct assay_err *e)
{
	return make_key(s, s->p256, name, out, e);
}

enum assay_code seed_rsa(
	const struct seed *s, const char *name, EVP_PKEY **out, struct assay_err *e)
{
	EVP_PKEY *key = NULL;

	TRY(arm(s, name, RAND_RSA, e));
	key = EVP_PKEY_Q_keygen(s->lib, NULL, "RSA", (size_t)2048);
	if (key == NULL)
		return seed_fail(e, name);
	*out = key;
	return ASSAY_OK;
}

const EVP_MD *seed_md(const EVP_PKEY *key)
{
	return EVP_PKEY_get_bits(key) == 256 ? EVP_sha256() : EVP_sha384();
}

enum assay_code seed_sign(const struct seed *s, EVP_PKEY *key, const char *name,
	struct bytes message, struct buf *der, struct assay_err *e)
{
	AUTO(EVP_MD_CTX) *ctx = EVP_MD_CTX_new();
	uint8_t           sig[512];
	size_t            n = sizeof(sig);

	TRY(seed_arm(s, NAME("sign/%s", name), e));
	if (ctx == NULL ||
		EVP_DigestSignInit_ex(ctx, NULL, EVP_MD_get0_name(seed_md(key)), s->lib, NULL,
			key, NULL) != 1 ||
		EVP_DigestSign(ctx, sig, &n, message.p, message.n) != 1)
		return seed_fail(e, name);
	buf_put(der, sig, n);
	return buf_ok(der, e);
}

enum assay_code seed_sign_raw(const struct seed *s, EVP_PKEY *key, const char *name,
	struct bytes message, uint8_t raw[SEED_RAW], struct assay_err *e)
{
	CLEANUP(buf_done) struct buf der = { 0 };
	const unsigned char         *p   = NULL;
	AUTO(ECDSA_SIG)             *sig = NULL;
	int                          n   = (EVP_PKEY_get_bits(key) + 7) / 8;

	TRY(seed_sign(s, key, name, message, &der, e));
	p   = der.p;
	sig = d2i_ECDSA_SIG(NULL, &p, (long)der.n);
	if (sig == NULL || BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, n) != n ||
		BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + n, n) != n)
		return seed_fail(e, name);
	return ASSAY_OK;
}

enum assay_code seed_digest(const struct seed *s, const char *algorithm, struct bytes in,
	uint8_t *out, struct assay_err *e)
{
	if (EVP_Q_digest(s->lib, algorithm, NULL, in.p, in.n, out, NULL) != 1)
		return seed_fail(e, algorithm);
	return ASSAY_OK;
}
