/* SPDX-License-Identifier: Apache-2.0
 *
 * The rest gets shorter with each certificate and stays inside the text; what was read and written again reads the
 * same. */
#include "fuzz.h"

#include "base/pem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_done) struct buf der = { 0 }, again = { 0 };
	const struct bytes           text = { data, size };
	struct bytes                 left = text;
	struct assay_err             e    = { 0 };
	size_t                       last = size;

	while (pem_next(&left, &der, &e) == ASSAY_OK && der.n > 0) {
		CLEANUP(buf_done) struct buf written = { 0 };
		struct bytes                 more;

		HOLDS(inside(left, text) && left.n < last);
		last = left.n;
		pem_write(buf_bytes(&der), &written);
		more = buf_bytes(&written);
		HOLDS(pem_next(&more, &again, &e) == ASSAY_OK);
		HOLDS(bytes_equal(buf_bytes(&again), buf_bytes(&der)));
		HOLDS(pem_next(&more, &again, &e) == ASSAY_OK && again.n == 0);
	}
	HOLDS(der.n == 0);
	return 0;
}
