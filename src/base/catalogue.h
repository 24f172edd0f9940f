/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalogue of checks: one row a check, in one table. Reports, `assay explain`, the manual and the HTML report all
 * print these rows. A check that another part of assay brings adds its row here.
 *
 * Columns: name, id, required (the verdict "accepted" needs it), title, why it
 * matters, what a failure means, what to do, section of the specification. */
#ifndef BASE_CATALOGUE_H
#define BASE_CATALOGUE_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/catalogue_env.h"

#define REQUIRED true
#define OPTIONAL false

#define NODE_CHECKS(X)                                                                                     \
	X(NODE_EVIDENCE_PARSE, "node.evidence.parse", REQUIRED, "containers of evidence",                  \
		"What cannot be read cannot be judged, and a half-read file would hide devices.",          \
		"The file is not evidence, or is damaged.",                                                \
		"Collect again; give the file as it was written.", "nvidia-evidence 1.3, 8.1")             \
	X(NODE_DEVICES_COUNT, "node.devices.count", REQUIRED, "number of devices",                         \
		"A node without a device, or with fewer than you rented, must not pass as a good one.",    \
		"No device, or not as many as --expect or the policy says.",                               \
		"Collect from all devices at once; --expect N+M says how many GPUs and switches belong.",  \
		"nvidia-evidence 6.6")                                                                     \
	X(NODE_DEVICES_DISTINCT, "node.devices.distinct", REQUIRED,                                        \
		"devices are all different",                                                               \
		"One good device reported twice could stand in for one that was never examined.",          \
		"Two entries show the same certificate or device identity.",                               \
		"Collect again; do not trust a node that repeats a device.",                               \
		"nvidia-evidence 6.6")                                                                     \
	X(NODE_NONCE_SAME, "node.nonce.same", REQUIRED, "one nonce for all devices",                       \
		"Reports of one run answer one request; others may be old or from elsewhere.",             \
		"The reports carry different nonces.", "Collect from all devices in one run.",             \
		"nvidia-evidence 2.2, 6.6")                                                                \
	X(NODE_MODE, "node.mode", REQUIRED, "all GPUs are in one mode",                                    \
		"A GPU outside protected PCIe beside others inside it is a hole in the enclosure.",        \
		"The signed mode fields of the devices differ.",                                           \
		"Set all GPUs to one mode and reset them.", "nvidia-evidence 7.3")                         \
	X(NODE_VERSIONS, "node.versions", REQUIRED, "one driver for all GPUs",                             \
		"One machine runs one driver; two mean that the evidence comes from two machines.",        \
		"The GPUs report different driver versions.",                                              \
		"Collect again, on one machine.", "nvidia-evidence 6.5")                                   \
	X(NODE_TOPOLOGY_SWITCHES, "node.topology.switches", REQUIRED,                                      \
		"switches that the GPUs name",                                                             \
		"In protected PCIe, NVLink carries clear text: each switch on it must be a verified one.", \
		"The GPUs name different switches, or a switch is here that none of them names.",          \
		"Do not trust this node; ask the operator what it is made of.",                            \
		"nvidia-evidence 7.4")                                                                     \
	X(NODE_TOPOLOGY_GPUS, "node.topology.gpus", REQUIRED, "GPUs that the switches name",               \
		"A GPU behind the switches that nobody verified could read the others' traffic.",          \
		"The switches name different GPUs, or a GPU is here that they do not name.",               \
		"Do not trust this node; ask the operator what it is made of.",                            \
		"nvidia-evidence 7.4")                                                                     \
	X(NODE_TOPOLOGY_COMPLETE, "node.topology.complete", REQUIRED,                                      \
		"all named devices are here",                                                              \
		"A device that others name but that gave no evidence has not been examined.",              \
		"Evidence of a named device is missing.",                                                  \
		"Give the files of GPUs and of switches together.", "nvidia-evidence 7.4")                 \
	X(NODE_BINDING_NONCE, "node.binding.nonce", REQUIRED,                                              \
		"the devices answer the nonce derived for this guest",                                     \
		"A report made for another request or another key cannot be used here.",                   \
		"A device answers another nonce.", "Collect guest and devices in one run.",                \
		"tdx 10.4")                                                                                \
	X(NODE_BINDING_KEY, "node.binding.key", REQUIRED,                                                  \
		"the quote is bound to the channel key",                                                   \
		"Otherwise a genuine quote can be relayed by whoever holds the channel.",                  \
		"The quote is bound to another key, or to none.", "Do not use this channel.",              \
		"tdx 10.4")                                                                                \
	X(NODE_BINDING_REPORTDATA, "node.binding.reportdata", REQUIRED,                                    \
		"the quote covers the devices' evidence",                                                  \
		"It ties the devices to this guest: none can be swapped, added or left out.",              \
		"Evidence, event log or nonce are not those that the guest has committed to.",             \
		"Do not trust this node.", "tdx 10.4")                                                     \
	X(NODE_BINDING_EVENT, "node.binding.event", REQUIRED,                                              \
		"measured software checked the devices at boot",                                           \
		"An application in the guest can ask for a quote, but cannot write this event.",           \
		"The event is missing, there twice, says no, or names other devices.",                     \
		"Boot with assay attest --extend; where the kernel extends no register, waive it.",        \
		"tdx 10.4")

