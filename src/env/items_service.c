/* SPDX-License-Identifier: Apache-2.0
 *
 * Environment 5.8: nvidia-persistenced and what is ordered around it. What the files say is configured; what systemd says is in
 * effect. */
#include <errno.h>
#include <stdio.h>

#include "base/show.h"
#include "env/items.h"
#include "env/line.h"

#define UNIT "nvidia-persistenced.service"

static const char *shown(const char *text, char out[SHOW_MAX])
{
	return show(bytes_text(text), out);
}
#define SHOWN(text) shown((text), (char[SHOW_MAX]){ 0 })

/* The command line of a unit's files; *n: how many there are, and systemd refuses a unit of this type with two. */
static bool exec_of(const struct unit_found *u, char out[UNIT_EXEC], size_t *n)
{
	CLEANUP(buf_done) struct buf list = { 0 };
	struct assay_err             e    = { 0 };
	struct bytes                 line;

	*n = 0;
	if (unit_list(&u->files, "Service", "ExecStart", &list, &e) != ASSAY_OK)
		return false;
	for (size_t at = 0; line_next(buf_bytes(&list), &at, &line); (*n)++)
		snprintf(out, UNIT_EXEC, "%.*s", (int)line.n, (const char *)line.p);
	return *n > 0;
}

/* Options as a set, of which the last word counts. What is wrong with a command line that starts persistenced; NULL: nothing. */
static const char *exec_wrong(const struct machine *m, const char *exec, bool *advice)
{
	char   text[UNIT_EXEC];
	char  *word[UNIT_WORDS];
	size_t n    = 0;
	bool   root = false, uvm = false, no_persistence = false;

	*advice = false;
	snprintf(text, sizeof(text), "%s", exec);
	if (!unit_words(text, word, &n) || n == 0 ||
		!bytes_end(bytes_text(word[0]), BYTES("nvidia-persistenced")))
		return "it does not start nvidia-persistenced";
	for (size_t i = 1; i < n; i++) {
		if (strncmp(word[i], "--user=", 7) == 0)
			root = strcmp(word[i] + 7, "root") == 0;
		else if (strcmp(word[i], "--user") == 0 || strcmp(word[i], "-u") == 0)
			root = i + 1 < n && strcmp(word[i + 1], "root") == 0;
		else if (bytes_end(bytes_text(word[i]), BYTES("uvm-persistence-mode")))
			uvm = strcmp(word[i], "--uvm-persistence-mode") == 0;
		else if (bytes_end(bytes_text(word[i]), BYTES("-persistence-mode")))
			no_persistence = strcmp(word[i], "--no-persistence-mode") == 0;
	}
	if (no_persistence)
		return "--no-persistence-mode lets the GPU's session end with each program";
	if (!uvm && m->profile == PROFILE_PPCIE)
		return "--uvm-persistence-mode is missing";
	*advice = !uvm;
	if (!root)
		return "--user root is missing";
	return NULL;
}

static void judge_exec(
	const struct machine *m, const char *exec, enum assay_code code, struct result *r)
{
	bool        advice = false;
	const char *wrong  = exec_wrong(m, exec, &advice);

	r_wanted(r, "nvidia-persistenced --user root --uvm-persistence-mode");
	r_seen(r, "%s", SHOWN(exec));
	if (wrong != NULL)
		r_fail(r, code, "%s", wrong);
	else if (advice)
		r_pass(r, "as the guide has it for one GPU; --uvm-persistence-mode is better");
	else
		r_pass(r, "%s", SHOWN(exec));
}

/* What a drop-in says that could not be read may be the last word. */
static bool drop_in_unread(const struct unit_found *u, struct result *r)
{
	if (u->unread == 0)
		return false;
	r_unknown(r, "a drop-in of it could not be read: %s", root_why(u->unread));
	r_remedy(r, "Run assay doctor as root.");
	return true;
}

