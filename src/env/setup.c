/* SPDX-License-Identifier: Apache-2.0
 *
 * Apply: the plan's first step, recorded, done, looked at; then the plan is made again. A step that is still in it did not
 * take. So a run that was ended at any point goes on by the same loop, and a second run finds nothing to do. */
#include "env/setup.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/fd.h"
#include "env/line.h"
#include "env/setup_step.h"

void setup_say(const struct setup *s, struct buf *out, const char *fmt, ...)
{
	char    text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_text(out, text);
	buf_byte(out, '\n');
	if (s->say != NULL)
		s->say(s->ctx, text);
}

bool setup_stops(const struct setup *s)
{
	return s->stop != NULL && s->stop(s->ctx);
}

void setup_boot_id(const struct root *r, char id[64])
{
	if (root_line(r, "proc/sys/kernel/random/boot_id", id, 64) != 0 || id[0] == 0)
		snprintf(id, 64, "-");
}

/* Setup asks no GPU: what it needs of them is their functions on the bus. */
static enum assay_code ask_nobody(void *ctx, struct collected *out, struct assay_err *e)
{
	(void)ctx;
	(void)out;
	(void)e;
	return ASSAY_OK;
}

enum assay_code setup_inspect(const struct setup *s, struct machine **m, struct assay_err *e)
{
	struct inspection *how = mem_new(1, sizeof(*how));
	enum assay_code    code;

	if (how == NULL)
		return err_no_memory(e);
	*how     = s->how;
	how->ask = ask_nobody;
	code     = inspect(how, s->data, m, e);
	if (code != ASSAY_OK)
		mem_free(how);
	return code; /* how is the machine's now */
}

void setup_machine_drop(struct machine **m)
{
	const struct inspection *how = *m == NULL ? NULL : (*m)->how;

	machine_free(*m);
	mem_free((void *)(uintptr_t)how);
	*m = NULL;
}

struct look {
	struct machine *m;
	struct plan    *p;
};

static void look_free(struct look *l)
{
	plan_free(l->p);
	setup_machine_drop(&l->m);
	*l = (struct look){ 0 };
}

static enum assay_code look(const struct setup *s, struct look *out, struct assay_err *e)
{
	CLEANUP(look_free) struct look l = { 0 };
	struct history                 h = { 0 };

	TRY(setup_inspect(s, &l.m, e));
	TRY(setup_history(l.m, &h, e));
	TRY(plan_make(l.m, &(struct site){ .root = &l.m->root, .crypto = s->crypto }, &h,
		&s->options, &l.p, e));
	*out = l;
	l    = (struct look){ 0 };
	return ASSAY_OK;
}

enum assay_code setup_plan(
	const struct setup *s, struct machine **m, struct plan **p, struct assay_err *e)
{
	struct look l = { 0 };

	TRY(look(s, &l, e));
	preflight(l.m, &s->options, &s->doors, s->now, l.p);
	*m = l.m;
	*p = l.p;
	return ASSAY_OK;
}

void setup_plan_free(struct machine *m, struct plan *p)
{
	struct look l = { m, p };

	look_free(&l);
}

/* ---- the loop ---- */

static void run_done(struct run *r)
{
	txn_close(&r->w);
	buf_done(&r->lines);
	ran_done(&r->ran);
}

/* The next step that is to be done; those that only the machine itself can do are listed once and passed over. */
static const struct step *next(struct run *r, const struct plan *p)
{
	for (size_t i = 0; i < p->steps; i++) {
		CLEANUP(buf_done) struct buf line = { 0 };
		const struct step           *s    = &p->step[i];

		if (s->what == TXN_DO_FILE || r->s->op != NULL)
			return s;
		step_line(s, &line);
		buf_byte(&line, '\n');
		if (!line.failed && bytes_find(buf_bytes(&r->lines), buf_bytes(&line)) == NULL)
			buf_put(&r->lines, line.p, line.n);
	}
	return NULL;
}

