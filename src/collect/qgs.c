/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/qgs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/show.h"
#include "format/quoting.h"

#define CONFIG      "etc/tdx-attest.conf"
#define CONFIG_SIZE 4096
#define WHERE       160

/* Decimal, up to 32 bits, all of the text. */
static bool number(struct bytes text, unsigned *out)
{
	uint64_t v = 0;

	if (!bytes_number(text, &v) || v > UINT32_MAX)
		return false;
	*out = (unsigned)v;
	return true;
}

static bool vsock_address(const char *text, struct qgs_address *out)
{
	const char *colon = strchr(text, ':');

	out->cid = VMADDR_CID_HOST;
	if (colon == NULL)
		return number(bytes_text(text), &out->port);
	return number((struct bytes){ (const uint8_t *)text, (size_t)(colon - text) },
		       &out->cid) &&
		number(bytes_text(colon + 1), &out->port);
}

enum assay_code qgs_address(const char *text, struct qgs_address *out, struct assay_err *e)
{
	struct qgs_address a = { 0 };

	if (strncmp(text, "unix:", 5) == 0) {
		const size_t n = strlen(text + 5);

		if (n == 0 || n >= sizeof(a.path))
			return err_set(e, ASSAY_INPUT_OPTION,
				"%s: a socket's path has 1 to %zu characters",
				SHOW(bytes_text(text)), sizeof(a.path) - 1);
		memcpy(a.path, text + 5, n);
	} else if (strncmp(text, "vsock:", 6) != 0 || !vsock_address(text + 6, &a)) {
		return err_set(e, ASSAY_INPUT_OPTION,
			"%s: give unix:PATH, vsock:PORT or vsock:CID:PORT",
			SHOW(bytes_text(text)));
	}
	*out = a;
	return ASSAY_OK;
}

/* "port = 4050" into port; other lines are passed over. False: a port that is none. */
static bool read_line(struct bytes line, struct qgs_address *a, bool *found)
{
	const uint8_t *sign = line.n == 0 ? NULL : memchr(line.p, '=', line.n);

	line = bytes_trim(line);
	if (sign == NULL || line.n == 0 || line.p[0] == '#')
		return true;
	if (!bytes_equal(bytes_trim((struct bytes){ line.p, (size_t)(sign - line.p) }),
		    BYTES("port")))
		return true;
	*found = true;
	return number(
		bytes_trim((struct bytes){ sign + 1, (size_t)(line.p + line.n - sign - 1) }),
		&a->port);
}

enum assay_code qgs_configured(const struct guest_calls *calls, struct qgs_address *out,
	bool *found, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	struct qgs_address           a    = { .cid = VMADDR_CID_HOST };
	int                          no   = calls->read(calls->ctx, CONFIG, CONFIG_SIZE, &text);
	size_t                       at   = 0;

	*found = false;
	if (guest_absent(no))
		return ASSAY_OK;
	if (no != 0)
		return err_set(e, ASSAY_QUOTE_SERVICE, "/" CONFIG ": %s", strerror(no));
	while (at < text.n) {
		const uint8_t *p   = text.p + at;
		const uint8_t *end = memchr(p, '\n', text.n - at);
		const size_t   n   = end == NULL ? text.n - at : (size_t)(end - p);

		if (!read_line((struct bytes){ p, n }, &a, found))
			return err_set(e, ASSAY_QUOTE_SERVICE, "/" CONFIG ": \"%s\" is no port",
				SHOW(((struct bytes){ p, n })));
		at += n + 1;
	}
	if (*found)
		*out = a;
	return ASSAY_OK;
}

/* --- the conversation --- */

/* Until the socket can do it; 0, or ETIMEDOUT and other errnos. */
static int await(int fd, short what, int64_t until)
{
	for (;;) {
		struct pollfd w    = { .fd = fd, .events = what };
		const int64_t left = until - clock_ms();
		int           n    = left <= 0 ? 0 : poll(&w, 1, (int)left);

		if (n > 0)
			return 0;
		if (n == 0)
			return ETIMEDOUT;
		if (errno != EINTR)
			return errno;
	}
}

