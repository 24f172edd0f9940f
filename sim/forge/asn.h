/* SPDX-License-Identifier: Apache-2.0
 *
 * DER, written: as much as certificate extensions need. The reader is base/der.h. */
#ifndef FORGE_ASN_H
#define FORGE_ASN_H

#include "base/buf.h"
#include "base/der.h"

/* One element of that tag around value, appended to out. Lengths in their shortest form. */
void asn_put(struct buf *out, uint8_t tag, struct bytes value);

/* An object identifier from dots, as an element. False when it is none. */
bool asn_oid(struct buf *out, const char *dots);

#endif
