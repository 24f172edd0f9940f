/* SPDX-License-Identifier: Apache-2.0
 *
 * Environment 5.6: the open kernel driver. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/show.h"
#include "env/items.h"
#include "env/line.h"
#include "env/modinfo.h"
#include "env/modprobe.h"

static const char *const library_folders[] = { "usr/lib64", "usr/lib/x86_64-linux-gnu",
	"usr/local/lib", "usr/lib" };

/* Numbers with dots between, two or more: "570.148.08", not "1" nor "1.foo". */
static bool version_text(const char *text)
{
	struct bytes part, rest = bytes_text(text);
	uint64_t     n;
	size_t       parts = 0;
	bool         more  = true;

	while (more) {
		more = line_cut(rest, '.', &part, &rest);
		if (!bytes_number(part, &n))
			return false;
		parts++;
	}
	return parts > 1;
}

/* "libnvidia-ml.so.1" -> "libnvidia-ml.so.570.148.08": the version behind ".so." of a link, or of what it leads to, since
 * drivers that a container is given lie elsewhere. A file whose name has no version, as other vendors have it, tells none. */
bool machine_library(
	const struct machine *m, const char *name, char *out, size_t size, char path[256])
{
	for (size_t i = 0; i < ARRAY_LEN(library_folders); i++) {
		char at[ROOT_PATH], link[256];

		snprintf(path, 256, "%s/%s", library_folders[i], name);
		snprintf(at, sizeof(at), "%s", path);
		for (unsigned n = 0; n < ROOT_LINKS; n++) {
			const char *so;

			if (root_follow(&m->root, at, link, sizeof(link)) != 0)
				break;
			so = strstr(link, ".so.");
			if (so != NULL && version_text(so + 4)) {
				snprintf(out, size, "%s", so + 4);
				return true;
			}
		}
	}
	return false;
}

/* A value of nvidia.ko's own; only where the file is not compressed. */
static bool module_says(const struct machine *m, const struct kernel_modules *k,
	const char *name, char *out, size_t size)
{
	char         path[512];
	struct stat  s;
	struct bytes value = { 0 };
	bool         found = false;
	uint8_t     *map;
	int          fd;

	snprintf(path, sizeof(path), "lib/modules/%s/%s", k->kernel, k->nvidia);
	if (k->nvidia[0] == 0 || root_fd(&m->root, path, O_RDONLY | O_NONBLOCK, &fd) != 0)
		return false;
	if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_size > 0) {
		map = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (map != MAP_FAILED) {
			found = modinfo_find(
				(struct bytes){ map, (size_t)s.st_size }, name, &value);
			if (found)
				snprintf(out, size, "%s", SHOW(value));
			munmap(map, (size_t)s.st_size);
		}
	}
	close(fd);
	return found;
}

/* The version of the module for the kernel that runs, or else that is next: by the module, by DKMS. */
static bool module_version(const struct machine *m, char *out, size_t size, char path[256])
{
	const char *kernel = m->osrelease[0] != 0 ? m->osrelease : machine_next_kernel(m);
	const struct kernel_modules     *k = machine_modules(m, kernel);
	CLEANUP(names_done) struct names n = { 0 };

	if (k != NULL && module_says(m, k, "version", out, size)) {
		snprintf(path, 256, "lib/modules/%.100s/%.120s", k->kernel, k->nvidia);
		return true;
	}
	snprintf(path, 256, "var/lib/dkms/nvidia");
	if (root_list(&m->root, path, &n) != 0)
		return false;
	for (size_t i = 0; i < n.n; i++) {
		char built[512];

		snprintf(built, sizeof(built), "%s/%s/%s", path, n.name[i], kernel);
		if (byte_digit((uint8_t)n.name[i][0]) && root_there(&m->root, built)) {
			snprintf(out, size, "%s", n.name[i]);
			return true;
		}
	}
	return false;
}

/* A version that no release meant for confidential computing has; NULL: fine. */
static const struct data_branch *unsuitable(const struct machine *m, const char *version)
{
	for (size_t i = 0; i < m->data->branches; i++) {
		struct bytes b = m->data->branch[i].branch, v = bytes_text(version);

		if (bytes_begin(v, b) && v.n > b.n && v.p[b.n] == '.')
			return &m->data->branch[i];
	}
	return NULL;
}

