/* SPDX-License-Identifier: Apache-2.0
 *
 * Environment 5.7: kernel crypto, module options, the initramfs that carries them. */
#include <errno.h>
#include <stdio.h>

#include "base/show.h"
#include "env/image.h"
#include "env/items.h"
#include "env/line.h"
#include "env/modprobe.h"
#include "format/nvml.h"

static bool crypto_has(struct bytes crypto, const char *name)
{
	struct bytes line, left, right;

	for (size_t at = 0; line_next(crypto, &at, &line);)
		if (line_cut(line, ':', &left, &right) &&
			bytes_equal(bytes_trim(left), BYTES("name")) &&
			bytes_equal(bytes_trim(right), bytes_text(name)))
			return true;
	return false;
}

static bool built_in(const struct machine *m, const char *module)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	char                         path[256], needle[64];

	snprintf(path, sizeof(path), "lib/modules/%s/modules.builtin", m->osrelease);
	snprintf(needle, sizeof(needle), "/%s.ko", module);
	return root_read(&m->root, path, ROOT_FILE, &text) == 0 &&
		bytes_has(buf_bytes(&text), needle);
}

void judge_algorithms(const struct machine *m, struct result *r)
{
	static const struct {
		const char *algorithm, *module;
	} wanted[] = {
		{ "ecdsa-nist-p384", "ecdsa_generic" },
		{ "ecdh-nist-p384", "ecdh_generic" },
	};
	CLEANUP(buf_done) struct buf crypto = { 0 }, missing = { 0 };
	int no = root_read(&m->root, "proc/crypto", ROOT_FILE, &crypto);

	r_path(r, "/proc/crypto");
	r_wanted(r, "ecdsa-nist-p384, ecdh-nist-p384");
	if (no != 0) {
		if (!image_only(m, r))
			r_unread(r, "proc/crypto", no);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		if (!crypto_has(buf_bytes(&crypto), wanted[i].algorithm) &&
			!built_in(m, wanted[i].module))
			buf_printf(&missing, "%s%s", missing.n == 0 ? "" : ", ",
				wanted[i].algorithm);
	if (missing.n == 0)
		r_pass(r, "registered");
	else
		r_fail(r, ASSAY_HOST_EFFECT, "not registered: %s", buf_cstr(&missing));
}

#define ECDSA 1U
#define ECDH  2U

static unsigned both(bool ecdsa, bool ecdh)
{
	return (ecdsa ? ECDSA : 0) | (ecdh ? ECDH : 0);
}

/* A module a line; comments begin with "#" or ";". */
static unsigned modules_listed(struct bytes text)
{
	struct bytes line;
	unsigned     found = 0;

	for (size_t at = 0; line_next(text, &at, &line);) {
		line = bytes_trim(line);
		found |= both(bytes_equal(line, BYTES("ecdsa_generic")),
			bytes_equal(line, BYTES("ecdh_generic")) ||
				bytes_equal(line, BYTES("ecdh")));
	}
	return found;
}

/* modules-load.d(5): of two files of one name the first folder's counts. */
static unsigned modules_loaded_early(const struct machine *m)
{
	static const char *const folders[] = { "etc/modules-load.d", "run/modules-load.d",
		"usr/local/lib/modules-load.d", "usr/lib/modules-load.d",
		"lib/modules-load.d" };
	unsigned                 found     = 0;

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		CLEANUP(names_done) struct names n = { 0 };

		root_list(&m->root, folders[i], &n);
		for (size_t k = 0; k < n.n; k++) {
			CLEANUP(buf_done) struct buf text   = { 0 };
			bool                         hidden = false;
			char                         path[320], link[256];

			for (size_t j = 0; j < i && !hidden; j++) {
				snprintf(path, sizeof(path), "%s/%s", folders[j], n.name[k]);
				hidden = root_there(&m->root, path) ||
					root_link(&m->root, path, link, sizeof(link)) == 0;
			}
			snprintf(path, sizeof(path), "%s/%s", folders[i], n.name[k]);
			if (!hidden && bytes_end(bytes_text(path), BYTES(".conf")) &&
				root_read(&m->root, path, 65536, &text) == 0)
				found |= modules_listed(buf_bytes(&text));
		}
	}
	return found;
}

