/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/rtmr.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "collect/tdx_guest.h"
#include "format/boot_log.h"

#define SYSFS "sys/class/misc/tdx_guest/measurements/rtmr%u:sha384"
#define RTMRS "sys/kernel/config/tsm/rtmrs"
#define PATH  128

/* --- the kernel's ways, in the order of preference; an errno, ENOENT and its like: not this one --- */

/* Linux 6.16: a write of the digest extends. */
static int by_sysfs(const struct guest_calls *c, unsigned rtmr, struct bytes digest)
{
	char path[PATH];

	snprintf(path, sizeof(path), SYSFS, rtmr);
	return c->write(c->ctx, path, digest);
}

/* Patches between 5.19 and 6.16: a folder a register, which its index makes. */
static int by_configfs(const struct guest_calls *c, unsigned rtmr, struct bytes digest)
{
	char path[PATH], index[2] = { (char)('0' + rtmr), 0 };
	int  no;

	snprintf(path, sizeof(path), RTMRS "/rtmr%u", rtmr);
	no = c->make(c->ctx, path);
	if (no != 0 && no != EEXIST)
		return no;
	if (no == 0) {
		snprintf(path, sizeof(path), RTMRS "/rtmr%u/index", rtmr);
		no = c->write(c->ctx, path, bytes_text(index));
		if (no != 0)
			return no;
	}
	snprintf(path, sizeof(path), RTMRS "/rtmr%u/digest", rtmr);
	return c->write(c->ctx, path, digest);
}

static const struct {
	const char *name;
	int (*extend)(const struct guest_calls *c, unsigned rtmr, struct bytes digest);
} ways[] = {
	{ "/sys/class/misc/tdx_guest/measurements", by_sysfs },
	{ "/" RTMRS, by_configfs },
};

static enum assay_code extend(
	const struct guest_calls *c, const struct rtmr_event *ev, struct assay_err *e)
{
	CLEANUP(tdx_guest_done) struct tdx_guest g = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		int no = ways[i].extend(c, ev->rtmr, BYTES_OF(ev->digest));

		if (no == 0)
			return ASSAY_OK;
		if (!guest_absent(no) && no != EPERM)
			return err_set(e, ASSAY_TD_EXTEND, "%s: RTMR%u: %s", ways[i].name,
				ev->rtmr, strerror(no));
	}
	TRY(tdx_guest_open(c, &g, e));
	return tdx_guest_extend(&g, ev->rtmr, ev->digest, e);
}

/* --- the log --- */

static enum assay_code unkept(const char *what, struct assay_err *e)
{
	return err_set(e, ASSAY_HOST_LOG, "/" RTMR_LOG ": %s: %s", what, strerror(errno));
}

static int make_folder(int root, const char *path, mode_t mode)
{
	return mkdirat(root, path, mode) == 0 || errno == EEXIST ? 0 : -1;
}

static enum assay_code open_log(int root, int *fd, struct assay_err *e)
{
	if (make_folder(root, "run", 0755) != 0 || make_folder(root, "run/assay", 0700) != 0)
		return unkept("its folder", e);
	*fd = openat(root, RTMR_LOG,
		O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	if (*fd < 0)
		return unkept("open", e);
	return flock(*fd, LOCK_EX) == 0 ? ASSAY_OK : unkept("lock", e);
}

static enum assay_code read_log(int fd, struct buf *out, struct assay_err *e)
{
	struct stat st;
	uint8_t    *room;
	ssize_t     n;

	if (fstat(fd, &st) != 0)
		return unkept("size", e);
	if (!S_ISREG(st.st_mode) || st.st_size > BOOT_LOG_SIZE)
		return err_set(e, ASSAY_HOST_LOG, "/" RTMR_LOG " is no log");
	if (st.st_size == 0)
		return ASSAY_OK;
	room = buf_room(out, (size_t)st.st_size);
	if (room == NULL)
		return err_no_memory(e);
	n = pread(fd, room, (size_t)st.st_size, 0);
	return n == st.st_size ? ASSAY_OK : unkept("read", e);
}

static enum assay_code check_log(const struct buf *log, struct bytes once, struct assay_err *e)
{
	CLEANUP(boot_log_done) struct boot_log before = { 0 };

	if (boot_log_parse(buf_bytes(log), &before, e) != ASSAY_OK)
		return err_wrap(e, "/" RTMR_LOG);
	for (size_t i = 0; once.n > 0 && i < before.events; i++)
		if (bytes_begin(before.event[i].content, once))
			return err_set(e, ASSAY_TD_EXTEND,
				"RTMR%u was extended with this event already since the boot",
				before.event[i].rtmr);
	return before.events < BOOT_LOG_EVENTS
		? ASSAY_OK
		: err_set(e, ASSAY_HOST_LOG, "/" RTMR_LOG " is full");
}

static enum assay_code keep(
	int fd, const struct rtmr_event *ev, const struct buf *before, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf line = { 0 };
	struct boot_event            one  = { .rtmr = ev->rtmr, .content = ev->content };

	memcpy(one.digest, ev->digest, sizeof(one.digest));
	TRY(boot_log_write(&one, &line, e));
	if (write(fd, line.p, line.n) == (ssize_t)line.n)
		return ASSAY_OK;
	unkept("write", e);
	if (ftruncate(fd, (off_t)before->n) != 0)
		return err_wrap(e, "a part of a line stays");
	return e->code;
}

enum assay_code rtmr_extend(const struct guest_calls *calls, int root,
	const struct rtmr_event *event, struct assay_err *e)
{
	CLEANUP(fd_drop) int         fd  = -1;
	CLEANUP(buf_done) struct buf log = { 0 };

	TRY(open_log(root, &fd, e));
	TRY(read_log(fd, &log, e));
	TRY(check_log(&log, event->once, e));
	TRY(keep(fd, event, &log, e));
	if (extend(calls, event, e) == ASSAY_OK)
		return ASSAY_OK;
	if (ftruncate(fd, (off_t)log.n) != 0)
		return err_wrap(e, "/" RTMR_LOG " has a line too many, and");
	return e->code;
}

enum assay_code rtmr_log(int root, struct buf *out, struct assay_err *e)
{
	CLEANUP(fd_drop)
	int fd = openat(root, RTMR_LOG, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && guest_absent(errno))
		return ASSAY_OK;
	if (fd < 0)
		return unkept("open", e);
	if (flock(fd, LOCK_SH) != 0)
		return unkept("lock", e);
	return read_log(fd, out, e);
}
