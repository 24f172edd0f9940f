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
	const char  *ca_file; /* PEM bundle instead of the system's; NULL */
	struct bytes ca;      /* or the bundle itself; lent */
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
	/* names of reply headers that are wanted, HTTP_WANTED at most, up to NULL; or NULL */
	const char *const *headers;
	/* Is this reply of status 200 one of those that pass by themselves, to be asked for again? NULL: none is. */
	bool (*again)(struct bytes body);
};

#define HTTP_WANTED 4

struct http_got { /* owned */
	/* ASSAY_OK: a whole reply with status 200. NETWORK_*, SERVICE_ABSENT (404), SERVICE_STATUS, SERVICE_REPLY. The
	 * message begins with the address, without its query. */
	struct assay_err why;
	long             status; /* 0: none came */
	unsigned         tries;
	struct buf       body;
	struct buf       header[HTTP_WANTED];
};

/* May it be asked at all? An address of https, or of http and the loopback (or any, with plain); without user, password
 * and fragment. ASSAY_NETWORK_ADDRESS. */
enum assay_code http_address(const char *url, bool plain, bool bearer, struct assay_err *e);

/* May it be sent as a service key: one printable word? */
bool http_bearer(const char *key);

/* INTERNAL, ASSAY_INPUT_FILE when ca_file cannot be read. */
enum assay_code http_open(
	const struct http_spec *spec, struct http_client **out, struct assay_err *e);
void http_close(struct http_client *c);

/* All n asks at once; got[i] answers ask[i]: { 0 } before, for http_got_done() after, also on a failure. done is called as
 * each ends (NULL: nobody listens). Class INTERNAL only. */
enum assay_code http_fetch(struct http_client *c, const struct http_ask *ask,
	struct http_got *got, size_t n, void (*done)(void *ctx, size_t i), void *ctx,
	struct assay_err *e);
void            http_got_done(struct http_got *g);

#endif