/* What modprobe's configuration brings before nvidia; *installs counts its install lines. Of several one counts, and which one is
 * not to be relied on: what all of them load. *loads: nvidia itself is loaded by each of them. */
static unsigned modules_by_rule(
	const struct machine *m, size_t *installs, bool *loads, const char **path)
{
	unsigned found = 0, by_install = ECDSA | ECDH;

	for (size_t i = 0; i < m->modprobes; i++) {
		struct modprobe      f = { .in = buf_bytes(&m->modprobe[i].text) };
		struct modprobe_line l;

		while (modprobe_next(&f, &l)) {
			if (strcmp(l.module, "nvidia") != 0)
				continue;
			if (l.verb == MODPROBE_INSTALL) {
				(*installs)++;
				by_install &= both(modprobe_loads(l.rest, "ecdsa_generic"),
					modprobe_loads(l.rest, "ecdh") ||
						modprobe_loads(l.rest, "ecdh_generic"));
				*loads = *loads && modprobe_loads_itself(l.rest, "nvidia");
				*path  = m->modprobe[i].path;
			} else if (l.verb == MODPROBE_SOFTDEP) {
				found |= both(modprobe_before(l.rest, "ecdsa_generic"),
					modprobe_before(l.rest, "ecdh_generic") ||
						modprobe_before(l.rest, "ecdh"));
				*path = m->modprobe[i].path;
			}
		}
	}
	return found | (*installs > 0 ? by_install : 0);
}

struct rule {
	size_t      installs; /* lines */
	bool        loads;    /* nvidia itself, too */
	unsigned    found;
	const char *path;
	const char *without; /* why it needs no rule; NULL: it does */
};

static struct rule rule_of(const struct machine *m)
{
	struct rule r = { .loads = true, .path = "etc/modprobe.d" };

	r.found = modules_by_rule(m, &r.installs, &r.loads, &r.path);
	if (built_in(m, "ecdsa_generic") && built_in(m, "ecdh_generic"))
		r.without = "both are built into the kernel";
	else if (modules_loaded_early(m) == (ECDSA | ECDH))
		r.without = "both load by modules-load.d";
	return r;
}

/* What could not be read may hide, or outdo, any of those that were. */
static bool rule_holds(const struct machine *m, const struct rule *r)
{
	return m->modprobe_unread == 0 && r->loads &&
		(r->found == (ECDSA | ECDH) ? r->installs <= 1 : r->without != NULL);
}

void judge_rule(const struct machine *m, struct result *r)
{
	const struct rule is = rule_of(m);

	r_path(r, "/%s", is.path);
	r_wanted(r, "ecdsa_generic and ecdh_generic before nvidia");
	r_seen(r, "%zu install line%s", is.installs, is.installs == 1 ? "" : "s");
	if (rule_holds(m, &is))
		r_pass(r, "%s",
			is.found == (ECDSA | ECDH) ? "both load before nvidia" : is.without);
	else if (m->modprobe_unread)
		r_unread(r, "etc/modprobe.d", m->modprobe_unread);
	else if (!is.loads)
		r_fail(r, ASSAY_HOST_SETTING,
			"the install line in /%s does not load nvidia itself with --ignore-install",
			is.path);
	else if (is.found == (ECDSA | ECDH))
		r_warn(r, "nvidia has %zu install lines; they do not add up, one counts",
			is.installs);
	else if (is.installs > 0)
		r_fail(r, ASSAY_HOST_SETTING,
			"nvidia has an install line in /%s that does not load both", is.path);
	else
		r_fail(r, ASSAY_HOST_SETTING, "no rule loads %s before nvidia",
			is.found == 0               ? "them"
				: is.found == ECDSA ? "ecdh_generic"
						    : "ecdsa_generic");
}

void judge_stubs(const struct machine *m, struct result *r)
{
	char line[RESULT_TEXT];

	if (!log_there(m, r))
		return;
	if (log_has(m, "libspdm expects LKCA but found stubs", line)) {
		r_fail(r, ASSAY_HOST_FAULT, "the driver was built with stubs");
		r_seen(r, "%s", line);
	} else if (m->driver[0] == 0) {
		r_wait(r, CHECK_DRIVER_VERSION_EFFECTIVE);
	} else {
		r_pass(r, "no word of stubs in the log");
	}
}

