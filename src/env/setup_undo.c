/* SPDX-License-Identifier: Apache-2.0
 *
 * The way back by the journals, and where things stand.
 *
 * Source: environment 7. */
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/hex.h"
#include "base/show.h"
#include "base/utc.h"
#include "env/bls.h"
#include "env/copy.h"
#include "env/diff.h"
#include "env/grub.h"
#include "env/line.h"
#include "env/modprobe.h"
#include "env/setup.h"
#include "env/users.h"

/* ---- the way back ---- */

struct back {
	const struct setup   *s;
	const struct machine *m;
	struct site           site;
	struct buf           *out;
	unsigned              touched;
	size_t                left, undone;
	struct buf            lines; /* left for the machine itself */
	struct {
		char    path[IMAGE_PATH];
		uint8_t before[SHA256_SIZE]; /* of an image that was kept */
		uint8_t made[SHA256_SIZE];   /* as the last command left it */
		bool    was_kept, was_made;
	} image[IMAGE_MOST];
	size_t images;
	bool   half; /* a command that makes images was ended in the middle */
};

static void back_done(struct back *b)
{
	buf_done(&b->lines);
}

static bool begins(const char *path, const char *with)
{
	return strncmp(path, with, strlen(with)) == 0;
}

/* From a key to the end of its value. */
static struct bytes word_of(const uint8_t *at, struct bytes text)
{
	const struct bytes b = bytes_behind(text, (size_t)(at - text.p));
	size_t             n = 0;

	while (n < b.n && !byte_blank(b.p[n]) && strchr("\"';", b.p[n]) == NULL)
		n++;
	return (struct bytes){ b.p, n };
}

/* Is our word there as it was written, or gone? With another value it is the user's. */
static bool word_ours(const char *key, struct bytes after, struct bytes now)
{
	const uint8_t *p    = bytes_find(after, bytes_text(key));
	struct bytes   mine = p == NULL ? (struct bytes){ 0 } : word_of(p, after);

	for (; (p = bytes_find(now, bytes_text(key))) != NULL;
		now = bytes_behind(now, (size_t)(p - now.p) + 1))
		if (!bytes_equal(word_of(p, now), mine))
			return false;
	return true;
}

/* Of a file that was edited since only our own word is taken out, where there is one. */
static bool take_word(const struct txn_step *s, struct bytes before, struct bytes after,
	struct bytes now, struct buf *out)
{
	struct assay_err e   = { 0 };
	const bool       key = strcmp(s->item, "PPCIE-01") == 0;

	if (!word_ours(key ? REGISTRY_PPCIE "=" : "swiotlb=", after, now))
		return false;
	if (s->before.kind != PLACE_FILE || s->after.kind != PLACE_FILE)
		return false;
	if (strcmp(s->item, "BOOT-04") == 0)
		return !grub_lists(before, KDUMP_REMOVE, "swiotlb") &&
			grub_set_of(now, KDUMP_REMOVE, "swiotlb", NULL, out, &e) == ASSAY_OK;
	if (key)
		return !bytes_has(before, REGISTRY_PPCIE) &&
			registry_set(now, REGISTRY_PPCIE, NULL, out, &e) == ASSAY_OK;
	if (strcmp(s->item, "BOOT-02") != 0 || bytes_has(before, "swiotlb="))
		return false;
	if (bytes_end(bytes_text(s->path), BYTES("grubenv")))
		return grubenv_set(now, "kernelopts", "swiotlb", NULL, out, &e) == ASSAY_OK;
	if (begins(s->path, "etc/default/"))
		return grub_set(now, "swiotlb", NULL, out, &e) == ASSAY_OK;
	if (begins(s->path, "etc/kernel/"))
		return cmdline_set(now, "swiotlb", NULL, out, &e) == ASSAY_OK;
	return bytes_end(bytes_text(s->path), BYTES(".conf")) &&
		bls_set(now, "swiotlb", NULL, out, &e) == ASSAY_OK;
}

