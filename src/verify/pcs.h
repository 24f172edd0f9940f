/* SPDX-License-Identifier: Apache-2.0
 *
 * Intel's collateral for a quote: what it is called, where it is among the evidence, and what of it holds.
 *
 * Wants are the names below, FMSPC in lower-case hexadecimal; a report lists the four of them that it lacks. The two
 * chains are what PCS sends in the header of the same answer, as PEM, and stand beside the documents as pieces of their
 * own. Bodies are as PCS sends them: JSON to the byte, CRLs as DER (PEM and hexadecimal text are for the edge to decode).
 *
 * Source: tdx 4, 5.2 (C4), 5.3, 5.4. */
#ifndef VERIFY_PCS_H
#define VERIFY_PCS_H

#include "crypto/chain.h"
#include "crypto/crl.h"
#include "format/evidence.h"
#include "format/qe_identity.h"
#include "format/tcb_info.h"

#define PCS_WANT_TCB_INFO  "pcs:tcbinfo:" /* and the FMSPC */
#define PCS_WANT_IDENTITY  "pcs:qeidentity"
#define PCS_WANT_PCK_CRL   "pcs:pckcrl:" /* and "platform" or "processor" */
#define PCS_WANT_ROOT_CRL  "pcs:rootcrl"
#define PCS_TCB_CHAIN      "pcs:tcbinfo.chain:"   /* and the FMSPC; never wanted by itself */
#define PCS_IDENTITY_CHAIN "pcs:qeidentity.chain" /* likewise */
#define PCS_WANT           64                     /* characters of the longest, with its NUL */

/* How new a document was that held before (tdx 5.9): what is older by more than the tolerance is brought back by somebody.
 * The tolerance is for caches of a fleet, which are refreshed once a day, and for bundles on their way. cRLNumber is
 * always 1, and tells nothing. */
#define PCS_MARKS     256 /* families of platforms; Intel has some dozens */
#define PCS_TOLERANCE (3 * INT64_C(86400))

struct pcs_mark {
	char    want[PCS_WANT];
	int64_t issued, evaluation; /* the highest; evaluation 0: of a CRL */
};
struct pcs_marks {
	struct pcs_mark mark[PCS_MARKS];
	size_t          n;
};

enum pcs_item { PCS_TCB_INFO, PCS_IDENTITY, PCS_PCK_CRL, PCS_ROOT_CRL, PCS_ITEMS };

/* A document whose signature held, with what it says; shared, released by pcs_known_drop(). */
struct pcs_known {
	unsigned      users;
	uint8_t       key[32];
	enum pcs_item item;
	int64_t valid_from, valid_until; /* of the document and all above it; both included */
	struct tcb_info    tcb;
	struct qe_identity identity;
	struct buf         der;    /* of the CRL */
	struct crl         crl;    /* points into it */
	struct chain       signer; /* of JSON: the signer and the root */
};

void pcs_known_drop(struct pcs_known *k); /* accepts NULL */

/* Among the evidence: under its want, or loose by what it is. Of several the newest by its own word: an old one that came
 * in a bundle does not stand before a fresh one that its reader has. NULL when there is none. issuer: of a CRL; NULL for JSON. chain: the PEM beside
 * JSON, NULL when there is none; itself NULL for a CRL. */
const struct collateral *pcs_find(const struct evidence *ev, enum pcs_item item,
	const char *want, const X509 *issuer, const struct collateral **chain);

#endif
