/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of calls is that of nvidia-device-access 1.6: the system, then a device at a time. What a device does not say
 * of its name or place is no fault; what it does not say of its evidence is. */
#include "collect/nvml.h"

#include <endian.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "collect/library.h"

#define TEXT      COLLECT_TEXT
#define NOT_KNOWN (-1)
#define REQUEST   37 /* bytes; a report is a request and the answer to it */

/* clang-format off */
#define ROW(symbol, field) { symbol, offsetof(struct nvml, field), false }
#define MAY(symbol, field) { symbol, offsetof(struct nvml, field), true }
static const struct symbol symbols[] = {
	ROW("nvmlInit_v2", init),
	ROW("nvmlShutdown", shutdown),
	ROW("nvmlSystemGetDriverVersion", driver_version),
	ROW("nvmlSystemGetConfComputeState", state),
	ROW("nvmlDeviceGetCount_v2", count),
	ROW("nvmlDeviceGetHandleByIndex_v2", handle),
	ROW("nvmlDeviceGetUUID", uuid),
	ROW("nvmlDeviceGetArchitecture", arch),
	ROW("nvmlDeviceGetVbiosVersion", vbios),
	ROW("nvmlDeviceGetConfComputeGpuCertificate", certificate),
	ROW("nvmlDeviceGetConfComputeGpuAttestationReport", report),
	MAY("nvmlSystemGetNVMLVersion", nvml_version),
	MAY("nvmlSystemGetConfComputeSettings", settings),
	MAY("nvmlSystemGetConfComputeCapabilities", capabilities),
	MAY("nvmlSystemGetConfComputeGpusReadyState", ready_get),
	MAY("nvmlSystemSetConfComputeGpusReadyState", ready_set),
	MAY("nvmlDeviceGetName", name),
	MAY("nvmlDeviceGetPciInfo_v3", pci),
	MAY("nvmlDeviceGetPdi", pdi),
	MAY("nvmlDeviceGetGpuFabricInfoV", fabric),
	MAY("nvmlDeviceGetConfComputeMemSizeInfo", memory),
};
/* clang-format on */

enum assay_code nvml_open(struct nvml *out, struct assay_err *e)
{
	return library_open(NVML_LIBRARY, symbols, ARRAY_LEN(symbols), out, e);
}

/* 1.3. What is not here is the driver's error, in its own words. */
static const struct library_word words[] = {
#define W(name, code, advice)                         \
	{                                             \
		NVML_##name, ASSAY_##code, "", advice \
	}
	W(UNINITIALIZED, DEVICE_ERROR, "the library was not started"),
	W(NOT_SUPPORTED, DEVICE_ERROR,
		"this GPU or driver cannot attest; it takes a Hopper or newer"),
	W(NO_PERMISSION, DEVICE_PERMISSION, "run as root, or give access to /dev/nvidia*"),
	W(INSUFFICIENT_SIZE, DEVICE_REPLY,
		"the driver's answers are larger than this version knows"),
	W(INSUFFICIENT_POWER, DEVICE_ERROR, "the GPU lacks external power"),
	W(DRIVER_NOT_LOADED, DEVICE_ERROR,
		"the kernel module is not loaded, or its start failed: look at the kernel log"),
	W(TIMEOUT, DEVICE_TIMEOUT,
		"the driver waited for the GPU in vain: look at the kernel log"),
	W(LIBRARY_NOT_FOUND, LIBRARY, "the driver's libraries are incomplete"),
	W(FUNCTION_NOT_FOUND, LIBRARY, "the library is older than the driver"),
	W(CORRUPTED_INFOROM, DEVICE_ERROR, "the GPU's infoROM is damaged"),
	W(GPU_IS_LOST, DEVICE_ERROR, "the GPU has fallen off the bus: look at the kernel log"),
	W(RESET_REQUIRED, DEVICE_ERROR, "the GPU must be reset"),
	W(OPERATING_SYSTEM, DEVICE_PERMISSION,
		"blocked by the cgroup or the container's device rules"),
	W(LIB_RM_VERSION_MISMATCH, DEVICE_ERROR,
		"library and kernel module are of different releases: reload the driver, or mount its own libraries"),
	W(IN_USE, DEVICE_ERROR, "another program holds the GPU"),
	W(MEMORY, DEVICE_ERROR, "the driver has no memory"),
	W(ARGUMENT_VERSION_MISMATCH, LIBRARY, "the driver is too old or too new for this call"),
	W(NOT_READY, DEVICE_ERROR, "the GPU does not accept work"),
	W(GPU_NOT_FOUND, DEVICE_ERROR, "there is no such GPU"),
	W(UNKNOWN, DEVICE_ERROR, "an error inside the driver: look at the kernel log"),
#undef W
};

