/* SPDX-License-Identifier: Apache-2.0
 *
 * Chains whose upper part repeats: the certificates from an index up to the root are read from the memo when they were
 * validated before, and put there once they are. */
#ifndef VERIFY_LINKS_H
#define VERIFY_LINKS_H

#include "verify/facts.h"

/* Where a chain may be split: from the lowest index that is shared by several leaves upward. */
struct links {
	size_t n;     /* certificates of the chain */
	size_t first; /* the lowest index that may be remembered */
};

/* Leaf and identity are the device's own; driver and VBIOS RIMs often have one L3. */
#define LINKS_DEVICE ((struct links){ DEVICE_CHAIN, 2 })
#define LINKS_PCK    ((struct links){ 3, 1 }) /* the leaf is the platform's own */
#define LINKS_RIM    ((struct links){ RIM_CERTIFICATES, 1 })

/* DER certificates to a chain with its window; *known as chain_verify() takes it. The codes of chain_append(). */
enum assay_code links_read(const struct verify_case *c, const struct anchor *anchor,
	struct links l, const struct buf *der, struct chain *chain, size_t *known,
	struct assay_err *e);

/* Remember the upper parts of a chain that chain_verify() has accepted. */
enum assay_code links_keep(const struct verify_case *c, const struct anchor *anchor,
	struct links l, const struct chain *chain, size_t known, struct assay_err *e);

/* The name under which the memo knows the whole chain under this anchor. */
enum assay_code links_key(const struct verify_case *c, const struct anchor *anchor,
	struct links l, const struct buf *der, uint8_t key[MEMO_KEY], struct assay_err *e);

#endif
