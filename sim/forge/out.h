/* SPDX-License-Identifier: Apache-2.0
 *
 * A bundle as files: for assay, for NVIDIA's tools, and each part by itself. */
#ifndef FORGE_OUT_H
#define FORGE_OUT_H

#include "forge/forge.h"

/* Writes below dir, which is made when it is absent; what is there under the same names is replaced. */
enum assay_code out_write(
	struct forge *f, const struct forge_bundle *b, const char *dir, struct assay_err *e);

/* A folder, which may be there already; one file in it, replaced when it is there. */
enum assay_code out_folder(const char *path, struct assay_err *e);
enum assay_code out_file(
	const char *dir, const char *name, struct bytes content, struct assay_err *e);

#endif
