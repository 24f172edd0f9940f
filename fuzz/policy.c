/* SPDX-License-Identifier: Apache-2.0
 *
 * A policy that is read has each waiver within what may be waived; and no policy at all turns a node whose report is
 * signed by a stranger, whose chain ends elsewhere and whose certificate is revoked into anything but rejected. */
#include "fuzz.h"

#include "appraise/policy.h"
#include "base/utc.h"

static const struct {
	enum check      check;
	enum assay_code code;
} facts[] = {
	{ CHECK_GPU_CHAIN_PATH, ASSAY_CHAIN_ROOT },
	{ CHECK_GPU_REPORT_SIGNATURE, ASSAY_REPORT_SIGNATURE },
	{ CHECK_GPU_CHAIN_REVOCATION, ASSAY_OCSP_REVOKED },
};

/* One fact at a time: none of them is forgiven because of another. */
static void appraise_one(const struct policy *p, size_t i)
{
	CLEANUP(findings_done) struct findings list = { 0 };
	struct finding                         row  = { .check = facts[i].check,
					 .subject              = { SUBJECT_GPU, 0 },
					 .outcome              = ASSAY_OUTCOME_FAIL,
					 .code                 = facts[i].code };
	struct device                          d    = { .subject = { SUBJECT_GPU, 0 } };
	struct facts     f = { .device = &d, .devices = 1, .gpus = 1, .valid_until = UTC_MAX };
	enum assay_class verdict = ASSAY_CLASS_ACCEPTED;
	struct assay_err e       = { 0 };

	HOLDS(findings_add(&list, &row, "no", NULL, NULL, &e) == ASSAY_OK);
	f.findings = list;
	HOLDS(appraise(p, &f, 0, &verdict, &e) == ASSAY_OK);
	list = f.findings;
	HOLDS(verdict == ASSAY_CLASS_REJECTED);
}

static void check(const struct policy *p)
{
	HOLDS(p->waivers <= POLICY_WAIVERS && p->pins <= POLICY_PINS);
	HOLDS((p->pins == 0) == (p->pin == NULL) && p->ocsp_max_age >= 0);
	for (size_t i = 0; i < p->waivers; i++) {
		const struct waiver *w = &p->waiver[i];

		HOLDS(w->check > CHECK_NONE && w->check < CHECK_COUNT && w->reason[0] != 0);
		HOLDS(w->code == ASSAY_OK ||
			policy_waivable(w->check, w->code, w->detail, w->number));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(policy_done) struct policy p = { 0 };
	struct assay_err                   e = { 0 };

	if (policy_parse((struct bytes){ data, size }, &p, &e) != ASSAY_OK) {
		HOLDS(assay_class(e.code) == ASSAY_CLASS_MALFORMED &&
			assay_err_text(&e)[0] != 0);
		HOLDS(p.waivers == 0 && p.pins == 0);
		return 0;
	}
	check(&p);
	for (size_t i = 0; i < ARRAY_LEN(facts); i++)
		appraise_one(&p, i);
	return 0;
}
