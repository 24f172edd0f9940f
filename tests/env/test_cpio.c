/* SPDX-License-Identifier: Apache-2.0 */
#include "env/cpio.h"

#include "test.h"

static void put_padded(struct buf *b, const void *p, size_t n)
{
	buf_put(b, p, n);
	while (b->n % 4 != 0)
		buf_byte(b, 0);
}

static void put(struct buf *b, const char *name, const char *content)
{
	buf_printf(b, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", 1U,
		0100644U, 0U, 0U, 1U, 0U, (unsigned)strlen(content), 0U, 0U, 0U, 0U,
		(unsigned)strlen(name) + 1, 0U);
	put_padded(b, name, strlen(name) + 1);
	put_padded(b, content, strlen(content));
}

static void microcode(struct buf *b)
{
	put(b, "kernel/x86/microcode/GenuineIntel.bin", "abc");
	put(b, "TRAILER!!!", "");
	while (b->n % 512 != 0)
		buf_byte(b, 0);
}

/* "name|" of all members, then how it ended. */
static enum assay_code list(
	struct bytes in, struct buf *out, struct cpio *c, struct assay_err *e)
{
	struct cpio_member m;
	bool               more = true;

	*c = (struct cpio){ .in = in };
	for (;;) {
		TRY(cpio_next(c, &m, &more, e));
		if (!more)
			return ASSAY_OK;
		buf_printf(out, "%.*s:%.*s|", (int)m.name.n, (const char *)m.name.p,
			(int)m.content.n, m.content.n == 0 ? "" : (const char *)m.content.p);
	}
}

static void several(void **state)
{
	CLEANUP(buf_done) struct buf in = { 0 }, got = { 0 };
	struct assay_err             e = { 0 };
	struct cpio                  c;

	(void)state;
	microcode(&in);
	put(&in, "./etc/modprobe.d/nvidia-lkca.conf", "options x");
	put(&in, "/usr", "");
	put(&in, "TRAILER!!!", "");
	test_must(list(buf_bytes(&in), &got, &c, &e), &e);
	assert_string_equal(buf_cstr(&got),
		"kernel/x86/microcode/GenuineIntel.bin:abc|"
		"etc/modprobe.d/nvidia-lkca.conf:options x|usr:|");
	assert_int_equal(c.archives, 2);
	assert_null(c.packed);
}

static void packed(void **state)
{
	static const struct {
		const char  *name;
		struct bytes magic;
	} cases[] = {
		{ "gzip", BYTES("\x1f\x8b\x08") },
		{ "xz",
			BYTES("\xfd"
			      "7zXZ\0") },
		{ "zstd", BYTES("\x28\xb5\x2f\xfd") },
		{ "lz4", BYTES("\x02\x21\x4c\x18") },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf in = { 0 }, got = { 0 };
		struct assay_err             e = { 0 };
		struct cpio                  c;

		microcode(&in);
		buf_put(&in, cases[i].magic.p, cases[i].magic.n);
		test_must(list(buf_bytes(&in), &got, &c, &e), &e);
		assert_string_equal(c.packed, cases[i].name);
		assert_int_equal(c.archives, 1);
	}
}

static void broken(void **state)
{
	CLEANUP(buf_done) struct buf in = { 0 }, got = { 0 };
	struct assay_err             e = { 0 };
	struct cpio                  c;

	(void)state;
	put(&in, "a", "content");
	for (size_t n = 1; n + 1 < in.n; n++) { /* the last byte is padding */
		struct bytes cut = { in.p, n };

		got.n = 0;
		assert_int_not_equal(list(cut, &got, &c, &e), ASSAY_OK);
	}
	in.p[6 + 8 * 11] = 'F'; /* a name of gigabytes */
	assert_int_equal(list(buf_bytes(&in), &got, &c, &e), ASSAY_INPUT_KIND);
	in.p[6 + 8 * 11] = 'x';
	assert_int_equal(list(buf_bytes(&in), &got, &c, &e), ASSAY_INPUT_KIND);
	assert_int_equal(list(BYTES("hello"), &got, &c, &e), ASSAY_INPUT_KIND);
	test_must(list(BYTES(""), &got, &c, &e), &e);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(several), cmocka_unit_test(packed),
		cmocka_unit_test(broken) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
