/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/chain.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/pem.h"
#include "base/show.h"
#include "base/utc.h"
#include "crypto/digest.h"
#include "crypto/sig.h"

AUTO_PTR(X509_STORE_CTX, X509_STORE_CTX_free)

/* The stacks here lend certificates; freeing one frees no certificate. */
typedef STACK_OF(X509) x509_stack; /* AUTO needs one word */
static void stack_free(x509_stack *s)
{
	sk_X509_free(s);
}
AUTO_PTR(x509_stack, stack_free)

void chain_done(struct chain *chain)
{
	for (size_t i = 0; i < chain->n; i++)
		X509_free(chain->cert[i]);
	*chain = (struct chain){ 0 };
}

enum assay_code chain_append(
	const struct crypto *c, struct bytes der, struct chain *chain, struct assay_err *e)
{
	if (chain->n == CHAIN_MAX)
		return err_set(e, ASSAY_CERT_COUNT, "more than %d certificates", CHAIN_MAX);
	TRY(digest(c->sha256, der, chain->sum[chain->n], e));
	if (cert_parse(c, der, &chain->cert[chain->n], e) != ASSAY_OK)
		return err_wrap(e, "certificate %zu", chain->n);
	chain->n++;
	return ASSAY_OK;
}

enum assay_code chain_window(struct chain *chain, struct assay_err *e)
{
	chain->not_before = 0;
	chain->not_after  = UTC_MAX;
	for (size_t i = 0; i < chain->n; i++) {
		int64_t from, to;

		TRY(cert_validity(chain->cert[i], &from, &to, e));
		if (from > chain->not_before)
			chain->not_before = from;
		if (to < chain->not_after)
			chain->not_after = to;
	}
	return ASSAY_OK;
}

enum assay_code chain_split(
	struct bytes pem, size_t want, struct buf der[CHAIN_MAX], struct assay_err *e)
{
	CLEANUP(buf_done) struct buf next = { 0 };
	size_t                       n    = 0;

	for (;;) {
		TRY(pem_next(&pem, &next, e));
		if (next.n == 0)
			break;
		if (n == want)
			return err_set(e, ASSAY_CERT_COUNT, "more than %zu certificates", want);
		der[n++] = next;
		next     = (struct buf){ 0 };
	}
	if (n != want)
		return err_set(
			e, ASSAY_CERT_COUNT, "%zu certificates where %zu belong", n, want);
	return ASSAY_OK;
}

void chain_ders_done(struct buf (*der)[CHAIN_MAX])
{
	for (size_t i = 0; i < CHAIN_MAX; i++)
		buf_done(&(*der)[i]);
}

enum assay_code chain_parse(const struct crypto *c, struct bytes pem, size_t want,
	struct chain *out, struct assay_err *e)
{
	CLEANUP(chain_done) struct chain    chain          = { 0 };
	CLEANUP(chain_ders_done) struct buf der[CHAIN_MAX] = { 0 };

	TRY(chain_split(pem, want, der, e));
	for (size_t i = 0; i < want; i++)
		TRY(chain_append(c, buf_bytes(&der[i]), &chain, e));
	TRY(chain_window(&chain, e));
	*out  = chain;
	chain = (struct chain){ 0 };
	return ASSAY_OK;
}

enum assay_code chain_valid_at(const struct chain *chain, int64_t now, struct assay_err *e)
{
	for (size_t i = 0; i < chain->n; i++) {
		int64_t from, to;

		TRY(cert_validity(chain->cert[i], &from, &to, e));
		if (now > to)
			return err_set(e, ASSAY_CERT_EXPIRED,
				"certificate %zu, \"%s\", expired at %s", i,
				SHOW(cert_subject(chain->cert[i], NID_commonName)), UTC(to));
		if (now < from)
			return err_set(e, ASSAY_CERT_NOT_YET,
				"certificate %zu, \"%s\", is valid from %s", i,
				SHOW(cert_subject(chain->cert[i], NID_commonName)), UTC(from));
	}
	return ASSAY_OK;
}

