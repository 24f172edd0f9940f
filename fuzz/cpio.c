/* SPDX-License-Identifier: Apache-2.0
 *
 * Names and contents lie inside the image, and every member moves on. */
#include "env/cpio.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes       in   = { data, size };
	struct cpio        c    = { .in = in };
	struct assay_err   e    = { 0 };
	bool               more = true;
	struct cpio_member m;

	while (more) {
		const size_t at = c.at;

		if (cpio_next(&c, &m, &more, &e) != ASSAY_OK) {
			HOLDS(e.code == ASSAY_TRUNCATED || e.code == ASSAY_INPUT_KIND);
			break;
		}
		HOLDS(!more || (c.at > at && c.at <= size));
		HOLDS(!more || (inside(m.name, in) && inside(m.content, in)));
		HOLDS(more || c.packed != NULL || c.at == size);
	}
	return 0;
}
