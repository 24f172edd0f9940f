/* SPDX-License-Identifier: Apache-2.0
 *
 * assay verify --marks: the store stands in assay-node. So this has two bodies: marks_core.c, which runs that program in
 * the place of its own, and marks_node.c. */
#ifndef CMD_MARKS_H
#define CMD_MARKS_H

#include "attest/session.h"

/* Go on where the store is. ASSAY_OK: this is there. */
enum assay_code marks_here(char **argv, struct assay_err *e);

/* Opens the store at path, or the usual one for "-", and gives a its marks. HOST_STORE. */
struct marking;
enum assay_code marks_open(
	struct assay *a, const char *path, struct marking **out, struct assay_err *e);

/* Raises them to what was accepted. */
enum assay_code marks_keep(struct marking *m, const struct assay *a,
	const struct assay_report *r, int64_t now, struct assay_err *e);
void            marks_close(struct marking *m); /* accepts NULL */

#endif
