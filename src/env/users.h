/* SPDX-License-Identifier: Apache-2.0
 *
 * Who has a GPU open, by the descriptors of all processes. The driver's own daemons count for nobody.
 *
 * Source: environment DRV-06; proc(5). */
#ifndef ENV_USERS_H
#define ENV_USERS_H

#include "env/root.h"

/* "python3 (4711)", the first that is found, or that some descriptors could not be read, and so nobody knows. false: none. */
bool gpu_user(const struct root *r, char *out, size_t size);

#endif
