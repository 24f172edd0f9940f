/* SPDX-License-Identifier: Apache-2.0 */
#include "report/steps.h"

#include "base/show.h"

#define LINE_TEXT 300 /* characters of a reason */

struct part {
	unsigned    level;
	enum check  check; /* CHECK_NONE: a heading; of a RIM: the driver's row of RIM_CHECKS */
	const char *text;
};

/* The GPU's rows; device_check() gives the switch's. */
static const struct part chain[] = {
	{ 1, CHECK_NONE, "Certificate chain" },
	{ 2, CHECK_GPU_EVIDENCE_PARSE, "evidence could be read" },
	{ 2, CHECK_GPU_REPORT_FWID, "firmware id in certificate and report is the same" },
	{ 2, CHECK_GPU_CHAIN_PATH, "chain reaches the pinned root" },
	{ 2, CHECK_GPU_CHAIN_PROFILE, "each certificate is of the kind that its place asks" },
	{ 3, CHECK_GPU_CHAIN_REVOCATION, "no certificate is revoked" },
	{ 1, CHECK_NONE, "Attestation report" },
	{ 2, CHECK_GPU_REPORT_PARSE, "form of the report" },
	{ 2, CHECK_GPU_REPORT_NONCE, "nonce is the one that was sent" },
	{ 2, CHECK_GPU_REPORT_VERSIONS, "versions in the report" },
	{ 2, CHECK_GPU_REPORT_SIGNATURE, "signature by the certified key" },
	{ 2, CHECK_GPU_REPORT_OPAQUE, "NVIDIA's fields" },
	{ 2, CHECK_GPU_EVIDENCE_HINTS, "driver and report agree" },
};

static const struct part sw[] = {
	{ 2, CHECK_NVSWITCH_REPORT_PDI, "switch names itself as certified" },
	{ 2, CHECK_NVSWITCH_REPORT_LOCK, "switch is locked" },
};

static const struct part rim[] = {
	{ 3, CHECK_GPU_RIM_DRIVER_PRESENT, "is at hand" },
	{ 3, CHECK_GPU_RIM_DRIVER_STRUCTURE, "schema" },
	{ 3, CHECK_GPU_RIM_DRIVER_CHAIN, "signer's chain reaches the pinned root" },
	{ 3, CHECK_GPU_RIM_DRIVER_REVOCATION, "signer is not revoked" },
	{ 3, CHECK_GPU_RIM_DRIVER_SIGNATURE, "signature by that signer" },
	{ 3, CHECK_GPU_RIM_DRIVER_IDENTITY, "is for this version and product" },
};

/* The row of another RIM that stands where the driver's stands. */
static const struct {
	const char *name;
	enum check  first;
} rims[RIM_KINDS] = {
	[RIM_DRIVER] = { "Driver RIM", CHECK_GPU_RIM_DRIVER_PRESENT },
	[RIM_VBIOS]  = { "VBIOS RIM", CHECK_GPU_RIM_VBIOS_PRESENT },
	[RIM_BIOS]   = { "BIOS RIM", CHECK_NVSWITCH_RIM_BIOS_PRESENT },
};

/* What decides a step's word: the worst first. */
static const struct {
	enum assay_outcome outcome;
	const char        *word;
} words[] = {
	{ ASSAY_OUTCOME_FAIL, "FAIL" },
	{ ASSAY_OUTCOME_UNKNOWN, "unknown" },
	{ ASSAY_OUTCOME_PENDING_REBOOT, "reboot" },
	{ ASSAY_OUTCOME_IN_PROGRESS, "busy" },
	{ ASSAY_OUTCOME_SKIPPED, "skipped" },
	{ ASSAY_OUTCOME_WAIVED, "waived" },
	{ ASSAY_OUTCOME_PASS, "ok" },
	{ ASSAY_OUTCOME_NOT_APPLICABLE, "n/a" },
};

static bool about(const struct finding *x, struct subject s)
{
	return x->subject.kind == s.kind && x->subject.index == s.index;
}

/* The worst finding of a check, and its word; NULL when nobody asked. */
static const struct finding *worst(
	const struct findings *f, enum check check, struct subject s, const char **word)
{
	for (size_t k = 0; k < ARRAY_LEN(words); k++)
		for (size_t i = 0; i < f->n; i++)
			if (f->list[i].check == check && about(&f->list[i], s) &&
				f->list[i].outcome == words[k].outcome) {
				*word = words[k].word;
				return &f->list[i];
			}
	return NULL;
}

