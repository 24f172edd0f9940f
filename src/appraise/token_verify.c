/* SPDX-License-Identifier: Apache-2.0
 *
 * Judging tokens: who signed them, whether they belong together, and what they say.
 *
 * Source: nvidia-claims-and-services 1.1, 3 and 4. */
#include <stdio.h>

#include <openssl/crypto.h>

#include "appraise/nvtrust_policy.h"
#include "appraise/token.h"
#include "appraise/token_result.h"
#include "base/hex.h"
#include "base/show.h"
#include "base/utc.h"
#include "crypto/digest.h"
#include "verify/inquiry.h"

struct trial {
	const struct token_case *t;
	struct facts            *out;
	bool                     test; /* some token says TEST ANCHORS */
};

static const struct subject node = { SUBJECT_NODE, 0 };

static enum assay_code say_as(struct trial *x, enum check check, struct subject subject,
	enum assay_outcome outcome, const struct assay_err *why, struct assay_err *e)
{
	struct finding row = {
		.check = check, .subject = subject, .outcome = outcome, .code = why->code
	};

	if (assay_class(why->code) == ASSAY_CLASS_INTERNAL) {
		*e = *why;
		return e->code;
	}
	return findings_add(&x->out->findings, &row, assay_err_text(why), NULL, NULL, e);
}

static enum assay_code say(struct trial *x, enum check check, struct subject subject,
	const struct assay_err *why, struct assay_err *e)
{
	return say_as(x, check, subject, inquiry_outcome(why->code), why, e);
}

static const char *text_of(const json_t *claims, const char *name)
{
	return json_string_value(json_object_get(claims, name));
}

/* Signatures and times --------------------------------------------------------------------------------------- */

static enum assay_code check_signature(
	struct trial *x, struct subject subject, const struct jws *j, struct assay_err *e)
{
	struct assay_err why = { 0 };

	jws_verify(x->t->crypto, j, x->t->keys, &why);
	return say(x, CHECK_TOKEN_SIGNATURE, subject, &why, e);
}

static enum assay_code read_date(
	const json_t *claims, const char *name, bool must, int64_t *out, struct assay_err *e)
{
	const json_t *v = json_object_get(claims, name);

	if (v == NULL && !must)
		return ASSAY_OK;
	if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > UTC_MAX)
		return err_set(e, ASSAY_TOKEN_PARSE, "\"%s\" is no time", name);
	*out = json_integer_value(v);
	return ASSAY_OK;
}

static enum assay_code judge_time(
	const struct trial *x, const json_t *claims, int64_t *until, struct assay_err *e)
{
	int64_t iat = 0, nbf = 0, exp = 0;

	TRY(read_date(claims, "iat", true, &iat, e));
	TRY(read_date(claims, "nbf", false, &nbf, e));
	TRY(read_date(claims, "exp", true, &exp, e));
	*until = exp;
	if (x->t->now - TOKEN_LEEWAY >= exp)
		return err_set(e, ASSAY_TOKEN_EXPIRED, "valid until %s", UTC(exp));
	if (iat - TOKEN_LEEWAY > x->t->now || nbf - TOKEN_LEEWAY > x->t->now)
		return err_set(
			e, ASSAY_TOKEN_NOT_YET, "valid from %s", UTC(iat > nbf ? iat : nbf));
	return ASSAY_OK;
}

static enum assay_code check_time(
	struct trial *x, struct subject subject, const struct jws *j, struct assay_err *e)
{
	struct assay_err why   = { 0 };
	int64_t          until = UTC_MAX;

	judge_time(x, j->claims, &until, &why);
	if (until < x->out->valid_until)
		x->out->valid_until = until;
	return say(x, CHECK_TOKEN_TIME, subject, &why, e);
}

/* Binding ---------------------------------------------------------------------------------------------------- */

/* "SHA-256" and "SHA256", in any case */
static bool is_sha256(const char *label)
{
	char   plain[8] = { 0 };
	size_t n        = 0;

	for (; label != NULL && *label != 0; label++) {
		if (*label == '-')
			continue;
		if (n == sizeof(plain) - 1)
			return false;
		plain[n++] = (char)(*label >= 'a' && *label <= 'z' ? *label - 'a' + 'A'
								   : *label);
	}
	return strcmp(plain, "SHA256") == 0;
}

