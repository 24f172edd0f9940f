/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

#define CHUNK 16384 /* tdx 1.3 */

/* configfs-tsm and tdx_guest as Linux has them (tdx 1.2, 1.3). */
static const struct {
	int             no;
	enum assay_code code;
	const char     *words;
} refusals[] = {
	{ EBUSY, ASSAY_QUOTE_BUSY, "an earlier request is still in flight" },
	{ EAGAIN, ASSAY_QUOTE_BUSY, "another program interfered" },
	{ ETIMEDOUT, ASSAY_QUOTE_TIMEOUT, "the host did not answer within the kernel's limit" },
	{ EINTR, ASSAY_QUOTE_TIMEOUT, "the wait for the host was interrupted" },
	{ EIO, ASSAY_QUOTE_SERVICE, "the host or the TDX module refuses" },
	{ EINVAL, ASSAY_QUOTE_SERVICE, "the driver does not take the request" },
	{ EFBIG, ASSAY_QUOTE_REPLY, "larger than any quote" },
	{ EACCES, ASSAY_DEVICE_PERMISSION, "run as root" },
	{ EPERM, ASSAY_DEVICE_PERMISSION, "run as root" },
	{ EROFS, ASSAY_DEVICE_PERMISSION, "it is mounted read-only" },
};

enum assay_code guest_refused(int no, const char *what, struct assay_err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		if (refusals[i].no == no)
			return err_set(e, refusals[i].code, "%s: %s: %s", what, strerror(no),
				refusals[i].words);
	return err_set(e, ASSAY_DEVICE_ERROR, "%s: %s", what, strerror(no));
}

/* ENXIO: configfs-tsm without a provider; ENOTTY: a driver that does not know the command. */
bool guest_absent(int no)
{
	return no == ENOENT || no == ENOTDIR || no == ENODEV || no == ENXIO || no == ENOTTY;
}

static int root_of(void *ctx)
{
	return *(const int *)ctx;
}

static int real_make(void *ctx, const char *path)
{
	return mkdirat(root_of(ctx), path, 0700) == 0 ? 0 : errno;
}

static int real_remove(void *ctx, const char *path)
{
	return unlinkat(root_of(ctx), path, AT_REMOVEDIR) == 0 ? 0 : errno;
}

static int read_all(int fd, size_t limit, struct buf *out)
{
	const size_t before = out->n;

	for (;;) {
		uint8_t chunk[CHUNK];
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n < 0)
			return errno;
		if (n == 0)
			return out->failed ? ENOMEM : 0;
		if (out->n - before + (size_t)n > limit)
			return EFBIG;
		buf_put(out, chunk, (size_t)n);
		if (out->failed)
			return ENOMEM;
	}
}

static int real_read(void *ctx, const char *path, size_t limit, struct buf *out)
{
	int fd = openat(root_of(ctx), path, O_RDONLY | O_CLOEXEC | O_NOCTTY), no;

	if (fd < 0)
		return errno;
	no = read_all(fd, limit, out);
	close(fd);
	return no;
}

static int real_write(void *ctx, const char *path, struct bytes in)
{
	int     fd = openat(root_of(ctx), path, O_WRONLY | O_CLOEXEC | O_NOCTTY), no = 0;
	ssize_t n;

	if (fd < 0)
		return errno;
	n = write(fd, in.p, in.n);
	if (n < 0)
		no = errno;
	else if ((size_t)n != in.n)
		no = EIO;
	close(fd);
	return no;
}

static int real_open(void *ctx, const char *path, int *fd)
{
	int got = openat(root_of(ctx), path, O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (got < 0)
		return errno;
	*fd = got;
	return 0;
}

static int real_ioctl(void *ctx, int fd, unsigned long command, void *arg)
{
	(void)ctx;
	return ioctl(fd, command, arg) >= 0 ? 0 : errno;
}

static void real_close(void *ctx, int fd)
{
	(void)ctx;
	close(fd);
}

static int64_t real_now(void *ctx)
{
	(void)ctx;
	return clock_ms();
}

static void real_wait(void *ctx, int ms)
{
	(void)ctx;
	poll(NULL, 0, ms);
}

struct guest_calls guest_calls(const int *root)
{
	return (struct guest_calls){
		.ctx    = (void *)(uintptr_t)root,
		.make   = real_make,
		.remove = real_remove,
		.read   = real_read,
		.write  = real_write,
		.open   = real_open,
		.ioctl  = real_ioctl,
		.close  = real_close,
		.now    = real_now,
		.wait   = real_wait,
	};
}
