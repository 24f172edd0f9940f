/* SPDX-License-Identifier: Apache-2.0
 *
 * The files that the commands are tried on, in the folder of run_open(). */
#ifndef TESTS_CMD_FIXTURE_H
#define TESTS_CMD_FIXTURE_H

#include "base/json.h"

/* CSI, C1, right-to-left override and its end, DEL, backslash */
#define ESCAPES "a\033[31mb\302\233c\342\200\256d\342\200\254\177e\\"

/* Set-up and tear-down of a test program: one/, two/ and pp/ as assay-forge writes them, files of every wrong kind,
 * hostile/ with evidence whose five certificates are signed and have terminal escapes for names, and the same escapes
 * at every other place that is shown. */
int fixture_open(void **state);
int fixture_close(void **state);

/* A file of the folder as JSON. */
json_t *fixture_json(const char *name);
void    fixture_write_json(const char *name, const json_t *value);

#endif
