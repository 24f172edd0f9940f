/* SPDX-License-Identifier: Apache-2.0
 *
 * A quote lies inside its reply and is not empty; what is refused is refused with one of two codes. */
#include "fuzz.h"

#include "format/quoting.h"

static void check(struct bytes body)
{
	struct bytes     quote = { 0 };
	struct assay_err e     = { 0 };

	if (quoting_reply(body, &quote, &e) == ASSAY_OK)
		HOLDS(quote.n > 0 && inside(quote, body) &&
			body.n >= QUOTING_BODY_MIN + quote.n);
	else
		HOLDS(quote.p == NULL &&
			(e.code == ASSAY_QUOTE_REPLY || e.code == ASSAY_QUOTE_SERVICE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct assay_err e = { 0 };
	size_t           n;

	check((struct bytes){ data, size });
	if (size < QUOTING_PREFIX || quoting_length(data, &n, &e) != ASSAY_OK)
		return 0;
	HOLDS(n >= QUOTING_BODY_MIN && n <= QUOTING_BODY_MAX);
	if (size - QUOTING_PREFIX >= n)
		check((struct bytes){ data + QUOTING_PREFIX, n });
	return 0;
}
