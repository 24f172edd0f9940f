/* SPDX-License-Identifier: Apache-2.0
 *
 * Codes: every way in which assay says no, with its class. A code is stable: it may be kept in files and compared
 * by name. The class alone decides verdict and exit status; assay_class_exit() gives the number.
 */
#ifndef ASSAY_ERR_H
#define ASSAY_ERR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ASSAY_API __attribute__((visibility("default")))
#else
#define ASSAY_API
#endif

/* name, verdict, exit status; the worst first, ACCEPTED last. */
#define ASSAY_CLASSES(X)                 \
	X(INTERNAL, "internal", 70)      \
	X(REJECTED, "rejected", 1)       \
	X(MALFORMED, "malformed", 6)     \
	X(NOT_READY, "not-ready", 5)     \
	X(UNAVAILABLE, "unavailable", 4) \
	X(UNDECIDED, "undecided", 3)     \
	X(USAGE, "usage", 2)             \
	X(ACCEPTED, "accepted", 0)

enum assay_class {
#define X(name, verdict, exit) ASSAY_CLASS_##name,
	ASSAY_CLASSES(X)
#undef X
};

/* name, class, meaning, what to do. A name is OBJECT_FAULT. New rows go where they belong by object; the numbers are
 * no part of the interface, the names are. */
