/* SPDX-License-Identifier: Apache-2.0
 *
 * Records of a process that may say anything. */
#include "collect/record.h"
#include "test.h"

#define SYS    "\xff\xff\xff\xff"
#define D0     "\0\0\0\0"
#define KEY(k) k "\0\0\0"

/* Keys by their place: 0 CALL, 1 COUNT, 2 DRIVER, 5 CC, 12 UUID, 17 PDI, 18 REPORT, 20 FAULT, 21 ASKED, 22 DONE. */
static const struct {
	const char     *name;
	struct bytes    in;
	enum assay_code code;
	bool            whole;
} heads[] = {
	{ "a call", BYTES(KEY("\0") SYS "\4\0\0\0init"), ASSAY_OK, true },
	{ "of a device", BYTES(KEY("\0") D0 "\4\0\0\0init"), ASSAY_OK, true },
	{ "nothing yet", BYTES(""), ASSAY_OK, false },
	{ "half a head", BYTES(KEY("\0") SYS "\4\0"), ASSAY_OK, false },
	{ "half a value", BYTES(KEY("\0") SYS "\4\0\0\0ini"), ASSAY_OK, false },
	{ "no value", BYTES(KEY("\x16") SYS "\0\0\0\0"), ASSAY_OK, true },
	{ "a value of what has none", BYTES(KEY("\x16") SYS "\1\0\0\0x"), ASSAY_DEVICE_REPLY,
		false },
	{ "a key too high", BYTES(KEY("\x1a") SYS "\0\0\0\0"), ASSAY_DEVICE_REPLY, false },
	{ "a key of four bytes", BYTES("\0\0\0\1" SYS "\0\0\0\0"), ASSAY_DEVICE_REPLY, false },
	{ "a name of 96", BYTES(KEY("\0") SYS "\x60\0\0\0"), ASSAY_DEVICE_REPLY, false },
	{ "4 GiB", BYTES(KEY("\x12") D0 "\xff\xff\xff\xff"), ASSAY_DEVICE_REPLY, false },
	{ "a report of 8193", BYTES(KEY("\x12") D0 "\1\x20\0\0"), ASSAY_DEVICE_REPLY, false },
	{ "a report of 8192", BYTES(KEY("\x12") D0 "\0\x20\0\0"), ASSAY_OK, false },
	{ "a number of three", BYTES(KEY("\5") SYS "\3\0\0\0abc"), ASSAY_DEVICE_REPLY, false },
	{ "a number of five", BYTES(KEY("\5") SYS "\5\0\0\0abcde"), ASSAY_DEVICE_REPLY, false },
	{ "a fault without code", BYTES(KEY("\x14") SYS "\3\0\0\0abc"), ASSAY_DEVICE_REPLY,
		false },
	{ "a report of the system", BYTES(KEY("\x12") SYS "\1\0\0\0x"), ASSAY_DEVICE_REPLY,
		false },
	{ "a mode of a device", BYTES(KEY("\5") D0 "\4\0\0\0abcd"), ASSAY_DEVICE_REPLY, false },
	{ "device 64",
		BYTES(KEY("\x15") "\x40\0\0\0"
				  "\0\0\0\0"),
		ASSAY_DEVICE_REPLY, false },
	{ "device 63",
		BYTES(KEY("\x15") "\x3f\0\0\0"
				  "\0\0\0\0"),
		ASSAY_OK, true },
};

static void reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		struct rd        r     = { .in = heads[i].in };
		struct record    got   = { 0 };
		bool             whole = !heads[i].whole;
		struct assay_err e     = { 0 };

		print_message("%s\n", heads[i].name);
		assert_int_equal(record_read(&r, &got, &whole, &e), heads[i].code);
		assert_int_equal(whole, heads[i].whole);
		assert_int_equal(r.at, heads[i].whole ? heads[i].in.n : 0);
	}
}

/* What is put is read. */
static void round_trip(void **state)
{
	CLEANUP(buf_done) struct buf out = { 0 };
	uint8_t                      big[9000];
	struct record                got;
	bool                         whole;
	struct assay_err             e = { 0 };
	struct rd                    r;

	(void)state;
	memset(big, 7, sizeof(big));
	record_put(&out, RECORD_REPORT, 3, BYTES_OF(big)); /* cut */
	record_put(&out, RECORD_UUID, 3, BYTES("GPU-1"));
	record_put(&out, RECORD_DONE, RECORD_SYSTEM, (struct bytes){ 0 });
	r = (struct rd){ .in = buf_bytes(&out) };
	test_must(record_read(&r, &got, &whole, &e), &e);
	assert_true(whole && got.key == RECORD_REPORT && got.device == 3);
	assert_int_equal(got.value.n, EVIDENCE_REPORT);
	test_must(record_read(&r, &got, &whole, &e), &e);
	assert_true(bytes_equal(got.value, BYTES("GPU-1")));
	test_must(record_read(&r, &got, &whole, &e), &e);
	assert_true(whole && got.key == RECORD_DONE && got.device == RECORD_SYSTEM);
	assert_int_equal(rd_left(&r), 0);
}

