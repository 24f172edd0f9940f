/* SPDX-License-Identifier: Apache-2.0
 *
 * Environment 5.8, SVC-07 to SVC-09: who opens the GPU, and what must have started before. */
#include <errno.h>
#include <stdio.h>

#include "base/show.h"
#include "env/items.h"
#include "env/line.h"

static const char *shown(const char *text, char out[SHOW_MAX])
{
	return show(bytes_text(text), out);
}
#define SHOWN(text) shown((text), (char[SHOW_MAX]){ 0 })

#define UNIT "nvidia-persistenced.service"

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
