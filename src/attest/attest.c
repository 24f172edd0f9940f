/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/attest.h"

#include <errno.h>
#include <signal.h>
#include <sys/random.h>
#include <time.h>

#include "attest/boot.h"
#include "attest/opa.h"
#include "attest/precheck.h"
#include "base/clock.h"
#include "format/nvml.h"

/* What a profile means: the mode that the driver has to say, and how many devices there are. */
static const struct {
	enum precheck_mode mode;
	const char        *expect;
} profiles[] = {
	[ATTEST_AUTO]   = { PRECHECK_ANY, NULL },
	[ATTEST_SINGLE] = { PRECHECK_CC, "1+0" },
	[ATTEST_PPCIE]  = { PRECHECK_PPCIE, "8+4" },
};

static void say(const struct attest_request *r, const char *what)
{
	if (r->progress != NULL)
		r->progress(r->ctx, what);
}

static enum assay_code draw(uint8_t nonce[NONCE_SIZE], struct assay_err *e)
{
	ssize_t n;

	do
		n = getrandom(nonce, NONCE_SIZE, 0);
	while (n < 0 && errno == EINTR);
	return n == NONCE_SIZE ? ASSAY_OK : err_set(e, ASSAY_INTERNAL, "no random nonce");
}

static struct collect_request request(const struct attest_request *r)
{
	return (struct collect_request){
		.kinds = { [DEVICE_GPU] = true, [DEVICE_NVSWITCH] = true },
		.must = { [DEVICE_GPU] = true, [DEVICE_NVSWITCH] = r->profile == ATTEST_PPCIE },
		.call_ms  = r->call_ms,
		.total_ms = r->total_ms,
	};
}

/* The TDX guest, too, when this is one. */
static enum assay_code ask_devices(struct assay *a, const struct attest_request *r, int64_t now,
	struct attest_result *out, struct assay_err *e)
{
	struct composite_request ask = {
		.devices = request(r),
		.key     = { r->options.channel_key, r->options.channel_key_size },
		.made    = now,
		.root    = r->root,
		.qgs     = r->qgs,
		.td_ms   = r->td_ms,
	};

	ask.devices.kept              = r->ready ? &out->kept : NULL;
	ask.devices.kinds[DEVICE_TDX] = true;
	ask.devices.progress          = r->progress;
	ask.devices.ctx               = r->ctx;
	memcpy(ask.nonce, out->nonce, NONCE_SIZE);
	TRY(composite_collect(
		&a->crypto, &ask, &out->devices, &out->evidence->ev, &out->guest, e));
	out->stages.us[STAGE_TD] = out->guest.us;
	return ASSAY_OK;
}

/* ---- the mode, by the driver and by the devices ---- */

/* What the device signs about protected PCIe: -1 when it signs nothing about it. */
static int signed_ppcie(const struct device *d)
{
	struct bytes v = d->opaque.field[OPAQUE_PROTECTED_PCIE_STATUS];

	if (!d->held[CHECK_GPU_REPORT_OPAQUE] || v.n != 1)
		return -1;
	return v.p[0] == OPAQUE_ON;
}

/* No report asked for switches, so that nobody looked for any. */
static bool no_topology(const struct facts *f)
{
	for (size_t i = 0; i < f->findings.n; i++)
		if (f->findings.list[i].check == CHECK_NODE_TOPOLOGY_COMPLETE)
			return f->findings.list[i].outcome == ASSAY_OUTCOME_NOT_APPLICABLE;
	return false;
}

/* The driver's word is not signed, but where the devices contradict it somebody is wrong. One that signs nothing about the
 * mode (old firmware) contradicts protected PCIe where without its word nobody asked for the switches. */
static enum assay_code compare_modes(const struct collected_system *s, const struct facts *f,
	struct findings *out, struct assay_err *e)
{
	const bool driver = s->multi_gpu == NVML_MULTI_PPCIE;

	if (s->multi_gpu != NVML_MULTI_NONE && !driver)
		return ASSAY_OK;
	for (size_t i = 0; i < f->devices; i++) {
		const struct device *d   = &f->device[i];
		struct finding       row = { .check = CHECK_GPU_MODE,
			      .subject              = d->subject,
			      .outcome              = ASSAY_OUTCOME_FAIL,
			      .code                 = ASSAY_DEVICE_MODE };

		const int signs = signed_ppcie(d);

		if (d->subject.kind != SUBJECT_GPU || signs == driver ||
			(signs < 0 && !(driver && no_topology(f))))
			continue;
		TRY(findings_add(out, &row,
			"the device signs another mode than the driver says",
			driver ? "protected PCIe" : "no protected PCIe",
			signs == 1           ? "protected PCIe"
				: signs == 0 ? "no protected PCIe"
					     : "nothing about it",
			e));
	}
	return ASSAY_OK;
}

/* ---- the way to a verdict ---- */

/* Times of devices as they are judged, one after the other. */
struct stopwatch {
	struct stages *stages;
	int64_t        last;
};

