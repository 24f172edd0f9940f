/* SPDX-License-Identifier: Apache-2.0
 *
 * What every target starts with. A property that does not hold ends the program; libFuzzer keeps the input. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdlib.h>

#include "base/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HOLDS(property)          \
	do {                     \
		if (!(property)) \
			abort(); \
	} while (0)

/* Does view lie inside memory? */
static inline bool inside(struct bytes view, struct bytes memory)
{
	uintptr_t v = (uintptr_t)view.p, m = (uintptr_t)memory.p;

	return view.n == 0 || (v >= m && view.n <= memory.n && v - m <= memory.n - view.n);
}

#endif
