/* SPDX-License-Identifier: Apache-2.0
 *
 * NVIDIA's evidence JSON to devices, and back: what nvattest and the several tools of nvtrust write, one object a device. Names
 * that are not known are left alone; newer tools add some.
 *
 * Source: nvidia-evidence 1.3. */
#include "format/container.h"

/* Hints first: a fault in the rest then still tells which device it is about. */
static enum assay_code read_entry(struct container *c, const json_t *entry,
	struct evidence_device *d, struct assay_err *e)
{
	enum assay_code code;

	if (!json_is_object(entry))
		return err_set(e, ASSAY_JSON_FIELD, "the device is not an object");
	code    = container_hints(c, entry, &d->hints, e);
	d->kind = device_family_kind(device_family_parse(d->hints.arch));
	TRY(code);
	TRY(container_base64(c, entry, "evidence", JSON_MUST, EVIDENCE_REPORT, &d->report, e));
	TRY(container_base64(c, entry, "certificate", JSON_MUST, EVIDENCE_CHAIN, &d->chain, e));
	return container_settle(d, false, e);
}

enum assay_code nvidia_json_read(struct container *c, const json_t *array, struct assay_err *e)
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
