/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that are too large to be held in memory, such as an initramfs: kept beside themselves, and put back by a rename. */
#ifndef ENV_COPY_H
#define ENV_COPY_H

#include "env/place.h"

#define COPY_MOST \
	4294967296ULL /* bytes; an initramfs with everything in it has a few hundred MiB */

/* As place_read(), without the bytes. */
enum assay_code copy_state(
	const struct site *s, const char *path, struct place *out, struct assay_err *e);

/* Another file of the same bytes, mode, owner, times and attributes, whole or not at all; to is not there before. */
enum assay_code copy_file(
	const struct site *s, const char *from, const char *to, struct assay_err *e);

/* The copy takes the place of path. */
enum assay_code copy_back(
	const struct site *s, const char *copy, const char *path, struct assay_err *e);

#endif
