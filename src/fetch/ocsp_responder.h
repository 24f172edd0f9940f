/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions to an OCSP responder: what is sent, and whether a reply may pass on to the verifier, which judges it.
 *
 * Source: RFC 6960 4.1 and appendix A; RFC 9654 (nonce); nvidia-evidence 4.2. */
#ifndef FETCH_OCSP_RESPONDER_H
#define FETCH_OCSP_RESPONDER_H

#include "crypto/ocsp.h"

#define OCSP_RESPONDER_URL    "https://ocsp.ndis.nvidia.com"
#define OCSP_RESPONDER_NONCE  32
#define OCSP_RESPONDER_ASK    "application/ocsp-request"
#define OCSP_RESPONDER_ANSWER "application/ocsp-response"

/* DER of an unsigned request about one certificate, appended to out. hash: of its CertID. nonce: OCSP_RESPONDER_NONCE
 * bytes, or NULL for none. */
enum assay_code ocsp_responder_ask(X509 *cert, X509 *issuer, const EVP_MD *hash,
	const uint8_t *nonce, struct buf *out, struct assay_err *e);

/* internalError and tryLater pass by themselves. */
bool ocsp_responder_busy(struct bytes answer);

/* malformedRequest and unauthorized: an answer to a CertID of another hash may be better. */
bool ocsp_responder_refuses(struct bytes answer);

/* Is it an answer with a status and without a nonce? */
bool ocsp_responder_no_nonce(struct bytes answer);

#endif
