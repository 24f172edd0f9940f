/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/program.h"

#include <stdio.h>

#include "base/show.h"

#define WHO "assay"

static int help(const struct program *p)
{
	CLEANUP(buf_done) struct buf out = { 0 };

	buf_text(&out, "assay COMMAND [OPTION]... [ARGUMENT]...\n\n");
	if (p->list != NULL)
		p->list(&out);
	for (size_t i = 0; i < p->n; i++)
		buf_printf(&out, "  %-10s %s\n", p->commands[i].name, p->commands[i].help);
	buf_text(&out,
		"\nassay COMMAND --help tells the options; assay --version the version.\n");
	return cli_print(WHO, &out, 0);
}

static int version(void)
{
	CLEANUP(buf_done) struct buf out = { 0 };

	buf_text(&out, "assay " ASSAY_VERSION "\n");
	return cli_print(WHO, &out, 0);
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
	if (cli_print(WHO, &out, 0) != 0)
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
	return p->tables == NULL || p->tables(&e) == ASSAY_OK ? 0 : cli_fail(WHO, &e);
}

static int run(const struct program *p, int argc, char **argv)
{
	struct assay_err e = { 0 };

	if (argc < 1) {
		err_set(&e, ASSAY_INPUT_OPTION, "which command? see assay --help");
		return cli_fail(WHO, &e);
	}
	if (strcmp(argv[0], "help") == 0 && argc > 1) {
		char  option[] = "--help";
		char *of[]     = { argv[1], option, NULL, NULL };

		if (strcmp(argv[1], argv[0]) == 0)
			return run(p, 1, of);
		if (argc > 2) { /* of a command's command: sim run, token verify */
			of[1] = argv[2];
			of[2] = option;
		}
		return run(p, argc > 2 ? 3 : 2, of);
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
		p->other(argv[0], argv, &e);
	if (e.code == ASSAY_OK)
		err_set(&e, ASSAY_INPUT_OPTION, "no command \"%s\"; see assay --help",
			SHOW(bytes_text(argv[0])));
	return cli_fail(WHO, &e);
}

int program_main(const struct program *p, int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const char *name  = slash != NULL ? slash + 1 : argc > 0 ? argv[0] : "";

	cli_start();
	if (p->file != NULL && argc > 0 && strcmp(name, p->file) != 0)
		return run(p, argc, argv);
	return run(p, argc - 1, argv + 1);
}
