/* SPDX-License-Identifier: Apache-2.0 */
#include "env/modinfo.h"

#include <stdlib.h>

#include "test.h"

/* The seed of the fuzzer: an ELF file with the two sections that matter. */
static void module(struct buf *out)
{
	CLEANUP(buf_done) struct buf path = { 0 };

	buf_printf(&path, "%s/fuzz/seeds/modinfo/plain", getenv("ASSAY_SOURCE"));
	test_read(buf_cstr(&path), out);
}

static void values(void **state)
{
	static const struct {
		const char *name, *value; /* NULL: none */
	} cases[] = { { "version", "570.148.08" }, { "license", "Dual MIT/GPL" },
		{ "name", "nvidia" }, { "vers", NULL }, { "versions", NULL }, { "", NULL } };
	CLEANUP(buf_done) struct buf file = { 0 };

	(void)state;
	module(&file);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bytes v = { 0 };

		print_message("%s\n", cases[i].name);
		assert_int_equal(modinfo_find(buf_bytes(&file), cases[i].name, &v),
			cases[i].value != NULL);
		if (cases[i].value != NULL)
			assert_true(bytes_equal(v, bytes_text(cases[i].value)));
	}
}

/* Cut anywhere, or with any byte of the header changed, it is read within its bounds, or not at all. */
static void broken(void **state)
{
	CLEANUP(buf_done) struct buf file = { 0 };
	struct bytes                 v    = { 0 };

	(void)state;
	module(&file);
	for (size_t n = 0; n < file.n; n++)
		assert_false(modinfo_find((struct bytes){ file.p, n }, "version", &v));
	for (size_t i = 0; i < 64; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			file.p[i] ^= (uint8_t)(1U << bit);
			if (modinfo_find(buf_bytes(&file), "version", &v))
				assert_true(v.p >= file.p && v.n <= file.n &&
					(size_t)(v.p - file.p) <= file.n - v.n);
			file.p[i] ^= (uint8_t)(1U << bit);
		}
	assert_false(modinfo_find(BYTES("\xfd"
					"7zXZ"),
		"version", &v));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(values),
		cmocka_unit_test(broken) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
