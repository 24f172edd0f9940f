/* SPDX-License-Identifier: Apache-2.0 */
#include "env/txn.h"

#include <stdio.h>

#include "base/hex.h"
#include "base/show.h"
#include "base/utc.h"
#include "env/line.h"

static const char *const verbs[UNIT_VERBS] = {
	[VERB_START]  = "start",
	[VERB_STOP]   = "stop",
	[VERB_RELOAD] = "reload",
};

static const char *const dos[TXN_DOS] = {
	[TXN_DO_FILE]    = "file",
	[TXN_DO_COMMAND] = "command",
	[TXN_DO_UNIT]    = "unit",
	[TXN_DO_KEEP]    = "keep",
	[TXN_DO_DROP]    = "drop",
};

const char *txn_do_name(enum txn_do d)
{
	return dos[d];
}

static const char *const kinds[PLACE_KINDS] = {
	[PLACE_ABSENT] = "absent",
	[PLACE_FILE]   = "file",
	[PLACE_LINK]   = "link",
};

const char *unit_verb_name(enum unit_verb v)
{
	return verbs[v];
}

static enum assay_code odd(const char *what, struct assay_err *e)
{
	return err_set(
		e, ASSAY_HOST_JOURNAL, "the journal's %s is not as assay writes it", what);
}

/* Which of the names it is; n: none. */
static size_t which(struct bytes text, const char *const *names, size_t n)
{
	size_t i = 0;

	while (i < n && !bytes_equal(text, bytes_text(names[i])))
		i++;
	return i;
}

bool txn_path(const char *path)
{
	struct bytes rest = bytes_text(path), name;

	if (rest.n == 0 || rest.n >= ROOT_PATH)
		return false;
	for (size_t i = 0; i < rest.n; i++)
		if (rest.p[i] < ' ' || rest.p[i] > '~')
			return false;
	while (rest.p != NULL) {
		line_cut(rest, '/', &name, &rest);
		if (name.n == 0 || bytes_equal(name, BYTES(".")) ||
			bytes_equal(name, BYTES("..")))
			return false;
	}
	return true;
}

/* A text of the line that stays lent; shorter than most. */
static enum assay_code text(
	const json_t *o, const char *name, size_t most, const char **out, struct assay_err *e)
{
	const char  *s = json_string_value(json_object_get(o, name));
	struct bytes b;

	TRY(json_get_text(o, name, JSON_MUST, &b, e));
	if (b.n == 0 || b.n >= most)
		return odd(name, e);
	*out = s;
	return ASSAY_OK;
}

static enum assay_code number(
	const json_t *o, const char *name, uint64_t most, uint64_t *out, struct assay_err *e)
{
	const json_t *v = json_object_get(o, name);

	if (!json_is_integer(v) || json_integer_value(v) < 0 ||
		(uint64_t)json_integer_value(v) > most)
		return odd(name, e);
	*out = (uint64_t)json_integer_value(v);
	return ASSAY_OK;
}

static enum assay_code truth(const json_t *o, const char *name, bool *out, struct assay_err *e)
{
	const json_t *v = json_object_get(o, name);

	if (!json_is_boolean(v))
		return odd(name, e);
	*out = json_is_true(v);
	return ASSAY_OK;
}

json_t *txn_state(const struct place *p)
{
	json_t *o = json_pack("{s:s}", "kind", kinds[p->kind]);

	if (o == NULL || p->kind == PLACE_ABSENT)
		return o;
	json_object_set_new(o, "sha256", json_hex(BYTES_OF(p->sha256)));
	if (p->kind == PLACE_LINK) {
		json_object_set_new(o, "link", json_text(bytes_text(p->link)));
		return o;
	}
	json_object_set_new(o, "mode", json_integer(p->mode));
	json_object_set_new(o, "uid", json_integer(p->uid));
	json_object_set_new(o, "gid", json_integer(p->gid));
	if (p->label[0] != 0)
		json_object_set_new(o, "label", json_text(bytes_text(p->label)));
	return o;
}

