/* SPDX-License-Identifier: Apache-2.0
 *
 * For whoever brings what is wanted: what a want is about, and whether what was brought for it did hold. */
#ifndef VERIFY_WANTS_H
#define VERIFY_WANTS_H

#include "verify/facts.h"

/* The certificate that "ocsp:KEYHASH:SERIAL" is about and its issuer, of a chain that was validated; lent. False when there is
 * none. */
bool want_certificate(const struct crypto *c, const struct facts *f, const char *want,
	X509 **cert, X509 **issuer);

/* Did this piece hold for its want, when these facts were drawn by a case with a memo? A RIM for a device that names it,
 * from its structure to its identity; an OCSP answer that is good; a document of Intel's or the chain beside it (then piece
 * is compared by its address). Then *until is the end of what is signed. A piece
 * that nobody asked for did not. */
bool want_held(const struct verify_case *c, const struct facts *f,
	const struct collateral *piece, int64_t *until);

#endif
