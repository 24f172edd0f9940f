/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "door/qgs.h"
#include "door/socket.h"
#include "http/listener.h"
#include "root/root.h"
#include "service/service.h"
#include "tsm/tsm.h"

#define LOOPBACK    "127.0.0.1"
#define BODY_MOST   (64 * 1024) /* an OCSP request has some hundred bytes */
#define CONNECTIONS 256
#define IDLE_S      30
#define PLAIN                                                            \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" \
	"/._-+" /* means itself to sh */
#define FDS (4 + TSM_FDS + QGS_FDS)

struct machine {
	struct state        state;
	struct platform    *platform;
	struct socket_door *socket;
	struct listener    *listener;
	struct tsm         *tsm;
	struct qgs         *qgs;
	struct buf          url, qgs_path;
	bool                tls;
	bool                stop; /* ctl said so */
};

/* Names, and how the value begins. */
enum from { FROM_STATE, FROM_URL, FROM_LIBRARIES, FROM_TLS };

static const struct {
	const char *name;
	enum from   from;
	const char *rest;
} variables[] = {
	{ "LD_LIBRARY_PATH", FROM_LIBRARIES, "/" STATE_LIB },
	{ "ASSAY_ROOT", FROM_STATE, "/" STATE_ROOT },
	{ "ASSAY_ANCHORS", FROM_STATE, "/" STATE_ANCHORS },
	{ "ASSAY_RIM_URL", FROM_URL, "" },
	{ "ASSAY_OCSP_URL", FROM_URL, "/ocsp" },
	{ "ASSAY_PCS_URL", FROM_URL, "" },
	{ STATE_ENV, FROM_STATE, "" },
	/* the same for NVIDIA's tools (nvidia-claims-and-services 7) */
	{ "NV_RIM_URL", FROM_URL, "/v1/rim/" },
	{ "NV_OCSP_URL", FROM_URL, "/ocsp" },
	{ "NVAT_RIM_SERVICE_BASE_URL", FROM_URL, "" },
	{ "NVAT_OCSP_BASE_URL", FROM_URL, "/ocsp" },
	/* for clients of the services over TLS */
	{ "SSL_CERT_FILE", FROM_TLS, "/" STATE_TLS "/ca.pem" },
	{ "CURL_CA_BUNDLE", FROM_TLS, "/" STATE_TLS "/ca.pem" },
	{ "REQUESTS_CA_BUNDLE", FROM_TLS, "/" STATE_TLS "/ca.pem" },
};

/* False: this one is not set. */
static bool variable(struct machine *m, size_t i, struct buf *value)
{
	if (variables[i].from == FROM_TLS && !m->tls)
		return false;
	buf_printf(value, "%s%s",
		buf_cstr(variables[i].from == FROM_URL ? &m->url : &m->state.path),
		variables[i].rest);
	return true;
}

enum assay_code machine_setenv(struct machine *m, struct assay_err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
		CLEANUP(buf_done) struct buf value  = { 0 };
		const char                  *before = getenv(variables[i].name);

		if (!variable(m, i, &value))
			continue;
		if (variables[i].from == FROM_LIBRARIES && before != NULL && before[0] != '\0')
			buf_printf(&value, ":%s", before);
		TRY(buf_ok(&value, e));
		if (setenv(variables[i].name, buf_cstr(&value), 1) != 0)
			return err_no_memory(e);
	}
	return ASSAY_OK;
}

/* For sh: whatever the text is, it stays one word. */
static void put_word(const char *text, struct buf *out)
{
	buf_text(out, "'");
	for (; *text != '\0'; text++)
		buf_printf(out, *text == '\'' ? "'\\''" : "%c", *text);
	buf_text(out, "'");
}

static void put_export(const char *name, const char *value, bool list, struct buf *out)
{
	buf_printf(out, "export %s=", name);
	put_word(value, out);
	if (list)
		buf_printf(out, "\"${%s:+:$%s}\"", name, name);
	buf_text(out, "\n");
}

