/* SPDX-License-Identifier: Apache-2.0
 *
 * The platform's socket (platform/wire.h): stand-in vendor libraries and `assay sim ctl` are its clients. Without a
 * thread: the caller waits on socket_fd() and calls socket_run(). A client that sends nonsense is closed; one that does
 * not read does not hold the others up. */
#ifndef DOOR_SOCKET_H
#define DOOR_SOCKET_H

#include "door/door.h"

struct socket_door;

/* Words of the control door: their answer as text, or why not. */
struct socket_control {
	enum assay_code (*say)(
		void *ctx, const char *words, struct buf *text, struct assay_err *e);
	void *ctx;
};

/* Listens at WIRE_SOCKET in that folder. Everybody may ask, as everybody may open /dev/nvidia0; to set anything, and to
 * control, is for this user and root. control may be NULL. */
enum assay_code socket_open(struct platform *p, int folder,
	const struct socket_control *control, struct socket_door **out, struct assay_err *e);
void socket_close(struct socket_door *s); /* the file stays: the folder is the caller's */
int  socket_fd(const struct socket_door *s);
void socket_run(struct socket_door *s);

/* A connection to the socket in that folder, from outside; -1 with errno. */
int socket_connect(int folder);

/* One request and its reply, waiting; for clients of the control door. */
enum assay_code socket_ask(int fd, enum wire_door door, const char *name, struct buf *payload,
	int32_t *rc, struct assay_err *e);

#endif
