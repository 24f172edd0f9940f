/* SPDX-License-Identifier: Apache-2.0
 *
 * A case to facts: each device by itself, then the node. */
#include "verify/checks.h"
#include "verify/collateral.h"
#include "verify/tdx.h"

#include "base/utc.h"

void facts_done(struct facts *f)
{
	for (size_t i = 0; i < f->devices; i++) {
		struct device *d = &f->device[i];

		chain_done(&d->chain);
		for (size_t k = 0; k < DEVICE_RIMS; k++) {
			rim_done(&d->rim[k].rim);
			rim_known_drop(d->rim[k].known);
		}
	}
	guest_free(f->guest);
	mem_free(f->device);
	mem_free(f->want);
	shelf_done(&f->shelf);
	findings_done(&f->findings);
	*f = (struct facts){ 0 };
}

/* One node is one guest. The second quote is not judged, and must not seem to be. */
static enum assay_code add_guest(
	struct facts *f, const struct evidence_device *from, struct assay_err *e)
{
	const struct finding twice = {
		.check   = CHECK_TDX_QUOTE_PARSE,
		.subject = { SUBJECT_TDX, 0 },
		.outcome = ASSAY_OUTCOME_FAIL,
		.code    = ASSAY_QUOTE_TWICE,
	};

	if (f->guest != NULL)
		return findings_add(&f->findings, &twice,
			"the evidence holds more than one quote", NULL, NULL, e);
	f->guest = mem_new(1, sizeof(*f->guest));
	if (f->guest == NULL)
		return err_no_memory(e);
	f->guest->evidence = from;
	return ASSAY_OK;
}

static enum assay_code add_devices(
	const struct verify_case *c, struct facts *f, struct assay_err *e)
{
	f->device = mem_new(
		c->evidence->devices == 0 ? 1 : c->evidence->devices, sizeof(*f->device));
	if (f->device == NULL)
		return err_no_memory(e);
	for (size_t i = 0; i < c->evidence->devices; i++) {
		const struct evidence_device *from = &c->evidence->device[i];
		struct device                *d    = &f->device[f->devices];

		if (from->kind == DEVICE_TDX) {
			TRY(add_guest(f, from, e));
			continue;
		}
		d->evidence = from;
		d->subject  = from->kind == DEVICE_GPU
			 ? (struct subject){ SUBJECT_GPU, (unsigned)f->gpus++ }
			 : (struct subject){ SUBJECT_NVSWITCH, (unsigned)f->switches++ };
		f->devices++;
	}
	return ASSAY_OK;
}

/* Findings of the edge first: they were made before these. */
static enum assay_code add_observed(
	const struct findings *observed, struct facts *f, struct assay_err *e)
{
	for (size_t i = 0; observed != NULL && i < observed->n; i++) {
		const struct finding *x = &observed->list[i];

		TRY(findings_add(&f->findings, x, x->message, x->expected, x->observed, e));
	}
	return ASSAY_OK;
}

/* A channel key, a REPORTDATA or a policy for a guest that gave no quote: who took it out of the evidence gains nothing. */
static enum assay_code check_absent(
	const struct verify_case *c, struct facts *f, struct assay_err *e)
{
	const struct finding missing = {
		.check   = CHECK_TDX_QUOTE_PARSE,
		.subject = { SUBJECT_TDX, 0 },
		.outcome = ASSAY_OUTCOME_FAIL,
		.code    = ASSAY_QUOTE_MISSING,
	};

	if (f->guest != NULL ||
		(c->channel_key.n == 0 && c->reportdata.n == 0 && !tdx_rules_of(c)->asked))
		return ASSAY_OK;
	return findings_add(&f->findings, &missing,
		c->channel_key.n > 0 ? "no quote that could be bound to the channel key"
				     : "no quote",
		NULL, NULL, e);
}

static void memo_drop(struct memo **m)
{
	memo_free(*m);
}

static void tell(const struct verify_case *c, struct subject s)
{
	if (c->watch.judged != NULL)
		c->watch.judged(c->watch.ctx, s);
}

/* Beside a guest the devices are asked with the nonce that is derived for it, and answer no other (tdx 10.4). */
static enum assay_code verify_devices(
	const struct verify_case *c, struct facts *f, struct assay_err *e)
{
	struct verify_case of_devices = *c;
	uint8_t            key[BINDING_KEY];

	if (f->guest != NULL && c->nonce_given) {
		TRY(binding_key(c->crypto, c->channel_key, key, e));
		TRY(binding_gpu_nonce(c->crypto, c->nonce, key, of_devices.nonce, e));
	}
	for (size_t i = 0; i < f->devices; i++) {
		TRY(device_verify(&of_devices, f, &f->device[i], e));
		tell(c, f->device[i].subject);
	}
	return ASSAY_OK;
}

enum assay_code verify(const struct verify_case *c, struct facts *out, struct assay_err *e)
{
	CLEANUP(facts_done) struct facts f       = { .valid_until = UTC_MAX };
	CLEANUP(memo_drop) struct memo  *own     = NULL;
	struct verify_case               of_case = *c;

	if (c->memo == NULL) { /* devices of one node share most of what is verified */
		TRY(memo_new(&own, e));
		of_case.memo = own;
	}
	TRY(add_observed(c->observed, &f, e));
	TRY(add_devices(&of_case, &f, e));
	TRY(verify_devices(&of_case, &f, e));
	if (f.guest != NULL) {
		TRY(guest_verify(&of_case, &f, e));
		tell(c, (struct subject){ SUBJECT_TDX, 0 });
	}
	TRY(node_verify(&of_case, &f, e));
	if (f.guest != NULL)
		TRY(composite_verify(&of_case, &f, e));
	TRY(check_absent(&of_case, &f, e));
	tell(c, (struct subject){ SUBJECT_NODE, 0 });
	shelf_done(&f.shelf);
	*out = f;
	f    = (struct facts){ 0 };
	return ASSAY_OK;
}