/* What GPUs and NVSwitches share. K: prefix of the name, k: of the id. */
#define DEVICE_CHECKS(X, K, k)                                                                                      \
	X(K##_EVIDENCE_PARSE, k ".evidence.parse", REQUIRED,                                                        \
		"the device's entry in the container",                                                              \
		"An entry that cannot be decoded leaves its device unexamined.",                                    \
		"Base64, sizes or certificates of this entry are broken.", "Collect again.",                        \
		"nvidia-evidence 1.3, 3.1")                                                                         \
	X(K##_EVIDENCE_HINTS, k ".evidence.hints", REQUIRED,                                                        \
		"the container says what the report says",                                                          \
		"Containers are not signed: where they contradict the report, somebody edited them.",               \
		"Family, version or nonce beside the report differ from the signed ones.",                          \
		"Collect again with the tool that wrote the file.",                                                 \
		"nvidia-evidence 1.3, 3.6")                                                                         \
	X(K##_CHAIN_PATH, k ".chain.path", REQUIRED, "certificate chain to the pinned root",                        \
		"Only a key that NVIDIA certified speaks for a genuine device.",                                    \
		"The chain ends in another root, is out of order, expired or forged.",                              \
		"Do not trust this device.", "nvidia-evidence 3.2, 3.3")                                            \
	X(K##_CHAIN_PROFILE, k ".chain.profile", REQUIRED,                                                          \
		"certificates are what their places ask",                                                           \
		"A genuine certificate of another kind of device, or used for another purpose, proves nothing.",    \
		"Names, serial numbers, key usage or family do not fit.",                                           \
		"Do not trust this device.", "nvidia-evidence 3.4, 3.6")                                            \
	X(K##_CHAIN_REVOCATION, k ".chain.revocation", REQUIRED,                                                    \
		"no certificate is revoked (OCSP)",                                                                 \
		"NVIDIA revokes certificates of devices whose keys are known to be lost.",                          \
		"Revoked, or no answer that is current, signed and for this certificate.",                          \
		"Give current OCSP answers; never accept a revoked device.",                                        \
		"nvidia-evidence 4")                                                                                \
	X(K##_REPORT_PARSE, k ".report.parse", REQUIRED, "form of the report",                                      \
		"Every byte has a meaning; what does not fit was not made by a device.",                            \
		"The report is cut, padded or damaged.", "Collect again.",                                          \
		"nvidia-evidence 2.1, 2.3, 8.2")                                                                    \
	X(K##_REPORT_SIGNATURE, k ".report.signature", REQUIRED, "signature of the report",                         \
		"The signature is what ties every other statement to the certified device.",                        \
		"The report was altered, or signed by another key.",                                                \
		"Do not trust this device.", "nvidia-evidence 2.7")                                                 \
	X(K##_REPORT_NONCE, k ".report.nonce", REQUIRED, "the report answers your nonce",                           \
		"Without it a report of last year, of a state long gone, would do.",                                \
		"Another nonce: a replay, or a report made for somebody else. None given: freshness is not shown.", \
		"Collect with a fresh nonce and verify with the same one.",                                         \
		"nvidia-evidence 2.2")                                                                              \
	X(K##_REPORT_OPAQUE, k ".report.opaque", REQUIRED, "NVIDIA's fields in the report",                         \
		"Versions, modes and topology are read from there.",                                                \
		"A field has a wrong size or characters, or occurs twice.",                                         \
		"Collect again; update assay.", "nvidia-evidence 2.5, 2.6")                                         \
	X(K##_REPORT_FWID, k ".report.fwid", REQUIRED,                                                              \
		"firmware id of certificate and report",                                                            \
		"The certificate says which firmware holds the key; the report says which firmware speaks.",        \
		"The report comes from other firmware than the certificate names.",                                 \
		"Do not trust this device.", "nvidia-evidence 3.5")                                                 \
	X(K##_REPORT_VERSIONS, k ".report.versions", REQUIRED,                                                      \
		"signed versions name one RIM each",                                                                \
		"Reference values are looked up by these fields, so they must be there and well formed.",           \
		"A version or project field is missing, or older than the policy allows.",                          \
		"Update driver or firmware.", "nvidia-evidence 5.1, 6.5, 8.2")                                      \
	X(K##_MEASUREMENTS, k ".measurements", REQUIRED,                                                            \
		"measurements equal the golden values",                                                             \
		"This is what shows that the device runs the firmware that NVIDIA released.",                       \
		"A digest is none of those in the RIMs, or there is no RIM to compare with.",                       \
		"Install released firmware and driver; give the RIMs for them.",                                    \
		"nvidia-evidence 6.1 to 6.3")                                                                       \
	X(K##_MEASUREMENTS_COUNTS, k ".measurements.counts", OPTIONAL,                                              \
		"extend counts fit the measurements",                                                               \
		"A slot that was extended is not zero, and one that is zero was not extended.",                     \
		"A count contradicts its value. Only a warning.", "Tell NVIDIA if it stays.",                       \
		"nvidia-evidence 6.3")

