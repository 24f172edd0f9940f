/* SPDX-License-Identifier: Apache-2.0
 *
 * Stored OCSP answers: is this one certificate not revoked, says somebody who may say so, at a time that counts?
 *
 * Source: RFC 6960; nvidia-evidence chapter 4, 4.3 above all. */
#ifndef CRYPTO_OCSP_H
#define CRYPTO_OCSP_H

#include "crypto/chain.h"

#define OCSP_BODY      (64 * 1024)
#define OCSP_SKEW      300   /* seconds that clocks may differ */
#define OCSP_MAX_AGE   86400 /* of thisUpdate, unless the caller says otherwise */
#define OCSP_BLIND_AGE 3600  /* the same where the answer has no nextUpdate */
#define OCSP_WANT      256   /* characters of a want's name, with its NUL */

struct ocsp_question {
	const struct chain *chain;   /* validated before */
	size_t              index;   /* the certificate in question; its issuer is index + 1 */
	struct bytes        request; /* DER of the request that was sent; may be empty */
	int64_t             now;
	int64_t             max_age;   /* seconds; 0: OCSP_MAX_AGE */
	const struct chain_memo *memo; /* of signers' certificates; NULL: none */
};

struct ocsp_fact {
	int64_t this_update, produced_at;
	int64_t next_update; /* 0: none given */
	/* The latest of thisUpdate, producedAt (both with skew) and the signer's notBefore; the earliest of nextUpdate,
	 * the age limit and the signer's notAfter, which with skew may lie up to OCSP_SKEW before now. */
	int64_t     valid_from, valid_until;
	bool        nonce;  /* the request's came back */
	const char *reason; /* of a revocation, as RFC 5280 calls it; static; else NULL */
};

/* "ocsp:" SHA-256 of the issuer's key bits ":" serial number, lower-case hexadecimal.
 * ASSAY_CERT_PROFILE when the serial number is longer than any is. */
enum assay_code ocsp_want(const struct crypto *c, const X509 *cert, const X509 *issuer,
	char out[OCSP_WANT], struct assay_err *e);

/* Judge one answer. ASSAY_OK is "good", now. Else ASSAY_OCSP_* as their meanings say, asked in this order: structure of
 * the answer, match with the certificate (and the request, when one is given), signer, signature, window, status. So a
 * status is said only of an answer whose signer and signature hold; "good" only within its window, anything else past
 * it too, and "revoked" at any time. The signer of an answer past its window is judged at its thisUpdate. *out is
 * filled on ASSAY_OK, and on ASSAY_OCSP_REVOKED, OCSP_HOLD and OCSP_UNKNOWN too. "Never issued" in the form of RFC 6960
 * 2.2, a hold since 1970, is ASSAY_OCSP_UNKNOWN. The signer's own revocation is not asked about. */
enum assay_code ocsp_judge(const struct crypto *c, const struct ocsp_question *q,
	struct bytes answer, struct ocsp_fact *out, struct assay_err *e);

/* To choose among several answers, all unverified: 0 when there is no SingleResponse for that certificate; else its
 * thisUpdate, so that the newest weighs most, or INT64_MAX when it says that the certificate is revoked for good. */
int64_t ocsp_weight(
	const struct crypto *c, const X509 *cert, const X509 *issuer, struct bytes answer);

#endif
