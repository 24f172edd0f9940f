/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/tdx_tcb.h"

#include <stdio.h>

#include "base/hex.h"
#include "base/utc.h"

/* Whose module is judged by its identity: its own two bytes of TEE_TCB_SVN do not count among the platform's. */
static size_t first_part(struct bytes svn)
{
	return svn.p[1] > 0 ? 2 : 0;
}

static bool sgx_fits(const struct tcb_level *l, const struct pck *p)
{
	for (size_t i = 0; i < TCB_PARTS; i++)
		if (p->component[i] < l->sgx[i])
			return false;
	return p->pcesvn >= l->pcesvn;
}

static bool tdx_fits(const struct tcb_level *l, struct bytes svn)
{
	for (size_t i = first_part(svn); i < TCB_PARTS; i++)
		if (svn.p[i] < l->tdx[i])
			return false;
	return true;
}

static void put_part(struct buf *out, const char *kind, size_t i, const char *called,
	unsigned is, unsigned wanted)
{
	buf_printf(out, "%s%s component %zu%s%s%s is %u, not %u", out->n == 0 ? "" : ", ", kind,
		i + 1, called[0] == 0 ? "" : " (", called, called[0] == 0 ? "" : ")", is,
		wanted);
}

/* What is below one level. */
static void put_low(
	const struct tcb_level *l, const struct pck *p, struct bytes svn, struct buf *out)
{
	for (size_t i = 0; i < TCB_PARTS; i++)
		if (p->component[i] < l->sgx[i])
			put_part(out, "SGX", i, l->sgx_part[i], p->component[i], l->sgx[i]);
	if (p->pcesvn < l->pcesvn)
		buf_printf(out, "%sPCESVN is %u, not %u", out->n == 0 ? "" : ", ", p->pcesvn,
			l->pcesvn);
	for (size_t i = first_part(svn); i < TCB_PARTS; i++)
		if (svn.p[i] < l->tdx[i])
			put_part(out, "TDX", i, l->part[i], svn.p[i], l->tdx[i]);
}

void tcb_low(const struct tcb_info *t, const struct pck *p, struct bytes svn, struct buf *out)
{
	put_low(&t->level[0], p, svn, out);
}

static enum assay_code unsupported(
	const struct tcb_info *t, const struct pck *p, struct bytes svn, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf low = { 0 };

	put_low(&t->level[t->levels - 1], p, svn, &low);
	TRY(buf_ok(&low, e));
	return err_set(e, ASSAY_TCB_NOT_SUPPORTED, "no level fits; for the lowest, %s",
		low.n == 0 ? "parts of different levels" : buf_cstr(&low));
}

enum assay_code tcb_platform(const struct tcb_info *t, const struct pck *p, struct bytes svn,
	struct tcb_result *r, struct assay_err *e)
{
	size_t sgx = 0, tdx;

	while (sgx < t->levels && !sgx_fits(&t->level[sgx], p))
		sgx++;
	tdx = sgx;
	while (tdx < t->levels &&
		!(sgx_fits(&t->level[tdx], p) && tdx_fits(&t->level[tdx], svn)))
		tdx++;
	r->sgx = sgx < t->levels ? &t->level[sgx] : NULL;
	r->tdx = tdx < t->levels ? &t->level[tdx] : NULL;
	if (tdx == t->levels)
		return unsupported(t, p, svn, e);
	/* T6 and T11: of the SGX level too */
	r->platform = r->sgx->verdict.status == TCB_REVOKED ||
			r->sgx->verdict.status == TCB_UNRECOGNIZED
		? r->sgx->verdict.status
		: r->tdx->verdict.status;
	return ASSAY_OK;
}

static const struct tcb_isv_level *isv_level(
	const struct tcb_isv_level *list, size_t n, unsigned svn)
{
	for (size_t i = 0; i < n; i++)
		if (svn >= list[i].isvsvn)
			return &list[i];
	return NULL;
}

