/* SPDX-License-Identifier: Apache-2.0
 *
 * configfs-tsm, /dev/tdx_guest and the measurement registers as a program meets them (spec/tdx.md 1.2, 1.3, 1.6): the
 * real system calls on the mounted tree, errno by errno. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/sha.h>

#include "serve.h"

#define GET_REPORT0 0xc4405401UL
#define REQUEST     (TDX_REPORTDATA + TDX_REPORT)
#define QUOTE_MOST  (256 * 1024)
#define V4_DATA     568 /* REPORTDATA in a quote (2.3) */
#define V5_DATA     574

enum op { MKDIR, RMDIR, UNLINK, CREATE, RENAME, SYMLINK, MODE, OPEN, READ, WRITE, APPEND };

/* One system call; what comes of it is 0 or its errno. */
struct row {
	const char *name;
	enum op     op;
	const char *path;
	unsigned    n; /* MODE: st_mode; OPEN: flags; WRITE: bytes */
	int         code;
	const char *text; /* READ: the whole; RENAME, SYMLINK: the other name */
};

static int try_read(const char *path, struct buf *out)
{
	uint8_t chunk[4096];
	ssize_t n;
	int     fd = open(path, O_RDONLY | O_CLOEXEC), code = 0;

	if (fd < 0)
		return errno;
	while ((n = read(fd, chunk, sizeof(chunk))) > 0 && out->n < QUOTE_MOST)
		buf_put(out, chunk, (size_t)n);
	if (n < 0)
		code = errno;
	close(fd);
	return code;
}

static int try_write(const char *path, struct bytes b, off_t offset)
{
	int     fd = open(path, O_WRONLY | O_CLOEXEC), code = 0;
	ssize_t n;

	if (fd < 0)
		return errno;
	n = pwrite(fd, b.p, b.n, offset);
	if (n < 0)
		code = errno;
	else
		assert_int_equal(n, b.n);
	close(fd);
	return code;
}

static int try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int try_mode(const char *path, unsigned mode)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno;
	assert_int_equal(st.st_mode, mode);
	return 0;
}

static int try_text(const char *path, const char *text)
{
	CLEANUP(buf_done) struct buf got  = { 0 };
	int                          code = try_read(path, &got);

	if (code == 0 && text != NULL)
		assert_string_equal(buf_cstr(&got), text);
	return code;
}

static int try_row(const struct serve *s, const struct row *r)
{
	static const uint8_t zeros[128];
	const char          *path  = serve_path(s, r->path);
	const char          *other = r->text == NULL ? NULL : serve_path(s, r->text);

	switch (r->op) {
	case MKDIR:
		return mkdir(path, 0755) == 0 ? 0 : errno;
	case RMDIR:
		return rmdir(path) == 0 ? 0 : errno;
	case UNLINK:
		return unlink(path) == 0 ? 0 : errno;
	case CREATE:
		return try_open(path, O_WRONLY | O_CREAT | O_EXCL);
	case RENAME:
		return rename(path, other) == 0 ? 0 : errno;
	case SYMLINK:
		return symlink(other, path) == 0 ? 0 : errno;
	case MODE:
		return try_mode(path, r->n);
	case OPEN:
		return try_open(path, (int)r->n);
	case READ:
		return try_text(path, r->text);
	case WRITE:
		return try_write(path, (struct bytes){ zeros, r->n }, 0);
	default:
		return try_write(path, (struct bytes){ zeros, r->n }, 1);
	}
}

#define CONFIG "sys/kernel/config"
#define A      SERVE_ENTRY "a"
#define B      SERVE_ENTRY "b"
#define LONG   "0123456789012345678901234567890123456789012345678901234567890123"