/* Some tools write the root first. Nothing is turned round for them: the order is nvidia-evidence 3.1. */
static bool upside_down(const X509 *first)
{
	return cert_issued_by_name(first, first);
}

/* The same name proves nothing: the bytes must be the pinned ones. */
static enum assay_code check_root(const struct crypto *c, X509 *first, X509 *root,
	const struct anchor *anchor, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf der = { 0 }, spki = { 0 };
	uint8_t                      sum[SHA256_SIZE];

	TRY(cert_der(root, &der, e));
	TRY(digest(c->sha256, buf_bytes(&der), sum, e));
	if (CRYPTO_memcmp(sum, anchor->der, sizeof(sum)) != 0)
		return err_set(e, ASSAY_CHAIN_ROOT,
			"the root \"%s\" is not the pinned one, %s%s",
			SHOW(cert_subject(root, NID_commonName)), anchor->name,
			upside_down(first)
				? "; the chain begins with a root: leaf first, root last is wanted"
				: "");
	TRY(cert_spki(root, &spki, e));
	TRY(digest(c->sha256, buf_bytes(&spki), sum, e));
	if (CRYPTO_memcmp(sum, anchor->spki, sizeof(sum)) != 0)
		return err_set(
			e, ASSAY_CHAIN_ROOT, "the root's key is not that of %s", anchor->name);
	return ASSAY_OK;
}

/* One curve and one algorithm for all certificates of a PKI: NVIDIA's (nvidia-evidence 3.4) and Intel's (tdx 5.2, C6). */
struct profile {
	bool (*is_key)(const EVP_PKEY *key);
	int         algorithm;
	const char *curve, *name;
};
static const struct profile p384 = { sig_key_is_p384, NID_ecdsa_with_SHA384, "P-384",
	"ecdsa-with-SHA384" };
static const struct profile p256 = { sig_key_is_p256, NID_ecdsa_with_SHA256, "P-256",
	"ecdsa-with-SHA256" };

static enum assay_code check_algorithms(
	const struct chain *chain, const struct profile *p, size_t to, struct assay_err *e)
{
	for (size_t i = 0; i < to; i++) {
		if (!p->is_key(X509_get0_pubkey(chain->cert[i])))
			return err_set(e, ASSAY_CERT_PROFILE, "certificate %zu has no %s key",
				i, p->curve);
		if (X509_get_signature_nid(chain->cert[i]) != p->algorithm)
			return err_set(e, ASSAY_CERT_PROFILE,
				"certificate %zu is not signed with %s", i, p->name);
	}
	return ASSAY_OK;
}

/* What certificates above a path's end ask of those below it. A path that ends at a known certificate does not see them,
 * and what is known was validated with another leaf: so they are asked here, of all. No genuine chain limits names. */
static enum assay_code check_above(const struct chain *chain, struct assay_err *e)
{
	for (size_t i = 1; i < chain->n; i++) {
		long length = X509_get_pathlen(chain->cert[i]); /* -1: not limited */

		if (X509_get_ext_by_NID(chain->cert[i], NID_name_constraints, -1) >= 0)
			return err_set(
				e, ASSAY_CERT_PROFILE, "certificate %zu limits names", i);
		if (length >= 0 && (size_t)length < i - 1)
			return err_set(e, ASSAY_CHAIN_PATH,
				"certificate %zu: path length of at most %ld exceeded", i,
				length);
	}
	return ASSAY_OK;
}

/* OpenSSL's verdict, in our codes. */
static enum assay_code path_error(X509_STORE_CTX *ctx, struct assay_err *e)
{
	int error = X509_STORE_CTX_get_error(ctx);

	if (error == X509_V_ERR_OUT_OF_MEM)
		return err_no_memory(e);
	return err_set(e, ASSAY_CHAIN_PATH, "certificate %d: %s",
		X509_STORE_CTX_get_error_depth(ctx), X509_verify_cert_error_string(error));
}

