/* SPDX-License-Identifier: Apache-2.0
 *
 * The forge as tests ask it. The forge's headers stay in forged.c: they have names in common with the core's. */
#ifndef TESTS_FORGED_H
#define TESTS_FORGED_H

#include "base/buf.h"

enum forged_event { /* of the check at boot, in assay's own log */
	FORGED_EVENT_NONE,
	FORGED_EVENT_YES,
	FORGED_EVENT_NO, /* the check said no */
	FORGED_EVENT_TWICE,
	FORGED_EVENT_FEWER, /* it names one device less */
	FORGED_EVENT_MORE,  /* one more */
	FORGED_EVENT_OTHER, /* another one in the place of the last */
};

struct forged_ask { /* { 0 } is one Hopper GPU under the default seed */
	const char       *seed;
	const char       *fault; /* a row of the forge's table, or of forged.c; NULL: none */
	const char       *also;  /* and another one */
	bool              ppcie; /* eight GPUs and four switches */
	bool              blackwell;
	bool              no_collateral;
	const char       *nonce;          /* 64 hexadecimal digits; NULL: of the seed */
	int64_t           at;             /* 0: the forge's default */
	unsigned          gpus, switches; /* 0: as the profile has them */
	bool              tdx;            /* a TDX guest beside the devices, or alone */
	bool              alone, plain;   /* plain: its REPORTDATA is the nonce itself */
	unsigned          quote;          /* version; 0: 4 */
	const char       *tdx_fault, *tdx_also;
	const char       *channel_key; /* text that stands for its DER */
	enum forged_event event;
};

enum { FORGED_DEVICE, FORGED_RIM, FORGED_SGX, FORGED_ANCHORS };

struct forged {
	struct buf bundle;                 /* assay.bundle/1 */
	struct buf anchor[FORGED_ANCHORS]; /* PEM */
};

struct forged_fault {
	const char *name;
	bool        ppcie;
	const char *attack;
	const char *finding; /* "": nothing is wrong */
	int         exit;
};

/* The i-th fault of the forge's table; false at its end. */
bool forged_fault(size_t i, struct forged_fault *out);

bool forged_tdx_fault(size_t i, struct forged_fault *out); /* likewise of the TD's */

/* The test fails when it cannot be made. */
void forged_make(const struct forged_ask *ask, struct forged *out);
void forged_done(struct forged *f);

#endif
