/* SPDX-License-Identifier: Apache-2.0
 *
 * An attestation's stages, as people know them from NVIDIA's PPCIE verifier: each is a group of checks, and its status
 * follows from their findings alone. Pure; how long a stage took is told to it.
 *
 * Source: nvidia-tools-parity 4.3 and 4.4. */
#ifndef REPORT_STAGES_H
#define REPORT_STAGES_H

#include "base/buf.h"
#include "base/finding.h"

enum stage {
	STAGE_GPU_CHECKS, /* before evidence: modes, counts */
	STAGE_SWITCH_CHECKS,
	STAGE_GPU,
	STAGE_SWITCH,
	STAGE_TD,
	STAGE_TOPOLOGY,
	STAGE_BINDING,
	STAGE_READY,
	STAGES
};

enum stage_status { STAGE_SKIPPED, STAGE_SUCCESS, STAGE_FAILED };

struct stages { /* { 0 } is: nothing was done */
	enum stage_status status[STAGES];
	int64_t           us[STAGES]; /* microseconds that it took; 0: it was not done */
	int64_t           total_us;
};

/* The stage that a finding belongs to. Where a door gave nothing at all, that is one of the node, and comes before evidence. */
enum stage stage_of(enum check check, enum subject_kind subject);

const char *stage_name(enum stage s);                              /* "GPU pre-checks" */
const char *stage_status_name(enum stage_status s);                /* "SUCCESS" */
bool        stage_shown(const struct stages *s, enum stage which); /* has it a row? */

/* Fills in status. FAILED: a finding failed, or is unknown or awaited. SUCCESS: something held, and nothing waits for what
 * did not. */
void stages_judge(const struct findings *f, struct stages *s);

/* The table, appended. */
enum assay_code stages_text(
	const struct stages *s, bool colour, struct buf *out, struct assay_err *e);

#endif
