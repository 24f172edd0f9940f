/* SPDX-License-Identifier: Apache-2.0 */
#include "env/modprobe.h"

#include "base/hex.h"
#include "env/cmdline.h"
#include "env/line.h"

static const struct {
	const char        *name;
	enum modprobe_verb verb;
} verbs[] = {
	{ "options", MODPROBE_OPTIONS },
	{ "install", MODPROBE_INSTALL },
	{ "blacklist", MODPROBE_BLACKLIST },
	{ "softdep", MODPROBE_SOFTDEP },
	{ "alias", MODPROBE_ALIAS },
	{ "remove", MODPROBE_REMOVE },
};

static enum modprobe_verb verb_of(struct bytes word)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (bytes_equal(word, bytes_text(verbs[i].name)))
			return verbs[i].verb;
	return MODPROBE_OTHER;
}

/* One line with those that continue it: a backslash and the newline behind it are nothing. The comment sign counts at the
 * beginning only. false: too long for text; *raw is right all the same. */
static bool join(struct modprobe *m, struct bytes *joined, struct bytes *raw)
{
	const size_t from = m->at;
	size_t       n    = 0;
	bool         fits = true, more = true;
	struct bytes line;

	while (more && line_next(m->in, &m->at, &line)) {
		more = line.n > 0 && line.p[line.n - 1] == '\\';
		if (more)
			line.n--;
		if (line.n > sizeof(m->text) - n) {
			fits = false;
			continue;
		}
		memcpy(m->text + n, line.p, line.n);
		n += line.n;
	}
	*raw    = (struct bytes){ m->in.p + from, m->at - from };
	*joined = (struct bytes){ (const uint8_t *)m->text, n };
	return fits;
}

bool modprobe_next(struct modprobe *m, struct modprobe_line *out)
{
	while (m->at < m->in.n) {
		struct modprobe_line l = { 0 };
		struct bytes         text, word;
		size_t               at   = 0;
		bool                 fits = join(m, &text, &l.raw);

		text = bytes_trim(text);
		if (fits && (text.n == 0 || text.p[0] == '#'))
			continue;
		if (fits && word_next(text, &at, &word)) {
			l.verb = verb_of(word);
			if (word_next(text, &at, &word) && word.n < sizeof(l.module))
				memcpy(l.module, word.p, word.n);
			else
				l.verb = MODPROBE_OTHER;
			for (char *c = l.module; *c != 0; c++)
				*c = *c == '-' ? '_' : *c;
			l.rest = bytes_trim(bytes_behind(text, at));
		}
		*out = l;
		return true;
	}
	return false;
}

bool modprobe_option(struct bytes rest, const char *name, struct bytes *value)
{
	struct cmdline_arg a;

	if (cmdline_find(rest, name, &a) == 0)
		return false;
	*value = a.value;
	return true;
}

static bool same_module(struct bytes word, const char *module)
{
	if (word.n != strlen(module))
		return false;
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] != (uint8_t)module[i] && !(word.p[i] == '-' && module[i] == '_'))
			return false;
	return true;
}

/* Is the word one of these? */
static bool one_of(struct bytes word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (bytes_equal(word, bytes_text(*words)))
			return true;
	return false;
}

/* Of one simple command: modprobe, options that load, a module. *itself: its own install line is not asked. */
static bool command_loads(struct bytes command, const char *module, bool *itself)
{
	static const char *const before[] = { "{", "(", "exec", "then", NULL };
	static const char *const not [] = { "-r", "--remove", "-n", "--dry-run", "--show", "-D",
		"--show-depends", "-c", "--showconfig", "-R", "--resolve-alias", NULL };
	static const char *const own[]  = { "-i", "--ignore-install", NULL };
	struct bytes             word;
	size_t                   at   = 0;
	bool                     tool = false;

	*itself = false;
	while (word_next(command, &at, &word)) {
		if (!tool &&
			(bytes_equal(word, BYTES("modprobe")) ||
				bytes_end(word, BYTES("/modprobe"))))
			tool = true;
		else if (!tool ? !one_of(word, before) : one_of(word, not ))
			return false;
		else if (tool && word.p[0] != '-')
			return same_module(word, module);
		*itself = *itself || one_of(word, own);
	}
	return false;
}

