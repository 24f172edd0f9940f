/* SPDX-License-Identifier: Apache-2.0 */
#include "env/modprobe.h"

#include "test.h"

static const struct {
	const char *name, *in, *lines; /* "verb module rest|" */
} files[] = {
	{ "none", "", "" },
	{ "comments and blanks", "# a\n\n  # b\n", "" },
	{ "one of each",
		"options a x=1\ninstall b /bin/true\nblacklist c\nsoftdep d pre: e\n"
		"alias f g\nremove h i\n",
		"1 a x=1|2 b /bin/true|3 c |4 d pre: e|5 f g|6 h i|" },
	{ "dashes", "options nvidia-drm modeset=1", "1 nvidia_drm modeset=1|" },
	{ "continued", "options nvidia \\\n a=1 \\\nb=2\nblacklist c\n",
		"1 nvidia a=1 b=2|3 c |" },
	{ "continued in a word", "black\\\nlist c\n", "3 c |" },
	{ "continued at the end", "options a b=1\\", "1 a b=1|" },
	{ "no module", "options\n", "0  |" },
	{ "unknown", "frobnicate x y\n", "0 x y|" },
	{ "carriage returns", "options a x=1\r\n", "1 a x=1|" },
};

static void lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		CLEANUP(buf_done) struct buf got = { 0 };
		struct modprobe              m   = { .in = bytes_text(files[i].in) };
		struct modprobe_line         l;

		print_message("%s\n", files[i].name);
		while (modprobe_next(&m, &l))
			buf_printf(&got, "%d %s %.*s|", (int)l.verb, l.module, (int)l.rest.n,
				l.rest.n == 0 ? "" : (const char *)l.rest.p);
		assert_string_equal(buf_cstr(&got), files[i].lines);
	}
}

static void too_long(void **state)
{
	CLEANUP(buf_done) struct buf in = { 0 };
	struct modprobe              m;
	struct modprobe_line         l;

	(void)state;
	buf_text(&in, "options nvidia ");
	for (size_t i = 0; i < MODPROBE_LINE; i++)
		buf_byte(&in, 'x');
	buf_text(&in, "\nblacklist nouveau\n");
	m = (struct modprobe){ .in = buf_bytes(&in) };
	assert_true(modprobe_next(&m, &l));
	assert_int_equal(l.verb, MODPROBE_OTHER);
	assert_true(modprobe_next(&m, &l));
	assert_int_equal(l.verb, MODPROBE_BLACKLIST);
	assert_false(modprobe_next(&m, &l));
}

#define GUIDE \
	"/sbin/modprobe ecdsa_generic; /sbin/modprobe ecdh; /sbin/modprobe --ignore-install nvidia"

static const struct {
	const char *command, *module;
	bool        loads;
} commands[] = {
	{ GUIDE, "ecdsa_generic", true },
	{ GUIDE, "ecdh", true },
	{ GUIDE, "ecdh_generic", false },
	{ GUIDE, "nvidia", true },
	{ "/bin/true", "ecdh", false },
	{ "modprobe -q ecdsa-generic && modprobe ecdh", "ecdsa_generic", true },
	{ "echo ecdh", "ecdh", false },
	{ "", "ecdh", false },
};

static void loads(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		assert_int_equal(
			modprobe_loads(bytes_text(commands[i].command), commands[i].module),
			commands[i].loads);
}

static const struct {
	const char *keys, *key;
	bool        there;
	uint32_t    value;
} registries[] = {
	{ "RmEnableProtectedPcie=0x1", "RmEnableProtectedPcie", true, 1 },
	{ "A=1;RmEnableProtectedPcie=0x1;B=2", "RmEnableProtectedPcie", true, 1 },
	{ "A=1; RmEnableProtectedPcie = 1 ", "RmEnableProtectedPcie", true, 1 },
	{ "RmEnableProtectedPcie=1;RmEnableProtectedPcie=0", "RmEnableProtectedPcie", true, 0 },
	{ "XRmEnableProtectedPcie=1", "RmEnableProtectedPcie", false, 0 },
	{ "RmEnableProtectedPcie", "RmEnableProtectedPcie", false, 0 },
	{ "RmEnableProtectedPcie=yes", "RmEnableProtectedPcie", false, 0 },
	{ "RmEnableProtectedPcie=0x100000000", "RmEnableProtectedPcie", false, 0 },
	{ "", "RmEnableProtectedPcie", false, 0 },
};

