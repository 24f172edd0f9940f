/* SPDX-License-Identifier: Apache-2.0 */
#include "env/sources.h"

#include "base/hex.h"
#include "env/line.h"

static enum assay_code take_row(const json_t *o, struct source *out, struct assay_err *e)
{
	static const char *const names[] = { "profile", "what", "name", "url", "referer" };
	const char **const       to[]    = { &out->profile, &out->what, &out->name, &out->url,
			 &out->referer };

	TRY(json_only(o, names, ARRAY_LEN(names), e));
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct bytes b;

		TRY(json_get_text(o, names[i], i < 4 ? JSON_MUST : JSON_MAY, &b, e));
		*to[i] = json_string_value(json_object_get(o, names[i]));
	}
	if (strchr(out->name, '/') != NULL || out->name[0] == '.')
		return err_set(e, ASSAY_JSON_FIELD, "a name that is a path");
	return ASSAY_OK;
}

enum assay_code sources_take(struct bytes text, struct sources *out, struct assay_err *e)
{
	static const char *const             names[] = { "schema", "downloads" };
	CLEANUP(sources_done) struct sources s       = { 0 };
	struct bytes                         schema;
	json_t                              *list, *v;
	size_t                               i;

	TRY(json_read(text, SOURCES_FILE, &s.json, e));
	if (!json_is_object(s.json))
		return err_set(e, ASSAY_JSON_FIELD, "no object");
	TRY(json_only(s.json, names, ARRAY_LEN(names), e));
	TRY(json_get_text(s.json, "schema", JSON_MUST, &schema, e));
	if (!bytes_equal(schema, BYTES("assay.downloads/1")))
		return err_set(e, ASSAY_JSON_SCHEMA, "another schema");
	TRY(json_get_array(s.json, "downloads", JSON_MUST, &list, e));
	json_array_foreach(list, i, v)
	{
		if (s.n == SOURCES_MOST || !json_is_object(v))
			return err_set(e, ASSAY_JSON_FIELD, "download %zu", i);
		if (take_row(v, &s.row[s.n], e) != ASSAY_OK)
			return err_wrap(e, "download %zu", i);
		s.n++;
	}
	*out = s;
	s    = (struct sources){ 0 };
	return ASSAY_OK;
}

void sources_done(struct sources *s)
{
	json_decref(s->json);
	*s = (struct sources){ 0 };
}

const struct source *sources_find(
	const struct sources *s, const char *profile, const char *what)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->row[i].profile, profile) == 0 &&
			strcmp(s->row[i].what, what) == 0)
			return &s->row[i];
	return NULL;
}

bool pins_any(struct bytes pins)
{
	struct bytes line, sum, is;

	for (size_t at = 0; line_next(pins, &at, &line);) {
		uint8_t          raw[PIN_HEX / 2];
		struct assay_err e  = { 0 };
		size_t           in = 0;

		if (word_next(line, &in, &sum) && word_next(line, &in, &is) &&
			hex_fixed(sum, raw, sizeof(raw), &e) == ASSAY_OK)
			return true;
	}
	return false;
}

bool pins_find(struct bytes pins, const char *name, char hex[PIN_HEX + 1])
{
	struct bytes line, sum, is;
	bool         found = false;

	for (size_t at = 0; line_next(pins, &at, &line);) {
		CLEANUP(buf_done) struct buf low = { 0 };
		uint8_t                      raw[PIN_HEX / 2];
		struct assay_err             e  = { 0 };
		size_t                       in = 0;

		if (!word_next(line, &in, &sum) || !word_next(line, &in, &is))
			continue;
		if (is.n > 0 && is.p[0] == '*') /* sha256sum --binary */
			is = bytes_behind(is, 1);
		if (!bytes_equal(is, bytes_text(name)))
			continue;
		if (hex_fixed(sum, raw, sizeof(raw), &e) != ASSAY_OK)
			return false;
		hex_encode(BYTES_OF(raw), &low);
		if (low.failed || (found && memcmp(low.p, hex, PIN_HEX) != 0))
			return false;
		memcpy(hex, low.p, PIN_HEX);
		hex[PIN_HEX] = 0;
		found        = true;
	}
	return found;
}
