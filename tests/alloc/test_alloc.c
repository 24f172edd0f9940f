/* SPDX-License-Identifier: Apache-2.0
 *
 * The core's main work again and again, each time with one allocation of our own code failing: the first, the second,
 * until none fails. Nothing crashes, nothing leaks, and what is said is "out of memory" or what would be said anyway. */
#include "alloc/mem.h"
#include "appraise/mint.h"
#include "appraise/nvtrust_policy.h"
#include "base/base64.h"
#include "base/hex.h"
#include "report/inspect.h"
#include "verify/court.h"

/* --- verdicts --- */

#define POLICY                                                                          \
	"{\"schema\":\"assay.policy/1\",\"require\":{\"gpu.driver.minimum\":\"550.0\"," \
	"\"devices\":\"1+0\",\"rim.sha256\":"                                           \
	"[\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"]},"      \
	"\"waivers\":[{\"check\":\"gpu.chain.revocation\",\"reason\":\"x\",\"expires\":\"2027-01-01\"}]}"
#define GUEST                                                                           \
	"{\"schema\":\"assay.policy/1\",\"require\":{\"tdx.fmspc\":[\"000000000000\"]," \
	"\"tdx.tcb.advisories\":[\"x\"],\"tdx.tcb.accept\":[\"UpToDate\"],"             \
	"\"tdx.attributes.must\":\"0000000080000000\","                                 \
	"\"tdx.attributes.may\":\"0000000090000000\"}}"
#define WAIVED                                                                             \
	"{\"schema\":\"assay.policy/1\",\"waivers\":[{\"check\":\"gpu.chain.revocation\"," \
	"\"reason\":\"x\",\"expires\":\"2027-01-01\"}]}"

static const struct {
	const char       *name;
	struct forged_ask ask;
	const char       *policy, *expect;
	bool              no_nonce, loose;
	bool cold; /* nothing is remembered from a run before: each signature anew */
	enum assay_class verdict;
} scenes[] = {
	{ "good", { 0 }, .cold = true, .verdict = ASSAY_CLASS_ACCEPTED },
	{ "good, with a memo", { 0 }, .verdict = ASSAY_CLASS_ACCEPTED },
	{ "loose collateral", { 0 }, .loose = true, .verdict = ASSAY_CLASS_ACCEPTED },
	{ "good Blackwell", { .blackwell = true }, .cold = true,
		.verdict = ASSAY_CLASS_ACCEPTED },
	{ "evidence alone, no nonce", { .no_collateral = true }, .no_nonce = true,
		.verdict = ASSAY_CLASS_UNDECIDED },
	{ "waived", { .fault = "ocsp-absent" }, .policy = WAIVED,
		.verdict = ASSAY_CLASS_ACCEPTED },
	{ "policy not met", { 0 }, .policy = POLICY, .verdict = ASSAY_CLASS_REJECTED },
	{ "other number", { 0 }, .expect = "8+4", .verdict = ASSAY_CLASS_REJECTED },
	{ "other values", { .fault = "measurement-driver" }, .verdict = ASSAY_CLASS_REJECTED },
	{ "revoked", { .fault = "ocsp-revoked" }, .verdict = ASSAY_CLASS_REJECTED },
	{ "altered RIM", { .fault = "rim-altered" }, .verdict = ASSAY_CLASS_REJECTED },
	{ "no values", { .fault = "rim-no-values" }, .verdict = ASSAY_CLASS_REJECTED },
	{ "conflict", { .fault = "rim-conflict" }, .verdict = ASSAY_CLASS_REJECTED },
	{ "expired signer", { .fault = "rim-signer-expired" },
		.verdict = ASSAY_CLASS_REJECTED },
	{ "flipped", { .fault = "flip-nonce" }, .verdict = ASSAY_CLASS_REJECTED },
	{ "other FWID", { .fault = "fwid-report" }, .verdict = ASSAY_CLASS_REJECTED },
	{ "hint", { .fault = "hint-driver" }, .verdict = ASSAY_CLASS_REJECTED },
	{ "own root", { .fault = "chain-own-root" }, .verdict = ASSAY_CLASS_REJECTED },
	{ "a guest", { .tdx = true, .alone = true, .quote = 5 }, .cold = true,
		.verdict = ASSAY_CLASS_ACCEPTED },
	{ "a guest beside a GPU", { .tdx = true, .event = FORGED_EVENT_YES },
		.verdict = ASSAY_CLASS_ACCEPTED },
	{ "a guest, loose collateral", { .tdx = true, .alone = true }, .cold = true,
		.loose = true, .verdict = ASSAY_CLASS_ACCEPTED },
	{ "an old guest", { .tdx = true, .alone = true, .tdx_fault = "tcb-out-of-date" },
		.verdict = ASSAY_CLASS_REJECTED },
	{ "too old a guest", { .tdx = true, .alone = true, .tdx_fault = "tcb-unsupported" },
		.verdict = ASSAY_CLASS_REJECTED },
	{ "a guest with attributes",
		{ .tdx = true, .alone = true, .tdx_fault = "td-migratable" },
		.verdict = ASSAY_CLASS_REJECTED },
	{ "a guest of another policy", { .tdx = true, .alone = true }, .policy = GUEST,
		.verdict = ASSAY_CLASS_REJECTED },
	{ "twice", { .fault = "gpu-twice-single" }, .verdict = ASSAY_CLASS_REJECTED },
};

