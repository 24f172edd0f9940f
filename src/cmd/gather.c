/* SPDX-License-Identifier: Apache-2.0
 *
 * assay gather: evidence to a bundle, with all the collateral that its verification will want. */
#include <time.h>
#include <unistd.h>

#include "base/show.h"
#include "base/utc.h"
#include "cmd/node.h"
#include "cmd/out.h"
#include "cmd/rims.h"
#include "collect/replay.h"

struct gather_options {
	struct online          online;
	struct rims_wish       wish;
	struct assay_evidence *ev;
	const char            *out, *chain, *anchors;
	bool                   check, at_given;
	int64_t                at;
	enum format            format;
};

#define TAKE_FIELD(field, expression) \
	CLI_TAKE(struct gather_options, field, o->field = (expression))

TAKE_FIELD(out, value)
TAKE_FIELD(chain, value)
TAKE_FIELD(anchors, value)
TAKE_FIELD(check, true)

static enum assay_code take_at(void *ctx, const char *value, struct assay_err *e)
{
	struct gather_options *o = ctx;

	o->at_given = true;
	return utc_parse(bytes_text(value), &o->at, e);
}

static enum assay_code take_format(void *ctx, const char *value, struct assay_err *e)
{
	return app_format(value, &((struct gather_options *)ctx)->format, e);
}

static const struct option_row rows[] = {
	{ 'o', "output", "BUNDLE", "where the bundle goes; standard output unless said",
		take_out, .once = true, .without = "--check" },
	{ 0, "chain", "FILE", "the PEM chain of a raw report", take_chain, .once = true,
		.without = "--check" },
	{ 0, "at", "TIME", "judge dates as of TIME, not now", take_at, .once = true,
		.without = "--check" },
	{ 0, "anchors", "DIR", "test roots instead of NVIDIA's and Intel's", take_anchors,
		.once = true },
	{ 0, "check", NULL, "no evidence: are there RIMs for these versions?", take_check },
	{ 'f', "format", "text|json", "with --check: text (default) or json", take_format,
		.with = "--check" },
};

static enum assay_code read_evidence(
	struct gather_options *o, char **files, int n, struct assay_err *e)
{
	TRY(app_evidence(o->ev, files, n, o->chain, e));
	if (o->ev->ev.devices == 0)
		return err_set(e, ASSAY_INPUT_OPTION, "there is no device in what was given");
	return ASSAY_OK;
}

/* One line that names what is not there; the reasons were said before. */
static int tell_missing(const struct evidence *ev)
{
	CLEANUP(buf_done) struct buf line = { 0 };
	size_t                       n    = 0;

	for (size_t i = 0; i < ev->missings; i++) {
		if (ev->missing[i].why == NULL)
			continue;
		buf_printf(&line, "%s%s", n++ == 0 ? "" : ", ",
			SHOW(bytes_text(ev->missing[i].want)));
	}
	if (n == 0)
		return 0;
	fprintf(stderr, "assay: could not be had: %s\n", buf_cstr(&line));
	return assay_class_exit(ASSAY_CLASS_UNDECIDED);
}

static int write_bundle(const struct gather_options *o)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	struct assay_err             e    = { 0 };
	const struct evidence       *ev   = &o->ev->ev;
	const char                  *to   = o->out == NULL ? "-" : o->out;

	if (evidence_write(ev, &text, &e) != ASSAY_OK ||
		out_file(to, buf_bytes(&text), &e) != ASSAY_OK)
		return app_fail(&e);
	if (strcmp(to, "-") != 0 && isatty(STDOUT_FILENO))
		printf("%s: %zu %s, %zu pieces of collateral\n", SHOW(bytes_text(to)),
			ev->devices, ev->devices == 1 ? "device" : "devices", ev->collaterals);
	return tell_missing(ev);
}

static int run(struct gather_options *o, struct assay *a, char **files, int n)
{
	struct gather_request r = { 0 };
	struct assay_err      e = { 0 };

	if (o->check == (n > 0)) {
		err_set(&e, ASSAY_INPUT_OPTION,
			o->check ? "gather --check takes no file" : "gather: which evidence?");
		return app_fail(&e);
	}
	if (o->check)
		o->online.no_cache = o->online.cache == NULL;
	if (app_anchors(a, o->anchors, &e) != ASSAY_OK ||
		(!o->check && read_evidence(o, files, n, &e) != ASSAY_OK) ||
		online_open(&o->online, a, o->anchors,
			o->at_given ? o->at : (int64_t)time(NULL), &r, &e) != ASSAY_OK)
		return app_fail(&e);
	if (o->check)
		return rims_check(&o->wish, &o->online, &r, o->format);
	r.marks = !o->at_given;
	if (gather(a, o->ev, &r, &e) != ASSAY_OK)
		return app_fail(&e);
	online_quiet(&o->online);
	return write_bundle(o);
}

int cmd_gather(const struct command *c, int argc, char **argv)
{
	CLEANUP(buf_done) struct buf help     = { 0 };
	struct gather_options        o        = { 0 };
	struct assay                *a        = NULL;
	struct assay_err             e        = { 0 };
	int                          first    = 0, status;
	const struct option_group    groups[] = {
		   { rows, ARRAY_LEN(rows), &o },
		   { online_rows, online_rows_n, &o.online },
		   { rims_rows, rims_rows_n, &o.wish },
	};

	if (cli_groups(c, groups, ARRAY_LEN(groups), argc, argv, &first, &help, &e) != ASSAY_OK)
		status = app_fail(&e);
	else if (help.n > 0)
		status = app_print(&help, 0);
	else if (assay_init(&a, &e) != ASSAY_OK || assay_evidence_new(&o.ev, &e) != ASSAY_OK)
		status = app_fail(&e);
	else
		status = run(&o, a, argv + first, argc - first);
	online_done(&o.online);
	assay_evidence_free(o.ev);
	assay_free(a);
	return status;
}
