/* SPDX-License-Identifier: Apache-2.0
 *
 * Findings in the HTML report: those that need a look, each once for all subjects that share it, with what to do and what the
 * catalogue says of it; then every one, by subject, and of a machine's set-up by chapter, what is configured and what is in effect
 * beside each other. */
#include "report/html.h"

/* What somebody asks when it fails: the rows that assay explain prints, folded. */
static void put_pair(const char *label, const char *text, struct buf *out)
{
	if (text == NULL || text[0] == 0)
		return;
	buf_printf(out, "<dt>%s</dt><dd>", label);
	html_text(out, text);
	buf_text(out, "</dd>\n");
}

static void put_explained(const struct finding *x, struct buf *out)
{
	const struct check_row *row = check_row(x->check);

	buf_text(out, "<details><summary>assay explain ");
	html_text(out, row->id);
	buf_text(out, "</summary>\n<dl class=\"k\">\n");
	put_pair("Check", row->title, out);
	put_pair("Why", row->why, out);
	put_pair("Failure", row->means, out);
	put_pair("Do", row->remedy, out);
	put_pair("Needed",
		row->required ? "yes: without it there is no yes"
			      : "no: where it is asked, what it says counts",
		out);
	if (x->code != ASSAY_OK) {
		put_pair("Code", assay_code_name(x->code), out);
		put_pair("Means", assay_code_meaning(x->code), out);
		put_pair("Verdict", assay_class_verdict(assay_class(x->code)), out);
	}
	put_pair("Source", row->section, out);
	buf_text(out, "</dl></details>\n");
}

/* ---- what needs a look ---- */

static void put_values(const struct finding *x, struct buf *out)
{
	if (x->expected == NULL && x->observed == NULL && x->path == NULL && x->waiver == NULL)
		return;
	buf_text(out, "<dl class=\"k\">\n");
	for (size_t i = 0; i < 2; i++) {
		const char *text = i == 0 ? x->expected : x->observed;

		if (text == NULL || text[0] == 0)
			continue;
		buf_printf(
			out, "<dt>%s</dt><dd class=\"m\">", i == 0 ? "Expected" : "Observed");
		html_text(out, text);
		buf_text(out, "</dd>\n");
	}
	if (x->path != NULL) {
		buf_text(out, "<dt>Seen in</dt><dd class=\"m\">");
		html_text(out, x->path);
		buf_text(out, "</dd>\n");
	}
	put_pair("Waiver", x->waiver, out);
	buf_text(out, "</dl>\n");
}

static bool says_nothing(const struct finding *x)
{
	return (x->message == NULL || x->message[0] == 0) && x->expected == NULL &&
		x->observed == NULL && x->path == NULL && x->waiver == NULL &&
		x->outcome != ASSAY_OUTCOME_SKIPPED;
}

/* Each different thing that is said under one heading, with its subjects where these are not all of the heading's. */
static void put_bodies(const struct findings *f, size_t first, const char *all, struct buf *out)
{
	const struct finding *x     = &f->list[first];
	size_t                items = 0;

	for (size_t i = first; i < f->n; i++) {
		CLEANUP(buf_done) struct buf subjects = { 0 };

		if (!group_heading(x, &f->list[i]) || group_said(f, i, group_same) ||
			says_nothing(&f->list[i]))
			continue;
		group_subjects(f, i, group_same, &subjects);
		out->failed |= buf_cstr(&subjects)[0] == 0;
		if (items++ == 0)
			buf_printf(out, "<ul class=\"says%s\">\n",
				strcmp(buf_cstr(&subjects), all) == 0 ? " one" : "");
		buf_text(out, "<li>");
		if (strcmp(buf_cstr(&subjects), all) != 0) {
			buf_text(out, "<b>");
			html_text(out, buf_cstr(&subjects));
			buf_text(out, "</b> ");
		}
		html_text(out, f->list[i].message);
		put_values(&f->list[i], out);
		buf_text(out, "</li>\n");
	}
	if (items > 0)
		buf_text(out, "</ul>\n");
}

