/* SPDX-License-Identifier: Apache-2.0
 *
 * A policy of nvtrust that is read has two objects of rules, and its own rules as claims fulfil it, unless they hold
 * nothing to compare; no claims fulfil a rule that they lack. An answer of a policy agent is a yes only when it says so. */
#include "fuzz.h"

#include "appraise/nvtrust_policy.h"

static void check_rules(const json_t *rules)
{
	CLEANUP(buf_done) struct buf expected = { 0 }, observed = { 0 };
	AUTO(json_t)                *none = json_object();
	struct assay_err             e    = { 0 };

	HOLDS(json_is_object(rules));
	HOLDS(nvtrust_policy_ask(rules, rules, &expected, &observed, &e) == ASSAY_OK);
	HOLDS(expected.n == 0 && observed.n == 0);
	HOLDS((nvtrust_policy_ask(rules, none, &expected, &observed, &e) == ASSAY_OK) ==
		(json_object_size(rules) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(nvtrust_policy_done) struct nvtrust_policy p    = { 0 };
	struct bytes                                       text = { data, size };
	struct assay_err                                   e    = { 0 };
	bool                                               is   = nvtrust_policy_is(text);

	if (opa_answer(text, &e) == ASSAY_OK)
		HOLDS(memmem(data, size, "true", 4) != NULL);
	else
		HOLDS(e.code == ASSAY_POLICY_REQUIREMENT);
	e = (struct assay_err){ 0 };
	if (nvtrust_policy_parse(text, &p, &e) != ASSAY_OK) {
		HOLDS(p.root == NULL && assay_class(e.code) == ASSAY_CLASS_MALFORMED);
		return 0;
	}
	HOLDS(is);
	check_rules(p.overall);
	check_rules(p.detached);
	return 0;
}
