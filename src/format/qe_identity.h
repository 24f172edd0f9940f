/* SPDX-License-Identifier: Apache-2.0
 *
 * The identity of Intel's quoting enclave for TDs, version 2.
 *
 * Source: tdx 4.4, 5.4 (D4), 8.2. */
#ifndef FORMAT_QE_IDENTITY_H
#define FORMAT_QE_IDENTITY_H

#include "format/tcb.h"

#define QE_IDENTITY_NAME "enclaveIdentity"

struct qe_identity {
	int64_t               issued, next, evaluation;
	uint8_t               miscselect[4], miscselect_mask[4]; /* as in memory */
	uint8_t               attributes[16], attributes_mask[16];
	uint8_t               mrsigner[32];
	uint16_t              isvprodid;
	struct tcb_isv_level  level[TCB_LEVELS]; /* the highest first */
	size_t                levels;
	struct tcb_advisories advisories;
};

/* From the signed text of the envelope. ASSAY_JSON_ID when it is of another kind or version; the codes of tcb.h. The
 * caller releases what comes out. */
enum assay_code qe_identity_parse(
	struct bytes text, struct qe_identity *out, struct assay_err *e);
void qe_identity_done(struct qe_identity *q);

#endif
