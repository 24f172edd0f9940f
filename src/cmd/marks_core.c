/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/marks.h"

#include "cmd/sibling.h"

enum assay_code marks_here(char **argv, struct assay_err *e)
{
	sibling_program("node", argv);
	return err_set(e, ASSAY_INPUT_OPTION,
		"--marks needs the program assay-node, which is not installed beside assay");
}

/* Never reached: marks_here() does not return ASSAY_OK. */
enum assay_code marks_open(
	struct assay *a, const char *path, struct marking **out, struct assay_err *e)
{
	(void)a;
	(void)path;
	(void)out;
	return err_set(e, ASSAY_INTERNAL, "there is no store here");
}

enum assay_code marks_keep(struct marking *m, const struct assay *a,
	const struct assay_report *r, int64_t now, struct assay_err *e)
{
	(void)m;
	(void)a;
	(void)r;
	(void)now;
	return err_set(e, ASSAY_INTERNAL, "there is no store here");
}

void marks_close(struct marking *m)
{
	(void)m;
}
