/* SPDX-License-Identifier: Apache-2.0
 *
 * libassay: judge evidence of NVIDIA GPUs and NVSwitches in confidential-computing mode, offline.
 *
 *	struct assay *a; struct assay_evidence *ev; struct assay_report *r; struct assay_err e = { 0 };
 *
 *	assay_init(&a, &e);
 *	assay_evidence_new(&ev, &e);
 *	assay_evidence_add(ev, "bundle.json", bytes, size, NULL, 0, &e);
 *	assay_verify(a, ev, &(struct assay_options){ .nonce = nonce, .now = time(NULL) }, &r, &e);
 *	if (assay_report_verdict(r) == ASSAY_CLASS_ACCEPTED) ...
 *
 * Objects are opaque and not for two threads at once. A function that returns enum assay_code fills e, which must not
 * be NULL, when the return is not ASSAY_OK, and writes its outputs on ASSAY_OK only. _free accepts NULL.
 */
#ifndef ASSAY_ASSAY_H
#define ASSAY_ASSAY_H

#include <stdint.h>

#include <assay/err.h>
#include <assay/finding.h>

#ifdef __cplusplus
extern "C" {
#endif

struct assay;
struct assay_evidence;
struct assay_report;

#define ASSAY_NONCE      32
#define ASSAY_REPORTDATA 64

ASSAY_API const char *assay_version(void); /* "0.1.0" */

/* Make the context: a private OpenSSL library context without configuration, xmlsec and jansson started. Once a process,
 * before threads and sandboxes; everything after it opens no file and asks no clock. Class INTERNAL. */
ASSAY_API enum assay_code assay_init(struct assay **out, struct assay_err *e);
ASSAY_API void            assay_free(struct assay *a);

/* Replace all three pinned roots, each by one PEM certificate. From then on every report says TEST ANCHORS.
 * ASSAY_INPUT_PEM, ASSAY_INPUT_BASE64, ASSAY_CERT_PARSE. */
ASSAY_API enum assay_code assay_anchors(struct assay *a, const void *device, size_t device_size,
	const void *rim, size_t rim_size, const void *sgx, size_t sgx_size,
	struct assay_err *e);

ASSAY_API enum assay_code assay_evidence_new(struct assay_evidence **out, struct assay_err *e);
ASSAY_API void            assay_evidence_free(struct assay_evidence *ev);

/* Add a container; all containers of one struct assay_evidence are one node. bytes: a bundle or evidence file as
 * docs/bundle.md has them, NVIDIA's JSON, a raw report (binary or hexadecimal text) with its PEM chain, or a raw TDX quote;
 * at most 16 MiB.
 * Both are copied. name is for messages. What is wrong with one device's entry becomes a finding of that device; what is
 * wrong with the container as a whole is returned, class MALFORMED.
 * Source: nvidia-evidence chapter 1. */
ASSAY_API enum assay_code assay_evidence_add(struct assay_evidence *ev, const char *name,
	const void *bytes, size_t size, const void *chain, size_t chain_size,
	struct assay_err *e);

/* Add collateral: a RIM (XML), an OCSP response (DER), Intel's TCB info or QE identity (JSON as PCS sends it), their chain
 * (PEM), a CRL (DER), or the collateral JSON of dcap-qvl, found again by its file name or its content; copied. */
ASSAY_API enum assay_code assay_evidence_add_collateral(struct assay_evidence *ev,
	const char *name, const void *bytes, size_t size, struct assay_err *e);

/* Add the guest's event log (CCEL data) where no bundle brings it; copied. Class MALFORMED. */
ASSAY_API enum assay_code assay_evidence_add_events(struct assay_evidence *ev, const char *name,
	const void *bytes, size_t size, struct assay_err *e);

/* What a bundle says about nonce and time: its maker's word. 1 and filled when there is any, else 0. */
ASSAY_API int assay_evidence_recorded(const struct assay_evidence *ev,
	uint8_t nonce[ASSAY_NONCE], int *nonce_given, int64_t *made);

struct assay_options {           /* all lent */
	const uint8_t *nonce;    /* ASSAY_NONCE bytes, as sent; NULL: freshness stays unknown */
	int64_t        now;      /* seconds since 1970-01-01T00:00:00Z, for every date */
	int            historic; /* now is not the time of day: the report says so */
	const char    *expect;   /* "8+4", GPUs and switches; NULL: at least one device */
	const char *
		policy; /* text of assay.policy/1 or of nvtrust's policies; NULL: the default, strict */
	size_t policy_size; /* bytes */
	int claims; /* version of the claims that nvtrust's policies are asked about: 2, or 3 (also 0) */
	const char *iss; /* and their issuer; NULL: as tokens have it by default */
	const void *
		channel_key; /* DER of a SubjectPublicKeyInfo, of the channel to the guest; NULL: none */
	size_t channel_key_size; /* bytes */
	const uint8_t *
		reportdata; /* ASSAY_REPORTDATA bytes, of a guest without devices that was asked with these;
				    * NULL: as the nonce has them */
};

/* Judge evidence at a moment. Pure: opens nothing, asks no clock. Remembers in a what held (chains, RIMs, OCSP answers),
 * within bounds and never past a signed date.
 *
 * Returns ASSAY_OK when the checks ran, not when they held: the report's verdict decides. Else a code of class INTERNAL,
 * or MALFORMED and USAGE for the policy and the options. The report keeps ev until it is freed itself.
 * Does not check over which channel the evidence arrived, nor which guest the devices belong to: a NVIDIA report does
 * not name it.
 * Source: DMTF DSP0274 1.1; nvidia-evidence chapters 1 to 8. */
ASSAY_API enum assay_code assay_verify(struct assay *a, struct assay_evidence *ev,
	const struct assay_options *options, struct assay_report **out, struct assay_err *e);

/* The report for a container that assay_evidence_add() refused: one finding, so that there always is a report. */
ASSAY_API enum assay_code assay_refuse(struct assay *a, const struct assay_options *options,
	const struct assay_err *why, struct assay_report **out, struct assay_err *e);

ASSAY_API void             assay_report_free(struct assay_report *r);
ASSAY_API enum assay_class assay_report_verdict(const struct assay_report *r);

/* The earliest signed limit or end of a waiver that was relied on, in seconds since 1970-01-01T00:00:00Z; the last second of the year 9999
 * when there was none. */
ASSAY_API int64_t assay_report_valid_until(const struct assay_report *r);

/* How many findings there are; the i-th of them, i less than that. Its texts live as long as r. */
ASSAY_API size_t assay_report_findings(const struct assay_report *r);
ASSAY_API void   assay_report_finding(
	  const struct assay_report *r, size_t i, struct assay_finding *out);

/* assay.report/1 as text, NUL-terminated; *text is the caller's, for assay_text_free(). Same evidence, options and anchors:
 * same bytes. */
ASSAY_API enum assay_code assay_report_json(
	const struct assay_report *r, char **text, size_t *size, struct assay_err *e);
ASSAY_API void assay_text_free(char *text);

#ifdef __cplusplus
}
#endif
#endif
