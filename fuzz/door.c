/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests to the GPU and NVSwitch doors, whatever a program that speaks to the socket may send: each has an answer, of
 * a size that the wire carries; one that fails carries nothing; and what the driver keeps stays within its bounds.
 *
 * The input is a list of requests: door, object (255: none), name (a row of the table below, or else that many bytes of
 * the input), u16 size of payload, payload. */
#include "fuzz.h"

#include "base/rd.h"
#include "door/door.h"
#include "format/nscq.h"

#define REQUESTS 16 /* signatures cost */

static const char *const names[] = {
	"nvmlInit_v2",
	"nvmlInitWithFlags",
	"nvmlSystemGetDriverVersion",
	"nvmlSystemGetNVMLVersion",
	"nvmlDeviceGetCount_v2",
	"nvmlDeviceGetHandleByIndex_v2",
	"nvmlDeviceGetHandleByUUID",
	"nvmlDeviceGetHandleBySerial",
	"nvmlDeviceGetHandleByPciBusId_v2",
	"nvmlDeviceGetUUID",
	"nvmlDeviceGetPciInfo_v3",
	"nvmlDeviceGetIndex",
	"nvmlSystemGetConfComputeSettings",
	"nvmlSystemSetConfComputeGpusReadyState",
	"nvmlSystemSetConfComputeKeyRotationThresholdInfo",
	"nvmlDeviceGetConfComputeMemSizeInfo",
	"nvmlDeviceSetConfComputeUnprotectedMemSize",
	"nvmlDeviceGetConfComputeProtectedMemoryUsage",
	"nvmlDeviceGetConfComputeGpuCertificate",
	"nvmlDeviceGetConfComputeGpuAttestationReport",
	"nscq_session_create",
	NSCQ_PATH_UUID,
	NSCQ_REST_ARCH,
	NSCQ_REST_MODE,
	NSCQ_REST_CERTIFICATE,
	NSCQ_REST_REPORT,
};

#define MEMORY_KIB (81559ULL * 1024)

static struct platform *platform(void)
{
	static struct platform *p;
	struct platform_spec    spec;
	struct assay_err        e = { 0 };

	if (p != NULL)
		return p;
	platform_spec_default(PLATFORM_PPCIE, &spec);
	spec.at  = FORGE_AT;
	spec.tdx = false;
	HOLDS(platform_new(&spec, &p, &e) == ASSAY_OK);
	p->lost[FORGE_GPU][5]    = true;
	p->lost[FORGE_SWITCH][2] = true;
	return p;
}

/* What a wire_name is: printable, shorter than WIRE_NAME. */
static void read_name(struct rd *r, char out[WIRE_NAME])
{
	const uint8_t which = rd_u8(r);
	struct bytes  raw;

	if (which < ARRAY_LEN(names)) {
		strcpy(out, names[which]);
		return;
	}
	raw = rd_take(r, which % WIRE_NAME);
	for (size_t i = 0; i < raw.n; i++)
		out[i] = (char)(' ' + raw.p[i] % ('~' - ' ' + 1));
	out[raw.n] = '\0';
}

static void check(const struct platform *p, const struct door_reply *r)
{
	HOLDS(r->act == WIRE_RETURN && !r->hang); /* without a fault */
	HOLDS(r->payload.n <= WIRE_MOST - sizeof(r->rc) - 1);
	HOLDS(r->rc == 0 || r->payload.n == 0);
	HOLDS(p->key_rotation >= 50 && p->key_rotation <= 65);
	for (size_t i = 0; i < FORGE_DEVICES; i++)
		HOLDS(p->unprotected_kib[i] <= MEMORY_KIB);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd        r = { .in = { data, size } };
	struct platform *p = platform();

	for (unsigned i = 0; i < REQUESTS && rd_left(&r) > 0; i++) {
		char              name[WIRE_NAME];
		struct door_ask   ask   = { .name = name };
		struct door_reply reply = { 0 };
		struct assay_err  e     = { 0 };
		const uint8_t     door = rd_u8(&r), object = rd_u8(&r);

		ask.object = object == 0xff ? WIRE_NONE : object;
		read_name(&r, name);
		ask.payload = rd_take(&r, rd_u16le(&r));
		HOLDS((door % 2 == 0 ? door_nvml : door_nscq)(p, &ask, &reply, &e) == ASSAY_OK);
		check(p, &reply);
		buf_done(&reply.payload);
	}
	return 0;
}