static enum assay_code check_signer(
	const struct tcb_signer *s, const struct tdx_td *td, struct assay_err *e)
{
	if (!bytes_equal(td->mrsignerseam, BYTES_OF(s->mrsigner)))
		return err_set(e, ASSAY_TCB_MODULE_MISMATCH, "MRSIGNERSEAM is %.32s...",
			HEX(td->mrsignerseam));
	if ((td->seam_attributes & s->mask) != (s->attributes & s->mask) ||
		(td->seam_attributes & ~s->mask) != 0)
		return err_set(e, ASSAY_TCB_MODULE_MISMATCH,
			"the module's attributes are 0x%016llx",
			(unsigned long long)td->seam_attributes);
	return ASSAY_OK;
}

enum assay_code tcb_module(const struct tcb_info *t, const struct tdx_td *td,
	struct tcb_result *r, struct assay_err *e)
{
	unsigned svn = td->svn.p[0], version = td->svn.p[1];

	r->module       = NULL;
	r->module_level = NULL;
	if (version == 0) {
		TRY(check_signer(&t->module0, td, e));
		r->of_module = TCB_UP_TO_DATE;
		return ASSAY_OK;
	}
	r->module = tcb_info_module(t, (uint8_t)version);
	if (r->module == NULL)
		return err_set(e, ASSAY_TCB_MODULE_MISMATCH,
			"the TCB info does not list TDX_%02X", version);
	TRY(check_signer(&r->module->signer, td, e));
	r->module_level = isv_level(r->module->level, r->module->levels, svn);
	if (r->module_level == NULL)
		return err_set(e, ASSAY_TCB_NOT_SUPPORTED,
			"TDX_%02X of version %u is older than any on the list", version, svn);
	r->of_module = r->module_level->verdict.status;
	return ASSAY_OK;
}

enum assay_code tcb_qe(
	const struct qe_identity *q, uint16_t isvsvn, struct tcb_result *r, struct assay_err *e)
{
	r->qe_level = isv_level(q->level, q->levels, isvsvn);
	if (r->qe_level == NULL)
		return err_set(
			e, ASSAY_QE_SVN, "ISVSVN %u, older than any on the list", isvsvn);
	r->of_qe = r->qe_level->verdict.status;
	return ASSAY_OK;
}

/* A status of a module or QE is good, old or revoked; what else a QE may say counts as old (T8). */
enum tcb_status tcb_merge(enum tcb_status platform, enum tcb_status other)
{
	if (platform == TCB_UNRECOGNIZED || other == TCB_UNRECOGNIZED)
		return TCB_UNRECOGNIZED;
	if (platform == TCB_REVOKED || other == TCB_REVOKED)
		return TCB_REVOKED;
	if (other == TCB_UP_TO_DATE)
		return platform;
	switch (platform) {
	case TCB_CONFIGURATION:
	case TCB_CONFIGURATION_HARDENING:
	case TCB_RELAUNCH_CONFIGURATION:
	case TCB_OUT_OF_DATE_CONFIGURATION:
		return TCB_OUT_OF_DATE_CONFIGURATION;
	default:
		return TCB_OUT_OF_DATE;
	}
}

static bool about_configuration(enum tcb_status s)
{
	return s == TCB_CONFIGURATION || s == TCB_CONFIGURATION_HARDENING ||
		s == TCB_OUT_OF_DATE_CONFIGURATION;
}

static bool patched(enum tcb_status s)
{
	return s == TCB_UP_TO_DATE || s == TCB_HARDENING || s == TCB_CONFIGURATION ||
		s == TCB_CONFIGURATION_HARDENING;
}

/* T9: is the module that is loaded now the latest? */
static enum assay_code loaded_latest(
	const struct tcb_info *t, struct bytes now, bool *latest, struct assay_err *e)
{
	const struct tcb_level  *top = &t->level[0];
	const struct tcb_module *m;

	if (now.p[1] == 0) {
		*latest = now.p[0] >= top->tdx[0] && now.p[2] >= top->tdx[2];
		return ASSAY_OK;
	}
	m = tcb_info_module(t, now.p[1]);
	if (m == NULL)
		return err_set(e, ASSAY_TCB_MODULE_MISMATCH,
			"the TCB info does not list TDX_%02X, which is loaded now", now.p[1]);
	*latest = now.p[0] >= m->level[0].isvsvn && now.p[2] >= top->tdx[2];
	return ASSAY_OK;
}

