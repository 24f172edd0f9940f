/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/issue.h"

#include <openssl/crypto.h>

#include "cmd/out.h"
#include "collect/replay.h"

static enum assay_code take_file(void *ctx, const char *value, struct assay_err *e)
{
	(void)e;
	((struct issue_options *)ctx)->file = value;
	return ASSAY_OK;
}

static enum assay_code take_key(void *ctx, const char *value, struct assay_err *e)
{
	(void)e;
	((struct issue_options *)ctx)->key = value;
	return ASSAY_OK;
}

/* Both go into JSON as they are. */
static enum assay_code plain(const char *what, const char *value, struct assay_err *e)
{
	size_t n = 0;

	while (value[n] > ' ' && value[n] < 0x7f)
		n++;
	if (n == 0 || value[n] != 0 || n > JWS_KID)
		return err_set(e, ASSAY_INPUT_OPTION,
			"%s is 1 to %d printable characters without blanks", what, JWS_KID);
	return ASSAY_OK;
}

static enum assay_code take_kid(void *ctx, const char *value, struct assay_err *e)
{
	((struct issue_options *)ctx)->kid = value;
	return plain("--token-kid", value, e);
}

static enum assay_code take_iss(void *ctx, const char *value, struct assay_err *e)
{
	((struct issue_options *)ctx)->iss = value;
	return plain("--token-iss", value, e);
}

static enum assay_code take_unsigned(void *ctx, const char *value, struct assay_err *e)
{
	(void)value;
	(void)e;
	((struct issue_options *)ctx)->unsigned_ = true;
	return ASSAY_OK;
}

static enum assay_code take_claims(void *ctx, const char *value, struct assay_err *e)
{
	if ((value[0] != '2' && value[0] != '3') ||
		(value[1] != 0 && strcmp(value + 1, ".0") != 0))
		return err_set(e, ASSAY_INPUT_OPTION, "--claims is 2 or 3");
	((struct issue_options *)ctx)->claims = (unsigned)(value[0] - '0');
	return ASSAY_OK;
}

const struct option_row issue_rows[] = {
	{ 0, "token", "FILE", "write the result as a detached EAT", take_file, .once = true },
	{ 0, "token-key", "FILE", "sign it with this P-384 key (PEM)", take_key, .once = true },
	{ 0, "token-kid", "NAME", "and name the key so", take_kid, .once = true },
	{ 0, "token-iss", "NAME", "who issues it", take_iss, .once = true },
	{ 0, "unsigned", NULL, "do not sign it: it authenticates nothing", take_unsigned },
	{ 0, "claims", "2|3", "3 (default) or 2", take_claims, .once = true },
};
const size_t issue_rows_n = ARRAY_LEN(issue_rows);

bool issue_replaces(const struct issue_options *o)
{
	return o->nvattest || (o->file != NULL && strcmp(o->file, "-") == 0);
}

enum assay_code issue_ready(struct issue_options *o, bool claims, struct assay_err *e)
{
	bool made = o->file != NULL || o->nvattest;

	if (!made && (o->key != NULL || o->unsigned_ || o->kid != NULL))
		return err_set(e, ASSAY_INPUT_OPTION, "where does the token go? --token FILE");
	if (!made && !claims && (o->iss != NULL || o->claims != 0))
		return err_set(e, ASSAY_INPUT_OPTION,
			"--%s is for a --token, or for a --policy of nvtrust",
			o->claims != 0 ? "claims" : "token-iss");
	if (made && o->key == NULL && !o->unsigned_)
		return err_set(e, ASSAY_INPUT_OPTION,
			"a token is signed, --token-key FILE, or it authenticates nothing, --unsigned");
	if (o->key != NULL && o->unsigned_)
		return err_set(e, ASSAY_INPUT_OPTION, "--unsigned, with a --token-key?");
	if (o->kid != NULL && o->key == NULL)
		return err_set(e, ASSAY_INPUT_OPTION, "--token-kid is for a --token-key");
	if (o->nvattest && o->file != NULL && strcmp(o->file, "-") == 0)
		return err_set(e, ASSAY_INPUT_OPTION,
			"--token - and --format nvattest: which of them?");
	if (o->key != NULL && replay_file(o->key, ISSUE_KEY_MAX, &o->pem, e) != ASSAY_OK)
		return err_wrap(e, "--token-key");
	return ASSAY_OK;
}

enum assay_code issue_apart(
	const struct issue_options *o, const char *output, struct assay_err *e)
{
	if (output != NULL && o->file != NULL && strcmp(output, o->file) == 0)
		return err_set(e, ASSAY_INPUT_OPTION,
			"--output and --token would write the same file");
	return ASSAY_OK;
}

enum assay_code issue_write(const struct issue_options *o, const struct assay *a,
	const struct assay_report *r, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	struct issue                 how  = {
				 .key     = buf_bytes(&o->pem),
				 .kid     = o->kid,
				 .iss     = o->iss,
				 .version = o->claims,
	};

	if (o->nvattest)
		TRY(issue_nvattest(a, r, &how, out, e));
	if (o->file == NULL)
		return ASSAY_OK;
	if (strcmp(o->file, "-") == 0)
		return issue_token(a, r, &how, out, e);
	TRY(issue_token(a, r, &how, &text, e));
	if (out_file(o->file, buf_bytes(&text), e) != ASSAY_OK)
		return err_wrap(e, "--token");
	return ASSAY_OK;
}

void issue_done(struct issue_options *o)
{
	if (o->pem.p != NULL)
		OPENSSL_cleanse(o->pem.p, o->pem.cap);
	buf_done(&o->pem);
}
