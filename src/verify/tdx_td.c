/* SPDX-License-Identifier: Apache-2.0
 *
 * The guest itself: what it may do, what runs in it, what it was asked, how it got there.
 *
 * Source: tdx 2.7, 5.10, 6. */
#include <openssl/crypto.h>

#include "base/hex.h"
#include "verify/replay.h"
#include "verify/tdx.h"

const struct tdx_rules *tdx_rules_of(const struct verify_case *c)
{
	static const struct tdx_rules strict = { 0 };

	return c->tdx != NULL ? c->tdx : &strict;
}

/* --- attributes --- */

static const struct {
	unsigned    bit;
	const char *name;
} attribute_names[] = {
	{ 0, "DEBUG" },
	{ 4, "HGS_PLUS_PROF" },
	{ 5, "PERF_PROF" },
	{ 6, "PMT_PROF" },
	{ 16, "ICSSD" },
	{ 27, "LASS" },
	{ 28, "SEPT_VE_DISABLE" },
	{ 29, "MIGRATABLE" },
	{ 30, "PKS" },
	{ 31, "KL" },
	{ 62, "TPA" },
	{ 63, "PERFMON" },
};

static void put_bits(struct buf *out, uint64_t bits)
{
	for (unsigned i = 0; i < 64; i++) {
		size_t k = 0;

		if ((bits >> i & 1) == 0)
			continue;
		while (k < ARRAY_LEN(attribute_names) && attribute_names[k].bit != i)
			k++;
		buf_text(out, out->n == 0 ? "" : " ");
		if (k < ARRAY_LEN(attribute_names))
			buf_text(out, attribute_names[k].name);
		else
			buf_printf(out, "bit %u", i);
	}
}

static enum assay_code check_attributes(
	const struct tdx_rules *rules, uint64_t is, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	uint64_t must = rules->must_given ? rules->attributes_must : TDX_MUST;
	uint64_t may  = rules->may_given ? rules->attributes_may : TDX_MAY;

	if ((is & TDX_DEBUG) != 0 && !rules->debug)
		return err_set(e, ASSAY_TD_DEBUG, "DEBUG is set");
	if (rules->debug)
		may |= TDX_DEBUG;
	put_bits(&text, is & ~(may | must));
	TRY(buf_ok(&text, e));
	if (text.n > 0)
		return err_set(
			e, ASSAY_TD_ATTRIBUTES, "set, and may not be: %s", buf_cstr(&text));
	put_bits(&text, must & ~is);
	TRY(buf_ok(&text, e));
	if (text.n > 0)
		return err_set(
			e, ASSAY_TD_ATTRIBUTES, "must be set, and is not: %s", buf_cstr(&text));
	return ASSAY_OK;
}

static enum assay_code check_xfam(
	const struct tdx_rules *rules, uint64_t is, struct assay_err *e)
{
	uint64_t may  = rules->xfam_given ? rules->xfam_may : TDX_XFAM_MAY;
	uint64_t must = rules->xfam_must | TDX_XFAM_MUST;

	if ((is & must) != must || (is & ~may) != 0)
		return err_set(e, ASSAY_TD_XFAM,
			"XFAM is 0x%llx; 0x%llx must be set, 0x%llx may be",
			(unsigned long long)is, (unsigned long long)must,
			(unsigned long long)may);
	return ASSAY_OK;
}

enum assay_code ask_td_attributes(struct inquiry *q, struct assay_err *e)
{
	const struct tdx_rules *rules = tdx_rules_of(q->c);
	const struct tdx_td    *td    = &q->facts->guest->quote.td;

	TRY(check_attributes(rules, td->attributes, e));
	TRY(check_xfam(rules, td->xfam, e));
	inquiry_say(q, "attributes 0x%llx, XFAM 0x%llx", (unsigned long long)td->attributes,
		(unsigned long long)td->xfam);
	return ASSAY_OK;
}

/* --- measurements --- */

static struct bytes value_of(const struct guest *g, enum tdx_list i)
{
	const struct tdx_td *td = &g->quote.td;

