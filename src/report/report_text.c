/* SPDX-License-Identifier: Apache-2.0
 *
 * The report for people: a table of devices by stage, then each finding that needs a look, once for all subjects that
 * share it, with what to do; the verdict last, where the eye ends. */
#include "report/report.h"

#include <libsmartcols/libsmartcols.h>

#include "base/utc.h"
#include "report/guest.h"

#define WIDTH         1000 /* the table is never cut; a terminal folds it */
#define BODIES        8    /* texts under one heading */
#define LINE_MAX_TEXT 400  /* characters */

enum colour { PLAIN, GOOD, BAD, DOUBT, DIM };

static const char *const escapes[] = {
	[PLAIN] = "",
	[GOOD]  = "\033[32m",
	[BAD]   = "\033[31m",
	[DOUBT] = "\033[33m",
	[DIM]   = "\033[2m",
};

static const struct {
	const char *word;
	enum colour colour;
} words[] = {
	[ASSAY_OUTCOME_SKIPPED]        = { "skipped", DIM },
	[ASSAY_OUTCOME_PASS]           = { "ok", GOOD },
	[ASSAY_OUTCOME_NOT_APPLICABLE] = { "n/a", DIM },
	[ASSAY_OUTCOME_FAIL]           = { "FAIL", BAD },
	[ASSAY_OUTCOME_UNKNOWN]        = { "unknown", DOUBT },
	[ASSAY_OUTCOME_WARN]           = { "warning", DOUBT },
	[ASSAY_OUTCOME_WAIVED]         = { "waived", DOUBT },
	[ASSAY_OUTCOME_PENDING_REBOOT] = { "reboot", DOUBT },
	[ASSAY_OUTCOME_IN_PROGRESS]    = { "busy", DOUBT },
};

/* What decides a cell of the table: the worst first. */
static const enum assay_outcome order[] = { ASSAY_OUTCOME_FAIL, ASSAY_OUTCOME_UNKNOWN,
	ASSAY_OUTCOME_SKIPPED, ASSAY_OUTCOME_WAIVED, ASSAY_OUTCOME_PASS,
	ASSAY_OUTCOME_NOT_APPLICABLE };

/* Stages of the table, by the beginning of the id behind its subject. */
static const struct {
	const char *title, *part;
} stages[] = {
	{ "EVIDENCE", "evidence." },
	{ "CHAIN", "chain." },
	{ "REPORT", "report." },
	{ "RIMS", "rim." },
	{ "MEASUREMENTS", "measurements" },
};

static const char *begin(const struct report_style *style, enum colour c)
{
	return style->colour ? escapes[c] : "";
}

static const char *end(const struct report_style *style, enum colour c)
{
	return style->colour && c != PLAIN ? "\033[0m" : "";
}

static bool same_subject(struct subject a, struct subject b)
{
	return a.kind == b.kind && a.index == b.index;
}

/* Is the check of this stage: "gpu.chain.path" of "chain."? */
static bool in_stage(enum check check, const char *part)
{
	const char *dot = strchr(check_row(check)->id, '.');

	return dot != NULL && strncmp(dot + 1, part, strlen(part)) == 0;
}

static enum assay_outcome stage_outcome(
	const struct findings *f, struct subject s, const char *part)
{
	for (size_t k = 0; k < ARRAY_LEN(order); k++)
		for (size_t i = 0; i < f->n; i++)
			if (f->list[i].outcome == order[k] &&
				same_subject(f->list[i].subject, s) &&
				in_stage(f->list[i].check, part))
				return order[k];
	return ASSAY_OUTCOME_SKIPPED;
}

static bool set(struct libscols_line *line, size_t column, const char *text)
{
	return scols_line_set_data(line, column, text) == 0;
}

static bool set_outcome(const struct report_style *style, struct libscols_line *line,
	size_t column, enum assay_outcome o, const char *text)
{
	struct libscols_cell *cell = scols_line_get_cell(line, column);

	return set(line, column, text) &&
		(!style->colour || scols_cell_set_color(cell, escapes[words[o].colour]) == 0);
}

