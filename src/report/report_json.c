/* SPDX-License-Identifier: Apache-2.0
 *
 * assay.report/1. Members are always in this order, and absent only where a comment says so. */
#include "report/report.h"

#include "base/utc.h"
#include "report/guest.h"

const char *report_remedy(const struct finding *f)
{
	const char *remedy = assay_code_remedy(f->code);

	if (f->outcome == ASSAY_OUTCOME_PASS || f->outcome == ASSAY_OUTCOME_NOT_APPLICABLE ||
		f->outcome == ASSAY_OUTCOME_SKIPPED)
		return "";
	if (f->remedy != NULL)
		return f->remedy;
	return remedy[0] != 0 ? remedy : check_row(f->check)->remedy;
}

/* A text member; absent when there is none. What comes in is printable already. */
static bool put(json_t *object, const char *name, const char *text)
{
	return text == NULL || text[0] == 0 ||
		json_object_set_new(object, name, json_string(text)) == 0;
}

static json_t *finding(const struct finding *f)
{
	AUTO(json_t) *o = json_object();
	char          subject[SUBJECT_TEXT];
	bool          ok;

	ok = put(o, "id", check_row(f->check)->id) && put(o, "item", check_item(f->check)) &&
		put(o, "subject", subject_text(f->subject, subject)) &&
		put(o, "outcome", assay_outcome_name(f->outcome));
	if (f->code != ASSAY_OK)
		ok = ok && put(o, "code", assay_code_name(f->code)) &&
			put(o, "class", assay_class_verdict(assay_class(f->code)));
	ok = ok && put(o, "message", f->message) && put(o, "expected", f->expected) &&
		put(o, "observed", f->observed);
	ok = ok && put(o, "path", f->path);
	if (f->detail != DETAIL_NONE)
		ok = ok &&
			json_object_set_new(o, "detail",
				json_pack("{s:i}", detail_name(f->detail), (int)f->number)) ==
				0;
	if (f->outcome == ASSAY_OUTCOME_SKIPPED)
		ok = ok && put(o, "because", check_row(f->because)->id);
	ok = ok && put(o, "waiver", f->waiver) && put(o, "remedy", report_remedy(f)) &&
		put(o, "source", check_row(f->check)->section);
	return ok ? TAKE(o) : NULL;
}

static json_t *findings(const struct findings *f)
{
	AUTO(json_t) *list = json_array();

	for (size_t i = 0; i < f->n; i++)
		if (json_array_append_new(list, finding(&f->list[i])) != 0)
			return NULL;
	return TAKE(list);
}

static bool put_hex(json_t *object, const char *name, struct bytes in)
{
	return in.p == NULL || json_object_set_new(object, name, json_hex(in)) == 0;
}

static bool put_text(json_t *object, const char *name, struct bytes in)
{
	return in.p == NULL || json_object_set_new(object, name, json_text(in)) == 0;
}

/* One RIM that the device needs; what is known of the document only when it was at hand. */
static json_t *rim(const struct rim_fact *r)
{
	AUTO(json_t) *o = json_object();

	if (!put(o, "id", r->id))
		return NULL;
	if (r->document != NULL && !put_hex(o, "sha256", BYTES_OF(r->sha256)))
		return NULL;
	if (r->usable &&
		!(put(o, "tag_id", r->known->tag_id) && put(o, "version", r->known->version)))
		return NULL;
	return TAKE(o);
}

static bool put_rims(json_t *object, const struct device *d)
{
	AUTO(json_t) *list = json_array();

	for (size_t i = 0; i < d->rims; i++)
		if (json_array_append_new(list, rim(&d->rim[i])) != 0)
			return false;
	return json_object_set_new(object, "rims", TAKE(list)) == 0;
}

/* Fields that a signature holds for; nothing of a report whose signature does not. */
static bool put_signed(json_t *o, const struct device *d)
{
	static const struct {
		const char      *name;
		enum opaque_type type;
	} texts[] = {
		{ "project", OPAQUE_PROJECT },
		{ "project_sku", OPAQUE_PROJECT_SKU },
		{ "chip_sku", OPAQUE_CHIP_SKU },
	};
	uint64_t flag;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (!put_text(o, texts[i].name,
			    d->opaque.field[texts[i].type].p == NULL
				    ? (struct bytes){ 0 }
				    : opaque_text(&d->opaque, texts[i].type)))
			return false;
	if (!put_hex(o, "nonce", d->report.nonce) ||
		!put_hex(o, "fwid", d->opaque.field[OPAQUE_FWID]) ||
		!put_hex(o, "board_id", d->opaque.field[OPAQUE_BOARD_ID]) ||
		!put(o, "driver_version", d->driver) || !put(o, "vbios_version", d->vbios))
		return false;
	if (d->opaque.field[OPAQUE_PROTECTED_PCIE_STATUS].n == 1 &&
		!put(o, "protected_pcie",
			d->opaque.field[OPAQUE_PROTECTED_PCIE_STATUS].p[0] == OPAQUE_ON
				? "on"
				: "off"))
		return false;
	if (opaque_number(&d->opaque, OPAQUE_FEATURE_FLAG, &flag) &&
		json_object_set_new(o, "feature_flag", json_integer((json_int_t)flag)) != 0)
		return false;
	return true;
}

