/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/court.h"

#include <stdio.h>

#include "base/hex.h"
#include "base/utc.h"

struct court court;

int court_set_up(void **state)
{
	(void)state;
	court_open(&court);
	return 0;
}

int court_tear_down(void **state)
{
	(void)state;
	court_close(&court);
	return 0;
}

void court_open(struct court *t)
{
	struct assay_err e = { 0 };

	*t       = (struct court){ 0 };
	t->trust = trust_pinned();
	json_object_seed(1);
	test_must(crypto_open(&t->crypto, &e), &e);
	court_at(t, "2026-06-01T00:00:00Z");
}

void court_empty(struct court *t)
{
	facts_done(&t->facts);
	evidence_done(&t->ev);
}

void court_close(struct court *t)
{
	court_empty(t);
	memo_free(t->memo);
	crypto_done(&t->crypto);
}

void court_at(struct court *t, const char *time)
{
	struct assay_err e = { 0 };

	test_must(utc_parse(bytes_text(time), &t->now, &e), &e);
}

void court_nonce(struct court *t, const char *hex)
{
	struct assay_err e = { 0 };

	t->nonce_given = hex != NULL;
	if (hex != NULL)
		test_must(hex_fixed(bytes_text(hex), t->nonce, NONCE_SIZE, &e), &e);
}

void court_interop(struct court *t, const char *path, const char *chain)
{
	CLEANUP(buf_done) struct buf text = { 0 }, pem = { 0 };
	struct assay_err             e = { 0 };

	test_interop(path, &text);
	if (chain != NULL)
		test_interop(chain, &pem);
	test_must(evidence_add(&t->ev, path, buf_bytes(&text), buf_bytes(&pem), &e), &e);
}

void court_collateral(struct court *t, const char *path, const char *as)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	struct assay_err             e    = { 0 };
	const char                  *name = strrchr(path, '/');

	test_interop(path, &text);
	if (as == NULL)
		as = name == NULL ? path : name + 1;
	test_must(evidence_add_collateral(
			  &t->ev, NULL, as, (struct bytes){ 0 }, buf_bytes(&text), &e),
		&e);
}

enum assay_code court_take(struct court *t, const struct forged *f, struct assay_err *e)
{
	court_empty(t);
	TRY(trust_replace(&t->crypto, buf_bytes(&f->anchor[FORGED_DEVICE]),
		buf_bytes(&f->anchor[FORGED_RIM]), buf_bytes(&f->anchor[FORGED_SGX]), &t->trust,
		e));
	TRY(evidence_add(&t->ev, "forged", buf_bytes(&f->bundle), (struct bytes){ 0 }, e));
	t->now         = t->ev.made;
	t->nonce_given = t->ev.nonce_given;
	memcpy(t->nonce, t->ev.nonce, NONCE_SIZE);
	return ASSAY_OK;
}

void court_forged(struct court *t, const struct forged *f)
{
	struct assay_err e = { 0 };

	test_must(court_take(t, f, &e), &e);
	assert_true(t->ev.recorded);
}

void court_forge(struct court *t, const struct forged_ask *ask)
{
	CLEANUP(forged_done) struct forged f;

	forged_make(ask, &f);
	court_forged(t, &f);
}

enum assay_code court_try(struct court *t, struct assay_err *e)
{
	CLEANUP(policy_done) struct policy p = { 0 };
	struct verify_case                 c = {
				.crypto      = &t->crypto,
				.evidence    = &t->ev,
				.trust       = &t->trust,
				.nonce_given = t->nonce_given,
				.now         = t->now,
				.memo        = t->memo,
				.observed    = t->observed,
				.here        = t->here,
				.marks       = t->marks,
	};

	facts_done(&t->facts);
	memcpy(c.nonce, t->nonce, NONCE_SIZE);
	if (t->policy != NULL)
		TRY(policy_parse(bytes_text(t->policy), &p, e));
	c.ocsp_max_age = p.ocsp_max_age;
	c.tdx          = &p.tdx;
	c.channel_key  = t->channel_key;
	c.reportdata   = t->reportdata;
	c.expected     = p.expected;
	c.gpus         = p.gpus;
	c.switches     = p.switches;
	if (t->expect != NULL) {
		c.expected = true;
		TRY(policy_expect(bytes_text(t->expect), &c.gpus, &c.switches, e));
	}
	TRY(verify(&c, &t->facts, e));
	return appraise(&p, &t->facts, t->now, &t->verdict, e);
}