/* The six stages of one reference integrity manifest, in this order. */
#define RIM_CHECKS(X, K, k, what)                                                                            \
	X(K##_PRESENT, k ".present", REQUIRED, what " is at hand",                                           \
		"Without reference values nothing can be compared.",                                         \
		"The document is not in the bundle or among the files.",                                     \
		"Let attest or gather ask the RIM service, or give verify the file with --rim.",             \
		"nvidia-evidence 5.1, 5.2")                                                                  \
	X(K##_STRUCTURE, k ".structure", REQUIRED, what " has the form of a RIM",                            \
		"A document that can be read in two ways can be signed in one and used in the other.",       \
		"Not the strict profile: more or other elements, a DTD, other signature algorithms.",        \
		"Fetch it from NVIDIA's RIM service.", "nvidia-evidence 5.3, 8.4")                           \
	X(K##_CHAIN, k ".chain", REQUIRED, what ": signer's chain to the pinned RIM root",                   \
		"Only NVIDIA says what good values are.",                                                    \
		"The signer is expired, or not NVIDIA's.",                                                   \
		"Fetch the RIM again: NVIDIA re-signs them.", "nvidia-evidence 5.5")                         \
	X(K##_SIGNATURE, k ".signature", REQUIRED, what ": XML signature by that signer",                    \
		"Checked with the validated signer's key and no other, whatever the document brings along.", \
		"The document was altered, or signed by somebody else.",                                     \
		"Fetch it from NVIDIA's RIM service.", "nvidia-evidence 5.4, 8.3")                           \
	X(K##_IDENTITY, k ".identity", REQUIRED, what " is for this version and product",                    \
		"A genuine RIM of another release would bless that release's values.",                       \
		"Version, edition or product differ from the signed report.",                                \
		"Fetch the RIM that the message names.", "nvidia-evidence 5.6")                              \
	X(K##_REVOCATION, k ".revocation", REQUIRED, what ": signer is not revoked (OCSP)",                  \
		"A lost signing key could bless any values.",                                                \
		"Revoked or on hold, or no current answer.", "Give current OCSP answers.",                   \
		"nvidia-evidence 4")

