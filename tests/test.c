/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

void test_must(enum assay_code code, const struct assay_err *e)
{
	if (code != ASSAY_OK)
		fail_msg("%s: %s", assay_code_name(code), assay_err_text(e));
}

void test_edit(struct buf *text, const char *find, const char *replace)
{
	struct buf     out  = { 0 };
	const uint8_t *at   = memmem(text->p, text->n, find, strlen(find));
	size_t         upto = (size_t)(at - text->p);

	if (at == NULL)
		fail_msg("no \"%s\" to edit", find);
	buf_put(&out, text->p, upto);
	buf_text(&out, replace);
	buf_put(&out, at + strlen(find), text->n - upto - strlen(find));
	assert_false(out.failed);
	buf_done(text);
	*text = out;
}

void test_read(const char *path, struct buf *out)
{
	FILE  *f = fopen(path, "rb");
	char   chunk[4096];
	size_t n;

	if (f == NULL)
		fail_msg("cannot read %s", path);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_put(out, chunk, n);
	fclose(f);
	assert_false(out->failed);
}

bool test_interop_there(void)
{
	const char *folder = getenv("ASSAY_INTEROP");

	return folder != NULL && access(folder, R_OK | X_OK) == 0;
}

void test_interop(const char *path, struct buf *out)
{
	char name[1024];

	if (!test_interop_there()) {
		print_message("skipped: ASSAY_INTEROP names no folder with real evidence\n");
		skip();
	}
	snprintf(name, sizeof(name), "%s/%s", getenv("ASSAY_INTEROP"), path);
	test_read(name, out);
}

void test_golden(const char *folder, const char *name, struct buf *got)
{
	CLEANUP(buf_done) struct buf path = { 0 }, want = { 0 };
	FILE                        *f;

	buf_printf(&path, "%s/tests/data/%s/%s.txt", getenv("ASSAY_SOURCE"), folder, name);
	if (getenv("ASSAY_GOLDEN") != NULL) {
		f = fopen(buf_cstr(&path), "w");
		assert_non_null(f);
		fwrite(got->p, 1, got->n, f);
		fclose(f);
	}
	test_read(buf_cstr(&path), &want);
	assert_string_equal(buf_cstr(got), buf_cstr(&want));
}

int64_t test_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool test_drain(
	int out, int err, struct buf *out_text, struct buf *err_text, size_t most, int64_t ms)
{
	struct pollfd p[]    = { { out, POLLIN, 0 }, { err, POLLIN, 0 } };
	struct buf   *into[] = { out_text, err_text };
	const int64_t end    = test_now_ms() + ms;

	while (p[0].fd >= 0 || p[1].fd >= 0) {
		const int64_t left = end - test_now_ms();

		if (left <= 0 || poll(p, 2, (int)left) <= 0)
			return false;
		for (size_t i = 0; i < 2; i++) {
			char    chunk[65536];
			ssize_t n;

			if (p[i].revents == 0)
				continue;
			n = read(p[i].fd, chunk, sizeof(chunk));
			if (n <= 0)
				p[i].fd = -1;
			else
				buf_put(into[i], chunk, (size_t)n);
			if (into[i]->n > most)
				return false;
		}
	}
	return true;
}
