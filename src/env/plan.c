/* SPDX-License-Identifier: Apache-2.0
 *
 * Source: environment 6. */
#include "env/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/show.h"

#define DUE "run/reboot-required" /* of Debian and its like: environment 7 */

const char *phase_name(enum phase p)
{
	static const char *const names[PHASES] = {
		[PHASE_BOOT]     = "boot settings",
		[PHASE_SOFTWARE] = "software",
		[PHASE_START]    = "start",
	};

	return names[p];
}

void plan_note(struct planner *w, const char *fmt, ...)
{
	char    text[PLAN_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_text(&w->p->notes, text);
	buf_byte(&w->p->notes, '\n');
}

void plan_refuse(struct planner *w, const char *fmt, ...)
{
	char    text[PLAN_TEXT];
	va_list ap;

	if (w->p->refused.code != ASSAY_OK)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&w->p->refused, ASSAY_HOST_REFUSED, "%s", text);
}

struct step *plan_add(struct planner *w, enum phase phase, const char *item, enum txn_do what,
	const char *why, struct assay_err *e)
{
	struct step *s = NULL;

	if (w->p->steps == PLAN_STEPS) {
		err_set(e, ASSAY_INPUT_SIZE, "more than %d steps", PLAN_STEPS);
		return NULL;
	}
	s  = &w->p->step[w->p->steps++];
	*s = (struct step){ .phase = phase, .item = item, .what = what };
	snprintf(s->why, sizeof(s->why), "%s", why);
	return s;
}

static struct step *planned(const struct planner *w, const char *path)
{
	for (size_t i = 0; i < w->p->steps; i++)
		if (w->p->step[i].what == TXN_DO_FILE && strcmp(w->p->step[i].path, path) == 0)
			return &w->p->step[i];
	return NULL;
}

enum assay_code plan_body(
	struct planner *w, const char *path, struct buf *out, struct assay_err *e)
{
	CLEANUP(place_done) struct place is = { 0 };
	char                             real[ROOT_PATH];
	const struct step               *s;

	TRY(place_real(w->site->root, path, real, sizeof(real), e));
	s = planned(w, real);
	if (s == NULL)
		TRY(place_read(w->site, real, &is, e));
	s == NULL ? buf_put(out, is.body.p, is.body.n)
		  : buf_put(out, s->want.body.p, s->want.body.n);
	return buf_ok(out, e);
}

bool plan_odd_name(struct planner *w, const char *path)
{
	if (txn_path(path))
		return false;
	plan_refuse(w, "/%s has a name that is no plain one: rename it, then run this again",
		SHOW(bytes_text(path)));
	return true;
}

/* A file is replaced by a new one of its name; its other names would keep what it says now, and undo would not join them again. */
static void refuse_names(struct planner *w, const char *path, const struct place *is)
{
	struct stat s;

	if (is->kind == PLACE_FILE && root_stat(w->site->root, path, &s) == 0 && s.st_nlink > 1)
		plan_refuse(w,
			"/%s has %lu names (hard links), and a change would part them: make it a file of its own, then run this again",
			SHOW(bytes_text(path)), (unsigned long)s.st_nlink);
}

enum assay_code plan_file(struct planner *w, enum phase phase, const char *item,
	const char *path, struct bytes body, const char *why, struct step **out,
	struct assay_err *e)
{
	CLEANUP(place_done) struct place is = { 0 };
	char                             real[ROOT_PATH];
	struct step                     *s = NULL;

	if (out != NULL)
		*out = NULL;
	TRY(place_real(w->site->root, path, real, sizeof(real), e));
	s = planned(w, real);
	if (s == NULL) {
		TRY(place_read(w->site, real, &is, e));
		if ((is.kind == PLACE_FILE && bytes_equal(buf_bytes(&is.body), body)) ||
			plan_odd_name(w, real))
			return ASSAY_OK;
		refuse_names(w, real, &is);
		s = plan_add(w, phase, item, TXN_DO_FILE, why, e);
		if (s == NULL)
			return e->code;
		memcpy(s->path, real, strlen(real) + 1);
		s->before    = is;
		is.body      = (struct buf){ 0 };
		s->want      = s->before;
		s->want.body = (struct buf){ 0 };
		if (s->before.kind == PLACE_ABSENT)
			s->want = (struct place){ .kind = PLACE_FILE,
				.mode                   = 0644,
				.uid                    = geteuid(),
				.gid                    = getegid() };
	}
	s->want.body.n = 0;
	buf_put(&s->want.body, body.p, body.n);
	TRY(buf_ok(&s->want.body, e));
	if (out != NULL)
		*out = s;
	return place_digest(w->site, &s->want, e);
}

