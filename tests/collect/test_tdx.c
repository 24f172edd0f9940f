/* SPDX-License-Identifier: Apache-2.0
 *
 * Each way to a quote, each way in which it fails, and which way is tried after which. */
#include "collect/tdx.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "kernel.h"

#define ALL_QUOTES (KERNEL_QUOTE_R | KERNEL_QUOTE_RW | KERNEL_QUOTE_2)
#define BUSY10     EBUSY, EBUSY, EBUSY, EBUSY, EBUSY, EBUSY, EBUSY, EBUSY, EBUSY, EBUSY
#define NONE       .make = ENOENT
#define DEVICE     NONE, .old_open = ENOENT
#define NOBODY     "unix:/nonexistent/qgs.sock"

struct row {
	const char     *name;
	struct kernel   k;
	const char     *qgs;
	int             seconds; /* of time; 0: 35 */
	enum assay_code code;
	const char     *says;
	unsigned        waits, quotes, bare;
};

static const uint8_t empty[1], garbage[2000] = { 0xaa, 0xaa, 0xaa, 0xaa };
static uint8_t       huge[70000], other[KERNEL_QUOTE];

static const struct row rows[] = {
	/* configfs-tsm */
	{ "configfs", { 0 }, NULL, 0, ASSAY_OK, "", 0, 0, 0 },
	{ "busy twice", { .out = { EBUSY, EBUSY } }, NULL, 0, ASSAY_OK, "", 2, 0, 0 },
	{ "interrupted", { .out = { EINTR } }, NULL, 0, ASSAY_OK, "", 1, 0, 0 },
	{ "timed out once", { .out = { ETIMEDOUT } }, NULL, 0, ASSAY_OK, "", 1, 0, 0 },
	{ "another writer", { .interfere = 1 }, NULL, 0, ASSAY_OK, "", 1, 0, 0 },
	{ "the kernel saw another writer", { .out = { EAGAIN } }, NULL, 0, ASSAY_OK, "", 1, 0,
		0 },
	{ "busy to the end", { .out = { BUSY10 } }, NULL, 3, ASSAY_QUOTE_BUSY,
		"configfs-tsm, try 3: outblob: Device or resource busy: an earlier request", 2,
		0, 0 },
	{ "busy thirty times", { .out = { BUSY10, BUSY10, BUSY10, EBUSY } }, NULL, 1000,
		ASSAY_QUOTE_BUSY, "try 30", 29, 0, 0 },
	{ "writers without end", { .interfere = 1000 }, NULL, 5, ASSAY_QUOTE_BUSY,
		"another program writes", 4, 0, 0 },
	{ "the host sleeps", { .out = { ETIMEDOUT, ETIMEDOUT, ETIMEDOUT } }, NULL, 2,
		ASSAY_QUOTE_TIMEOUT, "the host did not answer", 1, 0, 0 },
	{ "the host refuses", { .out = { EIO } }, NULL, 0, ASSAY_QUOTE_SERVICE,
		"outblob: Input/output error: the host or the TDX module", 0, 0, 0 },
	{ "the driver does not want it", { .out = { EINVAL } }, NULL, 0, ASSAY_QUOTE_SERVICE,
		"Invalid argument", 0, 0, 0 },
	{ "larger than the kernel's buffer", { .out = { EFBIG } }, NULL, 0, ASSAY_QUOTE_REPLY,
		"larger than any quote", 0, 0, 0 },
	{ "no memory", { .out = { ENOMEM } }, NULL, 0, ASSAY_DEVICE_ERROR, "Cannot allocate", 0,
		0, 0 },
	{ "the driver goes", { .out = { ENXIO } }, NULL, 0, ASSAY_DEVICE_ERROR,
		"No such device", 0, 0, 0 },
	{ "no write", { .write = EINVAL }, NULL, 0, ASSAY_QUOTE_SERVICE, "inblob: Invalid", 0,
		0, 0 },
	{ "write is busy", { .write = EBUSY }, NULL, 2, ASSAY_QUOTE_BUSY, "inblob: Device or",
		1, 0, 0 },
	{ "generation unreadable", { .generation_no = EIO }, NULL, 0, ASSAY_QUOTE_SERVICE,
		"generation: Input", 0, 0, 0 },
	{ "generation no number", { .generation_text = "x\n" }, NULL, 0, ASSAY_QUOTE_REPLY,
		"generation is \"x\"", 0, 0, 0 },
	{ "generation empty", { .generation_text = "\n" }, NULL, 0, ASSAY_QUOTE_REPLY,
		"generation is \"\"", 0, 0, 0 },
	{ "generation past 64 bits", { .generation_text = "18446744073709551615\n" }, NULL, 0,
		ASSAY_QUOTE_REPLY, "generation is", 0, 0, 0 },
	{ "empty outblob", { .blob = empty, .blob_n = 0 }, NULL, 0, ASSAY_QUOTE_REPLY,
		"outblob is empty", 0, 0, 0 },
	{ "garbage", { .blob = garbage, .blob_n = sizeof(garbage) }, NULL, 0, ASSAY_QUOTE_REPLY,
		"configfs-tsm: what came back is no quote", 0, 0, 0 },
	{ "short", { .blob = (const uint8_t *)"\4\0\2\0\x81\0\0\0", .blob_n = 8 }, NULL, 0,
		ASSAY_QUOTE_REPLY, "no quote of this request", 0, 0, 0 },
	{ "another's", { .blob = other, .blob_n = sizeof(other) }, NULL, 0, ASSAY_QUOTE_REPLY,
		"no quote of this request: another REPORTDATA", 0, 0, 0 },
	{ "more than a quote has", { .blob = huge, .blob_n = sizeof(huge) }, NULL, 0,
		ASSAY_QUOTE_REPLY, "File too large", 0, 0, 0 },
	{ "no permission", { .make = EACCES }, NULL, 0, ASSAY_DEVICE_PERMISSION, "run as root",
		0, 0, 0 },
	{ "read-only", { .make = EROFS }, NULL, 0, ASSAY_DEVICE_PERMISSION, "read-only", 0, 0,
		0 },
	{ "names all taken", { .make = EEXIST }, NULL, 0, ASSAY_DEVICE_ERROR, "File exists", 0,
		0, 0 },

	/* no interface at all */
	{ "no guest", { NONE, .open = ENOENT, .old_open = ENOENT }, NULL, 0, ASSAY_TD_ABSENT,
		"tsm/report: No such file or directory: /dev/tdx_guest: No such file", 0, 0,
		0 },
	{ "no guest but SEV", { .provider = "sev_guest\n", .open = ENOENT, .old_open = ENOENT },
		NULL, 0, ASSAY_TD_ABSENT, "the provider is \"sev_guest\", not tdx_guest", 0, 0,
		0 },
	{ "a provider that begins like ours",
		{ .provider = "tdx_guest2\n", .open = ENOENT, .old_open = ENOENT }, NULL, 0,
		ASSAY_TD_ABSENT, "tdx_guest2", 0, 0, 0 },
	{ "a plain folder", { .provider_no = ENOENT, .open = ENOENT, .old_open = ENOENT }, NULL,
		0, ASSAY_TD_ABSENT, "without a provider", 0, 0, 0 },
	{ "no provider loaded", { .make = ENXIO, .open = ENOENT, .old_open = ENOENT }, NULL, 0,
		ASSAY_TD_ABSENT, "No such device or address", 0, 0, 0 },

	/* the device */
	{ "device closed to us", { DEVICE, .open = EACCES }, NULL, 0, ASSAY_DEVICE_PERMISSION,
		"/dev/tdx_guest: Permission denied", 0, 0, 0 },
	{ "device in use", { DEVICE, .open = EBUSY }, NULL, 0, ASSAY_QUOTE_BUSY,
		"/dev/tdx_guest: Device or resource busy", 0, 0, 0 },
	{ "no TDREPORT", { DEVICE, .known = 0 }, NULL, 0, ASSAY_QUOTE_SERVICE,
		"has no TDX_CMD_GET_REPORT0: no way to a quote", 0, 0, 0 },
	{ "TDCALL fails", { DEVICE, .known = KERNEL_REPORT, .report_no = EIO }, NULL, 0,
		ASSAY_QUOTE_SERVICE, "TDX_CMD_GET_REPORT0: Input/output error", 0, 0, 0 },
	{ "TDREPORT of something else",
		{ DEVICE, .known = KERNEL_REPORT, .other_report = true }, NULL, 0,
		ASSAY_QUOTE_REPLY, "not of this request", 0, 0, 0 },
	{ "mainline without configfs", { DEVICE, .known = KERNEL_REPORT }, NULL, 0,
		ASSAY_QUOTE_SERVICE,
		"no quoting service is configured (--qgs, /etc/tdx-attest.conf); /dev/tdx_guest has "
		"no GET_QUOTE: no way to a quote; mount configfs",
		0, 0, 0 },
	{ "nobody listens", { DEVICE, .known = KERNEL_REPORT }, NOBODY, 0, ASSAY_QUOTE_SERVICE,
		"qgs.sock: No such file or directory; /dev/tdx_guest has no GET_QUOTE", 0, 0,
		0 },
	{ "nobody listens, and GET_QUOTE", { DEVICE, .known = KERNEL_REPORT | ALL_QUOTES },
		NOBODY, 0, ASSAY_OK, "", 0, 1, 0 },
	{ "an address that is none", { DEVICE, .known = KERNEL_REPORT }, "tcp:4050", 0,
		ASSAY_INPUT_OPTION, "give unix:PATH", 0, 0, 0 },
	{ "configured badly", { DEVICE, .known = KERNEL_REPORT, .config = "port=40x0\n" }, NULL,
		0, ASSAY_QUOTE_SERVICE, "\"port=40x0\" is no port", 0, 0, 0 },
	{ "configuration unreadable", { DEVICE, .known = KERNEL_REPORT, .config_no = EACCES },
		NULL, 0, ASSAY_QUOTE_SERVICE, "/etc/tdx-attest.conf: Permission", 0, 0, 0 },

	/* GET_QUOTE */
	{ "Anolis", { DEVICE, .known = KERNEL_REPORT | KERNEL_QUOTE_R }, NULL, 0, ASSAY_OK, "",
		0, 1, 0 },
	{ "an old name", { NONE, .open = ENOENT, .known = KERNEL_REPORT | KERNEL_QUOTE_RW },
		NULL, 0, ASSAY_OK, "", 0, 1, 0 },
	{ "the number of 2022", { DEVICE, .known = KERNEL_REPORT | KERNEL_QUOTE_2 }, NULL, 0,
		ASSAY_OK, "", 0, 1, 1 },
	{ "busy", { DEVICE, .known = KERNEL_REPORT | ALL_QUOTES, .quote = { EBUSY } }, NULL, 0,
		ASSAY_OK, "", 1, 2, 0 },
	{ "busy to the end",
		{ DEVICE, .known = KERNEL_REPORT | ALL_QUOTES, .quote = { BUSY10 } }, NULL, 3,
		ASSAY_QUOTE_BUSY, "GET_QUOTE: Device or resource busy", 2, 3, 0 },
	{ "in flight to the end",
		{ DEVICE, .known = KERNEL_REPORT | ALL_QUOTES, .status = UINT64_MAX }, NULL, 3,
		ASSAY_QUOTE_BUSY, "still in flight", 2, 3, 0 },
	{ "fails", { DEVICE, .known = KERNEL_REPORT | ALL_QUOTES, .quote = { EIO } }, NULL, 0,
		ASSAY_QUOTE_SERVICE, "GET_QUOTE: Input/output error", 0, 1, 0 },
	{ "may not", { DEVICE, .known = KERNEL_REPORT | ALL_QUOTES, .quote = { EPERM } }, NULL,
		0, ASSAY_DEVICE_PERMISSION, "GET_QUOTE: Operation not permitted", 0, 1, 0 },
	{ "a fault of ours",
		{ DEVICE, .known = KERNEL_REPORT | ALL_QUOTES, .quote = { EFAULT } }, NULL, 0,
		ASSAY_DEVICE_ERROR, "GET_QUOTE: Bad address", 0, 1, 0 },
	{ "the host knows bare reports only",
		{ DEVICE, .known = KERNEL_REPORT | ALL_QUOTES, .status = UINT64_C(1) << 63 },
		NULL, 0, ASSAY_OK, "", 0, 2, 1 },
	{ "the host has no service",
		{ DEVICE, .known = KERNEL_REPORT | ALL_QUOTES,
			.status      = UINT64_C(0x8000000000000001),
			.bare_status = UINT64_C(0x8000000000000001) },
		NULL, 0, ASSAY_QUOTE_SERVICE, "the host has no quoting service", 0, 2, 1 },
	{ "the host refuses both",
		{ DEVICE, .known = KERNEL_REPORT | ALL_QUOTES, .status = UINT64_C(1) << 63,
			.bare_status = UINT64_C(1) << 63 },
		NULL, 0, ASSAY_QUOTE_SERVICE, "GET_QUOTE: the host refuses", 0, 2, 1 },
	{ "a status of no kind",
		{ DEVICE, .known = KERNEL_REPORT | KERNEL_QUOTE_2, .bare_status = 5 }, NULL, 0,
		ASSAY_QUOTE_SERVICE, "status is 0x5", 0, 1, 1 },
	{ "an answer of 4 GiB",
		{ DEVICE, .known = KERNEL_REPORT | ALL_QUOTES, .out_len = UINT32_MAX }, NULL, 0,
		ASSAY_QUOTE_REPLY, "an answer of 4294967295 bytes", 0, 1, 0 },
	{ "an answer past the buffer",
		{ DEVICE, .known = KERNEL_REPORT | ALL_QUOTES, .out_len = 16361 }, NULL, 0,
		ASSAY_QUOTE_REPLY, "an answer of 16361", 0, 1, 0 },
	{ "an answer that is cut",
		{ DEVICE, .known = KERNEL_REPORT | ALL_QUOTES, .out_len = 1000 }, NULL, 0,
		ASSAY_QUOTE_REPLY, "1000 bytes says that it has 1324", 0, 1, 0 },
	{ "an answer of two bytes",
		{ DEVICE, .known = KERNEL_REPORT | ALL_QUOTES, .out_len = 2 }, NULL, 0,
		ASSAY_QUOTE_REPLY, "an answer of 2 bytes", 0, 1, 0 },
	{ "garbage", { DEVICE, .known = KERNEL_REPORT | ALL_QUOTES, .garbage = true }, NULL, 0,
		ASSAY_QUOTE_REPLY, "announces a reply of 2863311530", 0, 1, 0 },
	{ "garbage, bare", { DEVICE, .known = KERNEL_REPORT | KERNEL_QUOTE_2, .garbage = true },
		NULL, 0, ASSAY_QUOTE_REPLY, "GET_QUOTE: what came back is no quote", 0, 1, 1 },
};

