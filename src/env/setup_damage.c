/* SPDX-License-Identifier: Apache-2.0
 *
 * Journals that are not as they were written: what they still tell, where the files are as they were, and how to go on without
 * them. Told, and nothing else: what cannot be believed undoes nothing.
 *
 * Source: environment 7, NEVER-15. */
#include <stdio.h>

#include "base/show.h"
#include "env/line.h"
#include "env/setup.h"

static void path_of(const struct setup *s, const char *path, struct buf *out)
{
	CLEANUP(buf_done) struct buf full = { 0 };
	const char                  *root = s->how.root == NULL ? "" : s->how.root;
	size_t                       n    = strlen(root);

	while (n > 0 && root[n - 1] == '/')
		n--;
	buf_put(&full, root, n);
	buf_printf(&full, "/%s", path);
	shell_word(buf_cstr(&full), out);
}

static void kept_of(const struct setup *s, const char *id, size_t n, struct buf *out)
{
	char path[ROOT_PATH];

	snprintf(path, sizeof(path), TXN_FOLDER "/%s/%zu.before", id, n);
	path_of(s, path, out);
}

static void before_of(const struct setup *s, const char *id, const struct txn_step *step,
	size_t n, struct buf *out)
{
	if (step->before.kind == PLACE_ABSENT) {
		buf_text(out, "it was not there before");
	} else if (step->before.kind == PLACE_LINK) {
		buf_printf(out, "it was a link to %s", SHOW(bytes_text(step->before.link)));
	} else {
		buf_printf(out, "mode %04o, owner %u:%u, and as it was it is ",
			step->before.mode, step->before.uid, step->before.gid);
		kept_of(s, id, n, out);
	}
}

static void tell_step(const struct setup *s, const char *id, const struct txn_step *step,
	size_t n, struct buf *out)
{
	buf_printf(out, "  %3zu. %s: ", n, SHOW(bytes_text(step->item)));
	switch (step->what) {
	case TXN_DO_FILE:
		path_of(s, step->path, out);
		buf_text(out, "; ");
		before_of(s, id, step, n, out);
		break;
	case TXN_DO_COMMAND:
		buf_text(out, "run");
		for (size_t i = 0; step->argv[i] != NULL; i++) {
			buf_byte(out, ' ');
			shell_word(step->argv[i], out);
		}
		break;
	case TXN_DO_UNIT:
		buf_printf(out, "%s %s, which was %s", unit_verb_name(step->verb),
			SHOW(bytes_text(step->unit)), step->active ? "active" : "not active");
		break;
	default:
		path_of(s, step->path, out);
		buf_text(out, step->what == TXN_DO_KEEP ? " is kept as " : " was kept as ");
		path_of(s, step->copy, out);
		break;
	}
	buf_printf(out, " (%s)\n",
		step->undone                ? "undone"
			: !step->ended      ? "begun"
			: step->status == 0 ? "done"
					    : "failed");
}

/* Bytes of steps that cannot be read any more. */
static void tell_kept(const struct setup *s, const struct root *r, const char *id,
	const struct txn *t, struct buf *out)
{
	CLEANUP(names_done) struct names all = { 0 };
	char                             path[ROOT_PATH];

	snprintf(path, sizeof(path), TXN_FOLDER "/%s", id);
	root_list(r, path, &all);
	for (size_t i = 0; i < all.n; i++) {
		struct bytes number, which;
		uint64_t     n;

		if (!line_cut(bytes_text(all.name[i]), '.', &number, &which) ||
			!bytes_number(number, &n) || n <= t->steps ||
			!bytes_equal(which, BYTES("before")))
			continue;
		buf_printf(out, "  %3llu. its line cannot be read; what a file was before it: ",
			(unsigned long long)n);
		kept_of(s, id, n, out);
		buf_byte(out, '\n');
	}
}

void setup_damage(const struct setup *s, const struct root *r, const char *id, struct buf *out)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	CLEANUP(txn_done) struct txn t    = { 0 };
	struct assay_err             why  = { 0 };
	char                         path[ROOT_PATH];

	txn_read_damaged(r, id, &text, &t, &why);
	if (why.code == ASSAY_OK)
		return;
	snprintf(path, sizeof(path), TXN_FOLDER "/%s/journal", id);
	buf_text(out, "Damaged: ");
	path_of(s, path, out);
	buf_printf(out, ": %s\n", assay_err_text(&why));
	buf_printf(out, "What stands before that (%zu steps):\n", t.steps);
	for (size_t i = 0; i < t.steps; i++)
		tell_step(s, id, &t.step[i], i + 1, out);
	tell_kept(s, r, id, &t, out);
	buf_text(out,
		"Nothing is done or undone by it, and by no other journal while it lies there. To go on without it:\n"
		"  1. compare each file above with what it was, and put back by hand what is to go back\n"
		"  2. mv ");
	snprintf(path, sizeof(path), TXN_FOLDER "/%s", id);
	path_of(s, path, out);
	buf_byte(out, ' ');
	snprintf(path, sizeof(path), TXN_FOLDER "/" TXN_ASIDE "%s", id);
	path_of(s, path, out);
	buf_text(out,
		"\n     (everything stays in there)\n"
		"  3. assay setup undo takes back what the other journals tell; assay setup plan says what is to be done still\n");
}

enum assay_code setup_sound(
	const struct setup *s, const struct root *r, struct buf *out, struct assay_err *e)
{
	CLEANUP(names_done) struct names ids   = { 0 };
	CLEANUP(buf_done) struct buf     all   = { 0 };
	struct assay_err                 first = { 0 };
	struct bytes                     line;

	TRY(txn_list(r, &ids, e));
	for (size_t i = 0; i < ids.n; i++) {
		CLEANUP(txn_done) struct txn t   = { 0 };
		struct assay_err             why = { 0 };

		if (txn_read(r, ids.name[i], &t, &why) == ASSAY_OK)
			continue;
		if (first.code == ASSAY_OK)
			first = why;
		setup_damage(s, r, ids.name[i], &all);
	}
	TRY(buf_ok(&all, e));
	for (size_t at = 0; line_next(buf_bytes(&all), &at, &line);)
		setup_say(s, out, "%.*s", (int)line.n, (const char *)line.p);
	if (first.code != ASSAY_OK)
		*e = first;
	return first.code;
}
