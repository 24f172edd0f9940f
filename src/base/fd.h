/* SPDX-License-Identifier: Apache-2.0
 *
 * A descriptor that is closed at the end of its scope: CLEANUP(fd_drop) int fd = -1. For the edge; the core has none. */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <unistd.h>

static inline void fd_drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#endif
