/* SPDX-License-Identifier: Apache-2.0
 *
 * The gallery: every fault that a running platform can be given. Most rows are the forge's, about what is signed, and
 * are shown through; the others are of the doors themselves: a driver that hangs, a service that is down, a mode that is
 * off. A row of a door says what it does there; doors ask platform_struck(). */
#ifndef PLATFORM_FAULT_H
#define PLATFORM_FAULT_H

#include "forge/fault.h"
#include "forge/tdx_fault.h"

enum sim_door { SIM_NVML, SIM_NSCQ, SIM_RIM, SIM_OCSP, SIM_PCS, SIM_TSM, SIM_QGS, SIM_DOORS };

enum sim_act {
	SIM_NOTHING, /* a row of the forge or of the TD */
	SIM_MODE,    /* changes struct platform_mode, nothing at a door */
	SIM_RETURN, /* the door returns value as its own code: an nvmlReturn_t, an nscq_rc_t, an HTTP status, an errno */
	SIM_CRASH,  /* the caller dies */
	SIM_HANG,   /* no answer at all */
	SIM_SIZE,   /* the size field, or what is no blob itself, says value; the bytes stay */
	SIM_SHORT,  /* the body ends early: HTTP says its whole length and closes */
	SIM_GARBAGE,  /* an error page, or zeros, in place of the answer */
	SIM_REDIRECT, /* HTTP 302 to elsewhere */
	SIM_TEXT,     /* text in place of the answer */
};

/* What the driver and nobody else says. */
struct platform_mode {
	bool     cc;          /* ccFeature */
	bool     devtools;    /* devToolsMode */
	unsigned multi_gpu;   /* multiGpuMode: 0 none, 1 protected PCIe */
	unsigned environment; /* 0 unavailable, 1 simulation, 2 production */
};

struct sim_fault {
	const char *name, *profile; /* "single" or "ppcie" */
	const char *stage;          /* where it strikes, in words */
	const char *attack, *finding;
	int         exit; /* of assay attest, and of assay verify where that is enough */
	/* One of these, or a door. */
	const struct fault     *forge;
	const struct tdx_fault *tdx;
	enum sim_door           door;
	enum sim_act            act;
	const char     *at; /* the name it strikes: a symbol, a path; NULL: all of that door */
	unsigned        only; /* 1 + number of the device of kind that is struck; 0: all */
	enum forge_kind kind;
	long long       value;
	const char     *text;
	void (*mode)(struct platform_mode *m); /* SIM_MODE */
};

/* By name, or by number; NULL when there is none. What they give lives as long as the program. */
const struct sim_fault *sim_fault_named(const char *name);
const struct sim_fault *sim_fault_at(size_t i);

#endif
