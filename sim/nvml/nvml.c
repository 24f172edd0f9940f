/* SPDX-License-Identifier: Apache-2.0
 *
 * A stand-in for libnvidia-ml.so.1 (nvidia-device-access 1): what callers of attestation use, answered by the emulated
 * platform; without one the driver is not loaded. What else the real library has is in idle.c and unsupported.c. */
#include "nvml/nvml.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "link/link.h"

#define DEVICES   64 /* handles are places in an array, so that others are told apart */
#define TEXT_MOST 256

static atomic_uint users; /* of nvmlInit; no lock, since fork() may come at any time */
static char        handles[DEVICES];

bool nvml_ready(void)
{
	return users > 0;
}

static nvml_return ask(const char *name, uint32_t object, const void *in, size_t in_n,
	void *out, size_t most, size_t *out_n)
{
	int32_t rc;

	if (!link_ask(WIRE_NVML, name, object, in, in_n, &rc, out, most, out_n))
		return NVML_UNKNOWN;
	return rc;
}

/* The number behind a handle. Uninitialised comes before anything else. */
static nvml_return number_of(nvml_device device, uint32_t *out)
{
	const char *p = device;

	if (!nvml_ready())
		return NVML_UNINITIALIZED;
	for (uint32_t i = 0; i < DEVICES; i++)
		if (p == &handles[i]) {
			*out = i;
			return NVML_SUCCESS;
		}
	return NVML_INVALID_ARGUMENT;
}

nvml_device nvml_device_of(unsigned number)
{
	return number < DEVICES ? &handles[number] : NULL;
}

/* A call with fixed sizes: n bytes into out, on success only. */
static nvml_return call(
	const char *name, uint32_t object, const void *in, size_t in_n, void *out, size_t n)
{
	uint8_t     got[TEXT_MOST];
	size_t      got_n = 0;
	nvml_return rc    = ask(name, object, in, in_n, got, sizeof(got), &got_n);

	if (rc != NVML_SUCCESS)
		return rc;
	if (got_n != n)
		return NVML_UNKNOWN;
	if (n > 0)
		memcpy(out, got, n);
	return NVML_SUCCESS;
}

static nvml_return of_system(const char *name, const void *in, size_t in_n, void *out, size_t n)
{
	if (!nvml_ready())
		return NVML_UNINITIALIZED;
	return call(name, WIRE_NONE, in, in_n, out, n);
}

static nvml_return get_system(const char *name, void *out, size_t n)
{
	if (out == NULL)
		return nvml_ready() ? NVML_INVALID_ARGUMENT : NVML_UNINITIALIZED;
	return of_system(name, NULL, 0, out, n);
}

static nvml_return get_device(const char *name, nvml_device device, void *out, size_t n)
{
	uint32_t    number;
	nvml_return rc = number_of(device, &number);

	if (rc != NVML_SUCCESS)
		return rc;
	if (out == NULL)
		return NVML_INVALID_ARGUMENT;
	return call(name, number, NULL, 0, out, n);
}

static nvml_return get_text(const char *name, uint32_t object, char *out, unsigned length)
{
	char        text[TEXT_MOST];
	size_t      n = 0;
	nvml_return rc;

	if (out == NULL)
		return NVML_INVALID_ARGUMENT;
	rc = ask(name, object, NULL, 0, text, sizeof(text), &n);
	if (rc != NVML_SUCCESS)
		return rc;
	if (n >= length)
		return NVML_INSUFFICIENT_SIZE;
	memcpy(out, text, n);
	out[n] = '\0';
	return NVML_SUCCESS;
}

static nvml_return system_text(const char *name, char *out, unsigned length)
{
	return nvml_ready() ? get_text(name, WIRE_NONE, out, length) : NVML_UNINITIALIZED;
}

static nvml_return device_text(const char *name, nvml_device device, char *out, unsigned length)
{
	uint32_t    number;
	nvml_return rc = number_of(device, &number);

	return rc != NVML_SUCCESS ? rc : get_text(name, number, out, length);
}

/* What only root may: the real driver asks for CAP_SYS_ADMIN. */
static bool may_set(void)
{
	return geteuid() == 0;
}

/* ---- init ---- */