void court_judge(struct court *t)
{
	struct assay_err e = { 0 };

	test_must(court_try(t, &e), &e);
}

static int badness(const struct finding *f)
{
	switch (f->outcome) {
	case ASSAY_OUTCOME_PASS:
	case ASSAY_OUTCOME_NOT_APPLICABLE:
		return 0;
	case ASSAY_OUTCOME_WARN:
	case ASSAY_OUTCOME_WAIVED:
		return 1;
	case ASSAY_OUTCOME_SKIPPED:
		return 2;
	default:
		return 100 - (int)assay_class(f->code);
	}
}

static const struct finding *pick(const struct court *t, const char *id, const char *subject,
	bool any, enum detail detail, unsigned number)
{
	const struct finding *worst = NULL;
	char                  text[SUBJECT_TEXT];

	for (size_t i = 0; i < t->facts.findings.n; i++) {
		const struct finding *f = &t->facts.findings.list[i];

		if (strcmp(check_row(f->check)->id, id) != 0 ||
			strcmp(subject_text(f->subject, text), subject) != 0)
			continue;
		if (!any && (f->detail == detail || f->number != number))
			continue;
		if (worst == NULL || badness(f) > badness(worst))
			worst = f;
	}
	return worst;
}

const struct finding *court_finding(const struct court *t, const char *id, const char *subject)
{
	return pick(t, id, subject, true, DETAIL_NONE, 0);
}

const struct finding *court_detail(
	const struct court *t, const char *id, const char *subject, unsigned number)
{
	return pick(t, id, subject, false, DETAIL_NONE, number);
}

void court_print(const struct court *t)
{
	char text[SUBJECT_TEXT];

	print_message("verdict %s\n", assay_class_verdict(t->verdict));
	for (size_t i = 0; i < t->facts.findings.n; i++) {
		const struct finding *f = &t->facts.findings.list[i];

		if (f->outcome != ASSAY_OUTCOME_PASS)
			print_message("%s %s %s %s: %s (%s)\n", assay_outcome_name(f->outcome),
				check_row(f->check)->id, subject_text(f->subject, text),
				assay_code_name(f->code), f->message == NULL ? "" : f->message,
				check_row(f->because)->id);
	}
}

void court_expect(const struct court *t, const char *id, const char *subject,
	enum assay_outcome outcome, enum assay_code code)
{
	const struct finding *f = court_finding(t, id, subject);

	if (f != NULL && f->outcome == outcome && f->code == code)
		return;
	court_print(t);
	fail_msg("%s of %s: %s %s, not %s %s", id, subject,
		f == NULL ? "no finding" : assay_outcome_name(f->outcome),
		f == NULL ? "" : assay_code_name(f->code), assay_outcome_name(outcome),
		assay_code_name(code));
}

void court_holds(const struct court *t, const char *id, const char *subject)
{
	court_expect(t, id, subject, ASSAY_OUTCOME_PASS, ASSAY_OK);
}

void court_json(const struct court *t, struct buf *out)
{
	struct report_view v = {
		.facts        = &t->facts,
		.verdict      = t->verdict,
		.at           = t->now,
		.historic     = true,
		.test_anchors = t->trust.test,
		.nonce_given  = t->nonce_given,
	};
	struct assay_err e = { 0 };

	test_must(report_json(&v, out, &e), &e);
}

bool court_same_alone(struct court *t)
{
	CLEANUP(buf_done) struct buf with = { 0 }, alone = { 0 };
	struct memo                 *memo = t->memo;
	bool                         same;

	t->memo = NULL;
	court_judge(t);
	court_json(t, &alone);
	t->memo = memo;
	court_judge(t);
	court_json(t, &with);
	same = bytes_equal(buf_bytes(&with), buf_bytes(&alone));
	if (!same) {
		print_message("--- with\n%s\n", buf_cstr(&with));
		print_message("--- alone\n%s\n", buf_cstr(&alone));
	}
	return same;
}
