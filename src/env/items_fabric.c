/* SPDX-License-Identifier: Apache-2.0
 *
 * Environment 5.8, SVC-10: the manager of the switches, of the driver's version and at work. */
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
			if (bytes_begin(bytes_trim(line), BYTES("FABRIC_MODE=")))
				mode = bytes_equal(bytes_trim(line), BYTES("FABRIC_MODE=0"));
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
			unit_told(m, f, r);
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
