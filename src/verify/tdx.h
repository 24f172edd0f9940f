/* SPDX-License-Identifier: Apache-2.0
 *
 * The guest's checks, by the file that asks them; tdx.c puts them in order. */
#ifndef VERIFY_TDX_H
#define VERIFY_TDX_H

#include "verify/guest.h"
#include "verify/inquiry.h"

/* tdx_collateral.c: what Intel says */
enum assay_code tdx_wants(struct inquiry *q, struct assay_err *e); /* names what is missing */
enum assay_code ask_tdx_crls(struct inquiry *q, struct assay_err *e);
enum assay_code ask_pck_revocation(struct inquiry *q, struct assay_err *e);
enum assay_code ask_tcb_info(struct inquiry *q, struct assay_err *e);
enum assay_code ask_identity(struct inquiry *q, struct assay_err *e);

/* tdx_level.c: what it makes of this platform */
enum assay_code ask_qe_identity(struct inquiry *q, struct assay_err *e);
enum assay_code ask_tcb_module(struct inquiry *q, struct assay_err *e);
enum assay_code ask_tcb(struct inquiry *q, struct assay_err *e);

/* tdx_td.c: the guest itself */
enum assay_code ask_td_attributes(struct inquiry *q, struct assay_err *e);
enum assay_code ask_td_measurements(struct inquiry *q, struct assay_err *e);
enum assay_code ask_reportdata(struct inquiry *q, struct assay_err *e);
enum assay_code ask_replay(struct inquiry *q, struct assay_err *e);

/* The rules of a case; the default ones when the caller gives none. */
const struct tdx_rules *tdx_rules_of(const struct verify_case *c);

/* All of these, of facts->guest. */
enum assay_code guest_verify(
	const struct verify_case *c, struct facts *facts, struct assay_err *e);

/* composite.c: node.binding.*, when there is a guest. */
enum assay_code composite_verify(
	const struct verify_case *c, struct facts *facts, struct assay_err *e);

/* REPORTDATA as this case asks for it, with this channel key (KH). */
enum assay_code composite_reportdata(const struct verify_case *c,
	const uint8_t key[BINDING_KEY], uint8_t out[REPORTDATA_SIZE], struct assay_err *e);

#endif
