/* SPDX-License-Identifier: Apache-2.0
 *
 * The firmware id (FWID) that a device's attestation certificate states in an extension, in its two forms. The
 * extension is taken as it stands in the certificate; whether that certificate is to be believed is for the chain.
 *
 * Source: nvidia-evidence 3.5; TCG DICE Attestation Architecture 1.1, 6.1.1 (DiceTcbInfo). */
#ifndef FORMAT_DICE_H
#define FORMAT_DICE_H

#include "base/bytes.h"
#include "base/err.h"

#define DICE_OID_COMPOSITE "2.23.133.5.4.1"
#define DICE_OID_TCB_INFO  "2.23.133.5.4.1.1"
#define DICE_FWID          48  /* bytes of SHA-384 */
#define DICE_SPKI          120 /* a P-384 SubjectPublicKeyInfo */

enum dice_form {
	DICE_COMPOSITE, /* Hopper, LS10: version, key, firmware id */
	DICE_TCB_INFO,  /* Blackwell: ten optional fields, told apart by tag */
};

struct dice {                       /* borrowed from the extension */
	struct bytes digest;        /* DICE_FWID bytes */
	struct bytes spki;          /* SubjectPublicKeyInfo; composite form, else empty */
	struct bytes vendor, model; /* UTF-8, unchecked; TCB info, empty when not given */
};

/* value is the content of the extension's OCTET STRING. ASSAY_TRUNCATED and ASSAY_INPUT_DER for what is no DER of that
 * form, ASSAY_CERT_PROFILE for what is, and says something else than a SHA-384 firmware id. Does not compare spki with
 * anything: it must be the key of the certificate above. */
enum assay_code dice_fwid(
	struct bytes value, enum dice_form form, struct dice *out, struct assay_err *e);

#endif
