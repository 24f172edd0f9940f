/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/inquiry.h"

#include <stdio.h>

void inquiry_say(struct inquiry *q, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(&q->said, ASSAY_OK, fmt, ap);
	va_end(ap);
}

enum assay_code inquiry_not_applicable(struct inquiry *q, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(&q->said, ASSAY_OK, fmt, ap);
	va_end(ap);
	q->not_applicable = true;
	return ASSAY_OK;
}

void inquiry_until(struct inquiry *q, int64_t until)
{
	if (until < q->facts->valid_until)
		q->facts->valid_until = until;
}

enum assay_code inquiry_want(struct inquiry *q, const char *want, struct assay_err *e)
{
	struct facts *f = q->facts;

	for (size_t i = 0; i < f->wants; i++)
		if (strcmp(f->want[i], want) == 0)
			return ASSAY_OK;
	if (f->wants == f->wants_cap) {
		size_t cap             = f->wants_cap == 0 ? 32 : 2 * f->wants_cap;
		char(*list)[WANT_TEXT] = mem_resize(f->want, cap, sizeof(*list));

		if (list == NULL)
			return err_no_memory(e);
		f->want      = list;
		f->wants_cap = cap;
	}
	snprintf(f->want[f->wants++], WANT_TEXT, "%s", want);
	return ASSAY_OK;
}

enum assay_code inquiry_missing(struct inquiry *q, const char *want, enum assay_code code,
	const char *what, struct assay_err *e)
{
	const char *why = evidence_missing(q->c->evidence, want);

	return why == NULL ? err_set(e, code, "%s", what)
			   : err_set(e, code, "%s: %s", what, why);
}

enum assay_outcome inquiry_outcome(enum assay_code code)
{
	switch (assay_class(code)) {
	case ASSAY_CLASS_ACCEPTED:
		return ASSAY_OUTCOME_PASS;
	case ASSAY_CLASS_UNDECIDED:
	case ASSAY_CLASS_UNAVAILABLE:
	case ASSAY_CLASS_NOT_READY:
		return ASSAY_OUTCOME_UNKNOWN;
	default:
		return ASSAY_OUTCOME_FAIL;
	}
}

static enum assay_code add(
	struct inquiry *q, struct finding *row, const char *message, struct assay_err *e)
{
	TRY(buf_ok(&q->expected, e));
	TRY(buf_ok(&q->observed, e));
	row->subject = q->subject;
	row->detail  = q->detail;
	row->number  = q->number;
	return findings_add(&q->facts->findings, row, message,
		q->expected.n == 0 ? NULL : buf_cstr(&q->expected),
		q->observed.n == 0 ? NULL : buf_cstr(&q->observed), e);
}

static void clear(struct inquiry *q)
{
	q->expected.n = q->observed.n = 0;
	q->detail                     = DETAIL_NONE;
	q->number                     = 0;
}

enum assay_code inquiry_note(struct inquiry *q, enum check check, const struct assay_err *why,
	bool warn, struct assay_err *e)
{
	struct finding row = {
		.check = check == CHECK_NONE ? q->check : check,
		.code  = why->code,
	};

	if (assay_class(why->code) == ASSAY_CLASS_INTERNAL) {
		*e = *why;
		return e->code;
	}
	row.outcome = warn ? ASSAY_OUTCOME_WARN : inquiry_outcome(why->code);
	TRY(add(q, &row, assay_err_text(why), e));
	clear(q);
	if (!warn && row.check == q->check)
		q->noted = true;
	return ASSAY_OK;
}

static void inquiry_done(struct inquiry *q)
{
	buf_done(&q->expected);
	buf_done(&q->observed);
}

/* The first of what a step waits for that does not hold; CHECK_NONE when all do. */
static enum check missing(const struct step *s, const bool held[CHECK_COUNT])
{
	for (size_t i = 0; i < AFTER_MAX && s->after[i] != CHECK_NONE; i++)
		if (!held[s->after[i]])
			return s->after[i];
	return CHECK_NONE;
}

static enum assay_code ask(
	struct inquiry *q, const struct step *s, bool held[CHECK_COUNT], struct assay_err *e)
{
	struct assay_err why = { 0 };
	struct finding   row = { .check = s->check, .because = missing(s, held) };

	if (row.because != CHECK_NONE)
		return add(q, &row, NULL, e); /* skipped: zero */
	row.code = s->ask(q, &why);
	if (assay_class(row.code) == ASSAY_CLASS_INTERNAL) {
		*e = why;
		return err_wrap(e, "%s", check_row(s->check)->id);
	}
	if (row.code == ASSAY_OK && q->because != CHECK_NONE) {
		row.because = q->because;
		return add(q, &row, NULL, e);
	}
	held[s->check] = (row.code == ASSAY_OK && !q->noted) || q->go_on;
	if (row.code == ASSAY_OK && q->noted)
		return ASSAY_OK; /* said already */
	row.outcome = q->not_applicable ? ASSAY_OUTCOME_NOT_APPLICABLE
					: inquiry_outcome(row.code);
	return add(q, &row,
		row.code == ASSAY_OK ? assay_err_text(&q->said) : assay_err_text(&why), e);
}

enum assay_code inquire(const struct verify_case *c, struct facts *facts,
	struct subject subject, struct device *d, bool held[CHECK_COUNT],
	const struct step *steps, size_t n, struct assay_err *e)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(inquiry_done)
		struct inquiry q = { .c = c,
			.facts          = facts,
			.subject        = subject,
			.d              = d,
			.check          = steps[i].check };

		if (d != NULL)
			q.rim = &d->rim[steps[i].rim];
		TRY(ask(&q, &steps[i], held, e));
	}
	return ASSAY_OK;
}
