/* SPDX-License-Identifier: Apache-2.0
 *
 * The TD of a forge: a TDX guest that does not exist, under a PKI of Intel's shape (spec/tdx.md sections 2 to 6). What
 * the guest, the quoting enclave and Intel's provisioning service would say, from the forge's seed; the root is
 * FORGE_ANCHOR_SGX. Same seed, same calls in the same order, same bytes. Lives no longer than its forge. */
#ifndef FORGE_TDX_H
#define FORGE_TDX_H

#include "forge/forge.h"

#define TDX_REPORTDATA 64
#define TDX_REPORT     1024 /* TDREPORT */
#define TDX_REGISTER   48
#define TDX_RTMRS      4
#define TDX_CCEL_TABLE 56
#define TDX_FAULTS     FORGE_FAULTS

/* What the guest booted, and says so in its event log. */
#define TDX_KERNEL "5.10.134-18.al8.x86_64"
#define TDX_CMDLINE                                      \
	"BOOT_IMAGE=(hd0,gpt3)/boot/vmlinuz-" TDX_KERNEL \
	" root=UUID=1f6f4d1c-0b4e-4f57-9c68-7f2f6f0e2f11 ro crashkernel=0M swiotlb=4194304,any"

struct tdx;
struct tdx_fault;

struct tdx_spec {
	unsigned quote; /* version: 4 (TD 1.0 body) or 5 (TD 1.5 body) */
	int64_t  at;    /* the time it is made for; collateral is asked with its own */
	const struct tdx_fault *fault[TDX_FAULTS];
	size_t                  faults;
};

enum assay_code tdx_new(
	struct forge *f, const struct tdx_spec *spec, struct tdx **out, struct assay_err *e);
void tdx_free(struct tdx *t);

/* TDCALL[TDG.MR.REPORT]: the TDREPORT for 64 bytes of REPORTDATA, with its MAC. */
enum assay_code tdx_report(struct tdx *t, const uint8_t reportdata[TDX_REPORTDATA],
	uint8_t out[TDX_REPORT], struct assay_err *e);

/* The quoting enclave: the quote of a TDREPORT of this TD, appended to out. ASSAY_REPORT_SIGNATURE when its
 * MAC does not hold, as the real one refuses other machines' reports. */
enum assay_code tdx_quote(
	struct tdx *t, const uint8_t report[TDX_REPORT], struct buf *out, struct assay_err *e);

/* RTMRs: what is in them; extend one with a digest of 48 bytes. Numbers 0 to 3. */
enum assay_code tdx_extend(
	struct tdx *t, unsigned rtmr, const uint8_t digest[TDX_REGISTER], struct assay_err *e);
const uint8_t *tdx_rtmr(const struct tdx *t, unsigned rtmr);
const uint8_t *tdx_mrtd(const struct tdx *t);

/* The firmware's event log, as /sys/firmware/acpi/tables/data/CCEL has it (64 KiB, 0xff at its end), and the ACPI table
 * that points to it. It replays to the RTMRs as they are before tdx_extend(). out stays as it is when a fault says
 * that there is no log. */
enum assay_code tdx_event_log(struct tdx *t, struct buf *out, struct assay_err *e);
enum assay_code tdx_ccel_table(struct tdx *t, uint8_t out[TDX_CCEL_TABLE], struct assay_err *e);

/* Intel's provisioning service. Bodies are what PCS sends; chain is signer and root as PEM, to be percent-encoded by
 * who sends it. now: issueDate, thisUpdate and the rest lie around it, on midnights: a day's answers are the same
 * bytes. */
enum tdx_ca { TDX_CA_PLATFORM, TDX_CA_PROCESSOR };
enum assay_code tdx_tcb_info(
	struct tdx *t, int64_t now, struct buf *json, struct buf *chain, struct assay_err *e);
enum assay_code tdx_qe_identity(
	struct tdx *t, int64_t now, struct buf *json, struct buf *chain, struct assay_err *e);
enum assay_code tdx_evaluations(
	struct tdx *t, int64_t now, struct buf *json, struct buf *chain, struct assay_err *e);
enum assay_code tdx_pck_crl(struct tdx *t, enum tdx_ca ca, int64_t now, struct buf *der,
	struct buf *chain, struct assay_err *e);
enum assay_code tdx_root_crl(struct tdx *t, int64_t now, struct buf *der, struct assay_err *e);
enum assay_code tdx_pck_certificate(
	struct tdx *t, struct buf *pem, struct buf *chain, struct assay_err *e);

/* Of the platform that the TD runs on: what PCS is asked by, 6 bytes and 16. */
const uint8_t *tdx_fmspc(const struct tdx *t);

/* SGX-TCBm of PCS: CPUSVN and PCESVN as hexadecimal text. */
void tdx_tcbm(const struct tdx *t, struct buf *out);

/* tcbEvaluationDataNumber of the collateral. */
unsigned tdx_evaluation(const struct tdx *t);

/* From now on the PCK certificate is on its CRL, or no longer. */
void tdx_revoke_pck(struct tdx *t, bool revoked);
bool tdx_pck_revoked(const struct tdx *t);

#endif
