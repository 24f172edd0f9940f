/* SPDX-License-Identifier: Apache-2.0
 *
 * The forge's evidence is judged here by OpenSSL and xmlsec alone, not by assay's verifier: chains, signatures and
 * OCSP answers hold, the same seed gives the same bytes, and each fault changes something. */
#include <libxml/parser.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <xmlsec/app.h>
#include <xmlsec/crypto.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

#include "base/json.h"
#include "forge/node.h"
#include "test.h"

static const struct {
	const char     *name;
	bool            ppcie;
	enum forge_arch arch;
	unsigned        gpus, switches;
} profiles[] = {
	{ "single", false, FORGE_HOPPER, 1, 0 },
	{ "blackwell", false, FORGE_BLACKWELL, 2, 0 },
	{ "ppcie", true, FORGE_HOPPER, 8, 4 },
};

static void describe(
	size_t profile, const char *seed, const struct fault *fault, struct forge_spec *out)
{
	forge_spec_default(profiles[profile].ppcie, out);
	out->seed     = seed;
	out->arch     = profiles[profile].arch;
	out->gpus     = profiles[profile].gpus;
	out->switches = profiles[profile].switches;
	if (fault != NULL)
		out->fault[out->faults++] = fault;
}

static struct forge *make(size_t profile, const char *seed, const struct fault *fault)
{
	struct forge_spec spec;
	struct forge     *f = NULL;
	struct assay_err  e = { 0 };

	describe(profile, seed, fault, &spec);
	test_must(forge_new(&spec, &f, &e), &e);
	return f;
}

/* The same by a forge that has made others before. */
static void make_again(
	struct forge *f, size_t profile, const char *seed, const struct fault *fault)
{
	struct forge_spec spec;
	struct assay_err  e = { 0 };

	describe(profile, seed, fault, &spec);
	test_must(forge_again(f, &spec, &e), &e);
}

static void make_bundle(
	size_t profile, const char *seed, const struct fault *fault, struct forge_bundle *out)
{
	struct assay_err e = { 0 };
	struct forge    *f = make(profile, seed, fault);

	test_must(forge_bundle(f, true, out, &e), &e);
	forge_free(f);
}

static void write_json(const struct forge_bundle *b, struct buf *out)
{
	json_t          *root = NULL;
	struct assay_err e    = { 0 };

	assert_int_equal(forge_bundle_json(b, &root, &e), ASSAY_OK);
	assert_int_equal(json_write(root, out, &e), ASSAY_OK);
	json_decref(root);
}

static void make_json(
	size_t profile, const char *seed, const struct fault *fault, struct buf *out)
{
	struct forge_bundle b = { 0 };

	make_bundle(profile, seed, fault, &b);
	write_json(&b, out);
	forge_bundle_done(&b);
}

static bool same(struct buf *a, struct buf *b)
{
	return bytes_equal(buf_bytes(a), buf_bytes(b));
}

static void seed_decides(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
		CLEANUP(buf_done) struct buf a = { 0 }, b = { 0 }, c = { 0 };

		print_message("%s\n", profiles[i].name);
		make_json(i, "one", NULL, &a);
		make_json(i, "one", NULL, &b);
		make_json(i, "two", NULL, &c);
		assert_true(same(&a, &b));
		assert_false(same(&a, &c));
	}
}

/* A report asked for alone is that of the whole bundle: nothing hangs on the order of making. */
static void order_does_not_matter(void **state)
{
	CLEANUP(forge_bundle_done) struct forge_bundle all   = { 0 };
	CLEANUP(buf_done) struct buf                   alone = { 0 }, chain = { 0 };
	struct forge                                  *f = make(2, "one", NULL);
	struct assay_err                               e = { 0 };

	(void)state;
	make_bundle(2, "one", NULL, &all);
	assert_int_equal(forge_report(f, FORGE_SWITCH, 2, all.nonce, &alone, &e), ASSAY_OK);
	assert_int_equal(forge_chain(f, FORGE_SWITCH, 2, &chain, &e), ASSAY_OK);
	assert_true(same(&alone, &all.evidence[10].report));
	assert_true(same(&chain, &all.evidence[10].chain));
	forge_free(f);
}

