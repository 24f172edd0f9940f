/* SPDX-License-Identifier: Apache-2.0 */
#include "format/qe_identity.h"

#include "base/show.h"

void qe_identity_done(struct qe_identity *q)
{
	tcb_advisories_done(&q->advisories);
	*q = (struct qe_identity){ 0 };
}

static enum assay_code read_identity(
	const json_t *root, struct qe_identity *q, struct assay_err *e)
{
	struct bytes id;
	int64_t      version, product;

	TRY(json_get_text(root, "id", JSON_MUST, &id, e));
	TRY(tcb_number(root, "version", INT32_MAX, &version, e));
	if (!bytes_equal(id, BYTES("TD_QE")) || version != 2)
		return err_set(e, ASSAY_JSON_ID,
			"an enclave identity \"%s\" of version %lld, not TD_QE of 2", SHOW(id),
			(long long)version);
	TRY(tcb_date(root, "issueDate", &q->issued, e));
	TRY(tcb_date(root, "nextUpdate", &q->next, e));
	if (q->next <= q->issued)
		return err_set(e, ASSAY_JSON_DATE, "nextUpdate is not behind issueDate");
	TRY(tcb_number(root, "tcbEvaluationDataNumber", INT32_MAX, &q->evaluation, e));
	TRY(tcb_hex(root, "miscselect", q->miscselect, sizeof(q->miscselect), e));
	TRY(tcb_hex(root, "miscselectMask", q->miscselect_mask, sizeof(q->miscselect_mask), e));
	TRY(tcb_hex(root, "attributes", q->attributes, sizeof(q->attributes), e));
	TRY(tcb_hex(root, "attributesMask", q->attributes_mask, sizeof(q->attributes_mask), e));
	TRY(tcb_hex(root, "mrsigner", q->mrsigner, sizeof(q->mrsigner), e));
	TRY(tcb_number(root, "isvprodid", UINT16_MAX, &product, e));
	q->isvprodid = (uint16_t)product;
	return tcb_isv_levels(root, q->level, &q->levels, &q->advisories, e);
}

enum assay_code qe_identity_parse(
	struct bytes text, struct qe_identity *out, struct assay_err *e)
{
	CLEANUP(qe_identity_done) struct qe_identity q    = { 0 };
	AUTO(json_t)                                *root = NULL;

	TRY(tcb_tree(text, &root, e));
	TRY(read_identity(root, &q, e));
	*out = q;
	q    = (struct qe_identity){ 0 };
	return ASSAY_OK;
}
