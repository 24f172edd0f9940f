/* SPDX-License-Identifier: Apache-2.0
 *
 * Who signed an OCSP answer, and may he? Only the issuer of the certificate in question, or whom that issuer certified
 * for it directly.
 *
 * Source: RFC 6960 4.2.2.2; nvidia-evidence 4.3 items 4 and 5. */
#ifndef CRYPTO_OCSP_SIGNER_H
#define CRYPTO_OCSP_SIGNER_H

#include "crypto/chain.h"
#include "crypto/ocsp_answer.h"

/* The certificate that the answer's responderID names: the first such one in the answer, else the issuer. When it is
 * not the issuer's key, it must be issued by it, valid at now, ECDSA, for id-kp-OCSPSigning by name, and not be the
 * subject. memo: as chain_issued() takes it. Its own revocation is not asked about. *out is the caller's. ASSAY_OCSP_SIGNER, ASSAY_OCSP_PARSE. */
enum assay_code ocsp_signer_find(const struct crypto *c, const struct ocsp_answer *a,
	const X509 *subject, X509 *issuer, int64_t now, const struct chain_memo *memo,
	X509 **out, struct assay_err *e);

/* The signature over the answer as it arrived: P-384 with SHA-384 or P-256 with SHA-256. ASSAY_OCSP_SIGNATURE. */
enum assay_code ocsp_signer_verify(const struct crypto *c, const struct ocsp_answer *a,
	const X509 *signer, struct assay_err *e);

#endif
