/* SPDX-License-Identifier: Apache-2.0
 *
 * The forge: complete evidence of a node that does not exist, under test anchors, from a seed. What it makes has the
 * shape, the names and the sizes of the real thing; only the keys differ. Same seed, same bytes.
 *
 * Either everything at once (forge_bundle, and the files of out.h), or single steps, as the emulator needs them: a
 * report to a nonce, an answer to an OCSP request, the RIM of an id. Faults strike on the way and leave all else as it
 * was. A forge is one thread's; several may exist.
 */
#ifndef FORGE_FORGE_H
#define FORGE_FORGE_H

#include <jansson.h>

#include "forge/device.h"

#define FORGE_DEVICES 16 /* of each kind, at most */
#define FORGE_FAULTS  8  /* at once */
#define FORGE_NONCE   32

struct forge;
struct fault;

/* What to make. forge_spec_default() fills it; text is borrowed until forge_new() returns. */
struct forge_spec {
	const char         *seed;
	enum forge_arch     arch;  /* FORGE_HOPPER or FORGE_BLACKWELL */
	bool                ppcie; /* wired as 8 GPUs and 4 switches, field 21 on (7.3, 7.4) */
	unsigned            gpus, switches; /* in the evidence; the wiring stays 8 and 4 */
	int64_t             at;
	bool                nonce_given;
	uint8_t             nonce[FORGE_NONCE];  /* else of the seed */
	bool                ocsp_sha1;           /* CertIDs of SHA-1, as NVIDIA's SDK asks */
	const struct fault *fault[FORGE_FAULTS]; /* fault.h */
	size_t              faults;
};

#define FORGE_AT INT64_C(1780272000) /* 2026-06-01T00:00:00Z */

void forge_spec_default(bool ppcie, struct forge_spec *out);

/* ASSAY_INPUT_OPTION when the description contradicts itself. */
enum assay_code forge_new(
	const struct forge_spec *spec, struct forge **out, struct assay_err *e);
void forge_free(struct forge *f);

/* The same forge to another description, as if it were new; quicker, since authorities of the same seed and time are
 * kept. After a failure it is only good for this, or for forge_free(). */
enum assay_code forge_again(
	struct forge *f, const struct forge_spec *spec, struct assay_err *e);

/* Devices of a kind that the node has, as faults left it. */
unsigned forge_count(const struct forge *f, enum forge_kind kind);

/* The three anchors as PEM: device, RIM, and a third that must not mix with them. */
enum forge_anchor { FORGE_ANCHOR_DEVICE, FORGE_ANCHOR_RIM, FORGE_ANCHOR_SGX };
enum assay_code forge_anchor(
	struct forge *f, enum forge_anchor which, struct buf *pem, struct assay_err *e);

enum assay_code forge_anchor_der(
	struct forge *f, enum forge_anchor which, struct buf *der, struct assay_err *e);

/* One device: made when first asked for, then lent. Numbers beyond the node's are fine up to FORGE_DEVICES. */
enum assay_code forge_device(struct forge *f, enum forge_kind kind, unsigned number,
	const struct device **out, struct assay_err *e);

/* Its answer to a nonce, its chain (PEM, leaf first). Appended to out. */
enum assay_code forge_report(struct forge *f, enum forge_kind kind, unsigned number,
	const uint8_t nonce[FORGE_NONCE], struct buf *out, struct assay_err *e);
enum assay_code forge_chain(struct forge *f, enum forge_kind kind, unsigned number,
	struct buf *pem, struct assay_err *e);

/* The RIM of an id, for any version of a known family. ASSAY_RIM_MISSING for others, and when a fault keeps it back. */
enum assay_code forge_rim(
	struct forge *f, const char *id, struct buf *xml, struct assay_err *e);

/* The answer to an OCSP request as of now; what a responder would send, errors included. ASSAY_INPUT_DER when it is no
 * request, ASSAY_OCSP_MISSING when a fault keeps the answer back. */
enum assay_code forge_ocsp(struct forge *f, struct bytes request, int64_t now, struct buf *out,
	struct assay_err *e);

/* One piece of evidence, of collateral. */
struct forge_evidence {
	enum forge_kind kind;
	char            name[16]; /* gpu0 */
	struct buf      report, chain;
	char            arch[16], driver[VERSION], vbios[VERSION], uuid[48];
};

struct forge_collateral {
	struct buf want; /* "rim:<id>", "ocsp:<key>:<serial>" */
	struct buf request, body;
	struct buf from;
};

/* All of it. { 0 } is empty. */
struct forge_bundle {
	uint8_t                  nonce[FORGE_NONCE];
	int64_t                  made;
	size_t                   evidences, collaterals;
	struct forge_evidence   *evidence;
	struct forge_collateral *collateral;
};

enum assay_code forge_bundle(
	struct forge *f, bool collateral, struct forge_bundle *out, struct assay_err *e);
void forge_bundle_done(struct forge_bundle *b);

/* The bundle as assay.bundle/1, and its evidence as NVIDIA's tools write it (1.3): of one kind, or of both. *out is the
 * caller's. */
enum assay_code forge_bundle_json(
	const struct forge_bundle *b, json_t **out, struct assay_err *e);
enum assay_code forge_evidence_json(const struct forge_bundle *b, bool gpus, bool switches,
	json_t **out, struct assay_err *e);

#endif
