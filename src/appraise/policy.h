/* SPDX-License-Identifier: Apache-2.0
 *
 * The appraisal policy: what a relying party asks beyond the default, and what it waives. The default is strict. A
 * policy file is assay.policy/1 (docs/policy.md); nothing in it is ignored.
 *
 * A waiver names a check, a reason and an expiry; without a code it covers only what is missing (class UNDECIDED). Only
 * the pairs of check and code that policy_waivable() lists can be waived at all: no signature, no root, no revoked
 * certificate. */
#ifndef APPRAISE_POLICY_H
#define APPRAISE_POLICY_H

#include "base/json.h"
#include "verify/facts.h"

#define POLICY_FILE_MAX (256 * 1024)
#define POLICY_WAIVERS  256
#define POLICY_PINS     256
#define POLICY_REASON   256
#define POLICY_VERSION  33

struct waiver {
	enum check      check;
	enum assay_code code; /* ASSAY_OK: any of class UNDECIDED that may be waived */
	bool            of_subject;
	struct subject  subject;
	enum detail     detail; /* DETAIL_NONE: any */
	unsigned        number;
	int64_t         expires;
	char            reason[POLICY_REASON];
};

struct policy { /* { 0 } is the default */
	struct waiver *waiver;
	size_t         waivers;
	char driver_minimum[POLICY_VERSION], vbios_minimum[POLICY_VERSION]; /* "": none */
	bool fwid, protected_pcie, no_unknown_fields, rim_family;
	uint8_t (*pin)[32]; /* SHA-256 of the RIM documents that may be used; pins == 0: any */
	size_t           pins;
	int64_t          ocsp_max_age; /* 0: the default */
	bool             expected;
	size_t           gpus, switches;
	struct tdx_rules tdx; /* judged where the quote is: verify_case lends them */
};

/* ASSAY_JSON_* and ASSAY_POLICY_FIELD. */
enum assay_code policy_parse(struct bytes json, struct policy *out, struct assay_err *e);

void policy_done(struct policy *p);

/* May this check be waived for that code, of that certificate or measurement? */
bool policy_waivable(
	enum check check, enum assay_code code, enum detail detail, unsigned number);

/* Appraise: add findings for requirements that are not met, turn waived findings into such, and give the verdict. */
enum assay_code appraise(const struct policy *p, struct facts *facts, int64_t now,
	enum assay_class *verdict, struct assay_err *e);

/* "8+4" to its two numbers; ASSAY_INPUT_OPTION. */
enum assay_code policy_expect(
	struct bytes text, size_t *gpus, size_t *switches, struct assay_err *e);

#endif
