/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/out.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/show.h"

static enum assay_code fail(const char *path, struct assay_err *e)
{
	return err_set(e, ASSAY_INPUT_FILE, "%s: %s",
		path[0] == 0 ? "\"\"" : SHOW(bytes_text(path)), strerror(errno));
}

static enum assay_code in_place(
	int fd, const char *path, struct bytes body, struct assay_err *e)
{
	return fd_write(fd, body) == 0 ? ASSAY_OK : fail(path, e);
}

/* The mode that a new file would have; an old one's is kept. */
static mode_t mode_for(const struct stat *old, bool there)
{
	mode_t mask = umask(0);

	umask(mask);
	return there ? old->st_mode & 07777 : 0666 & ~mask;
}

static enum assay_code put_beside(const char *path, const struct stat *old, bool there,
	struct bytes body, struct assay_err *e)
{
	char name[PATH_MAX];
	int  fd;

	if (snprintf(name, sizeof(name), "%s.XXXXXX", path) >= (int)sizeof(name)) {
		errno = ENAMETOOLONG;
		return fail(path, e);
	}
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		return fail(path, e);
	if (fd_write(fd, body) != 0 || fchmod(fd, mode_for(old, there)) != 0 ||
		fsync(fd) != 0 || rename(name, path) != 0) {
		fail(path, e);
		close(fd);
		unlink(name);
		return e->code;
	}
	close(fd);
	return ASSAY_OK;
}

/* Ctrl-C comes before or behind it, so that it leaves nothing under the other name. */
static enum assay_code replace(const char *path, const struct stat *old, bool there,
	struct bytes body, struct assay_err *e)
{
	enum assay_code code;
	sigset_t        stops, before;

	sigemptyset(&stops);
	sigaddset(&stops, SIGINT);
	sigaddset(&stops, SIGTERM);
	sigaddset(&stops, SIGHUP);
	sigaddset(&stops, SIGQUIT);
	sigprocmask(SIG_BLOCK, &stops, &before);
	code = put_beside(path, old, there, body, e);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return code;
}

enum assay_code out_file(const char *path, struct bytes body, struct assay_err *e)
{
	char            real[PATH_MAX];
	struct stat     st    = { 0 };
	bool            there = stat(path, &st) == 0, absent = !there && errno == ENOENT;
	int             fd;
	enum assay_code code;

	if (strcmp(path, "-") == 0) /* the same class as wherever something is printed */
		return fd_write(STDOUT_FILENO, body) == 0
			? ASSAY_OK
			: err_set(e, ASSAY_INTERNAL, "standard output: %s", strerror(errno));
	if (!there && !absent) /* a loop of links, for one: nothing is put in its place */
		return fail(path, e);
	if (there && S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return fail(path, e);
	}
	if (!there || S_ISREG(st.st_mode)) /* a link keeps pointing to what it pointed to */
		return replace(there && realpath(path, real) != NULL ? real : path, &st, there,
			body, e);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fail(path, e);
	code = in_place(fd, path, body, e);
	close(fd);
	return code;
}