static nvml_return init(const char *name, unsigned flags)
{
	int32_t rc;
	size_t  n = 0;

	if (!link_ask(WIRE_NVML, name, WIRE_NONE, &flags, sizeof(flags), &rc, NULL, 0, &n))
		return NVML_DRIVER_NOT_LOADED;
	if (rc == NVML_SUCCESS)
		users++;
	return rc;
}

nvml_return nvmlInit_v2(void)
{
	return init("nvmlInit_v2", 0);
}

nvml_return nvmlInit(void)
{
	return init("nvmlInit_v2", 0);
}

nvml_return nvmlInitWithFlags(unsigned flags)
{
	if ((flags & ~(NVML_INIT_NO_GPUS | NVML_INIT_NO_ATTACH)) != 0)
		return NVML_INVALID_ARGUMENT;
	return init("nvmlInitWithFlags", flags);
}

nvml_return nvmlShutdown(void)
{
	unsigned was = users;

	while (was > 0 && !atomic_compare_exchange_weak(&users, &was, was - 1))
		; /* somebody else came or went: was is their number now */
	return was > 0 ? NVML_SUCCESS : NVML_UNINITIALIZED;
}

const char *nvmlErrorString(nvml_return code)
{
	static const struct {
		nvml_return code;
		const char *text;
	} texts[] = {
#define X(value, name, text) { value, text },
		NVML_CODES(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].code == code)
			return texts[i].text;
	return "Unknown Error";
}

/* ---- system ---- */

nvml_return nvmlSystemGetDriverVersion(char *version, unsigned length)
{
	return system_text("nvmlSystemGetDriverVersion", version, length);
}

nvml_return nvmlSystemGetNVMLVersion(char *version, unsigned length)
{
	return system_text("nvmlSystemGetNVMLVersion", version, length);
}

nvml_return nvmlSystemGetCudaDriverVersion(int *version)
{
	if (version == NULL)
		return NVML_INVALID_ARGUMENT;
	*version = 13000; /* works before init, too */
	return NVML_SUCCESS;
}

nvml_return nvmlSystemGetCudaDriverVersion_v2(int *version)
{
	return nvmlSystemGetCudaDriverVersion(version);
}

nvml_return nvmlSystemGetConfComputeCapabilities(struct nvml_cc_capabilities *caps)
{
	return get_system("nvmlSystemGetConfComputeCapabilities", caps, sizeof(*caps));
}

nvml_return nvmlSystemGetConfComputeState(struct nvml_cc_state *state)
{
	return get_system("nvmlSystemGetConfComputeState", state, sizeof(*state));
}

nvml_return nvmlSystemGetConfComputeSettings(struct nvml_cc_settings *settings)
{
	if (nvml_ready() && settings != NULL && settings->version != NVML_SETTINGS_V1)
		return NVML_ARGUMENT_VERSION_MISMATCH;
	return get_system("nvmlSystemGetConfComputeSettings", settings, sizeof(*settings));
}

nvml_return nvmlSystemGetConfComputeGpusReadyState(unsigned *accepting)
{
	return get_system(
		"nvmlSystemGetConfComputeGpusReadyState", accepting, sizeof(*accepting));
}

nvml_return nvmlSystemSetConfComputeGpusReadyState(unsigned accepting)
{
	if (nvml_ready() && !may_set())
		return NVML_NO_PERMISSION;
	return of_system("nvmlSystemSetConfComputeGpusReadyState", &accepting,
		sizeof(accepting), NULL, 0);
}

nvml_return nvmlSystemGetConfComputeKeyRotationThresholdInfo(struct nvml_key_rotation *info)
{
	if (nvml_ready() && info != NULL && info->version != NVML_KEY_ROTATION_V1)
		return NVML_ARGUMENT_VERSION_MISMATCH;
	return get_system("nvmlSystemGetConfComputeKeyRotationThresholdInfo",
		info == NULL ? NULL : &info->advantage, sizeof(info->advantage));
}

nvml_return nvmlSystemSetConfComputeKeyRotationThresholdInfo(struct nvml_key_rotation *info)
{
	if (!nvml_ready())
		return NVML_UNINITIALIZED;
	if (info == NULL)
		return NVML_INVALID_ARGUMENT;
	if (info->version != NVML_KEY_ROTATION_V1)
		return NVML_ARGUMENT_VERSION_MISMATCH;
	if (!may_set())
		return NVML_NO_PERMISSION;
	return of_system("nvmlSystemSetConfComputeKeyRotationThresholdInfo", &info->advantage,
		sizeof(info->advantage), NULL, 0);
}

