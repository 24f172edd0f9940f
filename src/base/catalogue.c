/* SPDX-License-Identifier: Apache-2.0 */
#include "base/catalogue.h"

static const struct check_row rows[CHECK_COUNT] = {
	[CHECK_NONE] = { "", false, "", "", "", "", "" },
#define X(name, ...) [CHECK_##name] = { __VA_ARGS__ },
	ASSAY_CHECKS(X)
#undef X
};

const struct check_row *check_row(enum check check)
{
	return &rows[(size_t)check < CHECK_COUNT ? check : CHECK_NONE];
}

enum check check_find(struct bytes id)
{
	for (size_t i = CHECK_NONE + 1; i < CHECK_COUNT; i++)
		if (bytes_equal(id, bytes_text(rows[i].id)))
			return (enum check)i;
	return CHECK_NONE;
}
