/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/record.h"

#include <stddef.h>
#include <stdio.h>

#include "base/show.h"

enum form {
	FORM_NONE,
	FORM_TEXT,
	FORM_INT,
	FORM_BIT,
	FORM_PDI,
	FORM_BYTES,
	FORM_COUNT,
	FORM_FAULT
};
enum scope { OF_EITHER, OF_SYSTEM, OF_DEVICE };

#define SYSTEM(form, most, field)                                               \
	{                                                                       \
		OF_SYSTEM, form, most, offsetof(struct collected_system, field) \
	}
#define DEVICE(form, most, field)                                               \
	{                                                                       \
		OF_DEVICE, form, most, offsetof(struct collected_device, field) \
	}
#define FAULT_TEXT (sizeof(((struct assay_err *)NULL)->text) - 1)

static const struct {
	enum scope scope;
	enum form  form;
	size_t     most; /* bytes of a value; of numbers exactly so many */
	size_t     at;   /* offset of what it fills */
} rows[RECORD_KEYS] = {
	[RECORD_CALL]          = { OF_EITHER, FORM_TEXT, RECORD_CALLED - 1, 0 },
	[RECORD_COUNT]         = { OF_SYSTEM, FORM_COUNT, 4, 0 },
	[RECORD_DRIVER]        = SYSTEM(FORM_TEXT, COLLECT_TEXT - 1, driver),
	[RECORD_NVML]          = SYSTEM(FORM_TEXT, COLLECT_TEXT - 1, nvml),
	[RECORD_ENVIRONMENT]   = SYSTEM(FORM_INT, 4, environment),
	[RECORD_CC]            = SYSTEM(FORM_INT, 4, cc),
	[RECORD_DEVTOOLS]      = SYSTEM(FORM_INT, 4, devtools),
	[RECORD_MULTI_GPU]     = SYSTEM(FORM_INT, 4, multi_gpu),
	[RECORD_CPU_CAPS]      = SYSTEM(FORM_INT, 4, cpu_caps),
	[RECORD_GPU_CAPS]      = SYSTEM(FORM_INT, 4, gpu_caps),
	[RECORD_READY]         = SYSTEM(FORM_BIT, 4, ready),
	[RECORD_NAME]          = DEVICE(FORM_TEXT, COLLECT_TEXT - 1, name),
	[RECORD_UUID]          = DEVICE(FORM_TEXT, COLLECT_TEXT - 1, uuid),
	[RECORD_VBIOS]         = DEVICE(FORM_TEXT, COLLECT_TEXT - 1, vbios),
	[RECORD_BUS]           = DEVICE(FORM_TEXT, COLLECT_TEXT - 1, bus),
	[RECORD_ARCH]          = DEVICE(FORM_INT, 4, arch),
	[RECORD_TNVL]          = DEVICE(FORM_INT, 4, tnvl),
	[RECORD_PDI]           = DEVICE(FORM_PDI, 8, pdi),
	[RECORD_REPORT]        = DEVICE(FORM_BYTES, EVIDENCE_REPORT, report),
	[RECORD_CHAIN]         = DEVICE(FORM_BYTES, EVIDENCE_CHAIN, chain),
	[RECORD_FAULT]         = { OF_EITHER, FORM_FAULT, 4 + FAULT_TEXT, 0 },
	[RECORD_ASKED]         = { OF_DEVICE, FORM_NONE, 0, 0 },
	[RECORD_DONE]          = { OF_SYSTEM, FORM_NONE, 0, 0 },
	[RECORD_FABRIC]        = DEVICE(FORM_INT, 4, fabric),
	[RECORD_FABRIC_STATUS] = DEVICE(FORM_INT, 4, fabric_status),
	[RECORD_UNPROTECTED]   = DEVICE(FORM_INT, 4, unprotected_kib),
};

static enum assay_code bad(struct assay_err *e, const char *what, unsigned long long v)
{
	return err_set(e, ASSAY_DEVICE_REPLY,
		"the process that asks the library sent what it should not: %s %llu", what, v);
}