/* ---- devices by index and name ---- */

nvml_return nvmlDeviceGetCount_v2(unsigned *count)
{
	return get_system("nvmlDeviceGetCount_v2", count, sizeof(*count));
}

nvml_return nvmlDeviceGetCount(unsigned *count)
{
	return nvmlDeviceGetCount_v2(count);
}

static nvml_return find(const char *name, const void *by, size_t n, nvml_device *device)
{
	uint32_t    number;
	nvml_return rc;

	if (device == NULL || by == NULL)
		return nvml_ready() ? NVML_INVALID_ARGUMENT : NVML_UNINITIALIZED;
	rc = of_system(name, by, n, &number, sizeof(number));
	if (rc == NVML_SUCCESS && number >= DEVICES)
		rc = NVML_UNKNOWN;
	if (rc == NVML_SUCCESS)
		*device = &handles[number];
	return rc;
}

nvml_return nvmlDeviceGetHandleByIndex_v2(unsigned index, nvml_device *device)
{
	return find("nvmlDeviceGetHandleByIndex_v2", &index, sizeof(index), device);
}

nvml_return nvmlDeviceGetHandleByIndex(unsigned index, nvml_device *device)
{
	return nvmlDeviceGetHandleByIndex_v2(index, device);
}

static nvml_return find_text(const char *name, const char *by, nvml_device *device)
{
	return find(name, by, by == NULL ? 0 : strnlen(by, TEXT_MOST), device);
}

nvml_return nvmlDeviceGetHandleByUUID(const char *uuid, nvml_device *device)
{
	return find_text("nvmlDeviceGetHandleByUUID", uuid, device);
}

nvml_return nvmlDeviceGetHandleBySerial(const char *serial, nvml_device *device)
{
	return find_text("nvmlDeviceGetHandleBySerial", serial, device);
}

nvml_return nvmlDeviceGetHandleByPciBusId_v2(const char *bus_id, nvml_device *device)
{
	return find_text("nvmlDeviceGetHandleByPciBusId_v2", bus_id, device);
}

nvml_return nvmlDeviceGetHandleByPciBusId(const char *bus_id, nvml_device *device)
{
	return nvmlDeviceGetHandleByPciBusId_v2(bus_id, device);
}

/* ---- one device ---- */

nvml_return nvmlDeviceGetUUID(nvml_device device, char *uuid, unsigned length)
{
	return device_text("nvmlDeviceGetUUID", device, uuid, length);
}

nvml_return nvmlDeviceGetName(nvml_device device, char *name, unsigned length)
{
	return device_text("nvmlDeviceGetName", device, name, length);
}

nvml_return nvmlDeviceGetSerial(nvml_device device, char *serial, unsigned length)
{
	return device_text("nvmlDeviceGetSerial", device, serial, length);
}

nvml_return nvmlDeviceGetVbiosVersion(nvml_device device, char *version, unsigned length)
{
	return device_text("nvmlDeviceGetVbiosVersion", device, version, length);
}

nvml_return nvmlDeviceGetPciInfo_v3(nvml_device device, struct nvml_pci *pci)
{
	return get_device("nvmlDeviceGetPciInfo_v3", device, pci, sizeof(*pci));
}

/* The structure of before had no bus_id: a caller of then has no room for it. */
nvml_return nvmlDeviceGetPciInfo_v2(nvml_device device, struct nvml_pci *pci)
{
	struct nvml_pci now;
	nvml_return     rc = nvmlDeviceGetPciInfo_v3(device, &now);

	if (rc == NVML_SUCCESS && pci == NULL)
		rc = NVML_INVALID_ARGUMENT;
	if (rc == NVML_SUCCESS)
		memcpy(pci, &now, offsetof(struct nvml_pci, bus_id));
	return rc;
}

nvml_return nvmlDeviceGetPciInfo(nvml_device device, struct nvml_pci *pci)
{
	return nvmlDeviceGetPciInfo_v2(device, pci);
}

