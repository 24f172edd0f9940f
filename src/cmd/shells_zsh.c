/* SPDX-License-Identifier: Apache-2.0
 *
 * For zsh: a function a command, in the words of _arguments. */
#include "cmd/shells.h"

#include <string.h>

/* Text inside quotes and inside [ ] or a list: what would end either is marked. */
static void put_text(const char *text, struct buf *out)
{
	for (; *text != 0; text++) {
		if (*text == '\'')
			buf_text(out, "'\\''");
		else
			buf_printf(
				out, "%s%c", strchr("[]:\\", *text) != NULL ? "\\" : "", *text);
	}
}

/* "verify", or "sim_up" of "sim up" */
static void put_function(const char *name, struct buf *out)
{
	for (; *name != 0; name++)
		buf_printf(out, "%c", *name == ' ' ? '_' : *name);
}

/* What _arguments calls an action. */
static void put_action(enum kind kind, struct buf *words, struct buf *out)
{
	switch (kind) {
	case KIND_WORDS:
		buf_printf(out, "(%s)", buf_cstr(words));
		break;
	case KIND_LIST:
		buf_printf(out, "_values -s , value %s", buf_cstr(words));
		break;
	case KIND_FILE:
		buf_text(out, "_files");
		break;
	case KIND_FOLDER:
		buf_text(out, "_files -/");
		break;
	case KIND_FAULT:
		buf_text(out, "_assay_faults");
		break;
	case KIND_EXPLAIN:
		buf_text(out, "_assay_explained");
		break;
	case KIND_COMMAND:
		buf_text(out, "_normal");
		break;
	case KIND_NONE:
		buf_text(out, " ");
		break;
	}
}

static void put_option(const struct told_option *o, struct buf *out)
{
	CLEANUP(buf_done) struct buf words  = { 0 };
	const enum kind              kind   = shells_kind(o->value, &words);
	const bool                   both   = o->name[0] != 0 && o->letter[0] != 0;
	const char                  *letter = o->optional ? "-" : o->value[0] != 0 ? "+" : "";
	const char                  *name   = o->optional ? "=-" : o->value[0] != 0 ? "=" : "";

	buf_text(out, " \\\n\t\t");
	if (!o->once)
		buf_text(out, "'*'");
	else if (both)
		buf_printf(out, "'(-%s --%s)'", o->letter, o->name);
	if (both)
		buf_printf(out, "{-%s%s,--%s%s}'", o->letter, letter, o->name, name);
	else if (o->name[0] != 0)
		buf_printf(out, "'--%s%s", o->name, name);
	else
		buf_printf(out, "'-%s%s", o->letter, letter);
	buf_text(out, "[");
	put_text(o->help, out);
	buf_text(out, "]");
	if (o->value[0] != 0) {
		buf_text(out, o->optional ? "::" : ":");
		put_text(kind == KIND_WORDS || kind == KIND_LIST ? "value" : o->value, out);
		buf_text(out, ":");
		put_action(kind, &words, out);
	}
	buf_text(out, "'");
}

static void put_word(const char *name, const char *help, struct buf *out)
{
	buf_printf(out, " %s", name);
	if (help[0] == 0)
		return;
	buf_text(out, "\\:\"");
	for (; *help != 0; help++) /* inside (( )) a word is quoted once more */
		buf_printf(out,
			*help == '\''                             ? "'\\''"
				: strchr("\"\\`$", *help) != NULL ? "\\%c"
								  : "%c",
			*help);
	buf_text(out, "\"");
}

/* A command that has others below it. */
static void put_parent(const struct shells *s, const struct told *t, struct buf *out)
{
	const struct told *under;
	const char        *word = NULL;

	buf_text(out, " \\\n\t\t'1:command:((");
	for (size_t i = 0; (under = shells_under(s, t->name, i, &word)) != NULL; i++)
		put_word(word, under->help, out);
	buf_text(out,
		"))' \\\n\t\t'*::argument:->rest' && return\n"
		"\tcase $state in\n\trest)\n\t\tcase $words[1] in\n");
	for (size_t i = 0; (under = shells_under(s, t->name, i, &word)) != NULL; i++) {
		buf_printf(out, "\t\t%s) _assay_", word);
		put_function(under->name, out);
		buf_text(out, " ;;\n");
	}
	buf_text(out, "\t\tesac\n\t\t;;\n\tesac\n");
}

static void put_command(const struct shells *s, const struct told *t, struct buf *out)
{
	CLEANUP(buf_done) struct buf none = { 0 };
	const char                  *word = NULL;
	const bool                   over = shells_under(s, t->name, 0, &word) != NULL;

	buf_text(out, t->name[0] == 0 ? "\n_assay" : "\n_assay_");
	put_function(t->name, out);
	buf_text(out, "()\n{\n");
	if (over)
		buf_text(out,
			"\tlocal curcontext=$curcontext state line\n"
			"\tlocal -A opt_args\n\n");
	buf_printf(out, "\t_arguments %s-s -S", over ? "-C " : "");
	for (size_t i = 0; i < t->options; i++)
		put_option(&t->option[i], out);
	if (over) {
		put_parent(s, t, out);
	} else {
		if (t->words > 0) {
			buf_text(out, " \\\n\t\t'1:word:((");
			for (size_t i = 0; i < t->words; i++)
				put_word(t->word[i].name, t->word[i].help, out);
			buf_text(out, "))'");
		}
		if (t->kind != KIND_NONE) {
			buf_text(out,
				t->kind == KIND_COMMAND ? " \\\n\t\t'*::command:"
							: " \\\n\t\t'*:argument:");
			put_action(t->kind, &none, out);
			buf_text(out, "'");
		}
		buf_text(out, "\n");
	}
	buf_text(out, "}\n");
}

void shells_zsh(const struct shells *s, struct buf *out)
{
	buf_text(out,
		"#compdef assay\n"
		"# zsh completion for assay; \"assay completion zsh\" prints it.\n\n"
		"_assay_faults()\n{\n"
		"\tlocal -a names=(${${(f)\"$(_call_program faults assay sim faults --names)\"}%% *})\n\n"
		"\tcompadd \"$@\" -a names\n}\n\n"
		"_assay_explained()\n{\n"
		"\tlocal -a names=(${${(f)\"$(_call_program ids assay explain)\"}%% *})\n\n"
		"\tcompadd \"$@\" -a names\n}\n");
	for (size_t i = 0; i < s->n; i++)
		put_command(s, &s->command[i], out);
	buf_text(out, "\n_assay \"$@\"\n");
}
