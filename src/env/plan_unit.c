/* SPDX-License-Identifier: Apache-2.0
 *
 * Units: the driver's persistence daemon as it must run, the gate, and that nothing uses a GPU before them. All of it below
 * /etc/systemd/system; what packages brought stays as it is.
 *
 * Source: environment 5.8; the guide's own unit. */
#include <stdio.h>

#include "base/show.h"
#include "env/line.h"
#include "env/plan.h"

#define PERSISTENCED "nvidia-persistenced.service"
#define FABRIC       "nvidia-fabricmanager.service"
#define GATE         "assay-attest.service"
#define FOLDER       "etc/systemd/system/"
#define OWN          "# Written by assay setup; assay setup undo takes it back.\n"
#define BEFORE \
	"cloudmonitor.service nvidia-cdi-refresh.service ollama.service" /* of our own unit */
#define SET_READY  "/usr/bin/nvidia-smi conf-compute -srs 1"
#define START_USEC 900000000 /* SVC-03 */

static const char *const consumers[] = {
	"cloudmonitor.service",
	"nvidia-cdi-refresh.service",
	"ollama.service",
	"docker.service",
	"containerd.service",
	"crio.service",
	"podman.service",
	"kubelet.service",
	"k3s.service",
	"rke2-agent.service",
	"nvidia-dcgm.service",
	"dcgm-exporter.service",
	"nvidia-powerd.service",
	"nvidia-mps.service",
	"slurmd.service",
	"vllm.service",
};

static void found_drop(struct unit_found **u)
{
	if (*u != NULL)
		unit_found_done(*u);
	mem_free(*u);
}

static enum assay_code find(
	const struct machine *m, const char *name, struct unit_found **out, struct assay_err *e)
{
	struct unit_found *u = mem_new(1, sizeof(*u));

	if (u == NULL)
		return err_no_memory(e);
	unit_find(m, name, u);
	*out = u;
	return ASSAY_OK;
}

/* ---- the persistence daemon ---- */

/* Its flags as a set; --user and root stand behind each other or in one word. The last one counts. */
static bool flags_fit(struct buf *exec, char program[ROOT_PATH])
{
	char  *words[UNIT_WORDS];
	size_t n    = 0;
	bool   root = false, uvm = false, on = true;

	while (exec->n > 0 && exec->p[exec->n - 1] == '\n')
		exec->n--;
	buf_byte(exec, 0);
	if (exec->failed || strchr((char *)exec->p, '\n') != NULL ||
		!unit_words((char *)exec->p, words, &n) || n == 0)
		return false;
	snprintf(program, ROOT_PATH, "%s", words[0]);
	for (size_t i = 1; i < n; i++) {
		if (strncmp(words[i], "--user=", 7) == 0)
			root = strcmp(words[i] + 7, "root") == 0;
		else if (strcmp(words[i], "--user") == 0 || strcmp(words[i], "-u") == 0)
			root = i + 1 < n && strcmp(words[i + 1], "root") == 0;
		else if (bytes_end(bytes_text(words[i]), BYTES("uvm-persistence-mode")))
			uvm = strcmp(words[i], "--uvm-persistence-mode") == 0;
		else if (bytes_end(bytes_text(words[i]), BYTES("-persistence-mode")))
			on = strcmp(words[i], "--no-persistence-mode") != 0;
	}
	return root && uvm && on;
}

static bool fits(const struct planner *w, const struct unit_found *u, char program[ROOT_PATH])
{
	CLEANUP(buf_done) struct buf exec = { 0 }, post = { 0 }, start = { 0 };
	struct assay_err             e    = { 0 };
	uint64_t                     usec = 0;
	bool                         opens;

	if (unit_list(&u->files, "Service", "ExecStart", &exec, &e) != ASSAY_OK ||
		unit_list(&u->files, "Service", "ExecStartPost", &post, &e) != ASSAY_OK ||
		!flags_fit(&exec, program) ||
		!unit_last_of(
			&u->files, "Service", "TimeoutStartSec", "TimeoutSec", &start, &e) ||
		!unit_time(buf_bytes(&start), &usec) || usec < START_USEC)
		return false;
	opens = bytes_has(buf_bytes(&post), "conf-compute") &&
		(bytes_has(buf_bytes(&post), "-srs") ||
			bytes_has(buf_bytes(&post), "ready-state"));
	return opens == (w->o->ready == READY_UNCONDITIONAL);
}

