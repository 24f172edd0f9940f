/* SPDX-License-Identifier: Apache-2.0
 *
 * Single certificates: parsing, and the few facts that profiles ask for. */
#ifndef CRYPTO_CERT_H
#define CRYPTO_CERT_H

#include <openssl/x509.h>

#include "base/buf.h"
#include "crypto/context.h"

#define CERT_MAX 2048 /* bytes of DER; nvidia-evidence 8.1. Seen: 527 to 896 */

AUTO_PTR(X509, X509_free)

/* One DER certificate and nothing behind it; ASSAY_CERT_PARSE. *out is the caller's. */
enum assay_code cert_parse(
	const struct crypto *c, struct bytes der, X509 **out, struct assay_err *e);

/* Validity in seconds since 1970; ASSAY_CERT_PARSE. */
enum assay_code cert_validity(
	const X509 *cert, int64_t *not_before, int64_t *not_after, struct assay_err *e);

/* The value of the only attribute of that NID in the subject, borrowed; p == NULL when absent or there twice. */
struct bytes cert_subject(const X509 *cert, int nid);

/* The only extension with that OID (dotted); *times counts how often it is there. Borrowed. */
struct bytes cert_extension(const X509 *cert, const char *oid, size_t *times);

/* The serial number's magnitude, big-endian without sign byte; borrowed. */
struct bytes cert_serial(const X509 *cert);

/* May its key sign data, and neither certificates nor CRLs: digitalSignature and no authority? */
bool cert_signs_data(X509 *cert);

/* Does cert name the subject of issuer as its issuer, in the same bytes? */
bool cert_issued_by_name(const X509 *cert, const X509 *issuer);

/* The certificate as DER, appended to out. */
enum assay_code cert_der(X509 *cert, struct buf *out, struct assay_err *e);

/* The whole SubjectPublicKeyInfo (DER, appended to out), and the content of its BIT STRING (borrowed). */
enum assay_code cert_spki(const X509 *cert, struct buf *out, struct assay_err *e);
struct bytes    cert_key_bits(const X509 *cert);

#define CERT_DEVICE_INFO "1.3.6.1.4.1.412.274.1" /* DMTF DSP0274: names the device */

/* The only otherName of type OID (dotted) in the subject alternative name, a UTF8String; p == NULL when not exactly one
 * name is there or it is of another kind. Borrowed from the extension's bytes. */
struct bytes cert_other_name(const X509 *cert, const char *oid);

#endif
