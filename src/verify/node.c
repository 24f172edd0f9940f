/* SPDX-License-Identifier: Apache-2.0
 *
 * The node as a whole: its devices are all different, answer one nonce, are in one mode, and are connected to each other
 * and to nobody else.
 *
 * Source: nvidia-evidence 6.6, 7.3 and 7.4. */
#include "base/hex.h"
#include "verify/checks.h"

#define FEATURE_PPCIE 2 /* field 36; nvidia-evidence 7.3 */

struct pdi_set {
	size_t  n;
	uint8_t pdi[EVIDENCE_DEVICES * OPAQUE_GPUS][PDI]; /* names of distinct devices */
};

static bool set_has(const struct pdi_set *s, const uint8_t pdi[PDI])
{
	for (size_t i = 0; i < s->n; i++)
		if (memcmp(s->pdi[i], pdi, PDI) == 0)
			return true;
	return false;
}

static void set_add(struct pdi_set *s, const uint8_t pdi[PDI])
{
	if (!set_has(s, pdi) && s->n < ARRAY_LEN(s->pdi))
		memcpy(s->pdi[s->n++], pdi, PDI);
}

static bool set_equal(const struct pdi_set *a, const struct pdi_set *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!set_has(b, a->pdi[i]))
			return false;
	return a->n == b->n;
}

/* The next device of a kind behind d (NULL: the first); NULL at the end. */
static struct device *next(
	const struct facts *f, enum subject_kind kind, const struct device *d)
{
	size_t i = d == NULL ? 0 : (size_t)(d - f->device) + 1;

	while (i < f->devices && f->device[i].subject.kind != kind)
		i++;
	return i < f->devices ? &f->device[i] : NULL;
}

/* A device for which something has not held that the node's check reads; its check goes to because. */
static bool waits(struct inquiry *q, const enum check *gpu, size_t gpus, const enum check *sw,
	size_t switches)
{
	for (size_t i = 0; i < q->facts->devices; i++) {
		const struct device *d    = &q->facts->device[i];
		bool                 is   = d->subject.kind == SUBJECT_GPU;
		const enum check    *need = is ? gpu : sw;

		for (size_t k = 0; k < (is ? gpus : switches); k++)
			if (!d->held[need[k]]) {
				q->because = need[k];
				return true;
			}
	}
	return false;
}

static bool waits_for_fields(struct inquiry *q)
{
	static const enum check gpu[] = { CHECK_GPU_CHAIN_PROFILE, CHECK_GPU_REPORT_OPAQUE };
	static const enum check sw[]  = { CHECK_NVSWITCH_CHAIN_PROFILE,
		 CHECK_NVSWITCH_REPORT_OPAQUE, CHECK_NVSWITCH_REPORT_PDI };

	return waits(q, gpu, ARRAY_LEN(gpu), sw, ARRAY_LEN(sw));
}

static bool ppcie(const struct device *d)
{
	struct bytes v = d->opaque.field[OPAQUE_PROTECTED_PCIE_STATUS];

	return v.n == 1 && v.p[0] == OPAQUE_ON;
}

/* The raw feature flag counts from opaque data version 1 on; what its values mean the references contradict each other
 * about, so only their being equal counts (nvidia-evidence 7.3). */
static bool feature(const struct device *d, uint64_t *flag)
{
	return opaque_version(&d->opaque) >= 1 &&
		opaque_number(&d->opaque, OPAQUE_FEATURE_FLAG, flag);
}

/* Does it need the switches that it names? What a report leaves out is no reason to ask for less. */
static bool wired(const struct device *d)
{
	uint8_t  pdi[OPAQUE_LINKS][8];
	uint64_t flag = 0;

	if (d->opaque.field[OPAQUE_PROTECTED_PCIE_STATUS].p != NULL)
		return ppcie(d);
	return (feature(d, &flag) && flag == FEATURE_PPCIE) ||
		opaque_switches(&d->opaque, pdi) > 0;
}

static bool any_wired(const struct facts *f)
{
	for (const struct device *d = NULL; (d = next(f, SUBJECT_GPU, d)) != NULL;)
		if (wired(d))
			return true;
	return false;
}

