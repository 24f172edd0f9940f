/* SPDX-License-Identifier: Apache-2.0 */
#include "http/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int64_t client_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int client_dial(const struct listener *l)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port                     = htons(listener_port(l)),
		.sin_addr                     = { htonl(INADDR_LOOPBACK) } };
	int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_true(connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0 ||
		errno == EINPROGRESS);
	return fd;
}

void client_turn(struct listener *l, int fd, int most_ms)
{
	struct pollfd w[]  = { { .fd = listener_fd(l), .events = POLLIN },
		 { .fd = fd, .events = POLLIN } };
	const int     wish = listener_timeout_ms(l);

	assert_true(poll(w, ARRAY_LEN(w), wish < 0 || wish > most_ms ? most_ms : wish) >= 0);
	listener_run(l);
}

bool client_talk(struct listener *l, int fd, struct bytes in, int wait_ms, struct buf *out)
{
	int64_t end  = client_now_ms() + (in.n > 0 ? TEST_PATIENCE_MS : wait_ms);
	size_t  said = 0;

	while (client_now_ms() < end) {
		uint8_t part[16384];
		ssize_t n = said < in.n ? send(fd, in.p + said, in.n - said, MSG_NOSIGNAL) : 0;

		said += n > 0 ? (size_t)n : 0;
		if (n > 0 && said == in.n)
			end = client_now_ms() + wait_ms;
		client_turn(l, fd, said < in.n ? 1 : 50);
		while ((n = recv(fd, part, sizeof(part), 0)) > 0)
			buf_put(out, part, (size_t)n);
		if (n == 0 || (errno != EAGAIN && errno != ENOTCONN))
			return true;
	}
	return false;
}

unsigned client_answer(struct buf *heard, struct bytes *body)
{
	const char *text   = buf_cstr(heard);
	const char *gap    = strstr(text, "\r\n\r\n");
	unsigned    status = 0;
	size_t      head;

	*body = (struct bytes){ 0 };
	if (gap == NULL || sscanf(text, "HTTP/1.%*c %u", &status) != 1)
		return 0;
	head  = (size_t)(gap + 4 - text);
	*body = (struct bytes){ heard->p + head, heard->n - head };
	return status;
}
