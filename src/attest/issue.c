/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/issue.h"

#include <errno.h>
#include <sys/random.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "appraise/token.h"

AUTO_PTR(EVP_PKEY, EVP_PKEY_free)
AUTO_PTR(BIO, BIO_free)
AUTO_PTR(EVP_MD_CTX, EVP_MD_CTX_free)
AUTO_PTR(ECDSA_SIG, ECDSA_SIG_free)

/* A key with a passphrase: nobody is asked for it. */
static int no_passphrase(char *out, int size, int writing, void *ctx)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)ctx;
	return -1;
}

static enum assay_code read_key(
	const struct crypto *c, struct bytes pem, EVP_PKEY **out, struct assay_err *e)
{
	AUTO(BIO)      *bio = pem.n > ISSUE_KEY_MAX ? NULL : BIO_new_mem_buf(pem.p, (int)pem.n);
	AUTO(EVP_PKEY) *key = bio == NULL
		? NULL
		: PEM_read_bio_PrivateKey_ex(bio, NULL, no_passphrase, NULL, c->lib, NULL);

	ERR_clear_error();
	if (key == NULL)
		return err_set(
			e, ASSAY_TOKEN_KEY, "no private key in PEM without a passphrase");
	if (!sig_key_is_p384(key))
		return err_set(e, ASSAY_TOKEN_KEY, "the key is not on P-384");
	*out = TAKE(key);
	return ASSAY_OK;
}

enum assay_code issue_key(const struct assay *a, struct bytes pem, struct assay_err *e)
{
	AUTO(EVP_PKEY) *key = NULL;

	return read_key(&a->crypto, pem, &key, e);
}

struct hand { /* that signs */
	const struct crypto *c;
	EVP_PKEY            *key;
};

static enum assay_code sign(
	void *ctx, struct bytes message, uint8_t rs[SIG_P384], struct assay_err *e)
{
	const struct hand   *h   = ctx;
	AUTO(EVP_MD_CTX)    *md  = EVP_MD_CTX_new();
	AUTO(ECDSA_SIG)     *sig = NULL;
	uint8_t              der[128];
	const unsigned char *at = der;
	size_t               n  = sizeof(der);

	if (md == NULL ||
		EVP_DigestSignInit_ex(md, NULL, "SHA2-384", h->c->lib, NULL, h->key, NULL) !=
			1 ||
		EVP_DigestSign(md, der, &n, message.p, message.n) != 1)
		return err_set(e, ASSAY_INTERNAL, "the token could not be signed");
	sig = d2i_ECDSA_SIG(NULL, &at, (long)n);
	if (sig == NULL ||
		BN_bn2binpad(ECDSA_SIG_get0_r(sig), rs, SIG_P384 / 2) != SIG_P384 / 2 ||
		BN_bn2binpad(ECDSA_SIG_get0_s(sig), rs + SIG_P384 / 2, SIG_P384 / 2) !=
			SIG_P384 / 2)
		return err_set(e, ASSAY_INTERNAL, "the token could not be signed");
	return ASSAY_OK;
}

static enum assay_code random_seed(uint8_t seed[TOKEN_SEED], struct assay_err *e)
{
	size_t n = 0;

	while (n < TOKEN_SEED) {
		ssize_t got = getrandom(seed + n, TOKEN_SEED - n, 0);

		if (got < 0 && errno != EINTR)
			return err_set(e, ASSAY_INTERNAL, "no random seed");
		n += got < 0 ? 0 : (size_t)got;
	}
	return ASSAY_OK;
}

struct claims_ask issue_claims(const struct assay_report *r, unsigned version)
{
	return (struct claims_ask){
		.facts        = &r->facts,
		.verdict      = r->view.verdict,
		.at           = r->view.at,
		.historic     = r->view.historic,
		.test_anchors = r->view.test_anchors,
		.nonce        = r->view.nonce_given ? r->nonce : NULL,
		.version      = version == 2 ? 2 : 3,
	};
}

static enum assay_code make(const struct assay *a, const struct assay_report *r,
	const struct issue *how, json_t **out, struct assay_err *e)
{
	struct claims_ask ask    = issue_claims(r, how->version);
	AUTO(EVP_PKEY)   *key    = NULL;
	struct hand       hand   = { .c = &a->crypto };
	struct jws_signer signer = { .ctx = &hand, .kid = how->kid, .sign = sign };
	struct token_spec spec   = { .claims = &ask,
		  .iss                       = how->iss == NULL ? TOKEN_ISS : how->iss };

	if (how->key.p != NULL) {
		TRY(read_key(&a->crypto, how->key, &key, e));
		hand.key    = key;
		spec.signer = &signer;
	}
	TRY(random_seed(spec.seed, e));
	return token_make(&a->crypto, &spec, out, e);
}

static int dump(const char *text, size_t n, void *out)
{
	buf_put(out, text, n);
	return 0;
}

static enum assay_code write(
	const json_t *value, size_t flags, struct buf *out, struct assay_err *e)
{
	if (value == NULL || json_dump_callback(value, dump, out, flags) != 0)
		return err_no_memory(e);
	buf_byte(out, '\n');
	return buf_ok(out, e);
}

enum assay_code issue_token(const struct assay *a, const struct assay_report *r,
	const struct issue *how, struct buf *out, struct assay_err *e)
{
	AUTO(json_t) *eat = NULL;

	TRY(make(a, r, how, &eat, e));
	return write(eat, JSON_COMPACT | JSON_ENSURE_ASCII, out, e);
}

