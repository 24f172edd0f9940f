/* SPDX-License-Identifier: Apache-2.0 */
#include "door/socket.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/show.h"
#include "door/stream.h"

#define LENGTH 4 /* in front of each message */

struct socket_door {
	struct platform      *platform;
	struct socket_control control;
	struct stream        *stream;
};

/* Through /proc, since a state folder's path may be longer than a socket's may. */
static void address_of(int folder, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(out->sun_path, sizeof(out->sun_path), "/proc/self/fd/%d/%s", folder,
		WIRE_SOCKET);
}

static enum assay_code answer(const struct socket_door *s, enum wire_door door,
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
		code = a->stranger
			? err_set(e, ASSAY_INPUT_OPTION, "the platform is somebody else's")
			: s->control.say(s->control.ctx, a->name, &r->payload, e);
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

/* One message's content. */
static enum stream_way serve(
	const struct socket_door *s, bool stranger, struct bytes m, struct buf *out)
{
	CLEANUP(reply_done) struct door_reply reply = { 0 };
	char                                  name[WIRE_NAME];
	struct door_ask                       ask = { .name = name, .stranger = stranger };
	struct assay_err                      why = { 0 };

	if (m.n < WIRE_HEAD || m.p[0] >= WIRE_DOORS || m.p[1] >= WIRE_NAME ||
		m.n < WIRE_HEAD + (size_t)m.p[1])
		return STREAM_CLOSE;
	memcpy(name, m.p + WIRE_HEAD, m.p[1]);
	name[m.p[1]] = '\0';
	for (size_t i = 0; i < m.p[1]; i++)
		if (name[i] < ' ' || name[i] > '~')
			return STREAM_CLOSE;
	memcpy(&ask.object, m.p + 2, sizeof(ask.object));
	ask.payload = (struct bytes){ m.p + WIRE_HEAD + m.p[1], m.n - WIRE_HEAD - m.p[1] };
	if (answer(s, m.p[0], &ask, &reply, &why) != ASSAY_OK) {
		fprintf(stderr, "assay sim: %s: %s\n", name, assay_err_text(&why));
		return STREAM_CLOSE;
	}
	if (reply.hang)
		return STREAM_HANG;
	put_reply(&reply, out);
	return STREAM_GO;
}

static enum stream_way take(
	void *ctx, bool stranger, struct bytes in, size_t *used, struct buf *out)
{
	uint32_t n;

	if (in.n < LENGTH)
		return STREAM_GO;
	memcpy(&n, in.p, sizeof(n));
	if (n > WIRE_MOST)
		return STREAM_CLOSE;
	if (in.n - LENGTH < n)
		return STREAM_GO;
	*used = LENGTH + n;
	return serve(ctx, stranger, (struct bytes){ in.p + LENGTH, n }, out);
}

enum assay_code socket_open(struct platform *p, int folder,
	const struct socket_control *control, struct socket_door **out, struct assay_err *e)
{
	struct socket_door *s    = mem_new(1, sizeof(*s));
	struct stream_spec  spec = { WIRE_SOCKET, 16 * WIRE_MOST, take, s, true };
	struct sockaddr_un  address;

	if (s == NULL)
		return err_no_memory(e);
	s->platform = p;
	if (control != NULL)
		s->control = *control;
	address_of(folder, &address);
	if (stream_open(&spec, &address, &s->stream, e) != ASSAY_OK) {
		mem_free(s);
		return e->code;
	}
	*out = s;
	return ASSAY_OK;
}

void socket_close(struct socket_door *s)
{
	if (s == NULL)
		return;
	stream_close(s->stream);
	mem_free(s);
}

int socket_fd(const struct socket_door *s)
{
	return stream_fd(s->stream);
}

void socket_run(struct socket_door *s)
{
	stream_run(s->stream);
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
