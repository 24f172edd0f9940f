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

/* signature is the ds:Signature element of doc, a child of its root (rim_parse() has made sure). key is lent.
 * ASSAY_RIM_SIGNATURE. Does not check whose key it is. */
enum assay_code xmldsig_verify(const struct crypto *c, xmlDoc *doc, xmlNode *signature,
	EVP_PKEY *key, struct assay_err *e);

#endif
