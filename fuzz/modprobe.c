/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines cover the file in order; a key that was merged in is read back, a second time nothing changes, and the other keys
 * of the line are there as before. */
#include "env/modprobe.h"

#include "fuzz.h"

/* The registry that counts: of the last line that has it. */
static bool registry_of(struct bytes file, struct buf *out)
{
	struct modprobe      m = { .in = file };
	struct modprobe_line l;
	struct bytes         keys;
	bool                 there = false;

	while (modprobe_next(&m, &l))
		if (l.verb == MODPROBE_OPTIONS && strcmp(l.module, "nvidia") == 0 &&
			modprobe_option(l.rest, REGISTRY_OPTION, &keys)) {
			out->n = 0;
			buf_put(out, keys.p, keys.n);
			there = true;
		}
	return there;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct modprobe       m;
	CLEANUP(buf_done) struct buf set = { 0 }, again = { 0 }, keys = { 0 };
	struct bytes                 in = { data, size };
	struct modprobe_line         l;
	const uint8_t               *at = data;
	struct assay_err             e  = { 0 };
	uint32_t                     v  = 0;

	m = (struct modprobe){ .in = in };
	while (modprobe_next(&m, &l)) {
		HOLDS(inside(l.raw, in) && l.raw.n > 0 && l.raw.p >= at);
		at = l.raw.p + l.raw.n;
		modprobe_loads(l.rest, "ecdh");
	}
	if (registry_set(in, REGISTRY_PPCIE, "0x1", &set, &e) != ASSAY_OK)
		return 0;
	HOLDS(registry_of(buf_bytes(&set), &keys));
	HOLDS(registry_get(buf_bytes(&keys), REGISTRY_PPCIE, &v) && v == 1);
	HOLDS(registry_set(buf_bytes(&set), REGISTRY_PPCIE, "0x1", &again, &e) == ASSAY_OK);
	HOLDS(bytes_equal(buf_bytes(&set), buf_bytes(&again)));
	return 0;
}
