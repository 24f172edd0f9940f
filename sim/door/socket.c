/* SPDX-License-Identifier: Apache-2.0 */
#include "door/socket.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/show.h"

#define PEERS  256
#define EVENTS 32
#define LENGTH 4 /* in front of each message */
#define UNREAD \
	(16 * WIRE_MOST) /* answers waiting for a client that does not read; then it is not read either */

struct peer {
	int        fd; /* -1: free */
	struct buf in, out;
	size_t     sent;
	bool       hung; /* a fault: nothing is said to it any more */
};

struct socket_door {
	struct platform      *platform;
	struct socket_control control;
	int                   epoll, listener;
	struct peer           peer[PEERS];
};

static enum assay_code fail(struct assay_err *e, const char *what)
{
	return err_set(e, ASSAY_INTERNAL, "%s: %s", what, strerror(errno));
}

/* Through /proc, since a state folder's path may be longer than a socket's may. */
static void address_of(int folder, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(out->sun_path, sizeof(out->sun_path), "/proc/self/fd/%d/%s", folder,
		WIRE_SOCKET);
}

static enum assay_code listen_at(struct socket_door *s, int folder, struct assay_err *e)
{
	struct epoll_event want = { .events = EPOLLIN, .data.ptr = NULL };
	struct sockaddr_un address;
	mode_t             before;
	int                bound;

	address_of(folder, &address);
	s->epoll    = epoll_create1(EPOLL_CLOEXEC);
	s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->epoll < 0 || s->listener < 0)
		return fail(e, "a socket");
	before = umask(0177);
	bound  = bind(s->listener, (const struct sockaddr *)&address, sizeof(address));
	umask(before);
	if (bound != 0 || listen(s->listener, PEERS) != 0 ||
		epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->listener, &want) != 0)
		return fail(e, WIRE_SOCKET);
	return ASSAY_OK;
}

enum assay_code socket_open(struct platform *p, int folder,
	const struct socket_control *control, struct socket_door **out, struct assay_err *e)
{
	struct socket_door *s = mem_new(1, sizeof(*s));

	if (s == NULL)
		return err_no_memory(e);
	s->platform = p;
	s->epoll = s->listener = -1;
	if (control != NULL)
		s->control = *control;
	for (size_t i = 0; i < PEERS; i++)
		s->peer[i].fd = -1;
	if (listen_at(s, folder, e) != ASSAY_OK) {
		socket_close(s);
		return e->code;
	}
	*out = s;
	return ASSAY_OK;
}

static void drop(struct peer *p)
{
	if (p->fd >= 0)
		close(p->fd); /* leaves the epoll set by itself */
	buf_done(&p->in);
	buf_done(&p->out);
	*p = (struct peer){ .fd = -1 };
}

void socket_close(struct socket_door *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < PEERS; i++)
		drop(&s->peer[i]);
	if (s->listener >= 0)
		close(s->listener);
	if (s->epoll >= 0)
		close(s->epoll);
	mem_free(s);
}

int socket_fd(const struct socket_door *s)
{
	return s->epoll;
}

/* What this client is waited for. */
static uint32_t interest(const struct peer *p)
{
	uint32_t events = 0;

	if (p->hung)
		return 0; /* its end is told all the same */
	if (p->out.n - p->sent < UNREAD)
		events |= EPOLLIN;
	if (p->sent < p->out.n)
		events |= EPOLLOUT;
	return events;
}

static void watch(struct socket_door *s, struct peer *p, int how)
{
	struct epoll_event want = { .events = interest(p), .data.ptr = p };

	if (epoll_ctl(s->epoll, how, p->fd, &want) != 0)
		drop(p);
}

