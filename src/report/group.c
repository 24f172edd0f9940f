/* SPDX-License-Identifier: Apache-2.0 */
#include "report/group.h"

#include <stdio.h>

static const struct outcome_row outcomes[] = {
	[ASSAY_OUTCOME_SKIPPED]        = { "skipped", MOOD_DIM },
	[ASSAY_OUTCOME_PASS]           = { "ok", MOOD_GOOD },
	[ASSAY_OUTCOME_NOT_APPLICABLE] = { "n/a", MOOD_DIM },
	[ASSAY_OUTCOME_FAIL]           = { "FAIL", MOOD_BAD },
	[ASSAY_OUTCOME_UNKNOWN]        = { "unknown", MOOD_DOUBT },
	[ASSAY_OUTCOME_WARN]           = { "warning", MOOD_DOUBT },
	[ASSAY_OUTCOME_WAIVED]         = { "waived", MOOD_DOUBT },
	[ASSAY_OUTCOME_PENDING_REBOOT] = { "reboot", MOOD_DOUBT },
	[ASSAY_OUTCOME_IN_PROGRESS]    = { "busy", MOOD_DOUBT },
};

const struct outcome_row *outcome_row(enum assay_outcome o)
{
	return &outcomes[(size_t)o < ARRAY_LEN(outcomes) ? o : ASSAY_OUTCOME_SKIPPED];
}

const enum assay_outcome group_order[GROUP_OUTCOMES] = { ASSAY_OUTCOME_FAIL,
	ASSAY_OUTCOME_UNKNOWN, ASSAY_OUTCOME_PENDING_REBOOT, ASSAY_OUTCOME_IN_PROGRESS,
	ASSAY_OUTCOME_WAIVED, ASSAY_OUTCOME_WARN, ASSAY_OUTCOME_SKIPPED,
	ASSAY_OUTCOME_NOT_APPLICABLE, ASSAY_OUTCOME_PASS };

/* What decides a cell or a subject: the worst first. Warnings do not. */
static const enum assay_outcome worst[] = { ASSAY_OUTCOME_FAIL, ASSAY_OUTCOME_UNKNOWN,
	ASSAY_OUTCOME_SKIPPED, ASSAY_OUTCOME_WAIVED, ASSAY_OUTCOME_PASS,
	ASSAY_OUTCOME_NOT_APPLICABLE };

/* By the beginning of the id behind its subject. */
static const struct {
	const char *title, *part;
} columns[COLUMNS] = {
	{ "EVIDENCE", "evidence." },
	{ "CHAIN", "chain." },
	{ "REPORT", "report." },
	{ "RIMS", "rim." },
	{ "MEASUREMENTS", "measurements" },
};

bool subject_same(struct subject a, struct subject b)
{
	return a.kind == b.kind && a.index == b.index;
}

bool group_heading(const struct finding *a, const struct finding *b)
{
	return a->check == b->check && a->code == b->code && a->outcome == b->outcome &&
		a->because == b->because;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool group_same(const struct finding *a, const struct finding *b)
{
	return group_heading(a, b) && same_text(a->message, b->message) &&
		same_text(a->observed, b->observed) && same_text(a->expected, b->expected) &&
		same_text(a->waiver, b->waiver);
}

bool group_said(const struct findings *f, size_t i, group_alike *alike)
{
	for (size_t k = 0; k < i; k++)
		if (alike(&f->list[k], &f->list[i]))
			return true;
	return false;
}

void group_subjects(const struct findings *f, size_t first, group_alike *alike, struct buf *out)
{
	const struct finding *from = &f->list[first], *last = from;
	char                  text[SUBJECT_TEXT];

	buf_text(out, subject_text(from->subject, text));
	for (size_t i = first + 1; i < f->n; i++) {
		const struct finding *x = &f->list[i];

		if (!alike(from, x) || subject_same(x->subject, last->subject))
			continue;
		if (x->subject.kind != last->subject.kind ||
			x->subject.index != last->subject.index + 1) {
			if (last != from)
				buf_printf(out, "-%u", last->subject.index);
			buf_printf(out, " %s", subject_text(x->subject, text));
			from = x;
		}
		last = x;
	}
	if (last != from)
		buf_printf(out, "-%u", last->subject.index);
}

const char *column_title(size_t column)
{
	return columns[column].title;
}

/* Is the check of this column: "gpu.chain.path" of "chain."? */
static bool in_column(enum check check, const char *part)
{
	const char *dot = strchr(check_row(check)->id, '.');

	return dot != NULL && strncmp(dot + 1, part, strlen(part)) == 0;
}

/* part "": of all checks. */
static enum assay_outcome worst_of(const struct findings *f, struct subject s, const char *part)
{
	for (size_t k = 0; k < ARRAY_LEN(worst); k++)
		for (size_t i = 0; i < f->n; i++)
			if (f->list[i].outcome == worst[k] &&
				subject_same(f->list[i].subject, s) &&
				(part[0] == 0 || in_column(f->list[i].check, part)))
				return worst[k];
	return ASSAY_OUTCOME_SKIPPED;
}

enum assay_outcome subject_outcome(const struct findings *f, struct subject s)
{
	return worst_of(f, s, "");
}

enum assay_outcome column_outcome(
	const struct facts *f, const struct device *d, size_t column, char text[COLUMN_TEXT])
{
	const enum assay_outcome o = worst_of(&f->findings, d->subject, columns[column].part);
	const char              *word = outcome_row(o)->word;

	if (column == COLUMNS - 1 && d->compared > 0)
		snprintf(text, COLUMN_TEXT, "%s%s%zu of %zu",
			o == ASSAY_OUTCOME_PASS ? "" : word,
			o == ASSAY_OUTCOME_PASS ? "" : ", ", d->matched, d->compared);
	else
		snprintf(text, COLUMN_TEXT, "%s", word);
	return o;
}
