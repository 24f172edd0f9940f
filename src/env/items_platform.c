/* SPDX-License-Identifier: Apache-2.0
 *
 * Environment 5.1, 5.2: platform, kernel, boot. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include "base/show.h"
#include "env/image.h"
#include "env/items.h"
#include "env/line.h"
#include "env/ours.h"

void judge_machine(const struct machine *m, struct result *r)
{
	const bool efi = root_there(&m->root, "sys/firmware/efi");

	r_wanted(r, "x86_64, UEFI");
	r_seen(r, "%s, %s", m->arch, efi ? "UEFI" : "no UEFI");
	r_path(r, "uname, /sys/firmware/efi");
	if (m->osrelease[0] == 0 && !efi)
		r_unknown(r, "the tree is an image, and nothing runs in it");
	else if (strcmp(m->arch, "x86_64") == 0 && efi)
		r_pass(r, "%s, UEFI", m->arch);
	else
		r_fail(r, ASSAY_HOST_MACHINE, "this is %s %s", m->arch,
			efi ? "with UEFI" : "without UEFI");
}

void judge_topology(const struct machine *m, struct result *r)
{
	r_wanted(r, "1 GPU and 0 switches, or 8 GPUs and 4 switches");
	r_seen(r, "%zu GPU%s and %zu switch%s", m->gpus, m->gpus == 1 ? "" : "s", m->switches,
		m->switches == 1 ? "" : "es");
	r_path(r, "/sys/bus/pci/devices");
	if (m->pci_no != 0 && m->pci_no != ENOENT)
		r_unread(r, "sys/bus/pci/devices", m->pci_no);
	else if (m->found == PROFILE_NONE)
		r_fail(r, ASSAY_DEVICE_NONE, "there is no NVIDIA device on the bus");
	else if (m->found == PROFILE_OTHER)
		r_fail(r, ASSAY_HOST_TOPOLOGY,
			"%zu GPU%s and %zu switch%s: unsupported topology", m->gpus,
			m->gpus == 1 ? "" : "s", m->switches, m->switches == 1 ? "" : "es");
	else if (m->found != m->profile)
		r_fail(r, ASSAY_HOST_TOPOLOGY, "the devices are those of %s, not of %s",
			profile_name(m->found), profile_name(m->profile));
	else
		r_pass(r, "%s: the profile %s", r->seen, profile_name(m->found));
	for (size_t i = 0; r->outcome == ASSAY_OUTCOME_PASS && i < m->functions; i++)
		if (!m->pci[i].known)
			r_warn(r,
				"%s: the device 0x%04x is not known here; the list may be older "
				"than it",
				m->pci[i].address, m->pci[i].device);
}

/* The type that cloud-init kept; a hint of the host's, no more. */
static bool instance_type(const struct machine *m, char *out, size_t size)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	struct bytes                 b, left, right;
	const uint8_t               *p;

	if (m->how->type != NULL) {
		snprintf(out, size, "%s", m->how->type);
		return true;
	}
	if (root_read(&m->root, "run/cloud-init/instance-data.json", ROOT_FILE, &text) != 0)
		return false;
	b = buf_bytes(&text);
	p = bytes_find(b, BYTES("\"instance-type\""));
	if (p == NULL)
		p = bytes_find(b, BYTES("\"instance_type\""));
	if (p == NULL)
		return false;
	b = bytes_behind(b, (size_t)(p - b.p) + 15);
	if (!line_cut(b, '"', &left, &right) || !line_cut(right, '"', &left, &b))
		return false;
	snprintf(out, size, "%s", SHOW(left));
	return left.n > 0 && left.n < 64;
}

