/* SPDX-License-Identifier: Apache-2.0
 *
 * Driver, fabric manager and what they need. Installers are files whose digest somebody vouches for; the toolkit comes without
 * its driver, which is older.
 *
 * Source: environment 1.2, 1.7, DRV-05 to DRV-07, SVC-09, SVC-10, CUDA-01, CUDA-03, ATT-02. */
#include <stdarg.h>
#include <stdio.h>

#include "base/show.h"
#include "env/apt.h"
#include "env/plan.h"

static bool any_there(const struct machine *m, const char *const *paths)
{
	for (; *paths != NULL; paths++)
		if (root_there(&m->root, *paths))
			return true;
	return false;
}

static const char *kernel_of(const struct machine *m)
{
	const char *next = machine_next_kernel(m);

	return next[0] != 0 ? next : m->osrelease;
}

static const struct data_profile *wanted(const struct machine *m)
{
	return m->profile == PROFILE_PPCIE ? &m->data->ppcie : &m->data->single;
}

/* "570" */
static void branch_of(const struct machine *m, char out[16])
{
	const struct bytes v = wanted(m)->driver;
	size_t             n = 0;

	while (n < v.n && n < 15 && v.p[n] != '.')
		n++;
	snprintf(out, 16, "%.*s", (int)n, (const char *)v.p);
}

static bool el8(const struct machine *m)
{
	return m->os == OS_ALINUX || (m->os == OS_EL && m->os_version[0] == '8');
}

__attribute__((format(printf, 3, 4))) static void block(
	struct step *s, enum assay_code code, const char *fmt, ...)
{
	va_list ap;

	if (s->blocked[0] != 0)
		return;
	va_start(ap, fmt);
	vsnprintf(s->blocked, sizeof(s->blocked), fmt, ap);
	va_end(ap);
	s->code = code;
}

static void undo_words(struct step *s, const char *a, const char *b, const char *c)
{
	s->undo[0] = a;
	s->undo[1] = b;
	s->undo[2] = c;
}

/* An address with this distribution's repository in it. */
static void put_url(const struct machine *m, const char *url, struct buf *out)
{
	static const char repo[] = "@repo@";
	const char       *at     = strstr(url, repo);

	if (at == NULL) {
		buf_text(out, url);
		return;
	}
	buf_put(out, url, (size_t)(at - url));
	buf_printf(out, "rhel%c%s", el8(m) ? '8' : '9', at + sizeof(repo) - 1);
}

/* What is run from a file waits for that file, its digest, and the licence. */
static void from_file(struct planner *w, struct step *s, const struct source *f)
{
	CLEANUP(buf_done) struct buf url = { 0 };

	put_url(w->m, f->url, &url);
	snprintf(s->file, sizeof(s->file), "%s", f->name);
	snprintf(s->url, sizeof(s->url), "%s", buf_cstr(&url));
	snprintf(s->referer, sizeof(s->referer), "%s", f->referer == NULL ? "" : f->referer);
	if (!w->o->licence)
		block(s, ASSAY_HOST_CONSENT,
			"NVIDIA's licence is yours to accept: --accept-licence");
	if (!pins_find(w->o->pins, f->name, s->pin)) {
		s->pin[0] = 0;
		block(s, ASSAY_HOST_CONSENT,
			"no SHA-256 of %s is known: take it from whom you trust and name it with --pins",
			f->name);
	}
	if (w->o->files == NULL)
		block(s, ASSAY_HOST_CONSENT, "--files DIR is to hold %s, from %s", f->name,
			buf_cstr(&url));
}

/* The file stands for "@file@" among the words. */
static enum assay_code installer(struct planner *w, const char *item, const char *what,
	const char *const *argv, const char *why, struct step **out, struct assay_err *e)
{
	const struct source *f = sources_find(w->o->sources, profile_name(w->m->profile), what);
	const char          *words[TXN_ARGS + 1] = { 0 };
	char                 path[ROOT_PATH];

	*out = NULL;
	if (f == NULL) {
		plan_note(w, "no %s is known for this profile", what);
		return ASSAY_OK;
	}
	snprintf(path, sizeof(path), "%s/%s", w->o->files == NULL ? "DIR" : w->o->files,
		f->name);
	for (size_t i = 0; argv[i] != NULL; i++)
		words[i] = strcmp(argv[i], "@file@") == 0 ? path : argv[i];
	TRY(plan_command(w, PHASE_SOFTWARE, item, words, why, out, e));
	from_file(w, *out, f);
	return ASSAY_OK;
}

/* ---- what is there ---- */

static bool need_openssl(const struct machine *m)
{
	static const char *const libs[] = { "usr/lib64/libcrypto.so.3", "lib64/libcrypto.so.3",
		NULL };

	return el8(m) && !any_there(m, libs);
}