	switch (i) {
	case TDX_MRTD:
		return td->mrtd;
	case TDX_RTMR0:
	case TDX_RTMR1:
	case TDX_RTMR2:
	case TDX_RTMR3:
		return td->rtmr[i - TDX_RTMR0];
	case TDX_MRSEAM:
		return td->mrseam;
	case TDX_MRCONFIGID:
		return td->mrconfigid;
	case TDX_MROWNER:
		return td->mrowner;
	case TDX_MROWNERCONFIG:
		return td->mrownerconfig;
	case TDX_MRSERVICETD:
		return td->mrservicetd;
	case TDX_FMSPC:
		return BYTES_OF(g->pck.fmspc);
	case TDX_PPID:
		return BYTES_OF(g->pck.ppid);
	case TDX_INSTANCE:
		return g->pck.platform ? BYTES_OF(g->pck.instance) : (struct bytes){ 0 };
	case TDX_LIST_COUNT:
		break;
	}
	return (struct bytes){ 0 };
}

static enum assay_code check_list(
	struct inquiry *q, const struct tdx_rules *rules, enum tdx_list i, struct assay_err *e)
{
	const struct tdx_list_row *row = &tdx_list_rows[i];
	struct bytes               is  = value_of(q->facts->guest, i);

	for (size_t k = 0; k < rules->list[i].n; k++)
		if (is.n == row->size && memcmp(rules->list[i].value[k], is.p, row->size) == 0)
			return ASSAY_OK;
	if (rules->list[i].n == 0) /* without a list, a service TD may not be at all */
		return i != TDX_MRSERVICETD || bytes_zero(is)
			? ASSAY_OK
			: err_set(e, row->code, "a service TD is bound");
	if (i != TDX_PPID && i != TDX_INSTANCE) /* these name a machine: not for logs */
		hex_encode(is, &q->observed);
	hex_encode((struct bytes){ rules->list[i].value[0], row->size }, &q->expected);
	if (rules->list[i].n > 1)
		buf_printf(&q->expected, " and %zu more", rules->list[i].n - 1);
	if (i == TDX_PPID || i == TDX_INSTANCE)
		q->expected.n = 0;
	return err_set(e, row->code, "%s is none of %zu that the policy allows", row->name,
		rules->list[i].n);
}

/* Nothing but a register of the guest's own software says what runs in it. */
static bool constrained(const struct tdx_rules *rules)
{
	for (size_t i = TDX_MRTD; i <= TDX_RTMR3; i++)
		if (rules->list[i].n > 0)
			return true;
	return false;
}

enum assay_code ask_td_measurements(struct inquiry *q, struct assay_err *e)
{
	const struct tdx_rules *rules = tdx_rules_of(q->c);
	struct guest           *g     = q->facts->guest;
	size_t                  asked = 0;

	for (size_t i = 0; i < TDX_LIST_COUNT; i++) {
		struct assay_err why = { 0 };

		asked += rules->list[i].n > 0;
		if (check_list(q, rules, (enum tdx_list)i, &why) != ASSAY_OK)
			TRY(inquiry_note(q, CHECK_NONE, &why, false, e));
	}
	g->unconstrained = !constrained(rules);
	if (g->unconstrained) {
		struct assay_err why = { 0 };

		err_set(&why, ASSAY_TD_UNCONSTRAINED,
			"identity_unconstrained: no policy names MRTD or an RTMR");
		TRY(inquiry_note(q, CHECK_NONE, &why, true, e));
	}
	inquiry_say(
		q, "%zu of the policy's lists, MRTD %.16s...", asked, HEX(g->quote.td.mrtd));
	return ASSAY_OK;
}

/* --- REPORTDATA --- */

/* A guest alone, asked without a channel key, may also show the nonce as it is, zeros behind it: what simpler collectors
 * ask their quote with. It is as fresh; it commits to no key, no device and no log. */
static bool plain_nonce(const struct verify_case *c, const struct facts *f, struct bytes said)
{
	return f->devices == 0 && c->channel_key.n == 0 &&
		CRYPTO_memcmp(said.p, c->nonce, NONCE_SIZE) == 0 &&
		bytes_zero((struct bytes){ said.p + NONCE_SIZE, said.n - NONCE_SIZE });
}

