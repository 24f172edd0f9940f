/* SPDX-License-Identifier: Apache-2.0
 *
 * The kinds of device that give evidence, and the families whose evidence assay can judge. */
#ifndef FORMAT_DEVICE_H
#define FORMAT_DEVICE_H

#include "base/bytes.h"
#include "base/err.h"

enum device_kind { DEVICE_GPU, DEVICE_NVSWITCH, DEVICE_TDX, DEVICE_KINDS };

enum device_family { FAMILY_NONE, FAMILY_HOPPER, FAMILY_BLACKWELL, FAMILY_LS10 };

/* "gpu", "nvswitch", "tdx": as subjects and bundles spell them. */
const char *device_kind_name(enum device_kind kind);

/* "HOPPER", "BLACKWELL", "LS10"; "" for FAMILY_NONE. */
const char *device_family_name(enum device_family family);

/* The kind of device that a family is; DEVICE_GPU for FAMILY_NONE. */
enum device_kind device_family_kind(enum device_family family);

/* As containers spell it: GPU names in any case, switch names exactly (nvidia-evidence 1.3). */
enum device_family device_family_parse(struct bytes arch);

/* The same, saying why not: ASSAY_INPUT_ARCH, with words of its own for families that are known but have no evidence
 * that assay can judge (Ampere, Rubin, SV10 ...). */
enum assay_code device_family_read(
	struct bytes arch, enum device_family *out, struct assay_err *e);

/* "gpu", "nvswitch", "tdx" back to the kind; false when it is none of them. */
bool device_kind_parse(struct bytes name, enum device_kind *out);

#endif
