/* SPDX-License-Identifier: Apache-2.0 */
#include "env/grub.h"

#include "env/cmdline.h"
#include "env/line.h"

static const char *const names[GRUB_NAMES] = {
	[GRUB_CMDLINE]         = "GRUB_CMDLINE_LINUX",
	[GRUB_CMDLINE_DEFAULT] = "GRUB_CMDLINE_LINUX_DEFAULT",
	[GRUB_DEFAULT_ENTRY]   = "GRUB_DEFAULT",
	[GRUB_BLS]             = "GRUB_ENABLE_BLSCFG",
	[KDUMP_REMOVE]         = "KDUMP_COMMANDLINE_REMOVE",
};

static bool name_byte(uint8_t c)
{
	return byte_digit(c) || (uint8_t)((c | 0x20) - 'a') < 26 || c == '_';
}

/* "NAME=" at the beginning of a line: the name. */
static bool assignment(struct bytes line, struct bytes *name)
{
	size_t n = 0;

	if (bytes_begin(line, BYTES("export ")))
		line = bytes_trim(bytes_behind(line, 7));
	while (n < line.n && name_byte(line.p[n]))
		n++;
	*name = (struct bytes){ line.p, n };
	return n > 0 && !byte_digit(line.p[0]) && n < line.n && line.p[n] == '=';
}

/* $NAME or ${NAME} at b: its name, and how many bytes that took. */
static size_t reference(struct bytes b, struct bytes *name)
{
	size_t n = 1;

	if (b.n > 2 && b.p[1] == '{') {
		for (n = 2; n < b.n && name_byte(b.p[n]);)
			n++;
		*name = (struct bytes){ b.p + 2, n - 2 };
		return n < b.n && b.p[n] == '}' && n > 2 ? n + 1 : 0;
	}
	while (n < b.n && name_byte(b.p[n]))
		n++;
	*name = (struct bytes){ b.p + 1, n - 1 };
	return n > 1 ? n : 0;
}

static void put_variable(const struct grub *g, struct bytes name, struct buf *out)
{
	for (size_t i = 0; i < GRUB_NAMES; i++)
		if (bytes_equal(name, bytes_text(names[i])))
			buf_put(out, g->value[i].p, g->value[i].n);
}

/* One word of the shell from *at on: quotes removed, our own variables replaced. false: something that only a shell can
 * say, such as $(command); or a quote without its end. *last: where the value's last quoted part ends inside its quote. */
static bool shell_word(struct bytes in, size_t *at, const struct grub *g, struct buf *out)
{
	uint8_t quote = 0;

	for (; *at < in.n; (*at)++) {
		const uint8_t c = in.p[*at];
		struct bytes  name;
		size_t        n;

		if (quote == 0 && (byte_blank(c) || c == ';' || c == '#'))
			break;
		if (quote == '\'' ? c == '\'' : c == '"' || (quote == 0 && c == '\'')) {
			quote = quote == 0 ? c : 0;
			continue;
		}
		if (quote != '\'' && c == '\\' && *at + 1 < in.n) {
			(*at)++;
			if (in.p[*at] != '\n')
				buf_byte(out, in.p[*at]);
			continue;
		}
		if (quote != '\'' && c == '`')
			return false;
		if (quote != '\'' && c == '$') {
			n = reference(bytes_behind(in, *at), &name);
			if (n == 0)
				return false;
			put_variable(g, name, out);
			*at += n - 1;
			continue;
		}
		buf_byte(out, c);
	}
	return quote == 0;
}

/* Where the value of an assignment that begins at begin ends. */
static size_t value_end(struct bytes in, size_t begin)
{
	static const struct grub     none = { 0 };
	CLEANUP(buf_done) struct buf drop = { 0 };
	size_t                       at   = begin;

	shell_word(in, &at, &none, &drop);
	return at;
}

/* The next assignment: its name, and where its value begins. Lines that are none are counted. */
static bool assign_next(
	struct bytes in, size_t *at, struct bytes *name, size_t *value, size_t *opaque)
{
	struct bytes line;

	while (line_next(in, at, &line)) {
		struct bytes t = bytes_trim(line);

		if (t.n == 0 || t.p[0] == '#')
			continue;
		if (!assignment(t, name)) {
			(*opaque)++;
			continue;
		}
		*value = (size_t)(name->p - in.p) + name->n + 1;
		*at    = *value;
		return true;
	}
	return false;
}

