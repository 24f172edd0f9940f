/* SPDX-License-Identifier: Apache-2.0
 *
 * The stand-in libnvidia-ml.so.1, opened as its callers open it: what nvidia-device-access 1.3 to 1.8 says of each call,
 * and what becomes of a program when the platform goes, hangs, lies or was never there. */
#include "sim/door.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "format/spdm.h"
#include "nvml/nvml.h"

static struct door door;

/* By the prototype that the library itself was built with. */
#define CALL(name) ((__typeof__(name) *)(uintptr_t)door_symbol(&door, #name))

#define H100_KIB 83024896ULL /* 1.7 */

static const uint8_t nonce[NVML_NONCE] = "thirty-two bytes, sent as asked";

static bool root(void)
{
	return geteuid() == 0;
}

static nvml_device handle(unsigned index)
{
	nvml_device d = NULL;

	assert_int_equal(CALL(nvmlDeviceGetHandleByIndex_v2)(index, &d), NVML_SUCCESS);
	assert_non_null(d);
	return d;
}

static void up(enum platform_profile profile, const char *fault)
{
	door_serve(&door, profile, fault);
	assert_int_equal(CALL(nvmlInit_v2)(), NVML_SUCCESS);
}

static void down(void)
{
	assert_int_equal(CALL(nvmlShutdown)(), NVML_SUCCESS);
	door_end(&door);
}

/* ---- names ---- */

/* 1.4, and what the three callers of 1.8 look up besides; go-nvml's own, and some that any monitor calls. */
static const char *const symbols[] = {
	"nvmlInit",
	"nvmlInit_v2",
	"nvmlInitWithFlags",
	"nvmlShutdown",
	"nvmlErrorString",
	"nvmlSystemGetDriverVersion",
	"nvmlSystemGetNVMLVersion",
	"nvmlSystemGetCudaDriverVersion",
	"nvmlSystemGetCudaDriverVersion_v2",
	"nvmlDeviceGetCount",
	"nvmlDeviceGetCount_v2",
	"nvmlDeviceGetHandleByIndex",
	"nvmlDeviceGetHandleByIndex_v2",
	"nvmlDeviceGetHandleByUUID",
	"nvmlDeviceGetHandleBySerial",
	"nvmlDeviceGetHandleByPciBusId",
	"nvmlDeviceGetHandleByPciBusId_v2",
	"nvmlDeviceGetUUID",
	"nvmlDeviceGetName",
	"nvmlDeviceGetSerial",
	"nvmlDeviceGetPciInfo",
	"nvmlDeviceGetPciInfo_v2",
	"nvmlDeviceGetPciInfo_v3",
	"nvmlDeviceGetArchitecture",
	"nvmlDeviceGetVbiosVersion",
	"nvmlDeviceGetBoardId",
	"nvmlDeviceGetPdi",
	"nvmlDeviceGetPersistenceMode",
	"nvmlDeviceGetMinorNumber",
	"nvmlDeviceGetIndex",
	"nvmlDeviceGetGpuFabricInfoV",
	"nvmlDeviceGetMemoryInfo",
	"nvmlDeviceGetMemoryInfo_v2",
	"nvmlDeviceGetCudaComputeCapability",
	"nvmlSystemGetConfComputeCapabilities",
	"nvmlSystemGetConfComputeState",
	"nvmlSystemGetConfComputeSettings",
	"nvmlSystemGetConfComputeGpusReadyState",
	"nvmlSystemSetConfComputeGpusReadyState",
	"nvmlDeviceGetConfComputeMemSizeInfo",
	"nvmlDeviceSetConfComputeUnprotectedMemSize",
	"nvmlDeviceGetConfComputeProtectedMemoryUsage",
	"nvmlDeviceGetConfComputeGpuCertificate",
	"nvmlDeviceGetConfComputeGpuAttestationReport",
	"nvmlSystemGetConfComputeKeyRotationThresholdInfo",
	"nvmlSystemSetConfComputeKeyRotationThresholdInfo",
};

static const char *const unsupported[] = {
	"nvmlDeviceGetGridLicensableFeatures_v2",
	"nvmlDeviceGetGridLicensableFeatures_v3",
	"nvmlDeviceGetGridLicensableFeatures_v4",
	"nvmlDeviceGetAttributes_v2",
	"nvmlComputeInstanceGetInfo_v2",
	"nvmlDeviceGetGpuInstancePossiblePlacements_v2",
	"nvmlVgpuInstanceGetLicenseInfo_v2",
	"nvmlDeviceGetFanSpeed",
	"nvmlDeviceGetRetiredPages",
	"nvmlDeviceGetRemappedRows_v2",
	"nvmlSystemGetDriverBranch",
};

/* Of our own making; a program may have some of the same name. */
static const char *const hidden[] = { "link_ask", "nvml_ready" };

static void every_symbol(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(symbols); i++)
		door_symbol(&door, symbols[i]);
	for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
		assert_null(dlsym(door.library, hidden[i]));
}

static void what_is_not_supported(void **state)
{
	typedef nvml_return any(nvml_device, unsigned *, unsigned *, void *);
	unsigned            a = 7, b = 8;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(unsupported); i++)
		assert_int_equal(SYMBOL(&door, any *, unsupported[i])(NULL, &a, &b, NULL),
			NVML_UNINITIALIZED);
	up(PLATFORM_SINGLE, NULL);
	for (size_t i = 0; i < ARRAY_LEN(unsupported); i++) {
		print_message("%s\n", unsupported[i]);
		assert_int_equal(SYMBOL(&door, any *, unsupported[i])(handle(0), &a, &b, NULL),
			NVML_NOT_SUPPORTED);
		assert_int_equal(a, 7);
		assert_int_equal(b, 8);
	}
	down();
}