/* ["DIGEST", ["SHA-256", hex]] */
static enum assay_code read_digest(
	const json_t *value, uint8_t out[SHA256_SIZE], struct assay_err *e)
{
	const char      *type = json_string_value(json_array_get(value, 0));
	const json_t    *pair = json_array_get(value, 1);
	const char      *hex  = json_string_value(json_array_get(pair, 1));
	struct assay_err why  = { 0 };

	if (type == NULL || strcmp(type, "DIGEST") != 0 || json_array_size(value) != 2 ||
		json_array_size(pair) != 2 ||
		!is_sha256(json_string_value(json_array_get(pair, 0))) || hex == NULL ||
		hex_fixed(bytes_text(hex), out, SHA256_SIZE, &why) != ASSAY_OK)
		return err_set(e, ASSAY_TOKEN_BINDING, "submods holds no SHA-256 digest of it");
	return ASSAY_OK;
}

static bool is_nvtrust_local(const json_t *overall)
{
	const char *iss = text_of(overall, "iss");

	return iss != NULL &&
		(strcmp(iss, "LOCAL_GPU_VERIFIER") == 0 ||
			strcmp(iss, "LOCAL_SWITCH_VERIFIER") == 0);
}

/* Over the compact form; by nvtrust's local verifiers, over the text of the claims. */
static enum assay_code check_digest(const struct trial *x, const json_t *submods,
	const char *label, const struct jws *j, bool local, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	const EVP_MD                *md   = x->t->crypto->sha256;
	uint8_t                      want[SHA256_SIZE], sum[SHA256_SIZE];

	TRY(read_digest(json_object_get(submods, label), want, e));
	TRY(digest(md, j->text, sum, e));
	if (CRYPTO_memcmp(want, sum, SHA256_SIZE) == 0)
		return ASSAY_OK;
	if (local && j->alg == JWS_HS256) {
		TRY(token_nvtrust_text(j->claims, &text, e));
		TRY(digest(md, buf_bytes(&text), sum, e));
		if (CRYPTO_memcmp(want, sum, SHA256_SIZE) == 0)
			return ASSAY_OK;
	}
	return err_set(
		e, ASSAY_TOKEN_BINDING, "its digest is not the one in the overall token");
}

/* Nobody puts one in; one that is there names somebody else (RFC 7519 4.1.3). */
static enum assay_code check_audience(const json_t *claims, struct assay_err *e)
{
	if (json_object_get(claims, "aud") != NULL)
		return err_set(e, ASSAY_TOKEN_BINDING, "it is for a certain audience");
	return ASSAY_OK;
}

static enum assay_code check_issuer(
	const struct trial *x, const json_t *overall, const json_t *claims, struct assay_err *e)
{
	const char *iss = text_of(claims, "iss"), *all = text_of(overall, "iss");

	if (iss == NULL || all == NULL)
		return err_set(e, ASSAY_TOKEN_BINDING, "no issuer");
	if (strcmp(iss, all) != 0)
		return err_set(e, ASSAY_TOKEN_BINDING,
			"issued by \"%s\", the overall token by \"%s\"", SHOW(bytes_text(iss)),
			SHOW(bytes_text(all)));
	if (x->t->iss != NULL && strcmp(iss, x->t->iss) != 0)
		return err_set(
			e, ASSAY_TOKEN_BINDING, "issued by \"%s\"", SHOW(bytes_text(iss)));
	return check_audience(claims, e);
}

/* One device reported under two labels could stand in for one that was never examined. */
static enum assay_code check_distinct(
	const struct token_array *a, size_t i, struct assay_err *e)
{
	const char *mine = text_of(a->device[i].jws.claims, "ueid");

	for (size_t k = 0; mine != NULL && mine[0] != 0 && k < i; k++) {
		const char *other = text_of(a->device[k].jws.claims, "ueid");

		if (other != NULL && strcmp(mine, other) == 0)
			return err_set(e, ASSAY_TOKEN_BINDING, "the same device as %s",
				a->device[k].label);
	}
	return ASSAY_OK;
}

