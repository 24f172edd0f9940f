/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/tdx.h"

#include "collect/qgs.h"
#include "format/tdx_quote.h"

#define NOT_OURS "what came back is no quote of this request"

/* A guest is bound to look before it hands on (tdx 1.3): a race, or a host that answers with something else. */
static enum assay_code check(
	struct bytes quote, const uint8_t data[TSM_DATA], struct assay_err *e)
{
	struct tdx_quote q;
	struct assay_err why = { 0 };

	if (tdx_quote_parse(quote, &q, &why) != ASSAY_OK)
		return err_set(e, ASSAY_QUOTE_REPLY, NOT_OURS ": %s", assay_err_text(&why));
	if (memcmp(q.td.reportdata.p, data, TSM_DATA) != 0)
		return err_set(e, ASSAY_QUOTE_REPLY, NOT_OURS ": another REPORTDATA");
	return ASSAY_OK;
}

/* How the quote came, and the ways that are not there: "a; b". */
struct way {
	const char *name;
	struct buf  missing;
};

static void way_done(struct way *w)
{
	buf_done(&w->missing);
}

static void missing(struct way *w, const struct assay_err *why)
{
	buf_printf(&w->missing, "%s%s", w->missing.n == 0 ? "" : "; ", assay_err_text(why));
}

static enum assay_code by_service(
	const struct tdx_ask *a, const uint8_t *report, struct buf *out, struct assay_err *e)
{
	const int64_t      left  = a->until - a->calls->now(a->calls->ctx);
	int                most  = a->qgs_ms == 0 ? TDX_QGS_MS : a->qgs_ms;
	bool               found = true;
	struct qgs_address to;

	if (a->qgs != NULL)
		TRY(qgs_address(a->qgs, &to, e));
	else
		TRY(qgs_configured(a->calls, &to, &found, e));
	if (!found)
		return err_set(e, ASSAY_TD_ABSENT,
			"no quoting service is configured (--qgs, /etc/tdx-attest.conf)");
	if (left < most)
		most = left < 0 ? 0 : (int)left;
	return qgs_quote(&to, report, most, out, e);
}

static enum assay_code by_device(const struct tdx_ask *a, const struct tdx_guest *g,
	struct buf *out, struct way *w, struct assay_err *e)
{
	uint8_t         report[TDX_GUEST_REPORT];
	enum assay_code code = tdx_guest_report(g, a->data, report, e);

	if (code == ASSAY_OK) {
		w->name = "the quoting service";
		code    = by_service(a, report, out, e);
		if (code != ASSAY_TD_ABSENT)
			return code;
		missing(w, e);
		w->name = "GET_QUOTE";
		code    = tdx_guest_quote(g, report, a->until, out, e);
	}
	if (code != ASSAY_TD_ABSENT)
		return code;
	/* a guest, but one without a way: that is another answer than "no guest" */
	missing(w, e);
	return err_set(e, ASSAY_QUOTE_SERVICE,
		"no way to a quote; mount configfs (Linux 6.7)%s",
		a->qgs == NULL ? " or name the quoting service" : "");
}

static enum assay_code ask_all(const struct tdx_ask *a, const struct tsm_entry *entry,
	const struct assay_err *absent, struct buf *out, struct way *w, struct assay_err *e)
{
	CLEANUP(tdx_guest_done) struct tdx_guest g = { 0 };

	w->name = "configfs-tsm";
	if (entry != NULL)
		return tsm_quote(entry, a->data, a->until, out, e);
	missing(w, absent);
	TRY(tdx_guest_open(a->calls, &g, e));
	return by_device(a, &g, out, w, e);
}

enum assay_code tdx_ask(const struct tdx_ask *ask, const struct tsm_entry *entry,
	const struct assay_err *absent, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf quote = { 0 };
	CLEANUP(way_done) struct way w     = { 0 };
	enum assay_code              code  = ask_all(ask, entry, absent, &quote, &w, e);

	if (code == ASSAY_OK && check(buf_bytes(&quote), ask->data, e) != ASSAY_OK)
		code = err_wrap(e, "%s", w.name);
	if (code != ASSAY_OK && w.missing.n > 0)
		return err_wrap(e, "%s", buf_cstr(&w.missing));
	TRY(code);
	buf_put(out, quote.p, quote.n);
	return buf_ok(out, e);
}

bool tdx_there(const struct guest_calls *calls)
{
	CLEANUP(tsm_leave) struct tsm_entry      entry = { 0 };
	CLEANUP(tdx_guest_done) struct tdx_guest g     = { 0 };
	struct assay_err                         why   = { 0 };

	if (tsm_enter(calls, &entry, &why) == ASSAY_OK)
		return true;
	/* one that may not be opened is there */
	return tdx_guest_open(calls, &g, &why) != ASSAY_TD_ABSENT;
}
