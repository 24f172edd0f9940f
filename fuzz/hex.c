/* SPDX-License-Identifier: Apache-2.0
 *
 * What decodes is what the same text without blanks, in lower case, encodes; on a failure nothing is appended. */
#include "fuzz.h"

#include "base/hex.h"

static void once(struct bytes text, bool blanks)
{
	CLEANUP(buf_done) struct buf out = { 0 }, again = { 0 };
	struct assay_err             e  = { 0 };
	size_t                       at = 0;

	if (hex_decode(text, blanks, &out, &e) != ASSAY_OK) {
		HOLDS(out.n == 0 && e.code == ASSAY_INPUT_HEX);
		return;
	}
	hex_encode(buf_bytes(&out), &again);
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		if (c == ' ' || (c >= '\t' && c <= '\r'))
			continue;
		HOLDS(at < again.n && again.p[at++] == (c >= 'A' && c <= 'F' ? c + 32 : c));
	}
	HOLDS(at == again.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	once((struct bytes){ data, size }, false);
	once((struct bytes){ data, size }, true);
	return 0;
}
