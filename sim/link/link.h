/* SPDX-License-Identifier: Apache-2.0
 *
 * The stand-in libraries' end of platform/wire.h, inside of somebody else's process: no allocation, no signals, errno as
 * it was. A connection carries one request at a time; there are a few of them, so that a call that hangs does not hold
 * up the others, and a child of fork() has its own. */
#ifndef LINK_LINK_H
#define LINK_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/wire.h"

/* Ask, and wait. Bytes of the reply beyond most make it a failed one. False: there is no platform, or it has gone. May
 * not return at all: a fault hangs, or crashes the process. */
bool link_ask(enum wire_door door, const char *name, uint32_t object, const void *payload,
	size_t n, int32_t *rc, void *out, size_t most, size_t *out_n);

#endif
