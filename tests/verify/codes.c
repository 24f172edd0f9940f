/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/codes.h"

#include <string.h>

#include "base/rd.h"

static const struct {
	enum assay_code code;
	const char     *faults;
} rows[] = {
	{ ASSAY_INPUT_SIZE, "chain-sixth rim-empty-body rim-large" },
	{ ASSAY_INPUT_PEM, "chain-text" },
	{ ASSAY_INPUT_DER, "fwid-cert-trailing fwid-cert-long-form" },
	{ ASSAY_TRUNCATED,
		"cut-by-one cut-in-signature l1-plus l1-minus l2-plus blocks-plus "
		"switch-cut opaque-size-ffff fwid-cert-cut" },
	{ ASSAY_JSON_PARSE, "tcbinfo-member-twice" },
	{ ASSAY_JSON_FIELD, "tcbinfo-twice tcbinfo-other-case" },
	{ ASSAY_XML_PARSE, "rim-garbage rim-cut" },
	{ ASSAY_XML_DTD, "rim-dtd rim-pi" },
	{ ASSAY_REPORT_HEADER,
		"flip-version spdm-version spdm-response-version spdm-code "
		"spdm-unsigned spdm-one-block spdm-slot spdm-param" },
	{ ASSAY_REPORT_SIZE, "cut-in-blocks cut-in-header trailing-zero l2-minus" },
	{ ASSAY_REPORT_SIGNATURE,
		"report-of-another flip-nonce flip-measurement flip-opaque "
		"flip-signature signature-zero switch-flip-nonce" },
	{ ASSAY_REPORT_NONCE, "nonce-wrong nonce-replayed switch-nonce-replayed" },
	{ ASSAY_REPORT_HINT, "hint-arch hint-driver hint-vbios" },
	{ ASSAY_REPORT_FWID,
		"fwid-report fwid-absent-blackwell fwid-cert fwid-cert-blackwell "
		"fwid-cert-none fwid-cert-twice fwid-cert-both fwid-cert-oid "
		"fwid-cert-key" },
	{ ASSAY_REPORT_PDI, "switch-pdi" },
	{ ASSAY_REPORT_LOCK, "switch-unlocked switch-lock-missing" },
	{ ASSAY_MEASUREMENT_BLOCK,
		"blocks-minus blocks-none block-twice block-gap block-zero "
		"block-spec block-size block-short" },
	{ ASSAY_MEASUREMENT_KIND, "block-raw" },
	{ ASSAY_MEASUREMENT_MISMATCH,
		"measurement-driver measurement-vbios measurement-nvdec-on "
		"switch-measurement" },
	{ ASSAY_MEASUREMENT_COUNT, "measurement-unlisted counts-contradict" },
	{ ASSAY_OPAQUE_SIZE,
		"opaque-vbios-short opaque-nvdec-long opaque-counts-odd "
		"opaque-fwid-short" },
	{ ASSAY_OPAQUE_TWICE, "opaque-twice opaque-fwid-twice switch-opaque-twice" },
	{ ASSAY_OPAQUE_TYPE, "opaque-type-zero opaque-type-invalid" },
	{ ASSAY_OPAQUE_TEXT,
		"opaque-vbios-tail opaque-driver-path opaque-driver-hidden "
		"opaque-driver-empty" },
	{ ASSAY_OPAQUE_MISSING,
		"opaque-driver-missing opaque-vbios-missing opaque-project-missing "
		"opaque-nvdec-missing switch-vbios-missing" },
	{ ASSAY_OPAQUE_LAYOUT, "nvdaod-profile nvdaod-padding switch-nvdaod" },
	{ ASSAY_OPAQUE_NEWER, "nvdaod-major" },
	{ ASSAY_OPAQUE_UNKNOWN, "opaque-unknown" },
	{ ASSAY_CERT_COUNT,
		"pck-no-root chain-no-root chain-no-ica chain-no-leaf "
		"rim-certs-three rim-certs-five" },
	{ ASSAY_CERT_EXPIRED, "pck-expired chain-expired rim-signer-expired" },
	{ ASSAY_CERT_NOT_YET, "pck-not-yet chain-not-yet rim-signer-not-yet" },
	{ ASSAY_CERT_PROFILE,
		"pck-authority pck-authority-wide pck-name pck-usage "
		"tcbinfo-signer-ca tcbinfo-signer-usage tcbinfo-signer-name "
		"chain-leaf-ca chain-leaf-serial chain-leaf-chip chain-leaf-unnamed "
		"fwid-cert-hash fwid-cert-version fwid-cert-short "
		"rim-signer-responder rim-signer-ca rim-signer-unused" },
	{ ASSAY_CHAIN_ROOT,
		"pck-own-authorities pck-root-replaced chain-swapped-top "
		"chain-own-root chain-root-replaced chain-rim-root rim-own-chain" },
	{ ASSAY_CHAIN_PATH,
		"tcbinfo-signer-pck tcbinfo-signer-own identity-signer-pck "
		"chain-swapped chain-leaf-signs" },
	{ ASSAY_OCSP_MISSING, "ocsp-absent ocsp-rim-absent ocsp-switch-absent" },
	{ ASSAY_OCSP_PARSE, "ocsp-garbage" },
	{ ASSAY_OCSP_ERROR, "ocsp-unauthorized ocsp-try-later" },
	{ ASSAY_OCSP_MATCH, "ocsp-other-serial" },
	{ ASSAY_OCSP_NONCE, "ocsp-nonce" },
	{ ASSAY_OCSP_SIGNER,
		"ocsp-signer-no-eku ocsp-signer-expired ocsp-signer-subject "
		"ocsp-signer-other ocsp-signer-own" },
	{ ASSAY_OCSP_SIGNATURE, "ocsp-signature" },
	{ ASSAY_OCSP_STALE, "ocsp-stale ocsp-old ocsp-no-end-old" },
	{ ASSAY_OCSP_FUTURE, "ocsp-future" },
	{ ASSAY_OCSP_REVOKED,
		"ocsp-revoked ocsp-revoked-ca ocsp-rim-revoked ocsp-rim-ca-revoked "
		"ocsp-switch-revoked" },
	{ ASSAY_OCSP_HOLD, "ocsp-hold ocsp-rim-hold" },
	{ ASSAY_OCSP_UNKNOWN, "ocsp-unknown ocsp-rim-unknown" },
	{ ASSAY_RIM_MISSING, "rim-absent rim-vbios-absent rim-bios-absent" },
	{ ASSAY_RIM_STRUCTURE,
		"rim-key-value rim-rsa rim-signature-twice rim-wrapped "
		"rim-certs-outside rim-reference rim-transform rim-resource-twice "
		"rim-resource-beyond rim-index-sign rim-active-word rim-hash-more "
		"rim-hash-less rim-fifth-child rim-meta-twice" },
	{ ASSAY_RIM_NEWER, "rim-newer" },
	{ ASSAY_RIM_SIGNATURE,
		"rim-signature rim-altered rim-vbios-altered rim-bios-signature "
		"rim-other-key" },
	{ ASSAY_RIM_IDENTITY, "rim-version rim-vbios-version rim-edition rim-product" },
	{ ASSAY_RIM_FAMILY, "rim-signer-family" },
	{ ASSAY_RIM_EMPTY, "rim-no-values" },
	{ ASSAY_RIM_CONFLICT, "rim-conflict" },
	{ ASSAY_DEVICE_TWICE, "gpu-twice gpu-twice-single switch-twice" },
	{ ASSAY_DEVICE_NONCE, "nonce-mixed" },
	{ ASSAY_DEVICE_MODE, "mode-mixed mode-flag mode-contradiction" },
	{ ASSAY_DEVICE_VERSIONS, "driver-mixed" },
	{ ASSAY_DEVICE_VARIETY, "vbios-mixed" },
	{ ASSAY_DEVICE_MISSING, "gpu-missing gpu-none switch-missing switch-none mode-unsaid" },
	{ ASSAY_DEVICE_TOPOLOGY,
		"gpu-ninth switch-fifth topology-switch topology-unlinked "
		"topology-gpu topology-gpu-twice" },
	{ ASSAY_QUOTE_VERSION, "quote-version" },
	{ ASSAY_QUOTE_KEYTYPE, "quote-key-type" },
	{ ASSAY_QUOTE_TEE, "quote-tee-type" },
	{ ASSAY_QUOTE_VENDOR, "quote-vendor" },
	{ ASSAY_QUOTE_SIGLEN, "quote-cut" },
	{ ASSAY_QUOTE_CERTTYPE, "quote-outer-type quote-inner-type" },
	{ ASSAY_QUOTE_TRAILING, "quote-trailing" },
	{ ASSAY_QUOTE_SIGNATURE,
		"quote-qe-id quote-svn quote-mrtd quote-attributes quote-rtmr3 "
		"quote-signature" },
	{ ASSAY_QE_SIGNATURE, "qe-own-signature qe-edited qe-signature" },
	{ ASSAY_QE_DATA, "qe-unbound qe-data-tail qe-auth-data" },
	{ ASSAY_QE_MISC, "qe-misc" },
	{ ASSAY_QE_ATTRIBUTES, "qe-attributes" },
	{ ASSAY_QE_SIGNER, "qe-signer" },
	{ ASSAY_QE_PRODUCT, "qe-product" },
	{ ASSAY_QE_DEBUG, "qe-debug" },
	{ ASSAY_QE_SVN, "qe-unsupported" },
	{ ASSAY_TCB_NOT_SUPPORTED, "module-too-old tcb-unsupported" },
	{ ASSAY_TCB_MODULE_MISMATCH, "module-signer module-attributes module-missing" },
	{ ASSAY_TCB_REVOKED, "tcb-revoked module-revoked qe-revoked" },
	{ ASSAY_TCB_UNRECOGNIZED, "tcb-unrecognized module-unrecognized" },
	{ ASSAY_TCB_STATUS,
		"module-out-of-date module-relaunch tcb-out-of-date "
		"tcb-configuration tcb-hardening tcb-both "
		"tcb-out-of-date-configuration qe-out-of-date" },
	{ ASSAY_TD_REPORTDATA, "quote-reportdata quote-replayed" },
	{ ASSAY_TD_DEBUG, "td-debug" },
	{ ASSAY_TD_ATTRIBUTES, "td-profiled td-no-sept-ve td-migratable td-attribute-unknown" },
	{ ASSAY_TD_XFAM, "td-xfam" },
	{ ASSAY_TD_SERVTD, "td-service" },
	{ ASSAY_CERT_SGX, "pck-twice pck-extension-twice" },
	{ ASSAY_CERT_CPUSVN, "pck-component" },
	{ ASSAY_CRL_ISSUER, "crl-pck-issuer" },
	{ ASSAY_CRL_SIGNATURE, "crl-pck-signature crl-root-signature" },
	{ ASSAY_CRL_STALE, "crl-pck-stale crl-root-stale" },
	{ ASSAY_CRL_FUTURE, "crl-pck-future" },
	{ ASSAY_CRL_REVOKED, "pck-revoked platform-ca-revoked tcb-signer-revoked" },
	{ ASSAY_JSON_SIGNATURE, "tcbinfo-edited tcbinfo-space identity-edited" },
	{ ASSAY_JSON_STALE, "tcbinfo-stale identity-stale" },
	{ ASSAY_JSON_FUTURE, "tcbinfo-future" },
	{ ASSAY_JSON_ID, "tcbinfo-sgx identity-sgx" },
	{ ASSAY_JSON_FMSPC, "pck-fmspc tcbinfo-fmspc" },
	{ ASSAY_JSON_PCEID, "tcbinfo-pceid" },
	{ ASSAY_JSON_EVALUATION, "identity-rolled-back" },
	{ ASSAY_EVENTLOG_INDEX, "log-index" },
	{ ASSAY_EVENTLOG_MISMATCH,
		"td-other-guest log-digest log-event-removed log-data "
		"log-other-machine" },
	{ ASSAY_EVENTLOG_MISSING, "log-missing" },
};

enum assay_code codes_due(const char *fault)
{
	const size_t n = strlen(fault);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (const char *at = rows[i].faults; at != NULL; at = strchr(at, ' ')) {
			at += *at == ' ';
			if (strncmp(at, fault, n) == 0 && (at[n] == ' ' || at[n] == 0))
				return rows[i].code;
		}
	return ASSAY_OK;
}
