/* SPDX-License-Identifier: Apache-2.0
 *
 * NVIDIA's evidence JSON to devices, and back: what nvattest, the several tools of nvtrust and CoCo's guest components write, one object a device. Names
 * that are not known are left alone; newer tools add some.
 *
 * Source: nvidia-evidence 1.3. */
#include "base/hex.h"
#include "base/show.h"
#include "format/container.h"

/* Where the devices stand in an object, by who writes it: nvattest's collection, CoCo's guest components, a request to
 * NVIDIA's service, which says arch and nonce once for all. */
static const char *const lists[] = { "evidences", "device_evidence_list", "evidence_list" };

/* Members that are null, as Rust and Go write what is not given, are absent. */
static void drop_nulls(json_t *entry)
{
	const char *name;
	json_t     *value;
	void       *at;

	json_object_foreach_safe(entry, at, name, value)
	{
		if (json_is_null(value))
			json_object_del(entry, name);
	}
}

/* In the report's place old guest components of CoCo have digits. No base64 of a report begins as they do. */
static bool in_digits(struct bytes text)
{
	return (bytes_begin(text, BYTES("11e0")) || bytes_begin(text, BYTES("11E0"))) &&
		hex_like(text);
}

static enum assay_code read_report(
	struct container *c, const json_t *entry, struct bytes *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf report = { 0 };
	struct bytes                 text;

	TRY(json_get_text(entry, "evidence", JSON_MUST, &text, e));
	if (text.n > 2 * (size_t)EVIDENCE_REPORT || !in_digits(text))
		return container_base64(
			c, entry, "evidence", JSON_MUST, EVIDENCE_REPORT, out, e);
	TRY(hex_decode(text, false, &report, e));
	return container_copy(c, buf_bytes(&report), out, e);
}

/* Hints first: a fault in the rest then still tells which device it is about. */
static enum assay_code read_entry(
	struct container *c, json_t *entry, struct evidence_device *d, struct assay_err *e)
{
	enum assay_code code;

	if (!json_is_object(entry))
		return err_set(e, ASSAY_JSON_FIELD, "the device is not an object");
	drop_nulls(entry);
	code    = container_hints(c, entry, &d->hints, e);
	d->kind = device_family_kind(device_family_parse(d->hints.arch));
	TRY(code);
	TRY(read_report(c, entry, &d->report, e));
	TRY(container_base64(c, entry, "certificate", JSON_MUST, EVIDENCE_CHAIN, &d->chain, e));
	return container_settle(d, false, e);
}

static enum assay_code read_array(struct container *c, const json_t *array, struct assay_err *e)
{
	TRY(container_devices(c, json_array_size(array), e));
	for (size_t i = 0; i < c->got.devices; i++) {
		struct evidence_device *d = &c->got.device[i];

		read_entry(c, json_array_get(array, i), d, &d->fault);
		if (d->fault.code != ASSAY_OK &&
			assay_class(d->fault.code) == ASSAY_CLASS_INTERNAL) {
			*e = d->fault;
			return err_wrap(e, "device %zu", i);
		}
	}
	return ASSAY_OK;
}

/* Other files that one has beside evidence, by a member. */
static const struct {
	const char *member, *what;
} strangers[] = {
	{ "tcbInfo", "Intel's TCB info (--collateral FILE)" },
	{ "enclaveIdentity", "Intel's QE identity (--collateral FILE)" },
	{ "tcb_info_issuer_chain", "collateral of a quote (--collateral FILE)" },
	{ "quote",
		"JSON around a quote, whose value alone is wanted, binary, in digits or base64" },
	{ "rim", "a reply of the RIM service (--rim FILE)" },
};

