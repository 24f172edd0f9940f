/* SPDX-License-Identifier: Apache-2.0
 *
 * Views lie inside the entry; an argument that was set is among its options, and a second time changes nothing. */
#include "env/bls.h"

#include "env/cmdline.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_done) struct buf set = { 0 }, again = { 0 }, env = { 0 }, options = { 0 };
	struct bytes                 in = { data, size }, v;
	struct cmdline_arg           a;
	struct bls                   b;
	struct assay_err             e = { 0 };

	if (grubenv_set(in, "kernelopts", "x", "1", &env, &e) == ASSAY_OK)
		HOLDS(env.n == size);
	if (grubenv_get(in, "saved_entry", &v))
		HOLDS(inside(v, in));
	if (bls_parse(in, &b, &e) != ASSAY_OK)
		return 0;
	HOLDS(inside(b.title, in) && inside(b.linux_path, in) && inside(b.version, in));
	for (size_t i = 0; i < b.option_lines; i++)
		HOLDS(inside(b.options[i], in));
	HOLDS(bls_options(&b, in, &options, &e) == ASSAY_OK);
	if (memchr(data, '"', size) != NULL)
		return 0;
	if (bls_set(in, "x", "1", &set, &e) != ASSAY_OK) {
		HOLDS(e.code == ASSAY_INPUT_SIZE);
		return 0;
	}
	if (set.n != size) {
		bool found = false;

		HOLDS(bls_parse(buf_bytes(&set), &b, &e) == ASSAY_OK);
		for (size_t i = 0; i < b.option_lines; i++)
			found = found || cmdline_find(b.options[i], "x", &a) > 0;
		HOLDS(found || b.option_lines == BLS_PARTS);
	}
	HOLDS(bls_set(buf_bytes(&set), "x", "1", &again, &e) == ASSAY_OK);
	HOLDS(bytes_equal(buf_bytes(&set), buf_bytes(&again)));
	return 0;
}