/* In this order, on one tree. */
static const struct row story[] = {
	{ "configfs", MODE, CONFIG, S_IFDIR | 0755 },
	{ "tsm", MODE, CONFIG "/tsm", S_IFDIR | 0755 },
	{ "report", MODE, CONFIG "/tsm/report", S_IFDIR | 0755 },
	{ "nothing else", MODE, CONFIG "/other", 0, ENOENT },
	{ "a subsystem of one's own", MKDIR, CONFIG "/mine", 0, EPERM },
	{ "beside report", MKDIR, CONFIG "/tsm/mine", 0, EPERM },
	{ "rmdir of report", RMDIR, CONFIG "/tsm/report", 0, EPERM },
	{ "rmdir of tsm", RMDIR, CONFIG "/tsm", 0, EPERM },
	{ "a file in report", CREATE, A, 0, EACCES },
	{ "a link in report", SYMLINK, A, 0, EPERM, "dev" },
	{ "no entry yet", RMDIR, A, 0, ENOENT },
	{ "an entry", MKDIR, A },
	{ "twice", MKDIR, A, 0, EEXIST },
	{ "another", MKDIR, B },
	{ "a name of 63", MKDIR,
		SERVE_ENTRY "123456789012345678901234567890123456789012345678901234567890123" },
	{ "a name of 64", MKDIR, SERVE_ENTRY LONG, 0, ENAMETOOLONG },
	{ "its folder", MODE, A, S_IFDIR | 0755 },
	{ "inblob", MODE, A "/inblob", S_IFREG | 0200 },
	{ "outblob", MODE, A "/outblob", S_IFREG | 0444 },
	{ "provider", MODE, A "/provider", S_IFREG | 0444 },
	{ "generation", MODE, A "/generation", S_IFREG | 0444 },
	{ "no privlevel", MODE, A "/privlevel", 0, ENOENT },
	{ "no auxblob", MODE, A "/auxblob", 0, ENOENT },
	{ "no manifestblob", MODE, A "/manifestblob", 0, ENOENT },
	{ "an entry in an entry", MKDIR, A "/c", 0, EPERM },
	{ "a file in an entry", CREATE, A "/c", 0, EACCES },
	{ "an attribute is not unlinked", UNLINK, A "/inblob", 0, EPERM },
	{ "nor removed", RMDIR, A "/inblob", 0, ENOTDIR },
	{ "nor renamed", RENAME, A "/inblob", 0, EPERM, A "/other" },
	{ "an entry is not renamed", RENAME, A, 0, EPERM, SERVE_ENTRY "z" },
	{ "the provider", READ, A "/provider", 0, 0, "tdx_guest\n" },
	{ "never written", READ, A "/generation", 0, 0, "0\n" },
	{ "no quote without a question", READ, A "/outblob", 0, EINVAL },
	{ "inblob cannot be read", OPEN, A "/inblob", O_RDONLY, EACCES },
	{ "nor both", OPEN, A "/inblob", O_RDWR, EACCES },
	{ "outblob cannot be written", OPEN, A "/outblob", O_WRONLY, EACCES },
	{ "nor generation", OPEN, A "/generation", O_WRONLY, EACCES },
	{ "65 bytes", WRITE, A "/inblob", 65, EFBIG },
	{ "64 from the second on", APPEND, A "/inblob", 64, EFBIG },
	{ "these do not count", READ, A "/generation", 0, 0, "0\n" },
	{ "64 bytes", WRITE, A "/inblob", 64 },
	{ "that counts", READ, A "/generation", 0, 0, "1\n" },
	{ "truncated as a shell does", OPEN, A "/inblob", O_WRONLY | O_TRUNC },
	{ "that does not", READ, A "/generation", 0, 0, "1\n" },
	{ "a quote", READ, A "/outblob" },
	{ "the same again", WRITE, A "/inblob", 64 },
	{ "that counts, too", READ, A "/generation", 0, 0, "2\n" },
	{ "not for the other", READ, B "/generation", 0, 0, "0\n" },
	{ "the other has none", READ, B "/outblob", 0, EINVAL },
	{ "gone", RMDIR, A },
	{ "its files, too", MODE, A "/inblob", 0, ENOENT },
	{ "a new one of that name", MKDIR, A },
	{ "starts anew", READ, A "/generation", 0, 0, "0\n" },
	{ "and knows nothing", READ, A "/outblob", 0, EINVAL },
	{ "63 bytes are taken", WRITE, A "/inblob", 63 },
	{ "and count", READ, A "/generation", 0, 0, "1\n" },
	{ "but make no quote", READ, A "/outblob", 0, EINVAL },
	{ "64 do", WRITE, A "/inblob", 64 },
	{ "again", READ, A "/generation", 0, 0, "2\n" },
	{ "a quote", READ, A "/outblob" },
	{ "63 in their place", WRITE, A "/inblob", 63 },
	{ "make none", READ, A "/outblob", 0, EINVAL },
	{ "the device", MODE, SERVE_GUEST, S_IFREG | 0600 },
	{ "is not read", READ, SERVE_GUEST, 0, EINVAL },
	{ "nor written", WRITE, SERVE_GUEST, 64, EINVAL },
	{ "opens for both", OPEN, SERVE_GUEST, O_RDWR | O_SYNC },
	{ "and truncated", OPEN, SERVE_GUEST, O_WRONLY | O_TRUNC },
	{ "mrtd", MODE, SERVE_SYSFS "mrtd:sha384", S_IFREG | 0444 },
	{ "mrconfigid", MODE, SERVE_SYSFS "mrconfigid", S_IFREG | 0444 },
	{ "mrowner", MODE, SERVE_SYSFS "mrowner", S_IFREG | 0444 },
	{ "mrownerconfig", MODE, SERVE_SYSFS "mrownerconfig", S_IFREG | 0444 },
	{ "rtmr2", MODE, SERVE_SYSFS "rtmr2:sha384", S_IFREG | 0644 },
	{ "no rtmr4", MODE, SERVE_SYSFS "rtmr4:sha384", 0, ENOENT },
	{ "mrtd stays", WRITE, SERVE_SYSFS "mrtd:sha384", 48, EACCES },
	{ "rtmr0 is the firmware's", WRITE, SERVE_SYSFS "rtmr0:sha384", 48, EACCES },
	{ "rtmr1 is the kernel's", WRITE, SERVE_SYSFS "rtmr1:sha384", 48, EACCES },
	{ "47 bytes", WRITE, SERVE_SYSFS "rtmr3:sha384", 47, EINVAL },
	{ "49 bytes", WRITE, SERVE_SYSFS "rtmr3:sha384", 49, EINVAL },
	{ "48 bytes at 1", APPEND, SERVE_SYSFS "rtmr3:sha384", 48, EINVAL },
	{ "48 bytes", WRITE, SERVE_SYSFS "rtmr3:sha384", 48 },
	{ "no register of one's own", CREATE, SERVE_SYSFS "rtmr5:sha384", 0, EACCES },
	{ "none away", UNLINK, SERVE_SYSFS "mrowner", 0, EPERM },
};