static void put_service(struct planner *w, const char *program, bool drop_in, struct buf *out)
{
	static const char *const lists[] = { "ExecStart", "ExecStartPost", "ExecStopPost" };

	buf_text(out, "[Service]\nType=forking\n");
	for (size_t i = 0; drop_in && i < ARRAY_LEN(lists); i++)
		buf_printf(out, "%s=\n", lists[i]);
	buf_printf(out, "ExecStart=%s --user root --uvm-persistence-mode --verbose\n", program);
	if (w->o->ready == READY_UNCONDITIONAL)
		buf_text(out, "ExecStartPost=" SET_READY "\n");
	buf_text(out,
		"ExecStopPost=/bin/rm -rf /var/run/nvidia-persistenced\n"
		"TimeoutStartSec=900\nTimeoutStopSec=60\n");
}

static enum assay_code daemon_unit(struct planner *w, struct assay_err *e)
{
	static const char            program[]     = "/usr/bin/nvidia-persistenced";
	const struct unit_found     *u             = &w->m->persistenced;
	CLEANUP(buf_done) struct buf body          = { 0 };
	char                         is[ROOT_PATH] = "";

	if (u->masked) {
		plan_refuse(w,
			PERSISTENCED
			" is masked: somebody wants it not to run; unmask it first");
		return ASSAY_OK;
	}
	if (u->there && fits(w, u, is))
		return ASSAY_OK;
	if (u->live.state == UNIT_ACTIVE || u->live.state == UNIT_ACTIVATING)
		plan_note(w,
			PERSISTENCED
			" runs, and goes on with its old options until the next boot: it is not restarted under the GPUs");
	buf_text(&body, OWN);
	if (u->there) {
		put_service(w, is[0] == '/' ? is : program, true, &body);
		TRY(buf_ok(&body, e));
		return plan_file(w, PHASE_SOFTWARE, "SVC-01",
			FOLDER PERSISTENCED ".d/50-assay.conf", buf_bytes(&body),
			"the daemon keeps the GPUs up, and has 900 s to start", NULL, e);
	}
	buf_text(&body,
		"[Unit]\nDescription=NVIDIA Persistence Daemon\nWants=syslog.target\n"
		"Before=" BEFORE "\n"
		"After=" FABRIC "\n\n");
	put_service(w, program, false, &body);
	buf_text(&body, "\n[Install]\nWantedBy=multi-user.target\n");
	TRY(buf_ok(&body, e));
	return plan_file(w, PHASE_SOFTWARE, "SVC-01", FOLDER PERSISTENCED, buf_bytes(&body),
		"the daemon that keeps the GPUs up; written before the driver, so that nothing starts it otherwise",
		NULL, e);
}

/* ---- order ---- */

#define WALK_MOST 64

struct walk {
	const struct machine *m;
	char                  name[WALK_MOST][MACHINE_NAME];
	size_t                from[WALK_MOST]; /* who is after it */
	size_t                n;
};

static size_t reach(struct walk *w, struct bytes name, size_t from)
{
	for (size_t i = 0; i < w->n; i++)
		if (bytes_equal(name, bytes_text(w->name[i])))
			return i;
	if (w->n == WALK_MOST || name.n >= MACHINE_NAME)
		return WALK_MOST;
	memcpy(w->name[w->n], name.p, name.n);
	w->name[w->n][name.n] = 0;
	w->from[w->n]         = from;
	return w->n++;
}

/* Does the daemon start after that unit already? Then the other order closes a circle, which *loop is. */
static enum assay_code circle(struct planner *p, const char *unit, struct buf *loop,
	bool *closed, struct assay_err *e)
{
	CLEANUP(mem_done) struct walk *w = mem_new(1, sizeof(*w));

	if (w == NULL)
		return err_no_memory(e);
	*closed = false;
	reach(w, BYTES(PERSISTENCED), 0);
	for (size_t i = 0; i < w->n && !*closed; i++) {
		CLEANUP(found_drop) struct unit_found *u     = NULL;
		CLEANUP(buf_done) struct buf           after = { 0 };
		struct bytes                           word;

		TRY(find(p->m, w->name[i], &u, e));
		TRY(unit_list(&u->files, "Unit", "After", &after, e));
		for (size_t at = 0; word_next(buf_bytes(&after), &at, &word) && !*closed;) {
			size_t k = reach(w, word, i);

			*closed = bytes_equal(word, bytes_text(unit)) && k < WALK_MOST;
			if (!*closed)
				continue;
			buf_printf(loop, "%s", PERSISTENCED);
			for (size_t back = k; back != 0; back = w->from[back])
				buf_printf(loop, " after %s", w->name[back]);
		}
	}
	return buf_ok(loop, e);
}

