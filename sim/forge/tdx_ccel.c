/* SPDX-License-Identifier: Apache-2.0
 *
 * The firmware's event log and the ACPI table that points to it (tdx.md 1.8, 6): a boot of OVMF, GRUB and Linux from
 * rows, with digests as each type has them, and the registers that it replays to. */
#include "forge/tdx_inside.h"

#define LOG_SIZE     (64 * 1024)
#define LOG_AT       UINT64_C(0xbedbf000) /* guest physical; as one machine had it */
#define EV_NO_ACTION 3
#define SHA384_ALG   0x000c

/* What a record's digest is of. */
enum digest_of {
	OF_DATA,   /* the data as recorded */
	OF_VALUE,  /* of a variable: its value alone */
	OF_LABEL,  /* what stands behind the label's first ": " */
	OF_OBJECT, /* something that is not in the log */
};

/* A variable's vendor. */
#define GLOBAL   "\x61\xdf\xe4\x8b\xca\x93\xd2\x11\xaa\x0d\x00\xe0\x98\x03\x2b\x8c"
#define SECURITY "\xcb\xb2\x19\xd7\x3a\x3d\x96\x45\xa3\xbc\xda\xd0\x0e\x67\x65\x6f"

#define CMDLINE TDX_CMDLINE

/* MR index 1 is RTMR0 (6.2). vendor: the data is UEFI_VARIABLE_DATA of that name; else it is data as it stands. */
static const struct {
	uint8_t        mr;
	uint32_t       type;
	enum digest_of of;
	const char    *vendor, *name;
	struct bytes   data;
} events[] = {
	{ 1, 0x8000000b, OF_OBJECT, NULL, NULL, BYTES("td_hob") },
	{ 1, 0x8000000a, OF_OBJECT, NULL, NULL,
		BYTES("\x29"
		      "Fv(XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX)") },
	{ 1, 0x80000001, OF_DATA, GLOBAL, "SecureBoot", BYTES("\0") },
	{ 1, 0x80000001, OF_DATA, GLOBAL, "PK", BYTES("") },
	{ 1, 0x80000001, OF_DATA, GLOBAL, "KEK", BYTES("") },
	{ 1, 0x80000001, OF_DATA, SECURITY, "db", BYTES("") },
	{ 1, 0x80000001, OF_DATA, SECURITY, "dbx", BYTES("") },
	{ 1, 0x00000004, OF_DATA, NULL, NULL, BYTES("\0\0\0\0") },
	{ 1, 0x0000000a, OF_OBJECT, NULL, NULL, BYTES("ACPI DATA") },
	{ 1, 0x0000000a, OF_OBJECT, NULL, NULL, BYTES("ACPI DATA") },
	{ 1, 0x80000002, OF_VALUE, GLOBAL, "BootOrder", BYTES("\0\0\1\0") },
	{ 1, 0x80000002, OF_VALUE, GLOBAL, "Boot0000",
		BYTES("\1\0\0\0\x04\0d\0i\0s\0k\0\0\0\x7f\xff\x04\0") },
	{ 2, 0x80000003, OF_OBJECT, NULL, NULL, BYTES("\\EFI\\BOOT\\BOOTX64.EFI") },
	{ 2, 0x80000007, OF_DATA, NULL, NULL,
		BYTES("Calling EFI Application from Boot Option") },
	{ 2, 0x00000004, OF_DATA, NULL, NULL, BYTES("\0\0\0\0") },
	{ 2, 0x80000003, OF_OBJECT, NULL, NULL, BYTES("\\EFI\\BOOT\\GRUBX64.EFI") },
	{ 2, 0x80000003, OF_OBJECT, NULL, NULL, BYTES("/boot/vmlinuz-" TDX_KERNEL) },
	{ 3, 0x0000000d, OF_LABEL, NULL, NULL, BYTES("grub_cmd: linux " CMDLINE "\0") },
	{ 3, 0x0000000d, OF_LABEL, NULL, NULL, BYTES("kernel_cmdline: " CMDLINE "\0") },
	{ 3, 0x0000000d, OF_OBJECT, NULL, NULL, BYTES("/boot/initrd.img\0") },
	{ 3, 0x00000006, OF_OBJECT, NULL, NULL,
		BYTES("\xec\x22\x3b\x8f\x1a\0\0\0LOADED_IMAGE::LoadOptions\0") },
	{ 3, 0x00000006, OF_OBJECT, NULL, NULL,
		BYTES("\x9e\x8a\x2e\x90\x0d\0\0\0Linux initrd\0") },
	{ 2, 0x80000007, OF_DATA, NULL, NULL, BYTES("Exit Boot Services Invocation") },
	{ 2, 0x80000007, OF_DATA, NULL, NULL,
		BYTES("Exit Boot Services Returned with Success") },
};

