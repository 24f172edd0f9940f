/* SPDX-License-Identifier: Apache-2.0
 *
 * One attestation of a running platform, step by step, and the rows of its gallery: without the forge's names, which are
 * those of the verifier, too. */
#ifndef TESTS_ATTEMPT_H
#define TESTS_ATTEMPT_H

#include "forged.h"
#include "sim/live.h"

struct attempt;

/* Evidence of all devices that give some. */
struct attempt *attempt_new(struct live *l, struct live_said *said);
void            attempt_free(struct attempt *a);

/* One more piece of collateral from the services, if it is to be had. */
void   attempt_fetch(struct attempt *a, const char *want);
size_t attempt_has(const struct attempt *a);

/* All of it as a bundle, with the platform's anchors. */
void attempt_bundle(const struct attempt *a, struct forged *out);

struct gallery_row {
	const char *name, *profile, *attack, *finding;
	int         exit;
	bool        elsewhere; /* of the TD: neither GPUs nor their collateral show it */
};

bool gallery_row(size_t i, struct gallery_row *out);

#endif