static enum assay_code state(
	const json_t *step, const char *name, struct place *out, struct assay_err *e)
{
	static const char *const members[PLACE_KINDS][6] = {
		[PLACE_ABSENT] = { "kind" },
		[PLACE_FILE]   = { "kind", "sha256", "mode", "uid", "gid", "label" },
		[PLACE_LINK]   = { "kind", "sha256", "link" },
	};
	static const size_t member_n[PLACE_KINDS] = { 1, 6, 3 };
	struct place        p                     = { 0 };
	struct bytes        kind, sum, label;
	const char         *link = "";
	json_t             *o;
	uint64_t            mode = 0, uid = 0, gid = 0;

	TRY(json_get_object(step, name, JSON_MUST, &o, e));
	TRY(json_get_text(o, "kind", JSON_MUST, &kind, e));
	p.kind = (enum place_kind)which(kind, kinds, PLACE_KINDS);
	if (p.kind == PLACE_KINDS)
		return odd("kind", e);
	TRY(json_only(o, members[p.kind], member_n[p.kind], e));
	if (p.kind == PLACE_ABSENT) {
		*out = p;
		return ASSAY_OK;
	}
	TRY(json_get_text(o, "sha256", JSON_MUST, &sum, e));
	TRY(hex_fixed(sum, p.sha256, SHA256_SIZE, e));
	if (p.kind == PLACE_LINK) {
		TRY(text(o, "link", sizeof(p.link), &link, e));
		memcpy(p.link, link, strlen(link) + 1);
		*out = p;
		return ASSAY_OK;
	}
	TRY(number(o, "mode", 07777, &mode, e));
	TRY(number(o, "uid", UINT32_MAX, &uid, e));
	TRY(number(o, "gid", UINT32_MAX, &gid, e));
	TRY(json_get_text(o, "label", JSON_MAY, &label, e));
	if (label.n >= sizeof(p.label))
		return odd("label", e);
	if (label.n > 0)
		memcpy(p.label, label.p, label.n);
	p.mode = (uint32_t)mode;
	p.uid  = (uint32_t)uid;
	p.gid  = (uint32_t)gid;
	*out   = p;
	return ASSAY_OK;
}

static enum assay_code folders(const json_t *o, struct txn_step *s, struct assay_err *e)
{
	json_t *list, *v;
	size_t  i;

	TRY(json_get_array(o, "folders", JSON_MUST, &list, e));
	if (json_array_size(list) > PLACE_FOLDERS)
		return odd("folders", e);
	json_array_foreach(list, i, v)
	{
		const char *f = json_string_value(v);
		size_t      n = f == NULL ? 0 : strlen(f);

		if (n == 0 || n >= strlen(s->path) || strncmp(f, s->path, n) != 0 ||
			s->path[n] != '/')
			return odd("folders", e);
		s->folder[s->folders++] = n;
	}
	return ASSAY_OK;
}

static enum assay_code words(
	const json_t *o, const char *name, bool must, const char **out, struct assay_err *e)
{
	json_t *list, *v;
	size_t  i;

	TRY(json_get_array(o, name, JSON_MUST, &list, e));
	if (json_array_size(list) > TXN_ARGS || (must && json_array_size(list) == 0))
		return odd(name, e);
	json_array_foreach(list, i, v)
	{
		if (!json_is_string(v))
			return odd(name, e);
		out[i] = json_string_value(v);
	}
	return ASSAY_OK;
}

static enum assay_code step_file(const json_t *o, struct txn_step *s, struct assay_err *e)
{
	static const char *const names[] = { "step", "item", "do", "path", "folders", "before",
		"after" };

