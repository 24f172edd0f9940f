/* SPDX-License-Identifier: Apache-2.0
 *
 * The ABI of libnvidia-ml.so.1 as far as attestation needs it (nvidia-device-access 1; NVML API version 13): types,
 * structures and codes restated, so that nothing of the vendor's is needed to build. Who calls the library and who
 * stands in for it include this alike. Host byte order, natural alignment. */
#ifndef FORMAT_NVML_H
#define FORMAT_NVML_H

#include <stddef.h>
#include <stdint.h>

#define NVML_LIBRARY "libnvidia-ml.so.1"

typedef int   nvml_return; /* nvmlReturn_t */
typedef void *nvml_device; /* nvmlDevice_t, opaque */

/* Value, name without NVML_, text of nvmlErrorString(). */
#define NVML_CODES(X)                                                                                     \
	X(0, SUCCESS, "Success")                                                                          \
	X(1, UNINITIALIZED, "Uninitialized")                                                              \
	X(2, INVALID_ARGUMENT, "Invalid Argument")                                                        \
	X(3, NOT_SUPPORTED, "Not Supported")                                                              \
	X(4, NO_PERMISSION, "Insufficient Permissions")                                                   \
	X(5, ALREADY_INITIALIZED, "Already Initialized")                                                  \
	X(6, NOT_FOUND, "Not Found")                                                                      \
	X(7, INSUFFICIENT_SIZE, "Insufficient Size")                                                      \
	X(8, INSUFFICIENT_POWER, "Insufficient External Power")                                           \
	X(9, DRIVER_NOT_LOADED, "Driver Not Loaded")                                                      \
	X(10, TIMEOUT, "Timeout")                                                                         \
	X(11, IRQ_ISSUE, "Interrupt Request Issue")                                                       \
	X(12, LIBRARY_NOT_FOUND, "NVML Shared Library Not Found")                                         \
	X(13, FUNCTION_NOT_FOUND, "Function Not Found")                                                   \
	X(14, CORRUPTED_INFOROM, "Corrupted infoROM")                                                     \
	X(15, GPU_IS_LOST, "GPU is lost")                                                                 \
	X(16, RESET_REQUIRED, "GPU requires restart")                                                     \
	X(17, OPERATING_SYSTEM, "The operating system has blocked the request.")                          \
	X(18, LIB_RM_VERSION_MISMATCH, "RM has detected an NVML/RM version mismatch.")                    \
	X(19, IN_USE, "In use by another client")                                                         \
	X(20, MEMORY, "Insufficient Memory")                                                              \
	X(21, NO_DATA, "No data")                                                                         \
	X(22, VGPU_ECC_NOT_SUPPORTED,                                                                     \
		"The requested vgpu operation is not available on target device, because ECC is enabled") \
	X(23, INSUFFICIENT_RESOURCES, "Ran out of critical resources, other than memory")                 \
	X(24, FREQ_NOT_SUPPORTED, "The requested frequency is not supported")                             \
	X(25, ARGUMENT_VERSION_MISMATCH, "Argument version mismatch")                                     \
	X(26, DEPRECATED, "The requested functionality has been deprecated")                              \
	X(27, NOT_READY, "The system is not ready for the request")                                       \
	X(28, GPU_NOT_FOUND, "No GPUs were found")                                                        \
	X(29, INVALID_STATE, "Resource not in correct state to perform requested operation")              \
	X(30, RESET_TYPE_NOT_SUPPORTED, "Reset not supported for given device/parameters")                \
	X(999, UNKNOWN, "Unknown Error")

enum nvml_code {
#define X(value, name, text) NVML_##name = (value),
	NVML_CODES(X)
#undef X
};

#define NVML_INIT_NO_GPUS   1U /* nvmlInitWithFlags(): succeed with none */
#define NVML_INIT_NO_ATTACH 2U

/* sizeof and version, as the caller puts them into a versioned structure's first member. */
#define NVML_VERSION(type, v) ((unsigned)(sizeof(type) | ((v) << 24U)))

struct nvml_pci {
	char     bus_id_legacy[16];
	unsigned domain, bus, device;
	unsigned pci_device_id; /* device << 16 | vendor */
	unsigned pci_subsystem_id;
	char     bus_id[32]; /* "00000000:0F:00.0" */
};

struct nvml_pdi {
	unsigned           version;
	unsigned long long value;
};

struct nvml_cc_capabilities {
	unsigned cpu, gpus;
};

