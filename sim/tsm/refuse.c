/* SPDX-License-Identifier: Apache-2.0
 *
 * What neither configfs nor sysfs lets anybody do: the errno that the kernel gives for an operation that a folder does
 * not have (fs/namei.c). A FUSE mount without the operation would say ENOSYS. */
#include <errno.h>

#include "tsm/mount.h"

void refuse_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	struct fuse_file_info *fi)
{
	(void)parent;
	(void)name;
	(void)mode;
	(void)fi;
	fuse_reply_err(req, EACCES);
}

void refuse_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	(void)parent;
	(void)name;
	(void)mode;
	fuse_reply_err(req, EPERM);
}

void refuse_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	refuse_mkdir(req, parent, name, 0);
}

void refuse_mknod(
	fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t device)
{
	(void)device;
	refuse_mkdir(req, parent, name, mode);
}

void refuse_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
	(void)target;
	refuse_mkdir(req, parent, name, 0);
}

void refuse_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name)
{
	(void)ino;
	refuse_mkdir(req, parent, name, 0);
}

void refuse_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
	const char *new_name, unsigned flags)
{
	(void)new_parent;
	(void)new_name;
	(void)flags;
	refuse_mkdir(req, parent, name, 0);
}
