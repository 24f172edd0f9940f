/* SPDX-License-Identifier: Apache-2.0
 *
 * What the reports for people have in common: words for outcomes, findings of one kind said once for all subjects that
 * share it, the columns of the table of devices. */
#ifndef REPORT_GROUP_H
#define REPORT_GROUP_H

#include "verify/facts.h"

enum mood { MOOD_PLAIN, MOOD_GOOD, MOOD_BAD, MOOD_DOUBT, MOOD_DIM };

struct outcome_row {
	const char *word;
	enum mood   mood;
};

const struct outcome_row *outcome_row(enum assay_outcome o);

/* Outcomes, those that need a look first, the worst first of all; the first group_looks of them do. */
#define GROUP_OUTCOMES 9
extern const enum assay_outcome group_order[GROUP_OUTCOMES];
#define GROUP_LOOKS 6

bool subject_same(struct subject a, struct subject b);

/* Of one heading: check, outcome, code, what it waits for. The same: they say the same, too. */
typedef bool group_alike(const struct finding *a, const struct finding *b);
group_alike  group_heading, group_same;

/* Is a finding before the i-th like it? */
bool group_said(const struct findings *f, size_t i, group_alike *alike);

/* "gpu0-7 nvswitch1": the subjects of all findings like the first-th; those of one kind come in order. Appended. */
void group_subjects(
	const struct findings *f, size_t first, group_alike *alike, struct buf *out);

/* Columns of the table of devices: a column is a group of checks. */
#define COLUMNS 5
const char *column_title(size_t column); /* "EVIDENCE" */

/* How a column came out for a device, in a word or, of measurements, counts: "ok", "FAIL, 32 of 33". */
#define COLUMN_TEXT 64
enum assay_outcome column_outcome(
	const struct facts *f, const struct device *d, size_t column, char text[COLUMN_TEXT]);

/* The worst that was found about a subject; SKIPPED when nothing was. */
enum assay_outcome subject_outcome(const struct findings *f, struct subject s);

#endif
