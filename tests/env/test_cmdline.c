/* SPDX-License-Identifier: Apache-2.0 */
#include "env/cmdline.h"

#include "test.h"

static const struct {
	const char *name, *in, *args; /* "name=value|..." */
} words[] = {
	{ "none", "", "" },
	{ "blanks", "  \n", "" },
	{ "two", "ro quiet\n", "ro|quiet|" },
	{ "a value", "root=UUID=12 x", "root=UUID=12|x|" },
	{ "quotes around a value", "a=\"b c\" d", "a=b c|d|" },
	{ "quotes around all", "\"a=b c\" d", "a=b c|d|" },
	{ "quotes inside", "a=b\"c d\"e f", "a=b\"c d\"e|f|" },
	{ "a quote without end", "a=\"b c", "a=b c|" },
	{ "up to --", "a -- b", "a|" },
	{ "-- in a word", "a--b -- c", "a--b|" },
	{ "empty value", "a= b", "a=|b|" },
};

static void split(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		CLEANUP(buf_done) struct buf got = { 0 };
		struct cmdline_arg           a;

		print_message("%s\n", words[i].name);
		for (size_t at = 0; cmdline_next(bytes_text(words[i].in), &at, &a);) {
			buf_put(&got, a.name.p, a.name.n);
			buf_text(&got, a.valued ? "=" : "");
			buf_put(&got, a.value.p, a.value.n);
			buf_byte(&got, '|');
		}
		assert_string_equal(buf_cstr(&got), words[i].args);
	}
}

static const struct {
	const char *name, *in, *arg, *value, *out;
} edits[] = {
	{ "add", "ro quiet\n", "swiotlb", "4,any", "ro quiet swiotlb=4,any\n" },
	{ "add to nothing", "", "swiotlb", "4", "swiotlb=4" },
	{ "add before --", "ro -- init", "swiotlb", "4", "ro swiotlb=4 -- init" },
	{ "add, -- alone", "-- init", "swiotlb", "4", "swiotlb=4 -- init" },
	{ "is so", "ro  swiotlb=4  quiet", "swiotlb", "4", "ro  swiotlb=4  quiet" },
	{ "replace", "ro  swiotlb=1  quiet", "swiotlb", "4", "ro  swiotlb=4  quiet" },
	{ "two become one", "swiotlb=1 ro swiotlb=2", "swiotlb", "4", "swiotlb=4 ro" },
	{ "remove", "ro swiotlb=1 quiet", "swiotlb", NULL, "ro quiet" },
	{ "remove the first", "swiotlb=1 ro", "swiotlb", NULL, "ro" },
	{ "remove the last", "ro swiotlb=1\n", "swiotlb", NULL, "ro\n" },
	{ "remove what is not there", "ro  quiet ", "swiotlb", NULL, "ro  quiet " },
	{ "remove two side by side", "a x=1 x=2 b", "x", NULL, "a b" },
	{ "others with that beginning", "swiotlbx=1 xswiotlb=2", "swiotlb", "4",
		"swiotlbx=1 xswiotlb=2 swiotlb=4" },
	{ "quotes of others stay", "a=\"b  c\" x=1", "x", "2", "a=\"b  c\" x=2" },
	{ "dash is underscore", "rd.driver-x=1", "rd.driver_x", NULL, "" },
};

static void edit(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		CLEANUP(buf_done) struct buf got = { 0 }, again = { 0 };
		struct assay_err             e = { 0 };

		print_message("%s\n", edits[i].name);
		test_must(cmdline_set(bytes_text(edits[i].in), edits[i].arg, edits[i].value,
				  &got, &e),
			&e);
		assert_string_equal(buf_cstr(&got), edits[i].out);
		test_must(
			cmdline_set(buf_bytes(&got), edits[i].arg, edits[i].value, &again, &e),
			&e);
		assert_string_equal(buf_cstr(&again), edits[i].out);
	}
}

static const struct {
	const char    *in;
	struct swiotlb is;
} pools[] = {
	{ "ro", { 0 } },
	{ "swiotlb=4194304,any",
		{ .count = 1, .number = true, .slabs = 4194304, .any = true } },
	{ "swiotlb=4194304", { .count = 1, .number = true, .slabs = 4194304 } },
	{ "swiotlb=0x400000,force",
		{ .count = 1, .number = true, .slabs = 4194304, .force = true } },
	{ "swiotlb=0200", { .count = 1, .number = true, .slabs = 128 } },
	{ "swiotlb=1", { .count = 1, .number = true, .slabs = 128 } },
	{ "swiotlb=129", { .count = 1, .number = true, .slabs = 256 } },
	{ "swiotlb=524288,4,noforce",
		{ .count = 1, .number = true, .slabs = 524288, .areas = 4, .noforce = true } },
	{ "swiotlb=force", { .count = 1, .force = true } },
	{ "swiotlb=any", { .count = 1, .any = true } },
	{ "swiotlb=8G", { .count = 1, .number = true, .slabs = 128, .unknown = true } },
	{ "swiotlb=1024 swiotlb=2048,any",
		{ .count = 2, .number = true, .slabs = 2048, .any = true } },
	{ "swiotlb=1024 swiotlb=force",
		{ .count = 2, .number = true, .slabs = 1024, .force = true } },
	{ "a -- swiotlb=1024", { 0 } },
	{ "swiotlb", { .count = 1 } },
	{ "xen_swiotlb=1", { 0 } },
};

static void swiotlb(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pools); i++) {
		const struct swiotlb *want = &pools[i].is;
		struct swiotlb        got;

		print_message("%s\n", pools[i].in);
		cmdline_swiotlb(bytes_text(pools[i].in), &got);
		assert_int_equal(got.count, want->count);
		assert_int_equal(got.number, want->number);
		assert_int_equal(got.slabs, want->slabs);
		assert_int_equal(got.areas, want->areas);
		assert_int_equal(got.any, want->any);
		assert_int_equal(got.force, want->force);
		assert_int_equal(got.noforce, want->noforce);
		assert_int_equal(got.unknown, want->unknown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(split), cmocka_unit_test(edit),
		cmocka_unit_test(swiotlb) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