	TRY(json_only(o, names, ARRAY_LEN(names), e));
	TRY(text(o, "path", ROOT_PATH, &s->path, e));
	if (!txn_path(s->path))
		return odd("path", e);
	TRY(folders(o, s, e));
	TRY(state(o, "before", &s->before, e));
	return state(o, "after", &s->after, e);
}

/* What undo may run at all: a journal is no way to run anything else. */
static bool undo_known(const char *const *words)
{
	static const char *const known[][2] = { { "rpm", "-e" }, { "dpkg", "-r" },
		{ "apt-mark", "unhold" }, { "nvidia-uninstall", NULL } };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (words[0] == NULL ||
			(strcmp(words[0], known[i][0]) == 0 &&
				(known[i][1] == NULL ||
					(words[1] != NULL &&
						strcmp(words[1], known[i][1]) == 0))))
			return true;
	return false;
}

static enum assay_code step_command(const json_t *o, struct txn_step *s, struct assay_err *e)
{
	static const char *const names[] = { "step", "item", "do", "argv", "undo" };

	TRY(json_only(o, names, ARRAY_LEN(names), e));
	TRY(words(o, "argv", true, s->argv, e));
	TRY(words(o, "undo", false, s->undo, e));
	return undo_known(s->undo) ? ASSAY_OK : odd("undo", e);
}

static enum assay_code step_unit(const json_t *o, struct txn_step *s, struct assay_err *e)
{
	static const char *const names[] = { "step", "item", "do", "unit", "verb", "enabled",
		"active" };
	struct bytes             verb;

	TRY(json_only(o, names, ARRAY_LEN(names), e));
	TRY(text(o, "unit", 256, &s->unit, e));
	TRY(json_get_text(o, "verb", JSON_MUST, &verb, e));
	s->verb = (enum unit_verb)which(verb, verbs, UNIT_VERBS);
	if (s->verb == UNIT_VERBS)
		return odd("verb", e);
	TRY(truth(o, "enabled", &s->enabled, e));
	return truth(o, "active", &s->active, e);
}

static enum assay_code path_of(
	const json_t *o, const char *name, const char **out, struct assay_err *e)
{
	TRY(text(o, name, ROOT_PATH, out, e));
	return txn_path(*out) ? ASSAY_OK : odd(name, e);
}

static enum assay_code step_keep(const json_t *o, struct txn_step *s, struct assay_err *e)
{
	static const char *const names[] = { "step", "item", "do", "path", "copy", "before" };

	TRY(json_only(o, names, ARRAY_LEN(names), e));
	TRY(path_of(o, "path", &s->path, e));
	TRY(path_of(o, "copy", &s->copy, e));
	TRY(state(o, "before", &s->before, e));
	return s->before.kind == PLACE_FILE ? ASSAY_OK : odd("before", e);
}

static enum assay_code step_drop(const json_t *o, struct txn_step *s, struct assay_err *e)
{
	static const char *const names[] = { "step", "item", "do", "path", "copy" };

	TRY(json_only(o, names, ARRAY_LEN(names), e));
	TRY(path_of(o, "path", &s->path, e));
	return path_of(o, "copy", &s->copy, e);
}

static enum assay_code take_step(json_t *o, struct txn *t, struct assay_err *e)
{
	static enum assay_code (*const parts[TXN_DOS])(
		const json_t *, struct txn_step *, struct assay_err *) = { step_file,
		step_command, step_unit, step_keep, step_drop };
	struct txn_step s                                              = { .json = o };
	struct bytes    what;
	uint64_t        n = 0;

	TRY(number(o, "step", TXN_STEPS, &n, e));
	if (n != t->steps + 1)
		return odd("order", e);
	TRY(text(o, "item", 32, &s.item, e));
	TRY(json_get_text(o, "do", JSON_MUST, &what, e));
	s.what = (enum txn_do)which(what, dos, TXN_DOS);
	if (s.what == TXN_DOS)
		return odd("do", e);
	TRY(parts[s.what](o, &s, e));
	json_incref(o);
	t->step[t->steps++] = s;
	return ASSAY_OK;
}

