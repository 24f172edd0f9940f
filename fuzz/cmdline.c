/* SPDX-License-Identifier: Apache-2.0
 *
 * Arguments lie inside the line; what was set is there once and stays so, and all other arguments are as they were. */
#include "env/cmdline.h"

#include "fuzz.h"

/* Arguments of other names, one a line. */
static void others(struct bytes in, const char *name, struct buf *out)
{
	struct cmdline_arg a, found;

	for (size_t at = 0; cmdline_next(in, &at, &a);)
		if (cmdline_find(a.whole, name, &found) == 0) {
			buf_put(out, a.whole.p, a.whole.n);
			buf_byte(out, '\n');
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_done)
	struct buf         set = { 0 }, again = { 0 }, gone = { 0 }, a = { 0 }, b = { 0 };
	struct bytes       in = { data, size };
	struct cmdline_arg arg;
	struct swiotlb     s;
	struct assay_err   e = { 0 };

	for (size_t at = 0; cmdline_next(in, &at, &arg);) {
		HOLDS(inside(arg.whole, in) && inside(arg.name, arg.whole));
		HOLDS(inside(arg.value, arg.whole));
	}
	cmdline_swiotlb(in, &s);
	HOLDS(s.count > 0 || (!s.number && !s.any));
	if (memchr(size == 0 ? "" : (const char *)data, '"', size) != NULL)
		return 0; /* a quote without its end would swallow what is added */
	if (cmdline_set(in, "swiotlb", SWIOTLB_VALUE, &set, &e) != ASSAY_OK)
		return 0;
	cmdline_swiotlb(buf_bytes(&set), &s);
	HOLDS(s.count == 1 && s.slabs == SWIOTLB_WANTED && s.any && !s.unknown);
	HOLDS(cmdline_set(buf_bytes(&set), "swiotlb", SWIOTLB_VALUE, &again, &e) == ASSAY_OK);
	HOLDS(bytes_equal(buf_bytes(&set), buf_bytes(&again)));
	HOLDS(cmdline_set(buf_bytes(&set), "swiotlb", NULL, &gone, &e) == ASSAY_OK);
	HOLDS(cmdline_find(buf_bytes(&gone), "swiotlb", &arg) == 0);
	others(in, "swiotlb", &a);
	others(buf_bytes(&gone), "swiotlb", &b);
	HOLDS(bytes_equal(buf_bytes(&a), buf_bytes(&b)));
	return 0;
}
