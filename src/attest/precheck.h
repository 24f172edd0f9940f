/* SPDX-License-Identifier: Apache-2.0
 *
 * What the drivers say, before any evidence is judged, as findings: is there a device, did it give evidence, is it in a
 * confidential mode. None of it is signed, so it can only take trust away: that a mode is on is shown by the evidence. */
#ifndef ATTEST_PRECHECK_H
#define ATTEST_PRECHECK_H

#include "base/finding.h"
#include "collect/collect.h"

enum precheck_mode {
	PRECHECK_ANY,   /* CC or protected PCIe */
	PRECHECK_CC,    /* one GPU or several, each for itself */
	PRECHECK_PPCIE, /* protected PCIe, with switches */
};

/* gpu.collect and nvswitch.collect of each device that gave evidence, and of a door that did not open (subject: node);
 * gpu.mode and gpu.devtools of the system (node); nvswitch.mode of each switch. A device that gave none is not here: it
 * is in the evidence with its fault, and verify() says so. Appended to out, for session_verify(). */
enum assay_code precheck(const struct collected *c, enum precheck_mode expected,
	struct findings *out, struct assay_err *e);

#endif
