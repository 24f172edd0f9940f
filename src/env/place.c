/* SPDX-License-Identifier: Apache-2.0 */
#include "env/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/show.h"

#define LABEL      "security.selinux"
#define LINKS_MOST 8
#define NAMES_MOST 8192 /* bytes of attributes' names; a file has a handful */
#define ATTR_MOST  65536

static enum assay_code fail(const char *path, int no, struct assay_err *e)
{
	return err_set(e, ASSAY_HOST_WRITE, "/%s: %s", SHOW(bytes_text(path)),
		no == 0 ? "neither a file nor a link" : strerror(no));
}

void place_done(struct place *p)
{
	buf_done(&p->body);
	*p = (struct place){ 0 };
}

bool place_same(const struct place *a, const struct place *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == PLACE_ABSENT)
		return true;
	return memcmp(a->sha256, b->sha256, SHA256_SIZE) == 0 &&
		(a->kind == PLACE_LINK ||
			(a->mode == b->mode && a->uid == b->uid && a->gid == b->gid));
}

int place_folder(const struct root *r, const char *path, char name[PLACE_NAME], int *fd)
{
	const char *slash = strrchr(path, '/');
	char        folder[ROOT_PATH];
	size_t      n = slash == NULL ? 0 : (size_t)(slash - path);

	slash = slash == NULL ? path : slash + 1;
	if (n >= sizeof(folder) || strlen(slash) >= PLACE_NAME)
		return ENAMETOOLONG;
	if (slash[0] == 0 || strcmp(slash, ".") == 0 || strcmp(slash, "..") == 0)
		return EINVAL;
	memcpy(folder, path, n);
	folder[n] = 0;
	memcpy(name, slash, strlen(slash) + 1);
	return root_fd(r, folder, O_RDONLY | O_DIRECTORY, fd);
}

/* "a/b/../c" becomes "a/c" where "a/b" is no link: journals have plain names only. false: it is one, or it leads out. */
static bool plain(const struct root *r, char *path)
{
	char        out[ROOT_PATH] = "", folder[ROOT_PATH];
	size_t      n              = 0;
	struct stat was, is;

	for (const char *at = path; *at != 0;) {
		const size_t k = strcspn(at, "/");

		if (k == 2 && at[0] == '.' && at[1] == '.') {
			if (n == 0)
				return false;
			while (n > 0 && out[--n] != '/')
				;
		} else if (k > 0 && !(k == 1 && at[0] == '.')) {
			if (n > 0)
				out[n++] = '/';
			memcpy(out + n, at, k);
			n += k;
		}
		out[n] = 0;
		at += k + (at[k] == '/');
	}
	snprintf(folder, sizeof(folder), "%.*s",
		(int)(strrchr(path, '/') == NULL ? 0 : strrchr(path, '/') - path), path);
	if (root_stat(r, folder, &was) != 0)
		return false;
	memcpy(path, out, n + 1);
	snprintf(folder, sizeof(folder), "%.*s",
		(int)(strrchr(path, '/') == NULL ? 0 : strrchr(path, '/') - path), path);
	return root_stat(r, folder, &is) == 0 && was.st_dev == is.st_dev &&
		was.st_ino == is.st_ino;
}

enum assay_code place_real(
	const struct root *r, const char *path, char *out, size_t size, struct assay_err *e)
{
	char at[ROOT_PATH], link[ROOT_PATH], next[2 * ROOT_PATH];

	if (snprintf(at, sizeof(at), "%s", path) >= (int)sizeof(at))
		return fail(path, ENAMETOOLONG, e);
	for (unsigned i = 0; root_link(r, at, link, sizeof(link)) == 0; i++) {
		char *slash = strrchr(at, '/');

		if (i == LINKS_MOST)
			return fail(path, ELOOP, e);
		if (slash != NULL)
			slash[1] = 0;
		else
			at[0] = 0;
		snprintf(next, sizeof(next), "%s%s", link[0] == '/' ? "" : at,
			link + strspn(link, "/"));
		if (strlen(next) >= sizeof(at))
			return fail(path, ENAMETOOLONG, e);
		memcpy(at, next, strlen(next) + 1);
		if (strstr(at, "..") != NULL && !plain(r, at))
			return fail(path, ELOOP, e);
	}
	if (strlen(at) >= size)
		return fail(path, ENAMETOOLONG, e);
	memcpy(out, at, strlen(at) + 1);
	return ASSAY_OK;
}

