/* SPDX-License-Identifier: Apache-2.0 */
#include "env/preflight.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/show.h"
#include "env/items.h"
#include "env/ours.h"
#include "format/rim.h"

#define MIB (1ULL << 20)
#define GIB (1ULL << 30)

struct flight {
	const struct machine         *m;
	const struct plan_options    *o;
	const struct preflight_doors *d;
	struct plan                  *p;
	int64_t                       now;
};

PRINTS(4)
static void tell(
	struct flight *f, const char *item, enum assay_outcome outcome, const char *fmt, ...)
{
	struct ahead *a;
	va_list       ap;

	if (f->p->aheads == PLAN_AHEAD)
		return;
	a          = &f->p->ahead[f->p->aheads++];
	a->item    = item;
	a->outcome = outcome;
	va_start(ap, fmt);
	vsnprintf(a->text, sizeof(a->text), fmt, ap);
	va_end(ap);
}

/* The row before says why. */
static void refuse(struct flight *f, const char *go_on)
{
	if (f->p->refused.code == ASSAY_OK)
		err_set(&f->p->refused, ASSAY_HOST_REFUSED, "%s; %s",
			f->p->ahead[f->p->aheads - 1].text, go_on);
}

/* What an item of the doctor finds. It only advises: nothing here fails by it. */
static void tell_result(struct flight *f, const char *item, const struct result *r)
{
	tell(f, item, r->outcome == ASSAY_OUTCOME_FAIL ? ASSAY_OUTCOME_WARN : r->outcome,
		"%s%s%s", r->message, r->remedy[0] != 0 ? ": " : "", r->remedy);
}

/* ---- what the plan does ---- */

static const struct step *step_of(
	const struct plan *p, const char *item, enum txn_do what, const struct step *after)
{
	for (const struct step *s = after == NULL ? p->step : after + 1; s < p->step + p->steps;
		s++)
		if (s->what == what && (item == NULL || strcmp(s->item, item) == 0))
			return s;
	return NULL;
}

/* The next step that runs an installer; NULL: there is none. */
static const struct step *installer(const struct plan *p, const struct step *after)
{
	do
		after = step_of(p, NULL, TXN_DO_COMMAND, after);
	while (after != NULL && after->file[0] == 0);
	return after;
}

static bool has_packages(const struct plan *p)
{
	for (const struct step *s = NULL; (s = step_of(p, NULL, TXN_DO_COMMAND, s)) != NULL;)
		if (s->argv[0] != NULL &&
			(strcmp(s->argv[0], "yum") == 0 || strcmp(s->argv[0], "apt-get") == 0))
			return true;
	return false;
}

/* ---- PLAT-04 ---- */

static int disk_of(void *ctx, const struct root *r, const char *path, struct disk *out)
{
	struct statvfs v;
	char           at[ROOT_PATH];
	char          *slash;
	int            fd, no;

	(void)ctx;
	snprintf(at, sizeof(at), "%s", path);
	/* what is not there yet comes to the disk of what it will be in */
	while ((no = root_fd(r, at, O_RDONLY | O_DIRECTORY, &fd)) == ENOENT &&
		strcmp(at, ".") != 0) {
		slash = strrchr(at, '/');
		if (slash == NULL)
			snprintf(at, sizeof(at), ".");
		else
			*slash = 0;
	}
	if (no != 0)
		return no;
	no = fstatvfs(fd, &v) == 0 ? 0 : errno;
	close(fd);
	if (no == 0)
		*out = (struct disk){ v.f_fsid, (uint64_t)v.f_bavail * v.f_frsize };
	return no;
}

struct place_room {
	const char *path;
	uint64_t    need; /* less is refused; 0: nothing is written there */
	uint64_t    want; /* less is told */
	const char *less; /* what is told then */
	int         no;
	struct disk disk;
};

static void judge_place(struct flight *f, struct place_room *places, size_t n)
{
	const struct place_room *p    = &places[n];
	const char              *item = "PLAT-04";
	uint64_t                 need = 0;

	/* what is on one disk is wanted from it together */
	for (size_t i = 0; i <= n; i++)
		if (places[i].need > 0 && places[i].no == 0 && places[i].disk.id == p->disk.id)
			need += places[i].need;
	if (p->no != 0) {
		tell(f, item, ASSAY_OUTCOME_UNKNOWN, "how much room /%s has: %s", p->path,
			root_why(p->no));
	} else if (p->need > 0 && p->disk.free < need) {
		tell(f, item, f->o->force ? ASSAY_OUTCOME_WARN : ASSAY_OUTCOME_FAIL,
			"/%s has %llu MiB free, and %llu MiB are needed", p->path,
			(unsigned long long)(p->disk.free / MIB),
			(unsigned long long)((need + MIB - 1) / MIB));
		if (!f->o->force)
			refuse(f, "--force does it all the same");
	} else if (p->disk.free < p->want) {
		tell(f, item, ASSAY_OUTCOME_WARN,
			"/%s has %llu MiB free, and %llu MiB are better: %s", p->path,
			(unsigned long long)(p->disk.free / MIB),
			(unsigned long long)(p->want / MIB), p->less);
	} else {
		tell(f, item, ASSAY_OUTCOME_PASS, "/%s has %llu MiB free, %llu are wanted",
			p->path, (unsigned long long)(p->disk.free / MIB),
			(unsigned long long)(((p->want > need ? p->want : need) + MIB - 1) /
				MIB));
	}
}

