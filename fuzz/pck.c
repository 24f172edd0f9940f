/* SPDX-License-Identifier: Apache-2.0
 *
 * An SGX extension has one end and one encoding; what is required of the Platform CA is there when it is asked for. The
 * first byte tells whether it is. */
#include "fuzz.h"

#include "format/pck.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes     in = { data + 1, size - 1 };
	struct assay_err e  = { 0 };
	struct pck       p, other;
	bool             platform;

	if (size == 0)
		return 0;
	platform = (data[0] & 1) != 0;
	if (pck_parse(in, platform, &p, &e) != ASSAY_OK) {
		HOLDS(e.code == ASSAY_CERT_SGX);
		return 0;
	}
	HOLDS(!platform || p.platform);
	HOLDS(p.type <= 2);
	HOLDS(pck_parse(in, false, &other, &e) == ASSAY_OK);
	HOLDS(memcmp(&p, &other, sizeof(p)) == 0);
	HOLDS(pck_parse((struct bytes){ in.p, in.n - 1 }, platform, &other, &e) != ASSAY_OK);
	return 0;
}
