/* SPDX-License-Identifier: Apache-2.0 */
#include "forge/report.h"

#include <assert.h>
#include <stdlib.h>

#include "base/hex.h"
#include "forge/rim.h"

#define ON  0xaa
#define OFF 0x55

struct item *report_item(struct report_plan *r, unsigned type)
{
	for (size_t i = 0; i < r->items; i++)
		if (r->item[i].type == type)
			return &r->item[i];
	return NULL;
}

struct item *report_add(struct report_plan *r, unsigned type, const void *data, size_t n)
{
	struct item *item = &r->item[r->items++];

	assert(r->items <= ITEMS && n <= ITEM_DATA);
	item->type = (uint16_t)type;
	item->n    = (uint16_t)n;
	memcpy(item->data, data, n);
	return item;
}

/* NUL padded to size, or with one NUL when size is 0. */
static void add_text(struct report_plan *r, unsigned type, const char *text, size_t size)
{
	char padded[VERSION] = { 0 };

	memcpy(padded, text, strlen(text));
	report_add(r, type, padded, size == 0 ? strlen(text) + 1 : size);
}

/* "96.00.74.00.20" as 00 74 00 96 20 00 00 00. */
static void add_vbios(struct report_plan *r, const char *text)
{
	static const size_t place[] = { 3, 2, 1, 0, 4 };
	uint8_t             v[8]    = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(place); i++)
		v[place[i]] = (uint8_t)strtoul(text + 3 * i, NULL, 16);
	report_add(r, OPAQUE_VBIOS_VERSION, v, sizeof(v));
}

static void add_counts(struct report_plan *r, const struct family *f)
{
	uint8_t v[4 * SLOTS] = { 0 };

	for (size_t i = 0; i < f->counts; i++)
		v[4 * i] = (uint8_t)f->extends[i];
	report_add(r, OPAQUE_MSRSCNT, v, 4 * f->counts);
}

size_t report_link(size_t g, size_t l)
{
	return (l + g) % WIRED_SWITCHES;
}

static void add_links(struct report_plan *r, const struct device *d, const struct wiring *w)
{
	uint8_t v[LINKS][PDI];

	for (size_t l = 0; l < LINKS; l++)
		for (size_t i = 0; i < PDI; i++)
			v[l][i] = w->nvswitch[report_link(d->number, l)][PDI - 1 - i];
	report_add(r, OPAQUE_PDI, v, sizeof(v));
}

/* The GPUs' PDIs, then for each port the GPU behind it: in three groups with gaps, as on a board. */
static void add_gpus(struct report_plan *r, const struct device *d, const struct wiring *w)
{
	uint8_t v[WIRED_GPUS * PDI + PORTS];
	size_t  used = 0;

	memcpy(v, w->gpu, sizeof(w->gpu));
	memset(v + sizeof(w->gpu), 0xff, PORTS);
	for (size_t g = 0; g < WIRED_GPUS; g++) {
		for (size_t l = 0; l < LINKS; l++) {
			if (report_link(g, l) != d->number % WIRED_SWITCHES)
				continue;
			v[sizeof(w->gpu) + used / 12 * 21 + used % 12] = (uint8_t)g;
			used++;
		}
	}
	report_add(r, OPAQUE_GPU_PDIS, v, sizeof(v));
}

/* nvidia-evidence 9.2, in this order. */
static void plan_gpu(struct report_plan *r, const struct device *d, const struct wiring *w)
{
	const struct model *m         = d->model;
	bool                blackwell = m->arch == FORGE_BLACKWELL;
	uint8_t             info[8]   = { 0 };
	uint8_t             board[4]  = { (uint8_t)m->board, (uint8_t)(m->board >> 8) };

	memcpy(info, m->info, 2);
	add_vbios(r, m->vbios);
	report_add(r, OPAQUE_BOARD_ID, board, sizeof(board));
	add_text(r, OPAQUE_CHIP_SKU, m->chip_sku, 9);
	add_text(r, OPAQUE_CHIP_SKU_MOD, "0", 5);
	add_text(r, OPAQUE_PROJECT, m->project, 0);
	add_text(r, OPAQUE_PROJECT_SKU, m->project_sku, 0);
	add_text(r, OPAQUE_PROJECT_SKU_MOD, blackwell ? "0" : "", 2);
	add_text(r, OPAQUE_DRIVER_VERSION, m->driver, 0);
	report_add(r, OPAQUE_GPU_INFO, info, sizeof(info));
	add_counts(r, d->family);
	report_add(r, OPAQUE_CPRINFO, m->cpr, 4);
	report_add(r, OPAQUE_NVDEC0_STATUS, &(uint8_t){ OFF }, 1);
	report_add(r, OPAQUE_FWID, d->fwid, DIGEST);
	if (blackwell) {
		report_add(r, OPAQUE_SYS_ENABLE_STATUS, "\x07\x07", 2);
		report_add(r, OPAQUE_DATA_VERSION, "\x00\x00", 2);
		return;
	}
	report_add(r, OPAQUE_PROTECTED_PCIE_STATUS, &(uint8_t){ w->ppcie ? ON : OFF }, 1);
	if (w->ppcie)
		add_links(r, d, w);
	report_add(r, OPAQUE_DATA_VERSION, "\x01\x00", 2);
	report_add(r, OPAQUE_FEATURE_FLAG, w->ppcie ? "\x02\x00" : "\x00\x00", 2);
}

