/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of devices as the text report has it, and what is known of each: of certificates and reports only what a signature
 * holds for. */
#include "report/html.h"

#include "base/hex.h"
#include "base/utc.h"
#include "crypto/digest.h"

static void put_begin(const char *label, struct buf *out)
{
	buf_printf(out, "<dt>%s</dt><dd>", label);
}

static void put_end(struct buf *out)
{
	buf_text(out, "</dd>\n");
}

static void put_line(const char *label, const char *text, struct buf *out)
{
	if (text == NULL || text[0] == 0)
		return;
	put_begin(label, out);
	html_text(out, text);
	put_end(out);
}

static void put_bytes(const char *label, struct bytes in, struct buf *out)
{
	if (in.n == 0)
		return;
	put_begin(label, out);
	html_hex(out, in);
	put_end(out);
}

/* Of what was judged, whatever came of it: it says which evidence this page is about. */
static enum assay_code put_digest(const struct report_page *page, const char *label,
	struct bytes in, struct buf *out, struct assay_err *e)
{
	uint8_t sum[SHA256_SIZE];

	if (page->crypto == NULL || in.n == 0)
		return ASSAY_OK;
	TRY(digest(page->crypto->sha256, in, sum, e));
	put_bytes(label, BYTES_OF(sum), out);
	return ASSAY_OK;
}

/* ---- a device ---- */

static void put_signed(const struct device *d, struct buf *out)
{
	static const struct {
		const char      *label;
		enum opaque_type type;
	} texts[] = {
		{ "Project", OPAQUE_PROJECT },
		{ "Project SKU", OPAQUE_PROJECT_SKU },
		{ "Chip SKU", OPAQUE_CHIP_SKU },
	};
	struct bytes mode = d->opaque.field[OPAQUE_PROTECTED_PCIE_STATUS];

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		if (d->opaque.field[texts[i].type].p == NULL)
			continue;
		put_begin(texts[i].label, out);
		html_foreign(out, opaque_text(&d->opaque, texts[i].type));
		put_end(out);
	}
	put_bytes("Board id", d->opaque.field[OPAQUE_BOARD_ID], out);
	if (mode.n == 1)
		put_line("Protected PCIe",
			mode.p[0] == OPAQUE_ON            ? "on"
				: mode.p[0] == OPAQUE_OFF ? "off"
							  : "neither on nor off",
			out);
	put_bytes("Answers nonce", d->report.nonce, out);
	put_bytes("Firmware id", d->opaque.field[OPAQUE_FWID], out);
}

static void put_rim(const struct rim_fact *r, struct buf *out)
{
	static const char *const names[RIM_KINDS] = {
		[RIM_DRIVER] = "Driver RIM",
		[RIM_VBIOS]  = "VBIOS RIM",
		[RIM_BIOS]   = "BIOS RIM",
	};

	put_begin(names[r->kind], out);
	html_text(out, r->id);
	if (r->usable) {
		buf_text(out, "<br/><span class=\"sub\">version ");
		html_text(out, r->known->version);
		buf_text(out, "</span>");
	}
	if (r->document == NULL) {
		buf_text(out, "<br/>");
		html_word(out, MOOD_DOUBT, "not at hand");
	} else {
		buf_text(out, "<br/><span class=\"sub\">SHA-256 ");
		html_hex(out, BYTES_OF(r->sha256));
		buf_text(out, "</span>");
	}
	put_end(out);
}

static enum assay_code put_device(const struct report_page *page, const struct device *d,
	struct buf *out, struct assay_err *e)
{
	if (d->family != FAMILY_NONE) {
		put_line("Hardware", d->model, out);
		put_line("Serial number", d->ueid, out);
	}
	if (d->pdi_known)
		put_bytes("Id in the topology", BYTES_OF(d->pdi), out);
	if (d->held[device_check(d, CHECK_GPU_REPORT_OPAQUE)])
		put_signed(d, out);
	for (size_t i = 0; i < d->rims; i++)
		put_rim(&d->rim[i], out);
	TRY(put_digest(page, "SHA-256 of its report", d->evidence->report, out, e));
	return put_digest(page, "SHA-256 of its chain", d->evidence->chain, out, e);
}

/* ---- the guest ---- */

