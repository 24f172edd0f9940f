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

/* Operations that change a folder, refused (refuse.c). */
void refuse_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	struct fuse_file_info *fi);
void refuse_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode);
void refuse_unlink(fuse_req_t req, fuse_ino_t parent, const char *name); /* and rmdir */
void refuse_mknod(
	fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t device);
void refuse_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name);
void refuse_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name);
void refuse_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
	const char *new_name, unsigned flags);

/* Their operations; userdata is the struct platform. */
extern const struct fuse_lowlevel_ops configfs_ops, guest_ops, measurement_ops;
void                                  configfs_done(void);

#endif
