/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/download.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fetch/fake.h"

#define SIZE 200000

static struct crypto crypto;

static void content(struct buf *out)
{
	for (unsigned i = 0; out->n < SIZE; i++)
		buf_printf(out, "%u,", i * 2654435761U);
	out->n = SIZE;
}

/* As servers do: a range, or all of it; what is asked for by its path. */
static void handle(void *ctx, const struct http_request *r, struct http_reply *out)
{
	CLEANUP(buf_done) struct buf all   = { 0 };
	struct fake_seen            *seen  = ctx;
	const char                  *range = http_header(r, "Range");
	unsigned long                from  = 0;

	content(&all);
	snprintf(seen->fault, sizeof(seen->fault), "%s", range == NULL ? "" : range);
	snprintf(seen->mode, sizeof(seen->mode), "%.31s",
		http_header(r, "Referer") == NULL ? "" : http_header(r, "Referer"));
	out->status = 200;
	if (strcmp(r->path, "/absent") == 0) {
		out->status = 404;
		return;
	}
	if (strcmp(r->path, "/moved") == 0) {
		out->status = 302;
		http_reply_header(out, "Location", BYTES("/whole"));
		return;
	}
	if (strcmp(r->path, "/broken") == 0 && range == NULL)
		out->way = HTTP_SHORT;
	if (range != NULL && strcmp(r->path, "/no-ranges") != 0 &&
		sscanf(range, "bytes=%lu-", &from) == 1) {
		CLEANUP(buf_done) struct buf line = { 0 };

		if (from >= SIZE) {
			out->status = 416;
			return;
		}
		out->status = 206;
		buf_printf(&line, "bytes %lu-%d/%d", from, SIZE - 1, SIZE);
		http_reply_header(out, "Content-Range", buf_bytes(&line));
	}
	buf_put(&out->body, all.p + from, all.n - from);
}

static const struct {
	const char     *name, *path;
	size_t          part;  /* bytes of an earlier try */
	bool            other; /* another digest is wanted */
	unsigned        asked;
	enum assay_code code;
} rows[] = {
	{ "whole", "/whole", 0, false, 1, ASSAY_OK },
	{ "it breaks, and goes on", "/broken", 0, false, 2, ASSAY_OK },
	{ "gone on with", "/whole", 70000, false, 1, ASSAY_OK },
	{ "all there but the name", "/whole", SIZE, false, 2, ASSAY_OK },
	{ "a server without ranges", "/no-ranges", 70000, false, 2, ASSAY_OK },
	{ "another digest", "/whole", 0, true, 1, ASSAY_SERVICE_REPLY },
	{ "not there", "/absent", 0, false, 1, ASSAY_SERVICE_ABSENT },
	{ "elsewhere", "/moved", 0, false, 1, ASSAY_SERVICE_STATUS },
};

static void fetched(void **state)
{
	CLEANUP(buf_done) struct buf all = { 0 };
	struct fake                  f;

	(void)state;
	content(&all);
	fake_open(&f, NULL, false, handle);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char dir[] = "/tmp/assay-download-XXXXXX", url[128], path[128], line[128];
		struct download_ask ask = {
			.url = url, .name = "a.run", .referer = "https://x/"
		};
		struct assay_err e = { 0 };
		int              folder;

		print_message("%s\n", rows[i].name);
		assert_non_null(mkdtemp(dir));
		folder = open(dir, O_RDONLY | O_DIRECTORY);
		test_must(digest(crypto.sha256, buf_bytes(&all), ask.sha256, &e), &e);
		ask.sha256[0] ^= rows[i].other;
		if (rows[i].part > 0) {
			FILE *p;

			snprintf(path, sizeof(path), "%s/a.run.part", dir);
			p = fopen(path, "w");
			assert_non_null(p);
			assert_int_equal(fwrite(all.p, 1, rows[i].part, p), rows[i].part);
			fclose(p);
		}
		snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", f.port, rows[i].path);
		f.seen->asked = 0;
		assert_int_equal(download(folder, &ask, &crypto, &e), rows[i].code);
		assert_int_equal(f.seen->asked, rows[i].asked);
		assert_string_equal(f.seen->mode, "https://x/");
		snprintf(path, sizeof(path), "%s/a.run", dir);
		assert_int_equal(access(path, F_OK), rows[i].code == ASSAY_OK ? 0 : -1);
		if (rows[i].code == ASSAY_OK) {
			CLEANUP(buf_done) struct buf got = { 0 };

			test_read(path, &got);
			assert_true(bytes_equal(buf_bytes(&got), buf_bytes(&all)));
		}
		snprintf(path, sizeof(path), "%s/a.run.part", dir);
		if (rows[i].code == ASSAY_OK || rows[i].other)
			assert_int_equal(access(path, F_OK), -1);
		close(folder);
		snprintf(line, sizeof(line), "rm -rf %s", dir);
		assert_int_equal(system(line), 0);
	}
	fake_close(&f);
}

/* Plain http goes nowhere but to this machine. */
static void addresses(void **state)
{
	struct download_ask ask = { .url = "http://example.org/a", .name = "a" };
	struct assay_err    e   = { 0 };

	(void)state;
	assert_int_equal(download(-1, &ask, &crypto, &e), ASSAY_NETWORK_ADDRESS);
	ask = (struct download_ask){ .url = "https://127.0.0.1/a", .name = "../a" };
	assert_int_equal(download(-1, &ask, &crypto, &e), ASSAY_INTERNAL);
}

static int start(void **state)
{
	struct assay_err e = { 0 };

	(void)state;
	test_must(crypto_open(&crypto, &e), &e);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	crypto_done(&crypto);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(fetched),
		cmocka_unit_test(addresses) };

	return cmocka_run_group_tests(tests, start, stop);
}
