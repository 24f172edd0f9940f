/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/shells.h"

#include <string.h>

/* What a word in capitals stands for; another stands for free text. */
static const struct {
	const char *name;
	enum kind   kind;
} kinds[] = {
	{ "FILE", KIND_FILE },
	{ "PATH", KIND_FILE },
	{ "BUNDLE", KIND_FILE },
	{ "EVIDENCE", KIND_FILE },
	{ "PUB", KIND_FILE },
	{ "DIR", KIND_FOLDER },
	{ "FAULT", KIND_FAULT },
	{ "ID|CODE", KIND_EXPLAIN },
	{ "COMMAND", KIND_COMMAND },
};

enum kind shells_kind(const char *value, struct buf *words)
{
	static const char list[] = ",...";
	const size_t      n      = strlen(value);
	const bool   many = n > sizeof(list) && strcmp(value + n - sizeof(list) + 1, list) == 0;
	const size_t len  = many ? n - sizeof(list) + 1 : n;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].name, value) == 0)
			return kinds[i].kind;
	if (memchr(value, '|', len) == NULL)
		return KIND_NONE;
	for (size_t i = 0; i < len; i++)
		buf_printf(words, "%c", value[i] == '|' ? ' ' : value[i]);
	return many ? KIND_LIST : KIND_WORDS;
}

/* ---- the lines ---- */

/* "[OPTION]... plan|apply FILE...": words in small letters are what the first argument may be, one in capitals says what
 * the others are. What is in brackets and begins with an option is told with the options. */
static void read_args(struct told *t, char *args)
{
	static const char brackets[] = "[].";
	bool              inside     = false;
	char             *rest = NULL, *more = NULL;

	for (char *w = strtok_r(args, " ", &rest); w != NULL; w = strtok_r(NULL, " ", &rest)) {
		const bool ends = strchr(w, ']') != NULL;

		if (inside || strncmp(w, "[-", 2) == 0) {
			inside = !ends;
			continue;
		}
		w += strspn(w, brackets);
		w[strcspn(w, brackets)] = 0;
		if (strcmp(w, "OPTION") == 0 || w[0] == '-' || w[0] == 0)
			continue;
		if (w[0] < 'a' || w[0] > 'z') {
			CLEANUP(buf_done) struct buf unused = { 0 };

			t->kind = shells_kind(w, &unused);
			continue;
		}
		for (char *one = strtok_r(w, "|", &more); one != NULL && t->words < TOLD_WORDS;
			one    = strtok_r(NULL, "|", &more))
                        t->word[t->words++] = (struct told_word){ one, "" };
	}
}

#define FIELDS 6

static bool read_line(char *field[FIELDS], struct shells *out)
{
	struct told *t = out->n == 0 ? NULL : &out->command[out->n - 1];

	if (strcmp(field[0], "command") == 0 && out->n < TOLD_COMMANDS) {
		t  = &out->command[out->n++];
		*t = (struct told){ .name = field[1], .args = field[2], .help = field[3] };
		read_args(t, field[2]);
		return true;
	}
	if (strcmp(field[0], "option") == 0 && t != NULL && t->options < TOLD_OPTIONS) {
		t->option[t->options++] = (struct told_option){ field[1], field[2], field[3],
			field[4], strchr(field[5], '=') != NULL,
			strchr(field[5], '1') != NULL };
		return true;
	}
	if (strcmp(field[0], "word") == 0 && t != NULL && t->words < TOLD_WORDS) {
		t->word[t->words++] = (struct told_word){ field[1], field[2] };
		return true;
	}
	return false;
}

enum assay_code shells_read(char *text, struct shells *out, struct assay_err *e)
{
	static char nothing[] = "";

	for (char *line; (line = strsep(&text, "\n")) != NULL && line[0] != 0;) {
		char *field[FIELDS];

		for (size_t i = 0; i < FIELDS; i++) {
			field[i] = strsep(&line, "\t");
			if (field[i] == NULL)
				field[i] = nothing;
		}
		if (!read_line(field, out))
			return err_set(
				e, ASSAY_INTERNAL, "the table of options: \"%s\"", field[0]);
	}
	return ASSAY_OK;
}

const struct told *shells_under(
	const struct shells *s, const char *name, size_t i, const char **word)
{
	const size_t len = strlen(name);

	for (size_t k = 0; k < s->n; k++) {
		const char *full = s->command[k].name;

		if (strncmp(full, name, len) != 0 || full[len] != (len == 0 ? full[0] : ' '))
			continue;
		full += len + (len > 0);
		if (full[0] == 0 || strchr(full, ' ') != NULL || i-- > 0)
			continue;
		*word = full;
		return &s->command[k];
	}
	return NULL;
}
