/* SPDX-License-Identifier: Apache-2.0
 *
 * The node as a drawing: the guest above its GPUs, these above the switches, and a line for each pair of which one names the
 * other in a field that its signature holds for. What is named and gave no evidence is a box without a device; what is here and
 * nobody names has no line. The same as a table stands below it.
 *
 * Source: nvidia-evidence 7.4. */
#include "report/html.h"

#include "base/hex.h"

#define ROW    10 /* boxes beside each other */
#define BOXES  16 /* of a kind that are drawn; a node has 8 and 4 */
#define NAMED  OPAQUE_LINKS
#define GAP    12
#define GPU_W  112
#define SW_W   190 /* of a few; of more as a GPU */
#define SW_FEW 5
#define BAR_H  56
#define WIRE_H 124 /* room for the lines */
#define LEAD_H 30

struct box {
	const struct device *d; /* NULL: it is only named */
	bool                 pdi_known;
	uint8_t              pdi[PDI];
	bool                 tells; /* its fields are signed */
	size_t               names; /* distinct devices that it names */
	uint8_t              name[NAMED][PDI];
	bool                 linked; /* somebody names it */
	int                  x, y, w;
};

struct drawing {
	struct box gpu[BOXES], sw[BOXES];
	size_t     gpus, switches; /* boxes */
	size_t     more;           /* for which there is no room */
	size_t     gone;           /* boxes without a device */
	size_t     whole, half; /* pairs that name each other, of which one names the other */
	bool       wired;       /* the mode in which links count */
	int        w, h;
};

static bool same_pdi(const uint8_t a[PDI], const uint8_t b[PDI])
{
	return memcmp(a, b, PDI) == 0;
}

static bool names(const struct box *from, const struct box *to)
{
	for (size_t i = 0; to->pdi_known && i < from->names; i++)
		if (same_pdi(from->name[i], to->pdi))
			return true;
	return false;
}

/* As the check of the topology has it: the signed mode, or, where a report leaves that out, that it names anything. */
static bool wired(const struct device *d, size_t named)
{
	struct bytes mode = d->opaque.field[OPAQUE_PROTECTED_PCIE_STATUS];

	return mode.p == NULL ? named > 0 : mode.n == 1 && mode.p[0] == OPAQUE_ON;
}

static void read_box(const struct device *d, struct box *b)
{
	uint8_t pdi[NAMED][PDI];
	size_t  n = 0;

	*b = (struct box){ .d = d, .pdi_known = d->pdi_known };
	memcpy(b->pdi, d->pdi, PDI);
	b->tells = d->held[device_check(d, CHECK_GPU_REPORT_OPAQUE)];
	if (b->tells)
		n = d->subject.kind == SUBJECT_GPU ? opaque_switches(&d->opaque, pdi)
						   : opaque_gpus(&d->opaque, pdi);
	for (size_t i = 0; i < n; i++)
		memcpy(b->name[b->names++], pdi[i], PDI);
}

static void add_named(
	const struct box *from, size_t n, struct box *to, size_t *boxes, struct drawing *g)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < from[i].names; k++) {
			size_t at = 0;

			while (at < *boxes &&
				!(to[at].pdi_known && same_pdi(to[at].pdi, from[i].name[k])))
				at++;
			if (at < *boxes)
				continue;
			if (*boxes == BOXES) {
				g->more++;
				continue;
			}
			to[at] = (struct box){ .pdi_known = true };
			memcpy(to[at].pdi, from[i].name[k], PDI);
			(*boxes)++;
			g->gone++;
		}
}

static void read_drawing(const struct facts *f, struct drawing *g)
{
	size_t gpus, switches;

	for (size_t i = 0; i < f->devices; i++) {
		const struct device *d    = &f->device[i];
		const bool           is   = d->subject.kind == SUBJECT_GPU;
		size_t              *n    = is ? &g->gpus : &g->switches;
		struct box          *list = is ? g->gpu : g->sw;

		if (*n == BOXES) {
			g->more++;
			continue;
		}
		read_box(d, &list[(*n)++]);
		if (!is || wired(d, list[*n - 1].names))
			g->wired = true;
	}
	gpus     = g->gpus;
	switches = g->switches;
	if (!g->wired)
		return;
	add_named(g->gpu, gpus, g->sw, &g->switches, g);
	add_named(g->sw, switches, g->gpu, &g->gpus, g);
}

/* Where nobody of the other kind could name a box, it is no news that nobody does. */
static void hush(struct box *list, size_t n, const struct box *others, size_t m)
{
	bool told = false;

	for (size_t i = 0; i < m; i++)
		told |= others[i].names > 0;
	for (size_t i = 0; i < n; i++)
		list[i].linked |= !told;
}

