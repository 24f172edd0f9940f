/* SPDX-License-Identifier: Apache-2.0
 *
 * OCSP responses and requests as views. Nothing is believed here: this is what the bytes say, and that they say it in
 * DER. OpenSSL's own decoder would take BER, and would decode the certificates inside in its default library context.
 *
 * Source: RFC 6960 4.1 and 4.2, RFC 9654 (nonce). */
#ifndef CRYPTO_OCSP_ANSWER_H
#define CRYPTO_OCSP_ANSWER_H

#include "base/der.h"

#define OCSP_CERTS 8 /* in one answer; a responder sends its own, and perhaps those above */

struct ocsp_id {           /* CertID */
	struct bytes hash; /* content of the OID */
	struct bytes name, key;
	struct bytes serial; /* magnitude */
};

enum ocsp_status { OCSP_IS_GOOD, OCSP_IS_REVOKED, OCSP_IS_UNKNOWN };

struct ocsp_single {
	struct ocsp_id   id;
	enum ocsp_status status;
	uint8_t          reason;     /* CRLReason; 0 (unspecified) when not given */
	int64_t          revoked_at; /* when revoked */
	int64_t          this_update;
	int64_t          next_update; /* 0: none given */
};

struct ocsp_answer {
	uint8_t      status;         /* OCSPResponseStatus; not 0 (successful): nothing else */
	struct bytes tbs;            /* tbsResponseData as it arrived, header included */
	struct bytes responder_name; /* one of these two: a Name, or the SHA-1 of a key */
	struct bytes responder_key;
	int64_t      produced_at;
	struct bytes singles;   /* for ocsp_single_next(), which will not fail */
	struct bytes nonce;     /* the extension's value; p == NULL: none */
	struct bytes algorithm; /* the signature's AlgorithmIdentifier, whole */
	struct bytes signature;
	struct bytes cert[OCSP_CERTS]; /* unparsed */
	size_t       certs;
};

struct ocsp_asked {
	struct ocsp_id id;
	struct bytes   nonce; /* as above */
};

/* The whole answer, every SingleResponse in it too; critical extensions other than the nonce are refused. */
enum assay_code ocsp_answer_parse(
	struct bytes der, struct ocsp_answer *out, struct assay_err *e);

/* The next SingleResponse; ask rd_left() first. */
enum assay_code ocsp_single_next(struct rd *r, struct ocsp_single *out, struct assay_err *e);

/* An unsigned request for one certificate. */
enum assay_code ocsp_request_parse(
	struct bytes der, struct ocsp_asked *out, struct assay_err *e);

/* All three: ASSAY_OCSP_PARSE. */

#endif
