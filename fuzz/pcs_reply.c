/* SPDX-License-Identifier: Apache-2.0
 *
 * A reply and its headers: what passes is no larger than what came, JSON to the byte, a CRL begins as DER, a chain is PEM
 * that reads. What does not is refused with one code. */
#include "fuzz.h"

#include "base/pem.h"
#include "fetch/pcs_service.h"

static void try_body(const char *want, bool json, struct bytes in)
{
	CLEANUP(buf_done) struct buf out = { 0 };
	struct assay_err             e   = { 0 };

	if (pcs_service_body(want, in, &out, &e) != ASSAY_OK) {
		HOLDS(e.code == ASSAY_SERVICE_REPLY && out.n == 0);
		return;
	}
	HOLDS(out.n > 0 && out.n <= in.n);
	HOLDS(out.p[0] == (json ? '{' : 0x30));
	HOLDS(!json || memmem(in.p, in.n, out.p, out.n) != NULL);
}

static void try_chain(const char *want, struct bytes first, struct bytes second)
{
	const struct bytes           header[] = { first, second, first };
	CLEANUP(buf_done) struct buf out = { 0 }, der = { 0 };
	struct assay_err             e = { 0 };
	struct bytes                 text;

	if (pcs_service_chain(want, header, &out, &e) != ASSAY_OK) {
		HOLDS(e.code == ASSAY_SERVICE_REPLY && out.n == 0);
		return;
	}
	text = buf_bytes(&out);
	HOLDS(pem_next(&text, &der, &e) == ASSAY_OK && der.n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bytes in   = { data, size };
	const size_t       half = size == 0 ? 0 : (data[0] % 2 == 0 ? size : size / 2);

	try_body("pcs:tcbinfo:90c06f000000", true, in);
	try_body("pcs:qeidentity", true, in);
	try_body("pcs:pckcrl:platform", false, in);
	try_chain("pcs:tcbinfo:90c06f000000", (struct bytes){ data, half },
		(struct bytes){ data + half, size - half });
	try_chain("pcs:qeidentity", in, in);
	return 0;
}