void judge_type(const struct machine *m, struct result *r)
{
	const struct data_instance *i;
	char                        type[128];

	if (!instance_type(m, type, sizeof(type))) {
		r_none(r,
			"the instance type is not known without asking the network; --type NAME "
			"compares it");
		return;
	}
	i = data_instance_find(m->data, bytes_text(type));
	if (i == NULL) {
		r_warn(r, "the type %s is not in the list of this family", type);
		return;
	}
	r_wanted(r, "%llu GPUs and %llu switches", (unsigned long long)i->gpus,
		(unsigned long long)i->switches);
	r_seen(r, "%zu and %zu", m->gpus, m->switches);
	if (i->gpus == m->gpus && i->switches == m->switches)
		r_pass(r, "%s, and the devices are all there", type);
	else
		r_fail(r, ASSAY_HOST_TOPOLOGY, "%s promises other devices than there are",
			type);
}

void judge_os(const struct machine *m, struct result *r)
{
	r_path(r, "/etc/os-release");
	r_wanted(r, "Alibaba Cloud Linux 3");
	r_seen(r, "%s", SHOW(bytes_text(m->os_name)));
	if (m->os_no != 0)
		r_unread(r, "etc/os-release", m->os_no);
	else if (strcmp(m->os_id, "alinux") == 0 && m->os_version[0] == '3')
		r_pass(r, "%s", SHOW(bytes_text(m->os_name)));
	else
		r_warn(r, "not supported by the cloud for this family; generic rules apply");
}

void judge_room(const struct machine *m, struct result *r)
{
	char        real[PATH_MAX];
	const char *tmp = ours_tmp(real);
	const struct {
		const char *path;
		uint64_t    need;
	} places[] = {
		{ "/usr", 2ULL << 30 },
		{ tmp != NULL ? tmp : "/tmp", 6ULL << 30 },
		{ "/boot", image_room(m, NULL).want },
	};

	if (!m->root.live) {
		r_none(r, "the tree's disks are not those of the machine");
		return;
	}
	r_pass(r, "enough is free for driver and initramfs");
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		struct statvfs v;
		uint64_t       have;

		if (statvfs(places[i].path, &v) != 0)
			continue;
		have = (uint64_t)v.f_bavail * v.f_frsize;
		if (have < places[i].need && r->outcome == ASSAY_OUTCOME_PASS) {
			r_warn(r,
				"%s has %llu MiB free, and %llu MiB are wanted before anything "
				"is installed",
				SHOW(bytes_text(places[i].path)),
				(unsigned long long)(have >> 20),
				(unsigned long long)(places[i].need >> 20));
			r_path(r, "statvfs %s", SHOW(bytes_text(places[i].path)));
		}
	}
}

/* A gate at boot needs the time before it judges: a token that begins seconds in its future is refused. Does one wait for it? */
static bool gate_waits(const struct machine *m)
{
	static const char *const waits[] = {
		"etc/systemd/system/sysinit.target.wants/systemd-time-wait-sync.service",
		"etc/systemd/system/multi-user.target.wants/chrony-wait.service",
	};
	struct unit_found u = { 0 };
	char              link[256];
	bool              gate, after, waiting = false;

	unit_find(m, "assay-attest.service", &u);
	gate  = u.there && u.enabled;
	after = unit_lists(&u.files, "Unit", "After", "time-sync.target");
	unit_found_done(&u);
	for (size_t i = 0; i < ARRAY_LEN(waits); i++)
		waiting = waiting || root_link(&m->root, waits[i], link, sizeof(link)) == 0;
	return !gate || (after && waiting);
}

void judge_time(int state, const struct timex *t, int64_t now, struct result *r)
{
	r_path(r, "adjtimex");
	if (state < 0)
		r_unknown(r, "adjtimex: %s", root_why(errno));
	else if (now < 1764000000) /* older than this program */
		r_fail(r, ASSAY_HOST_EFFECT, "the clock is before November 2025");
	else if (state == TIME_ERROR || (t->status & STA_UNSYNC) != 0)
		r_warn(r, "nobody keeps the clock right: not synchronised");
	else
		r_pass(r, "synchronised");
}

