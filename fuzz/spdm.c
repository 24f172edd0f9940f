/* SPDX-License-Identifier: Apache-2.0
 *
 * A report that is accepted is the sum of its parts to the byte: each view lies in its place, signed message and
 * signature are all of it. What is refused is MALFORMED, says why, and writes nothing. */
#include "fuzz.h"

#include "format/spdm.h"

static void check(const struct spdm_report *r, struct bytes in)
{
	HOLDS(r->blocks >= 1 && r->blocks <= SPDM_BLOCKS_MAX);
	HOLDS(r->nonce.p == in.p + 4 && r->nonce.n == SPDM_NONCE);
	for (size_t i = 0; i < r->blocks; i++)
		HOLDS(r->block[i].p == in.p + 45 + 55 * i + 7 && r->block[i].n == SPDM_DIGEST);
	HOLDS(r->answer.p == in.p + 45 + 55 * r->blocks && r->answer.n == SPDM_NONCE);
	HOLDS(r->opaque.p == r->answer.p + SPDM_NONCE + 2 && r->opaque.n >= 1);
	HOLDS(r->message.p == in.p && r->message.n == in.n - SPDM_SIGNATURE);
	HOLDS(r->signature.p == in.p + r->message.n && r->signature.n == SPDM_SIGNATURE);
	HOLDS(in.n == 175 + 55 * r->blocks + r->opaque.n && in.n <= SPDM_REPORT_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes       in = { data, size };
	struct spdm_report r  = { 0 };
	struct assay_err   e  = { 0 };

	if (spdm_parse(in, &r, &e) == ASSAY_OK) {
		check(&r, in);
		return 0;
	}
	HOLDS(assay_class(e.code) == ASSAY_CLASS_MALFORMED && assay_err_text(&e)[0] != 0);
	HOLDS(r.blocks == 0 && r.message.p == NULL);
	return 0;
}
