/* SPDX-License-Identifier: Apache-2.0
 *
 * For fish: a line an option. */
#include "cmd/shells.h"

static void put_text(const char *text, struct buf *out)
{
	buf_text(out, "'");
	for (; *text != 0; text++)
		buf_printf(out, "%s%c", *text == '\'' || *text == '\\' ? "\\" : "", *text);
	buf_text(out, "'");
}

static void put_action(enum kind kind, const char *words, struct buf *out)
{
	switch (kind) {
	case KIND_WORDS:
		buf_printf(out, " -x -a '%s'", words);
		break;
	case KIND_LIST:
		buf_printf(out, " -x -a '(__fish_append , %s)'", words);
		break;
	case KIND_FILE:
		buf_text(out, " -r -F");
		break;
	case KIND_FOLDER:
		buf_text(out, " -x -a '(__fish_complete_directories (commandline -ct))'");
		break;
	case KIND_FAULT:
		buf_text(out,
			" -x -a '(assay sim faults --names 2>/dev/null | string replace -r \" .*\" \"\")'");
		break;
	case KIND_EXPLAIN:
		buf_text(out,
			" -a '(assay explain 2>/dev/null | string replace -r \" .*\" \"\")'");
		break;
	case KIND_COMMAND:
		buf_text(out, " -a '(__fish_complete_subcommand)'");
		break;
	case KIND_NONE:
		buf_text(out, " -x");
		break;
	}
}

static void put_option(const struct told *t, const struct told_option *o, struct buf *out)
{
	CLEANUP(buf_done) struct buf words = { 0 };
	const enum kind              kind  = shells_kind(o->value, &words);

	buf_printf(out, "complete -c assay -n '__assay_in %s'", t->name);
	if (o->letter[0] != 0)
		buf_printf(out, " -s %s", o->letter);
	if (o->name[0] != 0)
		buf_printf(out, " -l %s", o->name);
	if (o->value[0] != 0 && !o->optional)
		put_action(kind, buf_cstr(&words), out);
	buf_text(out, " -d ");
	put_text(o->help, out);
	buf_text(out, "\n");
}

static void put_command(const struct shells *s, const struct told *t, struct buf *out)
{
	const struct told *under;
	const char        *word = NULL;
	bool               over = false;

	buf_printf(out, "\n# assay%s%s\n", t->name[0] == 0 ? "" : " ", t->name);
	for (size_t i = 0; (under = shells_under(s, t->name, i, &word)) != NULL; i++) {
		buf_printf(
			out, "complete -c assay -n '__assay_at %s' -a %s -d ", t->name, word);
		put_text(under->help, out);
		buf_text(out, "\n");
		over = true;
	}
	for (size_t i = 0; i < t->options; i++)
		put_option(t, &t->option[i], out);
	for (size_t i = 0; i < t->words && !over; i++) {
		buf_printf(out, "complete -c assay -n '__assay_at %s' -a %s", t->name,
			t->word[i].name);
		if (t->word[i].help[0] != 0) {
			buf_text(out, " -d ");
			put_text(t->word[i].help, out);
		}
		buf_text(out, "\n");
	}
	if (!over && t->kind != KIND_NONE) {
		buf_printf(out, "complete -c assay -n '__assay_in %s'", t->name);
		put_action(t->kind, "", out);
		buf_text(out, "\n");
	}
}

void shells_fish(const struct shells *s, struct buf *out)
{
	buf_text(out,
		"# fish completion for assay; \"assay completion fish\" prints it.\n\n"
		"# What is typed so far without options: exactly these words?\n"
		"function __assay_at\n"
		"\tset -l typed (commandline -opc | string match -v -- '-*')\n"
		"\ttest \"$typed[2..-1]\" = \"$argv\"\n"
		"end\n\n"
		"# And does it begin with them? Without any: is there no command yet?\n"
		"function __assay_in\n"
		"\tset -l typed (commandline -opc | string match -v -- '-*')\n"
		"\tif test (count $argv) -eq 0\n"
		"\t\ttest (count $typed) -le 1\n"
		"\t\treturn\n"
		"\tend\n"
		"\ttest (count $typed) -gt (count $argv)\n"
		"\tand test \"$typed[2..\"(math (count $argv) + 1)\"]\" = \"$argv\"\n"
		"end\n\n"
		"complete -c assay -f\n");
	for (size_t i = 0; i < s->n; i++)
		put_command(s, &s->command[i], out);
}
