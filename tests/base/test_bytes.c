/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include "test.h"

static const struct {
	const char  *name;
	struct bytes in;
	bool         is;
	uint64_t     out;
} numbers[] = {
	{ "nought", BYTES("0"), true, 0 },
	{ "zeros in front", BYTES("000001771412"), true, 1771412 },
	{ "all digits", BYTES("1234567890"), true, 1234567890 },
	{ "the largest", BYTES("18446744073709551615"), true, UINT64_MAX },
	{ "one more", BYTES("18446744073709551616"), false, 0 },
	{ "ten times too many", BYTES("99999999999999999999"), false, 0 },
	{ "21 digits", BYTES("000000000000000000001"), false, 0 },
	{ "none", BYTES(""), false, 0 },
	{ "a sign", BYTES("-1"), false, 0 },
	{ "another", BYTES("+1"), false, 0 },
	{ "a blank", BYTES(" 1"), false, 0 },
	{ "a line", BYTES("1\n"), false, 0 },
	{ "a NUL", BYTES("1\0"), false, 0 },
	{ "next to the digits", BYTES("1/"), false, 0 },
	{ "on their other side", BYTES("1:"), false, 0 },
	{ "hexadecimal", BYTES("0x1"), false, 0 },
};

static void number(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		uint64_t out = 7;

		print_message("%s\n", numbers[i].name);
		assert_int_equal(bytes_number(numbers[i].in, &out), numbers[i].is);
		assert_true(out == (numbers[i].is ? numbers[i].out : 7)); /* only on success */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(number) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
