/* SPDX-License-Identifier: Apache-2.0 */
#include "env/klog.h"

#include "test.h"

static const struct {
	const char *name, *in, *text; /* NULL: no line */
	bool        timed;
	uint64_t    usec;
	bool        foreign;
} lines[] = {
	{ "none", "", NULL, false, 0, false },
	{ "dmesg", "[    1.234567] NVRM: x\n", "NVRM: x", true, 1234567, false },
	{ "dmesg with a level", "<6>[   12.000001] a: b\n", "a: b", true, 12000001, false },
	{ "kmsg", "6,12,345678,-;tdx: Guest detected\n", "tdx: Guest detected", true, 345678,
		false },
	{ "a record's property", " SUBSYSTEM=pci\n", NULL, false, 0, false },
	{ "journal", "Nov 25 10:00:01 host kernel: NVRM: x\n", "NVRM: x", false, 0, false },
	{ "journal, day of one digit", "Nov  5 10:00:01 host kernel: NVRM: x\n", "NVRM: x",
		false, 0, false },
	{ "journal, ISO", "2026-11-25T10:00:01+0000 host kernel: NVRM: x\n", "NVRM: x", false,
		0, false },
	{ "journal, another program", "Nov 25 10:00:01 host sshd[12]: NVRM: x\n", "NVRM: x",
		false, 0, true },
	{ "bare", "NVRM: x\n", "NVRM: x", false, 0, false },
	{ "brackets without a time", "[drm] x\n", "[drm] x", false, 0, false },
	{ "a time that is none", "[99999999999999999999.1] x\n", "[99999999999999999999.1] x",
		false, 0, false },
	{ "kmsg cut", "6,12;x\n", "6,12;x", false, 0, false },
};

static void forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct klog_line got = { 0 };
		size_t           at  = 0;

		print_message("%s\n", lines[i].name);
		assert_int_equal(
			klog_next(bytes_text(lines[i].in), &at, &got), lines[i].text != NULL);
		if (lines[i].text == NULL)
			continue;
		assert_true(bytes_equal(got.text, bytes_text(lines[i].text)));
		assert_int_equal(got.timed, lines[i].timed);
		if (got.timed)
			assert_int_equal(got.usec, lines[i].usec);
		assert_int_equal(got.foreign, lines[i].foreign);
	}
}

static void mapped(void **state)
{
	uint64_t from = 0, to = 0;

	(void)state;
	assert_true(klog_swiotlb_mapped(
		BYTES("software IO TLB: mapped [mem 0x0000000100000000-0x0000000300000000] (8192MB)"),
		&from, &to));
	assert_true(to - from == 8589934592);
	assert_true(klog_swiotlb_mapped(
		BYTES("software IO TLB: mapped [mem 0x7b800000-0x7f7fffff] (64MB)"), &from,
		&to));
	assert_true(to - from == 67108864);
	assert_false(klog_swiotlb_mapped(
		BYTES("software IO TLB: mapped [mem 0x5-0x5] (0MB)"), &from, &to));
	assert_false(
		klog_swiotlb_mapped(BYTES("software IO TLB: mapped [mem 0x5"), &from, &to));
	assert_false(klog_swiotlb_mapped(BYTES("software IO TLB: area num 8."), &from, &to));
}

#define FULL(n, t, u)                                                           \
	"nvme 0000:00:04.0: swiotlb buffer is full (sz: " n " bytes), total " t \
	" (slots), used " u " (slots)"

static void full(void **state)
{
	static const struct {
		const char       *in;
		enum swiotlb_full is;
	} cases[] = {
		{ FULL("524288", "524288", "1044"), SWIOTLB_TOO_LARGE },
		{ FULL("4096", "524288", "524200"), SWIOTLB_EXHAUSTED },
		{ FULL("262144", "524288", "1044"), SWIOTLB_FRAGMENTED },
		{ "swiotlb buffer is full (sz: 4096 bytes)", SWIOTLB_EXHAUSTED },
		{ "swiotlb buffer is fine", SWIOTLB_NOT_FULL },
		{ "swiotlb buffer is full (sz: x", SWIOTLB_NOT_FULL },
		{ FULL("99999999999999999999999", "1", "1"), SWIOTLB_NOT_FULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct klog_full f;

		print_message("%s\n", cases[i].in);
		assert_int_equal(klog_swiotlb_full(bytes_text(cases[i].in), &f), cases[i].is);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(forms), cmocka_unit_test(mapped),
		cmocka_unit_test(full) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
