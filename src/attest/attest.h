/* SPDX-License-Identifier: Apache-2.0
 *
 * The main job on a live machine: pre-checks, evidence, collateral, verification, topology, verdict, ready gate; the
 * stages of NVIDIA's PPCIE verifier, for one GPU and for eight. Whatever fails on the way, there is a report.
 *
 * Source: nvidia-tools-parity 4.4 to 4.6 and 6; nvidia-device-access 1.6. */
#ifndef ATTEST_ATTEST_H
#define ATTEST_ATTEST_H

#include "attest/composite.h"
#include "attest/gather.h"
#include "attest/ready.h"
#include "report/stages.h"

enum attest_profile {
	ATTEST_AUTO,   /* what is there; the signed fields say what belongs to it */
	ATTEST_SINGLE, /* one GPU in CC mode */
	ATTEST_PPCIE,  /* eight GPUs and four switches in protected PCIe mode */
};

struct attest_request { /* lent */
	enum attest_profile profile;
	/* without a nonce one is drawn; without expect the profile's counts hold; the time is set here */
	struct assay_options options;
	int                  call_ms, total_ms; /* of the vendors' libraries; 0: the defaults */
	struct gather_request *gather;          /* its time is set here */
	const char *root, *qgs; /* of the guest's doors, as struct td_request has them */
	int         td_ms;      /* for the quote; 0: the default */
	bool        extend;     /* RTMR3, with what came of it: at boot, once */
	bool        ready;      /* open or shut the ready gate */
	/* Address of a policy agent that must say yes, too, asked by gather's client; NULL: none. */
	const char             *opa;
	const struct assay_err *starting; /* why no device may be asked yet; NULL: they may */
	void (*progress)(void *ctx, const char *what); /* NULL: nobody listens */
	void *ctx;
};

struct attest_result { /* { 0 } is empty */
	uint8_t                nonce[NONCE_SIZE];
	struct collected       devices;
	struct collect_kept    kept; /* from the evidence to the gate */
	struct composite_said  guest;
	struct assay_evidence *evidence;
	struct assay_report   *report; /* NULL: a fault of ours, and the return says which */
	struct stages          stages;
	bool                   extended; /* RTMR3 has been, with this verdict */
	bool                   gate;     /* ready says what was done */
	struct ready_said      ready;
};

/* ASSAY_OK when there is a report, whatever it says. Else class INTERNAL, or what is wrong with the policy; the gate is shut
 * then, too. While it is at the gate, signals that would end the process wait. */
enum assay_code attest(struct assay *a, const struct attest_request *r,
	struct attest_result *out, struct assay_err *e);
void            attest_result_done(struct attest_result *r);

/* Where no attestation can begin: shuts the gate, which an earlier verdict may have opened. */
void attest_abandon(const struct attest_request *r, struct ready_said *out);

#endif
