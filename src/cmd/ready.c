/* SPDX-License-Identifier: Apache-2.0
 *
 * assay ready: the GPUs' ready state by hand. attest sets it for a reason; this does so without one, and says so. */
#include <stdio.h>

#include "base/json.h"
#include "base/show.h"
#include "cmd/app.h"
#include "cmd/node.h"
#include "cmd/starting.h"
#include "collect/collect.h"

static enum assay_code take_format(void *ctx, const char *value, struct assay_err *e)
{
	return app_format(value, ctx, e);
}

static const struct option_row rows[] = {
	{ 'f', "format", "text|json", "text (default) or json", take_format },
};

static enum assay_code do_get(int *is, struct assay_err *e)
{
	return collect_ready_get(0, NULL, is, e);
}

static enum assay_code do_set(int *is, struct assay_err *e)
{
	fputs("assay: warning: this opens the GPUs without attestation; assay attest does it after one\n",
		stderr);
	starting_tell_forgetful();
	TRY(collect_ready_set(0, NULL, 1, e));
	*is = 1;
	return ASSAY_OK;
}

static enum assay_code do_clear(int *is, struct assay_err *e)
{
	TRY(collect_ready_set(0, NULL, 0, e));
	*is = 0;
	return ASSAY_OK;
}

static const struct {
	const char *name;
	enum assay_code (*act)(int *is, struct assay_err *e);
} acts[] = {
	{ "get", do_get },
	{ "set", do_set },
	{ "clear", do_clear },
};

static int print(int is, enum format format)
{
	CLEANUP(buf_done) struct buf out  = { 0 };
	struct assay_err             e    = { 0 };
	AUTO(json_t)                *root = NULL;

	if (format == FORMAT_TEXT) {
		buf_text(&out, is == 1 ? "ready\n" : "not ready\n");
		return app_print(&out, 0);
	}
	root = json_pack("{s:b}", "ready", is == 1);
	if (root == NULL)
		err_no_memory(&e);
	if (root == NULL || json_write(root, &out, &e) != ASSAY_OK)
		return app_fail(&e);
	return app_print(&out, 0);
}

static int act(const char *name, enum format format)
{
	struct assay_err e  = { 0 };
	int              is = -1;

	for (size_t i = 0; i < ARRAY_LEN(acts); i++)
		if (strcmp(acts[i].name, name) == 0) {
			if (starting(&e) != ASSAY_OK || acts[i].act(&is, &e) != ASSAY_OK)
				return app_fail(&e);
			return print(is, format);
		}
	err_set(&e, ASSAY_INPUT_OPTION, "ready: get, set or clear, not \"%s\"",
		SHOW(bytes_text(name)));
	return app_fail(&e);
}

int cmd_ready(const struct command *c, int argc, char **argv)
{
	CLEANUP(buf_done) struct buf help   = { 0 };
	struct assay_err             e      = { 0 };
	enum format                  format = FORMAT_TEXT;
	int                          first  = 0;

	if (cli_options(c, rows, ARRAY_LEN(rows), argc, argv, &format, &first, &help, &e) !=
		ASSAY_OK)
		return app_fail(&e);
	if (help.n > 0)
		return app_print(&help, 0);
	if (argc - first == 1)
		return act(argv[first], format);
	err_set(&e, ASSAY_INPUT_OPTION, "ready: say get, set or clear");
	return app_fail(&e);
}
