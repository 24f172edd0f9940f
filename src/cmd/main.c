/* SPDX-License-Identifier: Apache-2.0
 *
 * assay: the commands that need neither network nor devices. Others are sibling programs. */
#include "cmd/app.h"
#include "cmd/sibling.h"

static const struct command commands[] = {
	{ "verify", "[OPTION]... FILE...", "Check evidence and print a verdict.", cmd_verify },
	{ "inspect", "[OPTION]... FILE...",
		"Decode anything that assay knows, without judging it.", cmd_inspect },
	{ "token", "show|verify [OPTION]... FILE",
		"Show a token, or check who made it and what it says.", cmd_token },
	{ "tdx", "learn [OPTION]... FILE...",
		"Write the policy that a TDX guest one trusts would pass.", cmd_tdx },
	{ "explain", "[OPTION]... [ID|CODE]...",
		"Say what a check or a code means, and what to do.", cmd_explain },
	{ "completion", "[OPTION]... bash|zsh|fish",
		"Print what lets a shell complete these commands.", cmd_completion },
};

static const struct program assay = { commands, ARRAY_LEN(commands), sibling_list, sibling_run,
	sibling_tables };

int main(int argc, char **argv)
{
	cli_start();
	return app_main(&assay, argc - 1, argv + 1);
}
