/* SPDX-License-Identifier: Apache-2.0 */
#include "report/guest.h"

#include "base/hex.h"
#include "base/utc.h"

const char *const guest_residual[3] = {
	"that no malicious software, measured as it is, relays a GPU of another machine",
	"what became of the devices between their check at boot and now",
	"that nobody has taken the processor's attestation key out of it by physical means",
};

bool guest_bound(const struct facts *f)
{
	return f->guest != NULL && f->devices > 0;
}

static bool put(json_t *object, const char *name, json_t *value)
{
	return json_object_set_new(object, name, value) == 0;
}

static bool put_hex(json_t *object, const char *name, struct bytes in)
{
	return in.n == 0 || put(object, name, json_hex(in));
}

static json_t *number_hex(uint64_t v)
{
	uint8_t be[8];

	for (size_t i = 0; i < sizeof(be); i++)
		be[i] = (uint8_t)(v >> (56 - 8 * i));
	return json_hex(BYTES_OF(be));
}

static json_t *registers(const struct tdx_td *td)
{
	AUTO(json_t) *list = json_array();

	for (size_t i = 0; i < TDX_RTMR; i++)
		if (json_array_append_new(list, json_hex(td->rtmr[i])) != 0)
			return NULL;
	return TAKE(list);
}

static bool put_td(json_t *o, const struct guest *g)
{
	const struct tdx_td *td = &g->quote.td;

	return put(o, "quote", json_integer(g->quote.version)) &&
		put(o, "td", json_string(g->quote.body == TDX_TD15 ? "1.5" : "1.0")) &&
		put_hex(o, "svn", td->svn) && put_hex(o, "svn2", td->svn2) &&
		put(o, "attributes", number_hex(td->attributes)) &&
		put(o, "xfam", number_hex(td->xfam)) && put_hex(o, "mrseam", td->mrseam) &&
		put_hex(o, "mrtd", td->mrtd) && put_hex(o, "mrconfigid", td->mrconfigid) &&
		put_hex(o, "mrowner", td->mrowner) &&
		put_hex(o, "mrownerconfig", td->mrownerconfig) &&
		put_hex(o, "mrservicetd", td->mrservicetd) && put(o, "rtmr", registers(td)) &&
		put_hex(o, "reportdata", td->reportdata) &&
		put(o, "event_log", json_boolean(g->replayed)) &&
		put(o, "identity_unconstrained", json_boolean(g->unconstrained));
}

/* Status by status: what no level was found for is left out. */
static json_t *tcb(const struct guest *g)
{
	AUTO(json_t)            *o = json_object(), *ids = json_array();
	const struct tcb_result *r  = &g->tcb;
	bool                     ok = true, whole = g->held[CHECK_TDX_TCB];
	const struct {
		const char     *name;
		bool            is;
		enum tcb_status status;
	} rows[] = {
		{ "status", r->tdx != NULL && g->module_known && g->qe_known, r->merged },
		{ "platform", r->tdx != NULL, r->platform },
		{ "module", g->module_known, r->of_module },
		{ "enclave", g->qe_known, r->of_qe },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].is && rows[i].status != TCB_UNRECOGNIZED)
			ok = ok &&
				put(o, rows[i].name,
					json_string(tcb_status_name(rows[i].status)));
	if (rows[0].is)
		ok = ok && put(o, "date", json_utc(r->date));
	for (size_t i = 0; ok && i < g->advisories.n; i++)
		ok = json_array_append_new(ids, json_string(g->advisories.id[i])) == 0;
	if (g->item[PCS_TCB_INFO] != NULL)
		ok = ok &&
			put(o, "evaluation",
				json_integer(g->item[PCS_TCB_INFO]->tcb.evaluation));
	ok = ok && put(o, "advisories", TAKE(ids)) && put(o, "accepted", json_boolean(whole));
	return ok ? TAKE(o) : NULL;
}

struct span {
	int64_t issued[2], expires[2]; /* the earliest, the latest */
};

static void widen(struct span *s, int64_t issued, int64_t expires)
{
	if (issued < s->issued[0])
		s->issued[0] = issued;
	if (issued > s->issued[1])
		s->issued[1] = issued;
	if (expires < s->expires[0])
		s->expires[0] = expires;
	if (expires > s->expires[1])
		s->expires[1] = expires;
}

static void widen_chain(struct span *s, const struct chain *c)
{
	struct assay_err none = { 0 };
	int64_t          from, to;

	for (size_t i = 0; i < c->n; i++)
		if (cert_validity(c->cert[i], &from, &to, &none) == ASSAY_OK)
			widen(s, from, to);
}

/* Over all that was signed with a date (tdx 5.8). */
static json_t *dates(const struct guest *g)
{
	struct span s = { { UTC_MAX, 0 }, { UTC_MAX, 0 } };

	widen_chain(&s, &g->chain);
	for (size_t i = 0; i < PCS_ITEMS; i++) {
		const struct pcs_known *k = g->item[i];

		if (k == NULL)
			continue;
		widen_chain(&s, &k->signer);
		if (i == PCS_TCB_INFO)
			widen(&s, k->tcb.issued, k->tcb.next);
		else if (i == PCS_IDENTITY)
			widen(&s, k->identity.issued, k->identity.next);
		else
			widen(&s, k->crl.this_update, k->crl.next_update);
	}
	return json_pack("{s:o, s:o, s:o, s:o}", "earliest_issue", json_utc(s.issued[0]),
		"latest_issue", json_utc(s.issued[1]), "earliest_expiration",
		json_utc(s.expires[0]), "latest_expiration", json_utc(s.expires[1]));
}

json_t *guest_json(const struct guest *g)
{
	AUTO(json_t) *o  = json_object();
	bool          ok = put(o, "subject", json_string("tdx"));

	if (g->held[CHECK_TDX_PCK_CHAIN])
		ok = ok && put(o, "arch", json_string("TDX")) &&
			put_hex(o, "fmspc", BYTES_OF(g->pck.fmspc)) &&
			put(o, "dates", dates(g));
	if (g->held[CHECK_TDX_QUOTE_SIGNATURE])
		ok = ok && put_td(o, g) && put(o, "tcb", tcb(g));
	return ok ? TAKE(o) : NULL;
}

void guest_text(const struct guest *g, struct buf *out)
{
	buf_text(out, "tdx  ");
	if (!g->held[CHECK_TDX_QUOTE_SIGNATURE]) {
		buf_text(out, "no quote that holds\n\n");
		return;
	}
	buf_printf(out, "TD 1.%c, FMSPC %s", g->quote.body == TDX_TD15 ? '5' : '0',
		HEX(BYTES_OF(g->pck.fmspc)));
	if (g->tcb.tdx != NULL && g->module_known && g->qe_known)
		buf_printf(out, ", %s, level of %.10s", tcb_status_name(g->tcb.merged),
			UTC(g->tcb.date));
	buf_printf(out, ", MRTD %.16s...%s\n\n", HEX(g->quote.td.mrtd),
		g->replayed ? ", event log replayed" : "");
}
