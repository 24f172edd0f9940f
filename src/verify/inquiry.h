/* SPDX-License-Identifier: Apache-2.0
 *
 * One check being asked of one subject, and the loop that asks a table of them in order. A check is an ordinary function
 * that returns ASSAY_OK or sets an error; the loop turns returns into findings. Only a fault of ours (class INTERNAL)
 * stops it. */
#ifndef VERIFY_INQUIRY_H
#define VERIFY_INQUIRY_H

#include "verify/facts.h"

struct inquiry {
	const struct verify_case *c;
	struct facts             *facts;
	struct subject            subject;
	struct device            *d;   /* NULL for the node and the guest */
	struct rim_fact          *rim; /* of a RIM check */
	enum check                check;
	struct assay_err          said;           /* message of a pass; code unused */
	bool                      not_applicable; /* and said tells why */
	bool                      go_on; /* what waits for this may be asked though it failed */
	bool                      noted; /* findings were added by inquiry_note() */
	enum check                because; /* skipped: it needs this check of a device */
	enum detail               detail;
	unsigned                  number;
	struct buf                expected, observed;
};

#define AFTER_MAX 4

struct step {
	enum check check;
	enum check after[AFTER_MAX]; /* what must hold before this is asked */
	size_t     rim;              /* which of the device's RIMs */
	enum assay_code (*ask)(struct inquiry *q, struct assay_err *e);
};

/* Ask in order. held: by check, of this subject; grows. */
enum assay_code inquire(const struct verify_case *c, struct facts *facts,
	struct subject subject, struct device *d, bool held[CHECK_COUNT],
	const struct step *steps, size_t n, struct assay_err *e);

/* What a pass says, in words. */
__attribute__((format(printf, 2, 3))) void inquiry_say(struct inquiry *q, const char *fmt, ...);

/* There is no such check here, and a signed field or the profile says so. Returns ASSAY_OK. */
__attribute__((format(printf, 2, 3))) enum assay_code inquiry_not_applicable(
	struct inquiry *q, const char *fmt, ...);

/* What a code makes of a finding: what is not known is unknown, everything else fails. */
enum assay_outcome inquiry_outcome(enum assay_code code);

/* Add a finding for why (its code, text; q's detail, expected, observed) and go on with the same check; warn: it
 * changes nothing. check: CHECK_NONE for q's own. Returns why's code when that is INTERNAL, else ASSAY_OK. */
enum assay_code inquiry_note(struct inquiry *q, enum check check, const struct assay_err *why,
	bool warn, struct assay_err *e);

/* Signed limits that were relied on. */
void inquiry_until(struct inquiry *q, int64_t until);

/* Name a piece of collateral that is missing, once. */
enum assay_code inquiry_want(struct inquiry *q, const char *want, struct assay_err *e);

/* Sets and returns code: what, and why it was not had, if whoever looked for it has said so. */
enum assay_code inquiry_missing(struct inquiry *q, const char *want, enum assay_code code,
	const char *what, struct assay_err *e);

#endif