static void put_registers(const struct tdx_td *td, struct buf *out)
{
	char label[16];

	put_bytes("MRTD", td->mrtd, out);
	for (size_t i = 0; i < TDX_RTMR; i++) {
		snprintf(label, sizeof(label), "RTMR%zu", i);
		put_bytes(label, td->rtmr[i], out);
	}
	put_bytes("MRSEAM", td->mrseam, out);
	put_bytes("REPORTDATA", td->reportdata, out);
}

static void put_tcb(const struct guest *g, struct buf *out)
{
	if (g->tcb.tdx == NULL || !g->module_known || !g->qe_known)
		return;
	put_begin("TCB", out);
	html_say(out, "%s, level of %.10s", tcb_status_name(g->tcb.merged), UTC(g->tcb.date));
	for (size_t i = 0; i < g->advisories.n; i++) {
		buf_text(out, i == 0 ? "<br/><span class=\"sub\">" : ", ");
		html_text(out, g->advisories.id[i]);
	}
	buf_text(out, g->advisories.n > 0 ? "</span>" : "");
	put_end(out);
}

static enum assay_code put_guest(const struct report_page *page, const struct guest *g,
	struct buf *out, struct assay_err *e)
{
	if (g->held[CHECK_TDX_PCK_CHAIN])
		put_bytes("FMSPC", BYTES_OF(g->pck.fmspc), out);
	if (g->held[CHECK_TDX_QUOTE_SIGNATURE]) {
		put_tcb(g, out);
		put_line("Event log", g->replayed ? "leads to these registers" : "not replayed",
			out);
		put_registers(&g->quote.td, out);
	} else {
		put_line("Quote", "none that holds", out);
	}
	return put_digest(page, "SHA-256 of its quote", g->evidence->report, out, e);
}

enum assay_code html_known(const struct facts *f, struct subject s,
	const struct report_page *page, struct buf *out, struct assay_err *e)
{
	const bool guest = s.kind == SUBJECT_TDX && f->guest != NULL;
	size_t     i     = 0;

	while (i < f->devices && !subject_same(f->device[i].subject, s))
		i++;
	if (!guest && i == f->devices)
		return ASSAY_OK;
	buf_text(out, "<dl class=\"k known\">\n");
	if (guest)
		TRY(put_guest(page, f->guest, out, e));
	else
		TRY(put_device(page, &f->device[i], out, e));
	buf_text(out, "</dl>\n");
	return ASSAY_OK;
}

/* ---- all of them ---- */

static void put_row(const struct facts *f, const struct device *d, struct buf *out)
{
	char text[SUBJECT_TEXT], word[COLUMN_TEXT];

	buf_text(out, "<tr><th scope=\"row\">");
	html_text(out, subject_text(d->subject, text));
	buf_text(out, "</th><td>");
	html_text(out, d->family == FAMILY_NONE ? "-" : device_family_name(d->family));
	buf_text(out, "</td><td class=\"n\">");
	html_text(out, d->driver[0] == 0 ? "-" : d->driver);
	buf_text(out, "</td><td class=\"n\">");
	html_text(out, d->vbios[0] == 0 ? "-" : d->vbios);
	buf_text(out, "</td>");
	for (size_t i = 0; i < COLUMNS; i++) {
		const enum assay_outcome o = column_outcome(f, d, i, word);

		buf_text(out, "<td>");
		html_word(out, outcome_row(o)->mood, word);
		buf_text(out, "</td>");
	}
	buf_text(out, "</tr>\n");
}

void html_devices(const struct facts *f, struct buf *out)
{
	static const char *const titles[] = { "Device", "Family", "Driver", "Firmware",
		"Evidence", "Chain", "Report", "RIMs", "Measurements" };

	if (f->devices == 0)
		return;
	buf_text(out,
		"<section>\n<h2>Devices</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Devices\">"
		"<table>\n<thead><tr>");
	for (size_t i = 0; i < ARRAY_LEN(titles); i++)
		buf_printf(out, "<th scope=\"col\">%s</th>", titles[i]);
	buf_text(out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < f->devices; i++)
		put_row(f, &f->device[i], out);
	buf_text(out, "</tbody></table></div>\n</section>\n");
}
