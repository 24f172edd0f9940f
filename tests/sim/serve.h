/* SPDX-License-Identifier: Apache-2.0
 *
 * The TDX doors alone, for their tests: a child makes a platform and serves configfs-tsm and the QGS in a folder of its
 * own, until the test lets it go. */
#ifndef TESTS_SERVE_H
#define TESTS_SERVE_H

#include <sys/types.h>

#include "forge/tdx.h"
#include "test.h"

struct serve_spec {
	bool        tsm, qgs;
	unsigned    quote; /* version; 0: 4 */
	const char *fault; /* a name of the gallery; NULL: none */
};

struct serve {
	pid_t pid;
	int   stop;
	char  dir[64];
	char  why[400]; /* that it does not serve; "": it does */
};

/* Returns when it serves, or not: see why. The test ends by itself when anything takes far too long. */
void serve_open(struct serve *s, const struct serve_spec *spec);

/* The same for configfs-tsm; where FUSE is not to be had, says so and skips the test. */
void serve_tsm(struct serve *s, const char *fault, unsigned quote);

/* It must end well, and leave nothing mounted. */
void serve_close(struct serve *s);

/* As after kill -9; serve_close() is still due. */
void serve_kill(struct serve *s);

/* Mounts below its folder. */
unsigned serve_mounts(const struct serve *s);

/* A path below its folder, in one of a few buffers in turn. */
const char *serve_path(const struct serve *s, const char *name);

#define SERVE_ENTRY  "sys/kernel/config/tsm/report/"
#define SERVE_GUEST  "dev/tdx_guest"
#define SERVE_SYSFS  "sys/class/misc/tdx_guest/measurements/"
#define SERVE_SOCKET "qgs"

#endif
