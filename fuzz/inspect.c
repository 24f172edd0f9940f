/* SPDX-License-Identifier: Apache-2.0
 *
 * What is shown of any file is printable text that does not claim to be verified, and the same twice; what cannot be
 * shown is refused as MALFORMED, in printable words. */
#include "fuzz.h"

#include "report/inspect.h"

static struct crypto crypto;

static void printable(struct bytes text)
{
	for (size_t i = 0; i < text.n; i++)
		HOLDS(text.p[i] == '\n' || (text.p[i] >= ' ' && text.p[i] <= '~'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(json_t)                *value = NULL, *again = NULL;
	CLEANUP(buf_done) struct buf one = { 0 }, two = { 0 };
	struct bytes                 in = { data, size };
	struct assay_err             e  = { 0 };

	if (crypto.lib == NULL) {
		json_object_seed(1);
		HOLDS(crypto_open(&crypto, &e) == ASSAY_OK);
	}
	if (inspect(&crypto, "it", in, &value, &e) != ASSAY_OK) {
		HOLDS(value == NULL && assay_err_text(&e)[0] != 0);
		HOLDS(assay_class(e.code) != ASSAY_CLASS_INTERNAL &&
			assay_class(e.code) != ASSAY_CLASS_ACCEPTED);
		printable(bytes_text(assay_err_text(&e)));
		return 0;
	}
	HOLDS(json_is_false(json_object_get(value, "verified")));
	HOLDS(inspect_text(value, &one, &e) == ASSAY_OK);
	printable(buf_bytes(&one));
	HOLDS(inspect(&crypto, "it", in, &again, &e) == ASSAY_OK);
	HOLDS(inspect_text(again, &two, &e) == ASSAY_OK);
	HOLDS(bytes_equal(buf_bytes(&one), buf_bytes(&two)));
	return 0;
}
