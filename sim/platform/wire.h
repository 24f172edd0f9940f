/* SPDX-License-Identifier: Apache-2.0
 *
 * What a stand-in vendor library, in somebody else's process, and the platform say to each other: one request, one
 * reply, over the UNIX socket WIRE_SOCKET in the state folder. The library finds that folder as the parent of the one
 * it was loaded from, so no environment variable is needed. Host byte order: both ends are one machine.
 *
 *	request   u32 bytes that follow · u8 door · u8 length of name · u32 object · name · payload
 *	reply     u32 bytes that follow · i32 rc · u8 act · payload
 *
 * name is the vendor's own: "nvmlDeviceGetUUID", "/{nvswitch}/id/arch". object is a device's number. rc is what the
 * vendor's function returns. */
#ifndef PLATFORM_WIRE_H
#define PLATFORM_WIRE_H

#include <stdint.h>

#define WIRE_SOCKET "sim.sock"
#define WIRE_NAME   128
#define WIRE_MOST   (64 * 1024) /* of a message, either way: the largest is a report or a chain */
#define WIRE_HEAD   6           /* of a request: door, length, object */
#define WIRE_NONE   UINT32_MAX /* no object */

enum wire_door {
	WIRE_NVML,
	WIRE_NSCQ,
	WIRE_CONTROL, /* assay sim ctl: name is the whole request as words, payload the answer as text */
	WIRE_DOORS
};

/* What the library does with the reply. */
enum wire_act {
	WIRE_RETURN,
	WIRE_CRASH, /* a fault: die of SIGSEGV, as vendor libraries do */
};

#endif
