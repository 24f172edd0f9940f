/* SPDX-License-Identifier: Apache-2.0
 *
 * Evidence of a whole node in its one right order: the nonce for the devices is derived, the devices are asked, and last
 * comes the quote, over the manifest of what they said, the event log and the channel key. Where there is no TDX guest
 * the devices are asked with the nonce itself.
 *
 * Source: tdx 10.4. */
#ifndef ATTEST_COMPOSITE_H
#define ATTEST_COMPOSITE_H

#include "collect/collect.h"
#include "collect/td.h"
#include "crypto/context.h"

struct composite_request { /* lent */
	/* Kinds, and which of them must be there; DEVICE_TDX among them. Its nonces are set here. */
	struct collect_request devices;
	uint8_t                nonce[NONCE_SIZE]; /* the relying party's */
	struct bytes           key; /* channel key, SubjectPublicKeyInfo in DER; may be empty */
	int64_t                made;
	const char            *root, *qgs; /* as struct td_request has them */
	int                    td_ms;      /* 0: TD_TOTAL_MS */
};

/* Why there is no event log, where there is a guest; code ASSAY_OK when there is one, or none was looked for. */
struct composite_said {
	bool             guest; /* a TDX guest, whatever came of its quote */
	int64_t          us;    /* that the quote and the logs took */
	struct assay_err events;
};

/* The devices into devices (for collected_done()), all of the evidence into ev. A guest that gives no quote is in the
 * evidence with its fault, like any device; one that is not there only where it must be. Class USAGE for a root or an
 * address that is none, else class INTERNAL. */
enum assay_code composite_collect(const struct crypto *c, const struct composite_request *r,
	struct collected *devices, struct evidence *ev, struct composite_said *said,
	struct assay_err *e);

#endif
