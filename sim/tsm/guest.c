/* SPDX-License-Identifier: Apache-2.0
 *
 * /dev/tdx_guest: TDX_CMD_GET_REPORT0, as mainline Linux has it, and nothing else (spec/tdx.md 1.2). The file itself is
 * the mount. */
#include <errno.h>
#include <stdio.h>

#include "tsm/mount.h"

#define GET_REPORT0 0xc4405401U
#define REQUEST     (TDX_REPORTDATA + TDX_REPORT)

static const struct entry_param file = { ROOT, S_IFREG | 0600 };

static void on_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	(void)fi;
	mount_reply_attr(req, file);
}

/* Truncation, as of "echo >", does nothing to a device. */
static void on_setattr(
	fuse_req_t req, fuse_ino_t ino, struct stat *attr, int set, struct fuse_file_info *fi)
{
	(void)attr;
	if ((set & (FUSE_SET_ATTR_MODE | FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID)) != 0)
		fuse_reply_err(req, EPERM);
	else
		on_getattr(req, ino, fi);
}

static void on_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	fi->direct_io = 1;
	fuse_reply_open(req, fi);
}

/* The device has neither. */
static void on_read(
	fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi)
{
	(void)ino;
	(void)size;
	(void)offset;
	(void)fi;
	fuse_reply_err(req, EINVAL);
}

static void on_write(fuse_req_t req, fuse_ino_t ino, const char *p, size_t n, off_t offset,
	struct fuse_file_info *fi)
{
	(void)p;
	on_read(req, ino, n, offset, fi);
}

static void on_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned command, void *arg,
	struct fuse_file_info *fi, unsigned flags, const void *in, size_t in_n, size_t out_n)
{
	struct platform        *p = fuse_req_userdata(req);
	const struct sim_fault *f = platform_struck(p, SIM_TSM, "ioctl", FORGE_GPU, 0);
	uint8_t                 data[REQUEST];
	struct assay_err        why = { 0 };

	(void)ino;
	(void)arg;
	(void)fi;
	(void)flags;
	if (command != GET_REPORT0 || in_n != REQUEST || out_n != REQUEST) {
		fuse_reply_err(req, ENOTTY);
		return;
	}
	if (f != NULL && f->act == SIM_HANG) {
		mount_hang(req);
		return;
	}
	if (f != NULL && f->act == SIM_RETURN) {
		fuse_reply_err(req, (int)f->value);
		return;
	}
	memcpy(data, in, REQUEST);
	if (tdx_report(p->tdx, data, data + TDX_REPORTDATA, &why) != ASSAY_OK) {
		fprintf(stderr, "assay sim: GET_REPORT0: %s\n", assay_err_text(&why));
		fuse_reply_err(req, EIO);
		return;
	}
	if (f != NULL && f->act == SIM_GARBAGE)
		memset(data + TDX_REPORTDATA, 0xaa, TDX_REPORT);
	fuse_reply_ioctl(req, 0, data, sizeof(data));
}

const struct fuse_lowlevel_ops guest_ops = {
	.getattr = on_getattr,
	.setattr = on_setattr,
	.open    = on_open,
	.read    = on_read,
	.write   = on_write,
	.ioctl   = on_ioctl,
};
