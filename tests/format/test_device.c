/* SPDX-License-Identifier: Apache-2.0 */
#include "format/device.h"

#include "test.h"

static const struct {
	struct bytes       arch;
	enum device_family family;
	const char        *says;
} cases[] = {
	{ BYTES("HOPPER"), FAMILY_HOPPER, "" },
	{ BYTES("hopper"), FAMILY_HOPPER, "" },
	{ BYTES("Blackwell"), FAMILY_BLACKWELL, "" },
	{ BYTES("LS10"), FAMILY_LS10, "" },
	{ BYTES("ls10"), FAMILY_NONE, "\"ls10\" is unknown" }, /* switch names exactly */
	{ BYTES("lr10"), FAMILY_NONE, "\"lr10\" is unknown" },
	{ BYTES("AMPERE"), FAMILY_NONE, "AMPERE is recognised but not supported" },
	{ BYTES("rubin"), FAMILY_NONE, "RUBIN is recognised but not supported" },
	{ BYTES("SV10"), FAMILY_NONE, "SV10 is recognised but not supported" },
	{ BYTES("LR10"), FAMILY_NONE, "LR10 is recognised but not supported" },
	{ BYTES(""), FAMILY_NONE, "\"\" is unknown" },
	{ BYTES("HOPPE"), FAMILY_NONE, "is unknown" },
	{ BYTES("HOPPERS"), FAMILY_NONE, "is unknown" },
	{ BYTES("HOPPER\0"), FAMILY_NONE, "\"HOPPER\\x00\" is unknown" },
	{ BYTES(" HOPPER"), FAMILY_NONE, "is unknown" },
	{ BYTES("\033[2J"), FAMILY_NONE, "\"\\x1b[2J\" is unknown" },
};

static void archs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum device_family family = FAMILY_NONE;
		struct assay_err   e      = { 0 };
		bool               good   = cases[i].family != FAMILY_NONE;

		assert_int_equal(device_family_parse(cases[i].arch), cases[i].family);
		assert_int_equal(device_family_read(cases[i].arch, &family, &e),
			good ? ASSAY_OK : ASSAY_INPUT_ARCH);
		assert_int_equal(family, cases[i].family);
		assert_non_null(strstr(assay_err_text(&e), cases[i].says));
	}
}

static void names(void **state)
{
	enum device_kind kind = DEVICE_KINDS;

	(void)state;
	assert_string_equal(device_family_name(FAMILY_HOPPER), "HOPPER");
	assert_string_equal(device_family_name(FAMILY_BLACKWELL), "BLACKWELL");
	assert_string_equal(device_family_name(FAMILY_LS10), "LS10");
	assert_string_equal(device_family_name(FAMILY_NONE), "");
	assert_int_equal(device_family_kind(FAMILY_HOPPER), DEVICE_GPU);
	assert_int_equal(device_family_kind(FAMILY_BLACKWELL), DEVICE_GPU);
	assert_int_equal(device_family_kind(FAMILY_LS10), DEVICE_NVSWITCH);
	assert_int_equal(device_family_kind(FAMILY_NONE), DEVICE_GPU);
	for (size_t i = 0; i < DEVICE_KINDS; i++) {
		const char *name = device_kind_name((enum device_kind)i);

		assert_true(device_kind_parse(bytes_text(name), &kind));
		assert_int_equal(kind, i);
	}
	assert_string_equal(device_kind_name(DEVICE_KINDS), "");
	assert_false(device_kind_parse(BYTES("GPU"), &kind));
	assert_false(device_kind_parse(BYTES(""), &kind));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(archs),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