/* As a collector goes: an entry when there is one, everything else without. */
static enum assay_code collect(
	struct kernel *k, const struct row *r, struct buf *out, struct assay_err *e)
{
	const struct guest_calls calls = kernel_calls(k);
	struct tsm_entry         entry = { 0 };
	struct assay_err         why   = { 0 };
	struct tdx_ask           ask   = { .calls = &calls, .qgs = r->qgs };
	enum assay_code          code;

	memset(ask.data, 0x37, sizeof(ask.data));
	ask.until = (r->seconds == 0 ? 35 : r->seconds) * INT64_C(1000);
	code      = tsm_enter(&calls, &entry, &why);
	if (code != ASSAY_OK && code != ASSAY_TD_ABSENT) {
		*e = why;
		return code;
	}
	code = tdx_ask(&ask, code == ASSAY_OK ? &entry : NULL, &why, out, e);
	tsm_leave(&entry);
	return code;
}

static void ways(void **state)
{
	(void)state;
	kernel_quote(huge, other);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row            *r   = &rows[i];
		CLEANUP(buf_done) struct buf out = { 0 };
		struct kernel                k   = r->k;
		struct assay_err             e   = { 0 };

		print_message("%s\n", r->name);
		if (collect(&k, r, &out, &e) != r->code)
			fail_msg("%s", assay_err_text(&e));
		if (strstr(assay_err_text(&e), r->says) == NULL)
			fail_msg("%s", assay_err_text(&e));
		assert_int_equal(k.waits, r->waits);
		assert_int_equal(k.quotes, r->quotes);
		assert_int_equal(k.bare, r->bare);
		assert_int_equal(k.made, k.removed); /* nothing stays in configfs */
		assert_int_equal(k.opened, 0);
		assert_int_equal(out.n, r->code == ASSAY_OK ? KERNEL_QUOTE : 0);
		if (r->code == ASSAY_OK)
			assert_memory_equal(out.p, k.made_quote, KERNEL_QUOTE);
	}
}