static void plan_switch(struct report_plan *r, const struct device *d, const struct wiring *w)
{
	uint8_t position[2] = { (uint8_t)d->number, 0 };

	report_add(r, OPAQUE_VBIOS_VERSION, d->model->vbios, strlen(d->model->vbios));
	report_add(r, OPAQUE_PDI, d->pdi, PDI);
	add_counts(r, d->family);
	add_gpus(r, d, w);
	report_add(r, OPAQUE_DISABLED_PORTS, "\xec\x00", 2);
	report_add(r, OPAQUE_POSITION_ID, position, sizeof(position));
	report_add(r, OPAQUE_LOCK_STATUS, "\x01\x00", 2);
}

enum assay_code golden_value(const struct seed *s, const struct family *f, const char *rim,
	size_t slot, size_t alternative, uint8_t out[DIGEST], struct assay_err *e)
{
	memset(out, 0, DIGEST);
	/* Never extended, so zero; that one alternative is zero is what such RIMs look like (6.1). */
	if (f->extends[slot] == 0 && alternative == f->chosen[slot])
		return ASSAY_OK;
	return seed_bytes(s, NAME("golden/%s/%zu/%zu", rim, slot, alternative), out, DIGEST, e);
}

static enum assay_code plan_values(const struct seed *s, const struct device *d,
	struct report_plan *r, struct assay_err *e)
{
	struct rim_id id;

	for (size_t i = 0; i < r->blocks; i++) {
		rim_of(d, rim_owner(d, i), &id);
		TRY(golden_value(
			s, d->family, id.text, i, d->family->chosen[i], r->value[i], e));
	}
	return ASSAY_OK;
}

enum assay_code report_plan(const struct seed *s, const struct device *d,
	const struct wiring *w, const uint8_t nonce[NONCE], struct report_plan *out,
	struct assay_err *e)
{
	const char *name = SUBJECT(d->kind, d->number);

	memset(out, 0, sizeof(*out));
	memcpy(out->request_nonce, nonce, NONCE);
	out->blocks = d->family->blocks;
	TRY(seed_bytes(s, NAME("response/%s/%s", name, HEX(((struct bytes){ nonce, NONCE }))),
		out->response_nonce, NONCE, e));
	if (d->kind == FORGE_GPU)
		plan_gpu(out, d, w);
	else
		plan_switch(out, d, w);
	return plan_values(s, d, out, e);
}

static void put_u16(struct buf *b, size_t v)
{
	buf_byte(b, (uint8_t)v);
	buf_byte(b, (uint8_t)(v >> 8));
}

static void write_opaque(const struct report_plan *r, struct buf *out)
{
	size_t n = r->head_n;

	for (size_t i = 0; i < r->items; i++)
		n += (r->head_n == 0 ? 4u : 6u) + r->item[i].n;
	put_u16(out, n);
	buf_put(out, r->head, r->head_n);
	for (size_t i = 0; i < r->items; i++) {
		put_u16(out, r->item[i].type);
		if (r->head_n != 0)
			put_u16(out, r->item[i].value_type);
		put_u16(out, r->item[i].n);
		buf_put(out, r->item[i].data, r->item[i].n);
	}
}

enum assay_code report_write(const struct report_plan *r, struct buf *out, struct assay_err *e)
{
	size_t l1 = r->blocks * (7 + DIGEST);

	buf_put(out, "\x11\xe0\x01\xff", 4); /* GET_MEASUREMENTS, signed, all */
	buf_put(out, r->request_nonce, NONCE);
	buf_byte(out, 0);
	buf_put(out, "\x11\x60\x00\x00", 4);
	buf_byte(out, (uint8_t)r->blocks);
	put_u16(out, l1);
	buf_byte(out, 0);
	for (size_t i = 0; i < r->blocks; i++) {
		buf_byte(out, (uint8_t)(i + 1));
		buf_put(out, "\x01\x33\x00\x01\x30\x00", 6); /* DMTF, SHA-384 of firmware */
		buf_put(out, r->value[i], DIGEST);
	}
	buf_put(out, r->response_nonce, NONCE);
	write_opaque(r, out);
	return buf_ok(out, e);
}

enum assay_code report_seal(
	const struct seed *s, const struct device *d, struct buf *report, struct assay_err *e)
{
	uint8_t raw[SEED_RAW];

	TRY(seed_sign_raw(s, d->ak, NAME("report/%s", SUBJECT(d->kind, d->number)),
		buf_bytes(report), raw, e));
	buf_put(report, raw, sizeof(raw));
	return buf_ok(report, e);
}
