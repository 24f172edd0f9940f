/* SPDX-License-Identifier: Apache-2.0 */
#include "http/listener.h"

#include "base/clock.h"
#include "base/hex.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURNS 16 /* through a queue of connections, at a time */
#define HEAD_MOST \
	(32 * 1024) /* request line and header; libmicrohttpd answers 431 or 414 above it */
#define DROP_MOST (1024 * 1024) /* of a body that is too large anyway: then it is cut */
#define HANG_S    120           /* then a client that was left waiting is cut off */
#define LOOK_MS   1000          /* so often those are looked at */
#define IDLE_MS   60000

/* DESIGN.md 8, spec/tdx.md 4.1: TLS 1.2 and later. */
#define PRIORITIES "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1"

/* One request on its way. */
struct exchange {
	struct buf             body;
	size_t                 dropped; /* bytes of a body that is too large */
	bool                   cut;     /* was left waiting; now it ends */
	struct exchange       *next;    /* among those that wait */
	struct MHD_Connection *connection;
	int64_t                since_ms;
};

struct listener {
	struct listener_spec spec;
	struct MHD_Daemon   *daemon;
	struct exchange     *waiting;
	int64_t              looked_ms; /* at those */
};

const char *http_header(const struct http_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->inside, MHD_HEADER_KIND, name);
}

const char *http_query(const struct http_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->inside, MHD_GET_ARGUMENT_KIND, name);
}

void http_reply_header(struct http_reply *r, const char *name, struct bytes value)
{
	bool line = r->headers < HTTP_HEADERS;

	for (size_t i = 0; i < value.n; i++)
		line = line && value.p[i] >= ' ' && value.p[i] <= '~';
	if (!line) {
		r->bad = true;
		return;
	}
	r->header[r->headers].name = name;
	buf_put(&r->header[r->headers++].value, value.p, value.n);
}

void http_reply_done(struct http_reply *r)
{
	buf_done(&r->body);
	for (size_t i = 0; i < r->headers; i++)
		buf_done(&r->header[i].value);
	*r = (struct http_reply){ 0 };
}

