/* SPDX-License-Identifier: Apache-2.0
 *
 * What is in an initramfs: cpio archives of the form "newc", several behind each other: the early microcode first. A part that
 * is compressed is named, and ends the list: unpacking one takes longer than all other checks together.
 *
 * Source: Linux Documentation/driver-api/early-userspace/buffer-format.rst. */
#ifndef ENV_CPIO_H
#define ENV_CPIO_H

#include "base/err.h"

#define CPIO_NAME 4096 /* PATH_MAX */

struct cpio { /* { .in = image } */
	struct bytes in;
	size_t       at;
	size_t       archives; /* that were read to their end */
	const char  *packed;   /* "zstd": a compressed part follows; NULL: not so far */
};

struct cpio_member {
	struct bytes name; /* without "./" or "/" in front */
	uint32_t     mode;
	struct bytes content;
};

/* The next member. *more false: that was all, or c->packed follows. INPUT_KIND: no initramfs; TRUNCATED. */
enum assay_code cpio_next(
	struct cpio *c, struct cpio_member *out, bool *more, struct assay_err *e);

#endif
