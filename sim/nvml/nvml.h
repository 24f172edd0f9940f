/* SPDX-License-Identifier: Apache-2.0
 *
 * What the stand-in libnvidia-ml exports, and what its own files share. */
#ifndef NVML_NVML_H
#define NVML_NVML_H

#include <stdbool.h>

#include "format/nvml.h"

#define NVML_LINKS 18

/* Older and newer ones than attestation asks for. */
struct nvml_fabric_info_v1 {
	uint8_t  cluster[16];
	int      status;
	unsigned clique;
	uint8_t  state;
};

struct nvml_fabric_info_v3 {
	struct nvml_fabric_info v2;
	uint8_t                 summary;
};

#define NVML_FABRIC_INFO_V3 NVML_VERSION(struct nvml_fabric_info_v3, 3U)
_Static_assert(sizeof(struct nvml_fabric_info_v1) == 28, "fabric info, 1");
_Static_assert(NVML_FABRIC_INFO_V3 == 0x03000028, "fabric info, 3");

/* Has anyone called nvmlInit? */
bool nvml_ready(void);

/* That value, when the device is there: the driver says. */
nvml_return nvml_tell(nvml_device device, unsigned *out, unsigned value);

/* The handle of that number, which may be nobody's. */
nvml_device nvml_device_of(unsigned number);

/* Who is at the other end. */
nvml_return nvml_link(nvml_device device, unsigned link, struct nvml_pci *out);

#pragma GCC visibility push(default)
nvml_return            nvmlInit_v2(void);
nvml_return            nvmlInit(void);
nvml_return            nvmlInitWithFlags(unsigned flags);
nvml_return            nvmlShutdown(void);
const char            *nvmlErrorString(nvml_return code);
nvml_return            nvmlSystemGetDriverVersion(char *version, unsigned length);
nvml_return            nvmlSystemGetNVMLVersion(char *version, unsigned length);
nvml_return            nvmlSystemGetCudaDriverVersion(int *version);
nvml_return            nvmlSystemGetCudaDriverVersion_v2(int *version);
nvml_return            nvmlSystemGetConfComputeCapabilities(struct nvml_cc_capabilities *caps);
nvml_return            nvmlSystemGetConfComputeState(struct nvml_cc_state *state);
nvml_return            nvmlSystemGetConfComputeSettings(struct nvml_cc_settings *settings);
nvml_return            nvmlSystemGetConfComputeGpusReadyState(unsigned *accepting);
nvml_return            nvmlSystemSetConfComputeGpusReadyState(unsigned accepting);
nvml_return nvmlSystemGetConfComputeKeyRotationThresholdInfo(struct nvml_key_rotation *info);
nvml_return nvmlSystemSetConfComputeKeyRotationThresholdInfo(struct nvml_key_rotation *info);
nvml_return nvmlDeviceGetCount_v2(unsigned *count);
nvml_return nvmlDeviceGetCount(unsigned *count);
nvml_return nvmlDeviceGetHandleByIndex_v2(unsigned index, nvml_device *device);
nvml_return nvmlDeviceGetHandleByIndex(unsigned index, nvml_device *device);
nvml_return nvmlDeviceGetHandleByUUID(const char *uuid, nvml_device *device);
nvml_return nvmlDeviceGetHandleBySerial(const char *serial, nvml_device *device);
nvml_return nvmlDeviceGetHandleByPciBusId_v2(const char *bus_id, nvml_device *device);
nvml_return nvmlDeviceGetHandleByPciBusId(const char *bus_id, nvml_device *device);
nvml_return nvmlDeviceGetUUID(nvml_device device, char *uuid, unsigned length);
nvml_return nvmlDeviceGetName(nvml_device device, char *name, unsigned length);
nvml_return nvmlDeviceGetSerial(nvml_device device, char *serial, unsigned length);
nvml_return nvmlDeviceGetVbiosVersion(nvml_device device, char *version, unsigned length);
nvml_return nvmlDeviceGetPciInfo_v3(nvml_device device, struct nvml_pci *pci);
nvml_return nvmlDeviceGetPciInfo_v2(nvml_device device, struct nvml_pci *pci);
nvml_return nvmlDeviceGetPciInfo(nvml_device device, struct nvml_pci *pci);
nvml_return nvmlDeviceGetArchitecture(nvml_device device, unsigned *arch);
nvml_return nvmlDeviceGetBoardId(nvml_device device, unsigned *board);
nvml_return nvmlDeviceGetMinorNumber(nvml_device device, unsigned *minor);
nvml_return nvmlDeviceGetIndex(nvml_device device, unsigned *index);
nvml_return nvmlDeviceGetPersistenceMode(nvml_device device, int *mode);
nvml_return nvmlDeviceGetCudaComputeCapability(nvml_device device, int *major, int *minor);
nvml_return nvmlDeviceGetPdi(nvml_device device, struct nvml_pdi *pdi);
nvml_return nvmlDeviceGetGpuFabricInfoV(nvml_device device, struct nvml_fabric_info *info);
nvml_return nvmlDeviceGetGpuFabricInfo(nvml_device device, struct nvml_fabric_info_v1 *info);
nvml_return nvmlDeviceSetPersistenceMode(nvml_device device, int mode);
nvml_return nvmlDeviceGetMemoryInfo(nvml_device device, struct nvml_memory *memory);
nvml_return nvmlDeviceGetMemoryInfo_v2(nvml_device device, struct nvml_memory_v2 *memory);
nvml_return nvmlDeviceGetConfComputeMemSizeInfo(
	nvml_device device, struct nvml_cc_mem_size *info);
nvml_return nvmlDeviceGetConfComputeProtectedMemoryUsage(
	nvml_device device, struct nvml_memory *memory);
nvml_return nvmlDeviceSetConfComputeUnprotectedMemSize(
	nvml_device device, unsigned long long kib);
nvml_return nvmlDeviceGetConfComputeGpuCertificate(
	nvml_device device, struct nvml_cc_certificate *certificate);
nvml_return nvmlDeviceGetConfComputeGpuAttestationReport(
	nvml_device device, struct nvml_cc_report *report);
#pragma GCC visibility pop

#endif
