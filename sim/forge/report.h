/* SPDX-License-Identifier: Apache-2.0
 *
 * Attestation reports: an SPDM 1.1 GET_MEASUREMENTS request and the signed MEASUREMENTS response
 * (nvidia-evidence 2, DMTF DSP0274 1.1). A plan holds what will be said; writing and signing are steps of their own, so
 * that a fault can come before, between or after them. */
#ifndef FORGE_REPORT_H
#define FORGE_REPORT_H

#include "forge/device.h"
#include "format/opaque.h"

#define NONCE 32

#define ITEMS     24
#define ITEM_DATA 512

struct item {
	uint16_t type;
	uint16_t value_type; /* NVDAOD layout only (2.6) */
	uint16_t n;
	uint8_t  data[ITEM_DATA];
};

struct report_plan {
	uint8_t     request_nonce[NONCE];
	uint8_t     response_nonce[NONCE];
	size_t      blocks;
	uint8_t     value[SLOTS][DIGEST];
	size_t      items;
	struct item item[ITEMS];
	size_t      head_n; /* 12: NVDAOD layout with this header; 0: legacy */
	uint8_t     head[12];
};

/* The wiring of protected PCIe (7.4): who is behind the links of a node of 8 GPUs and 4 switches. */
#define WIRED_GPUS     8
#define WIRED_SWITCHES 4
#define LINKS          18
#define PORTS          64

struct wiring {
	bool    ppcie;
	uint8_t gpu[WIRED_GPUS][PDI];
	uint8_t nvswitch[WIRED_SWITCHES][PDI];
};

/* Link l of GPU g ends at this switch: five links to two of them, four to the others. */
size_t report_link(size_t g, size_t l);

/* The golden value of a measurement in a RIM; what a device reports is one of these. */
enum assay_code golden_value(const struct seed *s, const struct family *f, const char *rim,
	size_t slot, size_t alternative, uint8_t out[DIGEST], struct assay_err *e);

/* What an honest device says to that nonce. */
enum assay_code report_plan(const struct seed *s, const struct device *d,
	const struct wiring *w, const uint8_t nonce[NONCE], struct report_plan *out,
	struct assay_err *e);

/* The item of that type, NULL when there is none; a new one at the end. */
struct item *report_item(struct report_plan *r, unsigned type);
struct item *report_add(struct report_plan *r, unsigned type, const void *data, size_t n);

/* All but the signature; then the signature behind it. */
enum assay_code report_write(const struct report_plan *r, struct buf *out, struct assay_err *e);
enum assay_code report_seal(
	const struct seed *s, const struct device *d, struct buf *report, struct assay_err *e);

#endif
