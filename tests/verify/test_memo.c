/* SPDX-License-Identifier: Apache-2.0
 *
 * What is remembered changes the time that a verdict takes, and nothing else: the same report with and without it, at
 * every time; never past a signed date; bounded; and nobody can put something else in its place. */
#include "verify/memo.h"

#include "base/base64.h"
#include "base/json.h"
#include "base/pem.h"
#include "base/utc.h"
#include "verify/court.h"

static void new_memo(void)
{
	struct assay_err e = { 0 };

	memo_free(court.memo);
	court.memo = NULL;
	assert_int_equal(memo_new(&court.memo, &e), ASSAY_OK);
}

static void same_as_alone(const char *what)
{
	bool same = court_same_alone(&court);

	print_message("%s: %s\n", what, assay_class_verdict(court.verdict));
	assert_true(same);
}

/* --- times --- */

#define DAY 86400

/* Seconds beside the time that the forged node is made for: before, at and behind its signed dates. The forge's answers
 * are valid from an hour before to 23 hours after. */
static const int64_t offsets[] = { 0, 1, -1, -300, -301, -3599, -3600, -3601, -3899, -3900,
	-3901, -7200, 3600, 23 * 3600, 23 * 3600 + 299, 23 * 3600 + 300, 23 * 3600 + 301, DAY,
	2 * DAY, 30 * DAY, 365 * DAY, 3 * 365 * DAY, 40 * 365 * DAY, -30 * DAY, -365 * DAY,
	-3 * 365 * DAY, -50 * 365 * DAY, 0 };

static void at_every_time(const struct forged_ask *ask)
{
	CLEANUP(forged_done) struct forged f;
	int64_t                            made;

	forged_make(ask, &f);
	court_forged(&court, &f);
	made = court.now;
	new_memo();
	court_judge(&court); /* remembers what held then */
	if (ask->fault == NULL)
		assert_int_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
	for (size_t i = 0; i < ARRAY_LEN(offsets); i++) {
		char what[32];

		court.now = made + offsets[i];
		snprintf(what, sizeof(what), "%+lld s", (long long)offsets[i]);
		same_as_alone(what);
	}
}

static void times(void **state)
{
	(void)state;
	at_every_time(&(struct forged_ask){ 0 });
	at_every_time(&(struct forged_ask){ .blackwell = true });
	at_every_time(&(struct forged_ask){ .fault = "ocsp-no-end" });
	at_every_time(&(struct forged_ask){ .fault = "ocsp-signer-issuer" });
	at_every_time(&(struct forged_ask){ .fault = "rim-signer-family" });
	at_every_time(&(struct forged_ask){ .fault = "late-signer" });
	at_every_time(&(struct forged_ask){ .fault = "late-produced" });
}

/* --- those who would spoil it; test_safer.c walks over all faults beside good nodes --- */

/* The same upper chain and the same documents under other anchors. */
static void other_anchors(void **state)
{
	CLEANUP(forged_done) struct forged good, other;

	(void)state;
	forged_make(&(struct forged_ask){ 0 }, &good);
	forged_make(&(struct forged_ask){ .seed = "another" }, &other);
	court_forged(&court, &good);
	new_memo();
	court_judge(&court);
	assert_int_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
	for (size_t i = 0; i < FORGED_ANCHORS; i++) {
		struct buf keep = good.anchor[i];

		good.anchor[i] = other.anchor[i];
		court_forged(&court, &good);
		good.anchor[i] = keep;
		print_message("anchor %zu replaced\n", i);
		same_as_alone("under it");
		if (i == FORGED_DEVICE)
			court_expect(&court, "gpu.chain.path", "gpu0", ASSAY_OUTCOME_FAIL,
				ASSAY_CHAIN_ROOT);
		if (i == FORGED_RIM)
			court_expect(&court, "gpu.rim.driver.chain", "gpu0", ASSAY_OUTCOME_FAIL,
				ASSAY_CHAIN_ROOT);
	}
	court.trust = trust_pinned();
	same_as_alone("under NVIDIA's");
	assert_int_equal(court.verdict, ASSAY_CLASS_REJECTED);
}

/* A chain whose upper certificates are the same bytes, cut elsewhere: it is none without what is remembered. */
static void cut_elsewhere(void **state)
{
	CLEANUP(buf_done) struct buf pem = { 0 }, upper = { 0 };
	struct buf                   der[5] = { 0 };
	struct evidence_device      *d;
	struct bytes                 text;
	struct assay_err             e = { 0 };

	(void)state;
	court_forge(&court, &(struct forged_ask){ 0 });
	new_memo();
	court_judge(&court);
	assert_int_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
	d    = &court.ev.device[0];
	text = d->chain;
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(pem_next(&text, &der[i], &e), ASSAY_OK);
		if (i < 2)
			pem_write(buf_bytes(&der[i]), &pem);
		else
			buf_put(&upper, der[i].p, der[i].n);
	}
	pem_write((struct bytes){ upper.p, 10 }, &pem);
	pem_write((struct bytes){ upper.p + 10, 10 }, &pem);
	pem_write((struct bytes){ upper.p + 20, upper.n - 20 }, &pem);
	text     = d->chain;
	d->chain = buf_bytes(&pem);
	same_as_alone("cut elsewhere");
	court_expect(&court, "gpu.chain.path", "gpu0", ASSAY_OUTCOME_FAIL, ASSAY_CERT_PARSE);
	facts_done(&court.facts);
	d->chain = text;
	for (size_t i = 0; i < 5; i++)
		buf_done(&der[i]);
}

