/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of a forge's TD, for its own files: what is planned before it is signed, in the order of the way. */
#ifndef FORGE_TDX_INSIDE_H
#define FORGE_TDX_INSIDE_H

#include "forge/node.h"
#include "forge/tdx_fault.h"

#define TDX_DAY INT64_C(86400)
#define TDX_RAW 64 /* a signature: r and s of P-256 */

/* Values of TDINFO and TEE_TCB_INFO (tdx.md 2.1, 2.3). */
struct tdx_td {
	uint64_t attributes, xfam;
	uint8_t  mrtd[TDX_REGISTER], rtmr[TDX_RTMRS][TDX_REGISTER];
	uint8_t  mrservicetd[TDX_REGISTER]; /* zero: none is bound */
	uint8_t  mrseam[TDX_REGISTER], mrsignerseam[TDX_REGISTER], seam_attributes[8];
	uint8_t  svn[16], svn2[16]; /* of the module it was started under, of the one now */
};

/* The PCK certificate (3). */
struct tdx_pck {
	uint8_t     ppid[16], component[16], cpusvn[16], instance[16], fmspc[6];
	uint8_t     pcesvn;
	bool        twice; /* an entry of the extension is there again */
	bool        again; /* the whole extension is */
	int64_t     from, to;
	bool        evil; /* under authorities of the same names and other keys */
	enum ca     ca;   /* that signs it */
	const char *subject, *extensions; /* as cert_plan has them */
};

/* The quoting enclave as its report says (2.6). */
struct tdx_qe {
	uint8_t  attributes; /* the first byte */
	uint8_t  mrsigner[32];
	uint16_t svn;
	bool     unbound;  /* REPORTDATA names another attestation key */
	bool     own_sign; /* the attestation key signs its own report */
	size_t   at;       /* a byte of the report, and what of it is turned; 0: none */
	uint8_t  flip;
};

/* A quote in the making: where its parts begin. */
struct tdx_text {
	struct buf *quote;
	size_t      body, section; /* 0: not there yet */
};

enum tdx_json { TDX_TCB_INFO = 1, TDX_QE_IDENTITY, TDX_EVALUATIONS };
struct tdx_document {
	enum tdx_json which;
	const char   *id;
	unsigned      version, evaluation;
	int64_t       issued, next;
	uint8_t       fmspc[6];
	/* Who signs, and the chain that goes with it: borrowed. */
	EVP_PKEY *key;
	X509     *chain[3];
	size_t    chain_n;
};

enum tdx_list { TDX_LIST_ROOT = 1, TDX_LIST_PLATFORM, TDX_LIST_PROCESSOR };
#define TDX_REVOKED 8
struct tdx_crl {
	enum ca issuer;
	int64_t from, to;
	X509   *revoked[TDX_REVOKED]; /* borrowed */
	size_t  revoked_n, strangers; /* serial numbers of nobody's */
	bool    spoil;                /* a signature that does not hold */
};

struct tdx {
	struct forge   *f;
	struct tdx_spec spec;
	struct tdx_td   td;
	struct tdx_pck  platform;
	bool            pck_revoked;
	EVP_PKEY       *ak, *pck_key;
	X509           *pck;
	uint8_t         mac[32]; /* the key */
};

/* Runs the hook of each fault that has it. */
#define TDX_STRIKE(x, hook, ...)                         \
	for (size_t i_ = 0; i_ < (x)->spec.faults; i_++) \
		if ((x)->spec.fault[i_]->hook != NULL)   \
	(x)->spec.fault[i_]->hook(__VA_ARGS__)
#define TDX_FAULT(x) ((x)->spec.fault[i_])
#define TDX_TRY_STRIKE(x, hook, ...)                     \
	for (size_t i_ = 0; i_ < (x)->spec.faults; i_++) \
		if ((x)->spec.fault[i_]->hook != NULL)   \
	TRY((x)->spec.fault[i_]->hook(__VA_ARGS__))

/* Does its MAC hold on this machine? ASSAY_REPORT_SIGNATURE. */
enum assay_code tdx_report_check(
	const struct tdx *t, const uint8_t report[TDX_REPORT], struct assay_err *e);

enum assay_code tdx_pck_make(struct tdx *x, struct assay_err *e);

/* The event log's registers, as firmware leaves them; the log itself may be NULL. */
enum assay_code tdx_log_make(struct tdx *x, struct buf *log,
	uint8_t rtmr[TDX_RTMRS][TDX_REGISTER], struct assay_err *e);

/* One register after a digest (1.6). */
enum assay_code tdx_register(const struct seed *s, uint8_t reg[TDX_REGISTER],
	const uint8_t digest[TDX_REGISTER], struct assay_err *e);

/* A raw signature; each message has a stream of its own. */
enum assay_code tdx_sign(struct tdx *x, EVP_PKEY *key, const char *what, struct bytes message,
	uint8_t raw[TDX_RAW], struct assay_err *e);

/* Certificates as PEM, appended. */
enum assay_code tdx_pem(X509 *const *cert, size_t n, struct buf *pem, struct assay_err *e);

/* Little-endian numbers, appended. */
void tdx_put(struct buf *out, uint64_t value, size_t n);

/* find in a text, replaced; ASSAY_INPUT_OPTION when it is not there: another fault has taken it. */
enum assay_code tdx_replace(
	struct buf *text, const char *find, const char *put, struct assay_err *e);

#endif
