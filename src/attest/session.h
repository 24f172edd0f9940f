/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands behind the public objects; for the commands, which look inside. */
#ifndef ATTEST_SESSION_H
#define ATTEST_SESSION_H

#include <assay/assay.h>

#include "appraise/policy.h"
#include "report/report.h"
#include "verify/facts.h"

struct assay {
	struct crypto       crypto;
	struct trust        trust;
	struct memo        *memo;
	struct pcs_marks   *marks; /* NULL: none; asked where the time is now */
	struct verify_watch watch; /* of every verification */
};

struct assay_evidence {
	unsigned        users; /* its owner, and each report about it */
	struct evidence ev;
};

struct assay_report {
	struct assay_evidence *evidence; /* what facts point into; NULL for a refusal */
	struct facts           facts;
	struct report_view     view;
	uint8_t                nonce[NONCE_SIZE]; /* of view.nonce_given */
	char (*subject)[SUBJECT_TEXT];            /* one a finding */
};

/* Can the policy be read? For who asks others before it is used; and how old OCSP answers may be by it, 0: the default. */
enum assay_code session_policy(
	const struct assay_options *options, int64_t *ocsp_max_age, struct assay_err *e);

/* More findings after the verdict, copied: they can only make it worse. */
enum assay_code session_add(
	struct assay_report *r, const struct findings *more, struct assay_err *e);

/* assay_verify() with what the edge saw when it collected (precheck.h; lent, NULL: nothing); it counts like any finding.
 * Who has observed is in the guest himself. */
enum assay_code session_verify(struct assay *a, struct assay_evidence *ev,
	const struct assay_options *options, const struct findings *observed,
	struct assay_report **out, struct assay_err *e);

#endif
