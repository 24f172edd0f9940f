/* SPDX-License-Identifier: Apache-2.0
 *
 * Environment DRV-05 to DRV-07: what building the driver's module takes, what its installer said, where packages come from. */
#include <errno.h>
#include <stdio.h>

#include "base/show.h"
#include "env/items.h"
#include "env/line.h"
#include "env/version.h"

/* ---- DRV-05 ---- */

/* "gcc-12", "/usr/bin/x86_64-linux-gnu-gcc-12": the number behind its name. */
static bool link_major(const struct machine *m, unsigned *major)
{
	char at[ROOT_PATH] = "usr/bin/gcc", link[256];

	for (unsigned i = 0; i < ROOT_LINKS; i++) {
		if (root_follow(&m->root, at, link, sizeof(link)) != 0)
			return false;
		if (version_gcc_name(bytes_text(link), major))
			return true;
	}
	return false;
}

/* Where it is no link, what it compiles with lies in a folder of its version. More than one: which is gcc's is not known. */
static bool folder_major(const struct machine *m, unsigned *major)
{
	CLEANUP(names_done) struct names targets = { 0 };
	unsigned                         n = 0, last = 0;

	root_list(&m->root, "usr/lib/gcc", &targets);
	for (size_t i = 0; i < targets.n; i++) {
		CLEANUP(names_done) struct names versions = { 0 };
		char                             path[320];

		if (strncmp(targets.name[i], "x86_64-", 7) != 0)
			continue;
		snprintf(path, sizeof(path), "usr/lib/gcc/%s", targets.name[i]);
		root_list(&m->root, path, &versions);
		for (size_t k = 0; k < versions.n; k++) {
			struct version v;
			struct bytes   rest;

			version_dotted(bytes_text(versions.name[k]), &v, &rest);
			if (v.parts == 0 || rest.n != 0 || (n > 0 && v.part[0] == last))
				continue;
			last = v.part[0];
			n++;
		}
	}
	if (n == 1)
		*major = last;
	return n == 1;
}

/* Which compiler built the kernel, and which would build a module for it? */
static void judge_compiler(const struct machine *m, struct result *r)
{
	CLEANUP(buf_done) struct buf text   = { 0 };
	unsigned                     kernel = 0, here = 0;
	const int                    no = root_read(&m->root, "proc/version", ROOT_FILE, &text);

	r_pass(r, "compiler, make and headers");
	if (m->osrelease[0] == 0)
		return; /* an image: no kernel runs */
	r_path(r, "/proc/version, /usr/bin/gcc");
	if (no == 0 && version_gcc(buf_bytes(&text), &kernel))
		r_wanted(r, "gcc %u", kernel);
	if (link_major(m, &here) || folder_major(m, &here))
		r_seen(r, "gcc %u", here);
	if (kernel != 0 && kernel == here)
		return;
	if (m->driver[0] != 0) {
		r_pass(r,
			"compiler, make and headers; a driver is loaded, so nothing is to be built now");
	} else if (no != 0) {
		r_unknown(r, "what built the kernel: /proc/version: %s", root_why(no));
	} else if (kernel == 0) {
		r_warn(r, "the kernel does not say that gcc built it");
	} else if (here == 0) {
		r_unknown(r,
			"gcc %u built the kernel, and which version /usr/bin/gcc is, its files do not tell",
			kernel);
	} else {
		r_warn(r, "gcc %u built the kernel, and gcc %u would build its module", kernel,
			here);
		r_remedy(r, "Install gcc %u beside it, and build with CC=gcc-%u.", kernel,
			kernel);
	}
}

void judge_build(const struct machine *m, struct result *r)
{
	static const char *const     tools[] = { "gcc", "make", "ld" };
	CLEANUP(buf_done) struct buf missing = { 0 };
	char                         path[256];

	for (size_t i = 0; i < ARRAY_LEN(tools); i++) {
		snprintf(path, sizeof(path), "usr/bin/%s", tools[i]);
		if (!root_there(&m->root, path))
			buf_printf(&missing, "%s%s", missing.n == 0 ? "" : ", ", tools[i]);
	}
	snprintf(path, sizeof(path), "lib/modules/%s/build/Makefile", m->osrelease);
	if (m->osrelease[0] != 0 && !root_there(&m->root, path))
		buf_printf(&missing, "%sheaders of %s", missing.n == 0 ? "" : ", ",
			SHOW(bytes_text(m->osrelease)));
	r_path(r, "/usr/bin, /lib/modules/*/build");
	if (missing.n == 0)
		judge_compiler(m, r);
	else if (m->driver[0] != 0)
		r_pass(r,
			"not there: %.300s; a driver is loaded, so nothing is to be built now",
			buf_cstr(&missing));
	else
		r_warn(r, "a module could not be built: %.300s", buf_cstr(&missing));
}

/* ---- DRV-06, DRV-07 ---- */

void judge_install(const struct machine *m, struct result *r)
{
	static const char            log[] = "var/log/nvidia-installer.log";
	CLEANUP(buf_done) struct buf text  = { 0 };
	int                          no    = root_read(&m->root, log, 16777216, &text);
	const uint8_t               *p;

	r_path(r, "/%s", log);
	if (no == ENOENT) {
		r_none(r, "no .run installer was used");
	} else if (no != 0) {
		r_warn(r, "/%s: %s", log, root_why(no));
	} else {
		p = bytes_find(buf_bytes(&text), BYTES("ERROR:"));
		if (p == NULL)
			r_pass(r, "its log has no error");
		else
			r_warn(r, "%s",
				SHOW(((struct bytes){ p, (size_t)(text.p + text.n - p) })));
	}
}

/* Package sources that bring NVIDIA's packages unchecked. */
void judge_sources(const struct machine *m, struct result *r)
{
	static const struct {
		const char *folder, *unchecked;
	} kinds[] = {
		{ "etc/yum.repos.d", "gpgcheck=0" },
		{ "etc/apt/sources.list.d", "trusted=yes" },
	};

	r_pass(r, "no source of NVIDIA's is used unchecked");
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		CLEANUP(names_done) struct names n = { 0 };

		root_list(&m->root, kinds[i].folder, &n);
		for (size_t k = 0; k < n.n; k++) {
			CLEANUP(buf_done) struct buf text = { 0 };
			char                         path[320];

			snprintf(path, sizeof(path), "%s/%s", kinds[i].folder, n.name[k]);
			if (root_read(&m->root, path, ROOT_FILE, &text) != 0 ||
				!bytes_has(buf_bytes(&text), "nvidia") ||
				!bytes_has(buf_bytes(&text), kinds[i].unchecked))
				continue;
			r_warn(r, "/%s has %s", SHOW(bytes_text(path)), kinds[i].unchecked);
			r_path(r, "/%.190s", path);
		}
	}
}
