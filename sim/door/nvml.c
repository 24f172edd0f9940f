/* SPDX-License-Identifier: Apache-2.0
 *
 * What the driver answers to libnvidia-ml (nvidia-device-access 1.4 to 1.7), by the symbol that was called. Numbers go
 * as they are in memory; text without a NUL; a chain or report as its size, 32 bits, and its bytes. */
#include <stdio.h>
#include <strings.h>

#include "door/door.h"
#include "forge/report.h"
#include "format/nvml.h"
#include "platform/identity.h"

#define KIB            1024
#define RESERVED_KIB   (480 * KIB) /* by the driver: 1.7 against the memory of that product */
#define ROTATION_LEAST 50
#define ROTATION_MOST  65
#define MODULE_VERSION "13." /* of NVML: API version, then the driver's */

struct call {
	struct platform       *p;
	const struct door_ask *ask;
	unsigned               number; /* of the device that is asked */
	struct buf            *out;
};

static int32_t put(const struct call *c, const void *p, size_t n)
{
	buf_put(c->out, p, n);
	return NVML_SUCCESS;
}

static int32_t put_u32(const struct call *c, uint32_t v)
{
	return put(c, &v, sizeof(v));
}

static int32_t put_text(const struct call *c, const char *text)
{
	return put(c, text, strlen(text));
}

static bool take(const struct call *c, void *out, size_t n)
{
	if (c->ask->payload.n != n)
		return false;
	memcpy(out, c->ask->payload.p, n);
	return true;
}

static enum assay_code device(
	const struct call *c, const struct device **out, struct assay_err *e)
{
	return forge_device(c->p->forge, FORGE_GPU, c->number, out, e);
}

/* In one of the confidential modes: else there is no evidence (1.6). */
static bool confidential(const struct platform *p)
{
	return p->mode.cc || p->mode.multi_gpu == NVML_MULTI_PPCIE;
}

static uint64_t usable_kib(const struct platform *p)
{
	return identity_of(p->spec.arch)->memory / KIB - RESERVED_KIB;
}

#define ANSWER(name) \
	static enum assay_code name(const struct call *c, int32_t *rc, struct assay_err *e)

/* Where nothing of ours can fail. */
#define SIMPLE(name, expression)    \
	ANSWER(name)                \
	{                           \
		(void)e;            \
		*rc = (expression); \
		return ASSAY_OK;    \
	}

ANSWER(init)
{
	unsigned flags = 0;

	(void)e;
	take(c, &flags, sizeof(flags));
	if (platform_count(c->p, FORGE_GPU) == 0 && (flags & NVML_INIT_NO_GPUS) == 0)
		*rc = NVML_DRIVER_NOT_LOADED;
	return ASSAY_OK;
}

static uint32_t present(const struct platform *p)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < platform_count(p, FORGE_GPU); i++)
		n += !p->lost[FORGE_GPU][i];
	return n;
}

ANSWER(by_index)
{
	uint32_t index, at = 0;

	(void)e;
	*rc = NVML_INVALID_ARGUMENT;
	if (!take(c, &index, sizeof(index)))
		return ASSAY_OK;
	for (unsigned i = 0; i < platform_count(c->p, FORGE_GPU); i++)
		if (!c->p->lost[FORGE_GPU][i] && at++ == index)
			*rc = put_u32(c, i);
	return ASSAY_OK;
}

/* By one of the names that a GPU has. */
static enum assay_code search(const struct call *c, int32_t *rc, struct assay_err *e,
	enum assay_code (*name)(const struct call *c, char out[64], struct assay_err *e))
{
	*rc = NVML_NOT_FOUND;
	for (unsigned i = 0; i < platform_count(c->p, FORGE_GPU); i++) {
		struct call other = { c->p, c->ask, i, c->out };
		char        text[64];

		TRY(name(&other, text, e));
		if (!c->p->lost[FORGE_GPU][i] && *rc == NVML_NOT_FOUND &&
			bytes_equal(bytes_text(text), c->ask->payload))
			*rc = put_u32(c, i);
	}
	return ASSAY_OK;
}

