/* SPDX-License-Identifier: Apache-2.0
 *
 * Updates that would move kernel or driver, held: only when the user asks for it, and last, when all of it is installed.
 *
 * Source: environment DRV-11. */
#include "env/hold.h"
#include "env/plan.h"

#define ITEM   "DRV-11"
#define STATUS "var/lib/dpkg/status"
#define DNF    "etc/dnf/dnf.conf"
#define LARGE  33554432 /* bytes of a status; a desktop's has four million */
#define WORDS  2        /* "apt-mark hold" */

static const char why[] = "no update moves kernel or driver, security updates of them neither";

/* As many names as fit into the words of one command. */
static enum assay_code some(
	struct planner *w, struct bytes status, size_t *at, bool *more, struct assay_err *e)
{
	char         text[TXN_ARGS][HOLD_NAME + 1];
	const char  *argv[TXN_ARGS + 1] = { "apt-mark", "hold" };
	struct bytes name;
	struct step *s = NULL;
	size_t       n = WORDS;

	while (n < TXN_ARGS && (*more = hold_next(status, at, &name))) {
		memcpy(text[n], name.p, name.n);
		text[n][name.n] = 0;
		argv[n]         = text[n];
		n++;
	}
	if (n == WORDS)
		return ASSAY_OK;
	TRY(plan_command(w, PHASE_START, ITEM, argv, why, &s, e));
	s->undo[0] = "apt-mark";
	s->undo[1] = "unhold";
	for (size_t i = WORDS; i < n; i++)
		s->undo[i] = s->argv[i];
	return ASSAY_OK;
}

static enum assay_code debian(struct planner *w, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf status = { 0 };
	size_t                       at     = 0;
	const int                    no     = root_read(&w->m->root, STATUS, LARGE, &status);

	if (no != 0)
		plan_note(w, "nothing is held: /" STATUS ": %s", root_why(no));
	for (bool more = no == 0; more;)
		TRY(some(w, buf_bytes(&status), &at, &more, e));
	return ASSAY_OK;
}

static enum assay_code dnf(struct planner *w, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf is = { 0 }, body = { 0 };

	if (!root_there(&w->m->root, DNF)) {
		plan_note(w, "nothing is held: there is no /" DNF);
		return ASSAY_OK;
	}
	TRY(plan_body(w, DNF, &is, e));
	switch (hold_dnf(buf_bytes(&is), &body)) {
	case HELD_ALREADY:
		return ASSAY_OK;
	case HELD_NOW:
		return plan_file(w, PHASE_START, ITEM, DNF, buf_bytes(&body), why, NULL, e);
	case HELD_OTHERS:
		break;
	}
	plan_note(w,
		"nothing is held: /" DNF " leaves out packages of its own; add " HOLD_DNF
		" to its exclude= yourself");
	return ASSAY_OK;
}

enum assay_code plan_hold(struct planner *w, struct assay_err *e)
{
	if (!w->o->hold)
		return ASSAY_OK;
	return w->m->os == OS_DEBIAN ? debian(w, e) : dnf(w, e);
}
