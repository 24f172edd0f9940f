/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/wants.h"

#include <stdio.h>
#include <strings.h>

#include "base/hex.h"
#include "verify/checks.h"

/* Hashes are asked only where the serial number is the one at the want's end. */
static bool about(
	const struct crypto *c, const char *want, const X509 *cert, const X509 *issuer)
{
	const char      *serial = strrchr(want, ':');
	char             name[OCSP_WANT];
	struct assay_err none = { 0 };
	struct bytes     is   = cert_serial(cert);

	return serial != NULL && is.n <= HEX_MAX && strcmp(serial + 1, HEX(is)) == 0 &&
		ocsp_want(c, cert, issuer, name, &none) == ASSAY_OK && strcmp(name, want) == 0;
}

static bool in_chain(
	const struct crypto *c, const struct chain *chain, const char *want, size_t *at)
{
	for (*at = 0; *at + 1 < chain->n; ++*at)
		if (about(c, want, chain->cert[*at], chain->cert[*at + 1]))
			return true;
	return false;
}

/* The certificate that a want names, in one of the chains that held; its issuer stands behind it. NULL: none. */
static const struct chain *chain_of(
	const struct crypto *c, const struct facts *f, const char *want, size_t *at)
{
	for (size_t i = 0; i < f->devices; i++) {
		const struct device *d = &f->device[i];

		if (!d->held[device_check(d, CHECK_GPU_CHAIN_PATH)])
			continue;
		if (in_chain(c, &d->chain, want, at))
			return &d->chain;
		for (size_t k = 0; k < d->rims; k++)
			if (d->rim[k].known != NULL &&
				in_chain(c, &d->rim[k].known->chain, want, at))
				return &d->rim[k].known->chain;
	}
	return NULL;
}

bool want_certificate(const struct crypto *c, const struct facts *f, const char *want,
	X509 **cert, X509 **issuer)
{
	size_t              at;
	const struct chain *chain = chain_of(c, f, want, &at);

	if (chain == NULL)
		return false;
	*cert   = chain->cert[at];
	*issuer = chain->cert[at + 1];
	return true;
}

static bool rim_held(
	const struct facts *f, struct bytes id, const struct collateral *piece, int64_t *until)
{
	for (size_t i = 0; i < f->devices; i++)
		for (size_t k = 0; k < f->device[i].rims; k++) {
			const struct rim_fact *r = &f->device[i].rim[k];

			if (r->usable && r->current && r->document != NULL &&
				bytes_equal(bytes_text(r->id), id) &&
				bytes_equal(r->document->body, piece->body)) {
				*until = r->known->chain.not_after;
				return true;
			}
		}
	return false;
}

static bool answer_held(const struct verify_case *c, const struct facts *f,
	const struct collateral *piece, int64_t *until)
{
	char                want[OCSP_WANT];
	const struct chain *chain;
	struct ocsp_fact    fact;
	size_t              at;

	if (piece->want.n >= sizeof(want) || c->memo == NULL)
		return false;
	snprintf(want, sizeof(want), "%.*s", (int)piece->want.n, (const char *)piece->want.p);
	chain = chain_of(c->crypto, f, want, &at);
	if (chain == NULL || !revocation_known(c, chain, at, piece, &fact))
		return false;
	*until = fact.valid_until;
	return true;
}

/* Of Intel's: a document that held, for this platform, or the chain beside it. */
static bool pcs_held(const struct facts *f, const struct collateral *piece, int64_t *until)
{
	const struct guest *g = f->guest;

	for (size_t i = 0; g != NULL && i < PCS_ITEMS; i++) {
		if (!tdx_item_held(g, (enum pcs_item)i) ||
			(g->piece[i] != piece && g->signer[i] != piece))
			continue;
		*until = g->item[i]->valid_until;
		return true;
	}
	return false;
}

bool want_held(const struct verify_case *c, const struct facts *f,
	const struct collateral *piece, int64_t *until)
{
	const struct bytes want = piece->want, rim = BYTES("rim:");

	if (bytes_begin(want, rim))
		return rim_held(
			f, (struct bytes){ want.p + rim.n, want.n - rim.n }, piece, until);
	if (bytes_begin(want, BYTES("pcs:")))
		return pcs_held(f, piece, until);
	return bytes_begin(want, BYTES("ocsp:")) && answer_held(c, f, piece, until);
}