/* Everything from the container's bytes to all reports; JSON and HTML into out. */
static enum assay_code scene(
	size_t i, const struct forged *f, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text  = { 0 };
	struct report_style          style = { .all = true };
	struct report_view           view  = { .facts = &court.facts };

	TRY(court_take(&court, f, e));
	for (size_t k = 0; scenes[i].loose && k < court.ev.collaterals; k++)
		court.ev.collateral[k].want = (struct bytes){ 0 };
	court.nonce_given = court.nonce_given && !scenes[i].no_nonce;
	court.policy      = scenes[i].policy;
	court.expect      = scenes[i].expect;
	TRY(court_try(&court, e));
	view.verdict = court.verdict;
	view.at      = court.now;
	TRY(report_json(&view, out, e));
	TRY(report_html(&view,
		&(struct report_page){ .crypto = &court.crypto, .evidence = &court.ev }, out,
		e));
	return report_text(&view, &style, &text, e);
}

static void clean(void)
{
	court.policy = court.expect = NULL;
	court_empty(&court);
}

/* What all scenes but the cold ones remember: by the first run of each, so that no later one adds to it. A fault is
 * never remembered, so that its scene still asks for it. */
static void remember(size_t i)
{
	struct assay_err e = { 0 };

	memo_free(court.memo);
	court.memo = NULL;
	if (!scenes[i].cold)
		test_must(memo_new(&court.memo, &e), &e);
}

/* One run with the n-th allocation failing; false when none did. want: the JSON of a run without failure. */
static bool run_scene(size_t i, const struct forged *f, size_t n, const struct buf *want)
{
	struct buf       json = { 0 };
	struct assay_err e    = { 0 };
	long             held = alloc_held();
	enum assay_code  code;
	bool             struck;

	alloc_fail(n);
	code   = scene(i, f, &json, &e);
	struck = alloc_asked() >= n;
	alloc_fail(0);
	if (code == ASSAY_OK && !bytes_equal(buf_bytes(&json), buf_bytes(want))) {
		size_t at = 0;

		while (at < json.n && at < want->n && json.p[at] == want->p[at])
			at++;
		fail_msg("allocation %zu: another report: %.200s", n, buf_cstr(&json) + at);
	}
	if (code != ASSAY_OK && (!struck || assay_class(code) != ASSAY_CLASS_INTERNAL))
		fail_msg(
			"allocation %zu: %s: %s", n, assay_code_name(code), assay_err_text(&e));
	buf_done(&json);
	clean();
	assert_int_equal(alloc_held(), held);
	return struck;
}

static void verdicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scenes); i++) {
		CLEANUP(forged_done) struct forged f;
		CLEANUP(buf_done) struct buf       want = { 0 };
		struct assay_err                   e    = { 0 };
		size_t                             n    = 1;

		forged_make(&scenes[i].ask, &f);
		remember(i);
		assert_int_equal(scene(i, &f, &want, &e), ASSAY_OK);
		assert_int_equal(court.verdict, scenes[i].verdict);
		clean();
		while (run_scene(i, &f, n, &want))
			n++;
		print_message("%s: %zu allocations\n", scenes[i].name, n - 1);
		assert_true(n > 100);
	}
}

/* --- containers, read and written, and looked into --- */

struct file {
	const char *name;
	struct buf  bytes, chain;
};

enum { BUNDLE, EVIDENCE, NVIDIA, RAW, HEX_TEXT, XML, OCSP, CHAIN, FILES };

static void put_nvidia(const struct evidence_device *d, struct buf *out)
{
	buf_text(out, "[{\"arch\":\"HOPPER\",\"evidence\":\"");
	base64_encode(d->report, out);
	buf_text(out, "\",\"certificate\":\"");
	base64_encode(d->chain, out);
	buf_text(out, "\"}]");
}

static void make_files(struct file file[FILES])
{
	CLEANUP(forged_done) struct forged f, alone;
	const struct evidence_device      *d;

	forged_make(&(struct forged_ask){ 0 }, &f);
	forged_make(&(struct forged_ask){ .no_collateral = true }, &alone);
	court_forged(&court, &f);
	d = &court.ev.device[0];
	buf_put(&file[BUNDLE].bytes, f.bundle.p, f.bundle.n);
	buf_put(&file[EVIDENCE].bytes, alone.bundle.p, alone.bundle.n);
	put_nvidia(d, &file[NVIDIA].bytes);
	buf_put(&file[RAW].bytes, d->report.p, d->report.n);
	buf_put(&file[RAW].chain, d->chain.p, d->chain.n);
	hex_encode(d->report, &file[HEX_TEXT].bytes);
	buf_put(&file[HEX_TEXT].chain, d->chain.p, d->chain.n);
	buf_put(&file[CHAIN].bytes, d->chain.p, d->chain.n);
	for (size_t i = 0; i < court.ev.collaterals; i++) {
		const struct collateral *c  = &court.ev.collateral[i];
		struct buf              *to = &file[c->body.p[0] == '<' ? XML : OCSP].bytes;

		if (to->n == 0)
			buf_put(to, c->body.p, c->body.n);
	}
	court_empty(&court);
}

