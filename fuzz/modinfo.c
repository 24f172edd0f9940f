/* SPDX-License-Identifier: Apache-2.0
 *
 * A value lies inside the file, and has no NUL. */
#include "env/modinfo.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size }, value = { 0 };

	if (!modinfo_find(in, "version", &value))
		return 0;
	HOLDS(inside(value, in));
	HOLDS(value.n == 0 || memchr(value.p, 0, value.n) == NULL);
	return 0;
}