/* What monitors ask: where the answers go is after the handle, and after what of the device is meant. */
static const struct {
	const char *name;
	bool        of_kind;
	unsigned    n, value[2];
} idle[] = {
	{ "nvmlDeviceGetBrand", false, 1, { 14 } },
	{ "nvmlDeviceGetComputeMode", false, 1, { 0 } },
	{ "nvmlDeviceGetPerformanceState", false, 1, { 0 } },
	{ "nvmlDeviceGetPowerUsage", false, 1, { 70000 } },
	{ "nvmlDeviceGetEnforcedPowerLimit", false, 1, { 700000 } },
	{ "nvmlDeviceGetCurrPcieLinkGeneration", false, 1, { 5 } },
	{ "nvmlDeviceGetCurrPcieLinkWidth", false, 1, { 16 } },
	{ "nvmlDeviceIsMigDeviceHandle", false, 1, { 0 } },
	{ "nvmlDeviceGetMigMode", false, 2, { 0, 0 } },
	{ "nvmlDeviceGetEccMode", false, 2, { 1, 1 } },
	{ "nvmlDeviceGetPowerManagementLimitConstraints", false, 2, { 200000, 700000 } },
	{ "nvmlDeviceGetComputeRunningProcesses", false, 1, { 0 } },
	{ "nvmlDeviceGetComputeRunningProcesses_v2", false, 1, { 0 } },
	{ "nvmlDeviceGetComputeRunningProcesses_v3", false, 1, { 0 } },
	{ "nvmlDeviceGetGraphicsRunningProcesses_v3", false, 1, { 0 } },
	{ "nvmlDeviceGetMPSComputeRunningProcesses_v3", false, 1, { 0 } },
	{ "nvmlDeviceGetClockInfo", true, 1, { 345 } },
	{ "nvmlDeviceGetMaxClockInfo", true, 1, { 1980 } },
};

typedef nvml_return idle_plain(nvml_device, unsigned *, unsigned *);
typedef nvml_return idle_of_kind(nvml_device, unsigned, unsigned *);

static nvml_return ask_idle(size_t i, nvml_device device, unsigned *out)
{
	unsigned *second = out == NULL ? NULL : out + 1;

	return idle[i].of_kind ? SYMBOL(&door, idle_of_kind *, idle[i].name)(device, 0, out)
			       : SYMBOL(&door, idle_plain *, idle[i].name)(device, out, second);
}

static void what_is_idle(void **state)
{
	unsigned rates[3] = { 7, 7, 7 }, none = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(idle); i++)
		assert_int_equal(ask_idle(i, NULL, rates), NVML_UNINITIALIZED);
	up(PLATFORM_SINGLE, NULL);
	for (size_t i = 0; i < ARRAY_LEN(idle); i++) {
		unsigned out[2] = { 7, 8 };

		print_message("%s\n", idle[i].name);
		assert_int_equal(ask_idle(i, NULL, out), NVML_INVALID_ARGUMENT);
		assert_int_equal(ask_idle(i, handle(0), NULL), NVML_INVALID_ARGUMENT);
		assert_int_equal(ask_idle(i, handle(0), out), NVML_SUCCESS);
		assert_int_equal(out[0], idle[i].value[0]);
		assert_int_equal(out[1], idle[i].n == 2 ? idle[i].value[1] : 8);
		if (idle[i].of_kind)
			assert_int_equal(
				SYMBOL(&door, idle_of_kind *, idle[i].name)(handle(0), 4, out),
				NVML_INVALID_ARGUMENT);
	}
	assert_int_equal(SYMBOL(&door, idle_plain *, "nvmlDeviceGetUtilizationRates")(
				 handle(0), rates, NULL),
		NVML_SUCCESS);
	assert_int_equal(rates[0] + rates[1], 0);
	assert_int_equal(rates[2], 7);
	assert_int_equal(
		SYMBOL(&door, nvml_return(*)(unsigned *), "nvmlUnitGetCount")(&none), 0);
	assert_int_equal(none, 0);
	down();
}

