/* SPDX-License-Identifier: Apache-2.0
 *
 * A finding is one row of a report: what was checked, on what, how it came out, and what to do. Everything that assay
 * says is a finding. */
#ifndef ASSAY_FINDING_H
#define ASSAY_FINDING_H

#include <assay/err.h>

#ifdef __cplusplus
extern "C" {
#endif

/* name, as reports spell it. Zero is "skipped": nothing passes by default. */
#define ASSAY_OUTCOMES(X)                   \
	X(SKIPPED, "skipped")               \
	X(PASS, "pass")                     \
	X(NOT_APPLICABLE, "not-applicable") \
	X(FAIL, "fail")                     \
	X(UNKNOWN, "unknown")               \
	X(WARN, "warn")                     \
	X(WAIVED, "waived")                 \
	X(PENDING_REBOOT, "pending-reboot") \
	X(IN_PROGRESS, "in-progress")

enum assay_outcome {
#define X(name, text) ASSAY_OUTCOME_##name,
	ASSAY_OUTCOMES(X)
#undef X
};

/* All text is printable, "" where there is nothing to say, and lives as long as the report. */
struct assay_finding {
	const char        *id;      /* "gpu.report.nonce": stable, see assay explain */
	const char        *subject; /* "node", "gpu0", "nvswitch3" */
	enum assay_outcome outcome;
	enum assay_code    code; /* ASSAY_OK for pass, not-applicable and skipped */
	const char        *message;
	const char        *expected;
	const char        *observed;
	const char        *source;  /* section of the specification */
	const char        *because; /* skipped: the id that it waited for */
	const char        *waiver;  /* waived: the reason that the policy gives */
	const char        *remedy;
	const char
		*detail; /* "measurement" or "certificate": what number counts; "" for none */
	unsigned number;
};

ASSAY_API const char *assay_outcome_name(enum assay_outcome outcome);

#ifdef __cplusplus
}
#endif
#endif
