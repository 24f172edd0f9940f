/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP client, over libcurl: many requests at once, in one thread. https only, but for the loopback and for what
 * somebody wrote out in full; peer and host verified; no redirects; a deadline and a size limit each; retries with
 * backoff for what passes by itself. A service key goes over https alone. */
#ifndef FETCH_HTTP_H
#define FETCH_HTTP_H

#include "base/buf.h"

struct http_client;

struct http_spec {
	const char
		*ca_file; /* PEM bundle of the test services, instead of the system's; NULL */
	bool plain; /* http:// to other hosts than the loopback was asked for in so many words */
	int  connect_ms, total_ms; /* a try; 0: HTTP_CONNECT_MS, HTTP_TOTAL_MS */
	unsigned tries;            /* 0: HTTP_TRIES */
	int      deadline_ms;      /* all of it, retries too; 0: HTTP_DEADLINE_MS */
};

#define HTTP_CONNECT_MS  5000
#define HTTP_TOTAL_MS    10000
#define HTTP_TRIES       3
#define HTTP_DEADLINE_MS 30000

struct http_ask { /* lent */
	const char  *url;
	struct bytes body;   /* p == NULL: GET, else POST */
	const char  *type;   /* of the body */
	const char  *accept; /* NULL: anything */
	const char  *bearer; /* service key; NULL: none */
	size_t       limit;  /* bytes of a reply */
	const char *const
		*headers; /* names of reply headers that are wanted, up to NULL; or NULL */
};

#define HTTP_WANTED 4

struct http_got {                /* owned */
	struct assay_err why;    /* ASSAY_OK: a reply with status 200 */
	long             status; /* 0: none came */
	struct buf       body;
	struct buf       header[HTTP_WANTED];
};

enum assay_code http_open(
	const struct http_spec *spec, struct http_client **out, struct assay_err *e);
void http_close(struct http_client *c);

/* All n asks at once; got[i] answers ask[i]. done is called as each ends (NULL: nobody listens). Class INTERNAL only. */
enum assay_code http_fetch(struct http_client *c, const struct http_ask *ask,
	struct http_got *got, size_t n, void (*done)(void *ctx, size_t i), void *ctx,
	struct assay_err *e);
void            http_got_done(struct http_got *g);

#endif
