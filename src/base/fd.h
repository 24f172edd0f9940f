/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptors, for the edge; the core has none. */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <errno.h>
#include <unistd.h>

#include "base/bytes.h"

/* CLEANUP(fd_drop) int fd = -1: closed at the end of its scope. */
static inline void fd_drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* All of it; an errno, 0 when it is done. */
static inline int fd_write(int fd, struct bytes body)
{
	while (body.n > 0) {
		ssize_t n = write(fd, body.p, body.n);

		if (n < 0 && errno != EINTR)
			return errno;
		if (n > 0)
			body = (struct bytes){ body.p + n, body.n - (size_t)n };
	}
	return 0;
}

#endif
