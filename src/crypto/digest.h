/* SPDX-License-Identifier: Apache-2.0
 *
 * Digests of whole inputs. */
#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include "crypto/context.h"

#define SHA1_SIZE   20
#define SHA256_SIZE 32
#define SHA384_SIZE 48
#define SHA512_SIZE 64

/* md is one of c->sha1, sha256, sha384, sha512; out has its size. ASSAY_INTERNAL. */
enum assay_code digest(const EVP_MD *md, struct bytes in, uint8_t *out, struct assay_err *e);

#endif
