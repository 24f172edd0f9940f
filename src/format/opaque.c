/* SPDX-License-Identifier: Apache-2.0 */
#include "format/opaque.h"

#include <stdio.h>

#define MAGIC     "NVDAOD"
#define MAJOR_MAX 2
#define SIZE_ANY \
	4096   /* nvidia-evidence 8.2 item 7 says nothing about it, and nobody interprets it */
#define TEXT 1 /* [0-9A-Za-z.] up to the first NUL, then NUL */
#define FULL 2 /* and at least one character: it is part of a RIM's id */

/* One row a type and kind of device; a type without a row is kept, as an unknown one is. */
struct field {
	const char *name;
	uint16_t    min, max, unit; /* bytes */
	uint8_t     text;
	bool        must;
};
#define MUST true
#define MAY  false

/* clang-format off */
static const struct field gpu_fields[OPAQUE_TYPES] = {
	[OPAQUE_DRIVER_VERSION]         = { "driver version",             2, 64, 1, FULL, MUST },
	[OPAQUE_GPU_INFO]               = { "GPU info",                   0, SIZE_ANY, 1, 0, MAY },
	[OPAQUE_VBIOS_VERSION]          = { "VBIOS version",              8, 8, 1, 0, MUST },
	[OPAQUE_NVDEC0_STATUS]          = { "NVDEC0 status",              1, 1, 1, 0, MUST },
	[OPAQUE_MSRSCNT]                = { "measurement counts",         0, 1024, 4, 0, MAY },
	[OPAQUE_CPRINFO]                = { "CPR info",                   0, SIZE_ANY, 1, 0, MAY },
	[OPAQUE_BOARD_ID]               = { "board id",                   4, 4, 1, 0, MAY },
	[OPAQUE_CHIP_SKU]               = { "chip SKU",                   1, 64, 1, FULL, MUST },
	[OPAQUE_CHIP_SKU_MOD]           = { "chip SKU modifier",          1, 64, 1, TEXT, MAY },
	[OPAQUE_PROJECT]                = { "project",                    1, 64, 1, FULL, MUST },
	[OPAQUE_PROJECT_SKU]            = { "project SKU",                1, 64, 1, FULL, MUST },
	[OPAQUE_PROJECT_SKU_MOD]        = { "project SKU modifier",       1, 64, 1, TEXT, MAY },
	[OPAQUE_FWID]                   = { "firmware id",               48, 48, 1, 0, MAY },
	[OPAQUE_PROTECTED_PCIE_STATUS]  = { "protected PCIe status",      1, 1, 1, 0, MAY },
	[OPAQUE_PDI]                    = { "switch PDIs",                0, 8 * OPAQUE_LINKS, 8, 0, MAY },
	[OPAQUE_SYS_ENABLE_STATUS]      = { "system enable status",       0, SIZE_ANY, 1, 0, MAY },
	[OPAQUE_DATA_VERSION]           = { "opaque data version",        2, 2, 1, 0, MAY },
	[OPAQUE_CHIP_INFO]              = { "chip info",                  1, 64, 1, TEXT, MAY },
	[OPAQUE_FEATURE_FLAG]           = { "feature flag",               2, 2, 1, 0, MAY },
	[OPAQUE_FSP_UCODE_SVN]          = { "FSP ucode SVN",              0, SIZE_ANY, 1, 0, MAY },
	[OPAQUE_NVLE_STATUS]            = { "NVLink encryption status",   0, SIZE_ANY, 1, 0, MAY },
};

static const struct field switch_fields[OPAQUE_TYPES] = {
	[OPAQUE_VBIOS_VERSION]          = { "BIOS version",               5, 32, 1, FULL, MUST },
	[OPAQUE_GPU_INFO]               = { "device info",                0, SIZE_ANY, 1, 0, MAY },
	[OPAQUE_MSRSCNT]                = { "measurement counts",         0, 1024, 4, 0, MAY },
	[OPAQUE_CPRINFO]                = { "CPR info",                   0, SIZE_ANY, 1, 0, MAY },
	[OPAQUE_BOARD_ID]               = { "board id",                   4, 4, 1, 0, MAY },
	[OPAQUE_FWID]                   = { "firmware id",               48, 48, 1, 0, MAY },
	[OPAQUE_PROTECTED_PCIE_STATUS]  = { "protected PCIe status",      1, 1, 1, 0, MAY },
	[OPAQUE_PDI]                    = { "PDI",                        8, 8, 8, 0, MAY },
	[OPAQUE_DISABLED_PORTS]         = { "disabled ports",             0, SIZE_ANY, 1, 0, MAY },
	[OPAQUE_POSITION_ID]            = { "position",                   2, 2, 1, 0, MAY },
	[OPAQUE_LOCK_STATUS]            = { "lock status",                2, 2, 1, 0, MAY },
	[OPAQUE_GPU_PDIS]               = { "GPU PDIs",                  64, 64 + 256, 1, 0, MAY },
};
/* clang-format on */

