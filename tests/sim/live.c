/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/live.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hex.h"
#include "door/socket.h"
#include "forge/forge.h"
#include "format/nscq.h"
#include "format/nvml.h"

#define MUTE_MS 1500 /* for a library or a service that hangs */

enum live_mute live_mute(const char *fault)
{
	if (strstr(fault, "-hang") == NULL)
		return LIVE_NOBODY;
	return strncmp(fault, "nvml-", 5) == 0 || strncmp(fault, "nscq-", 5) == 0
		? LIVE_DEVICES
		: LIVE_SERVICES;
}

const char *live_path(const struct live *l, const char *name, char out[256])
{
	snprintf(out, 256, "%s/%s", l->state, name);
	return out;
}

static int64_t end_of_patience(const struct live *l, enum live_mute who)
{
	return test_now_ms() + (l->mute == who ? MUTE_MS : TEST_PATIENCE_MS);
}

/* Until what it prints has said how to use it. */
static void wait_for_start(struct live *l, int fd)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	const int64_t                end  = test_now_ms() + TEST_PATIENCE_MS;
	const char                  *url;

	while (strstr(buf_cstr(&text), "Ctrl-C") == NULL) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		char          chunk[512];
		ssize_t       n;

		if (poll(&p, 1, (int)(end - test_now_ms())) <= 0)
			fail_msg("assay sim up did not start: %s", buf_cstr(&text));
		n = read(fd, chunk, sizeof(chunk));
		if (n <= 0)
			fail_msg("assay sim up ended: %s", buf_cstr(&text));
		buf_put(&text, chunk, (size_t)n);
	}
	l->fuse = strstr(buf_cstr(&text), "tsm/report") != NULL;
	url     = strstr(buf_cstr(&text), "http");
	assert_non_null(url);
	snprintf(l->url, sizeof(l->url), "%.*s", (int)strcspn(url, "\n"), url);
}

static void open_at(struct live *l, const char *at, const char *const *options)
{
	const char *argv[32] = { "sim", "up", "--state", l->state };
	size_t      n        = 4;
	char        program[512];
	int         out[2];

	*l = (struct live){ 0 };
	snprintf(program, sizeof(program), "%s/assay-sim", getenv("ASSAY_BUILD"));
	strcpy(l->state, "/tmp/assay-live-XXXXXX");
	assert_non_null(mkdtemp(l->state));
	if (at != NULL) {
		argv[n++] = "--at";
		argv[n++] = at;
	}
	for (; options != NULL && *options != NULL; options++)
		argv[n++] = *options;
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	l->pid = fork();
	if (l->pid == 0) {
		char *copy[32];

		memcpy(copy, argv, sizeof(copy));
		prctl(PR_SET_PDEATHSIG, SIGTERM); /* a test that fails leaves none behind */
		dup2(out[1], STDOUT_FILENO);
		execv(program, copy);
		_exit(127);
	}
	close(out[1]);
	wait_for_start(l, out[0]);
	close(out[0]);
}

void live_open(struct live *l, const char *const *options)
{
	open_at(l, LIVE_AT, options);
}

void live_open_now(struct live *l, const char *const *options)
{
	open_at(l, NULL, options);
}

