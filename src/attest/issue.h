/* SPDX-License-Identifier: Apache-2.0
 *
 * A report to a token: what the core may not have, a private key and chance, is brought here. */
#ifndef ATTEST_ISSUE_H
#define ATTEST_ISSUE_H

#include "appraise/claims.h"
#include "attest/session.h"
#include "crypto/jws.h"

#define ISSUE_KEY_MAX (64 * 1024)

struct issue { /* how; lent */
	struct bytes
		key; /* private key on P-384, PEM without a passphrase; p == NULL: not signed */
	const char *kid;     /* NULL: none */
	const char *iss;     /* NULL: TOKEN_ISS */
	unsigned    version; /* of the claims: 3 (also 0) or 2 */
};

/* Is it a key that can sign? To be asked before there is a verdict to sign. ASSAY_TOKEN_KEY. */
enum assay_code issue_key(const struct assay *a, struct bytes pem, struct assay_err *e);

/* The report's detached EAT as JSON text, one line, appended. ASSAY_TOKEN_KEY, ASSAY_INPUT_OPTION. */
enum assay_code issue_token(const struct assay *a, const struct assay_report *r,
	const struct issue *how, struct buf *out, struct assay_err *e);

/* What nvattest prints: {result_code, result_message, claims, detached_eat}, members in alphabetical order, indented by
 * four. Its numbers are in the text alone. */
enum assay_code issue_nvattest(const struct assay *a, const struct assay_report *r,
	const struct issue *how, struct buf *out, struct assay_err *e);

/* Does that say yes? It has no word for a waiver, nor for a guest by itself: there it says no, whatever the verdict. */
bool issue_agrees(const struct assay_report *r);

/* The claims of a report, to ask a policy about. */
struct claims_ask issue_claims(const struct assay_report *r, unsigned version);

#endif
