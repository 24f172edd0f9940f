/* SPDX-License-Identifier: Apache-2.0
 *
 * Any body gets one whole answer of its kind, or none: its head says its size, an error has nothing but zeros behind it,
 * and a request that is wrong is never the emulator's own error. Requests are also tried with a head that is right, so
 * that what lies behind it is reached. */
#include "fuzz.h"

#include "base/rd.h"
#include "door/qgs.h"

#define HEAD 16

static struct platform *platform(void)
{
	static struct platform *p;

	if (p == NULL) {
		struct platform_spec spec;
		struct assay_err     e = { 0 };

		platform_spec_default(PLATFORM_SINGLE, &spec);
		spec.at = INT64_C(1780272000); /* 2026-06-01T00:00:00Z */
		HOLDS(platform_new(&spec, &p, &e) == ASSAY_OK);
	}
	return p;
}

static void check(struct bytes in)
{
	CLEANUP(buf_done) struct buf out = { 0 };
	struct rd                    q   = { .in = in }, a;
	struct assay_err             e   = { 0 };
	uint32_t                     type, error;

	HOLDS(qgs_answer(platform(), in, &out, &e) == ASSAY_OK);
	if (out.n == 0)
		return;
	HOLDS(in.n >= HEAD && out.n > HEAD && out.n <= 64 * 1024);
	rd_u32le(&q);
	type = rd_u32le(&q);
	a    = (struct rd){ .in = buf_bytes(&out) };
	HOLDS(rd_u32le(&a) == 1);
	HOLDS(rd_u32le(&a) == type + 1 && type % 2 == 0);
	HOLDS(rd_u32le(&a) == out.n);
	error = rd_u32le(&a);
	HOLDS(error == 0 || bytes_zero(rd_take(&a, rd_left(&a))));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_done) struct buf whole = { 0 };

	check((struct bytes){ data, size });
	if (size < 1 || size > 8192)
		return 0;
	buf_put(&whole, (const uint8_t[]){ 1, 0, 0, 0, data[0] % 6, 0, 0, 0 }, 8);
	buf_put(&whole,
		(const uint8_t[]){ (uint8_t)(size - 1 + HEAD),
			(uint8_t)((size - 1 + HEAD) >> 8), 0, 0, 0, 0, 0, 0 },
		8);
	buf_put(&whole, data + 1, size - 1);
	check(buf_bytes(&whole));
	return 0;
}