/* In place. What is not printable stays escaped, so that a path is one line of text without a NUL. */
static size_t unescape(void *ctx, struct MHD_Connection *c, char *s)
{
	char *to = s;

	(void)ctx;
	(void)c;
	for (const char *from = s; *from != '\0'; from++) {
		int high = from[0] == '%' ? hex_digit((uint8_t)from[1]) : -1;
		int low  = high >= 0 ? hex_digit((uint8_t)from[2]) : -1;
		int byte = high * 16 + low;

		if (low >= 0 && byte >= ' ' && byte <= '~') {
			*to++ = (char)byte;
			from += 2;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	return (size_t)(to - s);
}

/* Half of a body that was promised whole. */
static ssize_t half(void *ctx, uint64_t at, char *out, size_t most)
{
	const struct buf *body = ctx;
	size_t            end  = body->n / 2;
	size_t            n    = at < end ? end - (size_t)at : 0;

	if (n == 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	n = n < most ? n : most;
	memcpy(out, body->p + at, n);
	return (ssize_t)n;
}

static void half_done(void *ctx)
{
	buf_done(ctx);
	mem_free(ctx);
}

static struct MHD_Response *short_response(struct buf *body)
{
	struct buf          *owned = mem_new(1, sizeof(*owned));
	struct MHD_Response *r;

	if (owned == NULL)
		return NULL;
	*owned = *body;
	*body  = (struct buf){ 0 };
	r      = MHD_create_response_from_callback(owned->n, 4096, half, owned, half_done);
	if (r == NULL)
		half_done(owned);
	return r;
}

static struct MHD_Response *whole_response(const struct buf *body)
{
	char nothing = 0;

	return MHD_create_response_from_buffer(
		body->n, body->n == 0 ? (void *)&nothing : body->p, MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result send_reply(struct MHD_Connection *c, struct http_reply *reply)
{
	const unsigned       status = reply->status == 0 ? MHD_HTTP_INTERNAL_SERVER_ERROR
							 : reply->status;
	const bool           cut    = reply->way == HTTP_SHORT && reply->body.n > 0;
	struct MHD_Response *r      = cut ? short_response(&reply->body)
					  : whole_response(&reply->body);
	enum MHD_Result      done   = MHD_NO;
	bool                 good   = r != NULL;

	if (good && reply->type != NULL)
		good = MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, reply->type) ==
			MHD_YES;
	for (size_t i = 0; good && i < reply->headers; i++)
		good = MHD_add_response_header(r, reply->header[i].name,
			       buf_cstr(&reply->header[i].value)) == MHD_YES;
	if (good)
		done = MHD_queue_response(c, status, r);
	if (r != NULL)
		MHD_destroy_response(r);
	return done;
}

static enum MHD_Result refuse(struct MHD_Connection *c, unsigned status, const char *text)
{
	CLEANUP(http_reply_done)
	struct http_reply reply = { .status = status, .type = "text/plain" };

	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		http_reply_header(&reply, MHD_HTTP_HEADER_ALLOW, BYTES("GET, HEAD, POST"));
	buf_text(&reply.body, text);
	return send_reply(c, &reply);
}

/* Nothing is said until the client goes, the listener closes, or long after. */
static enum MHD_Result leave_waiting(
	struct listener *l, struct MHD_Connection *c, struct exchange *x)
{
	x->connection = c;
	x->since_ms   = clock_ms();
	x->next       = l->waiting;
	l->waiting    = x;
	MHD_suspend_connection(c);
	return MHD_YES;
}

static bool plain(const char *path)
{
	if (path[0] != '/')
		return false;
	for (; *path != '\0'; path++)
		if (*path < ' ' || *path > '~')
			return false;
	return true;
}

/* What can be sent; else it is an empty 500. */
static bool whole(const struct http_reply *r)
{
	bool good = !r->bad && !r->body.failed && r->status >= MHD_HTTP_OK && r->status < 600;

	for (size_t i = 0; i < r->headers; i++)
		good = good && !r->header[i].value.failed;
	return good;
}

static enum MHD_Result respond(struct listener *l, struct MHD_Connection *c, const char *path,
	const char *method, struct exchange *x)
{
	CLEANUP(http_reply_done) struct http_reply reply = { 0 };
	struct http_request                        r     = {
					   .method = method,
					   .path   = path,
					   .body   = buf_bytes(&x->body),
					   .inside = c,
	};

	if (x->dropped > 0)
		return refuse(c, MHD_HTTP_CONTENT_TOO_LARGE, "the body is too large\n");
	if (!plain(path))
		return refuse(c, MHD_HTTP_BAD_REQUEST, "the path is no printable text\n");
	if (strcmp(method, "HEAD") == 0)
		r.method = "GET"; /* libmicrohttpd leaves the body out */
	if (strcmp(r.method, "GET") != 0 && strcmp(r.method, "POST") != 0)
		return refuse(c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET, HEAD or POST\n");
	l->spec.handle(l->spec.ctx, &r, &reply);
	if (reply.way == HTTP_HANG)
		return leave_waiting(l, c, x);
	if (!whole(&reply))
		http_reply_done(&reply);
	return send_reply(c, &reply);
}

/* What is too much is read for a while, so that the refusal arrives, and not for ever. */
static enum MHD_Result take_body(
	const struct listener *l, struct exchange *x, const char *data, size_t n)
{
	if (x->dropped > 0 || n > l->spec.body_most - x->body.n) {
		x->dropped += n;
		return x->dropped > DROP_MOST ? MHD_NO : MHD_YES;
	}
	buf_put(&x->body, data, n);
	return x->body.failed ? MHD_NO : MHD_YES;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c, const char *url,
	const char *method, const char *version, const char *data, size_t *n, void **state)
{
	struct listener *l = ctx;
	struct exchange *x = *state;

	(void)version;
	if (x == NULL) { /* the header is there */
		*state = x = mem_new(1, sizeof(*x));
		return x == NULL ? MHD_NO : MHD_YES;
	}
	if (x->cut)
		return MHD_NO;
	if (*n > 0) {
		const size_t got = *n;

		*n = 0;
		return take_body(l, x, data, got);
	}
	return respond(l, c, url, method, x);
}

static void on_completed(
	void *ctx, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode why)
{
	struct exchange *x = *state;

	(void)ctx;
	(void)c;
	(void)why;
	if (x == NULL)
		return;
	buf_done(&x->body);
	mem_free(x);
	*state = NULL;
}

/* libmicrohttpd does not look at a suspended connection: neither at its time nor whether the client is still there. */
static bool gone(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i = MHD_get_connection_info(
		c, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct pollfd fd = { .fd = i == NULL ? -1 : i->connect_fd, .events = POLLRDHUP };

	return poll(&fd, 1, 0) > 0;
}

/* Let go of those that have waited since before, and of those that nobody waits at any more. */
static void release(struct listener *l, int64_t before_ms)
{
	struct exchange **at = &l->waiting;

	while (*at != NULL) {
		struct exchange *x = *at;

		if (x->since_ms > before_ms && !gone(x->connection)) {
			at = &x->next;
			continue;
		}
		*at    = x->next;
		x->cut = true;
		MHD_resume_connection(x->connection);
	}
}

static enum assay_code fail(const struct listener_spec *s, struct assay_err *e)
{
	return err_set(e, ASSAY_INPUT_OPTION, "%s port %u: %s", s->address, (unsigned)s->port,
		strerror(errno));
}

static enum assay_code open_socket(const struct listener_spec *s, int *out, struct assay_err *e)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(s->port) };
	int                on = 1, why;
	int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (inet_pton(AF_INET, s->address, &to.sin_addr) != 1) {
		if (fd >= 0)
			close(fd);
		return err_set(e, ASSAY_INPUT_OPTION, "%s: not an IPv4 address", s->address);
	}
	if (fd < 0)
		return fail(s, e);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&to, sizeof(to)) == 0 &&
		listen(fd, SOMAXCONN) == 0) {
		*out = fd;
		return ASSAY_OK;
	}
	why = errno;
	close(fd);
	errno = why;
	return fail(s, e);
}

static struct MHD_Daemon *start(struct listener *l, int fd)
{
	const struct listener_spec *s         = &l->spec;
	const bool                  tls       = s->cert != NULL;
	const struct MHD_OptionItem secrets[] = {
		{ tls ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0,
			(void *)(uintptr_t)s->cert },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)s->key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)PRIORITIES },
		{ MHD_OPTION_END, 0, NULL },
	};
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;

	if (tls)
		flags |= MHD_USE_TLS;
	return MHD_start_daemon(flags, 0, NULL, NULL, on_request, l, MHD_OPTION_LISTEN_SOCKET,
		fd, MHD_OPTION_NOTIFY_COMPLETED, on_completed, l, MHD_OPTION_UNESCAPE_CALLBACK,
		unescape, NULL, MHD_OPTION_CONNECTION_LIMIT, s->connections_most,
		MHD_OPTION_CONNECTION_TIMEOUT, s->idle_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)HEAD_MOST, MHD_OPTION_ARRAY, secrets, MHD_OPTION_END);
}

