/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/marks.h"

#include "attest/marks.h"
#include "cmd/online.h"

struct marking {
	struct online online; /* the path alone */
};

enum assay_code marks_here(char **argv, struct assay_err *e)
{
	(void)argv;
	(void)e;
	return ASSAY_OK;
}

void marks_close(struct marking *m)
{
	if (m == NULL)
		return;
	online_done(&m->online);
	mem_free(m);
}

static void drop(struct marking **m)
{
	marks_close(*m);
}

enum assay_code marks_open(
	struct assay *a, const char *path, struct marking **out, struct assay_err *e)
{
	CLEANUP(drop) struct marking *m = mem_new(1, sizeof(*m));

	if (a->marks == NULL)
		a->marks = mem_new(1, sizeof(*a->marks));
	if (m == NULL || a->marks == NULL)
		return err_no_memory(e);
	m->online.cache = strcmp(path, "-") == 0 ? NULL : path;
	TRY(online_store(&m->online, e));
	TRY(marks_load(m->online.store, &a->crypto, &a->trust, a->marks, e));
	*out = TAKE(m);
	return ASSAY_OK;
}

enum assay_code marks_keep(struct marking *m, const struct assay *a,
	const struct assay_report *r, int64_t now, struct assay_err *e)
{
	const struct guest *g = r->facts.guest;
	struct pcs_mark     one;

	if (g == NULL || assay_report_verdict(r) != ASSAY_CLASS_ACCEPTED)
		return ASSAY_OK;
	for (size_t i = 0; i < PCS_ITEMS; i++)
		if (tdx_mark(g, (enum pcs_item)i, &one))
			TRY(marks_raise(m->online.store, &a->crypto, &a->trust, &one, now, e));
	return ASSAY_OK;
}
