/* SPDX-License-Identifier: Apache-2.0
 *
 * What a record says of a unit is text with an end; a unit of which it says nothing is not known. */
#include "env/systemd.h"

#include "fuzz.h"

#define ENDS(text) HOLDS(memchr((text), 0, sizeof(text)) != NULL)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes      in = { data, size };
	struct unit_facts f  = { 0 };

	if (!unit_recorded(in, "nvidia-persistenced.service", &f)) {
		HOLDS(!f.known);
		return 0;
	}
	HOLDS(f.known);
	ENDS(f.load);
	ENDS(f.active);
	ENDS(f.sub);
	ENDS(f.file_state);
	ENDS(f.type);
	ENDS(f.exec);
	return 0;
}