/* The rules for one version, wherever it was found. true: it fails. */
static bool version_fails(const struct machine *m, const char *version, struct result *r)
{
	const struct data_branch *b = unsuitable(m, version);
	char                      want[64];

	machine_wants_driver(m, want);
	if (version_order(bytes_text(version), bytes_text(want)) < 0) {
		r_fail(r, ASSAY_HOST_VERSION, "%s is older than %s", SHOW(bytes_text(version)),
			want);
		return true;
	}
	if (b != NULL)
		r_warn(r, "branch %.*s: %.*s", (int)b->branch.n, (const char *)b->branch.p,
			(int)b->why.n, (const char *)b->why.p);
	return false;
}

/* Nothing there, or something that tells no version? */
static void untold(const struct machine *m, struct result *r)
{
	const struct kernel_modules *k = machine_modules(
		m, m->osrelease[0] != 0 ? m->osrelease : machine_next_kernel(m));
	char path[256], link[256];

	for (size_t i = 0; i < ARRAY_LEN(library_folders); i++) {
		snprintf(path, sizeof(path), "%s/libnvidia-ml.so.1", library_folders[i]);
		if (root_link(&m->root, path, link, sizeof(link)) != 0)
			continue;
		r_path(r, "/%s", path);
		r_unknown(r, "libnvidia-ml.so.1 is a link to \"%s\", which tells no version",
			SHOW(bytes_text(link)));
		return;
	}
	if (k != NULL && k->nvidia[0] != 0)
		r_unknown(r, "there is a module, and neither it nor a library tells a version");
	else
		r_fail(r, ASSAY_HOST_MISSING, "no driver is installed");
}

void judge_driver_configured(const struct machine *m, struct result *r)
{
	char library[128] = "", module[128] = "", want[64];
	char path[256] = "usr/lib64/libnvidia-ml.so.1", of_module[256] = "";

	machine_library(m, "libnvidia-ml.so.1", library, sizeof(library), path);
	module_version(m, module, sizeof(module), of_module);
	r_wanted(r, "%s or later, one version", machine_wants_driver(m, want));
	r_path(r, "/%.190s", library[0] != 0 ? path : of_module[0] != 0 ? of_module : path);
	r_seen(r, "library %s, module %s",
		library[0] != 0 ? SHOW(bytes_text(library)) : "not told",
		module[0] != 0 ? SHOW(bytes_text(module)) : "not told");
	if (library[0] == 0 && module[0] == 0) {
		untold(m, r);
		return;
	}
	if (library[0] != 0 && module[0] != 0 && strcmp(library, module) != 0) {
		r_fail(r, ASSAY_HOST_VERSION, "the library is %s and the module is %s",
			SHOW(bytes_text(library)), SHOW(bytes_text(module)));
		return;
	}
	r_pass(r, "%s", r->seen);
	version_fails(m, library[0] != 0 ? library : module, r);
}

void judge_driver_effective(const struct machine *m, struct result *r)
{
	char        library[128] = "", path[256], want[64];
	const char *says         = m->asked == ASKED ? m->gpu_says.system.driver : "";

	machine_library(m, "libnvidia-ml.so.1", library, sizeof(library), path);
	r_path(r, "/proc/driver/nvidia/version");
	r_wanted(r, "%s or later", machine_wants_driver(m, want));
	if (m->driver[0] == 0) {
		if (!image_only(m, r))
			r_fail(r, ASSAY_HOST_MISSING, "no driver is loaded");
		return;
	}
	r_seen(r, "%s", SHOW(bytes_text(m->driver)));
	r_pass(r, "%s", SHOW(bytes_text(m->driver)));
	if (version_fails(m, m->driver, r))
		return;
	if (says[0] != 0 && strcmp(says, m->driver) != 0)
		r_fail(r, ASSAY_HOST_VERSION, "%s is loaded and libnvidia-ml says %s",
			SHOW(bytes_text(m->driver)), SHOW(bytes_text(says)));
	else if (library[0] != 0 && strcmp(library, m->driver) != 0)
		r_reboot(r, "%s is loaded and %s is on disk", SHOW(bytes_text(m->driver)),
			SHOW(bytes_text(library)));
}

