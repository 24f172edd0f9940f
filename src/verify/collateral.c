/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/collateral.h"

#include <stdio.h>
#include <strings.h>

static const struct collateral *by_want(const struct evidence *ev, const char *want)
{
	for (size_t i = 0; i < ev->collaterals; i++)
		if (bytes_equal(ev->collateral[i].want, bytes_text(want)))
			return &ev->collateral[i];
	return NULL;
}

static bool loose(const struct collateral *col)
{
	return col->want.n == 0;
}

/* Is the file called ID, whatever its extension? */
static bool named(struct bytes name, const char *id)
{
	size_t n = strlen(id);

	return name.n >= n && strncasecmp((const char *)name.p, id, n) == 0 &&
		(name.n == n || name.p[n] == '.');
}

enum likeness { NO_LIKENESS, SAME_KIND, SAME_VERSION, SAME_NAME };

static enum assay_code likeness(const struct collateral *col, const char *id,
	enum rim_kind kind, const char *version, enum likeness *out, struct assay_err *e)
{
	CLEANUP(rim_done) struct rim rim = { 0 };
	size_t                       n   = strlen(version);

	*out = NO_LIKENESS;
	if (!loose(col) || col->body.n == 0 || col->body.p[0] != '<')
		return ASSAY_OK;
	*out = named(col->name, id) ? SAME_NAME : SAME_KIND;
	if (*out == SAME_NAME)
		return ASSAY_OK;
	if (rim_parse(col->body, &rim, e) != ASSAY_OK) /* it will be refused, with the reason */
		return assay_class(e->code) == ASSAY_CLASS_INTERNAL ? e->code : ASSAY_OK;
	if (rim_kind(&rim) != kind)
		*out = NO_LIKENESS;
	else if (rim.version.n == n &&
		strncasecmp((const char *)rim.version.p, version, n) == 0)
		*out = SAME_VERSION;
	return ASSAY_OK;
}

enum assay_code collateral_rim(const struct evidence *ev, const char *id, enum rim_kind kind,
	const char *version, const struct collateral **out, struct assay_err *e)
{
	const struct collateral *best;
	enum likeness            like, best_like = NO_LIKENESS;
	char                     want[sizeof("rim:") + RIM_ID];

	snprintf(want, sizeof(want), "rim:%s", id);
	best = by_want(ev, want);
	for (size_t i = 0; best == NULL && i < ev->collaterals; i++)
		if (loose(&ev->collateral[i]) && named(ev->collateral[i].name, id))
			best = &ev->collateral[i];
	*out = best;
	if (best != NULL)
		return ASSAY_OK;
	for (size_t i = 0; i < ev->collaterals; i++) {
		TRY(likeness(&ev->collateral[i], id, kind, version, &like, e));
		if (like > best_like) {
			best      = &ev->collateral[i];
			best_like = like;
		}
	}
	*out = best;
	return ASSAY_OK;
}

const struct collateral *collateral_ocsp(const struct crypto *c, const struct evidence *ev,
	const char *want, const X509 *cert, const X509 *issuer)
{
	const struct collateral *col = by_want(ev, want);

	for (size_t i = 0; col == NULL && i < ev->collaterals; i++)
		if (loose(&ev->collateral[i]) && ev->collateral[i].body.n > 0 &&
			ev->collateral[i].body.p[0] == 0x30 &&
			ocsp_is_for(c, cert, issuer, ev->collateral[i].body))
			col = &ev->collateral[i];
	return col;
}
