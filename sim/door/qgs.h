/* SPDX-License-Identifier: Apache-2.0
 *
 * Intel's quote generation service, on a UNIX socket in place of vsock (spec/tdx.md 1.4): quotes, collateral, platform
 * information. */
#ifndef DOOR_QGS_H
#define DOOR_QGS_H

#include "platform/platform.h"

#define QGS_FDS 1

struct qgs;

/* path: where nothing is yet; removed by qgs_close(). ASSAY_INPUT_OPTION when it cannot listen there. */
enum assay_code qgs_open(
	struct platform *p, const char *path, struct qgs **out, struct assay_err *e);
void   qgs_close(struct qgs *q);
size_t qgs_fds(const struct qgs *q, int fd[QGS_FDS]);
void   qgs_run(struct qgs *q, int fd);

/* The answer to one message's body, appended to out: of a request that is wrong, an error message; of what has not even
 * the head of a request, nothing, and the connection should end. */
enum assay_code qgs_answer(
	struct platform *p, struct bytes body, struct buf *out, struct assay_err *e);

#endif
