/* SPDX-License-Identifier: Apache-2.0 */
#include "format/ccel.h"

#include <stdio.h>

#define ALG_SHA384  0x000c
#define INDEX_MAX   4
#define HEADER      12 /* index, type, count */
#define FILLER_ONES 0xff

#define EV_SEPARATOR     0x04
#define EV_DRIVER_CONFIG 0x80000001
#define EV_BOOT_VARIABLE 0x80000002
#define EV_GPT           0x80000006
#define EV_ACTION        0x80000007
#define EV_AUTHORITY     0x800000e0

/* TCG PC Client Platform Firmware Profile 1.06, 10.4.1. */
static const struct {
	uint32_t    type;
	const char *name;
} types[] = {
	{ 0x00, "EV_PREBOOT_CERT" },
	{ 0x01, "EV_POST_CODE" },
	{ EV_NO_ACTION, "EV_NO_ACTION" },
	{ EV_SEPARATOR, "EV_SEPARATOR" },
	{ 0x05, "EV_ACTION" },
	{ 0x06, "EV_EVENT_TAG" },
	{ 0x07, "EV_S_CRTM_CONTENTS" },
	{ 0x08, "EV_S_CRTM_VERSION" },
	{ 0x09, "EV_CPU_MICROCODE" },
	{ 0x0a, "EV_PLATFORM_CONFIG_FLAGS" },
	{ 0x0b, "EV_TABLE_OF_DEVICES" },
	{ 0x0c, "EV_COMPACT_HASH" },
	{ 0x0d, "EV_IPL" },
	{ EV_DRIVER_CONFIG, "EFI_VARIABLE_DRIVER_CONFIG" },
	{ EV_BOOT_VARIABLE, "EFI_VARIABLE_BOOT" },
	{ 0x80000003, "EFI_BOOT_SERVICES_APPLICATION" },
	{ 0x80000004, "EFI_BOOT_SERVICES_DRIVER" },
	{ 0x80000005, "EFI_RUNTIME_SERVICES_DRIVER" },
	{ EV_GPT, "EFI_GPT_EVENT" },
	{ EV_ACTION, "EFI_ACTION" },
	{ 0x80000008, "EFI_PLATFORM_FIRMWARE_BLOB" },
	{ 0x80000009, "EFI_HANDOFF_TABLES" },
	{ 0x8000000a, "EFI_PLATFORM_FIRMWARE_BLOB2" },
	{ 0x8000000b, "EFI_HANDOFF_TABLES2" },
	{ 0x8000000c, "EFI_VARIABLE_BOOT2" },
	{ 0x80000010, "EFI_HCRTM_EVENT" },
	{ EV_AUTHORITY, "EFI_VARIABLE_AUTHORITY" },
};

const char *ccel_type_name(uint32_t type, char text[16])
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].type == type)
			return types[i].name;
	snprintf(text, 16, "0x%08x", (unsigned)type);
	return text;
}

static enum assay_code broken(struct assay_err *e, size_t at, const char *why)
{
	return err_set(e, ASSAY_EVENTLOG_PARSE, "the event log at byte %zu: %s", at, why);
}

/* The first record has the form of the log's first version, and says which digests the others have. */
static enum assay_code read_head(struct rd *r, struct ccel *c, struct assay_err *e)
{
	uint32_t     mr = rd_u32le(r), type = rd_u32le(r), count;
	struct bytes none   = rd_take(r, 20), spec;
	struct rd    in     = { .in = rd_take(r, rd_u32le(r)) };
	bool         sha384 = false;

	if (r->lack != 0 || mr > 1 || type != EV_NO_ACTION || !bytes_zero(none))
		return broken(e, 0, "no Spec ID event");
	spec = rd_take(&in, 16);
	rd_take(&in, 8); /* platform class, versions, size of integers */
	count = rd_u32le(&in);
	if (!bytes_equal(spec, BYTES("Spec ID Event03\0")) || in.lack != 0 || count == 0 ||
		count > CCEL_ALGORITHMS)
		return broken(e, 0, "another Spec ID event than of version 2");
	for (size_t i = 0; i < count; i++) {
		uint16_t id = rd_u16le(&in), size = rd_u16le(&in);

		for (size_t k = 0; k < i; k++)
			if (c->algorithm[k].id == id)
				return broken(e, 0, "a digest algorithm twice");
		c->algorithm[i].id   = id;
		c->algorithm[i].size = size;
		sha384 |= id == ALG_SHA384 && size == CCEL_DIGEST;
	}
	c->algorithms = count;
	rd_take(&in, rd_u8(&in)); /* of the vendor */
	if (in.lack != 0 || rd_left(&in) != 0)
		return broken(e, 0, "a Spec ID event of another size");
	if (!sha384)
		return err_set(e, ASSAY_EVENTLOG_ALGORITHM, "the event log has no SHA-384");
	return ASSAY_OK;
}

static enum assay_code read_digests(const struct ccel *c, struct rd *r, uint32_t count,
	struct bytes *out, struct assay_err *e)
{
	unsigned seen = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint16_t     id = rd_u16le(r);
		size_t       k  = 0;
		struct bytes digest;