/* NULL: this kind of device has no such field that we know. */
static const struct field *field(uint16_t type, enum device_kind kind)
{
	const struct field *table = kind == DEVICE_NVSWITCH ? switch_fields : gpu_fields;

	return type < OPAQUE_TYPES && table[type].name != NULL ? &table[type] : NULL;
}

const char *opaque_name(uint16_t type, enum device_kind kind, char text[16])
{
	const struct field *f = field(type, kind);

	if (f != NULL)
		return f->name;
	snprintf(text, 16, "field %u", type);
	return text;
}

static bool text_char(uint8_t c)
{
	return byte_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.';
}

/* A slash, a per cent sign or ".." would steer the lookup of a RIM: the id is built from these fields. */
static enum assay_code check_text(
	const char *name, struct bytes v, bool full, struct assay_err *e)
{
	size_t n = 0;

	while (n < v.n && v.p[n] != 0) {
		if (!text_char(v.p[n]))
			return err_set(
				e, ASSAY_OPAQUE_TEXT, "%s has byte 0x%02x", name, v.p[n]);
		if (v.p[n] == '.' && (n == 0 || v.p[n - 1] == '.'))
			return err_set(e, ASSAY_OPAQUE_TEXT, "%s has a dot out of place", name);
		n++;
	}
	if (full && n == 0)
		return err_set(e, ASSAY_OPAQUE_TEXT, "%s is empty", name);
	if (!bytes_zero((struct bytes){ v.p + n, v.n - n }))
		return err_set(e, ASSAY_OPAQUE_TEXT, "%s goes on behind its NUL", name);
	return ASSAY_OK;
}

static enum assay_code check_field(
	uint16_t type, enum device_kind kind, struct bytes v, struct assay_err *e)
{
	const struct field *f = field(type, kind);

	if (v.n < f->min || v.n > f->max || v.n % f->unit != 0)
		return err_set(e, ASSAY_OPAQUE_SIZE, "%s of %zu bytes", f->name, v.n);
	if (f->text != 0)
		TRY(check_text(f->name, v, f->text == FULL, e));
	/* Otherwise two encodings would give one text. */
	if (type == OPAQUE_VBIOS_VERSION && kind == DEVICE_GPU &&
		!bytes_zero((struct bytes){ v.p + 5, 3 }))
		return err_set(
			e, ASSAY_OPAQUE_TEXT, "%s has bytes behind its five groups", f->name);
	return ASSAY_OK;
}

static enum assay_code header_read(
	struct rd *r, enum device_kind kind, struct opaque *o, struct assay_err *e)
{
	uint16_t profile;
	uint8_t  padding;

	rd_take(r, sizeof(MAGIC) - 1);
	profile  = rd_u16le(r);
	o->major = rd_u8(r);
	o->minor = rd_u8(r);
	o->patch = rd_u8(r);
	padding  = rd_u8(r);
	TRY(rd_ok(r, "NVDAOD header", e));
	if (kind != DEVICE_GPU)
		return err_set(e, ASSAY_OPAQUE_LAYOUT, "the versioned layout from an NVSwitch");
	if (profile != 0 || padding != 0)
		return err_set(e, ASSAY_OPAQUE_LAYOUT, "NVDAOD with profile %u and padding %u",
			profile, padding);
	if (o->major > MAJOR_MAX)
		return err_set(e, ASSAY_OPAQUE_NEWER, "NVDAOD layout %u.%u.%u, newer than %d",
			o->major, o->minor, o->patch, MAJOR_MAX);
	return ASSAY_OK;
}

static bool seen(const struct opaque *o, uint16_t type)
{
	for (size_t i = 0; i < o->items; i++)
		if (o->item[i].type == type)
			return true;
	return false;
}

static enum assay_code item_read(
	struct rd *r, enum device_kind kind, struct opaque *o, struct assay_err *e)
{
	struct opaque_item item = { .type = rd_u16le(r) };
	char               text[16];

	item.kind  = o->versioned ? rd_u16le(r) : 0;
	item.value = rd_take(r, rd_u16le(r));
	TRY(rd_ok(r, "opaque data", e));
	if (o->items == OPAQUE_ITEMS)
		return err_set(e, ASSAY_OPAQUE_SIZE, "more than %d items", OPAQUE_ITEMS);
	if (!o->versioned && (item.type == 0 || item.type == OPAQUE_INVALID))
		return err_set(e, ASSAY_OPAQUE_TYPE, "item of type %u", item.type);
	if (seen(o, item.type))
		return err_set(
			e, ASSAY_OPAQUE_TWICE, "two of %s", opaque_name(item.type, kind, text));
	o->item[o->items++] = item;
	if (o->versioned && item.type == OPAQUE_DATA_VERSION)
		return ASSAY_OK; /* astray: the header says the version */
	if (field(item.type, kind) == NULL) {
		o->unknown++; /* newer firmware; a policy may mind */
		return ASSAY_OK;
	}
	TRY(check_field(item.type, kind, item.value, e));
	o->field[item.type] = item.value;
	return ASSAY_OK;
}

