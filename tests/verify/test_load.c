/* SPDX-License-Identifier: Apache-2.0
 *
 * Hostile evidence within every limit is judged in bounded time: as many devices as there may be, each of which looks
 * for its collateral among as many loose files as there may be. The bound is far above what it takes (about a second,
 * with sanitizers five), and far below what it took when each device read them all (minutes). */
#include <time.h>

#include "verify/court.h"

#define BOUND 30 /* seconds of this process */

/* One genuine device under all the names that there are, without its collateral of that beginning. */
static void crowd(const char *without)
{
	struct assay_err       e = { 0 };
	struct evidence_device d;

	court_forge(&court, &(struct forged_ask){ 0 });
	d = court.ev.device[0];
	while (court.ev.devices < EVIDENCE_DEVICES)
		assert_int_equal(evidence_add_device(&court.ev, "x", &d, &e), ASSAY_OK);
	for (size_t i = 0; i < court.ev.collaterals; i++)
		if (memcmp(court.ev.collateral[i].want.p, without, 4) == 0)
			court.ev.collateral[i].want = BYTES("none");
}

static void flood(struct bytes body)
{
	struct assay_err e = { 0 };

	while (court.ev.collaterals < COLLATERAL_MAX)
		assert_int_equal(evidence_add_collateral(&court.ev, NULL, "loose",
					 (struct bytes){ 0 }, body, &e),
			ASSAY_OK);
}

static void judge_in_time(enum assay_class verdict)
{
	clock_t start = clock();

	court_judge(&court);
	print_message("%.2f s\n", (double)(clock() - start) / CLOCKS_PER_SEC);
	assert_int_equal(court.verdict, verdict);
	assert_true(clock() - start < BOUND * CLOCKS_PER_SEC);
}

/* 1024 documents, each as long to read as one may be. */
static void rims(void **state)
{
	CLEANUP(buf_done) struct buf text = { 0 };

	(void)state;
	buf_text(&text, "<a>");
	for (int i = 0; i < 4000; i++)
		buf_text(&text, "<b/>");
	buf_text(&text, "</a>");
	crowd("rim:");
	flood(buf_bytes(&text));
	judge_in_time(ASSAY_CLASS_REJECTED);
}

static void put(struct buf *out, uint8_t tag, struct bytes value)
{
	const uint8_t head[] = { tag, 0x82, (uint8_t)(value.n >> 8), (uint8_t)value.n };

	buf_put(out, head, sizeof(head));
	buf_put(out, value.p, value.n);
}

/* DER around what is there, behind more. */
static void wrap(struct buf *b, uint8_t tag, struct bytes more)
{
	CLEANUP(buf_done) struct buf all = { 0 };

	buf_put(&all, more.p, more.n);
	buf_put(&all, b->p, b->n);
	b->n = 0;
	put(b, tag, buf_bytes(&all));
}

/* 1024 answers of 64 KB, each about 780 certificates that are not here. */
static void answers(void **state)
{
	const struct bytes single = BYTES("\x30\x4d\x30\x38\x30\x07\x06\x05\x2b\x0e\x03\x02\x1a"
					  "\x04\x14"
					  "01234567890123456789"
					  "\x04\x14"
					  "01234567890123456789"
					  "\x02\x01\x01\x80\x00\x18\x0f"
					  "20260601000000Z");
	const struct bytes signature = BYTES("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03"
					     "\x03\x03\x00xx");
	CLEANUP(buf_done) struct buf b = { 0 };

	(void)state;
	for (int i = 0; i < 780; i++)
		buf_put(&b, single.p, single.n);
	wrap(&b, 0x30, BYTES(""));
	wrap(&b, 0x30,
		BYTES("\xa2\x16\x04\x14"
		      "01234567890123456789"
		      "\x18\x0f"
		      "20260601000000Z"));
	buf_put(&b, signature.p, signature.n);
	wrap(&b, 0x30, BYTES(""));
	wrap(&b, 0x04, BYTES(""));
	wrap(&b, 0x30, BYTES("\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x01"));
	wrap(&b, 0xa0, BYTES(""));
	wrap(&b, 0x30, BYTES("\x0a\x01\x00"));
	crowd("ocsp");
	flood(buf_bytes(&b));
	judge_in_time(ASSAY_CLASS_REJECTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rims),
		cmocka_unit_test(answers),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
