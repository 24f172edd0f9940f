/* SPDX-License-Identifier: Apache-2.0
 *
 * A plan for people, and as JSON: every path, every command, every reboot, and whether measurements change. */
#include <stdio.h>

#include "base/hex.h"
#include "base/show.h"
#include "env/diff.h"
#include "env/line.h"
#include "env/plan.h"

void shell_word(const char *text, struct buf *out)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=,:@%+-";

	if (text[0] != 0 && text[strspn(text, plain)] == 0)
		buf_text(out, text);
	else
		buf_printf(out, "'%s'", SHOW(bytes_text(text)));
}

void step_line(const struct step *s, struct buf *out)
{
	if (s->what == TXN_DO_UNIT) {
		buf_printf(out, "%s %s", unit_verb_name(s->verb), s->unit);
		return;
	}
	if (s->what == TXN_DO_COMMAND) {
		buf_text(out, "run");
		for (size_t i = 0; s->argv[i] != NULL; i++) {
			buf_byte(out, ' ');
			shell_word(s->argv[i], out);
		}
		return;
	}
	if (s->what == TXN_DO_KEEP || s->what == TXN_DO_DROP) {
		if (s->what == TXN_DO_KEEP)
			buf_printf(out, "keep /%s as", SHOW(bytes_text(s->path)));
		else
			buf_text(out, "drop");
		buf_printf(out, " /%s", SHOW(bytes_text(s->copy)));
		return;
	}
	if (s->want.kind == PLACE_LINK)
		buf_printf(out, "link /%s to %s", SHOW(bytes_text(s->path)),
			SHOW(bytes_text(s->want.link)));
	else
		buf_printf(out, "%s /%s",
			s->want.kind == PLACE_ABSENT             ? "remove"
				: s->before.kind == PLACE_ABSENT ? "write"
								 : "change",
			SHOW(bytes_text(s->path)));
}

static enum assay_code show_step(
	const struct step *s, size_t n, struct buf *out, struct assay_err *e)
{
	buf_printf(out, "%3zu. ", n);
	step_line(s, out);
	buf_printf(out, "\n     %s; %s\n", s->item, s->why);
	if (s->measured)
		buf_text(out, "     measurements of the TD change\n");
	if (s->pin[0] != 0)
		buf_printf(out, "     only with SHA-256 %s\n", s->pin);
	if (s->blocked[0] != 0)
		buf_printf(out, "     WAITS: %s\n", s->blocked);
	if (s->what == TXN_DO_FILE && s->want.kind == PLACE_FILE)
		TRY(diff_text(buf_bytes(&s->before.body), buf_bytes(&s->want.body), out, e));
	return buf_ok(out, e);
}

/* Linux 6.16: the registers as they are now; policies and keys bound to them stop working. */
static void show_registers(const struct machine *m, struct buf *out)
{
	static const char *const names[] = { "mrtd:sha384", "rtmr0:sha384", "rtmr1:sha384",
		"rtmr2:sha384", "rtmr3:sha384" };
	bool                     any     = false;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(buf_done) struct buf raw = { 0 };
		char                         path[128];

		snprintf(path, sizeof(path), "sys/class/misc/tdx_guest/measurements/%s",
			names[i]);
		if (root_read(&m->root, path, 48, &raw) != 0 || raw.n != 48)
			continue;
		buf_printf(out, "  %-13s %s\n", names[i], HEX(buf_bytes(&raw)));
		any = true;
	}
	if (!any)
		buf_text(out,
			"  the registers cannot be read here; assay tdx learn takes them from a quote\n");
}

static enum assay_code show_measured(
	const struct plan *p, const struct machine *m, struct buf *out, struct assay_err *e)
{
	size_t n = 0;

	for (size_t i = 0; i < p->steps; i++)
		n += p->step[i].measured;
	if (n == 0) {
		if (p->steps > 0)
			buf_text(out, "Measurements of the TD do not change.\n");
		return buf_ok(out, e);
	}
	buf_printf(out,
		"Measurements of the TD change by %zu of the steps, from the next boot on: RTMR 1 and 2. Policies and\n"
		"keys that are bound to the old values stop working. The values now:\n",
		n);
	show_registers(m, out);
	return buf_ok(out, e);
}

/* What passed is told, too: it was looked at. */
static void show_ahead(const struct plan *p, struct buf *out)
{
	buf_text(out, p->aheads > 0 ? "\npreflight\n" : "");
	for (size_t i = 0; i < p->aheads; i++)
		buf_printf(out, "  %-8s %-14s %s\n", p->ahead[i].item,
			assay_outcome_name(p->ahead[i].outcome), p->ahead[i].text);
}

static const char *family(const struct machine *m)
{
	return m->os_name[0] != 0  ? m->os_name
		: m->os_id[0] != 0 ? m->os_id
				   : "an unknown system";
}

