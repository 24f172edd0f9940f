/* SPDX-License-Identifier: Apache-2.0
 *
 * The way back for a file: as it was, or, where somebody changed it since, without setup's own word, or left.
 *
 * Source: environment 7. */
#include <stdio.h>

#include "base/show.h"
#include "env/bls.h"
#include "env/diff.h"
#include "env/grub.h"
#include "env/line.h"
#include "env/modprobe.h"
#include "env/undo.h"

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

/* The bytes that are kept of a step's file, if they are what they were; none of what was no file. */
static enum assay_code kept(struct back *b, const struct txn *t, size_t n, const char *which,
	const struct place *was, struct buf *out, struct assay_err *e)
{
	CLEANUP(place_done) struct place is = { .kind = PLACE_FILE };

	if (was->kind != PLACE_FILE)
		return ASSAY_OK;
	TRY(txn_kept(b->site.root, t->id, n, which, &is.body, e));
	TRY(place_digest(&b->site, &is, e));
	if (memcmp(is.sha256, was->sha256, SHA256_SIZE) != 0)
		return err_set(e, ASSAY_HOST_JOURNAL, "what is kept of /%s is not what it was",
			t->step[n - 1].path);
	*out    = is.body;
	is.body = (struct buf){ 0 };
	return ASSAY_OK;
}

/* Changed since: what is to stand there now, and by which way; *how NULL: it is left. */
static enum assay_code edited(struct back *b, struct txn_writer *w, const struct txn *t,
	size_t n, const struct place *now, struct place *want, const char **how,
	struct assay_err *e)
{
	const struct txn_step       *s      = &t->step[n - 1];
	CLEANUP(buf_done) struct buf before = { 0 }, after = { 0 };

	TRY(kept(b, t, n, "before", &s->before, &before, e));
	TRY(kept(b, t, n, "after", &s->after, &after, e));
	if (now->kind == PLACE_FILE &&
		take_word(s, buf_bytes(&before), buf_bytes(&after), buf_bytes(&now->body),
			&want->body)) {
		*how       = "word-out";
		want->mode = now->mode;
		want->uid  = now->uid;
		want->gid  = now->gid;
		memcpy(want->label, now->label, sizeof(want->label));
	} else if (b->s->options.force) {
		*how = "forced";
		TRY(txn_keep(w, n, "edited", buf_bytes(&now->body), e));
		want->body.n = 0;
		buf_put(&want->body, before.p, before.n);
	} else {
		return show_edit(b, t, n, buf_bytes(&before), buf_bytes(&now->body), e);
	}
	TRY(buf_ok(&want->body, e));
	return place_digest(&b->site, want, e);
}

static enum assay_code back_file(struct back *b, struct txn_writer *w, const struct txn *t,
	size_t n, const char **how, struct assay_err *e)
{
	const struct txn_step           *s   = &t->step[n - 1];
	CLEANUP(place_done) struct place now = { 0 }, want = s->before;

	*how      = NULL;
	want.body = (struct buf){ 0 };
	place_sweep(b->site.root, s->path);
	TRY(place_read(&b->site, s->path, &now, e));
	if (place_same(&now, &s->before)) {
		*how = "as-before";
	} else if (place_same(&now, &s->after)) {
		*how = "restored";
		TRY(kept(b, t, n, "before", &s->before, &want.body, e));
	} else {
		TRY(edited(b, w, t, n, &now, &want, how, e));
		if (*how == NULL)
			return ASSAY_OK;
	}
	if (strcmp(*how, "as-before") != 0) {
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
enum assay_code undo_file(struct back *b, struct txn_writer *w, const struct txn *t, size_t n,
	const char **how, struct assay_err *e)
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
