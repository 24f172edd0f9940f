/* SPDX-License-Identifier: Apache-2.0 */
#include "forge/asn.h"

#include "forge/ossl.h"

void asn_put(struct buf *out, uint8_t tag, struct bytes value)
{
	buf_byte(out, tag);
	if (value.n >= 256) {
		buf_byte(out, 0x82);
		buf_byte(out, (uint8_t)(value.n >> 8));
	} else if (value.n >= 128) {
		buf_byte(out, 0x81);
	}
	buf_byte(out, (uint8_t)value.n);
	buf_put(out, value.p, value.n);
}

bool asn_oid(struct buf *out, const char *dots)
{
	AUTO(ASN1_OBJECT) *oid = OBJ_txt2obj(dots, 1);

	if (oid == NULL)
		return false;
	asn_put(out, DER_OID, (struct bytes){ OBJ_get0_data(oid), OBJ_length(oid) });
	return true;
}