static void error_strings(void **state)
{
	static const struct {
		nvml_return code;
		const char *text;
	} cases[] = {
		{ 0, "Success" },
		{ 1, "Uninitialized" },
		{ 2, "Invalid Argument" }, /* compared by nvtrust */
		{ 3, "Not Supported" },
		{ 4, "Insufficient Permissions" }, /* likewise */
		{ 6, "Not Found" },
		{ 7, "Insufficient Size" },
		{ 9, "Driver Not Loaded" },
		{ 10, "Timeout" },
		{ 15, "GPU is lost" },
		{ 999, "Unknown Error" },
		{ 998, "Unknown Error" },
		{ -1, "Unknown Error" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(CALL(nvmlErrorString)(cases[i].code), cases[i].text);
	for (nvml_return code = 0; code <= 30; code++) {
		assert_non_null(CALL(nvmlErrorString)(code));
		assert_string_not_equal(CALL(nvmlErrorString)(code), "Unknown Error");
	}
}

/* ---- init ---- */

static void init_counts(void **state)
{
	unsigned n = 0;

	(void)state;
	assert_int_equal(CALL(nvmlInit_v2)(), NVML_DRIVER_NOT_LOADED);
	assert_int_equal(CALL(nvmlInitWithFlags)(0), NVML_DRIVER_NOT_LOADED);
	assert_int_equal(CALL(nvmlShutdown)(), NVML_UNINITIALIZED);
	up(PLATFORM_SINGLE, NULL);
	assert_int_equal(CALL(nvmlInitWithFlags)(4), NVML_INVALID_ARGUMENT);
	assert_int_equal(CALL(nvmlInitWithFlags)(0), NVML_SUCCESS);
	assert_int_equal(CALL(nvmlInit)(), NVML_SUCCESS);
	for (int left = 2; left >= 0; left--) {
		assert_int_equal(CALL(nvmlDeviceGetCount_v2)(&n), NVML_SUCCESS);
		assert_int_equal(CALL(nvmlShutdown)(), NVML_SUCCESS);
	}
	assert_int_equal(CALL(nvmlDeviceGetCount_v2)(&n), NVML_UNINITIALIZED);
	assert_int_equal(CALL(nvmlShutdown)(), NVML_UNINITIALIZED);
	door_end(&door);
}

static void no_gpus(void **state)
{
	struct platform_spec spec;
	unsigned             n = 7;

	(void)state;
	platform_spec_default(PLATFORM_NONE, &spec);
	spec.gpus = 0;
	spec.tdx  = false;
	spec.at   = FORGE_AT;
	door_serve_as(&door, &spec);
	assert_int_equal(CALL(nvmlInit_v2)(), NVML_DRIVER_NOT_LOADED);
	assert_int_equal(CALL(nvmlInitWithFlags)(NVML_INIT_NO_GPUS), NVML_SUCCESS);
	assert_int_equal(CALL(nvmlDeviceGetCount_v2)(&n), NVML_SUCCESS);
	assert_int_equal(n, 0);
	down();
}

/* ---- wrong arguments, before init and after ---- */

/* Room for any output; in a versioned structure the word that is right. */
static void *room_for(const char *symbol)
{
	static union {
		unsigned              version;
		struct nvml_cc_report largest;
	} room;

	room.version = strcmp(symbol, "nvmlDeviceGetMemoryInfo_v2") == 0
		? NVML_VERSION(struct nvml_memory_v2, 2U)
		: NVML_PDI_V1;
	return &room;
}

/* Those of a device and one output; a fourth argument is looked at by texts alone. */
static const char *const of_device[] = {
	"nvmlDeviceGetUUID",
	"nvmlDeviceGetName",
	"nvmlDeviceGetSerial",
	"nvmlDeviceGetVbiosVersion",
	"nvmlDeviceGetPciInfo",
	"nvmlDeviceGetPciInfo_v2",
	"nvmlDeviceGetPciInfo_v3",
	"nvmlDeviceGetArchitecture",
	"nvmlDeviceGetBoardId",
	"nvmlDeviceGetMinorNumber",
	"nvmlDeviceGetIndex",
	"nvmlDeviceGetPersistenceMode",
	"nvmlDeviceGetPdi",
	"nvmlDeviceGetGpuFabricInfoV",
	"nvmlDeviceGetMemoryInfo",
	"nvmlDeviceGetMemoryInfo_v2",
	"nvmlDeviceGetConfComputeMemSizeInfo",
	"nvmlDeviceGetConfComputeProtectedMemoryUsage",
	"nvmlDeviceGetConfComputeGpuCertificate",
	"nvmlDeviceGetConfComputeGpuAttestationReport",
};

static const char *const of_system[] = {
	"nvmlSystemGetDriverVersion",
	"nvmlSystemGetNVMLVersion",
	"nvmlDeviceGetCount",
	"nvmlDeviceGetCount_v2",
	"nvmlSystemGetConfComputeCapabilities",
	"nvmlSystemGetConfComputeState",
	"nvmlSystemGetConfComputeSettings",
	"nvmlSystemGetConfComputeGpusReadyState",
	"nvmlSystemGetConfComputeKeyRotationThresholdInfo",
	"nvmlSystemSetConfComputeKeyRotationThresholdInfo",
};

typedef nvml_return device_call(nvml_device, void *, unsigned);
typedef nvml_return system_call(void *, unsigned);

static void uninitialized(void **state)
{
	nvml_device d;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(of_device); i++)
		assert_int_equal(SYMBOL(&door, device_call *, of_device[i])(
					 NULL, room_for(of_device[i]), 96),
			NVML_UNINITIALIZED);
	for (size_t i = 0; i < ARRAY_LEN(of_system); i++)
		assert_int_equal(
			SYMBOL(&door, system_call *, of_system[i])(room_for(of_system[i]), 96),
			NVML_UNINITIALIZED);
	assert_int_equal(CALL(nvmlDeviceGetHandleByIndex_v2)(0, &d), NVML_UNINITIALIZED);
	assert_int_equal(CALL(nvmlDeviceGetHandleByUUID)("GPU-", &d), NVML_UNINITIALIZED);
	assert_int_equal(CALL(nvmlSystemSetConfComputeGpusReadyState)(1), NVML_UNINITIALIZED);
	assert_int_equal(
		CALL(nvmlDeviceSetConfComputeUnprotectedMemSize)(NULL, 0), NVML_UNINITIALIZED);
}

static void wrong_arguments(void **state)
{
	nvml_device d, mine;
	char        far[4096];

	(void)state;
	up(PLATFORM_SINGLE, NULL);
	mine = handle(0);
	for (size_t i = 0; i < ARRAY_LEN(of_device); i++) {
		device_call *call = SYMBOL(&door, device_call *, of_device[i]);

		print_message("%s\n", of_device[i]);
		assert_int_equal(call(NULL, room_for(of_device[i]), 96), NVML_INVALID_ARGUMENT);
		assert_int_equal(call(far, room_for(of_device[i]), 96), NVML_INVALID_ARGUMENT);
		assert_int_equal(call(mine, NULL, 96), NVML_INVALID_ARGUMENT);
		/* a place in the library's array, but nobody's */
		assert_int_equal(call((char *)mine + 1, room_for(of_device[i]), 96),
			NVML_INVALID_ARGUMENT);
	}
	for (size_t i = 0; i < ARRAY_LEN(of_system); i++) {
		print_message("%s\n", of_system[i]);
		assert_int_equal(SYMBOL(&door, system_call *, of_system[i])(NULL, 96),
			NVML_INVALID_ARGUMENT);
	}
	assert_int_equal(CALL(nvmlDeviceGetHandleByIndex_v2)(0, NULL), NVML_INVALID_ARGUMENT);
	assert_int_equal(CALL(nvmlDeviceGetHandleByIndex_v2)(1, &d), NVML_INVALID_ARGUMENT);
	assert_int_equal(CALL(nvmlDeviceGetHandleByUUID)(NULL, &d), NVML_INVALID_ARGUMENT);
	assert_int_equal(CALL(nvmlDeviceGetHandleByUUID)("GPU-", &d), NVML_NOT_FOUND);
	memset(far, 'G', sizeof(far) - 1);
	far[sizeof(far) - 1] = '\0';
	assert_int_equal(CALL(nvmlDeviceGetHandleByUUID)(far, &d), NVML_NOT_FOUND);
	assert_int_equal(CALL(nvmlDeviceGetHandleByPciBusId_v2)(far, &d), NVML_NOT_FOUND);
	down();
}

static void short_buffers(void **state)
{
	static const char *const texts[] = { "nvmlDeviceGetUUID", "nvmlDeviceGetName",
		"nvmlDeviceGetSerial", "nvmlDeviceGetVbiosVersion" };

	(void)state;
	up(PLATFORM_SINGLE, NULL);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		device_call *call = SYMBOL(&door, device_call *, texts[i]);
		char         text[96], cut[96];
		unsigned     n;

		assert_int_equal(call(handle(0), text, sizeof(text)), NVML_SUCCESS);
		n = (unsigned)strlen(text);
		print_message("%s: %s\n", texts[i], text);
		assert_in_range(n, 10, 80); /* NVAT's buffer for a UUID has 80 */
		memset(cut, '#', sizeof(cut));
		assert_int_equal(call(handle(0), cut, n), NVML_INSUFFICIENT_SIZE);
		assert_int_equal(cut[0], '#');
		assert_int_equal(call(handle(0), cut, n + 1), NVML_SUCCESS);
		assert_string_equal(cut, text);
		assert_int_equal(cut[n + 1], '#');
	}
	down();
}

