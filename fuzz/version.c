/* SPDX-License-Identifier: Apache-2.0
 *
 * Every order is one: of itself equal, and turned round when its sides are. Input: two texts, cut at a NUL. */
#include "env/version.h"

#include "env/line.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const orders[])(struct bytes a, struct bytes b) = { version_order,
		version_order_hex, version_rpm, version_deb };
	struct bytes  in                                             = { data, size }, a, b;
	struct kernel k;
	unsigned      major = 0;

	line_cut(in, 0, &a, &b);
	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		HOLDS(orders[i](a, a) == 0 && orders[i](b, b) == 0);
		HOLDS(orders[i](a, b) == -orders[i](b, a));
	}
	kernel_parse(a, &k);
	HOLDS(inside(k.tag, in) && inside(k.arch, in));
	kernel_judge(&k, b);
	HOLDS(version_gcc(a, &major) == (major != 0));
	return 0;
}