static enum assay_code name_uuid(const struct call *c, char out[64], struct assay_err *e)
{
	const struct device *d = NULL;

	TRY(device(c, &d, e));
	snprintf(out, 64, "%s", d->uuid);
	return ASSAY_OK;
}

static enum assay_code name_serial(const struct call *c, char out[64], struct assay_err *e)
{
	(void)e;
	identity_serial(FORGE_GPU, c->number, out);
	return ASSAY_OK;
}

ANSWER(by_uuid)
{
	return search(c, rc, e, name_uuid);
}

ANSWER(by_serial)
{
	return search(c, rc, e, name_serial);
}

/* "00000000:0F:00.0", and as sysfs and lspci have it: "0000:0f:00.0", "0f:00.0". */
static bool is_bus(const struct call *c, unsigned number)
{
	static const char *const domains[] = { "00000000:", "0000:", "" };
	char                     given[32], text[32];

	if (c->ask->payload.n >= sizeof(given))
		return false;
	if (c->ask->payload.n > 0)
		memcpy(given, c->ask->payload.p, c->ask->payload.n);
	given[c->ask->payload.n] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(domains); i++) {
		snprintf(text, sizeof(text), "%s%02x:00.0", domains[i],
			identity_bus(FORGE_GPU, number));
		if (strcasecmp(given, text) == 0)
			return true;
	}
	return false;
}

ANSWER(by_bus)
{
	(void)e;
	*rc = NVML_NOT_FOUND;
	for (unsigned i = 0; i < platform_count(c->p, FORGE_GPU); i++)
		if (!c->p->lost[FORGE_GPU][i] && is_bus(c, i))
			*rc = put_u32(c, i);
	return ASSAY_OK;
}

ANSWER(uuid)
{
	char text[64];

	TRY(name_uuid(c, text, e));
	*rc = put_text(c, text);
	return ASSAY_OK;
}

ANSWER(serial)
{
	char text[64];

	TRY(name_serial(c, text, e));
	*rc = put_text(c, text);
	return ASSAY_OK;
}

ANSWER(vbios)
{
	const struct device *d = NULL;

	TRY(device(c, &d, e));
	*rc = put_text(c, d->model->vbios);
	return ASSAY_OK;
}

ANSWER(board)
{
	const struct device *d = NULL;

	TRY(device(c, &d, e));
	*rc = put_u32(c, d->model->board);
	return ASSAY_OK;
}

ANSWER(nvml_version)
{
	(void)e;
	buf_printf(c->out, MODULE_VERSION "%s", c->p->driver);
	*rc = NVML_SUCCESS;
	return ASSAY_OK;
}

static int32_t put_pci(
	const struct call *c, enum forge_arch arch, enum forge_kind kind, unsigned number)
{
	const struct identity *id   = identity_of(arch);
	struct nvml_pci        info = {
		       .bus              = identity_bus(kind, number),
		       .pci_device_id    = (unsigned)id->device << 16 | id->vendor,
		       .pci_subsystem_id = (unsigned)id->subsystem << 16 | id->subsystem_vendor,
	};

	snprintf(info.bus_id_legacy, sizeof(info.bus_id_legacy), "0000:%02X:00.0", info.bus);
	snprintf(info.bus_id, sizeof(info.bus_id), "00000000:%02X:00.0", info.bus);
	return put(c, &info, sizeof(info));
}

SIMPLE(pci, put_pci(c, c->p->spec.arch, FORGE_GPU, c->number))

/* The switch at the end of a link, as the reports have it; without one the link is down. */
ANSWER(link_end)
{
	uint32_t link, number;

	(void)e;
	*rc = NVML_INVALID_ARGUMENT;
	if (!take(c, &link, sizeof(link)) || link >= LINKS)
		return ASSAY_OK;
	number = (uint32_t)report_link(c->number, link);
	*rc    = NVML_NOT_SUPPORTED;
	if (number < platform_count(c->p, FORGE_SWITCH) && !c->p->lost[FORGE_SWITCH][number])
		*rc = put_pci(c, FORGE_LS10, FORGE_SWITCH, number);
	return ASSAY_OK;
}

