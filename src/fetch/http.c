/* SPDX-License-Identifier: Apache-2.0
 *
 * The client, and many requests at once.
 *
 * Source: nvidia-evidence 4.2 (which failures pass by themselves) and 8.5 (what the client must not do). */
#include "fetch/http.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/clock.h"
#include "base/show.h"
#include "fetch/address.h"
#include "fetch/request.h"

#define CONNECTIONS 64 /* of all hosts: a node's 30 questions are asked at once */
#define BEARER_MOST 4096
#define WAIT_MS     1000 /* libcurl wakes by itself earlier */

struct http_client {
	CURLM           *multi;
	struct http_spec spec;
	char            *ca_file; /* NULL: libcurl's own */
};

enum assay_code http_address(const char *url, bool plain, bool bearer, struct assay_err *e)
{
	struct address a;

	TRY(address_read(url, &a, e));
	if (!a.https && !a.loopback && !plain)
		return err_set(e, ASSAY_NETWORK_ADDRESS,
			"\"%s\" is plain http to another host; say so by an option, or use https",
			SHOW(bytes_text(url)));
	if (!a.https && bearer)
		return err_set(e, ASSAY_NETWORK_ADDRESS,
			"\"%s\" is plain http: no service key goes there",
			SHOW(bytes_text(url)));
	return ASSAY_OK;
}

/* ---- the client ---- */

/* Where distributions keep the bundle of public CAs; libcurl was built with the first. */
static const char *system_bundle(void)
{
	static const char *const places[] = { "/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem" };

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}

enum assay_code http_open(
	const struct http_spec *spec, struct http_client **out, struct assay_err *e)
{
	struct http_client *c    = mem_new(1, sizeof(*c));
	const char         *file = spec->ca_file != NULL ? spec->ca_file : system_bundle();

	if (c == NULL)
		return err_no_memory(e);
	c->spec = *spec;
	if (spec->ca_file != NULL && access(spec->ca_file, R_OK) != 0) {
		mem_free(c);
		return err_set(e, ASSAY_INPUT_FILE, "%s: %s", SHOW(bytes_text(spec->ca_file)),
			strerror(errno));
	}
	c->ca_file = file == NULL ? NULL : mem_text(bytes_text(file));
	/* once and for all: libcurl would read the file that OPENSSL_CONF names */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		c->multi = curl_multi_init();
	if (c->multi == NULL || (file != NULL && c->ca_file == NULL)) {
		http_close(c);
		return err_no_memory(e);
	}
	c->spec.connect_ms  = spec->connect_ms != 0 ? spec->connect_ms : HTTP_CONNECT_MS;
	c->spec.total_ms    = spec->total_ms != 0 ? spec->total_ms : HTTP_TOTAL_MS;
	c->spec.tries       = spec->tries != 0 ? spec->tries : HTTP_TRIES;
	c->spec.deadline_ms = spec->deadline_ms != 0 ? spec->deadline_ms : HTTP_DEADLINE_MS;
	curl_multi_setopt(c->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
	curl_multi_setopt(c->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)CONNECTIONS);
	curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS);
	*out = c;
	return ASSAY_OK;
}

void http_close(struct http_client *c)
{
	if (c == NULL)
		return;
	if (c->multi != NULL)
		curl_multi_cleanup(c->multi);
	curl_global_cleanup();
	mem_free(c->ca_file);
	mem_free(c);
}

void http_got_done(struct http_got *g)
{
	buf_done(&g->body);
	for (size_t i = 0; i < HTTP_WANTED; i++)
		buf_done(&g->header[i]);
	*g = (struct http_got){ 0 };
}

/* ---- all of them ---- */

struct race {
	struct http_client *c;
	struct request     *request;
	size_t              n, open;
	int64_t             end_ms;
	void (*done)(void *ctx, size_t i);
	void *ctx;
};

static void finish(struct race *r, struct request *w)
{
	request_end(w, r->c->multi);
	if (w->got->why.code != ASSAY_OK)
		request_clear(w);
	w->ended = true;
	r->open--;
	if (r->done != NULL)
		r->done(r->ctx, (size_t)(w - r->request));
}

static void hear(struct race *r)
{
	CURLMsg *m;
	int      left;

	while ((m = curl_multi_info_read(r->c->multi, &left)) != NULL) {
		struct request *w = NULL;
		int64_t         pause;
		bool            again;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &w);
		again = request_judge(w, m->data.result) && w->got->tries < r->c->spec.tries;
		pause = again ? request_pause_ms(w) : 0;
		if (again && pause < r->end_ms - clock_ms()) {
			w->due_ms = clock_ms() + pause;
			request_end(w, r->c->multi);
		} else {
			finish(r, w);
		}
	}
}