void live_close(struct live *l)
{
	int status;

	assert_int_equal(kill(l->pid, SIGINT), 0);
	assert_int_equal(waitpid(l->pid, &status, 0), l->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(rmdir(l->state), 0); /* empty, and nothing mounted in it */
}

void live_say(struct live *l, const char *words)
{
	CLEANUP(buf_done) struct buf answer = { 0 };
	struct assay_err             e      = { 0 };
	int32_t                      rc     = -1;
	int folder = open(l->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;

	fd = socket_connect(folder);
	close(folder);
	if (fd < 0)
		fail_msg("%s: no platform: %s", words, strerror(errno));
	test_must(socket_ask(fd, WIRE_CONTROL, words, &answer, &rc, &e), &e);
	close(fd);
	if (rc != 0)
		fail_msg("%s: %s", words, buf_cstr(&answer));
}

/* ---- the collector, in a child; what it has, it writes to a pipe ---- */

struct frame {
	enum forge_kind kind;
	unsigned        number;
	char            arch[16], driver[VERSION], vbios[VERSION], uuid[48];
	uint32_t        report_n, chain_n;
	uint8_t         report[NVML_REPORT], chain[NVML_ATTEST];
};

struct out {
	int              fd;
	struct live_said said;
};

static void put(struct out *o, const void *p, size_t n)
{
	const uint8_t *at = p;

	while (n > 0) {
		ssize_t sent = write(o->fd, at, n);

		if (sent <= 0)
			_exit(1);
		at += sent;
		n -= (size_t)sent;
	}
}

__attribute__((format(printf, 2, 3))) static void say(struct out *o, const char *fmt, ...)
{
	const size_t n = strlen(o->said.text);
	va_list      list;

	va_start(list, fmt);
	vsnprintf(o->said.text + n, sizeof(o->said.text) - n, fmt, list);
	va_end(list);
}

static void *need(void *library, const char *name)
{
	void *p = dlsym(library, name);

	if (p == NULL)
		_exit(2);
	return p;
}

#define SYMBOL(library, type, name) ((type)(uintptr_t)need(library, name))

struct nvml {
	nvml_return (*count)(unsigned *);
	nvml_return (*by_index)(unsigned, nvml_device *);
	nvml_return (*text)(nvml_device, char *, unsigned);
	nvml_return (*vbios)(nvml_device, char *, unsigned);
	nvml_return (*arch)(nvml_device, unsigned *);
	nvml_return (*certificate)(nvml_device, struct nvml_cc_certificate *);
	nvml_return (*report)(nvml_device, struct nvml_cc_report *);
};

static void ask_gpu(const struct nvml *n, unsigned i, const char *driver,
	const uint8_t nonce[FORGE_NONCE], struct out *o)
{
	struct nvml_cc_certificate c      = { 0 };
	struct nvml_cc_report      r      = { 0 };
	struct frame               f      = { .kind = FORGE_GPU, .number = i };
	nvml_device                device = NULL;
	unsigned                   arch   = 0;
	nvml_return                rc     = n->by_index(i, &device);

	if (rc == NVML_SUCCESS)
		rc = n->arch(device, &arch);
	if (rc == NVML_SUCCESS)
		rc = n->text(device, f.uuid, sizeof(f.uuid));
	if (rc == NVML_SUCCESS)
		rc = n->vbios(device, f.vbios, sizeof(f.vbios));
	memcpy(r.nonce, nonce, FORGE_NONCE);
	if (rc == NVML_SUCCESS)
		rc = n->report(device, &r);
	if (rc == NVML_SUCCESS)
		rc = n->certificate(device, &c);
	say(o, "gpu%u %d %u %u;", i, rc, r.report_size, c.attestation_size);
	if (rc != NVML_SUCCESS || r.report_size > sizeof(r.report) ||
		c.attestation_size > sizeof(c.attestation))
		return;
	strcpy(f.arch, arch == NVML_ARCH_HOPPER ? "HOPPER" : "BLACKWELL");
	strcpy(f.driver, driver);
	f.report_n = r.report_size;
	f.chain_n  = c.attestation_size;
	memcpy(f.report, r.report, f.report_n);
	memcpy(f.chain, c.attestation, f.chain_n);
	put(o, &f, sizeof(f));
}

static void ask_gpus(void *lib, const uint8_t nonce[FORGE_NONCE], struct out *o)
{
	nvml_return (*init)(void) = SYMBOL(lib, nvml_return(*)(void), "nvmlInit_v2");
	nvml_return (*settings)(struct nvml_cc_settings *) = SYMBOL(lib,
		nvml_return(*)(struct nvml_cc_settings *), "nvmlSystemGetConfComputeSettings");
	nvml_return (*version)(char *, unsigned)           = SYMBOL(
			  lib, nvml_return(*)(char *, unsigned), "nvmlSystemGetDriverVersion");
	const struct nvml n = {
		SYMBOL(lib, nvml_return(*)(unsigned *), "nvmlDeviceGetCount_v2"),
		SYMBOL(lib, nvml_return(*)(unsigned, nvml_device *),
			"nvmlDeviceGetHandleByIndex_v2"),
		SYMBOL(lib, nvml_return(*)(nvml_device, char *, unsigned), "nvmlDeviceGetUUID"),
		SYMBOL(lib, nvml_return(*)(nvml_device, char *, unsigned),
			"nvmlDeviceGetVbiosVersion"),
		SYMBOL(lib, nvml_return(*)(nvml_device, unsigned *),
			"nvmlDeviceGetArchitecture"),
		SYMBOL(lib, nvml_return(*)(nvml_device, struct nvml_cc_certificate *),
			"nvmlDeviceGetConfComputeGpuCertificate"),
		SYMBOL(lib, nvml_return(*)(nvml_device, struct nvml_cc_report *),
			"nvmlDeviceGetConfComputeGpuAttestationReport"),
	};
	struct nvml_cc_settings s          = { .version = NVML_SETTINGS_V1 };
	char                    driver[80] = "";
	unsigned                count      = 0;
	nvml_return             rc         = init();

	say(o, "init %d;", rc);
	if (rc != NVML_SUCCESS)
		return;
	rc = settings(&s);
	say(o, "mode %d %u %u %u %u;", rc, s.environment, s.cc_feature, s.devtools_mode,
		s.multi_gpu_mode);
	version(driver, VERSION);
	n.count(&count);
	say(o, "driver %s, %u GPUs;", driver, count);
	for (unsigned i = 0; i < count; i++)
		ask_gpu(&n, i, driver, nonce, o);
}

struct sight {
	struct out  *out;
	struct frame f;
	nscq_rc      rc;
	int8_t       value;
	unsigned     labels;
	char         label[16][64];
	nscq_rc (*name)(const struct nscq_uuid *, struct nscq_label *, uint32_t);
};

static void on_uuid(
	const struct nscq_uuid *device, nscq_rc rc, const struct nscq_uuid *uuid, void *user)
{
	struct sight     *s = user;
	struct nscq_label l;

	(void)device;
	if (rc >= 0 && s->labels < 16 && s->name(uuid, &l, 0) == 0)
		memcpy(s->label[s->labels++], l.data, sizeof(l.data));
}

static void on_number(const struct nscq_uuid *device, nscq_rc rc, int8_t value, void *user)
{
	struct sight *s = user;

	(void)device;
	s->rc    = rc;
	s->value = value;
}

static void on_report(
	const struct nscq_uuid *device, nscq_rc rc, struct nscq_report r, void *user)
{
	struct sight *s = user;

	(void)device;
	s->rc         = rc;
	s->f.report_n = r.size;
	memcpy(s->f.report, r.report, sizeof(r.report));
}

static void on_certificate(
	const struct nscq_uuid *device, nscq_rc rc, struct nscq_certificate c, void *user)
{
	struct sight *s = user;

	(void)device;
	s->rc        = rc;
	s->f.chain_n = c.size;
	memcpy(s->f.chain, c.chain, sizeof(c.chain));
}

typedef nscq_rc observe(
	struct nscq_session, const char *path, nscq_fn fn, void *user, uint32_t flags);

static void ask_switch(observe *see, struct nscq_session session, struct sight *s, unsigned i)
{
	char path[128];

	s->f = (struct frame){ .kind = FORGE_SWITCH, .number = i, .arch = "LS10" };
	snprintf(path, sizeof(path), "/%s" NSCQ_REST_MODE, s->label[i]);
	see(session, path, (nscq_fn)on_number, s, 0);
	say(s->out, "switch%u %d %d;", i, s->rc, s->value);
	snprintf(path, sizeof(path), "/%s" NSCQ_REST_REPORT, s->label[i]);
	if (see(session, path, (nscq_fn)on_report, s, 0) != 0)
		s->rc = NSCQ_DRV;
	say(s->out, "report %d %u;", s->rc, s->f.report_n);
	if (s->rc < 0 || s->f.report_n > sizeof(s->f.report))
		return;
	snprintf(path, sizeof(path), "/%s" NSCQ_REST_CERTIFICATE, s->label[i]);
	if (see(session, path, (nscq_fn)on_certificate, s, 0) != 0)
		s->rc = NSCQ_DRV;
	say(s->out, "chain %d %u;", s->rc, s->f.chain_n);
	if (s->rc >= 0 && s->f.chain_n <= sizeof(s->f.chain))
		put(s->out, &s->f, sizeof(s->f));
}

static void ask_switches(void *lib, uint8_t nonce[FORGE_NONCE], struct out *o)
{
	struct nscq_session_result (*create)(uint32_t) = SYMBOL(
		lib, struct nscq_session_result(*)(uint32_t), "nscq_session_create");
	nscq_rc (*input)(struct nscq_session, uint32_t, void *, uint32_t) = SYMBOL(lib,
		nscq_rc(*)(struct nscq_session, uint32_t, void *, uint32_t),
		"nscq_session_set_input");
	observe *see = SYMBOL(lib, observe *, "nscq_session_path_observe");
	void (*destroy)(struct nscq_session) = SYMBOL(
		lib, void (*)(struct nscq_session), "nscq_session_destroy");
	struct sight              *s = calloc(1, sizeof(*s));
	struct nscq_session_result r = create(NSCQ_MOUNT_DEVICES);

	say(o, "session %d;", r.rc);
	if (r.rc < 0 || s == NULL)
		return;
	s->out  = o;
	s->name = SYMBOL(lib,
		nscq_rc(*)(const struct nscq_uuid *, struct nscq_label *, uint32_t),
		"nscq_uuid_to_label");
	see(r.session, NSCQ_PATH_UUID, (nscq_fn)on_uuid, s, 0);
	say(o, "%u switches;", s->labels);
	input(r.session, 0, nonce, FORGE_NONCE);
	for (unsigned i = 0; i < s->labels; i++)
		ask_switch(see, r.session, s, i);
	destroy(r.session);
	free(s);
}

static void collect(const struct live *l, const uint8_t nonce[FORGE_NONCE], struct out *o)
{
	struct frame end = { .number = UINT32_MAX };
	uint8_t      copy[FORGE_NONCE];
	char         path[256];
	void *lib = dlopen(live_path(l, "lib/" NVML_LIBRARY, path), RTLD_NOW | RTLD_LOCAL);

	memcpy(copy, nonce, sizeof(copy));
	if (lib == NULL)
		_exit(2);
	ask_gpus(lib, nonce, o);
	lib = dlopen(live_path(l, "lib/" NSCQ_LIBRARY, path), RTLD_NOW | RTLD_LOCAL);
	if (lib == NULL)
		_exit(2);
	ask_switches(lib, copy, o);
	put(o, &end, sizeof(end));
	put(o, &o->said, sizeof(o->said));
}

/* At most n bytes, as they come; 0 at the pipe's end, or when it takes too long. */
static ssize_t get_some(int fd, void *out, size_t n, int64_t end)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	const int64_t left = end - test_now_ms();
	ssize_t       got;

	if (left <= 0 || poll(&wait, 1, (int)left) <= 0)
		return 0;
	got = read(fd, out, n);
	return got > 0 ? got : 0;
}

/* n bytes before the end. */
static bool get(int fd, void *out, size_t n, int64_t end)
{
	uint8_t *p = out;

	while (n > 0) {
		const ssize_t got = get_some(fd, p, n, end);

		if (got == 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

static void take(const struct frame *f, struct forge_bundle *out)
{
	struct forge_evidence *ev = &out->evidence[out->evidences++];

	ev->kind = f->kind;
	device_subject(f->kind, f->number, ev->name);
	memcpy(ev->arch, f->arch, sizeof(ev->arch));
	memcpy(ev->driver, f->driver, sizeof(ev->driver));
	memcpy(ev->vbios, f->vbios, sizeof(ev->vbios));
	memcpy(ev->uuid, f->uuid, sizeof(ev->uuid));
	buf_put(&ev->report, f->report, f->report_n);
	buf_put(&ev->chain, f->chain, f->chain_n);
}

void live_collect(struct live *l, const uint8_t nonce[FORGE_NONCE], struct forge_bundle *out,
	struct live_said *said)
{
	const int64_t end  = end_of_patience(l, LIVE_DEVICES);
	struct frame *f    = calloc(1, sizeof(*f));
	bool          done = false;
	int           ends[2], status;
	pid_t         child;

	*said = (struct live_said){ 0 };
	*out  = (struct forge_bundle){ 0 };
	memcpy(out->nonce, nonce, FORGE_NONCE);
	out->made       = FORGE_AT;
	out->evidence   = mem_new(2 * FORGE_DEVICES, sizeof(*out->evidence));
	out->collateral = mem_new(256, sizeof(*out->collateral));
	assert_non_null(f);
	assert_non_null(out->evidence);
	assert_non_null(out->collateral);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		struct out o = { .fd = ends[1] };

		signal(SIGSEGV, SIG_DFL); /* cmocka would go on with the next test */
		signal(SIGABRT, SIG_DFL);
		collect(l, nonce, &o);
		_exit(0);
	}
	close(ends[1]);
	while (!done && out->evidences < 2 * FORGE_DEVICES &&
		get(ends[0], f, sizeof(*f), end)) {
		done = f->number == UINT32_MAX;
		if (!done)
			take(f, out);
	}
	done = done && get(ends[0], said, sizeof(*said), end);
	close(ends[0]);
	free(f);
	if (!done && test_now_ms() >= end) {
		said->hung = true;
		kill(child, SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	said->crashed = WIFSIGNALED(status) && !said->hung;
	if (!said->hung && !said->crashed && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
		fail_msg("the collector: status %d", status);
}

/* ---- HTTP, as little of it as is needed ---- */

static int dial(const struct live *l, int64_t end)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr                     = { htonl(INADDR_LOOPBACK) } };
	struct timeval     t  = { .tv_sec = (end - test_now_ms()) / 1000 + 1 };
	int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_port = htons((uint16_t)atoi(strrchr(l->url, ':') + 1));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0)
		fail_msg("%s: %s", l->url, strerror(errno));
	return fd;
}

unsigned live_http(struct live *l, const char *method, const char *path, const char *type,
	struct bytes body, struct buf *head, struct buf *out)
{
	CLEANUP(buf_done) struct buf m = { 0 }, all = { 0 };
	const int64_t                end = end_of_patience(l, LIVE_SERVICES);
	int                          fd  = dial(l, end);
	const char                  *gap, *length;
	unsigned                     status = 0;
	size_t                       n;
	ssize_t                      got;
	uint8_t                      part[16384];

	buf_printf(
		&m, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n", method, path);
	if (type != NULL)
		buf_printf(&m, "Content-Type: %s\r\nContent-Length: %zu\r\n", type, body.n);
	buf_text(&m, "\r\n");
	buf_put(&m, body.p, body.n);
	n = 0;
	while (n < m.n) {
		ssize_t sent = send(fd, m.p + n, m.n - n, MSG_NOSIGNAL);

		if (sent <= 0)
			break; /* refused before it was all said */
		n += (size_t)sent;
	}
	while ((got = get_some(fd, part, sizeof(part), end)) > 0)
		buf_put(&all, part, (size_t)got);
	close(fd);
	gap = strstr(buf_cstr(&all), "\r\n\r\n");
	if (gap == NULL || sscanf(buf_cstr(&all), "HTTP/1.%*c %u", &status) != 1)
		return 0;
	n = (size_t)(gap + 4 - (const char *)all.p);
	if (head != NULL)
		buf_put(head, all.p, n);
	buf_put(out, all.p + n, all.n - n);
	length = strcasestr(buf_cstr(&all), "\r\nContent-Length:");
	if (length != NULL && length < gap && strcmp(method, "HEAD") != 0 &&
		strtoul(length + strlen("\r\nContent-Length:"), NULL, 10) != out->n)
		return 0; /* cut */
	return status;
}