enum assay_code place_digest(const struct site *s, struct place *p, struct assay_err *e)
{
	return digest(s->crypto->sha256,
		p->kind == PLACE_LINK ? bytes_text(p->link) : buf_bytes(&p->body), p->sha256,
		e);
}

static enum assay_code read_file(
	const struct site *s, const char *path, struct place *p, struct assay_err *e)
{
	CLEANUP(fd_drop) int fd = -1;
	struct stat          st;
	ssize_t              n;
	int no = root_fd(s->root, path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, &fd);

	if (no != 0 || fstat(fd, &st) != 0)
		return fail(path, no != 0 ? no : errno, e);
	if (!S_ISREG(st.st_mode))
		return fail(path, 0, e);
	p->kind                 = PLACE_FILE;
	p->mode                 = st.st_mode & 07777;
	p->uid                  = st.st_uid;
	p->gid                  = st.st_gid;
	n                       = fgetxattr(fd, LABEL, p->label, sizeof(p->label) - 1);
	p->label[n > 0 ? n : 0] = 0;
	no                      = root_read_fd(fd, PLACE_FILE_MOST, &p->body);
	return no != 0 ? fail(path, no, e) : ASSAY_OK;
}

enum assay_code place_read(
	const struct site *s, const char *path, struct place *out, struct assay_err *e)
{
	CLEANUP(place_done) struct place p  = { 0 };
	CLEANUP(fd_drop) int             fd = -1;
	struct stat                      st;
	int                              no = root_fd(s->root, path, O_PATH | O_NOFOLLOW, &fd);

	if (no == ENOENT || no == ENOTDIR) {
		*out = (struct place){ 0 };
		return ASSAY_OK;
	}
	if (no != 0 || fstat(fd, &st) != 0)
		return fail(path, no != 0 ? no : errno, e);
	if (S_ISLNK(st.st_mode)) {
		no = root_link(s->root, path, p.link, sizeof(p.link));
		if (no != 0)
			return fail(path, no, e);
		p.kind = PLACE_LINK;
	} else {
		TRY(read_file(s, path, &p, e));
	}
	TRY(place_digest(s, &p, e));
	*out   = p;
	p.body = (struct buf){ 0 };
	return ASSAY_OK;
}

enum assay_code place_missing(const struct root *r, const char *path,
	size_t folder[PLACE_FOLDERS], size_t *n, struct assay_err *e)
{
	char text[ROOT_PATH];

	*n = 0;
	if (strlen(path) >= sizeof(text))
		return fail(path, ENAMETOOLONG, e);
	for (size_t i = 1; path[i] != 0; i++) {
		if (path[i] != '/')
			continue;
		memcpy(text, path, i);
		text[i] = 0;
		if (root_there(r, text))
			continue;
		if (*n == PLACE_FOLDERS)
			return fail(path, ENAMETOOLONG, e);
		folder[(*n)++] = i;
	}
	return ASSAY_OK;
}

static enum assay_code make_folders(const struct root *r, const char *path, struct assay_err *e)
{
	size_t folder[PLACE_FOLDERS], n = 0;

	TRY(place_missing(r, path, folder, &n, e));
	for (size_t i = 0; i < n; i++) {
		CLEANUP(fd_drop) int fd = -1;
		char                 text[ROOT_PATH], name[PLACE_NAME];
		int                  no;

		memcpy(text, path, folder[i]);
		text[folder[i]] = 0;
		no              = place_folder(r, text, name, &fd);
		/* one that somebody else makes in this moment keeps its own mode */
		if (no == 0 &&
			(mkdirat(fd, name, 0755) != 0 ? errno != EEXIST
						      : fchmodat(fd, name, 0755, 0) != 0))
			no = errno;
		if (no == 0 && fsync(fd) != 0)
			no = errno;
		if (no != 0)
			return fail(text, no, e);
	}
	return ASSAY_OK;
}

