/* SPDX-License-Identifier: Apache-2.0
 *
 * The roots that verdicts rest on: three stores that never mix.
 *
 * Source: nvidia-evidence 3.2; tdx 5.1. */
#ifndef VERIFY_TRUST_H
#define VERIFY_TRUST_H

#include "crypto/chain.h"

struct trust {
	struct anchor device, rim, sgx;
	bool          test; /* the anchors are not the pinned ones: say so everywhere */
};

/* NVIDIA's and Intel's roots, pinned in code. */
struct trust trust_pinned(void);

/* Roots of the caller's own, each one PEM certificate; all three are replaced. ASSAY_CERT_PARSE, ASSAY_INPUT_PEM. */
enum assay_code trust_replace(const struct crypto *c, struct bytes device, struct bytes rim,
	struct bytes sgx, struct trust *out, struct assay_err *e);

#endif
