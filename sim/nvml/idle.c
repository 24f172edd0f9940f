/* SPDX-License-Identifier: Apache-2.0
 *
 * What monitors ask of every GPU and attestation never does: power, heat, load, processes. The answers are those of an
 * idle GPU, whatever else is going on; nothing in the platform knows of them. */
#include "nvml/nvml.h"

nvml_return nvml_tell(nvml_device device, unsigned *out, unsigned value)
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

#define EXPORT  __attribute__((visibility("default")))
#define CELSIUS 30

/* milliwatts; enumerators by their numbers in the public header */
#define ONE(X)                                                     \
	X(nvmlDeviceGetAccountingBufferSize, 4000)                 \
	X(nvmlDeviceGetAccountingMode, 0)                          \
	X(nvmlDeviceGetAdaptiveClockInfoStatus, 1)                 \
	X(nvmlDeviceGetBrand, 14)  /* "NVIDIA" */                  \
	X(nvmlDeviceGetBusType, 2) /* PCIe */                      \
	X(nvmlDeviceGetComputeMode, 0)                             \
	X(nvmlDeviceGetCurrPcieLinkGeneration, 5)                  \
	X(nvmlDeviceGetCurrPcieLinkWidth, 16)                      \
	X(nvmlDeviceGetDisplayActive, 0)                           \
	X(nvmlDeviceGetDisplayMode, 0)                             \
	X(nvmlDeviceGetEnforcedPowerLimit, 700000)                 \
	X(nvmlDeviceGetGpuMaxPcieLinkGeneration, 5)                \
	X(nvmlDeviceGetInforomConfigurationChecksum, 0x5a17c0de)   \
	X(nvmlDeviceGetIrqNum, 64)                                 \
	X(nvmlDeviceGetMaxMigDeviceCount, 7)                       \
	X(nvmlDeviceGetMaxPcieLinkGeneration, 5)                   \
	X(nvmlDeviceGetMaxPcieLinkWidth, 16)                       \
	X(nvmlDeviceGetMultiGpuBoard, 0)                           \
	X(nvmlDeviceGetNumFans, 0)                                 \
	X(nvmlDeviceGetPcieLinkMaxSpeed, 5) /* 32 GT/s */          \
	X(nvmlDeviceGetPcieReplayCounter, 0)                       \
	X(nvmlDeviceGetPcieSpeed, 32000)                           \
	X(nvmlDeviceGetPerformanceState, 0)                        \
	X(nvmlDeviceGetPowerManagementDefaultLimit, 700000)        \
	X(nvmlDeviceGetPowerManagementLimit, 700000)               \
	X(nvmlDeviceGetPowerManagementMode, 1)                     \
	X(nvmlDeviceGetPowerSource, 0)                             \
	X(nvmlDeviceGetPowerState, 0)                              \
	X(nvmlDeviceGetPowerUsage, 70000)                          \
	X(nvmlDeviceGetVirtualizationMode, 1) /* passed through */ \
	X(nvmlDeviceIsMigDeviceHandle, 0)
#define X(name, value)                                              \
	EXPORT nvml_return name(nvml_device device, unsigned *out); \
	nvml_return        name(nvml_device device, unsigned *out)  \
	{                                                           \
		return nvml_tell(device, out, value);               \
	}
ONE(X)
#undef X

/* Current and pending, value and sampling period, least and most. */
#define TWO(X)                                   \
	X(nvmlDeviceGetDecoderUtilization, 0, 0) \
	X(nvmlDeviceGetEccMode, 1, 1)            \
	X(nvmlDeviceGetEncoderUtilization, 0, 0) \
	X(nvmlDeviceGetGspFirmwareMode, 1, 1)    \
	X(nvmlDeviceGetJpgUtilization, 0, 0)     \
	X(nvmlDeviceGetMigMode, 0, 0)            \
	X(nvmlDeviceGetOfaUtilization, 0, 0)     \
	X(nvmlDeviceGetPowerManagementLimitConstraints, 200000, 700000)
#define X(name, first, second)                                                 \
	EXPORT nvml_return name(nvml_device device, unsigned *a, unsigned *b); \
	nvml_return        name(nvml_device device, unsigned *a, unsigned *b)  \
	{                                                                      \
		nvml_return rc = nvml_tell(device, b, second);                 \
                                                                               \
		return rc != NVML_SUCCESS ? rc : nvml_tell(device, a, first);  \
	}
TWO(X)
#undef X

/* Of the GPU's one sensor, degrees Celsius. */
EXPORT nvml_return nvmlDeviceGetTemperature(nvml_device device, unsigned kind, unsigned *out);
nvml_return        nvmlDeviceGetTemperature(nvml_device device, unsigned kind, unsigned *out)
{
	return kind > 0 && nvml_ready() ? NVML_INVALID_ARGUMENT
					: nvml_tell(device, out, CELSIUS);
}