/* nvattest's object without the array, when it collected nothing; or no evidence at all. */
static enum assay_code refuse_object(const json_t *root, struct assay_err *e)
{
	struct assay_err none    = { 0 };
	struct bytes     message = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(strangers); i++)
		if (json_object_get(root, strangers[i].member) != NULL)
			return err_set(e, ASSAY_INPUT_KIND,
				"this is %s; wanted: " CONTAINER_WANTED, strangers[i].what);
	if (json_object_get(root, "result_code") == NULL)
		return err_set(e, ASSAY_INPUT_KIND,
			"a JSON object with neither \"schema\" nor \"evidences\"; wanted: " CONTAINER_WANTED);
	json_get_text(root, "result_message", JSON_MAY, &message, &none);
	return err_set(
		e, ASSAY_JSON_FIELD, "nvattest collected no evidence: \"%s\"", SHOW(message));
}

/* What the object says of all its devices, to each that does not say it of itself. */
static enum assay_code hand_down(const json_t *root, json_t *array, struct assay_err *e)
{
	static const char *const names[] = { "arch", "nonce" };
	json_t                  *entry;
	size_t                   i;

	json_array_foreach(array, i, entry)
	{
		for (size_t k = 0; json_is_object(entry) && k < ARRAY_LEN(names); k++) {
			json_t *value = json_object_get(root, names[k]);

			if (json_is_string(value) && json_object_get(entry, names[k]) == NULL &&
				json_object_set(entry, names[k], value) != 0)
				return err_no_memory(e);
		}
	}
	return ASSAY_OK;
}

/* A device alone, without the array around it. */
static bool alone(const json_t *root)
{
	return json_object_get(root, "evidence") != NULL &&
		json_object_get(root, "certificate") != NULL;
}

enum assay_code nvidia_json_read(struct container *c, json_t *root, struct assay_err *e)
{
	AUTO(json_t) *one  = NULL;
	json_t       *list = NULL;

	if (json_is_array(root))
		return read_array(c, root, e);
	drop_nulls(root);
	for (size_t i = 0; list == NULL && i < ARRAY_LEN(lists); i++)
		TRY(json_get_array(root, lists[i], JSON_MAY, &list, e));
	if (list == NULL && alone(root)) {
		one = json_array();
		if (one == NULL || json_array_append(one, root) != 0)
			return err_no_memory(e);
		list = one;
	}
	if (list == NULL)
		return refuse_object(root, e);
	TRY(hand_down(root, list, e));
	return read_array(c, list, e);
}

/* ---- writing ---- */

/* The nonce of the device's own request; else that of the run. */
static json_t *nonce_json(const struct evidence *ev, const struct evidence_device *d)
{
	if (d->hints.nonce_given)
		return json_hex(BYTES_OF(d->hints.nonce));
	return json_hex(BYTES_OF(ev->nonce));
}

static enum assay_code add_device(const struct evidence *ev, const struct evidence_device *d,
	json_t *array, struct assay_err *e)
{
	enum device_family family = FAMILY_NONE;
	json_t            *entry;

	TRY(device_family_read(d->hints.arch, &family, e));
	entry = json_pack("{s:s, s:o, s:o, s:o}", "arch", device_family_name(family),
		"certificate", json_base64(d->chain), "evidence", json_base64(d->report),
		"nonce", nonce_json(ev, d));
	return entry != NULL && json_array_append_new(array, entry) == 0 ? ASSAY_OK
									 : err_no_memory(e);
}

enum assay_code evidence_write_nvidia(
	const struct evidence *ev, struct buf *out, struct assay_err *e)
{
	AUTO(json_t) *array = json_array();

	if (array == NULL)
		return err_no_memory(e);
	for (size_t i = 0; i < ev->devices; i++) {
		const struct evidence_device *d = &ev->device[i];

		if (d->kind == DEVICE_TDX || d->fault.code != ASSAY_OK || d->report.n == 0)
			continue;
		if (add_device(ev, d, array, e) != ASSAY_OK)
			return err_wrap(e, "device %zu", i);
	}
	return json_write_by(array, 4, out, e);
}
