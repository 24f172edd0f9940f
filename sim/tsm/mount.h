/* SPDX-License-Identifier: Apache-2.0
 *
 * One FUSE mount, for the files that serve one. Nothing is cached by the kernel, so that every read and write comes
 * here; files have no size, as in configfs and sysfs. */
#ifndef TSM_MOUNT_H
#define TSM_MOUNT_H

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#include "tsm/tsm.h"

#define ROOT FUSE_ROOT_ID

/* Is this file or folder there? mode 0: no. */
struct entry_param {
	fuse_ino_t ino;
	mode_t     mode;
};

void mount_reply_entry(fuse_req_t req, struct entry_param e);
void mount_reply_attr(fuse_req_t req, struct entry_param e);

/* Part of n bytes, from offset on. */
void mount_reply_part(fuse_req_t req, const void *p, size_t n, off_t offset, size_t most);

/* A folder's rows, as readdir wants them. */
struct listing {
	fuse_req_t req;
	struct buf out;
};
void mount_list(struct listing *l, const char *name, struct entry_param e);
void mount_reply_list(struct listing *l, off_t offset, size_t most);

/* A fault: no answer, until the caller is interrupted or the mount ends. */
void mount_hang(fuse_req_t req);

/* Their operations; userdata is the struct platform. */
extern const struct fuse_lowlevel_ops configfs_ops, guest_ops, measurement_ops;
void                                  configfs_done(void);

#endif
