/* SPDX-License-Identifier: Apache-2.0
 *
 * The gallery of faults: as a table, as names for scripts, or as the page docs/faults.md. */
#include "cmd/sim.h"

enum shape { SHAPE_TABLE, SHAPE_NAMES, SHAPE_PAGE };

static enum assay_code take_names(void *ctx, const char *value, struct assay_err *e)
{
	(void)value;
	(void)e;
	*(enum shape *)ctx = SHAPE_NAMES;
	return ASSAY_OK;
}

static enum assay_code take_page(void *ctx, const char *value, struct assay_err *e)
{
	(void)value;
	(void)e;
	*(enum shape *)ctx = SHAPE_PAGE;
	return ASSAY_OK;
}

static const struct option_row rows[] = {
	{ 0, "names", NULL, "one NAME PROFILE a line, without what must be accepted",
		take_names, .without = "--page" },
	{ 0, "page", NULL, "as the page docs/faults.md", take_page },
};

/* A row that is no attack: it must be let pass. */
static bool harmless(const struct sim_fault *f)
{
	return f->exit == 0;
}

static void put_row(const struct sim_fault *f, enum shape shape, struct buf *out)
{
	const char *finding = f->finding[0] == '\0' ? "-" : f->finding;

	if (shape == SHAPE_NAMES)
		buf_printf(out, "%s %s\n", f->name, f->profile);
	else if (shape == SHAPE_TABLE)
		buf_printf(out, "%-26s %-6s  exit %d  %-28s %-24s %s\n", f->name, f->profile,
			f->exit, finding, f->stage, f->attack);
	else if (harmless(f))
		buf_printf(out, "| `%s` | %s | %s |\n", f->name, f->stage, f->attack);
	else
		buf_printf(out, "| `%s` | %s | %s | `%s` | %d |\n", f->name, f->stage,
			f->attack, finding, f->exit);
}

static void put_rows(const char *profile, bool which, enum shape shape, struct buf *out)
{
	const struct sim_fault *f;

	for (size_t i = 0; (f = sim_fault_at(i)) != NULL; i++)
		if (harmless(f) == which &&
			(profile == NULL || strcmp(f->profile, profile) == 0))
			put_row(f, shape, out);
}

#define HEAD \
	"| Fault | Strikes | What is done | What finds it | Exit |\n|---|---|---|---|---|\n"

static void put_page(struct buf *out)
{
	buf_text(out,
		"# The gallery of attacks\n\n"
		"Each row is a fault that the emulated platform can be given: `assay sim run "
		"--fault NAME -- COMMAND`, several at\nonce if you like. It says what an "
		"attacker, or an accident, does; which check must notice (`assay explain "
		"CHECK`); and\nthe exit status: 1 rejected, 3 undecided, 4 unavailable, 5 not "
		"ready, 6 malformed. This page is printed by\n`assay sim faults --page`.\n\n"
		"## One GPU\n\n" HEAD);
	put_rows("single", false, SHAPE_PAGE, out);
	buf_text(out, "\n## Eight GPUs and four switches\n\n" HEAD);
	put_rows("ppcie", false, SHAPE_PAGE, out);
	buf_text(out,
		"\n## Not attacks\n\nUnusual, and accepted all the same: that is as much "
		"part of the trade.\n\n| Fault | Strikes | What is done |\n|---|---|---|\n");
	put_rows(NULL, true, SHAPE_PAGE, out);
}

int cmd_faults(const struct command *c, int argc, char **argv)
{
	CLEANUP(buf_done) struct buf out   = { 0 };
	enum shape                   shape = SHAPE_TABLE;
	struct assay_err             e     = { 0 };
	int                          first = argc;

	if (cli_options(c, rows, ARRAY_LEN(rows), argc, argv, &shape, &first, &out, &e) !=
		ASSAY_OK)
		return cli_fail(WHO, &e);
	if (out.n == 0 && first < argc) {
		err_set(&e, ASSAY_INPUT_OPTION, "sim faults takes no arguments");
		return cli_fail(WHO, &e);
	}
	if (out.n == 0 && shape == SHAPE_PAGE)
		put_page(&out);
	else if (out.n == 0)
		put_rows(NULL, false, shape, &out);
	if (buf_ok(&out, &e) != ASSAY_OK)
		return cli_fail(WHO, &e);
	return cli_print(WHO, &out, 0);
}
