/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of the tree: a path, when it is there, and what it holds. */
#ifndef ROOT_INSIDE_H
#define ROOT_INSIDE_H

#include <sys/types.h>

#include "root/root.h"

/* When a row is there: all of its bits must fit. */
enum root_when {
	WHEN_ALWAYS = 0,
	WHEN_TDX    = 1,
	WHEN_GPU    = 2, /* there is at least one */
	WHEN_CC     = 4, /* set up for confidential computing, of whichever kind */
	WHEN_SINGLE = 8,
	WHEN_PPCIE  = 16,
};

struct root_row {
	const char *path;
	unsigned    when;
	/* One of these. In text, {kernel} and {driver} stand for the versions. */
	const char *text;
	enum assay_code (*make)(const struct platform *p, struct buf *out, struct assay_err *e);
	const char *link;
	bool        folder;
};

struct root_table {
	const struct root_row *row;
	size_t                 rows;
};

extern const struct root_table root_proc, root_sys, root_etc;

/* One row more, as devices need them: path and text are whole. */
struct root_writer;
enum assay_code root_put(
	struct root_writer *w, const char *path, struct bytes content, struct assay_err *e);
enum assay_code root_link(
	struct root_writer *w, const char *path, const char *to, struct assay_err *e);

/* All devices' folders and nodes. */
enum assay_code root_devices(
	const struct platform *p, struct root_writer *w, struct assay_err *e);

/* An initramfs with the module options: cpio, "newc". */
enum assay_code root_initramfs(const struct platform *p, struct buf *out, struct assay_err *e);

/* /etc/modprobe.d/nvidia-lkca.conf of the guide, also in the initramfs. */
extern const char root_lkca[], root_lkca_ppcie[];

#endif
