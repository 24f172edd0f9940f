/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults of a node as a whole: who is there, who is wired to whom, in which mode (nvidia-evidence 6.6, 7.3, 7.4). Each
 * device by itself is genuine. */
#include "forge/node.h"

static void gpus(const struct fault *t, struct forge_spec *s)
{
	s->gpus = (unsigned)t->arg;
}

static void switches(const struct fault *t, struct forge_spec *s)
{
	s->switches = (unsigned)t->arg;
}

static void other_driver(const struct fault *t, struct model *m)
{
	m->driver = t->text;
}

static void other_vbios(const struct fault *t, struct model *m)
{
	m->vbios = t->text;
}

/* One device under two names: number arg speaks in the place of the one that is struck. */
static enum assay_code duplicate(
	struct forge *f, const struct fault *t, struct fault_answer *a, struct assay_err *e)
{
	TRY(forge_device(f, t->kind, (unsigned)t->arg, &a->report_of, e));
	a->chain_of = a->report_of;
	return ASSAY_OK;
}

static void two_gpus(const struct fault *t, struct forge_spec *s)
{
	(void)t;
	s->gpus = 2;
}

/* One of them was asked by somebody else. */
static enum assay_code other_nonce(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	(void)t;
	return seed_bytes(&f->seed, "nonce/other", r->request_nonce, NONCE, e);
}

/* Links to switch 0 lead to a switch that is not there; GPUs write a PDI backwards. */
static enum assay_code foreign_switch(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	struct item *links = report_item(r, OPAQUE_PDI);
	uint8_t      other[PDI];

	(void)t;
	TRY(seed_bytes(&f->seed, "pdi/other", other, PDI, e));
	for (size_t at = 0; at < links->n; at += PDI) {
		bool hit = true;

		for (size_t i = 0; i < PDI; i++)
			hit = hit && links->data[at + i] == f->wiring.nvswitch[0][PDI - 1 - i];
		if (hit)
			memcpy(links->data + at, other, PDI);
	}
	return ASSAY_OK;
}

/* No link to switch 0 at all. */
static enum assay_code unlink_switch(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	struct item *links = report_item(r, OPAQUE_PDI);

	(void)t;
	(void)e;
	for (size_t at = 0; at < links->n; at += PDI)
		if (links->data[at] == f->wiring.nvswitch[0][PDI - 1] &&
			links->data[at + 1] == f->wiring.nvswitch[0][PDI - 2])
			memset(links->data + at, 0, PDI);
	return ASSAY_OK;
}

/* The switch names a GPU that is not there, or one of them twice. */
static enum assay_code foreign_gpu(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	uint8_t *list = report_item(r, OPAQUE_GPU_PDIS)->data;

	if (t->arg == 0)
		return seed_bytes(&f->seed, "pdi/other", list + 3 * PDI, PDI, e);
	memcpy(list + 3 * PDI, list + 2 * PDI, PDI);
	return ASSAY_OK;
}

/* Not in protected mode, or only the flag says so. */
static enum assay_code mode_off(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	(void)f;
	(void)e;
	if (t->arg == 0)
		report_item(r, OPAQUE_PROTECTED_PCIE_STATUS)->data[0] = 0x55;
	report_item(r, OPAQUE_FEATURE_FLAG)->data[0] = 0;
	return ASSAY_OK;
}

/* One GPU of a node, without its mode: what it is wired to it still says. */
static void alone(const struct fault *t, struct forge_spec *s)
{
	(void)t;
	s->gpus     = 1;
	s->switches = 0;
}

static void drop(struct report_plan *r, unsigned type)
{
	struct item *item = report_item(r, type);

	if (item == NULL)
		return;
	r->items--;
	memmove(item, item + 1, (size_t)(&r->item[r->items] - item) * sizeof(*item));
}

/* arg: and nothing else that has to do with it */
static enum assay_code mode_unsaid(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	(void)f;
	(void)e;
	drop(r, OPAQUE_PROTECTED_PCIE_STATUS);
	if (t->arg != 0) {
		drop(r, OPAQUE_FEATURE_FLAG);
		drop(r, OPAQUE_PDI);
	}
	return ASSAY_OK;
}

/* The two fields that tell the mode contradict each other. */
static enum assay_code mode_flag(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	(void)f;
	(void)e;
	report_item(r, OPAQUE_FEATURE_FLAG)->data[0] = (uint8_t)t->arg;
	return ASSAY_OK;
}

