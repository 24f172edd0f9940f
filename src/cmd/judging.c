/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/judging.h"

#include <stdlib.h>

#include "appraise/nvtrust_policy.h"
#include "base/hex.h"
#include "base/show.h"
#include "collect/replay.h"

static enum assay_code take_nonce(void *ctx, const char *value, struct assay_err *e)
{
	struct judging *j = ctx;

	j->nonce_given = true;
	if (hex_fixed(bytes_text(value), j->nonce, sizeof(j->nonce), e) != ASSAY_OK)
		return err_set(e, ASSAY_INPUT_OPTION, "a nonce is 64 hexadecimal digits");
	return ASSAY_OK;
}

static enum assay_code take_expect(void *ctx, const char *value, struct assay_err *e)
{
	size_t gpus, switches;

	((struct judging *)ctx)->expect = value;
	return policy_expect(bytes_text(value), &gpus, &switches, e);
}

static enum assay_code take_format(void *ctx, const char *value, struct assay_err *e)
{
	struct judging *j = ctx;

	j->issue.nvattest = strcmp(value, "nvattest") == 0;
	j->format         = FORMAT_TEXT;
	return j->issue.nvattest ? ASSAY_OK : app_format_report(value, &j->format, e);
}

#define TAKE_FIELD(field, expression) CLI_TAKE(struct judging, field, o->field = (expression))

TAKE_FIELD(policy, value)
TAKE_FIELD(anchors, value)
TAKE_FIELD(verbose, true)
TAKE_FIELD(quiet, true)

const struct option_row judging_rows[] = {
	{ 'n', "nonce", "HEX", "the nonce that was sent to the devices, 64 hexadecimal digits",
		take_nonce, .once = true },
	{ 'e', "expect", "N+M", "there must be N GPUs and M switches", take_expect,
		.once = true },
	{ 'p', "policy", "FILE", "requirements and waivers, or a policy of nvtrust",
		take_policy, .once = true },
	{ 0, "anchors", "DIR", "test roots instead of NVIDIA's and Intel's", take_anchors,
		.once = true },
	{ 'f', "format", "text|json|html|nvattest",
		"text (default), json, html: one page, or nvattest", take_format },
	{ 'v', "verbose", NULL, "all that was checked, also what passed", take_verbose,
		.without = "--quiet --watch" },
	{ 'q', "quiet", NULL, "no report; the exit status tells", take_quiet },
};
const size_t judging_rows_n = ARRAY_LEN(judging_rows);

void judging_tell_ignored(void)
{
	static const struct {
		const char *name, *instead;
	} ignored[] = {
		{ "NV_DEVICE_ROOT_CERT", "--anchors DIR" },
		{ "NV_ALLOW_HOLD_CERT", "a waiver in --policy FILE" },
	};

	for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
		if (getenv(ignored[i].name) != NULL)
			fprintf(stderr, "assay: %s is ignored; use %s\n", ignored[i].name,
				ignored[i].instead);
}

/* Before anything is read or asked, and where its name is known. */
static enum assay_code check_policy(struct judging *j, struct assay_err *e)
{
	struct assay_options o = { 0 };
	int64_t              age;

	if (j->policy == NULL)
		return ASSAY_OK;
	judging_options(j, &o);
	return session_policy(&o, &age, e);
}

enum assay_code judging_read(struct judging *j, struct assay *a, struct assay_err *e)
{
	if (j->policy != NULL &&
		replay_file(j->policy, POLICY_FILE_MAX, &j->policy_text, e) != ASSAY_OK)
		return err_wrap(e, "--policy");
	if (check_policy(j, e) != ASSAY_OK)
		return err_wrap(e, "--policy: %s", SHOW(bytes_text(replay_name(j->policy))));
	TRY(issue_ready(&j->issue, nvtrust_policy_is(buf_bytes(&j->policy_text)), e));
	TRY(app_anchors(a, j->anchors, e));
	if (j->issue.key != NULL && issue_key(a, buf_bytes(&j->issue.pem), e) != ASSAY_OK)
		return err_wrap(
			e, "--token-key: %s", SHOW(bytes_text(replay_name(j->issue.key))));
	return ASSAY_OK;
}

