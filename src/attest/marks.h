/* SPDX-License-Identifier: Apache-2.0
 *
 * How new Intel's collateral was that held before, so that nobody brings an older one back while it is still in date: the
 * highest issue date and evaluation number of each document, under the anchors that it held with. An entry of the store is
 * a key alone, "WANT@ANCHORS KIND NUMBER"; a mark is the highest of its kind. So raising one is to add an entry and then to
 * drop those below it: processes side by side, and one that is killed, can leave too many and never too few.
 *
 * Source: tdx 5.9; docs/marks.md. */
#ifndef ATTEST_MARKS_H
#define ATTEST_MARKS_H

#include "store/store.h"
#include "verify/facts.h" /* tdx_mark() */

#define MARKS_SPACE "marks"

/* The marks under these anchors. HOST_STORE, also for more than PCS_MARKS. */
enum assay_code marks_load(struct store *s, const struct crypto *c, const struct trust *t,
	struct pcs_marks *out, struct assay_err *e);

/* Raise one to what tdx_mark() says of a document; nothing is lowered. Whoever brings documents that are ahead of their
 * time (update=early) makes the others look old: so this is for what was fetched here, or was accepted. HOST_STORE. */
enum assay_code marks_raise(struct store *s, const struct crypto *c, const struct trust *t,
	const struct pcs_mark *m, int64_t now, struct assay_err *e);

/* Forget those of a want, or all (NULL), under whatever anchors; *gone counts. HOST_STORE. */
enum assay_code marks_forget(
	struct store *s, const char *want, size_t *gone, struct assay_err *e);

/* A key to its parts, want and anchors as long as they are; false when it is none. */
struct mark_key {
	struct bytes want, anchors;
	bool         evaluation; /* else a date */
	int64_t      number;
};
bool marks_read(const char *key, struct mark_key *out);

#endif
