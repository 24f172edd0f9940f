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
		"Give the files of GPUs and of switches together.", "nvidia-evidence 7.4")

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
		"Give the file with --rim, or a bundle that has it.",                                        \
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

#define ASSAY_CHECKS(X)                                                                            \
	NODE_CHECKS(X)                                                                             \
	DEVICE_CHECKS(X, GPU, "gpu")                                                               \
	RIM_CHECKS(X, GPU_RIM_DRIVER, "gpu.rim.driver", "driver RIM")                              \
	RIM_CHECKS(X, GPU_RIM_VBIOS, "gpu.rim.vbios", "VBIOS RIM")                                 \
	X(GPU_RIM_CONFLICT, "gpu.rim.conflict", REQUIRED,                                          \
		"driver and VBIOS RIM do not overlap",                                             \
		"Two documents that both claim a measurement contradict each other.",              \
		"An index is active in both.", "Fetch both from NVIDIA's RIM service.",            \
		"nvidia-evidence 6.2")                                                             \
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
	X(TDX_QUOTE_PARSE, "tdx.quote.parse", REQUIRED, "TDX quote",                               \
		"Evidence that is not judged must not seem to be.",                                \
		"This version cannot judge TDX quotes.", "Use a newer version of assay.",          \
		"tdx 2")

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

#endif