/* What the unit is ordered after as things stand. */
static bool ordered(const struct planner *w, const struct unit_found *u, const char *name)
{
	const bool daemon = unit_lists(&u->files, "Unit", "After", PERSISTENCED) ||
		(w->m->persistenced.there
				? unit_lists(&w->m->persistenced.files, "Unit", "Before", name)
				: word_in(BYTES(BEFORE), bytes_text(name)));

	if (w->o->ready == READY_UNCONDITIONAL)
		return daemon;
	return unit_lists(&u->files, "Unit", "After", GATE) &&
		(!w->o->require || unit_lists(&u->files, "Unit", "Requires", GATE));
}

static enum assay_code order(struct planner *w, const char *name, struct assay_err *e)
{
	CLEANUP(found_drop) struct unit_found *u    = NULL;
	CLEANUP(buf_done) struct buf           body = { 0 }, loop = { 0 };
	const bool                             gate   = w->o->ready == READY_ATTEST;
	bool                                   closed = false;
	char                                   path[ROOT_PATH];

	TRY(find(w->m, name, &u, e));
	if (!u->there || u->masked || ordered(w, u, name))
		return ASSAY_OK;
	TRY(circle(w, name, &loop, &closed, e));
	if (closed) {
		plan_note(w, "%s is left unordered, it would close a circle: %s",
			SHOW(bytes_text(name)), SHOW(buf_bytes(&loop)));
		return ASSAY_OK;
	}
	buf_printf(&body, OWN "[Unit]\nAfter=" PERSISTENCED "%s\n%s=%s\n", gate ? " " GATE : "",
		w->o->require ? "Requires" : "Wants", gate ? GATE : PERSISTENCED);
	TRY(buf_ok(&body, e));
	snprintf(path, sizeof(path), FOLDER "%.250s.d/50-assay.conf", name);
	return plan_file(w, PHASE_SOFTWARE, "SVC-07", path, buf_bytes(&body),
		gate ? "starts after the GPUs were attested" : "starts after the GPUs are up",
		NULL, e);
}

/* A unit that starts at boot and runs something of NVIDIA's, or opens the GPUs. */
static bool uses_gpu(const struct unit_found *u)
{
	static const char *const     words[] = { "nvidia", "cuda", "dcgm" };
	CLEANUP(buf_done) struct buf exec = { 0 }, devices = { 0 };
	struct assay_err             e = { 0 };

	if (unit_list(&u->files, "Service", "ExecStart", &exec, &e) != ASSAY_OK ||
		unit_list(&u->files, "Service", "DeviceAllow", &devices, &e) != ASSAY_OK)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (bytes_has(buf_bytes(&exec), words[i]))
			return true;
	return bytes_has(buf_bytes(&devices), "/dev/nvidia");
}

static bool known(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(consumers); i++)
		if (strcmp(name, consumers[i]) == 0)
			return true;
	return strncmp(name, "assay-", 6) == 0 || strcmp(name, PERSISTENCED) == 0 ||
		strcmp(name, FABRIC) == 0;
}

static enum assay_code others(struct planner *w, struct assay_err *e)
{
	CLEANUP(names_done) struct names n = { 0 };

	root_list(&w->m->root, "etc/systemd/system/multi-user.target.wants", &n);
	for (size_t i = 0; i < n.n; i++) {
		CLEANUP(found_drop) struct unit_found *u = NULL;

		if (known(n.name[i]) || !bytes_end(bytes_text(n.name[i]), BYTES(".service")) ||
			strlen(n.name[i]) >= MACHINE_NAME)
			continue;
		TRY(find(w->m, n.name[i], &u, e));
		if (uses_gpu(u))
			TRY(order(w, n.name[i], e));
	}
	return ASSAY_OK;
}

/* ---- enabled ---- */

