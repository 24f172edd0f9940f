/* SPDX-License-Identifier: Apache-2.0
 *
 * How GPUs hang together: NVLink to the switches, as the reports tell it, and PCIe, where all are behind one host
 * bridge. */
#include "nvml/nvml.h"

#include <stddef.h>
#include <string.h>

#define EXPORT    __attribute__((visibility("default")))
#define CALL(...) EXPORT nvml_return __VA_ARGS__

#define HOST_BRIDGE    30
#define VERSION_HOPPER 6 /* 4.0 */
#define VERSION_LATER  7 /* 5.0 */
#define TYPE_SWITCH    2
#define P2P_OK         0
#define P2P_NONE       5 /* not supported */
#define P2P_INDEXES    5

/* Not supported: the link is down. */
CALL(nvmlDeviceGetNvLinkRemotePciInfo_v2(
	nvml_device device, unsigned link, struct nvml_pci *out));
nvml_return nvmlDeviceGetNvLinkRemotePciInfo_v2(
	nvml_device device, unsigned link, struct nvml_pci *out)
{
	return nvml_link(device, link, out);
}

/* No room for the bus id, as in nvmlDeviceGetPciInfo. */
CALL(nvmlDeviceGetNvLinkRemotePciInfo(nvml_device device, unsigned link, struct nvml_pci *out));
nvml_return nvmlDeviceGetNvLinkRemotePciInfo(
	nvml_device device, unsigned link, struct nvml_pci *out)
{
	struct nvml_pci now;
	nvml_return     rc = nvml_link(device, link, &now);

	if (rc == NVML_SUCCESS && out == NULL)
		rc = NVML_INVALID_ARGUMENT;
	if (rc == NVML_SUCCESS)
		memcpy(out, &now, offsetof(struct nvml_pci, bus_id));
	return rc;
}

CALL(nvmlDeviceGetNvLinkState(nvml_device device, unsigned link, unsigned *out));
nvml_return nvmlDeviceGetNvLinkState(nvml_device device, unsigned link, unsigned *out)
{
	struct nvml_pci unused;
	nvml_return     rc = nvml_link(device, link, &unused);

	if (rc != NVML_SUCCESS && rc != NVML_NOT_SUPPORTED)
		return rc;
	return nvml_tell(device, out, rc == NVML_SUCCESS);
}

CALL(nvmlDeviceGetNvLinkRemoteDeviceType(nvml_device device, unsigned link, unsigned *out));
nvml_return nvmlDeviceGetNvLinkRemoteDeviceType(
	nvml_device device, unsigned link, unsigned *out)
{
	struct nvml_pci unused;
	nvml_return     rc = nvml_link(device, link, &unused);

	return rc != NVML_SUCCESS ? rc : nvml_tell(device, out, TYPE_SWITCH);
}

CALL(nvmlDeviceGetNvLinkVersion(nvml_device device, unsigned link, unsigned *out));
nvml_return nvmlDeviceGetNvLinkVersion(nvml_device device, unsigned link, unsigned *out)
{
	unsigned    arch = 0, up;
	nvml_return rc   = nvmlDeviceGetNvLinkState(device, link, &up);

	if (rc == NVML_SUCCESS)
		rc = nvmlDeviceGetArchitecture(device, &arch);
	if (rc != NVML_SUCCESS)
		return rc;
	return nvml_tell(
		device, out, arch == NVML_ARCH_HOPPER ? VERSION_HOPPER : VERSION_LATER);
}

/* P2P, system memory, atomics of both, SLI, valid. */
CALL(nvmlDeviceGetNvLinkCapability(
	nvml_device device, unsigned link, unsigned capability, unsigned *out));
nvml_return nvmlDeviceGetNvLinkCapability(
	nvml_device device, unsigned link, unsigned capability, unsigned *out)
{
	static const unsigned has[] = { 1, 1, 1, 1, 0, 1 };
	unsigned              up;
	nvml_return           rc = nvmlDeviceGetNvLinkState(device, link, &up);

	if (rc == NVML_SUCCESS && capability >= sizeof(has) / sizeof(has[0]))
		rc = NVML_INVALID_ARGUMENT;
	return rc != NVML_SUCCESS ? rc : nvml_tell(device, out, up != 0 ? has[capability] : 0);
}

CALL(nvmlDeviceGetNvLinkErrorCounter(
	nvml_device device, unsigned link, unsigned counter, unsigned long long *out));
