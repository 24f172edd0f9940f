/* SPDX-License-Identifier: Apache-2.0
 *
 * The SGX extension of a PCK certificate: which platform, and what it is made of.
 *
 * Source: tdx 3, 8.2; Intel SGX PCK Certificate and CRL profile. */
#ifndef FORMAT_PCK_H
#define FORMAT_PCK_H

#include "base/bytes.h"
#include "base/err.h"

#define PCK_OID        "1.2.840.113741.1.13.1"
#define PCK_COMPONENTS 16

struct pck {
	uint8_t  ppid[16];
	uint8_t  component[PCK_COMPONENTS];
	uint16_t pcesvn;
	uint8_t  cpusvn[16];
	uint8_t  pceid[2];
	uint8_t  fmspc[6];
	uint8_t  type;     /* 0 standard, 1 scalable, 2 scalable with integrity */
	bool     platform; /* the two below are there: under the Platform CA */
	uint8_t  instance[16];
	bool     dynamic, cached_keys, smt;
};

/* The value of the extension. platform: the issuer is the Platform CA, so that both optional parts must be there.
 * ASSAY_CERT_SGX, class MALFORMED. That CPUSVN and the components are equal is the caller's to check. */
enum assay_code pck_parse(
	struct bytes value, bool platform, struct pck *out, struct assay_err *e);

#endif
