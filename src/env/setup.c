/* SPDX-License-Identifier: Apache-2.0
 *
 * Apply: the plan's first step, recorded, done, looked at; then the plan is made again. A step that is still in it did not
 * take. So a run that was ended at any point goes on by the same loop, and a second run finds nothing to do. */
#include "env/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/hex.h"
#include "base/show.h"
#include "env/copy.h"
#include "env/diff.h"
#include "env/line.h"
#include "env/ours.h"

#define LEFT_MOST PLAN_STEPS

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

void ran_done(struct ran *r)
{
	buf_done(&r->last);
	*r = (struct ran){ 0 };
}

void ran_words(const struct ran *r, const char *name, char out[PLAN_TEXT])
{
	if (r->late)
		snprintf(out, PLAN_TEXT,
			"%s had not ended after %u minutes, and was ended with all that it ran",
			SHOW(bytes_text(name)), (r->limit_s + 59) / 60);
	else if (r->status > 128)
		snprintf(out, PLAN_TEXT, "%s was ended by signal %d", SHOW(bytes_text(name)),
			r->status - 128);
	else if (r->status == 127)
		snprintf(out, PLAN_TEXT, "%s is not there, or something that it runs",
			SHOW(bytes_text(name)));
	else
		snprintf(out, PLAN_TEXT, "%s ended with status %d", SHOW(bytes_text(name)),
			r->status);
}

void ran_say(const struct setup *s, struct buf *out, const struct ran *r)
{
	struct bytes line;

	for (size_t at = 0; line_next(buf_bytes(&r->last), &at, &line);)
		setup_say(s, out, "  | %.*s", (int)line.n, (const char *)line.p);
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

/* ---- one step ---- */

struct run {
	const struct setup *s;
	struct buf         *out;
	struct txn_writer   w; /* fd -1: nothing was done yet */
	size_t              done;
	bool                agreed; /* measurements may change; asked once */
	bool                left[LEFT_MOST];
	struct buf          lines;           /* what is left for the machine itself */
	char                last[ROOT_PATH]; /* the step before, as a line */
	struct ran          ran;             /* the program that a step ran */
};

static void run_done(struct run *r)
{
	txn_close(&r->w);
	buf_done(&r->lines);
	ran_done(&r->ran);
}

static enum assay_code begin(struct run *r, const struct machine *m, struct assay_err *e)
{
	char boot[64];

	if (r->w.fd >= 0)
		return ASSAY_OK;
	setup_boot_id(&m->root, boot);
	TRY(txn_new(&m->root, profile_name(m->profile), boot, r->s->now, &r->w, e));
	r->w.tap = r->s->tap;
	r->w.ctx = r->s->ctx;
	return ASSAY_OK;
}

static json_t *folders_made(const char *path, const size_t *folder, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_stringn(path, folder[i]));
	return list;
}

static enum assay_code do_file(
	struct run *r, const struct site *site, const struct step *s, struct assay_err *e)
{
	CLEANUP(place_done) struct place now = { 0 };
	size_t                           folder[PLACE_FOLDERS], n = 0;

	TRY(place_read(site, s->path, &now, e));
	if (!place_same(&now, &s->before))
		return err_set(e, ASSAY_HOST_STEP, "/%s changed in this very moment", s->path);
	if (s->want.kind != PLACE_ABSENT)
		TRY(place_missing(site->root, s->path, folder, &n, e));
	TRY(txn_keep(&r->w, r->w.steps + 1, "before", buf_bytes(&s->before.body), e));
	TRY(txn_keep(&r->w, r->w.steps + 1, "after", buf_bytes(&s->want.body), e));
	TRY(txn_begin(&r->w, s->item, TXN_DO_FILE,
		json_pack("{s:s,s:o,s:o,s:o}", "path", s->path, "folders",
			folders_made(s->path, folder, n), "before", txn_state(&s->before),
			"after", txn_state(&s->want)),
		e));
	TRY(place_write(site, s->path, &s->want, e));
	place_done(&now);
	TRY(place_read(site, s->path, &now, e));
	if (!place_same(&now, &s->want))
		return err_set(e, ASSAY_HOST_STEP, "/%s is not what was written", s->path);
	return txn_end(&r->w, 0, NULL, NULL, e);
}

