/* SPDX-License-Identifier: Apache-2.0
 *
 * A line of the journal before, one behind: whatever ends this in between, undo knows what may have been done.
 *
 * Source: environment 7; DRV-07 for installers. */
#include "env/setup_step.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/show.h"
#include "env/copy.h"
#include "env/line.h"
#include "env/ours.h"

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

/* ---- kinds of steps ---- */

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

enum assay_code setup_step(
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
