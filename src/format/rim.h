/* SPDX-License-Identifier: Apache-2.0
 *
 * Reference integrity manifests: NVIDIA's profile of a SWID tag (ISO 19770-2) with the TCG RIM binding, signed inside.
 * In two steps, because golden values may only be read from a document whose signature holds: rim_parse() checks the
 * structure and finds what the signature check needs; rim_values() reads the values afterwards, from the same tree.
 *
 * A document with a comment anywhere is refused: canonicalisation drops comments, so one inside a text would split it
 * for a reader and not for the signature. No RIM has any. Namespaces count, prefixes do not.
 *
 * Source: nvidia-evidence 5.3, 5.4, 5.6, 6.1 and 8.4; TCG RIM Information Model 1.01. */
#ifndef FORMAT_RIM_H
#define FORMAT_RIM_H

#include <libxml/tree.h>

#include "base/buf.h"

#define RIM_CERTIFICATES     4
#define RIM_CERTIFICATES_MAX 8
#define RIM_CERTIFICATE_MAX  2048 /* bytes of DER; nvidia-evidence 8.1 */
#define RIM_TEXT             64   /* characters of a name, a version, a product; seen: 18 */
#define RIM_INDICES          64
#define RIM_ALTERNATIVES     16
#define RIM_DIGEST           48

#define RIM_NS_SWID   "http://standards.iso.org/iso/19770/-2/2015/schema.xsd"
#define RIM_NS_DSIG   "http://www.w3.org/2000/09/xmldsig#"
#define RIM_NS_SHA384 "http://www.w3.org/2001/04/xmlenc#sha384"
#define RIM_NS_OPAQUE "https://docs.nvidia.com/attestation/specs/latest/opaque-data.html"
#define RIM_NS_XML    "http://www.w3.org/XML/1998/namespace"
#define RIM_NS_TCG                                    \
	"https://trustedcomputinggroup.org/resource/" \
	"tcg-reference-integrity-manifest-rim-information-model/"

/* How ids begin: nvidia-evidence 5.1. */
#define RIM_ID_HOPPER    "NV_GPU_DRIVER_GH100_"
#define RIM_ID_BLACKWELL "NV_GPU_CC_DRIVER_" /* chip, "_", version */
#define RIM_ID_CHIP      "GB100"             /* of Blackwell, where nothing says it */
#define RIM_ID_VBIOS     "NV_GPU_VBIOS_"
#define RIM_ID_LS10      "NV_SWITCH_BIOS_5612_0002_890_"

enum rim_kind { RIM_DRIVER, RIM_VBIOS, RIM_BIOS, RIM_KINDS };

struct rim {
	xmlDoc        *doc;
	xmlNode       *signature;                     /* of doc: the root's last child */
	const xmlNode *payload;                       /* of doc: the root's child before that */
	struct buf certificate[RIM_CERTIFICATES_MAX]; /* DER, leaf first, from its KeyInfo */
	size_t     certificates; /* how many; a chain has RIM_CERTIFICATES */
	/* Borrowed from the tree; authenticated only once the signature holds. Printable, at most RIM_TEXT characters,
	 * the version of [0-9A-Za-z.]; the tag id has 96 hexadecimal digits. */
	struct bytes name, tag_id, version, edition, product;
};

/* Nothing in a RIM says which kind it is: edition SWITCH is BIOS; else the form of the version tells, five groups of
 * two hexadecimal digits being a VBIOS (nvidia-evidence 5.6). Whether the edition is one that exists is for the check
 * of the RIM's identity. */
enum rim_kind rim_kind(const struct rim *rim);

/* "driver", "VBIOS", "BIOS". */
const char *rim_kind_name(enum rim_kind kind);

/* The whole document but the Resource elements: root, its four children and their attributes, the signature to its
 * last element, nothing of ds: elsewhere, no Id, no comment, no text where none belongs. Signature and chain are not
 * checked here. XML_* codes of xml_read(), ASSAY_RIM_STRUCTURE. */
enum assay_code rim_parse(struct bytes xml, struct rim *out, struct assay_err *e);

void rim_done(struct rim *rim);

struct golden_entry {
	uint8_t        alternatives; /* 0: the index is not active */
	const uint8_t *digest;       /* as many, in the pool; NULL when not active */
	char           name[64];     /* printable */
};

struct golden { /* owns its memory; outlives the document */
	struct golden_entry entry[RIM_INDICES];
	size_t              active;
	uint8_t            *pool;
};

/* The Resource elements. Inactive measurements are held to the same form and then left out. An active one of a kind
 * that this version does not know (another type, an attribute or an element of the opaque-data namespace) is a check
 * that would go unasked: ASSAY_RIM_NEWER. Also ASSAY_RIM_STRUCTURE, and ASSAY_RIM_EMPTY with no active measurement. */
enum assay_code rim_values(const struct rim *rim, struct golden *out, struct assay_err *e);

void golden_done(struct golden *g);

#endif
