/* SPDX-License-Identifier: Apache-2.0
 *
 * What every test program starts with: cmocka and its headers in their order, and a few helpers. */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"

/* A whole file; the test fails when it cannot be read. */
void test_read(const char *path, struct buf *out);

/* A file below $ASSAY_INTEROP (real evidence, not in this repository). When the folder is absent this says so and skips
 * the test. */
void test_interop(const char *path, struct buf *out);

/* The same as text: is the folder there? */
bool test_interop_there(void);

#endif
