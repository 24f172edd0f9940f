/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of checks for one device. GPU and NVSwitch share the rows that they share.
 *
 * Source: nvidia-evidence 0.1. */
#include "verify/checks.h"

/* clang-format off */

/* K: GPU or NVSWITCH. A signature is asked for before anything that it covers is believed. */
#define REPORT_STEPS(K) \
	{ CHECK_##K##_EVIDENCE_PARSE,   { CHECK_##K##_COLLECT }, 0, ask_evidence }, \
	{ CHECK_##K##_CHAIN_PATH,       { CHECK_##K##_EVIDENCE_PARSE }, 0, ask_chain_path }, \
	{ CHECK_##K##_CHAIN_PROFILE,    { CHECK_##K##_CHAIN_PATH }, 0, ask_chain_profile }, \
	{ CHECK_##K##_REPORT_PARSE,     { CHECK_##K##_EVIDENCE_PARSE }, 0, ask_report_parse }, \
	{ CHECK_##K##_REPORT_SIGNATURE, { CHECK_##K##_CHAIN_PATH, CHECK_##K##_REPORT_PARSE }, 0, ask_report_signature }, \
	{ CHECK_##K##_REPORT_NONCE,     { CHECK_##K##_REPORT_SIGNATURE }, 0, ask_report_nonce }, \
	{ CHECK_##K##_REPORT_OPAQUE,    { CHECK_##K##_REPORT_SIGNATURE }, 0, ask_opaque }, \
	{ CHECK_##K##_REPORT_FWID,      { CHECK_##K##_CHAIN_PROFILE, CHECK_##K##_REPORT_OPAQUE }, 0, ask_fwid }, \
	{ CHECK_##K##_CHAIN_REVOCATION, { CHECK_##K##_CHAIN_PATH }, 0, ask_chain_revocation }, \
	{ CHECK_##K##_EVIDENCE_HINTS,   { CHECK_##K##_CHAIN_PROFILE, CHECK_##K##_REPORT_OPAQUE }, 0, ask_hints }, \
	{ CHECK_##K##_REPORT_VERSIONS,  { CHECK_##K##_CHAIN_PROFILE, CHECK_##K##_REPORT_OPAQUE }, 0, ask_versions }

/* V: the check that names the RIM's id; R: the RIM; i: its place in the device. */
#define RIM_STEPS(V, R, i) \
	{ CHECK_##R##_PRESENT,    { V }, i, ask_rim_present }, \
	{ CHECK_##R##_STRUCTURE,  { CHECK_##R##_PRESENT }, i, ask_rim_structure }, \
	{ CHECK_##R##_CHAIN,      { CHECK_##R##_STRUCTURE }, i, ask_rim_chain }, \
	{ CHECK_##R##_SIGNATURE,  { CHECK_##R##_CHAIN }, i, ask_rim_signature }, \
	{ CHECK_##R##_REVOCATION, { CHECK_##R##_CHAIN }, i, ask_rim_revocation }, \
	{ CHECK_##R##_IDENTITY,   { CHECK_##R##_STRUCTURE, CHECK_##R##_SIGNATURE }, i, ask_rim_identity }

static const struct step gpu_steps[] = {
	REPORT_STEPS(GPU),
	RIM_STEPS(CHECK_GPU_REPORT_VERSIONS, GPU_RIM_DRIVER, 0),
	RIM_STEPS(CHECK_GPU_REPORT_VERSIONS, GPU_RIM_VBIOS, 1),
	{ CHECK_GPU_RIM_CONFLICT, { CHECK_GPU_RIM_DRIVER_IDENTITY, CHECK_GPU_RIM_VBIOS_IDENTITY }, 0, ask_rim_conflict },
	{ CHECK_GPU_MEASUREMENTS, { CHECK_GPU_REPORT_VERSIONS }, 0, ask_measurements },
	{ CHECK_GPU_MEASUREMENTS_COUNTS, { CHECK_GPU_REPORT_OPAQUE }, 0, ask_counts },
};

static const struct step switch_steps[] = {
	REPORT_STEPS(NVSWITCH),
	{ CHECK_NVSWITCH_REPORT_PDI, { CHECK_NVSWITCH_CHAIN_PROFILE, CHECK_NVSWITCH_REPORT_OPAQUE }, 0, ask_pdi },
	{ CHECK_NVSWITCH_REPORT_LOCK, { CHECK_NVSWITCH_REPORT_OPAQUE }, 0, ask_lock },
	RIM_STEPS(CHECK_NVSWITCH_REPORT_VERSIONS, NVSWITCH_RIM_BIOS, 0),
	{ CHECK_NVSWITCH_MEASUREMENTS, { CHECK_NVSWITCH_REPORT_VERSIONS }, 0, ask_measurements },
	{ CHECK_NVSWITCH_MEASUREMENTS_COUNTS, { CHECK_NVSWITCH_REPORT_OPAQUE }, 0, ask_counts },
};
/* clang-format on */

/* Why it gave nothing, when that was noted as it was collected. What could not be decoded is the next check's. */
static enum assay_code ask_collect(struct facts *f, struct device *d, struct assay_err *e)
{
	const struct assay_err *why   = &d->evidence->fault;
	enum check              check = d->subject.kind == SUBJECT_GPU ? CHECK_GPU_COLLECT
								       : CHECK_NVSWITCH_COLLECT;
	enum assay_class        cls   = assay_class(why->code);
	struct finding          row   = { .check = check,
			   .subject              = d->subject,
			   .outcome              = ASSAY_OUTCOME_UNKNOWN,
			   .code                 = why->code };

	d->held[check] = cls != ASSAY_CLASS_UNAVAILABLE && cls != ASSAY_CLASS_NOT_READY;
	if (d->held[check])
		return ASSAY_OK;
	return findings_add(&f->findings, &row, assay_err_text(why), NULL, NULL, e);
}

enum assay_code device_verify(
	const struct verify_case *c, struct facts *facts, struct device *d, struct assay_err *e)
{
	bool               gpu   = d->subject.kind == SUBJECT_GPU;
	const struct step *steps = gpu ? gpu_steps : switch_steps;
	size_t             n     = gpu ? ARRAY_LEN(gpu_steps) : ARRAY_LEN(switch_steps);
	char               text[SUBJECT_TEXT];

	if (ask_collect(facts, d, e) != ASSAY_OK ||
		inquire(c, facts, d->subject, d, d->held, steps, n, e) != ASSAY_OK)
		return err_wrap(e, "%s", subject_text(d->subject, text));
	return ASSAY_OK;
}
