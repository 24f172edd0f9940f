/* SPDX-License-Identifier: Apache-2.0
 *
 * A kernel module's own words: the section .modinfo of its ELF file, "name=value" with NULs between.
 *
 * Source: System V ABI, chapters 4 and 5, ELF64 little endian; modinfo(8). */
#ifndef ENV_MODINFO_H
#define ENV_MODINFO_H

#include "base/bytes.h"

/* The first value of that name. false: no module, or none of that name. Only what is needed of the file is looked at. */
bool modinfo_find(struct bytes file, const char *name, struct bytes *value);

#endif
