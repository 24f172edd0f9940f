/* SPDX-License-Identifier: Apache-2.0
 *
 * Pieces of the HTML report. The page is HTML and well-formed XML at once, of printable ASCII and newlines alone, so that
 * nothing depends on how a reader guesses its encoding. Markup is written by buf_text() and buf_printf() from literals;
 * every other text goes through one of the functions here. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "report/group.h"
#include "report/guest.h"
#include "report/report.h"

/* Content or the value of an attribute, appended: the five characters of markup become references, bytes that are not
 * printable \xNN (second line of defence: what is in a report is printable already). NULL: nothing. */
void html_text(struct buf *out, const char *text);

/* Formatted, and then as html_text(). */
__attribute__((format(printf, 2, 3))) void html_say(struct buf *out, const char *fmt, ...);

/* Bytes from outside: by show(), then as html_text(). */
void html_foreign(struct buf *out, struct bytes text);

/* All the digits, in a code element. */
void html_hex(struct buf *out, struct bytes in);

const char *html_mood(enum mood mood); /* the class of it: "good" */

/* A word with its colour; the word says it alone, too. */
void html_word(struct buf *out, enum mood mood, const char *word);
void html_outcome(struct buf *out, enum assay_outcome o);

/* "1 check", "3 checks". */
void html_count(struct buf *out, size_t n, const char *one, const char *many);

/* The style sheet, and the source that a content security policy allows it by: 'sha256-...'. */
extern const char html_style[];
extern const char html_style_source[];

/* Parts of the page; each is a section with its heading, or nothing where there is nothing to say. */
void html_topology(const struct report_view *r, struct buf *out);
void html_devices(const struct facts *f, struct buf *out);        /* the table */
void html_looks(const struct report_view *r, struct buf *out);    /* what decides */
void html_notes(const struct report_view *r, struct buf *out);    /* waived, warnings */
void html_chapters(const struct report_view *r, struct buf *out); /* all, of a set-up */
enum assay_code html_findings(const struct report_view *r, const struct report_page *page,
	struct buf *out, struct assay_err *e); /* all, of evidence */

/* What is on the bus of a machine whose set-up was looked at, drawn. */
void html_bus(const struct report_view *r, const struct report_page *page, struct buf *out);

/* A box of a drawing: at x and y, so wide, HTML_BOX high. look is its class: a mood, or "gone". */
#define HTML_BOX 72
struct html_box {
	int         x, y, w;
	const char *look, *title, *name, *word, *id;
};
void html_box(const struct html_box *b, struct buf *out);

/* What is known of a subject, where that is a device or the guest: a list, or nothing. */
enum assay_code html_known(const struct facts *f, struct subject s,
	const struct report_page *page, struct buf *out, struct assay_err *e);

#endif
