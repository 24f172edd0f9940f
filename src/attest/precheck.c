/* SPDX-License-Identifier: Apache-2.0
 *
 * Source: nvidia-device-access 1.6 and 2.6; nvidia-tools-parity 4.4, stages 1 to 4. */
#include "attest/precheck.h"

#include "format/nscq.h"
#include "format/nvml.h"

#define NODE ((struct subject){ SUBJECT_NODE, 0 })

/* One finding; code ASSAY_OK in why is a pass. */
static enum assay_code say(struct findings *out, enum check check, struct subject subject,
	const struct assay_err *why, struct assay_err *e)
{
	struct finding row = { .check = check, .subject = subject, .code = why->code };

	switch (assay_class(why->code)) {
	case ASSAY_CLASS_ACCEPTED:
		row.outcome = ASSAY_OUTCOME_PASS;
		break;
	case ASSAY_CLASS_UNAVAILABLE:
	case ASSAY_CLASS_NOT_READY:
		row.outcome = ASSAY_OUTCOME_UNKNOWN;
		break;
	default:
		row.outcome = ASSAY_OUTCOME_FAIL;
	}
	return findings_add(out, &row, assay_err_text(why), NULL, NULL, e);
}

static enum assay_code doors(
	const struct collected *c, struct findings *out, struct assay_err *e)
{
	struct assay_err none = { 0 };

	for (size_t k = DEVICE_GPU; k <= DEVICE_NVSWITCH; k++)
		if (c->fault[k].code != ASSAY_OK)
			TRY(say(out,
				k == DEVICE_GPU ? CHECK_GPU_COLLECT : CHECK_NVSWITCH_COLLECT,
				NODE, &c->fault[k], e));
	if (!c->opened[DEVICE_GPU] || collected_count(c, DEVICE_GPU) > 0)
		return ASSAY_OK;
	err_set(&none, ASSAY_DEVICE_NONE, "the driver is there, and knows no GPU");
	return say(out, CHECK_GPU_COLLECT, NODE, &none, e);
}

static void judge_mode(const struct collected_system *s, bool confidential,
	enum precheck_mode expected, struct assay_err *why)
{
	const bool ppcie = s->multi_gpu == NVML_MULTI_PPCIE;

	if (s->cc < 0 && s->multi_gpu < 0)
		err_set(why, ASSAY_DEVICE_ERROR, "the driver does not tell the mode");
	else if (!confidential)
		err_set(why, ASSAY_DEVICE_MODE_OFF,
			"confidential computing is off, and so is protected PCIe%s",
			s->gpu_caps == 1 ? ": the GPU is capable of it, it is not enabled"
					 : "");
	else if (s->environment == NVML_SIMULATION)
		err_set(why, ASSAY_DEVICE_SIMULATED,
			"the driver says that confidential computing is simulated here");
	else if (s->cc == 1 && s->environment != NVML_PRODUCTION)
		err_set(why, ASSAY_DEVICE_ERROR,
			"the driver does not say that confidential computing is the production kind");
	else if (expected == PRECHECK_PPCIE && !ppcie)
		err_set(why, ASSAY_DEVICE_MODE_OFF,
			"confidential computing is on, but this profile needs protected PCIe");
	else if (expected == PRECHECK_CC && ppcie)
		err_set(why, ASSAY_DEVICE_MODE_OFF,
			"protected PCIe is on, but this profile needs confidential computing");
	else
		err_set(why, ASSAY_OK, "%s",
			ppcie ? "protected PCIe" : "confidential computing");
}

static enum assay_code gpus(const struct collected *c, enum precheck_mode expected,
	struct findings *out, struct assay_err *e)
{
	struct assay_err mode = { 0 }, tools = { 0 };

	if (!c->opened[DEVICE_GPU] || collected_count(c, DEVICE_GPU) == 0)
		return ASSAY_OK;
	judge_mode(&c->system, collected_confidential(c), expected, &mode);
	TRY(say(out, CHECK_GPU_MODE, NODE, &mode, e));
	if (c->system.devtools == 1)
		err_set(&tools, ASSAY_DEVICE_DEVTOOLS,
			"developer tools mode is on: the GPU can be looked into");
	else if (c->system.devtools != 0)
		err_set(&tools, ASSAY_DEVICE_ERROR,
			"the driver does not tell whether developer tools are off");
	return say(out, CHECK_GPU_DEVTOOLS, NODE, &tools, e);
}

static void judge_switch(int tnvl, struct assay_err *why)
{
	static const struct {
		int         tnvl;
		const char *is;
	} states[] = {
		{ NSCQ_TNVL_OFF, "is not in protected PCIe mode" },
		{ NSCQ_TNVL_ON, "is in protected PCIe mode, but not locked" },
		{ NSCQ_TNVL_FAILED, "failed to enter protected PCIe mode" },
		{ NSCQ_TNVL_LOCKED, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (states[i].tnvl == tnvl && tnvl != NSCQ_TNVL_LOCKED)
			err_set(why, ASSAY_DEVICE_MODE_OFF, "the switch %s", states[i].is);
		else if (states[i].tnvl == tnvl)
			err_set(why, ASSAY_OK, "protected PCIe, locked");
}

static enum assay_code devices(
	const struct collected *c, struct findings *out, struct assay_err *e)
{
	for (size_t i = 0; i < c->devices; i++) {
		const struct collected_device *d   = &c->device[i];
		const bool                     gpu = d->kind == DEVICE_GPU;
		const struct subject s   = { gpu ? SUBJECT_GPU : SUBJECT_NVSWITCH, d->index };
		struct assay_err     got = { 0 }, mode = { 0 };

		if (d->fault.code == ASSAY_OK && d->report.n > 0) {
			/* what a live device signs is held to what its driver says: nvidia-evidence 6.5 */
			if (gpu && (c->system.driver[0] == 0 || d->vbios[0] == 0))
				err_set(&got, ASSAY_DEVICE_ERROR,
					"the driver does not tell the version of %s",
					c->system.driver[0] == 0 ? "itself" : "the VBIOS");
			else
				err_set(&got, ASSAY_OK, "%s",
					d->name[0] != 0 ? d->name : d->uuid);
			TRY(say(out, gpu ? CHECK_GPU_COLLECT : CHECK_NVSWITCH_COLLECT, s, &got,
				e));
		}
		if (gpu)
			continue;
		if (d->fault.code != ASSAY_OK && d->tnvl < 0)
			continue; /* it was not come to that */
		err_set(&mode, ASSAY_DEVICE_MODE_OFF, "the switch does not tell its mode");
		judge_switch(d->tnvl, &mode);
		TRY(say(out, CHECK_NVSWITCH_MODE, s, &mode, e));
	}
	return ASSAY_OK;
}

enum assay_code precheck(const struct collected *c, enum precheck_mode expected,
	struct findings *out, struct assay_err *e)
{
	TRY(doors(c, out, e));
	TRY(gpus(c, expected, out, e));
	return devices(c, out, e);
}
