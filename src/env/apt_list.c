/* SPDX-License-Identifier: Apache-2.0
 *
 * Source: deb-repository format, "Packages" indices. */
#include "env/apt.h"

#include "env/line.h"

#define FIELD "Package:"

unsigned apt_find(struct bytes piece, bool begins, const char *const *names)
{
	unsigned     found = 0;
	struct bytes line;

	for (size_t at = 0; line_next(piece, &at, &line); begins = true) {
		if (!begins || line.n < sizeof(FIELD) - 1 ||
			memcmp(line.p, FIELD, sizeof(FIELD) - 1) != 0)
			continue;
		line = bytes_trim(bytes_behind(line, sizeof(FIELD) - 1));
		for (unsigned i = 0; i < APT_NAMES && names[i] != NULL; i++)
			if (bytes_equal(line, bytes_text(names[i])))
				found |= 1U << i;
	}
	return found;
}
