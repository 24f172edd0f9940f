/* SPDX-License-Identifier: Apache-2.0
 *
 * TDX quotes of version 4 and 5, with TD 1.0 and 1.5 bodies, as views. Nothing is believed here: this is what the bytes
 * say, and that they add up to the byte.
 *
 * Source: tdx 2.2 to 2.6, 8.2. */
#ifndef FORMAT_TDX_QUOTE_H
#define FORMAT_TDX_QUOTE_H

#include "base/rd.h"

#define TDX_QUOTE_MIN      1226
#define TDX_QUOTE_MAX      65536
#define TDX_QUOTE_TRAILING 16384 /* zeros behind the signature section; unsigned, dropped */
#define TDX_QUOTE_PEM      16384
#define TDX_QUOTE_AUTH     1024
#define TDX_MR             48 /* bytes of a register */
#define TDX_RTMR           4
#define TDX_SVN            16
#define TDX_KEY            64 /* X and Y of a P-256 point */

enum tdx_body { TDX_TD10, TDX_TD15 };

struct tdx_td {           /* of the body; everything borrowed */
	struct bytes svn; /* TEE_TCB_SVN: the module that the TD was started under */
	struct bytes mrseam, mrsignerseam;
	uint64_t     seam_attributes, attributes, xfam;
	struct bytes mrtd, mrconfigid, mrowner, mrownerconfig, rtmr[TDX_RTMR], reportdata;
	struct bytes svn2;        /* TD 1.5 only, else empty: the module that is loaded now */
	struct bytes mrservicetd; /* likewise */
};

struct tdx_qe { /* the quoting enclave's report */
	struct bytes miscselect, attributes, mrenclave, mrsigner, reportdata;
	uint16_t     isvprodid, isvsvn;
};

struct tdx_quote {
	unsigned      version;
	enum tdx_body body;
	struct bytes  user_data; /* 20 bytes: the first 16 are the QE's id */
	struct tdx_td td;
	struct bytes
		message; /* header, descriptor of version 5, body: what the signature covers */
	struct bytes  signature, key;
	struct bytes  qe_report, qe_signature, qe_auth;
	struct tdx_qe qe;
	struct bytes  pem; /* PCK certificate, its CA, the root; perhaps a newline and a NUL */
	struct bytes  whole; /* without what trails */
};

/* ASSAY_QUOTE_*, all of class MALFORMED, and ASSAY_TRUNCATED.
 *
 * Does not check that the key is a point of its curve, nor the certificates. */
enum assay_code tdx_quote_parse(struct bytes in, struct tdx_quote *out, struct assay_err *e);

/* A quote by its first bytes? For telling files apart. */
bool tdx_quote_like(struct bytes in);

#endif
