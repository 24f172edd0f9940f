/* SPDX-License-Identifier: Apache-2.0 */
#include "door/stream.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PEERS  256
#define EVENTS 32

struct peer {
	int        fd; /* -1: free */
	struct buf in, out;
	size_t     sent;
	bool       stranger;
	bool       hung; /* nothing is said to it any more */
	bool       last; /* nor heard from it, once all is sent */
};

struct stream {
	struct stream_spec spec;
	int                epoll, listener;
	struct peer        peer[PEERS];
};

static enum assay_code fail(struct assay_err *e, const char *what)
{
	return err_set(e, ASSAY_INPUT_OPTION, "%s: %s", what, strerror(errno));
}

/* A socket that nobody listens at: of a platform that was killed. */
static bool is_dead(const struct sockaddr_un *address)
{
	struct stat st;
	int         fd;
	bool        dead;

	if (lstat(address->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return false;
	fd   = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	dead = fd >= 0 &&
		connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 &&
		errno == ECONNREFUSED;
	if (fd >= 0)
		close(fd);
	return dead;
}

static int bind_to(int fd, const struct sockaddr_un *address)
{
	const struct sockaddr *at = (const struct sockaddr *)address;

	if (bind(fd, at, sizeof(*address)) == 0)
		return 0;
	if (errno != EADDRINUSE)
		return -1;
	if (is_dead(address) && unlink(address->sun_path) == 0)
		return bind(fd, at, sizeof(*address));
	errno = EADDRINUSE;
	return -1;
}

static enum assay_code listen_at(
	struct stream *s, const struct sockaddr_un *address, struct assay_err *e)
{
	struct epoll_event want = { .events = EPOLLIN, .data.ptr = NULL };
	mode_t             before;
	int                bound;

	s->epoll    = epoll_create1(EPOLL_CLOEXEC);
	s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->epoll < 0 || s->listener < 0)
		return fail(e, "a socket");
	before = umask(s->spec.everybody ? 0111 : 0177);
	bound  = bind_to(s->listener, address);
	umask(before);
	if (bound != 0)
		return fail(e, s->spec.name);
	if (listen(s->listener, PEERS) != 0 ||
		epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->listener, &want) != 0)
		return fail(e, s->spec.name);
	return ASSAY_OK;
}

enum assay_code stream_open(const struct stream_spec *spec, const struct sockaddr_un *address,
	struct stream **out, struct assay_err *e)
{
	struct stream *s = mem_new(1, sizeof(*s));

	if (s == NULL)
		return err_no_memory(e);
	s->spec  = *spec;
	s->epoll = s->listener = -1;
	for (size_t i = 0; i < PEERS; i++)
		s->peer[i].fd = -1;
	if (listen_at(s, address, e) != ASSAY_OK) {
		stream_close(s);
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

void stream_close(struct stream *s)
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

int stream_fd(const struct stream *s)
{
	return s->epoll;
}

/* What this client is waited for. */
static uint32_t interest(const struct stream *s, const struct peer *p)
{
	uint32_t events = 0;

	if (p->hung)
		return 0; /* its end is told all the same */
	if (!p->last && p->out.n - p->sent < s->spec.unread)
		events |= EPOLLIN;
	if (p->sent < p->out.n)
		events |= EPOLLOUT;
	return events;
}

static void watch(struct stream *s, struct peer *p, int how)
{
	struct epoll_event want = { .events = interest(s, p), .data.ptr = p };

	if (epoll_ctl(s->epoll, how, p->fd, &want) != 0)
		drop(p);
}

static bool is_stranger(int fd)
{
	struct ucred who;
	socklen_t    n = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) != 0 ||
		(who.uid != 0 && who.uid != geteuid());
}

static void welcome(struct stream *s)
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
		p->fd       = fd;
		p->stranger = is_stranger(fd);
		watch(s, p, EPOLL_CTL_ADD);
	}
}

/* All requests that are there whole. False: the client is not worth an answer. */
static bool serve_all(struct stream *s, struct peer *p)
{
	size_t at = 0, used = 1;

	while (used > 0 && !p->hung && !p->last) {
		used = 0;
		switch (s->spec.take(s->spec.ctx, p->stranger,
			(struct bytes){ p->in.p + at, p->in.n - at }, &used, &p->out)) {
		case STREAM_GO:
			break;
		case STREAM_HANG:
			p->hung = true;
			break;
		case STREAM_LAST:
			p->last = true;
			break;
		default:
			return false;
		}
		at += used;
	}
	memmove(p->in.p, p->in.p + at, p->in.n - at);
	p->in.n -= at;
	return !p->out.failed && p->in.n <= s->spec.unread;
}

static bool take(struct stream *s, struct peer *p)
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
	return !p->last;
}

void stream_run(struct stream *s)
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
