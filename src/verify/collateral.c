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

static enum likeness likeness(
	const struct collateral *col, const char *id, enum rim_kind kind, const char *version)
{
	CLEANUP(rim_done) struct rim rim = { 0 };
	struct assay_err             why = { 0 };
	size_t                       n   = strlen(version);

	if (!loose(col) || col->body.n == 0 || col->body.p[0] != '<')
		return NO_LIKENESS;
	if (named(col->name, id))
		return SAME_NAME;
	if (rim_parse(col->body, &rim, &why) != ASSAY_OK)
		return SAME_KIND; /* it will be refused, with the reason */
	if (rim_kind(&rim) != kind)
		return NO_LIKENESS;
	return rim.version.n == n && strncasecmp((const char *)rim.version.p, version, n) == 0
		? SAME_VERSION
		: SAME_KIND;
}

const struct collateral *collateral_rim(
	const struct evidence *ev, const char *id, enum rim_kind kind, const char *version)
{
	const struct collateral *best      = NULL;
	enum likeness            best_like = NO_LIKENESS;
	char                     want[sizeof("rim:") + RIM_ID];

	snprintf(want, sizeof(want), "rim:%s", id);
	best = by_want(ev, want);
	for (size_t i = 0; best == NULL && i < ev->collaterals; i++)
		if (loose(&ev->collateral[i]) && named(ev->collateral[i].name, id))
			best = &ev->collateral[i];
	if (best != NULL)
		return best;
	for (size_t i = 0; i < ev->collaterals; i++) {
		enum likeness like = likeness(&ev->collateral[i], id, kind, version);

		if (like > best_like) {
			best      = &ev->collateral[i];
			best_like = like;
		}
	}
	return best;
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
