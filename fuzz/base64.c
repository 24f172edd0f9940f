/* SPDX-License-Identifier: Apache-2.0
 *
 * The encoding is one to one: what decodes encodes to the same text again; on a failure nothing is appended. */
#include "fuzz.h"

#include "base/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_done) struct buf strict = { 0 }, loose = { 0 }, again = { 0 };
	const struct bytes           text = { data, size };
	struct assay_err             e    = { 0 };
	enum assay_code              code = base64_decode(text, false, &strict, &e);

	HOLDS(code == ASSAY_OK || (code == ASSAY_INPUT_BASE64 && strict.n == 0));
	if (code == ASSAY_OK) {
		base64_encode(buf_bytes(&strict), &again);
		HOLDS(bytes_equal(buf_bytes(&again), text));
		HOLDS(base64_decode(text, true, &loose, &e) == ASSAY_OK);
		HOLDS(bytes_equal(buf_bytes(&strict), buf_bytes(&loose)));
	} else {
		code = base64_decode(text, true, &loose, &e);
		HOLDS(code == ASSAY_OK || (code == ASSAY_INPUT_BASE64 && loose.n == 0));
	}
	return 0;
}
