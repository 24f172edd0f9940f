/* SPDX-License-Identifier: Apache-2.0
 *
 * assay verify: files to a verdict. */
#include <time.h>

#include "base/hex.h"
#include "base/show.h"
#include "base/utc.h"
#include "cmd/core.h"
#include "cmd/judging.h"
#include "cmd/marks.h"
#include "collect/replay.h"
#include "format/pcs_text.h"
#include "format/qe_identity.h"
#include "format/rim_reply.h"
#include "format/tcb_info.h"

#define FOLDER_FILES 1024

/* Collateral in files, by its first byte: '<' is a RIM, or '{' a service's reply with one, 0x30 an OCSP response or a CRL, '{' a document of Intel's, '-' its
 * chain or a CRL in PEM, '3' a CRL in digits. */
struct loose {
	const char *path, *option, *what;
	const char *first; /* any of these */
};

struct verify_options {
	struct judging         judging;
	struct assay_evidence *ev;
	const char            *chain, *eventlog, *channel_key, *marks;
	struct marking        *marking;
	struct loose          *loose; /* read when all options are known */
	size_t                 loose_n;
	bool                   at_given, as_recorded, reportdata_given;
	uint8_t                reportdata[ASSAY_REPORTDATA];
	struct buf             key; /* of the channel: SubjectPublicKeyInfo */
	int64_t                at;
};

static enum assay_code take_at(void *ctx, const char *value, struct assay_err *e)
{
	struct verify_options *o = ctx;

	o->at_given = true;
	return utc_parse(bytes_text(value), &o->at, e);
}

static enum assay_code take_rim(void *ctx, const char *value, struct assay_err *e)
{
	struct verify_options *o = ctx;

	(void)e;
	o->loose[o->loose_n++] = (struct loose){ value, "--rim", "RIM", "<{" };
	return ASSAY_OK;
}

static enum assay_code take_ocsp(void *ctx, const char *value, struct assay_err *e)
{
	struct verify_options *o = ctx;

	(void)e;
	o->loose[o->loose_n++] = (struct loose){ value, "--ocsp", "OCSP response", "\x30" };
	return ASSAY_OK;
}

static enum assay_code take_collateral(void *ctx, const char *value, struct assay_err *e)
{
	struct verify_options *o = ctx;

	(void)e;
	o->loose[o->loose_n++] = (struct loose){ value, "--collateral", "collateral of Intel's",
		"{-\x30"
		"3" };
	return ASSAY_OK;
}

static enum assay_code take_reportdata(void *ctx, const char *value, struct assay_err *e)
{
	struct verify_options *o = ctx;

	o->reportdata_given = true;
	if (hex_fixed(bytes_text(value), o->reportdata, sizeof(o->reportdata), e) != ASSAY_OK)
		return err_set(e, ASSAY_INPUT_OPTION,
			"REPORTDATA is 128 hexadecimal digits; what is shorter has zeros behind it");
	return ASSAY_OK;
}

#define TAKE_FIELD(field, expression) \
	CLI_TAKE(struct verify_options, field, o->field = (expression))

CLI_TAKE(struct verify_options, output, o->judging.output = value)
TAKE_FIELD(chain, value)
TAKE_FIELD(eventlog, value)
TAKE_FIELD(channel_key, value)
TAKE_FIELD(marks, value)
TAKE_FIELD(as_recorded, true)

static const struct option_row rows[] = {
	{ 0, "at", "TIME", "judge as of TIME (2026-11-23T07:15:00Z or 2026-11-23), not now",
		take_at, .once = true },
	{ 0, "as-recorded", NULL, "take nonce and time from the bundle: a replay, not fresh",
		take_as_recorded },
	{ 0, "chain", "FILE", "the PEM chain of a raw report", take_chain, .once = true },
	{ 0, "rim", "PATH", "a RIM, or a folder of them; may be repeated", take_rim },
	{ 0, "ocsp", "PATH", "an OCSP response, or a folder of them; may be repeated",
		take_ocsp },
	{ 0, "collateral", "PATH",
		"Intel's collateral for a quote: a file, that of dcap-qvl, or a folder; may be repeated",
		take_collateral },
	{ 0, "eventlog", "FILE", "the guest's event log (CCEL data), for a raw quote",
		take_eventlog, .once = true },
	{ 0, "channel-key", "PUB", "the public key that the quote must be bound to, PEM or DER",
		take_channel_key, .once = true },
	{ 0, "reportdata", "HEX",
		"the REPORTDATA that a guest alone was asked with, 128 hexadecimal digits",
		take_reportdata, .once = true },
	{ 0, "marks", "FILE",
		"refuse collateral older than what held before, and remember: a file, or - for the cache",
		take_marks, .once = true },
	{ 'o', "output", "FILE", "where the report goes; standard output unless said",
		take_output, .once = true },
};

struct taking {
	struct assay_evidence *ev;
	const struct loose    *l;
};

