/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/app.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/show.h"
#include "collect/replay.h"

#define ANCHOR_MAX (64 * 1024)

int app_fail(const struct assay_err *e)
{
	return cli_fail("assay", e);
}

int app_print(const struct buf *text, int status)
{
	return cli_print("assay", text, status);
}

enum assay_code app_format(const char *value, enum format *out, struct assay_err *e)
{
	if (strcmp(value, "text") == 0)
		*out = FORMAT_TEXT;
	else if (strcmp(value, "json") == 0)
		*out = FORMAT_JSON;
	else
		return err_set(e, ASSAY_INPUT_OPTION, "text or json, not \"%s\"",
			SHOW(bytes_text(value)));
	return ASSAY_OK;
}

bool app_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return (no == NULL || no[0] == 0) && isatty(STDOUT_FILENO) && term != NULL &&
		term[0] != 0 && strcmp(term, "dumb") != 0;
}

static enum assay_code anchor(
	const char *dir, const char *name, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf path = { 0 };

	buf_printf(&path, "%s/%s", dir, name);
	return replay_file(buf_cstr(&path), ANCHOR_MAX, out, e);
}

enum assay_code app_anchors(struct assay *a, const char *dir, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf device = { 0 }, rim = { 0 }, sgx = { 0 };
	const char                  *option = "--anchors";

	/* The one place where the environment moves trust: the emulator's, and every output says so. */
	if (dir == NULL) {
		dir    = secure_getenv("ASSAY_ANCHORS");
		option = "ASSAY_ANCHORS";
		if (dir == NULL || dir[0] == 0)
			return ASSAY_OK;
	}
	/* Also when they turn out to be none: the pinned ones are not what was asked for. */
	a->trust.test = true;
	if (anchor(dir, "nvidia-device.pem", &device, e) != ASSAY_OK ||
		anchor(dir, "nvidia-rim.pem", &rim, e) != ASSAY_OK ||
		anchor(dir, "intel-sgx.pem", &sgx, e) != ASSAY_OK ||
		assay_anchors(a, device.p, device.n, rim.p, rim.n, sgx.p, sgx.n, e) != ASSAY_OK)
		return err_wrap(e, "%s", option);
	return ASSAY_OK;
}

static int help(const struct program *p)
{
	CLEANUP(buf_done) struct buf out = { 0 };

	buf_text(&out, "assay COMMAND [OPTION]... [ARGUMENT]...\n\n");
	for (size_t i = 0; i < p->n; i++)
		buf_printf(&out, "  %-10s %s\n", p->commands[i].name, p->commands[i].help);
	if (p->list != NULL)
		p->list(&out);
	buf_text(&out,
		"\nassay COMMAND --help tells the options; assay --version the version.\n");
	return app_print(&out, 0);
}

static int version(void)
{
	CLEANUP(buf_done) struct buf out = { 0 };

	buf_printf(&out, "assay %s\n", assay_version());
	return app_print(&out, 0);
}

/* Of this program's commands, and of the siblings'. */
static int tables(const struct program *p)
{
	CLEANUP(buf_done) struct buf out   = { 0 };
	struct assay_err             e     = { 0 };
	char                         ask[] = CLI_TABLE;

	if (p->tables != NULL) {
		cli_table_command("", "COMMAND [OPTION]... [ARGUMENT]...", "", &out);
		cli_table_option('V', "version", NULL, "the version", "1", &out);
	}
	if (app_print(&out, 0) != 0)
		return assay_class_exit(ASSAY_CLASS_INTERNAL);
	for (size_t i = 0; i < p->n; i++) {
		char  name[32];
		char *argv[] = { name, ask, NULL };
		int   status;

		snprintf(name, sizeof(name), "%s", p->commands[i].name);
		status = p->commands[i].run(&p->commands[i], 2, argv);
		if (status != 0)
			return status;
	}
	return p->tables == NULL || p->tables(&e) == ASSAY_OK ? 0 : app_fail(&e);
}

int app_main(const struct program *p, int argc, char **argv)
{
	struct assay_err e = { 0 };

	if (argc < 1) {
		err_set(&e, ASSAY_INPUT_OPTION, "which command? see assay --help");
		return app_fail(&e);
	}
	if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0 ||
		strcmp(argv[0], "help") == 0)
		return help(p);
	if (strcmp(argv[0], "--version") == 0 || strcmp(argv[0], "-V") == 0)
		return version();
	if (cli_table_asked(argv[0]))
		return tables(p);
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(argv[0], p->commands[i].name) == 0)
			return p->commands[i].run(&p->commands[i], argc, argv);
	if (p->other != NULL)
		p->other(argv[0], argv);
	err_set(&e, ASSAY_INPUT_OPTION, "no command \"%s\"; see assay --help",
		SHOW(bytes_text(argv[0])));
	return app_fail(&e);
}
