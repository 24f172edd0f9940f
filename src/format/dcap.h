/* SPDX-License-Identifier: Apache-2.0
 *
 * The collateral JSON of the dcap-qvl project: Intel's documents for one platform in one file. What is signed stands in it
 * as a string, so that its bytes come out as they were signed.
 *
 * Source: tdx 4.5. */
#ifndef FORMAT_DCAP_H
#define FORMAT_DCAP_H

#include "format/evidence.h"

/* Has it the members that make it one? For telling files apart. */
bool dcap_like(struct bytes in);

/* Its documents as loose pieces of collateral, each found again by what it is. Members that are not known are left alone;
 * pck_certificate_chain too, since the quote brings its own. ASSAY_INPUT_SIZE, ASSAY_JSON_*, ASSAY_INPUT_KIND, ASSAY_INPUT_PEM. */
enum assay_code dcap_read(struct evidence *ev, struct bytes in, struct assay_err *e);

#endif