static void system_calls(void **state)
{
	struct serve s;

	(void)state;
	serve_tsm(&s, NULL, 4);
	for (size_t i = 0; i < ARRAY_LEN(story); i++) {
		print_message("%s\n", story[i].name);
		assert_int_equal(try_row(&s, &story[i]), story[i].code);
	}
	serve_close(&s);
}

static void ask(const struct serve *s, const char *entry, uint8_t with)
{
	uint8_t data[TDX_REPORTDATA];
	char    path[128];

	memset(data, with, sizeof(data));
	snprintf(path, sizeof(path), SERVE_ENTRY "%s/inblob", entry);
	assert_int_equal(try_write(serve_path(s, path), BYTES_OF(data), 0), 0);
}

static void check_quote(struct bytes quote, unsigned version, uint8_t with)
{
	const size_t at = version == 4 ? V4_DATA : V5_DATA;

	assert_true(quote.n > at + TDX_REPORTDATA);
	assert_int_equal(quote.p[0], version);
	for (size_t i = 0; i < TDX_REPORTDATA; i++)
		assert_int_equal(quote.p[at + i], with);
}

/* The flow of 1.3, for both versions and two entries at a time. */
static void quotes(void **state)
{
	(void)state;
	for (unsigned version = 4; version <= 5; version++) {
		CLEANUP(buf_done) struct buf a = { 0 }, b = { 0 }, again = { 0 };
		struct serve                 s;

		print_message("version %u\n", version);
		serve_tsm(&s, NULL, version);
		assert_int_equal(mkdir(serve_path(&s, A), 0755), 0);
		assert_int_equal(mkdir(serve_path(&s, B), 0755), 0);
		ask(&s, "a", 0xa1);
		ask(&s, "b", 0xb2);
		assert_int_equal(try_read(serve_path(&s, A "/outblob"), &a), 0);
		assert_int_equal(try_read(serve_path(&s, B "/outblob"), &b), 0);
		assert_int_equal(try_read(serve_path(&s, A "/outblob"), &again), 0);
		check_quote(buf_bytes(&a), version, 0xa1);
		check_quote(buf_bytes(&b), version, 0xb2);
		assert_true(bytes_equal(buf_bytes(&a), buf_bytes(&again)));
		serve_close(&s);
	}
}