static enum assay_code put_env(struct machine *m, struct buf *out, struct assay_err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
		CLEANUP(buf_done) struct buf value = { 0 };

		if (variable(m, i, &value))
			put_export(variables[i].name, buf_cstr(&value),
				variables[i].from == FROM_LIBRARIES, out);
	}
	return buf_ok(out, e);
}

static enum assay_code say(void *ctx, const char *words, struct buf *text, struct assay_err *e)
{
	struct machine *m = ctx;

	if (strcmp(words, "env") == 0)
		return put_env(m, text, e);
	return control_say(m->platform, words, text, &m->stop, e);
}

static enum assay_code write_anchors(struct machine *m, struct assay_err *e)
{
	static const struct {
		enum forge_anchor which;
		const char       *name;
	} anchors[] = {
		{ FORGE_ANCHOR_DEVICE, STATE_ANCHORS "/nvidia-device.pem" },
		{ FORGE_ANCHOR_RIM, STATE_ANCHORS "/nvidia-rim.pem" },
		{ FORGE_ANCHOR_SGX, STATE_ANCHORS "/intel-sgx.pem" },
	};

	TRY(state_folder(&m->state, STATE_ANCHORS, e));
	for (size_t i = 0; i < ARRAY_LEN(anchors); i++) {
		CLEANUP(buf_done) struct buf pem = { 0 };

		TRY(forge_anchor(m->platform->forge, anchors[i].which, &pem, e));
		TRY(state_write(&m->state, anchors[i].name, buf_bytes(&pem), e));
	}
	return ASSAY_OK;
}

/* The stand-in libraries: beside this program, in sim/. */
static enum assay_code find_library(const char *name, char out[PATH_MAX], struct assay_err *e)
{
	char    self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char   *slash;

	self[n > 0 ? n : 0] = '\0';
	slash               = strrchr(self, '/');
	if (slash != NULL)
		slash[0] = '\0';
	if (snprintf(out, PATH_MAX, "%s/sim/%s", self, name) < PATH_MAX &&
		access(out, R_OK) == 0)
		return ASSAY_OK;
	return err_set(e, ASSAY_INPUT_FILE, "sim/%s is not where assay-sim is installed", name);
}

static enum assay_code link_libraries(struct machine *m, struct assay_err *e)
{
	static const struct {
		const char *name, *as;
	} libraries[] = {
		{ "libnvidia-ml.so.1", "libnvidia-ml.so.1" },
		{ "libnvidia-nscq.so.2", "libnvidia-nscq.so.2" },
		/* the linker's names; Python's search by LD_LIBRARY_PATH asks it, too */
		{ "libnvidia-ml.so.1", "libnvidia-ml.so" },
		{ "libnvidia-nscq.so.2", "libnvidia-nscq.so" },
	};

	TRY(state_folder(&m->state, STATE_LIB, e));
	for (size_t i = 0; i < ARRAY_LEN(libraries); i++) {
		char from[PATH_MAX], to[64];

		TRY(find_library(libraries[i].name, from, e));
		snprintf(to, sizeof(to), STATE_LIB "/%s", libraries[i].as);
		if (symlinkat(from, m->state.folder, to) != 0)
			return err_set(e, ASSAY_INPUT_FILE, "%s: %s", to, strerror(errno));
	}
	return ASSAY_OK;
}

static enum assay_code write_root(struct machine *m, struct assay_err *e)
{
	enum assay_code code;
	int             fd;

	TRY(state_folder(&m->state, STATE_ROOT, e));
	fd = openat(m->state.folder, STATE_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, ASSAY_INPUT_FILE, STATE_ROOT ": %s", strerror(errno));
	code = root_write(m->platform, fd, e);
	close(fd);
	return code;
}

