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

#if defined(__SANITIZE_ADDRESS__)
#define TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TEST_SANITIZED 1
#endif
#endif
#ifndef TEST_SANITIZED
#define TEST_SANITIZED 0 /* else time and memory are not what they will be */
#endif

/* A limit that only what hangs reaches, on any machine however busy. Time is no result of a test: where a shorter limit is
 * to strike, nothing else of that test may need to end within it. */
#define TEST_PATIENCE_MS 60000

/* The test fails, and says why, when code is not ASSAY_OK. */
void test_must(enum assay_code code, const struct assay_err *e);

/* Replaces the first find by replace; the test fails when there is none. */
void test_edit(struct buf *text, const char *find, const char *replace);

/* A whole file; the test fails when it cannot be read. */
void test_read(const char *path, struct buf *out);

/* A file below $ASSAY_INTEROP (real evidence, not in this repository). When the folder is absent this says so and skips
 * the test. */
void test_interop(const char *path, struct buf *out);

/* The same as text: is the folder there? */
bool test_interop_there(void);

/* The text is that of tests/data/FOLDER/NAME.txt; with ASSAY_GOLDEN=1 it becomes that. */
void test_golden(const char *folder, const char *name, struct buf *got);

/* What is written to two pipes, until both are closed; false when it took too long, or one wrote more than most. */
bool test_drain(
	int out, int err, struct buf *out_text, struct buf *err_text, size_t most, int64_t ms);

/* A clock that only goes on, in milliseconds. */
int64_t test_now_ms(void);

#endif
