/* SPDX-License-Identifier: Apache-2.0
 *
 * Judging evidence in a test: containers in, findings and a verdict out, by the core's own functions. */
#ifndef TESTS_COURT_H
#define TESTS_COURT_H

#include "appraise/policy.h"
#include "forged.h"
#include "report/report.h"
#include "test.h"

struct court {
	struct crypto           crypto;
	struct trust            trust;
	struct evidence         ev;
	bool                    nonce_given;
	uint8_t                 nonce[NONCE_SIZE];
	int64_t                 now;
	struct memo            *memo;                    /* NULL: none */
	const char             *policy;                  /* text; NULL: the default */
	const char             *expect;                  /* "8+4" */
	struct bytes            channel_key, reportdata; /* empty: none */
	const struct findings  *observed;                /* of the edge; NULL: none */
	bool                    here;                    /* the judge is in the guest */
	const struct pcs_marks *marks;                   /* NULL: none */
	struct facts            facts;                   /* of the last judgement */
	enum assay_class        verdict;
};

extern struct court court; /* the one of a test program, open from set-up to tear-down */

int court_set_up(void **state);
int court_tear_down(void **state);

/* Pinned anchors, no evidence, no nonce, at 2026-06-01. */
void court_open(struct court *t);
void court_close(struct court *t);

/* Other evidence from now on; the memo and the anchors stay. */
void court_empty(struct court *t);

/* "2026-06-01T00:00:00Z"; 64 digits, NULL for none. */
void court_at(struct court *t, const char *time);
void court_nonce(struct court *t, const char *hex);

/* Files of $ASSAY_INTEROP; the test is skipped without it. chain may be NULL. as: the file name that collateral is found
 * by; NULL: its own. */
void court_interop(struct court *t, const char *path, const char *chain);
void court_collateral(struct court *t, const char *path, const char *as);

/* A forged node under its own anchors, at its own time, with its own nonce. court_take() may fail: where a container is
 * refused as a whole. */
void            court_forged(struct court *t, const struct forged *f);
enum assay_code court_take(struct court *t, const struct forged *f, struct assay_err *e);
void            court_forge(struct court *t, const struct forged_ask *ask);

/* Verify and appraise; the test fails when that fails. */
void court_judge(struct court *t);

/* The same, returning the code: for allocations that fail. */
enum assay_code court_try(struct court *t, struct assay_err *e);

/* The finding of that check and subject ("gpu0") that is worst, NULL when there is none; of that detail number too. */
const struct finding *court_finding(const struct court *t, const char *id, const char *subject);
const struct finding *court_detail(
	const struct court *t, const char *id, const char *subject, unsigned number);

/* Asserts: that finding has this outcome and code. */
void court_expect(const struct court *t, const char *id, const char *subject,
	enum assay_outcome outcome, enum assay_code code);
void court_holds(const struct court *t, const char *id, const char *subject);

/* Judges with what is remembered and without: is it the same report? */
bool court_same_alone(struct court *t);

/* assay.report/1 of the last judgement. */
void court_json(const struct court *t, struct buf *out);

/* All findings that are not a pass, for a test that fails. */
void court_print(const struct court *t);

#endif
