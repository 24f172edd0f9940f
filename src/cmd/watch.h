/* SPDX-License-Identifier: Apache-2.0
 *
 * assay attest --watch: attests again and again, shuts the GPUs as soon as the answer is not yes any more, and tells the
 * service manager and the log. */
#ifndef CMD_WATCH_H
#define CMD_WATCH_H

#include "attest/attest.h"

struct watch_request { /* lent */
	int64_t interval_s;
	/* One attestation, printed where it should be; the exit status of its verdict. */
	int (*attest)(void *ctx, struct attest_result *out, struct assay_err *e);
	void *ctx;
};

/* "90", "90s", "15min", "2h"; ASSAY_INPUT_OPTION. */
enum assay_code watch_interval(const char *text, int64_t *seconds, struct assay_err *e);

/* Until SIGTERM or SIGINT: 0. SIGHUP, and a device that comes or goes, begin the next round at once. What ended it was
 * told otherwise: the exit status of a fault of ours. */
int watch(const struct watch_request *r);

#endif