static enum assay_code given_reportdata(
	struct inquiry *q, struct bytes said, struct assay_err *e)
{
	if (q->c->reportdata.n == said.n &&
		CRYPTO_memcmp(said.p, q->c->reportdata.p, said.n) == 0)
		return ASSAY_OK;
	hex_encode(q->c->reportdata, &q->expected);
	hex_encode(said, &q->observed);
	return err_set(e, ASSAY_TD_REPORTDATA, "REPORTDATA is not the one that was given");
}

enum assay_code ask_reportdata(struct inquiry *q, struct assay_err *e)
{
	const struct verify_case *c    = q->c;
	struct bytes              said = q->facts->guest->quote.td.reportdata;
	uint8_t                   key[BINDING_KEY], want[REPORTDATA_SIZE];

	if (c->reportdata.n > 0) { /* which devices do not take the place of */
		TRY(given_reportdata(q, said, e));
		if (q->facts->devices == 0)
			return ASSAY_OK;
	}
	if (!c->nonce_given)
		return err_set(e, ASSAY_TD_FRESHNESS, "no nonce was given");
	TRY(binding_key(c->crypto, c->channel_key, key, e));
	TRY(composite_reportdata(c, key, want, e));
	if (CRYPTO_memcmp(said.p, want, sizeof(want)) == 0) {
		inquiry_say(q, "nonce, %s, %zu devices and event log",
			c->channel_key.n > 0 ? "channel key" : "no channel key",
			q->facts->devices);
		return ASSAY_OK;
	}
	if (plain_nonce(c, q->facts, said)) {
		inquiry_say(q, "the nonce itself");
		return ASSAY_OK;
	}
	hex_encode(BYTES_OF(want), &q->expected);
	hex_encode(said, &q->observed);
	return err_set(e, ASSAY_TD_REPORTDATA,
		"REPORTDATA answers another request, or covers other evidence%s",
		c->reportdata.n == 0 && q->facts->devices == 0
			? "; what another tool asked the guest with goes to --reportdata"
			: "");
}

/* --- the event log --- */

static enum assay_code compare(
	struct inquiry *q, const struct replay *r, unsigned i, struct assay_err *e)
{
	const struct tdx_rules *rules = tdx_rules_of(q->c);
	struct bytes            is    = q->facts->guest->quote.td.rtmr[i];

	if (bytes_equal(is, BYTES_OF(r->rtmr[i])))
		return ASSAY_OK;
	if (i == 3 && r->events[i] == 0 && rules->list[TDX_RTMR3].n > 0)
		return ASSAY_OK; /* an application's; the policy says which */
	hex_encode(BYTES_OF(r->rtmr[i]), &q->expected);
	hex_encode(is, &q->observed);
	return err_set(e, ASSAY_EVENTLOG_MISMATCH, "%zu events do not lead to RTMR%u",
		r->events[i], i);
}

/* What each register holds is known all the same: from the policy, and of RTMR3 that nothing was ever put there. */
static bool pinned(const struct inquiry *q, const struct tdx_rules *rules)
{
	for (size_t i = TDX_RTMR0; i <= TDX_RTMR2; i++)
		if (rules->list[i].n == 0)
			return false;
	return rules->list[TDX_RTMR3].n > 0 || bytes_zero(q->facts->guest->quote.td.rtmr[3]);
}

static enum assay_code no_log(struct inquiry *q, struct assay_err *e)
{
	const struct tdx_rules *rules = tdx_rules_of(q->c);

	if (!rules->eventlog && pinned(q, rules))
		return inquiry_not_applicable(q, "no event log; the policy pins the registers");
	return err_set(e, ASSAY_EVENTLOG_MISSING, "the evidence has no event log");
}

enum assay_code ask_replay(struct inquiry *q, struct assay_err *e)
{
	struct guest *g   = q->facts->guest;
	struct ccel   log = { 0 };
	struct replay r   = { 0 };

	if (g->events.n == 0)
		return no_log(q, e);
	TRY(ccel_parse(g->events, &log, e));
	TRY(replay(q->c->crypto, &log, &r, e));
	for (unsigned i = 0; i < CCEL_REGISTERS; i++) {
		struct assay_err why = { 0 };

		if (compare(q, &r, i, &why) != ASSAY_OK)
			TRY(inquiry_note(q, CHECK_NONE, &why, false, e));
	}
	g->replayed = !q->noted;
	inquiry_say(q, "%zu events, %zu of assay's", log.n, r.own);
	return ASSAY_OK;
}
