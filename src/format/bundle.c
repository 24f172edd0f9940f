/* SPDX-License-Identifier: Apache-2.0
 *
 * assay.bundle/1 and assay.evidence/1, read and written. The schema has a version, so that a name which is not known is
 * a mistake and refused. Members are written in one order: equal evidence gives equal bytes.
 *
 * Source: docs/bundle.md. */
#include "base/show.h"
#include "base/utc.h"
#include "format/container.h"

static enum assay_code only(const json_t *value, const char *what, const char *const *names,
	size_t n, struct assay_err *e)
{
	if (!json_is_object(value))
		return err_set(e, ASSAY_JSON_FIELD, "%s is not an object", what);
	return json_only(value, names, n, e);
}

/* A moment as evidence_write() spells it; false in *given when the member is absent. */
static enum assay_code read_time(
	const json_t *object, const char *name, bool *given, int64_t *out, struct assay_err *e)
{
	struct bytes     text;
	struct assay_err why = { 0 };

	TRY(json_get_text(object, name, JSON_MAY, &text, e));
	*given = text.p != NULL;
	if (*given && (text.n != UTC_TEXT - 1 || utc_parse(text, out, &why) != ASSAY_OK))
		return err_set(e, ASSAY_JSON_FIELD,
			"\"%s\" is \"%s\"; a time is written 2026-11-23T07:15:00Z", name,
			SHOW(text));
	return ASSAY_OK;
}

static enum assay_code fault_code(struct bytes name, enum assay_code *out, struct assay_err *e)
{
	enum assay_code  code = err_code(name);
	enum assay_class cls  = assay_class(code);

	/* INTERNAL and USAGE are nothing that is said of a device */
	if (code == ASSAY_OK || cls == ASSAY_CLASS_INTERNAL || cls == ASSAY_CLASS_USAGE)
		return err_set(e, ASSAY_JSON_FIELD, "\"%s\" is no code of a fault", SHOW(name));
	*out = code;
	return ASSAY_OK;
}

/* The fault that the writer had noted. It can only take trust away: a device with a fault is never accepted. */
static enum assay_code read_fault(
	const json_t *device, struct assay_err *out, struct assay_err *e)
{
	static const char *const names[] = { "code", "message" };
	json_t                  *fault   = json_object_get(device, "fault");
	enum assay_code          code    = ASSAY_OK;
	struct bytes             name, message;

	if (fault == NULL)
		return ASSAY_OK;
	TRY(only(fault, "\"fault\"", names, ARRAY_LEN(names), e));
	TRY(json_get_text(fault, "code", JSON_MUST, &name, e));
	TRY(json_get_text(fault, "message", JSON_MUST, &message, e));
	TRY(fault_code(name, &code, e));
	if (message.n >= sizeof(out->text))
		return err_set(e, ASSAY_JSON_FIELD, "\"message\" has %zu bytes", message.n);
	for (size_t i = 0; i < message.n; i++)
		if (message.p[i] < 0x20 || message.p[i] > 0x7e)
			return err_set(
				e, ASSAY_JSON_FIELD, "\"message\" is not printable ASCII");
	err_set(out, code, "%.*s", (int)message.n, (const char *)message.p);
	return ASSAY_OK;
}

static enum assay_code read_values(struct container *c, const json_t *object,
	struct evidence_device *d, struct assay_err *e)
{
	struct bytes kind;
	json_t      *hints;
	const size_t limit = EVIDENCE_QUOTE; /* container_settle() knows that of the kind */

	TRY(json_get_text(object, "kind", JSON_MUST, &kind, e));
	if (!device_kind_parse(kind, &d->kind))
		return err_set(e, ASSAY_JSON_FIELD, "\"kind\" is \"%s\"", SHOW(kind));
	TRY(json_get_object(object, "hints", JSON_MAY, &hints, e));
	if (hints != NULL)
		TRY(container_hints(c, hints, &d->hints, e));
	TRY(container_base64(c, object, "report", JSON_MUST, limit, &d->report, e));
	TRY(container_text(
		c, object, "chain", d->kind != DEVICE_TDX, EVIDENCE_CHAIN, &d->chain, e));
	return container_settle(d, true, e);
}

static enum assay_code read_device(struct container *c, const json_t *object,
	struct evidence_device *d, struct assay_err *e)
{
	static const char *const names[]  = { "kind", "report", "chain", "hints", "fault" };
	struct assay_err         recorded = { 0 };
	json_t                  *hints    = json_object_get(object, "hints");