void judging_options(struct judging *j, struct assay_options *out)
{
	out->nonce  = j->nonce_given ? j->nonce : NULL;
	out->expect = j->expect;
	out->claims = (int)j->issue.claims;
	out->iss    = j->issue.iss;
	if (j->policy != NULL) {
		out->policy = buf_cstr(&j->policy_text); /* not NULL, also of an empty file */
		out->policy_size = j->policy_text.n;
	}
}

static enum assay_code put_report(const struct judging *j, const struct assay *a,
	const struct assay_report *r, const struct judging_text *more, struct buf *out,
	struct assay_err *e)
{
	const struct report_style style = { .colour = j->output == NULL && app_colour(),
		.all = j->verbose && (more == NULL || more->before.n == 0) };
	const struct report_page  page  = {
		  .crypto   = &a->crypto,
		  .evidence = r->evidence == NULL ? NULL : &r->evidence->ev,
		  .policy   = j->policy == NULL ? NULL : replay_name(j->policy),
		  .notes    = more == NULL ? (struct bytes){ 0 } : more->behind,
	};

	switch (j->format) {
	case FORMAT_JSON:
		return report_json(&r->view, out, e);
	case FORMAT_HTML:
		return report_html(&r->view, &page, out, e);
	case FORMAT_TEXT:
		break;
	}
	if (more != NULL)
		buf_put(out, more->before.p, more->before.n);
	TRY(report_text(&r->view, &style, out, e));
	if (more != NULL)
		buf_put(out, more->behind.p, more->behind.n);
	return buf_ok(out, e);
}

int judging_print(const struct judging *j, const struct assay *a, const struct assay_report *r,
	const struct judging_text *more)
{
	CLEANUP(buf_done) struct buf out    = { 0 };
	struct assay_err             e      = { 0 };
	const int                    status = assay_class_exit(assay_report_verdict(r));

	if (j->quiet)
		return status;
	if (put_report(j, a, r, more, &out, &e) != ASSAY_OK)
		return app_fail(&e);
	return app_deliver(j->output, &out, status);
}

int judging_finish(const struct judging *j, const struct assay *a, const struct assay_report *r,
	const struct judging_text *more)
{
	CLEANUP(buf_done) struct buf out = { 0 };
	struct assay_err             e   = { 0 };
	enum assay_class             cls = assay_report_verdict(r);

	if (issue_write(&j->issue, a, r, &out, &e) != ASSAY_OK)
		return app_fail(&e);
	/* Who reads the one and not the other is not told yes by it. */
	if (j->issue.nvattest && cls == ASSAY_CLASS_ACCEPTED && !issue_agrees(r))
		cls = ASSAY_CLASS_UNDECIDED;
	if (j->quiet && j->issue.nvattest)
		return assay_class_exit(cls);
	return issue_replaces(&j->issue) ? app_print(&out, assay_class_exit(cls))
					 : judging_print(j, a, r, more);
}

int judging_refuse(const struct judging *j, struct assay *a, const struct assay_options *o,
	const struct assay_err *why)
{
	struct assay_report *r = NULL;
	struct assay_err     e = { 0 };
	enum assay_class     c = assay_class(why->code);
	int                  status;

	if (j->format == FORMAT_TEXT || c == ASSAY_CLASS_USAGE || c == ASSAY_CLASS_INTERNAL)
		return app_fail(why);
	if (assay_refuse(a, o, why, &r, &e) != ASSAY_OK)
		return app_fail(&e);
	status = judging_print(j, a, r, NULL);
	assay_report_free(r);
	return status;
}

void judging_done(struct judging *j)
{
	buf_done(&j->policy_text);
	issue_done(&j->issue);
}