static enum assay_code judge_binding(
	const struct trial *x, const struct token_array *a, size_t i, struct assay_err *e)
{
	const json_t *overall = a->overall.claims;
	const json_t *claims  = a->device[i].jws.claims;

	TRY(check_digest(x, json_object_get(overall, "submods"), a->device[i].label,
		&a->device[i].jws, is_nvtrust_local(overall), e));
	TRY(check_issuer(x, overall, claims, e));
	return check_distinct(a, i, e);
}

/* Labels of the overall token that have no token; those the other way round have no digest. Then the number. */
static enum assay_code judge_labels(
	const struct trial *x, const struct token_array *a, struct assay_err *e)
{
	json_t     *submods = json_object_get(a->overall.claims, "submods"), *v;
	const char *label;
	bool        gpus = a->devices > 0 && a->device[0].subject.kind == SUBJECT_GPU;
	size_t      want = gpus ? x->t->gpus : x->t->switches;

	if (a->devices == 0)
		return err_set(e, ASSAY_TOKEN_BINDING, "no device token");
	json_object_foreach(submods, label, v)
	{
		size_t i = 0;

		while (i < a->devices && strcmp(a->device[i].label, label) != 0)
			i++;
		if (i == a->devices)
			return err_set(e, ASSAY_TOKEN_BINDING,
				"the overall token speaks of %s, of which there is no token",
				SHOW(bytes_text(label)));
	}
	if (x->t->expected && a->devices != want)
		return err_set(e, ASSAY_TOKEN_BINDING, "%zu %s, not %zu", a->devices,
			gpus ? "GPUs" : "switches", want);
	return check_issuer(x, a->overall.claims, a->overall.claims, e);
}

/* Nonces ------------------------------------------------------------------------------------------------------ */

/* Compared by bytes: some tools keep the caller's capitals. */
static bool read_nonce(const json_t *claims, uint8_t out[NONCE_SIZE])
{
	const char      *hex = text_of(claims, "eat_nonce");
	struct assay_err why = { 0 };

	return hex != NULL && hex_fixed(bytes_text(hex), out, NONCE_SIZE, &why) == ASSAY_OK;
}

static enum assay_code judge_nonce(
	const struct trial *x, const struct token_array *a, struct assay_err *e)
{
	uint8_t first[NONCE_SIZE], one[NONCE_SIZE];

	if (!read_nonce(a->overall.claims, first))
		return x->t->nonce == NULL
			? err_set(e, ASSAY_TOKEN_FRESHNESS, "the token has no nonce")
			: err_set(e, ASSAY_TOKEN_NONCE, "the token has no nonce");
	for (size_t i = 0; i < a->devices; i++)
		if (!read_nonce(a->device[i].jws.claims, one) ||
			CRYPTO_memcmp(first, one, NONCE_SIZE) != 0)
			return err_set(e, ASSAY_TOKEN_NONCE, "%s has another nonce",
				a->device[i].label);
	if (x->t->nonce == NULL)
		return err_set(e, ASSAY_TOKEN_FRESHNESS,
			"no nonce was given; the token answers %s", HEX(BYTES_OF(first)));
	if (CRYPTO_memcmp(first, x->t->nonce, NONCE_SIZE) != 0)
		return err_set(
			e, ASSAY_TOKEN_NONCE, "the token answers %s", HEX(BYTES_OF(first)));
	if (!x->t->historic &&
		json_is_true(json_object_get(a->overall.claims, "x-assay-historic")))
		return err_set(e, ASSAY_TOKEN_FRESHNESS,
			"its maker judged as of another time than its now");
	return ASSAY_OK;
}

/* Results ----------------------------------------------------------------------------------------------------- */

