/* SPDX-License-Identifier: Apache-2.0 */
#include "env/bls.h"

#include "test.h"

#define ENTRY                                                                       \
	"title Alibaba Cloud Linux (5.10.134-18)\nversion 5.10.134-18.al8.x86_64\n" \
	"linux /boot/vmlinuz-5.10\ninitrd /boot/initramfs-5.10.img\n"               \
	"options root=UUID=1 ro swiotlb=4194304,any\ngrub_users $grub_users\n"
#define VARIABLE "title x\nlinux /vmlinuz\noptions $kernelopts $tuned_params\n"
#define ENV      "# GRUB Environment Block\nsaved_entry=abc-5.10\nkernelopts=root=UUID=1 ro \n####"

static void parse(void **state)
{
	struct assay_err e = { 0 };
	struct bls       b;

	(void)state;
	test_must(bls_parse(BYTES(ENTRY), &b, &e), &e);
	assert_true(bytes_equal(b.title, BYTES("Alibaba Cloud Linux (5.10.134-18)")));
	assert_true(bytes_equal(b.linux_path, BYTES("/boot/vmlinuz-5.10")));
	assert_int_equal(b.initrds, 1);
	assert_int_equal(b.option_lines, 1);
	assert_false(b.efi);
	test_must(bls_parse(BYTES("efi /EFI/Linux/a.efi\n"), &b, &e), &e);
	assert_true(b.efi);
	assert_int_equal(bls_parse(BYTES(""), &b, &e), ASSAY_INPUT_KIND);
	assert_int_equal(bls_parse(BYTES("title x\n"), &b, &e), ASSAY_INPUT_KIND);
}

static const struct {
	const char *name, *entry, *env, *is;
} options[] = {
	{ "plain", ENTRY, "", "root=UUID=1 ro swiotlb=4194304,any" },
	{ "a variable", VARIABLE, ENV, "root=UUID=1 ro" },
	{ "a variable that is not there", VARIABLE, "", "" },
	{ "two lines", "linux a\noptions a b\noptions c\n", "", "a b c" },
	{ "up to the init's", "linux a\noptions a $kernelopts -- b\n", ENV,
		"a root=UUID=1 ro -- b" },
};

static void expanded(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		CLEANUP(buf_done) struct buf got = { 0 };
		struct assay_err             e   = { 0 };
		struct bls                   b;

		print_message("%s\n", options[i].name);
		test_must(bls_parse(bytes_text(options[i].entry), &b, &e), &e);
		test_must(bls_options(&b, bytes_text(options[i].env), &got, &e), &e);
		assert_string_equal(buf_cstr(&got), options[i].is);
	}
}

static const struct {
	const char *name, *in, *value, *out;
} edits[] = {
	{ "add", "linux a\noptions ro\n", "4", "linux a\noptions ro x=4\n" },
	{ "replace, to the byte", "linux a\noptions  ro   x=1\t\ninitrd b", "4",
		"linux a\noptions  ro   x=4\t\ninitrd b" },
	{ "remove", "linux a\noptions ro x=1 y\n", NULL, "linux a\noptions ro y\n" },
	{ "of two lines the one that has it", "linux a\noptions ro\noptions x=1\n", "4",
		"linux a\noptions ro\noptions x=4\n" },
	{ "no options yet", "linux a\noptions\ninitrd b\n", "4",
		"linux a\noptions x=4\ninitrd b\n" },
	{ "a variable alone", "linux a\noptions $kernelopts\n", "4",
		"linux a\noptions $kernelopts\n" },
};

static void edit(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		CLEANUP(buf_done) struct buf got = { 0 };
		struct assay_err             e   = { 0 };

		print_message("%s\n", edits[i].name);
		test_must(bls_set(bytes_text(edits[i].in), "x", edits[i].value, &got, &e), &e);
		assert_string_equal(buf_cstr(&got), edits[i].out);
	}
}

static void environment(void **state)
{
	CLEANUP(buf_done) struct buf got = { 0 }, back = { 0 }, full = { 0 };
	static const char            env[] = "a=1\nkernelopts=ro\n##########";
	struct assay_err             e     = { 0 };
	struct bytes                 v;

	(void)state;
	assert_true(grubenv_get(BYTES(ENV), "saved_entry", &v));
	assert_true(bytes_equal(v, BYTES("abc-5.10")));
	assert_false(grubenv_get(BYTES(ENV), "saved", &v));
	test_must(grubenv_set(bytes_text(env), "kernelopts", "x", "4", &got, &e), &e);
	assert_string_equal(buf_cstr(&got), "a=1\nkernelopts=ro x=4\n######");
	test_must(grubenv_set(buf_bytes(&got), "kernelopts", "x", NULL, &back, &e), &e);
	assert_string_equal(buf_cstr(&back), env);
	assert_int_equal(
		grubenv_set(bytes_text(env), "kernelopts", "x", "12345678901", &full, &e),
		ASSAY_INPUT_SIZE);
}

static void order(void **state)
{
	(void)state;
	assert_int_equal(bls_order(BYTES("a-5.10.134-18.al8"), BYTES("a-5.10.134-9.al8")), -1);
	assert_int_equal(bls_order(BYTES("a-5.14"), BYTES("a-6.1")), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(parse), cmocka_unit_test(expanded),
		cmocka_unit_test(edit), cmocka_unit_test(environment),
		cmocka_unit_test(order) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
