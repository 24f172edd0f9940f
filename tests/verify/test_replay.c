/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/replay.h"

#include "crypto/digest.h"
#include "test.h"

static struct crypto crypto;

/* A line of assay's log: what it says, and what it was measured as. */
struct line {
	unsigned    rtmr;
	const char *says, *measured;
};

static const struct {
	const char     *name;
	struct line     line[3]; /* up to the first without text */
	enum assay_code code;
	const char     *why;
} rows[] = {
	{ "none", { { 0 } }, ASSAY_OK, "" },
	{ "one", { { 3, "a", "a" } }, ASSAY_OK, "" },
	{ "three, in two registers", { { 3, "a", "a" }, { 2, "b", "b" }, { 3, "c", "c" } },
		ASSAY_OK, "" },
	{ "without content", { { 2, "", "" } }, ASSAY_OK, "" },
	{ "the first lies", { { 3, "a", "b" }, { 3, "b", "b" } }, ASSAY_EVENTLOG_MISMATCH,
		"line 1 of assay's event log has other content" },
	{ "the last lies", { { 3, "a", "a" }, { 3, "b", "b" }, { 2, "c", "" } },
		ASSAY_EVENTLOG_MISMATCH, "line 3 of assay's event log has other content" },
	{ "content taken away", { { 3, "", "a" } }, ASSAY_EVENTLOG_MISMATCH, "line 1" },
};

/* R = SHA-384(R digest), said once more. */
static void expect(uint8_t rtmr[CCEL_DIGEST], const uint8_t sum[CCEL_DIGEST])
{
	uint8_t          both[2 * CCEL_DIGEST];
	struct assay_err e = { 0 };

	memcpy(both, rtmr, CCEL_DIGEST);
	memcpy(both + CCEL_DIGEST, sum, CCEL_DIGEST);
	test_must(digest(crypto.sha384, BYTES_OF(both), rtmr, &e), &e);
}

static void own_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf text                              = { 0 };
		uint8_t                      want[CCEL_REGISTERS][CCEL_DIGEST] = { 0 };
		struct replay                got                               = { 0 };
		struct ccel                  log                               = { 0 };
		struct assay_err             e                                 = { 0 };
		size_t                       n                                 = 0;

		print_message("%s\n", rows[i].name);
		for (const struct line *l = rows[i].line; n < 3 && l->says != NULL; l++, n++) {
			struct boot_event ev = { .rtmr = l->rtmr,
				.content               = bytes_text(l->says) };

			test_must(digest(crypto.sha384, bytes_text(l->measured), ev.digest, &e),
				&e);
			test_must(boot_log_write(&ev, &text, &e), &e);
			expect(want[l->rtmr], ev.digest);
		}
		log.own = buf_bytes(&text);
		assert_int_equal(replay(&crypto, &log, &got, &e), rows[i].code);
		if (rows[i].code != ASSAY_OK) {
			assert_non_null(strstr(assay_err_text(&e), rows[i].why));
			continue;
		}
		assert_int_equal(got.own, n);
		assert_memory_equal(got.rtmr, want, sizeof(want));
	}
}

/* A log of the firmware's whose first record is cut is none, and nothing of it is given out. */
static void cut(void **state)
{
	struct replay    got = { 0 };
	struct ccel      log = { .records = BYTES("\1\0\0\0") };
	struct assay_err e   = { 0 };

	(void)state;
	assert_int_not_equal(replay(&crypto, &log, &got, &e), ASSAY_OK);
	assert_int_equal(got.events[0], 0);
}

static int open_crypto(void **state)
{
	struct assay_err e = { 0 };

	(void)state;
	test_must(crypto_open(&crypto, &e), &e);
	return 0;
}

static int close_crypto(void **state)
{
	(void)state;
	crypto_done(&crypto);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(own_lines),
		cmocka_unit_test(cut) };

	return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
