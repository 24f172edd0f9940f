/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that nobody but root, or who runs this, can exchange. */
#ifndef ENV_OURS_H
#define ENV_OURS_H

#include <limits.h>

#include "base/bytes.h"

/* The path, and every folder above it: of root or of this user, and not to be written by others; a folder like /tmp, where nobody
 * takes away what is another's, will do. path: absolute, without links. */
bool ours_path(const char *path);

/* TMPDIR, without links, when it is such a folder; NULL: it is not set, or not one to unpack in what root runs. */
const char *ours_tmp(char out[PATH_MAX]);

#endif
