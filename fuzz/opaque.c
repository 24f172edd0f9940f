/* SPDX-License-Identifier: Apache-2.0
 *
 * Accepted data is its items one after another, to the byte; each type is there once; what may become part of a RIM's id
 * has nothing but letters, digits and dots. Read for a GPU and for a switch. */
#include "fuzz.h"

#include "format/opaque.h"

static void check_text(const struct opaque *o, enum opaque_type type)
{
	struct bytes v = opaque_text(o, type);

	for (size_t i = 0; i < v.n; i++)
		HOLDS((v.p[i] >= '0' && v.p[i] <= '9') || (v.p[i] >= 'A' && v.p[i] <= 'Z') ||
			(v.p[i] >= 'a' && v.p[i] <= 'z') ||
			(v.p[i] == '.' && i > 0 && v.p[i - 1] != '.'));
}

static void check_items(const struct opaque *o, struct bytes in)
{
	const size_t head = o->versioned ? 6 : 4;
	size_t       at   = o->versioned ? 12 : 0;

	HOLDS(o->items <= OPAQUE_ITEMS && o->unknown <= o->items);
	for (size_t i = 0; i < o->items; i++) {
		HOLDS(o->item[i].value.p == in.p + at + head);
		at += head + o->item[i].value.n;
		for (size_t k = 0; k < i; k++)
			HOLDS(o->item[k].type != o->item[i].type);
	}
	HOLDS(at == in.n);
	for (size_t i = 0; i < OPAQUE_TYPES; i++)
		HOLDS(inside(o->field[i], in));
}

static void check_getters(const struct opaque *o, enum device_kind kind)
{
	uint8_t  pdi[OPAQUE_LINKS][8], gpu[OPAQUE_GPUS][8];
	char     version[OPAQUE_VBIOS], name[16];
	uint64_t number;

	if (kind == DEVICE_GPU) {
		check_text(o, OPAQUE_DRIVER_VERSION);
		check_text(o, OPAQUE_CHIP_SKU);
		check_text(o, OPAQUE_PROJECT);
		check_text(o, OPAQUE_PROJECT_SKU);
		check_text(o, OPAQUE_CHIP_INFO);
		HOLDS(opaque_switches(o, pdi) <= OPAQUE_LINKS);
	} else {
		check_text(o, OPAQUE_VBIOS_VERSION);
		HOLDS(opaque_gpus(o, gpu) <= OPAQUE_GPUS);
	}
	HOLDS(strlen(opaque_vbios(o, kind, version)) < OPAQUE_VBIOS);
	HOLDS(opaque_version(o) <= 2);
	for (size_t i = 0; i < opaque_counts(o); i++)
		opaque_count(o, i);
	for (size_t i = 0; i < OPAQUE_TYPES; i++)
		opaque_number(o, (enum opaque_type)i, &number);
	for (size_t i = 0; i < o->items; i++)
		HOLDS(opaque_name(o->item[i].type, kind, name)[0] != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum device_kind kinds[] = { DEVICE_GPU, DEVICE_NVSWITCH };
	const struct bytes            in      = { data, size };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct opaque    o = { 0 };
		struct assay_err e = { 0 };

		if (opaque_parse(in, kinds[i], &o, &e) == ASSAY_OK) {
			check_items(&o, in);
			check_getters(&o, kinds[i]);
			opaque_complete(&o, kinds[i], &e);
			continue;
		}
		HOLDS(assay_class(e.code) == ASSAY_CLASS_MALFORMED ||
			e.code == ASSAY_OPAQUE_NEWER);
		HOLDS(assay_err_text(&e)[0] != 0 && o.items == 0);
	}
	return 0;
}
