/* SPDX-License-Identifier: Apache-2.0
 *
 * The firmware's event log and the registers it leads to (spec/tdx.md 1.8, 6; TCG PC Client platform firmware
 * profile): what OVMF, shim, GRUB and a Linux kernel measure on their way up. */
#include "forge/tdx_inside.h"

#define ALG_SHA384 0x0c
#define NO_ACTION  0x03
#define FILLER     0xff
#define AREA       INT64_C(0x7f6d0000) /* where the log would lie in memory */

enum event {
	EV_SEPARATOR   = 0x04,
	EV_EVENT_TAG   = 0x06,
	EV_IPL         = 0x0d,
	EV_VARIABLE    = 0x80000001, /* driver configuration */
	EV_BOOT        = 0x80000002,
	EV_APPLICATION = 0x80000003,
	EV_GPT         = 0x80000006,
	EV_ACTION      = 0x80000007,
	EV_BLOB        = 0x8000000a,
	EV_TABLES      = 0x8000000b,
	EV_AUTHORITY   = 0x800000e0,
};

/* What the digest is of. */
enum digest_of {
	OF_DATA,     /* the event's data */
	OF_TEXT,     /* a variable's value, or a string */
	OF_ELSEWHERE /* a file or a table that is not in the log: from the seed */
};

static const uint8_t global_variable[16] = { 0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2, 0x11,
	0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c };

/* MR index 1 to 4 is RTMR0 to 3. Variables carry their name, other rows their text. */
static const struct {
	unsigned       mr;
	enum event     type;
	enum digest_of of;
	const char    *name;
	struct bytes   value;
} rows[] = {
	{ 1, EV_TABLES, OF_ELSEWHERE, "td_hob", { 0 } },
	{ 1, EV_BLOB, OF_ELSEWHERE, "Fv(XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX)", { 0 } },
	{ 1, EV_VARIABLE, OF_DATA, "SecureBoot", BYTES("\1") },
	{ 1, EV_VARIABLE, OF_DATA, "PK", BYTES("assay test platform key") },
	{ 1, EV_VARIABLE, OF_DATA, "KEK", BYTES("assay test key exchange key") },
	{ 1, EV_VARIABLE, OF_DATA, "db", BYTES("assay test signatures") },
	{ 1, EV_VARIABLE, OF_DATA, "dbx", BYTES("") },
	{ 1, EV_SEPARATOR, OF_DATA, NULL, BYTES("\0\0\0\0") },
	{ 1, EV_BLOB, OF_ELSEWHERE, "ACPI DATA", { 0 } },
	{ 1, EV_BOOT, OF_TEXT, "BootOrder", BYTES("\0\0") },
	{ 1, EV_BOOT, OF_TEXT, "Boot0000", BYTES("\1\0\0\0 assay test disk") },
	{ 1, EV_AUTHORITY, OF_DATA, "db", BYTES("assay test shim signer") },
	{ 2, EV_ACTION, OF_DATA, NULL, BYTES("Calling EFI Application from Boot Option") },
	{ 2, EV_SEPARATOR, OF_DATA, NULL, BYTES("\0\0\0\0") },
	{ 2, EV_GPT, OF_DATA, NULL, BYTES("EFI PART, assay test disk") },
	{ 2, EV_APPLICATION, OF_ELSEWHERE, "\\EFI\\alinux\\shimx64.efi", { 0 } },
	{ 2, EV_APPLICATION, OF_ELSEWHERE, "\\EFI\\alinux\\grubx64.efi", { 0 } },
	{ 2, EV_APPLICATION, OF_ELSEWHERE, "/boot/vmlinuz-" TDX_KERNEL, { 0 } },
	{ 2, EV_ACTION, OF_DATA, NULL, BYTES("Exit Boot Services Invocation") },
	{ 2, EV_ACTION, OF_DATA, NULL, BYTES("Exit Boot Services Returned with Success") },
	{ 3, EV_IPL, OF_TEXT, "grub_cmd: ", BYTES("set pager=1") },
	{ 3, EV_IPL, OF_TEXT,
		"grub_cmd: ", BYTES("load_env -f (hd0,gpt3)/boot/grub2/grubenv") },
	{ 3, EV_IPL, OF_ELSEWHERE, "(hd0,gpt3)/boot/vmlinuz-" TDX_KERNEL, { 0 } },
	{ 3, EV_IPL, OF_TEXT, "kernel_cmdline: ", BYTES(TDX_CMDLINE) },
	{ 3, EV_IPL, OF_ELSEWHERE, "(hd0,gpt3)/boot/initramfs-" TDX_KERNEL ".img", { 0 } },
	{ 3, EV_EVENT_TAG, OF_ELSEWHERE, "LOADED_IMAGE::LoadOptions", { 0 } },
	{ 3, EV_EVENT_TAG, OF_ELSEWHERE, "Linux initrd", { 0 } },
};

