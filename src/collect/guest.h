/* SPDX-License-Identifier: Apache-2.0
 *
 * What the kernel of a TDX guest offers, as a table of calls, so that a test can answer in its place. Paths are below the root
 * folder, without a slash in front. Every call returns 0 or an errno. */
#ifndef COLLECT_GUEST_H
#define COLLECT_GUEST_H

#include "base/buf.h"

struct guest_calls {
	void *ctx;
	int (*make)(void *ctx, const char *path);   /* a folder */
	int (*remove)(void *ctx, const char *path); /* an empty folder */
	int (*read)(void *ctx, const char *path, size_t limit,
		struct buf *out); /* a whole file, appended; EFBIG past the limit */
	int (*write)(
		void *ctx, const char *path, struct bytes in); /* in one piece, at its start */
	int (*open)(void *ctx, const char *path, int *fd);     /* a device */
	int (*ioctl)(void *ctx, int fd, unsigned long command, void *arg);
	void (*close)(void *ctx, int fd);
	int64_t (*now)(void *ctx); /* milliseconds, from any moment on */
	void (*wait)(void *ctx, int ms);
};

/* The real ones; root: descriptor of the root folder, which is the ctx. */
struct guest_calls guest_calls(const int *root);

/* An errno in words: DEVICE_PERMISSION, QUOTE_BUSY, QUOTE_TIMEOUT, QUOTE_SERVICE, QUOTE_REPLY, or DEVICE_ERROR. what: the
 * file or the call. */
enum assay_code guest_refused(int no, const char *what, struct assay_err *e);

/* Does an errno say that there is no such interface, rather than that it does not work? */
bool guest_absent(int no);

#endif
