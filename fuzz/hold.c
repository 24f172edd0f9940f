/* SPDX-License-Identifier: Apache-2.0
 *
 * Names are plain words inside the input; dnf.conf with its line has it already, and has every byte that it had. */
#include "env/hold.h"

#include "env/line.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_done) struct buf set = { 0 }, again = { 0 };
	struct bytes                 in = { data, size }, name;

	for (size_t at = 0, was = 0; hold_next(in, &at, &name); was = at) {
		HOLDS(at > was && at <= size);
		HOLDS(inside(name, in) && name.n > 0 && name.n <= HOLD_NAME);
		HOLDS(name.p[0] != '-' && memchr(name.p, ' ', name.n) == NULL &&
			memchr(name.p, '/', name.n) == NULL);
	}
	if (hold_dnf(in, &set) != HELD_NOW)
		return 0;
	HOLDS(!set.failed && bytes_begin(buf_bytes(&set), in));
	HOLDS(hold_dnf(buf_bytes(&set), &again) == HELD_ALREADY);
	return 0;
}
