/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims: what a token says about each device and about all of them, by NVIDIA's names, version 3.0 with what its own
 * library adds, or 2.0. Every claim is drawn from findings and facts; nothing is claimed that no check held for.
 *
 *	true      the check held
 *	false     it did not, waived or not: a waiver changes the verdict and no fact
 *	null      it was not reached, not decided, or there is nothing to check; version 2.0 has false (texts: "")
 *
 * x-nvidia-overall-att-result is true when our verdict is accepted and nothing was waived: who reads it elsewhere has not
 * agreed to our waivers. secboot and dbgstat are derived, as in every tool: there when all that is required of the
 * device held.
 *
 * Source: nvidia-claims-and-services 3 and 4; docs/token.md for x-assay-. */
#ifndef APPRAISE_CLAIMS_H
#define APPRAISE_CLAIMS_H

#include "base/json.h"
#include "verify/facts.h"

#define CLAIMS_SUB     "NVIDIA-PLATFORM-ATTESTATION"
#define CLAIMS_ANCHORS "TEST ANCHORS"
#define CLAIMS_LABEL   16 /* "SWITCH-63", with NUL */

struct claims_ask { /* lent */
	const struct facts *facts;
	enum assay_class    verdict;
	int64_t             at; /* that everything was judged at */
	bool                historic, test_anchors;
	const uint8_t      *nonce;   /* NONCE_SIZE bytes; NULL: none was given */
	unsigned            version; /* 3 or 2 */
};

/* x-nvidia-overall-att-result. */
bool claims_result(const struct claims_ask *a);

/* "GPU-0", "SWITCH-3". */
const char *claims_label(const struct device *d, char label[CLAIMS_LABEL]);

/* Without iss, dates and jti; the overall ones without submods too. Owned by the caller. ASSAY_NO_MEMORY. */
enum assay_code claims_device(
	const struct claims_ask *a, const struct device *d, json_t **out, struct assay_err *e);
enum assay_code claims_overall(const struct claims_ask *a, json_t **out, struct assay_err *e);

#endif