static bool number(enum form form)
{
	return form == FORM_INT || form == FORM_BIT || form == FORM_PDI || form == FORM_COUNT;
}

static enum assay_code check_head(const struct record *r, size_t size, struct assay_err *e)
{
	const bool system = r->device == RECORD_SYSTEM;

	if (r->key >= RECORD_KEYS)
		return bad(e, "key", r->key);
	if (size > rows[r->key].most ||
		(number(rows[r->key].form) && size != rows[r->key].most) ||
		(rows[r->key].form == FORM_FAULT && size < 4))
		return bad(e, "size", size);
	if ((system && rows[r->key].scope == OF_DEVICE) ||
		(!system && (rows[r->key].scope == OF_SYSTEM || r->device >= EVIDENCE_DEVICES)))
		return bad(e, "device", r->device);
	return ASSAY_OK;
}

enum assay_code record_read(struct rd *r, struct record *out, bool *whole, struct assay_err *e)
{
	struct rd     ahead = *r;
	struct record got   = { 0 };
	uint32_t      head;
	size_t        size;

	*whole = false;
	if (rd_left(&ahead) < RECORD_HEAD)
		return ASSAY_OK;
	head    = rd_u32le(&ahead); /* a key with bytes behind it that are not zero is none */
	got.key = head < RECORD_KEYS ? (enum record_key)head : RECORD_KEYS;
	got.device = rd_u32le(&ahead);
	size       = rd_u32le(&ahead);
	TRY(check_head(&got, size, e));
	if (rd_left(&ahead) < size)
		return ASSAY_OK;
	got.value = rd_take(&ahead, size);
	*out      = got;
	*r        = ahead;
	*whole    = true;
	return ASSAY_OK;
}

static void put_u32(struct buf *out, uint32_t v)
{
	const uint8_t le[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16),
		(uint8_t)(v >> 24) };

	buf_put(out, le, sizeof(le));
}

void record_put(struct buf *out, enum record_key key, uint32_t device, struct bytes value)
{
	size_t n = value.n < rows[key].most ? value.n : rows[key].most;

	put_u32(out, key);
	put_u32(out, device);
	put_u32(out, (uint32_t)n);
	buf_put(out, value.p, n);
}

void haul_open(struct haul *h)
{
	*h = (struct haul){ .system = { .environment = -1,
				    .cc              = -1,
				    .devtools        = -1,
				    .multi_gpu       = -1,
				    .cpu_caps        = -1,
				    .gpu_caps        = -1,
				    .ready           = -1 } };
}

void haul_done(struct haul *h)
{
	for (size_t i = 0; i < h->devices; i++) {
		buf_done(&h->device[i].report);
		buf_done(&h->device[i].chain);
	}
	mem_free(h->device);
	mem_free(h->asked);
	*h = (struct haul){ 0 };
}

/* A process that asks what is left must find the same devices. */
static enum assay_code take_count(
	struct haul *h, enum device_kind kind, uint32_t n, struct assay_err *e)
{
	if (n > EVIDENCE_DEVICES)
		return err_set(e, ASSAY_DEVICE_REPLY, "the driver names %u devices, over %d", n,
			EVIDENCE_DEVICES);
	if (h->counted && n != h->devices)
		return err_set(e, ASSAY_DEVICE_REPLY,
			"the driver names %u devices, and named %zu before", n, h->devices);
	if (h->counted || n == 0) {
		h->counted = true;
		return ASSAY_OK;
	}
	h->device = mem_new(n, sizeof(*h->device));
	h->asked  = mem_new(n, sizeof(*h->asked));
	if (h->device == NULL || h->asked == NULL)
		return err_no_memory(e);
	h->counted = true;
	h->devices = n;
	for (uint32_t i = 0; i < n; i++) {
		h->device[i].kind   = kind;
		h->device[i].index  = i;
		h->device[i].tnvl   = -1;
		h->device[i].fabric = h->device[i].fabric_status = -1;
		h->device[i].unprotected_kib                     = -1;
	}
	return ASSAY_OK;
}

