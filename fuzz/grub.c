/* SPDX-License-Identifier: Apache-2.0
 *
 * An argument that was set is in the list that the shell would make of the file, once; a second time nothing changes. */
#include "env/grub.h"

#include "env/cmdline.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_done) struct buf   set = { 0 }, again = { 0 };
	CLEANUP(grub_done) struct grub g  = { 0 };
	struct bytes                   in = { data, size };
	struct grub_menu               m  = { .in = in };
	struct grub_entry              entry;
	struct cmdline_arg             a;
	struct assay_err               e = { 0 };

	while (grub_next(&m, &entry))
		HOLDS(inside(entry.title, in) && inside(entry.id, in) &&
			inside(entry.path, in) && inside(entry.options, in));
	if (grub_set(in, "swiotlb", SWIOTLB_VALUE, &set, &e) != ASSAY_OK)
		return 0;
	HOLDS(grub_set(buf_bytes(&set), "swiotlb", SWIOTLB_VALUE, &again, &e) == ASSAY_OK);
	HOLDS(bytes_equal(buf_bytes(&set), buf_bytes(&again)));
	HOLDS(grub_read(buf_bytes(&set), &g, &e) == ASSAY_OK);
	HOLDS(cmdline_find(buf_bytes(&g.value[GRUB_CMDLINE]), "swiotlb", &a) == 1);
	return 0;
}
