/* SPDX-License-Identifier: Apache-2.0 */
#include "tsm/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/show.h"

#define HANGING 64
#define SAID    200 /* of what libfuse says */

struct mounted {
	struct fuse_session *session;
	bool                 at; /* mounted */
};

struct tsm {
	struct mounted  mount[TSM_FDS];
	struct fuse_buf buf;
};

/* Requests that a fault leaves without an answer; one thread's. */
static fuse_req_t hanging[HANGING];

static const struct {
	const char                     *path;
	bool                            folder;
	const struct fuse_lowlevel_ops *ops;
} places[TSM_FDS] = {
	{ "sys/kernel/config", true, &configfs_ops },
	{ "dev/tdx_guest", false, &guest_ops },
	{ "sys/class/misc/tdx_guest/measurements", true, &measurement_ops },
};

static struct stat stat_of(struct entry_param e)
{
	return (struct stat){
		.st_ino   = e.ino,
		.st_mode  = e.mode,
		.st_nlink = S_ISDIR(e.mode) ? 2 : 1,
		.st_uid   = geteuid(),
		.st_gid   = getegid(),
	};
}

void mount_reply_entry(fuse_req_t req, struct entry_param e)
{
	const struct fuse_entry_param p = { .ino = e.ino, .attr = stat_of(e) };

	if (e.mode == 0)
		fuse_reply_err(req, ENOENT);
	else
		fuse_reply_entry(req, &p);
}

void mount_reply_attr(fuse_req_t req, struct entry_param e)
{
	const struct stat st = stat_of(e);

	if (e.mode == 0)
		fuse_reply_err(req, ENOENT);
	else
		fuse_reply_attr(req, &st, 0);
}

void mount_reply_part(fuse_req_t req, const void *p, size_t n, off_t offset, size_t most)
{
	const size_t at = offset < 0 || (size_t)offset > n ? n : (size_t)offset;

	fuse_reply_buf(req, (const char *)p + at, n - at < most ? n - at : most);
}

void mount_list(struct listing *l, const char *name, struct entry_param e)
{
	const struct stat st   = stat_of(e);
	const size_t      size = fuse_add_direntry(l->req, NULL, 0, name, NULL, 0);
	const size_t      at   = l->out.n;
	uint8_t          *room = buf_room(&l->out, size);

	if (room != NULL)
		fuse_add_direntry(l->req, (char *)room, size, name, &st, (off_t)(at + size));
}

void mount_reply_list(struct listing *l, off_t offset, size_t most)
{
	if (l->out.failed)
		fuse_reply_err(l->req, ENOMEM);
	else
		mount_reply_part(l->req, l->out.p == NULL ? (const void *)"" : l->out.p,
			l->out.n, offset, most);
	buf_done(&l->out);
}

static void interrupted(fuse_req_t req, void *ctx)
{
	fuse_req_t *place = ctx;

	*place = NULL;
	fuse_reply_err(req, EINTR);
}

void mount_hang(fuse_req_t req)
{
	for (size_t i = 0; i < HANGING; i++) {
		if (hanging[i] != NULL)
			continue;
		hanging[i] = req;
		fuse_req_interrupt_func(req, interrupted, &hanging[i]);
		return;
	}
	fuse_reply_err(req, EBUSY);
}

static void release_hanging(void)
{
	for (size_t i = 0; i < HANGING; i++) {
		fuse_req_t req = hanging[i];

		hanging[i] = NULL;
		if (req != NULL) {
			fuse_req_interrupt_func(req, NULL, NULL);
			fuse_reply_err(req, EIO);
		}
	}
}

/* One step down from at, which is closed, to a folder that is made when it is absent. Never through a symbolic link: it
 * might lead out of the tree. -1 with errno. */
