/* SPDX-License-Identifier: Apache-2.0
 *
 * assay token: show what is in one, or judge it. */
#include <time.h>

#include "appraise/nvtrust_policy.h"
#include "appraise/token.h"
#include "base/hex.h"
#include "base/show.h"
#include "base/utc.h"
#include "cmd/app.h"
#include "cmd/core.h"
#include "collect/replay.h"
#include "report/inspect.h"

struct token_options {
	const char *file, *key, *jwks, *policy, *iss;
	bool        nonce_given, at_given, expected, test_anchors, waivers, verbose, quiet;
	uint8_t     nonce[NONCE_SIZE];
	int64_t     at;
	size_t      gpus, switches;
	enum format format;
};

static enum assay_code take_nonce(void *ctx, const char *value, struct assay_err *e)
{
	struct token_options *o = ctx;

	o->nonce_given = true;
	if (hex_fixed(bytes_text(value), o->nonce, sizeof(o->nonce), e) != ASSAY_OK)
		return err_set(e, ASSAY_INPUT_OPTION, "a nonce is 64 hexadecimal digits");
	return ASSAY_OK;
}

static enum assay_code take_at(void *ctx, const char *value, struct assay_err *e)
{
	struct token_options *o = ctx;

	o->at_given = true;
	return utc_parse(bytes_text(value), &o->at, e);
}

static enum assay_code take_expect(void *ctx, const char *value, struct assay_err *e)
{
	struct token_options *o = ctx;

	o->expected = true;
	return policy_expect(bytes_text(value), &o->gpus, &o->switches, e);
}

static enum assay_code take_format(void *ctx, const char *value, struct assay_err *e)
{
	return app_format(value, &((struct token_options *)ctx)->format, e);
}

#define TAKE_FIELD(field, expression) \
	CLI_TAKE(struct token_options, field, o->field = (expression))

TAKE_FIELD(key, value)
TAKE_FIELD(jwks, value)
TAKE_FIELD(policy, value)
TAKE_FIELD(iss, value)
TAKE_FIELD(test_anchors, true)
TAKE_FIELD(waivers, true)
TAKE_FIELD(verbose, true)
TAKE_FIELD(quiet, true)

static const struct option_row show_rows[] = {
	{ 'f', "format", "text|json", "text (default) or json", take_format },
};

static const struct option_row verify_rows[] = {
	{ 'k', "key", "FILE", "the issuer's public key (P-384, PEM)", take_key, .once = true },
	{ 0, "jwks", "FILE", "the issuer's keys (JWK set)", take_jwks, .once = true },
	{ 'n', "nonce", "HEX", "the nonce that was sent, 64 hexadecimal digits", take_nonce,
		.once = true },
	{ 0, "at", "TIME", "judge as of TIME (2026-11-23T07:15:00Z or 2026-11-23), not now",
		take_at, .once = true },
	{ 'e', "expect", "N+M", "there must be N GPUs and M switches", take_expect,
		.once = true },
	{ 0, "iss", "NAME", "who must have issued it", take_iss, .once = true },
	{ 'p', "policy", "FILE", "claims that must be there (nvtrust's JSON)", take_policy,
		.once = true },
	{ 0, "waivers", NULL, "agree to the waivers that the token names", take_waivers },
	{ 0, "test-anchors", NULL, "take a token that rests on test anchors",
		take_test_anchors },
	{ 'f', "format", "text|json", "text (default) or json", take_format },
	{ 'v', "verbose", NULL, "every finding, also those that passed", take_verbose,
		.without = "--quiet" },
	{ 'q', "quiet", NULL, "no report; the exit status tells", take_quiet },
};

#define NAME(path) SHOW(bytes_text(replay_name(path)))

static int show_file(
	const struct token_options *o, const struct assay *a, const struct buf *text)
{
	CLEANUP(buf_done) struct buf out  = { 0 };
	AUTO(json_t)                *tree = NULL;
	struct assay_err             e    = { 0 };

	if (token_show(&a->crypto, buf_bytes(text), &tree, &e) != ASSAY_OK) {
		err_wrap(&e, "%s", NAME(o->file));
		return app_fail(&e);
	}
	if ((o->format == FORMAT_JSON ? json_write(tree, &out, &e)
				      : inspect_text(tree, &out, &e)) != ASSAY_OK)
		return app_fail(&e);
	return app_print(&out, 0);
}

static enum assay_code read_keys(const struct token_options *o, const struct assay *a,
	struct jws_keys *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };

	if (o->key != NULL && o->jwks != NULL)
		return err_set(e, ASSAY_INPUT_OPTION, "--key or --jwks, not both");
	if (o->key != NULL) {
		if (replay_file(o->key, JWS_SET_MAX, &text, e) != ASSAY_OK)
			return err_wrap(e, "--key");
		if (jws_keys_pem(&a->crypto, buf_bytes(&text), out, e) != ASSAY_OK)
			return err_wrap(e, "--key: %s", NAME(o->key));
	} else if (o->jwks != NULL) {
		if (replay_file(o->jwks, JWS_SET_MAX, &text, e) != ASSAY_OK)
			return err_wrap(e, "--jwks");
		if (jws_keys_set(&a->crypto, buf_bytes(&text), out, e) != ASSAY_OK)
			return err_wrap(e, "--jwks: %s", NAME(o->jwks));
	}
	return ASSAY_OK;
}