static enum assay_code ask_containers(struct inquiry *q, struct assay_err *e)
{
	(void)e;
	inquiry_say(q, "%zu file%s", q->c->evidence->sources,
		q->c->evidence->sources == 1 ? "" : "s");
	return ASSAY_OK;
}

/* A door that gave nothing at all: then nobody knows how many devices there are. */
static enum check door_shut(const struct facts *f)
{
	for (size_t i = 0; i < f->findings.n; i++) {
		const struct finding *x = &f->findings.list[i];

		if ((x->check == CHECK_GPU_COLLECT || x->check == CHECK_NVSWITCH_COLLECT) &&
			x->subject.kind == SUBJECT_NODE &&
			assay_class(x->code) == ASSAY_CLASS_UNAVAILABLE)
			return x->check;
	}
	return CHECK_NONE;
}

static enum assay_code ask_count(struct inquiry *q, struct assay_err *e)
{
	const struct facts *f = q->facts;

	q->because = door_shut(f);
	if (q->because != CHECK_NONE)
		return ASSAY_OK;
	if (f->gpus + f->switches == 0 && f->guest == NULL)
		return err_set(e, ASSAY_DEVICE_NONE, "no GPU and no switch in the evidence");
	if (q->c->expected && (f->gpus != q->c->gpus || f->switches != q->c->switches)) {
		buf_printf(&q->expected, "%zu+%zu", q->c->gpus, q->c->switches);
		buf_printf(&q->observed, "%zu+%zu", f->gpus, f->switches);
		return err_set(e, ASSAY_DEVICE_COUNT,
			"%zu GPUs and %zu switches where %zu and %zu were expected", f->gpus,
			f->switches, q->c->gpus, q->c->switches);
	}
	inquiry_say(q, "%s%zu GPU%s, %zu switch%s", f->guest != NULL ? "a TDX guest, " : "",
		f->gpus, f->gpus == 1 ? "" : "s", f->switches, f->switches == 1 ? "" : "es");
	return ASSAY_OK;
}

/* The same leaf, or the same identity behind another leaf. */
static bool same_device(const struct device *a, const struct device *b)
{
	if (a->chain.n < 2 || b->chain.n < 2)
		return false;
	return bytes_equal(cert_serial(a->chain.cert[0]), cert_serial(b->chain.cert[0])) ||
		bytes_equal(cert_key_bits(a->chain.cert[0]), cert_key_bits(b->chain.cert[0])) ||
		bytes_equal(cert_serial(a->chain.cert[1]), cert_serial(b->chain.cert[1]));
}

static enum assay_code ask_distinct(struct inquiry *q, struct assay_err *e)
{
	const struct facts *f = q->facts;
	char                a[SUBJECT_TEXT], b[SUBJECT_TEXT];

	for (size_t i = 1; i < f->devices; i++)
		for (size_t k = 0; k < i; k++)
			if (same_device(&f->device[i], &f->device[k]))
				return err_set(e, ASSAY_DEVICE_TWICE,
					"%s and %s are one device",
					subject_text(f->device[k].subject, a),
					subject_text(f->device[i].subject, b));
	return ASSAY_OK;
}

static enum assay_code ask_nonces(struct inquiry *q, struct assay_err *e)
{
	const struct facts  *f     = q->facts;
	const struct device *first = NULL;
	char                 a[SUBJECT_TEXT], b[SUBJECT_TEXT];

	if (f->devices == 0 && f->guest != NULL)
		return inquiry_not_applicable(q, "the evidence has neither GPU nor switch");
	for (size_t i = 0; i < f->devices; i++) {
		const struct device *d = &f->device[i];

		if (!d->report_parsed)
			continue;
		if (first == NULL)
			first = d;
		if (!bytes_equal(first->report.nonce, d->report.nonce)) {
			hex_encode(first->report.nonce, &q->expected);
			hex_encode(d->report.nonce, &q->observed);
			return err_set(e, ASSAY_DEVICE_NONCE,
				"%s and %s answer different nonces",
				subject_text(first->subject, a), subject_text(d->subject, b));
		}
	}
	if (first == NULL) {
		q->because = CHECK_GPU_REPORT_PARSE;
		return ASSAY_OK;
	}
	inquiry_say(q, "%.16s...", HEX(first->report.nonce));
	return ASSAY_OK;
}

