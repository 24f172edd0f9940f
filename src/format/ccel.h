/* SPDX-License-Identifier: Apache-2.0
 *
 * The guest's event log as a view: the firmware's, in the TCG's crypto-agile form as the CCEL area has it, and assay's own
 * lines directly behind it. The log is ordinary memory: nothing in it is true before it replays to the registers of a
 * quote, and even then its data only where its digest can be computed from it.
 *
 * Source: tdx 6.1, 6.2, 8.2; TCG PC Client Platform Firmware Profile; docs/events.md (own lines). */
#ifndef FORMAT_CCEL_H
#define FORMAT_CCEL_H

#include "base/buf.h"
#include "base/rd.h"

#define CCEL_MAX        (4 * 1024 * 1024)
#define CCEL_RECORDS    16384
#define CCEL_ALGORITHMS 5
#define CCEL_DATA       (1024 * 1024)
#define CCEL_DIGEST     48 /* SHA-384, the only one that registers are extended with */
#define CCEL_REGISTERS  4

#define EV_NO_ACTION 3

struct ccel {
	struct bytes
		records; /* behind the Spec ID record, up to the terminator; for ccel_next() */
	size_t  n;
	struct {
		uint16_t id, size;
	} algorithm[CCEL_ALGORITHMS];
	size_t       algorithms;
	struct bytes own; /* assay's lines behind it, for boot_log_parse(); may be empty */
};

struct ccel_event {
	uint32_t     mr; /* as in the log: 0 MRTD, 1 to 4 RTMR0 to RTMR3 */
	uint32_t     type;
	struct bytes digest; /* SHA-384; may be empty for EV_NO_ACTION only */
	struct bytes data;
};

/* All of it, every record; what is behind the terminator must be its filler, up to the own lines. ASSAY_EVENTLOG_PARSE,
 * EVENTLOG_ALGORITHM, EVENTLOG_INDEX. */
enum assay_code ccel_parse(struct bytes in, struct ccel *out, struct assay_err *e);

/* The next record; ask rd_left() first. r goes over c->records. */
enum assay_code ccel_next(
	const struct ccel *c, struct rd *r, struct ccel_event *out, struct assay_err *e);

/* "EV_SEPARATOR"; "0x80000099" for one that has no name, written to text. */
const char *ccel_type_name(uint32_t type, char text[16]);

/* What the digest of this event is of, where that is in its data: p == NULL when it is of something else. */
struct bytes ccel_measured(const struct ccel_event *ev);

/* UEFI_VARIABLE_DATA: vendor, name (UTF-16), value. False when data is none. */
bool ccel_variable(struct bytes data, struct bytes *name, struct bytes *value);

#endif