static enum assay_code do_keep(
	struct run *r, const struct site *site, const struct step *s, struct assay_err *e)
{
	struct place now = { 0 }, then = { 0 };

	TRY(copy_state(site, s->path, &now, e));
	if (now.kind != PLACE_FILE)
		return err_set(e, ASSAY_HOST_STEP, "/%s is gone", s->path);
	TRY(txn_begin(&r->w, s->item, TXN_DO_KEEP,
		json_pack("{s:s,s:s,s:o}", "path", s->path, "copy", s->copy, "before",
			txn_state(&now)),
		e));
	TRY(copy_file(site, s->path, s->copy, e));
	TRY(copy_state(site, s->copy, &then, e));
	if (!place_same(&now, &then))
		return err_set(e, ASSAY_HOST_STEP, "/%s is not what was copied", s->copy);
	return txn_end(&r->w, 0, NULL, NULL, e);
}

static enum assay_code do_drop(
	struct run *r, const struct site *site, const struct step *s, struct assay_err *e)
{
	TRY(txn_begin(&r->w, s->item, TXN_DO_DROP,
		json_pack("{s:s,s:s}", "path", s->path, "copy", s->copy), e));
	TRY(place_write(site, s->copy, &(struct place){ 0 }, e));
	return txn_end(&r->w, 0, NULL, NULL, e);
}

static enum assay_code others_write(const char *path, struct assay_err *e)
{
	return err_set(e, ASSAY_HOST_STEP,
		"%s, or a folder above it, can be written by others than root, and so behind the check: move it below /root",
		SHOW(bytes_text(path)));
}

/* The digest of an installer, right before it is run. */
static enum assay_code check_file(
	const struct setup *s, const struct step *step, struct assay_err *e)
{
	char                         path[2 * ROOT_PATH];
	uint8_t                      sum[SHA256_SIZE], piece[65536];
	CLEANUP(buf_done) struct buf hex = { 0 };
	EVP_MD_CTX                  *md;
	ssize_t                      n = 0;
	int                          fd;
	bool                         ok;

	if (step->file[0] == 0)
		return ASSAY_OK;
	snprintf(path, sizeof(path), "%s/%s", s->options.files, step->file);
	if (!ours_path(s->options.files)) /* nor is anything written there */
		return others_write(s->options.files, e);
	if (access(path, F_OK) != 0 && s->op->fetch != NULL)
		TRY(s->op->fetch(s->op->ctx, s->options.files, step, e));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return err_set(
			e, ASSAY_INPUT_FILE, "%s: %s", SHOW(bytes_text(path)), strerror(errno));
	if (!ours_path(path)) {
		close(fd);
		return others_write(path, e);
	}
	md = EVP_MD_CTX_new();
	ok = md != NULL && EVP_DigestInit_ex(md, s->crypto->sha256, NULL) == 1;
	while (ok && (n = read(fd, piece, sizeof(piece))) > 0)
		ok = EVP_DigestUpdate(md, piece, (size_t)n) == 1;
	ok = ok && n == 0 && EVP_DigestFinal_ex(md, sum, NULL) == 1;
	EVP_MD_CTX_free(md);
	close(fd);
	if (!ok)
		return err_set(
			e, ASSAY_INPUT_FILE, "%s cannot be read", SHOW(bytes_text(path)));
	hex_encode(BYTES_OF(sum), &hex);
	if (!bytes_equal(buf_bytes(&hex), bytes_text(step->pin)))
		return err_set(e, ASSAY_HOST_STEP,
			"%s is not the file that was meant: its SHA-256 is %s; it is not run",
			SHOW(bytes_text(path)), buf_cstr(&hex));
	return ASSAY_OK;
}