enum assay_code listener_open(
	const struct listener_spec *spec, struct listener **out, struct assay_err *e)
{
	struct listener *l  = mem_new(1, sizeof(*l));
	int              fd = -1;

	if (l == NULL)
		return err_no_memory(e);
	l->spec = *spec;
	if (open_socket(spec, &fd, e) != ASSAY_OK) {
		mem_free(l);
		return e->code;
	}
	l->daemon    = start(l, fd);
	l->spec.cert = l->spec.key = NULL; /* were lent */
	if (l->daemon == NULL) {
		close(fd);
		mem_free(l);
		return err_set(e, ASSAY_INTERNAL, "the HTTP listener does not start");
	}
	*out = l;
	return ASSAY_OK;
}

void listener_close(struct listener *l)
{
	if (l == NULL)
		return;
	release(l, INT64_MAX); /* stopping with suspended connections would leak them */
	MHD_stop_daemon(l->daemon);
	mem_free(l);
}

int listener_fd(const struct listener *l)
{
	return MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

int listener_timeout_ms(const struct listener *l)
{
	const MHD_UNSIGNED_LONG_LONG most = l->waiting == NULL ? IDLE_MS : LOOK_MS;
	MHD_UNSIGNED_LONG_LONG       ms;

	if (MHD_get_timeout(l->daemon, &ms) != MHD_YES)
		return l->waiting == NULL ? -1 : LOOK_MS;
	return (int)(ms < most ? ms : most);
}

/* Then libmicrohttpd does not listen, until it is run once more after somebody has gone. */
static bool full(const struct listener *l)
{
	return MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)
		       ->num_connections >= l->spec.connections_most;
}

void listener_run(struct listener *l)
{
	const int64_t now      = clock_ms();
	bool          was_full = true;

	if (l->waiting != NULL && now - l->looked_ms >= LOOK_MS / 2) {
		release(l, now - HANG_S * 1000);
		l->looked_ms = now;
	}
	for (unsigned i = 0; i < TURNS && was_full; i++) {
		was_full = full(l);
		MHD_run(l->daemon);
	}
}

uint16_t listener_port(const struct listener *l)
{
	return MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}