static void link_boxes(struct drawing *g)
{
	for (size_t i = 0; i < g->gpus; i++)
		for (size_t k = 0; k < g->switches; k++) {
			const bool down = names(&g->gpu[i], &g->sw[k]);
			const bool up   = names(&g->sw[k], &g->gpu[i]);

			g->sw[k].linked |= down;
			g->gpu[i].linked |= up;
			g->whole += down && up;
			g->half += down != up;
		}
	hush(g->gpu, g->gpus, g->sw, g->switches);
	hush(g->sw, g->switches, g->gpu, g->gpus);
}

/* ---- where things stand ---- */

static int row_width(size_t n, int w)
{
	const int in_row = n > ROW ? ROW : (int)n;

	return in_row * (w + GAP) - GAP;
}

static void place(struct box *b, size_t n, int w, int width, int *y)
{
	for (size_t i = 0; i < n; i++) {
		const size_t row  = i / ROW;
		const size_t left = n - row * ROW;

		b[i].w = w;
		b[i].x = (width - row_width(left, w)) / 2 + (int)(i % ROW) * (w + GAP);
		b[i].y = *y + (int)row * (HTML_BOX + GAP);
	}
	*y += (int)((n + ROW - 1) / ROW) * (HTML_BOX + GAP) - GAP;
}

static void place_all(struct drawing *g, bool guest)
{
	const int sw = g->switches > SW_FEW ? GPU_W : SW_W;
	const int a = row_width(g->gpus, GPU_W), b = row_width(g->switches, sw);
	int       y = 2;

	g->w = a > b ? a : b;
	g->w = (g->w < 320 ? 320 : g->w) + 4;
	if (guest)
		y += BAR_H + (g->gpus + g->switches > 0 ? LEAD_H : 0);
	if (g->gpus > 0)
		place(g->gpu, g->gpus, GPU_W, g->w, &y);
	if (g->gpus > 0 && g->switches > 0)
		y += WIRE_H;
	if (g->switches > 0)
		place(g->sw, g->switches, sw, g->w, &y);
	g->h = y + 2;
}

/* ---- the drawing ---- */

static void put_label(const struct box *b, const char *kind, struct buf *out)
{
	char text[SUBJECT_TEXT];

	if (b->d != NULL)
		html_text(out, subject_text(b->d->subject, text));
	else
		buf_text(out, kind);
}

/* Its class, and the word in it. */
static const char *look_of(
	const struct facts *f, const struct box *b, bool wired, char word[COLUMN_TEXT])
{
	enum assay_outcome o;

	if (b->d == NULL) {
		snprintf(word, COLUMN_TEXT, "not here");
		return "gone";
	}
	o = subject_outcome(&f->findings, b->d->subject);
	snprintf(word, COLUMN_TEXT, "%s%s", outcome_row(o)->word,
		wired && !b->linked ? ", not named" : "");
	return html_mood(wired && !b->linked ? MOOD_BAD : outcome_row(o)->mood);
}

void html_box(const struct html_box *b, struct buf *out)
{
	buf_printf(out, "<g class=\"%s\"><title>", b->look);
	html_text(out, b->title);
	buf_printf(out,
		"</title><rect class=\"b\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>"
		"<text class=\"a\" x=\"%d\" y=\"%d\">",
		b->x, b->y, b->w, HTML_BOX, b->x + 9, b->y + 21);
	html_text(out, b->name);
	buf_printf(out, "</text><text class=\"s\" x=\"%d\" y=\"%d\">", b->x + 9, b->y + 41);
	html_text(out, b->word);
	buf_printf(out, "</text><text class=\"p\" x=\"%d\" y=\"%d\">", b->x + 9, b->y + 60);
	html_text(out, b->id);
	buf_text(out, "</text></g>\n");
}

static void put_box(const struct facts *f, const struct drawing *g, const struct box *b,
	const char *kind, struct buf *out)
{
	char        word[COLUMN_TEXT], name[SUBJECT_TEXT], title[3 * COLUMN_TEXT];
	const char *look = look_of(f, b, g->wired, word);

	if (b->d != NULL)
		subject_text(b->d->subject, name);
	else
		snprintf(name, sizeof(name), "%s", kind);
	snprintf(title, sizeof(title), "%s: %s%s%s", name, word,
		b->d == NULL ? "; others name it" : "",
		b->d != NULL && !b->tells ? "; no field of it is signed" : "");
	html_box(&(struct html_box){ b->x, b->y, b->w, look, title, name, word,
			 b->pdi_known ? HEX(BYTES_OF(b->pdi)) : "no id that holds" },
		out);
}

