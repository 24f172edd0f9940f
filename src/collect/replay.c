/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/replay.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/show.h"

static void close_fd(int *fd)
{
	if (*fd > STDERR_FILENO)
		close(*fd);
}

static enum assay_code refuse(const char *path, const char *why, struct assay_err *e)
{
	return err_set(e, ASSAY_INPUT_FILE, "%s: %s", SHOW(bytes_text(path)), why);
}

static enum assay_code read_all(
	int fd, const char *path, size_t limit, struct buf *out, struct assay_err *e)
{
	uint8_t chunk[65536];

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return refuse(path, strerror(errno), e);
		if (n == 0)
			return buf_ok(out, e);
		if (out->n + (size_t)n > limit)
			return err_set(e, ASSAY_INPUT_SIZE, "%s: over the limit of %zu bytes",
				SHOW(bytes_text(path)), limit);
		buf_put(out, chunk, (size_t)n);
		TRY(buf_ok(out, e));
	}
}

enum assay_code replay_file(
	const char *path, size_t limit, struct buf *out, struct assay_err *e)
{
	CLEANUP(close_fd) int fd = -1;
	struct stat           st;

	if (strcmp(path, "-") == 0)
		return read_all(STDIN_FILENO, "standard input", limit, out, e);
	/* A device or a pipe without a writer must not hold us up at open(). */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) != 0)
		return refuse(path, strerror(errno), e);
	if (S_ISDIR(st.st_mode))
		return refuse(path, "is a folder", e);
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return refuse(path, "is not a file", e);
	if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > limit)
		return err_set(e, ASSAY_INPUT_SIZE, "%s: %lld bytes, over the limit of %zu",
			SHOW(bytes_text(path)), (long long)st.st_size, limit);
	if (S_ISFIFO(st.st_mode) && fcntl(fd, F_SETFL, 0) != 0)
		return refuse(path, strerror(errno), e);
	return read_all(fd, path, limit, out, e);
}

struct names {
	struct dirent **list;
	int             n;
};

static void names_done(struct names *x)
{
	for (int i = 0; i < x->n; i++)
		free(x->list[i]);
	free(x->list);
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static enum assay_code take_file(const char *path, size_t limit,
	enum assay_code (*take)(
		void *ctx, const char *name, struct bytes body, struct assay_err *e),
	void *ctx, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf body = { 0 };
	const char                  *name = strrchr(path, '/');

	TRY(replay_file(path, limit, &body, e));
	return take(ctx, name == NULL ? path : name + 1, buf_bytes(&body), e);
}

enum assay_code replay_folder(const char *path, size_t limit, size_t limit_files,
	enum assay_code (*take)(
		void *ctx, const char *name, struct bytes body, struct assay_err *e),
	void *ctx, struct assay_err *e)
{
	CLEANUP(names_done) struct names names = { 0 };
	struct stat                      st;

	if (stat(path, &st) != 0)
		return refuse(path, strerror(errno), e);
	if (!S_ISDIR(st.st_mode))
		return take_file(path, limit, take, ctx, e);
	names.n = scandir(path, &names.list, visible, alphasort);
	if (names.n < 0) {
		names.n = 0;
		return refuse(path, strerror(errno), e);
	}
	if ((size_t)names.n > limit_files)
		return err_set(e, ASSAY_INPUT_SIZE, "%s: more than %zu files",
			SHOW(bytes_text(path)), limit_files);
	for (int i = 0; i < names.n; i++) {
		CLEANUP(buf_done) struct buf full = { 0 };

		buf_printf(&full, "%s/%s", path, names.list[i]->d_name);
		if (stat(buf_cstr(&full), &st) == 0 && S_ISDIR(st.st_mode))
			continue;
		TRY(take_file(buf_cstr(&full), limit, take, ctx, e));
	}
	return ASSAY_OK;
}
