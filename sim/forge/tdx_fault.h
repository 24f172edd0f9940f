/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults of a TD, its quote and Intel's collateral (spec/tdx.md 8.1), as rows like those of fault.h. Hooks before a
 * signature change what is then signed, so that only the check that is meant can notice. */
#ifndef FORGE_TDX_FAULT_H
#define FORGE_TDX_FAULT_H

#include "forge/tdx.h"

struct tdx_td;
struct tdx_pck;
struct tdx_qe;
struct tdx_text;
struct tdx_document;
struct tdx_crl;

struct tdx_fault {
	const char *name;
	const char *attack;
	const char *finding; /* the check that must notice */
	int         exit;
	/* For hooks that serve several rows. */
	unsigned    at;    /* a place, a bit, a number */
	int         value; /* days, a byte */
	const char *find, *text;
	unsigned    document, crl; /* enum tdx_json, enum tdx_list: the one that is struck */
	/* In the order of the way. */
	void (*spec)(const struct tdx_fault *t, struct tdx_spec *s);
	void (*pck)(const struct tdx_fault *t, struct tdx_pck *p); /* before it is signed */
	enum assay_code (*chain)(
		struct tdx *x, const struct tdx_fault *t, struct buf *pem, struct assay_err *e);
	enum assay_code (*td)(struct tdx *x, const struct tdx_fault *t, struct tdx_td *d,
		struct assay_err *e); /* as started */
	enum assay_code (*body)(struct tdx *x, const struct tdx_fault *t, struct tdx_text *q,
		struct assay_err *e); /* header and body, before signing */
	void (*qe)(const struct tdx_fault *t, struct tdx_qe *q); /* before signing */
	void (*sealed)(const struct tdx_fault *t, struct tdx_text *q);
	enum assay_code (*plan)(struct tdx *x, const struct tdx_fault *t,
		struct tdx_document *d, struct assay_err *e);
	enum assay_code (*written)(const struct tdx_fault *t, struct buf *json,
		struct assay_err *e); /* not signed */
	enum assay_code (*answer)(
		const struct tdx_fault *t, struct buf *json, struct assay_err *e); /* signed */
	enum assay_code (*list)(struct tdx *x, const struct tdx_fault *t, struct tdx_crl *c,
		struct assay_err *e);
	enum assay_code (*log)(const struct tdx_fault *t, struct buf *log, struct assay_err *e);
};

const struct tdx_fault *tdx_fault_named(const char *name);
const struct tdx_fault *tdx_fault_at(size_t i);

/* "quote, before signing" */
const char *tdx_fault_stage(const struct tdx_fault *t);

/* The rows, by what they are about. */
struct tdx_fault_table {
	const struct tdx_fault *row;
	size_t                  rows;
};

extern const struct tdx_fault_table tdx_fault_quote, tdx_fault_pck, tdx_fault_pcs,
	tdx_fault_log;

#endif
