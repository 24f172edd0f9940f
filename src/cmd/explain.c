/* SPDX-License-Identifier: Apache-2.0
 *
 * assay explain: the catalogue of checks and the list of codes, for people and for programs. */
#include "base/show.h"
#include "cmd/app.h"
#include "cmd/core.h"

static enum assay_code take_format(void *ctx, const char *value, struct assay_err *e)
{
	return app_format(value, ctx, e);
}

static const struct option_row rows[] = {
	{ 'f', "format", "text|json", "text (default) or json", take_format },
};

/* Codes for which a policy may waive the check, separated by blanks. */
static void waivers(enum check check, struct buf *out)
{
	for (size_t i = ASSAY_OK + 1; i < ASSAY_CODE_COUNT; i++) {
		enum assay_code code = (enum assay_code)i;

		if (policy_waivable(check, code, DETAIL_NONE, 0) ||
			policy_waivable(check, code, DETAIL_MEASUREMENT, 0) ||
			policy_waivable(check, code, DETAIL_CERTIFICATE, 0))
			buf_printf(out, "%s%s", out->n == 0 ? "" : " ", assay_code_name(code));
	}
}

static void put_check(enum check check, struct buf *out)
{
	CLEANUP(buf_done) struct buf may = { 0 };
	const struct check_row      *r   = check_row(check);

	waivers(check, &may);
	buf_printf(out, "%s: %s\n\n", r->id, r->title);
	buf_printf(out, "  why      %s\n  failure  %s\n  do       %s\n", r->why, r->means,
		r->remedy);
	if (check_item(check)[0] !=
		0) { /* of a machine, not of evidence: no policy is about it */
		buf_printf(out, "  needed   %s\n",
			r->required ? "yes: without it the machine is not \"ready\""
				    : "no: where it is asked, what it says counts");
		buf_printf(out, "  item     %s\n", check_item(check));
	} else {
		buf_printf(out, "  needed   %s\n",
			r->required ? "yes: without it there is no \"accepted\""
				    : "no: where it is asked, what it says counts");
		buf_printf(out, "  waivers  %s\n",
			may.n == 0 ? "none: a policy cannot waive it" : buf_cstr(&may));
	}
	buf_printf(out, "  source   %s\n", r->section);
}

static void put_code(enum assay_code code, struct buf *out)
{
	enum assay_class cls = assay_class(code);

	buf_printf(out, "%s: %s\n\n", assay_code_name(code), assay_code_meaning(code));
	buf_printf(out, "  verdict  %s (exit %d)\n", assay_class_verdict(cls),
		assay_class_exit(cls));
	if (assay_code_remedy(code)[0] != 0)
		buf_printf(out, "  do       %s\n", assay_code_remedy(code));
}

static json_t *check_json(enum check check)
{
	CLEANUP(buf_done) struct buf may = { 0 };
	const struct check_row      *r   = check_row(check);

	waivers(check, &may);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s}", "id", r->id, "title",
		r->title, "why", r->why, "means", r->means, "remedy", r->remedy, "required",
		(int)r->required, "waivable", buf_cstr(&may), "source", r->section);
}

static json_t *code_json(enum assay_code code)
{
	enum assay_class cls = assay_class(code);

	return json_pack("{s:s, s:s, s:s, s:s, s:i}", "code", assay_code_name(code), "meaning",
		assay_code_meaning(code), "remedy", assay_code_remedy(code), "verdict",
		assay_class_verdict(cls), "exit", assay_class_exit(cls));
}

/* The code of that name, with or without ASSAY_ in front; ASSAY_OK when there is none. */
static enum assay_code code_find(const char *name)
{
	return err_code(bytes_text(strncmp(name, "ASSAY_", 6) == 0 ? name + 6 : name));
}

/* Every row of an item such as BOOT-02: what is configured, and what is in effect. */
static enum assay_code explain_item(struct bytes item, enum format format, json_t *list,
	struct buf *out, struct assay_err *e)
{
	for (enum check c = CHECK_NONE; (c = check_item_next(item, c)) != CHECK_NONE;) {
		if (format == FORMAT_JSON) {
			if (json_array_append_new(list, check_json(c)) != 0)
				return err_no_memory(e);
			continue;
		}
		buf_text(out, out->n == 0 ? "" : "\n");
		put_check(c, out);
	}
	return ASSAY_OK;
}

static enum assay_code explain(const char *name, enum format format, json_t *list,
	struct buf *out, struct assay_err *e)
{
	enum check      check = check_find(bytes_text(name));
	enum assay_code code  = code_find(name);

	if (check_item_next(bytes_text(name), CHECK_NONE) != CHECK_NONE)
		return explain_item(bytes_text(name), format, list, out, e);
	if (check == CHECK_NONE && code == ASSAY_OK)
		return err_set(e, ASSAY_INPUT_OPTION,
			"no check and no code is called \"%s\"; assay explain lists them",
			SHOW(bytes_text(name)));
	if (format == FORMAT_JSON)
		return json_array_append_new(list,
			       check != CHECK_NONE ? check_json(check) : code_json(code)) == 0
			? ASSAY_OK
			: err_no_memory(e);
	buf_text(out, out->n == 0 ? "" : "\n");
	if (check != CHECK_NONE)
		put_check(check, out);
	else
		put_code(code, out);
	return ASSAY_OK;
}

static enum assay_code list_all(
	enum format format, json_t *list, struct buf *out, struct assay_err *e)
{
	bool ok = true;

	for (size_t i = CHECK_NONE + 1; i < CHECK_COUNT; i++) {
		if (format == FORMAT_JSON)
			ok = ok && json_array_append_new(list, check_json((enum check)i)) == 0;
		else
			buf_printf(out, "%-32s %s\n", check_row((enum check)i)->id,
				check_row((enum check)i)->title);
	}
	buf_text(out, format == FORMAT_JSON ? "" : "\n");
	for (size_t i = ASSAY_OK + 1; i < ASSAY_CODE_COUNT; i++) {
		if (format == FORMAT_JSON)
			ok = ok &&
				json_array_append_new(list, code_json((enum assay_code)i)) == 0;
		else
			buf_printf(out, "%-32s %s\n", assay_code_name((enum assay_code)i),
				assay_code_meaning((enum assay_code)i));
	}
	return ok ? ASSAY_OK : err_no_memory(e);
}

int cmd_explain(const struct command *c, int argc, char **argv)
{
	CLEANUP(buf_done) struct buf out = { 0 }, help = { 0 };
	AUTO(json_t)                *list   = json_array();
	enum format                  format = FORMAT_TEXT;
	struct assay_err             e      = { 0 };
	int                          first;

	if (cli_options(c, rows, ARRAY_LEN(rows), argc, argv, &format, &first, &help, &e) !=
		ASSAY_OK)
		return app_fail(&e);
	if (help.n > 0)
		return app_print(&help, 0);
	for (int i = first; i < argc; i++)
		if (explain(argv[i], format, list, &out, &e) != ASSAY_OK)
			return app_fail(&e);
	if (first == argc && list_all(format, list, &out, &e) != ASSAY_OK)
		return app_fail(&e);
	if (format == FORMAT_JSON && json_write(list, &out, &e) != ASSAY_OK)
		return app_fail(&e);
	return app_print(&out, 0);
}
