/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/show.h"

#define HELP_LETTER 'h'
#define LONG_FIRST  256 /* of row 0 among the long options; letters are below */

void cli_start(void)
{
	static const int unusable[] = { O_WRONLY, O_RDONLY, O_RDONLY }; /* of 0, 1 and 2 */

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
			open("/dev/null", unusable[fd]) != fd)
			_exit(assay_class_exit(ASSAY_CLASS_INTERNAL));
	/* A limit on the size of files is an error of write() like a full disk, and no sudden end with half a file left. */
	signal(SIGXFSZ, SIG_IGN);
}

/* What getopt_long refused. optopt is a letter (of any sign), or what is behind LONG_FIRST for a long option that is
 * known, or 0 for one that is not: then its argument is the last that was taken. */
static enum assay_code wrong(
	int opt, const struct option *longs, char **argv, struct assay_err *e)
{
	const char *given = optopt == 0 ? argv[optind - 1] : "";
	size_t      n = strcspn(given, "="), fits = 0;

	if (optopt >= LONG_FIRST)
		return err_set(e, ASSAY_INPUT_OPTION, "option --%s %s",
			longs[optopt - LONG_FIRST].name,
			opt == ':' ? "wants a value" : "takes no value");
	if (optopt != 0)
		return err_set(e, ASSAY_INPUT_OPTION,
			opt == ':' ? "option -%s wants a value" : "unknown option -%s",
			SHOW(((struct bytes){ (const uint8_t[]){ (uint8_t)optopt }, 1 })));
	for (; n > 2 && longs->name != NULL; longs++)
		fits += strncmp(given + 2, longs->name, n - 2) == 0;
	return err_set(e, ASSAY_INPUT_OPTION,
		fits > 1 ? "option %s could be one of several" : "unknown option %s",
		SHOW(((struct bytes){ (const uint8_t *)given, n })));
}

struct row_of {
	const struct option_row *row;
	void                    *ctx;
};

/* All groups as one list, in their order. */
static size_t flatten(
	const struct option_group *groups, size_t n, struct row_of out[OPTIONS_MAX])
{
	size_t rows = 0;

	for (size_t g = 0; g < n; g++)
		for (size_t i = 0; i < groups[g].n; i++) {
			assert(rows < OPTIONS_MAX);
			out[rows++] = (struct row_of){ &groups[g].rows[i], groups[g].ctx };
		}
	return rows;
}

static void put_help(
	const struct command *c, const struct row_of *rows, size_t n, struct buf *out)
{
	buf_printf(out, "assay %s %s\n%s\n\n", c->name, c->args, c->help);
	for (size_t i = 0; i < n; i++) {
		const struct option_row *r = rows[i].row;
		char                     left[64];

		if (r->help == NULL)
			continue; /* another tool's spelling */
		snprintf(left, sizeof(left), r->optional ? "%s[=%s%s]" : "%s%s%s", r->name,
			r->value == NULL || r->optional ? "" : " ",
			r->value == NULL ? "" : r->value);
		if (r->letter != 0)
			buf_printf(out, "  -%c, --%-20s %s\n", r->letter, left, r->help);
		else
			buf_printf(out, "      --%-20s %s\n", left, r->help);
	}
	buf_printf(out, "  -h, --%-20s %s\n", "help", "this text");
}

bool cli_table_asked(const char *arg)
{
	return strcmp(arg, CLI_TABLE) == 0;
}

void cli_table_option(char letter, const char *name, const char *value, const char *help,
	const char *flags, struct buf *out)
{
	const char text[2] = { letter, 0 };

	buf_printf(out, "option\t%s\t%s\t%s\t%s\t%s\n", text, name, value == NULL ? "" : value,
		help, flags);
}

void cli_table_command(const char *name, const char *args, const char *help, struct buf *out)
{
	buf_printf(out, "command\t%s\t%s\t%s\n", name, args, help);
	cli_table_option(HELP_LETTER, "help", NULL, "this text", "1", out);
}

static void put_table(
	const struct command *c, const struct row_of *rows, size_t n, struct buf *out)
{
	cli_table_command(c->name, c->args, c->help, out);
	for (size_t i = 0; i < n; i++) {
		const struct option_row *r = rows[i].row;

		if (r->help != NULL)
			cli_table_option(r->letter, r->name, r->value, r->help,
				r->optional                           ? "=1"
					: r->once || r->value == NULL ? "1"
								      : "",
				out);
	}
}

/* "a, b or c" of "a|b|c" */
static void put_words(const char *words, struct buf *out)
{
	for (size_t n; words != NULL; words = words[n] == 0 ? NULL : words + n + 1) {
		n = strcspn(words, "|");
		buf_printf(out, "%.*s%s", (int)n, words,
			words[n] == 0                                ? ""
				: strchr(words + n + 1, '|') != NULL ? ", "
								     : " or ");
	}
}

/* Words in full are all that there are. */
static enum assay_code one_of(const char *words, const char *value, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf all = { 0 };
	const size_t                 len = strlen(value);

	if (strchr(words, '|') == NULL || strchr(words, ',') != NULL)
		return ASSAY_OK;
	for (const char *w = words; w != NULL; w = strchr(w, '|')) {
		w += *w == '|';
		if (strcspn(w, "|") == len && strncmp(w, value, len) == 0)
			return ASSAY_OK;
	}
	put_words(words, &all);
	return err_set(e, ASSAY_INPUT_OPTION, "%s, not \"%s\"", buf_cstr(&all),
		SHOW(bytes_text(value)));
}