void judge_persistenced_configured(const struct machine *m, struct result *r)
{
	const struct unit_found *u = &m->persistenced;
	char                     exec[UNIT_EXEC];
	size_t                   execs;

	r_path(r, "%s", u->path[0] != 0 ? u->path : "/etc/systemd/system");
	if (u->masked)
		r_fail(r, ASSAY_HOST_SETTING, "the unit is masked");
	else if (!u->there)
		r_fail(r, ASSAY_HOST_MISSING, "there is no unit %s", UNIT);
	else if (drop_in_unread(u, r))
		return;
	else if (!exec_of(u, exec, &execs))
		r_fail(r, ASSAY_HOST_SETTING, "the unit has no ExecStart");
	else if (execs > 1)
		r_fail(r, ASSAY_HOST_SETTING,
			"the unit has %zu ExecStart, and systemd refuses it: a drop-in begins with an empty one",
			execs);
	else
		judge_exec(m, exec, ASSAY_HOST_SETTING, r);
}

/* Is there an answer of systemd's? If not, says so. */
static bool live(const struct machine *m, const struct unit_facts *f, struct result *r)
{
	if (f->known)
		return true;
	if (!image_only(m, r))
		r_unknown(r,
			"systemd does not answer on the system bus: what is in effect is not known");
	r_path(r, "org.freedesktop.systemd1");
	r_remedy(r, "Run assay doctor on the machine itself, where systemd runs.");
	return false;
}

void judge_persistenced_effective(const struct machine *m, struct result *r)
{
	const struct unit_facts *f = &m->persistenced.live;

	if (!live(m, f, r))
		return;
	r_path(r, "org.freedesktop.systemd1, %s", UNIT);
	r_seen(r, "%s", SHOWN(f->load));
	if (strcmp(f->load, "loaded") != 0)
		r_fail(r, ASSAY_HOST_EFFECT, "the unit is %s for systemd", SHOWN(f->load));
	else if (f->exec[0] == 0)
		r_fail(r, ASSAY_HOST_EFFECT, "the unit has no ExecStart");
	else
		judge_exec(m, f->exec, ASSAY_HOST_EFFECT, r);
}

static bool user_there(const struct machine *m, struct bytes user)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	struct bytes                 line, name, rest;

	if (user.n == 0 || bytes_equal(user, BYTES("root")))
		return true;
	if (root_read(&m->root, "etc/passwd", ROOT_FILE, &text) != 0)
		return false;
	for (size_t at = 0; line_next(buf_bytes(&text), &at, &line);)
		if (line_cut(line, ':', &name, &rest) && bytes_equal(name, user))
			return true;
	return false;
}

void judge_unit_type(const struct machine *m, struct result *r)
{
	CLEANUP(buf_done) struct buf type = { 0 }, user = { 0 };
	const struct unit_found     *u = &m->persistenced;
	struct assay_err             e = { 0 };

	if (!u->there) {
		r_wait(r, CHECK_SERVICE_PERSISTENCED_CONFIGURED);
		return;
	}
	unit_last(&u->files, "Service", "Type", &type, &e);
	unit_last(&u->files, "Service", "User", &user, &e);
	r_path(r, "%s", u->path);
	r_wanted(r, "Type=forking");
	r_seen(r, "Type=%s", SHOWN(buf_cstr(&type)));
	if (!bytes_equal(buf_bytes(&type), BYTES("forking")))
		r_fail(r, ASSAY_HOST_SETTING, "Type is %s, and the daemon forks",
			type.n == 0 ? "not set" : SHOWN(buf_cstr(&type)));
	else if (!user_there(m, buf_bytes(&user)))
		r_fail(r, ASSAY_HOST_SETTING, "the user %s does not exist",
			SHOWN(buf_cstr(&user)));
	else
		r_pass(r, "forking");
}

static uint64_t least_usec(const struct machine *m)
{
	return 1000000 *
		(m->profile == PROFILE_PPCIE ? m->data->ppcie : m->data->single).start_seconds;
}

static void judge_timeout(const struct machine *m, uint64_t usec, const char *how,
	enum assay_code code, struct result *r)
{
	const uint64_t least = least_usec(m);

	r_wanted(r, "%llu s or more; 900 is best", (unsigned long long)(least / 1000000));
	if (usec == UNIT_FOREVER)
		r_seen(r, "infinity");
	else
		r_seen(r, "%llu s%s", (unsigned long long)(usec / 1000000), how);
	if (usec >= least)
		r_pass(r, "%s", r->seen);
	else
		r_fail(r, code, "the start is given %s", r->seen);
}