/* 1.6: 25, on 580. */
static void version_words(void **state)
{
	static const struct {
		const char *name;
		bool        of_device;
		unsigned    word;
	} calls[] = {
		{ "nvmlSystemGetConfComputeSettings", false, 0x01000014 },
		{ "nvmlSystemGetConfComputeKeyRotationThresholdInfo", false, 0x01000010 },
		{ "nvmlDeviceGetPdi", true, 0x01000010 },
		{ "nvmlDeviceGetGpuFabricInfoV", true, 0x02000024 },
		{ "nvmlDeviceGetMemoryInfo_v2", true, 0x02000028 },
	};

	(void)state;
	up(PLATFORM_SINGLE, NULL);
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		const unsigned words[] = { calls[i].word, 0, calls[i].word ^ 0x03000000,
			calls[i].word + 4, calls[i].word & 0xffffff };

		for (size_t w = 0; w < ARRAY_LEN(words); w++) {
			unsigned    s[16] = { words[w] };
			nvml_return rc    = calls[i].of_device
				   ? SYMBOL(&door, device_call *, calls[i].name)(handle(0), s, 0)
				   : SYMBOL(&door, system_call *, calls[i].name)(s, 0);

			print_message("%s %#x\n", calls[i].name, words[w]);
			assert_int_equal(
				rc, w == 0 ? NVML_SUCCESS : NVML_ARGUMENT_VERSION_MISMATCH);
			assert_int_equal(s[0], words[w]);
		}
	}
	down();
}

/* ---- readings ---- */

