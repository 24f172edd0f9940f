/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of a forge, for its own files. */
#ifndef FORGE_NODE_H
#define FORGE_NODE_H

#include "forge/fault.h"

#define NODE_SPARE 8 /* certificates and keys that faults make */

struct forge {
	struct forge_spec spec;
	struct seed       seed;
	struct pki        pki;
	struct pki        evil; /* same names, other keys */
	struct wiring     wiring;
	uint8_t           nonce[FORGE_NONCE];
	struct model      model[2][FORGE_DEVICES];
	struct device     device[2][FORGE_DEVICES]; /* made when asked for: family != NULL */
	struct device     impostor; /* under the attacker's PKI, for one fault */
	size_t            spares;
	X509             *spare[NODE_SPARE];
	EVP_PKEY         *spare_key[NODE_SPARE];
};

/* Keeps them until the end of the forge; either may be NULL. */
enum assay_code node_keep(struct forge *f, X509 *cert, EVP_PKEY *key, struct assay_err *e);

/* The RIM of an id as planned, faults included; for rim_plan_done(). */
enum assay_code node_rim(
	struct forge *f, const struct rim_id *id, struct rim_plan *out, struct assay_err *e);
/* ASSAY_RIM_MISSING when a fault keeps it back. */
enum assay_code node_rim_write(
	struct forge *f, const struct rim_plan *r, struct buf *xml, struct assay_err *e);

/* A device that is in none of the evidence, of the same make. */
enum assay_code node_stranger(
	struct forge *f, enum forge_kind kind, const struct device **out, struct assay_err *e);

#endif
