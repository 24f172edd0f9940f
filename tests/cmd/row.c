/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/row.h"

#include "base/json.h"

#define RSS_KIB (112 * 1024) /* for the largest input */

static size_t lines(const struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += b->p[i] == '\n';
	return n;
}

static bool clean(const struct buf *b, unsigned flags)
{
	for (size_t i = 0; i < b->n; i++) {
		uint8_t c = b->p[i];

		if (c == '\n' || (c >= ' ' && c <= '~'))
			continue;
		if ((flags & TERMINAL) != 0 && (c == '\r' || c == '\033'))
			continue;
		return false;
	}
	return true;
}

static const char *json_wrong(struct ran *r, unsigned flags)
{
	AUTO(json_t)    *root = NULL;
	struct assay_err e    = { 0 };
	const char      *schema;

	if (json_read(buf_bytes(&r->out), r->out.n, &root, &e) != ASSAY_OK)
		return "no JSON";
	schema = json_string_value(json_object_get(root, "schema"));
	if (schema == NULL || strcmp(schema, "assay.report/1") != 0)
		return "no report";
	if (json_integer_value(json_object_get(root, "exit")) != r->status)
		return "another exit status in the report";
	if ((flags & BROKEN) != 0 && json_array_size(json_object_get(root, "findings")) != 1)
		return "not one finding";
	return NULL;
}

const char *ran_wrong(struct ran *r, unsigned flags)
{
	size_t said = lines(&r->err), may = (flags & TWO) != 0 ? 2 : 1;

	if (r->status == RUN_TIMEOUT)
		return "took too long, or wrote too much";
	if (r->status > 128)
		return "ended by a signal";
	if (said > may || (r->err.n > 0 && r->err.p[r->err.n - 1] != '\n'))
		return "not one line on standard error";
	if (!clean(&r->err, 0) || !clean(&r->out, flags))
		return "control bytes, or bytes outside ASCII";
	if (!TEST_SANITIZED && r->rss_kib > RSS_KIB)
		return "too much memory";
	return (flags & (JSON | BROKEN)) != 0 ? json_wrong(r, flags) : NULL;
}

static const char *wrong(const struct row *row, struct ran *r)
{
	const char *why = ran_wrong(r, row->flags);

	if (why != NULL)
		return why;
	if (r->status != row->status)
		return "another exit status";
	if (row->err == NULL ? r->err.n != 0 : strstr(ran_text(&r->err), row->err) == NULL)
		return "another message";
	if (row->out == NULL ? r->out.n != 0 : strstr(ran_text(&r->out), row->out) == NULL)
		return "another output";
	return NULL;
}

void ran_tell(const char *name, const char *why, struct ran *r)
{
	print_message("%s: %s\n  status %d, %ld KiB\n  err: %.400s\n  out: %.1200s\n", name,
		why, r->status, r->rss_kib, ran_text(&r->err), ran_text(&r->out));
}

void rows_try(const struct row *rows, size_t n)
{
	size_t bad = 0;

	for (size_t i = 0; i < n; i++) {
		struct ran  r;
		const char *why;

		run(&r, "%s", rows[i].line);
		why = wrong(&rows[i], &r);
		if (why != NULL) {
			ran_tell(rows[i].name, why, &r);
			bad++;
		}
		ran_done(&r);
	}
	assert_int_equal(bad, 0);
}
