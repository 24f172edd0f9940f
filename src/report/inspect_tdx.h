/* SPDX-License-Identifier: Apache-2.0
 *
 * What inspect() knows of TDX: quotes, Intel's documents, CRLs, event logs. Decoded, not judged. */
#ifndef REPORT_INSPECT_TDX_H
#define REPORT_INSPECT_TDX_H

#include "base/json.h"
#include "crypto/cert.h"

/* Is it one of these, by its first bytes or members? kind: its name among what inspect() gives. */
bool inspect_tdx_like(struct bytes in, const char **kind);

/* Such an input to its value. The codes of its parser. */
enum assay_code inspect_tdx(const struct crypto *c, const char *kind, struct bytes in,
	json_t **out, struct assay_err *e);

/* One quote; a certificate list of it is made by inspect.c. */
enum assay_code inspect_quote(
	const struct crypto *c, struct bytes in, json_t **out, struct assay_err *e);

/* An event log: a row an event, and the registers that it leads to. */
enum assay_code inspect_events(
	const struct crypto *c, struct bytes in, json_t **out, struct assay_err *e);

/* The SGX extension of a PCK certificate; NULL when there is none that can be read. */
json_t *inspect_pck(const X509 *cert);

/* inspect.c: PEM certificates as a list. */
enum assay_code inspect_chain(
	const struct crypto *c, struct bytes pem, json_t **out, struct assay_err *e);

#endif
