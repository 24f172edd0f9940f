/* SPDX-License-Identifier: Apache-2.0
 *
 * A server on a UNIX socket without a thread: many clients, each with its own buffers; one that does not read does not
 * hold the others up, and one that sends nonsense is closed. What the bytes mean is the taker's business. */
#ifndef DOOR_STREAM_H
#define DOOR_STREAM_H

#include <sys/un.h>

#include "base/buf.h"

struct stream;

enum stream_way {
	STREAM_GO,
	STREAM_HANG,  /* say nothing more to this client, and leave it waiting */
	STREAM_LAST,  /* send what there is, then close */
	STREAM_CLOSE, /* at once */
};

struct stream_spec {
	const char *name;   /* for messages */
	size_t      unread; /* bytes that may wait in either direction: more than a message */
	/* One whole request from in: *used bytes, the answer appended to out. None whole yet: *used stays 0. stranger:
	 * it comes from another user, who is not root. */
	enum stream_way (*take)(
		void *ctx, bool stranger, struct bytes in, size_t *used, struct buf *out);
	void *ctx;
	bool  everybody; /* may connect, and not this user alone */
};

/* Listens at the address; a socket that nobody listens at any more makes room.
 * ASSAY_INPUT_OPTION when it cannot. */
enum assay_code stream_open(const struct stream_spec *spec, const struct sockaddr_un *address,
	struct stream **out, struct assay_err *e);
void            stream_close(struct stream *s); /* the file stays */
int             stream_fd(const struct stream *s);
void            stream_run(struct stream *s);

#endif