struct nvml_cc_state {
	unsigned environment, cc_feature, devtools_mode;
};

struct nvml_cc_settings {
	unsigned version, environment, cc_feature, devtools_mode, multi_gpu_mode;
};

struct nvml_cc_mem_size {
	unsigned long long protected_kib, unprotected_kib;
};

struct nvml_fabric_info { /* nvmlGpuFabricInfo_v2_t */
	unsigned version;
	uint8_t  cluster[16];
	int      status; /* a return code */
	unsigned clique;
	uint8_t  state; /* enum nvml_fabric */
	unsigned health;
};

struct nvml_memory {
	unsigned long long total, free, used; /* bytes */
};

struct nvml_memory_v2 {
	unsigned           version;
	unsigned long long total, reserved, free, used;
};

#define NVML_CHAIN  0x1000
#define NVML_ATTEST 0x1400
#define NVML_NONCE  0x20
#define NVML_REPORT 0x2000
#define NVML_CEC    0x1000

struct nvml_cc_certificate {
	unsigned chain_size, attestation_size;
	uint8_t  chain[NVML_CHAIN], attestation[NVML_ATTEST];
};

struct nvml_cc_report {
	unsigned cec_present, report_size, cec_size;
	uint8_t  nonce[NVML_NONCE], report[NVML_REPORT], cec[NVML_CEC];
};

struct nvml_key_rotation {
	unsigned           version;
	unsigned long long advantage; /* 50 to 65 */
};

enum nvml_cpu_caps { NVML_CPU_NONE, NVML_CPU_SEV, NVML_CPU_TDX, NVML_CPU_SNP, NVML_CPU_VTOM };
enum nvml_environment { NVML_UNAVAILABLE, NVML_SIMULATION, NVML_PRODUCTION };
enum nvml_multi_gpu { NVML_MULTI_NONE, NVML_MULTI_PPCIE, NVML_MULTI_NVLE };
enum nvml_fabric { NVML_FABRIC_NONE, NVML_FABRIC_OFF, NVML_FABRIC_JOINING, NVML_FABRIC_DONE };
enum nvml_arch { NVML_ARCH_HOPPER = 9, NVML_ARCH_BLACKWELL = 10 };

#define NVML_PDI_V1          NVML_VERSION(struct nvml_pdi, 1U)
#define NVML_SETTINGS_V1     NVML_VERSION(struct nvml_cc_settings, 1U)
#define NVML_FABRIC_INFO_V2  NVML_VERSION(struct nvml_fabric_info, 2U)
#define NVML_KEY_ROTATION_V1 NVML_VERSION(struct nvml_key_rotation, 1U)

/* 1.5: sizes and offsets. */
_Static_assert(sizeof(struct nvml_pci) == 68, "PCI info");
_Static_assert(sizeof(struct nvml_pdi) == 16, "PDI");
_Static_assert(sizeof(struct nvml_cc_capabilities) == 8, "capabilities");
_Static_assert(sizeof(struct nvml_cc_state) == 12, "state");
_Static_assert(sizeof(struct nvml_cc_settings) == 20, "settings");
_Static_assert(sizeof(struct nvml_cc_mem_size) == 16, "memory sizes");
_Static_assert(NVML_FABRIC_INFO_V2 == 0x02000024, "fabric info");
_Static_assert(sizeof(struct nvml_memory) == 24, "memory");
_Static_assert(NVML_VERSION(struct nvml_memory_v2, 2U) == 0x02000028, "memory");
_Static_assert(sizeof(struct nvml_cc_certificate) == 9224, "certificate");
_Static_assert(sizeof(struct nvml_cc_report) == 12332, "report");
_Static_assert(sizeof(struct nvml_key_rotation) == 16, "key rotation");
_Static_assert(offsetof(struct nvml_cc_certificate, chain) == 8, "certificate");
_Static_assert(offsetof(struct nvml_cc_certificate, attestation) == 4104, "certificate");
_Static_assert(offsetof(struct nvml_cc_report, nonce) == 12, "report");
_Static_assert(offsetof(struct nvml_cc_report, report) == 44, "report");
_Static_assert(offsetof(struct nvml_cc_report, cec) == 8236, "report");
_Static_assert(NVML_PDI_V1 == 0x01000010, "PDI");
_Static_assert(NVML_SETTINGS_V1 == 0x01000014, "settings");
_Static_assert(NVML_KEY_ROTATION_V1 == 0x01000010, "key rotation");

#endif
