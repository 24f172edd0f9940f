/* SPDX-License-Identifier: Apache-2.0
 *
 * From facts to a verdict: requirements, waivers, and the class of the worst finding. */
#include <stdio.h>
#include <stdlib.h>

#include "appraise/policy.h"
#include "base/utc.h"

/* clang-format off */
/* What may be waived of each RIM. */
#define RIM_ROWS(R) \
	{ CHECK_##R##_REVOCATION, ASSAY_OCSP_MISSING, DETAIL_NONE, 0 }, \
	{ CHECK_##R##_REVOCATION, ASSAY_OCSP_STALE, DETAIL_NONE, 0 }, \
	{ CHECK_##R##_REVOCATION, ASSAY_OCSP_ERROR, DETAIL_NONE, 0 }, \
	{ CHECK_##R##_REVOCATION, ASSAY_OCSP_HOLD, DETAIL_CERTIFICATE, 2 }, \
	{ CHECK_##R##_CHAIN, ASSAY_CERT_EXPIRED, DETAIL_NONE, 0 }
/* clang-format on */

/* What may be waived at all. A row is for the GPU's check and for the switch's of the same name. Revoked, forged and
 * mismatched things are not here, with two exceptions that name exactly what they forgive: a RIM signer on hold or
 * expired, and one measurement. */
static const struct {
	enum check      check;
	enum assay_code code;
	enum detail     detail; /* must be named by the waiver */
	unsigned        below;  /* numbers that may be named; 0: all */
} waivable[] = {
	{ CHECK_GPU_CHAIN_REVOCATION, ASSAY_OCSP_MISSING, DETAIL_NONE, 0 },
	{ CHECK_GPU_CHAIN_REVOCATION, ASSAY_OCSP_STALE, DETAIL_NONE, 0 },
	{ CHECK_GPU_CHAIN_REVOCATION, ASSAY_OCSP_ERROR, DETAIL_NONE, 0 },
	{ CHECK_NVSWITCH_CHAIN_REVOCATION, ASSAY_OCSP_MISSING, DETAIL_NONE, 0 },
	{ CHECK_NVSWITCH_CHAIN_REVOCATION, ASSAY_OCSP_STALE, DETAIL_NONE, 0 },
	{ CHECK_NVSWITCH_CHAIN_REVOCATION, ASSAY_OCSP_ERROR, DETAIL_NONE, 0 },
	RIM_ROWS(GPU_RIM_DRIVER),
	RIM_ROWS(GPU_RIM_VBIOS),
	RIM_ROWS(NVSWITCH_RIM_BIOS),
	{ CHECK_GPU_MEASUREMENTS, ASSAY_MEASUREMENT_MISMATCH, DETAIL_MEASUREMENT, 0 },
	{ CHECK_NVSWITCH_MEASUREMENTS, ASSAY_MEASUREMENT_MISMATCH, DETAIL_MEASUREMENT, 0 },
	{ CHECK_NODE_TOPOLOGY_COMPLETE, ASSAY_DEVICE_MISSING, DETAIL_NONE, 0 },
	/* kernels that extend no register (tdx 1.6) */
	{ CHECK_NODE_BINDING_EVENT, ASSAY_BINDING_UNSEEN, DETAIL_NONE, 0 },
};

bool policy_waivable(
	enum check check, enum assay_code code, enum detail detail, unsigned number)
{
	for (size_t i = 0; i < ARRAY_LEN(waivable); i++) {
		if (waivable[i].check != check || waivable[i].code != code)
			continue;
		return (waivable[i].detail == DETAIL_NONE || waivable[i].detail == detail) &&
			(waivable[i].below == 0 || number < waivable[i].below);
	}
	return false;
}

static bool covers(const struct waiver *w, const struct finding *f)
{
	if (w->check != f->check)
		return false;
	if (w->code != ASSAY_OK ? w->code != f->code
				: assay_class(f->code) != ASSAY_CLASS_UNDECIDED)
		return false;
	if (w->of_subject &&
		(w->subject.kind != f->subject.kind || w->subject.index != f->subject.index))
		return false;
	if (w->detail != DETAIL_NONE && (w->detail != f->detail || w->number != f->number))
		return false;
	return policy_waivable(f->check, f->code, w->detail, w->number);
}

/* The first waiver that covers a finding and still holds; else the first that did hold, to say so. */
static const struct waiver *waiver_for(
	const struct policy *p, const struct finding *f, int64_t now)
{
	const struct waiver *expired = NULL;

	for (size_t i = 0; i < p->waivers; i++) {
		const struct waiver *w = &p->waiver[i];

		if (!covers(w, f))
			continue;
		if (now <= w->expires)
			return w;
		expired = expired == NULL ? w : expired;
	}
	return expired;
}

/* Of a RIM the signer alone may have expired, and only where its responder still says, plainly, that nothing of the chain
 * was revoked (nvidia-evidence 5.5): an expired key is one that nobody watches over any more. */
static bool signer_excused(const struct facts *facts, const struct finding *f)
{
	static const struct {
		enum check    chain, revocation;
		enum rim_kind kind;
	} rows[] = {
		{ CHECK_GPU_RIM_DRIVER_CHAIN, CHECK_GPU_RIM_DRIVER_REVOCATION, RIM_DRIVER },
		{ CHECK_GPU_RIM_VBIOS_CHAIN, CHECK_GPU_RIM_VBIOS_REVOCATION, RIM_VBIOS },
		{ CHECK_NVSWITCH_RIM_BIOS_CHAIN, CHECK_NVSWITCH_RIM_BIOS_REVOCATION, RIM_BIOS },
	};
	size_t row   = 0;
	bool   alone = false, good = false;

	while (row < ARRAY_LEN(rows) && rows[row].chain != f->check)
		row++;
	if (row == ARRAY_LEN(rows))
		return false;
	for (size_t i = 0; i < facts->devices; i++) {
		const struct device *d = &facts->device[i];

		for (size_t k = 0; k < d->rims; k++)
			alone = alone ||
				(d->subject.kind == f->subject.kind &&
					d->subject.index == f->subject.index &&
					d->rim[k].kind == rows[row].kind &&
					d->rim[k].expired_signer);
	}
	for (size_t i = 0; i < facts->findings.n; i++) {
		const struct finding *x = &facts->findings.list[i];

		if (x->check != rows[row].revocation || x->subject.kind != f->subject.kind ||
			x->subject.index != f->subject.index)
			continue;
		if (x->outcome != ASSAY_OUTCOME_PASS)
			return false;
		good = true;
	}
	return alone && good;
}

/* What rests on a waiver is good for no longer than the waiver. */
static enum assay_code waive(const struct policy *p, struct facts *facts, struct finding *f,
	int64_t now, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	const struct waiver         *w;
	bool                         excused;

	if (f->outcome != ASSAY_OUTCOME_FAIL && f->outcome != ASSAY_OUTCOME_UNKNOWN)
		return ASSAY_OK;
	w = waiver_for(p, f, now);
	if (w == NULL)
		return ASSAY_OK;
	excused = f->code != ASSAY_CERT_EXPIRED || signer_excused(facts, f);
	if (now > w->expires)
		buf_printf(&text, "expired at %s: ", UTC(w->expires));
	else if (!excused)
		buf_text(&text, "only for a signer alone, with good OCSP answers: ");
	buf_text(&text, w->reason);
	f->waiver = mem_text(bytes_text(buf_cstr(&text)));
	if (f->waiver == NULL || text.failed)
		return err_no_memory(e);
	if (now > w->expires || !excused)
		return ASSAY_OK;
	f->outcome = ASSAY_OUTCOME_WAIVED;
	if (w->expires < facts->valid_until)
		facts->valid_until = w->expires;
	return ASSAY_OK;
}

/* Compare versions group by group, as numbers of that base; missing groups count as zero. */
static int version_compare(const char *a, const char *b, int base)
{
	while (*a != 0 || *b != 0) {
		char         *a_end, *b_end;
		unsigned long x = strtoul(a, &a_end, base), y = strtoul(b, &b_end, base);

		if (x != y)
			return x < y ? -1 : 1;
		if (a_end == a && b_end == b)
			return strcmp(a, b); /* no digits left on either side */
		a = *a_end == '.' ? a_end + 1 : a_end;
		b = *b_end == '.' ? b_end + 1 : b_end;
	}
	return 0;
}

static bool pinned(const struct policy *p, const uint8_t sha256[32])
{
	for (size_t i = 0; i < p->pins; i++)
		if (memcmp(p->pin[i], sha256, 32) == 0)
			return true;
	return p->pins == 0;
}

static enum assay_code refuse(struct facts *facts, const struct device *d, enum check check,
	const char *message, const char *expected, const char *observed, struct assay_err *e)
{
	struct finding row = {
		.check   = check,
		.subject = d->subject,
		.outcome = ASSAY_OUTCOME_FAIL,
		.code    = ASSAY_POLICY_REQUIREMENT,
	};

	return findings_add(&facts->findings, &row, message, expected, observed, e);
}

static enum assay_code require_gpu(const struct policy *p, struct facts *facts,
	const struct device *d, struct assay_err *e)
{
	struct bytes ppcie = d->opaque.field[OPAQUE_PROTECTED_PCIE_STATUS];

	if (p->driver_minimum[0] != 0 && version_compare(d->driver, p->driver_minimum, 10) < 0)
		TRY(refuse(facts, d, CHECK_GPU_REPORT_VERSIONS,
			"the driver is older than the policy allows", p->driver_minimum,
			d->driver, e));
	if (p->vbios_minimum[0] != 0 && version_compare(d->vbios, p->vbios_minimum, 16) < 0)
		TRY(refuse(facts, d, CHECK_GPU_REPORT_VERSIONS,
			"the VBIOS is older than the policy allows", p->vbios_minimum, d->vbios,
			e));
	if (p->protected_pcie && (ppcie.n != 1 || ppcie.p[0] != OPAQUE_ON))
		TRY(refuse(facts, d, CHECK_GPU_REPORT_OPAQUE,
			"the policy asks for protected PCIe", "on", "off", e));
	return ASSAY_OK;
}

static enum assay_code require_rims(const struct policy *p, struct facts *facts,
	const struct device *d, struct assay_err *e)
{
	static const enum check identity[RIM_KINDS] = {
		[RIM_DRIVER] = CHECK_GPU_RIM_DRIVER_IDENTITY,
		[RIM_VBIOS]  = CHECK_GPU_RIM_VBIOS_IDENTITY,
		[RIM_BIOS]   = CHECK_NVSWITCH_RIM_BIOS_IDENTITY,
	};

	for (size_t i = 0; i < d->rims; i++)
		if (d->rim[i].document != NULL && !pinned(p, d->rim[i].sha256))
			TRY(refuse(facts, d, identity[d->rim[i].kind],
				"the RIM is none of those that the policy pins", NULL, NULL,
				e));
	return ASSAY_OK;
}

static enum assay_code require_device(const struct policy *p, struct facts *facts,
	const struct device *d, struct assay_err *e)
{
	TRY(require_rims(p, facts, d, e));
	if (!d->held[device_check(d, CHECK_GPU_REPORT_OPAQUE)])
		return ASSAY_OK; /* nothing signed to ask; refused already */
	if (d->subject.kind == SUBJECT_GPU)
		TRY(require_gpu(p, facts, d, e));
	if (p->fwid && !d->fwid_there)
		TRY(refuse(facts, d, device_check(d, CHECK_GPU_REPORT_FWID),
			"the policy asks for a firmware id", NULL, NULL, e));
	if (p->no_unknown_fields && d->opaque.unknown > 0)
		TRY(refuse(facts, d, device_check(d, CHECK_GPU_REPORT_OPAQUE),
			"the policy refuses fields that assay does not know", NULL, NULL, e));
	return ASSAY_OK;
}

static enum assay_code refuse_node(struct facts *facts, enum assay_code code,
	const char *message, const char *expected, const char *observed, struct assay_err *e)
{
	struct finding row = {
		.check   = CHECK_NODE_DEVICES_COUNT,
		.outcome = ASSAY_OUTCOME_FAIL,
		.code    = code,
	};

	return findings_add(&facts->findings, &row, message, expected, observed, e);
}

/* What is asked of each GPU is asked in vain where there is none: who takes them out of the evidence gains nothing. And
 * whoever expected another number than the policy does not overrule it. */
static enum assay_code require_node(
	const struct policy *p, struct facts *facts, struct assay_err *e)
{
	static const struct subject node = { SUBJECT_NODE, 0 };
	const bool of_gpus = p->driver_minimum[0] != 0 || p->vbios_minimum[0] != 0 ||
		p->protected_pcie;
	char want[32], is[32];

	if (!findings_hold(&facts->findings, CHECK_NODE_DEVICES_COUNT, node))
		return ASSAY_OK; /* refused already, or nobody knows how many there are */
	if (p->expected && (facts->gpus != p->gpus || facts->switches != p->switches)) {
		snprintf(want, sizeof(want), "%zu+%zu", p->gpus, p->switches);
		snprintf(is, sizeof(is), "%zu+%zu", facts->gpus, facts->switches);
		return refuse_node(facts, ASSAY_DEVICE_COUNT,
			"the policy asks for another number of devices", want, is, e);
	}
	if (of_gpus && facts->gpus == 0)
		return refuse_node(facts, ASSAY_POLICY_REQUIREMENT,
			"the policy asks something of GPUs, and there is none", NULL, NULL, e);
	if ((p->fwid || p->pins > 0) && facts->devices == 0)
		return refuse_node(facts, ASSAY_POLICY_REQUIREMENT,
			"the policy asks something of devices, and there is none", NULL, NULL,
			e);
	return ASSAY_OK;
}

/* A warning that the policy takes seriously. */
static void harden(const struct policy *p, struct facts *facts)
{
	const struct {
		bool            asked;
		enum assay_code code;
	} rows[] = {
		{ p->rim_family, ASSAY_RIM_FAMILY },
		{ p->tdx.identified, ASSAY_TD_UNCONSTRAINED },
		{ p->tdx.event, ASSAY_BINDING_UNSEEN },
	};

	for (size_t i = 0; i < facts->findings.n; i++)
		for (size_t k = 0; k < ARRAY_LEN(rows); k++)
			if (rows[k].asked && facts->findings.list[i].code == rows[k].code)
				facts->findings.list[i].outcome = ASSAY_OUTCOME_FAIL;
}

/* Every check that is required of a subject holds. */
static bool all_hold(
	const struct facts *facts, struct subject subject, enum check from, enum check to)
{
	for (size_t i = from; i <= to; i++)
		if (check_row((enum check)i)->required &&
			!findings_hold(&facts->findings, (enum check)i, subject))
			return false;
	return true;
}

static bool complete(const struct facts *facts)
{
	if (!all_hold(facts, (struct subject){ SUBJECT_NODE, 0 }, CHECK_NODE_EVIDENCE_PARSE,
		    CHECK_NODE_TOPOLOGY_COMPLETE))
		return false;
	for (size_t i = 0; i < facts->devices; i++) {
		struct subject s   = facts->device[i].subject;
		bool           gpu = s.kind == SUBJECT_GPU;

		if (!all_hold(facts, s,
			    gpu ? CHECK_GPU_EVIDENCE_PARSE : CHECK_NVSWITCH_EVIDENCE_PARSE,
			    gpu ? CHECK_GPU_RIM_CONFLICT : CHECK_NVSWITCH_REPORT_LOCK))
			return false;
	}
	if (facts->guest != NULL &&
		(!all_hold(facts, (struct subject){ SUBJECT_TDX, 0 }, CHECK_TDX_QUOTE_PARSE,
			 CHECK_TDX_COLLATERAL_CRL) ||
			!all_hold(facts, (struct subject){ SUBJECT_NODE, 0 },
				CHECK_NODE_BINDING_NONCE,
				facts->guest->here ? CHECK_NODE_BINDING_REPORTDATA
						   : CHECK_NODE_BINDING_EVENT)))
		return false;
	return facts->devices > 0 || facts->guest != NULL;
}

/* The worst class; accepted only when everything required was asked and held. */
static enum assay_class worst(const struct facts *facts)
{
	enum assay_class verdict = ASSAY_CLASS_ACCEPTED;

	for (size_t i = 0; i < facts->findings.n; i++) {
		const struct finding *f   = &facts->findings.list[i];
		enum assay_class      cls = assay_class(f->code);

		if (f->outcome == ASSAY_OUTCOME_PENDING_REBOOT ||
			f->outcome == ASSAY_OUTCOME_IN_PROGRESS)
			cls = ASSAY_CLASS_NOT_READY;
		else if (f->outcome != ASSAY_OUTCOME_FAIL &&
			f->outcome != ASSAY_OUTCOME_UNKNOWN)
			continue;
		if (cls < verdict) /* the list of classes begins with the worst */
			verdict = cls;
	}
	/* A required check went unasked, and nothing says why: our fault. */
	if (verdict == ASSAY_CLASS_ACCEPTED && !complete(facts))
		return ASSAY_CLASS_INTERNAL;
	return verdict;
}

enum assay_code appraise(const struct policy *p, struct facts *facts, int64_t now,
	enum assay_class *verdict, struct assay_err *e)
{
	for (size_t i = 0; i < facts->devices; i++)
		TRY(require_device(p, facts, &facts->device[i], e));
	TRY(require_node(p, facts, e));
	harden(p, facts);
	for (size_t i = 0; i < facts->findings.n; i++)
		TRY(waive(p, facts, &facts->findings.list[i], now, e));
	*verdict = worst(facts);
	return ASSAY_OK;
}