/* The TDX guest. */
#define TDX_CHECKS(X)                                                                                                                                  \
	X(TDX_COLLECT, "tdx.collect", OPTIONAL, "the guest gives a quote",                                                                             \
		"A guest that gives none has not been examined.",                                                                                      \
		"The kernel has no interface for it, or kernel, host or quoting service refused or hung; the message names every way that was tried.", \
		"Do what the code's remedy says, then collect again.", "tdx 1.2 to 1.5")                                                               \
	X(TDX_QUOTE_PARSE, "tdx.quote.parse", REQUIRED, "form of the TDX quote",                                                                       \
		"Every byte has a meaning; what does not fit was not made by a quoting enclave.",                                                      \
		"The quote is cut, padded, of SGX, or of a kind that assay does not know.",                                                            \
		"Collect again.", "tdx 2, 5.1, 8.2")                                                                                                   \
	X(TDX_PCK_CHAIN, "tdx.pck.chain", REQUIRED,                                                                                                    \
		"PCK certificate chain to the pinned Intel root",                                                                                      \
		"Only a key that Intel certified speaks for a genuine platform.",                                                                      \
		"The chain ends in another root, is expired or forged, or its SGX extension is broken.",                                               \
		"Do not trust this machine.", "tdx 3, 5.2")                                                                                            \
	X(TDX_PCK_REVOCATION, "tdx.pck.revocation", REQUIRED,                                                                                          \
		"PCK certificate and its CA are not revoked (CRL)",                                                                                    \
		"Intel revokes certificates of machines whose keys are known to be lost.",                                                             \
		"The certificate or its CA is on a CRL.", "Do not trust this machine.",                                                                \
		"tdx 5.3")                                                                                                                             \
	X(TDX_QE_REPORT, "tdx.qe.report", REQUIRED,                                                                                                    \
		"the quoting enclave vouches for the attestation key",                                                                                 \
		"It ties the key that signs quotes to the certified platform.",                                                                        \
		"The enclave report was altered, signed by another key, or names another attestation key.",                                            \
		"Do not trust this guest.", "tdx 2.4, 5.5")                                                                                            \
	X(TDX_QE_IDENTITY, "tdx.qe.identity", REQUIRED,                                                                                                \
		"it is Intel's quoting enclave, and up to date",                                                                                       \
		"Any enclave can make a report; only this one checks what it signs.",                                                                  \
		"Another enclave, one in debug mode, or one with known holes.",                                                                        \
		"Have the operator update the quoting enclave.", "tdx 5.5, 5.6")                                                                       \
	X(TDX_QUOTE_SIGNATURE, "tdx.quote.signature", REQUIRED, "signature of the quote",                                                              \
		"The signature is what ties every other statement to the guest.",                                                                      \
		"The quote was altered, or signed by another key.",                                                                                    \
		"Do not trust this guest.", "tdx 5.5")                                                                                                 \
	X(TDX_TCB, "tdx.tcb", REQUIRED, "TCB level of the platform",                                                                                   \
		"Genuine machines with old firmware can be broken into.",                                                                              \
		"Firmware, microcode, TDX module or quoting enclave is not up to date, or revoked.",                                                   \
		"Have the operator update; a policy may accept a status by name.",                                                                     \
		"tdx 5.6, 5.7")                                                                                                                        \
	X(TDX_TCB_MODULE, "tdx.tcb.module", REQUIRED,                                                                                                  \
		"the TDX module is Intel's, and up to date",                                                                                           \
		"The module keeps the host out of the guest.",                                                                                         \
		"Not signed by Intel, not on its list, or with known holes.",                                                                          \
		"Have the operator update the TDX module.", "tdx 5.6")                                                                                 \
	X(TDX_TD_ATTRIBUTES, "tdx.td.attributes", REQUIRED,                                                                                            \
		"attributes and features of the guest",                                                                                                \
		"A debug or migratable TD, or one that pages can be taken from, is open to its host.",                                                 \
		"An attribute or feature is set that may not be, or one is missing.",                                                                  \
		"Start the guest with the usual attributes.", "tdx 2.7, 5.10")                                                                         \
	X(TDX_TD_MEASUREMENTS, "tdx.td.measurements", REQUIRED,                                                                                        \
		"the guest's measurements are what the policy names",                                                                                  \
		"Without reference values a quote shows some genuine TD, not which software.",                                                         \
		"A register differs from the policy, or a service TD is bound.",                                                                       \
		"Boot what the policy names; learn new values with assay tdx learn.",                                                                  \
		"tdx 5.10")                                                                                                                            \
	X(TDX_REPORTDATA, "tdx.reportdata", REQUIRED, "the quote answers your nonce",                                                                  \
		"Without it a quote of last year would do.",                                                                                           \
		"Another nonce: a replay, or a quote made for somebody else. None given: freshness is not shown.",                                     \
		"Collect with a fresh nonce and verify with the same one.",                                                                            \
		"tdx 1.7, 5.10, 10.4")                                                                                                                 \
	X(TDX_EVENTLOG_REPLAY, "tdx.eventlog.replay", REQUIRED,                                                                                        \
		"the event log replays to the registers",                                                                                              \
		"The log says what was booted; only the registers in the quote make it true.",                                                         \
		"An event was edited, removed or added, or the log is of another boot.",                                                               \
		"Collect log and quote together.", "tdx 6")                                                                                            \
	X(TDX_COLLATERAL_TCBINFO, "tdx.collateral.tcbinfo", REQUIRED,                                                                                  \
		"TCB info is Intel's, current and for this platform",                                                                                  \
		"It says which levels are good; an old or foreign one would bless what is not.",                                                       \
		"Not at hand, out of date, not signed by Intel, or of another platform.",                                                              \
		"Give current TCB info for the FMSPC.", "tdx 4.3, 4.5, 5.4")                                                                           \
	X(TDX_COLLATERAL_IDENTITY, "tdx.collateral.identity", REQUIRED,                                                                                \
		"QE identity is Intel's and current",                                                                                                  \
		"It says which enclave may sign quotes.",                                                                                              \
		"Not at hand, out of date, not signed by Intel, or of another enclave.",                                                               \
		"Give the current QE identity.", "tdx 4.4, 4.5, 5.4")                                                                                  \
	X(TDX_COLLATERAL_CRL, "tdx.collateral.crl", REQUIRED,                                                                                          \
		"CRLs are their issuers' and current",                                                                                                 \
		"A list that is old, empty or of another issuer hides what is revoked.",                                                               \
		"Not at hand, out of date, or not signed by the issuer of the certificate.",                                                           \
		"Give the current CRLs.", "tdx 4.6, 5.3")

