/* SPDX-License-Identifier: Apache-2.0
 *
 * assay: the commands that need neither network nor devices. Others are sibling programs. */
#include "base/show.h"
#include "cmd/app.h"

const struct command commands[] = {
	{ "verify", "[OPTION]... FILE...", "Check evidence and print a verdict.", cmd_verify },
	{ "inspect", "[OPTION]... FILE...",
		"Decode anything that assay knows, without judging it.", cmd_inspect },
	{ "explain", "[OPTION]... [ID|CODE]...",
		"Say what a check or a code means, and what to do.", cmd_explain },
};
const size_t commands_n = ARRAY_LEN(commands);

static int help(void)
{
	CLEANUP(buf_done) struct buf out = { 0 };

	buf_text(&out, "assay COMMAND [OPTION]... [ARGUMENT]...\n\n");
	for (size_t i = 0; i < commands_n; i++)
		buf_printf(&out, "  %-10s %s\n", commands[i].name, commands[i].help);
	app_siblings(&out);
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

int main(int argc, char **argv)
{
	struct assay_err e = { 0 };

	cli_start();
	if (argc < 2) {
		err_set(&e, ASSAY_INPUT_OPTION, "which command? see assay --help");
		return app_fail(&e);
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
		strcmp(argv[1], "help") == 0)
		return help();
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
		return version();
	for (size_t i = 0; i < commands_n; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(&commands[i], argc - 1, argv + 1);
	app_sibling(argv[1], argv + 1);
	err_set(&e, ASSAY_INPUT_OPTION, "no command \"%s\"; see assay --help",
		SHOW(bytes_text(argv[1])));
	return app_fail(&e);
}
