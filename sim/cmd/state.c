/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/show.h"
#include "platform/wire.h"
#include "tsm/tsm.h"

#define LOCK  "lock"
#define DEPTH 32 /* of the tree below a folder; ours is not half as deep */

/* All that a platform puts there; nothing else is ever removed. */
static const char *const ours[] = { STATE_ROOT, STATE_LIB, STATE_ANCHORS, STATE_TLS, STATE_QGS,
	WIRE_SOCKET };

static enum assay_code fail(struct assay_err *e, const char *path)
{
	return err_set(
		e, ASSAY_INPUT_OPTION, "%s: %s", SHOW(bytes_text(path)), strerror(errno));
}

static enum assay_code usual_path(struct buf *out, struct assay_err *e)
{
	const char *given   = getenv(STATE_ENV);
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (given != NULL && given[0] == '/')
		buf_text(out, given);
	else if (runtime != NULL && runtime[0] == '/')
		buf_printf(out, "%s/assay-sim", runtime);
	else
		buf_printf(out, "/tmp/assay-sim-%u", (unsigned)getuid());
	return buf_ok(out, e);
}

/* An absolute path: the children may have another working folder. */
static enum assay_code set_path(const char *given, struct buf *out, struct assay_err *e)
{
	char here[PATH_MAX];

	if (given == NULL)
		return usual_path(out, e);
	if (given[0] == '\0')
		return err_set(e, ASSAY_INPUT_OPTION, "--state: an empty name");
	if (given[0] != '/') {
		if (getcwd(here, sizeof(here)) == NULL)
			return fail(e, ".");
		buf_printf(out, "%s/", here);
	}
	buf_text(out, given);
	return buf_ok(out, e);
}

/* Others may use it, as they may a machine's devices. Nobody else may change what programs will load from it. */
static enum assay_code open_folder(struct state *s, struct assay_err *e)
{
	const char *path = buf_cstr(&s->path);
	struct stat st;

	s->folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->folder < 0 || fstat(s->folder, &st) != 0)
		return fail(e, path);
	if (st.st_uid != geteuid())
		return err_set(e, ASSAY_INPUT_OPTION, "%s: belongs to somebody else",
			SHOW(bytes_text(path)));
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return err_set(e, ASSAY_INPUT_OPTION, "%s: others may write there",
			SHOW(bytes_text(path)));
	return ASSAY_OK;
}

/* Removes what is below, without following links and without leaving the file system. */
static void empty_folder(int parent, const char *name, dev_t device, unsigned depth)
{
	int  fd  = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *row;
	struct stat    st;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while (fstat(fd, &st) == 0 && st.st_dev == device && depth < DEPTH &&
		(row = readdir(dir)) != NULL) {
		if (strcmp(row->d_name, ".") == 0 || strcmp(row->d_name, "..") == 0)
			continue;
		if (unlinkat(fd, row->d_name, 0) == 0)
			continue;
		empty_folder(fd, row->d_name, device, depth + 1);
		unlinkat(fd, row->d_name, AT_REMOVEDIR);
	}
	closedir(dir);
}

static void sweep(struct state *s)
{
	CLEANUP(buf_done) struct buf root = { 0 };
	struct stat                  st;

	buf_printf(&root, "%s/%s", buf_cstr(&s->path), STATE_ROOT);
	tsm_sweep(buf_cstr(&root));
	if (fstat(s->folder, &st) != 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
		if (unlinkat(s->folder, ours[i], 0) == 0)
			continue;
		empty_folder(s->folder, ours[i], st.st_dev, 0);
		unlinkat(s->folder, ours[i], AT_REMOVEDIR);
	}
}