static enum assay_code show_edit(struct back *b, const struct txn *t, size_t n,
	struct bytes before, struct bytes now, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf after = { 0 }, one = { 0 }, two = { 0 };

	TRY(txn_kept(b->site.root, t->id, n, "after", &after, e));
	TRY(diff_text(before, buf_bytes(&after), &one, e));
	TRY(diff_text(buf_bytes(&after), now, &two, e));
	setup_say(b->s, b->out,
		"left: /%s was changed since.\n  setup had changed:\n%s  since then:\n%s",
		SHOW(bytes_text(t->step[n - 1].path)), buf_cstr(&one), buf_cstr(&two));
	return ASSAY_OK;
}

static enum assay_code back_file(struct back *b, struct txn_writer *w, const struct txn *t,
	size_t n, const char **how, struct assay_err *e)
{
	const struct txn_step           *s   = &t->step[n - 1];
	CLEANUP(place_done) struct place now = { 0 }, want = s->before;
	CLEANUP(buf_done) struct buf     before = { 0 }, after = { 0 };

	*how      = NULL;
	want.body = (struct buf){ 0 };
	place_sweep(b->site.root, s->path);
	TRY(place_read(&b->site, s->path, &now, e));
	if (place_same(&now, &s->before)) {
		*how = "as-before";
	} else {
		if (s->before.kind == PLACE_FILE)
			TRY(txn_kept(b->site.root, t->id, n, "before", &before, e));
		if (s->after.kind == PLACE_FILE)
			TRY(txn_kept(b->site.root, t->id, n, "after", &after, e));
		if (place_same(&now, &s->after)) {
			*how = "restored";
		} else if (now.kind == PLACE_FILE &&
			take_word(s, buf_bytes(&before), buf_bytes(&after),
				buf_bytes(&now.body), &want.body)) {
			*how      = "word-out";
			want.mode = now.mode;
			want.uid  = now.uid;
			want.gid  = now.gid;
		} else if (b->s->options.force) {
			*how = "forced";
			TRY(txn_keep(w, n, "edited", buf_bytes(&now.body), e));
			want.body.n = 0;
		} else {
			return show_edit(b, t, n, buf_bytes(&before), buf_bytes(&now.body), e);
		}
		if (strcmp(*how, "word-out") != 0)
			buf_put(&want.body, before.p, before.n);
		TRY(buf_ok(&want.body, e));
		TRY(place_digest(&b->site, &want, e));
		if (strcmp(*how, "restored") == 0 && !place_same(&want, &s->before))
			return err_set(e, ASSAY_HOST_JOURNAL,
				"what is kept of /%s is not what it was", s->path);
		TRY(place_write(&b->site, s->path, &want, e));
		b->touched |= setup_touches(s->path);
		setup_say(b->s, b->out, "%s: /%s", *how, s->path);
	}
	for (size_t i = s->folders; i-- > 0;) {
		char folder[ROOT_PATH];

		memcpy(folder, s->path, s->folder[i]);
		folder[s->folder[i]] = 0;
		place_rmdir(b->site.root, folder);
	}
	return ASSAY_OK;
}

/* One that does not go back keeps no other from it: it is said, and left. */
static enum assay_code back_or_left(struct back *b, struct txn_writer *w, const struct txn *t,
	size_t n, const char **how, struct assay_err *e)
{
	struct assay_err why = { 0 };

	if (back_file(b, w, t, n, how, &why) == ASSAY_OK)
		return ASSAY_OK;
	*how = NULL;
	if (assay_class(why.code) == ASSAY_CLASS_INTERNAL) {
		*e = why;
		return e->code;
	}
	setup_say(b->s, b->out, "left: /%s: %s", SHOW(bytes_text(t->step[n - 1].path)),
		assay_err_text(&why));
	return ASSAY_OK;
}

static void line_of(const char *const *argv, struct buf *out)
{
	buf_text(out, "run");
	for (size_t i = 0; argv[i] != NULL; i++)
		buf_printf(out, " %s", SHOW(bytes_text(argv[i])));
}