/* Another document under the id of one that is remembered. */
static void other_document(void **state)
{
	struct collateral *rim = NULL;
	struct bytes       body;
	uint8_t           *copy;

	(void)state;
	court_forge(&court, &(struct forged_ask){ 0 });
	new_memo();
	court_judge(&court);
	for (size_t i = 0; i < court.ev.collaterals; i++)
		if (memcmp(court.ev.collateral[i].want.p, "rim:", 4) == 0)
			rim = &court.ev.collateral[i];
	assert_non_null(rim);
	body = rim->body;
	copy = test_malloc(body.n);
	memcpy(copy, body.p, body.n);
	for (size_t i = 0; i < body.n; i += 97) {
		copy[i] ^= 1;
		rim->body = (struct bytes){ copy, body.n };
		court_judge(&court);
		assert_int_not_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
		copy[i] ^= 1;
	}
	same_as_alone("as it was");
	facts_done(&court.facts);
	rim->body = body;
	test_free(copy);
}

/* --- bounds, without certificates --- */

static void key_of(size_t i, uint8_t key[MEMO_KEY])
{
	memset(key, 0, MEMO_KEY);
	memcpy(key, &i, sizeof(i));
}

static void bounded(void **state)
{
	struct chain     chain = { 0 }, upper = { 0 };
	struct assay_err e = { 0 };
	uint8_t          key[MEMO_KEY];

	(void)state;
	court_forge(&court, &(struct forged_ask){ 0 });
	court_judge(&court);
	for (size_t i = 0; i < 5; i++)
		chain.cert[chain.n++] = court.facts.device[0].chain.cert[i]; /* lent */
	for (size_t i = 2; i < 5; i++)
		upper.cert[upper.n++] = chain.cert[i];
	assert_int_equal(chain_window(&upper, &e), ASSAY_OK);
	new_memo();
	for (size_t i = 0; i < 3 * MEMO_CHAINS; i++) {
		key_of(i, key);
		assert_int_equal(
			memo_chain_put(court.memo, MEMO_UPPER, key, &chain, 2, &e), ASSAY_OK);
	}
	for (size_t i = 0; i < 3 * MEMO_RIMS; i++) {
		struct rim_known *k = mem_new(1, sizeof(*k));

		assert_non_null(k);
		k->users            = 1;
		k->chain.not_before = 10;
		k->chain.not_after  = 20;
		key_of(i, k->key);
		memo_rim_put(court.memo, k);
		rim_known_drop(k);
	}
	for (size_t i = 0; i < 3 * MEMO_OCSP; i++) {
		struct ocsp_fact fact = { .valid_from = 10, .valid_until = 20 };

		memset(key, 0, sizeof(key));
		key[0] = (uint8_t)(i >> 8);
		key[1] = (uint8_t)i;
		memo_ocsp_put(court.memo, key, &fact);
	}
	for (int i = 0; i < 4; i++) {
		const int64_t at[] = { upper.not_before - 1, upper.not_before, upper.not_after,
			upper.not_after + 1 };
		struct chain  got  = { 0 };
		bool          in   = i == 1 || i == 2;

		key_of(3 * MEMO_CHAINS - 1, key);
		assert_int_equal(memo_chain_get(court.memo, MEMO_UPPER, key, at[i], &got), in);
		assert_int_equal(got.n, in ? 3 : 0);
		chain_done(&got);
	}
	for (int64_t now = 9; now <= 21; now++) {
		struct rim_known *k;
		struct ocsp_fact  fact;
		bool              inside = now >= 10 && now <= 20;

		key_of(3 * MEMO_RIMS - 1, key);
		k = memo_rim_get(court.memo, key, now);
		assert_int_equal(k != NULL, inside);
		rim_known_drop(k);
		memset(key, 0, sizeof(key));
		key[0] = (uint8_t)((3 * MEMO_OCSP - 1) >> 8);
		key[1] = (uint8_t)(3 * MEMO_OCSP - 1);
		assert_int_equal(memo_ocsp_get(court.memo, key, now, &fact), inside);
	}
	for (size_t i = 0; i < 3 * MEMO_HELD; i++) {
		memset(key, 0, sizeof(key));
		key[0] = (uint8_t)(i >> 8);
		key[1] = (uint8_t)i;
		memo_hold(court.memo, key, 10, 20);
	}
	for (int64_t now = 9; now <= 21; now++)
		assert_int_equal(memo_held(court.memo, key, now), now >= 10 && now <= 20);
	memset(key, 0, sizeof(key)); /* its place was taken */
	assert_false(memo_held(court.memo, key, 15));
	key_of(0, key); /* the oldest went */
	assert_false(memo_chain_get(court.memo, MEMO_UPPER, key, 15, &(struct chain){ 0 }));
	assert_null(memo_rim_get(court.memo, key, 15));
	/* what is lent stays when its place is taken */
	key_of(3 * MEMO_RIMS - 1, key);
	{
		struct rim_known *k = memo_rim_get(court.memo, key, 15);

		new_memo();
		assert_int_equal(k->users, 1);
		rim_known_drop(k);
	}
}