/* Piece by piece, as printf of some shells writes; nothing of it counts before the close, and all of it once. */
static void pieces(void **state)
{
	CLEANUP(buf_done) struct buf quote = { 0 };
	uint8_t                      data[TDX_REPORTDATA];
	struct serve                 s;
	int                          fd, other;

	(void)state;
	memset(data, 0x5a, sizeof(data));
	serve_tsm(&s, NULL, 4);
	assert_int_equal(mkdir(serve_path(&s, A), 0755), 0);
	fd = open(serve_path(&s, A "/inblob"), O_WRONLY);
	for (size_t at = 0; at < sizeof(data); at += 16)
		assert_int_equal(write(fd, data + at, 16), 16);
	assert_int_equal(write(fd, data, 1), -1);
	assert_int_equal(errno, EFBIG);
	assert_int_equal(try_text(serve_path(&s, A "/generation"), "0\n"), 0);
	assert_int_equal(try_read(serve_path(&s, A "/outblob"), &quote), EINVAL);
	other = dup(fd);
	assert_int_equal(close(fd), 0);
	assert_int_equal(close(other), 0);
	assert_int_equal(try_text(serve_path(&s, A "/generation"), "1\n"), 0);
	assert_int_equal(try_read(serve_path(&s, A "/outblob"), &quote), 0);
	check_quote(buf_bytes(&quote), 4, 0x5a);

	/* the entry goes before the close: nobody is told, and nothing is left of it in the next one */
	fd = open(serve_path(&s, A "/inblob"), O_WRONLY);
	assert_int_equal(write(fd, data, sizeof(data)), sizeof(data));
	assert_int_equal(rmdir(serve_path(&s, A)), 0);
	assert_int_equal(mkdir(serve_path(&s, A), 0755), 0);
	assert_int_equal(write(fd, data, sizeof(data)), -1);
	assert_int_equal(close(fd), 0);
	assert_int_equal(try_text(serve_path(&s, A "/generation"), "0\n"), 0);
	serve_close(&s);
}

/* A file that is open goes on as it began, whatever happens to its entry. */
static void open_files(void **state)
{
	CLEANUP(buf_done) struct buf first = { 0 }, later = { 0 };
	uint8_t                      part[1000];
	struct serve                 s;
	char                         text[8] = { 0 };
	ssize_t                      n;
	int                          quote, generation, late;

	(void)state;
	serve_tsm(&s, NULL, 4);
	assert_int_equal(mkdir(serve_path(&s, A), 0755), 0);
	ask(&s, "a", 1);
	assert_int_equal(try_read(serve_path(&s, A "/outblob"), &first), 0);
	quote      = open(serve_path(&s, A "/outblob"), O_RDONLY);
	generation = open(serve_path(&s, A "/generation"), O_RDONLY);
	late       = open(serve_path(&s, A "/outblob"), O_RDONLY);
	assert_int_equal(read(generation, text, sizeof(text)), 2);
	for (off_t at = 0; (n = pread(quote, part, sizeof(part), at)) > 0; at += n) {
		buf_put(&later, part, (size_t)n);
		ask(&s, "a", 2);
	}
	assert_int_equal(n, 0);
	assert_true(bytes_equal(buf_bytes(&first), buf_bytes(&later)));
	assert_int_equal(pread(quote, part, sizeof(part), 1 << 20), 0);
	assert_int_equal(pread(generation, text, sizeof(text), 0), 2);
	assert_string_equal(text, "1\n");

	/* its entry goes, and another comes: an open file is never the new one's */
	assert_int_equal(rmdir(serve_path(&s, A)), 0);
	assert_int_equal(mkdir(serve_path(&s, A), 0755), 0);
	ask(&s, "a", 3);
	assert_int_equal(pread(quote, part, 4, 0), 4);
	assert_int_equal(pread(late, part, 4, 0), -1);
	assert_int_equal(errno, ENOENT);
	close(quote);
	close(generation);
	close(late);
	serve_close(&s);
}