/* By the members that make it one; the verifier reads it. */
static bool intel_json(struct bytes body)
{
	static const char *const members[] = { "\"" TCB_INFO_NAME "\"",
		"\"" QE_IDENTITY_NAME "\"", "\"tcb_info_issuer_chain\"" };

	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (memmem(body.p, body.n, members[i], strlen(members[i])) != NULL)
			return true;
	return false;
}

static bool begins(const struct bytes *body, const struct loose *l)
{
	if (body->n == 0 || body->p[0] == 0 || strchr(l->first, (char)body->p[0]) == NULL)
		return false;
	if (body->p[0] == '{')
		return l->first[0] == '<' ? rim_reply_like(*body) : intel_json(*body);
	return body->p[0] != '3' || pcs_text_hex(*body);
}

/* In a folder, files of other kinds are passed over. */
static enum assay_code take_of_folder(
	void *ctx, const char *name, struct bytes body, struct assay_err *e)
{
	const struct taking *t = ctx;

	if (!begins(&body, t->l))
		return ASSAY_OK;
	return assay_evidence_add_collateral(t->ev, name, body.p, body.n, e);
}

/* What was given in the place of collateral, where that helps. */
static const char *instead(const struct loose *l, struct bytes body)
{
	static const struct {
		struct bytes begin;
		const char  *option, *member, *what;
	} others[] = {
		{ BYTES("\xef\xbb\xbf"), "", "",
			": it begins with a byte order mark; save it without" },
		{ BYTES("{"), "--collateral", "\"tcbLevels\"",
			": the envelope around it is missing; wanted is the service's whole reply, with \"signature\"" },
		{ BYTES("{"), "--collateral", "",
			": none of \"tcbInfo\", \"enclaveIdentity\", \"tcb_info_issuer_chain\" is in it" },
		{ BYTES("-----BEGIN"), "--ocsp", "", ": it is PEM; DER is wanted" },
	};

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (bytes_begin(body, others[i].begin) &&
			bytes_begin(bytes_text(l->option), bytes_text(others[i].option)) &&
			memmem(body.p, body.n, others[i].member, strlen(others[i].member)) !=
				NULL)
			return others[i].what;
	return "";
}

static enum assay_code add_loose(
	struct assay_evidence *ev, const struct loose *l, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf body = { 0 };
	const char                  *name = strrchr(l->path, '/');

	if (replay_is_folder(l->path))
		return replay_folder(l->path, COLLATERAL_BODY, FOLDER_FILES, take_of_folder,
			&(struct taking){ ev, l }, e);
	TRY(replay_file(l->path, COLLATERAL_BODY, &body, e));
	if (!begins(&(struct bytes){ body.p, body.n }, l))
		return err_set(e, ASSAY_INPUT_KIND, "%s is no %s%s",
			SHOW(bytes_text(replay_name(l->path))), l->what,
			instead(l, buf_bytes(&body)));
	return assay_evidence_add_collateral(
		ev, name == NULL ? l->path : name + 1, body.p, body.n, e);
}

/* The event log and the channel key, each a file of its own. */
static enum assay_code add_guest(struct verify_options *o, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf key = { 0 };

	if (o->eventlog != NULL)
		TRY(app_events(o->ev, o->eventlog, e));
	if (o->channel_key == NULL)
		return ASSAY_OK;
	if (replay_file(o->channel_key, BINDING_KEY_FILE, &key, e) != ASSAY_OK)
		return err_wrap(e, "--channel-key");
	if (binding_key_read(buf_bytes(&key), &o->key, e) != ASSAY_OK)
		return err_wrap(
			e, "--channel-key: %s", SHOW(bytes_text(replay_name(o->channel_key))));
	return ASSAY_OK;
}

static bool has_guest(const struct evidence *ev)
{
	size_t i = 0;

	while (i < ev->devices && ev->device[i].kind != DEVICE_TDX)
		i++;
	return i < ev->devices;
}

static enum assay_code add_files(
	struct verify_options *o, char **files, int n, struct assay_err *e)
{
	for (size_t i = 0; i < o->loose_n; i++)
		if (add_loose(o->ev, &o->loose[i], e) != ASSAY_OK)
			return err_wrap(e, "%s", o->loose[i].option);
	TRY(add_guest(o, e));
	TRY(app_evidence(o->ev, files, n, o->chain, e));
	if (o->eventlog != NULL && !has_guest(&o->ev->ev))
		return err_set(e, ASSAY_INPUT_OPTION,
			"--eventlog is a TDX guest's, and no file here has its quote");
	return ASSAY_OK;
}

/* Nonce and time: the caller's, or with --as-recorded the bundle's; then the report says that it is historic. */
static enum assay_code when(
	struct verify_options *o, struct assay_options *out, struct assay_err *e)
{
	uint8_t nonce[ASSAY_NONCE];
	int     nonce_given = 0, recorded;
	int64_t made        = 0;