/* What the edge sees before any evidence is judged. Nothing of it is signed: it only takes trust away. */
#define EDGE_CHECKS(X, K, k, what)                                                                   \
	X(K##_COLLECT, k ".collect", OPTIONAL, "the " what " gives evidence",                        \
		"A device that gives none has not been examined.",                                   \
		"Library, driver or device refused, hung or crashed; the message says which.",       \
		"Do what the code's remedy says, then collect again.",                               \
		"nvidia-device-access 1.3, 1.6, 2.3")                                                \
	X(K##_MODE, k ".mode", OPTIONAL, "the " what " is in a confidential mode",                   \
		"Outside CC or protected PCIe mode nothing is encrypted, and there is no evidence.", \
		"The driver says that the mode is off, open or only simulated.",                     \
		"The host switches modes, by a reset of the device: ask the operator.",              \
		"nvidia-device-access 1.6, 2.6")

/* Of a detached EAT; subjects are the node and the devices that its tokens speak of. */
#define TOKEN_CHECKS(X)                                                                        \
	X(TOKEN_PARSE, "token.parse", REQUIRED, "form of the token",                           \
		"What can be read in two ways can be signed in one and used in the other.",    \
		"A part is missing, there twice or of another form.", "Ask for a new token.",  \
		"nvidia-claims-and-services 1")                                                \
	X(TOKEN_SIGNATURE, "token.signature", REQUIRED, "signature of the token",              \
		"Without it a token is what anybody wrote.",                                   \
		"Not signed, signed with a constant that everybody knows, or by another key.", \
		"Do not rely on it.", "nvidia-claims-and-services 2")                          \
	X(TOKEN_BINDING, "token.binding", REQUIRED, "the tokens belong together",              \
		"A good device's token could stand in for another's, or one be left out.",     \
		"Labels, digests, issuers or nonces of the tokens differ.",                    \
		"Do not rely on it.", "nvidia-claims-and-services 1.1")                        \
	X(TOKEN_TIME, "token.time", REQUIRED, "the token is valid now",                        \
		"A device may have changed since.", "Expired, or from the future.",            \
		"Ask for a new token.", "nvidia-claims-and-services 2")                        \
	X(TOKEN_NONCE, "token.nonce", REQUIRED, "the token answers your nonce",                \
		"Without it a token for somebody else's request would do.",                    \
		"Another nonce, or none to compare with.",                                     \
		"Ask with a fresh nonce and verify with the same one.",                        \
		"nvidia-claims-and-services 1.1")                                              \
	X(TOKEN_ANCHORS, "token.anchors", REQUIRED, "the token rests on genuine roots",        \
		"Under test anchors anybody can make a device.",                               \
		"Its maker judged the evidence under test anchors.",                           \
		"Do not rely on it for real devices.", "design 4")                             \
	X(TOKEN_RESULT, "token.result", REQUIRED, "what the token says",                       \
		"A signature says who speaks, not what is said.",                              \
		"The verifier did not accept the device, or waived a check.",                  \
		"Look at the claims.", "nvidia-claims-and-services 3, 4")                      \
	X(TOKEN_POLICY, "token.policy", OPTIONAL, "claims that a policy asks for",             \
		"A relying party may ask for more than the verifier does.",                    \
		"A claim has another value, or is not there.",                                 \
		"Bring the device to what the policy asks for.",                               \
		"nvidia-claims-and-services 5")