nvml_return nvmlDeviceGetNvLinkErrorCounter(
	nvml_device device, unsigned link, unsigned counter, unsigned long long *out)
{
	unsigned    up;
	nvml_return rc = nvmlDeviceGetNvLinkState(device, link, &up);

	if (rc == NVML_SUCCESS && (counter > 4 || out == NULL))
		rc = NVML_INVALID_ARGUMENT;
	if (rc == NVML_SUCCESS)
		*out = 0;
	return rc;
}

/* ---- two GPUs ---- */

static nvml_return both(nvml_device a, nvml_device b)
{
	unsigned    unused;
	nvml_return rc = nvml_tell(a, &unused, 0);

	return rc != NVML_SUCCESS ? rc : nvml_tell(b, &unused, 0);
}

CALL(nvmlDeviceGetTopologyCommonAncestor(nvml_device a, nvml_device b, unsigned *out));
nvml_return nvmlDeviceGetTopologyCommonAncestor(nvml_device a, nvml_device b, unsigned *out)
{
	nvml_return rc = both(a, b);

	return rc != NVML_SUCCESS ? rc : nvml_tell(a, out, a == b ? 0 : HOST_BRIDGE);
}

CALL(nvmlDeviceOnSameBoard(nvml_device a, nvml_device b, int *out));
nvml_return nvmlDeviceOnSameBoard(nvml_device a, nvml_device b, int *out)
{
	nvml_return rc = both(a, b);

	if (rc == NVML_SUCCESS && out == NULL)
		rc = NVML_INVALID_ARGUMENT;
	if (rc == NVML_SUCCESS)
		*out = a == b;
	return rc;
}

/* To each other they speak through switches, or not at all. */
CALL(nvmlDeviceGetP2PStatus(nvml_device a, nvml_device b, unsigned index, unsigned *out));
nvml_return nvmlDeviceGetP2PStatus(nvml_device a, nvml_device b, unsigned index, unsigned *out)
{
	unsigned    up = 0;
	nvml_return rc = both(a, b);

	if (rc == NVML_SUCCESS && index >= P2P_INDEXES)
		rc = NVML_INVALID_ARGUMENT;
	if (rc == NVML_SUCCESS)
		rc = nvmlDeviceGetNvLinkState(a, 0, &up);
	return rc != NVML_SUCCESS ? rc : nvml_tell(a, out, up != 0 ? P2P_OK : P2P_NONE);
}

/* Count is the caller's room, then how many there are; all but one, or all. */
static nvml_return list(nvml_device but, bool any, unsigned *count, nvml_device *out)
{
	const unsigned room = count == NULL ? 0 : *count;
	unsigned       all = 0, n = 0;
	nvml_return    rc = nvmlDeviceGetCount_v2(&all);

	if (rc == NVML_SUCCESS && count == NULL)
		rc = NVML_INVALID_ARGUMENT;
	for (unsigned i = 0; rc == NVML_SUCCESS && any && i < all; i++) {
		nvml_device d;

		rc = nvmlDeviceGetHandleByIndex_v2(i, &d);
		if (rc != NVML_SUCCESS || d == but)
			continue;
		if (n < room && out != NULL)
			out[n] = d;
		n++;
	}
	if (rc != NVML_SUCCESS)
		return rc;
	*count = n;
	return n > room && out != NULL ? NVML_INSUFFICIENT_SIZE : NVML_SUCCESS;
}

CALL(nvmlDeviceGetTopologyNearestGpus(
	nvml_device device, unsigned level, unsigned *count, nvml_device *out));
nvml_return nvmlDeviceGetTopologyNearestGpus(
	nvml_device device, unsigned level, unsigned *count, nvml_device *out)
{
	nvml_return rc = both(device, device);

	if (rc == NVML_SUCCESS && (level > 50 || level % 10 != 0))
		rc = NVML_INVALID_ARGUMENT;
	return rc != NVML_SUCCESS ? rc : list(device, level == HOST_BRIDGE, count, out);
}

/* Those near a processor. */
CALL(nvmlSystemGetTopologyGpuSet(unsigned processor, unsigned *count, nvml_device *out));
nvml_return nvmlSystemGetTopologyGpuSet(unsigned processor, unsigned *count, nvml_device *out)
{
	(void)processor;
	return list(NULL, true, count, out);
}
