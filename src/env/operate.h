/* SPDX-License-Identifier: Apache-2.0
 *
 * What setup does to the running machine besides its files: programs by execve() without a shell, units by D-Bus. */
#ifndef ENV_OPERATE_H
#define ENV_OPERATE_H

#include "env/ends.h"
#include "env/setup.h"

struct operate {
	bool quiet; /* what programs print is not shown */
	void (*tell)(
		void *ctx, const char *what); /* progress of a start; NULL: nobody listens */
	/* A line that a program printed, printable; NULL: nobody listens. */
	void (*line)(void *ctx, const char *text);
	void                *ctx;
	unsigned             limit_s, grace_s; /* for tests; 0: as for each program */
	bool                 download;         /* installers that are missing may be fetched */
	const struct crypto *crypto;
};

/* o is lent to the operator. */
struct operator operate_machine(struct operate *o);

/* HOST_BUSY: rpm's or dpkg's lock is held by another process. */
enum assay_code operate_packages_free(struct assay_err *e);

#endif
