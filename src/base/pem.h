/* SPDX-License-Identifier: Apache-2.0
 *
 * PEM certificates one after another: behind each white space and NUL, nothing else (tdx 5.1, P7; in a device's chain,
 * whose text has no NUL but at its end, nvidia-evidence 3.1). */
#ifndef BASE_PEM_H
#define BASE_PEM_H

#include "base/buf.h"

/* The next certificate's DER into *der, which is emptied first; *text moves behind it. At the end *der stays empty.
 * ASSAY_INPUT_PEM, ASSAY_INPUT_BASE64. */
enum assay_code pem_next(struct bytes *text, struct buf *der, struct assay_err *e);

/* One certificate, in lines of 64 characters, appended to out. */
void pem_write(struct bytes der, struct buf *out);

/* The same under another label: "X509 CRL". */
void pem_write_as(const char *label, struct bytes der, struct buf *out);

#endif
