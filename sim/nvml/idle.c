/* SPDX-License-Identifier: Apache-2.0
 *
 * What monitors ask of every GPU and attestation never does: power, clocks, load, processes. The answers are those of an
 * idle GPU, whatever else is going on; nothing in the platform knows of them. */
#include "nvml/nvml.h"

/* Handle, then where the value goes. Is the device there at all? The driver says. */
static nvml_return tell(nvml_device device, unsigned *out, unsigned value)
{
	unsigned    minor;
	nvml_return rc = nvmlDeviceGetMinorNumber(device, &minor);

	if (rc == NVML_SUCCESS && out == NULL)
		rc = NVML_INVALID_ARGUMENT;
	if (rc == NVML_SUCCESS)
		*out = value;
	return rc;
}

static nvml_return tell_system(unsigned *out, unsigned value)
{
	if (!nvml_ready())
		return NVML_UNINITIALIZED;
	if (out == NULL)
		return NVML_INVALID_ARGUMENT;
	*out = value;
	return NVML_SUCCESS;
}

#define EXPORT __attribute__((visibility("default")))

/* milliwatts; enumerators by their numbers in the public header */
#define ONE(X)                                                     \
	X(nvmlDeviceGetAccountingMode, 0)                          \
	X(nvmlDeviceGetBrand, 14) /* "NVIDIA" */                   \
	X(nvmlDeviceGetComputeMode, 0)                             \
	X(nvmlDeviceGetCurrPcieLinkGeneration, 5)                  \
	X(nvmlDeviceGetCurrPcieLinkWidth, 16)                      \
	X(nvmlDeviceGetDisplayActive, 0)                           \
	X(nvmlDeviceGetDisplayMode, 0)                             \
	X(nvmlDeviceGetEnforcedPowerLimit, 700000)                 \
	X(nvmlDeviceGetMaxMigDeviceCount, 7)                       \
	X(nvmlDeviceGetMaxPcieLinkGeneration, 5)                   \
	X(nvmlDeviceGetMaxPcieLinkWidth, 16)                       \
	X(nvmlDeviceGetMultiGpuBoard, 0)                           \
	X(nvmlDeviceGetPerformanceState, 0)                        \
	X(nvmlDeviceGetPowerManagementDefaultLimit, 700000)        \
	X(nvmlDeviceGetPowerManagementLimit, 700000)               \
	X(nvmlDeviceGetPowerManagementMode, 1)                     \
	X(nvmlDeviceGetPowerState, 0)                              \
	X(nvmlDeviceGetPowerUsage, 70000)                          \
	X(nvmlDeviceGetVirtualizationMode, 1) /* passed through */ \
	X(nvmlDeviceIsMigDeviceHandle, 0)
#define X(name, value)                                              \
	EXPORT nvml_return name(nvml_device device, unsigned *out); \
	nvml_return        name(nvml_device device, unsigned *out)  \
	{                                                           \
		return tell(device, out, value);                    \
	}
ONE(X)
#undef X

/* Current and pending, value and sampling period, least and most. */
#define TWO(X)                                   \
	X(nvmlDeviceGetDecoderUtilization, 0, 0) \
	X(nvmlDeviceGetEccMode, 1, 1)            \
	X(nvmlDeviceGetEncoderUtilization, 0, 0) \
	X(nvmlDeviceGetMigMode, 0, 0)            \
	X(nvmlDeviceGetPowerManagementLimitConstraints, 200000, 700000)
#define X(name, first, second)                                                 \
	EXPORT nvml_return name(nvml_device device, unsigned *a, unsigned *b); \
	nvml_return        name(nvml_device device, unsigned *a, unsigned *b)  \
	{                                                                      \
		nvml_return rc = tell(device, b, second);                      \
                                                                               \
		return rc != NVML_SUCCESS ? rc : tell(device, a, first);       \
	}
TWO(X)
#undef X

/* Of one sensor or clock domain: degrees Celsius, MHz. */
#define OF_KIND(X)                            \
	X(nvmlDeviceGetTemperature, 1, 30)    \
	X(nvmlDeviceGetClockInfo, 4, 345)     \
	X(nvmlDeviceGetMaxClockInfo, 4, 1980) \
	X(nvmlDeviceGetApplicationsClock, 4, 1980)
#define X(name, kinds, value)                                                      \
	EXPORT nvml_return name(nvml_device device, unsigned kind, unsigned *out); \
	nvml_return        name(nvml_device device, unsigned kind, unsigned *out)  \
	{                                                                          \
		unsigned    unused;                                                \
		nvml_return rc = tell(device, &unused, 0);                         \
                                                                                   \
		if (rc == NVML_SUCCESS && kind >= (kinds))                         \
			rc = NVML_INVALID_ARGUMENT;                                \
		return rc != NVML_SUCCESS ? rc : tell(device, out, value);         \
	}
OF_KIND(X)
#undef X

/* No process: the count is in and out, the list stays as it is. */
#define PROCESSES(X)                                  \
	X(nvmlDeviceGetComputeRunningProcesses)       \
	X(nvmlDeviceGetComputeRunningProcesses_v2)    \
	X(nvmlDeviceGetComputeRunningProcesses_v3)    \
	X(nvmlDeviceGetGraphicsRunningProcesses)      \
	X(nvmlDeviceGetGraphicsRunningProcesses_v2)   \
	X(nvmlDeviceGetGraphicsRunningProcesses_v3)   \
	X(nvmlDeviceGetMPSComputeRunningProcesses)    \
	X(nvmlDeviceGetMPSComputeRunningProcesses_v2) \
	X(nvmlDeviceGetMPSComputeRunningProcesses_v3)
#define X(name)                                                                   \
	EXPORT nvml_return name(nvml_device device, unsigned *count, void *list); \
	nvml_return        name(nvml_device device, unsigned *count, void *list)  \
	{                                                                         \
		(void)list;                                                       \
		return tell(device, count, 0);                                    \
	}
PROCESSES(X)
#undef X

/* Of the GPU and of its memory, per cent. */
EXPORT nvml_return nvmlDeviceGetUtilizationRates(nvml_device device, unsigned out[2]);
nvml_return        nvmlDeviceGetUtilizationRates(nvml_device device, unsigned out[2])
{
	return nvmlDeviceGetEncoderUtilization(
		device, out == NULL ? NULL : &out[0], out == NULL ? NULL : &out[1]);
}

#define NONE_OF(X)          \
	X(nvmlUnitGetCount) \
	X(nvmlGetExcludedDeviceCount)
#define X(name)                                 \
	EXPORT nvml_return name(unsigned *out); \
	nvml_return        name(unsigned *out)  \
	{                                       \
		return tell_system(out, 0);     \
	}
NONE_OF(X)
#undef X