/* Which alternative each compared measurement equals; null where it equals none or was not compared. */
static bool put_measurements(json_t *o, const struct device *d)
{
	AUTO(json_t) *chosen = json_array();

	if (d->compared == 0)
		return true;
	for (size_t i = 0; i < RIM_INDICES; i++)
		if (json_array_append_new(chosen,
			    d->chosen[i] < 0 ? json_null() : json_integer(d->chosen[i])) != 0)
			return false;
	return json_object_set_new(o, "measurements",
		       json_pack("{s:i, s:i, s:o}", "equal", (int)d->matched, "compared",
			       (int)d->compared, "alternative", TAKE(chosen))) == 0;
}

static json_t *device(const struct device *d)
{
	AUTO(json_t) *o = json_object();
	char          text[SUBJECT_TEXT];
	bool          ok = put(o, "subject", subject_text(d->subject, text));

	if (d->family != FAMILY_NONE)
		ok = ok && put(o, "arch", device_family_name(d->family)) &&
			put(o, "hwmodel", d->model) && put(o, "ueid", d->ueid);
	if (d->pdi_known)
		ok = ok && put_hex(o, "pdi", BYTES_OF(d->pdi));
	if (d->held[device_check(d, CHECK_GPU_REPORT_OPAQUE)])
		ok = ok && put_signed(o, d);
	ok = ok && put_rims(o, d) && put_measurements(o, d);
	return ok ? TAKE(o) : NULL;
}

static json_t *devices(const struct facts *f)
{
	AUTO(json_t) *list = json_array();

	if (f->guest != NULL && json_array_append_new(list, guest_json(f->guest)) != 0)
		return NULL;
	for (size_t i = 0; i < f->devices; i++)
		if (json_array_append_new(list, device(&f->device[i])) != 0)
			return NULL;
	return TAKE(list);
}

/* What the binding does not prove; NULL on a fault. */
static json_t *residual(void)
{
	AUTO(json_t) *list = json_array();

	for (size_t i = 0; i < ARRAY_LEN(guest_residual); i++)
		if (json_array_append_new(list, json_string(guest_residual[i])) != 0)
			return NULL;
	return TAKE(list);
}

static json_t *wants(const struct facts *f)
{
	AUTO(json_t) *list = json_array();

	for (size_t i = 0; i < f->wants; i++)
		if (json_array_append_new(list, json_string(f->want[i])) != 0)
			return NULL;
	return TAKE(list);
}

/* Absent where there were none. */
static bool put_stages(json_t *object, const struct stages *s)
{
	AUTO(json_t) *list = json_array();

	for (enum stage i = 0; s != NULL && i < STAGES; i++)
		if (stage_shown(s, i) &&
			json_array_append_new(list,
				json_pack("{s:s, s:s, s:I}", "stage", stage_name(i), "status",
					stage_status_name(s->status[i]), "microseconds",
					(json_int_t)s->us[i])) != 0)
			return false;
	return s == NULL || json_object_set_new(object, "stages", TAKE(list)) == 0;
}

static enum assay_code setup_json(
	const struct report_view *r, struct buf *out, struct assay_err *e)
{
	AUTO(json_t) *o = json_object();

	if (!put(o, "schema", SETUP_SCHEMA) || !put(o, "assay", ASSAY_VERSION) ||
		json_object_set_new(o, "at", json_utc(r->at)) != 0 ||
		!put(o, "profile", r->setup) ||
		!put(o, "verdict", report_setup_verdict(r->verdict)) ||
		json_object_set_new(o, "exit", json_integer(assay_class_exit(r->verdict))) !=
			0 ||
		json_object_set_new(o, "findings", findings(&r->facts->findings)) != 0)
		return err_no_memory(e);
	return json_write(o, out, e);
}

const char *report_setup_verdict(enum assay_class c)
{
	return c == ASSAY_CLASS_ACCEPTED ? "ready" : assay_class_verdict(c);
}

enum assay_code report_json(const struct report_view *r, struct buf *out, struct assay_err *e)
{
	AUTO(json_t) *o = r->setup == NULL ? json_object() : NULL;

	if (r->setup != NULL)
		return setup_json(r, out, e);
	if (json_object_set_new(o, "schema", json_string(REPORT_SCHEMA)) != 0 ||
		json_object_set_new(o, "assay", json_string(ASSAY_VERSION)) != 0 ||
		json_object_set_new(o, "at", json_utc(r->at)) != 0 ||
		json_object_set_new(o, "historic", json_boolean(r->historic)) != 0 ||
		json_object_set_new(o, "anchors",
			json_string(r->test_anchors ? "TEST ANCHORS" : "pinned")) != 0 ||
		json_object_set_new(o, "nonce_given", json_boolean(r->nonce_given)) != 0 ||
		json_object_set_new(o, "valid_until",
			r->facts->valid_until == UTC_MAX
				? json_null()
				: json_utc(r->facts->valid_until)) != 0 ||
		json_object_set_new(
			o, "verdict", json_string(assay_class_verdict(r->verdict))) != 0 ||
		json_object_set_new(o, "exit", json_integer(assay_class_exit(r->verdict))) !=
			0 ||
		json_object_set_new(o, "devices", devices(r->facts)) != 0 ||
		json_object_set_new(o, "findings", findings(&r->facts->findings)) != 0 ||
		json_object_set_new(o, "wants", wants(r->facts)) != 0 ||
		(guest_bound(r->facts) &&
			json_object_set_new(o, "residual", residual()) != 0) ||
		!put_stages(o, r->stages))
		return err_no_memory(e);
	return json_write(o, out, e);
}
