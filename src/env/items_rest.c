/* SPDX-License-Identifier: Apache-2.0
 *
 * Environment 5.10, 5.11: CUDA, containers, what attestation needs around it. No network is used: what is configured is said. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/show.h"
#include "env/items.h"
#include "env/line.h"

/* "version": "12.8.1" of the member cuda. */
void judge_toolkit(const struct machine *m, struct result *r)
{
	static const char            path[] = "usr/local/cuda/version.json";
	CLEANUP(buf_done) struct buf text   = { 0 };
	const struct bytes           want = m->profile == PROFILE_PPCIE ? m->data->ppcie.toolkit
									: m->data->single.toolkit;
	struct bytes                 b, left, right, version = { 0 };
	const uint8_t               *p;

	r_path(r, "/%s", path);
	r_wanted(r, "%.*s", (int)want.n, (const char *)want.p);
	if (root_read(&m->root, path, 65536, &text) != 0) {
		r_pass(r, "not installed; it is needed to build programs only");
		return;
	}
	b = buf_bytes(&text);
	p = bytes_find(b, BYTES("\"cuda\""));
	b = bytes_behind(b, p == NULL ? 0 : (size_t)(p - b.p));
	p = bytes_find(b, BYTES("\"version\""));
	if (p != NULL) {
		b = bytes_behind(b, (size_t)(p - b.p) + 9);
		if (line_cut(b, '"', &left, &right))
			line_cut(right, '"', &version, &b);
	}
	r_seen(r, "%s", SHOW(version));
	if (version.n == 0)
		r_warn(r, "/%s does not tell its version", path);
	else if (bytes_begin(version, want))
		r_pass(r, "%s", SHOW(version));
	else
		r_warn(r, "%s is another release than the driver's", SHOW(version));
}

void judge_cublas(const struct machine *m, struct result *r)
{
	static const char *const folders[] = { "usr/lib/python3/dist-packages",
		"usr/local/lib/python3.11/site-packages",
		"usr/local/lib64/python3.11/site-packages",
		"usr/local/lib/python3.12/dist-packages",
		"usr/local/lib/python3.10/dist-packages" };
	static const char        prefix[]  = "nvidia_cublas_cu12-";

	r_wanted(r, "%.*s", (int)m->data->cublas.n, (const char *)m->data->cublas.p);
	r_pass(r, "in no Python folder of the system; environments of users are not searched");
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		CLEANUP(names_done) struct names n = { 0 };

		root_list(&m->root, folders[i], &n);
		for (size_t k = 0; k < n.n; k++) {
			struct bytes v = bytes_text(n.name[k]);

			if (!bytes_begin(v, BYTES("nvidia_cublas_cu12-")) ||
				!bytes_end(v, BYTES(".dist-info")))
				continue;
			v = bytes_behind(v, sizeof(prefix) - 1);
			v.n -= strlen(".dist-info");
			r_path(r, "/%s", folders[i]);
			r_seen(r, "%s", SHOW(v));
			if (bytes_equal(v, m->data->cublas))
				r_pass(r, "%s", SHOW(v));
			else
				r_warn(r, "%s; on CUDA 12.4 jobs fail in CC mode with others",
					SHOW(v));
		}
	}
}

static bool library_there(const struct machine *m, const char *name, char path[256])
{
	static const char *const folders[] = { "usr/lib64", "usr/lib/x86_64-linux-gnu",
		"usr/local/lib64", "usr/local/lib", "usr/lib", "opt/openssl3/lib64" };

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		snprintf(path, 256, "%s/%s", folders[i], name);
		if (root_there(&m->root, path))
			return true;
	}
	return false;
}

void judge_openssl(const struct machine *m, struct result *r)
{
	char path[256], helper[256], name[128];

	r_wanted(r, "libcrypto.so.3, libnvidia-pkcs11-openssl3.so");
	if (!library_there(m, "libcrypto.so.3", path)) {
		r_path(r, "/usr/lib64");
		r_fail(r, ASSAY_HOST_MISSING, "there is no libcrypto.so.3");
		return;
	}
	r_path(r, "/%s", path);
	if (m->driver[0] == 0) {
		r_pass(r, "libcrypto.so.3; the helper comes with the driver");
		return;
	}
	snprintf(name, sizeof(name), "libnvidia-pkcs11-openssl3.so.%.60s", m->driver);
	if (library_there(m, name, helper))
		r_pass(r, "both");
	else
		r_fail(r, ASSAY_HOST_MISSING, "there is no %s", SHOW(bytes_text(name)));
}

