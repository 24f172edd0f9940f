/* SPDX-License-Identifier: Apache-2.0
 *
 * The way back by the journals, the last step first.
 *
 * Source: environment 7. */
#include <stdio.h>

#include "base/fd.h"
#include "base/show.h"
#include "env/undo.h"
#include "env/users.h"

static void back_done(struct back *b)
{
	buf_done(&b->lines);
}

static void line_of(const char *const *argv, struct buf *out)
{
	buf_text(out, "run");
	for (size_t i = 0; argv[i] != NULL; i++)
		buf_printf(out, " %s", SHOW(bytes_text(argv[i])));
}

/* A command, by the operator; without one it is left. *status: not 0, it failed, and that was said. */
static enum assay_code run_back(
	struct back *b, const char *const *argv, int *status, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf line = { 0 };
	CLEANUP(ran_done) struct ran ran  = { 0 };
	char                         words[PLAN_TEXT];

	*status = 0;
	line_of(argv, &line);
	TRY(buf_ok(&line, e));
	if (b->s->op == NULL) {
		buf_printf(&b->lines, "%s\n", buf_cstr(&line));
		return ASSAY_OK;
	}
	TRY(b->s->op->run(b->s->op->ctx, argv, &ran, e));
	*status = ran.status;
	ran_words(&ran, argv[0], words);
	if (ran.status == 0) {
		setup_say(b->s, b->out, "%s", buf_cstr(&line));
	} else {
		setup_say(b->s, b->out, "failed: %s: %s", buf_cstr(&line), words);
		ran_say(b->s, b->out, &ran);
	}
	return ASSAY_OK;
}

/* A driver is not taken from under a program that has a GPU open: its package's own scripts may stop daemons and unload
 * modules (environment NEVER-05). */
static bool under_use(const struct back *b, const struct txn_step *s)
{
	CLEANUP(buf_done) struct buf line = { 0 };
	char                         who[96];

	if (b->s->op == NULL || strcmp(s->item, "DRV-11") == 0 ||
		!gpu_user(b->site.root, who, sizeof(who)))
		return false;
	line_of(s->undo, &line);
	setup_say(b->s, b->out,
		"left: %s: %s; end what uses the GPUs, and go on: assay setup undo",
		buf_cstr(&line), who);
	return true;
}

/* It was ended in the middle: whether what it brings is there nobody wrote down. */
static bool cut(const struct txn_step *s)
{
	return !s->ended || s->status > 128;
}

/* What was cut may never have been there, and what an undo that was ended took away is not there any more: then there is nothing
 * to take back. Only a plain answer counts. */
static enum assay_code gone(
	struct back *b, const struct txn_step *s, int status, bool *out, struct assay_err *e)
{
	const char                  *argv[TXN_ARGS + 1] = { "rpm", "-q" };
	CLEANUP(ran_done) struct ran ran                = { 0 };
	int                          n                  = 0;

	*out = status == 127;
	if (*out || strcmp(s->undo[0], "rpm") != 0)
		return ASSAY_OK;
	while (s->undo[2 + n] != NULL) {
		argv[2 + n] = s->undo[2 + n];
		n++;
	}
	TRY(b->s->op->run(b->s->op->ctx, argv, &ran, e));
	*out = n > 0 && ran.status == n; /* so many are not installed */
	return ASSAY_OK;
}

static enum assay_code back_command(
	struct back *b, const struct txn_step *s, const char **how, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf line   = { 0 };
	int                          status = 0;
	bool                         none   = false;

	*how = "nothing";
	if (s->ended && s->status != 0 && !cut(s))
		return ASSAY_OK; /* it failed then */
	if (s->undo[0] != NULL) {
		if (under_use(b, s)) {
			*how = NULL;
			return ASSAY_OK;
		}
		TRY(run_back(b, s->undo, &status, e));
		if (status != 0)
			TRY(gone(b, s, status, &none, e));
		*how = status == 0 ? "ran" : none ? "nothing" : NULL;
		return ASSAY_OK;
	}
	if (strcmp(s->item, "CUDA-01") == 0 || strcmp(s->item, "DRV-05") == 0 ||
		strcmp(s->item, "NET-01") == 0) {
		line_of(s->argv, &line);
		setup_say(b->s, b->out, "stays: what this brought, others may use: %s",
			buf_cstr(&line));
	}
	return ASSAY_OK;
}