static enum assay_code check_mode(const struct facts *f, const struct device *first,
	const struct device *d, struct assay_err *e)
{
	struct bytes status = d->opaque.field[OPAQUE_PROTECTED_PCIE_STATUS];
	uint64_t     a = 0, b = 0;
	char         x[SUBJECT_TEXT], y[SUBJECT_TEXT];

	if (status.n == 1 && status.p[0] != OPAQUE_ON && status.p[0] != OPAQUE_OFF)
		return err_set(e, ASSAY_DEVICE_MODE,
			"%s: protected PCIe status 0x%02x is neither on nor off",
			subject_text(d->subject, x), status.p[0]);
	if (ppcie(d) != ppcie(first) || feature(d, &a) != feature(first, &b) || a != b)
		return err_set(e, ASSAY_DEVICE_MODE, "%s and %s are in different modes",
			subject_text(first->subject, x), subject_text(d->subject, y));
	/* 2 is the value that both references call by one name */
	if (status.n == 1 && feature(d, &a) && (a == FEATURE_PPCIE) != ppcie(d))
		return err_set(e, ASSAY_DEVICE_MODE,
			"%s: feature flag %u beside protected PCIe that is %s",
			subject_text(d->subject, x), (unsigned)a, ppcie(d) ? "on" : "off");
	if (f->switches > 0 && !ppcie(d))
		return err_set(e, ASSAY_DEVICE_MODE,
			"%s is not in protected PCIe mode, beside switches that are",
			subject_text(d->subject, x));
	return ASSAY_OK;
}

static enum assay_code ask_mode(struct inquiry *q, struct assay_err *e)
{
	const struct facts  *f     = q->facts;
	const struct device *first = next(f, SUBJECT_GPU, NULL);

	if (waits_for_fields(q))
		return ASSAY_OK;
	if (first == NULL)
		return inquiry_not_applicable(q, "the evidence has no GPU");
	for (const struct device *d = first; d != NULL; d = next(f, SUBJECT_GPU, d))
		TRY(check_mode(f, first, d, e));
	inquiry_say(q, "%s", ppcie(first) ? "protected PCIe" : "no protected PCIe");
	return ASSAY_OK;
}

/* Different firmware on devices of one kind is allowed, and worth a word. */
static enum assay_code variety(
	struct inquiry *q, enum subject_kind kind, const char *what, struct assay_err *e)
{
	const struct device *first = next(q->facts, kind, NULL);
	struct assay_err     why   = { 0 };
	char                 x[SUBJECT_TEXT], y[SUBJECT_TEXT];

	for (const struct device *d = first; d != NULL; d = next(q->facts, kind, d)) {
		if (strcmp(first->vbios, d->vbios) == 0)
			continue;
		err_set(&why, ASSAY_DEVICE_VARIETY, "%s of %s is %s, of %s %s", what,
			subject_text(first->subject, x), first->vbios,
			subject_text(d->subject, y), d->vbios);
		return inquiry_note(q, CHECK_NONE, &why, true, e);
	}
	return ASSAY_OK;
}

static enum assay_code ask_node_versions(struct inquiry *q, struct assay_err *e)
{
	const struct device *first = next(q->facts, SUBJECT_GPU, NULL);
	char                 x[SUBJECT_TEXT], y[SUBJECT_TEXT];

	if (waits_for_fields(q))
		return ASSAY_OK;
	for (const struct device *d = first; d != NULL; d = next(q->facts, SUBJECT_GPU, d)) {
		if (strcmp(first->driver, d->driver) == 0)
			continue;
		buf_text(&q->expected, first->driver);
		buf_text(&q->observed, d->driver);
		return err_set(e, ASSAY_DEVICE_VERSIONS, "%s has driver %s, %s has %s",
			subject_text(first->subject, x), first->driver,
			subject_text(d->subject, y), d->driver);
	}
	TRY(variety(q, SUBJECT_GPU, "VBIOS", e));
	TRY(variety(q, SUBJECT_NVSWITCH, "BIOS", e));
	if (first != NULL)
		inquiry_say(q, "driver %s", first->driver);
	return ASSAY_OK;
}

