/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/composite.h"

#include "base/clock.h"
#include "verify/binding.h"
#define SOURCE "tdx"

static bool is_ours(enum assay_code code)
{
	return assay_class(code) == ASSAY_CLASS_INTERNAL ||
		assay_class(code) == ASSAY_CLASS_USAGE;
}

/* Devices that gave no evidence cannot be covered; that they are missing is in their own entries. */
static enum assay_code manifest(const struct crypto *c, const struct evidence *ev,
	uint8_t out[BINDING_MANIFEST], struct assay_err *e)
{
	CLEANUP(mem_done)
	struct evidence_device *good = mem_new(ev->devices + 1, sizeof(*good));
	struct evidence         part = { .device = good };

	if (good == NULL)
		return err_no_memory(e);
	for (size_t i = 0; i < ev->devices; i++)
		if (ev->device[i].fault.code == ASSAY_OK)
			good[part.devices++] = ev->device[i];
	return binding_manifest(c, &part, out, e);
}

static enum assay_code ask(const struct crypto *c, const struct composite_request *r,
	const uint8_t key[BINDING_KEY], const struct evidence *ev, struct buf *quote,
	struct assay_err *e)
{
	struct td_request td = { .root = r->root, .qgs = r->qgs, .total_ms = r->td_ms };
	uint8_t           over[BINDING_MANIFEST];

	TRY(manifest(c, ev, over, e));
	TRY(binding_reportdata(c, r->nonce, key, over, ev->events, td.data, e));
	return td_quote(&td, quote, e);
}

static enum assay_code add_guest(const struct crypto *c, const struct composite_request *r,
	const uint8_t key[BINDING_KEY], struct evidence *ev, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf quote = { 0 };
	struct evidence_device       d     = { .kind = DEVICE_TDX };

	if (r->devices.progress != NULL)
		r->devices.progress(r->devices.ctx, "quote");
	if (ask(c, r, key, ev, &quote, &d.fault) != ASSAY_OK && is_ours(d.fault.code)) {
		*e = d.fault;
		return e->code;
	}
	d.report = buf_bytes(&quote);
	return evidence_add_device(ev, SOURCE, &d, e);
}

static enum assay_code add_events(
	const struct composite_request *r, struct evidence *ev, struct assay_err *why)
{
	CLEANUP(buf_done) struct buf log = { 0 };

	TRY(td_events(r->root, &log, why));
	return log.n == 0 ? ASSAY_OK : evidence_add_events(ev, buf_bytes(&log), why);
}

/* A machine that is asked for a guest, and is none. */
static enum assay_code add_absent(
	const struct composite_request *r, struct evidence *ev, struct assay_err *e)
{
	struct evidence_device d = { .kind = DEVICE_TDX };
	struct td_request      t = { .root = r->root, .qgs = r->qgs, .total_ms = r->td_ms };
	CLEANUP(buf_done) struct buf quote = { 0 };

	if (td_quote(&t, &quote, &d.fault) == ASSAY_OK)
		err_set(&d.fault, ASSAY_DEVICE_CHANGED,
			"a TDX guest came up in the midst of it");
	if (is_ours(d.fault.code)) {
		*e = d.fault;
		return e->code;
	}
	return evidence_add_device(ev, SOURCE, &d, e);
}

enum assay_code composite_collect(const struct crypto *c, const struct composite_request *r,
	struct collected *devices, struct evidence *ev, struct composite_said *said,
	struct assay_err *e)
{
	struct collect_request all              = r->devices;
	uint8_t                key[BINDING_KEY] = { 0 }, derived[NONCE_SIZE];
	const bool             asked            = all.kinds[DEVICE_TDX];
	int64_t                at               = clock_us();
	enum assay_code        code;

	*said = (struct composite_said){ .guest = asked && td_there(r->root) };
	memcpy(derived, r->nonce, NONCE_SIZE);
	if (said->guest) {
		TRY(binding_key(c, r->key, key, e));
		TRY(binding_gpu_nonce(c, r->nonce, key, derived, e));
		if (add_events(r, ev, &said->events) != ASSAY_OK &&
			is_ours(said->events.code)) {
			*e = said->events;
			return e->code;
		}
	}
	said->us              = clock_us() - at;
	all.evidence          = true;
	all.kinds[DEVICE_TDX] = false;
	for (size_t k = 0; k < DEVICE_KINDS; k++)
		memcpy(all.nonce[k], derived, NONCE_SIZE);
	TRY(collect(&all, devices, e));
	TRY(collected_evidence(devices, derived, r->made, ev, e));
	memcpy(ev->nonce, r->nonce, NONCE_SIZE); /* of the evidence; the devices' is theirs */
	if (said->guest) {
		at   = clock_us();
		code = add_guest(c, r, key, ev, e);
		said->us += clock_us() - at;
		return code;
	}
	return asked && r->devices.must[DEVICE_TDX] ? add_absent(r, ev, e) : ASSAY_OK;
}