/* nvattest ----------------------------------------------------------------------------------------------------- */

#define OVERALL_FALSE 12
#define POLICY_FALSE  11

/* What nvattest stops at, the first in its order; one number for a GPU, one for a switch. What is not here leaves claims,
 * and the overall result tells. */
static const struct {
	enum assay_code code;
	int             gpu, nvswitch;
} stops[] = {
	{ ASSAY_DEVICE_NONE, 4, 4 },
	{ ASSAY_REPORT_SIGNATURE, 508, 606 },
	{ ASSAY_CHAIN_ROOT, 802, 802 },
	{ ASSAY_CHAIN_PATH, 802, 802 },
	{ ASSAY_CERT_PARSE, 802, 802 },
	{ ASSAY_CERT_COUNT, 802, 802 },
	{ ASSAY_REPORT_HEADER, 401, 401 },
	{ ASSAY_REPORT_SIZE, 401, 401 },
	{ ASSAY_TRUNCATED, 401, 401 },
	{ ASSAY_MEASUREMENT_BLOCK, 403, 403 },
	{ ASSAY_MEASUREMENT_KIND, 403, 403 },
	{ ASSAY_OPAQUE_SIZE, 402, 402 },
	{ ASSAY_OPAQUE_TWICE, 402, 402 },
	{ ASSAY_OPAQUE_TYPE, 402, 402 },
	{ ASSAY_OPAQUE_TEXT, 402, 402 },
	{ ASSAY_OPAQUE_LAYOUT, 402, 402 },
	{ ASSAY_OPAQUE_MISSING, 405, 405 },
	{ ASSAY_REPORT_NONCE, 504, 603 },
	{ ASSAY_REPORT_FWID, 507, 605 },
	{ ASSAY_RIM_MISSING, 104, 104 },
	{ ASSAY_RIM_STRUCTURE, 106, 106 },
	{ ASSAY_RIM_IDENTITY, 505, 604 },
	{ ASSAY_RIM_SIGNATURE, 105, 105 },
	{ ASSAY_RIM_CONFLICT, 108, 108 },
};

static int stopped(const struct facts *f, const char **why)
{
	for (size_t i = 0; i < ARRAY_LEN(stops); i++)
		for (size_t k = 0; k < f->findings.n; k++) {
			const struct finding *one = &f->findings.list[k];

			if (one->code != stops[i].code ||
				(one->outcome != ASSAY_OUTCOME_FAIL &&
					one->outcome != ASSAY_OUTCOME_UNKNOWN))
				continue;
			*why = assay_code_meaning(one->code);
			if (one->check == CHECK_GPU_RIM_VBIOS_IDENTITY)
				return 506;
			return one->subject.kind == SUBJECT_NVSWITCH ? stops[i].nvswitch
								     : stops[i].gpu;
		}
	return 0;
}

static bool failed(const struct facts *f, enum assay_code code)
{
	for (size_t i = 0; i < f->findings.n; i++)
		if (f->findings.list[i].outcome == ASSAY_OUTCOME_FAIL &&
			f->findings.list[i].code == code)
			return true;
	return false;
}

static int result_of(const struct claims_ask *ask, const char **why)
{
	int code = stopped(ask->facts, why);

	if (code != 0)
		return code;
	if (failed(ask->facts, ASSAY_POLICY_REQUIREMENT)) {
		*why = "the policy is not met";
		return POLICY_FALSE;
	}
	if (claims_result(ask)) {
		*why = "ok";
		return 0;
	}
	*why = ask->verdict != ASSAY_CLASS_ACCEPTED ? "the overall result is false"
		: ask->facts->devices == 0
		? "accepted, but nothing here is about a GPU or a switch"
		: "accepted with a waiver, which is no good result here";
	return OVERALL_FALSE;
}

static enum assay_code all_claims(
	const struct claims_ask *ask, json_t **out, struct assay_err *e)
{
	AUTO(json_t) *list = json_array();

	for (size_t i = 0; i < ask->facts->devices; i++) {
		json_t *one;

		TRY(claims_device(ask, &ask->facts->device[i], &one, e));
		if (json_array_append_new(list, one) != 0)
			return err_no_memory(e);
	}
	*out = TAKE(list);
	return ASSAY_OK;
}

bool issue_agrees(const struct assay_report *r)
{
	const struct claims_ask ask = issue_claims(r, 0);

	return claims_result(&ask);
}

enum assay_code issue_nvattest(const struct assay *a, const struct assay_report *r,
	const struct issue *how, struct buf *out, struct assay_err *e)
{
	struct claims_ask ask    = issue_claims(r, how->version);
	AUTO(json_t)     *claims = NULL, *eat = NULL, *o = json_object();
	const char       *why  = "";
	int               code = result_of(&ask, &why);

	if (code == 0 || code == OVERALL_FALSE || code == POLICY_FALSE) {
		TRY(all_claims(&ask, &claims, e));
		TRY(make(a, r, how, &eat, e));
	} else {
		claims = json_object();
		eat    = json_object();
	}
	if (!json_put(o, "result_code", json_integer(code)) ||
		!json_put(o, "result_message", json_string(why)) ||
		!json_put(o, "claims", TAKE(claims)) || !json_put(o, "detached_eat", TAKE(eat)))
		return err_no_memory(e);
	return write(o, JSON_INDENT(4) | JSON_SORT_KEYS | JSON_ENSURE_ASCII, out, e);
}
