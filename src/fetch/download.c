/* SPDX-License-Identifier: Apache-2.0
 *
 * Source: environment DRV-07, NEVER-03. */
#include "fetch/download.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/fd.h"
#include "base/hex.h"
#include "base/show.h"
#include "fetch/http.h"
#include "fetch/request.h"

#define TRIES      5
#define CONNECT_MS 10000L
#define SLOW_BYTES 1024L /* a second, over SLOW_S: then it hangs */
#define SLOW_S     60L
#define NAME_MOST  200

struct way {
	const struct download_ask *ask;
	int                        fd;
	uint64_t                   from, got; /* where this try began, and what came */
	CURL                      *easy;
	bool                       begun, over, disk;
	char                       text[CURL_ERROR_SIZE];
};

static enum assay_code fail(const char *name, struct assay_err *e)
{
	return err_set(e, ASSAY_HOST_WRITE, "%s: %s", SHOW(bytes_text(name)), strerror(errno));
}

static bool begin_body(struct way *w)
{
	long status = 0;

	curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &status);
	w->begun = true;
	w->disk  = lseek(w->fd, (off_t)w->from, SEEK_SET) < 0;
	return !w->disk && status == (w->from > 0 ? 206 : 200);
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct way *w = ctx;

	(void)size; /* 1, always */
	if (!w->begun && !begin_body(w))
		return 0;
	if (n > DOWNLOAD_MOST - w->from - w->got) {
		w->over = true;
		return 0;
	}
	if (fd_write(w->fd, (struct bytes){ (const uint8_t *)p, n }) != 0) {
		w->disk = true;
		return 0;
	}
	w->got += n;
	return n;
}

static int on_progress(
	void *ctx, curl_off_t all, curl_off_t now, curl_off_t up_all, curl_off_t up)
{
	const struct way *w = ctx;

	(void)up_all;
	(void)up;
	(void)now;
	if (w->ask->tell != NULL)
		w->ask->tell(w->ask->ctx, w->ask->name, w->from + w->got,
			all > 0 ? (uint64_t)all + w->from : 0);
	return w->ask->stop != NULL && w->ask->stop(w->ask->ctx);
}

static void set_up(struct way *w, bool https, bool loopback)
{
	CURL *h = w->easy;

	curl_easy_setopt(h, CURLOPT_URL, w->ask->url);
	request_strict(h, https);
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
	curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, SLOW_S);
	curl_easy_setopt(h, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(h, CURLOPT_USERAGENT, "assay/" ASSAY_VERSION);
	curl_easy_setopt(h, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)w->from);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, w);
	curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(h, CURLOPT_XFERINFODATA, w);
	curl_easy_setopt(h, CURLOPT_ERRORBUFFER, w->text);
	if (w->ask->referer != NULL)
		curl_easy_setopt(h, CURLOPT_REFERER, w->ask->referer);
	if (w->ask->ca_file != NULL)
		curl_easy_setopt(h, CURLOPT_CAINFO, w->ask->ca_file);
	if (loopback)
		curl_easy_setopt(h, CURLOPT_PROXY, "");
}

/* One try. *again: what came so far is kept, and another try may bring the rest. */
static enum assay_code try_once(struct way *w, bool *again, struct assay_err *e)
{
	const bool https  = strncmp(w->ask->url, "https:", 6) == 0;
	long       status = 0;
	CURLcode   rc;

