/* SPDX-License-Identifier: Apache-2.0
 *
 * A CRL's views lie inside it, it has one end, and every serial number on it is found. */
#include "fuzz.h"

#include "crypto/crl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes     in = { data, size };
	struct crl       crl, other;
	struct assay_err e = { 0 };
	struct rd        r;
	int64_t          since;
	size_t           n = 0;

	if (crl_parse(in, &crl, &e) != ASSAY_OK) {
		HOLDS(e.code == ASSAY_CRL_PARSE);
		return 0;
	}
	HOLDS(inside(crl.tbs, in) && inside(crl.issuer, crl.tbs));
	HOLDS(inside(crl.revoked, crl.tbs) && inside(crl.signature, in));
	HOLDS(crl_parse((struct bytes){ data, size - 1 }, &other, &e) != ASSAY_OK);
	for (r = (struct rd){ .in = crl.revoked }; rd_left(&r) > 0; n++) {
		struct rd    entry;
		struct bytes serial;

		HOLDS(der_enter(&r, DER_SEQUENCE, "", &entry, &e) == ASSAY_OK);
		HOLDS(der_unsigned(&entry, "", &serial, &e) == ASSAY_OK);
		if (n < 64)
			HOLDS(crl_lists(&crl, serial, &since));
	}
	HOLDS(n == crl.entries);
	HOLDS(!crl_lists(&crl, (struct bytes){ 0 }, &since));
	return 0;
}