static int step(int at, const char *name, size_t n)
{
	char folder[NAME_MAX + 1] = { 0 };
	int  down                 = -1;

	if (n < sizeof(folder)) {
		memcpy(folder, name, n);
		if (mkdirat(at, folder, 0755) == 0 || errno == EEXIST)
			down = openat(
				at, folder, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	close(at);
	return down;
}

/* What is mounted on, and the folders it is in. -1 with errno. */
static int make_steps(const char *root, const char *path, bool folder)
{
	const char *name = path, *slash;
	int         at   = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC), file;
	struct stat st;

	while (at >= 0 && (slash = strchr(name, '/')) != NULL) {
		at   = step(at, name, (size_t)(slash - name));
		name = slash + 1;
	}
	if (at < 0 || folder)
		return at < 0 ? at : step(at, name, strlen(name));
	file = openat(at, name, O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	close(at);
	if (file >= 0 && (fstat(file, &st) != 0 || !S_ISREG(st.st_mode))) {
		close(file);
		errno = EEXIST;
		return -1;
	}
	return file;
}

static enum assay_code make_place(
	const char *root, size_t i, char path[PATH_MAX], struct assay_err *e)
{
	int n = snprintf(path, PATH_MAX, "%s/%s", root, places[i].path), fd;

	if (n < 0 || n >= PATH_MAX)
		return err_set(e, ASSAY_INPUT_OPTION, "the path is too long");
	fd = make_steps(root, places[i].path, places[i].folder);
	if (fd < 0)
		return err_set(e, ASSAY_INPUT_OPTION, "%s: %s", SHOW(bytes_text(path)),
			strerror(errno));
	close(fd);
	return ASSAY_OK;
}

/* libfuse, and fusermount3 for it, say on standard error why they failed. The first line of that goes into ours. */
static int mount_quietly(struct fuse_session *s, const char *path, char said[SAID])
{
	int     kept  = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	int     heard = kept < 0 ? -1 : memfd_create("fuse", MFD_CLOEXEC), done, why;
	ssize_t n     = 0;

	if (heard >= 0)
		dup2(heard, STDERR_FILENO);
	done = fuse_session_mount(s, path);
	why  = errno;
	if (heard >= 0) {
		dup2(kept, STDERR_FILENO);
		n = pread(heard, said, SAID - 1, 0);
		close(heard);
	}
	if (kept >= 0)
		close(kept);
	said[n > 0 ? n : 0]       = '\0';
	said[strcspn(said, "\n")] = '\0';
	if (said[0] == '\0')
		snprintf(said, SAID, "FUSE: %s", strerror(why));
	return done;
}

static enum assay_code mount_one(
	struct tsm *t, size_t i, struct platform *p, const char *path, struct assay_err *e)
{
	char  options[] = "fsname=assay-sim,subtype=assay-sim,default_permissions,allow_other";
	char *argv[]    = { (char[]){ "assay-sim" }, (char[]){ "-o" }, options, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(3, argv);
	struct mounted  *m    = &t->mount[i];
	char             said[SAID];
	int              flags;

	if (geteuid() != 0)
		*strrchr(options, ',') = '\0'; /* allow_other is root's to give */
	m->session = fuse_session_new(&args, places[i].ops, sizeof(*places[i].ops), p);
	fuse_opt_free_args(&args);
	if (m->session == NULL)
		return err_set(e, ASSAY_INPUT_OPTION, "FUSE does not start");
	if (mount_quietly(m->session, path, said) != 0)
		return err_set(e, ASSAY_INPUT_OPTION, "%s", SHOW(bytes_text(said)));
	m->at = true;
	flags = fcntl(fuse_session_fd(m->session), F_GETFL);
	if (flags < 0 || fcntl(fuse_session_fd(m->session), F_SETFL, flags | O_NONBLOCK) != 0 ||
		fcntl(fuse_session_fd(m->session), F_SETFD, FD_CLOEXEC) != 0)
		return err_set(e, ASSAY_INTERNAL, "FUSE: %s", strerror(errno));
	return ASSAY_OK;
}

/* Asked first, since libfuse would tell it to the user in words of its own. */
static enum assay_code check_fuse(struct assay_err *e)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return err_set(e, ASSAY_INPUT_OPTION, "/dev/fuse: %s", strerror(errno));
	close(fd);
	return ASSAY_OK;
}

enum assay_code tsm_open(
	struct platform *p, const char *root, struct tsm **out, struct assay_err *e)
{
	struct tsm     *t    = mem_new(1, sizeof(*t));
	enum assay_code code = check_fuse(e);

	if (t == NULL)
		return err_no_memory(e);
	for (size_t i = 0; i < TSM_FDS && code == ASSAY_OK; i++) {
		char path[PATH_MAX];

		code = make_place(root, i, path, e);
		if (code == ASSAY_OK)
			code = mount_one(t, i, p, path, e);
	}
	if (code != ASSAY_OK) {
		tsm_close(t);
		return code;
	}
	*out = t;
	return ASSAY_OK;
}

void tsm_close(struct tsm *t)
{
	if (t == NULL)
		return;
	release_hanging();
	for (size_t i = 0; i < TSM_FDS; i++) {
		if (t->mount[i].at)
			fuse_session_unmount(t->mount[i].session);
		if (t->mount[i].session != NULL)
			fuse_session_destroy(t->mount[i].session);
	}
	configfs_done();
	free(t->buf.mem); /* libfuse's */
	mem_free(t);
}

size_t tsm_fds(const struct tsm *t, int fd[TSM_FDS])
{
	for (size_t i = 0; i < TSM_FDS; i++)
		fd[i] = fuse_session_exited(t->mount[i].session)
			? -1 /* unmounted by somebody else: it would be ready for ever */
			: fuse_session_fd(t->mount[i].session);
	return TSM_FDS;
}

void tsm_run(struct tsm *t, int fd)
{
	for (size_t i = 0; i < TSM_FDS; i++) {
		struct fuse_session *s = t->mount[i].session;

		if (fuse_session_fd(s) == fd && fuse_session_receive_buf(s, &t->buf) > 0)
			fuse_session_process_buf(s, &t->buf);
	}
}

/* "\040" in mountinfo is a blank. */
static void unescape(char *s)
{
	char *to = s;

	for (const char *from = s; *from != '\0'; from++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' &&
			from[2] <= '7' && from[3] >= '0' && from[3] <= '7') {
			*to++ = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + from[3] -
				'0');
			from += 3;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
}

static void unmount(const char *path)
{
	pid_t child;

	if (umount2(path, MNT_DETACH) == 0 || errno != EPERM)
		return;
	child = fork(); /* not root: the one who mounted may unmount */
	if (child == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, STDERR_FILENO);
		execlp("fusermount3", "fusermount3", "-uz", path, (char *)NULL);
		_exit(127);
	}
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

void tsm_sweep(const char *root)
{
	FILE        *mounts = fopen("/proc/self/mountinfo", "re");
	char         line[2 * PATH_MAX], real[PATH_MAX];
	const size_t n = realpath(root, real) == NULL ? 0 : strlen(real);

	while (mounts != NULL && n > 0 && fgets(line, sizeof(line), mounts) != NULL) {
		char path[PATH_MAX];

		/* id, parent, device, root, mount point */
		if (sscanf(line, "%*s %*s %*s %*s %4095s", path) != 1 ||
			strstr(line, " - fuse.assay-sim ") == NULL)
			continue;
		unescape(path);
		if (strncmp(path, real, n) == 0 && path[n] == '/')
			unmount(path);
	}
	if (mounts != NULL)
		fclose(mounts);
}
