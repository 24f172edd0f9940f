/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/request.h"

#include <strings.h>
#include <sys/random.h>

#include "base/show.h"
#include "fetch/address.h"

#define BACKOFF_MS   100 /* nvidia-evidence 4.2: uniform in 0..backoff, which doubles */
#define BACKOFF_MOST 30000
#define HEADER_MOST  (16 * 1024)  /* one that is wanted; an issuer chain of the PCS has 6 KiB */
#define HEADERS_MOST (128 * 1024) /* all of a reply */

/* ---- what comes in ---- */

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct request *r = ctx;

	(void)size; /* 1, always */
	if (n > r->ask->limit - r->got->body.n) {
		r->over = true;
		return 0;
	}
	buf_put(&r->got->body, p, n);
	return n;
}

void request_clear(struct request *r)
{
	r->got->body.n = 0;
	for (size_t i = 0; i < HTTP_WANTED; i++)
		r->got->header[i].n = 0;
}

static void take_header(struct request *r, struct bytes line)
{
	const char *const *names = r->ask->headers;

	for (size_t i = 0; names != NULL && i < HTTP_WANTED && names[i] != NULL; i++) {
		size_t k = strlen(names[i]);

		if (line.n <= k || line.p[k] != ':' ||
			strncasecmp((const char *)line.p, names[i], k) != 0)
			continue;
		for (k++; k < line.n && byte_blank(line.p[k]); k++)
			;
		while (line.n > k && byte_blank(line.p[line.n - 1]))
			line.n--;
		r->twice = r->twice || r->got->header[i].n > 0;
		r->over  = r->over || line.n - k > HEADER_MOST;
		if (!r->over && !r->twice)
			buf_put(&r->got->header[i], line.p + k, line.n - k);
	}
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct request    *r    = ctx;
	const struct bytes line = { (const uint8_t *)p, n };

	(void)size;
	r->seen += n;
	r->over = r->over || r->seen > HEADERS_MOST;
	if (bytes_begin(line, BYTES("HTTP/")))
		request_clear(r); /* what came before was an interim reply */
	else if (!r->over)
		take_header(r, line);
	return r->over ? 0 : n;
}

/* ---- one try ---- */

void request_strict(CURL *easy, bool https)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, https ? "https" : "http");
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
}

/* What every request has, whoever it goes to. */
static void set_bounds(struct request *r, const struct request_bounds *b, bool https)
{
	CURL *h = r->easy;

	request_strict(h, https);
	if (b->ca.n > 0) {
		struct curl_blob ca = { (void *)(uintptr_t)b->ca.p, b->ca.n, CURL_BLOB_NOCOPY };

		curl_easy_setopt(h, CURLOPT_CAINFO_BLOB, &ca);
		curl_easy_setopt(h, CURLOPT_CAPATH, NULL);
	} else if (b->ca_file != NULL) {
		curl_easy_setopt(h, CURLOPT_CAINFO, b->ca_file);
		curl_easy_setopt(h, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(h, CURLOPT_QUICK_EXIT, 1L); /* a resolver that hangs holds nobody up */
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)b->connect_ms);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)b->total_ms);
	curl_easy_setopt(h, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)r->ask->limit);
	curl_easy_setopt(h, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(h, CURLOPT_FAILONERROR, 0L);
	curl_easy_setopt(h, CURLOPT_USERAGENT, "assay/" ASSAY_VERSION);
}

static bool add_line(struct request *r, const char *name, const char *value)
{
	CLEANUP(buf_done) struct buf line = { 0 };
	struct curl_slist           *more;

	buf_printf(&line, "%s%s", name, value);
	more = line.failed ? NULL : curl_slist_append(r->lines, buf_cstr(&line));
	if (more != NULL)
		r->lines = more;
	return more != NULL;
}

static bool set_lines(struct request *r)
{
	const struct http_ask *a = r->ask;

	return add_line(r, "Expect:", "") &&
		(a->type == NULL || add_line(r, "Content-Type: ", a->type)) &&
		(a->accept == NULL || add_line(r, "Accept: ", a->accept)) &&
		(a->bearer == NULL || add_line(r, "Authorization: Bearer ", a->bearer)) &&
		curl_easy_setopt(r->easy, CURLOPT_HTTPHEADER, r->lines) == CURLE_OK;
}

void request_end(struct request *r, CURLM *multi)
{
	if (r->easy != NULL) {
		curl_multi_remove_handle(multi, r->easy);
		curl_easy_cleanup(r->easy);
	}
	curl_slist_free_all(r->lines);
	r->easy  = NULL;
	r->lines = NULL;
}

enum assay_code request_begin(
	struct request *r, CURLM *multi, const struct request_bounds *b, struct assay_err *e)
{
	struct address a;