/* T9: the platform is patched, but this TD was started under an old module. */
static enum assay_code relaunch(const struct tcb_info *t, const struct tdx_td *td,
	struct tcb_result *r, struct assay_err *e)
{
	bool latest = false;

	if (td->svn2.n == 0 || r->of_qe == TCB_OUT_OF_DATE || r->of_qe == TCB_REVOKED ||
		r->of_qe == TCB_UNRECOGNIZED || !patched(r->sgx->verdict.status) ||
		(r->merged != TCB_OUT_OF_DATE && r->merged != TCB_OUT_OF_DATE_CONFIGURATION) ||
		r->of_module != TCB_OUT_OF_DATE)
		return ASSAY_OK;
	TRY(loaded_latest(t, td->svn2, &latest, e));
	if (latest)
		r->merged = about_configuration(r->sgx->verdict.status) ||
				about_configuration(r->merged)
			? TCB_RELAUNCH_CONFIGURATION
			: TCB_RELAUNCH;
	return ASSAY_OK;
}

enum assay_code tcb_together(const struct tcb_info *t, const struct tdx_td *td,
	struct tcb_result *r, struct assay_err *e)
{
	r->merged = tcb_merge(r->platform, r->of_module);
	TRY(relaunch(t, td, r, e));
	r->merged = tcb_merge(r->merged, r->of_qe);
	r->date   = r->tdx->verdict.date;
	if (r->module_level != NULL && r->module_level->verdict.date < r->date)
		r->date = r->module_level->verdict.date;
	if (r->qe_level != NULL && r->qe_level->verdict.date < r->date)
		r->date = r->qe_level->verdict.date;
	return ASSAY_OK;
}

static bool listed(const struct tcb_advisories *list, const char *id)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->id[i], id) == 0)
			return true;
	return false;
}

enum assay_code tcb_accept(const struct tdx_rules *rules, enum tcb_status status, int64_t date,
	const struct tcb_advisories *advisories, struct assay_err *e)
{
	if (status == TCB_REVOKED)
		return err_set(e, ASSAY_TCB_REVOKED, "Revoked");
	if (status == TCB_UNRECOGNIZED)
		return err_set(e, ASSAY_TCB_UNRECOGNIZED, "a status that is not known");
	if (rules->minimum_date != 0 && date < rules->minimum_date)
		return err_set(e, ASSAY_TCB_DATE, "the level is of %s, the policy asks for %s",
			UTC(date), UTC(rules->minimum_date));
	if (status == TCB_UP_TO_DATE)
		return ASSAY_OK;
	if (!rules->accept[status])
		return err_set(e, ASSAY_TCB_STATUS, "%s", tcb_status_name(status));
	if (status == TCB_HARDENING || status == TCB_CONFIGURATION_HARDENING)
		for (size_t i = 0; i < advisories->n; i++)
			if (!listed(&rules->advisories, advisories->id[i]))
				return err_set(e, ASSAY_TCB_ADVISORY, "%s: %s",
					tcb_status_name(status), advisories->id[i]);
	return ASSAY_OK;
}

enum assay_code tcb_add_advisories(const struct tcb_advisories *from,
	const struct tcb_verdict *v, struct tcb_advisories *to, struct assay_err *e)
{
	for (size_t i = v->advisory; i < v->advisory + v->advisories; i++) {
		if (listed(to, from->id[i]))
			continue;
		if (to->n == to->cap) {
			size_t cap                = to->cap == 0 ? 32 : 2 * to->cap;
			char(*more)[TCB_ADVISORY] = mem_resize(to->id, cap, sizeof(*more));

			if (more == NULL)
				return err_no_memory(e);
			to->id  = more;
			to->cap = cap;
		}
		memcpy(to->id[to->n++], from->id[i], TCB_ADVISORY);
	}
	return ASSAY_OK;
}
