/* SPDX-License-Identifier: Apache-2.0 */
#include "appraise/policy_tdx.h"

#include <stdio.h>

#include "base/hex.h"
#include "base/show.h"
#include "base/utc.h"

static enum assay_code value(const char *name, const char *what, struct assay_err *e)
{
	return err_set(e, ASSAY_POLICY_FIELD, "\"%s\" is not %s", name, what);
}

/* How a requirement is written, and where it goes. */
enum form { FLAG, NUMBER, TIME, MASK, PARTS };

#define YEAR_2015 INT64_C(1420070400)

#define AT(member) offsetof(struct tdx_rules, member)
static const struct {
	const char *name;
	enum form   form;
	size_t      at, given; /* given: a flag that it was said; 0: none */
	int64_t     max;
} rows[] = {
	{ "tdx.required", FLAG, AT(asked), 0, 0 },
	{ "tdx.debug", FLAG, AT(debug), 0, 0 },
	{ "tdx.identity", FLAG, AT(identified), 0, 0 },
	{ "tdx.eventlog", FLAG, AT(eventlog), 0, 0 },
	{ "tdx.evaluation.unequal", FLAG, AT(unequal_evaluation), 0, 0 },
	{ "tdx.evaluation.minimum", NUMBER, AT(minimum_evaluation), 0, INT32_MAX },
	{ "tdx.qe.minimum", NUMBER, AT(qe_svn), 0, UINT16_MAX },
	{ "tdx.pce.minimum", NUMBER, AT(pce_svn), 0, UINT16_MAX },
	{ "tdx.tcb.minimum-date", TIME, AT(minimum_date), 0, 0 },
	{ "tdx.attributes.must", MASK, AT(attributes_must), AT(must_given), 0 },
	{ "tdx.attributes.may", MASK, AT(attributes_may), AT(may_given), 0 },
	{ "tdx.xfam.must", MASK, AT(xfam_must), 0, 0 },
	{ "tdx.xfam.may", MASK, AT(xfam_may), AT(xfam_given), 0 },
	{ "tdx.svn.minimum", PARTS, AT(svn), 0, 0 },
	{ "tdx.svn2.minimum", PARTS, AT(svn2), 0, 0 },
	{ "node.binding.event", FLAG, AT(event), 0, 0 },
};

static enum assay_code read_mask(
	const json_t *v, const char *name, uint64_t *out, struct assay_err *e)
{
	uint8_t be[8];

	if (hex_fixed(bytes_text(json_string_value(v)), be, sizeof(be), e) != ASSAY_OK)
		return value(name, "16 hexadecimal digits", e);
	*out = 0;
	for (size_t i = 0; i < sizeof(be); i++)
		*out = *out << 8 | be[i];
	return ASSAY_OK;
}

static enum assay_code read_row(
	size_t i, const json_t *v, struct tdx_rules *rules, struct assay_err *e)
{
	const char *name = rows[i].name;
	uint8_t    *at   = (uint8_t *)rules + rows[i].at;
	int64_t     n    = 0;
	uint64_t    mask = 0;
	bool        flag;

	switch (rows[i].form) {
	case FLAG:
		if (!json_is_boolean(v))
			return value(name, "true or false", e);
		if (json_is_false(v))
			return ASSAY_OK; /* what another requirement has set stays */
		flag = true;
		memcpy(at, &flag, sizeof(flag));
		break;
	case NUMBER:
		n = json_integer_value(v);
		if (!json_is_integer(v) || n < 0 || n > rows[i].max)
			return value(name, "a number in its range", e);
		memcpy(at, &n, sizeof(n));
		break;
	case TIME: /* before the first level it would ask for nothing */
		if (utc_parse(bytes_text(json_string_value(v)), &n, e) != ASSAY_OK ||
			n < YEAR_2015)
			return value(
				name, "a time such as 2026-11-23T07:15:00Z, from 2015 on", e);
		memcpy(at, &n, sizeof(n));
		break;
	case MASK:
		TRY(read_mask(v, name, &mask, e));
		memcpy(at, &mask, sizeof(mask));
		break;
	case PARTS:
		if (hex_fixed(bytes_text(json_string_value(v)), at, TDX_SVN, e) != ASSAY_OK)
			return value(name, "32 hexadecimal digits", e);
	}
	if (rows[i].given != 0) {
		flag = true;
		memcpy((uint8_t *)rules + rows[i].given, &flag, sizeof(flag));
	}
	return ASSAY_OK;
}

static enum assay_code read_list(
	enum tdx_list i, const json_t *v, struct tdx_rules *rules, struct assay_err *e)
{
	const struct tdx_list_row *row = &tdx_list_rows[i];
	size_t                     n   = json_array_size(v);

	if (!json_is_array(v) || n == 0 || n > TDX_LIST_MAX)
		return value(row->name, "a list of 1 to 256 values", e);
	rules->list[i].value = mem_new(n, sizeof(*rules->list[i].value));
	if (rules->list[i].value == NULL)
		return err_no_memory(e);
	for (size_t k = 0; k < n; k++)
		if (hex_fixed(bytes_text(json_string_value(json_array_get(v, k))),
			    rules->list[i].value[k], row->size, e) != ASSAY_OK)
			return err_set(e, ASSAY_POLICY_FIELD,
				"\"%s\" is not a list of %zu hexadecimal digits each",
				row->name, 2 * row->size);
	rules->list[i].n = n;
	return ASSAY_OK;
}

