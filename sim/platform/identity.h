/* SPDX-License-Identifier: Apache-2.0
 *
 * What nobody signs of a device and every door says alike: its place on the bus, its product, its memory. */
#ifndef PLATFORM_IDENTITY_H
#define PLATFORM_IDENTITY_H

#include "forge/device.h"

struct identity {
	const char *name;                                        /* as NVML says it */
	uint16_t    vendor, device, subsystem_vendor, subsystem; /* PCI */
	uint32_t class;                                          /* PCI class code, 24 bits */
	uint64_t memory;                                         /* bytes; 0: none */
	unsigned compute_major, compute_minor;
};

const struct identity *identity_of(enum forge_arch arch);

/* PCI bus number; ascending with the number, GPUs and switches apart. Domain and function are 0, the device is 0. */
unsigned identity_bus(enum forge_kind kind, unsigned number);

/* "1650323000003": of 13 digits. */
#define IDENTITY_SERIAL 16
const char *identity_serial(enum forge_kind kind, unsigned number, char out[IDENTITY_SERIAL]);

#endif