void judge_limits(const struct machine *m, struct result *r)
{
	static const struct {
		const char *module, *what;
	} modules[] = {
		{ "nvidia_peermem", "GPUDirect RDMA" },
		{ "nvidia_fs", "GPUDirect Storage" },
		{ "gdrdrv", "GDRCopy" },
		{ "nvidia_vgpu_vfio", "vGPU" },
	};

	r_path(r, "/sys/module");
	r_pass(r,
		"no such module is loaded; pinned registration and profilers do not work either");
	for (size_t i = 0; i < ARRAY_LEN(modules); i++) {
		char path[64];

		snprintf(path, sizeof(path), "sys/module/%s", modules[i].module);
		if (root_there(&m->root, path))
			r_warn(r, "%s is loaded: %s does not work in CC mode",
				modules[i].module, modules[i].what);
	}
}

void judge_container(const struct machine *m, struct result *r)
{
	static const char *const specs[] = { "run/cdi/nvidia.yaml", "var/run/cdi/nvidia.yaml",
		"etc/cdi/nvidia.yaml" };
	struct stat              s, boot;

	if (!root_there(&m->root, "usr/bin/nvidia-ctk")) {
		r_none(r, "no NVIDIA container toolkit is installed");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(specs); i++) {
		if (root_stat(&m->root, specs[i], &s) != 0)
			continue;
		r_path(r, "/%s", specs[i]);
		/* procfs is made at boot */
		if (root_stat(&m->root, "proc/1", &boot) == 0 && s.st_mtime < boot.st_mtime &&
			m->root.live)
			r_warn(r, "the description is older than this boot");
		else
			r_pass(r, "described");
		return;
	}
	r_path(r, "/var/run/cdi");
	r_warn(r, "no CDI description is there");
}

/* Addresses that are configured by environment, and a proxy. */
void judge_egress(const struct machine *m, struct result *r)
{
	static const char *const names[] = { "ASSAY_RIM_URL", "ASSAY_OCSP_URL", "ASSAY_PCS_URL",
		"https_proxy", "HTTPS_PROXY" };
	CLEANUP(buf_done) struct buf set = { 0 };

	(void)m;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (getenv(names[i]) != NULL)
			buf_printf(&set, "%s%s", set.n == 0 ? "" : ", ", names[i]);
	r_path(r, "the environment");
	r_seen(r, "%s", set.n == 0 ? "nothing is set" : buf_cstr(&set));
	r_pass(r, "%s%s; nothing was asked over the network",
		set.n == 0 ? "NVIDIA's and Intel's own services" : "set: ",
		set.n == 0 ? "" : buf_cstr(&set));
}

/* The driver's own id; those of VBIOS need signed fields. */
void judge_manifests(const struct machine *m, struct result *r)
{
	if (m->driver[0] == 0)
		r_wait(r, CHECK_DRIVER_VERSION_EFFECTIVE);
	else
		r_none(r,
			"NV_GPU_DRIVER_GH100_%s must be published: assay gather asks the service",
			SHOW(bytes_text(m->driver)));
}

void judge_python(const struct machine *m, struct result *r)
{
	static const char *const packages[] = { "nv_attestation_sdk-", "nv_local_gpu_verifier-",
		"nv_ppcie_verifier-" };
	static const char *const folders[]  = { "usr/lib/python3/dist-packages",
		 "usr/local/lib/python3.11/site-packages",
		 "usr/local/lib/python3.12/dist-packages" };
	char                     link[256]  = "";

	r_pass(r, "none in the system's folders, and none is needed");
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		CLEANUP(names_done) struct names n = { 0 };

		root_list(&m->root, folders[i], &n);
		for (size_t k = 0; k < n.n; k++)
			for (size_t p = 0; p < ARRAY_LEN(packages); p++)
				if (strncmp(n.name[k], packages[p], strlen(packages[p])) == 0) {
					r_path(r, "/%s", folders[i]);
					r_warn(r,
						"%s: its line is out of support since September "
						"2026",
						SHOW(bytes_text(n.name[k])));
				}
	}
	if (root_link(&m->root, "etc/alternatives/python3", link, sizeof(link)) == 0 &&
		(m->os == OS_ALINUX || m->os == OS_EL) && strstr(link, "3.11") != NULL) {
		r_path(r, "/etc/alternatives/python3");
		r_warn(r, "the system's python3 was switched to %s", SHOW(bytes_text(link)));
	}
}

void judge_routes(const struct machine *m, struct result *r)
{
	static const char *const folders[] = { "etc/yum.repos.d", "etc/apt/sources.list.d" };
	CLEANUP(buf_done) struct buf found = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		CLEANUP(names_done) struct names n = { 0 };

		root_list(&m->root, folders[i], &n);
		for (size_t k = 0; k < n.n; k++)
			if (strstr(n.name[k], "cuda") != NULL ||
				strstr(n.name[k], "nvidia") != NULL)
				buf_printf(&found, "%s%s", found.n == 0 ? "" : ", ",
					SHOW(bytes_text(n.name[k])));
	}
	r_path(r, "/%s", folders[m->os == OS_DEBIAN]);
	r_pass(r, "%s%.200s; nothing was asked over the network",
		found.n == 0 ? "no package source of NVIDIA's: the .run file, or local files"
			     : "package sources: ",
		found.n == 0 ? "" : buf_cstr(&found));
}
