/* SPDX-License-Identifier: Apache-2.0
 *
 * What the commands of assay-core and assay-node share. */
#ifndef CMD_APP_H
#define CMD_APP_H

#include <stdio.h>

#include "attest/session.h"
#include "cli/cli.h"

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_HTML };

/* "text" or "json"; where a report is shown, "html" too. */
enum assay_code app_format(const char *value, enum format *out, struct assay_err *e);
enum assay_code app_format_report(const char *value, enum format *out, struct assay_err *e);

/* cli_fail() and cli_print() of this program. */
int app_fail(const struct assay_err *e);
int app_print(const struct buf *text, int status);

/* The same, to a file, whole or not at all; path NULL: to standard output. */
int app_deliver(const char *path, const struct buf *text, int status);

/* Is standard output a terminal that wants colour? NO_COLOR says no. */
bool app_colour(void);

/* Evidence files, all of them one node, and the PEM chain of those that are raw reports; chain NULL: none is given. One that
 * none of them has a use for is ASSAY_INPUT_OPTION. */
enum assay_code app_evidence(
	struct assay_evidence *ev, char **files, int n, const char *chain, struct assay_err *e);

/* The guest's event log from a file that has one. */
enum assay_code app_events(struct assay_evidence *ev, const char *path, struct assay_err *e);

/* The pinned anchors replaced by those of a folder: dir, or ASSAY_ANCHORS when dir is NULL. */
enum assay_code app_anchors(struct assay *a, const char *dir, struct assay_err *e);

#endif
