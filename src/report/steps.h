/* SPDX-License-Identifier: Apache-2.0
 *
 * What was done with each device, step by step, in the order in which people know it from NVIDIA's verifiers: certificate
 * chain, report, RIMs, measurements. Pure; says nothing that the findings do not say.
 *
 * Source: nvidia-tools-parity 2.3. */
#ifndef REPORT_STEPS_H
#define REPORT_STEPS_H

#include "verify/facts.h"

/* Appended. */
enum assay_code steps_text(const struct facts *f, struct buf *out, struct assay_err *e);

#endif