void judge_clock(const struct machine *m, struct result *r)
{
	struct timex t = { 0 };

	if (!gate_waits(m)) {
		r_path(r, "/etc/systemd/system");
		r_warn(r, "assay-attest.service runs at boot, and nothing waits for the clock");
		r_remedy(r,
			"Order it After=time-sync.target, and enable systemd-time-wait-sync or chrony-wait.");
		return;
	}
	if (!m->root.live) {
		r_none(r, "the tree's clock is not that of the machine");
		return;
	}
	judge_time(adjtimex(&t), &t, m->how->now, r);
}

void judge_privilege(const struct machine *m, struct result *r)
{
	char container[64];

	if (m->root.live)
		r_seen(r, "effective user %u", (unsigned)geteuid());
	if (root_line(&m->root, "run/systemd/container", container, sizeof(container)) == 0) {
		r_warn(r, "this runs in a container (%s): the host is not seen",
			SHOW(bytes_text(container)));
		r_path(r, "/run/systemd/container");
		r_remedy(r, "Run assay doctor on the machine itself.");
	} else if (root_there(&m->root, ".dockerenv") ||
		root_there(&m->root, "run/.containerenv")) {
		r_warn(r, "this runs in a container: the host is not seen");
		r_path(r, "/.dockerenv, /run/.containerenv");
		r_remedy(r, "Run assay doctor on the machine itself.");
	} else if (geteuid() != 0 && m->root.live) {
		r_warn(r, "not root: some files below could not be read");
	} else {
		r_pass(r, "%s", m->root.live ? "root" : "a tree");
	}
}

void judge_kernel_version(const struct machine *m, struct result *r)
{
	const struct bytes  floor = m->data->kernel;
	enum kernel_verdict v     = kernel_judge(&m->kernel, floor);

	r_path(r, "/proc/sys/kernel/osrelease");
	r_wanted(r, "%.*s or later on al8", (int)floor.n, (const char *)floor.p);
	r_seen(r, "%s", SHOW(bytes_text(m->osrelease)));
	if (image_only(m, r))
		return;
	if (v == KERNEL_NO_RULE)
		r_none(r,
			"the floor is one of the 5.10 line of Alibaba Cloud Linux and Anolis; "
			"here what is measured decides");
	else if (v == KERNEL_OLD)
		r_fail(r, ASSAY_HOST_VERSION, "the kernel %s is below the floor",
			SHOW(bytes_text(m->osrelease)));
	else if (v == KERNEL_UNTESTED)
		r_warn(r,
			"above the floor, but of another branch: swiotlb and crypto by "
			"measurement below");
	else
		r_pass(r, "%s", SHOW(bytes_text(m->osrelease)));
}

static bool has_module(const struct machine *m, const char *kernel)
{
	const struct kernel_modules *k = machine_modules(m, kernel);

	return k != NULL && k->nvidia[0] != 0;
}

void judge_kernel_default(const struct machine *m, struct result *r)
{
	const char   *next = machine_next_kernel(m);
	const bool    used = m->driver[0] != 0 || has_module(m, m->osrelease);
	struct kernel kernel;

	kernel_parse(bytes_text(next), &kernel);
	r_path(r, "/%s", m->boot.place);
	r_wanted(r, "%s", SHOW(bytes_text(m->osrelease)));
	r_seen(r, "%s", SHOW(bytes_text(next)));
	if (m->boot.no != 0) {
		r_unread(r, m->boot.place, m->boot.no);
	} else if (next[0] == 0 && m->boot.style == BOOT_DIRECT) {
		r_unknown(
			r, "direct kernel boot: whoever starts this machine names the kernel");
		r_remedy(r, "Look where the machine is started from.");
	} else if (next[0] == 0) {
		r_unknown(r, "which kernel boots next is not known");
	} else if (image_only(m, r)) {
		return;
	} else if (strcmp(next, m->osrelease) == 0) {
		r_pass(r, "%s runs and boots next", SHOW(bytes_text(next)));
	} else if (used && !has_module(m, next)) {
		r_fail(r, ASSAY_HOST_VERSION,
			"%s boots next, and there is no NVIDIA module for it",
			SHOW(bytes_text(next)));
	} else if (kernel_judge(&kernel, m->data->kernel) == KERNEL_OLD) {
		r_fail(r, ASSAY_HOST_VERSION, "%s boots next, and is below the floor",
			SHOW(bytes_text(next)));
		r_remedy(r, "Set a kernel as the default that is %.*s or later.",
			(int)m->data->kernel.n, (const char *)m->data->kernel.p);
	} else {
		r_warn(r, "%s boots next, and another runs", SHOW(bytes_text(next)));
	}
}