void judge_timeout_configured(const struct machine *m, struct result *r)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	const struct unit_found     *u    = &m->persistenced;
	struct assay_err             e    = { 0 };
	uint64_t                     usec = 90000000;
	const char                  *how  = ", systemd's default";

	if (!u->there) {
		r_wait(r, CHECK_SERVICE_PERSISTENCED_CONFIGURED);
		return;
	}
	r_path(r, "%s", u->path);
	if (drop_in_unread(u, r))
		return;
	if (unit_last_of(&u->files, "Service", "TimeoutStartSec", "TimeoutSec", &text, &e)) {
		how = "";
		if (!unit_time(buf_bytes(&text), &usec)) {
			r_fail(r, ASSAY_HOST_SETTING, "TimeoutStartSec=%s is no time",
				SHOWN(buf_cstr(&text)));
			return;
		}
		if (usec == 0) /* systemd.service(5): 0 turns it off */
			usec = UNIT_FOREVER;
	}
	judge_timeout(m, usec, how, ASSAY_HOST_SETTING, r);
}

void judge_timeout_effective(const struct machine *m, struct result *r)
{
	const struct unit_facts *f = &m->persistenced.live;

	if (!f->known) {
		r_wait(r, CHECK_SERVICE_PERSISTENCED_EFFECTIVE);
		return;
	}
	r_path(r, "org.freedesktop.systemd1, %s, TimeoutStartUSec", UNIT);
	if (strcmp(f->load, "loaded") != 0)
		r_wait(r, CHECK_SERVICE_PERSISTENCED_EFFECTIVE);
	else
		judge_timeout(m, f->start_usec, "", ASSAY_HOST_EFFECT, r);
}

void judge_enabled(const struct machine *m, struct result *r)
{
	const struct unit_found *u = &m->persistenced;
	const char              *s = u->live.file_state;

	if (!u->there && !u->live.known) {
		r_wait(r, CHECK_SERVICE_PERSISTENCED_CONFIGURED);
		return;
	}
	r_path(r, "%s",
		u->live.known ? "org.freedesktop.systemd1, UnitFileState"
			      : "/etc/systemd/system/multi-user.target.wants");
	r_wanted(r, "enabled");
	r_seen(r, "%s", s[0] != 0 ? SHOWN(s) : u->enabled ? "enabled" : "not enabled");
	if (s[0] != 0 ? strcmp(s, "enabled") == 0 : u->enabled)
		r_pass(r, "enabled");
	else if ((strcmp(s, "static") == 0 || strcmp(s, "generated") == 0) &&
		u->live.state == UNIT_ACTIVE)
		r_pass(r, "%s, and it was started", s);
	else
		r_fail(r, ASSAY_HOST_SETTING, "the unit does not start at boot");
}

void judge_ready_rule(const struct machine *m, struct result *r)
{
	const struct unit_facts *f       = &m->persistenced.live;
	const uint64_t           elapsed = f->left_usec / 1000000 < (uint64_t)m->how->now
			  ? (uint64_t)m->how->now - f->left_usec / 1000000
			  : 0;

	if (!live(m, f, r))
		return;
	r_path(r, "org.freedesktop.systemd1, %s, ActiveState", UNIT);
	r_wanted(r, "active, running");
	r_seen(r, "%s, %s", SHOWN(f->active), SHOWN(f->sub));
	if (f->state == UNIT_ACTIVATING) {
		r_busy(r,
			"the GPU stack has been starting for %llu s; the unit is given %llu s",
			(unsigned long long)elapsed,
			(unsigned long long)(f->start_usec / 1000000));
		r_remedy(r, "Wait: assay doctor --wait. Start no nvidia-smi meanwhile.");
	} else if (f->state == UNIT_FAILED) {
		r_fail(r, ASSAY_HOST_EFFECT, "the start failed: %s", SHOWN(f->result));
		if (strcmp(f->result, "timeout") == 0)
			r_remedy(r,
				"Set TimeoutStartSec=900, then stop and start the instance.");
	} else if (f->state != UNIT_ACTIVE || strcmp(f->sub, "running") != 0) {
		r_fail(r, ASSAY_HOST_EFFECT, "the unit is %s, %s", SHOWN(f->active),
			SHOWN(f->sub));
	} else if (m->profile == PROFILE_PPCIE && m->fabric.live.known &&
		m->fabric.live.state != UNIT_ACTIVE) {
		r_fail(r, ASSAY_HOST_EFFECT, "persistenced is active, Fabric Manager is not");
	} else {
		r_pass(r, "active, running");
	}
}

