/* SPDX-License-Identifier: Apache-2.0
 *
 * The options by which a command that has a verdict writes a token of it. */
#ifndef CMD_ISSUE_H
#define CMD_ISSUE_H

#include "attest/issue.h"
#include "cli/cli.h"

struct issue_options {    /* values of the command line; { 0 } is no token */
	const char *file; /* "-": standard output, instead of the report */
	const char *key, *kid, *iss;
	bool        unsigned_;
	unsigned    claims;   /* 2 or 3; 0: not said */
	bool        nvattest; /* --format nvattest */
	struct buf  pem;      /* of the key */
};

/* Of ctx a struct issue_options. */
extern const struct option_row issue_rows[];
extern const size_t            issue_rows_n;

/* Before anything is judged: do the options go together, and is the key there? claims: a policy asks for claims, too. */
enum assay_code issue_ready(struct issue_options *o, bool claims, struct assay_err *e);

/* Will standard output be the token, or what nvattest prints, instead of the report? */
bool issue_replaces(const struct issue_options *o);

/* Would the command's other result, output (NULL: none), be written over the token? ASSAY_INPUT_OPTION. */
enum assay_code issue_apart(
	const struct issue_options *o, const char *output, struct assay_err *e);

/* The token into its file, whole or not at all; what standard output is to be into out. */
enum assay_code issue_write(const struct issue_options *o, const struct assay *a,
	const struct assay_report *r, struct buf *out, struct assay_err *e);

void issue_done(struct issue_options *o); /* wipes the key */

#endif