	recorded = assay_evidence_recorded(o->ev, nonce, &nonce_given, &made);
	if (o->as_recorded && recorded != 0 && nonce_given != 0 && !o->judging.nonce_given) {
		memcpy(o->judging.nonce, nonce, sizeof(nonce));
		o->judging.nonce_given = true;
	}
	out->historic = o->at_given || (o->as_recorded && recorded != 0);
	out->now      = o->at_given ? o->at : out->historic ? made : (int64_t)time(NULL);
	judging_options(&o->judging, out);

	out->reportdata       = o->reportdata_given ? o->reportdata : NULL;
	out->channel_key      = o->key.p;
	out->channel_key_size = o->key.n;
	if (o->as_recorded && recorded == 0)
		return err_set(e, ASSAY_INPUT_OPTION,
			"--as-recorded: the files record neither nonce nor time");
	return ASSAY_OK;
}

/* A verdict that could not be remembered is none: who asks for marks must not get one that holds no mark. */
static int finish(
	struct verify_options *o, struct assay *a, const struct assay_report *r, int64_t now)
{
	struct assay_err e = { 0 };

	if (o->marking != NULL && marks_keep(o->marking, a, r, now, &e) != ASSAY_OK)
		return app_fail(&e);
	return judging_finish(&o->judging, a, r, NULL);
}

static int judge(struct verify_options *o, struct assay *a, char **files, int n)
{
	struct assay_options options = { 0 };
	struct assay_report *r       = NULL;
	struct assay_err     e = { 0 }, none = { 0 };
	int                  status;

	if (judging_read(&o->judging, a, &e) != ASSAY_OK ||
		add_files(o, files, n, &e) != ASSAY_OK) {
		when(o, &options, &none);
		return judging_refuse(&o->judging, a, &options, &e);
	}
	if (when(o, &options, &e) != ASSAY_OK ||
		(o->marks != NULL && marks_open(a, o->marks, &o->marking, &e) != ASSAY_OK))
		return app_fail(&e);
	if (assay_verify(a, o->ev, &options, &r, &e) != ASSAY_OK)
		return judging_refuse(&o->judging, a, &options, &e);
	status = finish(o, a, r, options.now);
	assay_report_free(r);
	return status;
}

/* Is there a report for --output? */
static enum assay_code check_output(const struct judging *j, struct assay_err *e)
{
	if (j->output != NULL && j->quiet)
		return err_set(e, ASSAY_INPUT_OPTION, "--output, with --quiet and no report?");
	if (j->output != NULL && issue_replaces(&j->issue))
		return err_set(e, ASSAY_INPUT_OPTION,
			"--output is for the report, and here %s takes its place",
			j->issue.nvattest ? "--format nvattest" : "--token -");
	return issue_apart(&j->issue, j->output, e);
}

/* Of another time nothing may be remembered. Goes on in another program, where the store is. */
static enum assay_code check_marks(
	const struct verify_options *o, char **argv, struct assay_err *e)
{
	if (o->marks == NULL)
		return ASSAY_OK;
	if (o->at_given || o->as_recorded)
		return err_set(e, ASSAY_INPUT_OPTION,
			"--marks is for what is judged now, not with --at or --as-recorded");
	return marks_here(argv, e);
}

static int run(struct verify_options *o, char **files, int n)
{
	struct assay    *a = NULL;
	struct assay_err e = { 0 };
	int              status;

	if (check_output(&o->judging, &e) != ASSAY_OK)
		return app_fail(&e);
	if (n == 0) {
		err_set(&e, ASSAY_INPUT_OPTION, "verify: which file?");
		return app_fail(&e);
	}
	judging_tell_ignored();
	status = assay_init(&a, &e) == ASSAY_OK ? judge(o, a, files, n) : app_fail(&e);
	assay_free(a);
	return status;
}

int cmd_verify(const struct command *c, int argc, char **argv)
{
	CLEANUP(buf_done) struct buf help     = { 0 };
	struct verify_options        o        = { 0 };
	struct assay_err             e        = { 0 };
	int                          first    = 0, status;
	const struct option_group    groups[] = {
		   { rows, ARRAY_LEN(rows), &o },
		   { judging_rows, judging_rows_n, &o.judging },
		   { issue_rows, issue_rows_n, &o.judging.issue },
	};

	/* no more than there are arguments */
	o.loose = mem_new((size_t)argc, sizeof(*o.loose));
	if (o.loose == NULL)
		err_no_memory(&e);
	if (o.loose == NULL || assay_evidence_new(&o.ev, &e) != ASSAY_OK ||
		cli_groups(c, groups, ARRAY_LEN(groups), argc, argv, &first, &help, &e) !=
			ASSAY_OK)
		status = app_fail(&e);
	else if (help.n > 0)
		status = app_print(&help, 0);
	else if (check_marks(&o, argv, &e) != ASSAY_OK)
		status = app_fail(&e);
	else
		status = run(&o, argv + first, argc - first);
	assay_evidence_free(o.ev);
	marks_close(o.marking);
	judging_done(&o.judging);
	buf_done(&o.key);
	mem_free(o.loose);
	return status;
}