static enum assay_code say_result(struct trial *x, struct subject subject,
	const struct assay_err *why, struct assay_err *e)
{
	bool            agreed = why->code == ASSAY_TOKEN_WAIVED && x->t->waivers;
	enum assay_code code   = say_as(x, CHECK_TOKEN_RESULT, subject,
                agreed ? ASSAY_OUTCOME_WAIVED : inquiry_outcome(why->code), why, e);
	struct finding *f;

	if (code != ASSAY_OK || !agreed)
		return code;
	f         = &x->out->findings.list[x->out->findings.n - 1];
	f->waiver = mem_text(BYTES("agreed to, by --waivers"));
	return f->waiver == NULL ? err_no_memory(e) : ASSAY_OK;
}

/* Only our own tokens say; what others make has its roots from elsewhere. */
static enum assay_code check_anchors(struct trial *x, const json_t *claims, struct assay_err *e)
{
	const json_t    *anchors = json_object_get(claims, "x-assay-anchors");
	const char      *said    = json_string_value(anchors);
	struct assay_err why     = { 0 };

	if (anchors == NULL || (said != NULL && strcmp(said, "pinned") == 0))
		return ASSAY_OK;
	x->test = true;
	err_set(&why, ASSAY_TOKEN_ANCHORS, "its maker says: %s", SHOW(bytes_text(said)));
	return say_as(x, CHECK_TOKEN_ANCHORS, node,
		x->t->test_anchors ? ASSAY_OUTCOME_WARN : ASSAY_OUTCOME_FAIL, &why, e);
}

static enum assay_code check_policy(struct trial *x, const json_t *rules,
	struct subject subject, const json_t *claims, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf expected = { 0 }, observed = { 0 };
	struct assay_err             why = { 0 };
	struct finding               row = { .check = CHECK_TOKEN_POLICY, .subject = subject };

	nvtrust_policy_ask(rules, claims, &expected, &observed, &why);
	if (assay_class(why.code) == ASSAY_CLASS_INTERNAL) {
		*e = why;
		return e->code;
	}
	row.code    = why.code;
	row.outcome = inquiry_outcome(why.code);
	return findings_add(&x->out->findings, &row, assay_err_text(&why),
		expected.n == 0 ? NULL : buf_cstr(&expected),
		observed.n == 0 ? NULL : buf_cstr(&observed), e);
}

/* Arrays ------------------------------------------------------------------------------------------------------ */

/* Members that every overall token has, of their types; wrong ones are read in two ways. */
static enum assay_code check_form(const json_t *claims, struct assay_err *e)
{
	const char *sub = text_of(claims, "sub"), *ver = text_of(claims, "x-nvidia-ver");

	if (sub == NULL || strcmp(sub, CLAIMS_SUB) != 0)
		return err_set(e, ASSAY_TOKEN_PARSE, "\"sub\" is not %s", CLAIMS_SUB);
	if (ver == NULL || (strcmp(ver, "2.0") != 0 && strcmp(ver, "3.0") != 0))
		return err_set(e, ASSAY_TOKEN_PARSE, "\"x-nvidia-ver\" is neither 2.0 nor 3.0");
	if (!json_is_boolean(json_object_get(claims, "x-nvidia-overall-att-result")))
		return err_set(
			e, ASSAY_TOKEN_PARSE, "no x-nvidia-overall-att-result, true or false");
	if (!json_is_object(json_object_get(claims, "submods")))
		return err_set(e, ASSAY_TOKEN_PARSE, "\"submods\" is no object");
	return ASSAY_OK;
}

static enum assay_code device(
	struct trial *x, const struct token_array *a, size_t i, struct assay_err *e)
{
	const struct token_device *d       = &a->device[i];
	struct assay_err           binding = { 0 }, result = { 0 };

	TRY(check_signature(x, d->subject, &d->jws, e));
	judge_binding(x, a, i, &binding);
	TRY(say(x, CHECK_TOKEN_BINDING, d->subject, &binding, e));
	TRY(check_time(x, d->subject, &d->jws, e));
	TRY(check_anchors(x, d->jws.claims, e));
	token_result_device(
		d->jws.claims, d->subject.kind == SUBJECT_GPU, a->overall.claims, &result);
	TRY(say_result(x, d->subject, &result, e));
	if (x->t->policy != NULL)
		return check_policy(x, x->t->policy->detached, d->subject, d->jws.claims, e);
	return ASSAY_OK;
}