/* Any of its simple commands, up to a comment. */
static bool loads(struct bytes command, const char *module, bool itself)
{
	size_t from = 0;
	bool   own;

	for (size_t i = 0; i < command.n; i++)
		if (command.p[i] == '#' && (i == 0 || byte_blank(command.p[i - 1])))
			command.n = i;
	if (command.n == 0)
		return false;
	for (size_t i = 0; i <= command.n; i++) {
		if (i < command.n && command.p[i] != ';' && command.p[i] != '&' &&
			command.p[i] != '|')
			continue;
		if (command_loads((struct bytes){ command.p + from, i - from }, module, &own) &&
			(own || !itself))
			return true;
		from = i + 1;
	}
	return false;
}

bool modprobe_loads(struct bytes command, const char *module)
{
	return loads(command, module, false);
}

bool modprobe_loads_itself(struct bytes command, const char *module)
{
	return loads(command, module, true);
}

bool modprobe_before(struct bytes rest, const char *module)
{
	struct bytes word;
	bool         pre = false;

	for (size_t at = 0; word_next(rest, &at, &word);)
		if (word.p[word.n - 1] == ':')
			pre = bytes_equal(word, BYTES("pre:"));
		else if (pre && same_module(word, module))
			return true;
	return false;
}

static bool key_next(struct bytes keys, size_t *at, struct bytes *whole, struct bytes *name,
	struct bytes *value)
{
	struct bytes rest;

	if (*at >= keys.n)
		return false;
	line_cut(bytes_behind(keys, *at), ';', whole, &rest);
	*at += whole->n + 1;
	line_cut(*whole, '=', name, value);
	*name  = bytes_trim(*name);
	*value = bytes_trim(*value);
	return true;
}

static bool hex_number(struct bytes b, uint32_t *out)
{
	uint64_t v = 0;

	if (b.n > 2 && b.p[0] == '0' && (b.p[1] | 0x20) == 'x') {
		for (size_t i = 2; i < b.n; i++) {
			const int d = hex_digit(b.p[i]);

			if (d < 0 || v > UINT32_MAX >> 4)
				return false;
			v = v << 4 | (unsigned)d;
		}
	} else if (!bytes_number(b, &v) || v > UINT32_MAX) {
		return false;
	}
	*out = (uint32_t)v;
	return true;
}

bool registry_get(struct bytes keys, const char *key, uint32_t *out)
{
	struct bytes whole, name, value;
	bool         found = false;

	for (size_t at = 0; key_next(keys, &at, &whole, &name, &value);)
		if (bytes_equal(name, bytes_text(key)))
			found = hex_number(value, out);
	return found;
}

bool registry_params(struct bytes params, struct bytes *keys)
{
	static const char name[] = "RegistryDwords:";
	struct bytes      line;

	for (size_t at = 0; line_next(params, &at, &line);) {
		if (!bytes_begin(line, bytes_text(name)))
			continue;
		line = bytes_trim(bytes_behind(line, sizeof(name) - 1));
		if (line.n >= 2 && line.p[0] == '"' && line.p[line.n - 1] == '"')
			line = (struct bytes){ line.p + 1, line.n - 2 };
		*keys = line;
		return true;
	}
	return false;
}

/* The keys without that one, then with it once, in the place of the first. */
static void put_keys(struct bytes keys, const char *key, const char *value, struct buf *out)
{
	struct bytes whole, name, is;
	const size_t from   = out->n;
	bool         placed = value == NULL;

	for (size_t at = 0; key_next(keys, &at, &whole, &name, &is);) {
		const bool this = bytes_equal(name, bytes_text(key));

		if (whole.n == 0 || (this && placed))
			continue;
		if (out->n > from)
			buf_byte(out, ';');
		if (this)
			buf_printf(out, "%s=%s", key, value);
		else
			buf_put(out, whole.p, whole.n);
		placed = placed || this;
	}
	if (!placed)
		buf_printf(out, "%s%s=%s", out->n > from ? ";" : "", key, value);
}