static enum assay_code open_services(
	struct machine *m, const struct sim_options *o, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf ca = { 0 }, cert = { 0 }, key = { 0 };
	struct listener_spec         s = {
			.address          = LOOPBACK,
			.port             = o->port,
			.body_most        = BODY_MOST,
			.connections_most = CONNECTIONS,
			.idle_s           = IDLE_S,
			.handle           = service_handle,
			.ctx              = m->platform,
	};

	if (o->tls) {
		TRY(service_tls(m->platform->forge, &ca, &cert, &key, e));
		TRY(state_folder(&m->state, STATE_TLS, e));
		TRY(state_write(&m->state, STATE_TLS "/ca.pem", buf_bytes(&ca), e));
		/* assay takes it from here, since a variable moves no trust but by ASSAY_ANCHORS */
		TRY(state_write(
			&m->state, STATE_ANCHORS "/services-ca.pem", buf_bytes(&ca), e));
		s.cert = buf_cstr(&cert);
		s.key  = buf_cstr(&key);
	}
	m->tls = o->tls;
	TRY(listener_open(&s, &m->listener, e));
	buf_printf(&m->url, "%s://" LOOPBACK ":%u", o->tls ? "https" : "http",
		(unsigned)listener_port(m->listener));
	return buf_ok(&m->url, e);
}

/* Without FUSE the QGS alone is left, and a note. */
static enum assay_code open_td(
	struct machine *m, const struct sim_options *o, struct buf *note, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf root = { 0 };
	struct assay_err             why  = { 0 };
	char                         here[PATH_MAX];

	if (m->platform->tdx == NULL)
		return ASSAY_OK;
	if (o->qgs == NULL)
		buf_printf(&m->qgs_path, "%s/" STATE_QGS, buf_cstr(&m->state.path));
	else if (o->qgs[0] == '/')
		buf_text(&m->qgs_path, o->qgs);
	else if (getcwd(here, sizeof(here)) != NULL)
		buf_printf(&m->qgs_path, "%s/%s", here, o->qgs);
	else
		return err_set(e, ASSAY_INPUT_OPTION, "--qgs: %s", strerror(errno));
	TRY(buf_ok(&m->qgs_path, e));
	TRY(qgs_open(m->platform, buf_cstr(&m->qgs_path), &m->qgs, e));
	if (o->qgs != NULL)
		TRY(state_also(&m->state, buf_cstr(&m->qgs_path), e));
	if (o->no_fuse)
		return ASSAY_OK;
	buf_printf(&root, "%s/" STATE_ROOT, buf_cstr(&m->state.path));
	TRY(buf_ok(&root, e));
	if (tsm_open(m->platform, buf_cstr(&root), &m->tsm, &why) != ASSAY_OK)
		buf_printf(note, "no configfs-tsm and no /dev/tdx_guest, the QGS alone: %s",
			assay_err_text(&why));
	return ASSAY_OK;
}

static enum assay_code open_all(struct machine *m, const struct sim_options *o, bool fresh,
	struct buf *note, struct assay_err *e)
{
	const struct socket_control control = { say, m };

	TRY(fresh && o->state == NULL ? state_open_new(&m->state, e)
				      : state_open(o->state, &m->state, e));
	TRY(platform_new(&o->spec, &m->platform, e));
	TRY(write_anchors(m, e));
	TRY(link_libraries(m, e));
	TRY(write_root(m, e));
	TRY(open_services(m, o, e));
	TRY(open_td(m, o, note, e));
	return socket_open(m->platform, m->state.folder, &control, &m->socket, e);
}

enum assay_code machine_open(const struct sim_options *o, bool fresh, struct machine **out,
	struct buf *note, struct assay_err *e)
{
	struct machine *m = mem_new(1, sizeof(*m));

	if (m == NULL)
		return err_no_memory(e);
	m->state = STATE_NONE;
	if (open_all(m, o, fresh, note, e) != ASSAY_OK) {
		machine_close(m);
		return e->code;
	}
	*out = m;
	return ASSAY_OK;
}

static void let_go(struct machine *m)
{
	buf_done(&m->url);
	buf_done(&m->qgs_path);
	mem_free(m);
}

void machine_close(struct machine *m)
{
	if (m == NULL)
		return;
	socket_close(m->socket);
	tsm_close(m->tsm);
	qgs_close(m->qgs);
	listener_close(m->listener);
	platform_free(m->platform);
	state_done(&m->state);
	let_go(m);
}

void machine_leave(struct machine *m)
{
	state_leave(&m->state);
}