/* A verifier that raised an exception: all that there is of it is that it did. */
static enum assay_code failed_array(
	struct trial *x, const struct token_array *a, struct assay_err *e)
{
	struct assay_err why = { 0 };

	err_set(&why, ASSAY_TOKEN_RESULT, "%s: the verifier failed: %s", a->name,
		SHOW(bytes_text(text_of(a->overall.claims, "x-nv-err-message"))));
	return say(x, CHECK_TOKEN_RESULT, node, &why, e);
}

static enum assay_code array(struct trial *x, const struct token_array *a, struct assay_err *e)
{
	struct assay_err form = { 0 }, labels = { 0 }, nonce = { 0 }, result = { 0 };

	if (a->failed)
		return failed_array(x, a, e);
	check_form(a->overall.claims, &form);
	TRY(say(x, CHECK_TOKEN_PARSE, node, &form, e));
	TRY(check_signature(x, node, &a->overall, e));
	judge_labels(x, a, &labels);
	TRY(say(x, CHECK_TOKEN_BINDING, node, &labels, e));
	TRY(check_time(x, node, &a->overall, e));
	judge_nonce(x, a, &nonce);
	TRY(say(x, CHECK_TOKEN_NONCE, node, &nonce, e));
	TRY(check_anchors(x, a->overall.claims, e));
	token_result_overall(a->overall.claims, &result);
	TRY(say_result(x, node, &result, e));
	if (x->t->policy != NULL)
		TRY(check_policy(x, x->t->policy->overall, node, a->overall.claims, e));
	for (size_t i = 0; i < a->devices; i++)
		TRY(device(x, a, i, e));
	return ASSAY_OK;
}

/* The outer token -------------------------------------------------------------------------------------------- */

/* Ours binds the arrays; nvtrust's binds nothing and is signed by nobody: whoever passed it on may have left one out. */
static enum assay_code judge_outer(
	const struct trial *x, const struct token *t, struct assay_err *e)
{
	json_t     *submods = json_object_get(t->outer.claims, "submods"), *v;
	const char *name;

	for (size_t i = 0; i < t->arrays; i++)
		if (check_digest(x, submods, t->array[i].name, &t->array[i].overall, false,
			    e) != ASSAY_OK)
			return err_wrap(e, "%s", t->array[i].name);
	json_object_foreach(submods, name, v)
	{
		size_t i = 0;

		while (i < t->arrays && strcmp(t->array[i].name, name) != 0)
			i++;
		if (i == t->arrays)
			return err_set(e, ASSAY_TOKEN_BINDING, "%s was left out",
				SHOW(bytes_text(name)));
	}
	return ASSAY_OK;
}

/* What assay wraps it binds: in another wrap, arrays of two nodes could stand side by side. */
static bool has_ours(const struct token *t)
{
	for (size_t i = 0; i < t->arrays; i++)
		if (json_object_get(t->array[i].overall.claims, "x-assay-verdict") != NULL)
			return true;
	return false;
}

static enum assay_code outer(struct trial *x, const struct token *t, struct assay_err *e)
{
	struct assay_err why = { 0 };

	if (json_is_object(json_object_get(t->outer.claims, "submods"))) {
		TRY(check_signature(x, node, &t->outer, e));
		TRY(check_time(x, node, &t->outer, e));
		TRY(check_anchors(x, t->outer.claims, e));
		judge_outer(x, t, &why);
		return say(x, CHECK_TOKEN_BINDING, node, &why, e);
	}
	if (has_ours(t)) {
		err_set(&why, ASSAY_TOKEN_BINDING,
			"the outer token binds nothing, and is not the one that assay made");
		return say(x, CHECK_TOKEN_BINDING, node, &why, e);
	}
	err_set(&why, ASSAY_TOKEN_UNAUTHENTICATED,
		"the outer token binds nothing: a verifier's result may have been left out");
	return say_as(x, CHECK_TOKEN_BINDING, node, ASSAY_OUTCOME_WARN, &why, e);
}

/* With --expect, every kind that is expected is there. */
static enum assay_code count_kinds(struct trial *x, const struct token *t, struct assay_err *e)
{
	size_t           devices[2] = { 0 }, want[2] = { x->t->gpus, x->t->switches };
	struct assay_err why = { 0 };