static enum assay_code consent(struct run *r, const struct look *l, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	size_t                       n    = 0;

	for (size_t i = 0; i < l->p->steps; i++)
		n += l->p->step[i].measured && l->p->step[i].blocked[0] == 0;
	if (n == 0 || r->s->measured || r->agreed)
		return ASSAY_OK;
	TRY(plan_show(l->p, l->m, &text, e));
	r->agreed = r->s->ask != NULL && r->s->ask(r->s->ctx, buf_cstr(&text));
	if (r->agreed)
		return ASSAY_OK;
	return err_set(e, ASSAY_HOST_CONSENT,
		"measurements of the TD change by %zu steps (assay setup plan shows them): --accept-measurements",
		n);
}

/* After the reboot what was set must be in effect: environment MEM-02. */
static enum assay_code effect(const struct setup *s, const struct look *l, struct assay_err *e)
{
	const struct machine *m = l->m;

	if (m->cmdline_no != 0 || s->options.force)
		return ASSAY_OK;
	if (m->pool == 0)
		return err_set(e, ASSAY_HOST_STEP,
			"how large the pool became cannot be read: mount debugfs on /sys/kernel/debug, or --force goes on without knowing");
	if (m->pool < SWIOTLB_WANTED)
		return err_set(e, ASSAY_HOST_STEP,
			"the kernel made a pool of %llu MiB in place of 8192: it does not know \"any\"; use the system that the cloud supports",
			(unsigned long long)(m->pool * SWIOTLB_SLAB >> 20));
	return ASSAY_OK;
}

/* CloudMonitor is not left stopped after a failure. */
static void bring_back(struct run *r)
{
	for (size_t n = 0; n < 4; n++) {
		CLEANUP(look_free) struct look l = { 0 };
		struct assay_err               e = { 0 };
		const struct step             *s = NULL;

		if (look(r->s, &l, &e) != ASSAY_OK)
			return;
		for (size_t i = 0; i < l.p->steps && s == NULL; i++)
			if (l.p->step[i].phase == PHASE_START &&
				strcmp(l.p->step[i].item, "SVC-09") == 0 &&
				(l.p->step[i].what == TXN_DO_FILE || r->s->op != NULL))
				s = &l.p->step[i];
		if (s == NULL || setup_step(r, l.m, s, &e) != ASSAY_OK)
			return;
	}
}

static enum assay_code fail_step(struct run *r, const struct step *s, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf line = { 0 };

	step_line(s, &line);
	setup_say(r->s, r->out, "failed: %s (%s)", buf_cstr(&line), s->item);
	if (s->what == TXN_DO_COMMAND)
		ran_say(r->s, r->out, &r->ran);
	if (s->phase > PHASE_BOOT && strcmp(s->item, "SVC-09") != 0)
		bring_back(r);
	setup_say(r->s, r->out,
		"%zu steps were done, nothing after this one. Go on: assay setup apply. Go back: assay setup undo.",
		r->done);
	return e->code;
}

/* A signal came. What is whole stays; nothing is left paused. */
static enum assay_code stopped(struct run *r, struct assay_err *e)
{
	const size_t done = r->done;

	bring_back(r);
	setup_say(r->s, r->out,
		"%zu steps were done, and no other was begun. Go on: assay setup apply. Go back: assay setup undo.",
		done);
	return err_set(e, ASSAY_HOST_STEP, "it was ended by a signal, between two steps");
}

/* What a phase waits for is asked before its first step: nothing is paused for what may not go on. */
static enum assay_code allowed(
	struct run *r, const struct look *l, enum phase phase, struct assay_err *e)
{
	bool measured = false;