/* An option of the driver's that the next load gets: of the last line that has it. false: none has. */
static bool configured_option(
	const struct machine *m, const char *name, char value[RESULT_TEXT], const char **path)
{
	bool found = false;

	for (size_t i = 0; i < m->modprobes; i++) {
		struct modprobe      f = { .in = buf_bytes(&m->modprobe[i].text) };
		struct modprobe_line l;
		struct bytes         v;

		while (modprobe_next(&f, &l))
			if (l.verb == MODPROBE_OPTIONS && strcmp(l.module, "nvidia") == 0 &&
				modprobe_option(l.rest, name, &v)) {
				snprintf(value, RESULT_TEXT, "%.*s", (int)v.n,
					v.n == 0 ? "" : (const char *)v.p);
				*path = m->modprobe[i].path;
				found = true;
			}
	}
	return found;
}

static void judge_key(const struct machine *m, bool on, const char *keys, enum assay_code code,
	struct result *r)
{
	r_seen(r, "\"%s\"", SHOW(bytes_text(keys)));
	if (m->profile == PROFILE_PPCIE) {
		r_wanted(r, REGISTRY_PPCIE "=0x1");
		if (on)
			r_pass(r, "the key is set");
		else
			r_fail(r, code, "the key " REGISTRY_PPCIE " is not set");
	} else {
		r_wanted(r, "no " REGISTRY_PPCIE);
		if (!on) {
			r_pass(r, "not set, as it must be with one GPU");
		} else {
			r_fail(r, code,
				"the key " REGISTRY_PPCIE " is set, and one GPU refuses to "
				"start with it");
			r_remedy(r,
				"Take " REGISTRY_PPCIE " out of " REGISTRY_OPTION
				", rebuild the initramfs, and reboot.");
		}
	}
}

void judge_key_configured(const struct machine *m, struct result *r)
{
	const char *path              = "etc/modprobe.d";
	char        keys[RESULT_TEXT] = "";
	uint32_t    v                 = 0;
	bool        there             = configured_option(m, REGISTRY_OPTION, keys, &path);

	r_path(r, "/%s", path);
	if (m->modprobe_unread)
		r_unread(r, "etc/modprobe.d", m->modprobe_unread);
	else
		judge_key(m, registry_get(bytes_text(keys), REGISTRY_PPCIE, &v) && v == 1, keys,
			ASSAY_HOST_SETTING, r);
	if (there && r->outcome == ASSAY_OUTCOME_PASS && m->profile == PROFILE_PPCIE &&
		modprobe_passing(path)) {
		r_warn(r, "the key is set by a file below /run, which the reboot takes away");
		r_remedy(r, "Run assay setup apply: it writes the key below /etc.");
	}
}

void judge_key_effective(const struct machine *m, struct result *r)
{
	static const char            params[]          = "proc/driver/nvidia/params";
	CLEANUP(buf_done) struct buf text              = { 0 };
	char                         keys[RESULT_TEXT] = "", conf[RESULT_TEXT] = "";
	const char                  *path = NULL;
	struct bytes                 k    = { 0 };
	uint32_t                     v = 0, w = 0;
	int                          no;

	if (m->driver[0] == 0) {
		r_wait(r, CHECK_DRIVER_VERSION_EFFECTIVE);
		return;
	}
	no = root_read(&m->root, params, 65536, &text);
	if (no != 0) {
		r_unread(r, params, no);
		return;
	}
	if (!registry_params(buf_bytes(&text), &k)) {
		r_unknown(r, "/%s has no line RegistryDwords", params);
		r_path(r, "/%s", params);
		return;
	}
	snprintf(keys, sizeof(keys), "%.*s", (int)k.n, k.n == 0 ? "" : (const char *)k.p);
	judge_key(m, registry_get(k, REGISTRY_PPCIE, &v) && v == 1, keys, ASSAY_HOST_EFFECT, r);
	r_path(r, "/%s", params);
	if (r->outcome == ASSAY_OUTCOME_FAIL &&
		configured_option(m, REGISTRY_OPTION, conf, &path) &&
		registry_get(bytes_text(conf), REGISTRY_PPCIE, &w) &&
		(w == 1) == (m->profile == PROFILE_PPCIE))
		r_reboot(r, "the driver was loaded without what is configured now");
}

/* Is NVLink off by the last line that says? *path: where. */
static bool nvlink_off(const struct machine *m, const char **path)
{
	char value[RESULT_TEXT];

	return configured_option(m, NVLINK_OPTION, value, path) && strcmp(value, "0") != 0;
}