/* What a command left behind. */
static enum assay_code made(json_t *o, struct txn_step *s, struct assay_err *e)
{
	static const char *const names[] = { "path", "sha256" };
	json_t                  *list, *v;
	size_t                   i;

	TRY(json_get_array(o, "made", JSON_MAY, &list, e));
	if (list == NULL)
		return ASSAY_OK;
	if (json_array_size(list) > TXN_MADE)
		return odd("made", e);
	json_array_foreach(list, i, v)
	{
		struct bytes sum;

		if (!json_is_object(v))
			return odd("made", e);
		TRY(json_only(v, names, ARRAY_LEN(names), e));
		TRY(path_of(v, "path", &s->made[i].path, e));
		TRY(json_get_text(v, "sha256", JSON_MUST, &sum, e));
		TRY(hex_fixed(sum, s->made[i].sha256, SHA256_SIZE, e));
	}
	s->mades = json_array_size(list);
	s->end   = json_incref(o);
	return ASSAY_OK;
}

static enum assay_code take_end(json_t *o, struct txn *t, struct assay_err *e)
{
	static const char *const names[] = { "end", "status", "why", "made" };
	struct bytes             why;
	uint64_t                 n = 0, status = 0;

	TRY(json_only(o, names, ARRAY_LEN(names), e));
	TRY(number(o, "end", t->steps, &n, e));
	TRY(number(o, "status", INT32_MAX, &status, e));
	TRY(json_get_text(o, "why", JSON_MAY, &why, e));
	if (n == 0 || n != t->steps || t->step[n - 1].ended)
		return odd("order", e);
	TRY(made(o, &t->step[n - 1], e));
	t->step[n - 1].ended  = true;
	t->step[n - 1].status = (int64_t)status;
	return ASSAY_OK;
}

static enum assay_code take_undone(json_t *o, struct txn *t, struct assay_err *e)
{
	static const char *const names[] = { "undone", "how" };
	const char              *how;
	uint64_t                 n = 0;

	TRY(json_only(o, names, ARRAY_LEN(names), e));
	TRY(number(o, "undone", t->steps, &n, e));
	TRY(text(o, "how", 64, &how, e));
	if (n == 0)
		return odd("order", e);
	t->step[n - 1].undone = true;
	return ASSAY_OK;
}

static enum assay_code take_closed(json_t *o, struct txn *t, struct assay_err *e)
{
	static const char *const names[] = { "closed" };

	TRY(json_only(o, names, ARRAY_LEN(names), e));
	return truth(o, "closed", &t->closed, e);
}

static enum assay_code take_head(const json_t *o, struct txn *t, struct assay_err *e)
{
	static const char *const names[] = { "schema", "id", "at", "version", "profile",
		"boot" };
	const struct {
		const char *name;
		char       *to;
		size_t      size;
	} texts[]      = { { "id", t->id, sizeof(t->id) },
		     { "version", t->version, sizeof(t->version) },
		     { "profile", t->profile, sizeof(t->profile) },
		     { "boot", t->boot, sizeof(t->boot) } };
	const char  *s = NULL;
	struct bytes at;

	TRY(json_only(o, names, ARRAY_LEN(names), e));
	TRY(text(o, "schema", 32, &s, e));
	if (strcmp(s, TXN_SCHEMA) != 0)
		return err_set(
			e, ASSAY_HOST_JOURNAL, "another schema: \"%s\"", SHOW(bytes_text(s)));
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		TRY(text(o, texts[i].name, texts[i].size, &s, e));
		snprintf(texts[i].to, texts[i].size, "%s", s);
	}
	TRY(json_get_text(o, "at", JSON_MUST, &at, e));
	return utc_parse(at, &t->at, e);
}