	for (size_t i = 0; i < l->p->steps; i++) {
		const struct step *s = &l->p->step[i];

		if (s->phase != phase || (s->what != TXN_DO_FILE && r->s->op == NULL))
			continue;
		if (s->blocked[0] != 0) {
			err_set(e, s->code, "%s", s->blocked);
			return fail_step(r, s, e);
		}
		measured = measured || s->measured;
	}
	return measured ? consent(r, l, e) : ASSAY_OK;
}

static enum assay_code turn(struct run *r, bool *more, struct assay_err *e)
{
	CLEANUP(look_free) struct look l    = { 0 };
	CLEANUP(buf_done) struct buf   line = { 0 };
	const struct step             *s;

	*more = false;
	TRY(look(r->s, &l, e));
	if (l.p->refused.code != ASSAY_OK) {
		*e = l.p->refused;
		return e->code;
	}
	s = next(r, l.p);
	if (l.p->reboot && (s == NULL || s->phase > PHASE_BOOT))
		return err_set(e, ASSAY_HOST_REBOOT,
			"reboot when it suits you, then run assay setup apply again");
	if (s == NULL)
		return ASSAY_OK;
	if (s->phase > PHASE_BOOT)
		TRY(effect(r->s, &l, e));
	TRY(allowed(r, &l, s->phase, e));
	step_line(s, &line);
	TRY(buf_ok(&line, e));
	if (strcmp(r->last, buf_cstr(&line)) == 0) {
		err_set(e, ASSAY_HOST_STEP, "it was done, and had no effect");
		return fail_step(r, s, e);
	}
	snprintf(r->last, sizeof(r->last), "%s", buf_cstr(&line));
	if (setup_step(r, l.m, s, e) != ASSAY_OK)
		return fail_step(r, s, e);
	setup_say(r->s, r->out, "%s (%s)", buf_cstr(&line), s->item);
	r->done++;
	*more = true;
	return ASSAY_OK;
}

/* What does not hold, or nobody knows, is said before the first step. */
static void say_ahead(const struct setup *s, const struct plan *p, struct buf *out)
{
	for (size_t i = 0; i < p->aheads; i++)
		if (p->ahead[i].outcome != ASSAY_OUTCOME_PASS &&
			p->ahead[i].outcome != ASSAY_OUTCOME_NOT_APPLICABLE)
			setup_say(s, out, "%s: %s (%s)",
				assay_outcome_name(p->ahead[i].outcome), p->ahead[i].text,
				p->ahead[i].item);
}

enum assay_code setup_apply(const struct setup *s, struct buf *out, struct assay_err *e)
{
	CLEANUP(root_done) struct root root = { 0 };
	CLEANUP(run_done)
	struct run           r    = { .s = s, .out = out, .w = { .folder = -1, .fd = -1 } };
	CLEANUP(fd_drop) int lock = -1;
	enum assay_code      code;
	bool                 more = true;

	TRY(root_open(s->how.root, &root, e));
	TRY(setup_sound(s, &root, out, e));
	{ /* a machine that is left alone gets no folder for journals either */
		CLEANUP(look_free) struct look l = { 0 };

		TRY(look(s, &l, e));
		preflight(l.m, &s->options, &s->doors, s->now, l.p);
		say_ahead(s, l.p, out);
		if (l.p->refused.code != ASSAY_OK) {
			*e = l.p->refused;
			return e->code;
		}
		if (l.p->steps == 0 && !l.p->reboot) {
			setup_say(s, out, "Nothing is to be done.");
			return ASSAY_OK;
		}
	}
	TRY(txn_lock(&root, &lock, e));
	for (code = ASSAY_OK; code == ASSAY_OK && more;)
		code = setup_stops(s) ? stopped(&r, e) : turn(&r, &more, e);
	if (r.lines.n > 0)
		setup_say(s, out, "Left, for this is not the running machine:\n%s",
			buf_cstr(&r.lines));
	if (code == ASSAY_OK)
		setup_say(s, out,
			"%zu steps done. Look with assay doctor, then open the GPUs with assay attest.",
			r.done);
	return code;
}
