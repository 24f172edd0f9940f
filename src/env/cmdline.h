/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's command line as the kernel reads it: words split at blanks outside of double quotes, up to " -- ".
 *
 * Source: Linux lib/cmdline.c, next_arg(); kernel/dma/swiotlb.c; environment 2. */
#ifndef ENV_CMDLINE_H
#define ENV_CMDLINE_H

#include "base/buf.h"

#define CMDLINE_MAX 65536 /* the kernel takes 2048; configuration may hold more */

struct cmdline_arg {
	struct bytes whole; /* as it stands there, with its quotes */
	struct bytes name;
	struct bytes value; /* without the quotes around it */
	bool         valued;
};

/* The next argument from *at, 0 at first; false at the end and at "--". */
bool cmdline_next(struct bytes in, size_t *at, struct cmdline_arg *out);

/* The last argument of that name, and how many there are. For the kernel "-" and "_" in names are one. */
size_t cmdline_find(struct bytes in, const char *name, struct cmdline_arg *last);

/* A copy in which name has that value once (NULL: is not there), where the first of them stood, or else behind the last
 * argument; the value "" is the word alone. All else stays as it is, to the byte; nothing changes when it is so already. */
enum assay_code cmdline_set(struct bytes in, const char *name, const char *value,
	struct buf *out, struct assay_err *e);

#define SWIOTLB_SLAB    2048
#define SWIOTLB_GRANULE 128     /* slabs; also the largest mapping, 256 KiB */
#define SWIOTLB_WANTED  4194304 /* slabs: 8 GiB */
#define SWIOTLB_VALUE   "4194304,any"

/* All swiotlb= of a command line, as they add up. */
struct swiotlb {
	size_t   count;  /* arguments of that name */
	bool     number; /* a size is given */
	uint64_t slabs;  /* rounded up to the granule, as the kernel does */
	uint64_t areas;
	bool     any, force, noforce;
	bool     unknown; /* a keyword that no kernel has */
};

void cmdline_swiotlb(struct bytes in, struct swiotlb *out);

#endif
