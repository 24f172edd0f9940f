/* SPDX-License-Identifier: Apache-2.0
 *
 * What TCB info and QE identity have in common: statuses, levels, advisories, and the envelope whose signature covers the
 * exact bytes of its one value.
 *
 * Source: tdx 4.3 to 4.5, 8.2. */
#ifndef FORMAT_TCB_H
#define FORMAT_TCB_H

#include "base/json.h"
#include "base/rd.h"

#define TCB_FILE_MAX   (1024 * 1024)
#define TCB_LEVELS     64
#define TCB_MODULES    32
#define TCB_ADVISORIES 256 /* of a level */
#define TCB_ADVISORY   65  /* characters, with the NUL */
#define TCB_SIGNATURE  64
#define TCB_PARTS      16

/* As Intel spells them; the two of a relaunch are nobody's but the evaluation's (tdx 5.6, T9). */
#define TCB_STATUSES(X)                                                   \
	X(UNRECOGNIZED, "")                                               \
	X(UP_TO_DATE, "UpToDate")                                         \
	X(HARDENING, "SWHardeningNeeded")                                 \
	X(CONFIGURATION, "ConfigurationNeeded")                           \
	X(CONFIGURATION_HARDENING, "ConfigurationAndSWHardeningNeeded")   \
	X(RELAUNCH, "TDRelaunchAdvised")                                  \
	X(RELAUNCH_CONFIGURATION, "TDRelaunchAdvisedConfigurationNeeded") \
	X(OUT_OF_DATE, "OutOfDate")                                       \
	X(OUT_OF_DATE_CONFIGURATION, "OutOfDateConfigurationNeeded")      \
	X(REVOKED, "Revoked")

enum tcb_status {
#define X(name, text) TCB_##name,
	TCB_STATUSES(X)
#undef X
		TCB_STATUS_COUNT
};

const char *tcb_status_name(enum tcb_status s); /* "" for one that is not known */

/* TCB_UNRECOGNIZED when there is none of that name. */
enum tcb_status tcb_status_find(struct bytes name);

struct tcb_advisories { /* owned */
	char (*id)[TCB_ADVISORY];
	size_t n, cap;
};

/* Date, status, advisories: the same in all levels. */
struct tcb_verdict {
	int64_t         date;
	enum tcb_status status;
	char            named[TCB_ADVISORY];  /* the status as it stands there, printable */
	size_t          advisory, advisories; /* where in the document's list, and how many */
};

struct tcb_isv_level {
	uint16_t           isvsvn;
	struct tcb_verdict verdict;
};

/* The envelope: { "name": {...}, "signature": "..." }, no other member, each once, nothing behind. */
struct tcb_envelope {
	struct bytes signed_text; /* from { to }, as it arrived; borrowed */
	uint8_t      signature[TCB_SIGNATURE];
};

/* ASSAY_INPUT_SIZE, ASSAY_JSON_PARSE, ASSAY_JSON_FIELD, ASSAY_INPUT_HEX. That the text is JSON is known only once
 * tcb_tree() has read it. */
enum assay_code tcb_envelope(
	struct bytes in, const char *name, struct tcb_envelope *out, struct assay_err *e);

/* The signed text as a tree: strict JSON, no name twice, integers only. ASSAY_JSON_*. */
enum assay_code tcb_tree(struct bytes text, json_t **out, struct assay_err *e);

/* Members by name. A number from 0 to max; hexadecimal text of exactly n bytes, of either case; a date as
 * "2026-11-23T07:15:00Z", of the years 2015 to 2099. ASSAY_JSON_FIELD, ASSAY_JSON_DATE. */
enum assay_code tcb_number(
	const json_t *object, const char *name, int64_t max, int64_t *out, struct assay_err *e);
enum assay_code tcb_hex(
	const json_t *object, const char *name, uint8_t *out, size_t n, struct assay_err *e);
enum assay_code tcb_date(
	const json_t *object, const char *name, int64_t *out, struct assay_err *e);

/* "tcbDate", "tcbStatus" and "advisoryIDs" of a level. */
enum assay_code tcb_verdict_read(const json_t *level, struct tcb_verdict *out,
	struct tcb_advisories *list, struct assay_err *e);

/* "tcbLevels" by isvsvn, sorted: the highest first; no two alike. *n of them, at most TCB_LEVELS. */
enum assay_code tcb_isv_levels(const json_t *object, struct tcb_isv_level *out, size_t *n,
	struct tcb_advisories *list, struct assay_err *e);

void tcb_advisories_done(struct tcb_advisories *a);

#endif