/* Of a platform that was killed and its guard too: swept. Of anything else: hands off. */
static enum assay_code take_over(struct state *s, struct assay_err *e)
{
	const char    *path  = buf_cstr(&s->path);
	bool           fresh = faccessat(s->folder, LOCK, F_OK, 0) != 0;
	int            again = openat(s->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR           *dir   = again < 0 ? NULL : fdopendir(again);
	struct dirent *row;
	bool           empty = true;

	while (dir != NULL && (row = readdir(dir)) != NULL)
		empty = empty && row->d_name[0] == '.' &&
			(row->d_name[1] == '\0' || strcmp(row->d_name, "..") == 0);
	if (dir != NULL)
		closedir(dir);
	if (fresh && !empty)
		return err_set(e, ASSAY_INPUT_OPTION,
			"%s: not empty, and no state folder of assay sim",
			SHOW(bytes_text(path)));
	s->lock = openat(s->folder, LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s->lock < 0)
		return fail(e, path);
	if (flock(s->lock, LOCK_EX | LOCK_NB) != 0)
		return err_set(e, ASSAY_INPUT_OPTION,
			"%s: an emulated platform runs there already; see --state DIR, or "
			"assay sim ctl stop",
			SHOW(bytes_text(path)));
	sweep(s);
	return ASSAY_OK;
}

static void clean_up(struct state *s)
{
	sweep(s);
	unlinkat(s->folder, LOCK, 0);
	if (s->made)
		rmdir(buf_cstr(&s->path));
}

/* What the guard was born with and does not need: a pipe of the caller's would stay open with it. */
static void close_others(int a, int b, int c)
{
	for (int fd = 3; fd < 256; fd++)
		if (fd != a && fd != b && fd != c)
			close(fd);
}

/* What state_also() says, through the pipe: one of these, whole. */
struct elsewhere {
	char  path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	dev_t device;
	ino_t inode;
};

_Static_assert(sizeof(struct elsewhere) <= PIPE_BUF, "written and read at once");

/* Unless somebody else has put something in its place. */
static void remove_elsewhere(const struct elsewhere *x)
{
	struct stat st;

	if (lstat(x->path, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_dev == x->device &&
		st.st_ino == x->inode)
		unlink(x->path);
}

/* Waits for the platform's end, however it comes, and cleans up behind it. */
static _Noreturn void guard(struct state *s, int life)
{
	struct elsewhere also = { 0 }, heard;
	ssize_t          n;

	setsid(); /* Ctrl-C is not for this one */
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	prctl(PR_SET_NAME, "assay-sim-guard");
	close_others(s->folder, s->lock, life);
	do {
		n = read(life, &heard, sizeof(heard));
		if (n == (ssize_t)sizeof(heard))
			also = heard;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (also.path[0] != '\0')
		remove_elsewhere(&also);
	clean_up(s);
	_exit(0);
}

static enum assay_code post_guard(struct state *s, struct assay_err *e)
{
	int end[2];

	if (pipe2(end, O_CLOEXEC) != 0)
		return fail(e, "a pipe");
	s->guard = fork();
	if (s->guard == 0) {
		close(end[1]);
		guard(s, end[0]);
	}
	close(end[0]);
	s->life = end[1];
	return s->guard < 0 ? fail(e, "the guard") : ASSAY_OK;
}

static enum assay_code begin(struct state *s, struct assay_err *e)
{
	TRY(open_folder(s, e));
	TRY(take_over(s, e));
	return post_guard(s, e);
}

enum assay_code state_open(const char *path, struct state *out, struct assay_err *e)
{
	struct state s = STATE_NONE;

	if (set_path(path, &s.path, e) == ASSAY_OK) {
		s.made = mkdir(buf_cstr(&s.path), 0755) == 0;
		if (!s.made && errno != EEXIST)
			fail(e, buf_cstr(&s.path));
		else if (begin(&s, e) == ASSAY_OK) {
			*out = s;
			return ASSAY_OK;
		}
	}
	state_done(&s);
	return e->code;
}

enum assay_code state_open_new(struct state *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf name = { 0 };
	struct state                 s    = STATE_NONE;
	const char                  *tmp  = getenv("TMPDIR");

	buf_printf(&name, "%s/assay-sim-XXXXXX", tmp == NULL || tmp[0] == '\0' ? "/tmp" : tmp);
	if (set_path(buf_cstr(&name), &s.path, e) != ASSAY_OK) {
		state_done(&s);
		return e->code;
	}
	buf_byte(&s.path, '\0');
	s.made = !s.path.failed && mkdtemp((char *)s.path.p) != NULL;
	s.path.n--;
	if (!s.made || chmod(buf_cstr(&s.path), 0755) != 0)
		fail(e, tmp == NULL ? "/tmp" : tmp);
	else if (begin(&s, e) == ASSAY_OK) {
		*out = s;
		return ASSAY_OK;
	}
	state_done(&s);
	return e->code;
}

enum assay_code state_find(const char *path, struct state *out, struct assay_err *e)
{
	struct state s = STATE_NONE;

	if (set_path(path, &s.path, e) != ASSAY_OK || open_folder(&s, e) != ASSAY_OK) {
		buf_done(&s.path);
		return err_wrap(e, "no emulated platform runs");
	}
	*out = s;
	return ASSAY_OK;
}

enum assay_code state_also(struct state *s, const char *socket, struct assay_err *e)
{
	struct elsewhere x = { 0 };
	struct stat      st;

	if (strlen(socket) >= sizeof(x.path) || lstat(socket, &st) != 0)
		return fail(e, socket);
	memcpy(x.path, socket, strlen(socket) + 1);
	x.device = st.st_dev;
	x.inode  = st.st_ino;
	return write(s->life, &x, sizeof(x)) == (ssize_t)sizeof(x) ? ASSAY_OK
								   : fail(e, "the guard");
}

void state_leave(struct state *s)
{
	const int fd[] = { s->folder, s->lock, s->life };

	for (size_t i = 0; i < ARRAY_LEN(fd); i++)
		if (fd[i] >= 0)
			close(fd[i]);
	buf_done(&s->path);
	*s = STATE_NONE;
}

void state_done(struct state *s)
{
	const pid_t guard_of = s->guard;
	const bool  made     = s->made && s->lock < 0; /* it never came to a guard */

	if (made)
		rmdir(buf_cstr(&s->path));
	state_leave(s); /* the guard sees the end */
	while (guard_of > 0 && waitpid(guard_of, NULL, 0) < 0 && errno == EINTR)
		;
}

enum assay_code state_folder(const struct state *s, const char *name, struct assay_err *e)
{
	return mkdirat(s->folder, name, 0755) == 0 ? ASSAY_OK : fail(e, name);
}

enum assay_code state_write(
	const struct state *s, const char *name, struct bytes content, struct assay_err *e)
{
	int fd = openat(
		s->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	bool good;

	if (fd < 0)
		return fail(e, name);
	good = write(fd, content.p, content.n) == (ssize_t)content.n;
	if (close(fd) != 0 || !good)
		return fail(e, name);
	return ASSAY_OK;
}
