/* SPDX-License-Identifier: Apache-2.0
 *
 * Policies of others. nvtrust's JSON policies know one operator: a claim is there and equal. They are read as they are,
 * but strictly where nvtrust's host language is not: true is not 1. Rego is evaluated by a real Open Policy Agent, over
 * its HTTP API: here is what it is asked, and what of its answers is a yes.
 *
 * Both can only make a verdict stricter. What assay refuses, no policy of this kind accepts.
 *
 * Source: nvidia-claims-and-services 5. */
#ifndef APPRAISE_NVTRUST_POLICY_H
#define APPRAISE_NVTRUST_POLICY_H

#include "appraise/claims.h"
#include "appraise/policy.h"

struct nvtrust_policy {
	json_t       *root;
	const json_t *overall, *detached; /* objects of root */
};

/* Is this one of nvtrust's, rather than assay.policy/1? */
bool nvtrust_policy_is(struct bytes json);

/* ASSAY_JSON_*, ASSAY_POLICY_FIELD. */
enum assay_code nvtrust_policy_parse(
	struct bytes json, struct nvtrust_policy *out, struct assay_err *e);
void nvtrust_policy_done(struct nvtrust_policy *p);

/* One object of rules against one of claims: ASSAY_POLICY_REQUIREMENT, which names the first claim that does not do, and
 * what was asked and is. */
enum assay_code nvtrust_policy_ask(const json_t *rules, const json_t *claims,
	struct buf *expected, struct buf *observed, struct assay_err *e);

/* The policy against what would be in the token: one finding for the node and one for each device, and the verdict
 * worse where one fails. iss: as the token's. */
enum assay_code nvtrust_policy_apply(const struct nvtrust_policy *p, const struct claims_ask *a,
	const char *iss, struct facts *facts, enum assay_class *verdict, struct assay_err *e);

#define OPA_PATH  "/v1/data/policy/nv_match"
#define OPA_REPLY (64 * 1024)

/* {"input": [claims of each device]}, version 3.0 with NVIDIA's additions, appended. No device: nothing is asked, since
 * "every x in input" holds for none: ASSAY_DEVICE_NONE. */
enum assay_code opa_question(const struct claims_ask *a, struct buf *out, struct assay_err *e);

/* ASSAY_OK for a "result" that is exactly true; else ASSAY_POLICY_REQUIREMENT. */
enum assay_code opa_answer(struct bytes reply, struct assay_err *e);

/* What came of asking, as a finding of the node, token.policy, appended; why: ASSAY_OK for yes. */
enum assay_code opa_finding(
	const struct assay_err *why, struct findings *out, struct assay_err *e);

#endif
