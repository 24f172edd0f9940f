/* SPDX-License-Identifier: Apache-2.0 */
#include "base/show.h"

#include <stdio.h>

const char *show(struct bytes text, char out[SHOW_MAX])
{
	size_t at = 0;

	for (size_t i = 0; i < text.n; i++) {
		uint8_t c     = text.p[i];
		bool    plain = c >= 0x20 && c < 0x7f && c != '\\';

		if (at + (plain ? 1 : 4) > SHOW_MAX - 4) {
			memcpy(out + at, "...", 4);
			return out;
		}
		if (plain)
			out[at++] = (char)c;
		else
			at += (size_t)snprintf(out + at, 5, "\\x%02x", c);
	}
	out[at] = 0;
	return out;
}
