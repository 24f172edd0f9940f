/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/collateral.h"

#include <stdio.h>
#include <strings.h>

#include "crypto/digest.h"

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

/* Is the file called by another RIM's id: as the service's ("NV_GPU_VBIOS_1010_0200_882_96005E0001.xml"), or as nvtrust's
 * files are ("1010_0200_882_96005E0001_PROD.swidtag")? A VBIOS RIM does not say which board it is for (nvidia-evidence 5.6),
 * so its name is all that there is. */
static bool names_another(struct bytes name, const char *id)
{
	static const char vbios[] = RIM_ID_VBIOS, nvtrust[] = "_PROD.swidtag";
	const size_t      k = sizeof(vbios) - 1, tail = sizeof(nvtrust) - 1;
	size_t            n = strlen(id);

	if (name.n >= 3 && strncasecmp((const char *)name.p, "NV_", 3) == 0)
		return name.n < n || strncasecmp((const char *)name.p, id, n) != 0;
	if (name.n <= tail ||
		strncasecmp((const char *)name.p + name.n - tail, nvtrust, tail) != 0)
		return false;
	return strncmp(id, vbios, k) != 0 || name.n != n - k + tail ||
		strncasecmp((const char *)name.p, id + k, n - k) != 0;
}

/* A loose file is read once a case, not once for each device that looks for its own: there may be a thousand of them,
 * and 64 devices with nine certificates and two RIMs. */
struct piece {
	bool          read, rim; /* was read; and is a RIM of that kind and version */
	enum rim_kind kind;
	char          version[RIM_TEXT + 1];
	bool          summed;
	uint8_t       sha256[SHA256_SIZE];
};

struct looked {
	char                     want[WANT_TEXT];
	const struct collateral *found; /* NULL: there is none */
};

void shelf_done(struct shelf *s)
{
	mem_free(s->piece);
	mem_free(s->looked);
	*s = (struct shelf){ 0 };
}

static enum assay_code read_piece(
	struct piece *p, const struct collateral *col, struct assay_err *e)
{
	CLEANUP(rim_done) struct rim rim = { 0 };

	if (p->read)
		return ASSAY_OK;
	if (rim_parse(col->body, &rim, e) == ASSAY_OK) {
		p->rim  = true;
		p->kind = rim_kind(&rim);
		snprintf(p->version, sizeof(p->version), "%.*s", (int)rim.version.n,
			(const char *)rim.version.p);
	} else if (assay_class(e->code) == ASSAY_CLASS_INTERNAL) {
		return e->code;
	}
	p->read = true;
	return ASSAY_OK;
}

enum likeness { NO_LIKENESS, SAME_KIND, SAME_VERSION };

static enum assay_code likeness(struct piece *p, const struct collateral *col,
	enum rim_kind kind, const char *version, enum likeness *out, struct assay_err *e)
{
	*out = NO_LIKENESS;
	if (!loose(col) || col->body.n == 0 || col->body.p[0] != '<')
		return ASSAY_OK;
	TRY(read_piece(p, col, e));
	*out = SAME_KIND;
	if (!p->rim)
		return ASSAY_OK; /* it will be refused, with the reason */
	if (p->kind != kind)
		*out = NO_LIKENESS;
	else if (strcasecmp(p->version, version) == 0)
		*out = SAME_VERSION;
	return ASSAY_OK;
}

/* A place for each piece of collateral. */
static enum assay_code open_shelf(
	struct shelf *s, const struct evidence *ev, struct assay_err *e)
{
	if (s->piece == NULL)
		s->piece = mem_new(ev->collaterals, sizeof(*s->piece));
	return s->piece == NULL ? err_no_memory(e) : ASSAY_OK;
}

enum assay_code collateral_sum(struct shelf *s, const struct crypto *c,
	const struct evidence *ev, const struct collateral *col, uint8_t out[SHA256_SIZE],
	struct assay_err *e)
{
	struct piece *p;

	TRY(open_shelf(s, ev, e));
	p = &s->piece[col - ev->collateral];
	if (!p->summed)
		TRY(digest(c->sha256, col->body, p->sha256, e));
	p->summed = true;
	memcpy(out, p->sha256, SHA256_SIZE);
	return ASSAY_OK;
}

enum assay_code collateral_rim(struct shelf *s, const struct evidence *ev, const char *id,
	enum rim_kind kind, const char *version, const struct collateral **out,
	struct assay_err *e)
{
	const struct collateral *best = NULL;
	enum likeness            like, best_like = NO_LIKENESS;
	char                     want[sizeof("rim:") + RIM_ID];

	/* A file that the reader brought under its name comes before what is in the bundle. */
	for (size_t i = 0; best == NULL && i < ev->collaterals; i++)
		if (loose(&ev->collateral[i]) && named(ev->collateral[i].name, id))
			best = &ev->collateral[i];
	snprintf(want, sizeof(want), "rim:%s", id);
	if (best == NULL)
		best = by_want(ev, want);
	*out = best;
	if (best != NULL || ev->collaterals == 0)
		return ASSAY_OK;
	TRY(open_shelf(s, ev, e));
	for (size_t i = 0; i < ev->collaterals; i++) {
		if (names_another(ev->collateral[i].name, id))
			continue;
		TRY(likeness(&s->piece[i], &ev->collateral[i], kind, version, &like, e));
		if (like > best_like) {
			best      = &ev->collateral[i];
			best_like = like;
		}
	}
	*out = best;
	return ASSAY_OK;
}

/* Of several answers for a certificate, under its want or loose, one that says "revoked" is heard, else the newest:
 * what somebody put into a bundle does not drown what its reader has fetched. */
static const struct collateral *best_ocsp(const struct crypto *c, const struct evidence *ev,
	const char *want, const X509 *cert, const X509 *issuer)
{
	const struct collateral *best     = NULL;
	int64_t                  heaviest = 0;

	for (size_t i = 0; i < ev->collaterals; i++) {
		const struct collateral *col    = &ev->collateral[i];
		bool                     wanted = bytes_equal(col->want, bytes_text(want));
		int64_t                  weight;

		if (!wanted && (!loose(col) || col->body.n == 0 || col->body.p[0] != 0x30))
			continue;
		weight = ocsp_weight(c, cert, issuer, col->body);
		if (weight <= heaviest && (best != NULL || !wanted))
			continue;
		best     = col;
		heaviest = weight;
	}
	return best;
}

static enum assay_code remember(
	struct shelf *s, const char *want, const struct collateral *found, struct assay_err *e)
{
	if (s->n == s->cap) {
		size_t         cap  = s->cap == 0 ? 16 : 2 * s->cap;
		struct looked *list = mem_resize(s->looked, cap, sizeof(*list));

		if (list == NULL)
			return err_no_memory(e);
		s->looked = list;
		s->cap    = cap;
	}
	snprintf(s->looked[s->n].want, WANT_TEXT, "%s", want);
	s->looked[s->n++].found = found;
	return ASSAY_OK;
}

enum assay_code collateral_ocsp(struct shelf *s, const struct crypto *c,
	const struct evidence *ev, const char *want, const X509 *cert, const X509 *issuer,
	const struct collateral **out, struct assay_err *e)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->looked[i].want, want) == 0) {
			*out = s->looked[i].found;
			return ASSAY_OK;
		}
	*out = best_ocsp(c, ev, want, cert, issuer);
	return remember(s, want, *out, e);
}
