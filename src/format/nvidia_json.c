/* SPDX-License-Identifier: Apache-2.0
 *
 * NVIDIA's evidence JSON to devices: what nvattest and the several tools of nvtrust write, one object a device. Names
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
