/* SPDX-License-Identifier: Apache-2.0 */
#include "env/hold.h"

#include "env/line.h"
#include "test.h"

#define IN  "\nStatus: install ok installed\n"
#define OUT "\nStatus: hold ok installed\n"

static const struct {
	const char *name, *status, *want;
} packages[] = {
	{ "nothing", "", "" },
	{ "one", "Package: nvidia-driver-550" IN "\n", "nvidia-driver-550 " },
	{ "the last without its empty line",
		"Package: nvidia-driver-550\nStatus: install ok installed",
		"nvidia-driver-550 " },
	{ "others between",
		"Package: bash" IN "\nPackage: linux-image-6.8.0-64-generic" IN
		"\nPackage: zsh" IN "\nPackage: libnvidia-nscq-570" IN,
		"linux-image-6.8.0-64-generic libnvidia-nscq-570 " },
	{ "one that is held", "Package: nvidia-driver-550" OUT "\nPackage: nvidia-x" IN,
		"nvidia-x " },
	{ "one that was removed",
		"Package: nvidia-driver-550\nStatus: deinstall ok config-files\n\n", "" },
	{ "one half-way", "Package: nvidia-driver-550\nStatus: install ok half-configured\n\n",
		"" },
	{ "a status of nobody", "Status: install ok installed\n\nPackage: nvidia-x\n\n", "" },
	{ "a status is not the next package's",
		"Package: bash" IN "\nPackage: nvidia-x\nVersion: 1\n\n", "" },
	{ "the status first", "Status: install ok installed\nPackage: nvidia-x\n\n",
		"nvidia-x " },
	{ "a name that is none",
		"Package: nvidia-x; reboot" IN "\nPackage: nvidia-../x" IN
		"\nPackage: Nvidia-x" IN,
		"" },
	{ "in a description", "Package: bash" IN "Description: x\n Package: nvidia-x\n\n", "" },
	{ "too long",
		"Package: nvidia-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" IN,
		"" },
};

static void dpkg(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(packages); i++) {
		CLEANUP(buf_done) struct buf got = { 0 };
		struct bytes                 name;

		print_message("%s\n", packages[i].name);
		for (size_t at = 0; hold_next(bytes_text(packages[i].status), &at, &name);)
			buf_printf(&got, "%.*s ", (int)name.n, (const char *)name.p);
		assert_string_equal(buf_cstr(&got), packages[i].want);
	}
}

static const struct {
	const char *name, *conf;
	enum held   how;
	const char *want;
} confs[] = {
	{ "usual", "[main]\ngpgcheck=1\n", HELD_NOW,
		"[main]\ngpgcheck=1\nexclude=" HOLD_DNF "\n" },
	{ "no newline", "[main]\ngpgcheck=1", HELD_NOW,
		"[main]\ngpgcheck=1\nexclude=" HOLD_DNF "\n" },
	{ "done", "[main]\nexclude=" HOLD_DNF "\nx=1\n", HELD_ALREADY, "" },
	{ "its own", "[main]\nexclude=foo\n", HELD_OTHERS, "" },
	{ "by the other name", "[main]\n excludepkgs = foo\n", HELD_OTHERS, "" },
	{ "a comment", "[main]\n#exclude=foo\n", HELD_NOW,
		"[main]\n#exclude=foo\nexclude=" HOLD_DNF "\n" },
	{ "a repository behind", "[main]\ngpgcheck=1\n[extra]\nname=x\n", HELD_OTHERS, "" },
	{ "no section", "gpgcheck=1\n", HELD_OTHERS, "" },
	{ "empty", "", HELD_OTHERS, "" },
};

static void dnf(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(confs); i++) {
		CLEANUP(buf_done) struct buf got = { 0 };

		print_message("%s\n", confs[i].name);
		assert_int_equal(hold_dnf(bytes_text(confs[i].conf), &got), confs[i].how);
		assert_string_equal(buf_cstr(&got), confs[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(dpkg), cmocka_unit_test(dnf) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
