/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of installers are no paths; a digest that is found is 64 digits of lower case. */
#include "env/sources.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(sources_done) struct sources s = { 0 };
	struct assay_err                     e = { 0 };
	char                                 hex[PIN_HEX + 1];

	if (sources_take((struct bytes){ data, size }, &s, &e) == ASSAY_OK) {
		HOLDS(s.n <= SOURCES_MOST);
		for (size_t i = 0; i < s.n; i++)
			HOLDS(strchr(s.row[i].name, '/') == NULL && s.row[i].url != NULL);
	}
	if (pins_find((struct bytes){ data, size }, "a.run", hex)) {
		HOLDS(strlen(hex) == PIN_HEX);
		HOLDS(strspn(hex, "0123456789abcdef") == PIN_HEX);
	}
	return 0;
}
