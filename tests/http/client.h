/* SPDX-License-Identifier: Apache-2.0
 *
 * A listener and its clients in one thread: what a client says and hears while the listener runs beside it. */
#ifndef TESTS_HTTP_CLIENT_H
#define TESTS_HTTP_CLIENT_H

#include "http/listener.h"
#include "test.h"

int64_t client_now_ms(void);

/* A new connection, which never blocks; the test fails when there is none. */
int client_dial(const struct listener *l);

/* Lets the listener run once it has work, or fd can be read, or after so long. */
void client_turn(struct listener *l, int fd, int most_ms);

/* Says in, then hears until the other end closes: true. False wait_ms after the last of it was said. What was heard is in *out. */
bool client_talk(struct listener *l, int fd, struct bytes in, int wait_ms, struct buf *out);

/* The status of an answer, 0 when it is none; its body in *body, a view. */
unsigned client_answer(struct buf *heard, struct bytes *body);

#endif