static void judged(void *ctx, struct subject s)
{
	static const enum stage of[] = {
		[SUBJECT_NODE]     = STAGE_TOPOLOGY,
		[SUBJECT_GPU]      = STAGE_GPU,
		[SUBJECT_NVSWITCH] = STAGE_SWITCH,
		[SUBJECT_TDX]      = STAGE_TD,
		[SUBJECT_HOST]     = STAGE_TOPOLOGY,
	};
	struct stopwatch *w   = ctx;
	const int64_t     now = clock_us();

	w->stages->us[of[s.kind]] += now - w->last;
	w->last = now;
}

static enum assay_code tell_starting(
	const struct assay_err *why, struct findings *out, struct assay_err *e)
{
	const struct finding row = { .check = CHECK_GPU_COLLECT,
		.outcome                    = ASSAY_OUTCOME_IN_PROGRESS,
		.code                       = why->code };

	return findings_add(out, &row, assay_err_text(why), NULL, NULL, e);
}

static enum assay_code verify_all(struct assay *a, const struct attest_request *r, int64_t now,
	struct attest_result *out, struct assay_err *e)
{
	CLEANUP(findings_done) struct findings observed = { 0 }, modes = { 0 };
	struct stopwatch                       w       = { &out->stages, clock_us() };
	struct assay_options                   options = r->options;

	options.nonce = out->nonce;
	options.now   = now;
	if (options.expect == NULL)
		options.expect = profiles[r->profile].expect;
	if (r->starting != NULL)
		TRY(tell_starting(r->starting, &observed, e));
	else
		TRY(precheck(&out->devices, profiles[r->profile].mode, &observed, e));
	a->watch = (struct verify_watch){ judged, &w };
	session_verify(a, out->evidence, &options, &observed, &out->report, e);
	a->watch = (struct verify_watch){ 0 };
	if (out->report == NULL)
		return e->code;
	TRY(compare_modes(&out->devices.system, &out->report->facts, &modes, e));
	return session_add(out->report, &modes, e);
}

/* Pre-checks last until a door's first device is asked for evidence. Doors are asked side by side. */
static void time_doors(struct attest_result *out)
{
	static const struct {
		enum device_kind kind;
		enum stage       checks, evidence;
	} doors[] = {
		{ DEVICE_GPU, STAGE_GPU_CHECKS, STAGE_GPU },
		{ DEVICE_NVSWITCH, STAGE_SWITCH_CHECKS, STAGE_SWITCH },
	};

	for (size_t i = 0; i < ARRAY_LEN(doors); i++) {
		const int64_t asked = out->devices.asked_us[doors[i].kind];
		const int64_t done  = out->devices.done_us[doors[i].kind];

		out->stages.us[doors[i].checks]   = asked > 0 ? asked : done;
		out->stages.us[doors[i].evidence] = asked > 0 ? done - asked : 0;
	}
}

/* Collateral of all devices is fetched at once; its time is the GPUs'. */
static enum assay_code judge(struct assay *a, const struct attest_request *r,
	struct attest_result *out, struct assay_err *e)
{
	const int64_t now = (int64_t)time(NULL);
	int64_t       at;

	if (r->options.nonce != NULL)
		memcpy(out->nonce, r->options.nonce, NONCE_SIZE);
	else
		TRY(draw(out->nonce, e));
	TRY(assay_evidence_new(&out->evidence, e));
	say(r, "asking the devices for evidence");
	if (r->starting == NULL)
		TRY(ask_devices(a, r, now, out, e));
	time_doors(out);
	at             = clock_us();
	r->gather->now = now;
	TRY(gather(a, out->evidence, r->gather, e));
	out->stages.us[STAGE_GPU] += clock_us() - at;
	say(r, "verifying");
	return verify_all(a, r, now, out, e);
}

/* ---- the gate ---- */

struct gate {
	const struct attest_request *r;
	struct collect_kept         *kept;
};

static enum assay_code gate_get(void *ctx, int *ready, struct assay_err *e)
{
	const struct gate *g = ctx;

	return collect_ready_get(g->r->call_ms, g->kept, ready, e);
}

static enum assay_code gate_set(void *ctx, int ready, struct assay_err *e)
{
	const struct gate *g = ctx;

	return collect_ready_set(g->r->call_ms, g->kept, ready, e);
}

static enum assay_code gate_survey(void *ctx, struct collected *out, struct assay_err *e)
{
	const struct gate     *g   = ctx;
	struct collect_request ask = request(g->r);

	ask.survey = true;
	ask.kept   = g->kept;
	return collect(&ask, out, e);
}

/* Accepted, and about all devices that there are, be they none. */
static bool assured(const struct attest_result *r)
{
	const struct facts *f;

	if (r->report == NULL || assay_report_verdict(r->report) != ASSAY_CLASS_ACCEPTED)
		return false;
	f = &r->report->facts;
	return f->gpus == collected_count(&r->devices, DEVICE_GPU) &&
		f->switches == collected_count(&r->devices, DEVICE_NVSWITCH);
}

/* A verdict about fewer devices than there are opens nothing. */
static bool complete(const struct attest_result *r)
{
	return assured(r) && r->report->facts.gpus > 0;
}