void judge_driver_module(const struct machine *m, struct result *r)
{
	const char *const kernels[] = { m->osrelease, machine_next_kernel(m) };

	r_path(r, "/lib/modules/*/modules.dep");
	if (m->kernels == 0) {
		r_unknown(r, "/lib/modules has no kernel");
		return;
	}
	r_pass(r, "for each kernel in use");
	for (size_t i = 0; i < ARRAY_LEN(kernels); i++) {
		const struct kernel_modules *k = machine_modules(m, kernels[i]);

		if (kernels[i][0] == 0 || (k != NULL && k->nvidia[0] != 0))
			continue;
		r_fail(r, ASSAY_HOST_MISSING, "there is no nvidia.ko for %s",
			SHOW(bytes_text(kernels[i])));
		r_seen(r, "%s", SHOW(bytes_text(kernels[i])));
		return;
	}
}

void judge_driver_open(const struct machine *m, struct result *r)
{
	const struct kernel_modules *k = machine_modules(m, m->osrelease);
	char                         license[64];

	r_wanted(r, "the open kernel modules");
	if (m->driver[0] != 0) {
		r_path(r, "/proc/driver/nvidia/version");
		if (m->driver_open)
			r_pass(r, "open");
		else
			r_fail(r, ASSAY_HOST_SETTING, "the proprietary modules are loaded");
	} else if (k != NULL && module_says(m, k, "license", license, sizeof(license))) {
		r_path(r, "/lib/modules/%s/%.60s", k->kernel, k->nvidia);
		r_seen(r, "license %s", license);
		if (strcmp(license, "Dual MIT/GPL") == 0)
			r_pass(r, "open, on disk");
		else
			r_fail(r, ASSAY_HOST_SETTING, "the module on disk is not the open one");
	} else {
		r_wait(r, CHECK_DRIVER_VERSION_EFFECTIVE);
	}
}

void judge_nouveau_configured(const struct machine *m, struct result *r)
{
	bool               listed = false;
	struct cmdline_arg a;

	r_path(r, "/etc/modprobe.d");
	for (size_t i = 0; i < m->modprobes; i++) {
		struct modprobe      f = { .in = buf_bytes(&m->modprobe[i].text) };
		struct modprobe_line l;

		while (modprobe_next(&f, &l))
			if (l.verb == MODPROBE_BLACKLIST && strcmp(l.module, "nouveau") == 0) {
				listed = true;
				r_path(r, "/%s", m->modprobe[i].path);
			}
	}
	if (!listed && cmdline_find(buf_bytes(&m->cmdline), "modprobe.blacklist", &a) > 0 &&
		bytes_has(a.value, "nouveau"))
		listed = true;
	if (listed)
		r_pass(r, "blacklisted");
	else if (m->modprobe_unread)
		r_unread(r, "etc/modprobe.d", m->modprobe_unread);
	else
		r_warn(r, "nothing keeps nouveau from loading");
}

void judge_nouveau_effective(const struct machine *m, struct result *r)
{
	r_path(r, "/sys/module/nouveau");
	if (!root_there(&m->root, "sys/module/nouveau"))
		r_pass(r, "not loaded");
	else
		r_fail(r, ASSAY_HOST_EFFECT, "nouveau is loaded");
}

void judge_trap(const struct machine *m, struct result *r)
{
	static const char *const needles[] = { "RmInitAdapter failed",
		"Disabling GSP offload -- GPU not supported", "unexpected WPR2 already up" };
	char                     line[RESULT_TEXT];

	if (!log_there(m, r))
		return;
	for (size_t i = 0; i < ARRAY_LEN(needles); i++)
		if (log_has(m, needles[i], line)) {
			r_fail(r, ASSAY_HOST_FAULT, "a GPU could not be initialised");
			r_seen(r, "%s", line);
			if (strstr(line, "(0x22:0x3f") != NULL)
				r_remedy(r,
					"Look at ppcie.key and initramfs.options first; then stop and "
					"start the instance.");
			return;
		}
	r_pass(r, "none in the log%s", m->log_cut ? ", as far as it reaches back" : "");
}

