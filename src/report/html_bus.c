/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine's devices as its bus shows them, with what belongs there and is not. No line joins them: which device is linked to
 * which is told by signed evidence alone, and this is none. */
#include "report/html.h"

#define ROW   10
#define MOST  64 /* boxes that are drawn */
#define WIDTH 112
#define GAP   12
#define BAR   40

struct row {
	bool        nvswitch;
	const char *name;
	size_t      there, boxes; /* what is missing stands behind what is there */
};

static size_t there(const struct report_page *page, bool nvswitch)
{
	size_t n = 0;

	for (size_t i = 0; i < page->seats; i++)
		n += page->seat[i].nvswitch == nvswitch;
	return n;
}

static struct row row_of(const struct report_page *page, bool nvswitch)
{
	const size_t want = nvswitch ? page->switches : page->gpus;
	struct row   r    = { nvswitch, nvswitch ? "switch" : "GPU", there(page, nvswitch), 0 };

	r.boxes = r.there > want ? r.there : want;
	r.boxes = r.boxes > MOST ? MOST : r.boxes;
	return r;
}

static const struct report_seat *seat_of(
	const struct report_page *page, bool nvswitch, size_t n)
{
	for (size_t i = 0; i < page->seats; i++)
		if (page->seat[i].nvswitch == nvswitch && n-- == 0)
			return &page->seat[i];
	return NULL;
}

static int lines(const struct row *r)
{
	return (int)((r->boxes + ROW - 1) / ROW);
}

static int width_of(size_t boxes)
{
	return (int)(boxes > ROW ? ROW : boxes) * (WIDTH + GAP) - GAP;
}

static void put_row(
	const struct report_page *page, const struct row *r, int width, int y, struct buf *out)
{
	for (size_t i = 0; i < r->boxes; i++) {
		const struct report_seat *s    = seat_of(page, r->nvswitch, i);
		const size_t              left = r->boxes - i / ROW * ROW;
		const bool driver       = s != NULL && s->driver != NULL && s->driver[0] != 0;
		const struct html_box b = {
			.x     = (width - width_of(left)) / 2 + (int)(i % ROW) * (WIDTH + GAP),
			.y     = y + (int)(i / ROW) * (HTML_BOX + GAP),
			.w     = WIDTH,
			.look  = s == NULL ? "gone"
				 : driver  ? "plain"
					   : "doubt",
			.title = s == NULL ? "it belongs here" : "on the bus",
			.name  = r->name,
			.word  = s == NULL ? "not here"
				 : driver  ? s->driver
					   : "no driver",
			.id    = s == NULL ? "" : s->address,
		};

		html_box(&b, out);
	}
}

/* Does the processor say that it is a guest? */
static void put_guest(const struct findings *f, int width, struct buf *out)
{
	enum assay_outcome o = ASSAY_OUTCOME_SKIPPED;

	for (size_t i = 0; i < f->n; i++)
		if (f->list[i].check == CHECK_TD_GUEST)
			o = f->list[i].outcome;
	buf_printf(out,
		"<g class=\"%s\"><rect class=\"b\" x=\"2\" y=\"2\" width=\"%d\" height=\"%d\" rx=\"6\"/>"
		"<text x=\"14\" y=\"27\"><tspan class=\"a\">TDX guest</tspan><tspan class=\"s\" dx=\"10\">",
		o == ASSAY_OUTCOME_PASS ? "plain" : html_mood(outcome_row(o)->mood), width - 4,
		BAR);
	html_text(out,
		o == ASSAY_OUTCOME_PASS ? "by the processor's word" : outcome_row(o)->word);
	buf_text(out, "</tspan></text></g>\n");
}

static void put_sentence(const struct row *gpu, const struct row *sw, struct buf *out)
{
	html_count(out, gpu->there, "GPU", "GPUs");
	buf_text(out, " and ");
	html_count(out, sw->there, "switch", "switches");
	buf_text(out, " on the bus");
	if (gpu->boxes > gpu->there || sw->boxes > sw->there)
		buf_printf(out, "; %zu and %zu belong there", gpu->boxes, sw->boxes);
	buf_text(out,
		". By this machine&#39;s own words; assay attest alone shows what is linked to what.");
}

void html_bus(const struct report_view *r, const struct report_page *page, struct buf *out)
{
	const struct row gpu = row_of(page, false), sw = row_of(page, true);
	const size_t     most   = gpu.boxes > sw.boxes ? gpu.boxes : sw.boxes;
	const int        width  = (width_of(most) < 320 ? 320 : width_of(most)) + 4;
	int              y      = 2 + BAR + GAP;
	const int        height = y + (lines(&gpu) + lines(&sw)) * (HTML_BOX + GAP) - GAP + 2;

	if (most == 0)
		return;
	buf_text(out, "<section>\n<h2>The bus</h2>\n<p class=\"lead\">");
	put_sentence(&gpu, &sw, out);
	buf_printf(out,
		"</p>\n<figure>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Drawing of the bus\">\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"%s\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
		"role=\"img\" aria-labelledby=\"bus-title bus-desc\">\n<title id=\"bus-title\">Devices on the bus</title>\n"
		"<desc id=\"bus-desc\">",
		width > 640 ? "wide" : "small", width, height, width, height);
	put_sentence(&gpu, &sw, out);
	buf_text(out, "</desc>\n");
	put_guest(&r->facts->findings, width, out);
	put_row(page, &gpu, width, y, out);
	y += lines(&gpu) * (HTML_BOX + GAP);
	put_row(page, &sw, width, y, out);
	buf_text(out, "</svg>\n</div>\n</figure>\n</section>\n");
}