static void switches_of(const struct device *gpu, struct pdi_set *out)
{
	uint8_t pdi[OPAQUE_LINKS][8];

	out->n = opaque_switches(&gpu->opaque, pdi);
	memcpy(out->pdi, pdi, 8 * out->n);
}

/* All that a switch names, repeated or zero entries too: *repeats tells. */
static void gpus_of(const struct device *sw, struct pdi_set *out, bool *repeats)
{
	uint8_t pdi[OPAQUE_GPUS][8];
	size_t  n = opaque_gpus(&sw->opaque, pdi);

	out->n = 0;
	for (size_t i = 0; i < n; i++)
		set_add(out, pdi[i]);
	*repeats = out->n < n;
}

/* In no mode that needs it, and nothing here that speaks of it. */
static bool no_topology(const struct facts *f)
{
	return f->switches == 0 && !any_wired(f);
}

static const char none[] = "no GPU reports protected PCIe";

static enum assay_code ask_topology_switches(struct inquiry *q, struct assay_err *e)
{
	const struct facts  *f     = q->facts;
	const struct device *first = next(f, SUBJECT_GPU, NULL);
	struct pdi_set       named, other;
	char                 x[SUBJECT_TEXT], y[SUBJECT_TEXT];

	if (waits_for_fields(q))
		return ASSAY_OK;
	if (no_topology(f))
		return inquiry_not_applicable(q, "%s", none);
	if (first == NULL)
		return err_set(e, ASSAY_DEVICE_MISSING, "no GPU is here to name its switches");
	switches_of(first, &named);
	for (const struct device *d = first; d != NULL; d = next(f, SUBJECT_GPU, d)) {
		switches_of(d, &other);
		if (other.n == 0)
			return err_set(e, ASSAY_DEVICE_TOPOLOGY, "%s names no switch",
				subject_text(d->subject, x));
		if (!set_equal(&named, &other))
			return err_set(e, ASSAY_DEVICE_TOPOLOGY,
				"%s and %s name different switches",
				subject_text(first->subject, x), subject_text(d->subject, y));
	}
	for (const struct device *d = NULL; (d = next(f, SUBJECT_NVSWITCH, d)) != NULL;)
		if (!set_has(&named, d->pdi))
			return err_set(e, ASSAY_DEVICE_TOPOLOGY, "no GPU names %s, %s",
				subject_text(d->subject, x), HEX(BYTES_OF(d->pdi)));
	inquiry_say(q, "each GPU names the same %zu", named.n);
	return ASSAY_OK;
}

static enum assay_code ask_topology_gpus(struct inquiry *q, struct assay_err *e)
{
	const struct facts  *f     = q->facts;
	const struct device *first = next(f, SUBJECT_NVSWITCH, NULL);
	struct pdi_set       named, other;
	bool                 repeats;
	char                 x[SUBJECT_TEXT], y[SUBJECT_TEXT];

	if (waits_for_fields(q))
		return ASSAY_OK;
	if (no_topology(f))
		return inquiry_not_applicable(q, "%s", none);
	if (first == NULL)
		return err_set(e, ASSAY_DEVICE_MISSING, "no switch is here to name its GPUs");
	if (f->gpus == 0)
		return err_set(e, ASSAY_DEVICE_MISSING,
			"none of the GPUs that the switches name is here");
	gpus_of(first, &named, &repeats);
	for (const struct device *d = first; d != NULL; d = next(f, SUBJECT_NVSWITCH, d)) {
		gpus_of(d, &other, &repeats);
		if (other.n == 0 || repeats)
			return err_set(e, ASSAY_DEVICE_TOPOLOGY,
				"%s does not name %d different GPUs",
				subject_text(d->subject, x), OPAQUE_GPUS);
		if (!set_equal(&named, &other))
			return err_set(e, ASSAY_DEVICE_TOPOLOGY,
				"%s and %s name different GPUs",
				subject_text(first->subject, x), subject_text(d->subject, y));
	}
	for (const struct device *d = NULL; (d = next(f, SUBJECT_GPU, d)) != NULL;)
		if (!set_has(&named, d->pdi))
			return err_set(e, ASSAY_DEVICE_TOPOLOGY, "no switch names %s, %s",
				subject_text(d->subject, x), HEX(BYTES_OF(d->pdi)));
	inquiry_say(q, "each switch names the same %zu", named.n);
	return ASSAY_OK;
}