void judge_restart(const struct machine *m, struct result *r)
{
	const struct unit_facts *f = &m->persistenced.live;

	if (!f->known) {
		r_wait(r, CHECK_SERVICE_PERSISTENCED_EFFECTIVE);
		return;
	}
	r_path(r, "org.freedesktop.systemd1, %s, NeedDaemonReload", UNIT);
	if (f->reload)
		r_warn(r, "the unit changed on disk since systemd read it");
	else
		r_pass(r, "what systemd has read is what is on disk");
}

/* Environment SVC-07: who opens the GPU. */
static const struct {
	const char *name;
	bool        work; /* it brings work to the GPU: SVC-08 */
} consumers[] = {
	{ "cloudmonitor.service", false },
	{ "nvidia-cdi-refresh.service", false },
	{ "ollama.service", true },
	{ "docker.service", true },
	{ "containerd.service", true },
	{ "crio.service", true },
	{ "podman.service", true },
	{ "kubelet.service", true },
	{ "k3s.service", true },
	{ "rke2-agent.service", true },
	{ "nvidia-dcgm.service", false },
	{ "dcgm-exporter.service", false },
	{ "nvidia-powerd.service", false },
	{ "nvidia-mps.service", true },
	{ "slurmd.service", true },
};

/* A unit that is enabled and says itself that it uses the GPU. */
static bool mentions_gpu(const struct unit_found *u)
{
	static const char *const     words[] = { "nvidia", "cuda", "dcgm" };
	CLEANUP(buf_done) struct buf text    = { 0 };
	struct assay_err             e       = { 0 };

	unit_list(&u->files, "Service", "ExecStart", &text, &e);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (bytes_has(buf_bytes(&text), words[i]))
			return true;
	return unit_lists(&u->files, "Service", "DeviceAllow", "/dev/nvidia0") ||
		unit_lists(&u->files, "Service", "DeviceAllow", "/dev/nvidiactl");
}

/* Requires= or BindsTo= of the daemon, or of a unit that does not succeed without it. */
static bool waits_for_success(const struct unit_files *u)
{
	static const char *const gates[] = { UNIT, "assay-attest.service",
		"assay-attest-watch.service", "gpu-ready.target" };

	for (size_t i = 0; i < ARRAY_LEN(gates); i++)
		if (unit_lists(u, "Unit", "Requires", gates[i]) ||
			unit_lists(u, "Unit", "BindsTo", gates[i]))
			return true;
	return false;
}

struct order {
	const struct machine *m;
	struct buf            unordered, looped, loose;
	size_t                n;
};

static void look_at(struct order *o, const char *name, bool known, bool work)
{
	struct unit_found        u    = { 0 };
	const struct unit_files *mine = &o->m->persistenced.files;
	bool                     after, before;

	unit_find(o->m, name, &u);
	if (u.there && !u.masked && (known || mentions_gpu(&u))) {
		o->n++;
		after = unit_lists(&u.files, "Unit", "After", UNIT) ||
			unit_lists(mine, "Unit", "Before", name);
		before = unit_lists(&u.files, "Unit", "Before", UNIT) ||
			unit_lists(mine, "Unit", "After", name) ||
			(unit_lists(&u.files, "Unit", "After", "multi-user.target") &&
				unit_lists(
					&u.files, "Install", "WantedBy", "multi-user.target"));
		if (after && before)
			buf_printf(
				&o->looped, "%s%s", o->looped.n == 0 ? "" : ", ", SHOWN(name));
		else if (!after)
			buf_printf(&o->unordered, "%s%s", o->unordered.n == 0 ? "" : ", ",
				SHOWN(name));
		if (work && !waits_for_success(&u.files))
			buf_printf(&o->loose, "%s%s", o->loose.n == 0 ? "" : ", ", SHOWN(name));
	}
	unit_found_done(&u);
}

static bool is_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(consumers); i++)
		if (strcmp(name, consumers[i].name) == 0)
			return true;
	return strcmp(name, UNIT) == 0 || strcmp(name, "nvidia-fabricmanager.service") == 0 ||
		strcmp(name, "assay-attest.service") == 0;
}

#define ENABLED_MOST 256

