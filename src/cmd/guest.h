/* SPDX-License-Identifier: Apache-2.0
 *
 * Options of the commands that ask the TDX guest for a quote: where its doors are, how long it may take, and the key that
 * the quote is to cover. */
#ifndef CMD_GUEST_H
#define CMD_GUEST_H

#include "cli/cli.h"

struct guest_options {    /* { 0 } is the default */
	const char *root; /* of sys, dev and run; NULL: ASSAY_ROOT, else "/" */
	const char *qgs;  /* NULL: as configured */
	int         ms;   /* 0: the default */
	const char *key;  /* file of the channel key; NULL: none */
	struct buf  spki; /* the key, read by guest_options_read() */
};

extern const struct option_row guest_rows[];
extern const size_t            guest_rows_n;

/* One of these options that was given; NULL: none was. */
const char *guest_option(const struct guest_options *o);

/* The variable and the key's file. */
enum assay_code guest_options_read(struct guest_options *o, struct assay_err *e);
void            guest_options_done(struct guest_options *o);

#endif