/* Taken in order, after two devices were counted; the last one's code is told. */
static const struct {
	const char     *name;
	struct record   r;
	enum assay_code code;
} takes[] = {
	{ "the same number again", { RECORD_COUNT, RECORD_SYSTEM, BYTES("\2\0\0\0") },
		ASSAY_OK },
	{ "another number", { RECORD_COUNT, RECORD_SYSTEM, BYTES("\3\0\0\0") },
		ASSAY_DEVICE_REPLY },
	{ "65 devices", { RECORD_COUNT, RECORD_SYSTEM, BYTES("\x41\0\0\0") },
		ASSAY_DEVICE_REPLY },
	{ "minus one", { RECORD_COUNT, RECORD_SYSTEM, BYTES("\xff\xff\xff\xff") },
		ASSAY_DEVICE_REPLY },
	{ "a name", { RECORD_NAME, 1, BYTES("NVIDIA \033[31m") }, ASSAY_OK },
	{ "of no device", { RECORD_NAME, 2, BYTES("x") }, ASSAY_DEVICE_REPLY },
	{ "asked, of no device", { RECORD_ASKED, 2, BYTES("") }, ASSAY_DEVICE_REPLY },
	{ "an UUID", { RECORD_UUID, 0, BYTES("GPU-1") }, ASSAY_OK },
	{ "the same", { RECORD_UUID, 0, BYTES("GPU-1") }, ASSAY_OK },
	{ "another", { RECORD_UUID, 0, BYTES("GPU-2") }, ASSAY_DEVICE_REPLY },
	{ "ready", { RECORD_READY, RECORD_SYSTEM, BYTES("\1\0\0\0") }, ASSAY_OK },
	{ "neither ready nor not", { RECORD_READY, RECORD_SYSTEM, BYTES("\2\0\0\0") },
		ASSAY_DEVICE_REPLY },
	{ "less than not ready", { RECORD_READY, RECORD_SYSTEM, BYTES("\xfe\xff\xff\xff") },
		ASSAY_DEVICE_REPLY },
	{ "a fault that accepts", { RECORD_FAULT, 0, BYTES("\0\0\0\0fine") },
		ASSAY_DEVICE_REPLY },
	{ "a code that is none", { RECORD_FAULT, 0, BYTES("\xff\xff\0\0x") },
		ASSAY_DEVICE_REPLY },
};

static void hauls(void **state)
{
	CLEANUP(haul_done) struct haul h;
	struct assay_err               e = { 0 };

	(void)state;
	haul_open(&h);
	assert_int_equal(h.system.cc, -1);
	assert_int_equal(
		haul_take(&h, DEVICE_GPU, &(struct record){ RECORD_NAME, 0, BYTES("x") }, &e),
		ASSAY_DEVICE_REPLY); /* before the count */
	test_must(
		haul_take(&h, DEVICE_GPU,
			&(struct record){ RECORD_COUNT, RECORD_SYSTEM, BYTES("\2\0\0\0") }, &e),
		&e);
	for (size_t i = 0; i < ARRAY_LEN(takes); i++) {
		print_message("%s\n", takes[i].name);
		assert_int_equal(haul_take(&h, DEVICE_GPU, &takes[i].r, &e), takes[i].code);
	}
	assert_string_equal(h.device[1].name, "NVIDIA \\x1b[31m");
	assert_string_equal(h.device[0].uuid, "GPU-1");
	assert_int_equal(h.device[0].fault.code, ASSAY_OK);
}

/* Codes of class REJECTED and INTERNAL are not the library's to give. */
static void faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < ASSAY_CODE_COUNT; i++) {
		CLEANUP(haul_done) struct haul h;
		struct assay_err               e   = { 0 };
		const enum assay_class         cls = assay_class((enum assay_code)i);
		const uint8_t       in[5] = { (uint8_t)i, (uint8_t)(i >> 8), 0, 0, 'x' };
		const struct record r     = { RECORD_FAULT, RECORD_SYSTEM, BYTES_OF(in) };
		const bool may = cls == ASSAY_CLASS_UNAVAILABLE || cls == ASSAY_CLASS_NOT_READY;

		haul_open(&h);
		assert_int_equal(
			haul_take(&h, DEVICE_GPU, &r, &e), may ? ASSAY_OK : ASSAY_DEVICE_REPLY);
		assert_int_equal(h.fault.code, may ? i : ASSAY_OK);
	}
}

/* The door's fault goes to those that were not asked yet; what came stays. */
static void blame(void **state)
{
	CLEANUP(haul_done) struct haul h;
	struct assay_err               e = { 0 }, why = { 0 };

	(void)state;
	haul_open(&h);
	test_must(
		haul_take(&h, DEVICE_GPU,
			&(struct record){ RECORD_COUNT, RECORD_SYSTEM, BYTES("\3\0\0\0") }, &e),
		&e);
	test_must(haul_take(&h, DEVICE_GPU, &(struct record){ RECORD_ASKED, 1, BYTES("") }, &e),
		&e);
	err_set(&why, ASSAY_DEVICE_TIMEOUT, "late");
	haul_blame(&h, RECORD_SYSTEM, &why);
	assert_int_equal(h.fault.code, ASSAY_OK);
	assert_int_equal(h.device[0].fault.code, ASSAY_DEVICE_TIMEOUT);
	assert_int_equal(h.device[1].fault.code, ASSAY_OK);
	assert_int_equal(h.device[2].fault.code, ASSAY_DEVICE_TIMEOUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(hauls),
		cmocka_unit_test(faults),
		cmocka_unit_test(blame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