/* From a port of one box to a port of the other, so that no two lines share an end. */
static void put_wire(const struct drawing *g, size_t i, size_t k, bool whole, struct buf *out)
{
	const struct box *a = &g->gpu[i], *b = &g->sw[k];
	const int         x1 = a->x + a->w * (int)(k + 1) / (int)(g->switches + 1);
	const int         x2 = b->x + b->w * (int)(i + 1) / (int)(g->gpus + 1);
	const int         y1 = a->y + HTML_BOX, y2 = b->y, half = (y2 - y1) / 2;

	buf_printf(out, "<path class=\"%s\" d=\"M%d %dC%d %d %d %d %d %d\"/>\n",
		whole ? "l" : "h", x1, y1, x1, y1 + half, x2, y2 - half, x2, y2);
}

static void put_wires(const struct drawing *g, struct buf *out)
{
	for (size_t i = 0; i < g->gpus; i++)
		for (size_t k = 0; k < g->switches; k++) {
			const bool down = names(&g->gpu[i], &g->sw[k]);
			const bool up   = names(&g->sw[k], &g->gpu[i]);

			if (down || up)
				put_wire(g, i, k, down && up, out);
		}
}

/* Does the guest's quote cover what the devices said? */
static bool quote_covers(const struct facts *f)
{
	static const struct subject node = { SUBJECT_NODE, 0 };

	return findings_hold(&f->findings, CHECK_NODE_BINDING_REPORTDATA, node) &&
		findings_hold(&f->findings, CHECK_NODE_BINDING_NONCE, node);
}

static void put_guest(const struct facts *f, const struct drawing *g, struct buf *out)
{
	static const struct subject tdx = { SUBJECT_TDX, 0 };
	const struct guest         *t   = f->guest;
	const enum assay_outcome    o   = subject_outcome(&f->findings, tdx);

	buf_printf(out,
		"<g class=\"%s\"><rect class=\"b\" x=\"2\" y=\"2\" width=\"%d\" height=\"%d\" rx=\"6\"/>"
		"<text x=\"14\" y=\"25\"><tspan class=\"a\">TDX guest</tspan><tspan class=\"s\" dx=\"10\">",
		html_mood(outcome_row(o)->mood), g->w - 4, BAR_H);
	html_text(out, outcome_row(o)->word);
	buf_text(out, "</tspan></text><text class=\"d\" x=\"14\" y=\"45\">");
	if (!t->held[CHECK_TDX_QUOTE_SIGNATURE])
		buf_text(out, "no quote that holds");
	else
		html_say(out, "TD 1.%c, FMSPC %s%s%s", t->quote.body == TDX_TD15 ? '5' : '0',
			HEX(BYTES_OF(t->pck.fmspc)),
			t->tcb.tdx != NULL && t->module_known && t->qe_known ? ", TCB " : "",
			t->tcb.tdx != NULL && t->module_known && t->qe_known
				? tcb_status_name(t->tcb.merged)
				: "");
	buf_text(out, "</text></g>\n");
	for (size_t i = 0; i < g->gpus; i++)
		if (g->gpu[i].d != NULL && i < ROW)
			buf_printf(out, "<path class=\"%s\" d=\"M%d %dV%d\"/>\n",
				quote_covers(f) ? "g" : "h", g->gpu[i].x + g->gpu[i].w / 2,
				2 + BAR_H, g->gpu[i].y);
}

/* What the drawing shows, for who does not see it. */
static void put_sentence(const struct facts *f, const struct drawing *g, struct buf *out)
{
	if (f->guest != NULL)
		buf_text(out, "A TDX guest, ");
	html_count(out, f->gpus, "GPU", "GPUs");
	if (f->switches > 0 || g->wired) {
		buf_text(out, " and ");
		html_count(out, f->switches, "switch", "switches");
	}
	if (g->wired) {
		buf_text(out, "; ");
		html_count(
			out, g->whole, "link that both ends name", "links that both ends name");
	}
	if (g->half > 0)
		buf_printf(out, ", %zu that only one end does", g->half);
	if (g->gone > 0) {
		buf_text(out, "; ");
		html_count(out, g->gone, "device that is named gave",
			"devices that are named gave");
		buf_text(out, " no evidence");
	}
	if (g->more > 0)
		buf_printf(out, "; %zu more are not drawn", g->more);
	buf_text(out, ".");
}

