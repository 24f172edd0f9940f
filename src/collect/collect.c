/* SPDX-License-Identifier: Apache-2.0
 *
 * The real doors, and what came through them as evidence. */
#include "collect/collect.h"

#include "collect/door.h"
#include "collect/nscq.h"
#include "collect/nvml.h"

static void ask_gpus(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	struct nvml      lib = { 0 };
	struct assay_err why = { 0 };

	tell_call(t, RECORD_SYSTEM, "loading " NVML_LIBRARY);
	if (nvml_open(&lib, &why) != ASSAY_OK)
		tell_fault(t, RECORD_SYSTEM, &why);
	else
		nvml_ask(&lib, ctx, pass, t);
}

static void ask_switches(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	struct nscq      lib = { 0 };
	struct assay_err why = { 0 };

	tell_call(t, RECORD_SYSTEM, "loading " NSCQ_LIBRARY);
	if (nscq_open(&lib, &why) != ASSAY_OK)
		tell_fault(t, RECORD_SYSTEM, &why);
	else
		nscq_ask(&lib, ctx, pass, t);
}

static void ask_ready(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	const int       *value = ctx;
	struct nvml      lib   = { 0 };
	struct assay_err why   = { 0 };

	(void)pass;
	tell_call(t, RECORD_SYSTEM, "loading " NVML_LIBRARY);
	if (nvml_open(&lib, &why) != ASSAY_OK)
		tell_fault(t, RECORD_SYSTEM, &why);
	else
		nvml_ready(&lib, *value, t);
	tell_int(t, RECORD_COUNT, RECORD_SYSTEM, 0); /* devices are not asked about */
}

/* ---- what a process does that stayed ---- */

static const struct collect_request survey_request = { .survey = true };
static const bool                   pass_none[EVIDENCE_DEVICES];

static void gpus_again(const struct errand *x, struct teller *t)
{
	if (x->survey)
		ask_gpus(&survey_request, pass_none, t);
	else
		ask_ready(&x->ready, pass_none, t);
}

static void switches_again(const struct errand *x, struct teller *t)
{
	if (x->survey)
		ask_switches(&survey_request, pass_none, t);
}

enum assay_code collect(
	const struct collect_request *r, struct collected *out, struct assay_err *e)
{
	static const struct errand survey            = { .survey = true, .ready = -1 };
	const struct errand       *same              = r->survey ? &survey : NULL;
	const bool                 stay              = r->kept != NULL;
	struct door_way            way[DEVICE_KINDS] = { 0 };

	if (r->kinds[DEVICE_GPU])
		way[DEVICE_GPU] = (struct door_way){ ask_gpus, r, stay ? gpus_again : NULL,
			same };
	if (r->kinds[DEVICE_NVSWITCH])
		way[DEVICE_NVSWITCH] = (struct door_way){ ask_switches, r,
			stay ? switches_again : NULL, same };
	return door_collect(r, way, out, e);
}

void collected_done(struct collected *c)
{
	for (size_t i = 0; i < c->devices; i++) {
		buf_done(&c->device[i].report);
		buf_done(&c->device[i].chain);
	}
	mem_free(c->device);
	*c = (struct collected){ 0 };
}

size_t collected_count(const struct collected *c, enum device_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < c->devices; i++)
		n += c->device[i].kind == kind;
	return n;
}

bool collected_same(const struct collected *a, const struct collected *b)
{
	if (a->devices != b->devices)
		return false;
	for (size_t i = 0; i < a->devices; i++) /* who has no name is not known again */
		if (a->device[i].kind != b->device[i].kind || a->device[i].uuid[0] == 0 ||
			strcmp(a->device[i].uuid, b->device[i].uuid) != 0)
			return false;
	return true;
}

bool collected_confidential(const struct collected *c)
{
	return c->system.cc == 1 || c->system.multi_gpu == NVML_MULTI_PPCIE;
}

/* As containers spell it; "" for what has no evidence that assay can judge, whose certificates then tell. */
static const char *arch_name(const struct collected_device *d)
{
	static const struct {
		enum device_kind kind;
		unsigned         arch;
		const char      *name;
	} names[] = {
		{ DEVICE_GPU, NVML_ARCH_HOPPER, "HOPPER" },
		{ DEVICE_GPU, NVML_ARCH_BLACKWELL, "BLACKWELL" },
		{ DEVICE_NVSWITCH, NSCQ_LS10, "LS10" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].kind == d->kind && names[i].arch == d->arch)
			return names[i].name;
	return "";
}

/* A hint that is not there is absent, not empty: it would be compared. */
static struct bytes hint(const char *text)
{
	return text[0] == 0 ? (struct bytes){ 0 } : bytes_text(text);
}

static enum assay_code add(const struct collected *c, const struct collected_device *d,
	const uint8_t nonce[NONCE_SIZE], struct evidence *ev, struct assay_err *e)
{
	struct evidence_device to = {
		.kind   = d->kind,
		.report = buf_bytes(&d->report),
		.chain  = buf_bytes(&d->chain),
		.fault  = d->fault,
		.hints  = { .arch       = hint(arch_name(d)),
			 .vbios_version = hint(d->vbios),
			 .uuid          = hint(d->uuid),
			 .nonce_given   = true },
	};

	if (d->kind == DEVICE_GPU)
		to.hints.driver_version = hint(c->system.driver);
	memcpy(to.hints.nonce, nonce, NONCE_SIZE);
	return evidence_add_device(ev, "collected", &to, e);
}

enum assay_code collected_evidence(const struct collected *c, const uint8_t nonce[NONCE_SIZE],
	int64_t made, struct evidence *ev, struct assay_err *e)
{
	for (size_t i = 0; i < c->devices; i++)
		TRY(add(c, &c->device[i], nonce, ev, e));
	ev->recorded    = true;
	ev->made        = made;
	ev->nonce_given = true;
	memcpy(ev->nonce, nonce, NONCE_SIZE);
	return ASSAY_OK;
}

/* ---- the ready state ---- */

/* value: what to set, -1 for nothing. */
static enum assay_code ready(
	int call_ms, struct collect_kept *kept, int value, int *is, struct assay_err *e)
{
	const struct collect_request             r    = { .call_ms = call_ms, .kept = kept };
	const struct errand                      same = { .ready = value };
	CLEANUP(collected_done) struct collected c    = { 0 };
	const struct door_way                    way[DEVICE_KINDS] = {
				   [DEVICE_GPU] = { ask_ready, &value, kept != NULL ? gpus_again : NULL, &same }
	};

	TRY(door_collect(&r, way, &c, e));
	if (c.fault[DEVICE_GPU].code != ASSAY_OK) {
		*e = c.fault[DEVICE_GPU];
		return e->code;
	}
	if (c.system.ready < 0)
		return err_set(e, ASSAY_DEVICE_NONE, "there is no GPU");
	*is = c.system.ready;
	return ASSAY_OK;
}

enum assay_code collect_ready_get(
	int call_ms, struct collect_kept *kept, int *is, struct assay_err *e)
{
	return ready(call_ms, kept, -1, is, e);
}

enum assay_code collect_ready_set(
	int call_ms, struct collect_kept *kept, int value, struct assay_err *e)
{
	int is = -1;

	TRY(ready(call_ms, kept, value, &is, e));
	if (is != value)
		return err_set(e, ASSAY_DEVICE_ERROR,
			"the driver took the ready state %d, and says %d", value, is);
	return ASSAY_OK;
}
