/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/door.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "door/socket.h"

/* Longer than sun_path by itself. */
#define DEEP \
	"a-folder-whose-name-alone-would-fill-a-good-part-of-what-the-address-of-a-socket-has-room-for"

static int open_folder(const struct door *d)
{
	int fd = open(d->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* A copy: the linker knows a library by its inode, and each test program wants one of its own. */
static void copy_library(const struct door *d, const char *name)
{
	CLEANUP(buf_done) struct buf bytes = { 0 };
	char                         path[512];
	FILE                        *f;

	snprintf(path, sizeof(path), "%s/sim/%s", getenv("ASSAY_BUILD"), name);
	test_read(path, &bytes);
	snprintf(path, sizeof(path), "%s/lib/%s", d->folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
	assert_int_equal(fclose(f), 0);
}

void door_open(struct door *d, const char *library)
{
	char path[512];

	*d = (struct door){ 0 };
	strcpy(d->folder, "/tmp/assay-door-XXXXXX");
	assert_non_null(mkdtemp(d->folder));
	strcat(d->folder, "/" DEEP);
	assert_int_equal(mkdir(d->folder, 0700), 0);
	snprintf(path, sizeof(path), "%s/lib", d->folder);
	assert_int_equal(mkdir(path, 0700), 0);
	copy_library(d, library);
	snprintf(path, sizeof(path), "%s/lib/%s", d->folder, library);
	d->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (d->library == NULL)
		fail_msg("%s", dlerror());
	assert_int_equal(unlink(path), 0); /* it is loaded; the folder is found all the same */
}

void door_close(struct door *d)
{
	char path[512];

	door_end(d);
	dlclose(d->library);
	snprintf(path, sizeof(path), "%s/lib", d->folder);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(d->folder), 0);
	*strrchr(d->folder, '/') = '\0';
	assert_int_equal(rmdir(d->folder), 0);
}

void *door_symbol(const struct door *d, const char *name)
{
	void *p = dlsym(d->library, name);

	if (p == NULL)
		fail_msg("%s is not exported", name);
	return p;
}

/* ---- who serves ---- */

static enum assay_code obey(void *ctx, const char *words, struct buf *text, struct assay_err *e)
{
	struct platform *p = ctx;
	unsigned         kind, number, lost;

	(void)text;
	if (sscanf(words, "%u %u %u", &kind, &number, &lost) != 3 || kind > 1 ||
		number >= FORGE_DEVICES)
		return err_set(e, ASSAY_INPUT_OPTION, "which device?");
	p->lost[kind][number] = lost != 0;
	return ASSAY_OK;
}

static void serve(int folder, const struct platform_spec *spec, int ready)
{
	struct platform      *p = NULL;
	struct socket_door   *s = NULL;
	struct socket_control control;
	struct assay_err      e = { 0 };

	if (platform_new(spec, &p, &e) != ASSAY_OK)
		_exit(1);
	control = (struct socket_control){ obey, p };
	if (socket_open(p, folder, &control, &s, &e) != ASSAY_OK || write(ready, "", 1) != 1)
		_exit(1);
	for (;;) {
		struct pollfd want = { .fd = socket_fd(s), .events = POLLIN };

		poll(&want, 1, -1);
		socket_run(s);
	}
}

static void serve_bytes(int folder, struct bytes answer, int ready)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int                fd = socket(AF_UNIX, SOCK_STREAM, 0), peer;

	snprintf(at.sun_path, sizeof(at.sun_path), "/proc/self/fd/%d/" WIRE_SOCKET, folder);
	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 8) != 0 ||
		write(ready, "", 1) != 1)
		_exit(1);
	while ((peer = accept(fd, NULL, NULL)) >= 0) {
		uint8_t request[512];

		if (recv(peer, request, sizeof(request), 0) > 0)
			send(peer, answer.p, answer.n, MSG_NOSIGNAL);
		shutdown(peer, SHUT_WR);
		while (recv(peer, request, sizeof(request), 0) > 0)
			; /* unread bytes would make of the end a reset */
		close(peer);
	}
	_exit(1);
}

/* In the child: 0. In the test, when the child is ready: its number. */
static pid_t start(const struct door *d, int *folder, int *ready)
{
	int   ends[2];
	char  byte;
	pid_t pid;

	*folder = open_folder(d);
	assert_int_equal(pipe(ends), 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody behind */
		*ready = ends[1];
		return 0;
	}
	close(ends[1]);
	close(*folder);
	if (read(ends[0], &byte, 1) != 1)
		fail_msg("nobody serves");
	close(ends[0]);
	return pid;
}

void door_serve_as(struct door *d, const struct platform_spec *spec)
{
	int folder, ready;

	door_end(d);
	d->pid = start(d, &folder, &ready);
	if (d->pid == 0)
		serve(folder, spec, ready);
}

void door_serve(struct door *d, enum platform_profile profile, const char *fault)
{
	struct platform_spec spec;

	platform_spec_default(profile, &spec);
	spec.at  = FORGE_AT;
	spec.tdx = false;
	if (fault != NULL) {
		spec.fault[spec.faults++] = sim_fault_named(fault);
		assert_non_null(spec.fault[0]);
	}
	door_serve_as(d, &spec);
}

void door_serve_bytes(struct door *d, struct bytes answer)
{
	int folder, ready;

	door_end(d);
	d->pid = start(d, &folder, &ready);
	if (d->pid == 0)
		serve_bytes(folder, answer, ready);
}

void door_end(struct door *d)
{
	char path[512];

	if (d->pid == 0)
		return;
	assert_int_equal(kill(d->pid, SIGKILL), 0);
	assert_int_equal(waitpid(d->pid, NULL, 0), d->pid);
	d->pid = 0;
	snprintf(path, sizeof(path), "%s/" WIRE_SOCKET, d->folder);
	assert_int_equal(unlink(path), 0);
}

void door_lose(struct door *d, enum forge_kind kind, unsigned number, bool lost)
{
	CLEANUP(buf_done) struct buf answer = { 0 };
	struct assay_err             e      = { 0 };
	int                          folder = open_folder(d), fd = socket_connect(folder);
	int32_t                      rc = -1;
	char                         words[32];

	assert_true(fd >= 0);
	snprintf(words, sizeof(words), "%u %u %u", (unsigned)kind, number, (unsigned)lost);
	test_must(socket_ask(fd, WIRE_CONTROL, words, &answer, &rc, &e), &e);
	assert_int_equal(rc, 0);
	close(fd);
	close(folder);
}

bool door_child(bool (*call)(void *ctx), void *ctx, int *killed_by)
{
	int   status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		signal(SIGSEGV,
			SIG_DFL); /* the test library's handlers are for its own mistakes */
		signal(SIGALRM, SIG_DFL);
		alarm(TEST_PATIENCE_MS / 1000);
		_exit(call(ctx) ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (killed_by != NULL)
		*killed_by = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