static bool device_line(const struct report_style *style, struct libscols_table *table,
	const struct facts *f, const struct device *d)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	char                  text[SUBJECT_TEXT], counts[64];
	bool ok = line != NULL && set(line, 0, subject_text(d->subject, text)) &&
		set(line, 1, d->family == FAMILY_NONE ? "-" : device_family_name(d->family)) &&
		set(line, 2, d->driver[0] == 0 ? "-" : d->driver) &&
		set(line, 3, d->vbios[0] == 0 ? "-" : d->vbios);

	for (size_t i = 0; ok && i < ARRAY_LEN(stages); i++) {
		enum assay_outcome o = stage_outcome(&f->findings, d->subject, stages[i].part);
		const char        *word = words[o].word;

		if (i == ARRAY_LEN(stages) - 1 && d->compared > 0) {
			snprintf(counts, sizeof(counts), "%s%s%zu of %zu",
				o == ASSAY_OUTCOME_PASS ? "" : word,
				o == ASSAY_OUTCOME_PASS ? "" : ", ", d->matched, d->compared);
			word = counts;
		}
		ok = set_outcome(style, line, 4 + i, o, word);
	}
	return ok;
}

static bool columns(struct libscols_table *table)
{
	static const char *const fixed[] = { "DEVICE", "FAMILY", "DRIVER", "FIRMWARE" };

	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		if (scols_table_new_column(table, fixed[i], 0, 0) == NULL)
			return false;
	for (size_t i = 0; i < ARRAY_LEN(stages); i++)
		if (scols_table_new_column(table, stages[i].title, 0, 0) == NULL)
			return false;
	return true;
}

static void unref(struct libscols_table **table)
{
	scols_unref_table(*table);
}

/* libsmartcols asks the terminal nothing here: width and colour are given. */
static enum assay_code put_table(const struct report_view *r, const struct report_style *style,
	struct buf *out, struct assay_err *e)
{
	CLEANUP(unref) struct libscols_table *table = scols_new_table();
	char                                 *text  = NULL;
	bool                                  ok    = table != NULL && columns(table);

	ok = ok && scols_table_set_termforce(table, SCOLS_TERMFORCE_ALWAYS) == 0 &&
		scols_table_set_termwidth(table, WIDTH) == 0 &&
		scols_table_enable_nowrap(table, 1) == 0 &&
		scols_table_set_column_separator(table, "  ") == 0 &&
		scols_table_enable_ascii(table, 1) == 0 &&
		scols_table_enable_colors(table, style->colour) == 0;
	for (size_t i = 0; ok && i < r->facts->devices; i++)
		ok = device_line(style, table, r->facts, &r->facts->device[i]);
	if (!ok || scols_print_table_to_string(table, &text) != 0)
		return err_no_memory(e);
	buf_text(out, text);
	free(text);
	buf_text(out, "\n\n");
	return ASSAY_OK;
}