/* What did not run before rests again, but not under somebody who uses the GPUs, and not in the middle of its start: a GPU that
 * loses its driver then may not come up again (environment DRV-08). */
static enum assay_code stop_again(
	struct back *b, const struct txn_step *s, const char **how, struct assay_err *e)
{
	const struct unit_found *unit    = setup_unit(b->m, s->unit);
	const enum unit_state    is      = unit != NULL ? unit->live.state : UNIT_UNKNOWN;
	struct assay_err         why     = { 0 };
	char                     who[96] = "it is just starting";

	(void)e;
	if (is == UNIT_INACTIVE || is == UNIT_FAILED || is == UNIT_ABSENT)
		return ASSAY_OK;
	if (is == UNIT_ACTIVE && !gpu_user(b->site.root, who, sizeof(who)) &&
		b->s->op->unit(b->s->op->ctx, s->unit, VERB_STOP, &why) == ASSAY_OK) {
		*how = "stopped";
		setup_say(b->s, b->out, "stopped: %s", SHOW(bytes_text(s->unit)));
		return ASSAY_OK;
	}
	setup_say(b->s, b->out, "%s goes on until the next boot: %s", SHOW(bytes_text(s->unit)),
		why.code != ASSAY_OK ? assay_err_text(&why) : who);
	return ASSAY_OK;
}

static enum assay_code back_unit(
	struct back *b, const struct txn_step *s, const char **how, struct assay_err *e)
{
	*how = "nothing";
	if (s->verb == VERB_START && !s->active && b->s->op != NULL)
		return stop_again(b, s, how, e);
	if (s->verb != VERB_STOP || !s->active)
		return ASSAY_OK;
	if (b->s->op == NULL) {
		buf_printf(&b->lines, "start %s\n", SHOW(bytes_text(s->unit)));
		return ASSAY_OK;
	}
	TRY(b->s->op->unit(b->s->op->ctx, s->unit, VERB_START, e));
	*how = "started";
	return ASSAY_OK;
}

static enum assay_code back_txn(struct back *b, const struct txn *t, struct assay_err *e)
{
	CLEANUP(txn_close) struct txn_writer w = { .folder = -1, .fd = -1 };

	TRY(txn_open(b->site.root, t, &w, e));
	w.tap = b->s->tap;
	w.ctx = b->s->ctx;
	for (size_t n = t->steps; n > 0; n--) {
		const struct txn_step *s   = &t->step[n - 1];
		const char            *how = NULL;

		if (s->what == TXN_DO_FILE)
			b->touched |= setup_touches(s->path);
		undo_learn(b, s);
		if (s->undone)
			continue;
		if (setup_stops(b->s))
			return err_set(e, ASSAY_HOST_STEP,
				"it was ended by a signal, between two steps: %zu are undone; go on: assay setup undo",
				b->undone);
		if (s->what == TXN_DO_FILE)
			TRY(undo_file(b, &w, t, n, &how, e));
		else if (s->what == TXN_DO_COMMAND)
			TRY(back_command(b, s, &how, e));
		else if (s->what == TXN_DO_KEEP)
			TRY(undo_keep(b, s, &how, e));
		else if (s->what == TXN_DO_DROP)
			how = "nothing";
		else
			TRY(back_unit(b, s, &how, e));
		if (how == NULL) {
			b->left++;
			continue;
		}
		TRY(txn_undone(&w, n, how, e));
		b->undone++;
	}
	return ASSAY_OK;
}

/* Environment 2: an eight-GPU machine with more cards or disks may not boot with the default pool. */
static enum assay_code guard(const struct back *b, struct assay_err *e)
{
	const struct machine *m = b->m;

	if (b->s->options.force || m->found != PROFILE_PPCIE ||
		(m->net_cards <= 1 && m->data_disks == 0))
		return ASSAY_OK;
	return err_set(e, ASSAY_HOST_REFUSED,
		"without swiotlb= this machine may not boot with %u network cards and %u data disks: detach them first, or --force",
		m->net_cards, m->data_disks);
}

