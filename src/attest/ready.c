/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/ready.h"

static int state(const struct ready_door *door, struct assay_err *e)
{
	int ready = -1;

	return door->get(door->ctx, &ready, e) == ASSAY_OK ? ready != 0 : -1;
}

/* What the pre-checks looked at. A mode takes a reset to change, and then these are not the devices that were judged. */
static bool same_mode(const struct collected_system *a, const struct collected_system *b)
{
	return a->environment == b->environment && a->cc == b->cc &&
		a->devtools == b->devtools && a->multi_gpu == b->multi_gpu;
}

/* Are exactly the judged devices there, now; and do the GPUs accept work, if the driver tells? */
static enum assay_code still_there(const struct ready_door *door,
	const struct collected *judged, const char *when, int *ready, struct assay_err *e)
{
	CLEANUP(collected_done) struct collected now = { 0 };

	TRY(door->survey(door->ctx, &now, e));
	*ready = now.system.ready;
	for (size_t k = 0; k < DEVICE_KINDS; k++)
		if (now.fault[k].code != ASSAY_OK && judged->fault[k].code == ASSAY_OK) {
			*e = now.fault[k];
			return err_wrap(
				e, "%s %s", device_kind_name((enum device_kind)k), when);
		}
	for (size_t i = 0; i < now.devices; i++)
		if (now.device[i].fault.code != ASSAY_OK) {
			*e = now.device[i].fault;
			return err_wrap(e, "%s%u %s", device_kind_name(now.device[i].kind),
				now.device[i].index, when);
		}
	if (!collected_same(judged, &now))
		return err_set(e, ASSAY_DEVICE_CHANGED,
			"%s there are other devices than those that were judged", when);
	if (!same_mode(&judged->system, &now.system))
		return err_set(e, ASSAY_DEVICE_CHANGED,
			"%s the driver speaks of another mode than when they were judged",
			when);
	if (*ready < 0)
		*ready = state(door, e);
	return *ready < 0 ? e->code : ASSAY_OK;
}

static enum assay_code open_gate(const struct ready_door *door, const struct collected *judged,
	struct ready_said *out, struct assay_err *e)
{
	TRY(still_there(door, judged, "before the GPUs are let in", &out->before, e));
	if (out->before ==
		1) { /* by an earlier verdict: nothing is set, and nothing can change meanwhile */
		out->after = 1;
		return ASSAY_OK;
	}
	TRY(door->set(door->ctx, 1, e));
	TRY(still_there(door, judged, "after the GPUs were let in", &out->after, e));
	if (out->after == 0)
		return err_set(e, ASSAY_DEVICE_ERROR,
			"the driver was told that the GPUs are ready, and says that they are not");
	return ASSAY_OK;
}

/* Also when nobody can say how it stands: shutting what is shut harms nobody. */
static enum assay_code shut_gate(
	const struct ready_door *door, bool known, struct ready_said *out, struct assay_err *e)
{
	struct assay_err ignored = { 0 };

	if (known && out->before == 0) {
		out->after = 0;
		return ASSAY_OK;
	}
	if (door->set(door->ctx, 0, e) != ASSAY_OK) {
		/* who hangs is not waited for once more */
		out->after = e->code == ASSAY_DEVICE_TIMEOUT ? -1 : state(door, &ignored);
		return out->after == 0 ? ASSAY_OK : e->code;
	}
	out->after = state(door, e);
	if (out->after == 1)
		return err_set(e, ASSAY_DEVICE_ERROR,
			"the driver was told that the GPUs are not ready, and says that they are");
	return out->after == 0 ? ASSAY_OK : e->code;
}

void ready_gate(const struct ready_door *door, bool accepted, const struct collected *judged,
	struct ready_said *out)
{
	struct assay_err e = { 0 };

	*out = (struct ready_said){ .before = -1, .after = -1 };
	if (accepted) {
		if (open_gate(door, judged, out, &out->why) == ASSAY_OK)
			return;
		shut_gate(door, false, out, &e); /* opened or not, before it failed */
		return;
	}
	out->before = state(door, &e);
	e           = (struct assay_err){ 0 };
	if (shut_gate(door, true, out, &e) != ASSAY_OK)
		out->why = e;
}

static const char *how(int state)
{
	return state < 0    ? "nobody can tell whether the GPUs accept work"
		: state > 0 ? "the GPUs accept work"
			    : "the GPUs accept no work";
}

enum assay_code ready_finding(const struct ready_said *s, bool accepted, enum check because,
	struct findings *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	struct finding               row  = { .check = CHECK_NODE_READY, .code = s->why.code };
	enum assay_class             cls  = assay_class(s->why.code);

	buf_text(&text, how(s->after));
	if (s->after >= 0 && s->before >= 0)
		buf_text(&text, s->before == s->after ? ", as before" : ", from now on");
	if (s->why.code != ASSAY_OK) {
		buf_printf(&text, "; %s", assay_err_text(&s->why));
		row.outcome = cls == ASSAY_CLASS_UNAVAILABLE || cls == ASSAY_CLASS_NOT_READY
			? ASSAY_OUTCOME_UNKNOWN
			: ASSAY_OUTCOME_FAIL;
	} else if (accepted) {
		row.outcome = ASSAY_OUTCOME_PASS;
	} else {
		row.because = because; /* skipped: zero */
	}
	TRY(buf_ok(&text, e));
	return findings_add(out, &row, buf_cstr(&text), NULL, NULL, e);
}
