/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/base64.h"
#include "base/hex.h"
#include "base/show.h"
#include "base/utc.h"

/* Depth is counted before jansson recurses, and values before it allocates: by brackets and commas, which no value
 * but a first scalar is without. What is inside strings does not count. */
static enum assay_code check_shape(struct bytes text, struct assay_err *e)
{
	size_t depth = 0, values = 0;
	bool   quote = false;

	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		if (quote) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quote = false;
		} else if (c == '"') {
			quote = true;
		} else if (c == '[' || c == '{') {
			if (++depth > JSON_DEPTH)
				return err_set(e, ASSAY_JSON_DEPTH,
					"JSON nested deeper than %d at byte %zu", JSON_DEPTH,
					i);
		} else if ((c == ']' || c == '}') && depth > 0) {
			depth--;
		}
		values += !quote && (c == '[' || c == '{' || c == ',');
		if (values > JSON_VALUES)
			return err_set(e, ASSAY_INPUT_SIZE, "JSON of more than %d values",
				JSON_VALUES);
	}
	return ASSAY_OK;
}

enum assay_code json_read(struct bytes text, size_t limit, json_t **out, struct assay_err *e)
{
	json_error_t why;
	json_t      *value;

	if (text.n == 0)
		return err_set(e, ASSAY_INPUT_SIZE, "empty");
	if (text.n > limit)
		return err_set(
			e, ASSAY_INPUT_SIZE, "%zu bytes, over the limit of %zu", text.n, limit);
	TRY(check_shape(text, e));
	value = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, &why);
	if (value == NULL && json_error_code(&why) == json_error_out_of_memory)
		return err_no_memory(e);
	if (value == NULL)
		return err_set(e, ASSAY_JSON_PARSE, "not JSON, line %d: %s", why.line,
			SHOW(bytes_text(why.text)));
	*out = value;
	return ASSAY_OK;
}

/* The member, or NULL; ASSAY_JSON_FIELD when it must be there or has another type. */
static enum assay_code get(const json_t *object, const char *name, bool must, json_type type,
	const char *kind, json_t **out, struct assay_err *e)
{
	json_t *value = json_object_get(object, name);

	if (value == NULL && must)
		return err_set(e, ASSAY_JSON_FIELD, "no member \"%s\"", name);
	if (value != NULL && json_typeof(value) != type)
		return err_set(e, ASSAY_JSON_FIELD, "\"%s\" is not %s", name, kind);
	*out = value;
	return ASSAY_OK;
}

enum assay_code json_get_text(const json_t *object, const char *name, bool must,
	struct bytes *out, struct assay_err *e)
{
	json_t *value = NULL;

	TRY(get(object, name, must, JSON_STRING, "a string", &value, e));
	*out = value == NULL ? (struct bytes){ 0 }
			     : (struct bytes){ (const uint8_t *)json_string_value(value),
				       json_string_length(value) };
	return ASSAY_OK;
}

enum assay_code json_get_array(
	const json_t *object, const char *name, bool must, json_t **out, struct assay_err *e)
{
	return get(object, name, must, JSON_ARRAY, "an array", out, e);
}

enum assay_code json_get_object(
	const json_t *object, const char *name, bool must, json_t **out, struct assay_err *e)
{
	return get(object, name, must, JSON_OBJECT, "an object", out, e);
}

enum assay_code json_get_base64(const json_t *object, const char *name, bool must, size_t limit,
	struct buf *out, struct assay_err *e)
{
	struct bytes text;
	size_t       start = out->n;

	TRY(json_get_text(object, name, must, &text, e));
	if (text.n > (limit + 2) / 3 * 4)
		return err_set(e, ASSAY_INPUT_SIZE, "\"%s\": more than %zu bytes", name, limit);
	if (base64_decode(text, false, out, e) != ASSAY_OK)
		return err_wrap(e, "\"%s\"", name);
	if (out->n - start > limit) { /* up to two more have as many characters */
		out->n = start;
		return err_set(e, ASSAY_INPUT_SIZE, "\"%s\": more than %zu bytes", name, limit);
	}
	return ASSAY_OK;
}

enum assay_code json_only(
	const json_t *object, const char *const *names, size_t n, struct assay_err *e)
{
	const char *name;
	json_t     *value;

	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		size_t i = 0;

		while (i < n && strcmp(name, names[i]) != 0)
			i++;
		if (i == n)
			return err_set(e, ASSAY_JSON_FIELD, "unknown member \"%s\"",
				SHOW(bytes_text(name)));
	}
	return ASSAY_OK;
}

static int dump(const char *text, size_t n, void *out)
{
	buf_put(out, text, n);
	return 0;
}

enum assay_code json_write_by(
	const json_t *value, size_t indent, struct buf *out, struct assay_err *e)
{
	if (value == NULL ||
		json_dump_callback(value, dump, out, JSON_INDENT(indent) | JSON_ENCODE_ANY) !=
			0)
		return err_no_memory(e);
	buf_byte(out, '\n');
	return buf_ok(out, e);
}

enum assay_code json_write(const json_t *value, struct buf *out, struct assay_err *e)
{
	return json_write_by(value, 2, out, e);
}

static json_t *finish(struct buf *b)
{
	return b->failed ? NULL : json_stringn(b->n == 0 ? "" : (const char *)b->p, b->n);
}

json_t *json_text(struct bytes text)
{
	CLEANUP(buf_done) struct buf b = { 0 };

	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		if (c >= 0x20 && c < 0x7f && c != '\\')
			buf_byte(&b, c);
		else
			buf_printf(&b, "\\x%02x", c);
	}
	return finish(&b);
}

json_t *json_base64(struct bytes in)
{
	CLEANUP(buf_done) struct buf b = { 0 };

	base64_encode(in, &b);
	return finish(&b);
}

json_t *json_hex(struct bytes in)
{
	CLEANUP(buf_done) struct buf b = { 0 };

	hex_encode(in, &b);
	return finish(&b);
}

json_t *json_utc(int64_t at)
{
	return json_string(UTC(at));
}
