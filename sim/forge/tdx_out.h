/* SPDX-License-Identifier: Apache-2.0
 *
 * A TD's evidence and collateral as files. */
#ifndef FORGE_TDX_OUT_H
#define FORGE_TDX_OUT_H

#include "forge/tdx.h"

/* Writes below dir/tdx. A TD with the faults of spec, whose version 0 means 4; REPORTDATA is the forge's nonce and
 * zeros. */
enum assay_code tdx_write(struct forge *f, const struct tdx_spec *spec, int64_t at,
	const char *dir, struct assay_err *e);

#endif
