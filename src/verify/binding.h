/* SPDX-License-Identifier: Apache-2.0
 *
 * One proof of CPU and devices: the GPU nonce derived from the relying party's, the manifest of device evidence, and the
 * REPORTDATA that covers both, the channel key and the event log. Collector and verifier call the same functions. All
 * are pure; class INTERNAL where nothing else is said.
 *
 * What is hashed of a device is its evidence as containers hold it: the raw report and the text of its PEM chain, without
 * the NUL that some collectors leave behind it.
 *
 * Source: tdx 10.4; docs/bundle.md. */
#ifndef VERIFY_BINDING_H
#define VERIFY_BINDING_H

#include "crypto/context.h"
#include "format/evidence.h"

#define BINDING_KEY \
	32 /* SHA-256 of the channel key's SubjectPublicKeyInfo; zeros when none is used */
#define BINDING_MANIFEST 48
#define BINDING_DIGEST   48
#define REPORTDATA_SIZE  64
#define BINDING_ID       9          /* serialNumber of certificate 1: a tag byte and the PDI */
#define BINDING_KEY_FILE (8 * 1024) /* larger than any public key */
#define BINDING_CONTENT  1024       /* of a boot event: at most 64 devices */

/* A public key as a file has it, PEM ("PUBLIC KEY") or DER, to its SubjectPublicKeyInfo in DER, appended to out.
 * ASSAY_INPUT_PEM, ASSAY_INPUT_BASE64, ASSAY_INPUT_DER, ASSAY_TRUNCATED. */
enum assay_code binding_key_read(struct bytes in, struct buf *out, struct assay_err *e);

/* KH. spki: DER; empty when no channel key is used. */
enum assay_code binding_key(const struct crypto *c, struct bytes spki, uint8_t out[BINDING_KEY],
	struct assay_err *e);

/* GN: what GPUs and switches are asked with, when there is a quote. */
enum assay_code binding_gpu_nonce(const struct crypto *c, const uint8_t nonce[NONCE_SIZE],
	const uint8_t key[BINDING_KEY], uint8_t out[NONCE_SIZE], struct assay_err *e);

/* The device's unique id, of certificate 1 of its chain. ASSAY_CERT_PARSE, ASSAY_CERT_COUNT, ASSAY_CERT_PROFILE and those
 * of pem_next(). */
enum assay_code binding_device_id(const struct crypto *c, struct bytes chain,
	uint8_t out[BINDING_ID], struct assay_err *e);

/* MH, of all GPUs and switches of the evidence in whatever order; of none, too. ASSAY_DEVICE_TWICE when two have one id,
 * and the codes of binding_device_id(). A device with a fault has no evidence: it is refused with that. */
enum assay_code binding_manifest(const struct crypto *c, const struct evidence *ev,
	uint8_t out[BINDING_MANIFEST], struct assay_err *e);

/* REPORTDATA. events: the event log as it is sent, assay's own behind the firmware's; empty when none is. */
enum assay_code binding_reportdata(const struct crypto *c, const uint8_t nonce[NONCE_SIZE],
	const uint8_t key[BINDING_KEY], const uint8_t manifest[BINDING_MANIFEST],
	struct bytes events, uint8_t out[REPORTDATA_SIZE], struct assay_err *e);

/* The event of the boot-time check (part D): its content, and the digest to extend RTMR3 with. ids are sorted here and
 * must be all different (ASSAY_DEVICE_TWICE). accepted: the verdict byte. policy: SHA-384 of the policy's text, zeros
 * without one. */
enum assay_code binding_boot_event(const struct crypto *c, const uint8_t (*id)[BINDING_ID],
	size_t n, bool accepted, const uint8_t policy[BINDING_DIGEST], struct buf *content,
	uint8_t digest[BINDING_DIGEST], struct assay_err *e);

/* The other way: the content of such an event; id has room for EVIDENCE_DEVICES. False when it is none. */
bool binding_boot_read(struct bytes content, uint8_t (*id)[BINDING_ID], size_t *n,
	bool *accepted, uint8_t policy[BINDING_DIGEST]);

#endif
