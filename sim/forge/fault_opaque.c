/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults of NVIDIA's opaque data (nvidia-evidence 2.5, 2.6, 8.2), of what switches say there, and of the hints that
 * come beside the report. All of the report's are signed by the device itself. */
#include "forge/node.h"

static enum assay_code repeat(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	const struct item *item = report_item(r, (unsigned)t->arg);

	(void)f;
	(void)e;
	report_add(r, item->type, item->data, item->n);
	return ASSAY_OK;
}

/* An item of type arg with text as data; value of its bytes when there is no text. */
static enum assay_code add(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	(void)f;
	(void)e;
	report_add(r, (unsigned)t->arg, t->text, (size_t)t->value);
	return ASSAY_OK;
}

static enum assay_code drop(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	size_t i = (size_t)(report_item(r, (unsigned)t->arg) - r->item);

	(void)f;
	(void)e;
	r->items--;
	memmove(&r->item[i], &r->item[i + 1], (r->items - i) * sizeof(r->item[0]));
	return ASSAY_OK;
}

/* The first value bytes of text in place of an item's data. */
static enum assay_code set(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	struct item *item = report_item(r, (unsigned)t->arg);

	(void)f;
	(void)e;
	item->n = (uint16_t)t->value;
	memcpy(item->data, t->text, item->n);
	return ASSAY_OK;
}

/* Longer or shorter by value, zeros behind. */
static enum assay_code resize(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	struct item *item = report_item(r, (unsigned)t->arg);

	(void)f;
	(void)e;
	item->n = (uint16_t)(item->n + t->value);
	return ASSAY_OK;
}

static enum assay_code other_fwid(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	(void)t;
	return seed_bytes(&f->seed, "fwid/other", report_item(r, OPAQUE_FWID)->data, DIGEST, e);
}

/* 2.6: the header in text, value types as seen. */
static enum assay_code versioned(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	static const uint8_t one[4] = { 1 };

	(void)f;
	(void)e;
	r->head_n = sizeof(r->head);
	memcpy(r->head, t->text, sizeof(r->head));
	for (size_t i = 0; i < r->items; i++)
		r->item[i].value_type = r->item[i].type == OPAQUE_DRIVER ? 0x86 : 0;
	report_add(r, OPAQUE_FSP_SVN, one, 2)->value_type = t->value == 0 ? 0x87
									  : (uint16_t)t->value;
	return ASSAY_OK;
}

/* The first item says a size that no report has room for. */
static void huge_item(const struct fault *t, struct buf *m)
{
	size_t l1 = m->p[42] | (size_t)m->p[43] << 8;

	(void)t;
	m->p[79 + l1 + 2] = 0xff;
	m->p[79 + l1 + 3] = 0xff;
}

static void blackwell(const struct fault *t, struct forge_spec *s)
{
	(void)t;
	s->arch = FORGE_BLACKWELL;
}

enum hint { HINT_ARCH, HINT_DRIVER, HINT_VBIOS };

static enum assay_code other_hint(
	struct forge *f, const struct fault *t, struct forge_bundle *b, struct assay_err *e)
{
	struct forge_evidence *ev     = fault_evidence(t, b);
	char *const            hint[] = {
			   [HINT_ARCH]   = ev->arch,
			   [HINT_DRIVER] = ev->driver,
			   [HINT_VBIOS]  = ev->vbios,
	};

	(void)f;
	(void)e;
	memcpy(hint[t->arg], t->text, strlen(t->text) + 1);
	return ASSAY_OK;
}

static enum assay_code other_pdi(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	return seed_bytes(
		&f->seed, "pdi/other", report_item(r, (unsigned)t->arg)->data, PDI, e);
}

#define OPAQUE     "gpu.report.opaque"
#define MALFORM    .profile = "single", .finding = OPAQUE, .exit = 6
#define SWITCH     .profile = "ppcie", .kind = FORGE_SWITCH
#define HEAD(tail) "NVDAOD" tail

