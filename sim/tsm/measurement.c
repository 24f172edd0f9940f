/* SPDX-License-Identifier: Apache-2.0
 *
 * /sys/class/misc/tdx_guest/measurements (spec/tdx.md 1.6; Linux from 6.16 on): registers as 48 bytes; a write of 48 to
 * RTMR2 or RTMR3 extends it. */
#include <errno.h>
#include <stdio.h>

#include "tsm/mount.h"

#define FIRST (ROOT + 1)

static const uint8_t zeros[TDX_REGISTER];

static const uint8_t *mrtd(const struct tdx *t, unsigned number)
{
	(void)number;
	return tdx_mrtd(t);
}

static const uint8_t *none(const struct tdx *t, unsigned number)
{
	(void)t;
	(void)number;
	return zeros;
}

static const struct {
	const char *name;
	mode_t      mode;
	const uint8_t *(*get)(const struct tdx *t, unsigned number);
	unsigned number;
} rows[] = {
	{ "mrtd:sha384", S_IFREG | 0444, mrtd, 0 },
	{ "mrconfigid", S_IFREG | 0444, none, 0 },
	{ "mrowner", S_IFREG | 0444, none, 0 },
	{ "mrownerconfig", S_IFREG | 0444, none, 0 },
	{ "rtmr0:sha384", S_IFREG | 0444, tdx_rtmr, 0 },
	{ "rtmr1:sha384", S_IFREG | 0444, tdx_rtmr, 1 },
	{ "rtmr2:sha384", S_IFREG | 0644, tdx_rtmr, 2 },
	{ "rtmr3:sha384", S_IFREG | 0644, tdx_rtmr, 3 },
};

static struct entry_param describe(fuse_ino_t ino)
{
	if (ino == ROOT)
		return (struct entry_param){ ROOT, S_IFDIR | 0755 };
	if (ino < FIRST || ino - FIRST >= ARRAY_LEN(rows))
		return (struct entry_param){ 0 };
	return (struct entry_param){ ino, rows[ino - FIRST].mode };
}

static void on_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	fuse_ino_t ino = 0;

	for (size_t i = 0; parent == ROOT && i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			ino = FIRST + i;
	mount_reply_entry(req, describe(ino));
}

static void on_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)fi;
	mount_reply_attr(req, describe(ino));
}

static void on_setattr(
	fuse_req_t req, fuse_ino_t ino, struct stat *attr, int set, struct fuse_file_info *fi)
{
	(void)attr;
	(void)fi;
	if ((set & (FUSE_SET_ATTR_MODE | FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID)) != 0)
		fuse_reply_err(req, EPERM);
	else
		mount_reply_attr(req, describe(ino));
}

static void on_readdir(
	fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi)
{
	struct listing l = { .req = req };

	(void)ino;
	(void)fi;
	mount_list(&l, ".", describe(ROOT));
	mount_list(&l, "..", describe(ROOT));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		mount_list(&l, rows[i].name, describe(FIRST + i));
	mount_reply_list(&l, offset, size);
}

static void on_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	if ((fi->flags & O_ACCMODE) != O_RDONLY && (describe(ino).mode & 0222) == 0) {
		fuse_reply_err(req, EACCES);
		return;
	}
	fi->direct_io = 1;
	fuse_reply_open(req, fi);
}

static void on_read(
	fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi)
{
	struct platform *p = fuse_req_userdata(req);

	(void)fi;
	if (describe(ino).mode == 0 || ino == ROOT)
		fuse_reply_err(req, ENOENT);
	else
		mount_reply_part(req, rows[ino - FIRST].get(p->tdx, rows[ino - FIRST].number),
			TDX_REGISTER, offset, size);
}

static void on_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t n, off_t offset,
	struct fuse_file_info *fi)
{
	struct platform *p   = fuse_req_userdata(req);
	struct assay_err why = { 0 };
	uint8_t          digest[TDX_REGISTER];

	(void)fi;
	if (describe(ino).mode == 0 || ino == ROOT || offset != 0 || n != TDX_REGISTER) {
		fuse_reply_err(req, EINVAL);
		return;
	}
	memcpy(digest, data, sizeof(digest));
	if (tdx_extend(p->tdx, rows[ino - FIRST].number, digest, &why) != ASSAY_OK) {
		fprintf(stderr, "assay sim: %s: %s\n", rows[ino - FIRST].name,
			assay_err_text(&why));
		fuse_reply_err(req, EIO);
		return;
	}
	fuse_reply_write(req, n);
}

const struct fuse_lowlevel_ops measurement_ops = {
	.lookup  = on_lookup,
	.getattr = on_getattr,
	.setattr = on_setattr,
	.readdir = on_readdir,
	.mkdir   = refuse_mkdir,
	.rmdir   = refuse_unlink,
	.unlink  = refuse_unlink,
	.create  = refuse_create,
	.mknod   = refuse_mknod,
	.symlink = refuse_symlink,
	.link    = refuse_link,
	.rename  = refuse_rename,
	.open    = on_open,
	.read    = on_read,
	.write   = on_write,
};
