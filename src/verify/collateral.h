/* SPDX-License-Identifier: Apache-2.0
 *
 * What is at hand: collateral by the name of its want, and loose files by what they are. A loose file is found by its
 * name or by its unverified content; that only chooses the candidate, which is then judged like any other. */
#ifndef VERIFY_COLLATERAL_H
#define VERIFY_COLLATERAL_H

#include "crypto/digest.h"
#include "verify/facts.h"

/* The document for a RIM id and version; *out is NULL when none is at hand. A loose file named after the id comes first,
 * then the document under its want, then a loose one for this version, then any of this kind (which will then fail as
 * the wrong one). A loose file named after another id is not taken.
 * Class INTERNAL. */
enum assay_code collateral_rim(struct shelf *s, const struct evidence *ev, const char *id,
	enum rim_kind kind, const char *version, const struct collateral **out,
	struct assay_err *e);

/* The SHA-256 of a document of ev, computed once a case: every GPU has the same two RIMs, of 100 KB and more. */
enum assay_code collateral_sum(struct shelf *s, const struct crypto *c,
	const struct evidence *ev, const struct collateral *col, uint8_t out[SHA256_SIZE],
	struct assay_err *e);

/* The OCSP answer for a want, or a loose one for that certificate: of several, one that says that it is revoked, else the
 * newest. *out is NULL when none is at hand. Class INTERNAL. */
enum assay_code collateral_ocsp(struct shelf *s, const struct crypto *c,
	const struct evidence *ev, const char *want, const X509 *cert, const X509 *issuer,
	const struct collateral **out, struct assay_err *e);

void shelf_done(struct shelf *s);

#endif