static json_t *list_of(char *const *argv)
{
	json_t *list = json_array();

	for (size_t i = 0; argv[i] != NULL; i++)
		json_array_append_new(list, json_text(bytes_text(argv[i])));
	return list;
}

static json_t *list_of_const(const char *const *argv)
{
	json_t *list = json_array();

	for (size_t i = 0; argv[i] != NULL; i++)
		json_array_append_new(list, json_text(bytes_text(argv[i])));
	return list;
}

/* What a program says is one thing, what it left behind another. */
static enum assay_code looked_at(struct run *r, const struct machine *m, const struct step *s,
	json_t **made, struct assay_err *e)
{
	return strcmp(s->item, "INIT-01") == 0 ? setup_images(r->s, m, r->out, made, e)
					       : ASSAY_OK;
}

static enum assay_code do_command(
	struct run *r, const struct machine *m, const struct step *s, struct assay_err *e)
{
	struct assay_err why  = { 0 };
	json_t          *made = NULL;
	char             words[PLAN_TEXT];

	ran_done(&r->ran);
	TRY(check_file(r->s, s, e));
	TRY(txn_begin(&r->w, s->item, TXN_DO_COMMAND,
		json_pack(
			"{s:o,s:o}", "argv", list_of(s->argv), "undo", list_of_const(s->undo)),
		e));
	TRY(r->s->op->run(r->s->op->ctx, (const char *const *)s->argv, &r->ran, e));
	if (r->ran.status != 0) {
		ran_words(&r->ran, s->argv[0], words);
		err_set(&why, ASSAY_HOST_STEP, "%s", words);
	} else {
		looked_at(r, m, s, &made, &why);
	}
	TRY(txn_end(&r->w,
		r->ran.status != 0             ? r->ran.status
			: why.code != ASSAY_OK ? 1
					       : 0,
		assay_err_text(&why), made, e));
	if (why.code != ASSAY_OK)
		*e = why;
	return why.code;
}

static enum assay_code do_unit(
	struct run *r, const struct machine *m, const struct step *s, struct assay_err *e)
{
	struct assay_err         why = { 0 };
	enum assay_code          code;
	const struct unit_found *was    = setup_unit(m, s->unit);
	const bool               active = was != NULL &&
		(was->live.state == UNIT_ACTIVE || was->live.state == UNIT_ACTIVATING);

	TRY(txn_begin(&r->w, s->item, TXN_DO_UNIT,
		json_pack("{s:s,s:s,s:b,s:b}", "unit", s->unit, "verb", unit_verb_name(s->verb),
			"enabled", was != NULL && was->enabled, "active", active),
		e));
	code = r->s->op->unit(r->s->op->ctx, s->unit, s->verb, &why);
	TRY(txn_end(&r->w, code == ASSAY_OK ? 0 : 1, assay_err_text(&why), NULL, e));
	if (code != ASSAY_OK)
		*e = why;
	return code;
}

static enum assay_code do_step(
	struct run *r, const struct machine *m, const struct step *s, struct assay_err *e)
{
	const struct site site = { &m->root, r->s->crypto, r->s->tap, r->s->ctx };

	TRY(begin(r, m, e));
	switch (s->what) {
	case TXN_DO_FILE:
		return do_file(r, &site, s, e);
	case TXN_DO_COMMAND:
		return do_command(r, m, s, e);
	case TXN_DO_KEEP:
		return do_keep(r, &site, s, e);
	case TXN_DO_DROP:
		return do_drop(r, &site, s, e);
	default:
		return do_unit(r, m, s, e);
	}
}

/* ---- the loop ---- */

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
		if (s == NULL || do_step(r, l.m, s, &e) != ASSAY_OK)
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
	if (do_step(r, l.m, s, e) != ASSAY_OK)
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