#define SUM_BEGINS ", \"sum\": \""
#define SUM_ENDS   "\"}"
#define SUM_DIGITS 8
#define SUM_SIZE   (sizeof(SUM_BEGINS) - 1 + SUM_DIGITS + sizeof(SUM_ENDS) - 1)

/* ISO 3309: reflected, from and with all ones. */
static uint32_t crc32(struct bytes in)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < in.n; i++) {
		crc ^= in.p[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0xedb88320U & -(crc & 1));
	}
	return ~crc;
}

static void sum_text(struct bytes in, char out[SUM_SIZE + 1])
{
	snprintf(out, SUM_SIZE + 1, SUM_BEGINS "%08x" SUM_ENDS, (unsigned)crc32(in));
}

void txn_seal(struct buf *line)
{
	char sum[SUM_SIZE + 1];

	if (line->failed || line->n < 2)
		return;
	line->n -= 2; /* "}\n" */
	sum_text(buf_bytes(line), sum);
	buf_text(line, sum);
	buf_byte(line, '\n');
}

static bool sealed(struct bytes line)
{
	char sum[SUM_SIZE + 1];

	if (line.n <= SUM_SIZE)
		return false;
	sum_text((struct bytes){ line.p, line.n - SUM_SIZE }, sum);
	return bytes_end(line, bytes_text(sum));
}

static enum assay_code take_line(struct bytes line, struct txn *t, struct assay_err *e)
{
	static const struct {
		const char *member;
		enum assay_code (*take)(json_t *, struct txn *, struct assay_err *);
	} records[] = { { "step", take_step }, { "end", take_end }, { "undone", take_undone },
		{ "closed", take_closed } };
	AUTO(json_t) *o = NULL;

	if (!sealed(line))
		return err_set(e, ASSAY_HOST_JOURNAL, "its sum is not that of the line");
	TRY(json_read(line, TXN_LINE, &o, e));
	if (!json_is_object(o))
		return odd("line", e);
	json_object_del(o, "sum");
	if (t->id[0] == 0)
		return take_head(o, t, e);
	for (size_t i = 0; i < ARRAY_LEN(records); i++)
		if (json_object_get(o, records[i].member) != NULL)
			return t->steps == TXN_STEPS && i == 0
				? err_set(e, ASSAY_INPUT_SIZE, "more than %d steps", TXN_STEPS)
				: records[i].take(o, t, e);
	return odd("line", e);
}

/* t keeps what came before a line that is not taken. */
static enum assay_code take_all(struct bytes in, struct txn *t, struct assay_err *e)
{
	struct bytes line;
	size_t       n = 0;

	if (in.n > TXN_FILE)
		return err_set(
			e, ASSAY_INPUT_SIZE, "a journal of more than %d bytes", TXN_FILE);
	t->step = mem_new(TXN_STEPS, sizeof(*t->step));
	if (t->step == NULL)
		return err_no_memory(e);
	for (size_t at = 0; line_next(in, &at, &line);) {
		if (line.p + line.n == in.p + in.n)
			break; /* its newline was not written any more */
		n++;
		if (take_line(line, t, e) != ASSAY_OK)
			return err_wrap(e, "line %zu", n);
		t->whole = at;
	}
	return ASSAY_OK;
}

enum assay_code txn_parse(struct bytes in, struct txn *out, struct assay_err *e)
{
	CLEANUP(txn_done) struct txn t = { 0 };

	TRY(take_all(in, &t, e));
	*out = t;
	t    = (struct txn){ 0 };
	return ASSAY_OK;
}

void txn_salvage(struct bytes in, struct txn *out, struct assay_err *why)
{
	*out = (struct txn){ 0 };
	take_all(in, out, why);
}

void txn_done(struct txn *t)
{
	for (size_t i = 0; i < t->steps; i++) {
		json_decref(t->step[i].json);
		json_decref(t->step[i].end);
	}
	mem_free(t->step);
	*t = (struct txn){ 0 };
}
