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

const char *check_item(enum check check)
{
	const char *section = check_row(check)->section;

	return strncmp(section, ENV_SECTION, sizeof(ENV_SECTION) - 1) == 0
		? section + sizeof(ENV_SECTION) - 1
		: "";
}

enum check check_item_next(struct bytes item, enum check after)
{
	for (size_t i = (size_t)after + 1; item.n > 0 && i < CHECK_COUNT; i++)
		if (bytes_equal(item, bytes_text(check_item((enum check)i))))
			return (enum check)i;
	return CHECK_NONE;
}
