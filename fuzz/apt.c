/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of apt's is looked through in pieces: wherever it is cut between two lines, the same names are found. */
#include "env/apt.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "a", "bash", "linux-headers-6.1.0-30-amd64", "",
		NULL };
	const unsigned           all     = apt_find((struct bytes){ data, size }, true, names);

	HOLDS(all < 1U << 4);
	HOLDS((apt_find((struct bytes){ data, size }, false, names) & ~all) == 0);
	for (size_t i = 0; i < size && i < 4096; i++)
		if (data[i] == '\n')
			HOLDS((apt_find((struct bytes){ data, i + 1 }, true, names) |
				      apt_find((struct bytes){ data + i + 1, size - i - 1 },
					      true, names)) == all);
	return 0;
}