static void is_there(void **state)
{
	static const struct {
		struct kernel k;
		bool          there;
	} cases[] = {
		{ { 0 }, true },
		{ { NONE, .open = ENOENT, .old_open = ENOENT }, false },
		{ { .provider = "sev_guest\n", .open = ENOENT, .old_open = ENOENT }, false },
		{ { .make = EACCES, .open = ENOENT, .old_open = ENOENT }, false },
		{ { .make = EACCES, .open = EACCES }, true },
		{ { NONE, .open = EBUSY }, true },
		{ { NONE, .open = ENOENT }, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct kernel            k     = cases[i].k;
		const struct guest_calls calls = kernel_calls(&k);

		assert_int_equal(tdx_there(&calls), cases[i].there);
		assert_int_equal(k.made, k.removed);
		assert_int_equal(k.opened, 0);
		assert_int_equal(k.reads + k.quotes, 0);
	}
}

/* Each errno of the extension; the first number that the kernel knows is the only one. */
static void extend(void **state)
{
	static const struct {
		struct kernel   k;
		enum assay_code code;
		const char     *says;
	} cases[] = {
		{ { .known = KERNEL_EXTEND_R }, ASSAY_OK, "" },
		{ { .known = KERNEL_EXTEND_W }, ASSAY_OK, "" },
		{ { .known = KERNEL_REPORT }, ASSAY_TD_ABSENT, "has no EXTEND_RTMR" },
		{ { .known = KERNEL_EXTEND_R, .extend_no = EPERM }, ASSAY_TD_EXTEND,
			"RTMR3: Operation not permitted" },
		{ { .known = KERNEL_EXTEND_W, .extend_no = EIO }, ASSAY_TD_EXTEND,
			"RTMR3: Input/output" },
		{ { .known = KERNEL_EXTEND_R | KERNEL_EXTEND_W, .extend_no = EINVAL },
			ASSAY_TD_EXTEND, "Invalid argument" },
	};
	uint8_t digest[48];

	(void)state;
	memset(digest, 0x5c, sizeof(digest));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct kernel            k     = cases[i].k;
		const struct guest_calls calls = kernel_calls(&k);
		struct tdx_guest         g     = { 0 };
		struct assay_err         e     = { 0 };

		test_must(tdx_guest_open(&calls, &g, &e), &e);
		assert_int_equal(tdx_guest_extend(&g, 3, digest, &e), cases[i].code);
		assert_non_null(strstr(assay_err_text(&e), cases[i].says));
		if (cases[i].code == ASSAY_OK)
			assert_memory_equal(k.rtmr[3], digest, sizeof(digest));
		tdx_guest_done(&g);
		assert_int_equal(k.opened, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways),
		cmocka_unit_test(is_there),
		cmocka_unit_test(extend),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
