/* SPDX-License-Identifier: Apache-2.0
 *
 * Source: nvidia-evidence 4.2 (which failures pass by themselves) and 8.5 (what the client must not do). */
#include "fetch/http.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>
#include <openssl/crypto.h>

#include "base/show.h"

#define CONNECTIONS  64  /* of all hosts: a node's 30 questions are asked at once */
#define BACKOFF_MS   100 /* nvidia-evidence 4.2: uniform in 0..backoff, which doubles */
#define BACKOFF_MOST 30000
#define HEADER_MOST  (16 * 1024)  /* one that is wanted; an issuer chain of the PCS has 6 KiB */
#define HEADERS_MOST (128 * 1024) /* all of a reply */
#define URL_MOST     2048
#define BEARER_MOST  4096
#define WAIT_MS      1000 /* libcurl wakes by itself earlier */

AUTO_PTR(CURLU, curl_url_cleanup)

struct http_client {
	CURLM           *multi;
	struct http_spec spec;
	char            *ca_file; /* NULL: libcurl's own */
};

/* One request on its way. */
struct way {
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

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- addresses ---- */

static void text_free(char **text)
{
	curl_free(*text);
}

/* 127.0.0.0/8, ::1, and the name that libcurl itself takes for them. */
static bool is_loopback(const char *host)
{
	return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
		(strncmp(host, "127.", 4) == 0 && host[strspn(host, "0123456789.")] == 0);
}

struct address {
	bool https, loopback;
};

static enum assay_code read_address(const char *url, struct address *out, struct assay_err *e)
{
	CLEANUP(text_free) char *scheme = NULL, *host = NULL, *fragment = NULL;
	AUTO(CURLU)             *u = curl_url();

	if (u == NULL)
		return err_no_memory(e);
	for (const char *p = url; *p != 0; p++)
		if (*p <= ' ' || *p > '~')
			return err_set(e, ASSAY_NETWORK_ADDRESS,
				"\"%s\" is no address: byte 0x%02x", SHOW(bytes_text(url)),
				(unsigned char)*p);
	if (strlen(url) > URL_MOST ||
		curl_url_set(u, CURLUPART_URL, url, CURLU_DISALLOW_USER) != CURLUE_OK ||
		curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
		curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
		curl_url_get(u, CURLUPART_FRAGMENT, &fragment, 0) == CURLUE_OK)
		return err_set(e, ASSAY_NETWORK_ADDRESS,
			"\"%s\" is no address that can be asked", SHOW(bytes_text(url)));
	out->https    = strcmp(scheme, "https") == 0;
	out->loopback = is_loopback(host);
	if (!out->https && strcmp(scheme, "http") != 0)
		return err_set(
			e, ASSAY_NETWORK_ADDRESS, "\"%s\" is not https", SHOW(bytes_text(url)));
	return ASSAY_OK;
}

enum assay_code http_address(const char *url, bool plain, bool bearer, struct assay_err *e)
{
	struct address a;

	TRY(read_address(url, &a, e));
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

/* ---- what comes in ---- */

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct way *w = ctx;

	(void)size; /* 1, always */
	if (n > w->ask->limit - w->got->body.n) {
		w->over = true;
		return 0;
	}
	buf_put(&w->got->body, p, n);
	return n;
}

static void clear_reply(struct http_got *g)
{
	g->body.n = 0;
	for (size_t i = 0; i < HTTP_WANTED; i++)
		g->header[i].n = 0;
}

static void take_header(struct way *w, struct bytes line)
{
	const char *const *names = w->ask->headers;

	for (size_t i = 0; names != NULL && i < HTTP_WANTED && names[i] != NULL; i++) {
		size_t k = strlen(names[i]);

		if (line.n <= k || line.p[k] != ':' ||
			strncasecmp((const char *)line.p, names[i], k) != 0)
			continue;
		for (k++; k < line.n && byte_blank(line.p[k]); k++)
			;
		while (line.n > k && byte_blank(line.p[line.n - 1]))
			line.n--;
		w->twice = w->twice || w->got->header[i].n > 0;
		w->over  = w->over || line.n - k > HEADER_MOST;
		if (!w->over && !w->twice)
			buf_put(&w->got->header[i], line.p + k, line.n - k);
	}
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct way        *w    = ctx;
	const struct bytes line = { (const uint8_t *)p, n };

	(void)size;
	w->seen += n;
	w->over = w->over || w->seen > HEADERS_MOST;
	if (bytes_begin(line, BYTES("HTTP/")))
		clear_reply(w->got); /* what came before was an interim reply */
	else if (!w->over)
		take_header(w, line);
	return w->over ? 0 : n;
}

/* ---- one try ---- */

/* What every request has, whoever it goes to. */
static void set_bounds(const struct http_client *c, struct way *w, bool https, int64_t left_ms)
{
	CURL   *h     = w->easy;
	int64_t total = c->spec.total_ms < left_ms ? c->spec.total_ms : left_ms;

	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, https ? "https" : "http");
	curl_easy_setopt(h, CURLOPT_REDIR_PROTOCOLS_STR, "https");
	curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(h, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (c->ca_file != NULL) {
		curl_easy_setopt(h, CURLOPT_CAINFO, c->ca_file);
		curl_easy_setopt(h, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_QUICK_EXIT, 1L); /* a resolver that hangs holds nobody up */
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)c->spec.connect_ms);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)total);
	curl_easy_setopt(h, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)w->ask->limit);
	curl_easy_setopt(h, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(h, CURLOPT_FAILONERROR, 0L);
	curl_easy_setopt(h, CURLOPT_USERAGENT, "assay/" ASSAY_VERSION);
}