void judge_firmware(const struct machine *m, struct result *r)
{
	CLEANUP(names_done) struct names n = { 0 };
	char                             path[128];

	if (m->driver[0] == 0) {
		r_wait(r, CHECK_DRIVER_VERSION_EFFECTIVE);
		return;
	}
	snprintf(path, sizeof(path), "lib/firmware/nvidia/%.60s", m->driver);
	root_list(&m->root, path, &n);
	r_path(r, "/%s", path);
	for (size_t i = 0; i < n.n; i++)
		if (strncmp(n.name[i], "gsp_", 4) == 0) {
			r_pass(r, "%s", SHOW(bytes_text(n.name[i])));
			return;
		}
	r_fail(r, ASSAY_HOST_MISSING, "no gsp_*.bin for %s", SHOW(bytes_text(m->driver)));
}

void judge_nodes(const struct machine *m, struct result *r)
{
	CLEANUP(buf_done) struct buf missing  = { 0 };
	static const char *const     always[] = { "nvidiactl", "nvidia-uvm" };
	char                         path[64];

	if (m->driver[0] == 0) {
		r_wait(r, CHECK_DRIVER_VERSION_EFFECTIVE);
		return;
	}
	r_path(r, "/dev");
	for (size_t i = 0; i < ARRAY_LEN(always) + m->gpus + m->switches + (m->switches > 0);
		i++) {
		size_t k = i - ARRAY_LEN(always);

		if (i < ARRAY_LEN(always))
			snprintf(path, sizeof(path), "dev/%s", always[i]);
		else if (k < m->gpus)
			snprintf(path, sizeof(path), "dev/nvidia%zu", k);
		else if (k < m->gpus + m->switches)
			snprintf(path, sizeof(path), "dev/nvidia-nvswitch%zu", k - m->gpus);
		else
			snprintf(path, sizeof(path), "dev/nvidia-nvswitchctl");
		if (!root_there(&m->root, path))
			buf_printf(&missing, "%s/%s", missing.n == 0 ? "" : ", ", path);
	}
	if (missing.n == 0)
		r_pass(r, "all nodes");
	else
		r_fail(r, ASSAY_HOST_MISSING, "%.380s", buf_cstr(&missing));
}

/* Does a file hold that, whatever else? */
static bool file_has(const struct machine *m, const char *path, const char *what)
{
	CLEANUP(buf_done) struct buf text = { 0 };

	return root_read(&m->root, path, 33554432, &text) == 0 &&
		bytes_has(buf_bytes(&text), what);
}

void judge_holds(const struct machine *m, struct result *r)
{
	static const char *const timers[] = {
		"etc/systemd/system/timers.target.wants/dnf-automatic.timer",
		"etc/systemd/system/timers.target.wants/dnf-automatic-install.timer",
	};
	bool unattended = false;

	if (m->os == OS_DEBIAN) {
		r_path(r, "/etc/apt/apt.conf.d, /var/lib/dpkg/status");
		unattended = file_has(
			m, "etc/apt/apt.conf.d/20auto-upgrades", "Unattended-Upgrade \"1\"");
		if (!unattended)
			r_pass(r, "updates do not run by themselves");
		else if (file_has(m, "var/lib/dpkg/status", "Status: hold ok installed"))
			r_pass(r, "packages are held");
		else
			r_warn(r, "unattended upgrades run, and no package is held");
		return;
	}
	r_path(r, "/etc/dnf, /etc/systemd/system/timers.target.wants");
	for (size_t i = 0; i < ARRAY_LEN(timers); i++) {
		char link[256];

		unattended = unattended ||
			root_link(&m->root, timers[i], link, sizeof(link)) == 0;
	}
	if (!unattended)
		r_pass(r, "updates do not run by themselves");
	else if (file_has(m, "etc/dnf/plugins/versionlock.list", "nvidia") ||
		file_has(m, "etc/dnf/dnf.conf", "exclude"))
		r_pass(r, "packages are locked");
	else
		r_warn(r, "dnf-automatic runs, and no package is locked");
}