/* 1.5, 1.6; with CC off those of 1.7. */
static void modes(void **state)
{
	static const struct {
		const char           *name, *fault;
		enum platform_profile profile;
		unsigned              environment, cc, devtools, multi_gpu;
		nvml_return           evidence, ready;
		unsigned long long    protected_kib, unprotected_kib;
	} cases[] = {
		{ "CC", NULL, PLATFORM_SINGLE, 2, 1, 0, 0, 0, 0, H100_KIB, 0 },
		{ "PPCIE", NULL, PLATFORM_PPCIE, 2, 0, 0, 1, 0, 0, H100_KIB, 0 },
		{ "off", NULL, PLATFORM_NONE, 0, 0, 0, 0, 999, 3, 0, H100_KIB },
		{ "off by a fault", "cc-off", PLATFORM_SINGLE, 0, 0, 0, 0, 999, 3, 0,
			H100_KIB },
		{ "devtools", "cc-devtools", PLATFORM_SINGLE, 2, 1, 1, 0, 0, 0, H100_KIB, 0 },
		{ "simulation", "cc-simulation", PLATFORM_SINGLE, 1, 1, 0, 0, 0, 0, H100_KIB,
			0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct nvml_cc_settings           s     = { .version = NVML_SETTINGS_V1 };
		struct nvml_key_rotation          r     = { .version = NVML_KEY_ROTATION_V1 };
		struct nvml_cc_state              now   = { 9, 9, 9 };
		struct nvml_cc_capabilities       caps  = { 9, 9 };
		struct nvml_cc_mem_size           mem   = { 9, 9 };
		struct nvml_memory                used  = { 9, 9, 9 };
		unsigned                          ready = 9;
		static struct nvml_cc_certificate cert, cert_was;
		static struct nvml_cc_report      report, report_was;
		struct nvml_fabric_info           fabric = { .version = NVML_FABRIC_INFO_V2 };
		nvml_device                       d;

		print_message("%s\n", cases[i].name);
		up(cases[i].profile, cases[i].fault);
		d = handle(0);
		assert_int_equal(CALL(nvmlSystemGetConfComputeSettings)(&s), 0);
		assert_int_equal(s.environment, cases[i].environment);
		assert_int_equal(s.cc_feature, cases[i].cc);
		assert_int_equal(s.devtools_mode, cases[i].devtools);
		assert_int_equal(s.multi_gpu_mode, cases[i].multi_gpu);
		assert_int_equal(CALL(nvmlSystemGetConfComputeState)(&now), 0);
		assert_memory_equal(&now, &s.environment, sizeof(now));
		assert_int_equal(CALL(nvmlSystemGetConfComputeCapabilities)(&caps), 0);
		assert_int_equal(caps.cpu, NVML_CPU_NONE); /* no TD here */
		assert_int_equal(caps.gpus, 1);
		assert_int_equal(CALL(nvmlSystemGetConfComputeGpusReadyState)(&ready), 0);
		assert_int_equal(ready, 0);
		assert_int_equal(CALL(nvmlDeviceGetGpuFabricInfoV)(d, &fabric), 0);
		assert_int_equal(fabric.state,
			cases[i].multi_gpu == NVML_MULTI_PPCIE ? NVML_FABRIC_DONE
							       : NVML_FABRIC_NONE);
		assert_int_equal(fabric.status, 0);
		assert_int_equal(CALL(nvmlDeviceGetConfComputeMemSizeInfo)(d, &mem), 0);
		assert_int_equal(mem.protected_kib, cases[i].protected_kib);
		assert_int_equal(mem.unprotected_kib, cases[i].unprotected_kib);
		assert_int_equal(
			CALL(nvmlDeviceGetConfComputeProtectedMemoryUsage)(d, &used), 0);
		assert_int_equal(used.total, cases[i].protected_kib * 1024);
		assert_int_equal(used.total, used.free + used.used);
		assert_int_equal(CALL(nvmlSystemGetConfComputeKeyRotationThresholdInfo)(&r), 0);
		assert_int_equal(r.advantage, 60);
		memset(&cert, 0x5a, sizeof(cert));
		memset(&report, 0x5a, sizeof(report));
		cert_was   = cert;
		report_was = report;
		assert_int_equal(CALL(nvmlDeviceGetConfComputeGpuCertificate)(d, &cert),
			cases[i].evidence);
		assert_int_equal(CALL(nvmlDeviceGetConfComputeGpuAttestationReport)(d, &report),
			cases[i].evidence);
		if (cases[i].evidence != 0) { /* left untouched */
			assert_memory_equal(&cert, &cert_was, sizeof(cert));
			assert_memory_equal(&report, &report_was, sizeof(report));
		}
		assert_int_equal(CALL(nvmlSystemSetConfComputeGpusReadyState)(1),
			root() ? cases[i].ready : NVML_NO_PERMISSION);
		down();
	}
}

static void one_device(
	enum forge_arch arch, const char *name, unsigned nvml_arch, const char *driver)
{
	struct platform_spec  spec;
	struct nvml_pdi       pdi = { .version = NVML_PDI_V1 };
	struct nvml_pci       pci = { 0 };
	struct nvml_memory_v2 m   = { .version = NVML_VERSION(struct nvml_memory_v2, 2U) };
	nvml_device           d, same;
	char                  text[96], old[52];
	unsigned              n;
	int                   on = 7, minor = 0;

	platform_spec_default(PLATFORM_SINGLE, &spec);
	spec.arch = arch;
	spec.tdx  = false;
	spec.at   = FORGE_AT;
	door_serve_as(&door, &spec);
	assert_int_equal(CALL(nvmlInit_v2)(), 0);
	d = handle(0);
	assert_int_equal(CALL(nvmlSystemGetDriverVersion)(text, 80), 0);
	assert_string_equal(text, driver);
	assert_int_equal(CALL(nvmlSystemGetNVMLVersion)(text, 80), 0);
	assert_non_null(strstr(text, driver));
	assert_int_equal(CALL(nvmlDeviceGetName)(d, text, 96), 0);
	assert_string_equal(text, name);
	assert_int_equal(CALL(nvmlDeviceGetArchitecture)(d, &n), 0);
	assert_int_equal(n, nvml_arch);
	assert_int_equal(CALL(nvmlDeviceGetUUID)(d, text, 96), 0);
	assert_int_equal(strncmp(text, "GPU-", 4), 0);
	assert_int_equal(strlen(text), 40);
	assert_int_equal(CALL(nvmlDeviceGetHandleByUUID)(text, &same), 0);
	assert_ptr_equal(same, d);
	assert_int_equal(CALL(nvmlDeviceGetSerial)(d, text, 30), 0);
	assert_int_equal(CALL(nvmlDeviceGetHandleBySerial)(text, &same), 0);
	assert_ptr_equal(same, d);
	assert_int_equal(CALL(nvmlDeviceGetPciInfo_v3)(d, &pci), 0);
	assert_int_equal(pci.pci_device_id & 0xffff, 0x10de);
	memset(old, 0x5a, sizeof(old));
	assert_int_equal(CALL(nvmlDeviceGetPciInfo_v2)(d, (struct nvml_pci *)(void *)old), 0);
	assert_memory_equal(old, &pci, offsetof(struct nvml_pci, bus_id));
	assert_int_equal(old[offsetof(struct nvml_pci, bus_id)], 0x5a);
	assert_int_equal(CALL(nvmlDeviceGetPdi)(d, &pdi), 0);
	assert_int_not_equal(pdi.value, 0);
	assert_int_equal(CALL(nvmlDeviceGetPersistenceMode)(d, &on), 0);
	assert_int_equal(on, 1);
	assert_int_equal(CALL(nvmlDeviceGetMemoryInfo_v2)(d, &m), 0);
	assert_int_equal(m.total, m.free + m.used + m.reserved);
	assert_int_equal(CALL(nvmlDeviceGetCudaComputeCapability)(d, &on, &minor), 0);
	assert_int_equal(on, nvml_arch);
	down();
}

static void readings(void **state)
{
	(void)state;
	one_device(FORGE_HOPPER, "NVIDIA H100 80GB HBM3", NVML_ARCH_HOPPER, "580.159.03");
	one_device(FORGE_BLACKWELL, "NVIDIA B200", NVML_ARCH_BLACKWELL, "575.32");
}

static void bus_ids(void **state)
{
	static const struct {
		const char *format; /* of the bus */
		nvml_return rc;
	} cases[] = {
		{ "00000000:%02X:00.0", 0 },
		{ "0000:%02x:00.0", 0 },
		{ "%02x:00.0", 0 },
		{ "0001:%02x:00.0", NVML_NOT_FOUND },
		{ "0000:%02x:01.0", NVML_NOT_FOUND },
		{ "0000:%02x:00.1", NVML_NOT_FOUND },
		{ "0000:%02x:00.0 ", NVML_NOT_FOUND },
		{ "0000:%02x:00", NVML_NOT_FOUND },
		{ "00000000000000000000000000000:%02x:00.0", NVML_NOT_FOUND },
	};
	struct nvml_pci pci, last = { 0 };

	(void)state;
	up(PLATFORM_PPCIE, NULL);
	for (unsigned i = 0; i < 8; i++) { /* 1.4: in the order of the bus */
		assert_int_equal(CALL(nvmlDeviceGetPciInfo_v3)(handle(i), &pci), 0);
		assert_true(i == 0 || pci.bus > last.bus);
		last = pci;
	}
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char        text[64];
		nvml_device d = NULL;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), cases[i].format, last.bus);
