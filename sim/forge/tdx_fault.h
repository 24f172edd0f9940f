/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults of a TD, its quote and Intel's collateral (spec/tdx.md 8.1), as rows like those of fault.h. */
#ifndef FORGE_TDX_FAULT_H
#define FORGE_TDX_FAULT_H

#include "forge/tdx.h"

struct tdx_fault {
	const char *name;
	const char *attack;
	const char *finding; /* the check that must notice */
	int         exit;
	/* Hooks, in the order of the way: added by who writes the rows. */
};

const struct tdx_fault *tdx_fault_named(const char *name);
const struct tdx_fault *tdx_fault_at(size_t i);

/* "quote, before signing" */
const char *tdx_fault_stage(const struct tdx_fault *t);

#endif
