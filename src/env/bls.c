/* SPDX-License-Identifier: Apache-2.0 */
#include "env/bls.h"

#include "env/cmdline.h"
#include "env/line.h"
#include "env/version.h"

/* Key, then white space, then the value. */
static bool key_line(struct bytes line, struct bytes *key, struct bytes *value)
{
	size_t at = 0;

	line = bytes_trim(line);
	if (line.n == 0 || line.p[0] == '#' || !word_next(line, &at, key))
		return false;
	*value = bytes_trim(bytes_behind(line, at));
	return true;
}

enum assay_code bls_parse(struct bytes in, struct bls *out, struct assay_err *e)
{
	struct bls b = { 0 };
	const struct {
		const char   *key;
		struct bytes *to;
	} keys[] = {
		{ "title", &b.title },
		{ "version", &b.version },
		{ "linux", &b.linux_path },
		{ "sort-key", &b.sort_key },
		{ "machine-id", &b.machine_id },
	};
	struct bytes line, key, value;

	if (in.n > BLS_FILE)
		return err_set(
			e, ASSAY_INPUT_SIZE, "a boot entry of more than %d bytes", BLS_FILE);
	for (size_t at = 0; line_next(in, &at, &line);) {
		if (!key_line(line, &key, &value))
			continue;
		for (size_t i = 0; i < ARRAY_LEN(keys); i++)
			if (bytes_equal(key, bytes_text(keys[i].key)))
				*keys[i].to = value;
		if (bytes_equal(key, BYTES("initrd")) && b.initrds < BLS_PARTS)
			b.initrd[b.initrds++] = value;
		if (bytes_equal(key, BYTES("options")) && b.option_lines < BLS_PARTS)
			b.options[b.option_lines++] = value;
		if (bytes_equal(key, BYTES("efi")) || bytes_equal(key, BYTES("uki")))
			b.efi = true;
	}
	if (b.linux_path.n == 0 && !b.efi)
		return err_set(e, ASSAY_INPUT_KIND, "a boot entry without a kernel");
	*out = b;
	return ASSAY_OK;
}

bool grubenv_get(struct bytes env, const char *name, struct bytes *value)
{
	struct bytes line, left, right;
	bool         found = false;

	for (size_t at = 0; line_next(env, &at, &line);) /* of several GRUB keeps the last */
		if (line.n > 0 && line.p[0] != '#' && line_cut(line, '=', &left, &right) &&
			bytes_equal(left, bytes_text(name))) {
			*value = right;
			found  = true;
		}
	return found;
}

/* A word that is a variable: its name. */
static bool variable(struct bytes word, struct bytes *name)
{
	if (word.n < 2 || word.p[0] != '$')
		return false;
	*name = bytes_behind(word, 1);
	if (name->p[0] == '{' && name->p[name->n - 1] == '}' && name->n > 2)
		*name = (struct bytes){ name->p + 1, name->n - 2 };
	return true;
}

static void put_expanded(struct bytes options, struct bytes env, struct buf *out)
{
	struct cmdline_arg a;
	struct bytes       name, value;

	for (size_t at = 0;;) {
		char text[64];

		if (!cmdline_next(options, &at, &a)) {
			options = bytes_behind(options, at);
			options = bytes_trim(options);
			if (options.n > 0) /* "--" and what is the init's */
				buf_printf(out, "%s%.*s", out->n == 0 ? "" : " ",
					(int)options.n, (const char *)options.p);
			return;
		}
		if (!variable(a.whole, &name)) {
			buf_text(out, out->n == 0 ? "" : " ");
			buf_put(out, a.whole.p, a.whole.n);
			continue;
		}
		if (name.n >= sizeof(text))
			continue;
		memcpy(text, name.p, name.n);
		text[name.n] = 0;
		if (grubenv_get(env, text, &value) && bytes_trim(value).n > 0) {
			value = bytes_trim(value);
			buf_text(out, out->n == 0 ? "" : " ");
			buf_put(out, value.p, value.n);
		}
	}
}

enum assay_code bls_options(
	const struct bls *b, struct bytes env, struct buf *out, struct assay_err *e)
{
	for (size_t i = 0; i < b->option_lines; i++)
		put_expanded(b->options[i], env, out);
	return buf_ok(out, e);
}

int bls_order(struct bytes a, struct bytes b)
{
	return version_rpm(b, a);
}

/* Which line of options is to be changed: the first that has the argument, or else the first that is no variable alone. */
static bool place(struct bytes in, const char *name, struct bytes *out)
{
	struct cmdline_arg a;
	struct bytes       line, key, value, var;
	bool               found = false;

	for (size_t at = 0; line_next(in, &at, &line);) {
		if (!key_line(line, &key, &value) || !bytes_equal(key, BYTES("options")))
			continue;
		if (cmdline_find(value, name, &a) > 0) {
			*out = value;
			return true;
		}
		if (!found && !variable(value, &var)) {
			*out  = value;
			found = true;
		}
	}
	return found;
}

enum assay_code bls_set(struct bytes in, const char *name, const char *value, struct buf *out,
	struct assay_err *e)
{
	const size_t from = out->n;
	struct bytes part;

	if (in.n > BLS_FILE)
		return err_set(
			e, ASSAY_INPUT_SIZE, "a boot entry of more than %d bytes", BLS_FILE);
	if (!place(in, name, &part)) {
		buf_put(out, in.p, in.n);
		return buf_ok(out, e);
	}
	buf_put(out, in.p, (size_t)(part.p - in.p));
	if (part.n == 0 && value != NULL && !byte_blank(part.p[-1]))
		buf_byte(out, ' '); /* "options" and nothing behind it */
	TRY(cmdline_set(part, name, value, out, e));
	part = (struct bytes){ part.p + part.n, in.n - (size_t)(part.p - in.p) - part.n };
	buf_put(out, part.p, part.n);
	if (out->n - from > BLS_FILE)
		return err_set(e, ASSAY_INPUT_SIZE,
			"a boot entry that would have more than %d bytes", BLS_FILE);
	return buf_ok(out, e);
}

enum assay_code grubenv_set(struct bytes env, const char *variable_name, const char *name,
	const char *value, struct buf *out, struct assay_err *e)
{
	struct bytes is, behind;
	const size_t from = out->n;
	size_t       pad  = 0;

	if (env.n > GRUBENV)
		return err_set(e, ASSAY_INPUT_SIZE,
			"an environment block of more than %d bytes", GRUBENV);
	if (!grubenv_get(env, variable_name, &is)) {
		buf_put(out, env.p, env.n);
		return buf_ok(out, e);
	}
	buf_put(out, env.p, (size_t)(is.p - env.p));
	TRY(cmdline_set(is, name, value, out, e));
	behind = (struct bytes){ is.p + is.n, env.n - (size_t)(is.p - env.p) - is.n };
	while (pad < behind.n && behind.p[behind.n - 1 - pad] == '#')
		pad++;
	behind.n -= pad;
	buf_put(out, behind.p, behind.n);
	TRY(buf_ok(out, e));
	if (out->n - from > env.n)
		return err_set(e, ASSAY_INPUT_SIZE, "the environment block is full");
	while (out->n - from < env.n)
		buf_byte(out, '#');
	return buf_ok(out, e);
}
