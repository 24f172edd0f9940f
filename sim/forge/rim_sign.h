/* SPDX-License-Identifier: Apache-2.0
 *
 * The Signature of a RIM (nvidia-evidence 5.4): one enveloped reference, canonical XML 1.1, ECDSA or RSA with SHA-384,
 * the chain in KeyInfo. */
#ifndef FORGE_RIM_SIGN_H
#define FORGE_RIM_SIGN_H

#include "forge/rim.h"

#define RIM_SIGN_DS     "http://www.w3.org/2000/09/xmldsig#"
#define SIGNATURE_ECDSA "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"
#define SIGNATURE_RSA   "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"

/* X509Data with the plan's certificates, base64 in lines. The prefix ds is in scope there. */
void rim_certificates(const struct rim_plan *r, struct buf *out);

/* The element that goes between body and end, so that it signs both. */
enum assay_code rim_signature(const struct seed *s, const struct rim_plan *r, struct bytes body,
	struct bytes end, struct buf *out, struct assay_err *e);

#endif
