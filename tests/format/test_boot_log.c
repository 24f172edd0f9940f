/* SPDX-License-Identifier: Apache-2.0 */
#include "format/boot_log.h"

#include "test.h"

#define ZERO "000000000000000000000000000000000000000000000000"
#define D    ZERO ZERO
#define LINE "{\"register\":3,\"digest\":\"" D "\",\"content\":\"000102\"}\n"

static const struct {
	const char     *name, *in;
	enum assay_code code;
	size_t          events;
	const char     *says;
} cases[] = {
	{ "none", "", ASSAY_OK, 0, "" },
	{ "one", LINE, ASSAY_OK, 1, "" },
	{ "two", LINE LINE, ASSAY_OK, 2, "" },
	{ "RTMR2, and no content", "{\"register\":2,\"digest\":\"" D "\",\"content\":\"\"}\n",
		ASSAY_OK, 1, "" },
	{ "another order", "{\"content\":\"\",\"digest\":\"" D "\",\"register\":2}\n", ASSAY_OK,
		1, "" },
	{ "no newline", "{\"register\":3,\"digest\":\"" D "\",\"content\":\"000102\"}",
		ASSAY_EVENTLOG_LINE, 0, "line 1 of assay's event log has no end" },
	{ "cut in the second", LINE "{\"register\"", ASSAY_EVENTLOG_LINE, 0, "line 2" },
	{ "blank line", LINE "\n" LINE, ASSAY_EVENTLOG_LINE, 0, "line 2" },
	{ "firmware's register", "{\"register\":1,\"digest\":\"" D "\",\"content\":\"\"}\n",
		ASSAY_EVENTLOG_LINE, 0, "neither 2 nor 3" },
	{ "register 4", "{\"register\":4,\"digest\":\"" D "\",\"content\":\"\"}\n",
		ASSAY_EVENTLOG_LINE, 0, "neither 2 nor 3" },
	{ "register as text", "{\"register\":\"3\",\"digest\":\"" D "\",\"content\":\"\"}\n",
		ASSAY_EVENTLOG_LINE, 0, "neither 2 nor 3" },
	{ "no register", "{\"digest\":\"" D "\",\"content\":\"\"}\n", ASSAY_EVENTLOG_LINE, 0,
		"neither 2 nor 3" },
	{ "short digest", "{\"register\":3,\"digest\":\"00\",\"content\":\"\"}\n",
		ASSAY_EVENTLOG_LINE, 0, "line 1" },
	{ "long digest", "{\"register\":3,\"digest\":\"" D "00\",\"content\":\"\"}\n",
		ASSAY_EVENTLOG_LINE, 0, "line 1" },
	{ "no digest", "{\"register\":3,\"content\":\"\"}\n", ASSAY_EVENTLOG_LINE, 0,
		"digest" },
	{ "no content", "{\"register\":3,\"digest\":\"" D "\"}\n", ASSAY_EVENTLOG_LINE, 0,
		"content" },
	{ "half a digit", "{\"register\":3,\"digest\":\"" D "\",\"content\":\"A\"}\n",
		ASSAY_EVENTLOG_LINE, 0, "line 1" },
	{ "one member more", "{\"register\":3,\"digest\":\"" D "\",\"content\":\"\",\"x\":1}\n",
		ASSAY_EVENTLOG_LINE, 0, "\"x\"" },
	{ "register twice",
		"{\"register\":3,\"register\":3,\"digest\":\"" D "\",\"content\":\"\"}\n",
		ASSAY_EVENTLOG_LINE, 0, "line 1" },
	{ "array", "[]\n", ASSAY_EVENTLOG_LINE, 0, "line 1" },
	{ "no JSON", "hello\n", ASSAY_EVENTLOG_LINE, 0, "line 1" },
};

static void parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(boot_log_done) struct boot_log got = { 0 };
		struct assay_err                       e   = { 0 };

		print_message("%s\n", cases[i].name);
		assert_int_equal(
			boot_log_parse(bytes_text(cases[i].in), &got, &e), cases[i].code);
		assert_int_equal(got.events, cases[i].events);
		assert_non_null(strstr(assay_err_text(&e), cases[i].says));
	}
}

/* What is written is read as it was, up to the limit and not past it. */
static void write_and_read(void **state)
{
	static const size_t sizes[] = { 0, 1, 2, 3, BOOT_LOG_CONTENT - 1, BOOT_LOG_CONTENT };
	static uint8_t      bytes[BOOT_LOG_CONTENT + 1];
	struct boot_event   ev = { .rtmr = 3 };
	struct assay_err    e  = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		CLEANUP(boot_log_done) struct boot_log got = { 0 };
		CLEANUP(buf_done) struct buf           out = { 0 };

		ev.content = (struct bytes){ bytes, sizes[i] };
		memset(ev.digest, (int)i, sizeof(ev.digest));
		for (unsigned r = BOOT_LOG_FIRST; r <= BOOT_LOG_LAST; r++) {
			ev.rtmr = r;
			test_must(boot_log_write(&ev, &out, &e), &e);
		}
		test_must(boot_log_parse(buf_bytes(&out), &got, &e), &e);
		assert_int_equal(got.events, 2);
		for (size_t k = 0; k < 2; k++) {
			assert_int_equal(got.event[k].rtmr, BOOT_LOG_FIRST + k);
			assert_memory_equal(got.event[k].digest, ev.digest, BOOT_LOG_DIGEST);
			assert_true(bytes_equal(got.event[k].content, ev.content));
		}
	}
}

static void limits(void **state)
{
	static const uint8_t         much[BOOT_LOG_CONTENT + 1];
	CLEANUP(buf_done) struct buf out = { 0 }, huge = { 0 };
	struct boot_event            ev  = { .rtmr = 3, .content = BYTES_OF(much) };
	struct boot_log              got = { 0 };
	struct assay_err             e   = { 0 };

	(void)state;
	assert_int_equal(boot_log_write(&ev, &out, &e), ASSAY_INPUT_SIZE);
	ev.content.n--;
	ev.rtmr = 1;
	assert_int_equal(boot_log_write(&ev, &out, &e), ASSAY_INTERNAL);
	assert_int_equal(out.n, 0);

	ev.rtmr = 3;
	for (size_t i = 0; i < BOOT_LOG_EVENTS; i++)
		test_must(boot_log_write(&ev, &out, &e), &e);
	assert_true(out.n <= BOOT_LOG_SIZE);
	test_must(boot_log_parse(buf_bytes(&out), &got, &e), &e);
	assert_int_equal(got.events, BOOT_LOG_EVENTS);
	boot_log_done(&got);

	ev.content.n = 0;
	test_must(boot_log_write(&ev, &out, &e), &e);
	assert_int_equal(boot_log_parse(buf_bytes(&out), &got, &e), ASSAY_EVENTLOG_LINE);
	assert_non_null(strstr(assay_err_text(&e), "more than 64 lines"));

	assert_non_null(buf_room(&huge, BOOT_LOG_SIZE + 1));
	memset(huge.p, '\n', huge.n);
	assert_int_equal(boot_log_parse(buf_bytes(&huge), &got, &e), ASSAY_EVENTLOG_LINE);
	assert_non_null(strstr(assay_err_text(&e), "bytes, over"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse),
		cmocka_unit_test(write_and_read),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