static void order_read(const struct machine *m, struct order *o)
{
	CLEANUP(names_done) struct names n = { 0 };

	o->m = m;
	for (size_t i = 0; i < ARRAY_LEN(consumers); i++)
		look_at(o, consumers[i].name, true, consumers[i].work);
	root_list(&m->root, "etc/systemd/system/multi-user.target.wants", &n);
	for (size_t i = 0; i < n.n && i < ENABLED_MOST; i++)
		if (!is_known(n.name[i]) && bytes_end(bytes_text(n.name[i]), BYTES(".service")))
			look_at(o, n.name[i], false, true);
}

static void order_done(struct order *o)
{
	buf_done(&o->unordered);
	buf_done(&o->looped);
	buf_done(&o->loose);
}

static bool order_there(const struct machine *m, struct order *o, struct result *r)
{
	if (!m->persistenced.there) {
		r_wait(r, CHECK_SERVICE_PERSISTENCED_CONFIGURED);
		return false;
	}
	order_read(m, o);
	r_path(r, "/etc/systemd/system, /usr/lib/systemd/system");
	return true;
}

void judge_order(const struct machine *m, struct result *r)
{
	CLEANUP(order_done) struct order o = { 0 };

	if (!order_there(m, &o, r))
		return;
	r_wanted(r, "After=%s", UNIT);
	if (o.looped.n > 0) {
		r_fail(r, ASSAY_HOST_SETTING,
			"a cycle: ordered before and behind %s at once: %.120s%s%.120s", UNIT,
			buf_cstr(&o.looped), o.unordered.n > 0 ? "; not ordered at all: " : "",
			buf_cstr(&o.unordered));
		r_remedy(r,
			"Take one of the two edges away; systemd deletes a job to break a cycle.");
	} else if (o.unordered.n > 0) {
		r_fail(r, ASSAY_HOST_SETTING, "not ordered behind %s: %.300s", UNIT,
			buf_cstr(&o.unordered));
	} else if (o.n == 0) {
		r_pass(r, "no GPU user is installed");
	} else {
		r_pass(r, "all %zu GPU users", o.n);
	}
}

void judge_consumers(const struct machine *m, struct result *r)
{
	CLEANUP(order_done) struct order o = { 0 };

	if (!order_there(m, &o, r))
		return;
	if (o.loose.n == 0)
		r_pass(r,
			o.n == 0 ? "no GPU user is installed"
				 : "none brings work to a GPU that did not start");
	else
		r_warn(r, "they start also when the GPU did not: %.300s", buf_cstr(&o.loose));
}

void judge_cloudmonitor(const struct machine *m, struct result *r)
{
	const struct unit_found *u = &m->cloudmonitor;

	r_path(r, "%s", u->path[0] != 0 ? u->path : "/usr/lib/systemd/system");
	if (!u->there)
		r_pass(r, "not installed");
	else if (m->driver[0] != 0)
		r_pass(r, "the driver is there, so nothing is to be paused");
	else if (u->live.state == UNIT_ACTIVE || (!u->live.known && u->enabled))
		r_warn(r, "it runs, and the driver is still to be installed");
	else
		r_pass(r, "it is quiet");
}

/* The version of an installed Debian package whose name begins so, without its epoch and revision. */
static bool package_version(const struct machine *m, const char *begins, char *out, size_t size)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	struct bytes                 line, left, right;
	bool this = false;

	if (root_read(&m->root, "var/lib/dpkg/status", 67108864, &text) != 0)
		return false;
	for (size_t at = 0; line_next(buf_bytes(&text), &at, &line);) {
		if (bytes_begin(line, BYTES("Package: ")))
			this = bytes_begin(bytes_behind(line, 9), bytes_text(begins));
		if (!this || !bytes_begin(line, BYTES("Version: ")))
			continue;
		right = bytes_behind(line, 9);
		if (line_cut(right, ':', &left, &line))
			right = line;
		line_cut(right, '-', &left, &line);
		snprintf(out, size, "%.*s", (int)left.n, (const char *)left.p);
		return true;
	}
	return false;
}

