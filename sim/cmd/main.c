/* SPDX-License-Identifier: Apache-2.0
 *
 * assay-sim: the emulated platform. */
#include "base/show.h"
#include "cmd/sim.h"

static const struct command commands[] = {
	{ "sim up", "[OPTION]...", "Run an emulated platform until Ctrl-C.", cmd_up },
	{ "sim run", "[OPTION]... -- COMMAND...",
		"Run a command inside one; its exit status is the command's.", cmd_run },
	{ "sim env", "[--state DIR]", "The variables by which programs find it, for eval.",
		cmd_env },
	{ "sim ctl", "[--state DIR] WORD...", "Change a running one.", cmd_ctl },
	{ "sim faults", "[--names|--page]", "List the faults that can be built in.",
		cmd_faults },
};

#define VERB 4 /* behind "sim " */

static int help(void)
{
	CLEANUP(buf_done) struct buf out = { 0 };

	buf_text(&out,
		"assay sim COMMAND [OPTION]...\n"
		"An emulated confidential-computing platform, under test anchors.\n\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		buf_printf(&out, "  %-8s %s\n", commands[i].name + VERB, commands[i].help);
	buf_text(&out, "\nassay sim COMMAND --help tells the options.\n");
	return cli_print(WHO, &out, 0);
}

static int tables(void)
{
	CLEANUP(buf_done) struct buf out    = { 0 };
	char                         name[] = "sim", ask[] = CLI_TABLE;
	int                          status;

	cli_table_command("sim", "COMMAND [OPTION]...", "An emulated platform.", &out);
	status = cli_print(WHO, &out, 0);
	for (size_t i = 0; i < ARRAY_LEN(commands) && status == 0; i++)
		status = commands[i].run(&commands[i], 2, (char *[]){ name, ask, NULL });
	return status;
}

int main(int argc, char **argv)
{
	struct assay_err e = { 0 };

	cli_start();
	if (argc < 2) {
		err_set(&e, ASSAY_INPUT_OPTION, "which command? see assay sim --help");
		return cli_fail(WHO, &e);
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
		strcmp(argv[1], "help") == 0)
		return help();
	if (cli_table_asked(argv[1]))
		return tables();
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(argv[1], commands[i].name + VERB) == 0)
			return commands[i].run(&commands[i], argc - 1, argv + 1);
	err_set(&e, ASSAY_INPUT_OPTION, "no command \"%s\"; see assay sim --help",
		SHOW(bytes_text(argv[1])));
	return cli_fail(WHO, &e);
}
