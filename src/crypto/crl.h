/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificate revocation lists of Intel's PKI: complete base lists of version 2, by the issuer of what they list, signed
 * with ecdsa-with-SHA256. As views over strict DER: OpenSSL's own decoder would take BER, and allocate for each of up to
 * 65536 entries.
 *
 * Source: RFC 5280 5; tdx 4.6, 5.3, 8.2. */
#ifndef CRYPTO_CRL_H
#define CRYPTO_CRL_H

#include "base/der.h"
#include "crypto/cert.h"

#define CRL_MAX     (1024 * 1024)
#define CRL_ENTRIES 65536

struct crl {
	struct bytes tbs;    /* tbsCertList as it arrived, header included */
	struct bytes issuer; /* Name, whole */
	int64_t      this_update, next_update;
	struct bytes revoked; /* content of revokedCertificates; may be empty */
	size_t       entries;
	struct bytes signature; /* DER of an ECDSA signature */
};

/* Every entry too. Refused are: another version or algorithm, no nextUpdate, critical extensions of list or entry,
 * removeFromCRL, which a base list cannot have. ASSAY_CRL_PARSE. */
enum assay_code crl_parse(struct bytes der, struct crl *out, struct assay_err *e);

/* Is it the list of this issuer, signed with its P-256 key? Whether the issuer is to be believed is the caller's to check.
 * ASSAY_CRL_ISSUER, ASSAY_CRL_SIGNATURE. */
enum assay_code crl_verify(
	const struct crypto *c, const struct crl *crl, const X509 *issuer, struct assay_err *e);

/* thisUpdate <= now < nextUpdate. ASSAY_CRL_FUTURE, ASSAY_CRL_STALE. */
enum assay_code crl_current(const struct crl *crl, int64_t now, struct assay_err *e);

/* Is it the list of this issuer, by name alone? For choosing among several. */
bool crl_names(const struct crl *crl, const X509 *issuer);

/* Is that serial number (magnitude) on it? since: when it was revoked. */
bool crl_lists(const struct crl *crl, struct bytes serial, int64_t *since);

#endif