/* The folder of the images is the place: copies are kept beside them, too. */
static void images_room(const struct flight *f, char path[ROOT_PATH], struct place_room *out)
{
	CLEANUP(mem_done) struct images *copied = mem_new(1, sizeof(*copied));
	struct image_room                room;

	if (step_of(f->p, "INIT-01", TXN_DO_COMMAND, NULL) == NULL &&
		step_of(f->p, "DRV-06", TXN_DO_COMMAND, NULL) == NULL)
		return;
	for (const struct step *s = NULL; (s = step_of(f->p, NULL, TXN_DO_KEEP, s)) != NULL;) {
		char *slash;

		if (copied != NULL && copied->n < IMAGE_MOST)
			snprintf(copied->path[copied->n++], IMAGE_PATH, "%.255s", s->path);
		snprintf(path, ROOT_PATH, "%s", s->path);
		slash = strrchr(path, '/');
		if (slash != NULL)
			*slash = 0;
	}
	room      = image_room(f->m, copied);
	out->path = path;
	out->need = room.need;
	out->want = room.want;
}

static void room(struct flight *f)
{
	char               real[PATH_MAX];
	const char        *tmp     = ours_tmp(real);
	const struct plan *p       = f->p;
	const bool         toolkit = step_of(p, "CUDA-01", TXN_DO_COMMAND, NULL) != NULL;
	const bool         driver  = step_of(p, "DRV-06", TXN_DO_COMMAND, NULL) != NULL;
	const uint64_t     usr     = toolkit ? 8 * GIB : driver ? 2 * GIB : 0;
	char               boot[ROOT_PATH] = "boot";
	struct place_room  places[]        = {
			/* the journal, with every file as it was and as it became */
                { "var/lib", 16 * MIB, 0, "", 0, { 0 } },
                { "boot", 0, 0, "remove kernels that are not booted any more", 0, { 0 } },
                { "usr", usr, usr, "", 0, { 0 } },
                { "tmp", 0, installer(p, NULL) != NULL ? 6 * GIB : 0,
				"installers unpack there; TMPDIR names another folder", 0, { 0 } },
	};

	images_room(f, boot, &places[1]);
	/* where a program of this machine unpacks */
	if (f->m->root.live && tmp == NULL && places[3].want > 0 && getenv("TMPDIR") != NULL)
		tell(f, "PLAT-04", ASSAY_OUTCOME_WARN,
			"TMPDIR is no folder that root alone may write to: installers unpack in /tmp");
	if (f->m->root.live && tmp != NULL)
		places[3].path = tmp + strspn(tmp, "/");
	else if (!f->m->root.live && f->d->disk == NULL)
		places[3].want = 0;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		if (places[i].need == 0 && places[i].want == 0)
			continue;
		places[i].no = (f->d->disk != NULL ? f->d->disk : disk_of)(
			f->d->ctx, &f->m->root, places[i].path, &places[i].disk);
		judge_place(f, places, i);
	}
}

/* ---- PLAT-05 ---- */

static void clock_kept(struct flight *f)
{
	struct result r = { 0 };
	struct timex  t = { 0 };

	if (f->d->clock == NULL && !f->m->root.live) {
		tell(f, "PLAT-05", ASSAY_OUTCOME_NOT_APPLICABLE,
			"the tree's clock is not that of the machine");
		return;
	}
	judge_time(f->d->clock != NULL ? f->d->clock(f->d->ctx, &t) : adjtimex(&t), &t, f->now,
		&r);
	if (r.outcome == ASSAY_OUTCOME_WARN || r.outcome == ASSAY_OUTCOME_FAIL)
		r_remedy(&r,
			"certificates will not be judged rightly; enable chronyd or systemd-timesyncd");
	tell_result(f, "PLAT-05", &r);
}

/* ---- NET-01, DRV-07: installers, or where they come from ---- */

static bool in_folder(const struct plan_options *o, const char *name)
{
	char path[2 * ROOT_PATH];

	return o->files != NULL &&
		snprintf(path, sizeof(path), "%s/%s", o->files, name) < (int)sizeof(path) &&
		access(path, R_OK) == 0;
}

static void name(const char *what, struct buf *list)
{
	buf_printf(list, "%s%.100s", list->n == 0 ? "" : ", ", what);
}

