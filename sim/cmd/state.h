/* SPDX-License-Identifier: Apache-2.0
 *
 * The state folder of a running platform: what programs look for, and nothing else. It belongs to one platform at a
 * time, and goes with it: also when that is killed, since a guard, a small process of its own, then cleans up. */
#ifndef CMD_STATE_H
#define CMD_STATE_H

#include <sys/types.h>

#include "base/buf.h"

#define STATE_ENV     "ASSAY_SIM_STATE" /* tells ctl and env, inside of run, which one */
#define STATE_ROOT    "root"
#define STATE_LIB     "lib"
#define STATE_ANCHORS "anchors"
#define STATE_TLS     "tls"
#define STATE_QGS     "qgs.sock"

struct state {
	struct buf path;   /* absolute */
	int        folder; /* -1: none */
	int        lock;
	int        life; /* while it is open the guard waits */
	pid_t      guard;
	bool       made; /* the folder itself is ours, too */
};

#define STATE_NONE ((struct state){ .folder = -1, .lock = -1, .life = -1 })

/* The folder of that path, of STATE_ENV, or the usual one; made when it is absent. ASSAY_INPUT_OPTION when it is in use
 * or not ours to use. */
enum assay_code state_open(const char *path, struct state *out, struct assay_err *e);

/* A new one below the folder for temporary files. */
enum assay_code state_open_new(struct state *out, struct assay_err *e);

/* That of a platform that is running; only path and folder are filled. */
enum assay_code state_find(const char *path, struct state *out, struct assay_err *e);

/* A socket of ours, just made, that lies elsewhere: it goes, too. One at most; the path as absolute as the folder's. */
enum assay_code state_also(struct state *s, const char *socket, struct assay_err *e);

/* Everything is cleaned up when it returns. */
void state_done(struct state *s);

/* In a child: let go without cleaning up. */
void state_leave(struct state *s);

/* One file with that content; a link. Both below the folder. */
enum assay_code state_write(
	const struct state *s, const char *name, struct bytes content, struct assay_err *e);
enum assay_code state_folder(const struct state *s, const char *name, struct assay_err *e);

#endif
