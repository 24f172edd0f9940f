/* SPDX-License-Identifier: Apache-2.0
 *
 * The forge's TD beside its devices, bound as tdx 10.4 says. The construction stands here once more, from its text and
 * with OpenSSL's own functions: what the core computes is held to it. */
#ifndef TESTS_FORGED_GUEST_H
#define TESTS_FORGED_GUEST_H

#include <jansson.h>

#include "forge/node.h"
#include "forged.h"

/* The nonce that devices are asked with. */
void forged_gpu_nonce(const struct forged_ask *ask, const uint8_t nonce[FORGE_NONCE],
	uint8_t out[FORGE_NONCE]);

/* Adds quote, event log and Intel's collateral to a bundle, and puts the relying party's nonce in. */
void forged_guest(struct forge *f, const struct forged_ask *ask, const struct forge_bundle *b,
	const uint8_t nonce[FORGE_NONCE], json_t *root);

#endif
