/* SPDX-License-Identifier: Apache-2.0
 *
 * Elements follow each other without gaps and lie inside the input; each has one encoding, that of its value's size. */
#include "fuzz.h"

#include "base/der.h"

static size_t header(size_t n)
{
	return n < 0x80 ? 2 : n < 0x100 ? 3 : n < 0x10000 ? 4 : 5;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bytes in = { data, size };
	struct rd          r  = { .in = in };
	struct assay_err   e  = { 0 };
	struct der         d;
	size_t             at = 0;

	while (rd_left(&r) > 0 && der_next(&r, "it", &d, &e) == ASSAY_OK) {
		HOLDS(inside(d.whole, in) && inside(d.value, d.whole));
		HOLDS(d.whole.p == data + at && d.whole.n == header(d.value.n) + d.value.n);
		at += d.whole.n;
		HOLDS(r.at == at);
	}
	if (e.code == ASSAY_OK)
		HOLDS(at == size && der_end(&r, "it", &e) == ASSAY_OK);
	else
		HOLDS(e.code == ASSAY_INPUT_DER || der_end(&r, "it", &e) == ASSAY_TRUNCATED);
	return 0;
}