static void put_look(const struct findings *f, size_t first, struct buf *out)
{
	CLEANUP(buf_done) struct buf subjects = { 0 };
	const struct finding        *x        = &f->list[first];
	const enum mood              mood     = outcome_row(x->outcome)->mood;
	const char                  *remedy   = report_remedy(x);

	group_subjects(f, first, group_heading, &subjects);
	out->failed |= buf_cstr(&subjects)[0] == 0; /* there was no memory */
	buf_printf(out, "<article class=\"look %s\">\n<h3>", html_mood(mood));
	html_outcome(out, x->outcome);
	buf_text(out, " <span>");
	html_text(out, check_row(x->check)->title);
	buf_text(out, "</span></h3>\n<p class=\"tag\"><code>");
	html_text(out, check_row(x->check)->id);
	buf_text(out, "</code> &#183; ");
	html_text(
		out, check_item(x->check)[0] != 0 ? check_item(x->check) : buf_cstr(&subjects));
	if (x->code != ASSAY_OK) {
		buf_text(out, " &#183; <code>");
		html_text(out, assay_code_name(x->code));
		buf_text(out, "</code>");
	}
	buf_text(out, "</p>\n");
	put_bodies(f, first, buf_cstr(&subjects), out);
	if (remedy[0] != 0) {
		buf_text(out, "<p class=\"do\"><b>Do:</b> ");
		html_text(out, remedy);
		buf_text(out, "</p>\n");
	}
	put_explained(x, out);
	buf_text(out, "</article>\n");
}

static size_t count(const struct findings *f, const enum assay_outcome *list, size_t n)
{
	size_t out = 0;

	for (size_t i = 0; i < f->n; i++)
		for (size_t k = 0; k < n; k++)
			out += f->list[i].outcome == list[k];
	return out;
}

/* The outcomes of list, in its order. */
static void put_looks(const struct findings *f, const enum assay_outcome *list, size_t n,
	const char *title, struct buf *out)
{
	if (count(f, list, n) == 0)
		return;
	buf_printf(out, "<section>\n<h2>%s</h2>\n", title);
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < f->n; i++)
			if (f->list[i].outcome == list[k] && !group_said(f, i, group_heading))
				put_look(f, i, out);
	buf_text(out, "</section>\n");
}

#define OBJECTIONS 4 /* of group_order: these decide; the others are to be known */

void html_looks(const struct report_view *r, struct buf *out)
{
	put_looks(&r->facts->findings, group_order, OBJECTIONS, "Objections", out);
}

void html_notes(const struct report_view *r, struct buf *out)
{
	put_looks(&r->facts->findings, group_order + OBJECTIONS, GROUP_LOOKS - OBJECTIONS,
		"Worth knowing", out);
}

/* ---- every finding ---- */

static void put_says(const struct finding *x, struct buf *out)
{
	const bool look = x->outcome != ASSAY_OUTCOME_PASS &&
		x->outcome != ASSAY_OUTCOME_NOT_APPLICABLE &&
		x->outcome != ASSAY_OUTCOME_SKIPPED;

	html_text(out, x->message);
	if (x->detail != DETAIL_NONE) {
		buf_text(out, " <span class=\"sub\">");
		html_say(out, "(%s %u)", detail_name(x->detail), x->number);
		buf_text(out, "</span>");
	}
	if (x->outcome == ASSAY_OUTCOME_SKIPPED) {
		buf_text(out, x->message == NULL ? "waits for <code>" : "; waits for <code>");
		html_text(out, check_row(x->because)->id);
		buf_text(out, "</code>");
	}
	if (x->code != ASSAY_OK) {
		buf_text(out, " <code>");
		html_text(out, assay_code_name(x->code));
		buf_text(out, "</code>");
	}
	if (look) {
		put_values(x, out);
	} else if (x->path != NULL) {
		buf_text(out, "<p class=\"sub\">");
		html_text(out, x->path);
		buf_text(out, "</p>");
	}
}

static void put_finding(const struct finding *x, struct buf *out)
{
	buf_text(out, "<tr class=\"f\"><th scope=\"row\">");
	html_text(out, check_row(x->check)->title);
	buf_text(out, "<code class=\"id\">");
	html_text(out, check_row(x->check)->id);
	buf_text(out, "</code></th><td>");
	html_outcome(out, x->outcome);
	buf_text(out, "</td><td class=\"says\">");
	put_says(x, out);
	buf_text(out, "</td></tr>\n");
}

/* How many came out how; in: the part of the findings that is counted. */
typedef bool part(const struct finding *x, const void *of);