enum assay_code plan_show(
	const struct plan *p, const struct machine *m, struct buf *out, struct assay_err *e)
{
	struct bytes notes  = buf_bytes(&p->notes);
	bool         border = false;

	buf_printf(out, "Plan for profile %s on %s, kernel %s\n", profile_name(p->profile),
		SHOW(bytes_text(family(m))),
		m->osrelease[0] != 0 ? SHOW(bytes_text(m->osrelease)) : "unknown");
	show_ahead(p, out);
	if (p->refused.code != ASSAY_OK) {
		buf_printf(out, "\nRefused: %s\nNothing would be done.\n",
			assay_err_text(&p->refused));
		return buf_ok(out, e);
	}
	for (size_t i = 0; i < p->steps; i++) {
		if (i == 0 || p->step[i].phase != p->step[i - 1].phase) {
			if (p->reboot && p->step[i].phase > PHASE_BOOT && !border) {
				border = true;
				buf_text(out,
					"\n--- you reboot; then run assay setup apply again ---\n");
			}
			buf_printf(out, "\n%s\n", phase_name(p->step[i].phase));
		}
		TRY(show_step(&p->step[i], i + 1, out, e));
	}
	if (p->steps == 0)
		buf_text(out, "\nNothing is to be done.\n");
	if (p->reboot && !border)
		buf_text(out, "\n--- you reboot; then run assay setup apply again ---\n");
	buf_byte(out, '\n');
	for (size_t at = 0; at < notes.n;) {
		const uint8_t *end = memchr(notes.p + at, '\n', notes.n - at);
		const size_t   n   = (size_t)(end - (notes.p + at));

		buf_printf(out, "Note: %.*s\n", (int)n, (const char *)notes.p + at);
		at += n + 1;
	}
	return show_measured(p, m, out, e);
}

static json_t *step_json(const struct step *s)
{
	CLEANUP(buf_done) struct buf line = { 0 };
	json_t                      *o;

	step_line(s, &line);
	o = json_pack("{s:s,s:s,s:o,s:s,s:b}", "phase", phase_name(s->phase), "item", s->item,
		"does", json_text(buf_bytes(&line)), "why", s->why, "measured", s->measured);
	if (o != NULL && s->path[0] != 0)
		json_object_set_new(o, "path", json_text(bytes_text(s->path)));
	if (o != NULL && s->what == TXN_DO_COMMAND) {
		json_t *argv = json_array();

		for (size_t i = 0; s->argv[i] != NULL; i++)
			json_array_append_new(argv, json_text(bytes_text(s->argv[i])));
		json_object_set_new(o, "argv", argv);
	}
	if (o != NULL && s->blocked[0] != 0)
		json_object_set_new(o, "waits", json_text(bytes_text(s->blocked)));
	if (o != NULL && s->file[0] != 0) {
		json_object_set_new(o, "file", json_text(bytes_text(s->file)));
		json_object_set_new(o, "url", json_text(bytes_text(s->url)));
	}
	if (o != NULL && s->pin[0] != 0)
		json_object_set_new(o, "sha256", json_text(bytes_text(s->pin)));
	return o;
}

static json_t *ahead_json(const struct plan *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->aheads; i++)
		json_array_append_new(list,
			json_pack("{s:s,s:s,s:o}", "item", p->ahead[i].item, "outcome",
				assay_outcome_name(p->ahead[i].outcome), "text",
				json_text(bytes_text(p->ahead[i].text))));
	return list;
}

static json_t *notes_json(const struct plan *p)
{
	struct bytes notes = buf_bytes(&p->notes), line;
	json_t      *list  = json_array();

	for (size_t at = 0; line_next(notes, &at, &line);)
		json_array_append_new(list, json_text(line));
	return list;
}

enum assay_code plan_json(const struct plan *p, json_t **out, struct assay_err *e)
{
	AUTO(json_t) *o = json_pack("{s:s,s:s,s:b,s:[]}", "schema", "assay.plan/1", "profile",
		profile_name(p->profile), "reboot", p->reboot, "steps");

	if (o == NULL)
		return err_no_memory(e);
	for (size_t i = 0; i < p->steps; i++)
		if (json_array_append_new(
			    json_object_get(o, "steps"), step_json(&p->step[i])) != 0)
			return err_no_memory(e);
	json_object_set_new(o, "notes", notes_json(p));
	if (p->aheads > 0)
		json_object_set_new(o, "preflight", ahead_json(p));
	if (p->refused.code != ASSAY_OK)
		json_object_set_new(
			o, "refused", json_text(bytes_text(assay_err_text(&p->refused))));
	*out = TAKE(o);
	return ASSAY_OK;
}