#pragma GCC diagnostic pop
		print_message("%s\n", text);
		assert_int_equal(CALL(nvmlDeviceGetHandleByPciBusId_v2)(text, &d), cases[i].rc);
		assert_true(cases[i].rc != 0 || d == handle(7));
	}
	down();
}

/* ---- evidence ---- */

static void evidence(void **state)
{
	static struct nvml_cc_certificate c;
	static struct nvml_cc_report      r[2];
	struct spdm_report                parsed;
	struct assay_err                  e       = { 0 };
	unsigned                          certs   = 0;
	const char                       *at      = NULL;
	static const char                 begin[] = "-----BEGIN CERTIFICATE-----";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(r); i++) { /* the same of two platforms of one seed */
		up(PLATFORM_PPCIE, NULL);
		memset(&r[i], 0, sizeof(r[i]));
		memcpy(r[i].nonce, nonce, sizeof(nonce));
		assert_int_equal(
			CALL(nvmlDeviceGetConfComputeGpuAttestationReport)(handle(3), &r[i]),
			0);
		assert_memory_equal(r[i].nonce, nonce, sizeof(nonce));
		assert_in_range(r[i].report_size, 38, sizeof(r[i].report));
		assert_int_equal(r[i].cec_present, 0);
		if (i == 0)
			down();
	}
	assert_memory_equal(&r[0], &r[1], sizeof(r[0]));
	test_must(spdm_parse((struct bytes){ r[0].report, r[0].report_size }, &parsed, &e), &e);
	assert_memory_equal(parsed.nonce.p, nonce, sizeof(nonce));
	r[1].nonce[0] ^= 1;
	assert_int_equal(
		CALL(nvmlDeviceGetConfComputeGpuAttestationReport)(handle(3), &r[1]), 0);
	assert_memory_not_equal(r[0].report, r[1].report, r[0].report_size);
	assert_int_equal(CALL(nvmlDeviceGetConfComputeGpuCertificate)(handle(3), &c), 0);
	assert_in_range(c.attestation_size, 1000, sizeof(c.attestation) - 1);
	assert_memory_equal(c.attestation, begin, sizeof(begin) - 1);
	for (at = (const char *)c.attestation; (at = strstr(at, begin)) != NULL; at++)
		certs++;
	assert_int_equal(certs, 5); /* 1.6 */
	down();
}

/* ---- what can be set ---- */

enum set { READY, ROTATION, UNPROTECTED };

static nvml_return set(enum set what, unsigned long long value)
{
	struct nvml_key_rotation r = { NVML_KEY_ROTATION_V1, value };

	if (what == READY)
		return CALL(nvmlSystemSetConfComputeGpusReadyState)((unsigned)value);
	if (what == ROTATION)
		return CALL(nvmlSystemSetConfComputeKeyRotationThresholdInfo)(&r);
	return CALL(nvmlDeviceSetConfComputeUnprotectedMemSize)(handle(0), value);
}

static unsigned long long get(enum set what)
{
	struct nvml_key_rotation r = { .version = NVML_KEY_ROTATION_V1 };
	struct nvml_cc_mem_size  m = { 0 };
	unsigned                 ready;

	if (what == READY) {
		assert_int_equal(CALL(nvmlSystemGetConfComputeGpusReadyState)(&ready), 0);
		return ready;
	}
	if (what == ROTATION) {
		assert_int_equal(CALL(nvmlSystemGetConfComputeKeyRotationThresholdInfo)(&r), 0);
		return r.advantage;
	}
	assert_int_equal(CALL(nvmlDeviceGetConfComputeMemSizeInfo)(handle(0), &m), 0);
	assert_int_equal(m.protected_kib + m.unprotected_kib, H100_KIB);
	return m.unprotected_kib;
}

/* 1.6, one after the other on one platform. */
static void settings_that_change(void **state)
{
	static const struct {
		enum set           what;
		unsigned long long value;
		nvml_return        rc;
		unsigned long long then;
	} steps[] = {
		{ READY, 2, NVML_INVALID_ARGUMENT, 0 },
		{ ROTATION, 49, NVML_INVALID_ARGUMENT, 60 },
		{ ROTATION, 66, NVML_INVALID_ARGUMENT, 60 },
		{ ROTATION, 50, NVML_SUCCESS, 50 },
		{ ROTATION, 65, NVML_SUCCESS, 65 },
		{ UNPROTECTED, H100_KIB + 1, NVML_INVALID_ARGUMENT, 0 },
		{ UNPROTECTED, 1048576, NVML_SUCCESS, 1048576 },
		{ READY, 1, NVML_SUCCESS, 1 },
		{ READY, 1, NVML_SUCCESS, 1 },
		{ ROTATION, 60, NVML_INVALID_STATE, 65 },
		{ UNPROTECTED, 0, NVML_INVALID_STATE, 1048576 },
		{ READY, 0, NVML_SUCCESS, 0 },
		{ ROTATION, 60, NVML_SUCCESS, 60 },
	};

	(void)state;
	if (!root())
		skip();
	up(PLATFORM_SINGLE, NULL);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		print_message("step %zu\n", i);
		assert_int_equal(set(steps[i].what, steps[i].value), steps[i].rc);
		assert_int_equal(get(steps[i].what), steps[i].then);
	}
	down();
}

static bool refused(void *ctx)
{
	(void)ctx;
	if (root() && setuid(65534) != 0)
		return false;
	return set(READY, 1) == NVML_NO_PERMISSION && set(ROTATION, 60) == NVML_NO_PERMISSION;
}

static void not_root(void **state)
{
	(void)state;
	up(PLATFORM_SINGLE, NULL);
	assert_true(door_child(refused, NULL, NULL));
	down();
}

/* ---- devices come and go ---- */

