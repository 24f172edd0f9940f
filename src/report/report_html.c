/* SPDX-License-Identifier: Apache-2.0
 *
 * The report as one page that needs nothing else: no script, no font, no image, nothing to load, and a policy in it that lets
 * nothing in. The verdict comes first, in one sentence; then when and by what it was judged; what objects, and what to do; the
 * node; each device; each check. */
#include "report/html.h"

#include "base/show.h"
#include "base/utc.h"
#include "verify/binding.h"

#define SOURCES 12 /* names of files that are told */

/* What a verdict says, before anything of this report does. */
static const struct {
	const char *title, *says;
	enum mood   mood;
} verdicts[] = {
	[ASSAY_CLASS_ACCEPTED]    = { "Accepted", "Every required check held", MOOD_GOOD },
	[ASSAY_CLASS_REJECTED]    = { "Rejected", "It must not be trusted", MOOD_BAD },
	[ASSAY_CLASS_USAGE]       = { "Not judged", "The command was used wrong", MOOD_BAD },
	[ASSAY_CLASS_UNDECIDED]   = { "Undecided", "Nothing shows that it may be trusted",
		  MOOD_DOUBT },
	[ASSAY_CLASS_UNAVAILABLE] = { "Unavailable", "A device or a service does not answer",
		MOOD_BAD },
	[ASSAY_CLASS_NOT_READY] = { "Not ready", "It is not set up, or not started", MOOD_BAD },
	[ASSAY_CLASS_MALFORMED] = { "Malformed", "The input is not what it claims to be",
		MOOD_BAD },
	[ASSAY_CLASS_INTERNAL]  = { "Internal", "A defect of assay", MOOD_BAD },
};

static const char *command(const struct report_view *r)
{
	return r->setup != NULL     ? "assay doctor"
		: r->stages != NULL ? "assay attest"
				    : "assay verify";
}

static const char *title(const struct report_view *r)
{
	return r->setup != NULL && r->verdict == ASSAY_CLASS_ACCEPTED
		? "Ready"
		: verdicts[r->verdict].title;
}

/* ---- the head ---- */

static void put_head(const struct report_view *r, struct buf *out)
{
	buf_printf(out,
		"<!DOCTYPE html>\n<html lang=\"en\" xml:lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
		"<meta charset=\"utf-8\"/>\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src %s; base-uri 'none'; "
		"form-action 'none'\"/>\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
		"<meta name=\"color-scheme\" content=\"light dark\"/>\n<meta name=\"referrer\" content=\"no-referrer\"/>\n"
		"<meta name=\"generator\" content=\"assay %s\"/>\n<title>%s%s: %s, %s</title>\n<style>",
		html_style_source, ASSAY_VERSION, r->test_anchors ? "TEST ANCHORS, " : "",
		title(r), command(r), UTC(r->at));
	buf_text(out, html_style);
	buf_text(out, "</style>\n</head>\n<body>\n");
}

/* ---- the verdict ---- */

static bool objects(const struct finding *x)
{
	return x->outcome == ASSAY_OUTCOME_FAIL || x->outcome == ASSAY_OUTCOME_UNKNOWN ||
		x->outcome == ASSAY_OUTCOME_PENDING_REBOOT ||
		x->outcome == ASSAY_OUTCOME_IN_PROGRESS;
}

/* The finding that the verdict is of: the first of its class, or else the first that objects. */
static const struct finding *first_objection(const struct report_view *r, size_t *n)
{
	const struct findings *f   = &r->facts->findings;
	const struct finding  *out = NULL;

	for (size_t i = 0; i < f->n; i++) {
		const struct finding *x = &f->list[i];

		if (!objects(x))
			continue;
		(*n)++;
		if (out == NULL ||
			(assay_class(out->code) != r->verdict &&
				assay_class(x->code) == r->verdict))
			out = x;
	}
	return out;
}

static void put_objection(const struct finding *x, size_t n, struct buf *out)
{
	char text[SUBJECT_TEXT];

	buf_text(out, n == 1 ? "one finding objects: " : "");
	if (n > 1)
		buf_printf(out, "%zu findings object, the first: ", n);
	if (x->subject.kind != SUBJECT_HOST && x->subject.kind != SUBJECT_NODE) {
		html_text(out, subject_text(x->subject, text));
		buf_text(out, ": ");
	}
	html_text(out,
		x->message != NULL && x->message[0] != 0 ? x->message
							 : check_row(x->check)->title);
}

static void put_what(const struct facts *f, struct buf *out)
{
	buf_text(out, ", for ");
	html_count(out, f->gpus, "GPU", "GPUs");
	if (f->switches > 0) {
		buf_text(out, ", ");
		html_count(out, f->switches, "switch", "switches");
	}
	buf_text(out, f->guest != NULL ? " and the TDX guest" : "");
}