static enum assay_code run_path(
	X509_STORE_CTX *ctx, const struct chain *chain, size_t top, struct assay_err *e)
{
	const x509_stack *path;

	if (X509_verify_cert(ctx) != 1) {
		ERR_clear_error();
		return path_error(ctx, e);
	}
	path = X509_STORE_CTX_get0_chain(ctx);
	if ((size_t)sk_X509_num(path) != top + 1)
		return err_set(e, ASSAY_CHAIN_PATH, "the path has %d certificates, not %zu",
			sk_X509_num(path), top + 1);
	for (size_t i = 0; i <= top; i++)
		if (X509_cmp(sk_X509_value(path, (int)i), chain->cert[i]) != 0)
			return err_set(
				e, ASSAY_CHAIN_PATH, "certificate %zu is out of order", i);
	return ASSAY_OK;
}

/* The path from certificate 0 to the trusted certificate top; partial: which need not be a root. Validity was checked
 * before: OpenSSL counts the second of notAfter as expired, RFC 5280 4.1.2.5 does not. */
static enum assay_code check_path(const struct crypto *c, const struct chain *chain, size_t top,
	bool partial, struct assay_err *e)
{
	AUTO(X509_STORE_CTX) *ctx     = X509_STORE_CTX_new_ex(c->lib, NULL);
	AUTO(x509_stack)     *trusted = sk_X509_new_null();
	AUTO(x509_stack)     *between = sk_X509_new_null();
	X509_VERIFY_PARAM    *param;

	if (ctx == NULL || trusted == NULL || between == NULL ||
		sk_X509_push(trusted, chain->cert[top]) == 0)
		return err_no_memory(e);
	for (size_t i = 1; i < top; i++)
		if (sk_X509_push(between, chain->cert[i]) == 0)
			return err_no_memory(e);
	if (X509_STORE_CTX_init(ctx, NULL, chain->cert[0], between) != 1)
		return err_no_memory(e);
	X509_STORE_CTX_set0_trusted_stack(ctx, trusted);
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_flags(param,
		X509_V_FLAG_X509_STRICT | X509_V_FLAG_NO_CHECK_TIME |
			(partial ? X509_V_FLAG_PARTIAL_CHAIN : 0));
	X509_VERIFY_PARAM_set_depth(param, (int)top - 1);
	return run_path(ctx, chain, top, e);
}

static enum assay_code verify(const struct crypto *c, const struct chain *chain,
	const struct anchor *anchor, const struct profile *p, int64_t now, size_t known,
	struct assay_err *e)
{
	size_t top = known != 0 ? known : chain->n - 1;

	if (known == 0)
		TRY(check_root(c, chain->cert[0], chain->cert[top], anchor, e));
	TRY(chain_valid_at(chain, now, e));
	TRY(check_algorithms(chain, p, known != 0 ? known : chain->n, e));
	TRY(check_above(chain, e));
	return check_path(c, chain, top, known != 0, e);
}

enum assay_code chain_verify(const struct crypto *c, const struct chain *chain,
	const struct anchor *anchor, int64_t now, size_t known, struct assay_err *e)
{
	return verify(c, chain, anchor, &p384, now, known, e);
}

enum assay_code chain_verify_p256(const struct crypto *c, const struct chain *chain,
	const struct anchor *anchor, int64_t now, size_t known, struct assay_err *e)
{
	return verify(c, chain, anchor, &p256, now, known, e);
}

enum assay_code chain_issued(const struct crypto *c, X509 *cert, X509 *issuer, int64_t now,
	const struct chain_memo *memo, struct assay_err *e)
{
	struct chain pair = { .cert = { cert, issuer }, .n = 2 }; /* lent */

	TRY(chain_valid_at(&pair, now, e));
	if (memo != NULL && memo->held(memo->ctx, cert, issuer))
		return ASSAY_OK;
	TRY(check_path(c, &pair, 1, true, e));
	if (memo != NULL)
		memo->hold(memo->ctx, cert, issuer);
	return ASSAY_OK;
}
