/* SPDX-License-Identifier: Apache-2.0
 *
 * The TDX guest of a case: what a policy may ask of it, and the facts that verification draws from its quote.
 *
 * Source: tdx 5.6 to 5.10. */
#ifndef VERIFY_GUEST_H
#define VERIFY_GUEST_H

#include "base/finding.h"
#include "crypto/chain.h"
#include "format/pck.h"
#include "format/tdx_quote.h"
#include "verify/binding.h"
#include "verify/pcs.h"

/* Lists of allowed values; an empty one allows all. bytes: of a value; code: of one that is not on it. */
#define TDX_LISTS(X)                                        \
	X(MRTD, "tdx.mrtd", 48, TD_MRTD)                    \
	X(RTMR0, "tdx.rtmr0", 48, TD_RTMR)                  \
	X(RTMR1, "tdx.rtmr1", 48, TD_RTMR)                  \
	X(RTMR2, "tdx.rtmr2", 48, TD_RTMR)                  \
	X(RTMR3, "tdx.rtmr3", 48, TD_RTMR)                  \
	X(MRSEAM, "tdx.mrseam", 48, TD_MRSEAM)              \
	X(MRCONFIGID, "tdx.mrconfigid", 48, TD_MRCONFIG)    \
	X(MROWNER, "tdx.mrowner", 48, TD_OWNER)             \
	X(MROWNERCONFIG, "tdx.mrownerconfig", 48, TD_OWNER) \
	X(MRSERVICETD, "tdx.mrservicetd", 48, TD_SERVTD)    \
	X(FMSPC, "tdx.fmspc", 6, TD_PLATFORM)               \
	X(PPID, "tdx.ppid", 16, TD_PLATFORM)                \
	X(INSTANCE, "tdx.instance", 16, TD_PLATFORM)

enum tdx_list {
#define X(name, ...) TDX_##name,
	TDX_LISTS(X)
#undef X
		TDX_LIST_COUNT
};

#define TDX_LIST_MAX 256
#define TDX_VALUE    48

struct tdx_list_row {
	const char     *name; /* of the requirement */
	size_t          size;
	enum assay_code code;
};
extern const struct tdx_list_row tdx_list_rows[TDX_LIST_COUNT];

/* Attributes (tdx 2.7): those that must be set and those that may. */
#define TDX_DEBUG           (UINT64_C(1) << 0)
#define TDX_SEPT_VE_DISABLE (UINT64_C(1) << 28)
#define TDX_MUST            TDX_SEPT_VE_DISABLE
#define TDX_MAY             (UINT64_C(1) << 27 | TDX_SEPT_VE_DISABLE | UINT64_C(1) << 30)
#define TDX_MIGRATABLE      (UINT64_C(1) << 29)
/* What a policy may allow at all: the others are reserved, or let the host measure the TD. */
#define TDX_KNOWN                                                           \
	(TDX_MAY | TDX_MIGRATABLE | UINT64_C(1) << 16 | UINT64_C(1) << 31 | \
		UINT64_C(1) << 62 | UINT64_C(1) << 63)
#define TDX_XFAM_MUST UINT64_C(3)
#define TDX_XFAM_MAY  UINT64_C(0x6dbe7)

struct tdx_rules {  /* { 0 } is the default, strict */
	bool asked; /* something is asked of the guest, so that there must be one */
	bool accept[TCB_STATUS_COUNT];    /* besides UpToDate; Revoked never */
	struct tcb_advisories advisories; /* accepted where a status asks for hardening */
	int64_t               minimum_date, minimum_evaluation;
	bool                  unequal_evaluation, debug, must_given, may_given, xfam_given;
	uint64_t              attributes_must, attributes_may, xfam_must, xfam_may;
	uint8_t               svn[TDX_SVN], svn2[TDX_SVN]; /* minimum of each part */
	int64_t               qe_svn, pce_svn;
	bool                  identified, event, eventlog; /* else a warning; else not asked */
	struct {
		uint8_t (*value)[TDX_VALUE];
		size_t n;
	} list[TDX_LIST_COUNT];
};

void tdx_rules_done(struct tdx_rules *r);

/* What the levels say, in the order of tdx 5.6. NULL: no level fits, or it was not asked. */
struct tcb_result {
	const struct tcb_level     *sgx, *tdx;
	const struct tcb_module    *module; /* NULL with version 0 of the module */
	const struct tcb_isv_level *module_level, *qe_level;
	enum tcb_status             platform, of_module, of_qe, merged;
	int64_t                     date; /* the earliest of the levels that fit */
};

struct guest {
	const struct evidence_device *evidence;
	struct tdx_quote              quote;
	struct chain                  chain;
	size_t                        known; /* as chain_verify() takes it */
	bool                          platform_ca;
	struct pck                    pck;
	EVP_PKEY                     *key;        /* of attestation */
	struct pcs_known        *item[PCS_ITEMS]; /* what held by itself; NULL: nothing did */
	const struct collateral *piece[PCS_ITEMS], *signer[PCS_ITEMS]; /* where that is from */
	struct tcb_result        tcb;
	bool                     module_known, qe_known; /* their statuses are */
	struct tcb_advisories    advisories;             /* of all levels that fit, each once */
	struct bytes             events;
	bool                     replayed, unconstrained;
	bool                     here; /* as in verify_case */
	bool                     held[CHECK_COUNT];
};

void guest_free(struct guest *g); /* accepts NULL */

#endif
