/* SPDX-License-Identifier: Apache-2.0
 *
 * A case, all that a verdict may depend on; and the facts that verification draws from it. */
#ifndef VERIFY_FACTS_H
#define VERIFY_FACTS_H

#include "base/finding.h"
#include "crypto/chain.h"
#include "crypto/ocsp.h"
#include "format/evidence.h"
#include "format/opaque.h"
#include "format/rim.h"
#include "format/spdm.h"
#include "verify/guest.h"
#include "verify/memo.h"
#include "verify/trust.h"

#define DEVICE_CHAIN 5
#define RIM_ID       129 /* characters, with NUL; nvidia-evidence 5.1 */
#define DEVICE_TEXT  65
#define PDI          8
#define DEVICE_RIMS  2
#define WANT_TEXT    OCSP_WANT

/* Told as soon as a subject has been judged, the node last: for progress and clocks, which the core has none of. */
struct verify_watch {
	void (*judged)(void *ctx, struct subject s); /* NULL: nobody watches */
	void *ctx;
};

struct verify_case { /* everything is lent */
	const struct crypto   *crypto;
	const struct evidence *evidence;
	const struct trust    *trust;
	bool                   nonce_given;
	uint8_t                nonce[NONCE_SIZE]; /* as sent to the devices */
	int64_t                now; /* seconds since 1970-01-01T00:00:00Z, for every date */
	int64_t                ocsp_max_age; /* seconds; 0: OCSP_MAX_AGE */
	bool                   expected;     /* the two below were said */
	size_t                 gpus, switches;
	const struct findings *
		observed; /* what the edge saw when it collected; NULL: nothing. They count like any */
	bool here; /* the judge is in the guest, and is the check at boot itself: its event may be to come */
	const struct tdx_rules *tdx;         /* NULL: the default */
	struct bytes            channel_key; /* SubjectPublicKeyInfo; empty: none */
	struct bytes reportdata;       /* 64 bytes, of a guest alone; empty: by the nonce */
	const struct pcs_marks *marks; /* NULL: none are kept */
	struct memo            *memo;  /* NULL: nothing is remembered beyond this case */
	struct verify_watch     watch;
};

/* One RIM that a device needs: found, parsed, known to hold. */
struct rim_fact {
	char                     id[RIM_ID];
	enum rim_kind            kind;
	const struct collateral *document; /* NULL: not at hand */
	uint8_t                  sha256[32];
	bool                     remembered;     /* known is of the memo, verified */
	bool                     current;        /* its chain is valid at now */
	bool                     expired_signer; /* all but its signer's certificate is */
	bool                     usable;         /* all that golden values need did hold */
	bool                     ocsp_nonce;     /* of every good answer, drawn just now */
	size_t                   known_from;     /* as chain_verify() takes it */
	struct rim               rim; /* the parsed document; empty when remembered */
	struct rim_known        *known;
};

struct device {
	struct subject                subject;
	const struct evidence_device *evidence;
	struct chain                  chain;
	size_t                        known;      /* verified before, from here up; 0: none */
	bool                          ocsp_nonce; /* as in rim_fact */
	enum device_family            family;
	bool                          pdi_known;
	uint8_t                       pdi[PDI]; /* of the identity certificate */
	char                          model[DEVICE_TEXT], ueid[DEVICE_TEXT];
	struct spdm_report            report;
	bool                          report_parsed; /* its signature may not hold */
	struct opaque                 opaque;
	char                          driver[DEVICE_TEXT], vbios[OPAQUE_VBIOS];
	bool                          fwid_there;
	struct rim_fact               rim[DEVICE_RIMS];
	size_t                        rims;
	size_t                        compared, matched;
	int8_t                        chosen[RIM_INDICES]; /* alternatives; -1: none */
	bool                          held[CHECK_COUNT];
};

/* What was found among the collateral, for one case: see collateral.c. { 0 } is empty. */
struct shelf {
	struct piece  *piece;  /* one for each piece of collateral; NULL: none was read yet */
	struct looked *looked; /* OCSP answers that were looked for, found or not */
	size_t         n, cap;
};

struct facts {
	struct guest   *guest; /* NULL: the evidence has no quote */
	struct device  *device;
	size_t          devices, gpus, switches;
	struct findings findings;
	int64_t         valid_until; /* the earliest of every signed limit that was relied on; appraise() adds waivers */
	char (*want)[WANT_TEXT]; /* collateral that is still missing, each once */
	size_t       wants, wants_cap;
	struct shelf shelf;
};

/* Judge a case. Pure: opens nothing, asks no clock. ASSAY_OK when the checks ran, not when they held. */
enum assay_code verify(const struct verify_case *c, struct facts *out, struct assay_err *e);

void facts_done(struct facts *f);

/* Did that document of Intel's hold, for this platform? */
bool tdx_item_held(const struct guest *g, enum pcs_item item);

/* How new that document is, which held; false when it did not. */
bool tdx_mark(const struct guest *g, enum pcs_item item, struct pcs_mark *out);

/* The row of this kind of device that stands where the GPU's stands: CHECK_NVSWITCH_REPORT_NONCE for
 * CHECK_GPU_REPORT_NONCE. Only for rows of DEVICE_CHECKS. */
static inline enum check device_check(const struct device *d, enum check gpu)
{
	return d->subject.kind == SUBJECT_GPU
		? gpu
		: (enum check)(gpu - CHECK_GPU_EVIDENCE_PARSE + CHECK_NVSWITCH_EVIDENCE_PARSE);
}

#endif
