/* SPDX-License-Identifier: Apache-2.0
 *
 * Intel's collateral as services, their headers and people's files spell it, to the bytes that are verified.
 *
 * Source: tdx 4.1, 4.2. */
#ifndef FORMAT_PCS_TEXT_H
#define FORMAT_PCS_TEXT_H

#include "base/buf.h"

#define PCS_TEXT_CHAIN (32 * 1024) /* tdx 8.2: a header; its PEM has 16 KiB */

/* A CRL as DER, PEM or hexadecimal text, appended to der as DER. ASSAY_INPUT_KIND, ASSAY_INPUT_PEM. */
enum assay_code pcs_text_crl(struct bytes in, struct buf *der, struct assay_err *e);

/* A chain as PCS's headers have it ("-----BEGIN%20CERTIFICATE-----%0A..."), or as it is, appended to pem. A plus is a plus,
 * base64 has some. ASSAY_INPUT_SIZE, ASSAY_INPUT_PEM. */
enum assay_code pcs_text_chain(struct bytes in, struct buf *pem, struct assay_err *e);

/* Is it hexadecimal text of DER? */
bool pcs_text_hex(struct bytes in);

/* A file of which nobody says what it is: each of these by its form, JSON without what C programs leave behind it, and all
 * else as it is. */
enum assay_code pcs_text_file(struct bytes in, struct buf *out, struct assay_err *e);

#endif
