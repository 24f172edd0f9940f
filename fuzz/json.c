/* SPDX-License-Identifier: Apache-2.0
 *
 * What is accepted has its depth and number of values within bounds, and written it reads as the same value. */
#include "fuzz.h"

#include "base/json.h"

/* Each value is one level of the walk; deeper than the bound is a failure before it is a recursion. */
static size_t count(json_t *value, size_t level)
{
	size_t      n = 1, i;
	const char *name;
	json_t     *child;

	HOLDS(level <= JSON_DEPTH + 1);
	if (json_is_object(value))
		json_object_foreach(value, name, child) n += count(child, level + 1);
	else
		json_array_foreach(value, i, child) n += count(child, level + 1);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(json_t)                *value = NULL, *again = NULL;
	CLEANUP(buf_done) struct buf out = { 0 };
	struct assay_err             e   = { 0 };

	if (json_read((struct bytes){ data, size }, 1 << 20, &value, &e) != ASSAY_OK) {
		HOLDS(value == NULL && e.code != ASSAY_OK && assay_err_text(&e)[0] != 0);
		return 0;
	}
	HOLDS(json_is_object(value) || json_is_array(value));
	HOLDS(count(value, 1) <= JSON_VALUES + 1);
	HOLDS(json_write(value, &out, &e) == ASSAY_OK);
	HOLDS(json_read(buf_bytes(&out), 1 << 24, &again, &e) == ASSAY_OK);
	HOLDS(json_equal(value, again));
	return 0;
}