	for (size_t i = 0; i < t->arrays; i++)
		if (t->array[i].devices > 0)
			devices[t->array[i].device[0].subject.kind == SUBJECT_GPU ? 0 : 1] +=
				t->array[i].devices;
	if (devices[0] + devices[1] == 0)
		err_set(&why, ASSAY_TOKEN_BINDING, "no device token at all");
	for (size_t k = 0; x->t->expected && k < 2; k++)
		if ((devices[k] == 0) != (want[k] == 0))
			err_set(&why, ASSAY_TOKEN_BINDING, "%zu %s, not %zu", devices[k],
				k == 0 ? "GPUs" : "switches", want[k]);
	return say(x, CHECK_TOKEN_BINDING, node, &why, e);
}

/* Verdict ----------------------------------------------------------------------------------------------------- */

static bool all_hold(
	const struct facts *f, struct subject s, const enum check *checks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!findings_hold(&f->findings, checks[i], s))
			return false;
	return true;
}

/* Everything that is required was asked and held. */
static bool complete(const struct facts *f, const struct token *t)
{
	static const enum check of_all[]  = { CHECK_TOKEN_PARSE, CHECK_TOKEN_SIGNATURE,
		 CHECK_TOKEN_BINDING, CHECK_TOKEN_TIME, CHECK_TOKEN_NONCE, CHECK_TOKEN_ANCHORS,
		 CHECK_TOKEN_RESULT };
	static const enum check of_each[] = { CHECK_TOKEN_SIGNATURE, CHECK_TOKEN_BINDING,
		CHECK_TOKEN_TIME, CHECK_TOKEN_RESULT };
	size_t                  devices   = 0;

	if (!all_hold(f, node, of_all, ARRAY_LEN(of_all)))
		return false;
	for (size_t i = 0; i < t->arrays; i++)
		for (size_t k = 0; k < t->array[i].devices; k++, devices++)
			if (!all_hold(f, t->array[i].device[k].subject, of_each,
				    ARRAY_LEN(of_each)))
				return false;
	return devices > 0;
}

static enum assay_class worst(const struct facts *f, const struct token *t)
{
	enum assay_class verdict = ASSAY_CLASS_ACCEPTED;

	for (size_t i = 0; i < f->findings.n; i++) {
		const struct finding *one = &f->findings.list[i];

		if ((one->outcome == ASSAY_OUTCOME_FAIL ||
			    one->outcome == ASSAY_OUTCOME_UNKNOWN) &&
			assay_class(one->code) < verdict)
			verdict = assay_class(one->code);
	}
	return verdict == ASSAY_CLASS_ACCEPTED && !complete(f, t) ? ASSAY_CLASS_INTERNAL
								  : verdict;
}

static enum assay_code judge(struct trial *x, const struct token *t, struct assay_err *e)
{
	struct assay_err none = { 0 };

	TRY(count_kinds(x, t, e));
	if (t->wrapped)
		TRY(outer(x, t, e));
	for (size_t i = 0; i < t->arrays; i++)
		TRY(array(x, &t->array[i], e));
	/* beside a failure this is lost, beside an agreed warning it is the pass */
	return say(x, CHECK_TOKEN_ANCHORS, node, &none, e);
}

enum assay_code token_verify(const struct token_case *t, struct bytes text, struct facts *out,
	enum assay_class *verdict, bool *test_anchors, struct assay_err *e)
{
	CLEANUP(token_done) struct token token = { 0 };
	CLEANUP(facts_done) struct facts facts = { .valid_until = UTC_MAX };
	struct trial                     x     = { .t = t, .out = &facts };
	struct assay_err                 why   = { 0 };

	if (token_parse(text, &token, &why) != ASSAY_OK)
		TRY(say(&x, CHECK_TOKEN_PARSE, node, &why, e));
	else
		TRY(judge(&x, &token, e));
	*verdict      = worst(&facts, &token);
	*test_anchors = x.test;
	*out          = facts;
	facts         = (struct facts){ 0 };
	return ASSAY_OK;
}