enum assay_code grub_read(struct bytes in, struct grub *g, struct assay_err *e)
{
	struct bytes name;
	size_t       at = 0, value = 0;

	if (in.n > GRUB_FILE)
		return err_set(e, ASSAY_INPUT_SIZE, "more than %d bytes", GRUB_FILE);
	while (assign_next(in, &at, &name, &value, &g->opaque)) {
		CLEANUP(buf_done) struct buf text = { 0 };
		struct bytes                 rest;
		const bool                   plain = shell_word(in, &at, g, &text);

		TRY(buf_ok(&text, e));
		g->opaque += !plain;
		for (size_t i = 0; plain && i < GRUB_NAMES; i++)
			if (bytes_equal(name, bytes_text(names[i]))) {
				buf_done(&g->value[i]);
				g->value[i] = text;
				g->set[i]   = true;
				text        = (struct buf){ 0 };
			}
		line_next(in, &at, &rest); /* a comment, or what else stands there */
	}
	return ASSAY_OK;
}

void grub_done(struct grub *g)
{
	for (size_t i = 0; i < GRUB_NAMES; i++)
		buf_done(&g->value[i]);
	*g = (struct grub){ 0 };
}

enum assay_code grub_cmdline(struct grub *g, struct buf *out, struct assay_err *e)
{
	const struct buf *a = &g->value[GRUB_CMDLINE], *b = &g->value[GRUB_CMDLINE_DEFAULT];

	buf_put(out, a->p, a->n);
	if (a->n > 0 && b->n > 0)
		buf_byte(out, ' ');
	buf_put(out, b->p, b->n);
	return buf_ok(out, e);
}

/* The last assignment of a variable: where its value begins and ends. */
static bool last_value(struct bytes in, enum grub_name v, size_t *begin, size_t *end)
{
	struct bytes name, rest;
	size_t       at = 0, value = 0, opaque = 0;
	bool         found = false;

	while (assign_next(in, &at, &name, &value, &opaque)) {
		at = value_end(in, value);
		if (bytes_equal(name, bytes_text(names[v]))) {
			*begin = value;
			*end   = at;
			found  = true;
		}
		line_next(in, &at, &rest);
	}
	return found;
}

/* A value as it stands in the file, with its quotes. The inside of one pair of quotes is changed in place; a bare word gets
 * quotes; anything else (several pairs, a quote in quotes) is left to the user. */
static enum assay_code put_value(struct bytes is, enum grub_name v, const char *name,
	const char *value, struct buf *out, struct assay_err *e)
{
	const uint8_t q      = is.n >= 2 && (is.p[0] == '"' || is.p[0] == '\'') ? is.p[0] : 0;
	struct bytes  inside = q != 0 ? (struct bytes){ is.p + 1, is.n - 2 } : is;

	if ((q != 0 && is.p[is.n - 1] != q) || bytes_has(inside, "\\\n") ||
		memchr(inside.n == 0 ? "" : (const char *)inside.p, '"', inside.n) != NULL ||
		memchr(inside.n == 0 ? "" : (const char *)inside.p, '\'', inside.n) != NULL)
		return err_set(e, ASSAY_INPUT_KIND,
			"%s is quoted in a way that is not changed here", names[v]);
	buf_byte(out, q != 0 ? q : '"');
	TRY(cmdline_set(inside, name, value, out, e));
	buf_byte(out, q != 0 ? q : '"');
	return buf_ok(out, e);
}

static bool change(struct bytes in, enum grub_name v, const char *name, const char *value,
	struct buf *out, struct assay_err *e)
{
	struct cmdline_arg a;
	size_t             begin = 0, end = 0;
	struct bytes       is;

	if (!last_value(in, v, &begin, &end)) {
		buf_put(out, in.p, in.n);
		if (value != NULL) {
			if (in.n > 0 && in.p[in.n - 1] != '\n')
				buf_byte(out, '\n');
			buf_printf(out, "%s=\"%s%s%s\"\n", names[v], name,
				value[0] == 0 ? "" : "=", value);
		}
		return buf_ok(out, e) == ASSAY_OK;
	}
	is = (struct bytes){ in.p + begin, end - begin };
	if (value == NULL) { /* nothing to take out: not even quotes change */
		struct bytes inside = is;

		if (is.n >= 2 && (is.p[0] == '"' || is.p[0] == '\''))
			inside = (struct bytes){ is.p + 1, is.n - 2 };
		if (cmdline_find(inside, name, &a) == 0) {
			buf_put(out, in.p, in.n);
			return buf_ok(out, e) == ASSAY_OK;
		}
	}
	buf_put(out, in.p, begin);
	if (put_value(is, v, name, value, out, e) != ASSAY_OK)
		return false;
	buf_put(out, in.p + end, in.n - end);
	return buf_ok(out, e) == ASSAY_OK;
}