static void nvlink_eight(const struct machine *m, struct result *r)
{
	const char *path = "etc/modprobe.d";
	const bool  off  = nvlink_off(m, &path);

	r_path(r, "/%.190s", path);
	if (!off && m->modprobe_unread)
		r_unread(r, path, EACCES);
	else if (off)
		r_fail(r, ASSAY_HOST_SETTING,
			NVLINK_OPTION " is set, and eight GPUs talk over NVLink");
	else
		r_pass(r, "NVLink is not turned off");
}

void judge_nvlink(const struct machine *m, struct result *r)
{
	const char *path = NULL;
	bool        waits;

	if (m->profile == PROFILE_PPCIE) {
		nvlink_eight(m, r);
		return;
	}
	if (m->asked != ASKED || m->gpu_says.devices == 0) {
		r_wait(r, CHECK_ATTESTATION_GPU);
		return;
	}
	r_path(r, "nvmlDeviceGetGpuFabricInfoV");
	waits = m->gpu_says.system.ready == 1 &&
		(m->gpu_says.device[0].fabric == NVML_FABRIC_OFF ||
			m->gpu_says.device[0].fabric == NVML_FABRIC_JOINING);
	if (waits && nvlink_off(m, &path))
		r_reboot(r, "the GPU waits for a fabric; NVLink is off from the next boot on");
	else if (waits)
		r_warn(r, "the GPU waits for a fabric, and there is none");
	else
		r_pass(r, "the GPU waits for no fabric");
}

void judge_initramfs(const struct machine *m, struct result *r)
{
	const char *kernel = machine_next_kernel(m)[0] != 0 ? machine_next_kernel(m)
							    : m->osrelease;
	const struct modprobe_file *newest = NULL, *lacks;
	struct image                image;
	struct stat                 s = { 0 };
	char                        path[IMAGE_PATH];
	int                         no;

	for (size_t i = 0; i < m->modprobes; i++)
		if (image_wants(&m->modprobe[i]) &&
			(newest == NULL || m->modprobe[i].changed > newest->changed))
			newest = &m->modprobe[i];
	if (newest == NULL) {
		const struct rule rule = rule_of(m);

		if (rule_holds(m, &rule)) /* by what no image must carry */
			r_none(r, "no file of modprobe.d that an image must carry is there");
		else
			r_wait(r, CHECK_LKCA_RULE);
		return;
	}
	image_path(m, kernel, path);
	no    = image_read(m, path, &s, &image);
	lacks = image_lacks(m, &image);
	r_path(r, "/%.190s", path);
	r_wanted(r, "the module options as in /etc/modprobe.d");
	if (no != 0) {
		r_unread(r, path, no);
		return;
	}
	r_seen(r, "%s%s", image.packed == NULL ? "" : image.packed,
		image.packed == NULL ? "all of it could be read"
				     : ": that part was not unpacked, its date decides");
	if (s.st_mtime < newest->changed)
		r_fail(r, ASSAY_HOST_SETTING, "the initramfs is older than /%s", newest->path);
	else if (image.packed == NULL && lacks != NULL)
		r_fail(r, ASSAY_HOST_SETTING, "the initramfs lacks /%.180s, or has another%s",
			lacks->path, image_wants(lacks) ? "" : ", and it has nouveau");
	else if (image.packed == NULL)
		r_pass(r, "it carries them%s", image.nvidia ? ", and the module" : "");
	else
		r_pass(r, "it is newer than the options; its %s part was not unpacked",
			image.packed);
}

void judge_autoload(const struct machine *m, struct result *r)
{
	struct result key = { 0 };

	if (m->driver[0] == 0) {
		r_wait(r, CHECK_DRIVER_VERSION_EFFECTIVE);
		return;
	}
	judge_key_effective(m, &key);
	r_path(r, "%s", key.path);
	if (key.outcome == ASSAY_OUTCOME_PENDING_REBOOT)
		r_reboot(r, "udev loaded nvidia without the options that are there now");
	else if (key.outcome == ASSAY_OUTCOME_PASS)
		r_pass(r, "the loaded driver has the options that are configured");
	else
		r_wait(r, CHECK_PPCIE_KEY_EFFECTIVE);
}
