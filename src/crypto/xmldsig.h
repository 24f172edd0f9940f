/* SPDX-License-Identifier: Apache-2.0
 *
 * The one XML signature that RIMs carry, checked with a key that the caller has validated and nothing else: KeyInfo
 * finds no key. Only the algorithms of nvidia-evidence 5.4, one reference, URI "".
 *
 * Source: W3C XMLDSig; nvidia-evidence 5.4 and 8.3 items 1 to 4. */
#ifndef CRYPTO_XMLDSIG_H
#define CRYPTO_XMLDSIG_H

#include <libxml/tree.h>

#include "crypto/context.h"

/* signature is the ds:Signature element of doc; one that is no child of its root does not hold. key is lent, and must
 * be on P-384. The tree is left as it is. ASSAY_RIM_SIGNATURE, ASSAY_CERT_PROFILE, ASSAY_NO_MEMORY.
 *
 * Does not check whose key it is, nor that the document has the form of a RIM: the order of the transforms, and what
 * else stands in the signature beside what is signed, are rim_parse()'s to refuse. */
enum assay_code xmldsig_verify(const struct crypto *c, xmlDoc *doc, xmlNode *signature,
	EVP_PKEY *key, struct assay_err *e);

#endif
