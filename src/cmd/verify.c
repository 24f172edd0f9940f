/* SPDX-License-Identifier: Apache-2.0
 *
 * assay verify: files to a verdict. */
#include <stdlib.h>
#include <time.h>

#include "base/hex.h"
#include "base/show.h"
#include "base/utc.h"
#include "cmd/app.h"
#include "collect/replay.h"

#define FOLDER_FILES 1024

/* Collateral in files begins with '<' (a RIM) or 0x30 (an OCSP response). */
struct loose {
	const char *path, *option, *what;
	uint8_t     first;
};

struct verify_options {
	struct assay_evidence *ev;
	const char            *chain, *policy, *anchors, *expect;
	struct loose          *loose; /* read when all options are known */
	size_t                 loose_n;
	bool                   nonce_given, at_given, as_recorded, verbose, quiet;
	uint8_t                nonce[ASSAY_NONCE];
	int64_t                at;
	enum format            format;
};

static enum assay_code take_nonce(void *ctx, const char *value, struct assay_err *e)
{
	struct verify_options *o = ctx;

	o->nonce_given = true;
	if (hex_fixed(bytes_text(value), o->nonce, sizeof(o->nonce), e) != ASSAY_OK)
		return err_set(e, ASSAY_INPUT_OPTION, "a nonce is 64 hexadecimal digits");
	return ASSAY_OK;
}

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
	o->loose[o->loose_n++] = (struct loose){ value, "--rim", "RIM", '<' };
	return ASSAY_OK;
}

static enum assay_code take_ocsp(void *ctx, const char *value, struct assay_err *e)
{
	struct verify_options *o = ctx;

	(void)e;
	o->loose[o->loose_n++] = (struct loose){ value, "--ocsp", "OCSP response", 0x30 };
	return ASSAY_OK;
}

static enum assay_code take_expect(void *ctx, const char *value, struct assay_err *e)
{
	size_t gpus, switches;

	((struct verify_options *)ctx)->expect = value;
	return policy_expect(bytes_text(value), &gpus, &switches, e);
}

#define TAKE_FIELD(field, expression)                                                          \
	static enum assay_code take_##field(void *ctx, const char *value, struct assay_err *e) \
	{                                                                                      \
		struct verify_options *o = ctx;                                                \
		(void)value;                                                                   \
		(void)e;                                                                       \
		o->field = (expression);                                                       \
		return ASSAY_OK;                                                               \
	}

TAKE_FIELD(chain, value)
TAKE_FIELD(policy, value)
TAKE_FIELD(anchors, value)
TAKE_FIELD(as_recorded, true)
TAKE_FIELD(verbose, true)
TAKE_FIELD(quiet, true)

static enum assay_code take_format(void *ctx, const char *value, struct assay_err *e)
{
	return app_format(value, &((struct verify_options *)ctx)->format, e);
}

static const struct option_row rows[] = {
	{ 'n', "nonce", "HEX", "the nonce that was sent to the devices, 64 hexadecimal digits",
		take_nonce, .once = true },
	{ 0, "at", "TIME", "judge as of TIME (2026-11-23T07:15:00Z or 2026-11-23), not now",
		take_at, .once = true },
	{ 0, "as-recorded", NULL, "take nonce and time from the bundle: a replay, not fresh",
		take_as_recorded },
	{ 'e', "expect", "N+M", "there must be N GPUs and M switches", take_expect,
		.once = true },
	{ 0, "chain", "FILE", "the PEM chain of a raw report", take_chain, .once = true },
	{ 0, "rim", "PATH", "a RIM, or a folder of them; may be repeated", take_rim },
	{ 0, "ocsp", "PATH", "an OCSP response, or a folder of them; may be repeated",
		take_ocsp },
	{ 'p', "policy", "FILE", "requirements and waivers (assay.policy/1)", take_policy,
		.once = true },
	{ 0, "anchors", "DIR", "test roots instead of NVIDIA's and Intel's", take_anchors,
		.once = true },
	{ 'f', "format", "FORMAT", "text (default) or json", take_format },
	{ 'v', "verbose", NULL, "every finding, also those that passed", take_verbose },
	{ 'q', "quiet", NULL, "no report; the exit status tells", take_quiet },
};

/* Variables of other tools that would move trust there do nothing here. Say which option does. */
static void tell_ignored(void)
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

struct taking {
	struct assay_evidence *ev;
	const struct loose    *l;
};

/* In a folder, files of other kinds are passed over. */
static enum assay_code take_of_folder(
	void *ctx, const char *name, struct bytes body, struct assay_err *e)
{
	const struct taking *t = ctx;

	if (body.n == 0 || body.p[0] != t->l->first)
		return ASSAY_OK;
	return assay_evidence_add_collateral(t->ev, name, body.p, body.n, e);
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
	if (body.n == 0 || body.p[0] != l->first)
		return err_set(e, ASSAY_INPUT_KIND, "%s is no %s",
			SHOW(bytes_text(replay_name(l->path))), l->what);
	return assay_evidence_add_collateral(
		ev, name == NULL ? l->path : name + 1, body.p, body.n, e);
}