static bool add_line(struct way *w, const char *name, const char *value)
{
	CLEANUP(buf_done) struct buf line = { 0 };
	struct curl_slist           *more;

	buf_printf(&line, "%s%s", name, value);
	more = line.failed ? NULL : curl_slist_append(w->lines, buf_cstr(&line));
	if (more != NULL)
		w->lines = more;
	return more != NULL;
}

static bool set_lines(struct way *w)
{
	const struct http_ask *a = w->ask;

	return add_line(w, "Expect:", "") &&
		(a->type == NULL || add_line(w, "Content-Type: ", a->type)) &&
		(a->accept == NULL || add_line(w, "Accept: ", a->accept)) &&
		(a->bearer == NULL || add_line(w, "Authorization: Bearer ", a->bearer)) &&
		curl_easy_setopt(w->easy, CURLOPT_HTTPHEADER, w->lines) == CURLE_OK;
}

static void end_try(const struct http_client *c, struct way *w)
{
	if (w->easy != NULL) {
		curl_multi_remove_handle(c->multi, w->easy);
		curl_easy_cleanup(w->easy);
	}
	curl_slist_free_all(w->lines);
	w->easy  = NULL;
	w->lines = NULL;
}

static enum assay_code begin_try(
	const struct http_client *c, struct way *w, int64_t left_ms, struct assay_err *e)
{
	struct address a;

	TRY(read_address(w->ask->url, &a, e));
	clear_reply(w->got);
	w->seen = 0;
	w->over = w->twice = false;
	w->text[0]         = 0;
	w->got->status     = 0;
	w->got->tries++;
	w->easy = curl_easy_init();
	if (w->easy == NULL || !set_lines(w) ||
		curl_easy_setopt(w->easy, CURLOPT_URL, w->ask->url) != CURLE_OK)
		return err_no_memory(e);
	set_bounds(c, w, a.https, left_ms);
	if (a.loopback) /* it is meant to be this machine */
		curl_easy_setopt(w->easy, CURLOPT_PROXY, "");
	if (a.https) /* where the first connection can carry them all, one is enough */
		curl_easy_setopt(w->easy, CURLOPT_PIPEWAIT, 1L);
	if (w->ask->body.p != NULL) {
		curl_easy_setopt(w->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(
			w->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)w->ask->body.n);
		curl_easy_setopt(w->easy, CURLOPT_POSTFIELDS, w->ask->body.p);
	}
	curl_easy_setopt(w->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(w->easy, CURLOPT_WRITEDATA, w);
	curl_easy_setopt(w->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(w->easy, CURLOPT_HEADERDATA, w);
	curl_easy_setopt(w->easy, CURLOPT_ERRORBUFFER, w->text);
	curl_easy_setopt(w->easy, CURLOPT_PRIVATE, w);
	return curl_multi_add_handle(c->multi, w->easy) == CURLM_OK ? ASSAY_OK
								    : err_no_memory(e);
}

/* ---- how it ended ---- */

static const struct {
	CURLcode        curl;
	enum assay_code code;
	bool            again; /* it passes by itself, perhaps */
	const char     *says;  /* NULL: libcurl's words */
} ends[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, ASSAY_NETWORK_CONNECT, true, NULL },
	{ CURLE_COULDNT_RESOLVE_PROXY, ASSAY_NETWORK_CONNECT, true, NULL },
	{ CURLE_COULDNT_CONNECT, ASSAY_NETWORK_CONNECT, true, NULL },
	{ CURLE_OPERATION_TIMEDOUT, ASSAY_NETWORK_TIMEOUT, true, "no answer in time" },
	{ CURLE_PEER_FAILED_VERIFICATION, ASSAY_NETWORK_TLS, false, NULL },
	{ CURLE_SSL_CONNECT_ERROR, ASSAY_NETWORK_TLS, false, NULL },
	{ CURLE_SSL_CERTPROBLEM, ASSAY_NETWORK_TLS, false, NULL },
	{ CURLE_SSL_CIPHER, ASSAY_NETWORK_TLS, false, NULL },
	{ CURLE_SSL_CACERT_BADFILE, ASSAY_NETWORK_TLS, false, NULL },
	{ CURLE_SSL_ISSUER_ERROR, ASSAY_NETWORK_TLS, false, NULL },
	{ CURLE_SSL_INVALIDCERTSTATUS, ASSAY_NETWORK_TLS, false, NULL },
	{ CURLE_FILESIZE_EXCEEDED, ASSAY_NETWORK_SIZE, false, "the reply is over its limit" },
	{ CURLE_PARTIAL_FILE, ASSAY_SERVICE_REPLY, false, "the reply ends before its length" },
	{ CURLE_GOT_NOTHING, ASSAY_SERVICE_REPLY, false,
		"the connection ends without a reply" },
	{ CURLE_RECV_ERROR, ASSAY_SERVICE_REPLY, false, "the connection broke" },
	{ CURLE_SEND_ERROR, ASSAY_SERVICE_REPLY, false, "the connection broke" },
	{ CURLE_UNSUPPORTED_PROTOCOL, ASSAY_NETWORK_ADDRESS, false, NULL },
	{ CURLE_URL_MALFORMAT, ASSAY_NETWORK_ADDRESS, false, NULL },
};

/* An address for messages: up to its query. */
static struct bytes shown(const char *url)
{
	return (struct bytes){ (const uint8_t *)url, strcspn(url, "?#") };
}

static void failed(struct way *w, CURLcode rc, bool *again)
{
	struct assay_err *why = &w->got->why;
	long              os = 0, proxy = 0;
	size_t            i = 0;

	while (i < ARRAY_LEN(ends) && ends[i].curl != rc)
		i++;
	curl_easy_getinfo(w->easy, CURLINFO_OS_ERRNO, &os);
	curl_easy_getinfo(w->easy, CURLINFO_HTTP_CONNECTCODE, &proxy);
	if (proxy >= 300)
		err_set(why, ASSAY_NETWORK_CONNECT, "the proxy answers with status %ld", proxy);
	else if (w->over)
		err_set(why, ASSAY_NETWORK_SIZE, "the reply is over its limit of %zu bytes",
			w->ask->limit);
	else if (i == ARRAY_LEN(ends))
		err_set(why, ASSAY_SERVICE_REPLY, "%s",
			w->text[0] != 0 ? SHOW(bytes_text(w->text)) : curl_easy_strerror(rc));
	else if (ends[i].says != NULL)
		err_set(why, ends[i].code, "%s", ends[i].says);
	else if (rc == CURLE_COULDNT_CONNECT && os != 0)
		err_set(why, ends[i].code, "%s", strerror((int)os));
	else
		err_set(why, ends[i].code, "%s",
			w->text[0] != 0 ? SHOW(bytes_text(w->text)) : curl_easy_strerror(rc));
	*again = !w->over && proxy < 300 && i < ARRAY_LEN(ends) && ends[i].again;
}

static void refused(struct way *w, bool *again)
{
	static const long passing[] = { 408, 429, 500, 502, 503, 504 };
	struct assay_err *why       = &w->got->why;
	const long        status    = w->got->status;

	for (size_t i = 0; i < ARRAY_LEN(passing); i++)
		*again = *again || status == passing[i];
	if (status == 404)
		err_set(why, ASSAY_SERVICE_ABSENT, "not found (404)");
	else if (status == 401 || status == 403)
		err_set(why, ASSAY_SERVICE_STATUS,
			"status %ld: it does not let us; a service key may be wanted", status);
	else if (status >= 300 && status < 400)
		err_set(why, ASSAY_SERVICE_STATUS,
			"status %ld: a redirect, which is not followed", status);
	else
		err_set(why, ASSAY_SERVICE_STATUS, "status %ld", status);
}

/* Fills why; true when another try may end otherwise. */
static bool judge(struct way *w, CURLcode rc)
{
	struct http_got *g     = w->got;
	bool             again = false;

	g->why = (struct assay_err){ 0 };
	curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &g->status);
	if (rc != CURLE_OK)
		failed(w, rc, &again);
	else if (g->status != 200)
		refused(w, &again);
	else if (w->twice)
		err_set(&g->why, ASSAY_SERVICE_REPLY, "a header came twice");
	else if (g->body.failed)
		err_no_memory(&g->why);
	else
		again = w->ask->again != NULL && w->ask->again(buf_bytes(&g->body));
	if (g->why.code != ASSAY_OK && assay_class(g->why.code) != ASSAY_CLASS_INTERNAL)
		err_wrap(&g->why, "%s", SHOW(shown(w->ask->url)));
	return again;
}

