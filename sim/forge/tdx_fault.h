/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults of a TD, its quote and Intel's collateral (spec/tdx.md 8.1), as rows like those of fault.h: hooks in the order
 * of the way; what comes before a signature is signed afterwards. */
#ifndef FORGE_TDX_FAULT_H
#define FORGE_TDX_FAULT_H

#include "forge/tdx.h"

struct tdx_platform;
struct tdx_guest;
struct tdx_json;
struct tdx_crl;
struct cert_plan;

enum tdx_document { TDX_TCB_INFO, TDX_QE_IDENTITY };
enum tdx_list { TDX_ROOT_CRL, TDX_PCK_CRL };

struct tdx_fault {
	const char *name;
	const char *attack;
	const char *finding; /* the check that must notice */
	int         exit;
	/* For hooks that serve several rows. */
	long long   arg, value;
	const char *text;
	void (*spec)(const struct tdx_fault *f, struct tdx_spec *s);
	bool impostor; /* everything of Intel's made up, under authorities of the right names */
	void (*platform)(const struct tdx_fault *f, struct tdx_platform *p);
	void (*pck)(const struct tdx_fault *f, struct tdx *t, struct cert_plan *c);
	void (*guest)(const struct tdx_fault *f, struct tdx_guest *g);
	void (*log)(const struct tdx_fault *f, struct buf *records); /* measured already */
	void (*body)(
		const struct tdx_fault *f, struct tdx *t, struct buf *q); /* to be signed */
	void (*qe)(const struct tdx_fault *f, uint8_t *qe_report);        /* to be signed */
	void (*sealed)(const struct tdx_fault *f, struct buf *quote);
	enum tdx_document document;
	void (*json)(const struct tdx_fault *f, struct tdx_json *j);
	enum tdx_list list;
	enum assay_code (*crl)(const struct tdx_fault *f, struct tdx *t, struct tdx_crl *c,
		struct assay_err *e);
};

const struct tdx_fault *tdx_fault_named(const char *name);
const struct tdx_fault *tdx_fault_at(size_t i);

/* "quote, before signing" */
const char *tdx_fault_stage(const struct tdx_fault *t);

#endif