static void unplugged(void **state)
{
	nvml_device was[8], d;
	char        uuid[96];
	unsigned    n = 0;

	(void)state;
	up(PLATFORM_PPCIE, NULL);
	for (unsigned i = 0; i < 8; i++)
		was[i] = handle(i);
	assert_int_equal(CALL(nvmlDeviceGetUUID)(was[3], uuid, sizeof(uuid)), 0);
	door_lose(&door, FORGE_GPU, 3, true);
	assert_int_equal(CALL(nvmlDeviceGetCount_v2)(&n), 0);
	assert_int_equal(n, 7);
	for (unsigned i = 0; i < 7; i++)
		assert_ptr_equal(handle(i), was[i < 3 ? i : i + 1]);
	assert_int_equal(CALL(nvmlDeviceGetHandleByIndex_v2)(7, &d), NVML_INVALID_ARGUMENT);
	assert_int_equal(CALL(nvmlDeviceGetHandleByUUID)(uuid, &d), NVML_NOT_FOUND);
	for (size_t i = 0; i < ARRAY_LEN(of_device); i++) {
		print_message("%s\n", of_device[i]);
		assert_int_equal(SYMBOL(&door, device_call *, of_device[i])(
					 was[3], room_for(of_device[i]), 96),
			NVML_GPU_IS_LOST);
	}
	assert_int_equal(CALL(nvmlDeviceGetIndex)(was[4], &n), 0);
	assert_int_equal(n, 3);
	door_lose(&door, FORGE_GPU, 3, false);
	assert_int_equal(CALL(nvmlDeviceGetHandleByUUID)(uuid, &d), 0);
	assert_ptr_equal(d, was[3]);
	down();
}

/* ---- faults ---- */

static nvml_return report_of(unsigned index)
{
	static __thread struct nvml_cc_report r;

	return CALL(nvmlDeviceGetConfComputeGpuAttestationReport)(handle(index), &r);
}

static bool ask_report(void *ctx)
{
	(void)ctx;
	report_of(0);
	return true;
}

static bool ask_init(void *ctx)
{
	(void)ctx;
	CALL(nvmlInit_v2)();
	return true;
}

static void faults(void **state)
{
	static struct nvml_cc_certificate c;
	static struct nvml_cc_report      r;
	char                              text[96];
	int                               killed_by = 0;

	(void)state;
	door_serve(&door, PLATFORM_SINGLE, "nvml-mismatch");
	assert_int_equal(CALL(nvmlInit_v2)(), NVML_LIB_RM_VERSION_MISMATCH);
	assert_int_equal(CALL(nvmlInitWithFlags)(0), NVML_LIB_RM_VERSION_MISMATCH);
	door_serve(&door, PLATFORM_SINGLE, "nvml-crash-init");
	assert_false(door_child(ask_init, NULL, &killed_by));
	assert_int_equal(killed_by, SIGSEGV);
	up(PLATFORM_SINGLE, "nvml-crash-report");
	assert_false(door_child(ask_report, NULL, &killed_by));
	assert_int_equal(killed_by, SIGSEGV);
	down();
	up(PLATFORM_SINGLE, "nvml-size-report");
	assert_int_equal(CALL(nvmlDeviceGetConfComputeGpuAttestationReport)(handle(0), &r), 0);
	assert_int_equal(r.report_size, 0xffffffff);
	assert_false(bytes_zero((struct bytes){ r.report, 64 })); /* the bytes stay */
	down();
	up(PLATFORM_SINGLE, "nvml-size-certificate");
	assert_int_equal(CALL(nvmlDeviceGetConfComputeGpuCertificate)(handle(0), &c), 0);
	assert_int_equal(c.attestation_size, 0xffffffff);
	down();
	up(PLATFORM_SINGLE, "nvml-refused");
	assert_int_equal(report_of(0), NVML_UNKNOWN);
	down();
	up(PLATFORM_PPCIE, "nvml-lost-one");
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(report_of(i), i == 5 ? NVML_GPU_IS_LOST : NVML_SUCCESS);
	down();
	up(PLATFORM_SINGLE, "driver-said-otherwise");
	assert_int_equal(CALL(nvmlSystemGetDriverVersion)(text, 80), 0);
	assert_string_equal(text, "535.86.09");
	down();
}

static void *hang(void *ctx)
{
	nvml_return *rc = ctx;

	*rc = report_of(0);
	return NULL;
}

static void hangs_until_it_ends(void **state)
{
	nvml_return rc = -1;
	unsigned    n  = 0;
	pthread_t   thread;

	(void)state;
	up(PLATFORM_SINGLE, "nvml-hang-report");
	assert_int_equal(pthread_create(&thread, NULL, hang, &rc), 0);
	poll(NULL, 0, 1000);
	assert_int_equal(rc, -1);
	assert_int_equal(CALL(nvmlDeviceGetCount_v2)(&n), 0); /* others are answered */
	assert_int_equal(n, 1);
	door_end(&door);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(rc, NVML_UNKNOWN);
	assert_int_equal(CALL(nvmlShutdown)(), 0);
}

static void lost_connection(void **state)
{
	nvml_device d;
	unsigned    n = 7;

	(void)state;
	up(PLATFORM_SINGLE, NULL);
	d = handle(0);
	door_end(&door);
	assert_int_equal(CALL(nvmlDeviceGetCount_v2)(&n), NVML_UNKNOWN);
	assert_int_equal(n, 7);
	assert_int_equal(CALL(nvmlDeviceGetArchitecture)(d, &n), NVML_UNKNOWN);
	assert_int_equal(CALL(nvmlInit_v2)(), NVML_DRIVER_NOT_LOADED);
	door_serve(&door, PLATFORM_SINGLE, NULL); /* another one in its place */
	assert_int_equal(CALL(nvmlDeviceGetCount_v2)(&n), 0);
	assert_int_equal(n, 1);
	down();
}

