/* SPDX-License-Identifier: Apache-2.0
 *
 * Quoting enclave, TDX module and platform against Intel's lists, and against what the policy accepts.
 *
 * Source: tdx 5.5 (Q4), 5.6, 5.7. */
#include "base/hex.h"
#include "base/utc.h"
#include "verify/tdx.h"
#include "verify/tdx_tcb.h"

#define QE_DEBUG 2 /* of the first byte of ATTRIBUTES */

static bool masked_equal(struct bytes is, const uint8_t *want, const uint8_t *mask)
{
	for (size_t i = 0; i < is.n; i++)
		if ((is.p[i] & mask[i]) != (want[i] & mask[i]))
			return false;
	return true;
}

static enum assay_code check_enclave(
	const struct qe_identity *want, const struct tdx_qe *qe, struct assay_err *e)
{
	if (!masked_equal(qe->miscselect, want->miscselect, want->miscselect_mask))
		return err_set(e, ASSAY_QE_MISC, "MISCSELECT is %s", HEX(qe->miscselect));
	if ((qe->attributes.p[0] & QE_DEBUG) != 0)
		return err_set(e, ASSAY_QE_DEBUG, "its debug attribute is set");
	if (!masked_equal(qe->attributes, want->attributes, want->attributes_mask))
		return err_set(
			e, ASSAY_QE_ATTRIBUTES, "ATTRIBUTES are %s", HEX(qe->attributes));
	if (!bytes_equal(qe->mrsigner, BYTES_OF(want->mrsigner)))
		return err_set(e, ASSAY_QE_SIGNER, "MRSIGNER is %s", HEX(qe->mrsigner));
	if (qe->isvprodid != want->isvprodid)
		return err_set(e, ASSAY_QE_PRODUCT, "ISVPRODID is %u, not %u", qe->isvprodid,
			want->isvprodid);
	return ASSAY_OK;
}

/* What the level says of itself, for a message: "OutOfDate, of 2024-03-13T00:00:00Z". */
static void put_verdict(const struct tcb_verdict *v, struct buf *out)
{
	buf_printf(out, "%s, of %.10s",
		v->status == TCB_UNRECOGNIZED ? v->named : tcb_status_name(v->status),
		UTC(v->date));
}

static void put_advisories(const struct tcb_advisories *a, struct buf *out)
{
	for (size_t i = 0; i < a->n; i++)
		buf_printf(out, "%s%s", i == 0 ? "; " : " ", a->id[i]);
}

/* One level against the policy; on a refusal what is there is shown. */
static enum assay_code judge(struct inquiry *q, const struct tcb_advisories *from,
	const struct tcb_verdict *v, enum tcb_status status, struct assay_err *e)
{
	struct tcb_advisories own  = { .id = v->advisories == 0 ? NULL : from->id + v->advisory,
		 .n                        = v->advisories }; /* lent */
	enum assay_code       code = tcb_accept(tdx_rules_of(q->c), status, v->date, &own, e);

	if (code == ASSAY_OK)
		return ASSAY_OK;
	put_verdict(v, &q->observed);
	put_advisories(&own, &q->observed);
	return code;
}

enum assay_code ask_qe_identity(struct inquiry *q, struct assay_err *e)
{
	struct guest             *g     = q->facts->guest;
	const struct qe_identity *want  = &g->item[PCS_IDENTITY]->identity;
	const struct tdx_qe      *qe    = &g->quote.qe;
	const struct tdx_rules   *rules = tdx_rules_of(q->c);
	enum tcb_status           status;

	TRY(check_enclave(want, qe, e));
	if (qe->isvsvn < rules->qe_svn)
		return err_set(e, ASSAY_TD_SVN, "ISVSVN %u, the policy asks for %lld",
			qe->isvsvn, (long long)rules->qe_svn);
	TRY(tcb_qe(want, qe->isvsvn, &g->tcb, e));
	TRY(tcb_add_advisories(
		&want->advisories, &g->tcb.qe_level->verdict, &g->advisories, e));
	g->qe_known = true;
	status      = tcb_merge(TCB_UP_TO_DATE, g->tcb.of_qe);
	TRY(judge(q, &want->advisories, &g->tcb.qe_level->verdict, status, e));
	inquiry_say(q, "ISVSVN %u, %s", qe->isvsvn, tcb_status_name(g->tcb.of_qe));
	return ASSAY_OK;
}

/* A module that is old is forgiven where the whole is no more than a relaunch, and the policy accepts that. */
static enum tcb_status module_status(
	const struct guest *g, const struct tcb_info *t, const struct tdx_rules *rules)
{
	struct tcb_result r   = g->tcb;
	struct assay_err  why = { 0 };

	if (g->qe_known && tcb_platform(t, &g->pck, g->quote.td.svn, &r, &why) == ASSAY_OK &&
		tcb_together(t, &g->quote.td, &r, &why) == ASSAY_OK &&
		(r.merged == TCB_RELAUNCH || r.merged == TCB_RELAUNCH_CONFIGURATION) &&
		rules->accept[r.merged])
		return r.merged;
	return g->tcb.of_module;
}

