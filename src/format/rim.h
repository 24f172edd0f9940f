/* SPDX-License-Identifier: Apache-2.0
 *
 * Reference integrity manifests: NVIDIA's profile of a SWID tag (ISO 19770-2) with the TCG RIM binding, signed inside.
 * In two steps, because golden values may only be read from a document whose signature holds: rim_parse() checks the
 * structure and finds what the signature check needs; rim_values() reads the values afterwards, from the same tree.
 *
 * Source: nvidia-evidence 5.3, 5.6, 6.1 and 8.4; TCG RIM Information Model 1.01. */
#ifndef FORMAT_RIM_H
#define FORMAT_RIM_H

#include <libxml/tree.h>

#include "base/buf.h"

#define RIM_CERTIFICATES 4
#define RIM_INDICES      64
#define RIM_ALTERNATIVES 16
#define RIM_DIGEST       48

enum rim_kind { RIM_DRIVER, RIM_VBIOS, RIM_BIOS, RIM_KINDS };

struct rim {
	xmlDoc    *doc;
	xmlNode   *signature;
	struct buf certificate
		[RIM_CERTIFICATES]; /* DER, leaf first, from the signature's KeyInfo */
	/* Borrowed from the tree; authenticated only once the signature holds. */
	struct bytes name, tag_id, version, edition, product;
};

/* No driver version or SKU binds a RIM to its kind: edition SWITCH is BIOS; else the form of the version tells, five
 * groups of two hexadecimal digits being a VBIOS (nvidia-evidence 5.6). */
enum rim_kind rim_kind(const struct rim *rim);

/* XML_* codes of xml_read(), ASSAY_RIM_STRUCTURE, ASSAY_INPUT_BASE64. Signature and chain are not checked here. */
enum assay_code rim_parse(struct bytes xml, struct rim *out, struct assay_err *e);

void rim_done(struct rim *rim);

struct golden_entry {
	uint8_t        alternatives; /* 0: the index is not active */
	const uint8_t *digest;       /* alternatives times RIM_DIGEST bytes */
	char           name[64];     /* printable */
};

struct golden { /* owns its memory; outlives the document */
	struct golden_entry entry[RIM_INDICES];
	size_t              active;
	uint8_t            *pool;
};

/* ASSAY_RIM_STRUCTURE, ASSAY_RIM_NEWER (active entries of a kind this version does not know), ASSAY_RIM_EMPTY. */
enum assay_code rim_values(const struct rim *rim, struct golden *out, struct assay_err *e);

void golden_done(struct golden *g);

#endif