/* Does a shell that reads the file get what was meant? */
static bool became(struct bytes file, enum grub_name v, const char *name, const char *value)
{
	CLEANUP(grub_done) struct grub g = { 0 };
	struct cmdline_arg             a = { 0 };
	struct assay_err               e = { 0 };
	size_t                         n;

	if (grub_read(file, &g, &e) != ASSAY_OK)
		return false;
	n = cmdline_find(buf_bytes(&g.value[v]), name, &a);
	return value == NULL ? n == 0 : n == 1 && bytes_equal(a.value, bytes_text(value));
}

enum assay_code grub_set_of(struct bytes in, enum grub_name v, const char *name,
	const char *value, struct buf *out, struct assay_err *e)
{
	const size_t from = out->n;

	if (in.n > GRUB_FILE)
		return err_set(e, ASSAY_INPUT_SIZE, "more than %d bytes", GRUB_FILE);
	if (!change(in, v, name, value, out, e))
		return e->code;
	if (out->n - from > GRUB_FILE)
		return err_set(
			e, ASSAY_INPUT_SIZE, "it would have more than %d bytes", GRUB_FILE);
	if (!became((struct bytes){ out->p + from, out->n - from }, v, name, value))
		return err_set(e, ASSAY_INPUT_KIND,
			"%s is made in a way that is not changed here", names[v]);
	return ASSAY_OK;
}

enum assay_code grub_set(struct bytes in, const char *name, const char *value, struct buf *out,
	struct assay_err *e)
{
	return grub_set_of(in, GRUB_CMDLINE, name, value, out, e);
}

bool grub_lists(struct bytes in, enum grub_name v, const char *name)
{
	CLEANUP(grub_done) struct grub g = { 0 };
	struct cmdline_arg             a;
	struct assay_err               e = { 0 };

	return grub_read(in, &g, &e) == ASSAY_OK &&
		cmdline_find(buf_bytes(&g.value[v]), name, &a) > 0;
}

/* 'text' or "text" or text, at the beginning. */
static struct bytes quoted(struct bytes line)
{
	size_t       at = 0;
	struct bytes word, rest;

	line = bytes_trim(line);
	if (line.n > 1 && (line.p[0] == '\'' || line.p[0] == '"')) {
		line_cut(bytes_behind(line, 1), line.p[0], &word, &rest);
		return word;
	}
	word_next(line, &at, &word);
	return word;
}

static struct bytes title_of(struct bytes line)
{
	size_t       at = 0;
	struct bytes word;

	word_next(line, &at, &word);
	return quoted(bytes_behind(line, at));
}

/* What "saved_entry" may name in place of a title. */
static struct bytes id_of(struct bytes line)
{
	size_t       at = 0;
	struct bytes word;

	while (word_next(line, &at, &word))
		if (bytes_equal(word, BYTES("$menuentry_id_option")) ||
			bytes_equal(word, BYTES("--id")))
			return quoted(bytes_behind(line, at));
	return (struct bytes){ 0 };
}

bool grub_next(struct grub_menu *m, struct grub_entry *out)
{
	struct bytes line, word;

	while (line_next(m->in, &m->at, &line)) {
		size_t       at = 0;
		struct bytes path;

		if (!word_next(line, &at, &word))
			continue;
		if (bytes_equal(word, BYTES("submenu"))) {
			m->depth++;
		} else if (bytes_equal(word, BYTES("menuentry"))) {
			m->title = title_of(bytes_trim(line));
			m->id    = id_of(line);
		} else if (bytes_equal(word, BYTES("}")) && !byte_blank(line.p[0]) &&
			m->depth > 0) {
			m->depth--;
		} else if ((bytes_equal(word, BYTES("linux")) ||
				   bytes_equal(word, BYTES("linuxefi")) ||
				   bytes_equal(word, BYTES("linux16"))) &&
			word_next(line, &at, &path)) {
			*out = (struct grub_entry){ m->title, m->id, path,
				bytes_trim(bytes_behind(line, at)), m->depth };
			return true;
		}
	}
	return false;
}
