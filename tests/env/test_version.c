/* SPDX-License-Identifier: Apache-2.0 */
#include "env/version.h"

#include "test.h"

#define FLOOR BYTES("5.10.134-18")

/* environment 3 */
static const struct {
	const char         *in;
	enum kernel_vendor  vendor;
	enum kernel_verdict verdict;
	const char         *tag, *arch;
} kernels[] = {
	{ "5.10.134-18.al8.x86_64", KERNEL_ALINUX, KERNEL_GOOD, "al8", "x86_64" },
	{ "5.10.134-18.1.al8.x86_64", KERNEL_ALINUX, KERNEL_GOOD, "al8", "x86_64" },
	{ "5.10.134-19.1.al8.x86_64", KERNEL_ALINUX, KERNEL_GOOD, "al8", "x86_64" },
	{ "5.10.134-18.an8.x86_64", KERNEL_ALINUX, KERNEL_GOOD, "an8", "x86_64" },
	{ "5.10.134-17.3.al8.x86_64", KERNEL_ALINUX, KERNEL_OLD, "al8", "x86_64" },
	{ "5.10.134-9.al8", KERNEL_ALINUX, KERNEL_OLD, "al8", "" },
	{ "5.10.112-20.al8", KERNEL_ALINUX, KERNEL_OLD, "al8", "" },
	{ "5.10.200-1.al8", KERNEL_ALINUX, KERNEL_UNTESTED, "al8", "" },
	{ "6.6.71-3.al8.x86_64", KERNEL_ALINUX, KERNEL_UNTESTED, "al8", "x86_64" },
	{ "5.10.134-18_rc1.al8.x86_64", KERNEL_ALINUX, KERNEL_OLD, "al8", "x86_64" },
	{ "5.10.134-19~rc.al8.x86_64", KERNEL_ALINUX, KERNEL_UNTESTED, "al8", "x86_64" },
	{ "6.8.0-64-generic", KERNEL_UBUNTU, KERNEL_NO_RULE, "generic", "" },
	{ "6.1.0-30-amd64", KERNEL_DEBIAN, KERNEL_NO_RULE, "amd64", "" },
	{ "6.1.0-30-cloud-amd64", KERNEL_DEBIAN, KERNEL_NO_RULE, "cloud-amd64", "" },
	{ "5.14.0-570.12.1.el9_6.x86_64", KERNEL_EL, KERNEL_NO_RULE, "el9_6", "x86_64" },
	{ "5.14.0-570.el9", KERNEL_EL, KERNEL_NO_RULE, "el9", "" },
	{ "4.18.0-553.el8_10.x86_64", KERNEL_EL, KERNEL_NO_RULE, "el8_10", "x86_64" },
	{ "5.10.134-18.0.4.lifsea8", KERNEL_OTHER, KERNEL_NO_RULE, "lifsea8", "" },
	{ "6.12.0-rc3+", KERNEL_OTHER, KERNEL_NO_RULE, NULL, "" },
	{ "", KERNEL_OTHER, KERNEL_NO_RULE, "", "" },
};

static void kernel(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kernels); i++) {
		struct kernel k;

		print_message("%s\n", kernels[i].in);
		kernel_parse(bytes_text(kernels[i].in), &k);
		assert_int_equal(k.vendor, kernels[i].vendor);
		assert_int_equal(kernel_judge(&k, FLOOR), kernels[i].verdict);
		if (kernels[i].tag != NULL)
			assert_true(bytes_equal(k.tag, bytes_text(kernels[i].tag)));
		assert_true(bytes_equal(k.arch, bytes_text(kernels[i].arch)));
	}
}

