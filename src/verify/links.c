/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/links.h"

#include "crypto/digest.h"

/* SHA-256 over the anchor and every byte from an index up. */
static enum assay_code key_of(const struct verify_case *c, const char *word,
	const struct anchor *anchor, struct links l, const struct buf *der, size_t from,
	uint8_t key[MEMO_KEY], struct assay_err *e)
{
	CLEANUP(buf_done) struct buf all = { 0 };

	buf_text(&all, word);
	buf_put(&all, anchor->der, sizeof(anchor->der));
	for (size_t i = from; i < l.n; i++) {
		/* the same bytes cut elsewhere are other certificates */
		buf_put(&all, &der[i].n, sizeof(der[i].n));
		buf_put(&all, der[i].p, der[i].n);
	}
	TRY(buf_ok(&all, e));
	return digest(c->crypto->sha256, buf_bytes(&all), key, e);
}

enum assay_code links_read(const struct verify_case *c, const struct anchor *anchor,
	struct links l, const struct buf *der, struct chain *chain, size_t *known,
	struct assay_err *e)
{
	uint8_t key[MEMO_KEY];

	*known = 0;
	for (size_t i = 0; i < l.n; i++) {
		/* All but the root may stand on what is remembered; the root alone is no link. */
		if (i >= l.first && i + 1 < l.n) {
			TRY(key_of(c, "", anchor, l, der, i, key, e));
			if (memo_chain_get(c->memo, MEMO_UPPER, key, c->now, chain)) {
				*known = i;
				break;
			}
		}
		TRY(chain_append(c->crypto, buf_bytes(&der[i]), chain, e));
	}
	return chain_window(chain, e);
}

enum assay_code links_keep(const struct verify_case *c, const struct anchor *anchor,
	struct links l, const struct chain *chain, size_t known, struct assay_err *e)
{
	CLEANUP(chain_ders_done) struct buf der[CHAIN_MAX] = { 0 };
	size_t                              to             = known != 0 ? known : l.n - 1;
	uint8_t                             key[MEMO_KEY];

	if (to <= l.first)
		return ASSAY_OK; /* nothing that is not remembered */
	for (size_t i = l.first; i < l.n; i++)
		TRY(cert_der(chain->cert[i], &der[i], e));
	for (size_t i = l.first; i < to; i++) {
		TRY(key_of(c, "", anchor, l, der, i, key, e));
		TRY(memo_chain_put(c->memo, MEMO_UPPER, key, chain, i, e));
	}
	return ASSAY_OK;
}

enum assay_code links_key(const struct verify_case *c, const struct anchor *anchor,
	struct links l, const struct buf *der, uint8_t key[MEMO_KEY], struct assay_err *e)
{
	return key_of(c, "chain:", anchor, l, der, 0, key, e);
}