bool place_of_content(const char *attribute)
{
	static const char *const names[] = { "security.ima", "security.evm" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(attribute, names[i]) == 0)
			return true;
	return false;
}

void place_attributes(int from, int to)
{
	char                       names[NAMES_MOST];
	ssize_t                    n = from < 0 ? 0 : flistxattr(from, names, sizeof(names));
	CLEANUP(mem_done) uint8_t *value = mem_new(1, ATTR_MOST);

	for (ssize_t i = 0; value != NULL && i < n; i += (ssize_t)strlen(names + i) + 1) {
		ssize_t size = place_of_content(names + i)
			? -1
			: fgetxattr(from, names + i, value, ATTR_MOST);

		if (size >= 0)
			fsetxattr(to, names + i, value, (size_t)size, 0);
	}
}

/* Every attribute of the file that is replaced; the label that is wanted, when one is. What the file system does not take is
 * not worth a half state: the label follows from the policy at the next relabelling. */
static void keep_attributes(int folder, const char *name, int to, const struct place *want)
{
	CLEANUP(fd_drop)
	int from = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	place_attributes(from, to);
	if (want->label[0] != 0)
		fsetxattr(to, LABEL, want->label, strlen(want->label), 0);
}

void place_draft(const char *name, char out[PLACE_NAME + 16])
{
	snprintf(out, PLACE_NAME + 16, ".%s.assay-new", name);
}

static int write_file(int folder, const char *name, const char *new, const struct place *want)
{
	CLEANUP(fd_drop)
	int fd = openat(
		folder, new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int no;

	if (fd < 0)
		return errno;
	no = fd_write(fd, buf_bytes(&want->body));
	if (no != 0)
		return no;
	if (fchown(fd, want->uid, want->gid) != 0)
		return errno;
	keep_attributes(folder, name, fd, want);
	return fchmod(fd, want->mode) != 0 || fsync(fd) != 0 ? errno : 0;
}

enum assay_code place_write(
	const struct site *s, const char *path, const struct place *want, struct assay_err *e)
{
	CLEANUP(fd_drop) int folder = -1;
	char                 name[PLACE_NAME], draft[PLACE_NAME + 16];
	int                  no;

	if (want->kind != PLACE_ABSENT)
		TRY(make_folders(s->root, path, e));
	no = place_folder(s->root, path, name, &folder);
	if (want->kind == PLACE_ABSENT && (no == ENOENT || no == ENOTDIR))
		return ASSAY_OK;
	if (no != 0)
		return fail(path, no, e);
	if (want->kind == PLACE_ABSENT) {
		if (unlinkat(folder, name, 0) != 0 && errno != ENOENT)
			return fail(path, errno, e);
		return fsync(folder) != 0 ? fail(path, errno, e) : ASSAY_OK;
	}
	place_draft(name, draft);
	unlinkat(folder, draft, 0);
	if (want->kind == PLACE_LINK)
		no = symlinkat(want->link, folder, draft) != 0 ? errno : 0;
	else
		no = write_file(folder, name, draft, want);
	if (s->tap != NULL)
		s->tap(s->ctx);
	if (no == 0 && renameat(folder, draft, folder, name) != 0)
		no = errno;
	if (s->tap != NULL)
		s->tap(s->ctx);
	if (no != 0) {
		unlinkat(folder, draft, 0);
		return fail(path, no, e);
	}
	return fsync(folder) != 0 ? fail(path, errno, e) : ASSAY_OK;
}

void place_sweep(const struct root *r, const char *path)
{
	CLEANUP(fd_drop) int folder = -1;
	char                 name[PLACE_NAME], new[PLACE_NAME + 16];

	if (place_folder(r, path, name, &folder) != 0)
		return;
	place_draft(name, new);
	unlinkat(folder, new, 0);
}

void place_rmdir(const struct root *r, const char *path)
{
	CLEANUP(fd_drop) int folder = -1;
	char                 name[PLACE_NAME];

	if (place_folder(r, path, name, &folder) == 0)
		unlinkat(folder, name, AT_REMOVEDIR);
}