static bool is_variable(enum event type)
{
	return type == EV_VARIABLE || type == EV_BOOT || type == EV_AUTHORITY;
}

static void put_u64(struct buf *out, uint64_t v)
{
	tdx_put_u32(out, (uint32_t)v);
	tdx_put_u32(out, (uint32_t)(v >> 32));
}

/* UEFI_VARIABLE_DATA: GUID, lengths, the name in UCS-2, the value. */
static void put_data(size_t i, struct buf *out)
{
	const char  *name  = rows[i].name == NULL ? "" : rows[i].name;
	struct bytes value = rows[i].value;

	if (is_variable(rows[i].type)) {
		buf_put(out, global_variable, sizeof(global_variable));
		put_u64(out, strlen(name));
		put_u64(out, value.n);
		for (const char *c = name; *c != '\0'; c++)
			tdx_put_u16(out, (uint8_t)*c);
	} else {
		buf_text(out, name);
	}
	buf_put(out, value.p, value.n);
}

static enum assay_code digest_row(
	struct tdx *t, size_t i, const struct buf *data, uint8_t *out, struct assay_err *e)
{
	switch (rows[i].of) {
	case OF_DATA:
		return tdx_digest(t, "SHA384", buf_bytes(data), out, e);
	case OF_TEXT:
		return tdx_digest(t, "SHA384", rows[i].value, out, e);
	default:
		return seed_bytes(
			&t->forge->seed, NAME("tdx/log/%zu", i), out, TDX_REGISTER, e);
	}
}

static enum assay_code put_row(struct tdx *t, size_t i, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf data = { 0 };
	uint8_t                      digest[TDX_REGISTER];

	put_data(i, &data);
	TRY(buf_ok(&data, e));
	TRY(digest_row(t, i, &data, digest, e));
	TRY(tdx_extend(t, rows[i].mr - 1, digest, e));
	tdx_put_u32(&t->log, rows[i].mr);
	tdx_put_u32(&t->log, rows[i].type);
	tdx_put_u32(&t->log, 1);
	tdx_put_u16(&t->log, ALG_SHA384);
	buf_put(&t->log, digest, sizeof(digest));
	tdx_put_u32(&t->log, (uint32_t)data.n);
	buf_put(&t->log, data.p, data.n);
	return ASSAY_OK;
}

/* TCG_EfiSpecIDEvent in a record of the old form (6.1). */
static void put_spec_id(struct buf *out)
{
	static const uint8_t nothing[20] = { 0 };

	tdx_put_u32(out, 1);
	tdx_put_u32(out, NO_ACTION);
	buf_put(out, nothing, sizeof(nothing));
	tdx_put_u32(out, 33);
	buf_put(out, "Spec ID Event03", 16);
	tdx_put_u32(out, 0);     /* platform class */
	buf_put(out, "\0\2", 2); /* version 2.0 */
	buf_put(out, "\0\2", 2); /* errata, 64 bits */
	tdx_put_u32(out, 1);
	tdx_put_u16(out, ALG_SHA384);
	tdx_put_u16(out, TDX_REGISTER);
	buf_byte(out, 0); /* vendor info */
}

enum assay_code tdx_make_log(struct tdx *t, struct assay_err *e)
{
	put_spec_id(&t->log);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		TRY(put_row(t, i, e));
	return buf_ok(&t->log, e);
}

enum assay_code tdx_event_log(struct tdx *t, struct buf *out, struct assay_err *e)
{
	uint8_t *rest;

	buf_put(out, t->log.p, t->log.n);
	rest = buf_room(out, TDX_LOG - t->log.n);
	if (rest == NULL)
		return err_no_memory(e);
	memset(rest, FILLER, TDX_LOG - t->log.n);
	return ASSAY_OK;
}

enum assay_code tdx_ccel_table(struct tdx *t, uint8_t out[TDX_CCEL_TABLE], struct assay_err *e)
{
	CLEANUP(buf_done) struct buf b   = { 0 };
	uint8_t                      sum = 0;

	(void)t;
	buf_text(&b, "CCEL");
	tdx_put_u32(&b, TDX_CCEL_TABLE);
	buf_put(&b, "\1\0", 2);            /* revision, checksum */
	buf_put(&b, "ASSAY EMULATED", 14); /* OEM id and table id */
	tdx_put_u32(&b, 1);
	buf_text(&b, "ASSY");
	tdx_put_u32(&b, 1);
	buf_put(&b, "\2\0\0\0", 4); /* TDX */
	put_u64(&b, TDX_LOG);
	put_u64(&b, AREA);
	TRY(buf_ok(&b, e));
	for (size_t i = 0; i < b.n; i++)
		sum = (uint8_t)(sum + b.p[i]);
	b.p[9] = (uint8_t)-sum;
	memcpy(out, b.p, TDX_CCEL_TABLE);
	return ASSAY_OK;
}
