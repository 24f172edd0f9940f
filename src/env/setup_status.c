/* SPDX-License-Identifier: Apache-2.0
 *
 * Where things stand: what a plan would do, and what runs did so far. */
#include <stdio.h>

#include "base/show.h"
#include "base/utc.h"
#include "env/setup.h"

static const char *stand(const struct txn *t)
{
	size_t undone = 0;

	if (t->closed)
		return "undone";
	for (size_t i = 0; i < t->steps; i++)
		undone += t->step[i].undone;
	if (undone > 0)
		return "partly undone";
	if (t->steps == 0)
		return "nothing was done";
	if (!t->step[t->steps - 1].ended)
		return "ended in the middle of its last step";
	return t->step[t->steps - 1].status == 0 ? "done" : "its last step failed";
}

static void phases(const struct plan *p, struct buf *out)
{
	size_t n[PHASES] = { 0 };

	for (size_t i = 0; i < p->steps; i++)
		n[p->step[i].phase]++;
	for (enum phase k = 0; k < PHASES && p->refused.code == ASSAY_OK; k++)
		buf_printf(out, "%-13s %s\n", phase_name(k),
			n[k] == 0 ? "as it must be" : "steps are to be done: assay setup plan");
	if (p->refused.code != ASSAY_OK)
		buf_printf(out, "refused       %s\n", assay_err_text(&p->refused));
	buf_printf(out, "reboot        %s\n",
		p->reboot && n[PHASE_BOOT] == 0 ? "wanted: settings wait for it"
			: p->reboot             ? "wanted after the boot settings"
						: "not wanted");
}

/* Journals that somebody put aside, for they were damaged: no run that can be undone. */
static void asides(const struct root *r, struct buf *out)
{
	CLEANUP(names_done) struct names all = { 0 };

	root_list(r, TXN_FOLDER, &all);
	for (size_t i = 0; i < all.n; i++)
		if (strncmp(all.name[i], TXN_ASIDE, strlen(TXN_ASIDE)) == 0)
			buf_printf(out, "put aside     /" TXN_FOLDER "/%s\n",
				SHOW(bytes_text(all.name[i])));
}

/* The runs, the oldest first. A damaged one is told as far as it can be read, and hides no other. */
static enum assay_code runs(
	const struct setup *s, const struct root *r, struct buf *out, struct assay_err *e)
{
	CLEANUP(names_done) struct names ids     = { 0 };
	size_t                           damaged = 0;

	TRY(txn_list(r, &ids, e));
	for (size_t i = 0; i < ids.n; i++) {
		CLEANUP(txn_done) struct txn t   = { 0 };
		struct assay_err             why = { 0 };

		if (txn_read(r, ids.name[i], &t, &why) != ASSAY_OK &&
			why.code != ASSAY_HOST_JOURNAL) {
			*e = why;
			return e->code;
		}
		if (why.code != ASSAY_OK) {
			buf_printf(out, "run           %s  damaged, see below\n",
				SHOW(bytes_text(ids.name[i])));
			damaged++;
		} else if (t.id[0] != 0) {
			buf_printf(out, "run           %s  %s  %zu steps, %s\n", t.id,
				UTC(t.at), t.steps, stand(&t));
		}
	}
	asides(r, out);
	for (size_t i = 0; i < ids.n && damaged > 0; i++)
		setup_damage(s, r, ids.name[i], out);
	return damaged == 0 ? buf_ok(out, e)
			    : err_set(e, ASSAY_HOST_JOURNAL,
				      "%zu of %zu journals cannot be believed", damaged, ids.n);
}

enum assay_code setup_status(const struct setup *s, struct buf *out, struct assay_err *e)
{
	CLEANUP(setup_machine_drop) struct machine *m    = NULL;
	CLEANUP(root_done) struct root              root = { 0 };
	struct plan                                *p    = NULL;
	struct assay_err                            why  = { 0 };

	TRY(root_open(s->how.root, &root, e));
	if (setup_plan(s, &m, &p, &why) == ASSAY_OK) {
		buf_printf(out, "profile       %s\n", profile_name(p->profile));
		phases(p, out);
		plan_free(p);
	} else if (why.code == ASSAY_HOST_JOURNAL) {
		buf_text(out,
			"steps         what is to be done is not known while a journal is damaged\n");
	} else {
		*e = why;
		return e->code;
	}
	return runs(s, &root, out, e);
}
