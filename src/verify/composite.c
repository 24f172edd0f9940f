/* SPDX-License-Identifier: Apache-2.0
 *
 * Guest and devices as one: the devices answer the nonce that was derived for this guest, its quote covers their
 * evidence, the channel key and the event log, and measured software says that it checked them.
 *
 * Source: tdx 10.4. */
#include <openssl/crypto.h>

#include "base/hex.h"
#include "crypto/digest.h"
#include "verify/replay.h"
#include "verify/tdx.h"

enum assay_code composite_reportdata(const struct verify_case *c,
	const uint8_t key[BINDING_KEY], uint8_t out[REPORTDATA_SIZE], struct assay_err *e)
{
	uint8_t manifest[BINDING_MANIFEST];

	TRY(binding_manifest(c->crypto, c->evidence, manifest, e));
	return binding_reportdata(
		c->crypto, c->nonce, key, manifest, c->evidence->events, out, e);
}

static const char alone[] = "the guest has neither GPU nor switch beside it";

/* Is there anything to be bound? */
static bool bound(const struct inquiry *q)
{
	return q->facts->devices > 0 || q->c->channel_key.n > 0;
}

static enum assay_code ask_binding_nonce(struct inquiry *q, struct assay_err *e)
{
	const struct facts *f = q->facts;
	uint8_t             key[BINDING_KEY], want[NONCE_SIZE];
	char                text[SUBJECT_TEXT];

	if (f->devices == 0)
		return inquiry_not_applicable(q, "%s", alone);
	if (!q->c->nonce_given)
		return err_set(e, ASSAY_TD_FRESHNESS, "no nonce was given");
	TRY(binding_key(q->c->crypto, q->c->channel_key, key, e));
	TRY(binding_gpu_nonce(q->c->crypto, q->c->nonce, key, want, e));
	for (size_t i = 0; i < f->devices; i++) {
		const struct device *d   = &f->device[i];
		struct bytes         is  = d->report.nonce;
		bool                 gpu = d->subject.kind == SUBJECT_GPU;

		if (!d->report_parsed) {
			q->because = gpu ? CHECK_GPU_REPORT_PARSE : CHECK_NVSWITCH_REPORT_PARSE;
			return ASSAY_OK;
		}
		if (CRYPTO_memcmp(is.p, want, NONCE_SIZE) == 0)
			continue;
		hex_encode(BYTES_OF(want), &q->expected);
		hex_encode(is, &q->observed);
		return err_set(e, ASSAY_BINDING_NONCE, "%s answers %s",
			subject_text(d->subject, text),
			memcmp(is.p, q->c->nonce, NONCE_SIZE) == 0
				? "the nonce itself, and not the one derived from it"
				: "another nonce");
	}
	inquiry_say(q, "%.16s...", HEX(BYTES_OF(want)));
	return ASSAY_OK;
}

/* The quote's own signature must hold before it is asked what it covers. */
static bool waits(struct inquiry *q)
{
	if (q->facts->guest->held[CHECK_TDX_QUOTE_SIGNATURE])
		return false;
	q->because = CHECK_TDX_QUOTE_SIGNATURE;
	return true;
}

/* Does REPORTDATA cover this evidence, with that key? */
static enum assay_code covers(
	const struct inquiry *q, struct bytes spki, bool *yes, struct assay_err *e)
{
	struct bytes said = q->facts->guest->quote.td.reportdata;
	uint8_t      key[BINDING_KEY], want[REPORTDATA_SIZE];

	TRY(binding_key(q->c->crypto, spki, key, e));
	TRY(composite_reportdata(q->c, key, want, e));
	*yes = CRYPTO_memcmp(said.p, want, sizeof(want)) == 0;
	return ASSAY_OK;
}

static enum assay_code ask_binding_reportdata(struct inquiry *q, struct assay_err *e)
{
	bool with = false, without = false;

	if (!bound(q))
		return inquiry_not_applicable(q, "%s", alone);
	if (!q->c->nonce_given)
		return err_set(e, ASSAY_TD_FRESHNESS, "no nonce was given");
	if (waits(q))
		return ASSAY_OK;
	TRY(covers(q, q->c->channel_key, &with, e));
	if (!with &&
		q->c->channel_key.n >
			0) /* then it is the key that is amiss, and is said there */
		TRY(covers(q, (struct bytes){ 0 }, &without, e));
	if (!with && !without)
		return err_set(e, ASSAY_BINDING_REPORTDATA,
			"REPORTDATA is not that of this nonce, channel key, evidence and event log");
	inquiry_say(q, "%zu device%s and the event log", q->facts->devices,
		q->facts->devices == 1 ? "" : "s");
	return ASSAY_OK;
}

