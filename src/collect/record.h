/* SPDX-License-Identifier: Apache-2.0
 *
 * What the process that holds a vendor's library tells the one that asked for it: records over a pipe, each a key, a
 * device and a value. The library may have done anything to its process, so the reader believes nothing: keys, devices
 * and sizes are bounded by a table before a value is taken, and text is made printable.
 *
 *	u8 key · u8[3] zero · u32 device · u32 size · value      host byte order: both ends are one machine
 */
#ifndef COLLECT_RECORD_H
#define COLLECT_RECORD_H

#include "base/rd.h"
#include "collect/collect.h"

#define RECORD_HEAD   12
#define RECORD_SYSTEM UINT32_MAX /* in the place of a device: the door as a whole */
#define RECORD_CALLED 96         /* a call's name */

enum record_key {
	RECORD_CALL,  /* text: the function that is called next, for this device */
	RECORD_COUNT, /* u32: so many devices; before anything of a device */
	RECORD_DRIVER,
	RECORD_NVML,
	RECORD_ENVIRONMENT,
	RECORD_CC,
	RECORD_DEVTOOLS,
	RECORD_MULTI_GPU,
	RECORD_CPU_CAPS,
	RECORD_GPU_CAPS,
	RECORD_READY,
	RECORD_NAME,
	RECORD_UUID,
	RECORD_VBIOS,
	RECORD_BUS,
	RECORD_ARCH,
	RECORD_TNVL,
	RECORD_PDI,
	RECORD_REPORT,
	RECORD_CHAIN,
	RECORD_FAULT, /* u32 code, text: of this device, or of the door */
	RECORD_ASKED, /* nothing more about this device */
	RECORD_DONE,  /* nothing more at all */
	RECORD_FABRIC,
	RECORD_FABRIC_STATUS,
	RECORD_UNPROTECTED,
	RECORD_KEYS
};

struct record {
	enum record_key key;
	uint32_t        device;
	struct bytes    value;
};

/* The next record, when it is there as a whole; *whole tells. DEVICE_REPLY when no record can begin so: then nothing
 * that follows can be read either. */
enum assay_code record_read(struct rd *r, struct record *out, bool *whole, struct assay_err *e);

/* Append one; a value over its key's limit is cut. */
void record_put(struct buf *out, enum record_key key, uint32_t device, struct bytes value);

/* What came through one door. */
struct haul {
	struct collected_system  system;
	struct collected_device *device;
	size_t                   devices;
	bool                     counted;
	bool                    *asked; /* by device: nothing more is to be asked */
	struct assay_err         fault; /* of the door */
};

void haul_open(struct haul *h);
void haul_done(struct haul *h);

/* Take what a record says; CALL and DONE are the caller's. DEVICE_REPLY when it cannot be, NO_MEMORY. */
enum assay_code haul_take(
	struct haul *h, enum device_kind kind, const struct record *r, struct assay_err *e);

/* Why a device gave nothing, or with RECORD_SYSTEM the door: then all devices that are known and were not asked yet.
 * What came before stays. */
void haul_blame(struct haul *h, uint32_t device, const struct assay_err *why);

#endif
