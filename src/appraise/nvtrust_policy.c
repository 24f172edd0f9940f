/* SPDX-License-Identifier: Apache-2.0 */
#include "appraise/nvtrust_policy.h"

#include <stdlib.h>

#include "base/show.h"

bool nvtrust_policy_is(struct bytes json)
{
	AUTO(json_t)    *root = NULL;
	struct assay_err why  = { 0 };

	return json_read(json, POLICY_FILE_MAX, &root, &why) == ASSAY_OK &&
		json_object_get(root, "authorization-rules") != NULL &&
		json_object_get(root, "schema") == NULL;
}

void nvtrust_policy_done(struct nvtrust_policy *p)
{
	json_decref(p->root);
	*p = (struct nvtrust_policy){ 0 };
}

static enum assay_code read_rules(
	const json_t *rules, const char *name, const json_t **out, struct assay_err *e)
{
	*out = json_object_get(rules, name);
	if (!json_is_object(*out))
		return err_set(e, ASSAY_POLICY_FIELD, "\"%s\" is no object of claims", name);
	return ASSAY_OK;
}

enum assay_code nvtrust_policy_parse(
	struct bytes json, struct nvtrust_policy *out, struct assay_err *e)
{
	static const char *const names[] = { "version", "authorization-rules" };
	static const char *const parts[] = { "type", "overall-claims", "detached-claims" };
	CLEANUP(nvtrust_policy_done) struct nvtrust_policy p = { 0 };
	json_t                                            *rules;
	struct bytes                                       type;

	TRY(json_read(json, POLICY_FILE_MAX, &p.root, e));
	TRY(json_get_object(p.root, "authorization-rules", JSON_MUST, &rules, e));
	TRY(json_only(p.root, names, ARRAY_LEN(names), e));
	if (json_object_get(rules, "type") == NULL)
		return err_set(e, ASSAY_POLICY_FIELD,
			"no \"type\": rules of version 1 are not for these tokens");
	TRY(json_only(rules, parts, ARRAY_LEN(parts), e));
	TRY(json_get_text(rules, "type", JSON_MUST, &type, e));
	if (!bytes_equal(type, BYTES("JWT")))
		return err_set(e, ASSAY_POLICY_FIELD, "type \"%s\" is not JWT", SHOW(type));
	TRY(read_rules(rules, "overall-claims", &p.overall, e));
	TRY(read_rules(rules, "detached-claims", &p.detached, e));
	*out = p;
	p    = (struct nvtrust_policy){ 0 };
	return ASSAY_OK;
}

/* A value as text for a finding: printable, and cut where it is long. */
static enum assay_code tell(const json_t *value, struct buf *out, struct assay_err *e)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

	if (text == NULL)
		return err_no_memory(e);
	buf_text(out, SHOW(bytes_text(text)));
	free(text); /* jansson's own */
	return buf_ok(out, e);
}

/* Rules are as deep as json_read() lets them be. */
enum assay_code nvtrust_policy_ask(const json_t *rules, const json_t *claims,
	struct buf *expected, struct buf *observed, struct assay_err *e)
{
	const char *name;
	json_t     *rule;

	json_object_foreach((json_t *)(uintptr_t)rules, name, rule)
	{
		const json_t *claim = json_object_get(claims, name);

		if (claim != NULL && json_is_object(rule) && json_is_object(claim)) {
			if (nvtrust_policy_ask(rule, claim, expected, observed, e) != ASSAY_OK)
				return err_wrap(e, "%s", SHOW(bytes_text(name)));
			continue;
		}
		if (claim != NULL && !json_is_object(rule) && json_equal(rule, claim) == 1)
			continue;
		TRY(tell(rule, expected, e));
		if (claim == NULL)
			return err_set(e, ASSAY_POLICY_REQUIREMENT, "%s: no such claim",
				SHOW(bytes_text(name)));
		TRY(tell(claim, observed, e));
		return err_set(e, ASSAY_POLICY_REQUIREMENT,
			"%s: the policy asks for another value", SHOW(bytes_text(name)));
	}
	return ASSAY_OK;
}

static enum assay_code add(struct findings *out, struct subject subject,
	const struct assay_err *why, struct buf *expected, struct buf *observed,
	struct assay_err *e)
{
	enum assay_class cls = assay_class(why->code);
	struct finding   row = {
		  .check   = CHECK_TOKEN_POLICY,
		  .subject = subject,
		  .code    = why->code,
		  .outcome = cls == ASSAY_CLASS_ACCEPTED ? ASSAY_OUTCOME_PASS
			  : cls == ASSAY_CLASS_REJECTED || cls == ASSAY_CLASS_MALFORMED
			  ? ASSAY_OUTCOME_FAIL
			  : ASSAY_OUTCOME_UNKNOWN,
	};