enum assay_code ask_tcb_module(struct inquiry *q, struct assay_err *e)
{
	struct guest               *g   = q->facts->guest;
	const struct tcb_info      *t   = &g->item[PCS_TCB_INFO]->tcb;
	struct bytes                svn = g->quote.td.svn;
	const struct tcb_isv_level *level;

	TRY(tcb_module(t, &g->quote.td, &g->tcb, e));
	g->module_known = true;
	level           = g->tcb.module_level;
	if (level == NULL) {
		inquiry_say(q, "TDX 1.0 module");
		return ASSAY_OK;
	}
	TRY(tcb_add_advisories(&t->advisories, &level->verdict, &g->advisories, e));
	TRY(judge(q, &t->advisories, &level->verdict, module_status(g, t, tdx_rules_of(q->c)),
		e));
	inquiry_say(
		q, "TDX_%02X, %u, %s", svn.p[1], svn.p[0], tcb_status_name(g->tcb.of_module));
	return ASSAY_OK;
}

static enum assay_code check_minimum(
	struct bytes is, const uint8_t min[TDX_SVN], const char *name, struct assay_err *e)
{
	if (is.n == 0 && !bytes_zero((struct bytes){ min, TDX_SVN }))
		return err_set(e, ASSAY_TD_SVN,
			"%s: the quote has none, the policy asks for a minimum", name);
	for (size_t i = 0; i < is.n; i++)
		if (is.p[i] < min[i])
			return err_set(e, ASSAY_TD_SVN,
				"%s: part %zu is %u, the policy asks for %u", name, i, is.p[i],
				min[i]);
	return ASSAY_OK;
}

static enum assay_code check_versions(
	const struct guest *g, const struct tdx_rules *rules, struct assay_err *e)
{
	TRY(check_minimum(g->quote.td.svn, rules->svn, "TEE_TCB_SVN", e));
	TRY(check_minimum(g->quote.td.svn2, rules->svn2, "TEE_TCB_SVN2", e));
	if (g->pck.pcesvn < rules->pce_svn)
		return err_set(e, ASSAY_TD_SVN, "PCESVN %u, the policy asks for %lld",
			g->pck.pcesvn, (long long)rules->pce_svn);
	return ASSAY_OK;
}

/* All that fits is counted before anything is refused, so that the operator sees the whole. */
static enum assay_code levels(struct inquiry *q, struct assay_err *e)
{
	struct guest          *g = q->facts->guest;
	const struct tcb_info *t = &g->item[PCS_TCB_INFO]->tcb;

	TRY(tcb_platform(t, &g->pck, g->quote.td.svn, &g->tcb, e));
	TRY(tcb_add_advisories(&t->advisories, &g->tcb.tdx->verdict, &g->advisories, e));
	if (!g->module_known)
		q->because = CHECK_TDX_TCB_MODULE;
	else if (!g->qe_known)
		q->because = CHECK_TDX_QE_IDENTITY;
	return q->because != CHECK_NONE ? ASSAY_OK : tcb_together(t, &g->quote.td, &g->tcb, e);
}

/* The status as it stands in the document: of the first level whose status nobody knows. */
static const char *named(const struct tcb_result *r)
{
	if (r->merged != TCB_UNRECOGNIZED)
		return tcb_status_name(r->merged);
	return r->sgx->verdict.status == TCB_UNRECOGNIZED ? r->sgx->verdict.named
							  : r->tdx->verdict.named;
}

enum assay_code ask_tcb(struct inquiry *q, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf low   = { 0 };
	struct guest                *g     = q->facts->guest;
	const struct tcb_info       *t     = &g->item[PCS_TCB_INFO]->tcb;
	const struct tdx_rules      *rules = tdx_rules_of(q->c);
	enum assay_code              code;

	TRY(levels(q, e));
	if (q->because != CHECK_NONE)
		return ASSAY_OK;
	code = tcb_accept(rules, g->tcb.merged, g->tcb.date, &g->advisories, e);
	tcb_low(t, &g->pck, g->quote.td.svn, &low);
	TRY(buf_ok(&low, e));
	if (code != ASSAY_OK) {
		put_verdict(&g->tcb.tdx->verdict, &q->observed);
		put_advisories(&g->advisories, &q->observed);
		return low.n == 0 ? code
				  : err_set(e, code, "%s: %s", named(&g->tcb), buf_cstr(&low));
	}
	TRY(check_versions(g, rules, e));
	inquiry_say(q, "%s%s, level of %.10s", tcb_status_name(g->tcb.merged),
		g->tcb.merged == TCB_UP_TO_DATE ? "" : ", which the policy accepts",
		UTC(g->tcb.date));
	return ASSAY_OK;
}
