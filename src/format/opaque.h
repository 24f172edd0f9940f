/* SPDX-License-Identifier: Apache-2.0
 *
 * NVIDIA's opaque data inside a report: a run of typed items, in the legacy layout or in the versioned one ("NVDAOD").
 * GPU and NVSwitch are two tables of one parser. Decode it only after the report's signature holds.
 *
 * Source: nvidia-evidence 2.5, 2.6 and 8.2. */
#ifndef FORMAT_OPAQUE_H
#define FORMAT_OPAQUE_H

#include "base/rd.h"
#include "format/device.h"

#define OPAQUE_ITEMS    64
#define OPAQUE_SIZE_MAX 4096
#define OPAQUE_LINKS    64 /* PDIs in a GPU's field 22; 18 on Hopper */
#define OPAQUE_GPUS     8  /* PDIs in a switch's field 26 */
#define OPAQUE_VBIOS    33 /* characters of a version, with NUL */
#define OPAQUE_ON       0xaa
#define OPAQUE_OFF      0x55

/* Types by their numbers on the wire. */
enum opaque_type {
	OPAQUE_DRIVER_VERSION        = 3,
	OPAQUE_GPU_INFO              = 4,
	OPAQUE_VBIOS_VERSION         = 6,
	OPAQUE_NVDEC0_STATUS         = 11,
	OPAQUE_MSRSCNT               = 12,
	OPAQUE_CPRINFO               = 13,
	OPAQUE_BOARD_ID              = 14,
	OPAQUE_CHIP_SKU              = 15,
	OPAQUE_CHIP_SKU_MOD          = 16,
	OPAQUE_PROJECT               = 17,
	OPAQUE_PROJECT_SKU           = 18,
	OPAQUE_PROJECT_SKU_MOD       = 19,
	OPAQUE_FWID                  = 20,
	OPAQUE_PROTECTED_PCIE_STATUS = 21,
	OPAQUE_PDI               = 22, /* GPU: the switches behind its links; switch: its own */
	OPAQUE_DISABLED_PORTS    = 23,
	OPAQUE_POSITION_ID       = 24,
	OPAQUE_LOCK_STATUS       = 25,
	OPAQUE_GPU_PDIS          = 26,
	OPAQUE_SYS_ENABLE_STATUS = 33,
	OPAQUE_DATA_VERSION      = 34,
	OPAQUE_CHIP_INFO         = 35,
	OPAQUE_FEATURE_FLAG      = 36,
	OPAQUE_FSP_UCODE_SVN     = 37,
	OPAQUE_NVLE_STATUS       = 38,
	OPAQUE_TYPES             = 39,
	OPAQUE_INVALID           = 255
};

struct opaque_item {
	uint16_t     type;
	uint16_t     kind; /* ValueType of the versioned layout; 0 in the legacy one */
	struct bytes value;
};

struct opaque { /* a view into the bytes it was parsed from */
	bool               versioned;
	uint8_t            major, minor, patch; /* of the versioned layout */
	struct opaque_item item[OPAQUE_ITEMS];  /* in wire order, unknown ones too */
	size_t             items;
	size_t             unknown;             /* types that this version does not know */
	struct bytes       field[OPAQUE_TYPES]; /* by type; p == NULL: absent */
};

/* ASSAY_OPAQUE_* and ASSAY_TRUNCATED. Sizes and character sets are checked for the kind of device; which fields must be
 * there is asked by opaque_complete(). */
enum assay_code opaque_parse(
	struct bytes in, enum device_kind kind, struct opaque *out, struct assay_err *e);

/* The fields that every report of this kind has (8.2 item 10). ASSAY_OPAQUE_MISSING. */
enum assay_code opaque_complete(
	const struct opaque *o, enum device_kind kind, struct assay_err *e);

/* The name of a type, "field N" for an unknown one; static, or written to text. */
const char *opaque_name(uint16_t type, enum device_kind kind, char text[16]);

/* A text field up to its first NUL; p == NULL when absent. */
struct bytes opaque_text(const struct opaque *o, enum opaque_type type);

/* An integer field of at most 8 bytes, little-endian; false when absent. */
bool opaque_number(const struct opaque *o, enum opaque_type type, uint64_t *out);

/* The version of the data itself: the header's major, or field 34; 0 when it says none. Chip info and feature flag have
 * their meaning from 1 on. */
unsigned opaque_version(const struct opaque *o);

/* The VBIOS or BIOS version as text: "96.00.74.00.20"; "" when absent. */
const char *opaque_vbios(
	const struct opaque *o, enum device_kind kind, char text[OPAQUE_VBIOS]);

/* Distinct switch PDIs that a GPU names, big-endian as certificates have them, zero entries dropped. */
size_t opaque_switches(const struct opaque *o, uint8_t pdi[OPAQUE_LINKS][8]);

/* The eight GPU PDIs that a switch names, as they stand; 0 when the field is absent. */
size_t opaque_gpus(const struct opaque *o, uint8_t pdi[OPAQUE_GPUS][8]);

/* Extend counts: how many there are, and the count of a measurement index. */
size_t   opaque_counts(const struct opaque *o);
uint32_t opaque_count(const struct opaque *o, size_t index);

#endif
