/* SPDX-License-Identifier: Apache-2.0
 *
 * assay attest: this machine's devices to a verdict, and the GPUs let in when it is yes; once, or again and again. */
#include "attest/attest.h"

#include <stdlib.h>
#include <time.h>

#include "base/show.h"
#include "cmd/guest.h"
#include "cmd/judging.h"
#include "cmd/node.h"
#include "cmd/online.h"
#include "cmd/out.h"
#include "cmd/progress.h"
#include "cmd/starting.h"
#include "cmd/watch.h"
#include "report/steps.h"

#define SECONDS_MAX 3600

struct attest_options {
	struct judging        judging;
	struct online         online;
	struct guest_options  guest;
	struct attest_request r;
	const char           *out; /* where the bundle goes; NULL: nowhere */
	int64_t               watch_s;
	struct assay         *a;
	struct gather_request gather;
	struct progress       progress;
};

static enum assay_code take_profile(void *ctx, const char *value, struct assay_err *e)
{
	static const char *const names[] = {
		[ATTEST_AUTO]   = "auto",
		[ATTEST_SINGLE] = "single",
		[ATTEST_PPCIE]  = "ppcie",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(value, names[i]) == 0) {
			((struct attest_options *)ctx)->r.profile = (enum attest_profile)i;
			return ASSAY_OK;
		}
	return err_set(e, ASSAY_INPUT_OPTION, "auto, single or ppcie, not \"%s\"",
		SHOW(bytes_text(value)));
}

static enum assay_code take_seconds(const char *value, int *ms, struct assay_err *e)
{
	char  *end;
	double n = strtod(value, &end);

	if (end == value || *end != 0 || !(n >= 0.1 && n <= SECONDS_MAX))
		return err_set(e, ASSAY_INPUT_OPTION, "seconds, from 0.1 to %d", SECONDS_MAX);
	*ms = (int)(n * 1000);
	return ASSAY_OK;
}

static enum assay_code take_call(void *ctx, const char *value, struct assay_err *e)
{
	return take_seconds(value, &((struct attest_options *)ctx)->r.call_ms, e);
}

static enum assay_code take_total(void *ctx, const char *value, struct assay_err *e)
{
	return take_seconds(value, &((struct attest_options *)ctx)->r.total_ms, e);
}

static enum assay_code take_watch(void *ctx, const char *value, struct assay_err *e)
{
	return watch_interval(value, &((struct attest_options *)ctx)->watch_s, e);
}

static enum assay_code take_no_ready(void *ctx, const char *value, struct assay_err *e)
{
	(void)value;
	(void)e;
	((struct attest_options *)ctx)->r.ready = false;
	return ASSAY_OK;
}

static enum assay_code take_extend(void *ctx, const char *value, struct assay_err *e)
{
	(void)value;
	(void)e;
	((struct attest_options *)ctx)->r.extend = true;
	return ASSAY_OK;
}

static enum assay_code take_opa(void *ctx, const char *value, struct assay_err *e)
{
	((struct attest_options *)ctx)->r.opa = value;
	return http_address(value, false, false, e);
}

static enum assay_code take_out(void *ctx, const char *value, struct assay_err *e)
{
	(void)e;
	((struct attest_options *)ctx)->out = value;
	return ASSAY_OK;
}

static const struct option_row rows[] = {
	{ 0, "profile", "auto|single|ppcie",
		"auto (default), single: 1 GPU, ppcie: 8 GPUs and 4 switches", take_profile,
		.once = true },
	{ 0, "no-ready", NULL, "leave the GPUs' ready state alone", take_no_ready },
	{ 0, "extend", NULL, "at boot: RTMR3 with what was found, for later verifiers",
		take_extend },
	{ 'w', "watch", "TIME", "attest again and again: 15min, 1h", take_watch, .once = true },
	{ 0, "opa", "URL", "an Open Policy Agent that must say yes, too", take_opa,
		.once = true },
	{ 'o', "output", "FILE", "keep evidence and collateral as a bundle", take_out,
		.once = true },
	{ 0, "call-timeout", "SECONDS", "for one call of a vendor's library, 5 unless said",
		take_call, .once = true },
	{ 0, "device-timeout", "SECONDS", "for all devices' evidence, 20 unless said",
		take_total, .once = true },
};

