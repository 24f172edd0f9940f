/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines lie inside the log, in order, none is empty, and a pool's size is no more than its addresses. */
#include "env/klog.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes     in = { data, size };
	struct klog_line l;
	const uint8_t   *before = data;

	for (size_t at = 0; klog_next(in, &at, &l);) {
		struct klog_full f;
		uint64_t         from = 0, to = 0;

		HOLDS(inside(l.text, in));
		HOLDS(l.text.n == 0 || l.text.p >= before);
		before = l.text.n == 0 ? before : l.text.p + l.text.n;
		if (klog_swiotlb_mapped(l.text, &from, &to))
			HOLDS(to > from || to == 0);
		klog_swiotlb_full(l.text, &f);
	}
	return 0;
}
