/* SPDX-License-Identifier: Apache-2.0
 *
 * The attestation report: an SPDM 1.1 GET_MEASUREMENTS request followed directly by the signed MEASUREMENTS response.
 * GPU and NVSwitch share it.
 *
 * Source: DMTF DSP0274 1.1, GET_MEASUREMENTS and MEASUREMENTS; nvidia-evidence 2.1 to 2.3. */
#ifndef FORMAT_SPDM_H
#define FORMAT_SPDM_H

#include "base/rd.h"
#include "format/device.h"

#define SPDM_REPORT_MAX 8192 /* the buffer that NVML and NSCQ hand out */
#define SPDM_BLOCKS_MAX 254
#define SPDM_DIGEST     48 /* SHA-384, the only measurement that assay compares */
#define SPDM_SIGNATURE  96
#define SPDM_NONCE      32

struct spdm_report {         /* a view into the bytes it was parsed from */
	struct bytes nonce;  /* of the request: the verifier's */
	struct bytes answer; /* the responder's own nonce */
	size_t       blocks;
	struct bytes block[SPDM_BLOCKS_MAX]; /* digest of measurement i, SPDM_DIGEST bytes */
	struct bytes opaque;
	struct bytes message; /* what is signed: all but the signature */
	struct bytes signature;
};

/* The whole buffer is consumed. ASSAY_REPORT_SIZE, ASSAY_REPORT_HEADER, ASSAY_TRUNCATED, ASSAY_MEASUREMENT_BLOCK,
 * ASSAY_MEASUREMENT_KIND. */
enum assay_code spdm_parse(struct bytes report, struct spdm_report *out, struct assay_err *e);

/* Whose report is it, by its number of blocks? A guess, for where nothing else tells. */
enum device_kind spdm_guess(struct bytes report);

#endif