static enum assay_code add_files(
	struct verify_options *o, char **files, int n, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf chain = { 0 };

	for (size_t i = 0; i < o->loose_n; i++)
		if (add_loose(o->ev, &o->loose[i], e) != ASSAY_OK)
			return err_wrap(e, "%s", o->loose[i].option);
	if (o->chain != NULL && replay_file(o->chain, EVIDENCE_FILE_MAX, &chain, e) != ASSAY_OK)
		return err_wrap(e, "--chain");
	for (int i = 0; i < n; i++) {
		CLEANUP(buf_done) struct buf text = { 0 };

		TRY(replay_file(files[i], BUNDLE_FILE_MAX, &text, e));
		TRY(assay_evidence_add(
			o->ev, replay_name(files[i]), text.p, text.n, chain.p, chain.n, e));
	}
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
	if (o->as_recorded && recorded != 0 && nonce_given != 0 && !o->nonce_given) {
		memcpy(o->nonce, nonce, sizeof(nonce));
		o->nonce_given = true;
	}
	out->historic = o->at_given || (o->as_recorded && recorded != 0);
	out->now      = o->at_given ? o->at : out->historic ? made : (int64_t)time(NULL);
	out->nonce    = o->nonce_given ? o->nonce : NULL;
	out->expect   = o->expect;
	if (o->as_recorded && recorded == 0)
		return err_set(e, ASSAY_INPUT_OPTION,
			"--as-recorded: the files record neither nonce nor time");
	return ASSAY_OK;
}

static int print(const struct verify_options *o, const struct assay_report *r)
{
	CLEANUP(buf_done) struct buf out    = { 0 };
	struct assay_err             e      = { 0 };
	struct report_style          style  = { .colour = app_colour(), .all = o->verbose };
	int                          status = assay_class_exit(assay_report_verdict(r));

	if (o->quiet)
		return status;
	if ((o->format == FORMAT_JSON ? report_json(&r->view, &out, &e)
				      : report_text(&r->view, &style, &out, &e)) != ASSAY_OK)
		return app_fail(&e);
	return app_print(&out, status);
}

/* A file that is not what it should be: in text one line, in JSON a report with one finding. */
static int refuse(const struct verify_options *o, struct assay *a,
	const struct assay_options *options, const struct assay_err *why)
{
	struct assay_report *r = NULL;
	struct assay_err     e = { 0 };
	enum assay_class     c = assay_class(why->code);
	int                  status;

	if (o->format != FORMAT_JSON || c == ASSAY_CLASS_USAGE || c == ASSAY_CLASS_INTERNAL)
		return app_fail(why);
	if (assay_refuse(a, options, why, &r, &e) != ASSAY_OK)
		return app_fail(&e);
	status = print(o, r);
	assay_report_free(r);
	return status;
}

static enum assay_code read_inputs(struct verify_options *o, struct assay *a, char **files,
	int n, struct buf *policy, struct assay_err *e)
{
	TRY(app_anchors(a, o->anchors, e));
	if (o->policy != NULL && replay_file(o->policy, POLICY_FILE_MAX, policy, e) != ASSAY_OK)
		return err_wrap(e, "--policy");
	return add_files(o, files, n, e);
}

static int judge(struct verify_options *o, struct assay *a, char **files, int n)
{
	CLEANUP(buf_done) struct buf policy  = { 0 };
	struct assay_options         options = { 0 };
	struct assay_report         *r       = NULL;
	struct assay_err             e = { 0 }, none = { 0 };
	int                          status;

	if (read_inputs(o, a, files, n, &policy, &e) != ASSAY_OK) {
		when(o, &options, &none);
		return refuse(o, a, &options, &e);
	}
	if (when(o, &options, &e) != ASSAY_OK)
		return app_fail(&e);
	if (o->policy != NULL) {
		options.policy      = buf_cstr(&policy);
		options.policy_size = policy.n;
	}
	if (assay_verify(a, o->ev, &options, &r, &e) != ASSAY_OK) {
		if (assay_class(e.code) == ASSAY_CLASS_MALFORMED) /* nothing else can be, now */
			err_wrap(&e, "--policy: %s", SHOW(bytes_text(replay_name(o->policy))));
		return refuse(o, a, &options, &e);
	}
	status = print(o, r);
	assay_report_free(r);
	return status;
}

static int run(struct verify_options *o, char **files, int n)
{
	struct assay    *a = NULL;
	struct assay_err e = { 0 };
	int              status;

	if (n == 0) {
		err_set(&e, ASSAY_INPUT_OPTION, "verify: which file?");
		return app_fail(&e);
	}
	tell_ignored();
	status = assay_init(&a, &e) == ASSAY_OK ? judge(o, a, files, n) : app_fail(&e);
	assay_free(a);
	return status;
}

int cmd_verify(const struct command *c, int argc, char **argv)
{
	CLEANUP(buf_done) struct buf help  = { 0 };
	struct verify_options        o     = { 0 };
	struct assay_err             e     = { 0 };
	int                          first = 0, status;

	/* no more than there are arguments */
	o.loose = mem_new((size_t)argc, sizeof(*o.loose));
	if (o.loose == NULL)
		err_no_memory(&e);
	if (o.loose == NULL || assay_evidence_new(&o.ev, &e) != ASSAY_OK ||
		cli_options(c, rows, ARRAY_LEN(rows), argc, argv, &o, &first, &help, &e) !=
			ASSAY_OK)
		status = app_fail(&e);
	else if (help.n > 0)
		status = app_print(&help, 0);
	else
		status = run(&o, argv + first, argc - first);
	assay_evidence_free(o.ev);
	mem_free(o.loose);
	return status;
}