	*again   = false;
	w->got   = 0;
	w->begun = w->over = w->disk = false;
	w->text[0]                   = 0;
	w->easy                      = curl_easy_init();
	if (w->easy == NULL)
		return err_no_memory(e);
	set_up(w, https, !https);
	rc = curl_easy_perform(w->easy);
	curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(w->easy);
	if (w->disk)
		return fail(w->ask->name, e);
	if (rc == CURLE_ABORTED_BY_CALLBACK)
		return err_set(e, ASSAY_NETWORK_CONNECT,
			"%s: ended on the way; what came is kept, and the next try goes on from there",
			SHOW(bytes_text(w->ask->url)));
	if (w->over)
		return err_set(e, ASSAY_NETWORK_SIZE, "%s is over the limit of a file",
			SHOW(bytes_text(w->ask->url)));
	if (rc == CURLE_OK && (status == 200 || status == 206))
		return ASSAY_OK;
	/* There is nothing behind what we have, or the server does not go on in the middle: from the beginning. */
	if (w->from > 0 && (status == 416 || rc == CURLE_RANGE_ERROR))
		*again = ftruncate(w->fd, 0) == 0;
	*again = *again || status == 0 || status >= 500 || rc == CURLE_PARTIAL_FILE ||
		rc == CURLE_RECV_ERROR || rc == CURLE_OPERATION_TIMEDOUT;
	if (status == 404)
		return err_set(e, ASSAY_SERVICE_ABSENT, "%s: not found (404)",
			SHOW(bytes_text(w->ask->url)));
	if (rc == CURLE_PEER_FAILED_VERIFICATION) {
		*again = false;
		return err_set(e, ASSAY_NETWORK_TLS, "%s: %s", SHOW(bytes_text(w->ask->url)),
			SHOW(bytes_text(w->text)));
	}
	return err_set(e,
		status > 0 && rc != CURLE_PARTIAL_FILE ? ASSAY_SERVICE_STATUS
						       : ASSAY_NETWORK_CONNECT,
		"%s: status %ld: %s", SHOW(bytes_text(w->ask->url)), status,
		w->text[0] != 0 ? SHOW(bytes_text(w->text)) : curl_easy_strerror(rc));
}

static enum assay_code check(const struct way *w, const struct crypto *c, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf hex = { 0 };
	uint8_t                      sum[SHA256_SIZE], piece[65536];
	EVP_MD_CTX                  *md = EVP_MD_CTX_new();
	ssize_t                      n  = 0;
	bool ok = md != NULL && EVP_DigestInit_ex(md, c->sha256, NULL) == 1 &&
		lseek(w->fd, 0, SEEK_SET) == 0;

	while (ok && (n = read(w->fd, piece, sizeof(piece))) > 0)
		ok = EVP_DigestUpdate(md, piece, (size_t)n) == 1;
	ok = ok && n == 0 && EVP_DigestFinal_ex(md, sum, NULL) == 1;
	EVP_MD_CTX_free(md);
	if (!ok)
		return err_set(e, ASSAY_INTERNAL, "a digest could not be computed");
	if (memcmp(sum, w->ask->sha256, SHA256_SIZE) == 0)
		return ASSAY_OK;
	hex_encode(BYTES_OF(sum), &hex);
	return err_set(e, ASSAY_SERVICE_REPLY,
		"%s is not the file that was meant: its SHA-256 is %s",
		SHOW(bytes_text(w->ask->url)), buf_cstr(&hex));
}

static enum assay_code all_of_it(
	struct way *w, const struct crypto *crypto, struct assay_err *e)
{
	enum assay_code code  = ASSAY_OK;
	bool            again = true;

	for (unsigned i = 0; i < TRIES && again; i++) {
		struct stat s;

		*e = (struct assay_err){ 0 };
		if (fstat(w->fd, &s) != 0)
			return fail(w->ask->name, e);
		w->from = (uint64_t)s.st_size;
		if (i > 0)
			sleep(i < 3 ? 1 : 5);
		code = try_once(w, &again, e);
	}
	if (code != ASSAY_OK)
		return code;
	return check(w, crypto, e);
}

enum assay_code download(int folder, const struct download_ask *ask,
	const struct crypto *crypto, struct assay_err *e)
{
	struct way w = { .ask = ask };
	char       part[NAME_MOST + 8];

	if (strlen(ask->name) > NAME_MOST || strchr(ask->name, '/') != NULL)
		return err_set(e, ASSAY_INTERNAL, "a name that is a path");
	TRY(http_address(ask->url, false, false, e));
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_no_memory(e);
	snprintf(part, sizeof(part), "%s.part", ask->name);
	w.fd = openat(folder, part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (w.fd < 0)
		return fail(part, e);
	CLEANUP(fd_drop) int fd = w.fd;

	if (all_of_it(&w, crypto, e) != ASSAY_OK) {
		if (e->code == ASSAY_SERVICE_REPLY)
			unlinkat(
				folder, part, 0); /* to begin with it again would help nobody */
		return e->code;
	}
	if (fsync(fd) != 0 || renameat(folder, part, folder, ask->name) != 0 ||
		fsync(folder) != 0)
		return fail(ask->name, e);
	return ASSAY_OK;
}
