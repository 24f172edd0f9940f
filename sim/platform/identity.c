/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/identity.h"

#include <stdio.h>

#define NVIDIA 0x10de
#define MIB    (UINT64_C(1) << 20)

static const struct identity products[FORGE_ARCHS] = {
	[FORGE_HOPPER]    = { "NVIDIA H100 80GB HBM3", NVIDIA, 0x2330, NVIDIA, 0x16c1, 0x030200,
		   81559 * MIB, 9, 0 },
	[FORGE_BLACKWELL] = { "NVIDIA B200", NVIDIA, 0x2901, NVIDIA, 0x1999, 0x030200,
		183359 * MIB, 10, 0 },
	[FORGE_LS10] = { "NVIDIA NVSwitch", NVIDIA, 0x22a3, NVIDIA, 0x1796, 0x068000, 0, 0, 0 },
};

const struct identity *identity_of(enum forge_arch arch)
{
	return &products[arch];
}

unsigned identity_bus(enum forge_kind kind, unsigned number)
{
	/* Switches below 0x10, GPUs from there on, with gaps as behind real bridges. */
	return kind == FORGE_SWITCH ? 1 + number : 0x10 + 0x0d * number;
}

const char *identity_serial(enum forge_kind kind, unsigned number, char out[IDENTITY_SERIAL])
{
	snprintf(out, IDENTITY_SERIAL, "16503230%05u", kind * 1000 + number + 1);
	return out;
}
