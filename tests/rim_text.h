/* SPDX-License-Identifier: Apache-2.0
 *
 * A small RIM as text, for test_edit() to change. */
#ifndef TESTS_RIM_TEXT_H
#define TESTS_RIM_TEXT_H

#include "test.h"

#define RIM_HASH_A \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define RIM_HASH_B \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define RIM_HASH_0 \
	"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"

struct rim_text {
	const char *digest, *value, *certificate[4]; /* base64 */
};

/* Measurements: index 0 with one value, 7 with two, 63 not active. Digest, value and certificates of the right size and
 * without meaning when t is NULL. */
void rim_text(const struct rim_text *t, struct buf *out);

#endif