static enum assay_code rebuild(struct back *b, struct assay_err *e)
{
	const char *argv[TXN_ARGS + 1];
	char        text[ROOT_PATH];
	bool        all = true, as_before = false;
	int         status = 0;

	if ((b->touched & TOUCH_INITRAMFS) != 0)
		TRY(undo_images(b, &as_before, e));
	if ((b->touched & TOUCH_INITRAMFS) != 0 && !as_before) {
		plan_initramfs_words(b->m, argv);
		TRY(run_back(b, argv, &status, e));
		all = status == 0;
	}
	if ((b->touched & TOUCH_MENU) != 0 && b->m->boot.style == BOOT_GRUB) {
		plan_menu_words(b->m, argv, text);
		TRY(run_back(b, argv, &status, e));
		all = all && status == 0;
	}
	if ((b->touched & TOUCH_UNITS) != 0 && b->s->op != NULL)
		TRY(b->s->op->unit(b->s->op->ctx, "systemd", VERB_RELOAD, e));
	return all ? ASSAY_OK
		   : err_set(e, ASSAY_HOST_STEP,
			     "the files are back, but a command failed; run this again");
}

static enum assay_code close_all(struct back *b, const struct names *ids, struct assay_err *e)
{
	for (size_t i = 0; i < ids->n; i++) {
		CLEANUP(txn_done) struct txn         t = { 0 };
		CLEANUP(txn_close) struct txn_writer w = { .folder = -1, .fd = -1 };

		TRY(txn_read(b->site.root, ids->name[i], &t, e));
		if (t.closed || t.id[0] == 0)
			continue;
		TRY(txn_open(b->site.root, &t, &w, e));
		TRY(txn_finish(&w, e));
	}
	return ASSAY_OK;
}

static enum assay_code all_back(struct back *b, const struct names *ids, struct assay_err *e)
{
	size_t open = 0;

	for (size_t i = ids->n; i > 0; i--) {
		CLEANUP(txn_done) struct txn t = { 0 };

		TRY(txn_read(b->site.root, ids->name[i - 1], &t, e));
		if (t.closed || t.id[0] == 0)
			continue;
		if (open++ == 0)
			TRY(guard(b, e));
		TRY(back_txn(b, &t, e));
	}
	if (open == 0) {
		setup_say(b->s, b->out, "Nothing is to be undone.");
		return ASSAY_OK;
	}
	TRY(rebuild(b, e));
	if (b->left > 0)
		return err_set(e, ASSAY_HOST_EDITED, "%zu steps were left, %zu are undone",
			b->left, b->undone);
	TRY(close_all(b, ids, e));
	setup_say(b->s, b->out, "%zu steps undone.%s", b->undone,
		(b->touched & TOUCH_BOOT) != 0
			? " They take effect with the next boot: reboot needed."
			: "");
	return ASSAY_OK;
}

enum assay_code setup_undo(const struct setup *s, struct buf *out, struct assay_err *e)
{
	CLEANUP(setup_machine_drop) struct machine *m    = NULL;
	CLEANUP(root_done) struct root              root = { 0 };
	CLEANUP(names_done) struct names            ids  = { 0 };
	CLEANUP(fd_drop) int                        lock = -1;
	CLEANUP(back_done) struct back              b    = { .s = s, .out = out };
	enum assay_code                             code;

	/* a machine without journals gets no folder for them; with the lock held nobody else adds to them */
	TRY(root_open(s->how.root, &root, e));
	TRY(txn_list(&root, &ids, e));
	if (ids.n > 0) {
		TRY(txn_lock(&root, &lock, e));
		names_done(&ids);
		TRY(txn_list(&root, &ids, e));
	}
	TRY(setup_sound(s, &root, out, e));
	TRY(setup_inspect(s, &m, e));
	b.m    = m;
	b.site = (struct site){ &m->root, s->crypto, s->tap, s->ctx };
	code   = all_back(&b, &ids, e);
	if (b.lines.n > 0)
		setup_say(s, out, "Left, for this is not the running machine:\n%s",
			buf_cstr(&b.lines));
	return code;
}
