/* SPDX-License-Identifier: Apache-2.0
 *
 * assay tdx learn: the policy that a guest one trusts would pass. */
#include "appraise/learn.h"
#include "base/show.h"
#include "cmd/app.h"
#include "cmd/core.h"
#include "collect/replay.h"

struct learning {
	const char *eventlog, *description;
};

static enum assay_code take_eventlog(void *ctx, const char *value, struct assay_err *e)
{
	(void)e;
	((struct learning *)ctx)->eventlog = value;
	return ASSAY_OK;
}

static enum assay_code take_description(void *ctx, const char *value, struct assay_err *e)
{
	(void)e;
	((struct learning *)ctx)->description = value;
	return ASSAY_OK;
}

static const struct option_row rows[] = {
	{ 0, "eventlog", "FILE", "the guest's event log (CCEL data), for a raw quote",
		take_eventlog, .once = true },
	{ 0, "description", "TEXT", "what the policy says of itself", take_description,
		.once = true },
};

static enum assay_code read_files(struct assay_evidence *ev, const struct learning *l,
	char **files, int n, struct assay_err *e)
{
	if (l->eventlog != NULL)
		TRY(app_events(ev, l->eventlog, e));
	return app_evidence(ev, files, n, NULL, e);
}

static enum assay_code run(struct assay_evidence *ev, const struct learning *l, char **files,
	int n, struct buf *out, struct assay_err *e)
{
	struct assay   *a = NULL;
	enum assay_code code;

	TRY(assay_init(&a, e));
	code = read_files(ev, l, files, n, e);
	if (code == ASSAY_OK)
		code = learn(&a->crypto, &ev->ev,
			l->description != NULL ? l->description : "learnt by assay tdx learn",
			out, e);
	assay_free(a);
	return code;
}

int cmd_tdx(const struct command *c, int argc, char **argv)
{
	CLEANUP(buf_done) struct buf out = { 0 }, help = { 0 };
	struct assay_evidence       *ev    = NULL;
	struct learning              l     = { 0 };
	struct assay_err             e     = { 0 };
	int                          first = 0;
	enum assay_code              code;

	if (cli_options(c, rows, ARRAY_LEN(rows), argc, argv, &l, &first, &help, &e) !=
		ASSAY_OK)
		return app_fail(&e);
	if (help.n > 0)
		return app_print(&help, 0);
	if (argc - first < 1 || strcmp(argv[first], "learn") != 0)
		err_set(&e, ASSAY_INPUT_OPTION, "tdx: learn is the word that it knows");
	else if (argc - first < 2)
		err_set(&e, ASSAY_INPUT_OPTION, "tdx learn: which file?");
	if (e.code != ASSAY_OK)
		return app_fail(&e);
	code = assay_evidence_new(&ev, &e);
	if (code == ASSAY_OK)
		code = run(ev, &l, argv + first + 1, argc - first - 1, &out, &e);
	assay_evidence_free(ev);
	if (code != ASSAY_OK)
		return app_fail(&e);
	fputs("assay: learnt without being judged; see that assay verify accepts this evidence\n",
		stderr);
	return app_print(&out, 0);
}
