/* SPDX-License-Identifier: Apache-2.0
 *
 * Reference integrity manifests: SWID tags with golden values, in the layout and the words of the real ones, signed
 * with XMLDSig (nvidia-evidence 5, 6.1). The text is written, canonicalised by libxml2 and signed by the seed, so no
 * library with process-wide state takes part. */
#ifndef FORGE_RIM_H
#define FORGE_RIM_H

#include "forge/device.h"

enum rim_kind { RIM_DRIVER, RIM_VBIOS, RIM_BIOS };

#define RIM_ID      128 /* 5.1 */
#define RIM_CERTS   4
#define RIM_SERVICE "https://rim.attestation.nvidia.com/v1/rim/"

struct rim_id {
	enum rim_kind        kind;
	const struct family *family;
	char                 text[RIM_ID];
	char                 version[VERSION];
};

/* The id of the RIM of that kind for a device (5.1). */
void rim_of(const struct device *d, enum rim_kind kind, struct rim_id *out);

/* The RIM that speaks for a measurement of that device. */
enum rim_kind rim_owner(const struct device *d, size_t slot);

/* Does a RIM of that kind compare this measurement (6.1)? */
bool rim_active(enum rim_kind kind, size_t slot);

/* An id as a RIM service is asked for: any version of a family that the forge knows. False for others. */
bool rim_parse(const char *text, struct rim_id *out);

struct golden {
	bool    active;
	size_t  alternatives;
	size_t  said; /* in the attribute, when not as many */
	uint8_t hash[GOLDEN][DIGEST];
};

/* One RIM before it is written. Texts that a fault may set are NULL otherwise. */
struct rim_plan {
	const struct rim_id *id;
	const char          *version, *edition, *product;
	struct golden        row[SLOTS];
	X509                *cert[RIM_CERTS + 1]; /* references, for X509_free() */
	EVP_PKEY            *key;                 /* likewise */
	const char          *active;              /* the word for an active row */
	const char          *prolog;              /* in front of the root */
	const char          *root;                /* attributes of the root */
	const char          *payload;             /* behind the last Resource */
	const char          *tail;                /* behind Payload */
	const char          *signature_method;
	const char          *uri;
	const char          *transform; /* behind the two that there are */
	EVP_PKEY            *key_value; /* its KeyValue in front of X509Data; lent */
	bool                 certs_in_meta;
	bool                 twice; /* the Signature */
	bool                 wrap;  /* the whole document in another one */
};

/* What an honest issuer would say, and with which chain. */
enum assay_code rim_plan(
	struct pki *p, const struct rim_id *id, struct rim_plan *out, struct assay_err *e);
void rim_plan_done(struct rim_plan *r);

/* The signed document. */
enum assay_code rim_write(
	const struct seed *s, const struct rim_plan *r, struct buf *out, struct assay_err *e);

#endif