static enum assay_code begin(
	const struct http_client *c, struct request *w, int64_t left_ms, struct assay_err *e)
{
	const struct request_bounds b = {
		.connect_ms = c->spec.connect_ms,
		.total_ms   = c->spec.total_ms < left_ms ? c->spec.total_ms : left_ms,
		.ca_file    = c->ca_file,
		.ca         = c->spec.ca,
	};

	return request_begin(w, c->multi, &b, e);
}

/* Starts what is due; *wait_ms until the next. Past the end whatever is open has failed. */
static enum assay_code start_due(struct race *r, int *wait_ms, struct assay_err *e)
{
	const int64_t now = clock_ms();

	*wait_ms = WAIT_MS;
	for (size_t i = 0; i < r->n; i++) {
		struct request *w = &r->request[i];

		if (w->ended)
			continue;
		if (now >= r->end_ms) {
			if (w->easy != NULL || w->got->why.code == ASSAY_OK)
				err_set(&w->got->why, ASSAY_NETWORK_TIMEOUT,
					"%s: no answer in time", SHOW(request_shown(w)));
			finish(r, w);
		} else if (w->easy == NULL && w->due_ms <= now) {
			TRY(begin(r->c, w, r->end_ms - now, e));
			*wait_ms = 0;
		} else if (w->easy == NULL && w->due_ms - now < *wait_ms) {
			*wait_ms = (int)(w->due_ms - now);
		}
	}
	if (r->end_ms - now < *wait_ms)
		*wait_ms = r->end_ms > now ? (int)(r->end_ms - now) : 0;
	return ASSAY_OK;
}

static enum assay_code run(struct race *r, struct assay_err *e)
{
	while (r->open > 0) {
		int running, wait_ms;

		if (curl_multi_perform(r->c->multi, &running) != CURLM_OK)
			return err_set(e, ASSAY_INTERNAL, "libcurl does not go on");
		hear(r);
		TRY(start_due(r, &wait_ms, e));
		if (r->open > 0 && wait_ms > 0 &&
			curl_multi_poll(r->c->multi, NULL, 0, wait_ms, NULL) != CURLM_OK)
			return err_set(e, ASSAY_INTERNAL, "libcurl does not wait");
	}
	return ASSAY_OK;
}

/* A line of a header must not become two. */
static bool is_line(const char *text, size_t most)
{
	size_t n = text == NULL ? 1 : strlen(text);

	for (const char *p = text; p != NULL && *p != 0; p++)
		if (*p <= ' ' || *p > '~')
			return false;
	return n > 0 && n <= most;
}

bool http_bearer(const char *key)
{
	return is_line(key, BEARER_MOST);
}

static bool may_ask(const struct http_client *c, const struct http_ask *a, struct http_got *g)
{
	if (http_address(a->url, c->spec.plain, a->bearer != NULL, &g->why) != ASSAY_OK)
		return false;
	if (is_line(a->bearer, BEARER_MOST))
		return true;
	err_set(&g->why, ASSAY_INPUT_OPTION, "the service key is not one word of text");
	return false;
}

enum assay_code http_fetch(struct http_client *c, const struct http_ask *ask,
	struct http_got *got, size_t n, void (*done)(void *ctx, size_t i), void *ctx,
	struct assay_err *e)
{
	CLEANUP(mem_done) struct request *request = mem_new(n == 0 ? 1 : n, sizeof(*request));
	struct race                       r       = { .c = c,
					    .request     = request,
					    .n           = n,
					    .open        = n,
					    .end_ms      = clock_ms() + c->spec.deadline_ms,
					    .done        = done,
					    .ctx         = ctx };
	enum assay_code                   code;

	if (request == NULL)
		return err_no_memory(e);
	for (size_t i = 0; i < n; i++) {
		assert(ask[i].limit > 0);
		got[i]     = (struct http_got){ 0 };
		request[i] = (struct request){ .ask = &ask[i], .got = &got[i] };
	}
	for (size_t i = 0; i < n; i++)
		if (!may_ask(c, &ask[i], &got[i]))
			finish(&r, &request[i]);
	code = run(&r, e);
	for (size_t i = 0; i < n; i++)
		request_end(&request[i], c->multi);
	return code;
}
