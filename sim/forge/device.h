/* SPDX-License-Identifier: Apache-2.0
 *
 * What one device is: its family, its product, its names and numbers, its keys and its certificates
 * (nvidia-evidence 2.4, 3.1, 3.4, 3.5). */
#ifndef FORGE_DEVICE_H
#define FORGE_DEVICE_H

#include "forge/pki.h"

enum forge_kind { FORGE_GPU, FORGE_SWITCH };
enum forge_arch { FORGE_HOPPER, FORGE_BLACKWELL, FORGE_LS10, FORGE_ARCHS };

#define SLOTS   64 /* measurements of a GPU; a RIM lists as many for every family */
#define GOLDEN  4  /* alternatives of one measurement, at most */
#define DIGEST  48
#define CHAIN   5
#define PDI     8
#define VERSION 32 /* bytes of a version as text, with NUL */

/* A family of devices: what firmware and PKI have in common. */
struct family {
	const char *arch;   /* as in evidence: HOPPER */
	const char *chip;   /* in names of certificates: GH100, LS_10 */
	const char *model;  /* in RIMs: GH100, LS10 */
	const char *engine; /* GSP, FSP */
	uint8_t     tag;    /* before the PDI in the identity's serial number */
	enum ca     ica, rim_l3, signer;
	const char *from;     /* notBefore of what the device's maker signed */
	bool        dice_tcb; /* FWID as DiceTcbInfo (Blackwell) */
	size_t      blocks, counts;
	uint16_t    extends[SLOTS];      /* MSRSCNT; 0 where the value is zero */
	uint8_t     alternatives[SLOTS]; /* 0: one */
	uint8_t     chosen[SLOTS];       /* the alternative that the device reports */
};

/* A product: what its report says of itself. */
struct model {
	enum forge_arch arch;
	const char     *driver, *vbios;
	const char     *project, *project_sku, *chip_sku;
	uint32_t        board;
	const char     *info; /* GPU_INFO, 8 bytes */
	const char     *cpr;  /* CPRINFO, 4 bytes */
};

struct device {
	enum forge_kind      kind;
	unsigned             number; /* gpu3 */
	const struct family *family;
	const struct model  *model;
	uint8_t              pdi[PDI];
	uint8_t              fwid[DIGEST];
	char                 uuid[48];
	EVP_PKEY            *ik, *ak;
	X509                *chain[CHAIN]; /* leaf first; 2 to 4 are references to the PKI's */
};

const struct family *family_of(enum forge_arch arch);

/* The one of an evidence's arch; NULL for others. */
const struct family *family_named(const char *model);
const struct model  *model_of(enum forge_kind kind, enum forge_arch arch, bool ppcie);

/* The name that stands in findings: "gpu0", "nvswitch3". */
const char *device_subject(enum forge_kind kind, unsigned number, char out[16]);
#define SUBJECT(kind, number) device_subject((kind), (number), (char[16]){ 0 })

/* The public device id of any device of a node, made or not. */
enum assay_code device_pdi(const struct seed *s, enum forge_kind kind, unsigned number,
	uint8_t out[PDI], struct assay_err *e);

/* What a fault may do to the leaf before it is signed. */
struct leaf_change {
	enum assay_code (*change)(const void *with, const struct device *d, struct cert_plan *c,
		struct assay_err *e);
	const void *with;
};

/* Keys, certificates and numbers of one device. leaf may be NULL. */
enum assay_code device_make(struct pki *p, enum forge_kind kind, unsigned number,
	const struct model *model, const struct leaf_change *leaf, struct device *out,
	struct assay_err *e);
void            device_done(struct device *d);

/* The FWID extension of the leaf (3.5): its OID, and its DER around that digest. */
const char     *device_fwid_oid(const struct device *d);
enum assay_code device_fwid(
	const struct device *d, struct bytes digest, struct buf *out, struct assay_err *e);

#endif