static void welcome(struct socket_door *s)
{
	int fd;

	while ((fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct peer *p = NULL;

		for (size_t i = 0; i < PEERS && p == NULL; i++)
			if (s->peer[i].fd < 0)
				p = &s->peer[i];
		if (p == NULL) {
			close(fd);
			continue;
		}
		p->fd = fd;
		watch(s, p, EPOLL_CTL_ADD);
	}
}

static enum assay_code answer(struct socket_door *s, enum wire_door door,
	const struct door_ask *a, struct door_reply *r, struct assay_err *e)
{
	enum assay_code code;

	switch (door) {
	case WIRE_NVML:
		return door_nvml(s->platform, a, r, e);
	case WIRE_NSCQ:
		return door_nscq(s->platform, a, r, e);
	default:
		if (s->control.say == NULL)
			return err_set(e, ASSAY_INPUT_OPTION, "nobody to control");
		code = s->control.say(s->control.ctx, a->name, &r->payload, e);
		if (code == ASSAY_OK)
			return ASSAY_OK;
		buf_done(&r->payload); /* the refusal is the answer */
		buf_text(&r->payload, assay_err_text(e));
		r->rc = assay_class_exit(assay_class(code));
		return buf_ok(&r->payload, e);
	}
}

static void put_reply(const struct door_reply *r, struct buf *out)
{
	const uint32_t n   = (uint32_t)(sizeof(r->rc) + 1 + r->payload.n);
	const uint8_t  act = (uint8_t)r->act;

	buf_put(out, &n, sizeof(n));
	buf_put(out, &r->rc, sizeof(r->rc));
	buf_put(out, &act, 1);
	buf_put(out, r->payload.p, r->payload.n);
}

static void reply_done(struct door_reply *r)
{
	buf_done(&r->payload);
}

/* One whole request. False: the client is not worth an answer. */
static bool serve(struct socket_door *s, struct peer *p, struct bytes m)
{
	CLEANUP(reply_done) struct door_reply reply = { 0 };
	char                                  name[WIRE_NAME];
	struct door_ask                       ask = { .name = name };
	struct assay_err                      why = { 0 };

	if (m.n < WIRE_HEAD || m.p[0] >= WIRE_DOORS || m.p[1] >= WIRE_NAME ||
		m.n < WIRE_HEAD + (size_t)m.p[1])
		return false;
	memcpy(name, m.p + WIRE_HEAD, m.p[1]);
	name[m.p[1]] = '\0';
	for (size_t i = 0; i < m.p[1]; i++)
		if (name[i] < ' ' || name[i] > '~')
			return false;
	memcpy(&ask.object, m.p + 2, sizeof(ask.object));
	ask.payload = (struct bytes){ m.p + WIRE_HEAD + m.p[1], m.n - WIRE_HEAD - m.p[1] };
	if (answer(s, m.p[0], &ask, &reply, &why) != ASSAY_OK) {
		fprintf(stderr, "assay sim: %s: %s\n", name, assay_err_text(&why));
		return false;
	}
	p->hung = reply.hang;
	if (!p->hung)
		put_reply(&reply, &p->out);
	return !p->out.failed;
}

/* All requests that are there whole. */
static bool serve_all(struct socket_door *s, struct peer *p)
{
	size_t at = 0;

	while (!p->hung && p->in.n - at >= LENGTH) {
		uint32_t n;

		memcpy(&n, p->in.p + at, sizeof(n));
		if (n > WIRE_MOST)
			return false;
		if (p->in.n - at - LENGTH < n)
			break;
		if (!serve(s, p, (struct bytes){ p->in.p + at + LENGTH, n }))
			return false;
		at += LENGTH + n;
	}
	memmove(p->in.p, p->in.p + at, p->in.n - at);
	p->in.n -= at;
	return true;
}

static bool take(struct socket_door *s, struct peer *p)
{
	uint8_t chunk[8192];
	ssize_t n = recv(p->fd, chunk, sizeof(chunk), 0);

	if (n == 0)
		return false;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	buf_put(&p->in, chunk, (size_t)n);
	return !p->in.failed && serve_all(s, p);
}

static bool send_some(struct peer *p)
{
	while (p->sent < p->out.n) {
		ssize_t n = send(p->fd, p->out.p + p->sent, p->out.n - p->sent, MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		p->sent += (size_t)n;
	}
	p->out.n = p->sent = 0;
	return true;
}

void socket_run(struct socket_door *s)
{
	struct epoll_event event[EVENTS];
	int                n = epoll_wait(s->epoll, event, EVENTS, 0);

	for (int i = 0; i < n; i++) {
		struct peer *p = event[i].data.ptr;
		bool         good;

		if (p == NULL) {
			welcome(s);
			continue;
		}
		good = (event[i].events & (EPOLLERR | EPOLLHUP)) == 0 ||
			(event[i].events & EPOLLIN) != 0;
		if (good && (event[i].events & EPOLLIN) != 0)
			good = take(s, p);
		if (good)
			good = send_some(p);
		if (good)
			watch(s, p, EPOLL_CTL_MOD);
		else
			drop(p);
	}
}

int socket_connect(int folder)
{
	int                fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;

	address_of(folder, &address);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		int why = errno;

		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

static bool send_all(int fd, struct bytes m)
{
	while (m.n > 0) {
		ssize_t n = send(fd, m.p, m.n, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		m = (struct bytes){ m.p + n, m.n - (size_t)n };
	}
	return true;
}

static bool recv_all(int fd, void *out, size_t n)
{
	uint8_t *p = out;

	while (n > 0) {
		ssize_t got = recv(fd, p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

enum assay_code socket_ask(int fd, enum wire_door door, const char *name, struct buf *payload,
	int32_t *rc, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf m      = { 0 };
	const size_t                 name_n = strlen(name);
	const uint8_t                head[] = { (uint8_t)door, (uint8_t)name_n };
	const uint32_t               object = WIRE_NONE;
	uint32_t                     n      = (uint32_t)(WIRE_HEAD + name_n);
	uint8_t                      act;

	if (name_n >= WIRE_NAME)
		return err_set(e, ASSAY_INPUT_OPTION, "more than %d bytes", WIRE_NAME - 1);
	buf_put(&m, &n, sizeof(n));
	buf_put(&m, head, sizeof(head));
	buf_put(&m, &object, sizeof(object));
	buf_put(&m, name, name_n);
	TRY(buf_ok(&m, e));
	if (!send_all(fd, buf_bytes(&m)) || !recv_all(fd, &n, sizeof(n)) ||
		n < sizeof(*rc) + 1 || n > WIRE_MOST || !recv_all(fd, rc, sizeof(*rc)) ||
		!recv_all(fd, &act, 1))
		return err_set(e, ASSAY_INPUT_FILE, "the emulated platform has gone");
	n -= (uint32_t)sizeof(*rc) + 1;
	if (n > 0 && (buf_room(payload, n) == NULL || !recv_all(fd, payload->p, n)))
		return err_set(e, ASSAY_INPUT_FILE, "the emulated platform has gone");
	return ASSAY_OK;
}