/* The certificate's bytes, most significant first (chapter 4). */
ANSWER(pdi)
{
	const struct device *d     = NULL;
	unsigned long long   value = 0;

	TRY(device(c, &d, e));
	for (size_t i = 0; i < PDI; i++)
		value = value << 8 | d->pdi[i];
	*rc = put(c, &value, sizeof(value));
	return ASSAY_OK;
}

ANSWER(capabilities)
{
	struct nvml_cc_capabilities caps = {
		.cpu  = confidential(c->p) && c->p->tdx != NULL ? NVML_CPU_TDX : NVML_CPU_NONE,
		.gpus = 1, /* says only that the silicon can */
	};

	(void)e;
	*rc = put(c, &caps, sizeof(caps));
	return ASSAY_OK;
}

ANSWER(state)
{
	const struct platform_mode *m = &c->p->mode;
	struct nvml_cc_state        s = { m->environment, m->cc, m->devtools };

	(void)e;
	*rc = put(c, &s, sizeof(s));
	return ASSAY_OK;
}

ANSWER(settings)
{
	const struct platform_mode *m = &c->p->mode;
	struct nvml_cc_settings     s = { NVML_SETTINGS_V1, m->environment, m->cc, m->devtools,
		    m->multi_gpu };

	(void)e;
	*rc = put(c, &s, sizeof(s));
	return ASSAY_OK;
}

ANSWER(set_ready)
{
	uint32_t value;

	(void)e;
	if (!take(c, &value, sizeof(value)) || value > 1)
		*rc = NVML_INVALID_ARGUMENT;
	else if (!confidential(c->p))
		*rc = NVML_NOT_SUPPORTED;
	else
		c->p->ready = value == 1;
	return ASSAY_OK;
}

/* All GPUs have joined, where there are switches. */
ANSWER(fabric)
{
	struct nvml_fabric_info f = { .version = NVML_FABRIC_INFO_V2,
		.state = platform_count(c->p, FORGE_SWITCH) > 0 ? NVML_FABRIC_DONE
								: NVML_FABRIC_NONE };

	(void)e;
	*rc = put(c, &f, sizeof(f));
	return ASSAY_OK;
}

ANSWER(mem_size)
{
	const uint64_t          total = usable_kib(c->p);
	struct nvml_cc_mem_size s     = { 0, total };

	(void)e;
	if (confidential(c->p)) {
		s.unprotected_kib = c->p->unprotected_kib[c->number];
		s.protected_kib   = total - s.unprotected_kib;
	}
	*rc = put(c, &s, sizeof(s));
	return ASSAY_OK;
}

ANSWER(set_mem_size)
{
	unsigned long long kib;

	(void)e;
	if (!take(c, &kib, sizeof(kib)) || kib > usable_kib(c->p))
		*rc = NVML_INVALID_ARGUMENT;
	else if (!confidential(c->p))
		*rc = NVML_NOT_SUPPORTED;
	else if (c->p->ready)
		*rc = NVML_INVALID_STATE;
	else
		c->p->unprotected_kib[c->number] = kib;
	return ASSAY_OK;
}

ANSWER(protected_usage)
{
	struct nvml_memory m = { 0 };

	(void)e;
	if (confidential(c->p))
		m.total = m.free = (usable_kib(c->p) - c->p->unprotected_kib[c->number]) * KIB;
	*rc = put(c, &m, sizeof(m));
	return ASSAY_OK;
}

ANSWER(memory)
{
	const uint64_t     total = identity_of(c->p->spec.arch)->memory;
	struct nvml_memory m     = { total, total, 0 };

	(void)e;
	*rc = put(c, &m, sizeof(m));
	return ASSAY_OK;
}

static int32_t put_blob(const struct call *c, const struct buf *blob)
{
	put_u32(c, (uint32_t)blob->n);
	return put(c, blob->p, blob->n);
}

ANSWER(certificate)
{
	CLEANUP(buf_done) struct buf pem = { 0 };

	*rc = NVML_UNKNOWN; /* 1.7: outside of CC mode */
	if (!confidential(c->p))
		return ASSAY_OK;
	TRY(forge_chain(c->p->forge, FORGE_GPU, c->number, &pem, e));
	*rc = put_blob(c, &pem);
	return ASSAY_OK;
}