static enum assay_code ask_binding_key(struct inquiry *q, struct assay_err *e)
{
	uint8_t key[BINDING_KEY];
	bool    with = false;

	if (q->c->channel_key.n == 0)
		return inquiry_not_applicable(
			q, "no channel key was given: the verdict says nothing of a channel");
	TRY(covers(q, q->c->channel_key, &with, e));
	TRY(binding_key(q->c->crypto, q->c->channel_key, key, e));
	if (!with) {
		hex_encode(BYTES_OF(key), &q->expected);
		return err_set(e, ASSAY_BINDING_KEY, "the quote is bound to no channel key");
	}
	inquiry_say(q, "%.16s...", HEX(BYTES_OF(key)));
	return ASSAY_OK;
}

/* --- the event at boot --- */

struct boot {
	uint8_t id[EVIDENCE_DEVICES][BINDING_ID];
	size_t  n, times;
	bool    accepted;
};

/* The log has replayed, so that what it says of its own lines is what the registers hold. */
static enum assay_code find_boot(struct bytes events, struct boot *out, struct assay_err *e)
{
	CLEANUP(boot_log_done) struct boot_log own = { 0 };
	struct ccel                            log = { 0 };
	uint8_t                                policy[BINDING_DIGEST];

	TRY(ccel_parse(events, &log, e));
	TRY(boot_log_parse(log.own, &own, e));
	for (size_t i = 0; i < own.events; i++)
		if (binding_boot_read(
			    own.event[i].content, out->id, &out->n, &out->accepted, policy))
			out->times++;
	return ASSAY_OK;
}

static enum assay_code check_devices(
	const struct inquiry *q, const struct boot *b, struct assay_err *e)
{
	const struct evidence *ev = q->c->evidence;
	uint8_t                id[BINDING_ID];

	if (b->n != q->facts->devices)
		return err_set(e, ASSAY_BINDING_EVENT,
			"the event names %zu devices, the evidence has %zu", b->n,
			q->facts->devices);
	for (size_t i = 0; i < ev->devices; i++) {
		size_t k = 0;

		if (ev->device[i].kind == DEVICE_TDX)
			continue;
		TRY(binding_device_id(q->c->crypto, ev->device[i].chain, id, e));
		while (k < b->n && memcmp(b->id[k], id, BINDING_ID) != 0)
			k++;
		if (k == b->n)
			return err_set(e, ASSAY_BINDING_EVENT, "the event does not name %s",
				HEX(BYTES_OF(id)));
	}
	return ASSAY_OK;
}

/* tdx 10.4: "no event" is never acceptable to a relying party. The check at boot itself comes before its event: whoever
 * judges what he has just collected in his own guest is warned. */
static enum assay_code unseen(struct inquiry *q, struct assay_err *e)
{
	struct assay_err why = { 0 };

	err_set(&why, ASSAY_BINDING_UNSEEN,
		"no event of a check at boot: that the devices belong to this guest rests on whoever asked for the quote");
	if (!q->c->here) {
		*e = why;
		return e->code;
	}
	q->noted = true; /* the warning says it all */
	return inquiry_note(q, CHECK_NONE, &why, true, e);
}

static enum assay_code ask_binding_event(struct inquiry *q, struct assay_err *e)
{
	struct boot b = { 0 };

	if (q->facts->guest->replayed)
		TRY(find_boot(q->facts->guest->events, &b, e));
	if (b.times == 0) {
		if (!bound(q) && !tdx_rules_of(q->c)->event)
			return inquiry_not_applicable(q, "%s", alone);
		return unseen(q, e);
	}
	if (b.times != 1)
		return err_set(
			e, ASSAY_BINDING_EVENT, "%zu events of a check at boot", b.times);
	if (!b.accepted)
		return err_set(e, ASSAY_BINDING_EVENT, "the check at boot said no");
	TRY(check_devices(q, &b, e));
	inquiry_say(q, "%zu devices", b.n);
	return ASSAY_OK;
}

static const struct step steps[] = {
	{ CHECK_NODE_BINDING_NONCE, { 0 }, 0, ask_binding_nonce },
	{ CHECK_NODE_BINDING_REPORTDATA, { 0 }, 0, ask_binding_reportdata },
	{ CHECK_NODE_BINDING_KEY, { CHECK_NODE_BINDING_REPORTDATA }, 0, ask_binding_key },
	{ CHECK_NODE_BINDING_EVENT, { 0 }, 0, ask_binding_event },
};

enum assay_code composite_verify(
	const struct verify_case *c, struct facts *facts, struct assay_err *e)
{
	static const struct subject node              = { SUBJECT_NODE, 0 };
	bool                        held[CHECK_COUNT] = { false };

	return inquire(c, facts, node, NULL, held, steps, ARRAY_LEN(steps), e);
}
