/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults of the report as SPDM sees it, its nonce, its signature and its measurements (nvidia-evidence 2, 6.3, 8.2). */
#include "forge/node.h"

/* Places in the report of a GPU: 64 blocks of 55 bytes, so opaque data has a fixed place (2.1). */
enum place {
	AT_VERSION      = 0,
	AT_CODE         = 1,
	AT_SIGNED       = 2,
	AT_OPERATION    = 3,
	AT_NONCE        = 4,
	AT_SLOT         = 36,
	AT_RESPONSE     = 37,
	AT_PARAM1       = 39,
	AT_BLOCKS       = 41,
	AT_L1           = 42,
	AT_BLOCK1       = 45,
	AT_BLOCK2       = 45 + 55,
	AT_BLOCK_LAST   = 45 + 63 * 55,
	AT_BLOCK7_VALUE = 45 + 7 * 55 + 7,
	AT_L2           = 77 + 64 * 55,
	AT_OPAQUE       = 79 + 64 * 55,
};

/* One byte becomes value. */
static void poke(const struct fault *t, struct buf *m)
{
	m->p[t->arg] = (uint8_t)t->value;
}

/* Bits of one byte turn over; from the end when arg is negative. */
static void flip(const struct fault *t, struct buf *m)
{
	m->p[t->arg < 0 ? m->n - (size_t)-t->arg : (size_t)t->arg] ^= (uint8_t)t->value;
}

/* A length of 16 bits grows or shrinks by value. */
static void bump(const struct fault *t, struct buf *m)
{
	unsigned v = m->p[t->arg] | (unsigned)m->p[t->arg + 1] << 8;

	v += (unsigned)t->value;
	m->p[t->arg]     = (uint8_t)v;
	m->p[t->arg + 1] = (uint8_t)(v >> 8);
}

/* Cut to arg bytes, or by as many when it is negative. */
static void cut(const struct fault *t, struct buf *m)
{
	m->n = t->arg < 0 ? m->n - (size_t)-t->arg : (size_t)t->arg;
}

static void append(const struct fault *t, struct buf *m)
{
	buf_byte(m, (uint8_t)t->value);
}

static void zero_signature(const struct fault *t, struct buf *m)
{
	(void)t;
	memset(m->p + m->n - SEED_RAW, 0, SEED_RAW);
}

static enum assay_code other_nonce(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	(void)t;
	return seed_bytes(&f->seed, "nonce/other", r->request_nonce, NONCE, e);
}

/* A genuine report of this device, made when somebody else asked. */
static enum assay_code replay(
	struct forge *f, const struct fault *t, struct fault_answer *a, struct assay_err *e)
{
	(void)t;
	return seed_bytes(&f->seed, "nonce/old", a->nonce, FORGE_NONCE, e);
}

/* A genuine report of a device elsewhere. */
static enum assay_code borrow(
	struct forge *f, const struct fault *t, struct fault_answer *a, struct assay_err *e)
{
	return node_stranger(f, t->kind, &a->report_of, e);
}

static enum assay_code other_value(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	struct item *nvdec = report_item(r, OPAQUE_NVDEC0_STATUS);

	if (t->value != 0 && nvdec != NULL)
		nvdec->data[0] = (uint8_t)t->value;
	return seed_bytes(&f->seed, "value/other", r->value[t->arg], DIGEST, e);
}

/* Another of the golden values: as good as the first. */
static enum assay_code other_alternative(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	const struct device *d = NULL;
	struct rim_id        id;
	size_t               slot = (size_t)t->arg;

	TRY(forge_device(f, t->kind, t->number, &d, e));
	rim_of(d, rim_owner(d, slot), &id);
	return golden_value(&f->seed, d->family, id.text, slot, 0, r->value[slot], e);
}

static enum assay_code other_count(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	struct item *counts = report_item(r, OPAQUE_MSRSCNT);

	(void)f;
	(void)e;
	counts->data[4 * t->arg] = (uint8_t)t->value;
	return ASSAY_OK;
}