static enum assay_code take(const struct row_of *of, bool *seen, struct assay_err *e)
{
	if (of->row->once && *seen)
		return err_set(e, ASSAY_INPUT_OPTION, "option --%s twice", of->row->name);
	*seen = true;
	if (of->row->value != NULL && optarg != NULL &&
		one_of(of->row->value, optarg, e) != ASSAY_OK)
		return err_wrap(e, "--%s", of->row->name);
	if (of->row->take(of->ctx, optarg, e) != ASSAY_OK)
		return err_wrap(e, "--%s", of->row->name);
	return ASSAY_OK;
}

struct given { /* what stands on the command line */
	const struct row_of *rows;
	const bool          *seen;
	size_t               n;
	const char          *word; /* the first argument; NULL: none */
};

/* The first word of a list that is there, in out with its end; false when none is. */
static bool find_given(const struct given *g, const char *list, char out[32])
{
	for (size_t len; *list != 0; list += len + (list[len] == ' ')) {
		len = strcspn(list, " ");
		snprintf(out, 32, "%.*s", (int)len, list);
		if (out[0] != '-') {
			if (g->word != NULL && strcmp(g->word, out) == 0)
				return true;
			continue;
		}
		for (size_t i = 0; i < g->n; i++)
			if (g->seen[i] && strcmp(g->rows[i].row->name, out + 2) == 0)
				return true;
	}
	return false;
}

/* An option that would do nothing is a mistake about what the command does. */
static enum assay_code check_sense(const struct given *g, struct assay_err *e)
{
	char word[32];

	for (size_t i = 0; i < g->n; i++) {
		const struct option_row *r = g->rows[i].row;

		if (!g->seen[i])
			continue;
		if (r->with != NULL && !find_given(g, r->with, word)) {
			CLEANUP(buf_done) struct buf all = { 0 };

			for (const char *p = r->with; *p != 0; p++)
				buf_text(&all, *p == ' ' ? ", " : (const char[]){ *p, 0 });
			return err_set(e, ASSAY_INPUT_OPTION,
				"option --%s means nothing here; it is for: %s", r->name,
				buf_cstr(&all));
		}
		if (r->without != NULL && find_given(g, r->without, word))
			return err_set(e, ASSAY_INPUT_OPTION,
				"option --%s means nothing beside %s", r->name, word);
	}
	return ASSAY_OK;
}

enum assay_code cli_groups(const struct command *c, const struct option_group *groups,
	size_t groups_n, int argc, char **argv, int *first, struct buf *help,
	struct assay_err *e)
{
	struct row_of rows[OPTIONS_MAX];
	struct option longs[OPTIONS_MAX + 2]      = { 0 };
	char          shorts[3 * OPTIONS_MAX + 3] = ":h";
	bool          seen[OPTIONS_MAX]           = { 0 };
	const size_t  n                           = flatten(groups, groups_n, rows);
	int           opt;

	for (size_t i = 0; i < n; i++) {
		const struct option_row *r = rows[i].row;

		longs[i] = (struct option){ r->name,
			r->optional                ? optional_argument
				: r->value != NULL ? required_argument
						   : no_argument,
			NULL, LONG_FIRST + (int)i };
		if (r->letter != 0)
			sprintf(shorts + strlen(shorts), "%c%s", r->letter,
				r->optional                ? "::"
					: r->value != NULL ? ":"
							   : "");
	}
	longs[n] = (struct option){ "help", optional_argument, NULL, LONG_FIRST + (int)n };
	optind   = 0;
	opterr   = 0;
	while ((opt = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		size_t i = (size_t)(opt - LONG_FIRST);

		if (opt == '?' || opt == ':')
			return wrong(opt, longs, argv, e);
		if (opt == HELP_LETTER || i == n) {
			if (optarg == NULL)
				put_help(c, rows, n, help);
			else if (strcmp(optarg, strchr(CLI_TABLE, '=') + 1) == 0)
				put_table(c, rows, n, help);
			else
				return err_set(
					e, ASSAY_INPUT_OPTION, "option --help takes no value");
			return buf_ok(help, e);
		}
		for (size_t k = 0; opt < LONG_FIRST && k < n; k++)
			if (rows[k].row->letter == opt)
				i = k;
		TRY(take(&rows[i], &seen[i], e));
	}
	*first = optind;
	return check_sense(
		&(struct given){ rows, seen, n, optind < argc ? argv[optind] : NULL }, e);
}

enum assay_code cli_options(const struct command *c, const struct option_row *rows, size_t n,
	int argc, char **argv, void *ctx, int *first, struct buf *help, struct assay_err *e)
{
	return cli_groups(
		c, &(struct option_group){ rows, n, ctx }, 1, argc, argv, first, help, e);
}

int cli_fail(const char *who, const struct assay_err *e)
{
	fprintf(stderr, "%s: %s\n", who, assay_err_text(e));
	return assay_class_exit(assay_class(e->code));
}

int cli_print(const char *who, const struct buf *text, int status)
{
	if ((text->n > 0 && fwrite(text->p, 1, text->n, stdout) != text->n) ||
		fflush(stdout) != 0) {
		fprintf(stderr, "%s: standard output: %s\n", who, strerror(errno));
		return assay_class_exit(ASSAY_CLASS_INTERNAL);
	}
	return status;
}
