/* SPDX-License-Identifier: Apache-2.0
 *
 * The ready gate: GPUs accept work only after a complete, accepted verdict about the very devices that are there when they
 * are let in. Anything else leaves them shut, or shuts them. Nothing is set before the verdict, so whoever is killed on the
 * way there leaves them as they were: shut, unless an earlier verdict opened them.
 *
 * Source: nvidia-device-access 1.6; nvidia-tools-parity 4.4, 6. */
#ifndef ATTEST_READY_H
#define ATTEST_READY_H

#include "base/finding.h"
#include "collect/collect.h"

/* How the gate reaches the driver; lent. Tests put their own here. */
struct ready_door {
	enum assay_code (*get)(void *ctx, int *ready, struct assay_err *e);
	enum assay_code (*set)(void *ctx, int ready, struct assay_err *e);
	enum assay_code (*survey)(void *ctx, struct collected *out, struct assay_err *e);
	void *ctx;
};

struct ready_said {
	int              before, after; /* 1: GPUs accept work, 0: not, -1: nobody knows */
	struct assay_err why; /* what went wrong at the gate itself; code ASSAY_OK: nothing */
};

/* judged: the devices that the verdict is about. */
void ready_gate(const struct ready_door *door, bool accepted, const struct collected *judged,
	struct ready_said *out);

/* What is to be said of it, as a finding of the node; because: what kept it shut when the verdict was no. */
enum assay_code ready_finding(const struct ready_said *s, bool accepted, enum check because,
	struct findings *out, struct assay_err *e);

#endif
