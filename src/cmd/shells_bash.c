/* SPDX-License-Identifier: Apache-2.0
 *
 * For bash: the tables as two functions, and one that reads the line that is typed. It needs nothing of the package
 * bash-completion. */
#include "cmd/shells.h"

static const char *const kind_names[] = {
	[KIND_NONE]    = "none",
	[KIND_WORDS]   = "words",
	[KIND_LIST]    = "list",
	[KIND_FILE]    = "files",
	[KIND_FOLDER]  = "folders",
	[KIND_FAULT]   = "fault",
	[KIND_EXPLAIN] = "explain",
	[KIND_COMMAND] = "program",
};

static const char top[] = "# bash completion for assay; \"assay completion bash\" prints it.\n";

static const char reader[] =
	"\n"
	"# _assay_offer KIND WORDS CURRENT PROGRAM BEFORE: into COMPREPLY; BEFORE is put in front of each.\n"
	"_assay_offer()\n"
	"{\n"
	"	local words=$2 cur=$3 program=${4-} before=${5-}\n"
	"\n"
	"	case $1 in\n"
	"	list)\n"
	"		compopt -o nospace 2>/dev/null\n"
	"		[[ $cur != *,* ]] || { before+=${cur%,*}, cur=${cur##*,}; }\n"
	"		;;\n"
	"	fault) words=$(\"$program\" sim faults --names 2>/dev/null | cut -d ' ' -f 1) ;;\n"
	"	explain) words=$(\"$program\" explain 2>/dev/null | cut -d ' ' -f 1) ;;\n"
	"	esac\n"
	"	case $1 in\n"
	"	files | folders)\n"
	"		compopt -o filenames 2>/dev/null\n"
	"		if [[ $1 == files ]]; then\n"
	"			mapfile -t COMPREPLY < <(compgen -P \"$before\" -f -- \"$cur\")\n"
	"		else\n"
	"			mapfile -t COMPREPLY < <(compgen -P \"$before\" -d -- \"$cur\")\n"
	"		fi\n"
	"		;;\n"
	"	program) mapfile -t COMPREPLY < <(compgen -c -- \"$cur\") ;;\n"
	"	none) ;;\n"
	"	*) mapfile -t COMPREPLY < <(compgen -P \"$before\" -W \"$words\" -- \"$cur\") ;;\n"
	"	esac\n"
	"}\n"
	"\n"
	"_assay()\n"
	"{\n"
	"	local options valued words under kind word cur before='' path='' of='' ended='' behind=0 n i\n"
	"	local program=${1/#\\~\\//$HOME/}\n"
	"	local -a typed=()\n"
	"\n"
	"	COMPREPLY=()\n"
	"	# bash cuts --name=value at the =\n"
	"	for ((i = 1; i <= COMP_CWORD; i++)); do\n"
	"		word=${COMP_WORDS[i]}\n"
	"		n=$((${#typed[@]} - 1))\n"
	"		if ((n >= 0)) && [[ (${typed[n]} == --?* && ${typed[n]} != *=* && $word == =) ||\n"
	"			(${typed[n]} == --*= && ${COMP_WORDS[i - 1]} == =) ]]; then\n"
	"			typed[n]+=$word\n"
	"		else\n"
	"			typed+=(\"$word\")\n"
	"		fi\n"
	"	done\n"
	"	n=$((${#typed[@]} - 1))\n"
	"	((n >= 0)) || return 0\n"
	"	cur=${typed[n]}\n"
	"	_assay_command ''\n"
	"	for word in \"${typed[@]:0:n}\"; do\n"
	"		if [[ -n $of ]]; then\n"
	"			of=\n"
	"		elif [[ -z $ended && $word == -- ]]; then\n"
	"			ended=1\n"
	"		elif [[ -z $ended && $word == -?* ]]; then\n"
	"			[[ \" $valued \" != *\" $word \"* ]] || of=$word\n"
	"		elif [[ \" $under \" == *\" $word \"* ]]; then\n"
	"			path+=${path:+ }$word\n"
	"			_assay_command \"$path\"\n"
	"		else\n"
	"			behind=$((behind + 1))\n"
	"			words=\n"
	"		fi\n"
	"	done\n"
	"	if [[ -z $of && -z $ended && $cur == --*=* ]]; then\n"
	"		of=${cur%%=*}\n"
	"		[[ $COMP_WORDBREAKS == *=* ]] || before=$of=\n"
	"		cur=${cur#*=}\n"
	"	fi\n"
	"	if [[ -n $of ]]; then\n"
	"		_assay_value \"$path $of\"\n"
	"		_assay_offer \"$kind\" \"$words\" \"$cur\" \"$program\" \"$before\"\n"
	"	elif [[ -z $ended && $cur == -* ]]; then\n"
	"		_assay_offer words \"$options\" \"$cur\"\n"
	"	elif [[ -n $under && $behind -gt 0 ]]; then\n"
	"		:\n"
	"	elif [[ -n $under ]]; then\n"
	"		_assay_offer words \"$under\" \"$cur\"\n"
	"	elif [[ -n $words ]]; then\n"
	"		_assay_offer words \"$words\" \"$cur\"\n"
	"	elif [[ $kind != program ]]; then\n"
	"		_assay_offer \"$kind\" '' \"$cur\" \"$program\"\n"
	"	elif [[ -n $ended ]]; then\n"
	"		((behind == 0)) || kind=files\n"
	"		_assay_offer \"$kind\" '' \"$cur\" \"$program\"\n"
	"	fi\n"
	"}\n"
	"\n"
	"complete -F _assay assay\n";