static void put_svg(const struct facts *f, const struct drawing *g, struct buf *out)
{
	buf_printf(out,
		"<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Drawing of the node\">\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"%s\" width=\"%d\" height=\"%d\" "
		"viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"node-title node-desc\">\n"
		"<title id=\"node-title\">The node and its links</title>\n<desc id=\"node-desc\">",
		g->w > 640 ? "wide" : "small", g->w, g->h, g->w, g->h);
	put_sentence(f, g, out);
	buf_text(out, "</desc>\n");
	put_wires(g, out);
	if (f->guest != NULL)
		put_guest(f, g, out);
	for (size_t i = 0; i < g->gpus; i++)
		put_box(f, g, &g->gpu[i], "GPU", out);
	for (size_t i = 0; i < g->switches; i++)
		put_box(f, g, &g->sw[i], "switch", out);
	buf_text(out, "</svg>\n</div>\n");
}

static void put_key(const char *kind, const char *text, struct buf *out)
{
	buf_printf(out,
		"<span><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"28\" height=\"8\" viewBox=\"0 0 28 8\" "
		"aria-hidden=\"true\"><path class=\"%s\" d=\"M0 4H28\"/></svg>%s</span>\n",
		kind, text);
}

static void put_keys(const struct facts *f, const struct drawing *g, struct buf *out)
{
	buf_text(out, "<figcaption>\n");
	if (guest_bound(f))
		put_key(quote_covers(f) ? "g" : "h",
			quote_covers(f) ? "the guest's quote covers this evidence"
					: "no quote that covers this evidence",
			out);
	if (g->whole > 0)
		put_key("l", "NVLink: each names the other, signed", out);
	if (g->half > 0)
		put_key("h", "only one of the two names the other", out);
	if (g->gone > 0)
		buf_text(out, "<span>dashed box: named, and gave no evidence</span>\n");
	if (!g->wired && f->gpus > 0)
		buf_text(out, "<span>no protected PCIe: NVLink is not part of this</span>\n");
	buf_text(out, "</figcaption>\n");
}

/* ---- the same as a table ---- */

static void put_cell(const struct box *a, const struct box *b, struct buf *out)
{
	const bool down = names(a, b), up = names(b, a);

	buf_text(out, "<td>");
	if (down && up)
		html_word(out, MOOD_GOOD, "both");
	else if (down)
		html_word(out, MOOD_BAD, "GPU only");
	else if (up)
		html_word(out, MOOD_BAD, "switch only");
	else
		html_word(out, MOOD_DIM, "none");
	buf_text(out, "</td>");
}

static void put_end(const struct box *b, const char *kind, struct buf *out)
{
	put_label(b, kind, out);
	buf_printf(out, "<code class=\"id\">%s</code>",
		b->pdi_known ? HEX(BYTES_OF(b->pdi)) : "no id that holds");
	if (b->d == NULL)
		html_word(out, MOOD_BAD, "not here");
	else if (!b->linked)
		html_word(out, MOOD_BAD, "nobody names it");
}

static void put_table(const struct drawing *g, struct buf *out)
{
	buf_text(out,
		"<details><summary>Who names whom, as a table</summary>\n<div class=\"scroll\" tabindex=\"0\" "
		"role=\"group\" aria-label=\"Who names whom\"><table>\n<thead><tr><th scope=\"col\">Device</th>");
	for (size_t k = 0; k < g->switches; k++) {
		buf_text(out, "<th scope=\"col\">");
		put_end(&g->sw[k], "switch", out);
		buf_text(out, "</th>");
	}
	buf_text(out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < g->gpus; i++) {
		buf_text(out, "<tr><th scope=\"row\">");
		put_end(&g->gpu[i], "GPU", out);
		buf_text(out, "</th>");
		for (size_t k = 0; k < g->switches; k++)
			put_cell(&g->gpu[i], &g->sw[k], out);
		buf_text(out, "</tr>\n");
	}
	buf_text(out, "</tbody></table></div></details>\n");
}

void html_topology(const struct report_view *r, struct buf *out)
{
	const struct facts *f = r->facts;
	struct drawing      g = { 0 };

	if (f->devices == 0 && f->guest == NULL)
		return;
	read_drawing(f, &g);
	link_boxes(&g);
	place_all(&g, f->guest != NULL);
	buf_text(out, "<section>\n<h2>The node</h2>\n<p class=\"lead\">");
	put_sentence(f, &g, out);
	buf_text(out, "</p>\n<figure>\n");
	put_svg(f, &g, out);
	put_keys(f, &g, out);
	buf_text(out, "</figure>\n");
	if (g.wired)
		put_table(&g, out);
	buf_text(out, "</section>\n");
}