struct temperature { /* nvmlTemperature_v1_t */
	unsigned version, sensor;
	int      celsius;
};

#define TEMPERATURE_V1 NVML_VERSION(struct temperature, 1U)
_Static_assert(TEMPERATURE_V1 == 0x0100000c, "temperature");

EXPORT nvml_return nvmlDeviceGetTemperatureV(nvml_device device, struct temperature *t);
nvml_return        nvmlDeviceGetTemperatureV(nvml_device device, struct temperature *t)
{
	unsigned    celsius;
	nvml_return rc = nvmlDeviceGetTemperature(device, t == NULL ? 0 : t->sensor, &celsius);

	if (rc == NVML_SUCCESS && t == NULL)
		rc = NVML_INVALID_ARGUMENT;
	if (rc == NVML_SUCCESS && t->version != TEMPERATURE_V1)
		rc = NVML_ARGUMENT_VERSION_MISMATCH;
	if (rc == NVML_SUCCESS)
		t->celsius = (int)celsius;
	return rc;
}

/* Where it stops, slows down; the memory's most, the GPU's most. */
EXPORT nvml_return nvmlDeviceGetTemperatureThreshold(
	nvml_device device, unsigned kind, unsigned *out);
nvml_return nvmlDeviceGetTemperatureThreshold(nvml_device device, unsigned kind, unsigned *out)
{
	static const unsigned most[] = { 92, 89, 95, 87 };

	if (kind >= sizeof(most) / sizeof(most[0]) && nvml_ready())
		return kind < 8 ? NVML_NOT_SUPPORTED : NVML_INVALID_ARGUMENT;
	return nvml_tell(device, out, nvml_ready() ? most[kind] : 0);
}

/* To the GPU and from it, KiB a second. */
EXPORT nvml_return nvmlDeviceGetPcieThroughput(nvml_device device, unsigned way, unsigned *out);
nvml_return        nvmlDeviceGetPcieThroughput(nvml_device device, unsigned way, unsigned *out)
{
	return way > 1 && nvml_ready() ? NVML_INVALID_ARGUMENT : nvml_tell(device, out, 0);
}

/* No process: the count is in and out, the list stays as it is. */
#define PROCESSES(X)                                  \
	X(nvmlDeviceGetAccountingPids)                \
	X(nvmlDeviceGetComputeRunningProcesses)       \
	X(nvmlDeviceGetComputeRunningProcesses_v2)    \
	X(nvmlDeviceGetComputeRunningProcesses_v3)    \
	X(nvmlDeviceGetEncoderSessions)               \
	X(nvmlDeviceGetFBCSessions)                   \
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
		return nvml_tell(device, count, 0);                               \
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

/* Encoders: sessions, frames a second, microseconds; captures: the same, as a structure. */
EXPORT nvml_return nvmlDeviceGetEncoderStats(
	nvml_device device, unsigned *a, unsigned *b, unsigned *c);
nvml_return nvmlDeviceGetEncoderStats(nvml_device device, unsigned *a, unsigned *b, unsigned *c)
{
	nvml_return rc = nvmlDeviceGetEncoderUtilization(device, a, b);

	return rc != NVML_SUCCESS ? rc : nvml_tell(device, c, 0);
}

EXPORT nvml_return nvmlDeviceGetFBCStats(nvml_device device, unsigned out[3]);
nvml_return        nvmlDeviceGetFBCStats(nvml_device device, unsigned out[3])
{
	return out == NULL ? nvml_tell(device, NULL, 0)
			   : nvmlDeviceGetEncoderStats(device, &out[0], &out[1], &out[2]);
}

/* Nothing was measured that could be told. */
#define NOT_FOUND(X)                       \
	X(nvmlDeviceGetAccountingStats)    \
	X(nvmlDeviceGetProcessUtilization) \
	X(nvmlDeviceGetSamples)
#define X(name)                                                  \
	EXPORT nvml_return name(nvml_device device);             \
	nvml_return        name(nvml_device device)              \
	{                                                        \
		unsigned    unused;                              \
		nvml_return rc = nvml_tell(device, &unused, 0);  \
                                                                 \
		return rc != NVML_SUCCESS ? rc : NVML_NOT_FOUND; \
	}
NOT_FOUND(X)
#undef X

#define NONE_OF(X)                 \
	X(nvmlSystemGetHicVersion) \
	X(nvmlUnitGetCount)        \
	X(nvmlGetExcludedDeviceCount)
#define X(name)                                 \
	EXPORT nvml_return name(unsigned *out); \
	nvml_return        name(unsigned *out)  \
	{                                       \
		return tell_system(out, 0);     \
	}
NONE_OF(X)
#undef X