ANSWER(report)
{
	CLEANUP(buf_done) struct buf report = { 0 };
	uint8_t                      nonce[NVML_NONCE];

	*rc = NVML_UNKNOWN;
	if (!confidential(c->p))
		return ASSAY_OK;
	*rc = NVML_INVALID_ARGUMENT;
	if (!take(c, nonce, sizeof(nonce)))
		return ASSAY_OK;
	TRY(forge_report(c->p->forge, FORGE_GPU, c->number, nonce, &report, e));
	*rc = put_blob(c, &report);
	return ASSAY_OK;
}

ANSWER(set_rotation)
{
	unsigned long long value;

	(void)e;
	if (!take(c, &value, sizeof(value)) || value < ROTATION_LEAST || value > ROTATION_MOST)
		*rc = NVML_INVALID_ARGUMENT;
	else if (!confidential(c->p))
		*rc = NVML_NOT_SUPPORTED;
	else if (c->p->ready)
		*rc = NVML_INVALID_STATE;
	else
		c->p->key_rotation = value;
	return ASSAY_OK;
}

SIMPLE(driver_version, put_text(c, c->p->driver))
SIMPLE(count, put_u32(c, present(c->p)))
SIMPLE(name, put_text(c, identity_of(c->p->spec.arch)->name))
SIMPLE(arch,
	put_u32(c, c->p->spec.arch == FORGE_HOPPER ? NVML_ARCH_HOPPER : NVML_ARCH_BLACKWELL))
SIMPLE(ready, put_u32(c, c->p->ready))
SIMPLE(rotation, put(c, &c->p->key_rotation, sizeof(c->p->key_rotation)))
SIMPLE(persistence, put_u32(c, !c->p->transient[c->number]))
SIMPLE(minor, put_u32(c, c->number))

ANSWER(set_persistence)
{
	uint32_t value;

	(void)e;
	if (!take(c, &value, sizeof(value)) || value > 1)
		*rc = NVML_INVALID_ARGUMENT;
	else
		c->p->transient[c->number] = value == 0;
	return ASSAY_OK;
}

ANSWER(index_now)
{
	uint32_t at = 0;

	(void)e;
	for (unsigned i = 0; i < c->number; i++)
		at += !c->p->lost[FORGE_GPU][i];
	*rc = put_u32(c, at);
	return ASSAY_OK;
}

ANSWER(compute)
{
	const struct identity *id = identity_of(c->p->spec.arch);
	const int32_t is[]        = { (int32_t)id->compute_major, (int32_t)id->compute_minor };

	(void)e;
	*rc = put(c, is, sizeof(is));
	return ASSAY_OK;
}