static const struct {
	const char *says;
	unsigned    major; /* 0: none */
} compilers[] = {
	{ "Linux version 6.1.0-37-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40) #1 SMP\n",
		12 },
	{ "Linux version 6.8.0-64-generic (buildd@lcy02) (x86_64-linux-gnu-gcc-13 (Ubuntu 13.3.0-6ubuntu2~24.04) 13.3.0, GNU ld (GNU Binutils for Ubuntu) 2.42) #67",
		13 },
	{ "Linux version 5.15.0-143-generic (buildd@lcy02) (gcc (Ubuntu 11.4.0-1ubuntu1~22.04) 11.4.0, GNU ld 2.38)",
		11 },
	{ "Linux version 5.10.134-18.al8.x86_64 (mockbuild@x) (gcc (GCC) 10.2.1 20200825 (Alibaba 10.2.1-3.8 2.32), GNU ld",
		10 },
	{ "Linux version 4.18.0-553.el8_10.x86_64 (mockbuild@x) (gcc version 8.5.0 20210514 (Red Hat 8.5.0-22) (GCC)) #1",
		8 },
	{ "Linux version 6.12 (me@gcc) (Debian clang version 14.0.6, GNU ld 2.40)", 0 },
	{ "Linux version 6.12 (gcc) (clang version 17.0.6)", 0 },
	{ "Linux version 6.12 (gcc-3 (x) 3.3, GNU ld) (gcc-4 (y) 4.1)", 3 },
	{ "(gcc", 0 },
	{ "(gcc ", 0 },
	{ "(gcc (", 0 },
	{ "(gcc (GCC", 0 },
	{ "(gcc (GCC) ", 0 },
	{ "(gcc version ", 0 },
	{ "(gcc version 0.1", 0 },
	{ "(gcc-0 (x) 1.0", 0 },
	{ "(gcc-99999999999 (x) 9.0", 0 },
	{ "(-12 (x) 12.0", 0 },
	{ "gcc-12", 0 },
	{ "", 0 },
};

static void compiler(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(compilers); i++) {
		unsigned major = 0;

		print_message("%s\n", compilers[i].says);
		assert_int_equal(version_gcc(bytes_text(compilers[i].says), &major),
			compilers[i].major != 0);
		assert_int_equal(major, compilers[i].major);
	}
}

typedef int order(struct bytes a, struct bytes b);

static const struct {
	order      *of;
	const char *a, *b;
	int         is;
} orders[] = {
	{ version_order, "550.144.03", "550.90.07", 1 },
	{ version_order, "550.144.03", "550.144.3", 0 },
	{ version_order, "570.148.08", "570.124.06", 1 },
	{ version_order, "580", "580.0.0", 0 },
	{ version_order, "9.1", "10.0", -1 },
	{ version_order, "99999999999999999999", "5", 1 },
	{ version_order_hex, "96.00.cf.00.05", "96.00.CF.00.05", 0 },
	{ version_order_hex, "96.00.5E", "96.00.cf.00.05", -1 },
	{ version_order_hex, "96.10.6D.00.01", "96.10.73.00.01", -1 },
	{ version_order_hex, "96", "96.0", 0 },
	{ version_rpm, "1.0", "1.0", 0 },
	{ version_rpm, "1.0", "2.0", -1 },
	{ version_rpm, "2.0.1", "2.0", 1 },
	{ version_rpm, "2.0.1a", "2.0.1", 1 },
	{ version_rpm, "5.5p10", "5.5p1", 1 },
	{ version_rpm, "xyz10", "xyz10.1", -1 },
	{ version_rpm, "10.0001", "10.1", 0 },
	{ version_rpm, "1.0~rc1", "1.0", -1 },
	{ version_rpm, "1.0~rc1", "1.0~rc2", -1 },
	{ version_rpm, "1.0^", "1.0", 1 },
	{ version_rpm, "1.0^git1", "1.01", -1 },
	{ version_rpm, "1.0~rc1^git1", "1.0~rc1", 1 },
	{ version_rpm, "a", "1", -1 },
	{ version_rpm, "5.10.134-18.al8", "5.10.134-9.al8", 1 },
	{ version_rpm, "", "", 0 },
	{ version_deb, "1.0", "1.0-1", -1 },
	{ version_deb, "1:1.0", "2.0", 1 },
	{ version_deb, "1.0~rc1-1", "1.0-1", -1 },
	{ version_deb, "1.0-1", "1.0-1ubuntu1", -1 },
	{ version_deb, "1.0+dfsg-1", "1.0-1", 1 },
	{ version_deb, "1.0a-1", "1.0+-1", -1 },
	{ version_deb, "570.148.08-0ubuntu1", "570.148.08-0ubuntu0.24.04.1", 1 },
	{ version_deb, "0:1", "1", 0 },
};

static void ordered(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		struct bytes a = bytes_text(orders[i].a), b = bytes_text(orders[i].b);

		print_message("%s, %s\n", orders[i].a, orders[i].b);
		assert_int_equal(orders[i].of(a, b), orders[i].is);
		assert_int_equal(orders[i].of(b, a), -orders[i].is);
		assert_int_equal(orders[i].of(a, a), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(kernel),
		cmocka_unit_test(compiler), cmocka_unit_test(ordered) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