static bool need_driver(const struct machine *m)
{
	const struct kernel_modules *k = machine_modules(m, kernel_of(m));

	if (m->driver[0] != 0)
		return version_order(bytes_text(m->driver), wanted(m)->driver) < 0 ||
			(m->driver_open == false &&
				root_there(&m->root, "proc/driver/nvidia/version"));
	return k == NULL || k->nvidia[0] == 0;
}

static bool need_nscq(const struct machine *m)
{
	static const char *const libs[] = { "usr/lib64/libnvidia-nscq.so.2",
		"usr/lib/x86_64-linux-gnu/libnvidia-nscq.so.2", NULL };

	return m->profile == PROFILE_PPCIE && !any_there(m, libs);
}

static bool need_build(const struct machine *m)
{
	char path[ROOT_PATH];

	snprintf(path, sizeof(path), "lib/modules/%s/build", kernel_of(m));
	return !root_there(&m->root, "usr/bin/gcc") || !root_there(&m->root, "usr/bin/make") ||
		!root_there(&m->root, path);
}

/* ---- the steps ---- */

/* apt installs what its lists have: without one, or without the package in them, they are brought first. Once in a boot: what
 * they lack then no source has, and apt says so itself. */
static enum assay_code lists(struct planner *w, const char *const *names, struct assay_err *e)
{
	static const char *const argv[] = { "apt-get", "update", NULL };
	const char              *which  = "";
	char                     why[PLAN_TEXT];

	if (w->m->os != OS_DEBIAN || w->h->lists_asked)
		return ASSAY_OK;
	for (size_t i = 0; i < w->p->steps; i++)
		if (w->p->step[i].what == TXN_DO_COMMAND &&
			strcmp(w->p->step[i].argv[1] == NULL ? "" : w->p->step[i].argv[1],
				"update") == 0)
			return ASSAY_OK;
	switch (apt_look(&w->m->root, names, &which)) {
	case APT_NO_LISTS:
		snprintf(why, sizeof(why),
			"apt has no list of packages yet; lists install nothing, and undo leaves them");
		break;
	case APT_KNOWS_NOT:
		snprintf(why, sizeof(why),
			"no list of apt's has %s; lists install nothing, and undo leaves them",
			which);
		break;
	case APT_UNREAD: /* apt itself will know */
		snprintf(w->p->unread, sizeof(w->p->unread), "%s", which);
		return ASSAY_OK;
	default:
		return ASSAY_OK;
	}
	return plan_command(w, PHASE_SOFTWARE, "NET-01", argv, why, NULL, e);
}

static enum assay_code packages(struct planner *w, const char *item, const char *const *names,
	bool takes_back, const char *why, struct assay_err *e)
{
	const char *argv[TXN_ARGS + 1] = { w->m->os == OS_DEBIAN ? "apt-get" : "yum", "install",
		"-y" };
	struct step *s                 = NULL;

	for (size_t i = 0; names[i] != NULL; i++)
		argv[3 + i] = names[i];
	TRY(lists(w, names, e));
	TRY(plan_command(w, PHASE_SOFTWARE, item, argv, why, &s, e));
	/* these two refuse to take what others need */
	if (takes_back) {
		undo_words(s, w->m->os == OS_DEBIAN ? "dpkg" : "rpm",
			w->m->os == OS_DEBIAN ? "-r" : "-e", NULL);
		for (size_t i = 0; names[i] != NULL; i++)
			s->undo[2 + i] = s->argv[3 + i];
	}
	return ASSAY_OK;
}

static enum assay_code pause_monitor(struct planner *w, struct assay_err *e)
{
	const struct unit_found *u = &w->m->cloudmonitor;

	if (!u->there)
		return ASSAY_OK;
	TRY(plan_link(w, PHASE_SOFTWARE, "SVC-09",
		"etc/systemd/system/multi-user.target.wants/cloudmonitor.service", NULL,
		"CloudMonitor asks the GPUs: not while the driver is installed", e));
	if (u->live.state == UNIT_ACTIVE)
		TRY(plan_unit(w, PHASE_SOFTWARE, "SVC-09", "cloudmonitor.service", VERB_STOP,
			"CloudMonitor asks the GPUs: not while the driver is installed", e));
	plan_note(w, "CloudMonitor is brought back afterwards to what it was");
	return ASSAY_OK;
}

static enum assay_code build_tools(struct planner *w, struct assay_err *e)
{
	char              headers[MACHINE_NAME + 32];
	const char *const debian[] = { headers, "build-essential", NULL };
	const char *const el[]     = { headers, "gcc", "make", "elfutils-libelf-devel", NULL };

	if (!need_build(w->m))
		return ASSAY_OK;
	snprintf(headers, sizeof(headers), "%s-%s",
		w->m->os == OS_DEBIAN ? "linux-headers" : "kernel-devel", kernel_of(w->m));
	return packages(w, "DRV-05", w->m->os == OS_DEBIAN ? debian : el, false,
		"the driver's modules are built for this kernel", e);
}