static void registry(void **state)
{
	struct bytes keys;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(registries); i++) {
		uint32_t v = 0;

		print_message("%s\n", registries[i].keys);
		assert_int_equal(
			registry_get(bytes_text(registries[i].keys), registries[i].key, &v),
			registries[i].there);
		if (registries[i].there)
			assert_int_equal(v, registries[i].value);
	}
	assert_true(registry_params(
		BYTES("ResmanDebugLevel: 1\nRegistryDwords: \"A=0x1;B=2\"\nX: 1\n"), &keys));
	assert_true(bytes_equal(keys, BYTES("A=0x1;B=2")));
	assert_true(registry_params(BYTES("RegistryDwords: \"\"\n"), &keys));
	assert_int_equal(keys.n, 0);
	assert_false(registry_params(BYTES("RegistryDwordsPerDevice: \"\"\n"), &keys));
}

#define P   "RmEnableProtectedPcie"
#define O   "options nvidia NVreg_RegistryDwords="
#define TOP "# mine\n"

static const struct {
	const char *name, *in, *value, *out;
} edits[] = {
	{ "to nothing", "", "0x1", O "\"" P "=0x1\"\n" },
	{ "behind a line without end", "blacklist x", "0x1",
		"blacklist x\n" O "\"" P "=0x1\"\n" },
	{ "is so", TOP O "\"A=1;" P "=0x1\"\n", "0x1", TOP O "\"A=1;" P "=0x1\"\n" },
	{ "merged", TOP O "\"A=1;B=2\"\nblacklist x\n", "0x1",
		TOP O "\"A=1;B=2;" P "=0x1\"\nblacklist x\n" },
	{ "changed", O P "=0x0\n", "0x1", O "\"" P "=0x1\"\n" },
	{ "with other options",
		"options nvidia NVreg_A=1 NVreg_RegistryDwords=\"X=1\" NVreg_B=2\n", "0x1",
		"options nvidia NVreg_A=1 NVreg_RegistryDwords=\"X=1;" P "=0x1\" NVreg_B=2\n" },
	{ "the last line counts", O "X=1\n" O "Y=1\n", "0x1",
		O "X=1\n" O "\"Y=1;" P "=0x1\"\n" },
	{ "taken out", TOP O "\"A=1;" P "=0x1;B=2\"\n", NULL, TOP O "\"A=1;B=2\"\n" },
	{ "taken out, nothing left", TOP O "\"" P "=0x1\"\nblacklist x\n", NULL,
		TOP "blacklist x\n" },
	{ "taken out, other options", "options nvidia NVreg_A=1 NVreg_RegistryDwords=" P "=1\n",
		NULL, "options nvidia NVreg_A=1\n" },
	{ "not there", TOP "blacklist x\n", NULL, TOP "blacklist x\n" },
	{ "another module's", "options nvidia_drm NVreg_RegistryDwords=A=1\n", NULL,
		"options nvidia_drm NVreg_RegistryDwords=A=1\n" },
};

static void edit(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		CLEANUP(buf_done) struct buf got = { 0 }, again = { 0 };
		struct assay_err             e = { 0 };

		print_message("%s\n", edits[i].name);
		test_must(
			registry_set(bytes_text(edits[i].in), P, edits[i].value, &got, &e), &e);
		assert_string_equal(buf_cstr(&got), edits[i].out);
		test_must(registry_set(buf_bytes(&got), P, edits[i].value, &again, &e), &e);
		assert_string_equal(buf_cstr(&again), edits[i].out);
	}
}

/* A file that would be over the limit afterwards could not be read again. */
static void full(void **state)
{
	static uint8_t               file[MODPROBE_FILE];
	CLEANUP(buf_done) struct buf got = { 0 };
	struct assay_err             e   = { 0 };

	(void)state;
	memset(file, '#', sizeof(file));
	assert_int_equal(registry_set((struct bytes){ file, sizeof(file) }, P, "0x1", &got, &e),
		ASSAY_INPUT_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lines), cmocka_unit_test(too_long),
		cmocka_unit_test(loads), cmocka_unit_test(registry), cmocka_unit_test(edit),
		cmocka_unit_test(full) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
