/* SPDX-License-Identifier: Apache-2.0
 *
 * ECDSA signatures. The algorithm is fixed by the caller's profile, never taken from the message. */
#ifndef CRYPTO_SIG_H
#define CRYPTO_SIG_H

#include "crypto/context.h"

#define SIG_P384  96 /* r then s, 48 bytes each, unsigned big-endian */
#define SIG_P256  64 /* likewise of 32 bytes */
#define SIG_POINT 64 /* X then Y of P-256 */

/* Is key an EC key on secp384r1 / on prime256v1? */
bool sig_key_is_p384(const EVP_PKEY *key);
bool sig_key_is_p256(const EVP_PKEY *key);

/* ECDSA P-384 with SHA-384 over message; rs is raw r‖s. code is what a signature that does not hold returns.
 * ASSAY_CERT_PROFILE when key is no P-384 key. */
enum assay_code sig_p384(const struct crypto *c, EVP_PKEY *key, struct bytes message,
	struct bytes rs, enum assay_code code, struct assay_err *e);

/* The same with P-256 and SHA-256. */
enum assay_code sig_p256(const struct crypto *c, EVP_PKEY *key, struct bytes message,
	struct bytes rs, enum assay_code code, struct assay_err *e);

/* The key of a P-256 point, X‖Y; code when it is none of the curve. *out is the caller's. */
enum assay_code sig_p256_key(const struct crypto *c, struct bytes point, EVP_PKEY **out,
	enum assay_code code, struct assay_err *e);

/* The same as sig_p384() for a DER-encoded ECDSA signature, with P-384 and SHA-384 or P-256 and SHA-256 by the key's curve. */
enum assay_code sig_der(const struct crypto *c, EVP_PKEY *key, struct bytes message,
	struct bytes der, enum assay_code code, struct assay_err *e);

#endif