/* Before the next try: what the service asked for, or a random part of what doubles each time. */
static int64_t pause_ms(struct way *w)
{
	int64_t    most  = (int64_t)BACKOFF_MS << (w->got->tries < 16 ? w->got->tries - 1 : 15);
	curl_off_t after = 0;
	uint32_t   chance = 0;

	curl_easy_getinfo(w->easy, CURLINFO_RETRY_AFTER, &after);
	if (after > 0)
		return after > BACKOFF_MOST ? INT64_MAX : (int64_t)after * 1000;
	if (most > BACKOFF_MOST)
		most = BACKOFF_MOST;
	if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) != sizeof(chance))
		chance = UINT32_MAX / 2;
	return (int64_t)(chance % (uint32_t)(most + 1));
}

/* ---- all of them ---- */

struct race {
	struct http_client *c;
	struct way         *way;
	size_t              n, open;
	int64_t             end_ms;
	void (*done)(void *ctx, size_t i);
	void *ctx;
};

static void finish(struct race *r, struct way *w)
{
	end_try(r->c, w);
	if (w->got->why.code != ASSAY_OK)
		clear_reply(w->got);
	w->ended = true;
	r->open--;
	if (r->done != NULL)
		r->done(r->ctx, (size_t)(w - r->way));
}

static void hear(struct race *r)
{
	CURLMsg *m;
	int      left;

	while ((m = curl_multi_info_read(r->c->multi, &left)) != NULL) {
		struct way *w = NULL;
		int64_t     pause;
		bool        again;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &w);
		again = judge(w, m->data.result) && w->got->tries < r->c->spec.tries;
		pause = again ? pause_ms(w) : 0;
		if (again && pause < r->end_ms - now_ms()) {
			w->due_ms = now_ms() + pause;
			end_try(r->c, w);
		} else {
			finish(r, w);
		}
	}
}