/* Names in a set that no device of that kind here has. */
static size_t absent(const struct facts *f, enum subject_kind kind, const struct pdi_set *named,
	struct buf *list)
{
	size_t n = 0;

	for (size_t i = 0; i < named->n; i++) {
		const struct device *d = next(f, kind, NULL);

		while (d != NULL && memcmp(d->pdi, named->pdi[i], PDI) != 0)
			d = next(f, kind, d);
		if (d != NULL)
			continue;
		buf_printf(list, "%s%s %s", list->n == 0 ? "" : ", ",
			kind == SUBJECT_GPU ? "GPU" : "switch",
			HEX(((struct bytes){ named->pdi[i], PDI })));
		n++;
	}
	return n;
}

static enum assay_code ask_complete(struct inquiry *q, struct assay_err *e)
{
	const struct facts *f        = q->facts;
	struct pdi_set      switches = { 0 }, gpus = { 0 }, one;
	size_t              missing;
	bool                repeats;

	if (waits_for_fields(q))
		return ASSAY_OK;
	if (no_topology(f))
		return inquiry_not_applicable(q, "%s", none);
	for (const struct device *d = NULL; (d = next(f, SUBJECT_GPU, d)) != NULL;) {
		switches_of(d, &one);
		for (size_t i = 0; i < one.n; i++)
			set_add(&switches, one.pdi[i]);
	}
	for (const struct device *d = NULL; (d = next(f, SUBJECT_NVSWITCH, d)) != NULL;) {
		gpus_of(d, &one, &repeats);
		for (size_t i = 0; i < one.n; i++)
			set_add(&gpus, one.pdi[i]);
	}
	missing = absent(f, SUBJECT_NVSWITCH, &switches, &q->expected) +
		absent(f, SUBJECT_GPU, &gpus, &q->expected);
	if (missing > 0)
		return err_set(e, ASSAY_DEVICE_MISSING,
			"%zu device%s that the others name gave no evidence", missing,
			missing == 1 ? "" : "s");
	if (f->switches == 0 || f->gpus == 0)
		return err_set(
			e, ASSAY_DEVICE_MISSING, "no %s", f->switches == 0 ? "switch" : "GPU");
	inquiry_say(q, "%zu GPUs and %zu switches, all here", gpus.n, switches.n);
	return ASSAY_OK;
}

static const struct step steps[] = {
	{ CHECK_NODE_EVIDENCE_PARSE, { 0 }, 0, ask_containers },
	{ CHECK_NODE_DEVICES_COUNT, { 0 }, 0, ask_count },
	{ CHECK_NODE_DEVICES_DISTINCT, { 0 }, 0, ask_distinct },
	{ CHECK_NODE_NONCE_SAME, { 0 }, 0, ask_nonces },
	{ CHECK_NODE_MODE, { 0 }, 0, ask_mode },
	{ CHECK_NODE_VERSIONS, { 0 }, 0, ask_node_versions },
	{ CHECK_NODE_TOPOLOGY_SWITCHES, { 0 }, 0, ask_topology_switches },
	{ CHECK_NODE_TOPOLOGY_GPUS, { 0 }, 0, ask_topology_gpus },
	{ CHECK_NODE_TOPOLOGY_COMPLETE, { 0 }, 0, ask_complete },
};

enum assay_code node_verify(
	const struct verify_case *c, struct facts *facts, struct assay_err *e)
{
	static const struct subject node              = { SUBJECT_NODE, 0 };
	bool                        held[CHECK_COUNT] = { false };

	return inquire(c, facts, node, NULL, held, steps, ARRAY_LEN(steps), e);
}