/* Keys that begin alike drive each other out only when there are more than a key has places, the oldest first. */
static void alike(void **state)
{
	const struct ocsp_fact fact = { .valid_from = 10, .valid_until = 20 };
	struct ocsp_fact       got;
	uint8_t                key[MEMO_KEY] = { 7, 7 };

	(void)state;
	new_memo();
	for (uint8_t i = 0; i < MEMO_WAYS; i++) {
		key[MEMO_KEY - 1] = i;
		memo_ocsp_put(court.memo, key, &fact);
		memo_hold(court.memo, key, 10, 20);
	}
	key[MEMO_KEY - 1] = 0; /* the same again takes no other's place, and is young */
	memo_ocsp_put(court.memo, key, &fact);
	memo_hold(court.memo, key, 10, 20);
	for (uint8_t i = 0; i < MEMO_WAYS; i++) {
		key[MEMO_KEY - 1] = i;
		assert_true(memo_ocsp_get(court.memo, key, 15, &got));
		assert_true(memo_held(court.memo, key, 15));
	}
	key[MEMO_KEY - 1] = MEMO_WAYS;
	memo_ocsp_put(court.memo, key, &fact);
	memo_hold(court.memo, key, 10, 20);
	for (uint8_t i = 0; i <= MEMO_WAYS; i++) {
		key[MEMO_KEY - 1] = i;
		assert_int_equal(memo_ocsp_get(court.memo, key, 15, &got), i != 1);
		assert_int_equal(memo_held(court.memo, key, 15), i != 1);
	}
}

/* A signature that is remembered is that of this key over these bytes, and no other's. */
static void other_report(void **state)
{
	struct evidence_device *d;

	(void)state;
	court_forge(&court, &(struct forged_ask){ .gpus = 2 });
	new_memo();
	court_judge(&court);
	assert_int_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
	d = court.ev.device;
	for (size_t at = 0; at < d[0].report.n; at += 97) {
		uint8_t *p = (uint8_t *)(uintptr_t)d[0].report.p + at;

		*p ^= 1;
		court_judge(&court);
		assert_int_not_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
		*p ^= 1;
	}
	d[0].report = d[1].report; /* held, under another key */
	same_as_alone("a report of another");
	court_expect(&court, "gpu.report.signature", "gpu0", ASSAY_OUTCOME_FAIL,
		ASSAY_REPORT_SIGNATURE);
}

/* Two answers of one responder about certificates of one issuer: the devices' identities. */
static void two_answers(struct collateral **a, struct collateral **b)
{
	*a = *b = NULL;
	for (size_t i = 0; i < court.ev.collaterals; i++)
		for (size_t k = 0; k < i; k++) {
			struct collateral *x = &court.ev.collateral[k];
			struct collateral *y = &court.ev.collateral[i];

			if (bytes_begin(x->want, BYTES("ocsp:")) && x->want.n > 70 &&
				bytes_begin(y->want, (struct bytes){ x->want.p, 70 }) &&
				!bytes_equal(x->want, y->want)) {
				*a = x;
				*b = y;
			}
		}
	assert_non_null(*a);
}

/* An answer that is remembered as good is so for its certificate, for its request and for an age. */
static void other_question(void **state)
{
	CLEANUP(buf_done) struct buf request = { 0 };
	struct collateral           *a, *b, was;

	(void)state;
	court_forge(&court, &(struct forged_ask){ .gpus = 2 });
	new_memo();
	court_judge(&court);
	assert_int_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
	two_answers(&a, &b);
	was        = *a;
	a->body    = b->body;
	a->request = b->request;
	same_as_alone("the answer about another device");
	assert_int_equal(court.verdict, ASSAY_CLASS_REJECTED);
	*a = was;
	same_as_alone("as it was");
	assert_int_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
	buf_put(&request, a->request.p, a->request.n);
	request.p[request.n - 1] ^= 1;
	a->request = buf_bytes(&request);
	same_as_alone("a request with another nonce");
	assert_int_equal(court.verdict, ASSAY_CLASS_REJECTED);
	*a           = was;
	court.policy = "{\"schema\":\"assay.policy/1\",\"require\":{\"ocsp.max-age\":599}}";
	same_as_alone("a policy that wants it younger");
	assert_int_equal(court.verdict, ASSAY_CLASS_UNDECIDED);
	court.policy = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times),
		cmocka_unit_test(other_anchors),
		cmocka_unit_test(cut_elsewhere),
		cmocka_unit_test(other_document),
		cmocka_unit_test(alike),
		cmocka_unit_test(other_report),
		cmocka_unit_test(other_question),
		cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
