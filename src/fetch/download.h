/* SPDX-License-Identifier: Apache-2.0
 *
 * One large file, to a folder: resumed where an earlier try ended, and there under its name only when it has the digest that
 * was asked for. https only, but for the loopback; no redirects. */
#ifndef FETCH_DOWNLOAD_H
#define FETCH_DOWNLOAD_H

#include "crypto/digest.h"

#define DOWNLOAD_MOST 17179869184 /* bytes; a CUDA toolkit has 5 GiB */

struct download_ask {              /* lent */
	const char *url, *referer; /* referer NULL: none */
	const char *name;          /* in the folder; until then NAME.part */
	const char *ca_file;       /* NULL: the system's */
	uint8_t     sha256[SHA256_SIZE];
	/* Bytes so far, and in all (0: not known); NULL: nobody listens. */
	void (*tell)(void *ctx, const char *name, uint64_t done, uint64_t all);
	/* Is it to end here? What came is kept; NULL: never. */
	bool (*stop)(void *ctx);
	void *ctx;
};

/* NETWORK_..., SERVICE_...; SERVICE_REPLY for another digest, after which nothing of it is left; HOST_WRITE. */
enum assay_code download(int folder, const struct download_ask *ask,
	const struct crypto *crypto, struct assay_err *e);

#endif
