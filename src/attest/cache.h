/* SPDX-License-Identifier: Apache-2.0
 *
 * Collateral in the store: pieces by want, under the anchors that they were verified with. An entry is a bundle of one
 * piece. What comes out is verified like anything from outside; what goes in has held, so garbage never gets there. */
#ifndef ATTEST_CACHE_H
#define ATTEST_CACHE_H

#include "format/evidence.h"
#include "store/store.h"
#include "verify/trust.h"

#define CACHE_SPACE "collateral"

/* Adds the piece for a want to ev; *found false when there is none, or what is there is not of the form. HOST_STORE. */
enum assay_code cache_get(struct store *s, const struct crypto *c, const struct trust *t,
	const char *want, int64_t now, struct evidence *ev, bool *found, struct assay_err *e);

enum assay_code cache_put(struct store *s, const struct crypto *c, const struct trust *t,
	const struct collateral *piece, int64_t ends, int64_t now, struct assay_err *e);

enum assay_code cache_drop(struct store *s, const struct crypto *c, const struct trust *t,
	const char *want, struct assay_err *e);

/* The key of a want under these anchors: "WANT@" and 16 digits. */
#define CACHE_KEY 320
enum assay_code cache_key(const struct crypto *c, const struct trust *t, const char *want,
	char out[CACHE_KEY], struct assay_err *e);

/* One entry read: exactly one piece, with a want and no device. ASSAY_JSON_FIELD and the codes of evidence_add(). */
enum assay_code cache_read(struct bytes value, struct evidence *out, struct assay_err *e);

/* Until when a piece that nobody has verified may be kept: by the dates inside it. It must be what its want says, as far as
 * can be seen without the chain that it belongs to. ASSAY_INPUT_KIND for what is neither RIM, OCSP answer nor of Intel's,
 * OCSP_MATCH, JSON_FMSPC, and the codes of the parsers. */
enum assay_code cache_ends(const struct crypto *c, const struct collateral *piece, int64_t now,
	int64_t *ends, struct assay_err *e);

#endif