static const struct fault rows[] = {
	{ "opaque-twice", MALFORM, .report = repeat, .arg = OPAQUE_DRIVER,
		.attack = "says the driver twice" },
	{ "opaque-fwid-twice", MALFORM, .report = repeat, .arg = OPAQUE_FWID,
		.attack = "says the firmware id twice" },
	{ "opaque-size-ffff", MALFORM, .message = huge_item,
		.attack = "has an item of 65535 bytes" },
	{ "opaque-type-zero", MALFORM, .report = add, .arg = 0, .text = "\0", .value = 1,
		.attack = "has an item of type 0" },
	{ "opaque-type-invalid", MALFORM, .report = add, .arg = 255, .text = "\0", .value = 1,
		.attack = "has an item of type 255" },
	{ "opaque-unknown", .profile = "single", .finding = OPAQUE, .exit = 0, .report = add,
		.arg = 200, .text = "new", .value = 3,
		.attack = "newer firmware with a field of its own: noted, not refused" },
	{ "opaque-driver-missing", MALFORM, .report = drop, .arg = OPAQUE_DRIVER,
		.attack = "keeps the driver's version to itself" },
	{ "opaque-vbios-missing", MALFORM, .report = drop, .arg = OPAQUE_VBIOS,
		.attack = "keeps the VBIOS version to itself" },
	{ "opaque-project-missing", MALFORM, .report = drop, .arg = OPAQUE_PROJECT,
		.attack = "keeps the board to itself" },
	{ "opaque-nvdec-missing", MALFORM, .report = drop, .arg = OPAQUE_NVDEC0,
		.attack = "keeps NVDEC0's state to itself" },
	{ "opaque-vbios-short", MALFORM, .report = resize, .arg = OPAQUE_VBIOS, .value = -1,
		.attack = "has a VBIOS version of 7 bytes" },
	{ "opaque-vbios-tail", MALFORM, .report = set, .arg = OPAQUE_VBIOS,
		.text = "\x00\x74\x00\x96\x20\x00\x00\x01", .value = 8,
		.attack = "has two encodings for one VBIOS version" },
	{ "opaque-nvdec-long", MALFORM, .report = resize, .arg = OPAQUE_NVDEC0, .value = 1,
		.attack = "has two bytes of NVDEC0 state" },
	{ "opaque-counts-odd", MALFORM, .report = resize, .arg = OPAQUE_MSRSCNT, .value = -1,
		.attack = "has a part of a count" },
	{ "opaque-fwid-short", MALFORM, .report = resize, .arg = OPAQUE_FWID, .value = -1,
		.attack = "has a firmware id of 47 bytes" },
	{ "opaque-driver-path", MALFORM, .report = set, .arg = OPAQUE_DRIVER, .text = "../../x",
		.value = 8, .attack = "steers the RIM look-up by a path" },
	{ "opaque-driver-hidden", MALFORM, .report = set, .arg = OPAQUE_DRIVER,
		.text = "580.159.03\0evil", .value = 15, .attack = "hides text behind a NUL" },
	{ "opaque-driver-empty", MALFORM, .report = set, .arg = OPAQUE_DRIVER, .text = "\0",
		.value = 2, .attack = "has an empty driver version" },

	{ "nvdaod", .profile = "single", .finding = "", .exit = 0, .report = versioned,
		.text   = HEAD("\0\0\2\0\0\0"),
		.attack = "nothing wrong: the layout of CUDA 13.5 drivers" },
	{ "nvdaod-value-type", .profile = "single", .finding = "", .exit = 0,
		.report = versioned, .text = HEAD("\0\0\2\0\0\0"), .value = 0x86,
		.attack = "a security version of another value type, which no RIM asks for" },
	{ "nvdaod-profile", MALFORM, .report = versioned, .text = HEAD("\1\0\2\0\0\0"),
		.attack = "has profile 1" },
	{ "nvdaod-padding", MALFORM, .report = versioned, .text = HEAD("\0\0\2\0\0\1"),
		.attack = "has a padding that is not zero" },
	{ "nvdaod-major", .profile = "single", .finding = OPAQUE, .exit = 3,
		.report = versioned, .text = HEAD("\0\0\3\0\0\0"),
		.attack = "speaks a layout from the future" },
	{ "switch-nvdaod", SWITCH, .finding = "nvswitch.report.opaque", .exit = 6,
		.report = versioned, .text = HEAD("\0\0\2\0\0\0"),
		.attack = "a switch with the GPUs' new layout" },

	{ "fwid-report", .profile = "single", .finding = "gpu.report.fwid", .exit = 1,
		.report = other_fwid, .attack = "runs other firmware than was certified" },
	{ "fwid-absent", .profile = "single", .finding = "gpu.report.fwid", .exit = 0,
		.report = drop, .arg = OPAQUE_FWID,
		.attack = "an older Hopper driver: not applicable" },
	{ "fwid-absent-blackwell", .profile = "single", .finding = "gpu.report.fwid", .exit = 1,
		.spec = blackwell, .report = drop, .arg = OPAQUE_FWID,
		.attack = "a Blackwell that keeps its firmware id to itself" },

	{ "switch-pdi", SWITCH, .finding = "nvswitch.report.pdi", .exit = 1,
		.report = other_pdi, .arg = OPAQUE_PDI,
		.attack = "a switch names itself other than its certificate does" },
	{ "switch-unlocked", SWITCH, .finding = "nvswitch.report.lock", .exit = 1,
		.report = set, .arg = OPAQUE_LOCK, .text = "\0\0", .value = 2,
		.attack = "a switch whose routes can still be changed" },
	{ "switch-lock-missing", SWITCH, .finding = "nvswitch.report.lock", .exit = 1,
		.report = drop, .arg = OPAQUE_LOCK,
		.attack = "a switch that does not say whether it is locked" },
	{ "switch-opaque-twice", SWITCH, .finding = "nvswitch.report.opaque", .exit = 6,
		.report = repeat, .arg = OPAQUE_PDI, .attack = "a switch with two identities" },
	{ "switch-vbios-missing", SWITCH, .finding = "nvswitch.report.opaque", .exit = 6,
		.report = drop, .arg = OPAQUE_VBIOS,
		.attack = "a switch that keeps its version to itself" },

	{ "hint-arch", .profile = "single", .finding = "gpu.evidence.hints", .exit = 1,
		.bundle = other_hint, .arg = HINT_ARCH, .text = "BLACKWELL",
		.attack = "the container says another family" },
	{ "hint-driver", .profile = "single", .finding = "gpu.evidence.hints", .exit = 1,
		.bundle = other_hint, .arg = HINT_DRIVER, .text = "535.86.09",
		.attack = "the container says another driver" },
	{ "hint-vbios", .profile = "single", .finding = "gpu.evidence.hints", .exit = 1,
		.bundle = other_hint, .arg = HINT_VBIOS, .text = "96.00.5E.00.01",
		.attack = "the container says another VBIOS" },
};

const struct fault_table fault_opaque = { rows, ARRAY_LEN(rows) };