static STACK_OF(X509) * read_chain(const struct buf *pem)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	BIO  *bio             = BIO_new_mem_buf(pem->p, (int)pem->n);
	X509 *cert            = NULL;

	while ((cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		sk_X509_push(chain, cert);
	BIO_free(bio);
	return chain;
}

static X509_STORE *make_store(struct forge *f, enum forge_anchor which)
{
	CLEANUP(buf_done) struct buf pem   = { 0 };
	struct assay_err             e     = { 0 };
	X509_STORE                  *store = X509_STORE_new();
	STACK_OF(X509) *root               = NULL;

	assert_int_equal(forge_anchor(f, which, &pem, &e), ASSAY_OK);
	root = read_chain(&pem);
	assert_int_equal(sk_X509_num(root), 1);
	X509_STORE_add_cert(store, sk_X509_value(root, 0));
	sk_X509_pop_free(root, X509_free);
	return store;
}

/* The verify result of a chain, judged as nvidia-evidence 3.3 says. */
static int judge_chain(X509_STORE *store, STACK_OF(X509) * chain, int depth)
{
	X509_STORE_CTX *ctx    = X509_STORE_CTX_new();
	int             result = 0;

	X509_STORE_CTX_init(ctx, store, sk_X509_value(chain, 0), chain);
	X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_X509_STRICT);
	X509_STORE_CTX_set_depth(ctx, depth);
	X509_STORE_CTX_set_time(ctx, 0, (time_t)FORGE_AT);
	X509_verify_cert(ctx);
	result = X509_STORE_CTX_get_error(ctx);
	X509_STORE_CTX_free(ctx);
	return result;
}

static bool signature_holds(const struct buf *report, X509 *leaf)
{
	const uint8_t *raw = report->p + report->n - 96;
	ECDSA_SIG     *sig = ECDSA_SIG_new();
	EVP_MD_CTX    *ctx = EVP_MD_CTX_new();
	unsigned char *der = NULL;
	int            n;
	bool           held;

	ECDSA_SIG_set0(sig, BN_bin2bn(raw, 48, NULL), BN_bin2bn(raw + 48, 48, NULL));
	n = i2d_ECDSA_SIG(sig, &der);
	EVP_DigestVerifyInit(ctx, NULL, EVP_sha384(), NULL, X509_get0_pubkey(leaf));
	held = EVP_DigestVerify(ctx, der, (size_t)n, report->p, report->n - 96) == 1;
	OPENSSL_free(der);
	EVP_MD_CTX_free(ctx);
	ECDSA_SIG_free(sig);
	return held;
}

static void devices_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
		CLEANUP(forge_bundle_done) struct forge_bundle b = { 0 };
		struct forge                                  *f = make(i, "one", NULL);
		X509_STORE *store = make_store(f, FORGE_ANCHOR_DEVICE);
		X509_STORE *other = make_store(f, FORGE_ANCHOR_RIM);

		print_message("%s\n", profiles[i].name);
		make_bundle(i, "one", NULL, &b);
		assert_int_equal(b.evidences, profiles[i].gpus + profiles[i].switches);
		for (size_t k = 0; k < b.evidences; k++) {
			STACK_OF(X509) *chain = read_chain(&b.evidence[k].chain);

			assert_int_equal(sk_X509_num(chain), 5);
			assert_int_equal(judge_chain(store, chain, 3), X509_V_OK);
			assert_int_not_equal(judge_chain(other, chain, 3), X509_V_OK);
			assert_true(signature_holds(
				&b.evidence[k].report, sk_X509_value(chain, 0)));
			assert_true(b.evidence[k].chain.n <= 0x1400);
			sk_X509_pop_free(chain, X509_free);
		}
		X509_STORE_free(store);
		X509_STORE_free(other);
		forge_free(f);
	}
}

