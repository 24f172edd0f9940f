/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html.h"

#include <stdarg.h>

#include "base/hex.h"
#include "base/show.h"

static const char *const moods[] = {
	[MOOD_PLAIN] = "plain",
	[MOOD_GOOD]  = "good",
	[MOOD_BAD]   = "bad",
	[MOOD_DOUBT] = "doubt",
	[MOOD_DIM]   = "dim",
};

static const char *reference(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void html_text(struct buf *out, const char *text)
{
	for (const char *c = text; c != NULL && *c != 0; c++) {
		const char *name = reference(*c);

		if (name != NULL)
			buf_text(out, name);
		else if (*c >= ' ' && *c <= '~')
			buf_byte(out, (uint8_t)*c);
		else
			buf_printf(out, "\\x%02x", (unsigned char)*c);
	}
}

void html_say(struct buf *out, const char *fmt, ...)
{
	char    text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	html_text(out, text);
}

void html_foreign(struct buf *out, struct bytes text)
{
	html_text(out, SHOW(text));
}

void html_hex(struct buf *out, struct bytes in)
{
	buf_text(out, "<code>");
	hex_encode(in, out);
	buf_text(out, "</code>");
}

const char *html_mood(enum mood mood)
{
	return moods[mood];
}

void html_word(struct buf *out, enum mood mood, const char *word)
{
	buf_printf(out, "<span class=\"w %s\">", moods[mood]);
	html_text(out, word);
	buf_text(out, "</span>");
}

void html_outcome(struct buf *out, enum assay_outcome o)
{
	html_word(out, outcome_row(o)->mood, outcome_row(o)->word);
}

void html_count(struct buf *out, size_t n, const char *one, const char *many)
{
	buf_printf(out, "%zu %s", n, n == 1 ? one : many);
}
