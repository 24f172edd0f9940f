/* SPDX-License-Identifier: Apache-2.0
 *
 * The guest's interfaces of TDX (spec/tdx.md 1.2, 1.3, 1.6) as FUSE mounts below the emulated machine's root: the
 * configfs-tsm tree, the device file with GET_REPORT0, the measurement registers. Without a thread: the caller waits on
 * tsm_fds() and calls tsm_run(). */
#ifndef TSM_TSM_H
#define TSM_TSM_H

#include "platform/platform.h"

#define TSM_FDS 3

struct tsm;

/* root: an absolute path; the mount points below it are made when they are absent. ASSAY_INPUT_OPTION with the reason
 * where FUSE is not to be had; then nothing is mounted. */
enum assay_code tsm_open(
	struct platform *p, const char *root, struct tsm **out, struct assay_err *e);
void tsm_close(struct tsm *t);

/* Of a mount that somebody has taken away: -1, which poll() passes over. */
size_t tsm_fds(const struct tsm *t, int fd[TSM_FDS]);
void   tsm_run(struct tsm *t, int fd);

/* Unmount what a platform that was killed has left below that folder. */
void tsm_sweep(const char *root);

#endif