/* What a forge has made before leaves no trace: not a fault, nor other devices, nor another seed. */
static void again_as_new(void **state)
{
	static const struct {
		size_t      profile;
		const char *seed, *fault;
	} rows[] = {
		{ 0, "one", NULL },
		{ 0, "one", "rim-signer-expired" },
		{ 0, "one", "rim-other-key" },
		{ 0, "one", "chain-own-root" },
		{ 0, "one", "fwid-cert-twice" },
		{ 0, "one", NULL },
		{ 1, "one", NULL },
		{ 2, "one", "driver-mixed" },
		{ 2, "one", NULL },
		{ 0, "two", "ocsp-signer-no-eku" },
		{ 0, "one", NULL },
	};
	struct forge *f = make(2, "one", NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct fault                            *t = rows[i].fault == NULL ? NULL
											 : fault_named(rows[i].fault);
		CLEANUP(buf_done) struct buf                   fresh = { 0 }, again = { 0 };
		CLEANUP(forge_bundle_done) struct forge_bundle b = { 0 };
		struct assay_err                               e = { 0 };

		assert_true((t == NULL) == (rows[i].fault == NULL));
		make_json(rows[i].profile, rows[i].seed, t, &fresh);
		make_again(f, rows[i].profile, rows[i].seed, t);
		test_must(forge_bundle(f, true, &b, &e), &e);
		write_json(&b, &again);
		assert_true(same(&fresh, &again));
	}
	forge_free(f);
}

/* The certificates of the only Signature's KeyInfo. */
static STACK_OF(X509) * rim_chain(xmlNode *signature)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	xmlNode *info         = xmlSecFindChild(signature, xmlSecNodeKeyInfo, xmlSecDSigNs);
	xmlNode *data         = xmlSecFindChild(info, xmlSecNodeX509Data, xmlSecDSigNs);

	for (xmlNode *c = xmlFirstElementChild(data); c != NULL; c = xmlNextElementSibling(c)) {
		xmlChar             *text = xmlNodeGetContent(c);
		unsigned char        der[2048];
		const unsigned char *p = der;
		int                  n = 0;
		BIO *bio = BIO_push(BIO_new(BIO_f_base64()), BIO_new_mem_buf(text, -1));

		n = BIO_read(bio, der, sizeof(der));
		sk_X509_push(chain, d2i_X509(NULL, &p, n));
		BIO_free_all(bio);
		xmlFree(text);
	}
	return chain;
}

static bool xml_holds(xmlNode *signature, X509 *leaf)
{
	xmlSecDSigCtx *ctx  = xmlSecDSigCtxCreate(NULL);
	unsigned char *der  = NULL;
	int            n    = i2d_X509(leaf, &der);
	bool           held = false;

	ctx->signKey = xmlSecCryptoAppKeyLoadMemory(
		der, (xmlSecSize)n, xmlSecKeyDataFormatCertDer, NULL, NULL, NULL);
	ctx->enabledReferenceUris = xmlSecTransformUriTypeEmpty;
	if (ctx->signKey != NULL && xmlSecDSigCtxVerify(ctx, signature) == 0)
		held = ctx->status == xmlSecDSigStatusSucceeded;
	OPENSSL_free(der);
	xmlSecDSigCtxDestroy(ctx);
	return held;
}

static bool starts(const struct buf *text, const char *with)
{
	return text->n >= strlen(with) && memcmp(text->p, with, strlen(with)) == 0;
}

static void rims_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
		CLEANUP(forge_bundle_done) struct forge_bundle b = { 0 };
		struct forge                                  *f = make(i, "one", NULL);
		X509_STORE *store = make_store(f, FORGE_ANCHOR_RIM);
		size_t      rims  = 0;

		make_bundle(i, "one", NULL, &b);
		for (size_t k = 0; k < b.collaterals; k++) {
			const struct buf *body = &b.collateral[k].body;
			STACK_OF(X509) *chain  = NULL;
			xmlDoc  *doc           = NULL;
			xmlNode *signature     = NULL;

			if (!starts(&b.collateral[k].want, "rim:"))
				continue;
			rims++;
			print_message("%.*s\n", (int)b.collateral[k].want.n,
				(const char *)b.collateral[k].want.p);
			doc = xmlReadMemory((const char *)body->p, (int)body->n, "rim", NULL,
				XML_PARSE_NONET);
			signature = xmlLastElementChild(xmlDocGetRootElement(doc));
			chain     = rim_chain(signature);
			assert_int_equal(sk_X509_num(chain), 4);
			assert_int_equal(judge_chain(store, chain, 2), X509_V_OK);
			assert_true(xml_holds(signature, sk_X509_value(chain, 0)));
			sk_X509_pop_free(chain, X509_free);
			xmlFreeDoc(doc);
		}
		assert_int_equal(rims, profiles[i].ppcie ? 3 : 2);
		X509_STORE_free(store);
		forge_free(f);
	}
}