static void put_sentence(const struct report_view *r, struct buf *out)
{
	size_t                n = 0;
	const struct finding *x = first_objection(r, &n);

	if (r->setup != NULL && r->verdict == ASSAY_CLASS_ACCEPTED)
		buf_text(out,
			"Every check held, by this machine&#39;s own words; only assay attest proves it");
	else
		buf_text(out, verdicts[r->verdict].says);
	if (r->setup == NULL && r->verdict == ASSAY_CLASS_ACCEPTED && r->facts->gpus > 0)
		put_what(r->facts, out);
	if (r->verdict != ASSAY_CLASS_ACCEPTED && x != NULL) {
		buf_text(out, "; ");
		put_objection(x, n, out);
	}
	buf_byte(out, '.');
}

static void put_strips(const struct report_view *r, struct buf *out)
{
	if (r->test_anchors)
		buf_text(out,
			"<p class=\"strip\"><b>TEST ANCHORS</b>: not NVIDIA&#39;s and Intel&#39;s roots; proves nothing about "
			"real devices</p>\n");
	if (r->historic)
		buf_printf(out,
			"<p class=\"strip\"><b>Historic</b>: as of %s; says nothing about now</p>\n",
			UTC(r->at));
}

static void put_verdict(const struct report_view *r, struct buf *out)
{
	buf_printf(out,
		"<div class=\"verdict %s\">\n<p class=\"eyebrow\">%s</p>\n<h1>%s</h1>\n<p>",
		html_mood(verdicts[r->verdict].mood), command(r), title(r));
	put_sentence(r, out);
	buf_text(out, "</p>\n</div>\n");
}

/* ---- when, by whom, of what ---- */

static void put_begin(const char *label, bool wide, struct buf *out)
{
	buf_printf(out, "<div%s><dt>%s</dt><dd>", wide ? " class=\"wide\"" : "", label);
}

static void put_end(struct buf *out)
{
	buf_text(out, "</dd></div>\n");
}

static void put_fact(const char *label, const char *text, struct buf *out)
{
	put_begin(label, false, out);
	html_text(out, text);
	put_end(out);
}

static void put_sources(const struct evidence *ev, struct buf *out)
{
	if (ev == NULL || ev->sources == 0)
		return;
	put_begin("Evidence", true, out);
	for (size_t i = 0; i < ev->sources && i < SOURCES; i++) {
		buf_text(out, i == 0 ? "" : "<br/>");
		html_text(out, ev->source[i]);
	}
	if (ev->sources > SOURCES)
		buf_printf(out, "<br/>and %zu more", ev->sources - SOURCES);
	put_end(out);
}

/* Over what all devices said, as the guest's quote covers it. None where a device gave nothing. */
static enum assay_code put_manifest(
	const struct report_view *r, const struct report_page *page, struct buf *out)
{
	struct assay_err why = { 0 };
	uint8_t          sum[BINDING_MANIFEST];
	enum assay_code  code;

	if (page->crypto == NULL || page->evidence == NULL || r->facts->devices == 0)
		return ASSAY_OK;
	code = binding_manifest(page->crypto, page->evidence, sum, &why);
	if (code != ASSAY_OK)
		return assay_class(code) == ASSAY_CLASS_INTERNAL ? code : ASSAY_OK;
	put_begin("Digest of the evidence (manifest, SHA-384)", true, out);
	html_hex(out, BYTES_OF(sum));
	put_end(out);
	return ASSAY_OK;
}

static void put_notes(struct bytes notes, struct buf *out)
{
	if (notes.n == 0)
		return;
	put_begin("Done", false, out);
	for (size_t at = 0; at < notes.n;) {
		const uint8_t *end = memchr(notes.p + at, '\n', notes.n - at);
		const size_t   n   = end == NULL ? notes.n - at : (size_t)(end - notes.p) - at;

		buf_text(out, at == 0 ? "" : "<br/>");
		html_foreign(out, (struct bytes){ notes.p + at, n });
		at += n + 1;
	}
	put_end(out);
}

static enum assay_code put_facts(const struct report_view *r, const struct report_page *page,
	struct buf *out, struct assay_err *e)
{
	buf_text(out, "<dl class=\"facts\">\n");
	put_fact(r->setup != NULL ? "Looked at" : "Judged as of", UTC(r->at), out);
	if (r->setup != NULL) {
		put_fact("Profile", r->setup, out);
	} else {
		if (r->verdict == ASSAY_CLASS_ACCEPTED && r->facts->valid_until != UTC_MAX)
			put_fact("Valid until", UTC(r->facts->valid_until), out);
		put_fact("Anchors",
			r->test_anchors ? "TEST ANCHORS" : "NVIDIA's and Intel's roots, pinned",
			out);
		put_fact("Nonce",
			r->nonce_given ? "given, and compared"
				       : "none given: nothing shows that it is fresh",
			out);
		put_fact("Policy",
			page->policy == NULL ? "the strict default"
					     : SHOW(bytes_text(page->policy)),
			out);
	}
	put_notes(page->notes, out);
	put_begin("Exit status", false, out);
	buf_printf(out, "%d, %s", assay_class_exit(r->verdict),
		r->setup != NULL ? report_setup_verdict(r->verdict)
				 : assay_class_verdict(r->verdict));
	put_end(out);
	put_fact("Program", "assay " ASSAY_VERSION, out);
	if (r->setup == NULL && r->stages == NULL)
		put_sources(page->evidence, out);
	if (put_manifest(r, page, out) != ASSAY_OK)
		return err_no_memory(e);
	buf_text(out, "</dl>\n");
	return ASSAY_OK;
}

