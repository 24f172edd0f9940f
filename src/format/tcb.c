/* SPDX-License-Identifier: Apache-2.0 */
#include "format/tcb.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/show.h"
#include "base/utc.h"

#define YEAR_2015 INT64_C(1420070400)
#define YEAR_2100 INT64_C(4102444800)

static const char *const names[TCB_STATUS_COUNT] = {
#define X(name, text) [TCB_##name] = text,
	TCB_STATUSES(X)
#undef X
};

const char *tcb_status_name(enum tcb_status s)
{
	return (size_t)s < TCB_STATUS_COUNT ? names[s] : "";
}

enum tcb_status tcb_status_find(struct bytes name)
{
	for (size_t i = TCB_UP_TO_DATE; i < TCB_STATUS_COUNT; i++)
		if (bytes_equal(name, bytes_text(names[i])))
			return (enum tcb_status)i;
	return TCB_UNRECOGNIZED;
}

void tcb_advisories_done(struct tcb_advisories *a)
{
	mem_free(a->id);
	*a = (struct tcb_advisories){ 0 };
}

/* --- the envelope: its own reader, since what is signed is a run of bytes and not a value --- */

static bool json_blank(uint8_t c) /* RFC 8259, 2 */
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blank(struct rd *r)
{
	while (rd_left(r) > 0 && json_blank(r->in.p[r->at]))
		r->at++;
}

static enum assay_code refuse(const struct rd *r, struct assay_err *e)
{
	return err_set(e, ASSAY_JSON_PARSE, "not a signed JSON document, at byte %zu", r->at);
}

static enum assay_code expect(struct rd *r, char c, struct assay_err *e)
{
	skip_blank(r);
	if (rd_u8(r) != (uint8_t)c || r->lack != 0)
		return refuse(r, e);
	return ASSAY_OK;
}

/* A string without escapes: names and digits need none, and two spellings of one name are one too many. */
static enum assay_code plain_string(struct rd *r, struct bytes *out, struct assay_err *e)
{
	size_t start;

	TRY(expect(r, '"', e));
	for (start = r->at; rd_left(r) > 0; r->at++) {
		uint8_t c = r->in.p[r->at];

		if (c == '\\' || c < 0x20 || c >= 0x7f)
			return refuse(r, e);
		if (c == '"') {
			*out = (struct bytes){ r->in.p + start, r->at - start };
			r->at++;
			return ASSAY_OK;
		}
	}
	return refuse(r, e);
}

/* An object from { to the } that matches, by brackets outside of strings. */
static enum assay_code object_span(struct rd *r, struct bytes *out, struct assay_err *e)
{
	size_t depth = 0, start;
	bool   quote = false;

	skip_blank(r);
	start = r->at;
	if (rd_left(r) == 0 || r->in.p[r->at] != '{')
		return refuse(r, e);
	for (; rd_left(r) > 0; r->at++) {
		uint8_t c = r->in.p[r->at];

		if (quote && c == '\\' && rd_left(r) > 1)
			r->at++;
		else if (c == '"')
			quote = !quote;
		else if (!quote && c == '{')
			depth++;
		else if (!quote && c == '}' && --depth == 0) {
			r->at++;
			*out = (struct bytes){ r->in.p + start, r->at - start };
			return ASSAY_OK;
		}
	}
	return refuse(r, e);
}

enum assay_code tcb_envelope(
	struct bytes in, const char *name, struct tcb_envelope *out, struct assay_err *e)
{
	struct rd           r         = { .in = in };
	struct tcb_envelope v         = { 0 };
	struct bytes        signature = { 0 }, key;

	if (in.n > TCB_FILE_MAX)
		return err_set(e, ASSAY_INPUT_SIZE, "%zu bytes, over the limit of %d", in.n,
			TCB_FILE_MAX);
	TRY(expect(&r, '{', e));
	for (unsigned i = 0; i < 2; i++) {
		if (i > 0)
			TRY(expect(&r, ',', e));
		TRY(plain_string(&r, &key, e));
		TRY(expect(&r, ':', e));
		if (bytes_equal(key, bytes_text(name)) && v.signed_text.p == NULL)
			TRY(object_span(&r, &v.signed_text, e));
		else if (bytes_equal(key, BYTES("signature")) && signature.p == NULL)
			TRY(plain_string(&r, &signature, e));
		else
			return err_set(e, ASSAY_JSON_FIELD,
				"the member \"%s\" does not belong here, or is there twice",
				SHOW(key));
	}
	skip_blank(&r);
	if (rd_left(&r) > 0 && r.in.p[r.at] == ',')
		return err_set(e, ASSAY_JSON_FIELD,
			"more members than \"%s\" and \"signature\"", name);
	TRY(expect(&r, '}', e));
	skip_blank(&r);
	if (rd_left(&r) > 0)
		return refuse(&r, e);
	if (hex_fixed(signature, v.signature, TCB_SIGNATURE, e) != ASSAY_OK)
		return err_wrap(e, "\"signature\"");
	*out = v;
	return ASSAY_OK;
}

/* Recursion as deep as JSON_DEPTH. */
static bool whole_numbers(const json_t *v)
{
	const char *name;
	json_t     *member;
	size_t      i;

	if (json_is_real(v))
		return false;
	json_object_foreach((json_t *)(uintptr_t)v, name, member)
	{
		if (!whole_numbers(member))
			return false;
	}
	json_array_foreach(v, i, member)
	{
		if (!whole_numbers(member))
			return false;
	}
	return true;
}