/* Faults that come before a RIM's signature are signed: these are the ones whose signature is not by the key of the
 * first certificate in its own KeyInfo, or whose Reference is none that is allowed here. */
static const char *const unsigned_rims[] = { "rim-key-value", "rim-rsa", "rim-wrapped",
	"rim-certs-outside", "rim-other-key", "rim-reference" };

static bool listed(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(unsigned_rims); i++)
		if (strcmp(unsigned_rims[i], name) == 0)
			return true;
	return false;
}

static void rim_faults_are_signed(void **state)
{
	struct forge       *f = make(0, "one", NULL);
	const struct fault *t;

	(void)state;
	for (size_t i = 0; (t = fault_at(i)) != NULL; i++) {
		CLEANUP(buf_done) struct buf xml = { 0 };
		const struct device         *d   = NULL;
		struct assay_err             e   = { 0 };
		struct rim_id                id;
		STACK_OF(X509) * chain;
		xmlDoc  *doc;
		xmlNode *signature;

		if (t->rim == NULL || listed(t->name))
			continue;
		print_message("%s\n", t->name);
		make_again(f, 0, "one", t);
		assert_int_equal(forge_device(f, FORGE_GPU, 0, &d, &e), ASSAY_OK);
		rim_of(d, t->rim_kind, &id);
		assert_int_equal(forge_rim(f, id.text, &xml, &e), ASSAY_OK);
		doc = xmlReadMemory(
			(const char *)xml.p, (int)xml.n, "rim", NULL, XML_PARSE_NONET);
		signature = xmlSecFindChild(
			xmlDocGetRootElement(doc), xmlSecNodeSignature, xmlSecDSigNs);
		chain = rim_chain(signature);
		/* Of two signatures each covers the other, so neither can hold. */
		assert_int_equal(xml_holds(signature, sk_X509_value(chain, 0)),
			strcmp(t->name, "rim-signature-twice") != 0);
		sk_X509_pop_free(chain, X509_free);
		xmlFreeDoc(doc);
	}
	forge_free(f);
}

/* The certificates that may have signed an answer: all authorities of the forge. */
static STACK_OF(X509) * authorities(struct forge *f)
{
	STACK_OF(X509) *all   = sk_X509_new_null();
	struct assay_err e    = { 0 };
	X509            *cert = NULL;
	EVP_PKEY        *key  = NULL;

	for (enum ca i = 0; i < CA_COUNT; i++) {
		assert_int_equal(pki_ca(&f->pki, i, &cert, &key, &e), ASSAY_OK);
		sk_X509_push(all, cert);
	}
	return all;
}

static void judge_answer(
	const struct forge_collateral *c, STACK_OF(X509) * untrusted, X509_STORE *store)
{
	const unsigned char *p        = c->body.p;
	const unsigned char *q        = c->request.p;
	OCSP_RESPONSE       *response = d2i_OCSP_RESPONSE(NULL, &p, (long)c->body.n);
	OCSP_REQUEST        *request  = d2i_OCSP_REQUEST(NULL, &q, (long)c->request.n);
	OCSP_BASICRESP      *basic    = OCSP_response_get1_basic(response);
	OCSP_CERTID         *id     = OCSP_onereq_get0_id(OCSP_request_onereq_get0(request, 0));
	int                  status = -1;

	assert_int_equal(OCSP_response_status(response), OCSP_RESPONSE_STATUS_SUCCESSFUL);
	assert_int_equal(OCSP_basic_verify(basic, untrusted, store, 0), 1);
	assert_int_equal(OCSP_check_nonce(request, basic), 1);
	assert_int_equal(OCSP_resp_find_status(basic, id, &status, NULL, NULL, NULL, NULL), 1);
	assert_int_equal(status, V_OCSP_CERTSTATUS_GOOD);
	OCSP_BASICRESP_free(basic);
	OCSP_REQUEST_free(request);
	OCSP_RESPONSE_free(response);
}