static enum assay_code take_text(const struct record *r, char *to, struct assay_err *e)
{
	char text[COLLECT_TEXT] = { 0 };

	snprintf(text, sizeof(text), "%.*s", COLLECT_TEXT - 1, SHOW(r->value));
	if (r->key == RECORD_UUID && to[0] != 0 && strcmp(to, text) != 0)
		return err_set(e, ASSAY_DEVICE_REPLY, "device %u is %s, and was %s before",
			r->device, text, to);
	memcpy(to, text, sizeof(text));
	return ASSAY_OK;
}

static enum assay_code take_bytes(const struct record *r, struct buf *to, struct assay_err *e)
{
	to->n = 0;
	buf_put(to, r->value.p, r->value.n);
	return buf_ok(to, e);
}

/* Only what a device can be guilty of: a code that says less would pass for a lesser fault. */
static enum assay_code take_fault(struct haul *h, const struct record *r, struct assay_err *e)
{
	struct rd        in   = { .in = r->value };
	uint32_t         code = rd_u32le(&in);
	struct bytes     text = rd_take(&in, rd_left(&in));
	enum assay_class cls  = assay_class((enum assay_code)code);
	struct assay_err why  = { 0 };

	if (code >= ASSAY_CODE_COUNT ||
		(cls != ASSAY_CLASS_UNAVAILABLE && cls != ASSAY_CLASS_NOT_READY))
		return bad(e, "code", code);
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < 0x20 || text.p[i] > 0x7e)
			return bad(e, "character", text.p[i]);
	err_set(&why, (enum assay_code)code, "%.*s", (int)text.n, (const char *)text.p);
	haul_blame(h, r->device, &why);
	return ASSAY_OK;
}

static uint32_t u32_of(const struct record *r)
{
	struct rd in = { .in = r->value };

	return rd_u32le(&in);
}

static enum assay_code take_field(struct haul *h, const struct record *r, struct assay_err *e)
{
	const bool     system = rows[r->key].scope == OF_SYSTEM;
	void          *base   = system ? (void *)&h->system : (void *)&h->device[r->device];
	char          *to     = (char *)base + rows[r->key].at;
	const uint32_t low    = u32_of(r);
	struct rd      in     = { .in = r->value };
	uint64_t       pdi;

	switch (rows[r->key].form) {
	case FORM_TEXT:
		return take_text(r, to, e);
	case FORM_BIT:
		if (low > 1)
			return bad(e, "state", low);
		memcpy(to, &low, sizeof(low));
		break;
	case FORM_INT:
		memcpy(to, &low, sizeof(low));
		break;
	case FORM_PDI:
		pdi = rd_u32le(&in);
		pdi |= (uint64_t)rd_u32le(&in) << 32;
		memcpy(to, &pdi, sizeof(pdi));
		h->device[r->device].pdi_known = true;
		break;
	case FORM_BYTES:
		return take_bytes(r, (struct buf *)(void *)to, e);
	default:
		break;
	}
	return ASSAY_OK;
}

enum assay_code haul_take(
	struct haul *h, enum device_kind kind, const struct record *r, struct assay_err *e)
{
	if (r->device != RECORD_SYSTEM && r->device >= h->devices)
		return bad(e, "device", r->device);
	switch (r->key) {
	case RECORD_CALL:
	case RECORD_DONE:
		return ASSAY_OK;
	case RECORD_COUNT:
		return take_count(h, kind, u32_of(r), e);
	case RECORD_FAULT:
		return take_fault(h, r, e);
	case RECORD_ASKED:
		h->asked[r->device] = true;
		return ASSAY_OK;
	default:
		return take_field(h, r, e);
	}
}

void haul_blame(struct haul *h, uint32_t device, const struct assay_err *why)
{
	if (device == RECORD_SYSTEM && h->devices == 0)
		h->fault = *why;
	for (size_t i = 0; i < h->devices; i++)
		if (i == device || (device == RECORD_SYSTEM && !h->asked[i])) {
			h->device[i].fault = *why;
			h->asked[i]        = true;
		}
}
