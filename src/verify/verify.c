/* SPDX-License-Identifier: Apache-2.0
 *
 * A case to facts: each device by itself, then the node. */
#include "verify/checks.h"
#include "verify/collateral.h"

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
	mem_free(f->device);
	mem_free(f->want);
	shelf_done(&f->shelf);
	findings_done(&f->findings);
	*f = (struct facts){ 0 };
}

/* Evidence that is not judged must not seem to be. */
static enum assay_code unjudged(struct facts *f, struct assay_err *e)
{
	struct finding row = {
		.check   = CHECK_TDX_QUOTE_PARSE,
		.subject = { SUBJECT_TDX, 0 },
		.outcome = ASSAY_OUTCOME_UNKNOWN,
		.code    = ASSAY_QUOTE_UNSUPPORTED,
	};

	return findings_add(
		&f->findings, &row, "the evidence holds a TDX quote", NULL, NULL, e);
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
			TRY(unjudged(f, e));
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

static void memo_drop(struct memo **m)
{
	memo_free(*m);
}

static void tell(const struct verify_case *c, struct subject s)
{
	if (c->watch.judged != NULL)
		c->watch.judged(c->watch.ctx, s);
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
	for (size_t i = 0; i < f.devices; i++) {
		TRY(device_verify(&of_case, &f, &f.device[i], e));
		tell(c, f.device[i].subject);
	}
	TRY(node_verify(&of_case, &f, e));
	tell(c, (struct subject){ SUBJECT_NODE, 0 });
	shelf_done(&f.shelf);
	*out = f;
	f    = (struct facts){ 0 };
	return ASSAY_OK;
}