static void limits(void **state)
{
	struct serve s;
	unsigned     made = 0;
	char         name[64];

	(void)state;
	serve_tsm(&s, NULL, 4);
	for (;; made++) {
		snprintf(name, sizeof(name), SERVE_ENTRY "%u", made);
		if (mkdir(serve_path(&s, name), 0755) != 0)
			break;
		assert_true(made < 1000);
	}
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(made, 64);
	assert_int_equal(rmdir(serve_path(&s, SERVE_ENTRY "7")), 0);
	assert_int_equal(mkdir(serve_path(&s, SERVE_ENTRY "more"), 0755), 0);
	serve_close(&s);
}

static const struct {
	const char   *name;
	unsigned long command;
	int           code;
} commands[] = {
	{ "GET_REPORT0", GET_REPORT0, 0 },
	{ "another number", 0xc4405402UL, ENOTTY },
	{ "VERIFY_REPORT", 0xc1085402UL, ENOTTY },
	{ "EXTEND_RTMR of Anolis", 0x80315403UL, ENOTTY },
	{ "EXTEND_RTMR", 0x40315403UL, ENOTTY },
	{ "GET_QUOTE of Anolis", 0x80105404UL, ENOTTY },
	{ "GET_QUOTE", 0xc0105404UL, ENOTTY },
	{ "GET_QUOTE of go-tdx-guest", 0xc0105402UL, ENOTTY },
	{ "TCGETS", 0x5401UL, ENOTTY },
};

static void ioctls(void **state)
{
	static const uint8_t head[] = { 0x81, 0, 0, 0 };
	struct serve         s;
	int                  fd;

	(void)state;
	serve_tsm(&s, NULL, 4);
	fd = open(serve_path(&s, SERVE_GUEST), O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		uint8_t data[REQUEST] = { 0 };

		print_message("%s\n", commands[i].name);
		memset(data, 0x5a, TDX_REPORTDATA);
		errno = 0;
		assert_int_equal(
			ioctl(fd, commands[i].command, data), commands[i].code == 0 ? 0 : -1);
		assert_int_equal(errno, commands[i].code);
		assert_memory_equal(data, data + 1, TDX_REPORTDATA - 1);
		if (commands[i].code != 0)
			continue;
		assert_memory_equal(data + TDX_REPORTDATA, head, sizeof(head));
		assert_memory_equal(data + TDX_REPORTDATA + 128, data, TDX_REPORTDATA);
	}
	close(fd);
	serve_close(&s);
}