static void put_step(const struct findings *f, struct subject s, unsigned level,
	enum check check, const char *text, struct buf *out)
{
	const char           *word = "";
	const struct finding *x    = worst(f, check, s, &word);

	if (x == NULL)
		return;
	buf_printf(out, "%*s%-8s%s", (int)(4 * level), "", word, text);
	if (x->message != NULL && x->message[0] != 0)
		buf_printf(out, ": %.*s", LINE_TEXT, x->message);
	else if (x->outcome == ASSAY_OUTCOME_SKIPPED)
		buf_printf(out, ": waits for %s", check_row(x->because)->id);
	buf_text(out, "\n");
}

static void put_parts(const struct findings *f, const struct device *d,
	const struct part *parts, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		if (parts[i].check == CHECK_NONE)
			buf_printf(
				out, "%*s%s\n", (int)(4 * parts[i].level), "", parts[i].text);
		else
			put_step(f, d->subject, parts[i].level, device_check(d, parts[i].check),
				parts[i].text, out);
}

static void put_rim(const struct findings *f, const struct device *d, const struct rim_fact *r,
	struct buf *out)
{
	buf_printf(out, "%8s%s %s\n", "", rims[r->kind].name, r->id);
	for (size_t i = 0; i < ARRAY_LEN(rim); i++)
		put_step(f, d->subject, rim[i].level,
			(enum check)(rim[i].check - CHECK_GPU_RIM_DRIVER_PRESENT +
				rims[r->kind].first),
			rim[i].text, out);
}

/* How it came out: by the findings about it that decide the verdict. */
static size_t objections(
	const struct findings *f, struct subject s, const struct finding **first)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		const struct finding *x = &f->list[i];

		if (!about(x, s) ||
			(x->outcome != ASSAY_OUTCOME_FAIL &&
				x->outcome != ASSAY_OUTCOME_UNKNOWN))
			continue;
		if (n++ == 0)
			*first = x;
	}
	return n;
}

static void put_end(const struct findings *f, const struct device *d, const char *name,
	const char *uuid, struct buf *out)
{
	const struct finding *first = NULL;
	const size_t          n     = objections(f, d->subject, &first);

	buf_printf(out, "    %s %u", name, d->subject.index);
	if (uuid[0] != 0)
		buf_printf(out, " with UUID %s", uuid);
	if (n > 0)
		buf_printf(out, " was not verified: %zu objection%s, the first %s of %s.\n", n,
			n == 1 ? "" : "s", assay_code_name(first->code),
			check_row(first->check)->id);
	else if (findings_hold(f, device_check(d, CHECK_GPU_MEASUREMENTS), d->subject))
		buf_text(out, " verified successfully.\n");
	else
		buf_text(out, " was not verified.\n");
}

static void put_device(const struct findings *f, const struct device *d, struct buf *out)
{
	const bool                   gpu  = d->subject.kind == SUBJECT_GPU;
	const struct evidence_hints *h    = &d->evidence->hints;
	const char                  *name = gpu ? "GPU" : "Switch";
	const char                  *uuid = SHOW(h->uuid);

	buf_printf(out, "-----------------------------------\nVerifying %s %u%s%s\n", name,
		d->subject.index, uuid[0] == 0 ? "" : ": ", uuid);
	if (h->driver_version.n > 0)
		buf_printf(out, "    Driver version, by the driver: %s\n",
			SHOW(h->driver_version));
	if (h->vbios_version.n > 0)
		buf_printf(out, "    %s version, by the driver: %s\n", gpu ? "VBIOS" : "BIOS",
			SHOW(h->vbios_version));
	put_parts(f, d, chain, ARRAY_LEN(chain), out);
	for (size_t i = 0; !gpu && i < ARRAY_LEN(sw); i++)
		put_step(f, d->subject, sw[i].level, sw[i].check, sw[i].text, out);
	buf_text(out, "    Reference integrity manifests\n");
	for (size_t i = 0; i < d->rims; i++)
		put_rim(f, d, &d->rim[i], out);
	if (gpu)
		put_step(f, d->subject, 2, CHECK_GPU_RIM_CONFLICT, "they do not overlap", out);
	buf_text(out, "    Measurements against golden values\n");
	put_step(f, d->subject, 2, device_check(d, CHECK_GPU_MEASUREMENTS),
		gpu ? "GPU is in the expected state" : "switch is in the expected state", out);
	put_end(f, d, name, uuid, out);
}

enum assay_code steps_text(const struct facts *f, struct buf *out, struct assay_err *e)
{
	for (size_t i = 0; i < f->devices; i++)
		put_device(&f->findings, &f->device[i], out);
	return buf_ok(out, e);
}
