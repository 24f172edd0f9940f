/* SPDX-License-Identifier: Apache-2.0
 *
 * Findings in the making, and the list that owns them. */
#ifndef BASE_FINDING_H
#define BASE_FINDING_H

#include <assay/finding.h>

#include "base/catalogue.h"
#include "base/err.h"

enum subject_kind { SUBJECT_NODE, SUBJECT_GPU, SUBJECT_NVSWITCH, SUBJECT_TDX, SUBJECT_HOST };

struct subject {
	enum subject_kind kind;
	unsigned          index; /* of a GPU or switch, from 0 */
};

enum detail { DETAIL_NONE, DETAIL_MEASUREMENT, DETAIL_CERTIFICATE };

struct finding {
	enum check         check;
	struct subject     subject;
	enum assay_outcome outcome;
	enum assay_code    code;
	enum detail        detail;
	unsigned           number;
	enum check         because;
	char *message, *expected, *observed, *waiver; /* owned; NULL: nothing to say */
	char *path;   /* owned: where it was observed, a file or a call; NULL: not told */
	char *remedy; /* owned: what to do here; NULL: as the code, or the check, has it */
};

struct findings { /* { 0 } is empty */
	struct finding *list;
	size_t          n, cap;
};

/* Append; texts are copied, NULL allowed. ASSAY_NO_MEMORY. The finding added is list[n - 1]. */
enum assay_code findings_add(struct findings *f, const struct finding *row, const char *message,
	const char *expected, const char *observed, struct assay_err *e);

/* Where the finding added last was observed, and what to do about it; copied, NULL allowed. ASSAY_NO_MEMORY. */
enum assay_code findings_place(
	struct findings *f, const char *path, const char *remedy, struct assay_err *e);

void findings_done(struct findings *f);

/* Is there a finding of that check and subject, and are all of them pass, not-applicable, warn or waived? */
bool findings_hold(const struct findings *f, enum check check, struct subject subject);

/* "node", "gpu3"; written to text. */
#define SUBJECT_TEXT 24
const char *subject_text(struct subject s, char text[SUBJECT_TEXT]);

const char *detail_name(enum detail d); /* "measurement"; "" for none */

#endif