/* A command, by the operator; without one it is left. false: it failed, and that was said. */
static enum assay_code run_back(
	struct back *b, const char *const *argv, bool *done, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf line   = { 0 };
	int                          status = 0;

	*done = true;
	line_of(argv, &line);
	TRY(buf_ok(&line, e));
	if (b->s->op == NULL) {
		buf_printf(&b->lines, "%s\n", buf_cstr(&line));
		return ASSAY_OK;
	}
	TRY(b->s->op->run(b->s->op->ctx, argv, &status, e));
	*done = status == 0;
	setup_say(b->s, b->out, status == 0 ? "%s" : "%s: status %d", buf_cstr(&line), status);
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

static enum assay_code back_command(
	struct back *b, const struct txn_step *s, const char **how, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf line = { 0 };
	bool                         done = true;

	*how = "nothing";
	if (s->ended && s->status != 0)
		return ASSAY_OK; /* it failed then */
	if (s->undo[0] != NULL) {
		if (under_use(b, s)) {
			*how = NULL;
			return ASSAY_OK;
		}
		TRY(run_back(b, s->undo, &done, e));
		*how = done ? "ran" : NULL;
		return ASSAY_OK;
	}
	if (strcmp(s->item, "CUDA-01") == 0 || strcmp(s->item, "DRV-05") == 0) {
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

/* ---- images ---- */

static size_t image_of(struct back *b, const char *path)
{
	for (size_t i = 0; i < b->images; i++)
		if (strcmp(b->image[i].path, path) == 0)
			return i;
	if (b->images == IMAGE_MOST || strlen(path) >= IMAGE_PATH)
		return IMAGE_MOST;
	snprintf(b->image[b->images].path, IMAGE_PATH, "%s", path);
	return b->images++;
}

/* What a step says of images, whether it is undone or not; the last step is asked first. */
static void learn(struct back *b, const struct txn_step *s)
{
	if (s->what == TXN_DO_COMMAND && strcmp(s->item, "INIT-01") == 0 && !s->ended)
		b->half = true;
	for (size_t i = 0; i < s->mades; i++) {
		const size_t k = image_of(b, s->made[i].path);

		if (k == IMAGE_MOST || b->image[k].was_made)
			continue;
		memcpy(b->image[k].made, s->made[i].sha256, SHA256_SIZE);
		b->image[k].was_made = true;
	}
	if (s->what == TXN_DO_KEEP) {
		const size_t k = image_of(b, s->path);

		if (k == IMAGE_MOST)
			return;
		memcpy(b->image[k].before, s->before.sha256, SHA256_SIZE);
		b->image[k].was_kept = true;
	}
}

/* The copy takes its place again, unless somebody made the image anew since: then it is made once more in the end. */
static enum assay_code back_keep(
	struct back *b, const struct txn_step *s, const char **how, struct assay_err *e)
{
	struct place now = { 0 }, copy = { 0 };
	const size_t k = image_of(b, s->path);

	place_sweep(b->site.root, s->copy);
	TRY(copy_state(&b->site, s->copy, &copy, e));
	TRY(copy_state(&b->site, s->path, &now, e));
	*how = place_same(&now, &s->before) ? "as-before" : "nothing";
	if (copy.kind == PLACE_ABSENT)
		return ASSAY_OK;
	if (!place_same(&copy, &s->before)) {
		setup_say(b->s, b->out, "stays: /%s is not the copy that was made",
			SHOW(bytes_text(s->copy)));
		return ASSAY_OK;
	}
	if (!place_same(&now, &s->before) &&
		(now.kind == PLACE_ABSENT || b->half ||
			(k < IMAGE_MOST && b->image[k].was_made &&
				memcmp(b->image[k].made, now.sha256, SHA256_SIZE) == 0))) {
		TRY(copy_back(&b->site, s->copy, s->path, e));
		*how = "restored";
		setup_say(b->s, b->out, "restored: /%s", SHOW(bytes_text(s->path)));
		return ASSAY_OK;
	}
	return place_write(&b->site, s->copy, &(struct place){ 0 }, e);
}

/* Is each image as it was before? */
static enum assay_code images_back(struct back *b, bool *all, struct assay_err *e)
{
	CLEANUP(mem_done) struct images *l = mem_new(1, sizeof(*l));

	if (l == NULL)
		return err_no_memory(e);
	image_list(b->m, l);
	*all = l->n > 0;
	for (size_t i = 0; i < l->n && *all; i++) {
		struct place now = { 0 };
		const size_t k   = image_of(b, l->path[i]);

		TRY(copy_state(&b->site, l->path[i], &now, e));
		*all = k < IMAGE_MOST && b->image[k].was_kept &&
			memcmp(b->image[k].before, now.sha256, SHA256_SIZE) == 0;
	}
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
		learn(b, s);
		if (s->undone)
			continue;
		if (setup_stops(b->s))
			return err_set(e, ASSAY_HOST_STEP,
				"it was ended by a signal, between two steps: %zu are undone; go on: assay setup undo",
				b->undone);
		if (s->what == TXN_DO_FILE)
			TRY(back_or_left(b, &w, t, n, &how, e));
		else if (s->what == TXN_DO_COMMAND)
			TRY(back_command(b, s, &how, e));
		else if (s->what == TXN_DO_KEEP)
			TRY(back_keep(b, s, &how, e));
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
	bool        done, all = true, as_before = false;

	if ((b->touched & TOUCH_INITRAMFS) != 0)
		TRY(images_back(b, &as_before, e));
	if ((b->touched & TOUCH_INITRAMFS) != 0 && !as_before) {
		plan_initramfs_words(b->m, argv);
		TRY(run_back(b, argv, &done, e));
		all = done;
	}
	if ((b->touched & TOUCH_MENU) != 0 && b->m->boot.style == BOOT_GRUB) {
		plan_menu_words(b->m, argv, text);
		TRY(run_back(b, argv, &done, e));
		all = all && done;
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

/* What inspect() was told is freed with the machine. */
static void machine_drop(struct machine **m)
{
	const struct inspection *how = *m == NULL ? NULL : (*m)->how;

	machine_free(*m);
	mem_free((void *)(uintptr_t)how);
}

enum assay_code setup_undo(const struct setup *s, struct buf *out, struct assay_err *e)
{
	CLEANUP(machine_drop) struct machine *m    = NULL;
	CLEANUP(names_done) struct names      ids  = { 0 };
	CLEANUP(fd_drop) int                  lock = -1;
	CLEANUP(back_done) struct back        b    = { .s = s, .out = out };
	enum assay_code                       code;

	TRY(setup_inspect(s, &m, e));
	b.m    = m;
	b.site = (struct site){ &m->root, s->crypto, s->tap, s->ctx };
	TRY(txn_list(&m->root, &ids, e));
	if (ids.n > 0)
		TRY(txn_lock(&m->root, &lock, e));
	code = all_back(&b, &ids, e);
	if (b.lines.n > 0)
		setup_say(s, out, "Left, for this is not the running machine:\n%s",
			buf_cstr(&b.lines));
	return code;
}

/* ---- where things stand ---- */

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

enum assay_code setup_status(const struct setup *s, struct buf *out, struct assay_err *e)
{
	CLEANUP(machine_drop) struct machine *m         = NULL;
	CLEANUP(names_done) struct names      ids       = { 0 };
	struct plan                          *p         = NULL;
	size_t                                n[PHASES] = { 0 };

	TRY(setup_plan(s, &m, &p, e));
	if (txn_list(&m->root, &ids, e) != ASSAY_OK) {
		plan_free(p);
		return e->code;
	}
	for (size_t i = 0; i < p->steps; i++)
		n[p->step[i].phase]++;
	buf_printf(out, "profile       %s\n", profile_name(p->profile));
	for (enum phase k = 0; k < PHASES && p->refused.code == ASSAY_OK; k++)
		buf_printf(out, "%-13s %s\n", phase_name(k),
			n[k] == 0 ? "as it must be" : "steps are to be done: assay setup plan");
	if (p->refused.code != ASSAY_OK)
		buf_printf(out, "refused       %s\n", assay_err_text(&p->refused));
	buf_printf(out, "reboot        %s\n",
		p->reboot && n[PHASE_BOOT] == 0 ? "wanted: settings wait for it"
			: p->reboot             ? "wanted after the boot settings"
						: "not wanted");
	plan_free(p);
	for (size_t i = 0; i < ids.n; i++) {
		CLEANUP(txn_done) struct txn t = { 0 };

		TRY(txn_read(&m->root, ids.name[i], &t, e));
		if (t.id[0] != 0)
			buf_printf(out, "run           %s  %s  %zu steps, %s\n", t.id,
				UTC(t.at), t.steps, stand(&t));
	}
	return buf_ok(out, e);
}