	TRY(address_read(r->ask->url, &a, e));
	request_clear(r);
	r->seen = 0;
	r->over = r->twice = false;
	r->text[0]         = 0;
	r->got->status     = 0;
	r->got->tries++;
	r->easy = curl_easy_init();
	if (r->easy == NULL || !set_lines(r) ||
		curl_easy_setopt(r->easy, CURLOPT_URL, r->ask->url) != CURLE_OK)
		return err_no_memory(e);
	set_bounds(r, b, a.https);
	if (a.loopback) /* it is meant to be this machine */
		curl_easy_setopt(r->easy, CURLOPT_PROXY, "");
	if (a.https) /* where the first connection can carry them all, one is enough */
		curl_easy_setopt(r->easy, CURLOPT_PIPEWAIT, 1L);
	if (r->ask->body.p != NULL) {
		curl_easy_setopt(r->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(
			r->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->ask->body.n);
		curl_easy_setopt(r->easy, CURLOPT_POSTFIELDS, r->ask->body.p);
	}
	curl_easy_setopt(r->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(r->easy, CURLOPT_WRITEDATA, r);
	curl_easy_setopt(r->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(r->easy, CURLOPT_HEADERDATA, r);
	curl_easy_setopt(r->easy, CURLOPT_ERRORBUFFER, r->text);
	curl_easy_setopt(r->easy, CURLOPT_PRIVATE, r);
	return curl_multi_add_handle(multi, r->easy) == CURLM_OK ? ASSAY_OK : err_no_memory(e);
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

struct bytes request_shown(const struct request *r)
{
	return (struct bytes){ (const uint8_t *)r->ask->url, strcspn(r->ask->url, "?#") };
}

static void failed(struct request *r, CURLcode rc, bool *again)
{
	struct assay_err *why = &r->got->why;
	long              os = 0, proxy = 0;
	size_t            i = 0;

	while (i < ARRAY_LEN(ends) && ends[i].curl != rc)
		i++;
	curl_easy_getinfo(r->easy, CURLINFO_OS_ERRNO, &os);
	curl_easy_getinfo(r->easy, CURLINFO_HTTP_CONNECTCODE, &proxy);
	if (proxy >= 300)
		err_set(why, ASSAY_NETWORK_CONNECT, "the proxy answers with status %ld", proxy);
	else if (r->over)
		err_set(why, ASSAY_NETWORK_SIZE, "the reply is over its limit of %zu bytes",
			r->ask->limit);
	else if (i == ARRAY_LEN(ends))
		err_set(why, ASSAY_SERVICE_REPLY, "%s",
			r->text[0] != 0 ? SHOW(bytes_text(r->text)) : curl_easy_strerror(rc));
	else if (ends[i].says != NULL)
		err_set(why, ends[i].code, "%s", ends[i].says);
	else if (rc == CURLE_COULDNT_CONNECT && os != 0)
		err_set(why, ends[i].code, "%s", strerror((int)os));
	else
		err_set(why, ends[i].code, "%s",
			r->text[0] != 0 ? SHOW(bytes_text(r->text)) : curl_easy_strerror(rc));
	*again = !r->over && proxy < 300 && i < ARRAY_LEN(ends) && ends[i].again;
}

static void refused(struct request *r, bool *again)
{
	static const long passing[] = { 408, 429, 500, 502, 503, 504 };
	struct assay_err *why       = &r->got->why;
	const long        status    = r->got->status;

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

bool request_judge(struct request *r, CURLcode rc)
{
	struct http_got *g     = r->got;
	bool             again = false;

	g->why = (struct assay_err){ 0 };
	curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &g->status);
	if (rc != CURLE_OK)
		failed(r, rc, &again);
	else if (g->status != 200)
		refused(r, &again);
	else if (r->twice)
		err_set(&g->why, ASSAY_SERVICE_REPLY, "a header came twice");
	else if (g->body.failed)
		err_no_memory(&g->why);
	else
		again = r->ask->again != NULL && r->ask->again(buf_bytes(&g->body));
	if (g->why.code != ASSAY_OK && assay_class(g->why.code) != ASSAY_CLASS_INTERNAL)
		err_wrap(&g->why, "%s", SHOW(request_shown(r)));
	return again;
}

int64_t request_pause_ms(struct request *r)
{
	int64_t    most  = (int64_t)BACKOFF_MS << (r->got->tries < 16 ? r->got->tries - 1 : 15);
	curl_off_t after = 0;
	uint32_t   chance = 0;

	curl_easy_getinfo(r->easy, CURLINFO_RETRY_AFTER, &after);
	if (after > 0)
		return after > BACKOFF_MOST ? INT64_MAX : (int64_t)after * 1000;
	if (most > BACKOFF_MOST)
		most = BACKOFF_MOST;
	if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) != sizeof(chance))
		chance = UINT32_MAX / 2;
	return (int64_t)(chance % (uint32_t)(most + 1));
}