	if (!json_is_object(object)) {
		err_set(&d->fault, ASSAY_JSON_FIELD, "the device is not an object");
		return ASSAY_OK;
	}
	TRY(json_only(object, names, ARRAY_LEN(names), e));
	if (json_is_object(hints))
		TRY(json_only(hints, container_hint_names, ARRAY_LEN(container_hint_names), e));
	TRY(read_fault(object, &recorded, e));
	read_values(c, object, d, &d->fault);
	if (d->fault.code != ASSAY_OK && assay_class(d->fault.code) == ASSAY_CLASS_INTERNAL) {
		*e = d->fault;
		return e->code;
	}
	if (recorded.code != ASSAY_OK)
		d->fault = recorded;
	return ASSAY_OK;
}

static enum assay_code read_piece(
	struct container *c, const json_t *object, struct collateral *p, struct assay_err *e)
{
	static const char *const names[] = { "want", "name", "request", "body", "from",
		"fetched" };
	bool                     given;

	TRY(only(object, "it", names, ARRAY_LEN(names), e));
	TRY(container_text(c, object, "want", JSON_MAY, COLLATERAL_TEXT, &p->want, e));
	TRY(container_text(c, object, "name", JSON_MAY, COLLATERAL_TEXT, &p->name, e));
	TRY(container_text(c, object, "from", JSON_MAY, COLLATERAL_TEXT, &p->from, e));
	TRY(container_base64(c, object, "request", JSON_MAY, COLLATERAL_ASK, &p->request, e));
	TRY(container_base64(c, object, "body", JSON_MUST, COLLATERAL_BODY, &p->body, e));
	if (p->body.n == 0)
		return err_set(e, ASSAY_INPUT_SIZE, "\"body\" is empty");
	return read_time(object, "fetched", &given, &p->fetched, e);
}

static enum assay_code read_arrays(
	struct container *c, const json_t *root, bool bundle, struct assay_err *e)
{
	json_t *devices, *pieces = NULL;

	TRY(json_get_array(root, "evidence", JSON_MUST, &devices, e));
	TRY(container_devices(c, json_array_size(devices), e));
	for (size_t i = 0; i < c->got.devices; i++)
		if (read_device(c, json_array_get(devices, i), &c->got.device[i], e) !=
			ASSAY_OK)
			return err_wrap(e, "\"evidence\"[%zu]", i);
	if (!bundle)
		return ASSAY_OK;
	TRY(json_get_array(root, "collateral", JSON_MUST, &pieces, e));
	TRY(container_collateral(c, json_array_size(pieces), e));
	for (size_t i = 0; i < c->got.collaterals; i++)
		if (read_piece(c, json_array_get(pieces, i), &c->got.collateral[i], e) !=
			ASSAY_OK)
			return err_wrap(e, "\"collateral\"[%zu]", i);
	return ASSAY_OK;
}

enum assay_code bundle_read(
	struct container *c, const json_t *root, bool bundle, struct assay_err *e)
{
	static const char *const names[] = { "schema", "made", "nonce", "evidence", "events",
		"collateral" };
	struct evidence         *ev      = &c->got;

	TRY(json_only(root, names, ARRAY_LEN(names) - (bundle ? 0 : 1), e));
	TRY(read_time(root, "made", &ev->recorded, &ev->made, e));
	TRY(container_nonce(root, &ev->nonce_given, ev->nonce, e));
	if (ev->nonce_given && !ev->recorded)
		return err_set(e, ASSAY_JSON_FIELD, "\"nonce\" without \"made\"");
	TRY(container_base64(c, root, "events", JSON_MAY, EVIDENCE_EVENTS, &ev->events, e));
	return read_arrays(c, root, bundle, e);
}

/* --- writing: a value that could not be made is NULL, and set() remembers that --- */

static void set(json_t *object, const char *name, json_t *value, bool *bad)
{
	if (json_object_set_new(object, name, value) != 0)
		*bad = true;
}

/* As it is, or printable where it is not UTF-8 without NUL and so no JSON string. */
static void set_text(json_t *object, const char *name, struct bytes text, bool *bad)
{
	json_t *value = NULL;

	if (text.p == NULL)
		return;
	if (memchr(text.p, 0, text.n) == NULL)
		value = json_stringn((const char *)text.p, text.n);
	set(object, name, value != NULL ? value : json_text(text), bad);
}

static void set_base64(json_t *object, const char *name, struct bytes in, bool *bad)
{
	if (in.n > 0)
		set(object, name, json_base64(in), bad);
}