nvml_return nvml_link(nvml_device device, unsigned link, struct nvml_pci *out)
{
	uint32_t    number;
	nvml_return rc = number_of(device, &number);

	if (rc != NVML_SUCCESS)
		return rc;
	if (out == NULL)
		return NVML_INVALID_ARGUMENT;
	return call("nvmlDeviceGetNvLinkRemotePciInfo_v2", number, &link, sizeof(link), out,
		sizeof(*out));
}

nvml_return nvmlDeviceGetArchitecture(nvml_device device, unsigned *arch)
{
	return get_device("nvmlDeviceGetArchitecture", device, arch, sizeof(*arch));
}

nvml_return nvmlDeviceGetBoardId(nvml_device device, unsigned *board)
{
	return get_device("nvmlDeviceGetBoardId", device, board, sizeof(*board));
}

nvml_return nvmlDeviceGetMinorNumber(nvml_device device, unsigned *minor)
{
	return get_device("nvmlDeviceGetMinorNumber", device, minor, sizeof(*minor));
}

nvml_return nvmlDeviceGetIndex(nvml_device device, unsigned *index)
{
	return get_device("nvmlDeviceGetIndex", device, index, sizeof(*index));
}

nvml_return nvmlDeviceGetPersistenceMode(nvml_device device, int *mode)
{
	return get_device("nvmlDeviceGetPersistenceMode", device, mode, sizeof(*mode));
}

nvml_return nvmlDeviceSetPersistenceMode(nvml_device device, int mode)
{
	uint32_t    number;
	nvml_return rc = number_of(device, &number);

	if (rc == NVML_SUCCESS && !may_set())
		rc = NVML_NO_PERMISSION;
	if (rc != NVML_SUCCESS)
		return rc;
	return call("nvmlDeviceSetPersistenceMode", number, &mode, sizeof(mode), NULL, 0);
}

nvml_return nvmlDeviceGetCudaComputeCapability(nvml_device device, int *major, int *minor)
{
	int         is[2];
	nvml_return rc = get_device(
		"nvmlDeviceGetCudaComputeCapability", device, is, sizeof(is));

	if (rc == NVML_SUCCESS && (major == NULL || minor == NULL))
		rc = NVML_INVALID_ARGUMENT;
	if (rc == NVML_SUCCESS) {
		*major = is[0];
		*minor = is[1];
	}
	return rc;
}

nvml_return nvmlDeviceGetPdi(nvml_device device, struct nvml_pdi *pdi)
{
	uint32_t    number;
	nvml_return rc = number_of(device, &number);

	if (rc == NVML_SUCCESS && pdi == NULL)
		rc = NVML_INVALID_ARGUMENT;
	if (rc == NVML_SUCCESS && pdi->version != NVML_PDI_V1)
		rc = NVML_ARGUMENT_VERSION_MISMATCH;
	if (rc != NVML_SUCCESS)
		return rc;
	return call("nvmlDeviceGetPdi", number, NULL, 0, &pdi->value, sizeof(pdi->value));
}

static nvml_return fabric(nvml_device device, const void *out, struct nvml_fabric_info *is)
{
	nvml_return rc = get_device("nvmlDeviceGetGpuFabricInfoV", device, is, sizeof(*is));

	return rc == NVML_SUCCESS && out == NULL ? NVML_INVALID_ARGUMENT : rc;
}

/* The word of the version is the caller's, and stays; in the third one more byte is at the end. */
nvml_return nvmlDeviceGetGpuFabricInfoV(nvml_device device, struct nvml_fabric_info *info)
{
	struct nvml_fabric_info is;
	nvml_return             rc = fabric(device, info, &is);

	if (rc != NVML_SUCCESS)
		return rc;
	if (info->version == NVML_FABRIC_INFO_V3)
		((struct nvml_fabric_info_v3 *)info)->summary = 0; /* not told */
	else if (info->version != NVML_FABRIC_INFO_V2)
		return NVML_ARGUMENT_VERSION_MISMATCH;
	is.version = info->version;
	*info      = is;
	return NVML_SUCCESS;
}

nvml_return nvmlDeviceGetGpuFabricInfo(nvml_device device, struct nvml_fabric_info_v1 *info)
{
	struct nvml_fabric_info is;
	nvml_return             rc = fabric(device, info, &is);

	if (rc != NVML_SUCCESS)
		return rc;
	memcpy(info->cluster, is.cluster, sizeof(info->cluster));
	info->status = is.status;
	info->clique = is.clique;
	info->state  = is.state;
	return NVML_SUCCESS;
}

