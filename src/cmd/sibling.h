/* SPDX-License-Identifier: Apache-2.0
 *
 * The programs beside this one. */
#ifndef CMD_SIBLING_H
#define CMD_SIBLING_H

#include "base/buf.h"

/* Run the sibling program that has this command, from assay's own folder: the one of the table, assay-NAME, or assay-node.
 * Returns when there is none; e is set where the table knows the name, and the program is missing. */
void sibling_run(const char *name, char **argv, struct assay_err *e);

/* The same of a program by its name, for a command that it has beside its table: "node". Returns when it is not there. */
void sibling_program(const char *program, char **argv);

/* The commands of the siblings that are installed, for --help. */
void sibling_list(struct buf *out);

/* Their tables of commands and options, as CLI_TABLE asks for them, to standard output. */
enum assay_code sibling_tables(struct assay_err *e);

#endif