static enum assay_code read_policy(
	const struct token_options *o, struct nvtrust_policy *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };

	if (o->policy == NULL)
		return ASSAY_OK;
	if (replay_file(o->policy, POLICY_FILE_MAX, &text, e) != ASSAY_OK)
		return err_wrap(e, "--policy");
	if (!nvtrust_policy_is(buf_bytes(&text)))
		return err_set(e, ASSAY_POLICY_FIELD,
			"--policy: %s: no policy of nvtrust; assay.policy/1 is for evidence",
			NAME(o->policy));
	if (nvtrust_policy_parse(buf_bytes(&text), out, e) != ASSAY_OK)
		return err_wrap(e, "--policy: %s", NAME(o->policy));
	return ASSAY_OK;
}

static int print(const struct token_options *o, const struct report_view *v)
{
	CLEANUP(buf_done) struct buf out    = { 0 };
	struct assay_err             e      = { 0 };
	struct report_style          style  = { .colour = app_colour(), .all = o->verbose };
	int                          status = assay_class_exit(v->verdict);

	if (o->quiet)
		return status;
	if ((o->format == FORMAT_JSON ? report_json(v, &out, &e)
				      : report_text(v, &style, &out, &e)) != ASSAY_OK)
		return app_fail(&e);
	return app_print(&out, status);
}

static int verify_file(
	const struct token_options *o, const struct assay *a, const struct buf *text)
{
	CLEANUP(jws_keys_done) struct jws_keys             keys   = { 0 };
	CLEANUP(nvtrust_policy_done) struct nvtrust_policy policy = { 0 };
	CLEANUP(facts_done) struct facts                   facts  = { 0 };
	struct assay_err                                   e      = { 0 };
	struct token_case                                  t      = {
						      .crypto = &a->crypto,
						      .keys   = &keys,
						      .nonce  = o->nonce_given ? o->nonce : NULL,
						      .now = o->at_given ? o->at : (int64_t)time(NULL),
						      .historic     = o->at_given,
						      .iss          = o->iss,
						      .expected     = o->expected,
						      .gpus         = o->gpus,
						      .switches     = o->switches,
						      .test_anchors = o->test_anchors,
						      .waivers      = o->waivers,
	};
	struct report_view v = { .facts = &facts,
		.at                     = t.now,
		.historic               = o->at_given,
		.nonce_given            = o->nonce_given };

	if (read_keys(o, a, &keys, &e) != ASSAY_OK || read_policy(o, &policy, &e) != ASSAY_OK)
		return app_fail(&e);
	t.policy = o->policy == NULL ? NULL : &policy;
	if (token_verify(&t, buf_bytes(text), &facts, &v.verdict, &v.test_anchors, &e) !=
		ASSAY_OK)
		return app_fail(&e);
	return print(o, &v);
}

struct verb {
	struct command           command;
	const struct option_row *rows;
	size_t                   n;
	int (*run)(
		const struct token_options *o, const struct assay *a, const struct buf *text);
};

static const struct verb verbs[] = {
	{ { "token show", "[OPTION]... FILE", "Decode a token, without checking who made it.",
		  NULL },
		show_rows, ARRAY_LEN(show_rows), show_file },
	{ { "token verify", "[OPTION]... FILE",
		  "Check who made a token, what holds it together, and what it says.", NULL },
		verify_rows, ARRAY_LEN(verify_rows), verify_file },
};

static int run_on(const struct verb *v, const struct token_options *o)
{
	CLEANUP(buf_done) struct buf text   = { 0 };
	struct assay                *a      = NULL;
	struct assay_err             e      = { 0 };
	int                          status = 0;

	if (replay_file(o->file, TOKEN_FILE_MAX, &text, &e) != ASSAY_OK ||
		assay_init(&a, &e) != ASSAY_OK)
		return app_fail(&e);
	status = v->run(o, a, &text);
	assay_free(a);
	return status;
}

static int run(const struct verb *v, int argc, char **argv)
{
	CLEANUP(buf_done) struct buf help  = { 0 };
	struct token_options         o     = { 0 };
	struct assay_err             e     = { 0 };
	int                          first = 0;

	if (cli_options(&v->command, v->rows, v->n, argc, argv, &o, &first, &help, &e) !=
		ASSAY_OK)
		return app_fail(&e);
	if (help.n > 0)
		return app_print(&help, 0);
	if (argc - first != 1) {
		err_set(&e, ASSAY_INPUT_OPTION, "%s: which file? one", v->command.name);
		return app_fail(&e);
	}
	o.file = argv[first];
	return run_on(v, &o);
}

static int help(const struct command *c)
{
	CLEANUP(buf_done) struct buf out = { 0 };

	buf_printf(&out, "assay %s %s\n%s\n\n", c->name, c->args, c->help);
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		buf_printf(&out, "  %-14s %s\n", verbs[i].command.name, verbs[i].command.help);
	return app_print(&out, 0);
}

static int table(const struct command *c, char **argv)
{
	CLEANUP(buf_done) struct buf out    = { 0 };
	int                          status = 0;

	cli_table_command(c->name, c->args, c->help, &out);
	status = app_print(&out, 0);
	for (size_t i = 0; i < ARRAY_LEN(verbs) && status == 0; i++)
		status = run(&verbs[i], 2, argv);
	return status;
}

int cmd_token(const struct command *c, int argc, char **argv)
{
	struct assay_err e = { 0 };

	for (size_t i = 0; argc > 1 && i < ARRAY_LEN(verbs); i++)
		if (strcmp(argv[1], strchr(verbs[i].command.name, ' ') + 1) == 0)
			return run(&verbs[i], argc - 1, argv + 1);
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return help(c);
	if (argc == 2 && cli_table_asked(argv[1]))
		return table(c, argv);
	err_set(&e, ASSAY_INPUT_OPTION, "token: show or verify? see assay token --help");
	return app_fail(&e);
}
