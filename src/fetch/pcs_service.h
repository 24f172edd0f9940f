/* SPDX-License-Identifier: Apache-2.0
 *
 * Intel's provisioning certification service (PCS, version 4) and the caches of it that operators run (PCCS): addresses, and
 * what of a reply may pass on to the verifier. Everything is signed and is judged there; here is asked only whether the
 * service answered what it was asked, and encodings are undone.
 *
 * Source: tdx 4.1, 4.2, 8.2. */
#ifndef FETCH_PCS_SERVICE_H
#define FETCH_PCS_SERVICE_H

#include "base/buf.h"

#define PCS_SERVICE_URL   "https://api.trustedservices.intel.com"
#define PCS_SERVICE_ROOT  "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"
#define PCS_SERVICE_REPLY (2 * 1024 * 1024 + 2) /* a CRL of 1 MiB as hexadecimal text */

/* The headers in which chains come, up to NULL. */
#define PCS_SERVICE_HEADERS 3
extern const char *const pcs_service_headers[PCS_SERVICE_HEADERS + 1];

/* base: of a PCS or PCCS, with or without "/sgx/certification/v4" and the like; Intel's own serves the root's CRL elsewhere.
 * ASSAY_NETWORK_ADDRESS for a want that is none. */
enum assay_code pcs_service_url(
	const char *base, const char *want, struct buf *out, struct assay_err *e);

/* A reply as the verifier takes it, appended: JSON to the byte, CRLs as DER, whether they came so, as PEM or as hexadecimal
 * text. ASSAY_SERVICE_REPLY. */
enum assay_code pcs_service_body(
	const char *want, struct bytes reply, struct buf *out, struct assay_err *e);

/* The name of the piece that goes with it, the signer's chain; NULL when none does. */
const char *pcs_service_beside(const char *want, char out[64]);

/* That chain as PEM, appended; header: in the order of pcs_service_headers, empty where none came. ASSAY_SERVICE_REPLY. */
enum assay_code pcs_service_chain(const char *want,
	const struct bytes header[PCS_SERVICE_HEADERS], struct buf *out, struct assay_err *e);

#endif
