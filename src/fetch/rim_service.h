/* SPDX-License-Identifier: Apache-2.0
 *
 * NVIDIA's RIM service: addresses, and what its replies say. Nothing of a reply is signed but the document inside it,
 * which the verifier judges; here is asked only whether the service answered what it was asked.
 *
 * Source: nvidia-evidence 5.2; nvidia-claims-and-services chapter 7. */
#ifndef FETCH_RIM_SERVICE_H
#define FETCH_RIM_SERVICE_H

#include "format/rim_reply.h"

#define RIM_SERVICE_URL   "https://rim.attestation.nvidia.com"
#define RIM_SERVICE_REPLY RIM_REPLY_FILE
#define RIM_SERVICE_IDS \
	(4 * 1024 * 1024)  /* a list; NVIDIA's has some hundred ids of 40 characters */
#define RIM_SERVICE_ID 128 /* characters; nvidia-evidence 5.1 */

/* Letters, digits, "_", "-" and ".", but no ".." and no "." in front: nothing that means something in an address. */
bool rim_service_id(const char *id);

/* base is the service's address, with or without "/v1/rim/"; id == NULL: the list of ids. ASSAY_NETWORK_ADDRESS for an
 * id that is none. */
enum assay_code rim_service_url(
	const char *base, const char *id, struct buf *out, struct assay_err *e);

/* The document of a reply, appended to xml. *sum_differs: the reply's SHA-256 is not the document's. Over what NVIDIA
 * forms it is not documented, and it is no proof of anything: a warning. ASSAY_SERVICE_REPLY. */
enum assay_code rim_service_document(struct bytes reply, const char *id, struct buf *xml,
	bool *sum_differs, struct assay_err *e);

/* Calls take for each well-formed id of a list. ASSAY_SERVICE_REPLY. */
enum assay_code rim_service_list(struct bytes reply, void (*take)(void *ctx, const char *id),
	void *ctx, struct assay_err *e);

#endif
