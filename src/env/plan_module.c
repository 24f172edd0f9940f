/* SPDX-License-Identifier: Apache-2.0
 *
 * Options of the kernel's modules, and the initramfs that carries them.
 *
 * Source: environment LKCA-02, PPCIE-01, DRV-04, TDX-02, INIT-01. */
#include <stdio.h>

#include "base/show.h"
#include "env/line.h"
#include "env/modprobe.h"
#include "env/plan.h"

#define OWN     "etc/modprobe.d/nvidia-lkca.conf"
#define NOUVEAU "etc/modprobe.d/assay-nouveau.conf"
#define NVLINK  "etc/modprobe.d/assay-nvlink.conf"
#define TDX     "etc/modules-load.d/assay-tdx.conf"
#define RULE                                                                 \
	"install nvidia /sbin/modprobe ecdsa_generic; /sbin/modprobe ecdh; " \
	"/sbin/modprobe --ignore-install nvidia\n"

#define PASSING UINT32_MAX /* neither on nor off: it is so until the reboot */

struct found {                                /* in all of modprobe's files */
	bool                        rule;     /* the algorithms come before nvidia */
	const char                 *foreign;  /* an install line that does something else */
	const struct modprobe_file *registry; /* the last file that has the driver's keys */
	uint32_t                    ppcie;
	bool                        nouveau;
	bool                        nvlink_off;  /* by the last line that says */
	const char                 *nvlink_path; /* of that line */
};

/* What stands below /run is gone after the reboot: it keeps nothing from being written. */
static void look_at(
	struct found *f, const struct modprobe_file *file, const struct modprobe_line *l)
{
	const bool   lasts = !modprobe_passing(file->path);
	struct bytes keys;

	if (strcmp(l->module, "nouveau") == 0 && l->verb == MODPROBE_BLACKLIST)
		f->nouveau = f->nouveau || lasts;
	if (strcmp(l->module, "nvidia") != 0)
		return;
	if (l->verb == MODPROBE_INSTALL) {
		if (modprobe_loads(l->rest, "ecdsa_generic") &&
			(modprobe_loads(l->rest, "ecdh") ||
				modprobe_loads(l->rest, "ecdh_generic")) &&
			modprobe_loads_itself(l->rest, "nvidia"))
			f->rule = f->rule || lasts;
		else
			f->foreign = file->path;
	} else if (l->verb == MODPROBE_SOFTDEP) {
		f->rule = f->rule ||
			(lasts && modprobe_before(l->rest, "ecdsa_generic") &&
				(modprobe_before(l->rest, "ecdh") ||
					modprobe_before(l->rest, "ecdh_generic")));
	}
	if (l->verb == MODPROBE_OPTIONS && modprobe_option(l->rest, NVLINK_OPTION, &keys)) {
		f->nvlink_off  = lasts && !bytes_equal(keys, BYTES("0"));
		f->nvlink_path = file->path;
	}
	if (l->verb == MODPROBE_OPTIONS && modprobe_option(l->rest, REGISTRY_OPTION, &keys)) {
		f->registry = file;
		if (!registry_get(keys, REGISTRY_PPCIE, &f->ppcie))
			f->ppcie = 0;
		else if (!lasts && f->ppcie != 0)
			f->ppcie = PASSING;
	}
}

static void look(const struct machine *m, struct found *f)
{
	CLEANUP(buf_done) struct buf builtin = { 0 };
	char                         path[ROOT_PATH];
	const char                  *kernel = machine_next_kernel(m);

	for (size_t i = 0; i < m->modprobes; i++) {
		struct modprobe      r = { .in = buf_bytes(&m->modprobe[i].text) };
		struct modprobe_line l;

		while (modprobe_next(&r, &l))
			look_at(f, &m->modprobe[i], &l);
	}
	snprintf(path, sizeof(path), "lib/modules/%s/modules.builtin",
		kernel[0] != 0 ? kernel : m->osrelease);
	if (root_read(&m->root, path, ROOT_FILE, &builtin) == 0)
		f->rule = f->rule ||
			(bytes_has(buf_bytes(&builtin), "/ecdsa_generic.ko") &&
				bytes_has(buf_bytes(&builtin), "/ecdh_generic.ko"));
}

/* A vendor's file is hidden by one of the same name below /etc, and not touched. */
static void own_path(const char *path, char out[ROOT_PATH])
{
	const char *slash = strrchr(path, '/');

	snprintf(out, ROOT_PATH, "etc/modprobe.d/%.250s", slash == NULL ? path : slash + 1);
}

static enum assay_code set_key(struct planner *w, const struct modprobe_file *file,
	const char *value, const char *why, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf body = { 0 }, new = { 0 };
	struct assay_err             odd             = { 0 };
	struct step                 *s               = NULL;
	char                         path[ROOT_PATH] = OWN;

	if (file != NULL)
		own_path(file->path, path);
	if (file != NULL && strcmp(path, file->path) != 0)
		buf_put(&body, file->text.p, file->text.n);
	else
		TRY(plan_body(w, path, &body, e));
	if (registry_set(buf_bytes(&body), REGISTRY_PPCIE, value, &new, &odd) != ASSAY_OK) {
		plan_refuse(w, "/%s: %s", SHOW(bytes_text(path)), assay_err_text(&odd));
		return ASSAY_OK;
	}
	TRY(plan_file(w, PHASE_BOOT, "PPCIE-01", path, buf_bytes(&new), why, &s, e));
	if (s != NULL)
		s->measured = true; /* by the initramfs that carries it */
	return ASSAY_OK;
}