static enum assay_code run_driver(struct planner *w, struct assay_err *e)
{
	static const char *const argv[] = { "bash", "@file@", "--ui=none", "--no-questions",
		"--accept-license", "--disable-nouveau", "--no-cc-version-check",
		"--install-libglvnd", "--kernel-module-build-directory=kernel-open",
		"--rebuild-initramfs", NULL };
	struct step             *s      = NULL;

	TRY(build_tools(w, e));
	TRY(installer(w, "DRV-06", "driver", argv, "the driver, with the open modules", &s, e));
	if (s == NULL)
		return ASSAY_OK;
	s->measured = true;
	undo_words(s, "nvidia-uninstall", "--ui=none", "--no-questions");
	if (w->m->driver[0] != 0)
		block(s, ASSAY_HOST_REFUSED,
			"driver %s is loaded, and is not taken from under the GPUs: remove it, reboot, go on",
			w->m->driver);
	return ASSAY_OK;
}

/* Ubuntu has all of it as packages, signed. */
static enum assay_code ubuntu(struct planner *w, struct assay_err *e)
{
	char        branch[16], driver[64], fabric[64], nscq[64];
	const char *names[4] = { driver, NULL };

	branch_of(w->m, branch);
	snprintf(driver, sizeof(driver), "nvidia-driver-%s-server-open", branch);
	snprintf(fabric, sizeof(fabric), "nvidia-fabricmanager-%s", branch);
	snprintf(nscq, sizeof(nscq), "libnvidia-nscq-%s", branch);
	if (w->m->profile == PROFILE_PPCIE) {
		names[1] = fabric;
		names[2] = nscq;
	}
	TRY(packages(w, "DRV-06", names, true, "the driver, with the open modules", e));
	w->p->step[w->p->steps - 1].measured = true;
	if (!w->o->licence)
		block(&w->p->step[w->p->steps - 1], ASSAY_HOST_CONSENT,
			"NVIDIA's licence is yours to accept: --accept-licence");
	return ASSAY_OK;
}

static enum assay_code switches(struct planner *w, struct assay_err *e)
{
	static const char *const argv[] = { "rpm", "-ivh", "@file@", NULL };
	static const char *const apt[]  = { "nvidia-fabricmanager", "libnvidia-nscq", NULL };
	struct step             *s      = NULL;

	if (w->m->profile != PROFILE_PPCIE)
		return ASSAY_OK;
	if (w->m->os == OS_DEBIAN)
		return w->m->fabric.there && !need_nscq(w->m)
			? ASSAY_OK
			: packages(w, "SVC-10", apt, true,
				  "what brings the switches up, and what asks them for evidence",
				  e);
	if (!w->m->fabric.there) {
		TRY(installer(w, "SVC-10", "fabricmanager", argv,
			"the manager of the switches, of the driver's version", &s, e));
		if (s != NULL)
			undo_words(s, "rpm", "-e", "nvidia-fabric-manager");
	}
	if (need_nscq(w->m)) {
		TRY(installer(w, "ATT-02", "nscq", argv, "what asks the switches for evidence",
			&s, e));
		if (s != NULL)
			undo_words(s, "rpm", "-e", "libnvidia-nscq-570");
	}
	return ASSAY_OK;
}

static enum assay_code toolkit(struct planner *w, struct assay_err *e)
{
	static const char *const argv[] = { "bash", "@file@", "--silent", "--toolkit", NULL };
	struct step             *s      = NULL;

	if (!w->o->toolkit || root_there(&w->m->root, "usr/local/cuda/version.json"))
		return ASSAY_OK;
	TRY(installer(w, "CUDA-01", "toolkit", argv, "the toolkit without its driver", &s, e));
	if (w->m->profile == PROFILE_SINGLE)
		plan_note(w,
			"cuBLAS of CUDA 12.4 has a fault in this mode: pip install nvidia-cublas-cu12==12.4.5.8, in an environment of your own");
	return ASSAY_OK;
}

enum assay_code plan_software(struct planner *w, struct assay_err *e)
{
	static const char *const openssl[] = { "openssl3", NULL };
	const struct machine    *m         = w->m;
	const bool               driver    = need_driver(m);

	if (!w->o->software)
		return ASSAY_OK;
	if (need_openssl(m))
		TRY(packages(w, "CUDA-03", openssl, true,
			"the driver's encryption in user space needs libcrypto.so.3", e));
	if (driver)
		TRY(pause_monitor(w, e));
	if (driver && strcmp(m->os_id, "ubuntu") == 0)
		return ubuntu(w, e);
	TRY(switches(w, e));
	if (driver)
		TRY(run_driver(w, e));
	return toolkit(w, e);
}