/* ---- stages ---- */

#define BAR 160 /* its longest */

static void put_stage(const struct stages *s, enum stage i, struct buf *out)
{
	static const enum mood moods[] = {
		[STAGE_SKIPPED] = MOOD_DIM,
		[STAGE_SUCCESS] = MOOD_GOOD,
		[STAGE_FAILED]  = MOOD_BAD,
	};
	const int64_t whole = s->total_us > 0 ? s->total_us : 1;
	const int64_t part  = s->us[i] < 0 ? 0 : s->us[i] > whole ? whole : s->us[i];

	buf_printf(out, "<tr><th scope=\"row\">%s</th><td>", stage_name(i));
	html_word(out, moods[s->status[i]], stage_status_name(s->status[i]));
	if (part == 0)
		buf_text(out, "</td><td class=\"r\">-</td><td></td></tr>\n");
	else
		buf_printf(out,
			"</td><td class=\"r n\">%.3f s</td><td><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
			"height=\"8\" aria-hidden=\"true\"><rect class=\"bar\" width=\"%d\" height=\"8\" rx=\"2\"/></svg></td></tr>\n",
			(double)s->us[i] / 1e6, BAR, 1 + (int)(part * (BAR - 1) / whole));
}

static void put_stages(const struct stages *s, struct buf *out)
{
	if (s == NULL)
		return;
	buf_printf(out,
		"<section>\n<h2>Stages</h2>\n<p class=\"lead\">%.3f s in all; stages overlap.</p>\n"
		"<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Stages\"><table class=\"stages\">\n"
		"<thead><tr><th scope=\"col\">Stage</th><th scope=\"col\">Status</th><th scope=\"col\" class=\"r\">Time</th>"
		"<th scope=\"col\">Share</th></tr></thead>\n<tbody>\n",
		(double)s->total_us / 1e6);
	for (enum stage i = 0; i < STAGES; i++)
		if (stage_shown(s, i))
			put_stage(s, i, out);
	buf_text(out, "</tbody></table></div>\n</section>\n");
}

/* ---- the rest ---- */

static void put_wants(const struct facts *f, struct buf *out)
{
	if (f->wants == 0)
		return;
	buf_text(out,
		"<section>\n<h2>What is missing</h2>\n<p class=\"lead\">Collateral that the verdict waits for; assay gather fetches it.</p>\n<ul>\n");
	for (size_t i = 0; i < f->wants; i++) {
		buf_text(out, "<li><code>");
		html_text(out, f->want[i]);
		buf_text(out, "</code></li>\n");
	}
	buf_text(out, "</ul>\n</section>\n");
}

static void put_residual(const struct facts *f, struct buf *out)
{
	if (!guest_bound(f))
		return;
	buf_text(out, "<section>\n<h2>What it does not show</h2>\n<ul>\n");
	for (size_t i = 0; i < ARRAY_LEN(guest_residual); i++) {
		buf_text(out, "<li>");
		html_text(out, guest_residual[i]);
		buf_text(out, "</li>\n");
	}
	buf_text(out, "</ul>\n</section>\n");
}

static void put_foot(const struct report_view *r, struct buf *out)
{
	buf_printf(out,
		"</main>\n<footer><div>Written by assay %s (%s). The verdict is the exit status; this page says why. "
		"It loads nothing and runs nothing, and nothing signs it: to hold somebody else to a verdict, ask for the %s.</div></footer>\n"
		"</body>\n</html>\n",
		ASSAY_VERSION, command(r),
		r->setup != NULL ? "evidence (assay collect)"
				 : "token (--token) or the bundle");
}

enum assay_code report_html(const struct report_view *r, const struct report_page *page,
	struct buf *out, struct assay_err *e)
{
	put_head(r, out);
	buf_text(out, "<header>\n");
	put_strips(r, out);
	put_verdict(r, out);
	TRY(put_facts(r, page, out, e));
	buf_text(out, "</header>\n<main>\n");
	html_looks(r, out);
	put_wants(r->facts, out);
	html_topology(r, out);
	html_bus(r, page, out);
	html_devices(r->facts, out);
	put_stages(r->stages, out);
	html_notes(r, out);
	if (r->setup != NULL)
		html_chapters(r, out);
	else
		TRY(html_findings(r, page, out, e));
	put_residual(r->facts, out);
	put_foot(r, out);
	return buf_ok(out, e);
}
