/* SPDX-License-Identifier: Apache-2.0
 *
 * What was verified before, remembered by digest: the upper part of device chains, RIMs with their golden values, OCSP
 * answers, and the signatures of single devices, since one case is judged again when more collateral is at hand. Chains and RIMs repeat across a fleet, so a warm verifier pays for little more than the leaf's own
 * signatures. An explicit argument, bounded, never used past a signed date: whoever looks something up gives the time.
 *
 * Only what held is remembered. Keys are SHA-256 over the anchor and every byte that was verified. */
#ifndef VERIFY_MEMO_H
#define VERIFY_MEMO_H

#include "crypto/chain.h"
#include "crypto/ocsp.h"
#include "format/rim.h"
#include "verify/pcs.h"

#define MEMO_KEY 32
#define MEMO_CHAINS \
	64 /* of a part. Whole ones: a node has no more devices. Upper parts: families times provisioners, and RIM signers: a handful exist */
#define MEMO_RIMS 128  /* driver and VBIOS releases in use at one time; about 20 KB each */
#define MEMO_OCSP 4096 /* one a certificate and day; about 100 bytes each */
#define MEMO_HELD 1024 /* one a device, a node has 64 at most; and responders */
#define MEMO_WAYS \
	16 /* places that such a key may have: 64 devices with nine answers each find theirs */
#define MEMO_PCS 128 /* families of platforms and days; about 40 KB each */

/* A RIM whose structure, chain and signature held. Shared; released by rim_known_drop(). */
struct rim_known {
	unsigned      users;
	uint8_t       key[MEMO_KEY];
	struct chain  chain;
	struct golden golden;
	enum rim_kind kind;
	char          version[RIM_TEXT + 1], edition[RIM_TEXT + 1];
	char          product[RIM_TEXT + 1], name[RIM_TEXT + 1];
	char          tag_id[2 * RIM_DIGEST + 1];
};

struct memo;

enum assay_code memo_new(struct memo **out, struct assay_err *e);
void            memo_free(struct memo *m);

/* Whole chains have a place of their own: each device has another, and upper parts are worth more. So have responders,
 * each alone. */
enum memo_part { MEMO_UPPER, MEMO_WHOLE, MEMO_SIGNER, MEMO_PARTS };

/* Appends the remembered certificates to chain and returns true when the key is known and they are valid at now. */
bool memo_chain_get(struct memo *m, enum memo_part part, const uint8_t key[MEMO_KEY],
	int64_t now, struct chain *chain);
/* The certificates from an index up, with the window of their own validity. */
enum assay_code memo_chain_put(struct memo *m, enum memo_part part, const uint8_t key[MEMO_KEY],
	const struct chain *chain, size_t from, struct assay_err *e);

/* NULL when unknown or not valid at now; else a reference, the caller's. */
struct rim_known *memo_rim_get(struct memo *m, const uint8_t key[MEMO_KEY], int64_t now);
void              memo_rim_put(struct memo *m, struct rim_known *rim);
void              rim_known_drop(struct rim_known *rim); /* accepts NULL */

/* A good answer, used between valid_from and valid_until only. */
bool memo_ocsp_get(
	struct memo *m, const uint8_t key[MEMO_KEY], int64_t now, struct ocsp_fact *out);
void memo_ocsp_put(struct memo *m, const uint8_t key[MEMO_KEY], const struct ocsp_fact *fact);

/* Something else that held, from a moment to another: keys begin with a word for what it is. */
bool memo_held(const struct memo *m, const uint8_t key[MEMO_KEY], int64_t now);
void memo_hold(struct memo *m, const uint8_t key[MEMO_KEY], int64_t from, int64_t until);

/* A document of Intel's whose signature held. NULL when unknown or not valid at now; else a reference, the caller's. */
struct pcs_known *memo_pcs_get(struct memo *m, const uint8_t key[MEMO_KEY], int64_t now);
void              memo_pcs_put(struct memo *m, struct pcs_known *k);

#endif
