/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of whole machines are given: the data files of this source, the sources of downloads, the cryptography. */
#ifndef TESTS_ENV_KNOWN_H
#define TESTS_ENV_KNOWN_H

#include "crypto/context.h"
#include "env/data.h"
#include "env/sources.h"

extern struct data    data;
extern struct sources sources;
extern struct crypto  crypto;

/* For a group of tests. */
int known_open(void **state);
int known_close(void **state);

#endif
