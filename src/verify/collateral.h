/* SPDX-License-Identifier: Apache-2.0
 *
 * What is at hand: collateral by the name of its want, and loose files by what they are. A loose file is found by its
 * name or by its unverified content; that only chooses the candidate, which is then judged like any other. */
#ifndef VERIFY_COLLATERAL_H
#define VERIFY_COLLATERAL_H

#include "verify/facts.h"

/* The document for a RIM id and version; *out is NULL when none is at hand. Of loose files, the one named after the id comes
 * first, then the one for this version, then any of this kind (which will then fail as the wrong one).
 * Class INTERNAL. */
enum assay_code collateral_rim(struct shelf *s, const struct evidence *ev, const char *id,
	enum rim_kind kind, const char *version, const struct collateral **out,
	struct assay_err *e);

/* The OCSP answer for a want, or a loose one for that certificate; *out is NULL when none is at hand. Class INTERNAL. */
enum assay_code collateral_ocsp(struct shelf *s, const struct crypto *c,
	const struct evidence *ev, const char *want, const X509 *cert, const X509 *issuer,
	const struct collateral **out, struct assay_err *e);

void shelf_done(struct shelf *s);

#endif
