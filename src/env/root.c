/* SPDX-License-Identifier: Apache-2.0
 *
 * openat2() with RESOLVE_IN_ROOT keeps links inside; where it is not to be had (Linux before 5.6, a filter of system calls)
 * links are resolved here, and the path that results is opened step by step, following none. */
#include "env/root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/show.h"

#define LINKS_MOST 40 /* as the kernel */
#define READ_PIECE 65536
#define AGAIN_MOST 1000

static int open_inside(int root, const char *path, int flags)
{
	struct open_how how = { .flags = (unsigned)flags,
		.resolve               = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

	int fd;

	/* a ".." in a link, while anything in the system is renamed or mounted: the kernel says "again" */
	for (unsigned i = 0; i < AGAIN_MOST; i++) {
		fd = (int)syscall(
			SYS_openat2, root, path[0] == 0 ? "." : path, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd;
}

enum assay_code root_open(const char *dir, struct root *out, struct assay_err *e)
{
	struct root r = { .fd = open(dir == NULL ? "/" : dir,
				  O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	struct stat a, b;
	int         probe;

	if (r.fd < 0)
		return err_set(e, ASSAY_INPUT_FILE, "%s: %s",
			SHOW(bytes_text(dir == NULL ? "/" : dir)), strerror(errno));
	r.live = fstat(r.fd, &a) == 0 && stat("/", &b) == 0 && a.st_dev == b.st_dev &&
		a.st_ino == b.st_ino;
	probe  = open_inside(r.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r.walk = probe < 0;
	if (probe >= 0)
		close(probe);
	*out = r;
	return ASSAY_OK;
}

void root_done(struct root *r)
{
	if (r->fd > 0)
		close(r->fd);
	r->fd = 0;
}

/* A path without links that was resolved so far, and what is still to be. */
struct walk {
	char   done[ROOT_PATH], rest[ROOT_PATH];
	size_t links;
};

/* Open a path of plain names, following nothing. */
static int open_plain(int root, const char *path, int flags)
{
	char  text[ROOT_PATH];
	int   fd   = openat(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *save = NULL, *next;

	snprintf(text, sizeof(text), "%s", path);
	for (char *name = strtok_r(text, "/", &save); fd >= 0 && name != NULL; name = next) {
		int in;

		next = strtok_r(NULL, "/", &save);
		in   = openat(fd, name,
                        next != NULL ? O_PATH | O_NOFOLLOW | O_CLOEXEC
				       : flags | O_NOFOLLOW | O_CLOEXEC);
		close(fd);
		fd = in;
	}
	if (fd >= 0 && path[0] == 0) {
		int in = openat(fd, ".", flags | O_CLOEXEC);

		close(fd);
		fd = in;
	}
	return fd;
}

static int step(const struct root *r, struct walk *w, const char *name, bool follow)
{
	char    path[2 * ROOT_PATH], link[ROOT_PATH], rest[2 * ROOT_PATH];
	ssize_t n = -1;
	int     fd;

	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0) {
		char *slash = strrchr(w->done, '/');

		*(slash != NULL ? slash : w->done) = 0;
		return 0;
	}
	snprintf(path, sizeof(path), "%s%s%s", w->done, w->done[0] == 0 ? "" : "/", name);
	if (strlen(path) >= ROOT_PATH)
		return ENAMETOOLONG;
	fd = open_plain(r->fd, path, O_PATH);
	if (fd < 0)
		return errno;
	if (follow)
		n = readlinkat(fd, "", link, sizeof(link) - 1);
	close(fd);
	if (n < 0) {
		memcpy(w->done, path, strlen(path) + 1);
		return 0;
	}
	if (++w->links > LINKS_MOST)
		return ELOOP;
	link[n] = 0;
	if (link[0] == '/')
		w->done[0] = 0;
	snprintf(rest, sizeof(rest), "%s/%s", link, w->rest);
	if (strlen(rest) >= sizeof(w->rest))
		return ENAMETOOLONG;
	memcpy(w->rest, rest, strlen(rest) + 1);
	return 0;
}

/* Every link on the way resolved; the last one only when it is to be followed. */
static int resolve(const struct root *r, const char *path, bool follow, struct walk *w)
{
	*w = (struct walk){ 0 };
	if (strlen(path) >= sizeof(w->rest))
		return ENAMETOOLONG;
	memcpy(w->rest, path, strlen(path) + 1);
	for (;;) {
		char   name[ROOT_PATH];
		char  *at = w->rest + strspn(w->rest, "/");
		size_t n  = strcspn(at, "/");
		bool   last;
		int    no;

		if (n == 0)
			return 0;
		memcpy(name, at, n);
		name[n] = 0;
		last    = at[n + strspn(at + n, "/")] == 0;
		memmove(w->rest, at + n, strlen(at + n) + 1);
		no = step(r, w, name, follow || !last);
		if (no != 0)
			return no;
	}
}

int root_fd(const struct root *r, const char *path, int flags, int *fd)
{
	struct walk w;
	int         no, got = -1;

	flags |= O_CLOEXEC | ((flags & O_PATH) != 0 ? 0 : O_NOCTTY); /* openat2() is strict */
	if (!r->walk)
		got = open_inside(r->fd, path, flags);
	if (r->walk || (got < 0 && errno == EAGAIN)) {
		no = resolve(r, path, (flags & O_NOFOLLOW) == 0, &w);
		if (no != 0)
			return no;
		got = open_plain(r->fd, w.done, flags);
	}
	if (got < 0)
		return errno;
	*fd = got;
	return 0;
}

static int read_all(int fd, size_t limit, struct buf *out)
{
	const size_t from = out->n;

	for (;;) {
		uint8_t piece[READ_PIECE];
		ssize_t n = read(fd, piece, sizeof(piece));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : 0;
		if ((size_t)n > limit - (out->n - from))
			return EFBIG;
		buf_put(out, piece, (size_t)n);
		if (out->failed)
			return ENOMEM;
	}
}

int root_read_fd(int fd, size_t limit, struct buf *out)
{
	struct stat s;

	return fstat(fd, &s) != 0    ? errno
		: S_ISREG(s.st_mode) ? read_all(fd, limit, out)
		: S_ISDIR(s.st_mode) ? EISDIR
				     : EINVAL;
}

int root_read(const struct root *r, const char *path, size_t limit, struct buf *out)
{
	int fd = -1, no = root_fd(r, path, O_RDONLY | O_NONBLOCK, &fd);

	if (no != 0)
		return no;
	no = root_read_fd(fd, limit, out);
	close(fd);
	return no;
}

int root_line(const struct root *r, const char *path, char *out, size_t size)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	int                          no   = root_read(r, path, size - 1, &text);

	if (no != 0)
		return no;
	memcpy(out, text.n == 0 ? "" : (const char *)text.p, text.n);
	out[text.n]               = 0;
	out[strcspn(out, "\r\n")] = 0;
	return 0;
}

int root_stat(const struct root *r, const char *path, struct stat *out)
{
	int fd = -1, no = root_fd(r, path, O_PATH, &fd);

	if (no != 0)
		return no;
	no = fstat(fd, out) != 0 ? errno : 0;
	close(fd);
	return no;
}

int root_link(const struct root *r, const char *path, char *out, size_t size)
{
	ssize_t n;
	int     fd = -1, no = root_fd(r, path, O_PATH | O_NOFOLLOW, &fd);

	if (no != 0)
		return no;
	n  = readlinkat(fd, "", out, size - 1);
	no = n < 0 ? errno : 0;
	close(fd);
	if (n >= 0)
		out[n] = 0;
	return no;
}

int root_follow(const struct root *r, char at[ROOT_PATH], char *link, size_t size)
{
	char  *folder = strrchr(at, '/');
	size_t to     = folder == NULL ? 0 : (size_t)(folder - at) + 1;
	int    no     = root_link(r, at, link, size);

	if (no != 0)
		return no;
	if (link[0] == '/')
		to = 0;
	return snprintf(at + to, ROOT_PATH - to, "%s", link + (link[0] == '/')) <
			(int)(ROOT_PATH - to)
		? 0
		: ENAMETOOLONG;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int take_name(struct names *n, size_t *cap, const char *name)
{
	if (n->n == ROOT_NAMES)
		return EFBIG;
	if (n->n == *cap) {
		size_t more = *cap == 0 ? 32 : 2 * *cap;
		char **list = mem_resize(n->name, more, sizeof(*list));

		if (list == NULL)
			return ENOMEM;
		n->name = list;
		*cap    = more;
	}
	n->name[n->n] = mem_text(bytes_text(name));
	return n->name[n->n] == NULL ? ENOMEM : (n->n++, 0);
}

int root_list(const struct root *r, const char *path, struct names *out)
{
	struct names   n   = { 0 };
	size_t         cap = 0;
	struct dirent *d;
	DIR           *dir;
	int            fd = -1, no = root_fd(r, path, O_RDONLY | O_DIRECTORY, &fd);

	if (no != 0)
		return no;
	dir = fdopendir(fd);
	if (dir == NULL) {
		no = errno;
		close(fd);
		return no;
	}
	while (no == 0 && (errno = 0, d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			no = take_name(&n, &cap, d->d_name);
	closedir(dir);
	if (no != 0) {
		names_done(&n);
		return no;
	}
	if (n.n > 0)
		qsort(n.name, n.n, sizeof(*n.name), by_name);
	*out = n;
	return 0;
}

void names_done(struct names *n)
{
	for (size_t i = 0; i < n->n; i++)
		mem_free(n->name[i]);
	mem_free(n->name);
	*n = (struct names){ 0 };
}

/* A record a read; EPIPE: the ring went on past us. What does not fit any more is the newest, which matters most: the
 * oldest half goes. */
static int read_ring(int fd, size_t limit, struct buf *out)
{
	for (;;) {
		char    record[8192];
		ssize_t n = read(fd, record, sizeof(record));

		if (n < 0 && (errno == EINTR || errno == EPIPE))
			continue;
		if (n <= 0)
			return n < 0 && errno != EAGAIN ? errno : 0;
		if ((size_t)n > limit - out->n) {
			size_t half = out->n / 2;

			memmove(out->p, out->p + half, out->n - half);
			out->n -= half;
		}
		buf_put(out, record, (size_t)n);
		if (out->failed)
			return ENOMEM;
	}
}

int root_kmsg(const struct root *r, size_t limit, struct buf *out)
{
	struct stat s;
	int         fd = -1, no = root_fd(r, "dev/kmsg", O_RDONLY | O_NONBLOCK, &fd);

	if (no != 0)
		return no;
	no = fstat(fd, &s) != 0                 ? errno
		: S_ISREG(s.st_mode)            ? read_all(fd, limit, out)
		: S_ISCHR(s.st_mode) && r->live ? read_ring(fd, limit, out)
						: EINVAL;
	close(fd);
	return no;
}

const char *root_why(int no)
{
	static const struct {
		int         no;
		const char *text;
	} words[] = {
		{ ENOENT, "it does not exist" },
		{ ENOTDIR, "it does not exist" },
		{ EACCES, "permission denied" },
		{ EPERM, "permission denied" },
		{ EFBIG, "it is larger than any such file" },
		{ EINVAL, "it is no regular file" },
		{ EBADMSG, "it is cut, or of another kind" },
		{ ELOOP, "its links lead in a circle" },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (words[i].no == no)
			return words[i].text;
	return "it cannot be read";
}