static void put_counts(const struct findings *f, part *in, const void *of, struct buf *out)
{
	for (size_t k = 0; k < GROUP_OUTCOMES; k++) {
		size_t n = 0;

		for (size_t i = 0; i < f->n; i++)
			n += f->list[i].outcome == group_order[k] && in(&f->list[i], of);
		if (n == 0)
			continue;
		buf_printf(out, "<span class=\"t\">%zu ", n);
		html_outcome(out, group_order[k]);
		buf_text(out, "</span>");
	}
}

static bool about(const struct finding *x, const void *subject)
{
	return subject_same(x->subject, *(const struct subject *)subject);
}

static bool same_subject(const struct finding *a, const struct finding *b)
{
	return subject_same(a->subject, b->subject);
}

static enum assay_code put_subject(const struct report_view *r, struct subject s,
	const struct report_page *page, struct buf *out, struct assay_err *e)
{
	const struct findings *f = &r->facts->findings;
	char                   text[SUBJECT_TEXT];

	buf_text(out, "<details class=\"group\"><summary><span class=\"name\">");
	html_text(out, subject_text(s, text));
	buf_text(out, "</span> ");
	put_counts(f, about, &s, out);
	buf_text(out, "</summary>\n<div class=\"in\">\n");
	TRY(html_known(r->facts, s, page, out, e));
	buf_text(out,
		"<table class=\"checks stack\">\n<thead><tr><th scope=\"col\" class=\"c1\">Check</th>"
		"<th scope=\"col\" class=\"c2\">Outcome</th><th scope=\"col\">Says</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < f->n; i++)
		if (about(&f->list[i], &s))
			put_finding(&f->list[i], out);
	buf_text(out, "</tbody></table></div></details>\n");
	return ASSAY_OK;
}

enum assay_code html_findings(const struct report_view *r, const struct report_page *page,
	struct buf *out, struct assay_err *e)
{
	const struct findings *f = &r->facts->findings;

	buf_text(out, "<section>\n<h2>Each device, each check</h2>\n<p class=\"lead\">");
	html_count(out, f->n, "finding", "findings");
	buf_text(out,
		", and what is known of each device: only what a signature holds for; the digests are of what was judged, "
		"whatever came of it.</p>\n");
	for (size_t i = 0; i < f->n; i++)
		if (!group_said(f, i, same_subject))
			TRY(put_subject(r, f->list[i].subject, page, out, e));
	buf_text(out, "</section>\n");
	return ASSAY_OK;
}

/* ---- a machine, by chapter ---- */

static const struct {
	const char *part, *title; /* part: the beginning of an id */
} chapters[] = {
	{ "platform.", "Platform" }, { "kernel.", "Kernel" },
	{ "boot.", "Boot loader and command line" }, { "memory.", "Memory" },
	{ "io.", "Disks and network cards" }, { "td.", "TDX guest" }, { "pci.", "PCI devices" },
	{ "driver.", "NVIDIA driver" }, { "lkca.", "Kernel crypto" },
	{ "ppcie.", "Protected PCIe" }, { "initramfs.", "initramfs" },
	{ "service.", "Services" }, { "cc.", "Confidential computing" }, { "cuda.", "CUDA" },
	{ "container.", "Containers" }, { "attestation.", "Attestation" },
	{ "network.", "Network" }, { "", "Other" }, /* nothing is left out */
};

static size_t chapter_of(const struct finding *x)
{
	const char *id = check_row(x->check)->id;
	size_t      i  = 0;

	while (strncmp(id, chapters[i].part, strlen(chapters[i].part)) != 0)
		i++;
	return i;
}

static bool in_chapter(const struct finding *x, const void *chapter)
{
	return chapter_of(x) == *(const size_t *)chapter;
}

/* The length of the id without its last word, if that is the one; else 0. */
static size_t stem(const struct finding *x, const char *last)
{
	const char  *id = check_row(x->check)->id;
	const size_t n = strlen(id), m = strlen(last);

	return n > m && strcmp(id + n - m, last) == 0 ? n - m : 0;
}

#define CONFIGURED ".configured"
#define EFFECTIVE  ".effective"

/* The other half of an item, behind it: what is in effect of what is configured. NULL: there is none, or it is not the next. */
static const struct finding *effect_of(const struct findings *f, size_t i)
{
	const struct finding *x = &f->list[i], *y = x + 1;
	const size_t          n = stem(x, CONFIGURED);

	return n > 0 && i + 1 < f->n && stem(y, EFFECTIVE) == n &&
			subject_same(x->subject, y->subject) &&
			strncmp(check_row(x->check)->id, check_row(y->check)->id, n) == 0
		? y
		: NULL;
}

static void put_step(const struct finding *x, struct buf *out)
{
	const char *remedy = report_remedy(x);

	put_says(x, out);
	if (remedy[0] == 0)
		return;
	buf_text(out, "<p><b>Do:</b> ");
	html_text(out, remedy);
	buf_text(out, "</p>");
}

static void put_state(const char *label, const struct finding *x, struct buf *out)
{
	buf_printf(out, "<span class=\"sub\">%s</span> ", label);
	html_outcome(out, x->outcome);
}

/* One item: y is what is in effect of x, or NULL. */
static void put_item(const struct finding *x, const struct finding *y, struct buf *out)
{
	const struct finding *list[]  = { x, y };
	static const char    *names[] = { "configured", "in effect" };

	buf_text(out, "<tr><th scope=\"row\" class=\"n\">");
	html_text(out, check_item(x->check));
	buf_text(out, "</th><td>");
	html_text(out, check_row(x->check)->title);
	for (size_t i = 0; i < ARRAY_LEN(list) && list[i] != NULL; i++) {
		buf_text(out, "<code class=\"id\">");
		html_text(out, check_row(list[i]->check)->id);
		buf_text(out, "</code>");
	}
	buf_text(out, "</td><td>");
	if (y == NULL)
		html_outcome(out, x->outcome);
	for (size_t i = 0; y != NULL && i < ARRAY_LEN(list); i++) {
		buf_text(out, i == 0 ? "" : "<br/>");
		put_state(names[i], list[i], out);
	}
	buf_text(out, "</td><td class=\"says\">");
	for (size_t i = 0; i < ARRAY_LEN(list) && list[i] != NULL; i++) {
		buf_text(out, "<div class=\"f\">");
		if (y != NULL)
			buf_printf(out, "<span class=\"sub\">%s</span> ", names[i]);
		put_step(list[i], out);
		buf_text(out, "</div>");
	}
	buf_text(out, "</td></tr>\n");
}

static void put_chapter(const struct findings *f, size_t chapter, struct buf *out)
{
	static const enum assay_outcome *const looks = group_order;
	bool                                   open  = false;

	for (size_t i = 0; i < f->n; i++)
		for (size_t k = 0; k < OBJECTIONS; k++)
			open |= in_chapter(&f->list[i], &chapter) &&
				f->list[i].outcome == looks[k];
	buf_printf(out,
		"<details class=\"group\"%s><summary><span class=\"name long\">%s</span> ",
		open ? " open=\"open\"" : "", chapters[chapter].title);
	put_counts(f, in_chapter, &chapter, out);
	buf_text(out,
		"</summary>\n<div class=\"in\"><table class=\"chapter stack\">\n<thead><tr><th scope=\"col\" class=\"c0\">Item</th>"
		"<th scope=\"col\" class=\"c1\">Check</th><th scope=\"col\" class=\"c2\">Outcome</th>"
		"<th scope=\"col\">Says</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *y = effect_of(f, i);

		if (!in_chapter(&f->list[i], &chapter))
			continue;
		put_item(&f->list[i], y, out);
		i += y != NULL;
	}
	buf_text(out, "</tbody></table></div></details>\n");
}

void html_chapters(const struct report_view *r, struct buf *out)
{
	const struct findings *f = &r->facts->findings;

	buf_text(out, "<section>\n<h2>All checks</h2>\n<p class=\"lead\">");
	html_count(out, f->n, "finding", "findings");
	buf_text(out,
		", by chapter. What is configured and what is in effect are two things: a setting takes effect at the next boot or "
		"start.</p>\n");
	for (size_t k = 0; k < ARRAY_LEN(chapters); k++)
		for (size_t i = 0; i < f->n; i++)
			if (in_chapter(&f->list[i], &k)) {
				put_chapter(f, k, out);
				break;
			}
	buf_text(out, "</section>\n");
}
