/* SPDX-License-Identifier: Apache-2.0 */
#include "link/link.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LINES 16 /* calls at once; more wait for one to end */

struct line {
	int          fd; /* -1: none */
	struct statx is; /* what fd was, since programs close descriptors that are not theirs */
	bool         busy;
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t  freed;
	char            folder[PATH_MAX]; /* where this library lies; the socket is one up */
	struct line     line[LINES];
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER, .freed = PTHREAD_COND_INITIALIZER };

/* Not fstat() and dladdr(): in libc 2.33 and 2.34 these got new versions, and older programs load this library, too. */
static bool look(int fd, struct statx *out)
{
	return statx(fd, "", AT_EMPTY_PATH, STATX_INO, out) == 0;
}

static bool is_ours(const struct line *l)
{
	struct statx now;

	return l->fd >= 0 && look(l->fd, &now) && now.stx_ino == l->is.stx_ino &&
		now.stx_dev_major == l->is.stx_dev_major &&
		now.stx_dev_minor == l->is.stx_dev_minor;
}

static void hang_up(struct line *l)
{
	if (is_ours(l))
		close(l->fd);
	l->fd = -1;
}

static void before_fork(void)
{
	pthread_mutex_lock(&pool.lock);
}

static void in_parent(void)
{
	pthread_mutex_unlock(&pool.lock);
}

/* The parent's connections are not the child's, and its other threads are not there. */
static void in_child(void)
{
	for (size_t i = 0; i < LINES; i++) {
		hang_up(&pool.line[i]);
		pool.line[i].busy = false;
	}
	pthread_mutex_unlock(&pool.lock);
}

/* Copies the path of the object that holds pool. */
static int find_self(struct dl_phdr_info *object, size_t size, void *ctx)
{
	uintptr_t at   = (uintptr_t)&pool;
	char     *path = ctx;

	(void)size;
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &object->dlpi_phdr[i];
		uintptr_t start     = object->dlpi_addr + h->p_vaddr;

		if (h->p_type != PT_LOAD || at < start || at - start >= h->p_memsz)
			continue;
		if (strlen(object->dlpi_name) < PATH_MAX)
			memcpy(path, object->dlpi_name, strlen(object->dlpi_name) + 1);
		return 1;
	}
	return 0;
}

__attribute__((constructor)) static void load(void)
{
	char  path[PATH_MAX] = "";
	char *slash;

	for (size_t i = 0; i < LINES; i++)
		pool.line[i].fd = -1;
	pthread_atfork(before_fork, in_parent, in_child);
	dl_iterate_phdr(find_self, path);
	if (path[0] == '\0')
		return;
	slash = strrchr(path, '/');
	if (slash == NULL)
		memcpy(path, ".", 2);
	else
		slash[slash == path ? 1 : 0] = '\0';
	if (realpath(path, pool.folder) == NULL)
		pool.folder[0] = '\0';
}

__attribute__((destructor)) static void unload(void)
{
	for (size_t i = 0; i < LINES; i++)
		hang_up(&pool.line[i]);
}

static struct line *take(void)
{
	struct line *l = NULL;

	pthread_mutex_lock(&pool.lock);
	while (l == NULL) {
		for (size_t i = 0; i < LINES && l == NULL; i++)
			if (!pool.line[i].busy)
				l = &pool.line[i];
		if (l == NULL)
			pthread_cond_wait(&pool.freed, &pool.lock);
	}
	l->busy = true;
	pthread_mutex_unlock(&pool.lock);
	return l;
}

static void give(struct line *l)
{
	pthread_mutex_lock(&pool.lock);
	l->busy = false;
	pthread_cond_signal(&pool.freed);
	pthread_mutex_unlock(&pool.lock);
}

/* By the folder's descriptor where the path is too long for a socket's. */
static bool dial_at(int fd, struct sockaddr_un *to)
{
	char path[PATH_MAX + 32];
	int  folder, n;
	bool done;

	n = snprintf(path, sizeof(path), "%s/../" WIRE_SOCKET, pool.folder);
	if (n > 0 && (size_t)n < sizeof(to->sun_path)) {
		memcpy(to->sun_path, path, (size_t)n + 1);
		return connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0;
	}
	folder = open(pool.folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return false;
	snprintf(
		to->sun_path, sizeof(to->sun_path), "/proc/self/fd/%d/../" WIRE_SOCKET, folder);
	done = connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0;
	close(folder);
	return done;
}

/* Between two requests nobody speaks: an end, or bytes that none asked for, are of a platform that has gone. */
static bool is_quiet(const struct line *l)
{
	uint8_t byte;

	return recv(l->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

static bool dial(struct line *l)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int                fd;

	if (is_ours(l) && is_quiet(l))
		return true;
	hang_up(l);
	fd = pool.folder[0] == '\0' ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	if (!dial_at(fd, &to) || !look(fd, &l->is)) {
		close(fd);
		return false;
	}
	l->fd = fd;
	return true;
}

static bool send_all(const struct line *l, const void *data, size_t n)
{
	const uint8_t *p = data;

	while (n > 0) {
		ssize_t sent = send(l->fd, p, n, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

static bool recv_all(const struct line *l, void *out, size_t n)
{
	uint8_t *p = out;

	while (n > 0) {
		ssize_t got = recv(l->fd, p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

static bool ask(const struct line *l, enum wire_door door, const char *name, uint32_t object,
	const void *payload, size_t n)
{
	const size_t   name_n = strlen(name);
	const uint32_t total  = (uint32_t)(WIRE_HEAD + name_n + n);
	uint8_t        head[4 + WIRE_HEAD + WIRE_NAME];

	if (name_n >= WIRE_NAME || n > WIRE_MOST - WIRE_HEAD - WIRE_NAME)
		return false;
	memcpy(head, &total, 4);
	head[4] = (uint8_t)door;
	head[5] = (uint8_t)name_n;
	memcpy(head + 6, &object, 4);
	memcpy(head + 10, name, name_n);
	return send_all(l, head, 10 + name_n) && send_all(l, payload, n);
}

static bool listen_to(const struct line *l, int32_t *rc, void *out, size_t most, size_t *out_n)
{
	uint8_t  head[4 + 4 + 1];
	uint32_t n;

	if (!recv_all(l, head, sizeof(head)))
		return false;
	memcpy(&n, head, 4);
	if (n < 5 || n - 5 > most)
		return false;
	if (head[8] == WIRE_CRASH) {
		raise(SIGSEGV);
		abort(); /* when a handler comes back */
	}
	memcpy(rc, head + 4, 4);
	*out_n = n - 5;
	return recv_all(l, out, n - 5);
}

bool link_ask(enum wire_door door, const char *name, uint32_t object, const void *payload,
	size_t n, int32_t *rc, void *out, size_t most, size_t *out_n)
{
	const int    errno_was = errno;
	struct line *l         = take();
	bool         done;

	done = dial(l) && ask(l, door, name, object, payload, n) &&
		listen_to(l, rc, out, most, out_n);
	if (!done)
		hang_up(l);
	give(l);
	errno = errno_was;
	return done;
}