enum assay_code plan_link(struct planner *w, enum phase phase, const char *item,
	const char *path, const char *text, const char *why, struct assay_err *e)
{
	CLEANUP(place_done) struct place is = { 0 };
	struct step                     *s  = NULL;

	TRY(place_read(w->site, path, &is, e));
	if (text == NULL ? is.kind == PLACE_ABSENT : is.kind != PLACE_ABSENT)
		return ASSAY_OK;
	s = plan_add(w, phase, item, TXN_DO_FILE, why, e);
	if (s == NULL)
		return e->code;
	snprintf(s->path, sizeof(s->path), "%s", path);
	s->before = is;
	is.body   = (struct buf){ 0 };
	if (text != NULL) {
		s->want.kind = PLACE_LINK;
		snprintf(s->want.link, sizeof(s->want.link), "%s", text);
		return place_digest(w->site, &s->want, e);
	}
	return ASSAY_OK;
}

enum assay_code plan_command(struct planner *w, enum phase phase, const char *item,
	const char *const *argv, const char *why, struct step **out, struct assay_err *e)
{
	struct step *s = NULL;

	s = plan_add(w, phase, item, TXN_DO_COMMAND, why, e);
	if (s == NULL)
		return e->code;
	for (size_t i = 0; argv[i] != NULL && i < TXN_ARGS; i++) {
		s->argv[i] = mem_text(bytes_text(argv[i]));
		if (s->argv[i] == NULL)
			return err_no_memory(e);
	}
	if (out != NULL)
		*out = s;
	return ASSAY_OK;
}

enum assay_code plan_unit(struct planner *w, enum phase phase, const char *item,
	const char *unit, enum unit_verb verb, const char *why, struct assay_err *e)
{
	struct step *s = NULL;

	s = plan_add(w, phase, item, TXN_DO_UNIT, why, e);
	if (s == NULL)
		return e->code;
	s->unit = unit;
	s->verb = verb;
	return ASSAY_OK;
}

bool step_same(const struct step *a, const struct step *b)
{
	if (a->what != b->what || strcmp(a->item, b->item) != 0)
		return false;
	if (a->what == TXN_DO_FILE)
		return strcmp(a->path, b->path) == 0;
	if (a->what == TXN_DO_KEEP || a->what == TXN_DO_DROP)
		return strcmp(a->path, b->path) == 0 && strcmp(a->copy, b->copy) == 0;
	if (a->what == TXN_DO_UNIT)
		return a->verb == b->verb && strcmp(a->unit, b->unit) == 0;
	for (size_t i = 0;; i++) {
		if (a->argv[i] == NULL || b->argv[i] == NULL)
			return a->argv[i] == b->argv[i];
		if (strcmp(a->argv[i], b->argv[i]) != 0)
			return false;
	}
}

/* ---- may it be touched at all? ---- */

static void refuse_topology(struct planner *w)
{
	const struct machine *m = w->m;

	if (m->found == PROFILE_OTHER)
		plan_refuse(w,
			"%zu GPUs and %zu NVSwitches: a confidential node has one GPU and no switch, or eight and four",
			m->gpus, m->switches);
	else if (m->profile == PROFILE_NONE)
		plan_refuse(w,
			"there is no NVIDIA device here; for an image that is to be booted on one, say --profile");
	else if (m->found != PROFILE_NONE && m->found != m->profile)
		plan_refuse(w, "the devices are those of profile %s, not %s",
			profile_name(m->found), profile_name(m->profile));
}

static void refuse_type(struct planner *w)
{
	const struct machine       *m = w->m;
	const struct data_instance *t = m->how->type == NULL
		? NULL
		: data_instance_find(m->data, bytes_text(m->how->type));

	if (m->how->type != NULL && t == NULL)
		plan_refuse(w, "instance type \"%s\" is not known as a confidential one",
			SHOW(bytes_text(m->how->type)));
	if (t != NULL && m->found != PROFILE_NONE &&
		(t->gpus != m->gpus || t->switches != m->switches))
		plan_refuse(w,
			"%s has %zu GPUs and %zu switches, here are %zu and %zu: stop and start the instance",
			SHOW(t->type), (size_t)t->gpus, (size_t)t->switches, m->gpus,
			m->switches);
}

