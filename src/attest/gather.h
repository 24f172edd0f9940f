/* SPDX-License-Identifier: Apache-2.0
 *
 * Evidence to a bundle: what the verifier still wants is looked up in the cache and fetched, all of a round at once, until
 * nothing new is wanted. A round trip a stage, not one a certificate: RIMs and the devices' OCSP answers first, then the
 * answers about the RIMs' signers. What could not be had stays a want, with the reason for the report. */
#ifndef ATTEST_GATHER_H
#define ATTEST_GATHER_H

#include "attest/session.h"
#include "fetch/http.h"
#include "store/store.h"

/* An answer with another nonce than was sent is never good. One without any comes from a cache; whoever uses one says so. */
enum gather_nonce { GATHER_NONCE_REQUIRED, GATHER_NONCE_IF_PRESENT, GATHER_NONCE_NONE };

struct gather_request {                                   /* lent */
	const char         *rim_url, *ocsp_url, *pcs_url; /* NULL: NVIDIA's and Intel's */
	const char         *service_key;                  /* NULL: none */
	struct http_client *http;                         /* NULL: offline, the cache alone */
	struct store       *store;                        /* NULL: no cache */
	enum gather_nonce   ocsp_nonce;
	int64_t             now;
	int64_t             ocsp_max_age; /* seconds, as the verdict will ask; 0: the default */
	bool marks; /* now is now: the store's marks are asked, and raised to what holds */
	void (*progress)(void *ctx, size_t done, size_t of, const char *what); /* or NULL */
	void (*note)(void *ctx, const char *line); /* what went wrong, each once; or NULL */
	void *ctx;
};

/* Adds to ev what could be had. ASSAY_OK also when some could not: those are noted in ev (evidence_missing()), and the
 * findings say why. Class INTERNAL. */
enum assay_code gather(struct assay *a, struct assay_evidence *ev,
	const struct gather_request *r, struct assay_err *e);

#endif