/* Findings of one kind are said once: one heading, under it what differs. */
static bool same_heading(const struct finding *a, const struct finding *b)
{
	return a->check == b->check && a->code == b->code && a->outcome == b->outcome &&
		a->because == b->because;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_finding(const struct finding *a, const struct finding *b)
{
	return same_heading(a, b) && same_text(a->message, b->message) &&
		same_text(a->observed, b->observed) && same_text(a->expected, b->expected) &&
		same_text(a->waiver, b->waiver);
}

typedef bool alike(const struct finding *a, const struct finding *b);

static bool said_before(const struct findings *f, size_t i, alike *same)
{
	for (size_t k = 0; k < i; k++)
		if (same(&f->list[k], &f->list[i]))
			return true;
	return false;
}

/* "gpu0-7": the subjects of all findings like this one; those of one kind come in order. */
static void put_subjects(const struct findings *f, size_t first, alike *same, struct buf *out)
{
	const struct finding *from = &f->list[first], *last = from;
	char                  text[SUBJECT_TEXT];

	buf_text(out, subject_text(from->subject, text));
	for (size_t i = first + 1; i < f->n; i++) {
		const struct finding *x = &f->list[i];

		if (!same(from, x) || same_subject(x->subject, last->subject))
			continue;
		if (x->subject.index != last->subject.index + 1) {
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

static void put_line(
	const struct report_style *style, const char *label, const char *text, struct buf *out)
{
	if (text == NULL || text[0] == 0)
		return;
	buf_text(out, "         ");
	if (label[0] != 0)
		buf_printf(out, "%s%-10s%s", begin(style, DIM), label, end(style, DIM));
	buf_printf(out, "%.*s%s\n", LINE_MAX_TEXT, text,
		strlen(text) > LINE_MAX_TEXT ? "..." : "");
}

/* Golden values: one digest a line. */
static void put_digests(
	const struct report_style *style, const char *label, const char *text, struct buf *out)
{
	while (text != NULL && text[0] != 0) {
		size_t n                      = strcspn(text, " ");
		char   one[LINE_MAX_TEXT + 1] = { 0 };

		memcpy(one, text, n < LINE_MAX_TEXT ? n : LINE_MAX_TEXT);
		put_line(style, label, one, out);
		label = "or";
		text += n + (text[n] == ' ');
	}
}

/* What one finding says, with its subjects in front where they are not all of the heading's. */
static void put_body(const struct report_style *style, const struct findings *f, size_t i,
	const char *all, struct buf *out)
{
	CLEANUP(buf_done) struct buf subjects = { 0 };
	const struct finding        *x        = &f->list[i];

	put_subjects(f, i, same_finding, &subjects);
	if (strcmp(buf_cstr(&subjects), all) == 0) {
		put_line(style, "", x->message, out);
	} else if (x->message != NULL) {
		buf_printf(&subjects, ": %s", x->message);
		put_line(style, "", buf_cstr(&subjects), out);
	}
	if (x->detail == DETAIL_MEASUREMENT)
		put_digests(style, "expected", x->expected, out);
	else
		put_line(style, "expected", x->expected, out);
	put_line(style, "observed", x->observed, out);
	put_line(style, "seen in", x->path, out);
	put_line(style, "waiver", x->waiver, out);
}

static void put_group(const struct report_style *style, const struct findings *f, size_t first,
	struct buf *out)
{
	CLEANUP(buf_done) struct buf subjects = { 0 };
	const struct finding        *x        = &f->list[first];
	enum colour                  c        = words[x->outcome].colour;
	size_t                       bodies   = 0;

	put_subjects(f, first, same_heading, &subjects);
	buf_printf(out, "%s%-8s%s %s  %s%s%s\n", begin(style, c), words[x->outcome].word,
		end(style, c), check_row(x->check)->id,
		check_item(x->check)[0] != 0 ? check_item(x->check) : buf_cstr(&subjects),
		x->code == ASSAY_OK ? "" : "  ",
		x->code == ASSAY_OK ? "" : assay_code_name(x->code));
	for (size_t i = first; i < f->n; i++) {
		if (!same_heading(x, &f->list[i]) || said_before(f, i, same_finding))
			continue;
		if (++bodies <= BODIES)
			put_body(style, f, i, buf_cstr(&subjects), out);
	}
	if (bodies > BODIES)
		buf_printf(out, "         and %zu more; --format json has them all\n",
			bodies - BODIES);
	if (x->outcome == ASSAY_OUTCOME_SKIPPED)
		put_line(style, "waits for", check_row(x->because)->id, out);
	put_line(style, "do", report_remedy(x), out);
}

/* The worst first; what passed only on request. */
static size_t put_findings(
	const struct report_style *style, const struct findings *f, struct buf *out)
{
	static const enum assay_outcome looks[] = { ASSAY_OUTCOME_FAIL, ASSAY_OUTCOME_UNKNOWN,
		ASSAY_OUTCOME_PENDING_REBOOT, ASSAY_OUTCOME_IN_PROGRESS, ASSAY_OUTCOME_WAIVED,
		ASSAY_OUTCOME_WARN, ASSAY_OUTCOME_SKIPPED, ASSAY_OUTCOME_NOT_APPLICABLE,
		ASSAY_OUTCOME_PASS };
	size_t                          kinds = style->all ? ARRAY_LEN(looks) : 6, said = 0;

	for (size_t k = 0; k < kinds; k++)
		for (size_t i = 0; i < f->n; i++)
			if (f->list[i].outcome == looks[k] &&
				!said_before(f, i, same_heading)) {
				put_group(style, f, i, out);
				said++;
			}
	return said;
}

/* How many checks came out how: the report of a machine has many rows, and shows few. */
static void put_counts(const struct findings *f, struct buf *out)
{
	buf_printf(out, "%zu checks:", f->n);
	for (size_t k = 0; k < ARRAY_LEN(words); k++) {
		size_t n = 0;

		for (size_t i = 0; i < f->n; i++)
			n += f->list[i].outcome == k;
		if (n > 0)
			buf_printf(out, " %zu %s", n, words[k].word);
	}
	buf_byte(out, '\n');
}

static void put_verdict(
	const struct report_view *r, const struct report_style *style, struct buf *out)
{
	enum colour c = r->verdict == ASSAY_CLASS_ACCEPTED ? GOOD
		: r->verdict == ASSAY_CLASS_UNDECIDED      ? DOUBT
							   : BAD;

	if (r->test_anchors)
		buf_printf(out,
			"%sTEST ANCHORS%s: not NVIDIA's and Intel's roots; proves nothing about real devices\n",
			begin(style, BAD), end(style, BAD));
	if (r->setup != NULL) {
		put_counts(&r->facts->findings, out);
		buf_printf(out, "%s%s%s (exit %d)%s\n", begin(style, c),
			report_setup_verdict(r->verdict), end(style, c),
			assay_class_exit(r->verdict),
			r->verdict == ASSAY_CLASS_ACCEPTED
				? ": by this machine's own words; only assay attest proves it"
				: "");
		return;
	}
	buf_printf(out, "%s%s%s (exit %d)", begin(style, c), assay_class_verdict(r->verdict),
		end(style, c), assay_class_exit(r->verdict));
	if (r->verdict == ASSAY_CLASS_ACCEPTED && r->facts->valid_until != UTC_MAX)
		buf_printf(out, ", valid until %s", UTC(r->facts->valid_until));
	if (r->historic)
		buf_printf(out, ", as of %s; says nothing about now", UTC(r->at));
	buf_text(out, "\n");
}

static void put_residual(const struct report_style *style, struct buf *out)
{
	buf_printf(out, "%sIt does not show%s\n", begin(style, DIM), end(style, DIM));
	for (size_t i = 0; i < ARRAY_LEN(guest_residual); i++)
		buf_printf(out, "  %s%s\n", guest_residual[i],
			i + 1 < ARRAY_LEN(guest_residual) ? ";" : ".");
}

enum assay_code report_text(const struct report_view *r, const struct report_style *style,
	struct buf *out, struct assay_err *e)
{
	if (r->facts->guest != NULL)
		guest_text(r->facts->guest, out);
	if (r->facts->devices > 0)
		TRY(put_table(r, style, out, e));
	if (put_findings(style, &r->facts->findings, out) > 0)
		buf_text(out, "\n");
	put_verdict(r, style, out);
	if (guest_bound(r->facts) && r->verdict == ASSAY_CLASS_ACCEPTED)
		put_residual(style, out);
	if (r->stages != NULL) {
		buf_text(out, "\n");
		TRY(stages_text(r->stages, style->colour, out, e));
	}
	return buf_ok(out, e);
}
