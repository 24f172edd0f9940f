/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CODES_H
#define TESTS_CODES_H

#include "base/err.h"

/* With which code the check that a fault of the forge is meant for says no, or warns; ASSAY_OK: it does neither. So a check
 * that is lost is noticed where another one of the same class stands behind it. */
enum assay_code codes_due(const char *fault);

#endif
