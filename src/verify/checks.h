/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks, by the file that asks them; device.c and node.c put them in order. Each is a step's ask(). */
#ifndef VERIFY_CHECKS_H
#define VERIFY_CHECKS_H

#include "verify/inquiry.h"

/* identity.c: who the device is */
enum assay_code ask_evidence(struct inquiry *q, struct assay_err *e);
enum assay_code ask_chain_path(struct inquiry *q, struct assay_err *e);
enum assay_code ask_chain_profile(struct inquiry *q, struct assay_err *e);
enum assay_code ask_hints(struct inquiry *q, struct assay_err *e);
enum assay_code ask_fwid(struct inquiry *q, struct assay_err *e);
enum assay_code ask_pdi(struct inquiry *q, struct assay_err *e);

/* revocation.c */
struct collateral;
bool revocation_known(const struct verify_case *c, const struct chain *chain, size_t i,
	const struct collateral *col, struct ocsp_fact *out); /* the memo has it as good, now */
enum assay_code ask_chain_revocation(struct inquiry *q, struct assay_err *e);
enum assay_code ask_rim_revocation(struct inquiry *q, struct assay_err *e);

/* report.c: what the device says */
enum assay_code ask_report_parse(struct inquiry *q, struct assay_err *e);
enum assay_code ask_report_signature(struct inquiry *q, struct assay_err *e);
enum assay_code ask_report_nonce(struct inquiry *q, struct assay_err *e);
enum assay_code ask_opaque(struct inquiry *q, struct assay_err *e);
enum assay_code ask_versions(struct inquiry *q, struct assay_err *e);
enum assay_code ask_lock(struct inquiry *q, struct assay_err *e);
enum assay_code ask_counts(struct inquiry *q, struct assay_err *e);

/* reference.c: what it should be */
enum assay_code ask_rim_present(struct inquiry *q, struct assay_err *e);
enum assay_code ask_rim_structure(struct inquiry *q, struct assay_err *e);
enum assay_code ask_rim_chain(struct inquiry *q, struct assay_err *e);
enum assay_code ask_rim_signature(struct inquiry *q, struct assay_err *e);
enum assay_code ask_rim_identity(struct inquiry *q, struct assay_err *e);
enum assay_code ask_rim_conflict(struct inquiry *q, struct assay_err *e);
enum assay_code ask_measurements(struct inquiry *q, struct assay_err *e);

/* device.c, node.c */
enum assay_code device_verify(const struct verify_case *c, struct facts *facts,
	struct device *d, struct assay_err *e);
enum assay_code node_verify(
	const struct verify_case *c, struct facts *facts, struct assay_err *e);

#endif
