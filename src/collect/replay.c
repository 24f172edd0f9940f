/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/replay.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/show.h"

const char *replay_name(const char *path)
{
	if (path[0] == 0)
		return "\"\"";
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

static enum assay_code refuse(const char *path, const char *why, struct assay_err *e)
{
	return err_set(e, ASSAY_INPUT_FILE, "%s: %s", SHOW(bytes_text(replay_name(path))), why);
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
				SHOW(bytes_text(replay_name(path))), limit);
		buf_put(out, chunk, (size_t)n);
		TRY(buf_ok(out, e));
	}
}

enum assay_code replay_file(
	const char *path, size_t limit, struct buf *out, struct assay_err *e)
{
	CLEANUP(fd_drop) int fd = -1;
	struct stat          st;

	if (strcmp(path, "-") == 0)
		return read_all(STDIN_FILENO, path, limit, out, e);
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

bool replay_is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

struct names {
	char **list;
	size_t n;
};

static void names_done(struct names *x)
{
	for (size_t i = 0; i < x->n; i++)
		mem_free(x->list[i]);
	mem_free(x->list);
}

static void close_dir(DIR **d)
{
	if (*d != NULL)
		closedir(*d);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names of a folder, sorted; no more of them are read than there may be. */
static enum assay_code list(
	const char *path, size_t limit_files, struct names *out, struct assay_err *e)
{
	CLEANUP(close_dir) DIR *dir = opendir(path);
	struct dirent          *d;

	if (dir == NULL)
		return refuse(path, strerror(errno), e);
	out->list = mem_new(limit_files, sizeof(*out->list));
	if (out->list == NULL)
		return err_no_memory(e);
	while ((d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		if (out->n == limit_files)
			return err_set(e, ASSAY_INPUT_SIZE, "%s: more than %zu files",
				SHOW(bytes_text(path)), limit_files);
		out->list[out->n] = mem_text(bytes_text(d->d_name));
		if (out->list[out->n] == NULL)
			return err_no_memory(e);
		out->n++;
	}
	qsort(out->list, out->n, sizeof(*out->list), by_name);
	return ASSAY_OK;
}

enum assay_code replay_folder(const char *path, size_t limit, size_t limit_files,
	enum assay_code (*take)(
		void *ctx, const char *name, struct bytes body, struct assay_err *e),
	void *ctx, struct assay_err *e)
{
	CLEANUP(names_done) struct names names = { 0 };
	struct stat                      st;

	TRY(list(path, limit_files, &names, e));
	for (size_t i = 0; i < names.n; i++) {
		CLEANUP(buf_done) struct buf full = { 0 }, body = { 0 };

		buf_printf(&full, "%s/%s", path, names.list[i]);
		if (stat(buf_cstr(&full), &st) == 0 &&
			(!S_ISREG(st.st_mode) || (uint64_t)st.st_size > limit))
			continue;
		TRY(replay_file(buf_cstr(&full), limit, &body, e));
		TRY(take(ctx, names.list[i], buf_bytes(&body), e));
	}
	return ASSAY_OK;
}