nvml_return nvmlDeviceGetMemoryInfo(nvml_device device, struct nvml_memory *memory)
{
	return get_device("nvmlDeviceGetMemoryInfo", device, memory, sizeof(*memory));
}

nvml_return nvmlDeviceGetMemoryInfo_v2(nvml_device device, struct nvml_memory_v2 *memory)
{
	struct nvml_memory m;
	nvml_return        rc = get_device("nvmlDeviceGetMemoryInfo", device, &m, sizeof(m));

	if (rc != NVML_SUCCESS)
		return rc;
	if (memory == NULL)
		return NVML_INVALID_ARGUMENT;
	if (memory->version != NVML_VERSION(struct nvml_memory_v2, 2U))
		return NVML_ARGUMENT_VERSION_MISMATCH;
	memory->total    = m.total;
	memory->reserved = 0;
	memory->free     = m.free;
	memory->used     = m.used;
	return NVML_SUCCESS;
}

nvml_return nvmlDeviceGetConfComputeMemSizeInfo(
	nvml_device device, struct nvml_cc_mem_size *info)
{
	return get_device("nvmlDeviceGetConfComputeMemSizeInfo", device, info, sizeof(*info));
}

nvml_return nvmlDeviceGetConfComputeProtectedMemoryUsage(
	nvml_device device, struct nvml_memory *memory)
{
	return get_device("nvmlDeviceGetConfComputeProtectedMemoryUsage", device, memory,
		sizeof(*memory));
}

nvml_return nvmlDeviceSetConfComputeUnprotectedMemSize(
	nvml_device device, unsigned long long kib)
{
	uint32_t    number;
	nvml_return rc = number_of(device, &number);

	if (rc == NVML_SUCCESS && !may_set())
		rc = NVML_NO_PERMISSION;
	if (rc != NVML_SUCCESS)
		return rc;
	return call("nvmlDeviceSetConfComputeUnprotectedMemSize", number, &kib, sizeof(kib),
		NULL, 0);
}

/* ---- evidence ---- */

/* A size and as many bytes: the size as it was said (a fault may have it lie), the bytes as far as they came. */
static nvml_return get_blob(const char *name, uint32_t number, const void *in, size_t in_n,
	unsigned *size, uint8_t *out, size_t most)
{
	struct {
		uint32_t size;
		uint8_t  bytes[NVML_REPORT];
	} got;
	size_t      n  = 0;
	nvml_return rc = ask(name, number, in, in_n, &got, sizeof(got), &n);

	if (rc != NVML_SUCCESS)
		return rc;
	if (n < sizeof(got.size) || n - sizeof(got.size) > most)
		return NVML_INSUFFICIENT_SIZE;
	*size = got.size;
	memcpy(out, got.bytes, n - sizeof(got.size));
	return NVML_SUCCESS;
}

nvml_return nvmlDeviceGetConfComputeGpuCertificate(
	nvml_device device, struct nvml_cc_certificate *certificate)
{
	uint32_t    number;
	nvml_return rc = number_of(device, &number);

	if (rc == NVML_SUCCESS && certificate == NULL)
		rc = NVML_INVALID_ARGUMENT;
	if (rc == NVML_SUCCESS)
		rc = get_blob("nvmlDeviceGetConfComputeGpuCertificate", number, NULL, 0,
			&certificate->attestation_size, certificate->attestation,
			sizeof(certificate->attestation));
	if (rc == NVML_SUCCESS)
		certificate->chain_size = 0; /* key exchange is not emulated */
	return rc;
}

nvml_return nvmlDeviceGetConfComputeGpuAttestationReport(
	nvml_device device, struct nvml_cc_report *report)
{
	uint32_t    number;
	nvml_return rc = number_of(device, &number);

	if (rc == NVML_SUCCESS && report == NULL)
		rc = NVML_INVALID_ARGUMENT;
	if (rc == NVML_SUCCESS)
		rc = get_blob("nvmlDeviceGetConfComputeGpuAttestationReport", number,
			report->nonce, sizeof(report->nonce), &report->report_size,
			report->report, sizeof(report->report));
	if (rc == NVML_SUCCESS)
		report->cec_present = report->cec_size = 0;
	return rc;
}