/* ---- one attestation ---- */

static enum assay_code write_bundle(
	const struct attest_options *o, const struct attest_result *a, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };

	if (o->out == NULL || a->evidence == NULL)
		return ASSAY_OK;
	TRY(evidence_write(&a->evidence->ev, &text, e));
	return out_file(o->out, buf_bytes(&text), e);
}

static void put_gate(const struct attest_result *a, struct buf *out)
{
	static const char *const names[] = { "not known", "NOT READY", "READY" };

	if (a->gate)
		buf_printf(out, "GPUs: %s (before: %s)\n", names[a->ready.after + 1],
			names[a->ready.before + 1]);
}

static int print(const struct attest_options *o, const struct attest_result *a)
{
	CLEANUP(buf_done) struct buf before = { 0 }, behind = { 0 };
	struct assay_err             e = { 0 };

	if (o->judging.verbose && steps_text(&a->report->facts, &before, &e) != ASSAY_OK)
		return app_fail(&e);
	if (before.n > 0)
		buf_byte(&before, '\n');
	if (a->extended)
		buf_text(&behind, "RTMR3: has this verdict\n");
	put_gate(a, &behind);
	return judging_finish(&o->judging, o->a, a->report,
		&(struct judging_text){ buf_bytes(&before), buf_bytes(&behind) });
}

/* Where the log says the rest. */
static int only_token(const struct attest_options *o, const struct attest_result *a)
{
	struct judging quiet = o->judging;

	quiet.quiet = true;
	return judging_finish(&quiet, o->a, a->report, NULL);
}

/* e is filled where there is no report, or the bundle could not be written. */
static int attest_and_print(
	struct attest_options *o, struct attest_result *out, bool text, struct assay_err *e)
{
	struct assay_err starts = { 0 };
	int              status;

	if (starting(&starts) != ASSAY_OK)
		o->r.starting = &starts;
	progress_start(&o->progress, o->judging.quiet);
	attest(o->a, &o->r, out, e);
	o->r.starting = NULL;
	progress_end(&o->progress);
	online_quiet(&o->online);
	if (out->report == NULL || e->code != ASSAY_OK)
		return assay_class_exit(assay_class(e->code));
	status = text ? print(o, out) : only_token(o, out);
	return write_bundle(o, out, e) == ASSAY_OK ? status
						   : assay_class_exit(assay_class(e->code));
}

static void tell_shut(const struct ready_said *said)
{
	if (said->after == 0 && said->before != 0)
		fputs("assay: the GPUs accept no work from now on\n", stderr);
	else if (said->after != 0 && said->why.code != ASSAY_LIBRARY)
		fprintf(stderr, "assay: warning: the GPUs may still accept work: %s\n",
			assay_err_text(&said->why));
}

/* What has begun and can come to no verdict leaves no GPU open by an earlier one. While the GPUs are being brought up the
 * driver is not to be asked, for this neither (environment NEVER-06). */
static void abandon(const struct attest_options *o)
{
	struct assay_err  starts = { 0 };
	struct ready_said said;

	if (!o->r.ready || starting(&starts) != ASSAY_OK)
		return;
	attest_abandon(&o->r, &said);
	tell_shut(&said);
}

static int once(struct attest_options *o)
{
	struct attest_result a      = { 0 };
	struct assay_options asked  = { .now = (int64_t)time(NULL) };
	struct assay_err     e      = { 0 };
	int                  status = attest_and_print(o, &a, true, &e);

	if (e.code != ASSAY_OK && a.report == NULL && a.gate)
		tell_shut(&a.ready);
	if (e.code != ASSAY_OK && a.report != NULL)
		status = app_fail(&e);
	else if (e.code != ASSAY_OK)
		status = judging_refuse(&o->judging, o->a, &asked, &e);
	attest_result_done(&a);
	return status;
}

