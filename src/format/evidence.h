/* SPDX-License-Identifier: Apache-2.0
 *
 * Containers of evidence: NVIDIA's JSON files (nvattest, nvtrust), a raw report as binary or hexadecimal text with its
 * chain beside it, and assay's own assay.evidence/1 and assay.bundle/1. Several containers added to one struct evidence
 * are one node. Nothing in a container but what a signature covers is authenticated: all else here is a hint.
 *
 * Source: nvidia-evidence chapter 1; docs/bundle.md. */
#ifndef FORMAT_EVIDENCE_H
#define FORMAT_EVIDENCE_H

#include "base/buf.h"
#include "format/device.h"

/* nvidia-evidence 8.1 */
#define EVIDENCE_FILE_MAX (4 * 1024 * 1024)
#define BUNDLE_FILE_MAX   (16 * 1024 * 1024)
#define EVIDENCE_DEVICES  64
#define EVIDENCE_REPORT   8192
#define EVIDENCE_CHAIN    5120
#define EVIDENCE_QUOTE    65536             /* tdx 8.2 */
#define EVIDENCE_EVENTS   (4 * 1024 * 1024) /* tdx 8.2; real event logs have 64 KiB to 1 MiB */
#define EVIDENCE_HINT     128               /* the longest known, an UUID, has 40 */
#define COLLATERAL_MAX    1024
#define COLLATERAL_BODY   (1024 * 1024)
#define COLLATERAL_ASK    (64 * 1024)
#define COLLATERAL_TEXT   1024 /* want, name, from */
#define NONCE_SIZE        32

struct evidence_hints { /* text as the container has it; p == NULL: absent */
	struct bytes arch, driver_version, vbios_version, uuid, version;
	bool         nonce_given;
	uint8_t      nonce[NONCE_SIZE];
};

struct evidence_device {
	enum device_kind      kind;          /* by arch or "kind"; without both spdm_guess() */
	struct bytes          report, chain; /* raw report; PEM text, leaf first */
	struct evidence_hints hints;
	struct assay_err      fault; /* why this entry could not be decoded; ASSAY_OK: it was */
	size_t                source; /* index into evidence.source */
};

struct collateral {
	struct bytes want;    /* "rim:ID", "ocsp:KEYHASH:SERIAL"; empty for a loose file */
	struct bytes name;    /* file name of a loose file, without its folder; else empty */
	struct bytes request; /* DER of an OCSP request; may be empty */
	struct bytes body;
	struct bytes from;    /* where it was fetched from, as text; may be empty */
	int64_t      fetched; /* seconds since 1970 UTC; 0 when not said */
	bool         asked;   /* by us, just now: its request is no file's word. In no file */
};

/* Why a want was not had, in words that are printable; said by whoever looked for it, and written to no file. */
struct missing {
	char *want, *why;
};

struct evidence {
	struct evidence_device *device; /* devices of them, in the order added */
	size_t                  devices;
	struct collateral      *collateral;
	size_t                  collaterals;
	char                  **source; /* names of the containers, printable */
	size_t                  sources;
	bool                    recorded; /* by its maker's word: made, and perhaps a nonce */
	int64_t                 made;     /* of several: the latest */
	bool                    nonce_given;
	uint8_t                 nonce[NONCE_SIZE];
	struct bytes            events; /* "events" of a bundle, decoded; may be empty */
	struct buf             *owned;  /* what the views above point into */
	size_t                  owneds;
	struct missing         *missing;
	size_t                  missings;
};

/* Decode one container and add what it holds. name is for messages (NULL: "input"). chain: PEM text for a raw report;
 * JSON containers bring their own and leave it unread. A fault of one device's entry is noted in that device. On a
 * failure of the container as a whole nothing is added, and e begins with the name:
 *
 *	ASSAY_INPUT_SIZE   empty, over a limit, or more devices or collateral than a node has
 *	ASSAY_INPUT_KIND   no container at all, or a raw report without its chain
 *	ASSAY_INPUT_HEX    a report as hexadecimal text that has something else in it
 *	ASSAY_JSON_PARSE, ASSAY_JSON_DEPTH
 *	ASSAY_JSON_SCHEMA  "schema" is none of assay's containers
 *	ASSAY_JSON_FIELD   a member is absent, unknown (in assay's own formats) or of the wrong type; or this container
 *	                   was recorded for another nonce or with other events than one added before
 *
 * text and chain are copied where needed; they may go after the call. */
enum assay_code evidence_add(struct evidence *ev, const char *name, struct bytes text,
	struct bytes chain, struct assay_err *e);

/* Add one device as it was collected, copied; d->source is set here, from the name; devices of one name that follow each
 * other are of one source. What would be a fault of an entry
 * in a container is noted in the device likewise. ASSAY_INPUT_SIZE when there are too many. */
enum assay_code evidence_add_device(struct evidence *ev, const char *name,
	const struct evidence_device *d, struct assay_err *e);

/* The guest's event log, copied. ASSAY_INPUT_SIZE over its limit, ASSAY_JSON_FIELD when there is another one already. */
enum assay_code evidence_add_events(
	struct evidence *ev, struct bytes events, struct assay_err *e);

/* Is it a raw report, binary, hexadecimal or base64, which alone has a use for a chain beside it? */
bool evidence_is_report(struct bytes text);

/* Add one piece of collateral, copied. ASSAY_INPUT_SIZE when it is empty, too large or one too many. */
enum assay_code evidence_add_piece(
	struct evidence *ev, const struct collateral *piece, struct assay_err *e);

/* The same by its parts; want or name may be NULL. */
enum assay_code evidence_add_collateral(struct evidence *ev, const char *want, const char *name,
	struct bytes request, struct bytes body, struct assay_err *e);

/* Take the i-th piece of collateral out again; its bytes stay. No facts about ev may be left. */
void evidence_drop_piece(struct evidence *ev, size_t i);

/* Note why a want was not had, or forget it (why == NULL); what was noted, or NULL. */
enum assay_code evidence_note_missing(
	struct evidence *ev, const char *want, const char *why, struct assay_err *e);
const char *evidence_missing(const struct evidence *ev, const char *want);

/* The bytes of a raw report or quote, whether text is these or spells them in digits or base64, appended to out; nothing
 * when it is neither. ASSAY_INPUT_HEX, ASSAY_INPUT_BASE64. */
enum assay_code raw_bytes(struct bytes text, struct buf *out, struct assay_err *e);

/* Append assay.bundle/1, or assay.evidence/1 when there is no collateral. What evidence_add() read comes back the same
 * from evidence_add() of what is written, faults included, except for the names of sources. ASSAY_INPUT_SIZE when the
 * file would be over its limit, ASSAY_INPUT_PEM for a chain that is no text. */
enum assay_code evidence_write(const struct evidence *ev, struct buf *out, struct assay_err *e);

/* Append NVIDIA's form, as nvattest stores it (nvidia-device-access 7): a bare array with the evidence of GPUs and switches
 * that gave some, four members each, indented by four. What it has no place for is left out: faults, TDX, collateral.
 * ASSAY_INPUT_ARCH for a device whose family is not known. */
enum assay_code evidence_write_nvidia(
	const struct evidence *ev, struct buf *out, struct assay_err *e);

void evidence_done(struct evidence *ev);

#endif
