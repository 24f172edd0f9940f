/* SPDX-License-Identifier: Apache-2.0
 *
 * TCB levels: which of them a platform has, and what they make of it together. Pure arithmetic over verified documents.
 *
 * Source: tdx 5.6 (T1 to T12), 5.7. */
#ifndef VERIFY_TDX_TCB_H
#define VERIFY_TDX_TCB_H

#include "verify/guest.h"

/* T2, T3, T6: the levels of SGX and TDX components to r->sgx, r->tdx, r->platform. ASSAY_TCB_NOT_SUPPORTED: the message
 * says which part is low. */
enum assay_code tcb_platform(const struct tcb_info *t, const struct pck *p, struct bytes svn,
	struct tcb_result *r, struct assay_err *e);

/* T4, T5 to r->module, r->module_level, r->of_module. ASSAY_TCB_MODULE_MISMATCH, ASSAY_TCB_NOT_SUPPORTED. */
enum assay_code tcb_module(const struct tcb_info *t, const struct tdx_td *td,
	struct tcb_result *r, struct assay_err *e);

/* T8 to r->qe_level, r->of_qe. ASSAY_QE_SVN. */
enum assay_code tcb_qe(const struct qe_identity *q, uint16_t isvsvn, struct tcb_result *r,
	struct assay_err *e);

/* T7 and T10. */
enum tcb_status tcb_merge(enum tcb_status platform, enum tcb_status other);

/* T6, T7, T9, T10: all of r to r->merged and r->date. ASSAY_TCB_MODULE_MISMATCH when the module that is loaded now is
 * not listed. */
enum assay_code tcb_together(const struct tcb_info *t, const struct tdx_td *td,
	struct tcb_result *r, struct assay_err *e);

/* May it pass (tdx 5.7)? The level's own date and advisories count, those of verdict; merged: as a relaunch is judged.
 * ASSAY_TCB_REVOKED, TCB_UNRECOGNIZED, TCB_STATUS, TCB_DATE, TCB_ADVISORY. */
enum assay_code tcb_accept(const struct tdx_rules *rules, enum tcb_status status, int64_t date,
	const struct tcb_advisories *advisories, struct assay_err *e);

/* Parts that are below the highest level, in words, appended to out: "SGX component 1 (Early Microcode Update) is 2, not
 * 3". Nothing when all are there. */
void tcb_low(const struct tcb_info *t, const struct pck *p, struct bytes svn, struct buf *out);

/* The advisories of a level, added to a list that has each once. */
enum assay_code tcb_add_advisories(const struct tcb_advisories *from,
	const struct tcb_verdict *v, struct tcb_advisories *to, struct assay_err *e);

#endif