/* Read it, add to it, write it; and decode it for people. */
static enum assay_code handle(const struct file *f, bool container, struct assay_err *e)
{
	CLEANUP(evidence_done) struct evidence ev    = { 0 };
	CLEANUP(buf_done) struct buf           out   = { 0 };
	AUTO(json_t)                          *value = NULL;

	if (container) {
		TRY(evidence_add(&ev, "file", buf_bytes(&f->bytes), buf_bytes(&f->chain), e));
		TRY(evidence_add_collateral(&ev, NULL, "x.der", BYTES("ask"), BYTES("0x"), e));
		TRY(evidence_add_device(&ev, "again", &ev.device[0], e));
		TRY(evidence_write(&ev, &out, e));
		out.n = 0;
	}
	TRY(inspect(&court.crypto, "file", buf_bytes(&f->bytes), &value, e));
	return inspect_text(value, &out, e);
}

static void containers(void **state)
{
	static const char *const names[FILES] = { "bundle", "evidence", "NVIDIA's JSON",
		"report", "report as text", "RIM", "OCSP answer", "chain" };
	struct file              file[FILES]  = { 0 };

	(void)state;
	make_files(file);
	for (size_t i = 0; i < FILES; i++) {
		bool   struck = true;
		size_t n;

		for (n = 0; struck; n++) { /* the first time none fails */
			struct assay_err e    = { 0 };
			long             held = alloc_held();
			enum assay_code  code;

			alloc_fail(n);
			code   = handle(&file[i], i <= HEX_TEXT, &e);
			struck = n == 0 || alloc_asked() >= n;
			alloc_fail(0);
			if (code != ASSAY_OK && (n == 0 || code != ASSAY_NO_MEMORY))
				fail_msg("%s, allocation %zu: %s: %s", names[i], n,
					assay_code_name(code), assay_err_text(&e));
			assert_int_equal(alloc_held(), held);
		}
		print_message("%s: %zu allocations\n", names[i], n - 2);
		buf_done(&file[i].bytes);
		buf_done(&file[i].chain);
	}
}

/* --- tokens, made, judged and shown --- */

#define THEIRS                                                                           \
	"{\"authorization-rules\":{\"type\":\"JWT\",\"overall-claims\":{\"sub\":\"x\"}," \
	"\"detached-claims\":{}}}"

static enum assay_code token_of(const struct nvtrust_policy *p, struct assay_err *e)
{
	CLEANUP(facts_done) struct facts facts = { 0 };
	CLEANUP(buf_done) struct buf     text  = { 0 };
	AUTO(json_t)                    *eat = NULL, *shown = NULL;
	struct claims_ask                ask    = mint_claims(&court, 3);
	struct jws_signer                signer = { .sign = mint_sign };
	struct token_spec spec = { .claims = &ask, .iss = TOKEN_ISS, .signer = &signer };
	struct token_case c    = { .crypto = &court.crypto,
		   .keys                   = &mint.keys,
		   .nonce                  = court.nonce,
		   .now                    = court.now,
		   .test_anchors           = true,
		   .policy                 = p };
	enum assay_class  verdict;
	bool              test;

	TRY(token_make(&court.crypto, &spec, &eat, e));
	TRY(json_write(eat, &text, e));
	TRY(token_verify(&c, buf_bytes(&text), &facts, &verdict, &test, e));
	assert_int_equal(verdict, ASSAY_CLASS_REJECTED); /* by the policy */
	return token_show(&court.crypto, buf_bytes(&text), &shown, e);
}

static void tokens(void **state)
{
	CLEANUP(nvtrust_policy_done) struct nvtrust_policy p      = { 0 };
	struct assay_err                                   e      = { 0 };
	bool                                               struck = true;
	size_t                                             n;

	(void)state;
	mint_open(&court.crypto);
	test_must(nvtrust_policy_parse(BYTES(THEIRS), &p, &e), &e);
	court_forge(&court, &(struct forged_ask){ 0 });
	court_judge(&court);
	for (n = 0; struck; n++) {
		long            held = alloc_held();
		enum assay_code code;

		e = (struct assay_err){ 0 };
		alloc_fail(n);
		code   = token_of(&p, &e);
		struck = n == 0 || alloc_asked() >= n;
		alloc_fail(0);
		if (code != ASSAY_OK && (n == 0 || assay_class(code) != ASSAY_CLASS_INTERNAL))
			fail_msg("allocation %zu: %s: %s", n, assay_code_name(code),
				assay_err_text(&e));
		assert_int_equal(alloc_held(), held);
	}
	print_message("token: %zu allocations\n", n - 2);
	court_empty(&court);
	mint_done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts),
		cmocka_unit_test(containers),
		cmocka_unit_test(tokens),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