/* What is waited for, and who it is then for. */
struct wait {
	struct pollfd fd[FDS];
	size_t        n, tsm, qgs; /* where theirs begin */
};

static void add(struct wait *w, int fd)
{
	w->fd[w->n++] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

static void gather(const struct machine *m, int signals, struct wait *w)
{
	int fd[TSM_FDS + QGS_FDS];

	*w = (struct wait){ 0 };
	add(w, signals);
	add(w, socket_fd(m->socket));
	add(w, listener_fd(m->listener));
	w->tsm = w->n;
	for (size_t i = 0, n = m->tsm == NULL ? 0 : tsm_fds(m->tsm, fd); i < n; i++)
		add(w, fd[i]);
	w->qgs = w->n;
	for (size_t i = 0, n = m->qgs == NULL ? 0 : qgs_fds(m->qgs, fd); i < n; i++)
		add(w, fd[i]);
}

int machine_serve(struct machine *m, int signals, bool *sent)
{
	while (!m->stop) {
		struct signalfd_siginfo info;
		struct wait             w;

		gather(m, signals, &w);
		if (poll(w.fd, w.n, listener_timeout_ms(m->listener)) < 0 && errno != EINTR)
			return 0;
		socket_run(m->socket);
		listener_run(m->listener);
		for (size_t i = w.tsm; i < w.qgs; i++)
			if (w.fd[i].revents != 0)
				tsm_run(m->tsm, w.fd[i].fd);
		for (size_t i = w.qgs; i < w.n; i++)
			if (w.fd[i].revents != 0)
				qgs_run(m->qgs, w.fd[i].fd);
		if ((w.fd[0].revents & POLLIN) != 0 &&
			read(signals, &info, sizeof(info)) == sizeof(info)) {
			*sent = info.ssi_code <= 0; /* SI_USER and its like */
			return (int)info.ssi_signo;
		}
	}
	return 0;
}

/* The folder's path where it is needed, as another shell can use it. */
static void put_how(struct machine *m, bool named, struct buf *out)
{
	const char *state = buf_cstr(&m->state.path);

	buf_text(out, "In another shell:  eval \"$(assay sim env");
	if (named) {
		buf_text(out, " --state ");
		if (state[strspn(state, PLAIN)] == '\0')
			buf_text(out, state);
		else
			put_word(state, out);
	}
	buf_text(out,
		")\"\nUnder TEST ANCHORS: nothing here proves anything. Ctrl-C ends it.\n");
}

enum assay_code machine_tell(
	struct machine *m, bool named, struct buf *out, struct assay_err *e)
{
	const struct platform *p     = m->platform;
	const char            *state = buf_cstr(&m->state.path);

	const unsigned gpus     = platform_count(p, FORGE_GPU);
	const unsigned switches = platform_count(p, FORGE_SWITCH);

	buf_printf(out, "an emulated platform: %u GPU%s (%s), %u switch%s, %s, %s\n", gpus,
		gpus == 1 ? "" : "s", family_of(p->spec.arch)->arch, switches,
		switches == 1 ? "" : "es",
		p->mode.multi_gpu != 0 ? "protected PCIe"
				       : (p->mode.cc ? "confidential computing on"
						     : "confidential computing off"),
		p->tdx != NULL ? "a TDX guest" : "no TDX");
	buf_printf(out, "  state     %s\n  services  %s\n", state, buf_cstr(&m->url));
	if (m->tsm != NULL)
		buf_printf(out,
			"  TDX       %s/" STATE_ROOT "/sys/kernel/config/tsm/report\n"
			"            %s/" STATE_ROOT "/dev/tdx_guest\n",
			state, state);
	if (m->qgs != NULL)
		buf_printf(out, "  QGS       unix:%s\n", buf_cstr(&m->qgs_path));
	for (size_t i = 0; i < p->spec.faults; i++)
		buf_printf(out, "  fault     %s: %s\n", p->spec.fault[i]->name,
			p->spec.fault[i]->attack);
	put_how(m, named, out);
	return buf_ok(out, e);
}