/* u32 bytes that follow, i32 rc, u8 act, payload. */
static void answers_that_lie(void **state)
{
	static uint8_t too_much[9 + 0x3000] = "\x05\x30\0\0";
	static const struct {
		const char  *name;
		struct bytes answer;
	} cases[] = {
		{ "nothing", BYTES("") },
		{ "half a length", BYTES("\5\0") },
		{ "a length alone", BYTES("\5\0\0\0") },
		{ "less than a code", BYTES("\4\0\0\0\0\0\0\0\0") },
		{ "no bytes at all", BYTES("\0\0\0\0\0\0\0\0\0") },
		{ "a payload that does not come", BYTES("\x09\0\0\0\0\0\0\0\0\1\2") },
		{ "4 GiB", BYTES("\xff\xff\xff\xff\0\0\0\0\0") },
		{ "more than the output", BYTES_OF(too_much) },
		{ "less than the output", BYTES("\6\0\0\0\0\0\0\0\0\1") },
		{ "nothing of the output", BYTES("\5\0\0\0\0\0\0\0\0") },
	};

	(void)state;
	up(PLATFORM_SINGLE, NULL);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		static struct nvml_cc_certificate c;
		nvml_device                       d = handle(0);
		struct nvml_pci                   pci, was;
		nvml_return                       rc;

		print_message("%s\n", cases[i].name);
		door_serve_bytes(&door, cases[i].answer);
		memset(&pci, 0x5a, sizeof(pci));
		was = pci;
		assert_int_equal(CALL(nvmlDeviceGetPciInfo_v3)(d, &pci), NVML_UNKNOWN);
		assert_memory_equal(&pci, &was, sizeof(pci));
		rc = CALL(nvmlDeviceGetConfComputeGpuCertificate)(d, &c);
		assert_true(rc == NVML_UNKNOWN || rc == NVML_INSUFFICIENT_SIZE);
		door_serve(&door, PLATFORM_SINGLE, NULL);
	}
	down();
}

/* ---- threads, children, errno ---- */

static void *work(void *ctx)
{
	unsigned *bad = ctx;

	for (unsigned i = 0; i < 50; i++) {
		static __thread struct nvml_cc_report r;
		char                                  uuid[96];
		nvml_device                           d = NULL, same = NULL;

		memset(r.nonce, (int)i, sizeof(r.nonce));
		*bad += CALL(nvmlDeviceGetHandleByIndex_v2)(i % 8, &d) != 0;
		*bad += CALL(nvmlDeviceGetUUID)(d, uuid, sizeof(uuid)) != 0;
		*bad += CALL(nvmlDeviceGetHandleByUUID)(uuid, &same) != 0;
		*bad += same != d;
		if (i % 10 == 0) {
			*bad += CALL(nvmlDeviceGetConfComputeGpuAttestationReport)(d, &r) != 0;
			*bad += memcmp(r.report + 4, r.nonce, sizeof(r.nonce)) != 0;
		}
	}
	return NULL;
}

static bool child_asks(void *ctx)
{
	unsigned n = 0;

	(void)ctx;
	return CALL(nvmlInit_v2)() == 0 && CALL(nvmlDeviceGetCount_v2)(&n) == 0 && n == 8 &&
		report_of(1) == 0 && CALL(nvmlShutdown)() == 0;
}

static void threads_and_children(void **state)
{
	pthread_t thread[8];
	unsigned  bad[8] = { 0 };

	(void)state;
	up(PLATFORM_PPCIE, NULL);
	for (size_t i = 0; i < ARRAY_LEN(thread); i++)
		assert_int_equal(pthread_create(&thread[i], NULL, work, &bad[i]), 0);
	for (unsigned i = 0; i < 20; i++)
		assert_true(door_child(child_asks, NULL, NULL));
	for (size_t i = 0; i < ARRAY_LEN(thread); i++) {
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		assert_int_equal(bad[i], 0);
	}
	down();
}

static void errno_stays(void **state)
{
	unsigned n;

	(void)state;
	errno = 4711;
	assert_int_equal(CALL(nvmlInit_v2)(), NVML_DRIVER_NOT_LOADED);
	assert_int_equal(errno, 4711);
	up(PLATFORM_SINGLE, NULL);
	errno = 4711;
	assert_int_equal(CALL(nvmlDeviceGetCount_v2)(&n), 0);
	assert_int_equal(errno, 4711);
	door_end(&door);
	errno = 4711;
	assert_int_equal(CALL(nvmlDeviceGetCount_v2)(&n), NVML_UNKNOWN);
	assert_int_equal(errno, 4711);
	assert_int_equal(CALL(nvmlShutdown)(), 0);
}

/* A program that closes what it does not know, and opens something else there. */
static void closed_behind_its_back(void **state)
{
	unsigned n = 0;
	int      own[2];

	(void)state;
	up(PLATFORM_SINGLE, NULL);
	for (int fd = 3; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) == FD_CLOEXEC) {
			close(fd);
		}
	assert_int_equal(pipe(own), 0);
	assert_int_equal(CALL(nvmlDeviceGetCount_v2)(&n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(write(own[1], "x", 1), 1); /* still the program's */
	close(own[0]);
	close(own[1]);
	down();
}

static int set_up(void **state)
{
	(void)state;
	door_open(&door, NVML_LIBRARY);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	door_close(&door);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_symbol),
		cmocka_unit_test(error_strings),
		cmocka_unit_test(uninitialized),
		cmocka_unit_test(init_counts),
		cmocka_unit_test(no_gpus),
		cmocka_unit_test(what_is_not_supported),
		cmocka_unit_test(what_is_idle),
		cmocka_unit_test(wrong_arguments),
		cmocka_unit_test(short_buffers),
		cmocka_unit_test(version_words),
		cmocka_unit_test(modes),
		cmocka_unit_test(readings),
		cmocka_unit_test(bus_ids),
		cmocka_unit_test(evidence),
		cmocka_unit_test(settings_that_change),
		cmocka_unit_test(not_root),
		cmocka_unit_test(unplugged),
		cmocka_unit_test(faults),
		cmocka_unit_test(hangs_until_it_ends),
		cmocka_unit_test(lost_connection),
		cmocka_unit_test(answers_that_lie),
		cmocka_unit_test(threads_and_children),
		cmocka_unit_test(errno_stays),
		cmocka_unit_test(closed_behind_its_back),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