static void files(struct flight *f)
{
	CLEANUP(buf_done) struct buf missing = { 0 }, unpinned = { 0 };
	size_t                       n = 0;

	for (const struct step *s = NULL; (s = installer(f->p, s)) != NULL; n++) {
		if (!in_folder(f->o, s->file))
			name(s->file, &missing);
		if (s->pin[0] == 0)
			name(s->file, &unpinned);
	}
	if (n > 0 && missing.n == 0)
		tell(f, "NET-01", ASSAY_OUTCOME_PASS, "the installers are in %.200s",
			SHOW(bytes_text(f->o->files)));
	else if (n > 0 && f->o->download && f->o->files != NULL)
		tell(f, "NET-01", ASSAY_OUTCOME_UNKNOWN,
			"to be fetched, from whom nobody asked yet: %.300s",
			buf_cstr(&missing));
	else if (n > 0)
		tell(f, "NET-01", ASSAY_OUTCOME_WARN,
			"not here, and their steps wait for them: %.300s", buf_cstr(&missing));
	if (has_packages(f->p))
		tell(f, "NET-01", ASSAY_OUTCOME_UNKNOWN,
			"packages come from the system's own sources, which nobody asked");
	if (f->p->unread[0] != 0)
		tell(f, "NET-01", ASSAY_OUTCOME_UNKNOWN,
			"apt's lists of packages are compressed and were not read: whether they have %s shows when it is installed; apt-get update makes them new",
			f->p->unread);
	if (n > 0 && unpinned.n == 0)
		tell(f, "DRV-07", ASSAY_OUTCOME_PASS,
			"each installer has its SHA-256, and is run only with it");
	else if (n > 0)
		tell(f, "DRV-07", ASSAY_OUTCOME_WARN,
			"no SHA-256 is known, and their steps wait for it: %.300s",
			buf_cstr(&unpinned));
}

/* ---- DRV-05 ---- */

static void build(struct flight *f)
{
	const struct step *driver = step_of(f->p, "DRV-06", TXN_DO_COMMAND, NULL);
	struct result      r      = { 0 };

	if (driver == NULL || driver->file[0] == 0)
		return; /* packages bring modules that are built */
	if (step_of(f->p, "DRV-05", TXN_DO_COMMAND, NULL) != NULL) {
		tell(f, "DRV-05", ASSAY_OUTCOME_PASS,
			"compiler, make and headers are not all here; a step installs them");
		return;
	}
	judge_build(f->m, &r);
	tell_result(f, "DRV-05", &r);
}

/* ---- ATT-05 ---- */

/* "550.144.03" of "NVIDIA-Linux-x86_64-550.144.03.run"; "": it has none. */
static void version_of(const char *file, char out[64])
{
	const char *at = strrchr(file, '-');
	size_t      n  = at == NULL ? 0 : strspn(at + 1, "0123456789.");

	while (n > 0 && at[n] == '.')
		n--;
	if (n >= 64)
		n = 0;
	snprintf(out, 64, "%.*s", (int)n, at == NULL ? "" : at + 1);
}

static void reference_values(struct flight *f)
{
	const struct step *driver = step_of(f->p, "DRV-06", TXN_DO_COMMAND, NULL);
	char               version[64], id[128], why[PLAN_TEXT] = "";

	if (driver == NULL)
		return;
	version_of(driver->file, version);
	if (version[0] == 0) {
		tell(f, "ATT-05", ASSAY_OUTCOME_UNKNOWN,
			"which version the package brings is not known before: assay gather --check --driver VERSION tells whether it can be attested");
		return;
	}
	snprintf(id, sizeof(id), RIM_ID_HOPPER "%s", version);
	switch (f->d->rim == NULL ? RIM_NOT_ASKED : f->d->rim(f->d->ctx, id, why)) {
	case RIM_THERE:
		tell(f, "ATT-05", ASSAY_OUTCOME_PASS, "%s is there: %s", id, why);
		break;
	case RIM_ABSENT:
		tell(f, "ATT-05", ASSAY_OUTCOME_FAIL,
			"there is no %s, so no GPU with driver %s is accepted: %.200s", id,
			version, why);
		refuse(f, "choose a driver that has one, or --no-software");
		break;
	case RIM_NOT_ASKED:
		tell(f, "ATT-05", ASSAY_OUTCOME_UNKNOWN,
			"whether there is a %s nobody was asked: --online asks NVIDIA's service, --collateral FILE names a bundle that has it",
			id);
		break;
	case RIM_NOT_KNOWN:
		tell(f, "ATT-05", ASSAY_OUTCOME_UNKNOWN,
			"whether there is a %s is not known: %.200s", id, why);
		break;
	}
}

/* ---- DRV-11 ---- */

static void holds(struct flight *f)
{
	struct result r = { 0 };

	judge_holds(f->m, &r);
	if (r.outcome == ASSAY_OUTCOME_WARN)
		r_remedy(&r,
			f->o->hold ? "a step holds them" : "--hold holds kernel and driver");
	tell_result(f, "DRV-11", &r);
}

void preflight(const struct machine *m, const struct plan_options *o,
	const struct preflight_doors *d, int64_t now, struct plan *p)
{
	struct flight f = { m, o, d, p, now };

	if (p->steps == 0 || p->refused.code != ASSAY_OK)
		return;
	room(&f);
	clock_kept(&f);
	files(&f);
	build(&f);
	reference_values(&f);
	holds(&f);
}