static int begin(const struct qgs_address *to, int *fd)
{
	struct sockaddr_un u = { .sun_family = AF_UNIX };
	struct sockaddr_vm v = {
		.svm_family = AF_VSOCK, .svm_cid = to->cid, .svm_port = to->port
	};
	const bool local = to->path[0] != '\0';

	memcpy(u.sun_path, to->path, sizeof(to->path));
	*fd = socket(local ? AF_UNIX : AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return errno;
	if (connect(*fd, local ? (struct sockaddr *)&u : (struct sockaddr *)&v,
		    local ? sizeof(u) : sizeof(v)) == 0)
		return 0;
	return errno;
}

static int join(const struct qgs_address *to, int64_t until, int *fd)
{
	socklen_t size = sizeof(int);
	int       no = begin(to, fd), late = 0;

	if (no != EINPROGRESS)
		return no;
	no = await(*fd, POLLOUT, until);
	if (no == 0 && getsockopt(*fd, SOL_SOCKET, SO_ERROR, &late, &size) != 0)
		return errno;
	return no == 0 ? late : no;
}

static int send_all(int fd, struct bytes b, int64_t until)
{
	while (b.n > 0) {
		ssize_t n = send(fd, b.p, b.n, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			return errno;
		if (n < 0) {
			int no = await(fd, POLLOUT, until);

			if (no != 0)
				return no;
			continue;
		}
		b = (struct bytes){ b.p + n, b.n - (size_t)n };
	}
	return 0;
}

/* Exactly n bytes; *got says how many came when the other side ends before (then 0 is returned, too). */
static int receive_all(int fd, uint8_t *p, size_t n, int64_t until, size_t *got)
{
	*got = 0;
	while (*got < n) {
		int     no = await(fd, POLLIN, until);
		ssize_t r  = no != 0 ? 0 : recv(fd, p + *got, n - *got, 0);

		if (no != 0)
			return no;
		if (r < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (r < 0)
			return errno;
		if (r == 0)
			return 0;
		*got += (size_t)r;
	}
	return 0;
}

static enum assay_code broken(int no, const char *what, struct assay_err *e)
{
	if (no == ETIMEDOUT)
		return err_set(e, ASSAY_QUOTE_TIMEOUT, "no answer in time to %s", what);
	return err_set(e, ASSAY_QUOTE_SERVICE, "%s: %s", what, strerror(no));
}

static enum assay_code receive(int fd, int64_t until, struct buf *body, struct assay_err *e)
{
	uint8_t prefix[QUOTING_PREFIX], *room;
	size_t  got, n = 0;
	int     no = receive_all(fd, prefix, sizeof(prefix), until, &got);

	if (no != 0)
		return broken(no, "the request", e);
	if (got < sizeof(prefix))
		return err_set(e, ASSAY_QUOTE_REPLY,
			"the quoting service closes the connection after %zu bytes", got);
	TRY(quoting_length(prefix, &n, e));
	room = buf_room(body, n);
	if (room == NULL)
		return err_no_memory(e);
	no = receive_all(fd, room, n, until, &got);
	if (no != 0)
		return broken(no, "the request", e);
	if (got < n)
		return err_set(e, ASSAY_QUOTE_REPLY,
			"the quoting service ends after %zu of %zu bytes", got, n);
	return ASSAY_OK;
}

static enum assay_code converse(const struct qgs_address *to, const uint8_t *report,
	int64_t until, struct buf *out, struct assay_err *e)
{
	CLEANUP(fd_drop) int         fd      = -1;
	CLEANUP(buf_done) struct buf request = { 0 }, body = { 0 };
	struct bytes                 quote;
	int                          no = join(to, until, &fd);

	/* nobody there: the one failure after which another way is tried */
	if (no != 0 && no != ETIMEDOUT)
		return err_set(e, ASSAY_TD_ABSENT, "%s", strerror(no));
	if (no != 0)
		return broken(no, "the connection", e);
	quoting_request(report, &request);
	TRY(buf_ok(&request, e));
	no = send_all(fd, buf_bytes(&request), until);
	if (no != 0)
		return broken(no, "the request", e);
	TRY(receive(fd, until, &body, e));
	TRY(quoting_reply(buf_bytes(&body), &quote, e));
	buf_put(out, quote.p, quote.n);
	return buf_ok(out, e);
}

enum assay_code qgs_quote(const struct qgs_address *to, const uint8_t report[1024],
	int timeout_ms, struct buf *out, struct assay_err *e)
{
	char where[WHERE];

	if (to->path[0] != '\0')
		snprintf(where, sizeof(where), "unix:%s", SHOW(bytes_text(to->path)));
	else
		snprintf(where, sizeof(where), "vsock:%u:%u", to->cid, to->port);
	if (converse(to, report, clock_ms() + timeout_ms, out, e) != ASSAY_OK)
		return err_wrap(e, "the quoting service at %s", where);
	return ASSAY_OK;
}
