/* SPDX-License-Identifier: Apache-2.0 */
#include "format/tcb_info.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/show.h"

void tcb_info_done(struct tcb_info *t)
{
	mem_free(t->module);
	mem_free(t->level);
	tcb_advisories_done(&t->advisories);
	*t = (struct tcb_info){ 0 };
}

const struct tcb_module *tcb_info_module(const struct tcb_info *t, uint8_t version)
{
	for (size_t i = 0; i < t->modules; i++)
		if (t->module[i].version == version)
			return &t->module[i];
	return NULL;
}

static enum assay_code read_head(const json_t *root, struct tcb_info *t, struct assay_err *e)
{
	struct bytes id;
	int64_t      version, type;

	TRY(json_get_text(root, "id", JSON_MUST, &id, e));
	TRY(tcb_number(root, "version", INT32_MAX, &version, e));
	if (!bytes_equal(id, BYTES("TDX")) || version != 3)
		return err_set(e, ASSAY_JSON_ID,
			"TCB info \"%s\" of version %lld, not TDX of 3", SHOW(id),
			(long long)version);
	TRY(tcb_date(root, "issueDate", &t->issued, e));
	TRY(tcb_date(root, "nextUpdate", &t->next, e));
	if (t->next <= t->issued)
		return err_set(e, ASSAY_JSON_DATE, "nextUpdate is not behind issueDate");
	TRY(tcb_hex(root, "fmspc", t->fmspc, sizeof(t->fmspc), e));
	TRY(tcb_hex(root, "pceId", t->pceid, sizeof(t->pceid), e));
	TRY(tcb_number(root, "tcbType", INT32_MAX, &type, e));
	if (type != 0)
		return err_set(e, ASSAY_JSON_ID, "TCB info of type %lld", (long long)type);
	return tcb_number(root, "tcbEvaluationDataNumber", INT32_MAX, &t->evaluation, e);
}

/* Attributes as the quote has them: little-endian bytes. */
static uint64_t little(const uint8_t in[8])
{
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | in[i];
	return v;
}

static enum assay_code read_signer(
	const json_t *object, struct tcb_signer *out, struct assay_err *e)
{
	uint8_t attributes[8], mask[8];

	TRY(tcb_hex(object, "mrsigner", out->mrsigner, sizeof(out->mrsigner), e));
	TRY(tcb_hex(object, "attributes", attributes, sizeof(attributes), e));
	TRY(tcb_hex(object, "attributesMask", mask, sizeof(mask), e));
	out->attributes = little(attributes);
	out->mask       = little(mask);
	return ASSAY_OK;
}

/* "TDX_" and two digits, of either case. */
static enum assay_code read_module(
	const json_t *object, struct tcb_info *t, struct tcb_module *m, struct assay_err *e)
{
	struct bytes id;

	TRY(json_get_text(object, "id", JSON_MUST, &id, e));
	if (id.n != 6 || (memcmp(id.p, "TDX_", 4) != 0 && memcmp(id.p, "tdx_", 4) != 0) ||
		hex_fixed((struct bytes){ id.p + 4, 2 }, &m->version, 1, e) != ASSAY_OK)
		return err_set(e, ASSAY_JSON_FIELD, "a TDX module \"%s\"", SHOW(id));
	if (tcb_info_module(t, m->version) != NULL)
		return err_set(e, ASSAY_JSON_FIELD, "two of TDX module \"%s\"", SHOW(id));
	TRY(read_signer(object, &m->signer, e));
	TRY(tcb_isv_levels(object, m->level, &m->levels, &t->advisories, e));
	for (size_t i = 0; i < m->levels; i++) { /* tdx 4.3: modules have these three */
		enum tcb_status *s = &m->level[i].verdict.status;

		if (*s != TCB_UP_TO_DATE && *s != TCB_OUT_OF_DATE && *s != TCB_REVOKED)
			*s = TCB_UNRECOGNIZED;
	}
	return ASSAY_OK;
}

static enum assay_code read_modules(const json_t *root, struct tcb_info *t, struct assay_err *e)
{
	json_t *list, *module0;
	size_t  n;