static void put_names(const struct told *t, bool valued, struct buf *out)
{
	const char *blank = "";

	for (size_t i = 0; i < t->options; i++) {
		const struct told_option *o = &t->option[i];

		if (valued && (o->value[0] == 0 || o->optional))
			continue;
		if (o->name[0] != 0) {
			buf_printf(out, "%s--%s", blank, o->name);
			blank = " ";
		}
		/* a letter is offered when there is no name for it */
		if (o->letter[0] != 0 && (valued || o->name[0] == 0)) {
			buf_printf(out, "%s-%s", blank, o->letter);
			blank = " ";
		}
	}
}

static void put_command(const struct shells *s, const struct told *t, struct buf *out)
{
	const struct told *under;
	const char        *word = NULL;
	bool               any  = false;

	buf_printf(out, "\t'%s')\n\t\toptions='", t->name);
	put_names(t, false, out);
	buf_text(out, "'\n\t\tvalued='");
	put_names(t, true, out);
	buf_text(out, "'\n");
	for (size_t i = 0; (under = shells_under(s, t->name, i, &word)) != NULL; i++) {
		buf_printf(out, "%s%s", any ? " " : "\t\tunder='", word);
		any = true;
	}
	buf_text(out, any ? "'\n" : "");
	if (!any && t->words > 0) {
		for (size_t i = 0; i < t->words; i++)
			buf_printf(out, "%s%s", i == 0 ? "\t\twords='" : " ", t->word[i].name);
		buf_text(out, "'\n");
	}
	if (!any && t->kind != KIND_NONE)
		buf_printf(out, "\t\tkind=%s\n", kind_names[t->kind]);
	buf_text(out, "\t\t;;\n");
}

static void put_value(const struct told *t, const struct told_option *o, struct buf *out)
{
	CLEANUP(buf_done) struct buf words = { 0 };
	const enum kind              kind  = shells_kind(o->value, &words);

	if (kind == KIND_NONE)
		return;
	buf_text(out, "\t");
	if (o->name[0] != 0)
		buf_printf(
			out, "'%s --%s'%s", t->name, o->name, o->letter[0] != 0 ? " | " : "");
	if (o->letter[0] != 0)
		buf_printf(out, "'%s -%s'", t->name, o->letter);
	buf_printf(out, ") kind=%s", kind_names[kind]);
	if (words.n > 0)
		buf_printf(out, " words='%s'", buf_cstr(&words));
	buf_text(out, " ;;\n");
}

void shells_bash(const struct shells *s, struct buf *out)
{
	buf_text(out, top);
	buf_text(out,
		"\n# A command: its options, those that want a value, the commands under it, its arguments.\n"
		"_assay_command()\n{\n\toptions='' valued='' under='' words='' kind=none\n\tcase $1 in\n");
	for (size_t i = 0; i < s->n; i++)
		put_command(s, &s->command[i], out);
	buf_text(out,
		"\tesac\n}\n\n# An option of a command: what its value may be.\n"
		"_assay_value()\n{\n\twords='' kind=none\n\tcase $1 in\n");
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->command[i].options; k++)
			put_value(&s->command[i], &s->command[i].option[k], out);
	buf_text(out, "\tesac\n}\n");
	buf_text(out, reader);
}