/* Starts what is due; *wait_ms until the next. Past the end whatever is open has failed. */
static enum assay_code start_due(struct race *r, int *wait_ms, struct assay_err *e)
{
	const int64_t now = now_ms();

	*wait_ms = WAIT_MS;
	for (size_t i = 0; i < r->n; i++) {
		struct way *w = &r->way[i];

		if (w->ended)
			continue;
		if (now >= r->end_ms) {
			if (w->easy != NULL || w->got->why.code == ASSAY_OK)
				err_set(&w->got->why, ASSAY_NETWORK_TIMEOUT,
					"%s: no answer in time", SHOW(shown(w->ask->url)));
			finish(r, w);
		} else if (w->easy == NULL && w->due_ms <= now) {
			TRY(begin_try(r->c, w, r->end_ms - now, e));
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
	CLEANUP(mem_done) struct way *way = mem_new(n == 0 ? 1 : n, sizeof(*way));
	struct race                   r   = { .c = c,
				    .way         = way,
				    .n           = n,
				    .open        = n,
				    .end_ms      = now_ms() + c->spec.deadline_ms,
				    .done        = done,
				    .ctx         = ctx };
	enum assay_code               code;

	if (way == NULL)
		return err_no_memory(e);
	for (size_t i = 0; i < n; i++) {
		assert(ask[i].limit > 0);
		got[i] = (struct http_got){ 0 };
		way[i] = (struct way){ .ask = &ask[i], .got = &got[i] };
	}
	for (size_t i = 0; i < n; i++)
		if (!may_ask(c, &ask[i], &got[i]))
			finish(&r, &way[i]);
	code = run(&r, e);
	for (size_t i = 0; i < n; i++)
		end_try(c, &way[i]);
	return code;
}
