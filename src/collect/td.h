/* SPDX-License-Identifier: Apache-2.0
 *
 * The guest's own evidence: its quote and its event log. The host may leave whoever asks for a quote waiting for ever, so a
 * child asks, with a deadline; what it has made in configfs is removed by this process whatever comes of it, also when
 * that is to end by a signal.
 *
 * Source: tdx 1. */
#ifndef COLLECT_TD_H
#define COLLECT_TD_H

#include "base/buf.h"

#define TD_DATA     64
#define TD_TOTAL_MS 35000 /* the kernel itself gives a host 30 s */

struct td_request {       /* lent */
	const char *root; /* the root folder; NULL: "/" */
	const char
		*qgs; /* address of the quoting service; NULL: as /etc/tdx-attest.conf has it */
	uint8_t  data[TD_DATA]; /* REPORTDATA */
	int      total_ms;      /* 0: TD_TOTAL_MS */
};

/* Is this a TDX guest, by what its kernel offers? Not a proof of anything. */
bool td_there(const char *root);

/* The quote, appended. TD_ABSENT when this is no TDX guest; INPUT_OPTION for an address that is none, INPUT_FILE for a root
 * that is none; QUOTE_*, DEVICE_PERMISSION, DEVICE_ERROR. The message names every way that was tried. */
enum assay_code td_quote(const struct td_request *r, struct buf *out, struct assay_err *e);

/* The firmware's event log (CCEL), and assay's own behind it; nothing where there is neither. EVENTLOG_PARSE for an ACPI
 * table that is not of a TDX guest, HOST_LOG, INPUT_SIZE, DEVICE_PERMISSION, DEVICE_ERROR. */
enum assay_code td_events(const char *root, struct buf *out, struct assay_err *e);

#endif