#define PPCIE .profile = "ppcie"

static const struct fault rows[] = {
	{ "gpu-twice", PPCIE, .number = 1, .finding = "node.devices.distinct", .exit = 1,
		.answer = duplicate, .attack = "one GPU in the place of another" },
	{ "gpu-twice-single", .profile = "single", .finding = "node.devices.distinct",
		.exit = 1, .number = 1, .spec = two_gpus, .answer = duplicate,
		.attack = "one GPU for two" },
	{ "switch-twice", PPCIE, .kind = FORGE_SWITCH, .number = 1,
		.finding = "node.devices.distinct", .exit = 1, .answer = duplicate,
		.attack = "one switch in the place of another" },
	{ "nonce-mixed", PPCIE, .number = 2, .finding = "node.nonce.same", .exit = 1,
		.report = other_nonce, .attack = "one GPU answers another request" },
	{ "gpu-missing", PPCIE, .finding = "node.topology.complete", .exit = 3, .spec = gpus,
		.arg = 7, .attack = "seven GPUs of eight" },
	{ "gpu-none", PPCIE, .finding = "node.topology.complete", .exit = 3, .spec = gpus,
		.arg = 0, .attack = "switches without GPUs" },
	{ "gpu-ninth", PPCIE, .finding = "node.topology.gpus", .exit = 1, .spec = gpus,
		.arg = 9, .attack = "a ninth GPU, which no switch knows" },
	{ "switch-missing", PPCIE, .finding = "node.topology.complete", .exit = 3,
		.spec = switches, .arg = 3, .attack = "three switches of four" },
	{ "switch-none", PPCIE, .finding = "node.topology.complete", .exit = 3,
		.spec = switches, .arg = 0, .attack = "GPUs without switches" },
	{ "switch-fifth", PPCIE, .finding = "node.topology.switches", .exit = 1,
		.spec = switches, .arg = 5, .attack = "a fifth switch, which no GPU knows" },
	{ "topology-switch", PPCIE, .finding = "node.topology.switches", .exit = 1,
		.report = foreign_switch, .attack = "a GPU wired to a foreign switch" },
	{ "topology-unlinked", PPCIE, .finding = "node.topology.switches", .exit = 1,
		.report = unlink_switch, .attack = "a GPU that is not wired to a switch" },
	{ "topology-gpu", PPCIE, .kind = FORGE_SWITCH, .finding = "node.topology.gpus",
		.exit = 1, .report = foreign_gpu, .arg = 0,
		.attack = "a switch wired to a foreign GPU" },
	{ "topology-gpu-twice", PPCIE, .kind = FORGE_SWITCH, .finding = "node.topology.gpus",
		.exit = 1, .report = foreign_gpu, .arg = 1,
		.attack = "a switch that names seven GPUs" },
	{ "mode-mixed", PPCIE, .number = 3, .finding = "node.mode", .exit = 1,
		.report = mode_off, .arg = 0, .attack = "one GPU not in protected mode" },
	{ "mode-flag", PPCIE, .number = 3, .finding = "node.mode", .exit = 1,
		.report = mode_off, .arg = 1, .attack = "one GPU of another feature flag" },
	{ "mode-unsaid", PPCIE, .finding = "node.topology.complete", .exit = 3, .spec = alone,
		.report = mode_unsaid,
		.attack = "a GPU on switches that does not say its mode, without them" },
	{ "mode-none", .profile = "single", .finding = "node.mode", .exit = 0,
		.report = mode_unsaid, .arg = 1,
		.attack =
			"nothing wrong: an older driver, whose GPU says nothing of protected PCIe" },
	{ "mode-contradiction", .profile = "single", .finding = "node.mode", .exit = 1,
		.report = mode_flag, .arg = 2,
		.attack = "a feature flag of protected PCIe, whose status is off" },
	{ "driver-mixed", PPCIE, .number = 5, .finding = "node.versions", .exit = 1,
		.model = other_driver, .text = "570.172.08",
		.attack = "a GPU of a machine with another driver" },
	{ "vbios-mixed", PPCIE, .number = 5, .finding = "node.versions", .exit = 0,
		.model = other_vbios, .text = "96.00.AF.00.01",
		.attack = "a GPU with another VBIOS: a warning" },
};

const struct fault_table fault_node = { rows, ARRAY_LEN(rows) };
