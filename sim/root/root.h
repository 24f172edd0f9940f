/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine to inspect: procfs, sysfs, boot and configuration files as a healthy guest of the profile has them
 * (spec/environment.md), below one folder; for programs that take --root. */
#ifndef ROOT_ROOT_H
#define ROOT_ROOT_H

#include "platform/platform.h"

/* Writes below an empty folder, without following links. All, or an error. */
enum assay_code root_write(const struct platform *p, int folder, struct assay_err *e);

#endif
