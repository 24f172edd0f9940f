/* SPDX-License-Identifier: Apache-2.0
 *
 * One request and a try at it: what libcurl is told, what it may take in, and what its end means. */
#ifndef FETCH_REQUEST_H
#define FETCH_REQUEST_H

#include <curl/curl.h>

#include "fetch/http.h"

struct request {
	const struct http_ask *ask;
	struct http_got       *got;
	CURL                  *easy; /* NULL: none is under way */
	struct curl_slist     *lines;
	char                   text[CURL_ERROR_SIZE]; /* libcurl's words */
	size_t                 seen;                  /* bytes of headers */
	bool                   over;                  /* too large, by our count */
	bool                   twice;                 /* a wanted header */
	bool                   ended;
	int64_t                due_ms; /* of the next try */
};

struct request_bounds {
	int64_t      connect_ms, total_ms;
	const char  *ca_file; /* NULL: libcurl's own */
	struct bytes ca;      /* instead, when not empty */
};

/* What holds for each request, also one of other code: TLS checked and new enough, no redirection, nobody's .netrc. */
void request_strict(CURL *easy, bool https);

/* Begins a try; class INTERNAL, or ASSAY_NETWORK_ADDRESS. */
enum assay_code request_begin(
	struct request *r, CURLM *multi, const struct request_bounds *b, struct assay_err *e);

/* Ends it, or does nothing where none is under way. */
void request_end(struct request *r, CURLM *multi);

/* It has ended so: fills why; true when another try may end otherwise. */
bool request_judge(struct request *r, CURLcode rc);

/* Before the next try: what the service asked for, or a random part of what doubles each time. */
int64_t request_pause_ms(struct request *r);

/* Nothing of a reply stays. */
void request_clear(struct request *r);

/* Its address for messages: up to the query. */
struct bytes request_shown(const struct request *r);

#endif