static const struct {
	const char *symbol;
	bool        of_device;
	enum assay_code (*answer)(const struct call *c, int32_t *rc, struct assay_err *e);
} rows[] = {
	{ "nvmlInit_v2", false, init },
	{ "nvmlInitWithFlags", false, init },
	{ "nvmlSystemGetDriverVersion", false, driver_version },
	{ "nvmlSystemGetNVMLVersion", false, nvml_version },
	{ "nvmlDeviceGetCount_v2", false, count },
	{ "nvmlDeviceGetHandleByIndex_v2", false, by_index },
	{ "nvmlDeviceGetHandleByUUID", false, by_uuid },
	{ "nvmlDeviceGetHandleBySerial", false, by_serial },
	{ "nvmlDeviceGetHandleByPciBusId_v2", false, by_bus },
	{ "nvmlDeviceGetUUID", true, uuid },
	{ "nvmlDeviceGetName", true, name },
	{ "nvmlDeviceGetSerial", true, serial },
	{ "nvmlDeviceGetPciInfo_v3", true, pci },
	{ "nvmlDeviceGetNvLinkRemotePciInfo_v2", true, link_end },
	{ "nvmlDeviceGetArchitecture", true, arch },
	{ "nvmlDeviceGetVbiosVersion", true, vbios },
	{ "nvmlDeviceGetBoardId", true, board },
	{ "nvmlDeviceGetPdi", true, pdi },
	{ "nvmlDeviceGetMinorNumber", true, minor },
	{ "nvmlDeviceGetIndex", true, index_now },
	{ "nvmlDeviceGetPersistenceMode", true, persistence },
	{ "nvmlDeviceSetPersistenceMode", true, set_persistence },
	{ "nvmlDeviceGetCudaComputeCapability", true, compute },
	{ "nvmlDeviceGetGpuFabricInfoV", true, fabric },
	{ "nvmlDeviceGetMemoryInfo", true, memory },
	{ "nvmlSystemGetConfComputeCapabilities", false, capabilities },
	{ "nvmlSystemGetConfComputeState", false, state },
	{ "nvmlSystemGetConfComputeSettings", false, settings },
	{ "nvmlSystemGetConfComputeGpusReadyState", false, ready },
	{ "nvmlSystemSetConfComputeGpusReadyState", false, set_ready },
	{ "nvmlSystemGetConfComputeKeyRotationThresholdInfo", false, rotation },
	{ "nvmlSystemSetConfComputeKeyRotationThresholdInfo", false, set_rotation },
	{ "nvmlDeviceGetConfComputeMemSizeInfo", true, mem_size },
	{ "nvmlDeviceSetConfComputeUnprotectedMemSize", true, set_mem_size },
	{ "nvmlDeviceGetConfComputeProtectedMemoryUsage", true, protected_usage },
	{ "nvmlDeviceGetConfComputeGpuCertificate", true, certificate },
	{ "nvmlDeviceGetConfComputeGpuAttestationReport", true, report },
};

/* Root's to call. The library asks its own process, this one the kernel. */
static bool is_setter(const char *symbol)
{
	return strncmp(symbol, "nvmlSystemSet", strlen("nvmlSystemSet")) == 0 ||
		strncmp(symbol, "nvmlDeviceSet", strlen("nvmlDeviceSet")) == 0;
}

/* Before the driver is asked. False: this was all. */
static bool strike(const struct sim_fault *f, struct door_reply *r)
{
	if (f == NULL || f->act == SIM_SIZE || f->act == SIM_TEXT)
		return true;
	if (f->act == SIM_RETURN)
		r->rc = (int32_t)f->value;
	else if (f->act == SIM_CRASH)
		r->act = WIRE_CRASH;
	else
		r->hang = true;
	return false;
}

/* After it. */
static void twist(const struct sim_fault *f, struct door_reply *r)
{
	const uint32_t size = f == NULL ? 0 : (uint32_t)f->value;

	if (f == NULL || r->rc != NVML_SUCCESS)
		return;
	if (f->act == SIM_SIZE && r->payload.n >= sizeof(size))
		memcpy(r->payload.p, &size, sizeof(size));
	if (f->act == SIM_TEXT) {
		buf_done(&r->payload);
		buf_text(&r->payload, f->text);
	}
}

enum assay_code door_nvml(
	struct platform *p, const struct door_ask *a, struct door_reply *r, struct assay_err *e)
{
	const struct sim_fault *f = platform_struck(p, SIM_NVML, a->name, FORGE_GPU, a->object);
	const struct call       c = { p, a, a->object, &r->payload };

	r->rc = NVML_FUNCTION_NOT_FOUND;
	if (!strike(f, r))
		return ASSAY_OK;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].symbol, a->name) != 0)
			continue;
		r->rc = NVML_SUCCESS;
		if (a->stranger && is_setter(a->name))
			r->rc = NVML_NO_PERMISSION;
		else if (rows[i].of_device && a->object >= platform_count(p, FORGE_GPU))
			r->rc = NVML_INVALID_ARGUMENT;
		else if (rows[i].of_device && p->lost[FORGE_GPU][a->object])
			r->rc = NVML_GPU_IS_LOST;
		else
			TRY(rows[i].answer(&c, &r->rc, e));
		break;
	}
	twist(f, r);
	return buf_ok(&r->payload, e);
}