#define PARSE   "gpu.report.parse"
#define SIGNED  "gpu.report.signature"
#define MALFORM .profile = "single", .finding = PARSE, .exit = 6
#define REJECT  .profile = "single", .exit = 1
#define ACCEPT  .profile = "single", .exit = 0

static const struct fault rows[] = {
	{ "nonce-wrong", REJECT, .finding = "gpu.report.nonce", .report = other_nonce,
		.attack = "answers the nonce of another verifier" },
	{ "nonce-replayed", REJECT, .finding = "gpu.report.nonce", .answer = replay,
		.attack = "sends a genuine report that is older than the request" },
	{ "report-of-another", REJECT, .finding = SIGNED, .answer = borrow,
		.attack = "shows the report of a healthy device under this chain" },

	{ "flip-nonce", REJECT, .finding = SIGNED, .sealed = flip, .arg = AT_NONCE, .value = 1,
		.attack = "edits the nonce in a signed report" },
	{ "flip-measurement", REJECT, .finding = SIGNED, .sealed = flip, .arg = AT_BLOCK7_VALUE,
		.value = 1, .attack = "edits a measurement in a signed report" },
	{ "flip-opaque", REJECT, .finding = SIGNED, .sealed = flip, .arg = AT_OPAQUE + 4,
		.value = 1, .attack = "edits the VBIOS version in a signed report" },
	{ "flip-signature", REJECT, .finding = SIGNED, .sealed = flip, .arg = -1, .value = 1,
		.attack = "edits the signature" },
	{ "signature-zero", REJECT, .finding = SIGNED, .sealed = zero_signature,
		.attack = "sets r and s to zero" },
	{ "flip-version", MALFORM, .sealed = flip, .arg = AT_VERSION, .value = 1,
		.attack = "edits the SPDM version in a signed report" },

	{ "cut-by-one", MALFORM, .sealed = cut, .arg = -1, .attack = "loses the last byte" },
	{ "cut-in-signature", MALFORM, .sealed = cut, .arg = -48, .attack = "loses s" },
	{ "cut-in-blocks", MALFORM, .sealed = cut, .arg = AT_BLOCK2 + 3,
		.attack = "ends inside a measurement block" },
	{ "cut-in-header", MALFORM, .sealed = cut, .arg = AT_L1, .attack = "ends before L1" },
	{ "trailing-zero", MALFORM, .sealed = append, .value = 0,
		.attack = "is padded with a zero byte" },

	{ "spdm-version", MALFORM, .message = poke, .arg = AT_VERSION, .value = 0x12,
		.attack = "speaks SPDM 1.2 in the request" },
	{ "spdm-response-version", MALFORM, .message = poke, .arg = AT_RESPONSE, .value = 0x12,
		.attack = "speaks SPDM 1.2 in the response" },
	{ "spdm-code", MALFORM, .message = poke, .arg = AT_CODE, .value = 0xe1,
		.attack = "signs another request" },
	{ "spdm-unsigned", MALFORM, .message = poke, .arg = AT_SIGNED, .value = 0,
		.attack = "signs a request for no signature" },
	{ "spdm-one-block", MALFORM, .message = poke, .arg = AT_OPERATION, .value = 1,
		.attack = "signs a request for one measurement" },
	{ "spdm-slot", MALFORM, .message = poke, .arg = AT_SLOT, .value = 1,
		.attack = "signs a request for another slot than answered" },
	{ "spdm-param", MALFORM, .message = poke, .arg = AT_PARAM1, .value = 1,
		.attack = "sets a reserved field of the response" },

	{ "l1-plus", MALFORM, .message = bump, .arg = AT_L1, .value = 1,
		.attack = "says one byte more of measurements" },
	{ "l1-minus", MALFORM, .message = bump, .arg = AT_L1, .value = -1,
		.attack = "says one byte less of measurements" },
	{ "l2-plus", MALFORM, .message = bump, .arg = AT_L2, .value = 1,
		.attack = "says one byte more of opaque data" },
	{ "l2-minus", MALFORM, .message = bump, .arg = AT_L2, .value = -1,
		.attack = "says one byte less of opaque data" },
	{ "blocks-plus", MALFORM, .message = poke, .arg = AT_BLOCKS, .value = 65,
		.attack = "says one block more than there are" },
	{ "blocks-minus", MALFORM, .message = poke, .arg = AT_BLOCKS, .value = 63,
		.attack = "says one block less than there are" },
	{ "blocks-none", MALFORM, .message = poke, .arg = AT_BLOCKS, .value = 0,
		.attack = "says that there are no blocks" },

	{ "block-twice", MALFORM, .message = poke, .arg = AT_BLOCK2, .value = 1,
		.attack = "gives two values for one measurement" },
	{ "block-gap", MALFORM, .message = poke, .arg = AT_BLOCK_LAST, .value = 65,
		.attack = "leaves a measurement out" },
	{ "block-zero", MALFORM, .message = poke, .arg = AT_BLOCK1, .value = 0,
		.attack = "numbers blocks from zero" },
	{ "block-spec", MALFORM, .message = poke, .arg = AT_BLOCK1 + 1, .value = 2,
		.attack = "uses another measurement specification" },
	{ "block-size", MALFORM, .message = poke, .arg = AT_BLOCK1 + 2, .value = 0x34,
		.attack = "contradicts the size of a value" },
	{ "block-short", MALFORM, .message = poke, .arg = AT_BLOCK1 + 5, .value = 0x2f,
		.attack = "says that a value has 47 bytes" },
	{ "block-raw", MALFORM, .message = poke, .arg = AT_BLOCK1 + 4, .value = 0x81,
		.attack = "gives a raw value for a digest" },

	{ "measurement-driver", REJECT, .finding = "gpu.measurements", .report = other_value,
		.arg = 7, .attack = "runs another driver's firmware" },
	{ "measurement-vbios", REJECT, .finding = "gpu.measurements", .report = other_value,
		.arg = 1, .attack = "runs another VBIOS" },
	{ "measurement-nvdec", ACCEPT, .finding = "", .report = other_value, .arg = 35,
		.attack = "nothing wrong: idx 35 does not count while NVDEC0 is off" },
	{ "measurement-nvdec-on", REJECT, .finding = "gpu.measurements", .report = other_value,
		.arg = 35, .value = 0xaa, .attack = "runs other firmware on NVDEC0" },
	{ "measurement-alternative", ACCEPT, .finding = "", .report = other_alternative,
		.arg = 36, .attack = "nothing wrong: another golden value" },
	{ "measurement-unlisted", ACCEPT, .finding = "gpu.measurements.counts",
		.report = other_value, .arg = 50,
		.attack = "a value that no RIM lists, which never was extended: a warning" },
	{ "counts-contradict", ACCEPT, .finding = "gpu.measurements.counts",
		.report = other_count, .arg = 7, .value = 0,
		.attack = "a count of zero beside a value: a warning" },
	{ "switch-measurement", .profile = "ppcie", .exit = 1, .kind = FORGE_SWITCH,
		.finding = "nvswitch.measurements", .report = other_value, .arg = 2,
		.attack = "runs other firmware on a switch" },
	{ "switch-flip-nonce", .profile = "ppcie", .exit = 1, .kind = FORGE_SWITCH,
		.finding = "nvswitch.report.signature", .sealed = flip, .arg = AT_NONCE,
		.value = 1, .attack = "edits the nonce in a switch's signed report" },
	{ "switch-nonce-replayed", .profile = "ppcie", .exit = 1, .kind = FORGE_SWITCH,
		.number = 1, .finding = "nvswitch.report.nonce", .answer = replay,
		.attack = "sends an old report of a switch" },
	{ "switch-cut", .profile = "ppcie", .exit = 6, .kind = FORGE_SWITCH,
		.finding = "nvswitch.report.parse", .sealed = cut, .arg = -1,
		.attack = "loses the last byte of a switch's report" },
};

const struct fault_table fault_report = { rows, ARRAY_LEN(rows) };