static void answers_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
		CLEANUP(forge_bundle_done) struct forge_bundle b = { 0 };
		struct forge                                  *f = make(i, "one", NULL);
		X509_STORE *store        = make_store(f, FORGE_ANCHOR_DEVICE);
		STACK_OF(X509) *all      = authorities(f);
		X509_VERIFY_PARAM *param = X509_VERIFY_PARAM_new();
		size_t             count = 0;

		print_message("%s\n", profiles[i].name);
		X509_VERIFY_PARAM_set_time(param, (time_t)FORGE_AT);
		X509_STORE_set1_param(store, param);
		X509_STORE_add_cert(store, sk_X509_value(all, CA_RIM_ROOT));
		make_bundle(i, "one", NULL, &b);
		for (size_t k = 0; k < b.collaterals; k++) {
			if (starts(&b.collateral[k].want, "rim:"))
				continue;
			judge_answer(&b.collateral[k], all, store);
			count++;
		}
		assert_true(count >= 6);
		X509_VERIFY_PARAM_free(param);
		sk_X509_free(all);
		X509_STORE_free(store);
		forge_free(f);
	}
}

static void fault_rows(void **state)
{
	const struct fault *t;

	(void)state;
	for (size_t i = 0; (t = fault_at(i)) != NULL; i++) {
		print_message("%s\n", t->name);
		assert_ptr_equal(fault_named(t->name), t); /* unique */
		assert_true(
			strcmp(t->profile, "single") == 0 || strcmp(t->profile, "ppcie") == 0);
		assert_true(t->exit == 0 || t->exit == 1 || t->exit == 3 || t->exit == 6);
		assert_true(t->exit == 0 || t->finding[0] != '\0');
		assert_non_null(t->attack);
	}
	assert_null(fault_named("no such"));
}

/* Each fault changes the bundle; what it does before signing is signed. */
static void faults_strike(void **state)
{
	struct buf          good[2] = { { 0 } };
	struct forge       *f       = make(0, "one", NULL);
	struct assay_err    e       = { 0 };
	const struct fault *t;

	(void)state;
	make_json(0, "one", NULL, &good[0]);
	make_json(2, "one", NULL, &good[1]);
	for (size_t i = 0; (t = fault_at(i)) != NULL; i++) {
		bool                         ppcie = strcmp(t->profile, "ppcie") == 0;
		CLEANUP(buf_done) struct buf bad   = { 0 };
		CLEANUP(forge_bundle_done) struct forge_bundle b = { 0 };
		struct forge_evidence                         *ev;
		STACK_OF(X509) * chain;

		make_again(f, ppcie ? 2 : 0, "one", t);
		if (forge_bundle(f, true, &b, &e) != ASSAY_OK)
			fail_msg("%s: %s", t->name, assay_err_text(&e));
		write_json(&b, &bad);
		if (same(&bad, &good[ppcie]))
			fail_msg("%s changes nothing", t->name);
		if (t->report == NULL && t->message == NULL && t->leaf == NULL)
			continue;
		ev    = fault_evidence(t, &b);
		chain = read_chain(&ev->chain);
		if (!signature_holds(&ev->report, sk_X509_value(chain, 0)))
			fail_msg("%s is not signed", t->name);
		sk_X509_pop_free(chain, X509_free);
	}
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		buf_done(&good[i]);
	forge_free(f);
}

static int set_up(void **state)
{
	(void)state;
	if (xmlSecInit() < 0 || xmlSecCryptoAppInit(NULL) < 0 || xmlSecCryptoInit() < 0)
		return -1;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	xmlSecCryptoShutdown();
	xmlSecCryptoAppShutdown();
	xmlSecShutdown();
	xmlCleanupParser();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seed_decides),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(again_as_new),
		cmocka_unit_test(devices_hold),
		cmocka_unit_test(rims_hold),
		cmocka_unit_test(rim_faults_are_signed),
		cmocka_unit_test(answers_hold),
		cmocka_unit_test(fault_rows),
		cmocka_unit_test(faults_strike),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
