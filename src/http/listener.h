/* SPDX-License-Identifier: Apache-2.0
 *
 * The one HTTP listener: requests in, replies out, over libmicrohttpd. It has no thread of its own: the caller waits on
 * listener_fd() in its own loop and calls listener_run(). Every request is bounded before the handler sees it: body,
 * header, URL, number of connections, idle time. */
#ifndef HTTP_LISTENER_H
#define HTTP_LISTENER_H

#include "base/buf.h"

struct listener;

/* One request, lent to the handler for the call. */
struct http_request {
	const char *method; /* "GET" (also for HEAD) or "POST" */
	/* Begins with "/", one line of printable ASCII (else 400 without the handler); percent-decoded, but for escapes
	 * of what is not printable, such as %00: they stay as they are. */
	const char  *path;
	struct bytes body;
	void        *inside; /* for http_header() and http_query() */
};

/* A header by name in any case, a query argument; NULL when it is absent. Lent like the request. */
const char *http_header(const struct http_request *r, const char *name);
const char *http_query(const struct http_request *r, const char *name);

#define HTTP_HEADERS 8

enum http_way {
	HTTP_SEND,
	HTTP_HANG, /* never answered: until the client goes, two minutes are over, or the listener closes */
	HTTP_SHORT, /* the header promises the whole body; half of it comes, then the connection ends */
};

/* What the handler fills; { 0 } is an empty 500, and so is what cannot be sent. Everything is copied. */
struct http_reply {
	unsigned    status;
	const char *type; /* Content-Type; NULL: none */
	struct buf  body;
	struct {
		const char *name;
		struct buf  value; /* one line */
	} header[HTTP_HEADERS];
	size_t        headers;
	enum http_way way;
	bool          bad; /* a header was refused */
};

/* One more header; values with control characters are refused (the reply becomes an empty 500). */
void http_reply_header(struct http_reply *r, const char *name, struct bytes value);
void http_reply_done(struct http_reply *r);

struct listener_spec {
	const char *address;    /* numeric: "127.0.0.1" */
	uint16_t    port;       /* 0: any */
	const char *cert, *key; /* PEM text, for TLS; NULL: plain HTTP */
	size_t      body_most;
	unsigned    connections_most;
	unsigned    idle_s;
	void (*handle)(void *ctx, const struct http_request *r, struct http_reply *out);
	void *ctx;
};

/* Listens when it returns. A port that is taken: ASSAY_INPUT_OPTION with the address in the message. */
enum assay_code listener_open(
	const struct listener_spec *spec, struct listener **out, struct assay_err *e);
void listener_close(struct listener *l);
int  listener_fd(const struct listener *l);         /* readable when there is work */
int  listener_timeout_ms(const struct listener *l); /* run again after so long; -1: no need */
void listener_run(struct listener *l);
uint16_t listener_port(const struct listener *l);

#endif