enum assay_code opaque_parse(
	struct bytes in, enum device_kind kind, struct opaque *out, struct assay_err *e)
{
	struct opaque o = { 0 };
	struct rd     r = { .in = in };

	if (kind != DEVICE_GPU && kind != DEVICE_NVSWITCH)
		return err_set(e, ASSAY_INTERNAL, "opaque data of another kind of device");
	if (in.n == 0 || in.n > OPAQUE_SIZE_MAX)
		return err_set(e, ASSAY_OPAQUE_SIZE, "opaque data of %zu bytes", in.n);
	o.versioned = in.n >= 12 && memcmp(in.p, MAGIC, sizeof(MAGIC) - 1) == 0;
	if (o.versioned)
		TRY(header_read(&r, kind, &o, e));
	while (rd_left(&r) > 0)
		TRY(item_read(&r, kind, &o, e));
	TRY(rd_ok(&r, "opaque data", e));
	if (!o.versioned && opaque_version(&o) > 1)
		return err_set(e, ASSAY_OPAQUE_NEWER, "opaque data version %u, newer than 1",
			opaque_version(&o));
	*out = o;
	return ASSAY_OK;
}

enum assay_code opaque_complete(
	const struct opaque *o, enum device_kind kind, struct assay_err *e)
{
	for (unsigned i = 0; i < OPAQUE_TYPES; i++) {
		const struct field *f = field((uint16_t)i, kind);

		if (f != NULL && f->must && o->field[i].p == NULL)
			return err_set(e, ASSAY_OPAQUE_MISSING, "no %s", f->name);
	}
	return ASSAY_OK;
}

struct bytes opaque_text(const struct opaque *o, enum opaque_type type)
{
	struct bytes v = o->field[type];
	size_t       n = 0;

	while (n < v.n && v.p[n] != 0)
		n++;
	return (struct bytes){ v.p, n };
}

bool opaque_number(const struct opaque *o, enum opaque_type type, uint64_t *out)
{
	struct bytes v = o->field[type];

	if (v.n == 0 || v.n > 8)
		return false;
	*out = 0;
	for (size_t i = v.n; i > 0; i--)
		*out = *out << 8 | v.p[i - 1];
	return true;
}

unsigned opaque_version(const struct opaque *o)
{
	uint64_t version = 0;

	if (o->versioned)
		return o->major;
	opaque_number(o, OPAQUE_DATA_VERSION, &version);
	return (unsigned)version; /* of two bytes, by the table */
}

const char *opaque_vbios(const struct opaque *o, enum device_kind kind, char text[OPAQUE_VBIOS])
{
	struct bytes v = o->field[OPAQUE_VBIOS_VERSION];

	text[0] = 0;
	if (v.p == NULL)
		return text;
	if (kind == DEVICE_GPU) { /* bytes 3, 2, 1, 0, 4 */
		snprintf(text, OPAQUE_VBIOS, "%02X.%02X.%02X.%02X.%02X", v.p[3], v.p[2], v.p[1],
			v.p[0], v.p[4]);
	} else {
		v = opaque_text(o, OPAQUE_VBIOS_VERSION);
		memcpy(text, v.p, v.n); /* at most 32, by the table */
		text[v.n] = 0;
	}
	return text;
}

size_t opaque_switches(const struct opaque *o, uint8_t pdi[OPAQUE_LINKS][8])
{
	struct bytes v = o->field[OPAQUE_PDI];
	size_t       n = 0;

	for (size_t at = 0; at < v.n; at += 8) {
		uint8_t one[8];
		size_t  k = 0;

		for (size_t i = 0; i < 8; i++)
			one[i] = v.p[at + 7 - i]; /* on the wire each is byte-reversed */
		if (bytes_zero(BYTES_OF(one)))
			continue; /* a link that leads nowhere */
		while (k < n && memcmp(pdi[k], one, 8) != 0)
			k++;
		if (k == n)
			memcpy(pdi[n++], one, 8);
	}
	return n;
}

size_t opaque_gpus(const struct opaque *o, uint8_t pdi[OPAQUE_GPUS][8])
{
	struct bytes v = o->field[OPAQUE_GPU_PDIS];

	if (v.p == NULL)
		return 0;
	for (size_t i = 0; i < OPAQUE_GPUS; i++)
		memcpy(pdi[i], v.p + 8 * i, 8);
	return OPAQUE_GPUS;
}

size_t opaque_counts(const struct opaque *o)
{
	return o->field[OPAQUE_MSRSCNT].n / 4;
}

uint32_t opaque_count(const struct opaque *o, size_t index)
{
	struct rd r = { .in = o->field[OPAQUE_MSRSCNT], .at = 4 * index };

	return rd_u32le(&r);
}