static enum assay_code read_statuses(
	const json_t *v, struct tdx_rules *rules, struct assay_err *e)
{
	json_t *name;
	size_t  i;

	if (!json_is_array(v))
		return value("tdx.tcb.accept", "a list of statuses", e);
	json_array_foreach(v, i, name)
	{
		enum tcb_status s = tcb_status_find(bytes_text(json_string_value(name)));

		if (s == TCB_UNRECOGNIZED)
			return value("tdx.tcb.accept", "a list of statuses that Intel has", e);
		if (s == TCB_REVOKED)
			return err_set(e, ASSAY_POLICY_FIELD,
				"\"tdx.tcb.accept\": Revoked is never accepted");
		rules->accept[s] = true;
	}
	return ASSAY_OK;
}

static enum assay_code read_advisories(
	const json_t *v, struct tdx_rules *rules, struct assay_err *e)
{
	size_t n = json_array_size(v);

	if (!json_is_array(v) || n == 0 || n > TCB_ADVISORIES)
		return value("tdx.tcb.advisories", "a list of 1 to 256 advisories", e);
	rules->advisories.id = mem_new(n, sizeof(*rules->advisories.id));
	if (rules->advisories.id == NULL)
		return err_no_memory(e);
	for (size_t i = 0; i < n; i++) {
		struct bytes id = bytes_text(json_string_value(json_array_get(v, i)));

		if (id.n == 0 || id.n >= TCB_ADVISORY)
			return value("tdx.tcb.advisories", "a list of advisory ids", e);
		snprintf(rules->advisories.id[i], TCB_ADVISORY, "%s", SHOW(id));
	}
	rules->advisories.n = rules->advisories.cap = n;
	return ASSAY_OK;
}

static enum assay_code read_any(const char *name, const json_t *v, struct tdx_rules *rules,
	bool *known, struct assay_err *e)
{
	*known = true;
	if (strcmp(name, "tdx.tcb.accept") == 0)
		return read_statuses(v, rules, e);
	if (strcmp(name, "tdx.tcb.advisories") == 0)
		return read_advisories(v, rules, e);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(name, rows[i].name) == 0)
			return read_row(i, v, rules, e);
	for (size_t i = 0; i < TDX_LIST_COUNT; i++)
		if (strcmp(name, tdx_list_rows[i].name) == 0)
			return read_list((enum tdx_list)i, v, rules, e);
	*known = false;
	return ASSAY_OK;
}

enum assay_code policy_tdx(const char *name, const json_t *v, struct tdx_rules *rules,
	bool *known, struct assay_err *e)
{
	TRY(read_any(name, v, rules, known, e));
	/* whoever says how the guest must be, means that there is one: evidence without its quote shall not pass */
	if (*known && strcmp(name, "tdx.required") != 0)
		rules->asked = true;
	return ASSAY_OK;
}

/* What is old is accepted down to a date, or it would be accepted for ever (tdx 5.7); what can be moved to another machine
 * is, where the policy says by whom (2.7). */
enum assay_code policy_tdx_whole(const struct tdx_rules *rules, struct assay_err *e)
{
	if ((rules->accept[TCB_OUT_OF_DATE] || rules->accept[TCB_OUT_OF_DATE_CONFIGURATION]) &&
		rules->minimum_date == 0)
		return err_set(e, ASSAY_POLICY_FIELD,
			"\"tdx.tcb.accept\": OutOfDate needs \"tdx.tcb.minimum-date\" beside it");
	if (rules->must_given != rules->may_given)
		return err_set(e, ASSAY_POLICY_FIELD,
			"\"tdx.attributes.must\" and \"tdx.attributes.may\": give both, or neither");
	if (rules->must_given &&
		(rules->attributes_must & ~rules->attributes_may & ~TDX_DEBUG) != 0)
		return err_set(e, ASSAY_POLICY_FIELD,
			"\"tdx.attributes.must\" has bits that \"tdx.attributes.may\" has not");
	if (((rules->attributes_must | rules->attributes_may) & ~TDX_KNOWN & ~TDX_DEBUG) != 0)
		return err_set(e, ASSAY_POLICY_FIELD,
			"\"tdx.attributes.may\" has bits that are reserved, or for profiling");
	if ((rules->attributes_may & TDX_MIGRATABLE) != 0 &&
		rules->list[TDX_MRSERVICETD].n == 0)
		return err_set(e, ASSAY_POLICY_FIELD,
			"\"tdx.attributes.may\": MIGRATABLE needs \"tdx.mrservicetd\" beside it");
	if ((rules->xfam_must & ~(rules->xfam_given ? rules->xfam_may : TDX_XFAM_MAY)) != 0)
		return err_set(e, ASSAY_POLICY_FIELD,
			"\"tdx.xfam.must\" has bits that may not be set");
	return ASSAY_OK;
}
