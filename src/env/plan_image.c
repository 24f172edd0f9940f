/* SPDX-License-Identifier: Apache-2.0
 *
 * Images as they are, beside those that are about to be made: until the machine has booted with the new ones.
 *
 * Source: environment INIT-01, PLAT-04. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/show.h"
#include "env/plan.h"

#define ITEM "INIT-01"

/* Where the copy of an image is, or is to be; NULL: both names are somebody else's. *kept: it is there. */
static const char *copy_name(
	const struct planner *w, const char *image, char text[IMAGE_PATH + 16], bool *kept)
{
	static const char *const ends[] = { ".bak", ".assay-bak" };

	*kept = false;
	for (size_t i = 0; i < w->h->kepts; i++)
		if (strcmp(w->h->kept[i].path, image) == 0) {
			*kept = root_there(&w->m->root, w->h->kept[i].copy);
			return w->h->kept[i].copy;
		}
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		snprintf(text, IMAGE_PATH + 16, "%s%s", image, ends[i]);
		if (strlen(text) < IMAGE_PATH && !root_there(&w->m->root, text))
			return text;
	}
	return NULL;
}

/* Room for these copies where the first of them is to be. */
static bool room(const struct machine *m, const struct images *l)
{
	struct statvfs v;
	int            fd;
	bool           fits;

	if (l->n == 0 || root_fd(&m->root, l->path[0], O_RDONLY | O_NONBLOCK, &fd) != 0)
		return true; /* it is read when it is copied, and that is told then */
	fits = fstatvfs(fd, &v) != 0 ||
		(uint64_t)v.f_bavail * v.f_frsize >= image_room(m, l).need;
	close(fd);
	return fits;
}

static void reverse(struct step *s, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct step one = s[i];

		s[i]         = s[n - 1 - i];
		s[n - 1 - i] = one;
	}
}

/* The last k of the n steps to their front; all else in its order. */
static void to_front(struct step *s, size_t n, size_t k)
{
	reverse(s, n - k);
	reverse(s + n - k, k);
	reverse(s, n);
}

static enum assay_code keep(
	struct planner *w, const char *image, const char *copy, struct assay_err *e)
{
	struct step *s = plan_add(w, PHASE_BOOT, ITEM, TXN_DO_KEEP,
		"as it is, until the machine has booted with the new one", e);

	if (s == NULL)
		return e->code;
	snprintf(s->path, sizeof(s->path), "%s", image);
	snprintf(s->copy, sizeof(s->copy), "%s", copy);
	return ASSAY_OK;
}

/* Too little room for them refuses the plan (preflight.c); only by force images are made without. */
enum assay_code plan_keep(struct planner *w, size_t before, struct assay_err *e)
{
	CLEANUP(mem_done) struct images *all  = mem_new(2, sizeof(*all));
	const size_t                     were = w->p->steps;
	struct images                   *want = all == NULL ? NULL : &all[1];

	if (all == NULL)
		return err_no_memory(e);
	image_list(w->m, all);
	for (size_t i = 0; i < all->n; i++) {
		char        text[IMAGE_PATH + 16];
		bool        kept;
		const char *copy = copy_name(w, all->path[i], text, &kept);

		if (plan_odd_name(w, all->path[i]))
			continue;
		if (copy == NULL)
			plan_refuse(w, "/%s.bak is there already: it would be a copy's name",
				SHOW(bytes_text(all->path[i])));
		else if (!kept)
			memcpy(want->path[want->n++], all->path[i], IMAGE_PATH);
	}
	if (w->o->force && !room(w->m, want)) {
		plan_note(w, "images are made again without a copy: there is no room for one");
		return ASSAY_OK;
	}
	for (size_t i = 0; i < want->n; i++) {
		char text[IMAGE_PATH + 16];
		bool kept;

		TRY(keep(w, want->path[i], copy_name(w, want->path[i], text, &kept), e));
	}
	to_front(w->p->step + before, w->p->steps - before, w->p->steps - were);
	return ASSAY_OK;
}

/* Boot settings are in effect, so the new images are good; were they not, effect() would stop before this. */
enum assay_code plan_drop(struct planner *w, struct assay_err *e)
{
	if (w->m->cmdline_no != 0 || w->h->same_boot || w->h->initramfs_due)
		return ASSAY_OK;
	for (size_t i = 0; i < w->p->steps; i++)
		if (w->p->step[i].phase == PHASE_BOOT)
			return ASSAY_OK;
	for (size_t i = 0; i < w->h->kepts; i++) {
		struct step *s;

		if (!root_there(&w->m->root, w->h->kept[i].copy))
			continue;
		s = plan_add(w, PHASE_START, ITEM, TXN_DO_DROP,
			"the machine has booted with the new one", e);
		if (s == NULL)
			return e->code;
		snprintf(s->path, sizeof(s->path), "%s", w->h->kept[i].path);
		snprintf(s->copy, sizeof(s->copy), "%s", w->h->kept[i].copy);
	}
	return ASSAY_OK;
}