void judge_kernel_features(const struct machine *m, struct result *r)
{
	static const char *const     options[] = { "CONFIG_INTEL_TDX_GUEST",
		    "CONFIG_TDX_GUEST_DRIVER", "CONFIG_CRYPTO_ECDSA", "CONFIG_CRYPTO_ECDH",
		    "CONFIG_TSM_REPORTS" };
	CLEANUP(buf_done) struct buf text = { 0 }, missing = { 0 };
	char                         path[192];
	int                          no;

	snprintf(path, sizeof(path), "boot/config-%s", m->osrelease);
	no = root_read(&m->root, path, ROOT_FILE, &text);
	if (no != 0) {
		snprintf(path, sizeof(path), "lib/modules/%s/config", m->osrelease);
		no = root_read(&m->root, path, ROOT_FILE, &text);
	}
	r_path(r, "/%s", path);
	if (no != 0) {
		r_warn(r,
			"the kernel's configuration cannot be read; td., lkca. and memory. measure");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		char needle[64];

		snprintf(needle, sizeof(needle), "\n%s=", options[i]);
		if (!bytes_has(buf_bytes(&text), needle) &&
			!bytes_begin(buf_bytes(&text), bytes_text(needle + 1)))
			buf_printf(&missing, "%s%s", missing.n == 0 ? "" : ", ", options[i]);
	}
	if (missing.n == 0)
		r_pass(r, "all options are there");
	else
		r_warn(r, "not in this kernel: %s", buf_cstr(&missing));
}

/* An EFI variable of one byte, behind four of attributes; -1: none. */
static int efi_flag(const struct machine *m, const char *path)
{
	CLEANUP(buf_done) struct buf b = { 0 };

	return root_read(&m->root, path, 64, &b) == 0 && b.n == 5 ? b.p[4] : -1;
}

void judge_lockdown(const struct machine *m, struct result *r)
{
	static const char var[] =
		"sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	char       mode[64] = "", enforce[8] = "";
	const bool secure = efi_flag(m, var) == 1;
	bool       closed;

	root_line(&m->root, "sys/kernel/security/lockdown", mode, sizeof(mode));
	root_line(
		&m->root, "sys/module/module/parameters/sig_enforce", enforce, sizeof(enforce));
	closed = strstr(mode, "[integrity]") != NULL ||
		strstr(mode, "[confidentiality]") != NULL;
	r_path(r, "/%s", secure ? var : "sys/kernel/security/lockdown");
	r_seen(r, "Secure Boot %s, lockdown %s, sig_enforce %s", secure ? "on" : "off",
		mode[0] == 0 ? "not there" : SHOW(bytes_text(mode)),
		enforce[0] == 0 ? "not there" : SHOW(bytes_text(enforce)));
	if (!secure && !closed && enforce[0] != 'Y')
		r_pass(r, "modules need no signature");
	else if (m->driver[0] != 0)
		r_pass(r, "modules need a signature, and the driver's has a good one");
	else
		r_warn(r,
			"modules need a signature by an enrolled key, and no driver is loaded");
}
