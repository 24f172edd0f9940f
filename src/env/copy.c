/* SPDX-License-Identifier: Apache-2.0 */
#include "env/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/show.h"

#define PIECE 65536

static enum assay_code fail(const char *path, int no, struct assay_err *e)
{
	return err_set(e, ASSAY_HOST_WRITE, "/%s: %s", SHOW(bytes_text(path)),
		no == EFBIG ? "it is too large" : strerror(no));
}

static int open_file(const struct root *r, const char *path, int *fd, struct stat *s)
{
	int no = root_fd(r, path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, fd);

	if (no != 0)
		return no;
	if (fstat(*fd, s) != 0)
		return errno;
	if (!S_ISREG(s->st_mode))
		return EINVAL;
	return (uint64_t)s->st_size > COPY_MOST ? EFBIG : 0;
}

/* All of from, into the digest and, when to is a file, there too. */
static int pass(int from, int to, EVP_MD_CTX *md)
{
	uint8_t  piece[PIECE];
	uint64_t all = 0;
	ssize_t  n;
	int      no;

	while ((n = read(from, piece, sizeof(piece))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		all += (uint64_t)n;
		if (all > COPY_MOST)
			return EFBIG; /* it grows under our hands */
		if (md != NULL && EVP_DigestUpdate(md, piece, (size_t)n) != 1)
			return EIO;
		no = to < 0 ? 0 : fd_write(to, (struct bytes){ piece, (size_t)n });
		if (no != 0)
			return no;
	}
	return 0;
}

enum assay_code copy_state(
	const struct site *s, const char *path, struct place *out, struct assay_err *e)
{
	CLEANUP(fd_drop) int fd = -1;
	struct place         p  = { .kind = PLACE_FILE };
	struct stat          st;
	EVP_MD_CTX          *md;
	int                  no = open_file(s->root, path, &fd, &st);

	if (no == ENOENT || no == ENOTDIR) {
		*out = (struct place){ 0 };
		return ASSAY_OK;
	}
	if (no != 0)
		return fail(path, no, e);
	md = EVP_MD_CTX_new();
	no = md != NULL && EVP_DigestInit_ex(md, s->crypto->sha256, NULL) == 1
		? pass(fd, -1, md)
		: EIO;
	if (no == 0 && EVP_DigestFinal_ex(md, p.sha256, NULL) != 1)
		no = EIO;
	EVP_MD_CTX_free(md);
	if (no != 0)
		return fail(path, no, e);
	p.mode = st.st_mode & 07777;
	p.uid  = st.st_uid;
	p.gid  = st.st_gid;
	*out   = p;
	return ASSAY_OK;
}

static int draft_of(int folder, const char *draft, int from, const struct stat *s)
{
	const struct timespec times[2] = { s->st_atim, s->st_mtim };
	CLEANUP(fd_drop)
	int fd = openat(
		folder, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int no;

	if (fd < 0)
		return errno;
	no = pass(from, fd, NULL);
	if (no != 0)
		return no;
	if (fchown(fd, s->st_uid, s->st_gid) != 0)
		return errno;
	place_attributes(from, fd);
	return fchmod(fd, s->st_mode & 07777) != 0 || futimens(fd, times) != 0 || fsync(fd) != 0
		? errno
		: 0;
}

enum assay_code copy_file(
	const struct site *s, const char *from, const char *to, struct assay_err *e)
{
	CLEANUP(fd_drop) int fd = -1, folder = -1;
	char                 name[PLACE_NAME], draft[PLACE_NAME + 16];
	struct stat          st;
	int                  no = open_file(s->root, from, &fd, &st);

	if (no != 0)
		return fail(from, no, e);
	no = place_folder(s->root, to, name, &folder);
	if (no != 0)
		return fail(to, no, e);
	place_draft(name, draft);
	unlinkat(folder, draft, 0);
	no = draft_of(folder, draft, fd, &st);
	if (s->tap != NULL)
		s->tap(s->ctx);
	if (no == 0 && renameat2(folder, draft, folder, name, RENAME_NOREPLACE) != 0)
		no = errno;
	if (no == EINVAL) /* a file system without that: the system partition's */
		no = faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ? EEXIST
			: renameat(folder, draft, folder, name) != 0         ? errno
									     : 0;
	if (s->tap != NULL)
		s->tap(s->ctx);
	if (no != 0) {
		unlinkat(folder, draft, 0);
		return fail(to, no, e);
	}
	return fsync(folder) != 0 ? fail(to, errno, e) : ASSAY_OK;
}

enum assay_code copy_back(
	const struct site *s, const char *copy, const char *path, struct assay_err *e)
{
	CLEANUP(fd_drop) int from = -1, to = -1;
	char                 a[PLACE_NAME], b[PLACE_NAME];
	int                  no = place_folder(s->root, copy, a, &from);

	if (no == 0)
		no = place_folder(s->root, path, b, &to);
	if (no != 0)
		return fail(copy, no, e);
	if (s->tap != NULL)
		s->tap(s->ctx);
	if (renameat(from, a, to, b) != 0 || fsync(to) != 0)
		return fail(path, errno, e);
	if (s->tap != NULL)
		s->tap(s->ctx);
	return ASSAY_OK;
}
