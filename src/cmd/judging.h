/* SPDX-License-Identifier: Apache-2.0
 *
 * What the commands that judge have in common: nonce, expectations, policy, anchors, and how the report is printed. */
#ifndef CMD_JUDGING_H
#define CMD_JUDGING_H

#include "cmd/app.h"
#include "cmd/issue.h"

struct judging { /* { 0 } is the default */
	bool                 nonce_given, verbose, quiet;
	uint8_t              nonce[ASSAY_NONCE];
	const char          *expect, *policy, *anchors;
	enum format          format;
	const char          *output;      /* where the report goes; NULL: standard output */
	struct buf           policy_text; /* read by judging_read() */
	struct issue_options issue; /* of issue_rows, a group of options beside judging_rows */
};

extern const struct option_row judging_rows[];
extern const size_t            judging_rows_n;

/* Say which of other tools' variables would move trust there, and do nothing here. */
void judging_tell_ignored(void);

/* The anchors into a, the policy's text, the key of a token. */
enum assay_code judging_read(struct judging *j, struct assay *a, struct assay_err *e);

/* What was asked for, but for the time. */
void judging_options(struct judging *j, struct assay_options *out);

/* What else is said in text. What stands before says all that was checked, and the report needs not. */
struct judging_text {
	struct bytes before, behind;
};

/* Print the report, if one is wanted; the exit status of its verdict. more: NULL for nothing. */
int judging_print(const struct judging *j, const struct assay *a, const struct assay_report *r,
	const struct judging_text *more);

/* Write the token, if one is wanted, and then print: what could not be written is no result. */
int judging_finish(const struct judging *j, const struct assay *a, const struct assay_report *r,
	const struct judging_text *more);

/* Nothing could be judged: in text one line, in JSON and HTML a report with one finding. */
int judging_refuse(const struct judging *j, struct assay *a, const struct assay_options *o,
	const struct assay_err *why);

void judging_done(struct judging *j);

#endif