static void refuse_boot(struct planner *w)
{
	const struct boot *b = &w->m->boot;

	if (b->unmounted)
		plan_refuse(w,
			"/etc/fstab has /boot, and it is not mounted: what is in that folder now is not what boots; mount it, then run this again");
	else if (b->style == BOOT_UKI)
		plan_refuse(w,
			"it boots a unified kernel image: its arguments are inside a signed file, make an image with swiotlb=%s in it",
			plan_swiotlb(w->m));
	else if (b->style == BOOT_DIRECT)
		plan_refuse(w,
			"no boot loader's files are here: whoever starts this kernel gives it its arguments, swiotlb=%s among them",
			plan_swiotlb(w->m));
	else if (b->no != 0)
		plan_refuse(w, "/%s: %s", SHOW(bytes_text(b->place)), root_why(b->no));
	else if (b->source_no != 0)
		plan_refuse(w, "settings of the boot loader in /etc cannot be read: %s",
			root_why(b->source_no));
}

/* Environment 2: more than a quarter of the memory is taken away for good. */
static void refuse_memory(struct planner *w)
{
	const uint64_t pool = (uint64_t)SWIOTLB_WANTED * SWIOTLB_SLAB;
	/* what the kernel counts is without a pool that was reserved */
	const uint64_t all = w->m->memory + w->m->pool * SWIOTLB_SLAB;

	if (w->m->memory == 0)
		return;
	if (pool > all / 4 && !w->o->force)
		plan_refuse(w,
			"8 GiB are more than a quarter of this machine's %llu MiB; --force does it all the same",
			(unsigned long long)(all >> 20));
	else if (pool > all / 8)
		plan_note(w, "8 GiB of memory for the pool are more than an eighth of %llu MiB",
			(unsigned long long)(all >> 20));
}

static void warn_system(struct planner *w)
{
	if (w->m->os == OS_OTHER)
		plan_refuse(w, "\"%s\" is no system that setup knows",
			SHOW(bytes_text(w->m->os_id)));
	if (w->m->os != OS_ALINUX)
		plan_note(w,
			"the cloud supports Alibaba Cloud Linux 3 alone for these instances; whether the pool gets its size is measured after the reboot");
}

/* Boot settings count from the next boot on. */
static bool reboot_wanted(struct planner *w)
{
	const struct machine *m = w->m;

	for (size_t i = 0; i < w->p->steps; i++)
		if (w->p->step[i].phase == PHASE_BOOT)
			return m->cmdline_no == 0;
	if (m->cmdline_no != 0)
		return false; /* a tree that is not running */
	if (root_there(&m->root, DUE) && !w->o->force) {
		plan_note(w, "the system itself asks for a reboot (/" DUE ")");
		return true;
	}
	return w->h->same_boot || !m->swiotlb.number || m->swiotlb.slabs < SWIOTLB_WANTED ||
		root_there(&m->root, "sys/module/nouveau");
}

static enum assay_code make(struct planner *w, struct assay_err *e)
{
	refuse_topology(w);
	refuse_type(w);
	refuse_boot(w);
	refuse_memory(w);
	warn_system(w);
	if (w->p->refused.code != ASSAY_OK)
		return ASSAY_OK;
	TRY(plan_boot(w, e));
	TRY(plan_modules(w, e));
	TRY(plan_units(w, e));
	TRY(plan_software(w, e));
	TRY(plan_start(w, e));
	TRY(plan_hold(w, e));
	w->p->reboot = reboot_wanted(w);
	return buf_ok(&w->p->notes, e);
}

enum assay_code plan_make(const struct machine *m, const struct site *s,
	const struct history *h, const struct plan_options *o, struct plan **out,
	struct assay_err *e)
{
	struct plan   *p = mem_new(1, sizeof(*p));
	struct planner w = { m, s, h, o, p };

	if (p == NULL)
		return err_no_memory(e);
	p->profile = m->profile;
	if (make(&w, e) != ASSAY_OK) {
		plan_free(p);
		return e->code;
	}
	*out = p;
	return ASSAY_OK;
}

void plan_free(struct plan *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->steps; i++) {
		place_done(&p->step[i].before);
		place_done(&p->step[i].want);
		for (size_t k = 0; k < TXN_ARGS; k++)
			mem_free(p->step[i].argv[k]);
	}
	buf_done(&p->notes);
	mem_free(p);
}
