/* SPDX-License-Identifier: Apache-2.0
 *
 * The report for people: a table of devices by stage, then each finding that needs a look, once for all subjects that
 * share it, with what to do; the verdict last, where the eye ends. */
#include "report/report.h"

#include <libsmartcols/libsmartcols.h>

#include "base/utc.h"
#include "report/group.h"
#include "report/guest.h"

#define WIDTH         1000 /* the table is never cut; a terminal folds it */
#define BODIES        8    /* texts under one heading */
#define LINE_MAX_TEXT 400  /* characters */

static const char *const escapes[] = {
	[MOOD_PLAIN] = "",
	[MOOD_GOOD]  = "\033[32m",
	[MOOD_BAD]   = "\033[31m",
	[MOOD_DOUBT] = "\033[33m",
	[MOOD_DIM]   = "\033[2m",
};

static const char *begin(const struct report_style *style, enum mood c)
{
	return style->colour ? escapes[c] : "";
}

static const char *end(const struct report_style *style, enum mood c)
{
	return style->colour && c != MOOD_PLAIN ? "\033[0m" : "";
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
		(!style->colour ||
			scols_cell_set_color(cell, escapes[outcome_row(o)->mood]) == 0);
}

static bool device_line(const struct report_style *style, struct libscols_table *table,
	const struct facts *f, const struct device *d)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	char                  text[SUBJECT_TEXT], word[COLUMN_TEXT];
	bool ok = line != NULL && set(line, 0, subject_text(d->subject, text)) &&
		set(line, 1, d->family == FAMILY_NONE ? "-" : device_family_name(d->family)) &&
		set(line, 2, d->driver[0] == 0 ? "-" : d->driver) &&
		set(line, 3, d->vbios[0] == 0 ? "-" : d->vbios);

	for (size_t i = 0; ok && i < COLUMNS; i++) {
		enum assay_outcome o = column_outcome(f, d, i, word);

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
	for (size_t i = 0; i < COLUMNS; i++)
		if (scols_table_new_column(table, column_title(i), 0, 0) == NULL)
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

static void put_line(
	const struct report_style *style, const char *label, const char *text, struct buf *out)
{
	if (text == NULL || text[0] == 0)
		return;
	buf_text(out, "         ");
	if (label[0] != 0)
		buf_printf(
			out, "%s%-10s%s", begin(style, MOOD_DIM), label, end(style, MOOD_DIM));
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

	group_subjects(f, i, group_same, &subjects);
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
	enum mood                    c        = outcome_row(x->outcome)->mood;
	size_t                       bodies   = 0;

	group_subjects(f, first, group_heading, &subjects);
	buf_printf(out, "%s%-8s%s %s  %s%s%s\n", begin(style, c), outcome_row(x->outcome)->word,
		end(style, c), check_row(x->check)->id,
		check_item(x->check)[0] != 0 ? check_item(x->check) : buf_cstr(&subjects),
		x->code == ASSAY_OK ? "" : "  ",
		x->code == ASSAY_OK ? "" : assay_code_name(x->code));
	for (size_t i = first; i < f->n; i++) {
		if (!group_heading(x, &f->list[i]) || group_said(f, i, group_same))
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
	size_t kinds = style->all ? GROUP_OUTCOMES : GROUP_LOOKS, said = 0;

	for (size_t k = 0; k < kinds; k++)
		for (size_t i = 0; i < f->n; i++)
			if (f->list[i].outcome == group_order[k] &&
				!group_said(f, i, group_heading)) {
				put_group(style, f, i, out);
				said++;
			}
	return said;
}

/* How many checks came out how: the report of a machine has many rows, and shows few. */
static void put_counts(const struct findings *f, struct buf *out)
{
	buf_printf(out, "%zu checks:", f->n);
	for (size_t k = 0; k < GROUP_OUTCOMES; k++) {
		size_t n = 0;

		for (size_t i = 0; i < f->n; i++)
			n += f->list[i].outcome == k;
		if (n > 0)
			buf_printf(out, " %zu %s", n, outcome_row((enum assay_outcome)k)->word);
	}
	buf_byte(out, '\n');
}

static void put_verdict(
	const struct report_view *r, const struct report_style *style, struct buf *out)
{
	enum mood c = r->verdict == ASSAY_CLASS_ACCEPTED ? MOOD_GOOD
		: r->verdict == ASSAY_CLASS_UNDECIDED    ? MOOD_DOUBT
							 : MOOD_BAD;

	if (r->test_anchors)
		buf_printf(out,
			"%sTEST ANCHORS%s: not NVIDIA's and Intel's roots; proves nothing about real devices\n",
			begin(style, MOOD_BAD), end(style, MOOD_BAD));
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
	buf_printf(out, "%sIt does not show%s\n", begin(style, MOOD_DIM), end(style, MOOD_DIM));
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
