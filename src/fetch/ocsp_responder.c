/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/ocsp_responder.h"

#include <openssl/ocsp.h>

#include "crypto/ocsp_answer.h"

/* RFC 6960 4.2.1, OCSPResponseStatus */
#define MALFORMED      1
#define INTERNAL_ERROR 2
#define TRY_LATER      3
#define UNAUTHORIZED   6

AUTO_PTR(OCSP_REQUEST, OCSP_REQUEST_free)

enum assay_code ocsp_responder_ask(X509 *cert, X509 *issuer, const EVP_MD *hash,
	const uint8_t *nonce, struct buf *out, struct assay_err *e)
{
	uint8_t             copy[OCSP_RESPONDER_NONCE];
	AUTO(OCSP_REQUEST) *request = OCSP_REQUEST_new();
	OCSP_CERTID        *id      = OCSP_cert_to_id(hash, cert, issuer);
	unsigned char      *der     = NULL;
	int                 n       = -1;

	if (request == NULL || id == NULL || OCSP_request_add0_id(request, id) == NULL) {
		OCSP_CERTID_free(id);
		return err_no_memory(e);
	}
	if (nonce != NULL)
		memcpy(copy, nonce, sizeof(copy)); /* OpenSSL's parameter is not const */
	if (nonce == NULL || OCSP_request_add1_nonce(request, copy, sizeof(copy)) == 1)
		n = i2d_OCSP_REQUEST(request, &der);
	if (n <= 0)
		return err_no_memory(e);
	buf_put(out, der, (size_t)n);
	OPENSSL_free(der);
	return buf_ok(out, e);
}

static bool status_of(struct bytes answer, struct ocsp_answer *a)
{
	struct assay_err none = { 0 };

	return answer.n <= OCSP_BODY && ocsp_answer_parse(answer, a, &none) == ASSAY_OK;
}

bool ocsp_responder_busy(struct bytes answer)
{
	struct ocsp_answer a;

	return status_of(answer, &a) && (a.status == INTERNAL_ERROR || a.status == TRY_LATER);
}

bool ocsp_responder_refuses(struct bytes answer)
{
	struct ocsp_answer a;

	return status_of(answer, &a) && (a.status == MALFORMED || a.status == UNAUTHORIZED);
}

bool ocsp_responder_no_nonce(struct bytes answer)
{
	struct ocsp_answer a;

	return status_of(answer, &a) && a.status == 0 && a.nonce.p == NULL;
}