static void set_nonce(json_t *object, bool given, const uint8_t nonce[NONCE_SIZE], bool *bad)
{
	if (given)
		set(object, "nonce", json_hex((struct bytes){ nonce, NONCE_SIZE }), bad);
}

static json_t *hints_json(const struct evidence_hints *h, bool *bad)
{
	const struct bytes values[] = { h->arch, h->driver_version, h->vbios_version, h->uuid,
		h->version };
	json_t            *object   = json_object();

	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		set_text(object, container_hint_names[i], values[i], bad);
	set_nonce(object, h->nonce_given, h->nonce, bad);
	return object;
}

static json_t *fault_json(const struct assay_err *fault, bool *bad)
{
	json_t *object = json_object();

	set(object, "code", json_string(assay_code_name(fault->code)), bad);
	set(object, "message", json_string(assay_err_text(fault)), bad); /* printable already */
	return object;
}

static json_t *device_json(const struct evidence_device *d, bool *bad)
{
	json_t *object = json_object(), *hints = hints_json(&d->hints, bad);

	set(object, "kind", json_string(device_kind_name(d->kind)), bad);
	set(object, "report", json_base64(d->report), bad);
	if (d->chain.n > 0 || d->kind != DEVICE_TDX)
		set_text(object, "chain", d->chain.n > 0 ? d->chain : BYTES(""), bad);
	if (json_object_size(hints) > 0)
		set(object, "hints", json_incref(hints), bad);
	json_decref(hints);
	if (d->fault.code != ASSAY_OK)
		set(object, "fault", fault_json(&d->fault, bad), bad);
	return object;
}

static json_t *piece_json(const struct collateral *p, bool *bad)
{
	json_t *object = json_object();

	set_text(object, "want", p->want, bad);
	set_text(object, "name", p->name, bad);
	set_base64(object, "request", p->request, bad);
	set(object, "body", json_base64(p->body), bad);
	set_text(object, "from", p->from, bad);
	if (p->fetched != 0)
		set(object, "fetched", json_utc(p->fetched), bad);
	return object;
}

static json_t *evidence_json(const struct evidence *ev, bool *bad)
{
	json_t *root = json_object(), *devices = json_array(), *pieces = json_array();

	set(root, "schema", json_string(ev->collaterals > 0 ? SCHEMA_BUNDLE : SCHEMA_EVIDENCE),
		bad);
	if (ev->recorded) {
		set(root, "made", json_utc(ev->made), bad);
		set_nonce(root, ev->nonce_given, ev->nonce, bad);
	}
	for (size_t i = 0; i < ev->devices; i++)
		*bad |= json_array_append_new(devices, device_json(&ev->device[i], bad)) != 0;
	for (size_t i = 0; i < ev->collaterals; i++)
		*bad |= json_array_append_new(pieces, piece_json(&ev->collateral[i], bad)) != 0;
	set(root, "evidence", devices, bad);
	set_base64(root, "events", ev->events, bad);
	if (ev->collaterals > 0)
		set(root, "collateral", json_incref(pieces), bad);
	json_decref(pieces);
	return root;
}

/* A chain as escapes would be another chain; better none of it is written. */
static enum assay_code check_chains(const struct evidence *ev, struct assay_err *e)
{
	for (size_t i = 0; i < ev->devices; i++) {
		struct bytes chain = ev->device[i].chain;

		for (size_t k = 0; k < chain.n; k++)
			if (chain.p[k] == 0 || chain.p[k] >= 0x80)
				return err_set(e, ASSAY_INPUT_PEM,
					"device %zu: byte 0x%02x at %zu of the chain is not PEM text",
					i, chain.p[k], k);
	}
	return ASSAY_OK;
}

enum assay_code evidence_write(const struct evidence *ev, struct buf *out, struct assay_err *e)
{
	const size_t  limit = BUNDLE_FILE_MAX;
	bool          bad   = false;
	size_t        start = out->n;
	AUTO(json_t) *root  = NULL;

	TRY(check_chains(ev, e));
	root = evidence_json(ev, &bad);
	if (bad)
		return err_no_memory(e);
	TRY(json_write(root, out, e));
	if (out->n - start > limit) {
		size_t n = out->n - start;

		out->n = start;
		return err_set(e, ASSAY_INPUT_SIZE,
			"written it would have %zu bytes, over the limit of %zu", n, limit);
	}
	return ASSAY_OK;
}
