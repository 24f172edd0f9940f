/* SPDX-License-Identifier: Apache-2.0 */
#include "base/finding.h"

#include <stdio.h>

#include "base/mem.h"

const char *assay_outcome_name(enum assay_outcome outcome)
{
	static const char *const names[] = {
#define X(name, text) [ASSAY_OUTCOME_##name] = text,
		ASSAY_OUTCOMES(X)
#undef X
	};

	return (size_t)outcome < ARRAY_LEN(names) ? names[outcome]
						  : names[ASSAY_OUTCOME_SKIPPED];
}

const char *detail_name(enum detail d)
{
	return d == DETAIL_MEASUREMENT    ? "measurement"
		: d == DETAIL_CERTIFICATE ? "certificate"
					  : "";
}

const char *subject_text(struct subject s, char text[SUBJECT_TEXT])
{
	static const char *const names[] = {
		[SUBJECT_NODE]     = "node",
		[SUBJECT_GPU]      = "gpu",
		[SUBJECT_NVSWITCH] = "nvswitch",
		[SUBJECT_TDX]      = "tdx",
		[SUBJECT_HOST]     = "host",
	};

	if (s.kind == SUBJECT_GPU || s.kind == SUBJECT_NVSWITCH)
		snprintf(text, SUBJECT_TEXT, "%s%u", names[s.kind], s.index);
	else
		snprintf(text, SUBJECT_TEXT, "%s", names[s.kind]);
	return text;
}

static void finding_done(struct finding *f)
{
	mem_free(f->message);
	mem_free(f->expected);
	mem_free(f->observed);
	mem_free(f->waiver);
	mem_free(f->path);
	mem_free(f->remedy);
}

void findings_done(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		finding_done(&f->list[i]);
	mem_free(f->list);
	*f = (struct findings){ 0 };
}

static bool copy(const char *text, char **out)
{
	*out = text == NULL || text[0] == 0 ? NULL : mem_text(bytes_text(text));
	return *out != NULL || text == NULL || text[0] == 0;
}

enum assay_code findings_add(struct findings *f, const struct finding *row, const char *message,
	const char *expected, const char *observed, struct assay_err *e)
{
	struct finding new = *row;

	if (f->n == f->cap) {
		size_t          cap  = f->cap == 0 ? 64 : 2 * f->cap;
		struct finding *list = mem_resize(f->list, cap, sizeof(*list));

		if (list == NULL)
			return err_no_memory(e);
		f->list = list;
		f->cap  = cap;
	}
	new.message = new.expected = new.observed = new.waiver = new.path = new.remedy = NULL;
	if (!copy(message, &new.message) || !copy(expected, &new.expected) ||
		!copy(observed, &new.observed)) {
		finding_done(&new);
		return err_no_memory(e);
	}
	f->list[f->n++] = new;
	return ASSAY_OK;
}

enum assay_code findings_place(
	struct findings *f, const char *path, const char *remedy, struct assay_err *e)
{
	struct finding *last = &f->list[f->n - 1];

	return copy(path, &last->path) && copy(remedy, &last->remedy) ? ASSAY_OK
								      : err_no_memory(e);
}

bool findings_hold(const struct findings *f, enum check check, struct subject subject)
{
	bool there = false;

	for (size_t i = 0; i < f->n; i++) {
		const struct finding *x = &f->list[i];

		if (x->check != check || x->subject.kind != subject.kind ||
			x->subject.index != subject.index)
			continue;
		if (x->outcome != ASSAY_OUTCOME_PASS &&
			x->outcome != ASSAY_OUTCOME_NOT_APPLICABLE &&
			x->outcome != ASSAY_OUTCOME_WARN && x->outcome != ASSAY_OUTCOME_WAIVED)
			return false;
		/* a warning alone says nothing */
		there = there || x->outcome != ASSAY_OUTCOME_WARN;
	}
	return there;
}
