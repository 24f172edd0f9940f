/* SPDX-License-Identifier: Apache-2.0
 *
 * A service that is not one: the listener in a process of its own, since the client under test waits for it. */
#ifndef TESTS_FAKE_H
#define TESTS_FAKE_H

#include <sys/types.h>

#include "http/listener.h"
#include "test.h"

struct fake_seen { /* shared with the service */
	unsigned asked;
	char     bearer[64], agent[64], cookie[64], type[64];
	unsigned port;
	/* the handler's own */
	unsigned word;
	char     fault[64], mode[32];
};

struct fake {
	pid_t             pid;
	uint16_t          port;
	struct fake_seen *seen;
	struct bytes      ca; /* PEM, with tls; lives on */
};

/* handle's ctx is the struct fake_seen. address: NULL for 127.0.0.1. tls: under a test CA, for 127.0.0.1 and localhost. */
void fake_open(struct fake *f, const char *address, bool tls,
	void (*handle)(void *seen, const struct http_request *r, struct http_reply *out));
void fake_close(struct fake *f);

#endif
