/* SPDX-License-Identifier: Apache-2.0
 *
 * assay inspect: decode without judging. */
#include "report/inspect.h"
#include "appraise/token.h"
#include "base/show.h"
#include "cmd/app.h"
#include "cmd/core.h"
#include "collect/replay.h"

static enum assay_code take_format(void *ctx, const char *value, struct assay_err *e)
{
	return app_format(value, ctx, e);
}

static const struct option_row rows[] = {
	{ 'f', "format", "text|json", "text (default) or json", take_format },
};

/* Tokens stand on the floor of reports, so that only here both are known. */
static enum assay_code inspect_token(const struct assay *a, const char *name, struct bytes text,
	json_t **out, struct assay_err *e)
{
	AUTO(json_t) *o = json_object(), *body = NULL;

	if (token_show(&a->crypto, text, &body, e) != ASSAY_OK)
		return err_wrap(e, "%s", SHOW(bytes_text(name)));
	if (!json_put(o, "file", json_text(bytes_text(name))) ||
		!json_put(o, "verified", json_false()) || !json_put(o, "token", TAKE(body)))
		return err_no_memory(e);
	*out = TAKE(o);
	return ASSAY_OK;
}

static enum assay_code inspect_file(const struct assay *a, const char *path, enum format format,
	struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	AUTO(json_t)                *tree = NULL;

	TRY(replay_file(path, BUNDLE_FILE_MAX, &text, e));
	if (token_looks(buf_bytes(&text)))
		TRY(inspect_token(a, replay_name(path), buf_bytes(&text), &tree, e));
	else
		TRY(inspect(&a->crypto, replay_name(path), buf_bytes(&text), &tree, e));
	return format == FORMAT_JSON ? json_write(tree, out, e) : inspect_text(tree, out, e);
}

int cmd_inspect(const struct command *c, int argc, char **argv)
{
	CLEANUP(buf_done) struct buf out = { 0 }, help = { 0 };
	enum format                  format = FORMAT_TEXT;
	struct assay                *a      = NULL;
	struct assay_err             e      = { 0 };
	int                          first, status = 0;

	if (cli_options(c, rows, ARRAY_LEN(rows), argc, argv, &format, &first, &help, &e) !=
		ASSAY_OK)
		return app_fail(&e);
	if (help.n > 0)
		return app_print(&help, 0);
	if (first == argc) {
		err_set(&e, ASSAY_INPUT_OPTION, "inspect: which file?");
		return app_fail(&e);
	}
	if (assay_init(&a, &e) != ASSAY_OK)
		return app_fail(&e);
	for (int i = first; i < argc && status == 0; i++)
		if (inspect_file(a, argv[i], format, &out, &e) != ASSAY_OK)
			status = app_fail(&e);
	assay_free(a);
	return status != 0 ? status : app_print(&out, 0);
}