#define ASSAY_CODES(X)                                                                         \
	X(OK, ACCEPTED, "no objection", "")                                                    \
	/* files, options, encodings */                                                        \
	X(INPUT_OPTION, USAGE, "an option is wrong", "see --help")                             \
	X(INPUT_FILE, USAGE, "a file is absent or cannot be read",                             \
		"check the name and the permissions")                                          \
	X(INPUT_SIZE, MALFORMED, "the input is empty or over its limit",                       \
		"check that this is the file you meant")                                       \
	X(INPUT_KIND, MALFORMED, "the input is nothing that assay knows",                      \
		"give evidence JSON, an assay bundle, a TDX quote, or a report with --chain")  \
	X(INPUT_ARCH, MALFORMED, "the device family is unknown or not supported",              \
		"supported are HOPPER, BLACKWELL and LS10")                                    \
	X(INPUT_HEX, MALFORMED, "not an even number of hexadecimal digits",                    \
		"collect the evidence again")                                                  \
	X(INPUT_BASE64, MALFORMED, "not RFC 4648 base64", "collect the evidence again")        \
	X(INPUT_PEM, MALFORMED, "not a run of PEM certificates", "collect the evidence again") \
	X(INPUT_DER, MALFORMED, "not the DER that this field must be",                         \
		"collect the evidence again")                                                  \
	X(TRUNCATED, MALFORMED, "the input ends inside a field", "collect the evidence again") \
	X(JSON_PARSE, MALFORMED, "not JSON, or a name twice in one object",                    \
		"check that the file is complete")                                             \
	X(JSON_DEPTH, MALFORMED, "JSON is nested deeper than any evidence is",                 \
		"check that this is the file you meant")                                       \
	X(JSON_FIELD, MALFORMED, "a JSON member is absent or of the wrong type",               \
		"compare with the manual page of the format")                                  \
	X(JSON_SCHEMA, MALFORMED, "the file names a schema that this version does not know",   \
		"use the version of assay that wrote it, or a newer one")                      \
	X(XML_PARSE, MALFORMED, "not well-formed XML", "fetch the document again")             \
	X(XML_DTD, MALFORMED, "the XML has a DTD, an entity or a processing instruction",      \
		"fetch the document from NVIDIA's RIM service; genuine ones have none")        \
	X(XML_LIMIT, MALFORMED, "the XML is larger or deeper than any RIM is",                 \
		"fetch the document again")                                                    \
	/* the report */                                                                       \
	X(REPORT_HEADER, MALFORMED, "a fixed field of the report has another value",           \
		"collect the evidence again")                                                  \
	X(REPORT_SIZE, MALFORMED, "the report's length is not the sum of its parts",           \
		"collect the evidence again; do not pad it")                                   \
	X(REPORT_SIGNATURE, REJECTED, "the report was not signed by the certified key",        \
		"do not trust this device; collect again, and if it stays, tell the operator") \
	X(REPORT_NONCE, REJECTED, "the report answers another request",                        \
		"collect again with a fresh nonce, and verify with that one")                  \
	X(REPORT_FRESHNESS, UNDECIDED, "no nonce was given, so the report may be old",         \
		"give the nonce that you sent: --nonce HEX")                                   \
	X(REPORT_HINT, REJECTED, "the file contradicts the signed report",                     \
		"collect again with the tool that wrote the file")                             \
	X(REPORT_FWID, REJECTED, "the report comes from other firmware than certified",        \
		"do not trust this device")                                                    \
	X(REPORT_PDI, REJECTED, "the device's name is not the one that is certified",          \
		"do not trust this device")                                                    \
	X(REPORT_LOCK, REJECTED, "the switch does not report that it is locked",               \
		"reset the node so that the switches are locked for protected PCIe")           \
	/* measurements */                                                                     \
	X(MEASUREMENT_BLOCK, MALFORMED, "a measurement block contradicts itself or its place", \
		"collect the evidence again")                                                  \
	X(MEASUREMENT_KIND, MALFORMED, "a measurement is not a SHA-384 digest",                \
		"use a version of assay that knows this firmware")                             \
	X(MEASUREMENT_MISMATCH, REJECTED, "a measurement is none of the golden values",        \
		"install a released driver and VBIOS, else do not trust it")                   \
	X(MEASUREMENT_COUNT, UNDECIDED, "an extend count contradicts its measurement",         \
		"a warning; tell NVIDIA when it appears on genuine firmware")                  \
	/* NVIDIA's opaque data */                                                             \
	X(OPAQUE_SIZE, MALFORMED, "an opaque field has a size that its type does not have",    \
		"collect the evidence again")                                                  \
	X(OPAQUE_TWICE, MALFORMED, "an opaque field occurs twice",                             \
		"collect the evidence again")                                                  \
	X(OPAQUE_TYPE, MALFORMED, "an opaque field has a type that is never valid",            \
		"collect the evidence again")                                                  \
	X(OPAQUE_TEXT, MALFORMED, "a text field has bytes outside [0-9A-Za-z.]",               \
		"do not trust this device")                                                    \
	X(OPAQUE_MISSING, MALFORMED, "a field that is always there is absent",                 \
		"update the device's firmware")                                                \
	X(OPAQUE_LAYOUT, MALFORMED, "the opaque data's header contradicts itself",             \
		"collect the evidence again")                                                  \
	X(OPAQUE_NEWER, UNDECIDED, "the firmware speaks a newer layout than this assay",       \
		"use a newer version of assay")                                                \
	X(OPAQUE_UNKNOWN, UNDECIDED, "the report has a field that this assay does not know",   \
		"use a newer version of assay")                                                \
	/* certificates */                                                                     \
	X(CERT_PARSE, MALFORMED, "not one DER certificate", "collect the evidence again")      \
	X(CERT_COUNT, MALFORMED, "the chain has another number of certificates",               \
		"collect the evidence again; the chain goes from leaf to root")                \
	X(CERT_EXPIRED, REJECTED, "a certificate is past its notAfter",                        \
		"fetch a newer RIM; to judge an archive, say when with --at")                  \
	X(CERT_NOT_YET, REJECTED, "a certificate is before its notBefore",                     \
		"check this machine's clock, or the time given with --at")                     \
	X(CERT_PROFILE, REJECTED, "a certificate is not of the kind its place asks for",       \
		"do not trust this device")                                                    \
	X(CHAIN_ROOT, REJECTED, "the chain does not end in the pinned root",                   \
		"do not trust it; test evidence needs its own --anchors")                      \
	X(CHAIN_PATH, REJECTED, "the chain does not hold together",                            \
		"do not trust it; collect or fetch again")                                     \
	X(CHAIN_FAMILY, REJECTED, "the chain belongs to another device family",                \
		"collect again; do not edit the arch")                                         \
	/* OCSP */                                                                             \
	X(OCSP_MISSING, UNDECIDED, "no OCSP answer is at hand for a certificate",              \
		"let attest or gather ask the responder, or give verify --ocsp")               \
	X(OCSP_PARSE, MALFORMED, "not one OCSP response", "fetch the answer again")            \
	X(OCSP_ERROR, UNDECIDED, "the responder answered without a status",                    \
		"fetch the answer again later")                                                \
	X(OCSP_MATCH, REJECTED, "the answer is for another certificate or request",            \
		"do not trust its source; fetch again")                                        \
	X(OCSP_NONCE, REJECTED, "the answer carries another nonce than its request",           \
		"do not trust its source; fetch again")                                        \
	X(OCSP_SIGNER, REJECTED, "the answer's signer may not answer for this issuer",         \
		"do not trust its source; fetch again")                                        \
	X(OCSP_SIGNATURE, REJECTED, "the answer's signature does not hold",                    \
		"do not trust its source; fetch again")                                        \
	X(OCSP_STALE, UNDECIDED, "the answer is out of date",                                  \
		"fetch the answer again; to judge an archive, say when with --at")             \
	X(OCSP_FUTURE, UNDECIDED, "the answer is from the future",                             \
		"check this machine's clock, or the time given with --at")                     \
	X(OCSP_REVOKED, REJECTED, "a certificate is revoked", "do not trust this device")      \
	X(OCSP_HOLD, REJECTED, "a certificate is on hold",                                     \
		"wait for NVIDIA; for a RIM signer a policy may waive it by name")             \
	X(OCSP_UNKNOWN, REJECTED, "the responder does not know the certificate",               \
		"do not trust it; fetch the document again")                                   \
	/* reference integrity manifests */                                                    \
	X(RIM_MISSING, UNDECIDED, "no RIM is at hand",                                         \
		"let attest or gather ask the RIM service, or give verify --rim")              \
	X(RIM_STRUCTURE, MALFORMED, "the document is not of the form that every RIM has",      \
		"fetch it from NVIDIA's RIM service")                                          \
	X(RIM_NEWER, UNDECIDED, "the RIM asks for checks that this assay does not know",       \
		"use a newer version of assay")                                                \
	X(RIM_SIGNATURE, REJECTED, "the RIM was not signed by the certified key",              \
		"do not trust its source; fetch it from NVIDIA's RIM service")                 \
	X(RIM_IDENTITY, REJECTED, "the RIM is for another version or product",                 \
		"fetch the RIM whose id the message names")                                    \
	X(RIM_FAMILY, REJECTED, "the RIM's signer belongs to another device family",           \
		"a warning unless the policy refuses it")                                      \
	X(RIM_EMPTY, REJECTED, "the RIM has no active measurement",                            \
		"fetch it from NVIDIA's RIM service")                                          \
	X(RIM_CONFLICT, REJECTED, "driver and VBIOS RIM both claim a measurement",             \
		"fetch both from NVIDIA's RIM service")                                        \
	/* the node */                                                                         \
	X(DEVICE_NONE, NOT_READY, "there is no device to judge",                               \
		"collect from a machine whose GPUs are up and in CC mode")                     \
	X(DEVICE_COUNT, REJECTED, "not the number of devices that was expected",               \
		"find out why before you send secrets")                                        \
	X(DEVICE_TWICE, REJECTED, "one device appears twice",                                  \
		"do not trust this node; a node's devices are all different")                  \
	X(DEVICE_NONCE, REJECTED, "the devices answer different requests",                     \
		"collect from all devices in one run")                                         \
	X(DEVICE_MODE, REJECTED, "the devices are not in one mode",                            \
		"set all GPUs to one mode and reset them")                                     \
	X(DEVICE_VERSIONS, REJECTED, "the GPUs report different drivers",                      \
		"one machine has one driver: collect again from one machine")                  \
	X(DEVICE_VARIETY, UNDECIDED, "devices of one kind have different firmware",            \
		"a warning; bring them to one release when you can")                           \
	X(DEVICE_MISSING, UNDECIDED, "a device that the others name is not in the evidence",   \
		"give the evidence of GPUs and switches together")                             \
	X(DEVICE_TOPOLOGY, REJECTED, "a device is not connected to the others",                \
		"do not trust this node; it may be made of parts of others")                   \
	X(DEVICE_TIMEOUT, UNAVAILABLE, "a call of the driver did not come back in time",       \
		"look at the kernel log; reset the device or restart the machine")             \
	X(DEVICE_CRASHED, UNAVAILABLE, "the vendor's library crashed",                         \
		"bring driver and libraries to one release; look at the kernel log")           \
	X(DEVICE_ERROR, UNAVAILABLE, "the driver refuses or fails",                            \
		"look at the kernel log; restart the GPU stack")                               \
	X(DEVICE_PERMISSION, UNAVAILABLE, "no permission for the device",                      \
		"run as root, or give access to the device files")                             \
	X(DEVICE_REPLY, UNAVAILABLE, "the driver's answer is not of a possible size",          \
		"bring driver and libraries to one release")                                   \
	X(DEVICE_MODE_OFF, NOT_READY, "confidential computing is off",                         \
		"have the operator switch the GPU to CC mode; see assay explain gpu.mode")     \
	X(DEVICE_SIMULATED, REJECTED, "confidential computing is only simulated",              \
		"do not trust this machine with secrets")                                      \
	X(DEVICE_DEVTOOLS, REJECTED, "the GPU is in developer tools mode",                     \
		"have the operator switch developer tools mode off")                           \
	X(DEVICE_STARTING, NOT_READY, "the GPU stack is still starting",                       \
		"wait until nvidia-persistenced is active, then try again")                    \
	X(DEVICE_CHANGED, REJECTED, "devices came or went during attestation",                 \
		"attest again; find out who changes the devices")                              \
	X(DEVICE_TERMINAL, NOT_READY, "the GPUs are in a state that only a reset ends",        \
		"reset the GPUs or restart the machine")                                       \
	X(LIBRARY, UNAVAILABLE, "a vendor's library is absent or too old",                     \
		"install the driver's libraries of the driver's own release")                  \
	X(QUOTE_BUSY, UNAVAILABLE, "an earlier request for a quote is not finished",           \
		"try again; when it stays, restart the guest: the host owes an answer")        \
	X(QUOTE_TIMEOUT, UNAVAILABLE, "the host made no quote in time",                        \
		"the quoting service of the host is down or slow: ask the operator")           \
	X(QUOTE_SERVICE, UNAVAILABLE, "no quote is to be had, or the host refuses one",        \
		"follow the message; what the host refuses only its operator can mend")        \
	X(QUOTE_REPLY, UNAVAILABLE, "what came back is no quote of this request",              \
		"do not use it; try again, and tell the operator when it stays")               \
	X(TD_ABSENT, NOT_READY, "this machine offers no interface of a TDX guest",             \
		"in a TDX guest: modprobe tdx_guest, mount configfs; run as root")             \
	X(TD_EXTEND, UNAVAILABLE, "the kernel does not extend an RTMR",                        \
		"use a kernel that offers it (Linux 6.16, Anolis 5.10), as root")              \
	X(EVENTLOG_LINE, MALFORMED, "assay's own event log is not well formed",                \
		"see docs/events.md; restart the guest to begin a new log")                    \
	/* TDX: the quote and its parts */                                                     \
	X(QUOTE_SIZE, MALFORMED, "the quote is smaller or larger than any",                    \
		"collect the evidence again")                                                  \
	X(QUOTE_VERSION, MALFORMED, "the quote has neither version 4 nor 5",                   \
		"collect the evidence again")                                                  \
	X(QUOTE_KEYTYPE, MALFORMED, "the attestation key is not of ECDSA with P-256",          \
		"collect the evidence again")                                                  \
	X(QUOTE_TEE, MALFORMED, "the quote is not of a TDX guest",                             \
		"an SGX enclave is no guest: collect from a TD")                               \
	X(QUOTE_VENDOR, MALFORMED, "the quoting enclave is not of Intel's vendor id",          \
		"collect the evidence again")                                                  \
	X(QUOTE_BODY, MALFORMED, "the body is of no kind that its version has",                \
		"use a newer version of assay, or collect again")                              \
	X(QUOTE_SIGLEN, MALFORMED, "the signature section does not fit the quote",             \
		"collect the evidence again")                                                  \
	X(QUOTE_CERTTYPE, MALFORMED, "the certification data is of another type",              \
		"have the platform's PCK certificates provisioned")                            \
	X(QUOTE_CERTLEN, MALFORMED, "the parts of the signature section do not add up",        \
		"collect the evidence again")                                                  \
	X(QUOTE_QEAUTH, MALFORMED, "the QE authentication data is larger than any",            \
		"collect the evidence again")                                                  \
	X(QUOTE_TRAILING, MALFORMED, "bytes other than zero, or too many, behind the quote",   \
		"collect the evidence again; do not append to it")                             \
	X(QUOTE_POINT, MALFORMED, "the attestation key is no point of P-256",                  \
		"collect the evidence again")                                                  \
	X(QUOTE_SIGRANGE, MALFORMED, "a signature's number is out of its range",               \
		"collect the evidence again")                                                  \
	X(QUOTE_SIGNATURE, REJECTED, "the quote was not signed by the attestation key",        \
		"do not trust this guest")                                                     \
	X(QUOTE_MISSING, REJECTED, "a TDX guest was asked for, and the evidence has no quote", \
		"collect from the guest too: assay collect --device tdx,gpu,nvswitch")         \
	X(QUOTE_TWICE, REJECTED, "the evidence holds more than one quote",                     \
		"give the evidence of one guest only")                                         \
	X(QE_SIGNATURE, REJECTED,                                                              \
		"the quoting enclave's report was not signed by the PCK key",                  \
		"do not trust this guest")                                                     \
	X(QE_DATA, REJECTED, "the quoting enclave does not vouch for the attestation key",     \
		"do not trust this guest")                                                     \
	X(QE_MISSING, UNDECIDED, "no QE identity is at hand",                                  \
		"give it with --collateral, or a bundle that has it")                          \
	X(QE_MISC, REJECTED, "MISCSELECT is not that of Intel's quoting enclave",              \
		"do not trust this guest")                                                     \
	X(QE_ATTRIBUTES, REJECTED, "the attributes are not those of Intel's quoting enclave",  \
		"do not trust this guest")                                                     \
	X(QE_SIGNER, REJECTED, "the quoting enclave was not signed by Intel",                  \
		"do not trust this guest")                                                     \
	X(QE_PRODUCT, REJECTED, "the enclave is not Intel's quoting enclave for TDs",          \
		"do not trust this guest")                                                     \
	X(QE_DEBUG, REJECTED, "the quoting enclave is in debug mode, its keys can be read",    \
		"do not trust this guest")                                                     \
	X(QE_SVN, REJECTED, "the quoting enclave is older than any that Intel lists",          \
		"have the operator update the quoting enclave")                                \
	X(TCB_MISSING, UNDECIDED, "no TCB info is at hand",                                    \
		"give it with --collateral, or a bundle that has it")                          \
	X(TCB_NOT_SUPPORTED, REJECTED, "the platform is below every level that Intel lists",   \
		"have the operator update firmware and TDX module")                            \
	X(TCB_MODULE_MISMATCH, REJECTED, "the TDX module is none that Intel lists",            \
		"do not trust this guest")                                                     \
	X(TCB_REVOKED, REJECTED, "Intel has revoked this level of the platform",               \
		"do not trust this machine; its keys may be known")                            \
	X(TCB_UNRECOGNIZED, REJECTED,                                                          \
		"the TCB status has a name that this version does not know",                   \
		"use a newer version of assay")                                                \
	X(TCB_STATUS, REJECTED, "the TCB is not up to date",                                   \
		"have the operator update; a policy may accept the status by name")            \
	X(TCB_ADVISORY, REJECTED, "an advisory applies that the policy does not accept",       \
		"mitigate it in the guest, then name it in tdx.tcb.advisories")                \
	X(TCB_DATE, REJECTED, "the matched level is older than the policy allows",             \
		"have the operator update firmware and TDX module")                            \
	X(TD_REPORTDATA, REJECTED, "REPORTDATA is not what was asked for",                     \
		"collect again with a fresh nonce, and verify with that one")                  \
	X(TD_FRESHNESS, UNDECIDED, "no nonce was given, so the quote may be old",              \
		"give the nonce that you sent: --nonce HEX")                                   \
	X(TD_DEBUG, REJECTED, "a debug TD: the host can read its memory",                      \
		"start the guest without debug")                                               \
	X(TD_ATTRIBUTES, REJECTED, "a TD attribute is set that may not be, or one is missing", \
		"start the guest with the usual attributes")                                   \
	X(TD_XFAM, REJECTED, "a processor feature is on that may not be, or one is missing",   \
		"start the guest with the usual features")                                     \
	X(TD_MRTD, REJECTED, "MRTD is none that the policy allows",                            \
		"start the firmware that the policy names")                                    \
	X(TD_RTMR, REJECTED, "an RTMR is none that the policy allows",                         \
		"boot what the policy names, or learn the new values")                         \
	X(TD_MRSEAM, REJECTED, "MRSEAM is none that the policy allows",                        \
		"run a TDX module that the policy names")                                      \
	X(TD_MRCONFIG, REJECTED, "MRCONFIGID is none that the policy allows",                  \
		"start the guest with the configuration that the policy names")                \
	X(TD_OWNER, REJECTED, "MROWNER or MROWNERCONFIG is none that the policy allows",       \
		"start the guest for the owner that the policy names")                         \
	X(TD_SERVTD, REJECTED, "a service TD is bound that the policy does not name",          \
		"start the guest without a migration TD")                                      \
	X(TD_SVN, REJECTED, "a security version is lower than the policy allows",              \
		"have the operator update firmware and TDX module")                            \
	X(TD_PLATFORM, REJECTED, "the platform is none that the policy allows",                \
		"run the guest on a platform that the policy names")                           \
	X(TD_UNCONSTRAINED, UNDECIDED, "no policy says what software the guest must run",      \
		"a warning: some genuine TD; see assay tdx learn")                             \
	X(CERT_SGX, MALFORMED, "the SGX extension of the PCK certificate is not well formed",  \
		"collect the evidence again")                                                  \
	X(CERT_CPUSVN, REJECTED, "CPUSVN and its components differ in the PCK certificate",    \
		"do not trust this machine")                                                   \
	X(CRL_MISSING, UNDECIDED, "no CRL is at hand",                                         \
		"give it with --collateral, or a bundle that has it")                          \
	X(CRL_PARSE, MALFORMED, "not one CRL", "fetch the CRL again")                          \
	X(CRL_ISSUER, REJECTED, "the CRL is of another issuer",                                \
		"do not trust its source; fetch again")                                        \
	X(CRL_SIGNATURE, REJECTED, "the CRL's signature does not hold",                        \
		"do not trust its source; fetch again")                                        \
	X(CRL_STALE, UNDECIDED, "the CRL is out of date",                                      \
		"fetch it again; to judge an archive, say when with --at")                     \
	X(CRL_FUTURE, UNDECIDED, "the CRL is from the future",                                 \
		"check this machine's clock, or the time given with --at")                     \
	X(CRL_ROLLBACK, UNDECIDED, "the CRL is older than one that held before",               \
		"fetch it again; assay cache forget, if the newer one was not meant to be")    \
	X(CRL_REVOKED, REJECTED, "a certificate is on the CRL",                                \
		"do not trust what it speaks for")                                             \
	X(JSON_DATE, MALFORMED, "a date in signed JSON is none", "fetch the document again")   \
	X(JSON_SIGNATURE, REJECTED, "the signature over the JSON document does not hold",      \
		"do not trust its source; fetch again")                                        \
	X(JSON_STALE, UNDECIDED, "the document is past its nextUpdate",                        \
		"fetch it again; to judge an archive, say when with --at")                     \
	X(JSON_FUTURE, UNDECIDED, "the document is from the future",                           \
		"check this machine's clock, or the time given with --at")                     \
	X(JSON_ROLLBACK, UNDECIDED, "the document is older than one that held before",         \
		"fetch it again; assay cache forget, if the newer one was not meant to be")    \
	X(JSON_ID, REJECTED, "the document is of another kind or version",                     \
		"fetch the document for TDX, of API version 4")                                \
	X(JSON_FMSPC, REJECTED, "the TCB info is for another family of platforms",             \
		"fetch the TCB info of this FMSPC")                                            \
	X(JSON_PCEID, REJECTED, "the TCB info is for another provisioning enclave",            \
		"fetch the TCB info of this platform")                                         \
	X(JSON_EVALUATION, REJECTED,                                                           \
		"the TCB evaluation number is too low, or two of them differ",                 \
		"fetch TCB info and QE identity together")                                     \
	X(EVENTLOG_PARSE, MALFORMED, "not an event log of the TCG's crypto-agile form",        \
		"collect the evidence again")                                                  \
	X(EVENTLOG_ALGORITHM, MALFORMED,                                                       \
		"an event has no SHA-384 digest, or one of an unknown kind",                   \
		"collect the evidence again")                                                  \
	X(EVENTLOG_INDEX, MALFORMED, "an event is for a register that does not exist",         \
		"collect the evidence again")                                                  \
	X(EVENTLOG_MISMATCH, REJECTED,                                                         \
		"the event log does not replay to the quote's registers",                      \
		"do not trust the log; collect log and quote together")                        \
	X(EVENTLOG_MISSING, UNDECIDED, "no event log, and no policy that pins the registers",  \
		"collect the log too, or pin tdx.rtmr0 to tdx.rtmr2")                          \
	X(BINDING_NONCE, REJECTED, "a device answers another nonce than the one derived",      \
		"collect guest and devices in one run, with the same channel key")             \
	X(BINDING_KEY, REJECTED, "the quote is not bound to this channel key",                 \
		"do not use this channel; it may end elsewhere")                               \
	X(BINDING_REPORTDATA, REJECTED, "the quote does not cover this evidence",              \
		"do not trust this node; devices may be of another machine")                   \
	X(BINDING_EVENT, REJECTED, "the boot-time event contradicts the evidence",             \
		"do not trust this node")                                                      \
	X(BINDING_UNSEEN, UNDECIDED,                                                           \
		"no boot-time event shows that measured software checked the devices",         \
		"boot with assay attest --extend; where the kernel cannot extend, waive it")   \
	/* policy */                                                                           \
	X(POLICY_FIELD, MALFORMED, "a policy's member is unknown or has no valid value",       \
		"compare with assay-policy(5); nothing in a policy is ignored")                \
	X(POLICY_REQUIREMENT, REJECTED, "the policy asks for more",                            \
		"bring the device to what the policy asks for")                                \
	/* network, services, this machine */                                                  \
	X(NETWORK_ADDRESS, USAGE, "an address is none that may be asked",                      \
		"give https://, or http:// to the loopback")                                   \
	X(NETWORK_CONNECT, UNAVAILABLE, "no connection to a service",                          \
		"check network, proxy and address")                                            \
	X(NETWORK_TLS, UNAVAILABLE, "the service could not show that it is the one meant",     \
		"do not go on without TLS; check address, clock and CA certificates")          \
	X(NETWORK_TIMEOUT, UNAVAILABLE, "a service did not answer in time", "try again later") \
	X(NETWORK_SIZE, UNAVAILABLE, "a service's reply is over its limit",                    \
		"check the address; that is no reply of this service")                         \
	X(SERVICE_ABSENT, UNDECIDED, "the service does not have it",                           \
		"check the version; a new driver's documents may come later")                  \
	X(SERVICE_STATUS, UNAVAILABLE, "a service answered with an error", "try again later")  \
	X(SERVICE_REPLY, UNAVAILABLE, "a service's reply is not of its form",                  \
		"check the address; a proxy may have answered")                                \
	X(HOST_LOG, UNAVAILABLE, "assay's own event log cannot be kept",                       \
		"check /run/assay and its permissions; run as root")                           \
	X(HOST_STORE, UNAVAILABLE, "the cache or its file cannot be used",                     \
		"check the folder's permissions and its room, or go without: --no-cache")      \
	X(HOST_REFUSED, NOT_READY, "setup does not touch a machine like this one",             \
		"the message says what is in the way")                                         \
	X(HOST_CONSENT, NOT_READY, "the next step is yours to allow",                          \
		"the message names the option that allows it")                                 \
	X(HOST_BUSY, UNAVAILABLE, "somebody else is at work on this machine's settings",       \
		"wait until they are done")                                                    \
	X(HOST_WRITE, UNAVAILABLE, "a file of the machine cannot be changed",                  \
		"run as root; look at the disk and at the file's attributes")                  \
	X(HOST_STEP, UNAVAILABLE, "a step of the set-up failed",                               \
		"assay setup status says where it stands; assay setup undo goes back")         \
	X(HOST_EDITED, UNDECIDED, "a file was changed since setup wrote it, and was left",     \
		"look at the differences; assay setup undo --force takes them back too")       \
	X(HOST_JOURNAL, MALFORMED, "a journal of setup is not as it was written",              \
		"assay setup status says what it still tells, and how to go on without it")    \
	/* tokens */                                                                           \
	X(TOKEN_PARSE, MALFORMED, "a token is not of the form that it must have",              \
		"check that the file is complete, and what wrote it")                          \
	X(TOKEN_KEY, MALFORMED, "a key is none that tokens are signed with",                   \
		"give a key on P-384, as PEM or in a JWK set")                                 \
	X(TOKEN_SIGNATURE, REJECTED, "a token was not signed by the given key",                \
		"do not trust it; check which key belongs to who issued it")                   \
	X(TOKEN_UNAUTHENTICATED, UNDECIDED, "nothing shows who made the token",                \
		"ask for a token that is signed (ES384), and for the key")                     \
	X(TOKEN_EXPIRED, REJECTED, "a token is past its end", "ask for a new token")           \
	X(TOKEN_NOT_YET, REJECTED, "a token is from the future",                               \
		"check this machine's clock, or the time given with --at")                     \
	X(TOKEN_BINDING, REJECTED, "tokens that stand together do not belong together",        \
		"do not trust them; ask for a new token")                                      \
	X(TOKEN_NONCE, REJECTED, "a token answers another request",                            \
		"ask with a fresh nonce, and verify with that one")                            \
	X(TOKEN_FRESHNESS, UNDECIDED, "nothing shows that the token is new",                   \
		"give the nonce that you sent: --nonce HEX")                                   \
	X(TOKEN_ANCHORS, REJECTED, "the token rests on test anchors",                          \
		"it proves nothing about real devices; for tests there is --test-anchors")     \
	X(TOKEN_WAIVED, UNDECIDED, "who made the token waived a check",                        \
		"read the reasons in the token; --waivers agrees to them")                     \
	X(TOKEN_RESULT, REJECTED, "the token itself says no",                                  \
		"look at what the verifier found: assay token show")                           \
	X(HOST_MACHINE, NOT_READY, "this is not the machine that the profile needs",           \
		"assay explain ID says what is needed and why")                                \
	X(HOST_TOPOLOGY, NOT_READY, "GPUs and switches are of a number that no profile has",   \
		"stop and start the instance; if it stays, ask the operator")                  \
	X(HOST_VERSION, NOT_READY, "a version is too old, or two that belong together differ", \
		"assay explain ID says which")                                                 \
	X(HOST_SETTING, NOT_READY, "something is not set up as it must be",                    \
		"assay explain ID says how")                                                   \
	X(HOST_EFFECT, NOT_READY, "what is in effect is not what must be",                     \
		"assay explain ID says how it comes about")                                    \
	X(HOST_MISSING, NOT_READY, "something that must be there is not",                      \
		"assay explain ID says where it comes from")                                   \
	X(HOST_FAULT, NOT_READY, "the kernel's log shows a fault of this boot",                \
		"assay doctor --symptom TEXT says what a line means")                          \
	X(HOST_REBOOT, NOT_READY, "it is set, and takes effect with the next boot", "reboot")  \
	X(HOST_UNREAD, UNDECIDED, "something could not be read", "run as root")                \
	X(HOST_ADVICE, UNDECIDED, "worth a look; nothing fails by it", "assay explain ID")     \
	X(SERVICE_START_TIMEOUT, NOT_READY, "the GPU stack did not start in time",             \
		"read the journal of nvidia-persistenced; nothing was changed")                \
	/* ours */                                                                             \
	X(NO_MEMORY, INTERNAL, "out of memory", "give the process more memory")                \
	X(INTERNAL, INTERNAL, "a defect in assay",                                             \
		"please report it, with the input if you can")

enum assay_code {
#define X(name, class, meaning, remedy) ASSAY_##name,
	ASSAY_CODES(X)
#undef X
		ASSAY_CODE_COUNT /* grows; not a code */
};

/* One bounded message. The text fills backwards from its end, so that the cause is never cut; read it with
 * assay_err_text(). { 0 } is the empty state. */
struct assay_err {
	enum assay_code code;
	size_t          len; /* characters in use, at the end of text */
	char            text[400];
};

/* All of these return static text or numbers and accept any value of the enum. */
ASSAY_API const char *assay_err_text(const struct assay_err *e); /* "" when there is none */
ASSAY_API const char *assay_code_name(enum assay_code code);     /* "REPORT_NONCE" */
ASSAY_API const char *assay_code_meaning(enum assay_code code);
ASSAY_API const char *assay_code_remedy(enum assay_code code);
ASSAY_API enum assay_class assay_class(enum assay_code code);
ASSAY_API const char      *assay_class_verdict(enum assay_class cls); /* "rejected" */
ASSAY_API int              assay_class_exit(enum assay_class cls);    /* 1 */

#ifdef __cplusplus
}
#endif
#endif
