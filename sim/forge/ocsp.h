/* SPDX-License-Identifier: Apache-2.0
 *
 * OCSP requests and answers about the test PKI (nvidia-evidence 4, RFC 6960). */
#ifndef FORGE_OCSP_H
#define FORGE_OCSP_H

#include <openssl/ocsp.h>

#include "forge/pki.h"

#define OCSP_URL "https://ocsp.ndis.nvidia.com"

/* An answer before it is made. */
struct ocsp_plan {
	enum ca issuer;
	int     response;   /* OCSP_RESPONSE_STATUS_...; without a status when not SUCCESSFUL */
	OCSP_CERTID *id;    /* owned */
	struct bytes nonce; /* of the request; none: p == NULL */
	uint8_t      own_nonce[32];  /* room for another one */
	int          status;         /* V_OCSP_CERTSTATUS_... */
	int          reason;         /* OCSP_REVOKED_STATUS_... */
	int64_t      made, from, to; /* producedAt, thisUpdate, nextUpdate (0: none) */
	X509        *signer;         /* borrowed */
	EVP_PKEY    *key;
	bool         spoil;   /* the signature, afterwards */
	bool         garbage; /* no answer at all */
};

/* A request for one certificate, with a nonce of 32 bytes (4.2). */
enum assay_code ocsp_ask(const struct seed *s, const X509 *cert, const X509 *issuer, bool sha1,
	struct buf *out, struct assay_err *e);

/* The certificate that a request of one CertID names: its id and nonce, and its issuer in the PKI. An issuer that the
 * PKI does not have gives a plan that is "unauthorized" (4.5); the nonce is borrowed from request. */
enum assay_code ocsp_plan(struct pki *p, OCSP_REQUEST *request, int64_t now,
	struct ocsp_plan *out, struct assay_err *e);
void            ocsp_plan_done(struct ocsp_plan *o);

enum assay_code ocsp_write(
	const struct seed *s, const struct ocsp_plan *o, struct buf *out, struct assay_err *e);

/* "ocsp:<SHA-256 of the issuer's key>:<serial>", both lower-case hex. */
enum assay_code ocsp_name(const struct seed *s, const X509 *cert, const X509 *issuer,
	struct buf *out, struct assay_err *e);

#endif