#define ASSAY_CHECKS(X)                                                                            \
	NODE_CHECKS(X)                                                                             \
	EDGE_CHECKS(X, GPU, "gpu", "GPU")                                                          \
	X(GPU_DEVTOOLS, "gpu.devtools", OPTIONAL, "developer tools are off",                       \
		"In that mode the GPU's memory can be read from outside.",                         \
		"The driver says that developer tools mode is on.",                                \
		"Have the operator switch the GPU to CC mode proper.",                             \
		"nvidia-device-access 1.6")                                                        \
	DEVICE_CHECKS(X, GPU, "gpu")                                                               \
	RIM_CHECKS(X, GPU_RIM_DRIVER, "gpu.rim.driver", "driver RIM")                              \
	RIM_CHECKS(X, GPU_RIM_VBIOS, "gpu.rim.vbios", "VBIOS RIM")                                 \
	X(GPU_RIM_CONFLICT, "gpu.rim.conflict", REQUIRED,                                          \
		"driver and VBIOS RIM do not overlap",                                             \
		"Two documents that both claim a measurement contradict each other.",              \
		"An index is active in both.", "Fetch both from NVIDIA's RIM service.",            \
		"nvidia-evidence 6.2")                                                             \
	EDGE_CHECKS(X, NVSWITCH, "nvswitch", "switch")                                             \
	DEVICE_CHECKS(X, NVSWITCH, "nvswitch")                                                     \
	RIM_CHECKS(X, NVSWITCH_RIM_BIOS, "nvswitch.rim.bios", "BIOS RIM")                          \
	X(NVSWITCH_REPORT_PDI, "nvswitch.report.pdi", REQUIRED,                                    \
		"the switch names itself as certified",                                            \
		"The topology is built from these names; only this ties them to the certificate.", \
		"The signed device id is not that of the identity certificate.",                   \
		"Do not trust this switch.", "nvidia-evidence 3.4")                                \
	X(NVSWITCH_REPORT_LOCK, "nvswitch.report.lock", REQUIRED, "the switch is locked",          \
		"An unlocked switch can be reconfigured after it was examined.",                   \
		"The signed lock status is not 1, or is not there.",                               \
		"Reset the node; ask the operator.", "nvidia-evidence 2.5, 7.4")                   \
	TDX_CHECKS(X)                                                                              \
	X(NODE_READY, "node.ready", OPTIONAL, "GPUs accept work only when they are accepted",      \
		"A GPU that takes work before it was examined may compute for somebody else.",     \
		"The state could not be set or cleared, or devices changed meanwhile.",            \
		"Run as root; assay ready get tells how it stands.",                               \
		"nvidia-device-access 1.6")                                                        \
	TOKEN_CHECKS(X)                                                                            \
	ENV_CHECKS(X)

enum check {
	CHECK_NONE,
#define X(name, ...) CHECK_##name,
	ASSAY_CHECKS(X)
#undef X
		CHECK_COUNT
};

struct check_row {
	const char *id;
	bool        required;
	const char *title, *why, *means, *remedy, *section;
};

/* The row of a check; a row of empty strings for CHECK_NONE. */
const struct check_row *check_row(enum check check);

/* By id; CHECK_NONE when there is none. */
enum check check_find(struct bytes id);

/* The next row behind after (CHECK_NONE at first) of an item of the specification of the machine, such as "BOOT-02"; CHECK_NONE:
 * no more. */
enum check check_item_next(struct bytes item, enum check after);

/* A row's item; "" for rows of other specifications. */
const char *check_item(enum check check);

#endif
