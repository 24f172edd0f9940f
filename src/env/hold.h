/* SPDX-License-Identifier: Apache-2.0
 *
 * Packages that no update is to move: the kernel, the driver, Fabric Manager, NSCQ. As dpkg's status tells them, and as dnf's
 * configuration can say it.
 *
 * Source: environment DRV-11; deb822(5), dpkg-query(1); dnf.conf(5). */
#ifndef ENV_HOLD_H
#define ENV_HOLD_H

#include "base/buf.h"

#define HOLD_NAME 128 /* bytes of a package's name */

/* The next installed package of those in /var/lib/dpkg/status that is not held, from *at; false at the end. */
bool hold_next(struct bytes status, size_t *at, struct bytes *name);

enum held {
	HELD_ALREADY, /* the very words stand there */
	HELD_NOW,     /* out is the file with them */
	HELD_OTHERS, /* it leaves out packages of its own, or ends in another section: yours to edit */
};

#define HOLD_DNF "kernel* nvidia-* libnvidia-*"

/* dnf.conf with a line that leaves these out of every update. */
enum held hold_dnf(struct bytes conf, struct buf *out);

#endif
