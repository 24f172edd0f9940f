/* SPDX-License-Identifier: Apache-2.0
 *
 * The files that the commands are tried on, in the folder of run_open(). */
#ifndef TESTS_CMD_FIXTURE_H
#define TESTS_CMD_FIXTURE_H

#include "base/json.h"

#define ESCAPES \
	"a\033[31mb\302\233c\342\200\256d\342\200\254\177e\\" /* CSI, C1, right-to-left override and its end, DEL, backslash */

/* one/ and pp/ as assay-forge writes them, files of every wrong kind, names/ with escapes in them. */
void fixture_files(void);

/* hostile/: evidence whose five certificates are signed and have terminal escapes for names; hostile/anchors. */
void fixture_chain(void);

/* A file of the folder, as JSON, or with each occurrence of a text replaced. */
json_t *fixture_json(const char *name);
void    fixture_write_json(const char *name, const json_t *value);
void    fixture_replace(const char *from, const char *to, struct bytes old, struct bytes new);

#endif