		while (k < c->algorithms && c->algorithm[k].id != id)
			k++;
		if (k == c->algorithms || (seen & 1u << k) != 0)
			return err_set(e, ASSAY_EVENTLOG_ALGORITHM,
				"a digest of algorithm 0x%04x, unknown or there twice", id);
		seen |= 1u << k;
		digest = rd_take(r, c->algorithm[k].size);
		if (id == ALG_SHA384)
			*out = digest;
	}
	return ASSAY_OK;
}

enum assay_code ccel_next(
	const struct ccel *c, struct rd *r, struct ccel_event *out, struct assay_err *e)
{
	struct ccel_event ev    = { 0 };
	size_t            start = r->at;
	uint32_t          count, size;

	ev.mr   = rd_u32le(r);
	ev.type = rd_u32le(r);
	count   = rd_u32le(r);
	if (r->lack != 0 || count == 0 || count > CCEL_ALGORITHMS)
		return broken(e, start, "no record");
	TRY(read_digests(c, r, count, &ev.digest, e));
	size = rd_u32le(r);
	if (size > CCEL_DATA)
		return broken(e, start, "an event of more than 1 MiB");
	ev.data = rd_take(r, size);
	if (r->lack != 0)
		return broken(e, start, "a record that is cut off");
	if (ev.mr > INDEX_MAX || (ev.mr == 0 && ev.type != EV_NO_ACTION))
		return err_set(
			e, ASSAY_EVENTLOG_INDEX, "an event for register %u", (unsigned)ev.mr);
	if (ev.digest.p == NULL && ev.type != EV_NO_ACTION)
		return err_set(e, ASSAY_EVENTLOG_ALGORITHM, "an event without SHA-384");
	*out = ev;
	return ASSAY_OK;
}

/* The unused area: ones (OVMF), or zeros where a record would begin (td-shim). '{' begins assay's own lines; no
 * record does so, its index would be too large. */
static bool at_end(const struct rd *r)
{
	size_t left = rd_left(r);

	return left == 0 || r->in.p[r->at] == FILLER_ONES || r->in.p[r->at] == '{' ||
		bytes_zero((struct bytes){ r->in.p + r->at, left < HEADER ? left : HEADER });
}

enum assay_code ccel_parse(struct bytes in, struct ccel *out, struct assay_err *e)
{
	struct ccel c = { 0 };
	struct rd   r = { .in = in };
	size_t      first;
	uint8_t     filler;

	if (in.n == 0 || in.n > CCEL_MAX)
		return err_set(e, ASSAY_EVENTLOG_PARSE, "an event log of %zu bytes", in.n);
	if (bytes_begin(in, BYTES("CCEL")))
		return err_set(e, ASSAY_EVENTLOG_PARSE,
			"this is the ACPI table that tells where the log is; the log is /sys/firmware/acpi/tables/data/CCEL");
	if (in.p[0] != '{') /* a guest whose firmware keeps none may still have assay's */
		TRY(read_head(&r, &c, e));
	first = r.at;
	for (; !at_end(&r); c.n++) {
		struct ccel_event ev;

		if (c.n == CCEL_RECORDS)
			return broken(e, r.at, "too many records");
		TRY(ccel_next(&c, &r, &ev, e));
	}
	c.records = (struct bytes){ in.p + first, r.at - first };
	filler    = rd_left(&r) > 0 ? in.p[r.at] : 0;
	while (filler != '{' && rd_left(&r) > 0 && in.p[r.at] == filler)
		r.at++;
	c.own = (struct bytes){ in.p + r.at, rd_left(&r) };
	if (c.own.n > 0 && c.own.p[0] != '{')
		return broken(e, r.at, "something else than its filler behind the end");
	*out = c;
	return ASSAY_OK;
}

/* --- what the digest is of (tdx 6.3) --- */

static uint64_t rd_u64le(struct rd *r)
{
	uint64_t low = rd_u32le(r);

	return low | (uint64_t)rd_u32le(r) << 32;
}

bool ccel_variable(struct bytes data, struct bytes *name, struct bytes *value)
{
	struct rd r = { .in = data };
	uint64_t  characters, size;

	rd_take(&r, 16); /* the vendor's GUID */
	characters = rd_u64le(&r);
	size       = rd_u64le(&r);
	if (r.lack != 0 || characters > data.n / 2 || size > data.n)
		return false;
	*name  = rd_take(&r, 2 * (size_t)characters);
	*value = rd_take(&r, (size_t)size);
	return r.lack == 0 && rd_left(&r) == 0;
}

struct bytes ccel_measured(const struct ccel_event *ev)
{
	struct bytes name, value, data = ev->data;

	switch (ev->type) {
	case EV_SEPARATOR:
	case EV_DRIVER_CONFIG:
	case EV_AUTHORITY:
	case EV_GPT:
	case EV_ACTION:
		return data.p != NULL ? data : BYTES("");
	case EV_BOOT_VARIABLE:
		return ccel_variable(data, &name, &value) ? value : data;
	default:
		return (struct bytes){ 0 };
	}
}