void judge_fabric_configured(const struct machine *m, struct result *r)
{
	static const char            cfg[] = "usr/share/nvidia/nvswitch/fabricmanager.cfg";
	const struct unit_found     *u     = &m->fabric;
	CLEANUP(buf_done) struct buf text  = { 0 };
	struct bytes                 line;
	char                         version[64];
	bool                         mode = true;

	r_path(r, "%s", u->path[0] != 0 ? u->path : "/usr/lib/systemd/system");
	if (m->profile == PROFILE_SINGLE) {
		r_wanted(r, "not enabled");
		if (u->enabled) {
			r_fail(r, ASSAY_HOST_SETTING,
				"it is enabled, and there is no switch: it fails");
			r_remedy(r, "Run: systemctl disable nvidia-fabricmanager.service");
		} else {
			r_pass(r, "not enabled");
		}
		return;
	}
	r_wanted(r, "installed, enabled, FABRIC_MODE=0");
	if (!u->there || u->masked) {
		r_fail(r, ASSAY_HOST_MISSING,
			u->masked ? "the unit is masked" : "Fabric Manager is not installed");
		return;
	}
	if (!u->enabled) {
		r_fail(r, ASSAY_HOST_SETTING, "it does not start at boot");
		r_remedy(r, "Run: systemctl enable nvidia-fabricmanager.service");
		return;
	}
	if (root_read(&m->root, cfg, 65536, &text) == 0)
		for (size_t at = 0; line_next(buf_bytes(&text), &at, &line);)
			if (bytes_begin(line_trim(line), BYTES("FABRIC_MODE=")))
				mode = bytes_equal(line_trim(line), BYTES("FABRIC_MODE=0"));
	if (m->driver[0] != 0 &&
		package_version(m, "nvidia-fabricmanager", version, sizeof(version)) &&
		strcmp(version, m->driver) != 0) {
		r_path(r, "/var/lib/dpkg/status");
		r_fail(r, ASSAY_HOST_VERSION, "Fabric Manager is %s and the driver is %s",
			SHOWN(version), SHOWN(m->driver));
	} else if (!mode) {
		r_path(r, "/%s", cfg);
		r_fail(r, ASSAY_HOST_SETTING, "FABRIC_MODE is not 0");
		r_remedy(r, "Set FABRIC_MODE=0 in /%s.", cfg);
	} else {
		r_pass(r, "installed and enabled");
	}
}

/* GPUs that have not joined the fabric; -1: the driver does not tell. */
static int apart(const struct machine *m)
{
	int n = 0;

	if (m->asked != ASKED || collected_count(&m->gpu_says, DEVICE_GPU) == 0)
		return -1;
	for (size_t i = 0; i < m->gpu_says.devices; i++) {
		const struct collected_device *d = &m->gpu_says.device[i];

		if (d->kind != DEVICE_GPU)
			continue;
		if (d->fabric < 0)
			return -1;
		n += d->fabric != 3 || d->fabric_status != 0;
	}
	return n;
}

void judge_fabric_effective(const struct machine *m, struct result *r)
{
	const struct unit_facts *f = &m->fabric.live;
	const int                n = apart(m);
	char                     line[RESULT_TEXT];

	r_wanted(r, "active, and every GPU in the fabric");
	if (log_has(m, "interface version", line) && strstr(line, "fabric") != NULL) {
		r_path(r, "%s", m->log_source);
		r_seen(r, "%s", line);
		r_fail(r, ASSAY_HOST_VERSION, "its version is not the driver's");
		return;
	}
	if (!f->known && n != 0) {
		if (n > 0)
			r_fail(r, ASSAY_HOST_EFFECT, "%d GPUs have not joined the fabric", n);
		else
			live(m, f, r);
		return;
	}
	r_path(r,
		f->known ? "org.freedesktop.systemd1, nvidia-fabricmanager.service"
			 : "nvmlDeviceGetGpuFabricInfoV");
	r_seen(r, "%s", f->known ? SHOWN(f->active) : "every GPU in the fabric");
	if (f->known && f->state == UNIT_ACTIVATING)
		r_busy(r, "Fabric Manager is starting");
	else if (f->known && f->state != UNIT_ACTIVE)
		r_fail(r, ASSAY_HOST_EFFECT, "Fabric Manager is %s", SHOWN(f->active));
	else if (n > 0)
		r_fail(r, ASSAY_HOST_EFFECT, "%d GPU%s not joined the fabric", n,
			n == 1 ? " has" : "s have");
	else if (n == 0)
		r_pass(r, "every GPU is in the fabric");
	else if (m->asked == ASKED)
		r_unknown(r, "active; the driver does not tell the fabric's state");
	else
		r_pass(r, "active; the driver is not asked here for the fabric's state");
}
