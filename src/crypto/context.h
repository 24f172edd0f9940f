/* SPDX-License-Identifier: Apache-2.0
 *
 * The one cryptographic context: a private OSSL_LIB_CTX without configuration file or environment, with what is fetched
 * from it once. xmlsec keeps process-wide state and is given the same context. Made at the edge by assay_init(), lent
 * to everything below; nothing in the core makes one. */
#ifndef CRYPTO_CONTEXT_H
#define CRYPTO_CONTEXT_H

#include <openssl/evp.h>

#include "base/err.h"
#include "base/mem.h"

struct crypto {
	OSSL_LIB_CTX  *lib;
	OSSL_PROVIDER *provider; /* the default one, loaded into lib */
	EVP_MD        *sha1, *sha256, *sha384, *sha512;
};

/* Call once a process, before threads and sandboxes. ASSAY_INTERNAL when a provider or xmlsec does not start. */
enum assay_code crypto_open(struct crypto *out, struct assay_err *e);

void crypto_done(struct crypto *c);

#endif