static enum assay_code own_rule(struct planner *w, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf body = { 0 };
	struct step                 *s    = NULL;

	TRY(plan_body(w, OWN, &body, e));
	if (body.n > 0 && body.p[body.n - 1] != '\n')
		buf_byte(&body, '\n');
	buf_text(&body, RULE);
	TRY(buf_ok(&body, e));
	TRY(plan_file(w, PHASE_BOOT, "LKCA-02", OWN, buf_bytes(&body),
		"the kernel's ECDSA and ECDH before the driver, which authenticates the GPU with them",
		&s, e));
	if (s != NULL)
		s->measured = true;
	return ASSAY_OK;
}

static enum assay_code td_module(struct planner *w, struct assay_err *e)
{
	static const char *const     devices[] = { "dev/tdx_guest", "dev/tdx-guest",
		    "dev/tdx-attest" };
	CLEANUP(buf_done) struct buf dep       = { 0 };
	const char                  *kernel    = machine_next_kernel(w->m);
	char                         path[ROOT_PATH];

	for (size_t i = 0; i < ARRAY_LEN(devices); i++)
		if (root_there(&w->m->root, devices[i]))
			return ASSAY_OK;
	snprintf(path, sizeof(path), "lib/modules/%s/modules.dep",
		kernel[0] != 0 ? kernel : w->m->osrelease);
	if (root_read(&w->m->root, path, 16777216, &dep) != 0 ||
		!bytes_has(buf_bytes(&dep), "tdx_guest.ko"))
		return ASSAY_OK;
	return plan_file(w, PHASE_BOOT, "TDX-02", TDX, BYTES("tdx_guest\n"),
		"the module that quotes come from", NULL, e);
}

void plan_initramfs_words(const struct machine *m, const char *argv[TXN_ARGS + 1])
{
	static const char *const dracut[] = { "dracut", "--regenerate-all", "-f", NULL };
	static const char *const tools[]  = { "update-initramfs", "-u", "-k", "all", NULL };
	const bool               debian   = root_there(&m->root, "usr/sbin/update-initramfs") ||
		(m->os == OS_DEBIAN && !root_there(&m->root, "usr/bin/dracut"));

	memcpy(argv, debian ? tools : dracut, debian ? sizeof(tools) : sizeof(dracut));
}

static enum assay_code initramfs(struct planner *w, struct assay_err *e)
{
	const char  *argv[TXN_ARGS + 1];
	struct step *s     = NULL;
	size_t       first = 0;

	while (first < w->p->steps &&
		!bytes_begin(bytes_text(w->p->step[first].path), BYTES("etc/modprobe.d/")))
		first++;
	if (first == w->p->steps && !w->h->initramfs_due)
		return ASSAY_OK;
	TRY(plan_keep(w, first, e));
	plan_initramfs_words(w->m, argv);
	TRY(plan_command(w, PHASE_BOOT, "INIT-01", argv,
		"each kernel's initramfs carries the modules' options", &s, e));
	s->measured = true;
	return ASSAY_OK;
}

/* PPCIE-02: opt-in, for one GPU that NVML says to wait for a fabric (doctor asks it, setup asks no GPU); never for eight. */
static enum assay_code nvlink(struct planner *w, const struct found *f, struct assay_err *e)
{
	struct step *s = NULL;

	if (w->m->profile == PROFILE_PPCIE && (f->nvlink_off || w->o->nvlink_off)) {
		plan_refuse(w, "eight GPUs talk over NVLink: %s%s is not for them",
			f->nvlink_off ? NVLINK_OPTION " in /" : "--nvlink-off",
			f->nvlink_off ? SHOW(bytes_text(f->nvlink_path)) : "");
		return ASSAY_OK;
	}
	if (!w->o->nvlink_off || f->nvlink_off)
		return ASSAY_OK;
	TRY(plan_file(w, PHASE_BOOT, "PPCIE-02", NVLINK,
		BYTES("# Written by assay setup; assay setup undo takes it back.\n"
		      "options nvidia " NVLINK_OPTION "=1\n"),
		"the GPU does not wait for a fabric that never comes", &s, e));
	if (s != NULL)
		s->measured = true;
	return ASSAY_OK;
}

enum assay_code plan_modules(struct planner *w, struct assay_err *e)
{
	struct found f = { 0 };

	look(w->m, &f);
	if (w->m->modprobe_unread)
		plan_refuse(w, "files of modprobe.d could not be read: %s",
			root_why(w->m->modprobe_unread));
	if (f.foreign != NULL)
		plan_refuse(w,
			"/%s has an \"install nvidia\" line that loads no ecdsa_generic and ecdh first; two such lines do not add up: change or remove it",
			SHOW(bytes_text(f.foreign)));
	if (!f.rule)
		TRY(own_rule(w, e));
	if (w->m->profile == PROFILE_PPCIE && f.ppcie != 1)
		TRY(set_key(w, f.registry, "0x1", "all GPUs in protected PCIe", e));
	if (w->m->profile == PROFILE_SINGLE && f.ppcie != 0)
		TRY(set_key(w, f.registry, NULL,
			"a single GPU does not start with protected PCIe", e));
	TRY(nvlink(w, &f, e));
	if (!f.nouveau)
		TRY(plan_file(w, PHASE_BOOT, "DRV-04", NOUVEAU,
			BYTES("# Written by assay setup; assay setup undo takes it back.\n"
			      "blacklist nouveau\noptions nouveau modeset=0\n"),
			"nouveau stays away from the GPUs", NULL, e));
	TRY(td_module(w, e));
	return initramfs(w, e);
}