/* UEFI 2.10, 7.2.1 and TCG PFP: vendor, lengths, the name as UTF-16, the value. */
static void put_data(size_t i, struct buf *out)
{
	const char *name = events[i].name;

	if (name != NULL) {
		buf_put(out, events[i].vendor, 16);
		tdx_put(out, strlen(name), 8);
		tdx_put(out, events[i].data.n, 8);
		for (; *name != '\0'; name++)
			tdx_put(out, (uint8_t)*name, 2);
	}
	buf_put(out, events[i].data.p, events[i].data.n);
}

static enum assay_code make_digest(const struct seed *s, size_t i, struct bytes data,
	uint8_t out[TDX_REGISTER], struct assay_err *e)
{
	const uint8_t *colon = NULL;
	struct bytes   value = events[i].data;

	switch (events[i].of) {
	case OF_DATA:
		value = data;
		break;
	case OF_VALUE:
		break;
	case OF_LABEL: /* the string without its NUL */
		colon = memmem(value.p, value.n, ": ", 2);
		value = (struct bytes){ colon + 2, (size_t)(value.p + value.n - colon) - 3 };
		break;
	case OF_OBJECT:
		return seed_bytes(s, NAME("tdx/event/%zu", i), out, TDX_REGISTER, e);
	}
	return seed_digest(s, "SHA384", value, out, e);
}

/* The Spec ID record, in the form of the log's first version. */
static void put_head(struct buf *out)
{
	static const uint8_t none[20];

	tdx_put(out, 1, 4);
	tdx_put(out, EV_NO_ACTION, 4);
	buf_put(out, none, sizeof(none));
	tdx_put(out, 33, 4);
	buf_put(out, "Spec ID Event03", 16);
	tdx_put(out, 0, 4);            /* platform class */
	buf_put(out, "\0\2\x69\2", 4); /* version 2.0, errata 105, 64 bits */
	tdx_put(out, 1, 4);
	tdx_put(out, SHA384_ALG, 2);
	tdx_put(out, TDX_REGISTER, 2);
	buf_byte(out, 0); /* no vendor information */
}

static void put_event(size_t i, const uint8_t *digest, struct bytes data, struct buf *out)
{
	tdx_put(out, events[i].mr, 4);
	tdx_put(out, events[i].type, 4);
	tdx_put(out, 1, 4);
	tdx_put(out, SHA384_ALG, 2);
	buf_put(out, digest, TDX_REGISTER);
	tdx_put(out, data.n, 4);
	buf_put(out, data.p, data.n);
}

enum assay_code tdx_log_make(struct tdx *x, struct buf *log,
	uint8_t rtmr[TDX_RTMRS][TDX_REGISTER], struct assay_err *e)
{
	const struct seed *s = &x->f->seed;

	memset(rtmr, 0, (size_t)TDX_RTMRS * TDX_REGISTER);
	if (log != NULL)
		put_head(log);
	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		CLEANUP(buf_done) struct buf data = { 0 };
		uint8_t                      digest[TDX_REGISTER];

		put_data(i, &data);
		TRY(buf_ok(&data, e));
		TRY(make_digest(s, i, buf_bytes(&data), digest, e));
		TRY(tdx_register(s, rtmr[events[i].mr - 1], digest, e));
		if (log != NULL)
			put_event(i, digest, buf_bytes(&data), log);
	}
	return log == NULL ? ASSAY_OK : buf_ok(log, e);
}

enum assay_code tdx_event_log(struct tdx *t, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf log = { 0 };
	uint8_t                      rtmr[TDX_RTMRS][TDX_REGISTER];
	size_t                       n = 0;

	TRY(tdx_log_make(t, &log, rtmr, e));
	TDX_TRY_STRIKE(t, log, TDX_FAULT(t), &log, e);
	if (log.n == 0) /* as a fault has it: there is none */
		return ASSAY_OK;
	n = log.n;
	if (buf_room(&log, LOG_SIZE - n) == NULL)
		return err_no_memory(e);
	memset(log.p + n, 0xff, LOG_SIZE - n);
	buf_put(out, log.p, log.n);
	return buf_ok(out, e);
}

enum assay_code tdx_ccel_table(struct tdx *t, uint8_t out[TDX_CCEL_TABLE], struct assay_err *e)
{
	CLEANUP(buf_done) struct buf table = { 0 };
	uint8_t                      sum   = 0;

	(void)t;
	buf_text(&table, "CCEL");
	tdx_put(&table, TDX_CCEL_TABLE, 4);
	tdx_put(&table, 1, 2); /* revision; the sum comes last */
	buf_text(&table, "ASSAY SIM     ");
	tdx_put(&table, 2, 4);
	buf_text(&table, "ASSY");
	tdx_put(&table, 1, 4);
	tdx_put(&table, 2, 4); /* type TDX, subtype 0, reserved */
	tdx_put(&table, LOG_SIZE, 8);
	tdx_put(&table, LOG_AT, 8);
	TRY(buf_ok(&table, e));
	for (size_t i = 0; i < TDX_CCEL_TABLE; i++)
		sum = (uint8_t)(sum + table.p[i]);
	table.p[9] = (uint8_t)-sum;
	memcpy(out, table.p, TDX_CCEL_TABLE);
	return ASSAY_OK;
}
