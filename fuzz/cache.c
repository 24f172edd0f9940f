/* SPDX-License-Identifier: Apache-2.0
 *
 * Entries of the cache, and pieces of a bundle that is imported. Nobody has verified them: they are one piece, and its end
 * is never later than a week from now. */
#include "fuzz.h"

#include "attest/cache.h"

#define NOW  INT64_C(1780272000)
#define WEEK 604800

static struct crypto crypto;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(evidence_done) struct evidence ev = { 0 };
	struct assay_err                       e  = { 0 };
	int64_t                                ends;

	if (crypto.lib == NULL)
		HOLDS(crypto_open(&crypto, &e) == ASSAY_OK);
	if (cache_read((struct bytes){ data, size }, &ev, &e) != ASSAY_OK)
		return 0;
	HOLDS(ev.devices == 0 && ev.collaterals == 1 && ev.collateral[0].want.n > 0);
	if (cache_ends(&crypto, &ev.collateral[0], NOW, &ends, &e) == ASSAY_OK)
		HOLDS(ends <= NOW + WEEK);
	return 0;
}
