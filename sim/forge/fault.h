/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults on request (nvidia-evidence 8.2 to 8.4, 9.7): what an attacker or an accident would do, as rows. A row says
 * where on the way it strikes by the hook that it has. Hooks before a signature change what is then signed, so that
 * only the check that is meant can notice. */
#ifndef FORGE_FAULT_H
#define FORGE_FAULT_H

#include "forge/forge.h"
#include "forge/ocsp.h"
#include "forge/report.h"
#include "forge/rim.h"

/* Who speaks in a device's place, and to which nonce. */
struct fault_answer {
	const struct device *report_of, *chain_of; /* borrowed */
	uint8_t              nonce[FORGE_NONCE];
};

/* What is not to be had. */
enum fault_absent { FAULT_NOTHING_ABSENT, FAULT_RIM_ABSENT, FAULT_OCSP_ABSENT };

/* Certificates on their way into PEM; references. */
struct fault_certs {
	X509  *cert[CHAIN + 3];
	size_t n;
};

struct fault {
	const char *name;
	const char *profile; /* "single" or "ppcie" */
	const char *attack;
	const char *finding; /* the check that must notice; "" when nothing is wrong */
	int         exit;    /* of assay verify */
	/* What is struck: a device, and below it a RIM or a certificate. */
	enum forge_kind kind;
	unsigned        number;
	enum rim_kind   rim_kind;
	bool     rim_chain; /* the certificate is of the RIM's chain, not of the device's */
	unsigned cert;
	/* For hooks that serve several rows. */
	int               arg, value;
	const char       *text;
	enum fault_absent absent;
	/* In the order of the way. */
	void (*spec)(const struct fault *t, struct forge_spec *s);
	void (*model)(const struct fault *t, struct model *m);
	enum assay_code (*leaf)(struct forge *f, const struct fault *t, const struct device *d,
		struct cert_plan *c, struct assay_err *e);
	enum assay_code (*answer)(struct forge *f, const struct fault *t,
		struct fault_answer *a, struct assay_err *e);
	enum assay_code (*chain)(struct forge *f, const struct fault *t, struct fault_certs *c,
		struct assay_err *e);
	void (*pem)(const struct fault *t, struct buf *m); /* the chain as text */
	enum assay_code (*report)(struct forge *f, const struct fault *t, struct report_plan *r,
		struct assay_err *e);
	void (*message)(const struct fault *t, struct buf *m); /* written, not yet signed */
	void (*sealed)(const struct fault *t, struct buf *m);  /* signed */
	enum assay_code (*rim)(struct forge *f, const struct fault *t, struct rim_plan *r,
		struct assay_err *e);
	void (*xml)(const struct fault *t, struct buf *m); /* signed */
	enum assay_code (*ocsp)(struct forge *f, const struct fault *t, struct ocsp_plan *o,
		struct assay_err *e);
	enum assay_code (*bundle)(struct forge *f, const struct fault *t,
		struct forge_bundle *b, struct assay_err *e);
};

/* The rows, by what they are about. */
struct fault_table {
	const struct fault *row;
	size_t              rows;
};

extern const struct fault_table fault_report, fault_opaque, fault_chain, fault_rim, fault_ocsp,
	fault_node;

/* The row of that name, or by number; NULL when there is none. */
const struct fault *fault_named(const char *name);
const struct fault *fault_at(size_t i);

/* The evidence of the device that is struck. */
struct forge_evidence *fault_evidence(const struct fault *t, struct forge_bundle *b);

/* Leave a certificate or an answer out of the collateral. */
void fault_drop(struct forge_bundle *b, size_t i);

/* Where it strikes, in words: "report, before signing". */
const char *fault_stage(const struct fault *t);

#endif
