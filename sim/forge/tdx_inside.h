/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of a TD, for the files that make it; offsets are those of spec/tdx.md 2. */
#ifndef FORGE_TDX_INSIDE_H
#define FORGE_TDX_INSIDE_H

#include "forge/node.h"
#include "forge/tdx_fault.h"

#define TDX_COMPONENTS 16
#define TDX_QE_REPORT  384
#define TDX_QE_AUTH    32
#define TDX_LEVELS     3
#define TDX_LOG        (64 * 1024)

/* TDREPORT (2.1). */
enum tdx_report_at {
	REPORT_CPUSVN    = 16,
	REPORT_TCB_HASH  = 32,
	REPORT_INFO_HASH = 80,
	REPORT_DATA      = 128,
	REPORT_MAC       = 224,
	REPORT_TCB       = 256, /* TEE_TCB_INFO, 239 bytes */
	REPORT_SVN       = 264,
	REPORT_MRSEAM    = 280,
	REPORT_SIGNER    = 328,
	REPORT_SEAM_ATTR = 376,
	REPORT_SVN2      = 384,
	REPORT_TCB_END   = 495,
	REPORT_INFO      = 512, /* TDINFO, 512 bytes */
	REPORT_ATTR      = 512,
	REPORT_XFAM      = 520,
	REPORT_MRTD      = 528,
	REPORT_RTMR      = 720,
	REPORT_SERVTD    = 912,
};

/* What the platform is certified for (3). */
struct tdx_platform {
	uint8_t  svn[TDX_COMPONENTS];
	uint8_t  cpusvn[TDX_COMPONENTS]; /* equal to svn, but for a fault */
	unsigned pcesvn;
	uint8_t  fmspc[6];
	uint8_t  ppid[16], instance[16];
	bool     twice; /* the first extension field */
};

/* What stands in the TDREPORT besides registers. */
struct tdx_guest {
	uint8_t  svn[TDX_COMPONENTS], svn2[TDX_COMPONENTS];
	uint8_t  mrseam[TDX_REGISTER], signer[TDX_REGISTER];
	uint64_t seam_attributes, attributes, xfam;
	uint8_t  mrtd[TDX_REGISTER], service[TDX_REGISTER];
};

enum tdx_signer { SIGNER_TCB, SIGNER_PCK }; /* of JSON */

/* TCB info and QE identity before they are signed (4.3, 4.4). */
struct tdx_json {
	const char     *id;
	int64_t         issued, next;
	unsigned        evaluation;
	uint8_t         fmspc[6];
	const char     *status[TDX_LEVELS];
	const char     *module_id, *module_status; /* of the newest level */
	unsigned        module_svn, qe_svn;
	const char     *mrsigner; /* of the QE */
	enum tdx_signer signer;
	const char     *edit, *into; /* once signed */
	bool            twice;       /* a member */
};

/* A CRL before it is signed (4.6). */
struct tdx_crl {
	enum ca     issuer;
	int64_t     from, to;
	const X509 *revoked;
	bool        spoil; /* the signature, afterwards */
};

struct tdx {
	struct forge       *forge;
	struct tdx_spec     spec;
	struct pki         *pki; /* the forge's, or the attacker's */
	struct tdx_platform platform;
	struct tdx_guest    guest;
	uint8_t             rtmr[TDX_RTMRS][TDX_REGISTER];
	struct buf          log; /* records, without filler */
	EVP_PKEY           *pck_key, *attestation_key;
	X509               *pck;
	uint8_t             mac_key[32];
	bool                pck_revoked;
};

/* The files' own parts. */
enum assay_code tdx_make_pck(struct tdx *t, struct assay_err *e);
enum assay_code tdx_make_log(struct tdx *t, struct assay_err *e);
enum assay_code tdx_digest(struct tdx *t, const char *algorithm, struct bytes in, uint8_t *out,
	struct assay_err *e);

/* Is it of this machine? */
enum assay_code tdx_own_report(
	struct tdx *t, const uint8_t report[TDX_REPORT], bool *own, struct assay_err *e);

/* r and s of 32 bytes each; the name tells apart what is signed for different ends. */
enum assay_code tdx_sign(struct tdx *t, EVP_PKEY *key, const char *name, struct bytes message,
	uint8_t raw[SEED_RAW_P256], struct assay_err *e);

/* PEM of signer and root. */
enum assay_code tdx_issuers(
	struct tdx *t, enum ca signer, struct buf *chain, struct assay_err *e);

static inline void tdx_put_u16(struct buf *out, unsigned v)
{
	buf_byte(out, (uint8_t)v);
	buf_byte(out, (uint8_t)(v >> 8));
}

static inline void tdx_put_u32(struct buf *out, uint32_t v)
{
	tdx_put_u16(out, v & 0xffff);
	tdx_put_u16(out, v >> 16);
}

#endif