	if (cls == ASSAY_CLASS_INTERNAL) {
		*e = *why;
		return e->code;
	}
	return findings_add(out, &row, assay_err_text(why),
		expected == NULL || expected->n == 0 ? NULL : buf_cstr(expected),
		observed == NULL || observed->n == 0 ? NULL : buf_cstr(observed), e);
}

/* claims is this call's */
static enum assay_code apply(const json_t *rules, json_t *claims, const char *iss,
	struct subject subject, struct facts *facts, enum assay_class *verdict,
	struct assay_err *e)
{
	CLEANUP(buf_done) struct buf expected = { 0 }, observed = { 0 };
	AUTO(json_t)                *c   = claims;
	struct assay_err             why = { 0 };

	if (!json_put(c, "iss", json_string(iss)))
		return err_no_memory(e);
	nvtrust_policy_ask(rules, c, &expected, &observed, &why);
	if (assay_class(why.code) < *verdict) /* the list of classes begins with the worst */
		*verdict = assay_class(why.code);
	return add(&facts->findings, subject, &why, &expected, &observed, e);
}

enum assay_code nvtrust_policy_apply(const struct nvtrust_policy *p, const struct claims_ask *a,
	const char *iss, struct facts *facts, enum assay_class *verdict, struct assay_err *e)
{
	enum assay_class after = *verdict; /* the claims are those of before */
	struct assay_err none  = { 0 };
	json_t          *claims;

	/* whatever it asks of each of none would hold; where none could be asked, that is said already */
	if (facts->devices == 0 && after == ASSAY_CLASS_ACCEPTED) {
		err_set(&none, ASSAY_POLICY_REQUIREMENT,
			"the policy is about GPUs and switches, and there is none");
		after = assay_class(none.code) < after ? assay_class(none.code) : after;
		TRY(add(&facts->findings, (struct subject){ SUBJECT_NODE, 0 }, &none, NULL,
			NULL, e));
	}
	TRY(claims_overall(a, &claims, e));
	TRY(apply(p->overall, claims, iss, (struct subject){ SUBJECT_NODE, 0 }, facts, &after,
		e));
	for (size_t i = 0; i < facts->devices; i++) {
		TRY(claims_device(a, &facts->device[i], &claims, e));
		TRY(apply(
			p->detached, claims, iss, facts->device[i].subject, facts, &after, e));
	}
	*verdict = after;
	return ASSAY_OK;
}

/* Open Policy Agent ------------------------------------------------------------------------------------------ */

enum assay_code opa_question(const struct claims_ask *a, struct buf *out, struct assay_err *e)
{
	AUTO(json_t)     *list = json_array(), *ask = NULL;
	struct claims_ask three = *a;

	three.version = 3;
	if (a->facts->devices == 0)
		return err_set(e, ASSAY_DEVICE_NONE, "no device to ask the policy agent about");
	for (size_t i = 0; i < a->facts->devices; i++) {
		json_t *claims;

		TRY(claims_device(&three, &a->facts->device[i], &claims, e));
		if (json_array_append_new(list, claims) != 0)
			return err_no_memory(e);
	}
	ask = json_pack("{s:O}", "input", list);
	return json_write(ask, out, e);
}

enum assay_code opa_answer(struct bytes reply, struct assay_err *e)
{
	AUTO(json_t)    *root = NULL;
	struct assay_err why  = { 0 };

	if (json_read(reply, OPA_REPLY, &root, &why) != ASSAY_OK)
		return err_set(e,
			assay_class(why.code) == ASSAY_CLASS_INTERNAL
				? why.code
				: ASSAY_POLICY_REQUIREMENT,
			"the policy agent's answer: %s", assay_err_text(&why));
	if (json_object_get(root, "result") == NULL)
		return err_set(e, ASSAY_POLICY_REQUIREMENT,
			"the policy agent does not define policy.nv_match");
	if (!json_is_true(json_object_get(root, "result")))
		return err_set(e, ASSAY_POLICY_REQUIREMENT,
			"the policy agent's policy.nv_match is not true");
	return ASSAY_OK;
}

enum assay_code opa_finding(
	const struct assay_err *why, struct findings *out, struct assay_err *e)
{
	return add(out, (struct subject){ SUBJECT_NODE, 0 }, why, NULL, NULL, e);
}