/* SHA-384(old, digest), in the file and in the next quote. */
static void registers(void **state)
{
	CLEANUP(buf_done) struct buf old = { 0 }, now = { 0 }, quote = { 0 };
	uint8_t                      in[2 * TDX_REGISTER], want[TDX_REGISTER];
	struct serve                 s;

	(void)state;
	serve_tsm(&s, NULL, 4);
	assert_int_equal(try_read(serve_path(&s, SERVE_SYSFS "rtmr2:sha384"), &old), 0);
	assert_int_equal(old.n, TDX_REGISTER);
	memcpy(in, old.p, TDX_REGISTER);
	memset(in + TDX_REGISTER, 0x77, TDX_REGISTER);
	SHA384(in, sizeof(in), want);
	assert_int_equal(try_write(serve_path(&s, SERVE_SYSFS "rtmr2:sha384"),
				 (struct bytes){ in + TDX_REGISTER, TDX_REGISTER }, 0),
		0);
	assert_int_equal(try_read(serve_path(&s, SERVE_SYSFS "rtmr2:sha384"), &now), 0);
	assert_int_equal(now.n, TDX_REGISTER);
	assert_memory_equal(now.p, want, TDX_REGISTER);

	assert_int_equal(mkdir(serve_path(&s, A), 0755), 0);
	ask(&s, "a", 9);
	assert_int_equal(try_read(serve_path(&s, A "/outblob"), &quote), 0);
	assert_true(quote.n > 520);
	assert_memory_equal(quote.p + 472, want, TDX_REGISTER);
	serve_close(&s);
}

static const struct {
	const char *fault;
	int         code;  /* -1: no answer at all, so it is not waited for long */
	int         first; /* byte of the quote; -1: it is empty */
} faults[] = {
	{ NULL, 0, 4 },
	{ "tsm-busy", EBUSY, 0 },
	{ "tsm-timeout", ETIMEDOUT, 0 },
	{ "tsm-hang", -1, 0 },
	{ "tsm-garbage", 0, 0xaa },
	{ "tsm-empty", 0, -1 },
};

/* In a child, which is killed when it waits for longer: errno of the read, or -1. */
static int read_in_time(const char *path, int ms, struct buf *out)
{
	int           way[2], status;
	pid_t         child;
	struct pollfd w;

	assert_int_equal(pipe(way), 0);
	child = fork();
	if (child == 0) {
		int code = try_read(path, out);

		_exit(write(way[1], out->p, out->n) < 0 ? 255 : code);
	}
	close(way[1]);
	w = (struct pollfd){ .fd = way[0], .events = POLLIN };
	if (poll(&w, 1, ms) == 0)
		kill(child, SIGKILL);
	for (uint8_t b; read(way[0], &b, 1) == 1;)
		buf_byte(out, b);
	close(way[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void fault_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		CLEANUP(buf_done) struct buf got = { 0 };
		struct serve                 s;

		print_message("%s\n", faults[i].fault == NULL ? "none" : faults[i].fault);
		serve_tsm(&s, faults[i].fault, 4);
		assert_int_equal(mkdir(serve_path(&s, A), 0755), 0);
		ask(&s, "a", 1);
		assert_int_equal(read_in_time(serve_path(&s, A "/outblob"),
					 faults[i].code < 0 ? 700 : TEST_PATIENCE_MS, &got),
			faults[i].code);
		if (faults[i].code == 0 && faults[i].first >= 0) {
			assert_true(got.n > 0);
			assert_int_equal(got.p[0], faults[i].first);
		} else {
			assert_int_equal(got.n, 0);
		}
		/* it goes on, whatever happened */
		assert_int_equal(try_text(serve_path(&s, A "/generation"), "1\n"), 0);
		serve_close(&s);
	}
}

/* Closed while somebody still waits for an answer: they get an error, and nothing stays. */
static void closed_while_hanging(void **state)
{
	struct serve s;
	pid_t        child;
	int          status;

	(void)state;
	serve_tsm(&s, "tsm-hang", 4);
	assert_int_equal(mkdir(serve_path(&s, A), 0755), 0);
	ask(&s, "a", 1);
	child = fork();
	if (child == 0) {
		CLEANUP(buf_done) struct buf got = { 0 };

		close(s.stop); /* the parent's alone */
		_exit(try_read(serve_path(&s, A "/outblob"), &got));
	}
	usleep(200 * 1000);
	assert_int_equal(waitpid(child, &status, WNOHANG), 0);
	serve_close(&s);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(system_calls),
		cmocka_unit_test(quotes),
		cmocka_unit_test(pieces),
		cmocka_unit_test(open_files),
		cmocka_unit_test(limits),
		cmocka_unit_test(ioctls),
		cmocka_unit_test(registers),
		cmocka_unit_test(fault_cases),
		cmocka_unit_test(closed_while_hanging),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