/* The wish of a target, as "systemctl enable" writes it. */
static enum assay_code enable(struct planner *w, const char *item, const char *name,
	const char *where, const char *why, struct assay_err *e)
{
	char path[ROOT_PATH];

	snprintf(path, sizeof(path), FOLDER "multi-user.target.wants/%s", name);
	return plan_link(w, PHASE_START, item, path, where, why, e);
}

static enum assay_code enables(struct planner *w, struct assay_err *e)
{
	const struct machine                  *m    = w->m;
	CLEANUP(found_drop) struct unit_found *gate = NULL;

	if (m->profile == PROFILE_PPCIE && !m->fabric.enabled && m->fabric.there)
		TRY(enable(w, "SVC-10", FABRIC, m->fabric.path,
			"the fabric manager starts with the machine", e));
	if (m->profile == PROFILE_SINGLE && m->fabric.enabled)
		plan_note(w,
			FABRIC " is enabled: with one GPU it fails at each start; disable it");
	if (!m->persistenced.enabled)
		TRY(enable(w, "SVC-04", PERSISTENCED,
			m->persistenced.path[0] != 0 ? m->persistenced.path
						     : "/" FOLDER PERSISTENCED,
			"the daemon starts with the machine", e));
	if (w->o->ready != READY_ATTEST)
		return ASSAY_OK;
	TRY(find(m, GATE, &gate, e));
	if (!gate->there)
		plan_refuse(w,
			GATE
			" is not installed, and the GPUs would stay closed; install assay, or say --ready=unconditional");
	else if (!gate->enabled)
		TRY(enable(w, "CC-05", GATE, gate->path,
			"the GPUs take work only after attestation", e));
	return ASSAY_OK;
}

static enum assay_code reload(struct planner *w, struct assay_err *e)
{
	bool due = w->h->reload_due;

	for (size_t i = 0; i < w->p->steps; i++)
		due = due || bytes_begin(bytes_text(w->p->step[i].path), BYTES(FOLDER));
	return due ? plan_unit(w, PHASE_START, "SVC-01", "systemd", VERB_RELOAD,
			     "systemd reads its units again", e)
		   : ASSAY_OK;
}

enum assay_code plan_units(struct planner *w, struct assay_err *e)
{
	TRY(daemon_unit(w, e));
	for (size_t i = 0; i < ARRAY_LEN(consumers); i++)
		TRY(order(w, consumers[i], e));
	return others(w, e);
}

/* ---- start ---- */

static enum assay_code start(struct planner *w, const char *item, const char *name,
	const struct unit_found *u, const char *why, struct assay_err *e)
{
	if (u != NULL && (u->live.state == UNIT_ACTIVE || u->live.state == UNIT_ACTIVATING))
		return ASSAY_OK;
	return plan_unit(w, PHASE_START, item, name, VERB_START, why, e);
}

/* CloudMonitor as it was before the driver's installation. */
static enum assay_code monitor_back(struct planner *w, struct assay_err *e)
{
	if (w->h->monitor_link[0] != 0)
		TRY(plan_link(w, PHASE_START, "SVC-09", w->h->monitor_path, w->h->monitor_link,
			"CloudMonitor starts with the machine, as before", e));
	if (w->h->monitor_stopped && w->m->cloudmonitor.live.state != UNIT_ACTIVE)
		TRY(plan_unit(w, PHASE_START, "SVC-09", "cloudmonitor.service", VERB_START,
			"it ran before", e));
	return ASSAY_OK;
}

enum assay_code plan_start(struct planner *w, struct assay_err *e)
{
	const struct machine *m = w->m;

	TRY(enables(w, e));
	TRY(reload(w, e));
	if (w->o->software || m->driver[0] != 0) {
		if (m->profile == PROFILE_PPCIE)
			TRY(start(w, "SVC-10", FABRIC, &m->fabric, "before the daemon", e));
		TRY(start(w, "SVC-05", PERSISTENCED, &m->persistenced,
			"takes minutes; nothing asks the GPUs meanwhile", e));
	}
	TRY(monitor_back(w, e));
	TRY(plan_drop(w, e));
	if (m->profile == PROFILE_PPCIE)
		plan_note(w,
			"more network cards and data disks only now, once the pool has 8 GiB in effect");
	return ASSAY_OK;
}