/* The check that said no first. */
static enum check objection(const struct attest_result *r)
{
	const struct findings *f;

	if (r->report == NULL)
		return CHECK_NODE_EVIDENCE_PARSE;
	f = &r->report->facts.findings;
	for (size_t i = 0; i < f->n; i++)
		if (f->list[i].outcome == ASSAY_OUTCOME_FAIL ||
			f->list[i].outcome == ASSAY_OUTCOME_UNKNOWN)
			return f->list[i].check;
	return CHECK_NODE_DEVICES_COUNT;
}

/* ---- the event at boot ---- */

/* Whoever would have to try again may: the event is for good, until the next boot. */
static bool is_final(const struct attest_result *out)
{
	enum assay_class cls = assay_report_verdict(out->report);

	return cls == ASSAY_CLASS_ACCEPTED || cls == ASSAY_CLASS_REJECTED ||
		cls == ASSAY_CLASS_MALFORMED;
}

/* The quote that was judged shows it: a second run since the boot has nothing to add. */
static bool is_marked(const struct attest_result *out)
{
	const struct findings *f = &out->report->facts.findings;

	for (size_t i = 0; i < f->n; i++)
		if (f->list[i].check == CHECK_NODE_BINDING_EVENT)
			return f->list[i].outcome == ASSAY_OUTCOME_PASS;
	return false;
}

/* That it could not be written is a finding: who cannot say that it checked must not let anybody in. */
static enum assay_code mark_boot(struct assay *a, const struct attest_request *r, bool yes,
	struct attest_result *out, struct assay_err *e)
{
	CLEANUP(findings_done) struct findings f      = { 0 };
	struct assay_err                       why    = { 0 };
	const struct bytes                     policy = { (const uint8_t *)r->options.policy,
				    r->options.policy_size };
	struct finding                         row    = { .check = CHECK_NODE_BINDING_EVENT,
					   .outcome              = ASSAY_OUTCOME_UNKNOWN };

	if (yes && is_marked(out)) {
		out->extended = true;
		return ASSAY_OK;
	}
	if (boot_extend_here(&a->crypto, r->root, &out->evidence->ev, yes, policy, &why) ==
		ASSAY_OK) {
		out->extended = true;
		return ASSAY_OK;
	}
	if (assay_class(why.code) == ASSAY_CLASS_INTERNAL ||
		assay_class(why.code) == ASSAY_CLASS_USAGE) {
		*e = why;
		return e->code;
	}
	row.code = why.code;
	TRY(findings_add(&f, &row, assay_err_text(&why), NULL, NULL, e));
	return session_add(out->report, &f, e);
}

static void pass_gate(const struct attest_request *r, struct attest_result *out, bool accepted)
{
	struct gate             g    = { r, &out->kept };
	const struct ready_door door = { gate_get, gate_set, gate_survey, &g };
	const int64_t           at   = clock_us();
	sigset_t                ends, before;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, &before);
	ready_gate(&door, accepted, &out->devices, &out->ready);
	sigprocmask(SIG_SETMASK, &before, NULL);
	out->gate                   = true;
	out->stages.us[STAGE_READY] = clock_us() - at;
}

static enum assay_code tell_gate(struct attest_result *out, bool accepted, struct assay_err *e)
{
	CLEANUP(findings_done) struct findings f = { 0 };

	TRY(ready_finding(&out->ready, accepted, objection(out), &f, e));
	return session_add(out->report, &f, e);
}

void attest_result_done(struct attest_result *r)
{
	assay_report_free(r->report);
	assay_evidence_free(r->evidence);
	collected_done(&r->devices);
	collect_kept_done(&r->kept);
	*r = (struct attest_result){ 0 };
}

enum assay_code attest(struct assay *a, const struct attest_request *r,
	struct attest_result *out, struct assay_err *e)
{
	const int64_t   at = clock_us();
	enum assay_code code;
	bool            yes;

	code = session_policy(&r->options, &r->gather->ocsp_max_age, e);
	if (code == ASSAY_OK)
		code = judge(a, r, out, e);
	if (code == ASSAY_OK && r->opa != NULL)
		code = opa_ask(r->gather->http, r->opa, out->report, e);
	yes = code == ASSAY_OK && complete(out);
	if (code == ASSAY_OK && r->extend && r->starting == NULL && is_final(out)) {
		code = mark_boot(a, r, assured(out), out, e);
		yes  = yes && code == ASSAY_OK && out->extended;
	}
	if (r->ready && r->starting == NULL)
		pass_gate(r, out, yes);
	collect_kept_done(&out->kept);
	if (code != ASSAY_OK)
		return code;
	if (out->gate)
		TRY(tell_gate(out, yes, e));
	stages_judge(&out->report->facts.findings, &out->stages);
	out->stages.total_us     = clock_us() - at;
	out->report->view.stages = &out->stages;
	return ASSAY_OK;
}

void attest_abandon(const struct attest_request *r, struct ready_said *out)
{
	struct attest_result none = { 0 };

	pass_gate(r, &none, false);
	collect_kept_done(&none.kept);
	*out = none.ready;
}