static const char *text_of(nvml_return rc)
{
	static const struct {
		int         rc;
		const char *text;
	} texts[] = {
#define X(value, name, text) { value, text },
		NVML_CODES(X)
#undef X
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (texts[i].rc == rc)
			return texts[i].text;
	return "an unknown code";
}

enum assay_code nvml_fault(const char *function, nvml_return rc, bool off, struct assay_err *e)
{
	if (rc == NVML_UNKNOWN && off)
		return err_set(e, ASSAY_DEVICE_MODE_OFF,
			"confidential computing is off, so the driver refuses evidence: %s returned %d (%s)",
			function, rc, text_of(rc));
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (words[i].rc == rc)
			return err_set(e, words[i].code, "%s returned %d (%s): %s", function,
				rc, text_of(rc), words[i].advice);
	return err_set(e, ASSAY_DEVICE_ERROR, "%s returned %d (%s)", function, rc, text_of(rc));
}

struct asking {
	const struct nvml            *lib;
	const struct collect_request *r;
	struct teller                *t;
	int                           cc, multi_gpu;
	uint32_t                      device;
	nvml_device                   handle;
};

/* The name of a table's row, by its field, so that the two never differ. */
static const char *symbol_at(size_t at)
{
	for (size_t i = 0; i < ARRAY_LEN(symbols); i++)
		if (symbols[i].at == at)
			return symbols[i].name;
	return "";
}

#define NAME(field) symbol_at(offsetof(struct nvml, field))

/* Tell that it is called, call it. */
#define CALL(a, field, ...) \
	(tell_call((a)->t, (a)->device, NAME(field)), (a)->lib->field(__VA_ARGS__))

static bool off(const struct asking *a)
{
	return a->cc == 0 && a->multi_gpu != NVML_MULTI_PPCIE;
}

static void fail(struct asking *a, const char *function, nvml_return rc)
{
	struct assay_err why = { 0 };

	nvml_fault(function, rc, off(a), &why);
	tell_fault(a->t, a->device, &why);
}

static void say_text(struct asking *a, enum record_key key, nvml_return rc, char text[TEXT])
{
	text[TEXT - 1] = 0; /* who knows */
	if (rc == NVML_SUCCESS && text[0] != 0)
		tell_text(a->t, key, a->device, text);
}

static void say_mode(struct asking *a, unsigned environment, unsigned cc, unsigned devtools)
{
	a->cc = (int)cc;
	tell_int(a->t, RECORD_ENVIRONMENT, a->device, (int)environment);
	tell_int(a->t, RECORD_CC, a->device, (int)cc);
	tell_int(a->t, RECORD_DEVTOOLS, a->device, (int)devtools);
}

/* Settings tell more; drivers that do not know them know the state. */
static void ask_mode(struct asking *a)
{
	struct nvml_cc_settings s     = { .version = NVML_SETTINGS_V1 };
	struct nvml_cc_state    state = { 0 };

	if (a->lib->settings != NULL && CALL(a, settings, &s) == NVML_SUCCESS) {
		a->multi_gpu = (int)s.multi_gpu_mode;
		tell_int(a->t, RECORD_MULTI_GPU, a->device, a->multi_gpu);
		say_mode(a, s.environment, s.cc_feature, s.devtools_mode);
	} else if (CALL(a, state, &state) == NVML_SUCCESS) {
		say_mode(a, state.environment, state.cc_feature, state.devtools_mode);
	}
}

static void ask_ready(struct asking *a)
{
	unsigned ready = 0;

	if (a->lib->ready_get != NULL && CALL(a, ready_get, &ready) == NVML_SUCCESS)
		tell_int(a->t, RECORD_READY, a->device, ready == 1);
}

static void ask_system(struct asking *a)
{
	char                        text[TEXT] = "";
	struct nvml_cc_capabilities caps       = { 0 };

	if (a->r->survey) {
		ask_mode(a);
		ask_ready(a);
		return;
	}
	say_text(a, RECORD_DRIVER, CALL(a, driver_version, text, TEXT), text);
	if (a->lib->nvml_version != NULL) {
		text[0] = 0;
		say_text(a, RECORD_NVML, CALL(a, nvml_version, text, TEXT), text);
	}
	if (a->lib->capabilities != NULL && CALL(a, capabilities, &caps) == NVML_SUCCESS) {
		tell_int(a->t, RECORD_CPU_CAPS, a->device, (int)caps.cpu);
		tell_int(a->t, RECORD_GPU_CAPS, a->device, (int)caps.gpus);
	}
	ask_mode(a);
	ask_ready(a);
}

static void ask_identity(struct asking *a)
{
	char            text[TEXT] = "";
	unsigned        arch       = 0;
	struct nvml_pci pci        = { 0 };
	struct nvml_pdi pdi        = { .version = NVML_PDI_V1 };
	uint64_t        value;

	say_text(a, RECORD_UUID, CALL(a, uuid, a->handle, text, TEXT), text);
	if (a->r->survey)
		return;
	if (CALL(a, arch, a->handle, &arch) == NVML_SUCCESS)
		tell_int(a->t, RECORD_ARCH, a->device, (int)arch);
	text[0] = 0;
	say_text(a, RECORD_VBIOS, CALL(a, vbios, a->handle, text, TEXT), text);
	if (a->lib->name != NULL) {
		text[0] = 0;
		say_text(a, RECORD_NAME, CALL(a, name, a->handle, text, TEXT), text);
	}
	if (a->lib->pci != NULL && CALL(a, pci, a->handle, &pci) == NVML_SUCCESS) {
		snprintf(text, sizeof(text), "%.*s", (int)sizeof(pci.bus_id), pci.bus_id);
		say_text(a, RECORD_BUS, NVML_SUCCESS, text);
	}
	if (a->lib->pdi != NULL && CALL(a, pdi, a->handle, &pdi) == NVML_SUCCESS) {
		value = htole64(pdi.value);
		tell(a->t, RECORD_PDI, a->device, BYTES_OF((const uint8_t *)&value));
	}
}

/* For a diagnosis only: what evidence does not need is not asked for with it. */
static void ask_state(struct asking *a)
{
	struct nvml_fabric_info fabric = { .version = NVML_FABRIC_INFO_V2 };
	struct nvml_cc_mem_size memory = { 0 };

	if (a->lib->fabric != NULL && CALL(a, fabric, a->handle, &fabric) == NVML_SUCCESS) {
		tell_int(a->t, RECORD_FABRIC, a->device, fabric.state);
		tell_int(a->t, RECORD_FABRIC_STATUS, a->device, (int)fabric.status);
	}
	if (a->lib->memory != NULL && CALL(a, memory, a->handle, &memory) == NVML_SUCCESS)
		tell_int(a->t, RECORD_UNPROTECTED, a->device,
			memory.unprotected_kib > INT_MAX ? INT_MAX
							 : (int)memory.unprotected_kib);
}

static bool bad_size(
	struct asking *a, const char *what, unsigned n, unsigned least, unsigned most)
{
	struct assay_err why = { 0 };

	if (n >= least && n <= most)
		return false;
	err_set(&why, ASSAY_DEVICE_REPLY, "%s of %u bytes, where %u to %u are possible", what,
		n, least, most);
	tell_fault(a->t, a->device, &why);
	return true;
}

static void ask_evidence(struct asking *a)
{
	static struct nvml_cc_report      report;
	static struct nvml_cc_certificate cert;
	nvml_return                       rc;

	memset(&report, 0, sizeof(report));
	memset(&cert, 0, sizeof(cert));
	memcpy(report.nonce, a->r->nonce[DEVICE_GPU], NVML_NONCE);
	rc = CALL(a, report, a->handle, &report);
	if (rc != NVML_SUCCESS) {
		fail(a, NAME(report), rc);
		return;
	}
	if (bad_size(a, "a report", report.report_size, REQUEST + 1, NVML_REPORT))
		return;
	rc = CALL(a, certificate, a->handle, &cert);
	if (rc != NVML_SUCCESS) {
		fail(a, NAME(certificate), rc);
		return;
	}
	if (bad_size(a, "a certificate chain", cert.attestation_size, 1, NVML_ATTEST))
		return;
	tell(a->t, RECORD_REPORT, a->device,
		(struct bytes){ report.report, report.report_size });
	tell(a->t, RECORD_CHAIN, a->device,
		(struct bytes){ cert.attestation, cert.attestation_size });
}

static void ask_device(struct asking *a)
{
	nvml_return rc = CALL(a, handle, a->device, &a->handle);

	if (rc != NVML_SUCCESS) {
		fail(a, NAME(handle), rc);
		return;
	}
	ask_identity(a);
	if (a->r->evidence)
		ask_evidence(a);
	else if (!a->r->survey)
		ask_state(a);
	tell(a->t, RECORD_ASKED, a->device, (struct bytes){ 0 });
}

static bool ask_count(struct asking *a, unsigned *n)
{
	nvml_return rc = CALL(a, count, n);

	if (rc == NVML_GPU_NOT_FOUND)
		*n = 0;
	else if (rc != NVML_SUCCESS) {
		fail(a, NAME(count), rc);
		return false;
	}
	tell_int(a->t, RECORD_COUNT, a->device, (int)*n);
	return true;
}

/* Started, or a fault told. */
static bool start(struct asking *a)
{
	nvml_return rc = CALL(a, init);

	if (rc == NVML_SUCCESS)
		return true;
	if (rc == NVML_GPU_NOT_FOUND)
		tell_int(a->t, RECORD_COUNT, a->device, 0);
	else
		fail(a, NAME(init), rc);
	return false;
}

void nvml_ask(const struct nvml *lib, const struct collect_request *r,
	const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	struct asking a = { .lib = lib,
		.r               = r,
		.t               = t,
		.cc              = NOT_KNOWN,
		.multi_gpu       = NOT_KNOWN,
		.device          = RECORD_SYSTEM };
	unsigned      n = 0;

	if (!start(&a))
		return;
	ask_system(&a);
	if (!ask_count(&a, &n))
		return;
	for (unsigned i = 0; i < n && i < EVIDENCE_DEVICES; i++) {
		a.device = i;
		if (!pass[i])
			ask_device(&a);
	}
	a.device = RECORD_SYSTEM;
	CALL(&a, shutdown);
}

/* 1.3: on this call the invalid argument is a state that cannot be left. */
static enum assay_code set_ready(struct asking *a, int value, struct assay_err *e)
{
	const char *function = NAME(ready_set);
	nvml_return rc;

	if (a->lib->ready_set == NULL)
		return err_set(e, ASSAY_LIBRARY, "%s has no %s: this driver is too old",
			NVML_LIBRARY, function);
	rc = CALL(a, ready_set, (unsigned)value);
	if (rc == NVML_SUCCESS)
		return ASSAY_OK;
	if (rc == NVML_INVALID_ARGUMENT)
		return err_set(e, ASSAY_DEVICE_TERMINAL,
			"%s returned %d (%s): the GPUs are in a state that only a reset or a restart of the machine ends",
			function, rc, text_of(rc));
	if (rc == NVML_NO_PERMISSION)
		return err_set(e, ASSAY_DEVICE_PERMISSION,
			"%s returned %d (%s): only root may change the ready state", function,
			rc, text_of(rc));
	return nvml_fault(function, rc, false, e);
}

static enum assay_code get_ready(struct asking *a, struct assay_err *e)
{
	unsigned    ready = 0;
	nvml_return rc;

	if (a->lib->ready_get == NULL)
		return err_set(e, ASSAY_LIBRARY, "%s has no %s: this driver is too old",
			NVML_LIBRARY, NAME(ready_get));
	rc = CALL(a, ready_get, &ready);
	if (rc != NVML_SUCCESS)
		return nvml_fault(NAME(ready_get), rc, false, e);
	if (ready > 1)
		return err_set(
			e, ASSAY_DEVICE_REPLY, "a ready state of %u, neither 0 nor 1", ready);
	tell_int(a->t, RECORD_READY, a->device, (int)ready);
	return ASSAY_OK;
}

void nvml_ready(const struct nvml *lib, int value, struct teller *t)
{
	struct asking    a   = { .lib = lib, .t = t, .device = RECORD_SYSTEM };
	struct assay_err why = { 0 };

	if (!start(&a))
		return;
	if ((value == 0 || value == 1) && set_ready(&a, value, &why) != ASSAY_OK)
		tell_fault(t, a.device, &why);
	else if (get_ready(&a, &why) != ASSAY_OK)
		tell_fault(t, a.device, &why);
	CALL(&a, shutdown);
}
