/* SPDX-License-Identifier: Apache-2.0
 *
 * TCB info of version 3 for TDX: which levels of a family of platforms are good.
 *
 * Source: tdx 4.3, 5.4 (D1), 8.2. */
#ifndef FORMAT_TCB_INFO_H
#define FORMAT_TCB_INFO_H

#include "format/tcb.h"

#define TCB_INFO_NAME "tcbInfo"

struct tcb_level {
	uint8_t            sgx[TCB_PARTS], tdx[TCB_PARTS];
	uint16_t           pcesvn;
	struct tcb_verdict verdict;
	char               part[TCB_PARTS][32]; /* what "type" calls a TDX part, printable */
	char               sgx_part[TCB_PARTS][32];
};

struct tcb_signer { /* of a TDX module */
	uint8_t  mrsigner[48];
	uint64_t attributes, mask;
};

struct tcb_module {
	uint8_t              version; /* of "TDX_01" */
	struct tcb_signer    signer;
	struct tcb_isv_level level[TCB_LEVELS];
	size_t               levels;
};

struct tcb_info {
	int64_t               issued, next;
	uint8_t               fmspc[6], pceid[2];
	int64_t               evaluation;
	struct tcb_signer     module0; /* "tdxModule" */
	struct tcb_module    *module;
	size_t                modules;
	struct tcb_level     *level; /* sorted: the highest first */
	size_t                levels;
	struct tcb_advisories advisories;
};

/* From the signed text of the envelope, and nothing else. ASSAY_JSON_ID when it is of another kind or version; the codes
 * of tcb.h. The caller releases what comes out. */
enum assay_code tcb_info_parse(struct bytes text, struct tcb_info *out, struct assay_err *e);
void            tcb_info_done(struct tcb_info *t);

/* The module of that version, NULL when there is none. */
const struct tcb_module *tcb_info_module(const struct tcb_info *t, uint8_t version);

#endif