enum assay_code tcb_tree(struct bytes text, json_t **out, struct assay_err *e)
{
	AUTO(json_t) *root = NULL;

	TRY(json_read(text, TCB_FILE_MAX, &root, e));
	if (!json_is_object(root))
		return err_set(e, ASSAY_JSON_FIELD, "not an object");
	if (!whole_numbers(root))
		return err_set(e, ASSAY_JSON_FIELD, "a number that is no integer");
	*out = TAKE(root);
	return ASSAY_OK;
}

/* --- members --- */

enum assay_code tcb_number(
	const json_t *object, const char *name, int64_t max, int64_t *out, struct assay_err *e)
{
	const json_t *v = json_object_get(object, name);

	if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > max)
		return err_set(e, ASSAY_JSON_FIELD, "\"%s\" is no number from 0 to %lld", name,
			(long long)max);
	*out = json_integer_value(v);
	return ASSAY_OK;
}

enum assay_code tcb_hex(
	const json_t *object, const char *name, uint8_t *out, size_t n, struct assay_err *e)
{
	struct bytes text;

	TRY(json_get_text(object, name, JSON_MUST, &text, e));
	if (hex_fixed(text, out, n, e) != ASSAY_OK)
		return err_set(e, ASSAY_JSON_FIELD, "\"%s\" is not %zu hexadecimal digits",
			name, 2 * n);
	return ASSAY_OK;
}

enum assay_code tcb_date(
	const json_t *object, const char *name, int64_t *out, struct assay_err *e)
{
	struct bytes     text;
	struct assay_err why = { 0 };

	TRY(json_get_text(object, name, JSON_MUST, &text, e));
	if (text.n != UTC_TEXT - 1 || utc_parse(text, out, &why) != ASSAY_OK ||
		*out < YEAR_2015 || *out >= YEAR_2100)
		return err_set(e, ASSAY_JSON_DATE, "\"%s\" is \"%s\"", name, SHOW(text));
	return ASSAY_OK;
}

static enum assay_code add_advisory(
	struct tcb_advisories *list, struct bytes id, struct assay_err *e)
{
	if (id.n == 0 || id.n >= TCB_ADVISORY)
		return err_set(e, ASSAY_JSON_FIELD, "an advisory id of %zu characters", id.n);
	if (list->n == list->cap) {
		size_t cap                = list->cap == 0 ? 32 : 2 * list->cap;
		char(*more)[TCB_ADVISORY] = mem_resize(list->id, cap, sizeof(*more));

		if (more == NULL)
			return err_no_memory(e);
		list->id  = more;
		list->cap = cap;
	}
	snprintf(list->id[list->n++], TCB_ADVISORY, "%s", SHOW(id));
	return ASSAY_OK;
}

enum assay_code tcb_verdict_read(const json_t *level, struct tcb_verdict *out,
	struct tcb_advisories *list, struct assay_err *e)
{
	struct bytes status, id;
	json_t      *ids, *v;
	size_t       i;

	TRY(tcb_date(level, "tcbDate", &out->date, e));
	TRY(json_get_text(level, "tcbStatus", JSON_MUST, &status, e));
	TRY(json_get_array(level, "advisoryIDs", JSON_MAY, &ids, e));
	out->status = tcb_status_find(status);
	if (out->status == TCB_RELAUNCH || out->status == TCB_RELAUNCH_CONFIGURATION)
		out->status = TCB_UNRECOGNIZED; /* no level has it */
	snprintf(out->named, sizeof(out->named), "%.*s", TCB_ADVISORY - 1, SHOW(status));
	out->advisory   = list->n;
	out->advisories = json_array_size(ids);
	if (out->advisories > TCB_ADVISORIES)
		return err_set(e, ASSAY_JSON_FIELD, "more than %d advisories", TCB_ADVISORIES);
	json_array_foreach(ids, i, v)
	{
		if (!json_is_string(v))
			return err_set(e, ASSAY_JSON_FIELD, "an advisory id is no string");
		id = (struct bytes){ (const uint8_t *)json_string_value(v),
			json_string_length(v) };
		TRY(add_advisory(list, id, e));
	}
	return ASSAY_OK;
}

static int highest_first(const void *a, const void *b)
{
	const struct tcb_isv_level *x = a, *y = b;

	return (int)y->isvsvn - (int)x->isvsvn;
}

enum assay_code tcb_isv_levels(const json_t *object, struct tcb_isv_level *out, size_t *n,
	struct tcb_advisories *list, struct assay_err *e)
{
	json_t *levels, *level, *tcb;
	int64_t svn = 0;
	size_t  i;

	TRY(json_get_array(object, "tcbLevels", JSON_MUST, &levels, e));
	if (json_array_size(levels) == 0 || json_array_size(levels) > TCB_LEVELS)
		return err_set(e, ASSAY_JSON_FIELD, "%zu levels", json_array_size(levels));
	json_array_foreach(levels, i, level)
	{
		TRY(json_get_object(level, "tcb", JSON_MUST, &tcb, e));
		TRY(tcb_number(tcb, "isvsvn", UINT16_MAX, &svn, e));
		out[i].isvsvn = (uint16_t)svn;
		TRY(tcb_verdict_read(level, &out[i].verdict, list, e));
	}
	*n = json_array_size(levels);
	qsort(out, *n, sizeof(*out), highest_first);
	for (i = 1; i < *n; i++)
		if (out[i].isvsvn == out[i - 1].isvsvn)
			return err_set(
				e, ASSAY_JSON_FIELD, "two levels of isvsvn %u", out[i].isvsvn);
	return ASSAY_OK;
}