	TRY(json_get_object(root, "tdxModule", JSON_MUST, &module0, e));
	if (read_signer(module0, &t->module0, e) != ASSAY_OK)
		return err_wrap(e, "\"tdxModule\"");
	TRY(json_get_array(root, "tdxModuleIdentities", JSON_MAY, &list, e));
	n = json_array_size(list);
	if (n > TCB_MODULES)
		return err_set(e, ASSAY_JSON_FIELD, "more than %d TDX modules", TCB_MODULES);
	t->module = mem_new(n + 1, sizeof(*t->module));
	if (t->module == NULL)
		return err_no_memory(e);
	for (size_t i = 0; i < n; i++) {
		if (read_module(json_array_get(list, i), t, &t->module[i], e) != ASSAY_OK)
			return err_wrap(e, "\"tdxModuleIdentities\"[%zu]", i);
		t->modules++;
	}
	return ASSAY_OK;
}

static enum assay_code read_parts(const json_t *tcb, const char *name, uint8_t out[TCB_PARTS],
	char called[TCB_PARTS][32], struct assay_err *e)
{
	json_t      *list, *part;
	struct bytes type;
	int64_t      svn;
	size_t       i;

	TRY(json_get_array(tcb, name, JSON_MUST, &list, e));
	if (json_array_size(list) != TCB_PARTS)
		return err_set(e, ASSAY_JSON_FIELD, "\"%s\" has %zu components, not %d", name,
			json_array_size(list), TCB_PARTS);
	json_array_foreach(list, i, part)
	{
		TRY(tcb_number(part, "svn", UINT8_MAX, &svn, e));
		TRY(json_get_text(part, "type", JSON_MAY, &type, e));
		out[i] = (uint8_t)svn;
		snprintf(called[i], sizeof(called[i]), "%.31s", SHOW(type));
	}
	return ASSAY_OK;
}

static enum assay_code read_level(
	const json_t *object, struct tcb_info *t, struct tcb_level *l, struct assay_err *e)
{
	json_t *tcb;
	int64_t svn;

	TRY(json_get_object(object, "tcb", JSON_MUST, &tcb, e));
	TRY(read_parts(tcb, "sgxtcbcomponents", l->sgx, l->sgx_part, e));
	TRY(read_parts(tcb, "tdxtcbcomponents", l->tdx, l->part, e));
	TRY(tcb_number(tcb, "pcesvn", UINT16_MAX, &svn, e));
	l->pcesvn = (uint16_t)svn;
	return tcb_verdict_read(object, &l->verdict, &t->advisories, e);
}

/* T1: by SGX components, then PCESVN, then TDX components, the highest first. */
static int highest_first(const void *a, const void *b)
{
	const struct tcb_level *x = a, *y = b;
	int                     c = memcmp(y->sgx, x->sgx, TCB_PARTS);

	if (c == 0)
		c = (int)y->pcesvn - (int)x->pcesvn;
	return c != 0 ? c : memcmp(y->tdx, x->tdx, TCB_PARTS);
}

static enum assay_code read_levels(const json_t *root, struct tcb_info *t, struct assay_err *e)
{
	json_t *list;
	size_t  n;

	TRY(json_get_array(root, "tcbLevels", JSON_MUST, &list, e));
	n = json_array_size(list);
	if (n == 0 || n > TCB_LEVELS)
		return err_set(e, ASSAY_JSON_FIELD, "%zu TCB levels", n);
	t->level = mem_new(n, sizeof(*t->level));
	if (t->level == NULL)
		return err_no_memory(e);
	for (; t->levels < n; t->levels++)
		if (read_level(json_array_get(list, t->levels), t, &t->level[t->levels], e) !=
			ASSAY_OK)
			return err_wrap(e, "\"tcbLevels\"[%zu]", t->levels);
	qsort(t->level, n, sizeof(*t->level), highest_first);
	for (size_t i = 1; i < n; i++)
		if (highest_first(&t->level[i - 1], &t->level[i]) == 0)
			return err_set(e, ASSAY_JSON_FIELD, "two TCB levels are alike");
	return ASSAY_OK;
}

enum assay_code tcb_info_parse(struct bytes text, struct tcb_info *out, struct assay_err *e)
{
	CLEANUP(tcb_info_done) struct tcb_info t    = { 0 };
	AUTO(json_t)                          *root = NULL;

	TRY(tcb_tree(text, &root, e));
	TRY(read_head(root, &t, e));
	TRY(read_modules(root, &t, e));
	TRY(read_levels(root, &t, e));
	*out = t;
	t    = (struct tcb_info){ 0 };
	return ASSAY_OK;
}
