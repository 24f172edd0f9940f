/* SPDX-License-Identifier: Apache-2.0 */
#include "root/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/show.h"

#define PATH_MOST 256

struct root_writer {
	int folder;
};

static enum assay_code fail(struct assay_err *e, const char *path)
{
	return err_set(e, ASSAY_INPUT_FILE, "%s: %s", SHOW(bytes_text(path)), strerror(errno));
}

/* The folder that path lies in, made as far as it is absent; no link is followed. *leaf is what is left of path. */
static enum assay_code open_parent(const struct root_writer *w, const char *path, int *out,
	const char **leaf, struct assay_err *e)
{
	int fd = openat(w->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (const char *slash; fd >= 0 && (slash = strchr(path, '/')) != NULL;
		path = slash + 1) {
		char name[PATH_MOST];
		int  next;

		snprintf(name, sizeof(name), "%.*s", (int)(slash - path), path);
		if (mkdirat(fd, name, 0755) != 0 && errno != EEXIST)
			break;
		next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(fd);
		fd = next;
	}
	if (fd < 0)
		return fail(e, path);
	if (strchr(path, '/') != NULL) {
		close(fd);
		return fail(e, path);
	}
	*out  = fd;
	*leaf = path;
	return ASSAY_OK;
}

static bool write_all(int fd, struct bytes b)
{
	while (b.n > 0) {
		ssize_t n = write(fd, b.p, b.n);

		if (n <= 0)
			return false;
		b = (struct bytes){ b.p + n, b.n - (size_t)n };
	}
	return true;
}

enum assay_code root_put(
	struct root_writer *w, const char *path, struct bytes content, struct assay_err *e)
{
	const char *leaf   = NULL;
	int         parent = -1, fd = -1;
	bool        good;

	TRY(open_parent(w, path, &parent, &leaf, e));
	fd   = openat(parent, leaf, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	good = fd >= 0 && write_all(fd, content);
	if (!good)
		fail(e, path);
	if (fd >= 0)
		close(fd);
	close(parent);
	return good ? ASSAY_OK : e->code;
}

enum assay_code root_link(
	struct root_writer *w, const char *path, const char *to, struct assay_err *e)
{
	const char *leaf   = NULL;
	int         parent = -1;
	bool        good;

	TRY(open_parent(w, path, &parent, &leaf, e));
	good = symlinkat(to, parent, leaf) == 0;
	if (!good)
		fail(e, path);
	close(parent);
	return good ? ASSAY_OK : e->code;
}

static enum assay_code make_folder(struct root_writer *w, const char *path, struct assay_err *e)
{
	const char *leaf   = NULL;
	int         parent = -1;
	bool        good;

	TRY(open_parent(w, path, &parent, &leaf, e));
	good = mkdirat(parent, leaf, 0755) == 0 || errno == EEXIST;
	if (!good)
		fail(e, path);
	close(parent);
	return good ? ASSAY_OK : e->code;
}

static void expand(const struct platform *p, const char *text, struct buf *out)
{
	const struct {
		const char *name, *value;
	} words[] = { { "{kernel}", TDX_KERNEL }, { "{driver}", p->driver },
		{ "{cmdline}", TDX_CMDLINE } };

	while (*text != '\0') {
		size_t i = 0;

		while (i < ARRAY_LEN(words) &&
			strncmp(text, words[i].name, strlen(words[i].name)) != 0)
			i++;
		if (i == ARRAY_LEN(words)) {
			buf_byte(out, (uint8_t)*text++);
			continue;
		}
		buf_text(out, words[i].value);
		text += strlen(words[i].name);
	}
}

static unsigned what_is(const struct platform *p)
{
	const bool single = p->spec.profile == PLATFORM_SINGLE;
	const bool ppcie  = p->spec.profile == PLATFORM_PPCIE;

	return (p->tdx != NULL ? WHEN_TDX : 0U) |
		(platform_count(p, FORGE_GPU) > 0 ? WHEN_GPU : 0U) |
		(single || ppcie ? WHEN_CC : 0U) | (single ? WHEN_SINGLE : 0U) |
		(ppcie ? WHEN_PPCIE : 0U);
}

static enum assay_code write_row(const struct platform *p, struct root_writer *w,
	const struct root_row *row, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf path = { 0 }, content = { 0 };

	expand(p, row->path, &path);
	if (row->text != NULL)
		expand(p, row->text, &content);
	if (row->make != NULL)
		TRY(row->make(p, &content, e));
	TRY(buf_ok(&path, e));
	TRY(buf_ok(&content, e));
	if (row->make != NULL && content.n == 0)
		return ASSAY_OK; /* a fault keeps it back */
	if (row->folder)
		return make_folder(w, buf_cstr(&path), e);
	if (row->link != NULL) {
		CLEANUP(buf_done) struct buf to = { 0 };

		expand(p, row->link, &to);
		TRY(buf_ok(&to, e));
		return root_link(w, buf_cstr(&path), buf_cstr(&to), e);
	}
	return root_put(w, buf_cstr(&path), buf_bytes(&content), e);
}

enum assay_code root_write(const struct platform *p, int folder, struct assay_err *e)
{
	static const struct root_table *const tables[] = { &root_proc, &root_sys, &root_etc };
	struct root_writer                    w        = { folder };
	const unsigned                        is       = what_is(p);

	for (size_t k = 0; k < ARRAY_LEN(tables); k++)
		for (size_t i = 0; i < tables[k]->rows; i++) {
			const struct root_row *row = &tables[k]->row[i];

			if ((row->when & is) == row->when)
				TRY(write_row(p, &w, row, e));
		}
	return root_devices(p, &w, e);
}