/* Each round's report for programs; for people the log says what there is to say. A bundle that cannot be written is no
 * reason to watch no longer. */
static int again(void *ctx, struct attest_result *out, struct assay_err *e)
{
	struct attest_options *o = ctx;
	const bool programs = o->judging.format == FORMAT_JSON || o->judging.issue.nvattest;
	const int  status   = attest_and_print(o, out, programs && !o->judging.quiet, e);

	if (e->code == ASSAY_OK || out->report == NULL ||
		assay_class(e->code) == ASSAY_CLASS_INTERNAL)
		return status;
	app_fail(e);
	*e = (struct assay_err){ 0 };
	return status;
}

/* ---- the command ---- */

static enum assay_code prepare(struct attest_options *o, struct assay_err *e)
{
	judging_tell_ignored();
	TRY(assay_init(&o->a, e));
	TRY(judging_read(&o->judging, o->a, e));
	judging_options(&o->judging, &o->r.options);
	TRY(guest_options_read(&o->guest, e));
	o->r.root                     = o->guest.root;
	o->r.qgs                      = o->guest.qgs;
	o->r.td_ms                    = o->guest.ms;
	o->r.options.channel_key      = o->guest.spki.p;
	o->r.options.channel_key_size = o->guest.spki.n;
	TRY(issue_apart(&o->judging.issue, o->out, e));
	if (o->watch_s > 0 && o->r.extend)
		return err_set(e, ASSAY_INPUT_OPTION,
			"--extend is for once at boot, and --watch for again and again");
	if (o->watch_s > 0 && o->judging.format == FORMAT_HTML)
		return err_set(e, ASSAY_INPUT_OPTION,
			"--format html is one page, and --watch goes on; --format json is for it");
	if (o->watch_s > 0 && o->r.options.nonce != NULL)
		return err_set(e, ASSAY_INPUT_OPTION,
			"--watch draws a nonce for each round; leave out --nonce");
	TRY(online_open(
		&o->online, o->a, o->judging.anchors, (int64_t)time(NULL), &o->gather, e));
	o->gather.marks = true;
	o->r.gather     = &o->gather;
	o->r.progress   = progress_say;
	o->r.ctx        = &o->progress;
	return ASSAY_OK;
}

static int run(struct attest_options *o)
{
	const struct assay_options asked = { .now = (int64_t)time(NULL) };
	struct assay_err           e     = { 0 };

	if (prepare(o, &e) != ASSAY_OK) {
		abandon(o);
		return judging_refuse(&o->judging, o->a, &asked, &e);
	}
	if (o->r.ready && !o->judging.quiet)
		starting_tell_forgetful();
	if (o->watch_s == 0)
		return once(o);
	return watch(&(struct watch_request){ o->watch_s, again, o });
}

int cmd_attest(const struct command *c, int argc, char **argv)
{
	CLEANUP(buf_done) struct buf help     = { 0 };
	struct attest_options        o        = { .r.ready = true };
	struct assay_err             e        = { 0 };
	int                          first    = 0, status;
	const struct option_group    groups[] = {
		   { rows, ARRAY_LEN(rows), &o },
		   { judging_rows, judging_rows_n, &o.judging },
		   { issue_rows, issue_rows_n, &o.judging.issue },
		   { guest_rows, guest_rows_n, &o.guest },
		   { online_rows, online_rows_n, &o.online },
	};

	if (cli_groups(c, groups, ARRAY_LEN(groups), argc, argv, &first, &help, &e) !=
		ASSAY_OK) {
		status = app_fail(&e);
	} else if (help.n > 0) {
		status = app_print(&help, 0);
	} else if (first < argc) {
		err_set(&e, ASSAY_INPUT_OPTION,
			"attest asks this machine's devices and takes no file; assay verify does");
		status = app_fail(&e);
	} else {
		status = run(&o);
	}
	online_done(&o.online);
	judging_done(&o.judging);
	guest_options_done(&o.guest);
	assay_free(o.a);
	return status;
}