/* Is it as wanted already: the key there once with that value, or absent? */
static bool keys_are(struct bytes keys, const char *key, const char *value)
{
	struct bytes whole, name, is;
	size_t       n    = 0;
	bool         same = false;

	for (size_t at = 0; key_next(keys, &at, &whole, &name, &is);)
		if (bytes_equal(name, bytes_text(key))) {
			n++;
			same = value != NULL && bytes_equal(is, bytes_text(value));
		}
	return value == NULL ? n == 0 : n == 1 && same;
}

/* The line again, with other keys; nothing when there is no option left. */
static void put_line(const struct modprobe_line *l, struct bytes keys, const char *key,
	const char *value, struct buf *out)
{
	CLEANUP(buf_done) struct buf new = { 0 };
	struct cmdline_arg a;
	struct bytes       rest = l->rest;
	size_t             said = 0;

	put_keys(keys, key, value, &new);
	for (size_t at = 0; cmdline_next(rest, &at, &a);) {
		const bool registry = bytes_equal(a.name, BYTES(REGISTRY_OPTION));

		if (registry && new.n == 0)
			continue;
		buf_text(out, said++ == 0 ? "options nvidia " : " ");
		if (registry)
			buf_printf(out, REGISTRY_OPTION "=\"%.*s\"", (int)new.n,
				(const char *)new.p);
		else
			buf_put(out, a.whole.p, a.whole.n);
	}
	if (said > 0)
		buf_byte(out, '\n');
	out->failed = out->failed || new.failed;
}

static enum assay_code change(struct bytes file, const char *key, const char *value,
	struct buf *out, struct assay_err *e)
{
	struct modprobe      m = { .in = file };
	struct modprobe_line l;
	struct bytes         keys, last = { 0 };

	while (modprobe_next(&m, &l))
		if (l.verb == MODPROBE_OPTIONS && strcmp(l.module, "nvidia") == 0 &&
			modprobe_option(l.rest, REGISTRY_OPTION, &keys))
			last = l.raw;
	if (last.p == NULL) {
		buf_put(out, file.p, file.n);
		if (value != NULL && file.n > 0 && file.p[file.n - 1] != '\n')
			buf_byte(out, '\n');
		if (value != NULL)
			buf_printf(out, "options nvidia " REGISTRY_OPTION "=\"%s=%s\"\n", key,
				value);
		return buf_ok(out, e);
	}
	m = (struct modprobe){ .in = last };
	modprobe_next(&m, &l);
	modprobe_option(l.rest, REGISTRY_OPTION, &keys);
	if (keys_are(keys, key, value)) {
		buf_put(out, file.p, file.n);
		return buf_ok(out, e);
	}
	buf_put(out, file.p, (size_t)(last.p - file.p));
	put_line(&l, keys, key, value, out);
	last = (struct bytes){ last.p + last.n, file.n - (size_t)(last.p - file.p) - last.n };
	buf_put(out, last.p, last.n);
	return buf_ok(out, e);
}

/* Does modprobe get what was meant: the registry of the last line that has one? */
static bool became(struct bytes file, const char *key, const char *value)
{
	struct modprobe      m = { .in = file };
	struct modprobe_line l;
	struct bytes         keys;
	bool                 is = value == NULL;

	while (modprobe_next(&m, &l))
		if (l.verb == MODPROBE_OPTIONS && strcmp(l.module, "nvidia") == 0 &&
			modprobe_option(l.rest, REGISTRY_OPTION, &keys))
			is = keys_are(keys, key, value);
	return is;
}

enum assay_code registry_set(struct bytes file, const char *key, const char *value,
	struct buf *out, struct assay_err *e)
{
	const size_t from = out->n;

	if (file.n > MODPROBE_FILE)
		return err_set(e, ASSAY_INPUT_SIZE, "more than %d bytes", MODPROBE_FILE);
	if (file.n > 0 && memchr(file.p, 0, file.n) != NULL)
		return err_set(e, ASSAY_INPUT_KIND, "there is a NUL in it: no text");
	TRY(change(file, key, value, out, e));
	if (out->n - from > MODPROBE_FILE)
		return err_set(
			e, ASSAY_INPUT_SIZE, "it would have more than %d bytes", MODPROBE_FILE);
	if (!became((struct bytes){ out->p + from, out->n - from }, key, value))
		return err_set(e, ASSAY_INPUT_KIND,
			"the driver's options are written in a way that is not changed here");
	return ASSAY_OK;
}
